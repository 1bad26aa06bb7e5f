"""Cards and their copies: truthful wherever they lie, with and without a staff group (D2, R2, R4, C1)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import select

from dialogs.authority import at_own_desk
from dialogs.catalogue import DIALOGS
from dialogs.core import (
    Button,
    ChatBlocked,
    Dialog,
    Entered,
    Event,
    GroupLeft,
    Home,
    Kind,
    Media,
    Pressed,
    Say,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.facts import Facts
from domain.people import Queue, Role
from service import cards, consequences
from service.briefing import Briefing
from service.invitations import hash_of
from service.ledger import Ledger
from service.play import Play
from service.ports import Gone, Letter, Sender, TryLater
from storage import people, places
from storage.copies import COPIES
from storage.engine import Books
from storage.outbox import NO_STAFF_GROUP
from storage.people import STAFF_ROLES
from storage.places import PLACES
from tests.clock import FakeClock
from tests.service.front_door import GROUP, WANG, FrontDoor, open_door, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, open_shop

OTHER_GROUP = -777
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
FRONT_DESK_TOPIC = 11


# ---------------------------------------------------------------- a card that does what it is told


@dataclass(frozen=True, slots=True)
class Job:
    """What the card says."""

    words: str = "甲"


def work(job: Job, event: Event, facts: Facts) -> Turn:
    match event:
        case Entered():
            return ask(job, _card(job))
        case Pressed("take"):
            taken = Job(f"{facts.who.first_name}接了")
            return ask(taken, _card(taken))
        case Pressed("called"):
            return done(Say("call/press_please"))
        case Told("change", {"words": words}):
            changed = Job(words)
            return ask(changed, _card(changed, in_place=True))
        case Told("change twice"):
            return ask(Job("丙"), _card(Job("乙"), in_place=True), _card(Job("丙"), in_place=True))
        case Told("anew"):
            return ask(Job("新"), _card(Job("新"), fresh=True), _card(Job("更新"), in_place=True))
        case Told("copy", {"to": person}):
            return stay(_card(job, to=Home(person=person), copy=True))
        case Told("line", {"words": words, "to": to}):
            return stay(_said(words, to=to, kind=Kind.STAFF, fresh=True))
        case Told("media", {"media": media, "words": words, "buttons": buttons}):
            return stay(_said(words, media=media, buttons=buttons, kind=Kind.STAFF))
        case Told("settle"):
            return done(_said("办好了", in_place=True, kind=Kind.STAFF))
        case _:
            return done()


def _said(words: str, **more: Any) -> Say:
    return Say("shared/undeliverable", {"name": "王先生", "phone": "", "text": words}, **more)


def _card(job: Job, **more: Any) -> Say:
    return _said(job.words, buttons=((Button("take"), Button("called")),), kind=Kind.STAFF, **more)


CASE = Dialog(
    "call", Job, steps=(work,), authority={"take": at_own_desk, "called": at_own_desk}, patient=True
)


@pytest.fixture
async def desk(books: Books, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    """An open shop on either database, whose cards of the front desk do as they are told."""
    async with open_door(books, clock, dialogs=dict(DIALOGS) | {"call": CASE}) as door:
        await open_shop(door)
        yield door
        assert [row.error for row in await door.dead()] == []


async def _in_play(door: FrontDoor, act: Any) -> list[Letter]:
    before = len(door.post.letters)
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        await act(play)
        await consequences.calls_to_make(play)
        letters = await ledger.flush()
    door.intake.couriers.take(letters)
    await door.quiet()
    return door.post.letters[before:]


async def lay(
    door: FrontDoor, *jobs: str, queue: Queue = Queue.FRONT_DESK, subject: str = ""
) -> list[Letter]:
    """New cards at the queue."""

    async def act(play: Play) -> None:
        for words in jobs or ("甲",):
            begun = await play.begin("call", Home(queue=queue), Job(words), subject)
            await play.event(begun, Entered())

    return await _in_play(door, act)


async def tell(door: FrontDoor, news: str, *, case: int | None = None, **words: Any) -> list[Letter]:
    """Let the newest card (or that of conversation `case`) hear of something."""
    number = case or (await door.conversation("call")).id

    async def act(play: Play) -> None:
        conversation = await play.ledger.conversation(number)
        assert conversation is not None
        await play.event(conversation, Told(news, words))

    return await _in_play(door, act)


async def copy_to(door: FrontDoor, who: Sender, **more: Any) -> Letter:
    """A copy of the newest card for `who`; how it was brought."""
    brought = await tell(door, "copy", to=(await door.person(who)).id, **more)
    [copy] = [letter for letter in brought if letter.chat_id == who.user_id and letter.edits is None]
    return copy


def shown(door: FrontDoor, chat: int) -> list[tuple[str, bool]]:
    """What stands in `chat` now, message by message: its words, and whether it has buttons."""
    faces = sorted((number, face) for (where, number), face in door.post.faces.items() if where == chat)
    return [(_words(face.text), bool(face.buttons)) for _, face in faces]


def _words(text: str) -> str:
    return text.rpartition("<blockquote>")[2].removesuffix("</blockquote>") or text


def number_of(door: FrontDoor, chat: int, place: int = -1) -> int:
    """The number of a message of `chat`, the newest one unless told."""
    return sorted(number for where, number in door.post.faces if where == chat)[place]


async def copies_kept(door: FrontDoor) -> int:
    return len(await door.rows(select(COPIES)))


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

    letters = await _in_play(desk, act)
    assert [(letter.chat_id, _words(letter.text)) for letter in letters] == [
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


async def test_conversations_without_copies_pay_nothing_for_them(desk: FrontDoor) -> None:
    """A customer's question and its answer: the table of copies is not asked."""
    asked: list[str] = []
    await desk.say(WANG, "你好")
    engine = desk.house.books.engine.sync_engine
    sql_event.listen(
        engine, "before_cursor_execute", lambda conn, cur, statement, *_: asked.append(statement)
    )
    await desk.say(WANG, "咨询")
    assert asked
    assert [statement for statement in asked if "copies" in statement] == []


