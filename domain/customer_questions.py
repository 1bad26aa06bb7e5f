"""Questions of customers 咨询 that the bot cannot answer: an advisor does, through the bot (Q2, F5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.calendar import StoreCalendar


@dataclass(frozen=True, slots=True)
class CustomerQuestion:
    """One question. `follow_up`: the follow-up in which it was asked ("": they asked by themselves).

    `owner` 0: nobody has taken it. `promised`: the customer was told that we look into it. It is open until
    `answered_at`.
    """

    number: str
    text: str
    asked_at: datetime
    person_id: int = 0
    customer_id: int = 0
    address: str = ""
    phone: str = ""
    follow_up: str = ""
    owner: int = 0
    owner_name: str = ""
    promised: bool = False
    answered_at: datetime | None = None
    answer: str = ""


PREFIX = "ZX"
"""How the number of a question begins."""


def question_number(asked_on: datetime, conversation: int) -> str:
    """ZX, the day (store time), and the conversation in which it was asked."""
    return f"{PREFIX}{asked_on:%y%m%d}-{conversation:03d}"


def reported_at(asked_at: datetime, now: datetime, days: int, calendar: StoreCalendar) -> datetime:
    """When the supervisors hear (next) that a question still waits: within `days`, then at every opening (F5).

    Where the house is closed when the time is over they hear it at the closing before; where it has been closed ever
    since, at the next opening.
    """
    due = asked_at + timedelta(days=days)
    if now >= due:
        return calendar.next_opening(now)
    spans = calendar.open_spans(due.astimezone(calendar.zone).date())
    if spans and spans[0].start <= due < spans[-1].end:
        return due
    closing = calendar.previous_closing(due)
    return closing if closing > now else calendar.next_opening(due)
