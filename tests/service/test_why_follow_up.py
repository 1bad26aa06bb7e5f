"""F1–F6: why a customer was asked, then, or not, in words that staff understand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.follow_ups import (
    CallMade,
    CallOutcome,
    FollowUp,
    FollowUpState,
    Hindrance,
)
from domain.questionnaires import Answer, FollowUpEvent
from scripts_zh.phrases import groups
from service.why import explain
from storage import follow_ups, people
from tests.clock import MONDAY_TEN
from tests.service.front_door import WANG, FrontDoor

NUMBER = "HF261123-007.1"
CONTACT = FollowUp(
    NUMBER,
    "check_48h",
    FollowUpEvent.LEFT,
    1,
    MONDAY_TEN,
    MONDAY_TEN + timedelta(days=1),
    MONDAY_TEN + timedelta(days=2),
    subject="JC261123-006",
    address="王先生",
    plate="粤B12345",
    phone="+8613812345678",
)


async def told(door: FrontDoor, contact: FollowUp) -> list[str]:
    """What `why` tells of `contact`, once it is in the books."""
    async with door.house.books.unit() as unit:
        (wang,) = await people.load(unit, MONDAY_TEN, user_ids=[WANG.user_id])
        await follow_ups.plan(unit, replace(contact, person_id=wang.id))
        for answer in contact.answers:
            await follow_ups.answer(unit, contact.number, answer, MONDAY_TEN)
        for call in contact.calls:
            await follow_ups.note_call(unit, contact.number, call)
    return await explain(door.house, contact.number.lower())


async def test_one_that_is_planned_says_when_and_what_hinders_it(both: FrontDoor) -> None:
    """F1, F2, K5: the plan stands; who has said 退订 meanwhile would not be asked."""
    await both.say(WANG, "退订")
    said = await told(both, CONTACT)
    assert said[0] == f"回访 {NUMBER}《48小时用车回访》，现在「待回访」"
    assert said[1] == "　起因：维修出厂，11月23日 周一 10:00　JC261123-006"
    assert "　还没有联系客户" in said
    assert said[-1] == "　现在到时间也不会问：客户已退订（F2）"
    assert not [line for line in said if "12345" in line or "138" in line]


async def test_one_that_is_over_says_how(both: FrontDoor) -> None:
    """F4, F5: nudges, calls, how many answers, the complaint; not what was answered."""
    at = MONDAY_TEN + timedelta(days=1)
    over = replace(
        CONTACT,
        state=FollowUpState.ANSWERED,
        version="5f3a",
        invited_at=at,
        nudges=1,
        ended_at=at + timedelta(days=1),
        by_phone=True,
        complaint="TS261125-009",
        answers=(Answer("runs_well", ("no",), bad=True), Answer("wishes")),
        calls=(CallMade(at, 3, "郑洁", CallOutcome.NO_ANSWER), CallMade(at, 3, "郑洁", CallOutcome.REACHED)),
    )
    assert (await told(both, over))[3:] == [
        "　问卷第 5f3a 版：客户被问到时定下，以后改问卷也不影响",
        "【经过】",
        "　11月24日 周二 10:00 发出邀请",
        "　提醒了 1 次，最多 2 次",
        "　11月24日 周二 10:00 郑洁打电话：无人接听",
        "　11月24日 周二 10:00 郑洁打电话：已接通",
        "　电话里答了 1 题，跳过或只读 1 题",
        "　有不满意的回答，已立案 TS261125-009，后面的题不再问（F5）",
        "　11月25日 周三 10:00 结束：已完成",
    ]


async def test_one_that_never_was_says_why(both: FrontDoor) -> None:
    """K5, F6: 退订 is the reason; and after what it came."""
    skipped = replace(
        CONTACT, state=FollowUpState.SKIPPED, reason="opted_out", ended_at=MONDAY_TEN, after="HF261120-003.1"
    )
    said = await told(both, skipped)
    assert said[2] == "　接在 HF261120-003.1 之后，只问不满意的和没说完的（F6）"
    assert said[-1] == "　11月23日 周一 10:00 结束：未进行，客户已退订"


def test_every_reason_and_state_has_its_words() -> None:
    """Whatever the books can hold can be told."""
    words = groups()["follow_up_figures"]
    assert {f"state_{state.value}" for state in FollowUpState} <= set(words)
    assert {f"why_{hindrance.value}" for hindrance in Hindrance} <= set(words)
    assert {f"call_{outcome.value}" for outcome in CallOutcome} <= set(words)
    assert {f"event_{event.value}" for event in FollowUpEvent} <= set(words)
