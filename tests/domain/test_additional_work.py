"""X1–X3: what waits for the customer's word, when they are reminded and when somebody calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.additional_work import OpenQuestion, open_questions
from domain.repair_orders import OrderEntry, OrderHappening, VisitFigures
from tests.domain.played_visit import order_of

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)
FIGURES = VisitFigures()
PROPOSED, REMINDED = OrderHappening.PROPOSED, OrderHappening.WORK_REMINDED
WANTED, TASK = OrderHappening.CALL_WANTED, OrderHappening.CALL_TASK
ANSWERS = (OrderHappening.AGREED, OrderHappening.REFUSED)


def after(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def entry(minutes: int, happening: OrderHappening, item: str = "刹车片", **details: Any) -> OrderEntry:
    return OrderEntry(after(minutes), happening, details={"item": item, **details})


IN_SHOP = OrderEntry(NINE, OrderHappening.MOVED, details={"state": "in_shop"})


def waiting(*history: OrderEntry) -> tuple[OpenQuestion, ...]:
    return open_questions(order_of(NINE, IN_SHOP, *history), FIGURES)


def test_x2_reminded_after_15_minutes_called_after_30() -> None:
    asked = entry(0, PROPOSED)
    assert waiting(asked) == (OpenQuestion("刹车片", NINE, after(15), after(30)),)
    reminded = waiting(asked, entry(15, REMINDED))
    assert reminded == (OpenQuestion("刹车片", NINE, None, after(30)),)
    assert waiting(asked, entry(30, TASK)) == (OpenQuestion("刹车片", NINE, None, None),)


def test_x1_who_wants_a_call_is_called_at_once_and_one_task_is_made() -> None:
    wanted = entry(0, PROPOSED), entry(5, WANTED)
    assert waiting(*wanted) == (OpenQuestion("刹车片", NINE, None, after(5)),)
    assert waiting(*wanted, entry(5, TASK), entry(6, WANTED)) == (OpenQuestion("刹车片", NINE, None, None),)


@pytest.mark.parametrize("answer", ANSWERS)
def test_x3_an_answer_ends_it_until_it_is_proposed_again(answer: OrderHappening) -> None:
    asked = entry(0, PROPOSED), entry(0, PROPOSED, "雨刮"), entry(5, answer)
    assert [question.item for question in waiting(*asked)] == ["雨刮"]
    again = waiting(*asked, entry(9, PROPOSED))
    assert [(question.item, question.remind) for question in again] == [
        ("雨刮", after(15)),
        ("刹车片", after(24)),
    ]


def test_x2_an_item_with_another_price_is_asked_anew() -> None:
    asked = entry(0, PROPOSED), entry(15, REMINDED), entry(20, PROPOSED, price="500.00")
    assert waiting(*asked) == (OpenQuestion("刹车片", after(20), after(35), after(50)),)


def test_x2_nothing_is_asked_once_the_visit_is_paid() -> None:
    settled = OrderEntry(after(20), OrderHappening.MOVED, details={"state": "settled"})
    assert waiting(entry(0, PROPOSED), settled) == ()


def test_p4_a_phone_task_about_the_pickup_is_none_about_work() -> None:
    pickup = OrderEntry(after(5), TASK, details={"promise": after(60).isoformat()})
    assert waiting(entry(0, PROPOSED), pickup) == waiting(entry(0, PROPOSED))


happenings = st.sampled_from((PROPOSED, REMINDED, WANTED, TASK, *ANSWERS, OrderHappening.TOLD))


@given(st.lists(st.tuples(happenings, st.sampled_from(("刹车片", "雨刮", "机油")))))
def test_x2_silence_is_never_consent(said: list[tuple[OrderHappening, str]]) -> None:
    """An item waits from the moment it is proposed until 同意 or 不同意, and nothing else ends it."""
    history = [entry(minute, happening, item) for minute, (happening, item) in enumerate(said)]
    last: dict[str, OrderHappening] = {}
    for happening, item in said:
        if happening in (PROPOSED, *ANSWERS):
            last[item] = happening
    found = {question.item for question in waiting(*history)}
    assert found == {item for item, happening in last.items() if happening is PROPOSED}
