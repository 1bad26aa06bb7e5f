"""One conversation through the bot, by the real front door: customer, call card, colleague and back (Q2, A3, C8)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from dialogs.core import ChatBlocked, SentMedia
from domain.complaints import Happening
from domain.people import Role
from service.ports import Gone, Letter
from storage import complaints, people
from storage.audit import AUDIT
from storage.conversations import OPEN, OVER
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR
from tests.service.tidiness import assert_house_is_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRET = "我的号码改成 13912345678 了，车牌粤B99999"
ANSWER = "王先生您好，您的车下午四点就好。"


@pytest.fixture
async def asked(shop: FrontDoor) -> FrontDoor:
    """Mr Wang asked for a person, and the advisor answers here."""
    await shop.say(WANG, "人工")
    await shop.press(ADVISOR, "在这里答复", chat=GROUP)
    return shop


def for_(who: int, letters: Sequence[Letter]) -> str:
    return texts([letter for letter in letters if letter.chat_id == who])


async def test_q2_the_customer_sees_one_conversation(both: FrontDoor) -> None:
    """Asked, taken, answered, replied twice; numbers reach the colleague alone, no word the audit log (A3, R5)."""
    await both.say(WANG, "人工")
    await both.press(ADVISOR, "在这里答复", chat=GROUP)
    mine = for_(ADVISOR.user_id, both.post.letters)
    assert "13812345678" in mine
    assert "请写下要发给王先生的话" in mine
    assert ANSWER in for_(WANG.user_id, await both.say(ADVISOR, ANSWER))
    assert "已发给王先生" in texts(both.post.to(ADVISOR.user_id))
    for answer in (SECRET, "那我四点到"):
        await both.press(WANG, "回复")
        assert answer in for_(ADVISOR.user_id, await both.say(WANG, answer))
        await both.press(ADVISOR, "回复")
        assert "好的，等您" in for_(WANG.user_id, await both.say(ADVISOR, "好的，等您"))
    await both.press(ADVISOR, "已联系", chat=GROUP)
    assert {row.status for row in await both.conversations("call", "writing")} == {OVER}
    group = texts(both.post.to(GROUP))
    assert not [
        one for one in ("13812345678", "138 1234 5678", "13912345678", "粤B99999", ANSWER) if one in group
    ]
    audit = str(await both.rows(select(AUDIT.c.action, AUDIT.c.subject, AUDIT.c.details)))
    assert audit.count("message.sent") == 5
    assert not [one for one in (ANSWER, SECRET, "13912345678", "四点") if one in audit]
    await assert_house_is_in_order(both)


@pytest.mark.parametrize(
    ("gone", "keys"),
    [
        (Gone("chat", "bot was blocked by the user"), ["take"]),
        (Gone("letter", "can't parse entities"), ["take", "answer"]),
    ],
    ids=["blocked", "refused letter"],
)
async def test_q2_an_answer_that_cannot_arrive_becomes_a_call(
    asked: FrontDoor, gone: Gone, keys: list[str]
) -> None:
    """在这里答复 is offered again only where it could reach the customer: not to whoever blocked us."""
    asked.post.will_answer(WANG.user_id, gone)
    said = await asked.say(ADVISOR, ANSWER)
    group = [letter for letter in said if letter.chat_id == GROUP]
    assert "消息没有送达" in texts(group)
    assert ANSWER in texts(group)
    assert [face.tap.key for letter in group for row in letter.buttons for face in row] == keys


async def test_q2_a_number_in_an_answer_is_masked_on_the_call_card(asked: FrontDoor) -> None:
    """A3: the customer is known to have blocked us; photos alone make no further calls."""
    await asked.bring(asked.update(WANG, ChatBlocked(blocked=True)))
    await asked.event(ADVISOR, SentMedia("photo", "f1"))
    said = await asked.say(ADVISOR, "请打 13912345678 找我")
    group = [letter for letter in said if letter.chat_id == GROUP]
    assert len(group) == 1
    assert "139****5678" in group[0].text
    assert not [letter for letter in said if letter.chat_id == WANG.user_id]


async def test_q2_whom_no_message_reaches_can_only_be_called(shop: FrontDoor) -> None:
    """They began a complaint and blocked us before they said what happened (C1)."""
    await shop.say(WANG, "我要投诉")
    await shop.bring(shop.update(WANG, ChatBlocked(blocked=True)))
    said = await shop.pass_time(shop.house.store.dialogs.nudge_after)
    assert [face.tap.key for letter in said for row in letter.buttons for face in row] == ["take"]


async def test_q2_the_desk_answers_for_a_colleague_who_left(asked: FrontDoor) -> None:
    """R3: nobody's reply is lost; the card at the desk can be answered by the others."""
    await asked.say(ADVISOR, ANSWER)
    async with asked.house.books.unit() as unit:
        await people.take_roles(unit, (await asked.person(ADVISOR)).id)
    said = await asked.press(WANG, "回复")
    assert "服务顾问接手" in for_(WANG.user_id, said)
    assert "回复同事的消息" in for_(GROUP, said)
    assert [row.status for row in await asked.conversations("writing")] == [OVER, OVER]
    await assert_house_is_in_order(asked)


