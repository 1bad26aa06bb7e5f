"""Follow-ups on the local Telegram, from the car that leaves to 感谢合作: every message, and the books (F1–F6, K5)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo_cast import KNOWN
from domain.complaints import Origin
from domain.follow_ups import NOTHING_TO_ASK, FollowUpState, Hindrance
from domain.people import Queue
from tests.e2e.complaint_case import CHEN, ZHAO, Case, dead_letters
from tests.e2e.follow_up_case import LEFT, Aftercare
from tests.e2e.follow_up_words import CHECKED, COMPLAINED, NUDGED, SATISFIED
from tests.e2e.visit_case import STORE

if TYPE_CHECKING:
    from tests.e2e.play import Performance

TS = re.compile(r"TS\d{6}-\d{3,}")
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


async def checked(care: Aftercare) -> None:
    """(a) within 48 hours: one message that rings, four taps, thanks (F1, F3)."""
    asked = await care.comes_due("check_48h")
    assert 20 * AN_HOUR <= asked - LEFT <= 48 * AN_HOUR
    await care.presses("开始", "开起来正常吗")
    await care.presses("是", "小提醒")
    await care.presses("知道了", "还有什么想问")
    await care.presses("跳过", "感谢您的反馈")
    assert care.read() == CHECKED
    contact = await care.contact("check_48h")
    assert (contact.state, contact.nudges, contact.invited_at) == (FollowUpState.ANSWERED, 0, asked)
    assert {each.question: each.codes for each in contact.answers} == {
        "runs_well": ("yes",),
        "care": (),
        "wishes": (),
    }


async def nudged_and_put_off(care: Aftercare) -> None:
    """(b) on the third to seventh day: unanswered, one nudge a day later; 稍后 is honoured to the minute (F2)."""
    asked = await care.comes_due("satisfaction")
    assert 3 * A_DAY <= asked - LEFT <= 7 * A_DAY
    await care.show.at(asked + A_DAY - timedelta(minutes=1))
    assert care.read() == NUDGED[:1]
    await care.show.later(timedelta(minutes=1))
    assert care.read() == NUDGED[1:]
    now = care.show.clock.now()
    await care.presses("稍后", "再来请教您")
    again = (await care.contact("satisfaction")).due_at
    assert again - now == 3 * AN_HOUR or (again.astimezone(STORE).hour == 9 and again - now < A_DAY)
    await care.show.at(again - timedelta(seconds=1))
    assert [line[0] for line in care.read()] == ["✏"]
    await care.show.at(again)
    assert [line[0] for line in care.read()] == ["🔔"]


async def answered_in_two_goes(care: Aftercare) -> None:
    """Presses and words; half an hour of silence, and it is taken up where it was left (F3)."""
    await care.presses("开始", "整体感受")
    await care.presses("5", "质量怎么样")
    await care.says("四分吧", "态度和专业程度")
    await care.show.later(timedelta(minutes=31))
    await care.presses("继续", "态度和专业程度")
    await care.says("非常满意", "跟约好的相比")
    await care.presses("4", "讲得清楚吗")
    await care.presses("5", "还有什么意见")
    await care.presses("上一题", "讲得清楚吗")
    await care.presses("4", "还有什么意见")
    await care.presses("跳过", "用车小贴士")
    await care.presses("知道了", "非常感谢合作")
    assert care.read() == SATISFIED
    contact = await care.contact("satisfaction")
    assert (contact.state, contact.nudges, contact.complaint) == (FollowUpState.ANSWERED, 1, "")
    given = {each.question: each.rating for each in contact.answers}
    wanted = {"overall": 5, "quality": 4, "manners": 5, "on_time": 4, "price_clear": 4}
    assert given == wanted | {"wishes": None, "advice": None}


async def a_content_customer(show: Performance) -> None:
    """The whole way; and of the second contact, for which nothing is left, they never hear (F6)."""
    care = Aftercare(show)
    await care.repaired()
    await checked(care)
    await nudged_and_put_off(care)
    await answered_in_two_goes(care)
    await care.comes_due("second_contact")
    contact = await care.contact("second_contact")
    assert (contact.state, contact.reason) == (FollowUpState.SKIPPED, NOTHING_TO_ASK)
    assert care.read() == []
    assert await care.waits() == 0
    assert await dead_letters(show) == []


async def test_from_leaving_to_thanks(show: Performance) -> None:
    """F1–F3, F6: message by message."""
    await a_content_customer(show)


async def test_the_same_by_the_other_channel(show_by_ptb: Performance) -> None:
    """The same."""
    await a_content_customer(show_by_ptb)


async def test_the_same_on_postgresql(show_on_postgres: Performance) -> None:
    """The same."""
    await a_content_customer(show_on_postgres)


# ---------------------------------------------------------------- not content


async def complained(care: Aftercare, case: Case) -> None:
    """5 for the whole, 2 for the work: sorry, a number, and nothing else is asked (F5)."""
    await care.repaired()
    await checked(care)
    await care.comes_due("satisfaction")
    care.read()
    await care.presses("开始", "整体感受")
    await care.presses("5", "质量怎么样")
    await care.presses("2", "登记为投诉")
    assert [TS.sub("N", line) for line in care.read()] == COMPLAINED
    said = care.newest(KNOWN, "登记为投诉")
    assert "最晚 今天" in said
    case.number = TS.findall(said)[0]
    contact = await care.contact("satisfaction")
    assert (contact.state, contact.complaint) == (FollowUpState.ANSWERED, case.number)
    assert [(each.question, each.rating, each.bad) for each in contact.answers] == [
        ("overall", 5, False),
        ("quality", 2, True),
    ]


async def handled(care: Aftercare, case: Case) -> None:
    """The front desk's supervisor first; at the dispatch the workshop is ticked: it was about its work (C4, C5)."""
    card = case.card(Queue.FRONT_DESK)
    assert "您好" not in card.text
    assert "车辆的维修、保养质量怎么样？\n2分" in card.text
    assert [q for q in Queue if q is not Queue.FRONT_DESK and _about(care.show, case, q)] == []
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")
    await case.press(ZHAO, Queue.AFTER_SALES, "接单", "负责人：赵敏")
    await case.press(ZHAO, Queue.AFTER_SALES, "派单", "☑ 车间")
    await case.press(ZHAO, Queue.AFTER_SALES, "确定派单", "已完成")
    assert "怎么样？\n2分" in case.card(Queue.WORKSHOP).text


