"""A customer's question by the real front door, from the words to the answer (Q2, F5), on either database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialogs.core import ChatBlocked, Pressed, Said
from dialogs.customer_question import GATHERED_AFTER
from domain.customer_questions import CustomerQuestion
from domain.people import Role
from service.ports import Gone, Letter, Sender
from storage import customer_questions, people, places
from storage.audit import AUDIT
from storage.conversations import OVER
from storage.follow_ups import FOLLOW_UPS
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, open_door, texts
from tests.service.stages import ADVISOR, BOSS, stand_at
from tests.service.tidiness import assert_house_is_in_order

HEAD = Sender(21, "主管", "何")
MATE = Sender(22, "小郑", "郑")
WORDS = "冬天要换防冻液吗，车牌粤B12345"
ANSWER = "要换的，两年一次，下次保养一起做就行。"


def for_(who: int, letters: Sequence[Letter]) -> str:
    return texts([letter for letter in letters if letter.chat_id == who])


async def hire(door: FrontDoor, who: Sender, role: Role) -> None:
    await door.say(who, "/start")
    async with door.house.books.unit() as unit:
        await people.give_role(unit, (await door.person(who)).id, role, door.clock.now())


async def ask(door: FrontDoor, words: str = WORDS, who: Sender = WANG) -> list[Letter]:
    """`who` asks what the bot cannot tell."""
    await door.say(who, "咨询")
    await door.press(who, "问服务顾问")
    await door.say(who, words)
    return await door.press(who, "说完了")


async def questions(door: FrontDoor) -> list[CustomerQuestion]:
    rows = await door.rows(select(customer_questions.CUSTOMER_QUESTIONS.c.number).order_by("number"))
    async with door.house.books.glance() as unit:
        found = [await customer_questions.load(unit, row.number) for row in rows]
    return [each for each in found if each is not None]


async def test_q2_from_the_question_to_the_answer(both: FrontDoor) -> None:
    """Filed with a number, masked at the desk, answered in private, read in the customer's own chat, replied to."""
    asked = await ask(both)
    (question,) = await questions(both)
    assert question.number in for_(WANG.user_id, asked)
    group = for_(GROUP, asked)
    assert "客户咨询" in group
    assert "粤B12345" not in group
    taken = await both.press(ADVISOR, "我来答复", chat=GROUP)
    assert WORDS in for_(ADVISOR.user_id, taken)
    assert "小敏 在跟进" in for_(GROUP, taken)
    sent = await both.say(ADVISOR, ANSWER)
    assert ANSWER in for_(WANG.user_id, sent)
    assert "已答复" in for_(GROUP, sent)
    (after,) = await questions(both)
    assert (after.answer, after.owner_name, after.answered_at) == (ANSWER, "小敏", both.clock.now())
    await both.press(WANG, "回复")
    assert "谢谢您" in for_(ADVISOR.user_id, await both.say(WANG, "谢谢您"))
    await both.press(ADVISOR, "回复")
    assert "不客气的" in for_(WANG.user_id, await both.say(ADVISOR, "不客气的"))
    audit = str(await both.rows(select(AUDIT.c.action, AUDIT.c.subject, AUDIT.c.details)))
    assert "question.answered" in audit
    assert not [one for one in (WORDS, "防冻液", ANSWER, "两年一次", "粤B12345") if one in audit]
    assert {row.status for row in await both.conversations("question_desk", "customer_question")} == {OVER}
    await assert_house_is_in_order(both)


async def test_f1_who_asked_for_advice_is_asked_how_it_was(both: FrontDoor) -> None:
    await ask(both)
    await both.press(ADVISOR, "我来答复", chat=GROUP)
    await both.say(ADVISOR, ANSWER)
    (question,) = await questions(both)
    rows = await both.rows(select(FOLLOW_UPS.c.questionnaire, FOLLOW_UPS.c.event, FOLLOW_UPS.c.subject))
    assert [tuple(row) for row in rows] == [("consultation", "consulted", question.number)]
    assert (await both.conversation("follow_up")).person_id == (await both.person(WANG)).id
    await assert_house_is_in_order(both)


