"""A complaint while its place goes: a topic, all topics, the bot, the whole group, the number of the group (D2, R2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo_cast import COLLEAGUES, GROUP_ID, KNOWN
from domain.people import Queue
from sandbox.chats import group_chat
from sandbox.people import GroupChat
from tests.e2e.complaint_case import CHEN, SUN, WU, ZHAO, ZHENG, ZHOU, Case, dead_letters, read, recorded

if TYPE_CHECKING:
    from sandbox.chats import Message
    from tests.e2e.play import Performance

A_MINUTE = timedelta(seconds=60)
NEW_GROUP, OLD_STYLE, UPGRADED = -1001000000002, -500, -1001000000500
OUTSIDE = (ZHAO, SUN, ZHOU, WU, KNOWN)  # nobody of the front desk


def faces(message: Message) -> tuple[str, list[str]]:
    """Words and labels."""
    return message.text, [each["text"] for row in message.buttons for each in row]


def has_card(case: Case, chat: int) -> bool:
    """Whether a card of the case lies in this chat."""
    return any(f"投诉 {case.number} ·" in m.text for m in case.show.sandbox.chat(chat).messages)


async def bind(show: Performance, group: GroupChat) -> None:
    """A new group with the bot in it; 赵敏 makes it the store's."""
    show.sandbox.exchange.chats[group.id] = group_chat(group)
    await show.sandbox.user(ZHAO).say("/bind", chat=group.id)
    await show.heard()


def members() -> tuple[int, ...]:
    return tuple(each.phone.id for each in COLLEAGUES)


async def the_case_goes_on(case: Case, chat: int) -> None:
    """陈晓 accepts on the card in `chat`; the customer and the card say so."""
    assert await case.tap_there(CHEN, chat, "接单") == ""
    assert "负责人：陈晓" in case.live(chat).text
    await case.show.reads(KNOWN, "由 陈晓 负责")
    assert await dead_letters(case.show) == []


async def test_a_deleted_topic(show: Performance) -> None:
    """前台 is deleted: with the next word about the case it is made again, and the live card lies in it."""
    case = Case(show)
    await case.file()
    old = show.thread(Queue.FRONT_DESK)
    show.sandbox.delete_topic(GROUP_ID, old)
    await show.sandbox.user(KNOWN).say("请尽快处理，我下周要出远门")
    await show.heard()
    await show.later(A_MINUTE)
    assert show.thread(Queue.FRONT_DESK) != old
    assert "请尽快处理，我下周要出远门" in case.card(Queue.FRONT_DESK).text
    assert [topic.name for topic in show.sandbox.chat(GROUP_ID).open_topics].count("前台") == 1
    await the_case_goes_on(case, GROUP_ID)


async def test_a_group_without_topics(show: Performance) -> None:
    """Topics are switched off: everything comes as one stream, and the buttons work."""
    show.sandbox.set_topics(GROUP_ID, False)
    case = Case(show)
    case.filed_as(await show.say(KNOWN, "我要投诉，修了两次刹车还是响", "投诉已登记"))
    await show.heard()
    assert case.live(GROUP_ID).thread is None
    await the_case_goes_on(case, GROUP_ID)
    await show.later(timedelta(hours=9))
    assert read(show, CHEN)[-1] == f"⏰ 投诉 {case.number} 快到时间了"


async def thrown_out(show: Performance) -> Case:
    """A case waits, the bot is thrown out of the group, a minute goes by."""
    case = Case(show)
    await case.file()
    show.sandbox.remove_bot(GROUP_ID)
    await show.heard()
    await show.later(A_MINUTE)
    return case