def _about(show: Performance, case: Case, queue: Queue) -> list[str]:
    return [each.text for each in show.in_topic(queue) if case.number in each.text]


async def a_discontent_customer(show: Performance) -> None:
    """A bad rating goes the way of every complaint; while it is open, nobody asks this customer anything (F2, F5)."""
    care, case = Aftercare(show), Case(show)
    await complained(care, case)
    await show.heard()
    kept = await case.kept()
    assert (kept.origin, kept.by.plate, kept.classification.department) == (
        Origin.FOLLOW_UP,
        "粤B12345",
        Queue.WORKSHOP,
    )
    await handled(care, case)
    due = await care.comes_due("second_contact")
    contact = await care.contact("second_contact")
    assert contact.state is FollowUpState.PLANNED
    assert contact.due_at - due < 2 * A_DAY
    assert contact.due_at > due
    assert [line for line in care.read() if "打扰" in line or "您提到的事" in line] == []
    assert await dead_letters(show) == []


async def test_a_bad_rating_becomes_a_complaint(show: Performance) -> None:
    """F5, C4, C5: with its answers, first at the front desk, then where the question is at home."""
    await a_discontent_customer(show)


async def test_a_bad_rating_on_postgresql(show_on_postgres: Performance) -> None:
    """The same."""
    await a_discontent_customer(show_on_postgres)


# ---------------------------------------------------------------- 退订


async def test_one_word_and_nobody_asks_again(show: Performance) -> None:
    """F2, K5: 退订 between two contacts; what was planned is skipped without a sound, for good."""
    care = Aftercare(show)
    await care.repaired()
    await checked(care)
    await care.says("退订", "已为您退订")
    care.read()
    await care.comes_due("satisfaction")
    contact = await care.contact("satisfaction")
    assert (contact.state, contact.reason) == (FollowUpState.SKIPPED, Hindrance.OPTED_OUT.value)
    assert care.read() == []
    assert await care.waits() == 0
    await care.says("恢复订阅", "已经恢复")
    assert await dead_letters(show) == []


async def test_words_on_the_card_stop_it_too(show: Performance) -> None:
    """K5: 不再打扰 on the invitation is the same wish."""
    care = Aftercare(show)
    await care.repaired()
    await care.comes_due("check_48h")
    care.read()
    await care.presses("不再打扰", "已为您退订")
    contact = await care.contact("check_48h")
    assert (contact.state, contact.reason) == (FollowUpState.SKIPPED, Hindrance.OPTED_OUT.value)
    await show.later(A_DAY)
    assert [line for line in care.read() if line.startswith("🔔")] == []
