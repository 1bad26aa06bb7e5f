"""Leaving (R3): asked once, effective at once, by oneself or by a manager."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogs.core import Open, Say, Tell
from dialogs.departure import DEPARTURE, Departure
from dialogs.effects import Leave
from dialogs.facts import Who
from domain.people import Role

ADVISOR = Who(11, "林顾问", roles=frozenset({Role.ADVISOR}))
MANAGER = Who(13, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))
ZHOU = Who(77, "周强", "zhouqiang", frozenset({Role.WORKSHOP_SUPERVISOR}))


def test_a_colleague_leaves_by_themselves(desk: Any) -> None:
    desk.who = ADVISOR
    assert desk.begin("staff_desk").say("/leave").of(Open)[0].dialog == "departure"
    card = desk.open(Open("departure", Departure()))
    assert not card.of(Leave)
    assert card.press("leaves").of(Leave) == [Leave(ADVISOR.person_id)]


def test_only_a_manager_dismisses_and_only_whom_the_name_means(desk: Any) -> None:
    """R2: asked again when the name means nobody, or several."""
    desk.colleagues = (ZHOU, ADVISOR, MANAGER)
    desk.who = ADVISOR
    assert not desk.begin("staff_desk").say("/dismiss 周强").of(Open)
    desk.who = MANAGER
    assert desk.begin("staff_desk").say("/dismiss 周强").of(Open)[0].state == Departure("周强")
    assert desk.open(Open("departure", Departure("周"))).of(Say)[-1].script == "departure/who"
    desk.colleagues = (ZHOU, Who(78, "周强"), MANAGER)
    assert desk.open(Open("departure", Departure("周强"))).of(Say)[-1].script == "departure/who"
    desk.colleagues = (ZHOU, MANAGER)
    assert desk.open(Open("departure", Departure("周强"))).press("leaves").of(Leave) == [Leave(77)]


def test_a_manager_who_is_none_any_more_dismisses_nobody(desk: Any) -> None:
    """R2: the role counts when the button is pressed."""
    desk.colleagues, desk.who = (ZHOU, MANAGER), MANAGER
    card = desk.open(Open("departure", Departure("周强")))
    may_press = DEPARTURE.authority["leaves"]
    assert may_press(card.state, desk.facts(card))
    desk.who = Who(MANAGER.person_id, MANAGER.first_name)
    assert not may_press(card.state, desk.facts(card))


def test_for_whom_they_stood_in_somebody_else_has_to_be_named(desk: Any) -> None:
    """R3, R4: their own absences end, and who is left alone hears it; nobody else does."""
    alone = replace(ZHOU, absent_until=desk.now, substitute=ADVISOR.person_id)
    elsewhere = Who(79, "吴芳", absent_until=desk.now, substitute=MANAGER.person_id)
    desk.colleagues, desk.who = (ADVISOR, MANAGER, alone, elsewhere), ADVISOR
    told = desk.open(Open("departure", Departure())).press("leaves").of(Tell)
    assert [(each.dialog, each.subject, each.news) for each in told] == [
        ("away", "absence-11", "left"),
        ("away", "absence-77", "without"),
    ]
