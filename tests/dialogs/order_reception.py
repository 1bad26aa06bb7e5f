"""A car before the door and an advisor at the desk: the stages of 接车开单 that its tests begin from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dialogs.effects import FileOrder
from dialogs.facts import Reception
from domain.appointments import Appointment, AppointmentState
from domain.repair_orders import RepairOrder
from tests.dialogs.conftest import ADVISOR, MONDAY, WANG, ZONE

BOOKED = Appointment(
    "YY261120-007",
    AppointmentState.CONFIRMED,
    "minor",
    "粤B12345",
    MONDAY + timedelta(minutes=30),
    60,
    7,
    person_id=3,
    description="刹车时有吱吱声",
    benefits=True,
)
FIVE = datetime(2026, 11, 23, 17, 0, tzinfo=ZONE)
TOMORROW_FIVE = FIVE + timedelta(days=1)


def staff(desk: Any) -> Any:
    """An advisor at the desk, Mr Wang's car before the door."""
    desk.who, desk.home_person = ADVISOR, ADVISOR.person_id
    desk.reception = Reception("粤B12345", WANG)
    return desk


def pressed(staffed: Any) -> Any:
    """接车开单 has been pressed."""
    return staffed.open(staffed.begin("staff_desk").say("接车开单").opened("order_form"))


def at_items(form: Any) -> Any:
    """Mr Wang's car is known."""
    return form.say("粤b12345")


def at_promise(form: Any) -> Any:
    """A small service with genuine parts."""
    return at_items(form).press("service", "minor").press("items_done").press("all_genuine")


def at_look(form: Any) -> Any:
    """Promised for five."""
    return at_promise(form).say("今天17:00")


def at_check(form: Any) -> Any:
    """Nothing noted of the car: everything is read back."""
    return at_look(form).press("skip_rest")


def order_of(form: Any) -> RepairOrder:
    """What was filed."""
    order: RepairOrder = form.of(FileOrder)[0].order
    return order


def typed(desk: Any, line: str) -> Any:
    """`/order` with the rest of a line."""
    return desk.open(desk.begin("staff_desk").say(f"/order {line}").opened("order_form"))
