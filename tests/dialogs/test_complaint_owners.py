"""Whose a step of a complaint is: handed over, released, left alone, taken by a substitute (C4, R3, R4)."""

from __future__ import annotations

from typing import Any

import pytest

from dialogs.core import Home, Pressed, Told
from dialogs.facts import Who
from tests.dialogs.complaint_case import (
    CHEN,
    FENG,
    LIU,
    NOBODY,
    REPORT,
    SUN,
    WANG,
    ZHAO,
    assert_in_order,
    at_handling,
    filed,
)

INTAKE, HANDLING, DISPATCH = "intake.front_desk.1", "handling.front_desk.1", "dispatch.after_sales.1"
WORKSHOP, PARTS, SUMMARY = "department.workshop.1", "department.parts.1", "summary.after_sales.1"


def test_c4_handed_over_the_new_owner_has_it_and_the_old_one_no_more(desk: Any) -> None:
    case = at_handling(desk)
    case.press(CHEN, case.at(HANDLING), "hand_over")
    offered = [each.value for each in case.at(HANDLING).buttons if each.key == "to"]
    assert offered == ["32", "37"]
    since = len(case.heard)
    case.press(CHEN, case.at(HANDLING), "to", "32")
    assert case.leg(HANDLING).owner_name == "刘洋"
    assert "负责人：<b>刘洋</b>" in case.at(HANDLING).face
    assert ["转交给您" in text for text in case.read(LIU, since)] == [True]
    assert "由 <b>刘洋</b> 负责" in "\n".join(case.read(WANG, since))
    assert not case.press(CHEN, case.at(HANDLING), "fill")
    before = case.complaint
    case.on(case.at(HANDLING), Told("reported", {"leg": HANDLING, "report": REPORT}), CHEN)
    assert case.complaint == before, "a form of the former owner is not theirs to hand in any more"
    assert case.press(LIU, case.at(HANDLING), "fill")
    assert_in_order(case)


def test_c4_released_it_waits_for_anybody_of_the_desk(desk: Any) -> None:
    case = at_handling(desk)
    case.press(CHEN, case.at(HANDLING), "hand_over")
    case.press(CHEN, case.at(HANDLING), "release")
    assert case.leg(HANDLING).owner == 0
    assert [each.key for each in case.at(HANDLING).buttons] == ["accept", "classify"]
    assert "待接单" in case.at(HANDLING).face
    for key in ("fill", "hand_up", "pause"):
        assert not case.tap(CHEN, case.at(HANDLING), Pressed(key))
    assert case.press(LIU, case.at(HANDLING), "accept")
    assert_in_order(case)


@pytest.mark.parametrize("face", ["", "hand_over", "pause", "classify"])
def test_r3_whose_owner_has_left_waits_for_anybody_whatever_the_card_was_asking(desk: Any, face: str) -> None:
    case = at_handling(desk)
    if face:
        case.press(CHEN, case.at(HANDLING), face)
    case.gone(CHEN, None, roles=frozenset())
    assert case.leg(HANDLING).owner == 0
    assert case.press(LIU, case.at(HANDLING), "accept")
    assert_in_order(case)


def test_c4_what_a_manager_asked_an_unaccepted_card_does_not_lock_it(desk: Any) -> None:
    """The after-sales manager looked at the category and went home: the supervisor still gets to 接单."""
    case = filed(desk)
    case.press(ZHAO, case.at(INTAKE), "classify")
    assert not case.press(SUN, case.at(INTAKE), "back")
    assert case.press(CHEN, case.at(INTAKE), "back")
    assert case.press(CHEN, case.at(INTAKE), "accept")


@pytest.mark.parametrize(("to", "gets"), [(LIU, LIU.person_id), (FENG, FENG.person_id), (SUN, SUN.person_id)])
def test_r4_the_substitute_has_it_with_a_live_card_of_their_own(desk: Any, to: Who, gets: int) -> None:
    """Roles follow by themselves: a colleague of another department acts in them while they stand in."""
    case = at_handling(desk)
    since = len(case.heard)
    case.gone(CHEN, to)
    assert case.leg(HANDLING).owner == gets
    copies = [each for each in case.heard[since:] if each.say.copy]
    assert [each.home for each in copies] == [Home(person=gets)]
    assert "填写处理" in case.at(HANDLING).face
    colleague = next(each for each in desk.colleagues if each.person_id == gets)
    assert case.press(colleague, case.at(HANDLING), "fill")
    assert_in_order(case)


def test_r4_two_departures_one_after_the_other(desk: Any) -> None:
    """The news of a departure that is no more about the owner changes nothing."""
    case = at_handling(desk)
    case.gone(CHEN, LIU)
    before = case.complaint
    case.on(case.at(HANDLING), Told("owner_gone", {"person": CHEN.person_id, "to": SUN.person_id}), NOBODY)
    assert case.complaint == before