async def test_f1_a_stranger_without_a_file_is_not_followed_up(shop: FrontDoor) -> None:
    await ask(shop, who=LI)
    await shop.press(ADVISOR, "我来答复", chat=GROUP)
    assert ANSWER in for_(LI.user_id, await shop.say(ADVISOR, ANSWER))
    assert await shop.rows(select(FOLLOW_UPS.c.number)) == []


async def test_q2_ten_messages_in_a_row_are_one_question_also_in_silence(shop: FrontDoor) -> None:
    await shop.say(WANG, "咨询")
    await shop.press(WANG, "问服务顾问")
    await shop.bring(*(shop.update(WANG, Said(f"第{line}句")) for line in range(10)))
    assert await questions(shop) == []
    said = await shop.pass_time(GATHERED_AFTER)
    assert "已转给服务顾问" in for_(WANG.user_id, said)
    assert [each.text.count("第") for each in await questions(shop)] == [10]


async def test_q2_what_was_not_understood_is_handed_on_as_it_was_typed(shop: FrontDoor) -> None:
    await shop.say(WANG, "嗯呐那个啥灯")
    await shop.press(WANG, "问服务顾问")
    said = await shop.press(WANG, "说完了")
    assert "嗯呐那个啥灯" in for_(GROUP, said)


async def test_q2_two_colleagues_at_once(both: FrontDoor) -> None:
    """In one breath: the first has it, the other hears who; the form comes to the first alone."""
    await hire(both, MATE, Role.ADVISOR)
    await ask(both)
    message, face = both.face("我来答复", GROUP)
    assert face.tap is not None
    before = len(both.post.toasts)
    said = await both.bring(
        *(
            both.update(who, Pressed("answer"), tap=face.tap, card=message, chat_id=GROUP)
            for who in (ADVISOR, MATE)
        )
    )
    assert "请写下要发给王先生的话" in for_(ADVISOR.user_id, said)
    assert for_(MATE.user_id, said) == ""
    assert [heard.text for heard in both.post.toasts[before:]][1] == "小敏 已经在跟进了。"
    await assert_house_is_in_order(both)


async def test_q2_two_who_wrote_an_answer_send_one(shop: FrontDoor) -> None:
    """A colleague took it over while the first was writing; the second answer stays here."""
    await hire(shop, MATE, Role.ADVISOR)
    await ask(shop)
    await shop.press(ADVISOR, "我来答复", chat=GROUP)
    taken = await shop.press(MATE, "我来答复", chat=GROUP)
    assert "小郑" in for_(ADVISOR.user_id, taken)
    await shop.say(MATE, ANSWER)
    late = await shop.say(ADVISOR, "不用换。")
    assert for_(WANG.user_id, late) == ""
    assert "已由 小郑 答复" in for_(ADVISOR.user_id, late)
    assert [each.answer for each in await questions(shop)] == [ANSWER]


async def test_f5_two_days_of_silence_go_to_the_supervisor_in_private(both: FrontDoor) -> None:
    """Once, then every morning of a week, until it is answered; they answer from their own chat."""
    await hire(both, HEAD, Role.FRONT_DESK_SUPERVISOR)
    await ask(both)
    assert for_(HEAD.user_id, await both.pass_time(timedelta(days=2) - timedelta(minutes=1))) == ""
    told = [one for one in await both.pass_time(timedelta(minutes=1)) if one.chat_id == HEAD.user_id]
    assert len(told) == 1
    assert "请前台主管过问" in told[0].text
    again = [one for one in await both.pass_time(timedelta(days=1)) if one.chat_id == HEAD.user_id]
    assert [bool(one.buttons) for one in again if not one.edits] == [True]
    await both.press(HEAD, "我来答复")
    assert ANSWER in for_(WANG.user_id, await both.say(HEAD, ANSWER))
    assert for_(HEAD.user_id, await both.pass_time(timedelta(days=3))) == ""
    await assert_house_is_in_order(both)


