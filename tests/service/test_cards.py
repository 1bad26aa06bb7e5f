"""Cards and their copies: truthful wherever they lie, and each message brought once (D2, R2, R3, C1)."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import (
    Button,
    ChatBlocked,
    Media,
    Say,
    Told,
)
from service.briefing import Briefing
from service.ledger import Ledger
from service.play import Play
from service.ports import Gone, TryLater
from storage.engine import Books
from tests.clock import FakeClock
from tests.overheard import overhear
from tests.service.card_stage import (
    CASE,
    copies_kept,
    copy_to,
    in_play,
    lay,
    number_of,
    shown,
    tell,
    words_of,
)
from tests.service.front_door import GROUP, WANG, FrontDoor, open_door
from tests.service.stages import ADVISOR, BOSS, open_shop

# ---------------------------------------------------------------- copies live


async def test_what_changes_at_the_queue_changes_on_every_copy(desk: FrontDoor) -> None:
    """A press on the card: every copy shows the same, in its own message, with buttons that work."""
    await lay(desk)
    await copy_to(desk, BOSS)
    before = number_of(desk, BOSS.user_id)
    await desk.press(ADVISOR, "take", chat=GROUP)
    assert shown(desk, GROUP) == shown(desk, BOSS.user_id) == [("小敏接了", True)]
    assert number_of(desk, BOSS.user_id) == before
    for chat in (GROUP, BOSS.user_id):
        assert desk.face("take", chat)[1].tap.turn == (await desk.conversation("call")).turn
    await tell(desk, "change", words="改了")
    assert shown(desk, GROUP) == shown(desk, BOSS.user_id) == [("改了", True)]


async def test_a_press_on_a_copy_is_as_good_as_one_on_the_card(desk: FrontDoor) -> None:
    """Messages of two chats have numbers of their own: the card is changed at home, not under the copy's number."""
    await lay(desk, "别的", "甲")
    card = number_of(desk, GROUP)
    await copy_to(desk, BOSS)
    copy = number_of(desk, BOSS.user_id)
    assert card != copy
    letters = await desk.press(BOSS, "take")
    assert {(letter.chat_id, letter.edits) for letter in letters} == {(GROUP, card), (BOSS.user_id, copy)}
    assert shown(desk, GROUP) == [("别的", True), ("建国接了", True)]
    await tell(desk, "change", words="再改")
    assert shown(desk, GROUP) == [("别的", True), ("再改", True)]
    assert shown(desk, BOSS.user_id) == [("再改", True)]


async def test_a_press_that_comes_too_late_on_a_copy_changes_nothing(desk: FrontDoor) -> None:
    """Two press the same: one counts, the other hears 已过期; the copy that is being changed needs no second one."""
    await lay(desk)
    await copy_to(desk, BOSS)
    number, face = desk.face("take", BOSS.user_id)
    await desk.press(ADVISOR, "take", chat=GROUP)
    assert await desk.tap(BOSS, face.tap, card=number) == []
    assert "已过期" in desk.post.toasts[-1].text
    assert shown(desk, GROUP) == [("小敏接了", True)]


async def test_a_copy_asked_for_again_replaces_the_older_one(desk: FrontDoor) -> None:
    """The older one says so and loses its buttons; a press on it brings the present card there."""
    await lay(desk)
    await copy_to(desk, BOSS)
    old, face = desk.face("take", BOSS.user_id)
    await copy_to(desk, BOSS)
    await tell(desk, "change", words="乙")
    moved, present = shown(desk, BOSS.user_id)
    assert "已移到下面" in moved[0]
    assert (moved[1], present) == (False, ("乙", True))
    assert await copies_kept(desk) == 1
    said = await desk.tap(BOSS, face.tap, card=old)
    assert "已过期" in desk.post.toasts[-1].text
    assert [letter.chat_id for letter in said] == [BOSS.user_id, BOSS.user_id]
    assert shown(desk, BOSS.user_id)[-1] == ("乙", True)
    assert await copies_kept(desk) == 1
    await desk.press(BOSS, "take")
    assert shown(desk, GROUP) == [("建国接了", True)]


@pytest.mark.parametrize("news", ["settle", "end"])
async def test_when_it_is_over_copies_keep_their_words_and_lose_their_buttons(
    desk: FrontDoor, news: str
) -> None:
    """Whether the last word is said on the card or nowhere: no copy can be pressed, and none is changed again."""
    await lay(desk)
    await copy_to(desk, BOSS)
    await tell(desk, "change", words="乙")
    await tell(desk, news)
    assert shown(desk, BOSS.user_id) == [("办好了" if news == "settle" else "乙", False)]
    assert await copies_kept(desk) == 0