# ---------------------------------------------------------------- each message once, however often it changes


async def test_two_changes_in_one_turn_are_one_call(desk: FrontDoor) -> None:
    """Only the last face is brought; so it is for a card that is new in this turn."""
    await lay(desk)
    assert [_words(letter.text) for letter in await tell(desk, "change twice")] == ["丙"]
    [anew] = await tell(desk, "anew")
    assert (anew.edits, _words(anew.text)) == (None, "更新")
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
    assert [(letter.edits, _words(letter.text)) for letter in letters] == [(card, "第29次")]
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
    assert [_words(letter.text) for letter in desk.post.letters[before:]] == ["丁"]
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
        assert "旧" not in [_words(letter.text) for letter in right.post.letters]
        assert [_words(letter.text) for letter in left.post.letters] == ["甲", "旧"]
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
            assert _words_of_row(last[GROUP]) == _words_of_row(last[BOSS.user_id])
            assert last[BOSS.user_id].message_id == copy
    await first.close()
    await second.close()


def _words_of_row(row: Any) -> str:
    return _words(json.loads(row.payload)["text"])


# ---------------------------------------------------------------- no staff group


async def unbind(door: FrontDoor) -> None:
    async with door.house.books.unit() as unit:
        await unit.run(PLACES.delete())


async def test_without_a_staff_group_those_on_duty_get_cards_that_work(desk: FrontDoor) -> None:
    """Never bound: the front desk's advisor gets the card and the line; a press on it changes it there."""
    await unbind(desk)
    assert [letter.chat_id for letter in await lay(desk)] == [ADVISOR.user_id]
    line = await tell(desk, "line", words="来电了", to=Home(queue=Queue.WORKSHOP))
    assert [(letter.chat_id, _words(letter.text)) for letter in line] == [(FOREMAN.user_id, "来电了")]
    await desk.press(ADVISOR, "take")
    assert shown(desk, ADVISOR.user_id) == [("小敏接了", True)]
    [change] = await tell(desk, "change", words="乙")
    assert (change.chat_id, change.edits) == (ADVISOR.user_id, number_of(desk, ADVISOR.user_id))
    await tell(desk, "settle")
    assert shown(desk, ADVISOR.user_id) == [("办好了", False)]
    assert desk.post.to(GROUP) == []


async def test_where_nobody_is_on_duty_the_general_manager_hears_of_it(desk: FrontDoor) -> None:
    """No parts manager: the general manager gets the card, and may press it. The advisor blocked us: so for theirs."""
    await unbind(desk)
    assert [letter.chat_id for letter in await lay(desk, queue=Queue.PARTS)] == [BOSS.user_id]
    await desk.press(BOSS, "take")
    assert shown(desk, BOSS.user_id) == [("建国接了", True)]
    await desk.event(ADVISOR, ChatBlocked(True))
    assert [letter.chat_id for letter in await lay(desk)] == [BOSS.user_id]


