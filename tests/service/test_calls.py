"""Calls in the real house: a customer without a chat is due, listed, called by one colleague, all of it kept (F4)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from dialogs.core import Pressed
from domain.follow_ups import CallOutcome, FollowUp, FollowUpState, Hindrance
from domain.people import Role
from domain.questionnaires import Answer, FollowUpEvent
from service.follow_up_facts import FollowUpFacts
from service.ports import Sender
from storage import follow_ups, people
from storage.customers import CUSTOMERS
from storage.follow_ups import FOLLOW_UPS
from tests.service.call_stage import CALLED, wait_for_call
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, PLATE
from tests.service.tidiness import assert_house_is_in_order

CLERK = Sender(41, "静", "何")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEWCOMER = "/followup 粤B66666 咨询 今天上午九点半"


async def hire(door: FrontDoor, who: Sender = CLERK, role: Role = Role.FOLLOW_UP_CLERK) -> int:
    """`who` is a colleague; their number."""
    await door.say(who, "/menu")
    number: int = (await door.person(who)).id
    async with door.house.books.unit() as unit:
        await people.give_role(unit, number, role, door.clock.now())
    return number


async def contact(door: FrontDoor, number: str = CALLED) -> FollowUp:
    async with door.house.books.glance() as unit:
        found = await follow_ups.load(unit, number)
    assert found is not None
    return found


async def only_one(door: FrontDoor) -> FollowUp:
    """The one that was planned."""
    (row,) = await door.rows(select(FOLLOW_UPS.c.number))
    return await contact(door, row.number)


async def to_call(door: FrontDoor, number: str = CALLED, **changes: Any) -> None:
    async with door.house.books.unit() as unit:
        await wait_for_call(door, unit, 0, number, **changes)


async def enter_newcomer(door: FrontDoor) -> None:
    """A stranger who came for advice is entered by the advisor."""
    await door.say(ADVISOR, NEWCOMER)
    await door.say(ADVISOR, "李女士")
    await door.say(ADVISOR, "13912345678")
    await door.press(ADVISOR, "确认登记")


async def test_f1_f4_from_the_form_to_the_list_to_the_answers(both: FrontDoor) -> None:
    """Nobody has ever written to the bot: entered, due, listed, taken by one of two, answered on the phone."""
    clerk = await hire(both)
    await enter_newcomer(both)
    planned = await only_one(both)
    assert (planned.state, planned.event, planned.address, planned.advisor_name) == (
        FollowUpState.PLANNED, FollowUpEvent.CONSULTED, "李女士", ADVISOR.first_name,
    )  # fmt: skip
    assert "现在没有要打电话的客户" in texts(await both.say(CLERK, "回访名单"))
    await both.pass_time(planned.due_at - both.clock.now() - HOUR)
    assert await both.pass_time(HOUR) == []  # it is due: nobody is disturbed by a card
    for who in (CLERK, ADVISOR):
        assert "李女士 粤B·66666 · 咨询回访" in texts(await both.say(who, "回访名单"))
    taken = await both.press(CLERK, "1. 李女士")
    assert "139 1234 5678" in texts(taken)
    await both.press(ADVISOR, "1. 李女士")
    assert f"{CLERK.first_name}正在给李女士打电话" in both.post.toasts[-1].text
    await both.say(CLERK, "客户很客气")
    for label in ("已接通", "还有点疑问"):
        await both.press(CLERK, label)
    await both.say(CLERK, "贴膜和保险哪个先办？")
    done = await both.press(CLERK, "再考虑一下")
    assert "回访已记完" in texts(done)
    assert "现在没有要打电话的客户" in texts(done)
    after = await contact(both, planned.number)
    assert (after.state, after.by_phone, after.ended_at, after.caller, after.taken_at) == (
        FollowUpState.ANSWERED, True, both.clock.now(), 0, None,
    )  # fmt: skip
    assert after.version == both.house.questionnaires["consultation"].version
    assert [(each.question, each.codes, each.text, each.by) for each in after.answers] == [
        ("cleared", ("partly",), "", clerk),
        ("next_step", ("think",), "", clerk),
        ("open_point", (), "贴膜和保险哪个先办？", clerk),
    ]
    assert [(each.by, each.by_name, each.outcome, each.note) for each in after.calls] == [
        (clerk, CLERK.first_name, CallOutcome.REACHED, "客户很客气")
    ]
    assert "贴膜和保险哪个先办" in texts(both.post.to(GROUP))  # an advisor will answer it (Q2)
    audit = await both.audit()
    for action in ("follow_up.planned", "call.taken", "phone.opened", "call.made", "follow_up.ended"):
        assert audit.count(action) == 1, action
    assert [each.status for each in await both.conversations("follow_up", "call_entry")] == ["over", "over"]
    await assert_house_is_in_order(both)


async def test_f1_a_newcomer_has_one_file_for_all_that_is_planned(both: FrontDoor) -> None:
    await both.say(ADVISOR, NEWCOMER.replace("咨询", "新车"))
    await both.say(ADVISOR, "李女士")
    await both.say(ADVISOR, "13912345678")
    await both.press(ADVISOR, "确认登记")
    rows = await both.rows(select(FOLLOW_UPS.c.customer_id, func.count()).group_by(FOLLOW_UPS.c.customer_id))
    ((customer, planned),) = rows
    assert planned == 3
    (file,) = await both.rows(select(CUSTOMERS).where(CUSTOMERS.c.phone == "+8613912345678"))
    assert (file.id, file.name, file.salutation) == (customer, "李", "女士")


async def test_f1_the_same_event_is_not_entered_twice_within_a_day(both: FrontDoor) -> None:
    await enter_newcomer(both)
    await both.say(BOSS, NEWCOMER)
    said = await both.press(BOSS, "确认登记")
    assert "已经登记过了" in texts(said)
    assert len(await both.rows(select(FOLLOW_UPS))) == 1
    await both.say(BOSS, NEWCOMER.replace("咨询", "车主课堂"))
    await both.press(BOSS, "确认登记")
    assert len(await both.rows(select(FOLLOW_UPS))) == 2


async def test_f1_a_customer_in_the_chat_is_asked_there(both: FrontDoor) -> None:
    await both.say(ADVISOR, f"/followup {PLATE} 咨询 今天上午九点半")
    await both.press(ADVISOR, "确认登记")
    planned = await only_one(both)
    assert planned.person_id == (await both.person(WANG)).id
    (row,) = await both.conversations("follow_up")
    assert row.person_id == planned.person_id


async def test_f4_two_press_at_the_same_instant(both: FrontDoor) -> None:
    await hire(both)
    await to_call(both)
    for who in (CLERK, ADVISOR):
        await both.say(who, "回访名单")
    faces = [(who, *both.face("郑先生", who.user_id)) for who in (CLERK, ADVISOR)]
    presses = [
        both.update(who, Pressed(face.tap.key, face.tap.value), tap=face.tap, card=card)
        for who, card, face in faces
    ]
    await both.bring(*presses)
    assert len(await both.conversations("call_entry")) == 1
    assert "打电话" in both.post.toasts[-1].text
    assert (await both.audit()).count("phone.opened") == 1


async def test_f4_in_two_processes_one_gets_it(both: FrontDoor) -> None:
    """Each in a transaction of its own, which has seen nothing of the other."""
    await to_call(both)
    now = both.clock.now()

    async def take(who: int) -> bool:
        async with both.house.books.unit() as unit:
            await follow_ups.load(unit, CALLED)
            return await follow_ups.take_call(unit, CALLED, who, now, now - HOUR)

    got = await asyncio.gather(*(take(who) for who in (1, 2, 3, 4)))
    assert sorted(got) == [False, False, False, True]


async def test_f4_a_call_that_was_left_lying_is_free_after_an_hour(both: FrontDoor) -> None:
    await hire(both)
    await to_call(both)
    for who in (CLERK, ADVISOR):
        await both.say(who, "回访名单")
    await both.press(CLERK, "郑先生")
    await both.press(ADVISOR, "郑先生")
    assert "打电话" in both.post.toasts[-1].text
    await both.pass_time(HOUR)
    await both.say(ADVISOR, "回访名单")
    assert "136 1234 5678" in texts(await both.press(ADVISOR, "郑先生"))
    assert (await contact(both)).caller == (await both.person(ADVISOR)).id


async def test_f4_three_times_in_vain(both: FrontDoor) -> None:
    """Each time it comes back hours later, at a convenient time, and after the third nobody calls any more."""
    clerk = await hire(both)
    await to_call(both, latest_at=both.clock.now() + 5 * DAY)
    for tried in (1, 2, 3):
        await both.say(CLERK, "回访名单")
        await both.press(CLERK, "郑先生")
        said = await both.press(CLERK, "无人接听")
        assert "没有要打电话的客户" in texts(said)
        after = await contact(both)
        assert len(after.calls) == tried
        if tried < 3:
            assert after.call_at is not None
            assert after.call_at >= both.clock.now() + 4 * HOUR
            await both.pass_time(after.call_at - both.clock.now())
    assert (after.state, after.ended_at) == (FollowUpState.UNREACHED, both.clock.now())
    assert {(each.by, each.outcome) for each in after.calls} == {(clerk, CallOutcome.NO_ANSWER)}
    await assert_house_is_in_order(both)


async def test_f5_a_bad_answer_on_the_phone_is_a_complaint_at_the_front_desk(both: FrontDoor) -> None:
    await to_call(both)
    await both.say(ADVISOR, "回访名单")
    await both.press(ADVISOR, "郑先生")
    await both.press(ADVISOR, "已接通")
    said = await both.press(ADVISOR, "否")
    after = await contact(both)
    assert after.complaint.startswith("TS")
    assert after.complaint in texts([one for one in said if one.chat_id == ADVISOR.user_id])
    assert after.complaint in texts([one for one in said if one.chat_id == GROUP])
    assert (after.state, [each.bad for each in after.answers]) == (FollowUpState.ANSWERED, [True])
    await assert_house_is_in_order(both)


async def test_f2_who_wants_no_more_calls_gets_none(both: FrontDoor) -> None:
    """There is no chat to opt out: what was said on the phone counts for whatever is planned later."""
    await to_call(both, customer_id=2)
    await both.say(ADVISOR, "回访名单")
    for label in ("郑先生", "不愿接受回访", "以后都不要"):
        await both.press(ADVISOR, label)
    said = await contact(both)
    assert (said.state, said.reason) == (FollowUpState.SKIPPED, "no_more")
    for customer, hindered in ((2, Hindrance.OPTED_OUT), (1, Hindrance.UNREACHABLE)):
        number = f"HF261123-902.{customer}"
        await to_call(both, number, customer_id=customer, plate="")
        async with both.house.books.glance() as unit:
            facts = FollowUpFacts(unit, both.house, both.clock.now())
            assert await facts.hindrance(await contact(both, number)) is hindered


async def test_f2_a_customer_whose_chat_is_blocked_is_opted_out_themselves(both: FrontDoor) -> None:
    wang = (await both.person(WANG)).id
    await to_call(both, person_id=wang)
    await both.say(ADVISOR, "回访名单")
    for label in ("郑先生", "不愿接受回访", "以后都不要"):
        await both.press(ADVISOR, label)
    assert [bool((await both.person(who)).opted_out) for who in (WANG, ADVISOR)] == [True, False]


async def test_a3_a_wrong_number_reaches_the_front_desk_masked(both: FrontDoor) -> None:
    await to_call(both)
    await both.say(ADVISOR, "回访名单")
    await both.press(ADVISOR, "郑先生")
    said = await both.press(ADVISOR, "号码有误")
    desk = texts([one for one in said if one.chat_id == GROUP])
    assert "136****5678" in desk
    assert "粤B33901" not in desk.replace("·", "")
    assert (await contact(both)).state is FollowUpState.UNREACHED


async def test_f4_an_interrupted_call_keeps_what_was_said(both: FrontDoor) -> None:
    """Silence, then somebody else takes it up where it was."""
    await hire(both)
    await to_call(both)
    await both.say(ADVISOR, "回访名单")
    for label in ("郑先生", "已接通", "是"):
        await both.press(ADVISOR, label)
    await both.pass_time(both.house.store.dialogs.close_after + HOUR)
    assert "问到一半" in texts(await both.say(CLERK, "回访名单"))
    await both.press(CLERK, "郑先生")
    assert "小提醒" in texts(await both.press(CLERK, "已接通"))
    assert [each.outcome for each in (await contact(both)).calls] == [CallOutcome.REACHED] * 2


@pytest.mark.parametrize("who", [LI, WANG, FOREMAN])
@pytest.mark.parametrize("words", ["/calls", "/followup 粤B12345 新车"])
async def test_r2_others_are_refused(shop: FrontDoor, who: Sender, words: str) -> None:
    await to_call(shop)
    said = await shop.say(who, words)
    assert "郑先生" not in texts(said)
    assert await shop.conversations("call_list", "follow_up_form") == []
    assert "command.refused" in await shop.audit()


async def test_a3_asked_for_in_the_group_everything_stays_in_private(shop: FrontDoor) -> None:
    await to_call(shop)
    for words in ("/calls", f"/followup {PLATE} 新车", "/ratings"):
        said = await shop.say(ADVISOR, words, chat_id=GROUP)
        assert {one.chat_id for one in said} == {ADVISOR.user_id}, words


async def test_f7_ones_own_ratings_of_the_month(shop: FrontDoor) -> None:
    """Only visits that one was responsible for, only this month; too few say nothing."""
    advisor = (await shop.person(ADVISOR)).id
    ratings = (("5", 0), ("5", 0), ("4", 0), ("5", 0), ("1", -30))
    async with shop.house.books.unit() as unit:
        for place, (code, days) in enumerate(ratings):
            number = f"HF261123-950.{place}"
            await wait_for_call(shop, unit, 0, number, advisor=advisor, state=FollowUpState.ANSWERED)
            given = Answer("service", (code,), at=shop.clock.now() + days * DAY)
            await follow_ups.answer(unit, number, given, shop.clock.now())
    assert "还不到 5 条" in texts(await shop.say(ADVISOR, "我的评价"))
    async with shop.house.books.unit() as unit:
        for number, code in (("HF261123-950.4", "4"), ("HF261123-950.3", "3")):
            given = Answer("other", (code,), at=shop.clock.now())
            await follow_ups.answer(unit, number, given, shop.clock.now())
    shown = texts(await shop.say(ADVISOR, "我的评价"))
    assert "共 6 条" in shown
    assert "平均 <b>4.3</b> 分" in shown
    assert "还不到" in texts(await shop.say(BOSS, "我的评价"))


async def test_f4_a_call_made_before_its_time_is_entered_and_the_chat_stays_silent(both: FrontDoor) -> None:
    """The advisor has talked to a customer by themselves: the planned contact is done with it."""
    await both.say(ADVISOR, f"/followup {PLATE} 咨询 今天上午九点半")
    await both.press(ADVISOR, "确认登记")
    planned = await only_one(both)
    await both.say(ADVISOR, f"/followup {PLATE}")
    await both.press(ADVISOR, "已打：咨询回访")
    assert ((await contact(both, planned.number)).state) is FollowUpState.TO_CALL
    for label in ("已接通", "清楚了", "已经解决了"):
        await both.press(ADVISOR, label)
    after = await contact(both, planned.number)
    assert (after.state, after.by_phone, len(after.calls)) == (FollowUpState.ANSWERED, True, 1)
    assert [one for one in await both.pass_time(5 * DAY) if one.chat_id == WANG.user_id] == []
    await assert_house_is_in_order(both)


async def test_f4_put_back_before_its_time_the_customer_is_asked_in_the_chat(both: FrontDoor) -> None:
    await both.say(ADVISOR, f"/followup {PLATE} 咨询 今天上午九点半")
    await both.press(ADVISOR, "确认登记")
    await both.say(ADVISOR, f"/followup {PLATE}")
    await both.press(ADVISOR, "已打：咨询回访")
    await both.press(ADVISOR, "放回名单")
    planned = await only_one(both)
    assert planned.state is FollowUpState.PLANNED
    said = await both.pass_time(planned.due_at - both.clock.now())
    assert "想确认一下有没有帮到您" in texts([one for one in said if one.chat_id == WANG.user_id])


async def test_f5_angry_words_that_are_entered_are_the_customers(both: FrontDoor) -> None:
    """A colleague who types 投诉 into an answer makes no complaint of their own: the customer's is filed (C1)."""
    await to_call(both)
    await both.say(ADVISOR, "回访名单")
    for label in ("郑先生", "已接通"):
        await both.press(ADVISOR, label)
    said = await both.say(ADVISOR, "我要投诉，刹车一直响")
    after = await contact(both)
    assert after.complaint in texts([one for one in said if one.chat_id == ADVISOR.user_id])
    assert await both.conversations("complaint") == []
