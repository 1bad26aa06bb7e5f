"""People out of reach: a customer or an owner who blocked us, an owner who is away or has left (R3, R4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo_cast import KNOWN
from domain.complaint_chain import open_legs
from domain.complaints import Happening
from domain.people import Queue
from tests.e2e.complaint_case import (
    CHEN,
    SUN,
    WU,
    ZHAO,
    ZHENG,
    ZHOU,
    Case,
    dead_letters,
    read,
    recorded,
    sheet,
)

if TYPE_CHECKING:
    from tests.e2e.play import Performance

NEVER_READ = "正等您的消息。方便时请点「补充说明」回复。"


async def owned(show: Performance) -> Case:
    """王建国 has complained, 陈晓 has the case."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    return case


async def the_customer_blocks_us(show: Performance) -> None:
    """What the customer should have read becomes a call for the owner, with number and text."""
    case = await owned(show)
    await show.sandbox.user(KNOWN).block()
    await show.heard()
    before = read(show, KNOWN)
    await case.press(CHEN, Queue.FRONT_DESK, "等客户", "为什么要等客户")
    await case.press(CHEN, Queue.FRONT_DESK, "等客户回复", "等客户中")
    task = await show.reads(CHEN, "客户收不到消息，请打电话告知")
    assert task.text.splitlines()[:2] == [
        f"📵 投诉 {case.number}：客户收不到消息，请打电话告知",
        "电话：138 0000 1001",
    ]
    assert NEVER_READ in task.text
    await case.press(CHEN, Queue.FRONT_DESK, "继续处理", "等客户")
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")
    waiting = await show.reads(ZHAO, "客户收不到消息，请打电话告知")
    assert "已初步了解，转给售后服务经理安排处理" in waiting.text
    assert read(show, KNOWN) == before
    await show.sandbox.user(KNOWN).unblock()
    await show.say(KNOWN, "我的投诉怎么样了", "售后服务经理安排")
    await case.press(ZHAO, Queue.AFTER_SALES, "接单", "负责人：赵敏")
    assert read(show, KNOWN)[-1].startswith(f"您的投诉 {case.number} 由 赵敏 负责，最晚 ")
    assert "负责人：赵敏" in sheet(show)
    assert await dead_letters(show) == []


async def test_a_customer_blocks_us_and_comes_back(show: Performance) -> None:
    """C8: nobody is left without an answer because of a chat; who comes back reads how it stands."""
    await the_customer_blocks_us(show)


async def test_a_customer_blocks_us_on_postgresql(show_on_postgres: Performance) -> None:
    """The same."""
    await the_customer_blocks_us(show_on_postgres)


async def test_the_owner_blocks_us(show: Performance) -> None:
    """What the owner should have read is read in the desk's topic, numbers masked (A3)."""
    case = await owned(show)
    await show.sandbox.user(CHEN).block()
    await show.heard()
    before = read(show, CHEN)
    await show.sandbox.user(KNOWN).say("车牌粤B12345，打我13800001001，今天必须解决")
    await show.heard()
    await show.later(timedelta(seconds=5))
    told = await show.reads_in(Queue.FRONT_DESK, "陈晓收不到机器人的消息，请同事转告")
    assert "今天必须解决" in told.text
    assert "138****1001" in told.text
    await show.later(timedelta(hours=9))  # 75 % of the twelve hours
    warned = [m.text for m in show.in_topic(Queue.FRONT_DESK) if "收不到机器人的消息" in m.text]
    assert [("快到时间了" in text, "客户有补充" in text) for text in warned] == [(False, True), (True, False)]
    assert read(show, CHEN) == before
    assert len((await case.kept()).of(Happening.WARNED)) == 1


# ---------------------------------------------------------------- away, back, gone


async def goes_away(show: Performance, substitute: str) -> None:
    """陈晓 is away until tomorrow evening."""
    await show.say(CHEN, "不在岗", "从现在起不在岗，到什么时候")
    await show.press(CHEN, "到明天下班", "请谁代班")
    await show.press(CHEN, substitute, "您现在不在岗")
    await show.heard()