async def test_a_copy_made_and_overtaken_in_one_turn_is_brought_once(desk: FrontDoor) -> None:
    """A copy is drafted, then the card changes in the same transaction: one letter, with the last face."""
    await lay(desk)
    boss = (await desk.person(BOSS)).id
    number = (await desk.conversation("call")).id

    async def act(play: Play) -> None:
        conversation = await play.ledger.conversation(number)
        assert conversation is not None
        await play.event(conversation, Told("copy", {"to": boss}))
        await play.event(conversation, Told("change", {"words": "乙"}))

    letters = await in_play(desk, act)
    assert [(letter.chat_id, words_of(letter.text)) for letter in letters] == [
        (BOSS.user_id, "乙"),
        (GROUP, "乙"),
    ]


async def test_a_copy_whose_chat_is_gone_is_forgotten(desk: FrontDoor) -> None:
    """Blocked when a change arrives, or known to be: no further letter to that chat, and no call card."""
    await lay(desk)
    await copy_to(desk, BOSS)
    desk.post.will_answer(BOSS.user_id, Gone("chat", "bot was blocked by the user"))
    await tell(desk, "change", words="乙")
    assert await copies_kept(desk) == 0
    await desk.event(BOSS, ChatBlocked(False))
    await copy_to(desk, BOSS)
    await desk.event(BOSS, ChatBlocked(True))
    before = len(desk.post.to(BOSS.user_id))
    await tell(desk, "change", words="丙")
    assert (len(desk.post.to(BOSS.user_id)), await copies_kept(desk)) == (before, 0)
    assert shown(desk, GROUP) == [("丙", True)]


async def test_a_copy_that_was_deleted_is_shown_anew_and_known_by_its_new_number(desk: FrontDoor) -> None:
    """Somebody deletes the message in their chat: the next change is a new message, the one after that changes it."""
    await lay(desk)
    await copy_to(desk, BOSS)
    desk.post.will_answer(BOSS.user_id, Gone("message", "message to edit not found"))
    await tell(desk, "change", words="乙")
    anew = number_of(desk, BOSS.user_id)
    desk.intake.couriers._became.clear()  # as after a restart
    [change] = [one for one in await tell(desk, "change", words="丙") if one.chat_id == BOSS.user_id]
    assert change.edits == anew


