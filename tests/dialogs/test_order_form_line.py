"""/order: a repair order from one typed line; what is missing there is asked (O1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import Open, Outcome, Tell
from dialogs.effects import Mark
from dialogs.facts import Reception
from domain.appointments import AppointmentState
from domain.pickup import standing_promise
from domain.repair_orders import (
    Estimate,
    Item,
)
from tests.dialogs.conftest import WANG
from tests.dialogs.order_reception import (
    BOOKED,
    TOMORROW_FIVE,
    order_of,
    pressed,
    staff,
    typed,
)


@pytest.fixture
def staffed(desk: Any) -> Any:
    """An advisor at the desk, Mr Wang's car before the door."""
    return staff(desk)


@pytest.fixture
def form(staffed: Any) -> Any:
    """接车开单 has been pressed."""
    return pressed(staffed)


# ---------------------------------------------------------------- one line


def test_o1_one_line_leads_straight_to_the_card(staffed: Any) -> None:
    form = typed(staffed, "粤B12345 小保养 明天17:00 850")
    assert form.step == "check"
    assert "¥850" in form.text
    order = order_of(form.press("open_order"))
    assert order.items == (Item("小保养", Decimal(850), Estimate.BY_SYMPTOM),)
    promise = standing_promise(order)
    assert promise
    assert promise.at == TOMORROW_FIVE


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("小保养 明天17:00 850", "choose_car"),
        ("粤B12345", "tell_items"),
        ("粤B12345 明天17:00", "tell_items"),
        ("粤B12345 换雨刷 明天17:00", "tell_price"),
        ("粤B12345 小保养", "tell_promise"),
        ("粤B12345 小保养 明天", "tell_promise"),
        ("粤B12345 小保养 周日17:00", "tell_promise"),
        ("", "choose_car"),
        ("　", "choose_car"),
    ],
)
def test_o1_what_is_missing_in_the_line_is_asked(staffed: Any, line: str, step: str) -> None:
    assert typed(staffed, line).step == step


def test_o1_what_the_line_said_stays_while_the_rest_is_asked(staffed: Any) -> None:
    form = typed(staffed, "小保养398 刹车片（副厂）850 明天17:00 1500 12345公里").say("粤B12345")
    assert form.step == "check"
    assert "合计是 ¥1,500，与各项相加不一致" in form.text
    order = order_of(form.press("open_order"))
    assert (order.total, order.arrival.mileage) == (Decimal(1248), 12345)
    assert [item.origin.value for item in order.unwarranted] == ["aftermarket"]


def test_p8_a_time_in_the_line_that_cannot_be_had_says_why(staffed: Any) -> None:
    form = typed(staffed, "粤B12345 小保养 周日10:00 398")
    assert "门店休息" in form.text
    assert form.press("time").step == "check"


def test_o1_a_line_about_a_car_in_the_shop(staffed: Any) -> None:
    staffed.reception = Reception("粤B12345", WANG, None, "JC261120-003")
    form = typed(staffed, "粤B12345 小保养 明天17:00 850")
    assert form.outcome is Outcome.DONE
    assert [each.news for each in form.of(Tell)] == ["show_to"]


@pytest.mark.parametrize(
    ("line", "words"),
    [("粤B12345 小保养 -50", "-50"), ("粤B12345 小保养 1e9 明天17:00", "1e9"), ("小" * 5000, "太长")],
)
def test_o1_a_line_that_cannot_be_taken_opens_nothing(staffed: Any, line: str, words: str) -> None:
    said = staffed.begin("staff_desk").say(f"/order {line}")
    assert words in said.text
    assert not said.of(Open)


def test_o1_the_line_of_an_expected_car_keeps_its_appointment(staffed: Any) -> None:
    staffed.appointments[BOOKED.number] = BOOKED
    staffed.reception = Reception("粤B12345", WANG, BOOKED)
    form = typed(staffed, "粤B12345 大保养 今天17:00").press("open_order")
    assert [item.name for item in order_of(form).items] == ["大保养"]
    assert order_of(form).benefits
    assert form.of(Mark)[0].state is AppointmentState.ARRIVED
