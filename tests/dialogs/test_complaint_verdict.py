"""The verdict of a caller who is in no chat: the colleague who closed the case calls and asks (C10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.complaint_chain import open_legs
from domain.complaints import ComplaintState, Happening
from tests.dialogs.complaint_case import SOLUTION, ZHAO, Case, Talk, assert_in_order, at_summary
from tests.dialogs.conftest import Desk


@pytest.fixture
def case(desk: Desk) -> Case:
    """A caller's complaint, closed a moment ago."""
    case = at_summary(desk)
    desk.complaint = replace(case.complaint, by=replace(case.complaint.by, person=0))
    case.report("summary.after_sales.1")
    case.press(ZHAO, case.at("summary.after_sales.1"), "close")
    return case


def verdict(case: Case) -> Talk:
    (talk,) = case.of("complaint_verdict")
    return talk


def test_who_closed_it_reads_number_and_answer_in_private(case: Case) -> None:
    """C10, A3: opening the number is written down."""
    assert verdict(case).home.person == ZHAO.person_id
    assert SOLUTION in verdict(case).face
    assert "138 0013 8000" in verdict(case).face
    assert "phone.opened" in [record.action for record in case.records]


def test_satisfied_by_phone(case: Case) -> None:
    case.press(ZHAO, verdict(case), "satisfied")
    assert case.complaint.of(Happening.SATISFIED)[0].person == ZHAO.person_id
    assert case.complaint.state is ComplaintState.CLOSED
    assert case.of("complaint_verdict") == []


def test_dissatisfied_by_phone_reopens_it(case: Case) -> None:
    case.press(ZHAO, verdict(case), "dissatisfied")
    assert case.complaint.state is ComplaintState.OPEN
    assert [leg.name for leg in open_legs(case.complaint.history)] == ["dispatch.after_sales.2"]
    assert_in_order(case)