async def test_where_there_is_nobody_at_all_it_waits_for_a_group(desk: FrontDoor) -> None:
    """Held as long as there is neither group nor colleague; /bind brings it, once."""
    await unbind(desk)
    for who in (ADVISOR, BOSS, FOREMAN):
        await desk.event(who, ChatBlocked(True))
    assert await lay(desk) == []
    assert [(row.state, row.reason) for row in await desk.outbox()] == [("held", NO_STAFF_GROUP)]
    await desk.event(BOSS, ChatBlocked(False))
    await desk.say(BOSS, "/bind", chat_id=OTHER_GROUP)
    await desk.pass_time(MINUTE)
    assert shown(desk, OTHER_GROUP).count(("甲", True)) == 1


async def test_who_joins_gets_what_waited_for_want_of_anybody(desk: FrontDoor) -> None:
    """R3: no group and no colleague; the first one who comes gets the live card and the line."""
    await unbind(desk)
    async with desk.house.books.unit() as unit:
        await unit.run(STAFF_ROLES.delete())
        await people.invite(
            unit, hash_of("first"), Role.GENERAL_MANAGER, desk.clock.now(), MINUTE + desk.clock.now()
        )
    await lay(desk)
    await tell(desk, "change", words="乙")
    await tell(desk, "line", words="来电了", to=Home(queue=Queue.WORKSHOP))
    await desk.say(BOSS, "/start first")
    await desk.pass_time(SECOND)
    assert {("乙", True), ("来电了", False)} <= set(shown(desk, BOSS.user_id))
    assert ("甲", True) not in shown(desk, BOSS.user_id)
    await desk.press(BOSS, "take")
    assert ("建国接了", True) in shown(desk, BOSS.user_id)


async def test_who_leaves_keeps_a_copy_that_tells_nothing_new(desk: FrontDoor) -> None:
    """R3: the copy loses its buttons with the next change, and is changed no more."""
    await lay(desk)
    await copy_to(desk, ADVISOR)
    async with desk.house.books.unit() as unit:
        await people.take_roles(
            unit, (await people.load(unit, desk.clock.now(), user_ids=[ADVISOR.user_id]))[0].id
        )
    await tell(desk, "change", words="乙")
    await tell(desk, "change", words="丙")
    own = desk.post.to(ADVISOR.user_id)
    assert [(_words(letter.text), bool(letter.buttons)) for letter in own] == [("甲", True), ("", False)]
    assert await copies_kept(desk) == 0


@pytest.mark.parametrize("how", ["delivery", "update"])
async def test_removed_from_the_group_those_on_duty_hear_within_a_minute(desk: FrontDoor, how: str) -> None:
    """Known from a refused letter or from the update: what waited and every live card comes to the advisor."""
    await lay(desk, "甲", "乙")
    await tell(desk, "settle")
    desk.post.will_answer(GROUP, TryLater("Too Many Requests", 10 * MINUTE))
    await tell(desk, "line", words="等着", to=Home(queue=Queue.WORKSHOP), case=1)
    if how == "update":
        await desk.bring(desk.update(Sender(99), GroupLeft(), chat_id=GROUP))
    else:
        desk.clock.advance(10 * MINUTE)
        desk.post.will_answer(GROUP, Gone("chat", "Forbidden: bot was kicked from the supergroup chat"))
        await desk.look()
    before = desk.clock.now()
    await desk.pass_time(SECOND)
    await desk.pass_time(SECOND)
    assert desk.clock.now() - before < MINUTE
    assert shown(desk, ADVISOR.user_id) == [("甲", True)]
    assert shown(desk, FOREMAN.user_id) == [("等着", False)]
    assert "group.lost" in await desk.audit()
    await desk.press(ADVISOR, "take")
    assert shown(desk, ADVISOR.user_id) == [("小敏接了", True)]
    assert await desk.pass_time(timedelta(days=1)) == []


async def test_a_change_that_finds_no_group_any_more_arrives_in_private(desk: FrontDoor) -> None:
    """The card lies in a group that is gone; the change that finds that out is what the advisor sees, once."""
    await lay(desk)
    desk.post.will_answer(GROUP, Gone("chat", "Forbidden: bot was kicked from the supergroup chat"))
    await tell(desk, "change", words="乙")
    await desk.pass_time(SECOND)
    await desk.pass_time(MINUTE)
    assert shown(desk, ADVISOR.user_id) == [("乙", True)]


async def test_another_group_is_left_without_a_word(desk: FrontDoor) -> None:
    """We are removed from a group that is not the staff group: nothing changes."""
    await lay(desk)
    assert await desk.bring(desk.update(Sender(99), GroupLeft(), chat_id=OTHER_GROUP)) == []
    assert await desk.pass_time(MINUTE) == []
    assert {row.chat_id for row in await desk.rows(select(PLACES))} == {GROUP}