async def test_conversations_without_copies_pay_nothing_for_them(
    desk: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer's question and its answer: the table of copies is not asked."""
    await desk.say(WANG, "你好")
    asked = overhear(monkeypatch)
    await desk.say(WANG, "咨询")
    assert asked
    assert [statement for statement in asked if "copies" in statement] == []


# ---------------------------------------------------------------- each message once, however often it changes


async def test_two_changes_in_one_turn_are_one_call(desk: FrontDoor) -> None:
    """Only the last face is brought; so it is for a card that is new in this turn."""
    await lay(desk)
    assert [words_of(letter.text) for letter in await tell(desk, "change twice")] == ["丙"]
    [anew] = await tell(desk, "anew")
    assert (anew.edits, words_of(anew.text)) == (None, "更新")
    [change] = await tell(desk, "change", words="丁")
    assert change.edits == number_of(desk, GROUP)


async def test_thirty_quick_changes_are_not_thirty_calls(desk: FrontDoor) -> None:
    """The chat is slow: what has not been brought when something newer is written is let go, and why says so."""
    await lay(desk)
    card = number_of(desk, GROUP)
    desk.post.will_answer(GROUP, TryLater("Too Many Requests", timedelta(seconds=20)))
    for number in range(30):
        await tell(desk, "change", words=f"第{number}次")
    letters = await desk.pass_time(timedelta(seconds=20))
    assert [(letter.edits, words_of(letter.text)) for letter in letters] == [(card, "第29次")]
    rows = [row for row in await desk.outbox() if row.edits_letter]
    assert [row.state for row in rows] == ["dropped"] * 29 + ["sent"]
    assert {row.reason for row in rows[:-1]} == {"superseded"}


async def test_what_waits_in_the_couriers_hands_is_overtaken(desk: FrontDoor) -> None:
    """Changes that were taken along together: one call."""
    await lay(desk)
    number = (await desk.conversation("call")).id
    before = len(desk.post.letters)
    letters: list[dict[str, Any]] = []
    for words in ("乙", "丙", "丁"):
        async with desk.house.books.unit() as unit:
            ledger = Ledger(unit, desk.clock.now())
            play = Play(desk.house, ledger, Briefing(unit, desk.house, ledger.now))
            conversation = await ledger.conversation(number)
            assert conversation is not None
            await play.event(conversation, Told("change", {"words": words}))
            letters += await ledger.flush()
    desk.intake.couriers.take(letters)
    await desk.quiet()
    assert [words_of(letter.text) for letter in desk.post.letters[before:]] == ["丁"]
    assert shown(desk, GROUP) == [("丁", True)]


async def test_an_older_change_of_another_process_does_not_undo_a_newer_one(
    books: Books, clock: FakeClock
) -> None:
    """One process has to wait with its change; the other brings a newer one; the older one is never brought."""
    mine = dict(DIALOGS) | {"call": CASE}
    async with open_door(books, clock, dialogs=mine) as left, open_door(books, clock, dialogs=mine) as right:
        await open_shop(left)
        await lay(left)
        left.post.will_answer(GROUP, TryLater("Too Many Requests", timedelta(seconds=20)))
        await tell(left, "change", words="旧")
        await tell(right, "change", words="新")
        await left.pass_time(timedelta(seconds=30))
        await right.look()
        assert "旧" not in [words_of(letter.text) for letter in right.post.letters]
        assert [words_of(letter.text) for letter in left.post.letters] == ["甲", "旧"]
        assert [(row.state, row.reason) for row in await left.outbox()][-2:] == [
            ("dropped", "superseded"),
            ("sent", ""),
        ]


async def test_two_processes_press_card_and_copy_at_once(postgres_url: str, clock: FakeClock) -> None:
    """The card in one process, its copy in the other: one of them owns it, and both messages say so in the end."""
    mine = dict(DIALOGS) | {"call": CASE}
    first, second = (Books(postgres_url, pool_size=10) for _ in range(2))
    async with open_door(first, clock, dialogs=mine) as left, open_door(second, clock, dialogs=mine) as right:
        await open_shop(left)
        right._updates = iter(range(10_000, 20_000))
        for _ in range(5):
            await lay(left)
            await copy_to(left, BOSS)
            card, face = left.face("take", GROUP)
            copy = number_of(left, BOSS.user_id)
            await asyncio.gather(
                left.tap(ADVISOR, face.tap, card=card, chat=GROUP), right.tap(BOSS, face.tap, card=copy)
            )
            conversation = await left.conversation("call")
            assert conversation.turn == face.tap.turn + 1
            last = {
                row.chat_id: row
                for row in await left.outbox()
                if row.conversation_id == conversation.id and row.state == "sent"
            }
            assert words_of_row(last[GROUP]) == words_of_row(last[BOSS.user_id])
            assert last[BOSS.user_id].message_id == copy
    await first.close()
    await second.close()


def words_of_row(row: Any) -> str:
    return words_of(json.loads(row.payload)["text"])


# ---------------------------------------------------------------- media


async def test_media_are_shown_with_their_words_as_far_as_that_goes(desk: FrontDoor) -> None:
    """C1: short words below the photo; long ones, a card's, or those of a round video as a message of their own."""
    await lay(desk)
    take = ((Button("take"),),)
    photo, note = Media("photo", "AgAC"), Media("video_note", "DQAC")
    [both] = await tell(desk, "media", media=photo, words="划痕", buttons=())
    assert (both.media, words_of(both.text), both.edits) == (photo, "划痕", None)
    for media, words, buttons in ((photo, "很长" * 600, ()), (photo, "卡片", take), (note, "异响", ())):
        medium, told = await tell(desk, "media", media=media, words=words, buttons=buttons)
        assert (medium.media, medium.text, medium.buttons) == (media, "", ())
        assert (told.media, words_of(told.text), bool(told.buttons)) == (None, words, bool(buttons))


def test_a_medium_that_could_not_be_sent_again_is_refused() -> None:
    """A sticker is no part of a case; what has no file cannot be sent."""
    with pytest.raises(ValueError, match="cannot be sent again"):
        Media("sticker", "x")
    with pytest.raises(ValueError, match="cannot be sent again"):
        Media("photo", "")
    with pytest.raises(ValueError, match="needs a person"):
        Say("shared/menu", copy=True)
