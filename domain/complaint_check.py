"""Is nobody forgotten? One complaint held against its timers, owners, letters and lists (C4–C6, R4, self-check).

Everything is derived from the history; whatever differs from it is a `Finding`. What it is called and what cures it
is the business of who tells it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from domain.calendar import NeverOpen
from domain.complaint_chain import Leg, alarms_of, legs, share_of
from domain.complaint_ladder import may_own
from domain.complaints import ALARMS, Complaint, ComplaintFigures, ComplaintState, Entry, Happening, Step
from domain.people import Colleague, Role, who_acts_for

if TYPE_CHECKING:
    from domain.calendar import StoreCalendar

PAUSE_REMINDER = "pause_reminder"
PATIENCE = timedelta(minutes=5)  # until an alarm that has not rung is a fault
A_DAY = timedelta(days=1)


class Fault(StrEnum):
    """What can be wrong."""

    STATE = "state"  # the case is called open, its history says closed, or the other way round
    NO_LEG = "no_leg"  # open, but there is no step that anybody works on
    LEG_LEFT = "leg_left"  # closed, but a step is still open
    NO_CARD = "no_card"  # an open step has no card
    TWO_CARDS = "two_cards"
    TIMER_MISSING = "timer_missing"
    TIMER_MOVED = "timer_moved"  # it will ring at another moment than the history demands
    TIMER_LEFT = "timer_left"  # nothing demands it
    TIMER_STRAY = "timer_stray"  # its complaint is not in the books
    OWNER_UNFIT = "owner_unfit"  # holds no role (any more) that may own the step
    OWNER_AWAY = "owner_away"  # absent, and nobody stands in
    DESK_EMPTY = "desk_empty"  # unaccepted, and nobody is there who could accept it
    NOT_RUNG = "not_rung"  # an alarm's moment has passed
    NOT_TOLD = "not_told"  # an alarm rang, and nobody was written to
    NEVER_OPEN = "never_open"  # working time cannot be counted, because the store never opens
    LIST_WRONG = "list_wrong"  # what lists show of a step is not what its history says


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with `number` (at `leg`). `at` is the moment it is about, `found` what was there."""

    number: str
    fault: Fault
    leg: str = ""
    name: str = ""  # of the timer or alarm
    at: datetime | None = None
    found: datetime | None = None
    who: str = ""


class Present(Colleague, Protocol):
    """A colleague with all the roles they may act in now, lent ones too (R4)."""

    @property
    def roles(self) -> frozenset[Role]: ...


@dataclass(frozen=True, slots=True)
class Clock:
    """A timer as it is set; `put_off`: it failed at its moment and is tried again at this one."""

    name: str
    at: datetime
    put_off: bool = False


@dataclass(frozen=True, slots=True)
class CardKept:
    """A card as it is in the books, also one that is `over`; `leg` is what it is about.

    `told` are the moments of alarm letters that arrived or still may; `told_instead` those of letters to colleagues in
    place of somebody who could not be reached.
    """

    leg: str
    over: bool = False
    clocks: tuple[Clock, ...] = ()
    told: tuple[datetime, ...] = ()
    told_instead: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class LegKept:
    """A leg as lists see it."""

    leg: str
    owner: int
    open: bool
    due: datetime | None


