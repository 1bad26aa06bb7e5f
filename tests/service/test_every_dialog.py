"""What people do in every procedure, at every step of every dialog, through the real engine (patterns, B15)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import EditedText, Event, Pressed, Said, SentMedia, SharedContact
from service.ports import Tap
from storage.conversations import OPEN, OVER, RESTING
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, texts
from tests.service.stages import (
    AT_ONCE,
    CARDS,
    FORMS,
    NEVER_WAITS,
    STAGES,
    TELLING,
    WAITING,
    name_of,
    stand_at,
)
from tests.service.tidiness import assert_house_is_in_order

every_form = pytest.mark.parametrize("stage", FORMS, ids=name_of)
every_card = pytest.mark.parametrize("stage", CARDS, ids=name_of)


def test_no_step_is_left_out() -> None:
    """Whoever adds a dialog or a step adds it to the stages."""
    assert set(STAGES) == {(name, step.__name__) for name, dialog in DIALOGS.items() for step in dialog.steps}


@pytest.mark.parametrize("stage", sorted(NEVER_WAITS), ids=name_of)
async def test_what_never_waits_leads_on_at_once(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """A step without a question never becomes the one that is asked."""
    row = await stand_at(shop, *stage)
    assert row.status == OVER if stage[0] in AT_ONCE else row.step != stage[1]
    await assert_house_is_in_order(shop)


@every_form
@pytest.mark.parametrize("way", ["取消", "button"])
async def test_cancel_ends_it_and_keeps_no_bay(shop: FrontDoor, stage: tuple[str, str], way: str) -> None:
    """取消 at any question: one kind word, no timer, no bay kept (B9)."""
    begun = await stand_at(shop, *stage)
    if way == "button":
        said = await shop.tap(WANG, Tap(begun.id, begun.turn, "cancel"))
    else:
        said = await shop.say(WANG, way)
    assert len(said) == 1
    assert "已经取消" in said[0].text
    assert (await shop.conversation(stage[0])).status == OVER
    assert {row.state for row in await shop.appointments()} <= {"booked", "awaiting_deposit", "released"}
    await assert_house_is_in_order(shop)


@every_form
async def test_back_asks_the_question_before(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """返回 at the first question asks that again; it never ends a procedure and never breaks it."""
    begun = await stand_at(shop, *stage)
    asked = shop.post.letters[-1].text
    said = await shop.say(WANG, "返回")
    back = await shop.conversation(stage[0])
    assert back.status == OPEN
    assert back.turn > begun.turn
    assert len(said) == 1
    if back.step == begun.step:
        assert said[0].text == asked
    await assert_house_is_in_order(shop)


@every_form
@pytest.mark.parametrize("way", ["人工", "button"])
async def test_human_hands_over_to_the_front_desk(shop: FrontDoor, stage: tuple[str, str], way: str) -> None:
    """人工 at any question: the customer hears it, the front desk's topic hears who waits (Q2)."""
    begun = await stand_at(shop, *stage)
    if way == "button":
        said = await shop.tap(WANG, Tap(begun.id, begun.turn, "human"))
    else:
        said = await shop.say(WANG, way)
    own, staff = [[one for one in said if one.chat_id == chat] for chat in (WANG.user_id, GROUP)]
    assert len(own) == len(staff) == 1
    assert "服务顾问接手" in own[0].text
    assert "王先生" in staff[0].text
    assert (await shop.conversation(stage[0])).status == OVER
    assert "handed_over" in await shop.audit()
    await assert_house_is_in_order(shop)


@every_form
async def test_silence_is_answered_with_a_nudge_and_then_closed(
    shop: FrontDoor, stage: tuple[str, str]
) -> None:
    """No answer: asked once more, then closed kindly; the bay is free again (B4)."""
    await stand_at(shop, *stage)
    figures = shop.house.store.dialogs
    nudged = await shop.pass_time(figures.nudge_after)
    assert "还在吗" in texts(nudged)
    assert (await shop.conversation(stage[0])).status == OPEN
    closed = await shop.pass_time(figures.close_after - figures.nudge_after)
    assert "我先收起来了" in texts(closed)
    assert (await shop.conversation(stage[0])).status == OVER
    await assert_house_is_in_order(shop)
    assert await shop.pass_time(figures.close_after) == []