async def test_a_group_bound_again_shows_the_live_cards(desk: FrontDoor) -> None:
    """/bind in a new group: its topic has the card, the private copy goes on living; bound twice, shown once."""
    await unbind(desk)
    await lay(desk)
    for _ in range(2):
        await desk.say(BOSS, "/bind", chat_id=OTHER_GROUP, group_has_topics=True)
        await desk.pass_time(MINUTE)
    [card] = [letter for letter in desk.post.to(OTHER_GROUP) if letter.buttons]
    threads = {row.queue: row.thread_id for row in await desk.rows(select(PLACES))}
    assert (card.thread_id, _words(card.text)) == (threads["front_desk"], "甲")
    await desk.press(ADVISOR, "take", chat=OTHER_GROUP)
    assert ("小敏接了", True) in shown(desk, OTHER_GROUP)
    assert shown(desk, ADVISOR.user_id) == [("小敏接了", True)]


async def test_a_topic_made_anew_shows_the_live_cards_of_its_queue(desk: FrontDoor) -> None:
    """The topic was deleted: its card comes in the new one, with its last words; other queues' cards stay."""
    await lay(desk, "丁", queue=Queue.WORKSHOP)
    await lay(desk)
    await tell(desk, "change", words="乙")
    before = len(desk.post.letters)
    desk.post.will_answer(GROUP, Gone("topic", "message thread not found"))
    await tell(desk, "line", words="来电了", to=Home(queue=Queue.FRONT_DESK))
    await desk.pass_time(MINUTE)
    letters = [one for one in desk.post.letters[before + 1 :] if not one.new_topic]
    place = (await desk.rows(select(PLACES).where(PLACES.c.queue == "front_desk")))[0]
    assert place.thread_id != FRONT_DESK_TOPIC
    assert sorted((_words(one.text), one.thread_id, bool(one.buttons)) for one in letters) == sorted(
        [("来电了", place.thread_id, False), ("乙", place.thread_id, True)]
    )
    [change] = await tell(desk, "change", words="丙")
    assert change.edits == number_of(desk, GROUP)


async def test_a_group_where_no_topic_can_be_made_is_used_without(desk: FrontDoor) -> None:
    """No right to make topics: cards go to the group itself instead of waiting for ever."""
    await unbind(desk)
    async with desk.house.books.unit() as unit:
        await places.bind(unit, GROUP, True)
    await lay(desk)
    desk.post.will_answer(GROUP, *[Gone("chat", "not enough rights to create a topic")] * len(Queue))
    await _in_play(desk, lambda play: play.drafting.topics())
    await desk.pass_time(SECOND)
    assert shown(desk, GROUP) == [("甲", True)]
    assert desk.post.to(GROUP)[-1].thread_id is None


