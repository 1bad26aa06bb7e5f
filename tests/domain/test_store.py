"""The store's figures: the rulebook's defaults, and the sums that depend on them."""

from datetime import time, timedelta
from decimal import Decimal

import pytest

from domain.store import BookingFigures, DayHours, Pause, StaffFigures
from tests.domain.example_store import SHORT, example_store


def test_the_rulebooks_defaults() -> None:
    figures = BookingFigures()
    assert figures.minimum_lead == timedelta(hours=3)  # B3
    assert figures.grid_minutes == 30  # B4
    assert figures.hold == timedelta(minutes=5)
    assert figures.deposit_wait == timedelta(hours=24)  # B5
    assert figures.reminder_leads == (timedelta(hours=24), timedelta(hours=4))  # B8
    assert figures.no_show_wait == timedelta(minutes=30)  # B10
    assert StaffFigures().invitation_life == timedelta(hours=24)  # R3


@pytest.mark.parametrize(
    ("parts", "deposit"),
    [("999.99", "0"), ("1000", "500.00"), ("1000.01", "500.01"), ("2400", "1200.00")],
)
def test_b5_the_deposit_is_never_below_half_of_the_parts(parts: str, deposit: str) -> None:
    assert BookingFigures().deposit_for(Decimal(parts)) == Decimal(deposit)


def test_working_minutes_leave_breaks_out() -> None:
    lunch, tea = Pause(starts=time(12), ends=time(13)), Pause(starts=time(15), ends=time(15, 30))
    assert DayHours(opens=time(8, 30), closes=time(17, 30), breaks=(lunch, tea)).working_minutes == 450


def test_what_the_store_does_not_have_is_a_key_error() -> None:
    store = example_store()
    assert store.service("short") is SHORT
    assert store.bay("P1").kind == "booth"
    assert store.tier("vip").announced  # B13
    for look in (store.service, store.bay, store.tier):
        with pytest.raises(KeyError):
            look("gone")