async def test_r3_who_left_meanwhile_sends_nothing(asked: FrontDoor) -> None:
    async with asked.house.books.unit() as unit:
        await people.take_roles(unit, (await asked.person(ADVISOR)).id)
    said = await asked.say(ADVISOR, ANSWER)
    assert "没有发出" in for_(ADVISOR.user_id, said)
    assert for_(WANG.user_id, said) == ""
    assert "message.refused" in await asked.audit()


async def test_q2_an_album_is_one_message(asked: FrontDoor) -> None:
    """Three photos at once, then 发送: they arrive in order, with the caption on the card below them."""
    sent = [SentMedia("photo", f"f{number}", "" if number else "看这里") for number in range(3)]
    await asked.bring(*(asked.update(ADVISOR, each) for each in sent))
    said = [one for one in await asked.press(ADVISOR, "send") if one.chat_id == WANG.user_id]
    assert [one.media.file_id if one.media else "" for one in said] == ["f0", "f1", "f2", ""]
    assert "看这里" in said[-1].text
    assert [face.tap.key for row in said[-1].buttons for face in row] == ["reply"]


async def test_q2_what_is_typed_without_reply_is_for_the_front_desk(asked: FrontDoor) -> None:
    await asked.say(ADVISOR, ANSWER)
    said = await asked.say(WANG, "你们几点关门")
    assert "营业" in for_(WANG.user_id, said)
    assert for_(ADVISOR.user_id, said) == ""


async def test_q2_a_message_in_the_middle_of_a_booking_disturbs_nothing(asked: FrontDoor) -> None:
    """The booking waits while the customer replies, and goes on afterwards."""
    await asked.say(WANG, "预约服务")
    booking = await asked.conversation("booking")
    await asked.say(ADVISOR, ANSWER)
    await asked.press(WANG, "回复")
    said = await asked.say(WANG, "知道了")
    assert "接着刚才的" in for_(WANG.user_id, said)
    now = await asked.conversation("booking")
    assert (now.status, now.step) == (OPEN, booking.step)
    await assert_house_is_in_order(asked)


async def test_c8_a_complaint_is_talked_over_and_everything_is_in_the_case(both: FrontDoor) -> None:
    """联系客户, a message, the customer's answer with a number: kept with the case, masked at the desk (A3)."""
    async with both.house.books.unit() as unit:
        await people.give_role(
            unit, (await both.person(ADVISOR)).id, Role.FRONT_DESK_SUPERVISOR, both.clock.now()
        )
    await both.say(WANG, "我要投诉，空调修了三次还是不凉")
    await both.say(WANG, "就这些")
    await both.press(ADVISOR, "accept", chat=GROUP)
    said = await both.press(ADVISOR, "contact", chat=GROUP)
    assert "13812345678" in for_(ADVISOR.user_id, said)
    await both.press(ADVISOR, "write")
    said = await both.say(ADVISOR, "王先生您好，请问最近一次是哪天修的？")
    assert "最近一次是哪天修的" in for_(WANG.user_id, said)
    assert "记在投诉单" in for_(ADVISOR.user_id, said)
    asked = await both.press(WANG, "reply")
    assert (await both.conversation("complaint_words")).status == OPEN, texts(asked)
    await both.say(WANG, SECRET)
    await both.pass_time(timedelta(minutes=1))
    await both.press(ADVISOR, "not_reached")
    number = (await both.conversation("complaint_contact")).subject
    async with both.house.books.glance() as unit:
        complaint = await complaints.load(unit, number, locked=False)
    assert complaint is not None
    assert SECRET in complaint.words
    assert [each.details["how"] for each in complaint.of(Happening.CONTACTED)] == ["message", "not_reached"]
    assert "13912345678" not in texts(both.post.to(GROUP))
    await assert_house_is_in_order(both)
