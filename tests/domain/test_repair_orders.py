"""O1–O3: what an order holds, and which state may follow which."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.repair_orders import (
    Item,
    OrderEntry,
    OrderHappening,
    OrderState,
    VisitFigures,
    may_follow,
    order_number,
    state_of,
)
from tests.domain.played_visit import order_of

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
ON_PAPER = (
    OrderState.AWAITING,
    OrderState.IN_SHOP,
    OrderState.IN_WORK,
    OrderState.INSPECTION,
    OrderState.READY,
    OrderState.SETTLED,
    OrderState.LEFT,
)
REWORK = {(OrderState.INSPECTION, OrderState.IN_WORK), (OrderState.READY, OrderState.IN_WORK)}
CANCELLABLE = ON_PAPER[:4]


@pytest.mark.parametrize(("state", "following"), list(product(OrderState, OrderState)))
def test_o3_one_state_after_the_other(state: OrderState, following: OrderState) -> None:
    """As on paper, besides: faults that are found go back into work, and an order ends with its work."""
    allowed = (state, following) in {*pairwise(ON_PAPER), *REWORK} or (
        following is OrderState.CANCELLED and state in CANCELLABLE
    )
    assert (following in may_follow(state)) is allowed


@given(st.lists(st.sampled_from(OrderState)))
def test_o3_what_is_over_stays_over(wishes: list[OrderState]) -> None:
    """Whatever is pressed, an order that left or was cancelled goes nowhere, and none leaves unsettled."""
    went = [OrderState.AWAITING]
    for wish in wishes:
        if wish in may_follow(went[-1]):
            assert went[-1].is_open
            went.append(wish)
    assert went[-1] is not OrderState.LEFT or went[-2] is OrderState.SETTLED


def test_o3_the_state_is_the_last_one_of_the_history() -> None:
    moved = [
        OrderEntry(NOON, OrderHappening.MOVED, details={"state": state}) for state in ("in_shop", "in_work")
    ]
    asked = OrderEntry(NOON, OrderHappening.ASKED, details={"state": "left"})
    assert [state_of(()), state_of([moved[0], asked]), state_of(moved)] == list(ON_PAPER[:3])


def test_o3_where_a_promise_counts() -> None:
    assert [state for state in OrderState if state.is_promised] == list(ON_PAPER[1:5])
    assert [state for state in OrderState if state.is_in_work] == list(ON_PAPER[1:4])
    assert [state for state in OrderState if state.is_open] == list(ON_PAPER[:6])


def test_o1_the_estimate_is_exact() -> None:
    items = tuple(Item("机油", Decimal("0.1")) for _ in range(3))
    assert replace(order_of(NOON), items=items).total == Decimal("0.3")
    assert order_of(NOON).total == Decimal(0)


def test_g1_the_part_is_exact() -> None:
    figures = VisitFigures(progress_share=Decimal("0.7"))
    assert figures.progress_part(timedelta(days=400, microseconds=10)) == timedelta(days=280, microseconds=7)


def test_o1_the_number_on_the_form() -> None:
    assert [order_number(NOON, 7), order_number(NOON, 1234)] == ["JC261123-007", "JC261123-1234"]
