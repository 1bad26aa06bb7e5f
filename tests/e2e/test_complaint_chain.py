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

if TYPE_CHECKING:
    from tests.e2e.play import Performance

AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
ANSWER = "已免费更换刹车片并路试，质保延长一年"
SORRY = "王先生，关于您的投诉 N，没能按约定时间答复，非常抱歉。已报上级经理亲自督办。"
TOP = "🚨 投诉 N 超时仍未处理，请总经理过问"


async def test_the_whole_chain_on_time(show: Performance) -> None:
    """C3, C4, C8, C10: two departments, one summary, the customer satisfied; nobody is warned."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await show.later(AN_HOUR)
    assert case.log() == [
        "23日 10:00 王建国｜📝 投诉已登记，编号 N",
        "23日 10:00 王建国｜📋 投诉进度单 N",
        "23日 10:00 王建国｜您的投诉 N 由 陈晓 负责，最晚 今天 11月23日 周一 22:00 前给您答复。",
        "23日 10:00 #前台｜📝 投诉 N · 前台主管首次处理",
    ]
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")
    await show.later(AN_HOUR)
    assert case.log() == [
        "23日 11:00 王建国｜您的投诉 N 已初步了解，转给售后服务经理安排处理，最晚 今天 11月23日 周一 23:00 前有下一步。",  # noqa: E501
        "23日 11:00 陈晓｜📝 投诉 N 处理单",
        "23日 11:00 陈晓｜✅ 处理单已提交，投诉 N 的卡片已经更新。",
        "23日 11:00 #售后经理｜📝 投诉 N · 售后经理派单",
    ]
    await case.press(ZHAO, Queue.AFTER_SALES, "接单", "负责人：赵敏")
    await case.press(ZHAO, Queue.AFTER_SALES, "派单", "请选择要派给哪些部门")
    await case.press(ZHAO, Queue.AFTER_SALES, "配件部", "☑ 配件部")
    await case.press(ZHAO, Queue.AFTER_SALES, "确定派单", "已完成")
    await show.later(AN_HOUR)
    assert case.log() == [
        "23日 12:00 王建国｜您的投诉 N 由 赵敏 负责，最晚 今天 11月23日 周一 23:00 前给您答复。",
        "23日 12:00 王建国｜您的投诉 N 已交给车间、配件部处理，最晚 明天 11月24日 周二 00:00 前有结果。",
        "23日 12:00 #车间｜📝 投诉 N · 部门处理",
        "23日 12:00 #配件｜📝 投诉 N · 部门处理",
    ]
    await case.press(ZHOU, Queue.WORKSHOP, "接单", "负责人：周强")
    await case.report(ZHOU, Queue.WORKSHOP, "刹车片重新打磨，路试无异响", loss=True, promise=True)
    await case.press(ZHOU, Queue.WORKSHOP, "反馈结果", "已完成")
    await show.later(AN_HOUR)
    assert case.log() == [
        "23日 13:00 周强｜📝 投诉 N 处理单",
        "23日 13:00 周强｜✅ 处理单已提交，投诉 N 的卡片已经更新。",
        "23日 13:00 王建国｜您的投诉 N 由 周强 负责，最晚 明天 11月24日 周二 00:00 前给您答复。",
    ]
    await case.press(WU, Queue.PARTS, "接单", "负责人：吴芳")
    await case.report(WU, Queue.PARTS, "同批次刹车片抽检合格", loss=True, promise=True)
    await case.press(WU, Queue.PARTS, "反馈结果", "已完成")
    await show.later(AN_HOUR)
    assert case.log() == [
        "23日 14:00 吴芳｜📝 投诉 N 处理单",
        "23日 14:00 吴芳｜✅ 处理单已提交，投诉 N 的卡片已经更新。",
        "23日 14:00 王建国｜您的投诉 N 由 吴芳 负责，最晚 明天 11月24日 周二 00:00 前给您答复。",
        "23日 14:00 王建国｜您的投诉 N 各部门已有结果，售后服务经理正在汇总，最晚 明天 11月24日 周二 02:00 前给您答复。",  # noqa: E501
        "23日 14:00 #售后经理｜📝 投诉 N · 售后经理汇总答复",
    ]
    await case.report(ZHAO, Queue.AFTER_SALES, ANSWER, loss=True, promise=False)
    await case.press(ZHAO, Queue.AFTER_SALES, "结案", "已完成")
    await show.reads(KNOWN, "有答复了")
    await show.press(KNOWN, "😊", "谢谢您的肯定")
    await show.later(A_DAY)
    assert case.log() == [
        "23日 15:00 王建国｜王先生，您的投诉 N 有答复了：",
        "23日 15:00 赵敏｜📝 投诉 N 处理单",
        "23日 15:00 赵敏｜✅ 处理单已提交，投诉 N 的卡片已经更新。",
    ]
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
    assert case.log() == [
        "23日 10:00 王建国｜📝 投诉已登记，编号 N",
        "23日 10:00 王建国｜📋 投诉进度单 N",
        "23日 10:00 #前台｜📝 投诉 N · 前台主管接单",
        "23日 11:30 郑洁｜⏰ 投诉 N 快到时间了",
        "23日 11:30 陈晓｜⏰ 投诉 N 快到时间了",
        "23日 11:30 #前台｜⏰ 投诉 N 快到时间了",
        f"23日 12:00 王建国｜{SORRY}",
        "23日 12:00 赵敏｜🚨 投诉 N 已超时",
        "23日 12:00 赵敏｜📝 投诉 N · 前台主管接单",
        "23日 12:00 #升级｜🚨 投诉 N 已超时",
        f"23日 12:30 孙立｜{TOP}",
        "23日 12:30 孙立｜📝 投诉 N · 前台主管接单",
        f"23日 12:30 #升级｜{TOP}",
    ]
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await show.later(16 * AN_HOUR)
    assert case.log() == [
        "23日 13:00 王建国｜您的投诉 N 由 陈晓 负责，最晚 明天 11月24日 周二 01:00 前给您答复。",
        "23日 22:00 陈晓｜⏰ 投诉 N 快到时间了",
        "24日 01:00 赵敏｜🚨 投诉 N 已超时",
        "24日 01:00 赵敏｜📝 投诉 N · 前台主管首次处理",
        "24日 01:00 陈晓｜🚨 投诉 N 已超时",
        "24日 01:00 #升级｜🚨 投诉 N 已超时",
        f"24日 04:00 孙立｜{TOP}",
        "24日 04:00 孙立｜📝 投诉 N · 前台主管首次处理",
        f"24日 04:00 陈晓｜{TOP}",
        f"24日 04:00 #升级｜{TOP}",
    ]
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")
    await show.later(16 * AN_HOUR)
    assert case.log() == [
        "24日 05:00 王建国｜您的投诉 N 已初步了解，转给售后服务经理安排处理，最晚 今天 11月24日 周二 17:00 前有下一步。",  # noqa: E501
        "24日 05:00 陈晓｜📝 投诉 N 处理单",
        "24日 05:00 陈晓｜✅ 处理单已提交，投诉 N 的卡片已经更新。",
        "24日 05:00 #售后经理｜📝 投诉 N · 售后经理派单",
        f"24日 08:00 王建国｜{SORRY}",
        "24日 14:00 赵敏｜⏰ 投诉 N 快到时间了",
        "24日 14:00 #售后经理｜⏰ 投诉 N 快到时间了",
        "24日 17:00 孙立｜🚨 投诉 N 已超时",
        f"24日 17:00 王建国｜{SORRY}",
        "24日 17:00 #升级｜🚨 投诉 N 已超时",
        f"24日 20:00 孙立｜{TOP}",
        "24日 20:00 孙立｜📝 投诉 N · 售后经理派单",
        f"24日 20:00 #升级｜{TOP}",
    ]
    await case.press(ZHAO, Queue.AFTER_SALES, "接单", "负责人：赵敏")
    await case.press(ZHAO, Queue.AFTER_SALES, "派单", "请选择要派给哪些部门")
    await case.press(ZHAO, Queue.AFTER_SALES, "确定派单", "已完成")
    await show.later(16 * AN_HOUR)
    assert case.log() == [
        "24日 21:00 王建国｜您的投诉 N 由 赵敏 负责。",
        "24日 21:00 王建国｜您的投诉 N 已交给车间处理，最晚 明天 11月25日 周三 09:00 前有结果。",
        "24日 21:00 #车间｜📝 投诉 N · 部门处理",
        "25日 06:00 周强｜⏰ 投诉 N 快到时间了",
        "25日 06:00 #车间｜⏰ 投诉 N 快到时间了",
        f"25日 09:00 王建国｜{SORRY}",
        "25日 09:00 赵敏｜🚨 投诉 N 已超时",
        "25日 09:00 赵敏｜📝 投诉 N · 部门处理",
        "25日 09:00 #升级｜🚨 投诉 N 已超时",
        f"25日 12:00 孙立｜{TOP}",
        "25日 12:00 孙立｜📝 投诉 N · 部门处理",
        f"25日 12:00 #升级｜{TOP}",
    ]
    await case.press(ZHOU, Queue.WORKSHOP, "接单", "负责人：周强")
    await case.report(ZHOU, Queue.WORKSHOP, "刹车片重新打磨，路试无异响", loss=True, promise=True)
    await case.press(ZHOU, Queue.WORKSHOP, "反馈结果", "已完成")
    await show.later(16 * AN_HOUR)
    assert case.log() == [
        "25日 13:00 周强｜📝 投诉 N 处理单",
        "25日 13:00 周强｜✅ 处理单已提交，投诉 N 的卡片已经更新。",
        "25日 13:00 王建国｜您的投诉 N 由 周强 负责。",
        "25日 13:00 王建国｜您的投诉 N 各部门已有结果，售后服务经理正在汇总，最晚 明天 11月26日 周四 01:00 前给您答复。",  # noqa: E501
        "25日 13:00 #售后经理｜📝 投诉 N · 售后经理汇总答复",
        "25日 22:00 赵敏｜⏰ 投诉 N 快到时间了",
        "26日 01:00 孙立｜🚨 投诉 N 已超时",
        "26日 01:00 赵敏｜🚨 投诉 N 已超时",
        "26日 01:00 #升级｜🚨 投诉 N 已超时",
        f"26日 04:00 孙立｜{TOP}",
        "26日 04:00 孙立｜📝 投诉 N · 售后经理汇总答复",
        f"26日 04:00 赵敏｜{TOP}",
        f"26日 04:00 #升级｜{TOP}",
    ]
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
    await case.press(ZHOU, Queue.WORKSHOP, "不属于本部门", "已完成")
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