@dataclass(frozen=True, slots=True)
class CaseKept:
    """A complaint with everything in the books that should follow from its history."""

    complaint: Complaint
    cards: Sequence[CardKept] = ()
    legs: Sequence[LegKept] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """What cases are held against at the moment `now`. Letters are asked for alarms since `since` (None: ever)."""

    now: datetime
    calendar: StoreCalendar
    figures: ComplaintFigures
    colleagues: Sequence[Present] = ()
    since: datetime | None = None
    _acts: dict[int, int] = field(default_factory=dict)

    def findings(self, case: CaseKept) -> tuple[Finding, ...]:
        """Everything that is wrong with `case`, in the order of its legs."""
        try:
            return tuple(self._findings(case))
        except NeverOpen:
            return (Finding(case.complaint.number, Fault.NEVER_OPEN),)

    def _findings(self, case: CaseKept) -> Iterator[Finding]:
        complaint = case.complaint
        number, all_legs = complaint.number, legs(complaint.history)
        yield from _state(complaint, all_legs)
        for leg in all_legs:
            yield from self._card(number, leg, case.cards)
            yield from self._people(number, leg)
            yield from self._silent(number, leg)
        yield from _left(number, all_legs, case.cards)
        yield from self._untold(number, complaint.of(*ALARMS), case.cards)
        yield from self._lists(number, all_legs, case.legs)

    # ------------------------------------------------------------ cards and timers

    def _card(self, number: str, leg: Leg, cards: Collection[CardKept]) -> Iterator[Finding]:
        if not leg.is_open:
            return
        held = [card for card in cards if card.leg == leg.name and not card.over]
        if not held:
            yield Finding(number, Fault.NO_CARD, leg.name)
            return
        if len(held) > 1:
            yield Finding(number, Fault.TWO_CARDS, leg.name)
        yield from self._timers(number, leg, {clock.name: clock for clock in held[0].clocks})

    def _timers(self, number: str, leg: Leg, clocks: Mapping[str, Clock]) -> Iterator[Finding]:
        due = {alarm.value: at for alarm, at in alarms_of(leg, self.figures, self.calendar).items()}
        for name, at in due.items():
            clock = clocks.get(name)
            if clock is None:
                yield Finding(number, Fault.TIMER_MISSING, leg.name, name, at)
            elif clock.at != at and not clock.put_off:
                yield Finding(number, Fault.TIMER_MOVED, leg.name, name, at, clock.at)
        if leg.pause and PAUSE_REMINDER not in clocks:
            yield Finding(number, Fault.TIMER_MISSING, leg.name, PAUSE_REMINDER)
        wanted = {*due, PAUSE_REMINDER} if leg.pause else set(due)
        for name in sorted(set(clocks) - wanted):
            yield Finding(number, Fault.TIMER_LEFT, leg.name, name, clocks[name].at)

    # ------------------------------------------------------------ people

    def _people(self, number: str, leg: Leg) -> Iterator[Finding]:
        if not leg.is_open:
            return
        able = [each for each in self.colleagues if may_own(each.roles, leg.step, leg.queue)]
        if not leg.owner:
            if not any(each.absent_until is None for each in able):
                yield Finding(number, Fault.DESK_EMPTY, leg.name)
        elif leg.owner not in [each.person_id for each in able]:
            yield Finding(number, Fault.OWNER_UNFIT, leg.name, who=leg.owner_name)
        elif not self._acting_for(leg.owner):
            yield Finding(number, Fault.OWNER_AWAY, leg.name, who=leg.owner_name)

    def _acting_for(self, person: int) -> int:
        if person not in self._acts:
            self._acts[person] = who_acts_for(person, self.colleagues)
        return self._acts[person]

    # ------------------------------------------------------------ plan equals sent

    def _silent(self, number: str, leg: Leg) -> Iterator[Finding]:
        """Alarms whose moment has passed and that never rang; of a step that is over, if that was within a day.

        What is over longer cannot be mended, and another figure in the store file would make it look wrong for ever.
        """
        until = leg.ended_at or self.now
        if until < self.now - A_DAY:
            return
        for alarm in ALARMS:
            due = leg.due(self.calendar, share_of(alarm, self.figures)) if alarm not in leg.alarms else None
            if due is not None and due + PATIENCE < until:
                yield Finding(number, Fault.NOT_RUNG, leg.name, alarm.value, due)

    def _untold(self, number: str, rung: Sequence[Entry], cards: Collection[CardKept]) -> Iterator[Finding]:
        """Alarms that rang without a letter; several of one card at the same moment need several letters."""
        written = {_home(card.leg): Counter(card.told) for card in cards}
        instead = {_home(card.leg): max(card.told_instead, default=None) for card in cards}
        for entry in rung:
            if self.since is not None and entry.at < self.since:
                continue
            home = _home(entry.leg)
            stand_in = instead.get(home)
            if written.get(home, Counter())[entry.at] > 0:
                written[home][entry.at] -= 1
            elif stand_in is None or stand_in < entry.at:
                yield Finding(number, Fault.NOT_TOLD, entry.leg, entry.happening.value, entry.at)

    # ------------------------------------------------------------ lists

    def _lists(self, number: str, all_legs: Sequence[Leg], kept: Collection[LegKept]) -> Iterator[Finding]:
        shown = {each.leg: each for each in kept}
        for leg in all_legs:
            due = leg.due(self.calendar) if leg.is_open else None
            seen = shown.pop(leg.name, None)
            if seen is None or (seen.owner, seen.open) != (leg.owner, leg.is_open):
                yield Finding(number, Fault.LIST_WRONG, leg.name)
            elif leg.is_open and seen.due != due:
                yield Finding(number, Fault.LIST_WRONG, leg.name, at=due, found=seen.due)
        for name in sorted(shown):
            yield Finding(number, Fault.LIST_WRONG, name)


def _state(complaint: Complaint, all_legs: Sequence[Leg]) -> Iterator[Finding]:
    verdicts = complaint.of(Happening.CLOSED, Happening.REOPENED)
    closed = bool(verdicts) and verdicts[-1].happening is Happening.CLOSED
    if closed is not (complaint.state is ComplaintState.CLOSED):
        yield Finding(complaint.number, Fault.STATE)
    open_now = [leg for leg in all_legs if leg.is_open]
    if not closed and not open_now:
        yield Finding(complaint.number, Fault.NO_LEG)
    if closed:
        yield from (Finding(complaint.number, Fault.LEG_LEFT, leg.name) for leg in open_now)


def _left(number: str, all_legs: Collection[Leg], cards: Collection[CardKept]) -> Iterator[Finding]:
    """Timers of cards that are over, or whose step is."""
    open_now = {leg.name for leg in all_legs if leg.is_open}
    for card in cards:
        if card.over or card.leg not in open_now:
            for clock in sorted(card.clocks, key=lambda each: each.at):
                yield Finding(number, Fault.TIMER_LEFT, card.leg, clock.name, clock.at)


def _home(leg: str) -> str:
    """The leg that the card of `leg` is about in the end: accepted, the form's card becomes that of the handling."""
    step, _, rest = leg.partition(".")
    if step != Step.INTAKE:
        return leg
    queue, _, round_ = rest.partition(".")
    return f"{Step.HANDLING.value}.{queue}.{round_}"
