"""A follow-up through the front door: from the car's leaving to the last thanks, or to a complaint (F1, F2, F4, F5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from dialogs.core import ChatBlocked, Home, Pressed, SentMedia
from dialogs.effects import FileOrder
from domain.complaints import Origin
from domain.follow_ups import FollowUp, FollowUpState
from domain.people import Queue
from domain.repair_orders import Item, OrderEntry, OrderHappening, OrderState, RepairOrder
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import NOBODY
from service.play import Play
from service.ports import Letter, Tap
from service.trade import Bench, apply
from storage import complaints, follow_ups, people
from storage.conversations import OPEN, OVER, RESTING, Conversation
from storage.outbox import OUTBOX
from tests.clock import MONDAY_TEN
from tests.service.front_door import GROUP, WANG, FrontDoor, open_door, texts
from tests.service.stages import ADVISOR, BOSS, PLATE
from tests.service.tidiness import assert_house_is_in_order

NUMBER = "JC261123-970"
S = FollowUpState


async def leave(shop: FrontDoor, *, in_chat: bool = True) -> None:
    """Mr Wang's car is settled; the front desk presses 已出厂."""
    now = shop.clock.now()
    async with shop.house.books.unit() as unit:
        ledger = Ledger(unit, now)
        ledger.know(await people.load(unit, now, user_ids=[WANG.user_id, ADVISOR.user_id]))
        wang, advisor = (ledger.by_user[who.user_id].id for who in (WANG, ADVISOR))
        happened: tuple[tuple[OrderHappening, dict[str, Any]], ...] = (
            (OrderHappening.OPENED, {}),
            (OrderHappening.PROMISED, {"at": MONDAY_TEN.isoformat(), "reason": ""}),
            (OrderHappening.CONFIRMED, {"how": "paper"}),
            (OrderHappening.MOVED, {"state": OrderState.IN_SHOP.value}),
            (OrderHappening.MOVED, {"state": OrderState.SETTLED.value}),
        )
        history = tuple(OrderEntry(now, each, advisor, "小敏", details) for each, details in happened)
        order = RepairOrder(
            NUMBER,
            PLATE,
            1,
            wang if in_chat else 0,
            "王先生",
            advisor,
            "小敏",
            now,
            OrderState.SETTLED,
            items=(Item("更换刹车片", Decimal(680)),),
            phone="+8613812345678",
            history=history,
        )
        briefing = Briefing(unit, shop.house, now)
        nobody = Conversation(0, "", None, "", "", 1, now, now)
        await apply(FileOrder(order), Bench(unit, shop.house.store, briefing, now, nobody))
        play = Play(shop.house, ledger, briefing)
        await play.begin("order_desk", Home(queue=Queue.WORKSHOP), None, NUMBER, NOBODY)
        letters = await ledger.flush()
    shop.intake.couriers.take(letters)
    await shop.quiet()
    await shop.press(BOSS, "已出厂", chat=GROUP)


async def contacts(shop: FrontDoor) -> dict[str, FollowUp]:
    """Every contact after that visit, by its sheet."""
    async with shop.house.books.glance() as unit:
        found = await follow_ups.of_events(
            unit, MONDAY_TEN - timedelta(days=1), MONDAY_TEN + timedelta(days=90)
        )
    return {each.questionnaire: each for each in found if each.subject == NUMBER}


async def check(shop: FrontDoor) -> FollowUp:
    """The 48-hour check."""
    return (await contacts(shop))["check_48h"]


async def until(shop: FrontDoor, moment: datetime) -> list[Letter]:
    """Let time pass until `moment`; what Mr Wang was sent."""
    said = await shop.pass_time(moment - shop.clock.now())
    return [letter for letter in said if letter.chat_id == WANG.user_id]


@pytest.fixture
async def invited(shop: FrontDoor) -> FrontDoor:
    """The car has left, and the 48-hour check lies in the chat."""
    await leave(shop)
    [invitation] = await until(shop, (await check(shop)).due_at)
    assert "用着还顺手吗" in invitation.text
    return shop


async def test_f1_leaving_plans_what_is_asked_and_each_is_asked_once(shop: FrontDoor) -> None:
    await leave(shop)
    plan = await contacts(shop)
    assert set(plan) == {"check_48h", "satisfaction"}
    now = shop.clock.now()
    assert now + timedelta(hours=20) <= plan["check_48h"].due_at <= now + timedelta(hours=48)
    assert now + timedelta(hours=72) <= plan["satisfaction"].due_at <= now + timedelta(hours=168)
    assert {each.state for each in plan.values()} == {S.PLANNED}
    assert (plan["check_48h"].work, plan["check_48h"].advisor_name) == ("更换刹车片", "小敏")
    await pass_every_timer(shop)
    sent = [row for row in await shop.outbox("follow_up/invite") if row.edits_letter is None]
    after = await contacts(shop)
    assert len(sent) == sum(1 + each.nudges for each in after.values())
    assert [each.state for each in after.values()] == [S.EXPIRED, S.EXPIRED]
    await assert_house_is_in_order(shop)


async def test_k5_of_two_that_are_due_at_once_one_waits_for_tomorrow(shop: FrontDoor) -> None:
    """Both timers come in one transaction: nothing is written that the daily cap would only hold back."""
    await leave(shop)
    last = max(each.due_at for each in (await contacts(shop)).values())
    assert len(await until(shop, last)) == 1
    assert {row.state for row in await shop.outbox("follow_up/invite")} == {"sent"}
    states = sorted((each.state, each.due_at > last) for each in (await contacts(shop)).values())
    assert states == [(S.INVITED, False), (S.PLANNED, True)]
    [waiting] = [each for each in (await contacts(shop)).values() if each.state is S.PLANNED]
    await until(shop, waiting.due_at)
    assert (await contacts(shop))[waiting.questionnaire].state is S.INVITED


