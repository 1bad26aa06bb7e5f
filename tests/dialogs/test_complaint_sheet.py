"""投诉进度单: its face at every state, the call for the manager, and the customer's last word (C8, C10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dialogs.core import Home, Kind, Pressed, Said, Told
from dialogs.facts import Who
from domain.complaints import ComplaintState, Happening
from domain.people import Queue
from tests.dialogs.complaint_case import (
    CHEN,
    FENG,
    NOBODY,
    SOLUTION,
    STAFF,
    SUN,
    WANG,
    WU,
    ZHAO,
    Case,
    assert_in_order,
    at_departments,
    at_dispatch,
    at_handling,
    at_summary,
    closed,
    dispatch,
    filed,
    returned,
)

SUMMARY = "summary.after_sales.1"
INTAKE, HANDLING = "前台主管接单", "了解情况、初步处理"
DISPATCH, SUMMING = "售后服务经理安排", "汇总，给您答复"


def steps(case: Case) -> list[str]:
    """The lines of the sheet that are a step."""
    return [line for line in case.sheet.face.splitlines() if line[0:1] in ("✅", "⏳")]


def both_departments(desk: Any) -> Case:
    return at_departments(desk, Queue.WORKSHOP, Queue.PARTS)


def one_of_two_back(desk: Any) -> Case:
    case = both_departments(desk)
    returned(case, "department.workshop.1", SUN)
    return case


def dispatched_again(desk: Any) -> Case:
    case = at_summary(desk)
    dispatch(case, SUMMARY, Queue.PARTS)
    return case


def reopened(desk: Any) -> Case:
    case = closed(desk)
    case.press(WANG, case.sheet, "dissatisfied")
    return case


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        (filed, [f"⏳ {INTAKE}"]),
        (at_handling, [f"✅ {INTAKE}", f"⏳ {HANDLING}"]),
        (at_dispatch, [f"✅ {INTAKE}", f"✅ {HANDLING}", f"⏳ {DISPATCH}"]),
        (both_departments, [f"✅ {INTAKE}", f"✅ {HANDLING}", f"✅ {DISPATCH}", "⏳ 车间、配件部处理"]),
        (one_of_two_back, [f"✅ {INTAKE}", f"✅ {HANDLING}", f"✅ {DISPATCH}", "⏳ 配件部处理"]),
        (at_summary, [f"✅ {INTAKE}", f"✅ {HANDLING}", f"✅ {DISPATCH}", "✅ 各部门处理", f"⏳ {SUMMING}"]),
        (dispatched_again, [f"✅ {INTAKE}", f"✅ {HANDLING}", f"✅ {DISPATCH}", "⏳ 配件部处理"]),
        (closed, ["✅ 已办结"]),
        (reopened, [f"✅ {INTAKE}", f"✅ {HANDLING}", f"⏳ {DISPATCH}"]),
    ],
)
def test_c8_the_sheet_shows_what_is_done_and_what_is_under_way(
    desk: Any, reached: Callable[[Any], Case], expected: list[str]
) -> None:
    """What a reopening or another dispatch leads to again is not called done."""
    case = reached(desk)
    shown = steps(case)
    assert [line.replace("⏳ 配件部、车间", "⏳ 车间、配件部") for line in shown] == expected
    due = "前给您下一次答复" in case.sheet.face
    assert due == (case.complaint.state is ComplaintState.OPEN)
    keys = [each.key for each in case.sheet.buttons]
    assert keys == (["more", "boss"] if due else ["satisfied", "dissatisfied"])


@pytest.mark.parametrize(("who", "leg"), [(CHEN, "handling.front_desk.1"), (SUN, "department.workshop.1")])
def test_c8_who_is_responsible_is_named(desk: Any, who: Who, leg: str) -> None:
    case = at_handling(desk) if who is CHEN else both_departments(desk)
    if who is SUN:
        for each, at in ((SUN, leg), (WU, "department.parts.1")):
            case.press(each, case.at(at), "accept")
        assert "孙立（车间）" in case.sheet.face
        assert "吴芳（配件部）" in case.sheet.face
        return
    assert "负责人：陈晓" in case.sheet.face


def test_c8_news_come_as_lines_of_their_own_and_the_sheet_stays_one_message(desk: Any) -> None:
    """Every change edits the sheet; only the milestones ring."""
    case = closed(desk)
    sheets = [each for each in case.heard if each.script == "complaint_sheet/sheet"]
    assert [each.say.in_place for each in sheets] == [False] + [True] * (len(sheets) - 1)
    news = [each.say.words["news"] for each in case.heard if each.script == "complaint_sheet/news"]
    assert news == ["accepted", "handed_up", "accepted", "dispatched", "accepted", "summing_up", "closed"]


def test_c8_the_latest_time_is_that_of_the_slowest_department(desk: Any) -> None:
    case = both_departments(desk)
    for leg, who in (("department.workshop.1", SUN), ("department.parts.1", WU)):
        case.press(who, case.at(leg), "accept")
    case.later(hours=1)
    case.press(SUN, case.at("department.workshop.1"), "pause")
    case.press(SUN, case.at("department.workshop.1"), "because", "visit")
    case.later(hours=2)
    case.press(SUN, case.at("department.workshop.1"), "go_on")
    assert "最晚 今天 11月23日 周一 23:00 前给您下一次答复" in case.sheet.face


def test_c8_while_everything_waits_for_the_customer_it_says_so(desk: Any) -> None:
    case = at_handling(desk)
    case.press(CHEN, case.at("handling.front_desk.1"), "pause")
    case.press(CHEN, case.at("handling.front_desk.1"), "because", "reply")
    assert "正等您的回复" in case.sheet.face
    assert "最晚" not in case.sheet.face
    case.add("我周三过来")
    assert "正等您的回复" not in case.sheet.face
    assert "最晚" in case.sheet.face


def test_c8_late_it_apologises_and_promises_no_time_that_is_over(desk: Any) -> None:
    """What happened at night is told as a reminder, which waits for the morning."""
    case = at_handling(desk)
    case.later(hours=13)
    assert "比约定的时间晚了，很抱歉" in case.sheet.face
    assert "最晚" not in case.sheet.face
    late = [each.say for each in case.heard if each.script == "complaint_sheet/news"][-1]
    assert (late.words["news"], late.kind) == ("breached", Kind.REMINDER)


# ---------------------------------------------------------------- what the customer presses


def test_c8_the_manager_is_called_once(desk: Any) -> None:
    """一键找店长: both levels and the escalation topic know at once, masked there; a second press only says so."""
    case = at_handling(desk)
    since = len(case.heard)
    case.press(WANG, case.sheet, "boss")
    told = [each for each in case.heard[since:] if each.script == "complaint_sheet/boss_wanted"]
    assert {each.home for each in told} == {
        Home(queue=Queue.ESCALATION),
        Home(person=ZHAO.person_id),
        Home(person=FENG.person_id),
    }
    assert all("138****8000" in each.text for each in told)
    assert "已把您的投诉" in "\n".join(case.read(WANG, since))
    before = len(case.heard), case.complaint
    case.press(WANG, case.sheet, "boss")
    assert (len(case.heard), case.complaint) == before
    assert "店长已经知道了" in case.toasts[-1]
    assert len(case.complaint.of(Happening.MANAGER_ASKED)) == 1


def test_c10_satisfied_is_the_end(desk: Any) -> None:
    case = closed(desk)
    assert SOLUTION in case.sheet.face
    sheet = case.sheet
    case.press(WANG, sheet, "satisfied")
    assert not sheet.open
    assert "谢谢您的肯定" in sheet.face
    assert not sheet.buttons
    assert len(case.complaint.of(Happening.SATISFIED)) == 1
    assert [talk for talk in case.talks if talk.open and talk.conversation.timers and talk is sheet] == []
    assert_in_order(case)


def test_c10_dissatisfied_it_lies_at_the_after_sales_manager_with_a_new_time(desk: Any) -> None:
    """And the customer is asked what was not good; that is kept with the case."""
    case = closed(desk)
    case.later(hours=20)
    since = len(case.heard)
    case.press(WANG, case.sheet, "dissatisfied")
    assert case.open == ["dispatch.after_sales.2"]
    leg = case.leg("dispatch.after_sales.2")
    assert (leg.begins, leg.owner) == (desk.now, 0)
    assert case.complaint.state is ComplaintState.OPEN
    assert "很抱歉没能让您满意" in "\n".join(case.read(WANG, since))
    case.on(case.of("complaint_words")[-1], Said("换完还是响"), WANG)
    case.later(seconds=5)
    assert "换完还是响" in case.at("dispatch.after_sales.2").face
    assert_in_order(case)


def test_c10_a_reopened_case_goes_the_whole_way_again(desk: Any) -> None:
    case = reopened(desk)
    case.press(ZHAO, case.at("dispatch.after_sales.2"), "accept")
    dispatch(case, "dispatch.after_sales.2", Queue.WORKSHOP)
    returned(case, "department.workshop.2", SUN, "换了总成")
    case.report("summary.after_sales.2", "已更换总成，路试正常")
    case.press(ZHAO, case.at("summary.after_sales.2"), "close")
    assert "已更换总成，路试正常" in case.sheet.face
    assert SOLUTION not in case.sheet.face
    case.press(WANG, case.sheet, "satisfied")
    assert [each.happening for each in case.complaint.of(Happening.CLOSED, Happening.REOPENED)] == [
        Happening.CLOSED, Happening.REOPENED, Happening.CLOSED,
    ]  # fmt: skip
    assert_in_order(case)


@pytest.mark.parametrize("key", ["satisfied", "dissatisfied"])
def test_c10_an_open_case_takes_no_verdict(desk: Any, key: str) -> None:
    case = at_summary(desk)
    before = case.complaint
    case.tap(WANG, case.sheet, Pressed(key))
    assert case.complaint == before
    assert "请点进度单上的按钮" in case.toasts[-1]


@pytest.mark.parametrize("event", [Said("怎么样了"), Pressed("forged", "x"), Told("strange")])
def test_c8_anything_else_changes_nothing(desk: Any, event: Any) -> None:
    case = at_handling(desk)
    before = case.complaint
    case.on(case.sheet, event, WANG)
    assert case.complaint == before
    assert case.sheet.open


def test_c8_who_asks_gets_the_sheet_anew(desk: Any) -> None:
    case = at_handling(desk)
    case.on(case.sheet, Told("show"), WANG)
    assert case.heard[-1].say.fresh
    assert case.heard[-1].say.buttons


def test_c8_a_sheet_of_an_unknown_case_ends_quietly(desk: Any) -> None:
    case = at_handling(desk)
    sheet = case.sheet
    desk.complaint = None
    since = len(case.heard)
    case.on(sheet, Told("accepted", {"who": "陈晓"}), NOBODY)
    assert not sheet.open
    assert len(case.heard) == since


def test_c1_a_caller_without_a_chat_has_no_sheet_and_the_chain_goes_on(desk: Any) -> None:
    """Nobody is told in a chat that does not exist; closing works all the same."""
    case = at_handling(desk)
    case.talks = [talk for talk in case.talks if talk.conversation.dialog != "complaint_sheet"]
    assert desk.complaint is not None
    desk.complaint = replace(desk.complaint, by=replace(desk.complaint.by, person=0))
    since = len(case.heard)
    case.report("handling.front_desk.1")
    case.press(CHEN, case.at("handling.front_desk.1"), "hand_up")
    assert not case.read(WANG, since)
    assert {each.home.person for each in case.heard[since:]} <= {None, *(who.person_id for who in STAFF)}
    assert_in_order(case)
