"""How the deadlines of a complaint came about, fact by fact, for whoever asks why (C4, C6, C7).

Facts, not sentences: what is told of them, and in which words, is the business of who tells it. Nothing here
depends on the present moment; an alarm of an open leg that has not rung yet is simply not told as rung.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from domain.complaint_chain import Leg, Pause, legs, share_of
from domain.complaints import ALARMS, Complaint, ComplaintFigures, Entry, Happening, Origin

if TYPE_CHECKING:
    from decimal import Decimal

    from domain.calendar import StoreCalendar

# What makes a leg begin; of several at the same moment the one named first.
CAUSES = (
    Happening.REOPENED,
    Happening.ENDED,
    Happening.MANAGER_ASKED,
    Happening.CAPTURED,
    Happening.CLASSIFIED,
)


@dataclass(frozen=True, slots=True)
class Captured:
    """The case begins."""

    number: str
    at: datetime
    origin: Origin


@dataclass(frozen=True, slots=True)
class Begun:
    """A leg begins with its time, in working time if `leg.business`; `cause` is the entry that led to it, if known."""

    leg: Leg
    at: datetime
    who: str
    allowance: timedelta
    cause: Entry | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A stretch in which the leg's clock ran; `total` is what it had counted by its end."""

    begins: datetime
    ends: datetime
    total: timedelta

    @property
    def length(self) -> timedelta:
        """What the stretch added."""
        return self.ends - self.begins


@dataclass(frozen=True, slots=True)
class Paused:
    """A gap in the clock. `spared` is what the clock would have counted in it, None while it lasts.

    `in_time` is False when the leg's time was over already: such a pause no longer moves the deadline.
    """

    pause: Pause
    spared: timedelta | None
    in_time: bool


@dataclass(frozen=True, slots=True)
class Due:
    """The moment an alarm is due: when `share` of the leg's time, `allowance`, has been counted."""

    alarm: Happening
    share: Decimal
    allowance: timedelta
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldUp:
    """An alarm that has no moment while a pause lasts: `left` is still to be counted after it."""

    alarm: Happening
    share: Decimal
    left: timedelta


@dataclass(frozen=True, slots=True)
class Rang:
    """An alarm rang, later than it was due by `late` (negative: earlier; None: it had no moment at all)."""

    alarm: Happening
    at: datetime
    late: timedelta | None


@dataclass(frozen=True, slots=True)
class Silent:
    """An alarm was due at `at`, before the leg was over, and never rang."""

    alarm: Happening
    at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """The leg is over, later than its deadline by `late` (negative: earlier)."""

    at: datetime
    who: str
    late: timedelta


Line = Captured | Begun | Counted | Paused | Due | HeldUp | Rang | Silent | Ended


def story(complaint: Complaint, calendar: StoreCalendar, figures: ComplaintFigures) -> tuple[Line, ...]:
    """How each deadline came about, leg by leg in the order they began, all moments in UTC.

    Of each leg: its beginning; in the order of time the stretches that were counted, the pauses, and the moments
    that follow from them; the alarms as they really rang; its end. Raises NeverOpen from the calendar.
    """
    lines: list[Line] = [Captured(complaint.number, complaint.opened_at, complaint.origin)]
    for leg in legs(complaint.history):
        lines.append(_begun(leg, complaint.history))
        lines += _clock(leg, calendar, figures)
        lines += _rung(leg, complaint.history, calendar, figures)
        if leg.ended_at and (late := _late(leg.ended_at, leg.due(calendar))) is not None:
            lines.append(Ended(leg.ended_at, leg.ended_by, late))
    return tuple(lines)


def _begun(leg: Leg, history: tuple[Entry, ...]) -> Begun:
    """Its beginning. What led to it was written down at the same moment, and before it."""
    place = next(
        index
        for index, entry in enumerate(history)
        if (entry.happening, entry.leg, entry.at) == (Happening.BEGUN, leg.name, leg.begins)
    )
    causes = [entry for entry in history[:place] if entry.happening in CAUSES and entry.at == leg.begins]
    cause = min(reversed(causes), key=lambda entry: CAUSES.index(entry.happening), default=None)
    return Begun(leg, leg.begins, history[place].who, leg.allowance(), cause)


def _clock(leg: Leg, calendar: StoreCalendar, figures: ComplaintFigures) -> Iterator[Line]:
    """What its clock counted up to the last alarm, cut at every alarm's moment, and the pauses between."""
    coming, held = _moments(leg, calendar, figures)
    last = coming[-1].at if coming and not held else None
    total = timedelta(0)
    for (begins, ends), pause in zip_longest(leg.running(), leg.pauses):
        until = min(moment for moment in (ends, last) if moment is not None)
        for start, end, due in _cut(_spans(leg, calendar, begins, until), coming):
            if start < end:
                total += end - start
                yield Counted(start, end, total)
            if due is not None:
                yield due
        if pause is not None:
            spared = leg.between(calendar, pause.begins, pause.ends) if pause.ends else None
            ahead = {each.alarm for each in coming} | {each.alarm for each in held}
            yield Paused(pause, spared, Happening.BREACHED in ahead)
    for each in held:
        yield replace(each, left=each.left - total)


def _moments(
    leg: Leg, calendar: StoreCalendar, figures: ComplaintFigures
) -> tuple[deque[Due], tuple[HeldUp, ...]]:
    """The alarms with a moment, in the order of time, and those that a lasting pause holds up."""
    due: list[Due] = []
    held: list[HeldUp] = []
    for alarm in ALARMS:
        share = share_of(alarm, figures)
        if (at := leg.due(calendar, share)) is None:
            held.append(HeldUp(alarm, share, leg.allowance(share)))
        else:
            due.append(Due(alarm, share, leg.allowance(share), at.astimezone(UTC)))
    return deque(sorted(due, key=lambda each: each.at)), tuple(held)


def _spans(
    leg: Leg, calendar: StoreCalendar, begins: datetime, ends: datetime
) -> Iterator[tuple[datetime, datetime]]:
    if not leg.business:
        yield begins, max(begins, ends)
        return
    for span in calendar.worked_spans(begins, ends):
        yield span.start.astimezone(UTC), span.end.astimezone(UTC)


def _cut(
    spans: Iterable[tuple[datetime, datetime]], coming: deque[Due]
) -> Iterator[tuple[datetime, datetime, Due | None]]:
    """The stretches, cut where an alarm of `coming` is due, which is then taken out of it."""
    for begins, ends in spans:
        start = begins
        while coming and coming[0].at <= ends:
            due = coming.popleft()
            yield start, due.at, due
            start = due.at
        yield start, ends, None


def _rung(
    leg: Leg, history: tuple[Entry, ...], calendar: StoreCalendar, figures: ComplaintFigures
) -> Iterator[Line]:
    for entry in history:
        if entry.leg == leg.name and entry.happening in ALARMS:
            due = leg.due(calendar, share_of(entry.happening, figures))
            yield Rang(entry.happening, entry.at, _late(entry.at, due))
    for alarm in ALARMS:
        due = leg.due(calendar, share_of(alarm, figures))
        if alarm not in leg.alarms and leg.ended_at is not None and due is not None and due <= leg.ended_at:
            yield Silent(alarm, due.astimezone(UTC))


def _late(moment: datetime, due: datetime | None) -> timedelta | None:
    return None if due is None else moment.astimezone(UTC) - due.astimezone(UTC)
