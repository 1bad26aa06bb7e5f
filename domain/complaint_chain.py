"""The chain of a complaint, read from its history: legs, owners, pauses and deadlines (C4, C6, C7).

A leg is one stretch of the chain at one desk: ``handling.front_desk.1``. Its time was written down when it began,
so that neither a restart nor another figure in the store file moves a promise that was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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

    def allowance(self, share: Decimal = Decimal(1)) -> timedelta:
        """`share` of its time, exact to the microsecond."""
        return timedelta(microseconds=int(self.minutes * 60_000_000 * share))

    def due(self, calendar: StoreCalendar, share: Decimal = Decimal(1)) -> datetime | None:
        """When `share` of its time is over, in store time; None when a pause that lasts holds it up.

        A pause later than that moment, lasting or not, no longer moves it.
        """
        left = self.allowance(share)
        for begins, ends in self.running():
            due = self.after(calendar, begins, left)
            if ends is None or due <= ends:
                return due
            left -= self.between(calendar, begins, ends)
        return None

    def running(self) -> Iterator[tuple[datetime, datetime | None]]:
        """The stretches in which its clock runs: from the beginning, the pauses cut out; UTC, None for no end.

        Two processes' clocks may differ a little: no stretch and no pause is shorter than nothing.
        """
        begins = self.begins.astimezone(UTC)
        for pause in self.pauses:
            ends = max(begins, pause.begins.astimezone(UTC))
            yield begins, ends
            if pause.ends is None:
                return
            begins = max(ends, pause.ends.astimezone(UTC))
        yield begins, None

    def between(self, calendar: StoreCalendar, begins: datetime, ends: datetime) -> timedelta:
        """What its clock counts between two moments, pauses aside."""
        if self.business:
            return calendar.business_time(begins, ends)
        return ends.astimezone(UTC) - begins.astimezone(UTC)

    def after(self, calendar: StoreCalendar, begins: datetime, left: timedelta) -> datetime:
        """When its clock has counted `left` since `begins`, pauses aside, in store time."""
        if self.business:
            return calendar.add_business_time(begins, left)
        return (begins.astimezone(UTC) + left).astimezone(calendar.zone)


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
        known = found.get(entry.leg)
        if entry.happening is Happening.BEGUN and (known is None or not known.is_open):
            found[entry.leg] = _begun(entry)
        elif known is not None:
            found[entry.leg] = _after_entry(known, entry)
    return tuple(found.values())


def _begun(entry: Entry) -> Leg:
    step, queue, round_ = entry.leg.split(".")
    minutes, business = int(entry.details["minutes"]), bool(entry.details["business"])
    return Leg(entry.leg, Step(step), Queue(queue), int(round_), entry.at, minutes, business)


def _after_entry(leg: Leg, entry: Entry) -> Leg:
    if entry.happening in ALARMS:
        return replace(leg, alarms=leg.alarms | {entry.happening})
    if entry.happening is Happening.REPORTED:
        return replace(leg, report=dict(entry.details))
    # What is over stays as it was: a press that came too late moves neither owner nor deadline.
    return _moved_on(leg, entry) if leg.is_open else leg


def _moved_on(leg: Leg, entry: Entry) -> Leg:
    match entry.happening:
        case Happening.ACCEPTED:
            return replace(leg, owner=entry.person, owner_name=entry.who, accepted_at=entry.at)
        case Happening.HANDED_OVER:
            to, name = int(entry.details["to"]), str(entry.details["to_name"])
            return replace(leg, owner=to, owner_name=name, accepted_at=entry.at)
        case Happening.RELEASED:
            return replace(leg, owner=0, owner_name="", accepted_at=None)
        case Happening.PAUSED:
            # Another reason while it waits already: that pause ends where this one begins.
            pauses = _without_lasting(leg, entry.at)
            return replace(leg, pauses=(*pauses, Pause(entry.at, str(entry.details["reason"]))))
        case Happening.RESUMED:
            return replace(leg, pauses=_without_lasting(leg, entry.at))
        case Happening.ENDED:
            pauses = _without_lasting(leg, entry.at)
            return replace(leg, pauses=pauses, ended_at=entry.at, ended_by=entry.who)
    return leg


def _without_lasting(leg: Leg, ends: datetime) -> tuple[Pause, ...]:
    """The pauses with the one that lasts, if any, brought to its end."""
    return tuple(replace(pause, ends=ends) if pause.ends is None else pause for pause in leg.pauses)


def open_legs(history: Iterable[Entry]) -> tuple[Leg, ...]:
    """The legs that somebody still has to do something about."""
    return tuple(leg for leg in legs(history) if leg.is_open)


def leg_called(name: str, history: Iterable[Entry]) -> Leg | None:
    """The leg `name`."""
    return next((leg for leg in legs(history) if leg.name == name), None)


def share_of(alarm: Happening, figures: ComplaintFigures) -> Decimal:
    """After which part of a leg's time `alarm` rings (C6)."""
    match alarm:
        case Happening.WARNED:
            return figures.warn_share
        case Happening.RAISED:
            return figures.general_manager_share
    return Decimal(1)


def alarms_of(leg: Leg, figures: ComplaintFigures, calendar: StoreCalendar) -> dict[Happening, datetime]:
    """When each alarm of `leg` is due that has not rung yet; none once it is over, none that a pause holds up (C6).

    A moment may be past: the alarm rings late then, also when a pause has begun meanwhile.
    """
    if not leg.is_open:
        return {}
    due = {alarm: leg.due(calendar, share_of(alarm, figures)) for alarm in ALARMS if alarm not in leg.alarms}
    return {alarm: at for alarm, at in due.items() if at is not None}


def next_answer(history: Iterable[Entry], calendar: StoreCalendar) -> datetime | None:
    """By when the customer hears from us at the latest; None when nothing is open or everything waits for them."""
    due = [at for leg in open_legs(history) if (at := leg.due(calendar)) is not None]
    return max(due, default=None)
