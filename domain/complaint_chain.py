"""The chain of a complaint, read from its history: legs, owners, pauses and deadlines (C4, C6, C7).

A leg is one stretch of the chain at one desk: ``handling.front_desk.1``. Its time was written down when it began,
so that neither a restart nor another figure in the store file moves a promise that was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domain.complaints import ALARMS, ComplaintFigures, Entry, Happening, Step
from domain.people import Queue

if TYPE_CHECKING:
    from domain.calendar import StoreCalendar


@dataclass(frozen=True, slots=True)
class Pause:
    """A gap in a leg's clock: waiting for the customer, for `reason`. Without an end it lasts."""

    begins: datetime
    reason: str
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One stretch of the chain. `minutes` is its time, counted in working time if `business`."""

    name: str
    step: Step
    queue: Queue
    round: int
    begins: datetime
    minutes: int
    business: bool = False
    owner: int = 0
    owner_name: str = ""
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    pauses: tuple[Pause, ...] = ()
    alarms: frozenset[Happening] = frozenset()
    report: dict[str, Any] | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.ended_at is None

    @property
    def pause(self) -> Pause | None:
        """The pause that lasts, if any."""
        return next((pause for pause in self.pauses if pause.ends is None), None)

    def due(self, calendar: StoreCalendar, share: Decimal = Decimal(1)) -> datetime | None:
        """When `share` of its time is over, in store time; None while it is paused."""
        left = timedelta(minutes=int(self.minutes * share))
        begin = self.begins
        for pause in self.pauses:
            used = self._between(calendar, begin, pause.begins)
            if used >= left:
                break
            if pause.ends is None:
                return None
            left, begin = left - used, pause.ends
        return self._after(calendar, begin, left)

    def _between(self, calendar: StoreCalendar, begin: datetime, end: datetime) -> timedelta:
        return calendar.business_time(begin, end) if self.business else end - begin

    def _after(self, calendar: StoreCalendar, begin: datetime, left: timedelta) -> datetime:
        if self.business:
            return calendar.add_business_time(begin, left)
        return (begin + left).astimezone(calendar.zone)


def leg_name(step: Step, queue: Queue, round_: int) -> str:
    """How a leg is called in history and on cards; a reopened case begins another round."""
    return f"{step.value}.{queue.value}.{round_}"


def beginning(step: Step, figures: ComplaintFigures) -> dict[str, Any]:
    """What is written down of a leg's time when it begins."""
    return {"minutes": figures.hours_of(step) * 60, "business": step in figures.business_hours}


def legs(history: Iterable[Entry]) -> tuple[Leg, ...]:
    """The legs in the order they began."""
    found: dict[str, Leg] = {}
    for entry in history:
        if entry.happening is Happening.BEGUN:
            step, queue, round_ = entry.leg.split(".")
            found[entry.leg] = Leg(
                entry.leg,
                Step(step),
                Queue(queue),
                int(round_),
                entry.at,
                int(entry.details["minutes"]),
                bool(entry.details["business"]),
            )
        elif entry.leg in found:
            found[entry.leg] = _after_entry(found[entry.leg], entry)
    return tuple(found.values())


def _after_entry(leg: Leg, entry: Entry) -> Leg:
    match entry.happening:
        case Happening.ACCEPTED:
            return replace(leg, owner=entry.person, owner_name=entry.who, accepted_at=entry.at)
        case Happening.HANDED_OVER:
            to, name = int(entry.details["to"]), str(entry.details["to_name"])
            return replace(leg, owner=to, owner_name=name, accepted_at=entry.at)
        case Happening.RELEASED:
            return replace(leg, owner=0, owner_name="", accepted_at=None)
        case Happening.PAUSED:
            return replace(leg, pauses=(*leg.pauses, Pause(entry.at, str(entry.details["reason"]))))
        case Happening.RESUMED if leg.pause is not None:
            return replace(leg, pauses=(*leg.pauses[:-1], replace(leg.pauses[-1], ends=entry.at)))
        case Happening.REPORTED:
            return replace(leg, report=dict(entry.details))
        case Happening.ENDED:
            return replace(leg, ended_at=entry.at, ended_by=entry.who)
        case alarm if alarm in ALARMS:
            return replace(leg, alarms=leg.alarms | {alarm})
    return leg


def open_legs(history: Iterable[Entry]) -> tuple[Leg, ...]:
    """The legs that somebody still has to do something about."""
    return tuple(leg for leg in legs(history) if leg.is_open)


def leg_called(name: str, history: Iterable[Entry]) -> Leg | None:
    """The leg `name`."""
    return next((leg for leg in legs(history) if leg.name == name), None)


def round_of(history: Iterable[Entry]) -> int:
    """Which round the case is in: 1, and one more for every time it was reopened."""
    return 1 + sum(entry.happening is Happening.REOPENED for entry in history)


def alarms_of(leg: Leg, figures: ComplaintFigures, calendar: StoreCalendar) -> dict[Happening, datetime]:
    """When each alarm of `leg` is due that has not rung yet; nothing while it is paused or over (C6)."""
    if not leg.is_open or leg.pause is not None:
        return {}
    shares = {
        Happening.WARNED: figures.warn_share,
        Happening.BREACHED: Decimal(1),
        Happening.RAISED: figures.general_manager_share,
    }
    due = {alarm: leg.due(calendar, share) for alarm, share in shares.items() if alarm not in leg.alarms}
    return {alarm: at for alarm, at in due.items() if at is not None}


def next_answer(history: Iterable[Entry], calendar: StoreCalendar) -> datetime | None:
    """By when the customer hears from us at the latest; None when nothing is open or everything waits for them."""
    due = [at for leg in open_legs(history) if (at := leg.due(calendar)) is not None]
    return max(due, default=None)
