"""我的待办: whose work is listed, in which order, and how its card is fetched (C4, C6, R2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dialogs.core import Entered, Open, Outcome, Pressed, Tell, Told
from dialogs.facts import Who, Work
from dialogs.my_work import MOST_LINES, MY_WORK, Listed, asked_for
from domain.people import Queue, Role
from tests.dialogs.conftest import MONDAY

ZHAO = Who(12, "赵主管", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))
HOUR = timedelta(hours=1)


def work(place: int, due: timedelta | None, *, mine: bool = False) -> Work:
    due_at = None if due is None else MONDAY + due
    return Work(f"TS261123-{place:03d}", "department.workshop.1", Queue.WORKSHOP, due_at, mine)


def shown(desk: Any, *waiting: Work) -> Any:
    desk.who, desk.home_person, desk.work = ZHAO, ZHAO.person_id, waiting
    return desk.open(Open("my_work", Listed()))


def test_c4_ones_own_work_comes_first_then_the_desks_each_by_urgency(desk: Any) -> None:
    page = shown(
        desk,
        work(1, 5 * HOUR),
        work(2, None, mine=True),
        work(3, 9 * HOUR, mine=True),
        work(4, -2 * HOUR),
        work(5, 1 * HOUR, mine=True),
        work(6, None),
    )
    assert [number[-1] for number, _ in page.state.lines] == ["5", "3", "2", "4", "1", "6"]
    assert page.text.index("由您负责") < page.text.index("-005") < page.text.index("等人接单")
    assert page.text.index("等人接单") < page.text.index("-004") < page.text.index("-006")


def test_c6_every_line_says_step_and_time(desk: Any) -> None:
    page = shown(
        desk,
        work(1, 5 * HOUR, mine=True),
        work(2, -2 * HOUR),
        work(3, None),
        work(4, 30 * HOUR),
        work(5, -HOUR / 30),
    )
    lines = {line.split("<code>")[1][:12]: line for line in page.text.splitlines() if "<code>" in line}
    assert lines["TS261123-001"].endswith("部门处理（车间）：今天 周一 14:00")
    assert lines["TS261123-002"].endswith("已超时 2 小时")
    assert lines["TS261123-003"].endswith("等客户")
    assert lines["TS261123-004"].endswith("明天 周二 15:00")
    assert lines["TS261123-005"].endswith("已超时 2 分钟")


def test_a_press_brings_the_card_of_that_very_leg(desk: Any) -> None:
    page = shown(desk, work(1, 5 * HOUR), work(2, HOUR))
    told = page.press("open", "0").of(Tell)
    assert told == [
        Tell("complaint_desk", "TS261123-002", "show_to", {"person": 12, "leg": "department.workshop.1"})
    ]
    assert page.outcome is Outcome.STAY
    assert page.press("open", "1").of(Tell)[0].subject == "TS261123-001"


def test_what_is_done_meanwhile_is_not_fetched_but_the_list_is_new(desk: Any) -> None:
    page = shown(desk, work(1, HOUR), work(2, 2 * HOUR))
    desk.work = (work(2, 2 * HOUR),)
    page.press("open", "0")
    assert not page.of(Tell)
    assert "列表已更新" in page.text
    assert page.state.lines == (("TS261123-002", "department.workshop.1"),)


@pytest.mark.parametrize("place", ["2", "-1", "", "x", "99", "²"])
def test_a_forged_place_fetches_nothing(desk: Any, place: str) -> None:
    page = shown(desk, work(1, HOUR), work(2, HOUR))
    assert not page.on(Pressed("open", place)).of(Tell)


def test_refreshed_it_shows_what_is_there_now(desk: Any) -> None:
    page = shown(desk)
    assert "没有待办" in page.text
    assert [button.key for button in page.buttons()] == ["refresh"]
    desk.work = (work(7, HOUR),)
    assert "TS261123-007" in page.press("refresh").text


def test_a_long_list_shows_the_most_urgent_and_says_what_is_left_out(desk: Any) -> None:
    page = shown(desk, *(work(place, place * HOUR) for place in range(25, 0, -1)))
    assert len(page.state.lines) == MOST_LINES
    assert page.state.lines[0][0] == "TS261123-001"
    assert "还有 5 件" in page.text
    assert len([button for button in page.buttons() if button.key == "open"]) == MOST_LINES


def test_a_new_list_takes_the_place_of_the_old(desk: Any) -> None:
    page = shown(desk, work(1, HOUR))
    tell, opened = asked_for(desk.facts(page))
    assert (tell.dialog, tell.subject) == ("my_work", opened.subject)
    assert page.on(Told(tell.news)).outcome is Outcome.DONE
    desk.who = Who(13, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))
    assert asked_for(desk.facts(page))[0].subject != tell.subject


def test_r2_who_is_no_colleague_any_more_fetches_nothing(desk: Any) -> None:
    page = shown(desk, work(1, HOUR))
    for key in ("open", "refresh"):
        assert MY_WORK.authority[key](page.state, desk.facts(page))
    desk.who = Who(12, "赵主管")
    for key in ("open", "refresh"):
        assert not MY_WORK.authority[key](page.state, desk.facts(page))


def test_the_list_waits_for_ever(desk: Any) -> None:
    page = shown(desk, work(1, HOUR))
    assert page.timers == {}
    assert page.on(Entered()).step == "show"