async def test_f3_answered_on_one_card(invited: FrontDoor) -> None:
    message, _ = invited.face("开始", WANG.user_id)
    for key in ("begin", "answer", "read", "skip"):
        said = await invited.press(WANG, key)
        assert {letter.edits for letter in said} == {message}
    assert invited.post.faces[WANG.user_id, message].text.startswith("✅")
    contact = await check(invited)
    assert contact.state is S.ANSWERED
    assert {question: each.codes for question, each in contact.by_question.items() if each.codes} == {
        "runs_well": ("yes",)
    }
    assert len(contact.answers) == 3
    assert (await mine(invited)).status == OVER
    await assert_house_is_in_order(invited)


async def test_f5_a_bad_answer_is_a_complaint_in_the_same_breath(invited: FrontDoor) -> None:
    await invited.press(WANG, "开始")
    said = await invited.press(WANG, "否")
    contact = await check(invited)
    assert (contact.state, contact.answers[0].bad) == (S.ANSWERED, True)
    async with invited.house.books.glance() as unit:
        filed = await complaints.load(unit, contact.complaint)
    assert filed is not None
    assert filed.origin is Origin.FOLLOW_UP
    assert "车子" in "\n".join(filed.words)
    assert contact.complaint in texts([letter for letter in said if letter.chat_id == WANG.user_id])
    assert contact.complaint in texts([letter for letter in said if letter.chat_id == GROUP])
    # While it is open, the next sheet waits.
    before = len(await invited.outbox("follow_up/invite"))
    await until(invited, (await contacts(invited))["satisfaction"].due_at + timedelta(hours=1))
    assert len(await invited.outbox("follow_up/invite")) == before
    assert (await contacts(invited))["satisfaction"].state is S.PLANNED


async def test_a_menu_word_and_a_booking_in_the_middle(invited: FrontDoor) -> None:
    """The question is asked again after an answer; a booking lets it rest, and it goes on afterwards."""
    await invited.press(WANG, "开始")
    asked = invited.post.letters[-1].text
    said = await invited.say(WANG, "咨询")
    assert "想了解什么" in said[0].text
    assert said[-1].text == asked
    row = await mine(invited)
    await invited.say(WANG, "预约服务")
    assert (await mine(invited)).status == RESTING
    resumed = await invited.say(WANG, "取消")
    assert resumed[-1].text == asked
    assert ((await mine(invited)).id, (await mine(invited)).status) == (row.id, OPEN)
    await invited.say(WANG, "正常")
    assert (await check(invited)).answers[0].codes == ("yes",)
    await assert_house_is_in_order(invited)


async def test_it_outlives_a_restart_and_goes_on_where_it_was(invited: FrontDoor) -> None:
    await invited.press(WANG, "开始")
    await invited.event(WANG, SentMedia("voice", "V1"))
    async with open_door(invited.house.books, invited.clock) as again:
        await again.pass_time(timedelta(minutes=31))
        for number, pressed in enumerate((Pressed("go_on"), Pressed("answer", "yes")), start=900):
            row = await mine(again)
            tap = Tap(row.id, row.turn, pressed.key, pressed.value)
            await again.event(WANG, pressed, tap=tap, card=103, update_id=number)
    contact = await check(invited)
    kept = contact.by_question["runs_well"]
    assert (kept.media, kept.codes) == ((("voice", "V1"),), ("yes",))


async def test_who_blocked_us_is_called(invited: FrontDoor) -> None:
    await invited.event(WANG, ChatBlocked(blocked=True))
    await invited.pass_time(timedelta(days=2))
    assert (await check(invited)).state is S.TO_CALL
    assert [row for row in await invited.timers() if row.name in ("nudge", "expires")] == []


async def test_who_has_no_chat_is_called_and_sees_no_card(shop: FrontDoor) -> None:
    await leave(shop, in_chat=False)
    before = len(shop.post.letters)
    await until(shop, (await check(shop)).due_at)
    assert (await check(shop)).state is S.TO_CALL
    assert [letter.text for letter in shop.post.letters[before:] if "follow_up" in letter.text] == []
    await assert_house_is_in_order(shop)


async def test_opting_out_is_for_all_that_follows(invited: FrontDoor) -> None:
    await invited.press(WANG, "不再打扰")
    assert (await check(invited)).reason == "opted_out"
    await invited.pass_time(timedelta(days=20))
    assert (await contacts(invited))["satisfaction"].reason == "opted_out"
    sent = await invited.rows(select(OUTBOX.c.id).where(OUTBOX.c.script == "follow_up/invite"))
    assert len(sent) == 1


async def pass_every_timer(shop: FrontDoor) -> None:
    """Nobody does anything, until every contact is over."""
    for _ in range(60):
        due = [row.due_at for row in await shop.timers() if row.name in ("due", "nudge", "expires")]
        if not due:
            return
        await shop.pass_time(max(min(due) - shop.clock.now(), timedelta(0)))
    raise AssertionError("it never ends")


async def mine(shop: FrontDoor) -> Any:
    """The conversation of the 48-hour check."""
    number = (await check(shop)).number
    return next(row for row in await shop.conversations("follow_up") if row.subject == number)