async def test_the_owner_is_away(show: Performance) -> None:
    """R4: open work, a live card, the customer's sheet and the alarms go to the substitute, and back."""
    case = await owned(show)
    await goes_away(show, "周强")
    assert [each.details["to_name"] for each in (await case.kept()).of(Happening.HANDED_OVER)] == ["周强"]
    assert "负责人：周强" in case.card(Queue.FRONT_DESK).text
    assert "负责人：周强" in sheet(show)
    assert read(show, KNOWN)[-1].startswith(f"您的投诉 {case.number} 由 周强 负责")
    assert "🤝 请您为陈晓代班" in read(show, ZHOU)
    copy, _ = show.button(ZHOU, "填写处理")
    assert "负责人：周强" in copy.text
    away = read(show, CHEN)
    await show.later(timedelta(hours=9))
    assert read(show, ZHOU)[-1] == f"⏰ 投诉 {case.number} 快到时间了"
    assert read(show, CHEN) == away
    await show.press(CHEN, "我回来了", "欢迎回来")
    await show.heard()
    assert "🤝 您为陈晓的代班到此结束，辛苦了！" in read(show, ZHOU)
    assert "负责人：陈晓" in case.card(Queue.FRONT_DESK).text
    assert "负责人：陈晓" in sheet(show)
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")


async def test_another_substitute(show: Performance) -> None:
    """R4: a manager exchanges who stands in: the work goes along; when the time is over it comes back by itself."""
    case = await owned(show)
    await goes_away(show, "周强")
    card = next(m for m in reversed(show.in_topic(Queue.AFTER_SALES)) if "陈晓不在岗" in m.text)
    await show.press_in_group(ZHAO, card, "🔁 换人")
    await show.reads_in(Queue.AFTER_SALES, "请谁为陈晓代班")
    await show.press_in_group(ZHAO, card, "吴芳")
    await show.heard()
    assert "负责人：吴芳" in case.card(Queue.FRONT_DESK).text
    assert "负责人：吴芳" in sheet(show)
    assert "填写处理" in show.button(WU, "填写处理")[1]
    await show.later(timedelta(days=1, hours=10))
    assert "负责人：陈晓" in case.card(Queue.FRONT_DESK).text
    moved = [each.details["to_name"] for each in (await case.kept()).of(Happening.HANDED_OVER)]
    assert moved == ["周强", "吴芳", "陈晓"]
    assert "负责人：陈晓" in show.button(CHEN, "填写处理")[0].text


async def test_a_substitute_of_the_same_desk_goes_on(show: Performance) -> None:
    """R4: 郑洁 may own it by herself; when 陈晓 is back the customer keeps the person who knows the case."""
    case = await owned(show)
    await goes_away(show, "郑洁")
    await show.press(CHEN, "我回来了", "欢迎回来")
    await show.heard()
    assert "负责人：郑洁" in case.card(Queue.FRONT_DESK).text
    assert await case.tap(ZHENG, Queue.FRONT_DESK, "填写处理") == "请看我发给您的私信。"


async def test_the_owner_leaves(show: Performance) -> None:
    """R3: the case waits again, the desk is told so, the customer's sheet names nobody who has gone."""
    case = await owned(show)
    await show.say(CHEN, "/leave", "确定要离岗吗")
    await show.press(CHEN, "确定离岗", "您的岗位已经全部失效")
    await show.heard()
    (leg,) = open_legs((await case.kept()).history)
    assert (leg.name, leg.owner) == ("handling.front_desk.1", 0)
    assert "待接单" in case.card(Queue.FRONT_DESK).text
    assert "陈晓" not in sheet(show)
    assert await recorded(show, "complaint.released", case.number)
    waits = await show.reads_in(Queue.FRONT_DESK, "重新待接单")
    assert waits.text == (
        f"🔁 投诉 {case.number} 重新待接单\n\n"
        "前台主管首次处理，原来由陈晓负责，应在 今天 11月23日 周一 22:00 前完成\n请尽快在卡片上点「接单」。"
    )
    await case.press(SUN, Queue.FRONT_DESK, "接单", "负责人：孙立")
    assert "负责人：孙立" in sheet(show)
