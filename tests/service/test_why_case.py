"""C4, C6, C7: why a complaint is due when it is, in words that staff understand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from functools import cache

from bot.opening import make_house
from domain.complaint_story import CAUSES
from domain.complaints import ALARMS, Complainant, Complaint, Entry, Happening, Origin, Step
from scripts_zh.phrases import groups
from service.house import House
from service.why_case import lines
from storage.engine import Books
from tests.clock import FakeClock
from tests.domain.test_complaint_chain import NAME, at, begun, entry, pauses
from tests.service.front_door import demo_store


@cache
def house() -> House:
    return make_house(demo_store(), Books("sqlite+aiosqlite:///:memory:"), FakeClock(), 1, lambda point: None)


def told(*history: Entry) -> list[str]:
    """The story of a complaint captured on Monday at nine, in the store that `init` writes."""
    number, starts = "TS261123-001", at(23, 9)
    return lines(Complaint(number, Origin.CUSTOMER, Complainant(), starts, history=history), house())


def test_the_whole_story_of_a_leg_that_counts_working_time() -> None:
    """Lunch and night left out, a pause taken out, one alarm late, one never, the end too late."""
    written = told(
        entry(at(23, 11), Happening.CAPTURED, ""),
        begun(at(23, 11), 3),
        *pauses(at(23, 14), at(23, 17)),
        entry(at(23, 17, 15), Happening.WARNED),
        entry(at(24, 9, 0, 30), Happening.BREACHED),
        entry(at(24, 10), Happening.ENDED),
    )
    assert written == [
        "投诉单 TS261123-001，11月23日 周一 09:00 登记（客户提出）",
        "【前台主管首次处理】前台",
        "　11月23日 周一 11:00 开始，由 王主管 触发，因为登记了投诉",
        "　时限 3 小时，只计营业时间",
        "　计时 11月23日 周一 11:00—12:00：1 小时，累计 1 小时",
        "　计时 11月23日 周一 13:00—14:00：1 小时，累计 2 小时",
        "　暂停 11月23日 周一 14:00—17:00（等客户）：扣除 3 小时",
        "　计时 11月23日 周一 17:00—17:15：15 分钟，累计 2 小时 15 分钟",
        "　→ 11月23日 周一 17:15 用满 75%（2 小时 15 分钟）：提醒负责人",
        "　计时 11月23日 周一 17:15—17:30：15 分钟，累计 2 小时 30 分钟",
        "　计时 11月24日 周二 08:30—09:00：30 分钟，累计 3 小时",
        "　→ 11月24日 周二 09:00 用满 100%（3 小时）：报告上一级",
        "　计时 11月24日 周二 09:00—09:45：45 分钟，累计 3 小时 45 分钟",
        "　→ 11月24日 周二 09:45 用满 125%（3 小时 45 分钟）：报告总经理",
        "　实际 11月23日 周一 17:15 提醒负责人，准时",
        "　实际 11月24日 周二 09:00:30 报告上一级，比时间点晚 30 秒",
        "　应在 11月24日 周二 09:45 报告总经理，没有发出",
        "　11月24日 周二 10:00 由 王主管 办结，超过时限 1 小时",
    ]


def test_a_leg_that_waits_says_what_is_left() -> None:
    written = told(begun(at(23, 20), 12, business=False), *pauses(at(24, 7, 59, 30)))
    assert written[-3:] == [
        "　暂停 11月24日 周二 07:59:30 起，尚未恢复（等客户）",
        "　→ 用满 100%：报告上一级。还差 30 秒，恢复计时后才有时间点",
        "　→ 用满 125%：报告总经理。还差 3 小时 30 秒，恢复计时后才有时间点",
    ]
    assert "　时限 12 小时，昼夜连续计时" in written
    assert "　计时 11月23日 周一 20:00—11月24日 周二 05:00：9 小时，累计 9 小时" in written


def test_a_pause_after_the_deadline_moves_nothing() -> None:
    written = told(begun(at(23, 9)), *pauses(at(23, 11, 10), at(23, 11, 20)))
    assert "　暂停 11月23日 周一 11:10—11:20（等客户）：时限已过，不再改变" in written


def test_what_rang_otherwise_than_planned() -> None:
    """Too early by today's figures; and while the clock stood still."""
    warned, breached = entry(at(23, 10), Happening.WARNED), entry(at(23, 10, 20), Happening.BREACHED)
    written = told(begun(at(23, 9)), warned, *pauses(at(23, 10, 10)), breached)
    assert written[-2:] == [
        "　实际 11月23日 周一 10:00 提醒负责人，当时没有对应的时间点",
        "　实际 11月23日 周一 10:20 报告上一级，当时没有对应的时间点",
    ]
    assert told(begun(at(23, 9)), warned)[-1].endswith("提醒负责人，比时间点早 30 分钟")
    early = told(begun(at(23, 9)), entry(at(23, 9, 40), Happening.ENDED))
    assert early[-1] == "　11月23日 周一 09:40 由 王主管 办结，比时限早 1 小时 20 分钟"


def test_another_round_names_the_step_before_it() -> None:
    again = NAME.replace(".1", ".2")
    written = told(
        begun(at(23, 9)), entry(at(23, 10), Happening.ENDED), begun(at(23, 10), leg=again, business=False)
    )
    assert "【前台主管首次处理】前台，第 2 轮" in written
    assert "　11月23日 周一 10:00 开始，由 王主管 触发，因为上一环节「前台主管首次处理」已办结" in written
    nobody = replace(begun(at(23, 9)), who="", person=0)
    ended = replace(entry(at(23, 10), Happening.ENDED), who="")
    assert told(nobody, ended)[2] == "　11月23日 周一 09:00 开始"
    assert told(nobody, ended)[-1] == "　11月23日 周一 10:00 办结，比时限早 1 小时"


def test_moments_are_told_in_store_time_whatever_zone_they_were_kept_in() -> None:
    history = [begun(at(23, 20), 12, business=False), *pauses(at(24, 7), at(24, 9))]
    kept = [replace(each, at=each.at.astimezone(UTC)) for each in history]
    assert told(*kept) == told(*history)


def test_every_word_that_a_story_may_need_is_there() -> None:
    words = groups()["why_case"]
    assert {f"origin_{each.value}" for each in Origin} <= set(words)
    assert {f"alarm_{each.value}" for each in ALARMS} <= set(words)
    assert {f"cause_{each.value}" for each in CAUSES} <= set(words)
    assert {each.value for each in Step} == set(groups()["complaint_step"])
