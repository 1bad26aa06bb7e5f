"""回访名单: who is called, who is calling, and how one is taken (F4, A3, R2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.call_list import MOST_LINES, asked_for
from dialogs.call_moves import may_call
from dialogs.core import HERE, Home, Open, Outcome, Pressed, Record, Tell, Told
from dialogs.effects import TakeCall
from dialogs.facts import Who
from dialogs.standing_list import NEWER
from domain.follow_ups import CallMade, CallOutcome, FollowUp
from domain.people import Role
from domain.questionnaires import Answer
from tests.dialogs.call_case import CLERK, SHEET, SUN, waiting
from tests.dialogs.conftest import MONDAY

HOUR = timedelta(hours=1)


def listed(desk: Any, *calls: FollowUp, who: Who = CLERK) -> Any:
    desk.who, desk.home_person, desk.colleagues = who, who.person_id, (CLERK, SUN)
    desk.questionnaires = {SHEET.id: SHEET}
    desk.follow_ups = replace(desk.follow_ups, to_call=calls)
    return desk.open(Open("call_list", None, subject=f"calls-{who.person_id}"))


def lines(page: Any) -> list[str]:
    return [line for line in page.text.splitlines() if line[:1].isdecimal()]


def test_f4_every_line_says_whom_about_what_and_until_when(desk: Any) -> None:
    called = CallMade(MONDAY - HOUR, 9, "赵", CallOutcome.NO_ANSWER)
    page = listed(
        desk,
        waiting(1, latest_at=MONDAY, calls=(called, called)),
        waiting(2, plate="", answers=(Answer("runs_well", ("yes",)),)),
    )
    assert "2 位客户待致电" in page.text
    assert lines(page) == [
        "1. 🔴 王先生 粤B·12345 · 用车回访 · 今天 周一 09:00 前 · 已打 2 次",
        "2. 王先生 · 用车回访 · 明天 周二 09:00 前 · 问到一半",
    ]


def test_a3_the_list_holds_no_number(desk: Any) -> None:
    page = listed(desk, waiting(1))
    assert "138" not in page.text


def test_nobody_waits(desk: Any) -> None:
    page = listed(desk)
    assert "没有要打电话的客户" in page.text
    assert [button.key for button in page.buttons()] == ["refresh"]


def test_only_the_most_urgent_are_shown_and_the_rest_counted(desk: Any) -> None:
    page = listed(desk, *(waiting(place) for place in range(1, MOST_LINES + 4)))
    assert len(lines(page)) == MOST_LINES
    assert "还有 3 位没有列出" in page.text
    assert [button.key for button in page.buttons()].count("take") == MOST_LINES


def test_f4_a_press_takes_the_call_and_opens_its_entry(desk: Any) -> None:
    page = listed(desk, waiting(1), waiting(2)).press("take", waiting(2).number)
    assert page.of(TakeCall) == [TakeCall(waiting(2).number)]
    opened = page.opened("call_entry")
    assert (opened.subject, opened.home) == (waiting(2).number, HERE)
    assert [record.action for record in page.of(Record)] == ["call.taken"]
    assert page.outcome is Outcome.STAY


def test_f4_what_a_colleague_has_taken_is_theirs_for_an_hour(desk: Any) -> None:
    taken = waiting(1, caller=SUN.person_id, taken_at=MONDAY)
    page = listed(desk, taken)
    assert "孙顾问在打" in lines(page)[0]
    assert [button.key for button in page.buttons()] == ["refresh"]
    page.on(Pressed("take", taken.number))  # a card that was shown before
    assert "孙顾问正在给王先生打电话" in page.text
    assert page.of(TakeCall) == []
    desk.now = MONDAY + HOUR
    assert "在打" not in page.press("refresh").text
    page.press("take")
    assert page.opened("call_entry").subject == taken.number


def test_f4_ones_own_call_can_be_taken_up_again(desk: Any) -> None:
    page = listed(desk, waiting(1, caller=CLERK.person_id, taken_at=MONDAY))
    assert "您在打" in lines(page)[0]
    assert page.press("take").of(TakeCall)


def test_f4_somebody_was_quicker_at_the_same_instant(desk: Any) -> None:
    page = listed(desk, waiting(1))
    desk.follow_ups = replace(desk.follow_ups, refusal="taken")
    page.press("take")
    assert "刚刚有同事先接了" in page.text
    assert page.of(Open) == []


def test_what_was_ended_meanwhile_leaves_the_list(desk: Any) -> None:
    page = listed(desk, waiting(1))
    desk.follow_ups = replace(desk.follow_ups, to_call=())
    page.press("take")
    assert "不用再打了" in page.text
    assert page.of(TakeCall) == []


def test_a_newer_list_takes_the_place_of_the_old(desk: Any) -> None:
    page = listed(desk, waiting(1))
    assert page.on(Told("strange")).outcome is Outcome.STAY
    assert page.on(Told(NEWER)).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADVISOR, True),
        (Role.FRONT_DESK_SUPERVISOR, True),
        (Role.FOLLOW_UP_CLERK, True),
        (Role.CUSTOMER_CARE_MANAGER, True),
        (Role.AFTER_SALES_MANAGER, True),
        (Role.GENERAL_MANAGER, True),
        (Role.WORKSHOP_SUPERVISOR, False),
        (Role.PARTS_MANAGER, False),
        (Role.CUSTOMER, False),
    ],
)
def test_r2_who_follows_up(desk: Any, role: Role, may: bool) -> None:
    page = listed(desk, waiting(1))
    desk.who = Who(9, "谁", roles=frozenset({role}))
    facts = desk.facts(page)
    assert may_call(None, facts) == may
    effects = asked_for(facts)
    assert isinstance(effects[-1], Open) == may
    assert (Record("command.refused", details={"command": "calls"}) in effects) == (not may)


def test_asked_for_in_the_group_it_is_shown_in_private(desk: Any) -> None:
    page = listed(desk, waiting(1))
    told, opened = asked_for(desk.facts(page))
    assert (told, opened) == (
        Tell("call_list", "calls-31", NEWER),
        Open("call_list", None, HERE, "calls-31"),
    )
    desk.in_group = True
    _, opened = asked_for(desk.facts(page))
    assert isinstance(opened, Open)
    assert opened.home == Home(person=CLERK.person_id)
