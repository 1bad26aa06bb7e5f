"""Quiet hours: when customers are left in peace, and where reminders go instead (B8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.store import Store

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily quiet time in store time, usually over midnight; its end is outside it, equal times mean never.

    `margin` is how long before quiet begins a message leaves that was moved earlier.
    """

    starts: time
    ends: time
    zone: tzinfo
    margin: timedelta = timedelta(minutes=10)

    @classmethod
    def of(cls, store: "Store") -> "QuietHours":
        """The quiet hours of this store file."""
        figures = store.quiet
        return cls(figures.starts, figures.ends, store.zone, timedelta(minutes=figures.margin_minutes))

    def is_quiet(self, moment: datetime) -> bool:
        """Whether customers are left in peace at this moment."""
        return self._around(moment) is not None

    def moved_earlier(self, moment: datetime) -> datetime:
        """`moment` when it is not quiet, else shortly before that quiet time began: never later (B8)."""
        quiet = self._around(moment)
        if quiet is None:
            return moment.astimezone(self.zone)
        return (quiet[0].astimezone(UTC) - self.margin).astimezone(self.zone)

    def next_loud(self, moment: datetime) -> datetime:
        """`moment` when it is not quiet, else the end of that quiet time: for what may be later."""
        quiet = self._around(moment)
        return quiet[1] if quiet else moment.astimezone(self.zone)

    def _around(self, moment: datetime) -> tuple[datetime, datetime] | None:
        today = moment.astimezone(self.zone).date()
        for day in (today - _DAY, today):
            start, end = self._night(day)
            if start.astimezone(UTC) <= moment < end.astimezone(UTC):
                return start, end
        return None

    def _night(self, day: date) -> tuple[datetime, datetime]:
        """The quiet time that begins on this day."""
        last = day + _DAY if self.ends < self.starts else day
        return datetime.combine(day, self.starts, self.zone), datetime.combine(last, self.ends, self.zone)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One planned reminder: how long before arrival it was meant to be, and when it leaves, store time."""

    lead: timedelta
    due_at: datetime


def reminder_times(
    starts_at: datetime, booked_at: datetime, leads: Iterable[timedelta], quiet: QuietHours
) -> tuple[Reminder, ...]:
    """When to remind of an appointment, in order (B8).

    Each leaves its lead before arrival, or earlier when that would be quiet. One that would not be later than
    the booking itself is skipped; of two that fall together the one with the longer lead stays.
    """
    planned: dict[datetime, Reminder] = {}
    for lead in sorted(leads, reverse=True):
        due_at = quiet.moved_earlier(starts_at.astimezone(UTC) - lead)
        if due_at.astimezone(UTC) > booked_at:
            planned.setdefault(due_at, Reminder(lead, due_at))
    return tuple(planned[due_at] for due_at in sorted(planned))