async def copies_work(show: Performance) -> None:
    """Thrown out: the holders have copies with working buttons; bound elsewhere: live cards there, copies true."""
    case = await thrown_out(show)
    assert await recorded(show, "group.lost")
    assert faces(case.live(CHEN)) == faces(case.live(ZHENG))
    assert not any(has_card(case, who) for who in OUTSIDE)
    assert await case.tap_there(CHEN, CHEN, "接单") == ""
    assert "负责人：陈晓" in case.live(CHEN).text
    assert faces(case.live(CHEN)) == faces(case.live(ZHENG))
    assert await case.tap_there(ZHENG, ZHENG, "填写处理") == "这个按钮不归您操作，已为您保持原样。"
    await bind(show, GroupChat(NEW_GROUP, "新员工群", members(), forum=True))
    assert faces(case.live(NEW_GROUP)) == faces(case.live(CHEN)) == faces(case.live(ZHENG))
    thread = case.live(NEW_GROUP).thread
    names = {topic.thread: topic.name for topic in show.sandbox.chat(NEW_GROUP).open_topics}
    assert thread is not None
    assert names[thread] == "前台"
    assert await case.tap_there(CHEN, NEW_GROUP, "等客户") == ""
    assert "为什么要等客户" in case.live(CHEN).text
    assert await case.tap_there(CHEN, CHEN, "等客户回复") == ""
    assert "等客户中" in case.live(NEW_GROUP).text
    assert faces(case.live(NEW_GROUP)) == faces(case.live(CHEN)) == faces(case.live(ZHENG))
    assert await dead_letters(show) == []


async def test_thrown_out_and_bound_elsewhere(show: Performance) -> None:
    """Within a minute those at the desk have the work in their own chats; nothing is lost on the way back."""
    await copies_work(show)


async def test_thrown_out_on_postgresql(show_on_postgres: Performance) -> None:
    """The same."""
    await copies_work(show_on_postgres)


async def test_thrown_out_by_another_channel(show_by_ptb: Performance) -> None:
    """The same."""
    await copies_work(show_by_ptb)


async def test_a_deleted_group_that_nobody_told_us_of(show: Performance) -> None:
    """The bot hears of it when it writes there: the new case lies with those at the desk within a minute."""
    show.sandbox.delete_group(GROUP_ID, told=False)
    case = Case(show)
    case.filed_as(await show.say(KNOWN, "我要投诉，修了两次刹车还是响", "投诉已登记"))
    await show.heard()
    await show.later(A_MINUTE)
    assert has_card(case, CHEN)
    assert has_card(case, ZHENG)
    await the_case_goes_on(case, CHEN)
    await show.later(timedelta(hours=12))
    assert f"🚨 投诉 {case.number} 已超时" in read(show, ZHAO)


async def test_alarms_without_a_group(show: Performance) -> None:
    """C6: who is told by name and stands in for a desk's topic reads every alarm once."""
    case = await thrown_out(show)
    case.log()
    await show.later(timedelta(hours=3))
    assert case.log() == [
        "23日 11:30 郑洁｜⏰ 投诉 N 快到时间了",
        "23日 11:30 陈晓｜⏰ 投诉 N 快到时间了",
        "23日 12:00 孙立｜🚨 投诉 N 已超时",
        "23日 12:00 王建国｜王先生，关于您的投诉 N，没能按约定时间答复，非常抱歉。已报上级经理亲自督办。",
        "23日 12:00 赵敏｜🚨 投诉 N 已超时",
        "23日 12:00 赵敏｜📝 投诉 N · 前台主管接单",
        "23日 12:30 孙立｜🚨 投诉 N 超时仍未处理，请总经理过问",
        "23日 12:30 孙立｜📝 投诉 N · 前台主管接单",
        "23日 12:30 赵敏｜🚨 投诉 N 超时仍未处理，请总经理过问",
    ]


async def test_a_group_that_becomes_a_supergroup(show: Performance) -> None:
    """In the middle of a case: the live card lies in the group of the new number, and goes on there."""
    await bind(show, GroupChat(OLD_STYLE, "小群", members(), basic=True))
    case = Case(show)
    case.filed_as(await show.say(KNOWN, "我要投诉，修了两次刹车还是响", "投诉已登记"))
    await show.heard()
    assert has_card(case, OLD_STYLE)
    show.sandbox.upgrade_group(OLD_STYLE, UPGRADED)
    await show.heard()
    await the_case_goes_on(case, UPGRADED)