async def test_many_cards_are_shown_in_several_transactions(
    desk: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than so many at once; the rest follows, nothing is lost and nothing comes twice."""
    monkeypatch.setattr(cards, "AT_ONCE", 7)
    names = [f"第{number}张" for number in range(20)]
    await lay(desk, *names)
    await desk.bring(desk.update(Sender(99), GroupLeft(), chat_id=GROUP))
    rounds = []
    for _ in range(5):
        desk.clock.advance(SECOND)
        rounds.append(len(await desk.look()))
    assert rounds == [7, 7, 6, 0, 0]
    assert sorted(words for words, _ in shown(desk, ADVISOR.user_id)) == sorted(names)


@pytest.mark.parametrize("known", [True, False])
async def test_the_last_copy_lost_without_a_group_is_shown_to_somebody_else(
    desk: FrontDoor, known: bool
) -> None:
    """The only advisor blocks the bot while there is no group: the general manager gets the card."""
    await unbind(desk)
    await lay(desk, "乙")
    if known:
        await desk.event(ADVISOR, ChatBlocked(True))
    else:
        desk.post.will_answer(ADVISOR.user_id, Gone("chat", "bot was blocked by the user"))
        await tell(desk, "change", words="乙")
    await desk.pass_time(SECOND)
    assert ("乙", True) in shown(desk, BOSS.user_id)
    await desk.press(BOSS, "take")
    assert ("建国接了", True) in shown(desk, BOSS.user_id)


# ---------------------------------------------------------------- colleagues out of reach


@pytest.mark.parametrize("known", [True, False])
async def test_what_a_colleague_cannot_read_is_told_at_the_desk(desk: FrontDoor, known: bool) -> None:
    """Blocked before or only found out now: the desk's topic has the words, with the name, and no call card."""
    await lay(desk)
    if known:
        await desk.event(BOSS, ChatBlocked(True))
    else:
        desk.post.will_answer(BOSS.user_id, Gone("chat", "bot was blocked by the user"))
    boss = (await desk.person(BOSS)).id
    said = await tell(desk, "line", words="快到时限，粤B12345", to=Home(person=boss))
    [told] = [letter for letter in said if letter.chat_id == GROUP]
    assert told.thread_id == FRONT_DESK_TOPIC
    assert "建国收不到" in told.text
    assert "快到时限" in told.text
    assert "12345" not in told.text  # A3
    assert len(await desk.conversations("call")) == 1


async def test_what_is_about_no_desk_is_told_to_the_managers(both: FrontDoor) -> None:
    """An answer in a colleague's own chat that never arrives: the topic of escalations has it."""
    both.post.will_answer(ADVISOR.user_id, Gone("chat", "bot was blocked by the user"))
    await both.say(ADVISOR, "/help")
    [told] = both.post.to(GROUP)
    threads = {row.queue: row.thread_id for row in await both.rows(select(PLACES))}
    assert told.thread_id == threads["escalation"]
    assert "小敏收不到" in told.text


async def test_a_complaint_hears_that_its_customer_is_out_of_reach(books: Books, clock: FakeClock) -> None:
    """C8: the complaint's own card is told, instead of a call card beside it; without one there is the call card."""

    def hear(job: Job, event: Event, facts: Facts) -> Turn:
        match event:
            case Told("unreachable", {"text": text, "person": person}):
                return ask(job, _said(f"{person}:{text}", kind=Kind.STAFF, fresh=True))
            case _:
                return ask(job, _said("投诉单", kind=Kind.STAFF))

    heard = Dialog("complaint_desk", Job, steps=(hear,), patient=True)
    async with open_door(books, clock, dialogs=dict(DIALOGS) | {"complaint_desk": heard}) as door:
        await open_shop(door)
        wang = await door.person(WANG)

        async def notice(play: Play, subject: str) -> None:
            mine = await play.begin("front_desk", Home(person=wang.id), subject=subject)
            await play.drafting.say(_said("有进展了", kind=Kind.NOTICE), mine)

        async def open_case(play: Play) -> None:
            case = await play.begin("complaint_desk", Home(queue=Queue.AFTER_SALES), Job(), "TS261123-001")
            await play.event(case, Entered())

        await _in_play(door, open_case)
        door.post.will_answer(WANG.user_id, Gone("chat", "bot was blocked by the user"))
        await _in_play(door, lambda play: notice(play, "TS261123-001"))
        assert f"{wang.id}:" in texts(door.post.to(GROUP))
        assert "有进展了" in texts(door.post.to(GROUP))
        assert await door.conversations("call") == []
        await door.event(WANG, ChatBlocked(False))
        door.post.will_answer(WANG.user_id, Gone("chat", "bot was blocked by the user"))
        await _in_play(door, lambda play: notice(play, "TS261123-002"))
        assert len(await door.conversations("call")) == 1


# ---------------------------------------------------------------- media


async def test_media_are_shown_with_their_words_as_far_as_that_goes(desk: FrontDoor) -> None:
    """C1: short words below the photo; long ones, a card's, or those of a round video as a message of their own."""
    await lay(desk)
    take = ((Button("take"),),)
    photo, note = Media("photo", "AgAC"), Media("video_note", "DQAC")
    [both] = await tell(desk, "media", media=photo, words="划痕", buttons=())
    assert (both.media, _words(both.text), both.edits) == (photo, "划痕", None)
    for media, words, buttons in ((photo, "很长" * 600, ()), (photo, "卡片", take), (note, "异响", ())):
        medium, told = await tell(desk, "media", media=media, words=words, buttons=buttons)
        assert (medium.media, medium.text, medium.buttons) == (media, "", ())
        assert (told.media, _words(told.text), bool(told.buttons)) == (None, words, bool(buttons))


def test_a_medium_that_could_not_be_sent_again_is_refused() -> None:
    """A sticker is no part of a case; what has no file cannot be sent."""
    with pytest.raises(ValueError, match="cannot be sent again"):
        Media("sticker", "x")
    with pytest.raises(ValueError, match="cannot be sent again"):
        Media("photo", "")
    with pytest.raises(ValueError, match="needs a person"):
        Say("shared/menu", copy=True)
