"""The appointment form 预约单 and the states it goes through (B1–B10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class AppointmentState(StrEnum):
    """Where an appointment stands. Only `occupying` states keep a bay."""

    HELD = "held"  # kept for some minutes while the customer confirms
    AWAITING_DEPOSIT = "awaiting_deposit"  # B5
    BOOKED = "booked"
    CONFIRMED = "confirmed"  # the customer answered a reminder with 确认到店
    ARRIVED = "arrived"
    NO_SHOW = "no_show"  # B10
    CANCELLED = "cancelled"
    RELEASED = "released"  # hold ran out, or the deposit was not paid

    @property
    def occupies(self) -> bool:
        """Whether an appointment in this state keeps its bay."""
        return self in _OCCUPYING

    @property
    def standing(self) -> bool:
        """Whether the customer is still expected: may be moved, cancelled, reminded (B9)."""
        return self in _STANDING


_STANDING = frozenset(
    {AppointmentState.AWAITING_DEPOSIT, AppointmentState.BOOKED, AppointmentState.CONFIRMED}
)
_OCCUPYING = _STANDING | {AppointmentState.HELD, AppointmentState.ARRIVED}


class Source(StrEnum):
    """Who began the appointment (B1); a walk-in has no benefits (B3)."""

    CUSTOMER = "customer"
    SHOP = "shop"
    WALK_IN = "walk_in"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment form. Times are aware; money is Decimal yuan; `minutes` is planned working time.

    `benefits`: it was made long enough before to bring them (B3, B12).
    """

    number: str
    state: AppointmentState
    service: str
    plate: str
    starts_at: datetime
    minutes: int
    customer_id: int
    person_id: int | None = None
    bay: str = ""
    description: str = ""
    deposit: Decimal = Decimal(0)
    source: Source = Source.CUSTOMER
    acknowledged: bool = False
    benefits: bool = False


def appointment_number(made_on: datetime, conversation: int) -> str:
    """The number on the form: YY, the day (store time), and the conversation it was made in, which makes it unique."""
    return f"YY{made_on:%y%m%d}-{conversation:03d}"


def has_benefits(made_at: datetime, starts_at: datetime, lead: timedelta, source: Source) -> bool:
    """B3: an appointment counts as one only when made at least `lead` before arrival, and never as a walk-in."""
    return source is not Source.WALK_IN and starts_at - made_at >= lead
