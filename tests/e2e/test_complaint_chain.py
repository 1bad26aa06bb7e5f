"""A complaint from the first word to the verdict, on the local Telegram: every message, topic and minute (C1–C10)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo_cast import KNOWN
from domain.complaint_chain import open_legs
from domain.complaints import ALARMS, ComplaintState, Happening
from domain.people import Queue
from tests.e2e.complaint_case import CHEN, WU, ZHAO, ZHOU, Case
from tests.e2e.complaint_minutes import LATE, ON_TIME

if TYPE_CHECKING:
    from tests.e2e.play import Performance

AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
ANSWER = "已免费更换刹车片并路试，质保延长一年"


async def test_the_whole_chain_on_time(show: Performance) -> None:
    """C3, C4, C8, C10: two departments, one summary, the customer satisfied; nobody is warned."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await show.later(AN_HOUR)
    assert case.log() == ON_TIME[0]
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")
    await show.later(AN_HOUR)
    assert case.log() == ON_TIME[1]
    await case.press(ZHAO, Queue.AFTER_SALES, "接单", "负责人：赵敏")
    await case.press(ZHAO, Queue.AFTER_SALES, "派单", "请选择要派给哪些部门")
    await case.press(ZHAO, Queue.AFTER_SALES, "配件部", "☑ 配件部")
    await case.press(ZHAO, Queue.AFTER_SALES, "确定派单", "已完成")
    await show.later(AN_HOUR)
    assert case.log() == ON_TIME[2]
    await case.press(ZHOU, Queue.WORKSHOP, "接单", "负责人：周强")
    await case.report(ZHOU, Queue.WORKSHOP, "刹车片重新打磨，路试无异响", loss=True, promise=True)
    await case.press(ZHOU, Queue.WORKSHOP, "反馈结果", "已完成")
    await show.later(AN_HOUR)
    assert case.log() == ON_TIME[3]
    await case.press(WU, Queue.PARTS, "接单", "负责人：吴芳")
    await case.report(WU, Queue.PARTS, "同批次刹车片抽检合格", loss=True, promise=True)
    await case.press(WU, Queue.PARTS, "反馈结果", "已完成")
    await show.later(AN_HOUR)
    assert case.log() == ON_TIME[4]
    await case.report(ZHAO, Queue.AFTER_SALES, ANSWER, loss=True, promise=False)
    await case.press(ZHAO, Queue.AFTER_SALES, "结案", "已完成")
    await show.reads(KNOWN, "有答复了")
    await show.press(KNOWN, "😊", "谢谢您的肯定")
    await show.later(A_DAY)
    assert case.log() == ON_TIME[5]
    complaint = await case.kept()
    assert complaint.state is ComplaintState.CLOSED
    assert complaint.of(Happening.SATISFIED)
    assert not complaint.of(*ALARMS)
    assert await case.timers_left() == 0


async def test_late_at_every_step(show: Performance) -> None:
    """C6: at every step a warning at 75 %, the next level at the deadline, the general manager at 125 %; once each."""
    case = Case(show)
    await case.file()
    await show.later(3 * AN_HOUR)
    assert case.log() == LATE[0]
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await show.later(16 * AN_HOUR)
    assert case.log() == LATE[1]
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")
    await show.later(16 * AN_HOUR)
    assert case.log() == LATE[2]
    await case.press(ZHAO, Queue.AFTER_SALES, "接单", "负责人：赵敏")
    await case.press(ZHAO, Queue.AFTER_SALES, "派单", "请选择要派给哪些部门")
    await case.press(ZHAO, Queue.AFTER_SALES, "确定派单", "已完成")
    await show.later(16 * AN_HOUR)
    assert case.log() == LATE[3]
    await case.press(ZHOU, Queue.WORKSHOP, "接单", "负责人：周强")
    await case.report(ZHOU, Queue.WORKSHOP, "刹车片重新打磨，路试无异响", loss=True, promise=True)
    await case.press(ZHOU, Queue.WORKSHOP, "反馈结果", "已完成")
    await show.later(16 * AN_HOUR)
    assert case.log() == LATE[4]
    complaint = await case.kept()
    rung = Counter((entry.leg, entry.happening) for entry in complaint.of(*ALARMS))
    legs = (
        "intake.front_desk",
        "handling.front_desk",
        "dispatch.after_sales",
        "department.workshop",
        "summary.after_sales",
    )
    assert rung == {(f"{leg}.1", alarm): 1 for leg in legs for alarm in ALARMS}


async def test_dissatisfied_it_goes_back_to_the_after_sales_manager(show: Performance) -> None:
    """C10: 不满意 reopens the case with a new round of the chain; what was not good is kept with it."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")
    await case.press(ZHAO, Queue.AFTER_SALES, "接单", "负责人：赵敏")
    await case.press(ZHAO, Queue.AFTER_SALES, "派单", "请选择要派给哪些部门")
    await case.press(ZHAO, Queue.AFTER_SALES, "确定派单", "已完成")
    await case.press(ZHOU, Queue.WORKSHOP, "接单", "负责人：周强")
    await case.press(ZHOU, Queue.WORKSHOP, "不属于本部门", "已退回")
    await show.reads_in(Queue.AFTER_SALES, "退回，不属于本部门")
    await case.report(ZHAO, Queue.AFTER_SALES, ANSWER, loss=True, promise=False)
    await case.press(ZHAO, Queue.AFTER_SALES, "结案", "已完成")
    await show.reads(KNOWN, "有答复了")
    await show.press(KNOWN, "😞", "已重新交给售后服务经理")
    await show.reads_in(Queue.AFTER_SALES, "售后经理派单")
    await show.say(KNOWN, "换完还是响，我要求换总成", "")
    await show.later(AN_HOUR)
    complaint = await case.kept()
    assert complaint.state is ComplaintState.OPEN
    assert [leg.name for leg in open_legs(complaint.history)] == ["dispatch.after_sales.2"]
    assert complaint.words[-1] == "换完还是响，我要求换总成"
    assert "换完还是响" in case.card(Queue.AFTER_SALES).text