async def test_f5_still_looking_is_told_the_customer(shop: FrontDoor) -> None:
    await ask(shop)
    said = await shop.press(ADVISOR, "还在查", chat=GROUP)
    assert "还在核实" in for_(WANG.user_id, said)
    assert "已告诉客户还在查" in for_(GROUP, said)
    assert [each.promised for each in await questions(shop)] == [True]


@pytest.mark.parametrize("blocked", [True, False], ids=["known to have blocked us", "found out now"])
async def test_q2_an_answer_that_cannot_arrive_becomes_a_call(shop: FrontDoor, blocked: bool) -> None:
    await ask(shop)
    await shop.press(ADVISOR, "我来答复", chat=GROUP)
    if blocked:
        await shop.bring(shop.update(WANG, ChatBlocked(blocked=True)))
    else:
        shop.post.will_answer(WANG.user_id, Gone("chat", "bot was blocked by the user"))
    said = await shop.say(ADVISOR, ANSWER)
    group = for_(GROUP, said)
    assert "消息没有送达" in group
    assert ANSWER in group
    await shop.press(ADVISOR, "我来联系", chat=GROUP)
    assert "13812345678" in texts(shop.post.to(ADVISOR.user_id)).replace(" ", "")
    await assert_house_is_in_order(shop)


async def test_f5_whom_the_chat_does_not_reach_is_called_and_the_words_are_kept(shop: FrontDoor) -> None:
    await ask(shop)
    await shop.bring(shop.update(WANG, ChatBlocked(blocked=True)))
    said = await shop.press(ADVISOR, "还在查", chat=GROUP)
    assert "请打电话答复" in for_(GROUP, said)
    await shop.press(ADVISOR, "我来打电话", chat=GROUP)
    await shop.press(ADVISOR, "已答复", chat=GROUP)
    noted = await shop.say(ADVISOR, "电话里告诉客户两年一换")
    assert "已记下" in for_(ADVISOR.user_id, noted)
    (question,) = await questions(shop)
    assert (question.answer, question.owner_name) == ("电话里告诉客户两年一换", "小敏")
    assert for_(WANG.user_id, said + noted) == ""
    await assert_house_is_in_order(shop)


async def test_q2_without_a_staff_group_those_at_the_desk_have_the_card(shop: FrontDoor) -> None:
    async with shop.house.books.unit() as unit:
        await places.forget(unit, GROUP)
    said = await ask(shop)
    assert "客户咨询" in for_(ADVISOR.user_id, said)
    assert for_(GROUP, said) == ""
    await shop.press(ADVISOR, "我来答复")
    sent = await shop.say(ADVISOR, ANSWER)
    assert ANSWER in for_(WANG.user_id, sent)
    assert "已答复" in for_(ADVISOR.user_id, sent)
    await assert_house_is_in_order(shop)


async def test_q2_the_list_brings_the_card(shop: FrontDoor) -> None:
    assert "没有待答复" in for_(BOSS.user_id, await shop.say(BOSS, "客户咨询"))
    await ask(shop)
    await shop.say(ADVISOR, "客户咨询")
    shown = await shop.press(ADVISOR, "1 · 王先生")
    assert "防冻液" in for_(ADVISOR.user_id, shown)
    await shop.press(ADVISOR, "我来答复")
    assert ANSWER in for_(WANG.user_id, await shop.say(ADVISOR, ANSWER))
    assert "没有待答复" in for_(ADVISOR.user_id, await shop.press(ADVISOR, "刷新"))


async def test_r2_a_customer_has_no_list(shop: FrontDoor) -> None:
    said = await shop.say(WANG, "/questions")
    assert await shop.conversations("question_list") == []
    assert for_(WANG.user_id, said)