@every_form
async def test_an_old_button_shows_the_present_question(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """A button of an earlier turn: 已过期 over it, the present question below, nothing else changed."""
    begun = await stand_at(shop, *stage)
    asked = shop.post.letters[-1].text
    said = await shop.tap(WANG, Tap(begun.id, begun.turn - 1, "confirm"), card=55)
    assert "已过期" in shop.post.toasts[-1].text
    assert [letter.text for letter in said] == [asked]
    now = await shop.conversation(stage[0])
    assert (now.step, now.status) == (begun.step, OPEN)
    await assert_house_is_in_order(shop)


@every_form
async def test_a_button_of_a_conversation_that_is_over(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """A month-old button: 已过期, no message, nothing changed."""
    begun = await stand_at(shop, *stage)
    await shop.say(WANG, "取消")
    before = await shop.appointments()
    await shop.pass_time(timedelta(days=30))
    for key in ("confirm", "cancel", "human", "back", "slot"):
        assert await shop.tap(WANG, Tap(begun.id, begun.turn, key), card=55) == []
        assert "已过期" in shop.post.toasts[-1].text
    assert [
        row.state for row in await shop.appointments() if row.number not in {one.number for one in before}
    ] == []
    await assert_house_is_in_order(shop)


@every_form
async def test_a_second_tap_on_the_same_card_changes_nothing(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """Two taps in one breath: the first counts, the second only gets its 已过期."""
    begun = await stand_at(shop, *stage)
    tap = Tap(begun.id, begun.turn, "back")
    press = [shop.update(WANG, Pressed(tap.key), tap=tap, card=55) for _ in range(2)]
    said = await shop.bring(*press)
    assert len(said) == 1
    assert [bool(heard.text) for heard in shop.post.toasts] == [False, True]
    assert (await shop.conversation(stage[0])).turn == begun.turn + 1
    await assert_house_is_in_order(shop)


@every_form
async def test_not_understood_twice_offers_a_person(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """B15: twice in a row not understood: an offer of help instead of the same question; 人工 there works."""
    await stand_at(shop, *stage)
    for _ in range(2):  # a stranger's number, and a place without a sense here
        said = await shop.event(WANG, SharedContact("", own=False))
        assert len(said) == 1
    assert "没有看明白" in said[0].text
    handed = await shop.press(WANG, "human")
    assert "服务顾问接手" in texts(handed)
    await assert_house_is_in_order(shop)


@every_form
async def test_a_menu_word_in_the_middle_is_answered_and_then_the_question_is_asked_again(
    shop: FrontDoor, stage: tuple[str, str]
) -> None:
    """咨询 in the middle: the answer, then the question that was interrupted, once."""
    begun = await stand_at(shop, *stage)
    asked = shop.post.letters[-1].text
    said = await shop.say(WANG, "咨询")
    assert "想了解什么" in said[0].text
    assert [letter.text for letter in said].count(asked) == 1
    assert len(said) == 2
    now = await shop.conversation(stage[0])
    assert (now.step, now.status) == (begun.step, OPEN)
    await assert_house_is_in_order(shop)


@every_form
async def test_a_short_procedure_in_the_middle_asks_the_question_again_once(
    shop: FrontDoor, stage: tuple[str, str]
) -> None:
    """我的预约 in the middle: the list and its cards, then the interrupted question, exactly once."""
    begun = await stand_at(shop, *stage)
    asked = shop.post.letters[-1].text
    said = await shop.say(WANG, "我的预约")
    assert "您有 2 个预约" in texts(said)
    assert [letter.text for letter in said].count(asked) == 1
    now = await shop.conversation(stage[0])
    assert (now.step, now.status) == (begun.step, OPEN)
    await assert_house_is_in_order(shop)


@every_form
async def test_a_wish_for_the_same_or_another_procedure(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """预约服务 within booking only asks again; within moving it rests the move, which goes on afterwards."""
    begun = await stand_at(shop, *stage)
    asked = shop.post.letters[-1].text
    said = await shop.say(WANG, "预约服务")
    if stage[0] == "booking":
        assert [letter.text for letter in said] == [asked]
        assert len(await shop.conversations("booking")) == 1
        return
    assert (await shop.conversation(stage[0])).status == RESTING
    resumed = await shop.say(WANG, "取消")
    assert "接着刚才的" in texts(resumed)
    assert resumed[-1].text == asked
    assert (await shop.conversation(stage[0])).status == OPEN
    assert begun.id == (await shop.conversation(stage[0])).id
    await assert_house_is_in_order(shop)


_JUNK: dict[str, Event] = {
    "sticker": SentMedia("sticker", "f1"),
    "voice": SentMedia("voice", "f2"),
    "photo": SentMedia("photo", "f3", "看看"),
    "location": SentMedia("location"),
    "edited": EditedText("其实是后天"),
    "too long": Said("长" * 3_000),
    "blank": Said("\u3000\u200b \u2060"),
    "emoji": Said("😀👍🏻🚗"),
    "markup": Said("<b>{{ store }}</b>&amp;%s\\"),
}


@pytest.mark.parametrize("stage", [one for one in WAITING if one not in TELLING], ids=name_of)
async def test_junk_gets_one_kind_answer_each(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """Bad input of every kind at every step: one answer each, and the procedure goes on (B15)."""
    await stand_at(shop, *stage)
    who = WANG
    for kind, event in _JUNK.items():
        said = [letter for letter in await shop.event(who, event) if letter.chat_id == who.user_id]
        assert len(said) == 1, f"{kind}: {texts(said)!r}"
        assert "{{ store" not in said[0].text or kind == "markup"
    await assert_house_is_in_order(shop)


@every_card
async def test_a_card_waits_through_silence_and_talk(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """A card that waits for a press is never closed by silence and takes no free text."""
    begun = await stand_at(shop, *stage)
    assert "想了解什么" in texts(await shop.say(WANG, "咨询"))
    await shop.pass_time(shop.house.store.dialogs.close_after)
    now = await shop.conversation(stage[0])
    assert (now.status, now.step) == (OPEN, begun.step)
    await assert_house_is_in_order(shop)


@every_card
async def test_a_card_is_not_for_strangers(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """R2: somebody else's press answers politely, changes nothing and is in the audit log."""
    begun = await stand_at(shop, *stage)
    card = STAGES[stage]
    said = await shop.tap(LI, Tap(begun.id, begun.turn, "paid"), card=55, chat=GROUP if card.queue else None)
    assert said == []
    assert "不归您操作" in shop.post.toasts[-1].text
    assert "refused_press" in await shop.audit()
    now = await shop.conversation(stage[0])
    assert (now.turn, now.state) == (begun.turn, begun.state)
    await assert_house_is_in_order(shop)