async def test_f5_a_restart_forgets_neither_the_words_nor_the_clock(both: FrontDoor) -> None:
    """Killed while the customer writes and while the question waits: everything goes on from the books."""
    await hire(both, HEAD, Role.FRONT_DESK_SUPERVISOR)
    await both.say(WANG, "咨询")
    await both.press(WANG, "问服务顾问")
    await both.say(WANG, WORDS)
    async with open_door(both.house.books, both.clock) as again:
        said = await again.pass_time(GATHERED_AFTER)
        assert "防冻液" in for_(GROUP, said)
    async with open_door(both.house.books, both.clock) as later:
        later._updates, later.post._numbers = both._updates, both.post._numbers
        told = await later.pass_time(timedelta(days=2))
        assert "请前台主管过问" in for_(HEAD.user_id, told)
        await later.press(HEAD, "我来答复")
        assert ANSWER in for_(WANG.user_id, await later.say(HEAD, ANSWER))
        await assert_house_is_in_order(later)


async def test_r3_the_question_of_a_colleague_who_leaves_waits_for_the_others(both: FrontDoor) -> None:
    await hire(both, MATE, Role.ADVISOR)
    await ask(both)
    await both.press(MATE, "我来答复", chat=GROUP)
    await both.say(MATE, "取消")
    await both.say(BOSS, "/dismiss 小郑")
    gone = await both.press(BOSS, "确定离岗")
    assert "客户咨询" in for_(GROUP, gone)
    assert [each.owner for each in await questions(both)] == [0]
    await both.press(ADVISOR, "我来答复", chat=GROUP)
    assert ANSWER in for_(WANG.user_id, await both.say(ADVISOR, ANSWER))
    await assert_house_is_in_order(both)


async def test_q2_two_processes_give_it_to_one(both: FrontDoor) -> None:
    """Pressed at the same instant in two processes: one owner, one form, and the answer leaves once."""
    await hire(both, MATE, Role.ADVISOR)
    await ask(both)
    message, face = both.face("我来答复", GROUP)
    async with open_door(both.house.books, both.clock) as other:
        other._updates, other.post._numbers = both._updates, both.post._numbers
        pressed = (Pressed("answer"), {"tap": face.tap, "card": message, "chat_id": GROUP})
        await asyncio.gather(
            *(door.event(who, pressed[0], **pressed[1]) for door, who in ((both, ADVISOR), (other, MATE)))
        )
        heard = [toast.text for door in (both, other) for toast in door.post.toasts]
        assert len([text for text in heard if "已经在跟进了" in text]) == 1
        assert len(await both.conversations("writing")) == 1
        (question,) = await questions(both)
        owner, door = (ADVISOR, both) if question.owner_name == "小敏" else (MATE, other)
        sent = await door.say(owner, ANSWER)
        assert len([one for one in sent if one.chat_id == WANG.user_id]) == 1
    await assert_house_is_in_order(both)


async def test_f5_a_question_in_a_follow_up_is_answered_the_same_way(both: FrontDoor) -> None:
    """Filed from the sheet, answered here; no further follow-up asks how the advice was."""
    contact = (await stand_at(both, "follow_up", "question")).subject
    await both.press(WANG, "是")
    await both.press(WANG, "read")
    said = await both.say(WANG, "下次保养是什么时候？")
    assert "下次保养是什么时候？" in for_(GROUP, said)
    (question,) = await questions(both)
    assert (question.follow_up, question.address) == (contact, "王先生")
    await both.press(ADVISOR, "我来答复", chat=GROUP)
    assert ANSWER in for_(WANG.user_id, await both.say(ADVISOR, ANSWER))
    planned = await both.rows(select(FOLLOW_UPS.c.event))
    assert "consulted" not in {row.event for row in planned}
    await assert_house_is_in_order(both)
