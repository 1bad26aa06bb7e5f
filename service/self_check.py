"""The self-check: every complaint against its timers, owners, letters and lists, outside of any event's transaction.

It reads portion by portion in glances and writes nothing, so nobody waits for it. The conversation `self_check`
waits meanwhile; the result is entered there as an event like any other.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from dialogs.core import Home, Told
from domain.complaint_check import (
    A_DAY,
    PAUSE_REMINDER,
    CardKept,
    CaseKept,
    Clock,
    Fault,
    Finding,
    Inspection,
    LegKept,
)
from domain.complaints import ComplaintState, Step
from domain.people import Queue
from scripts_zh.phrases import phrase
from scripts_zh.wording import written_day
from service import consequences
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import NOBODY, who_is
from service.play import Play
from storage import complaint_queries, complaints, conversations, people, states
from storage.outbox import TOLD_PRIVATELY, UNDER_WAY, LetterState

if TYPE_CHECKING:
    from service.house import House
    from service.intake import Intake
    from storage.engine import Unit

log = structlog.get_logger(__name__)

DIALOG, LOOKING = "self_check", "look_through"
GROUP = "self_check"
AT_ONCE = (
    100  # cases that are read together: some 40 ms of work, in which no message of this process is answered
)
MOST_LINES = 20  # what one message holds; the command line shows all
AFTER_A_FAILURE = timedelta(minutes=5)
_GOOD = frozenset({LetterState.SENT.value, *UNDER_WAY})


@dataclass(frozen=True, slots=True)
class Result:
    """How many complaints are open, and everything that is wrong."""

    open: int
    findings: tuple[Finding, ...] = ()


# ---------------------------------------------------------------- looking


async def examine(house: House, within: timedelta | None = None) -> Result:
    """Look through every complaint. Letters are asked for alarms that rang `within` (None: ever)."""
    findings: list[Finding] = []
    count, after = 0, ""
    while True:
        async with house.books.glance() as unit:
            await complaint_queries.stand_still(unit)
            now = house.clock.now()
            numbers = await complaint_queries.numbers(unit, after, AT_ONCE)
            if not numbers:
                findings += await _stray(unit)
                return Result(count, tuple(findings))
            since = now - within if within is not None else None
            cases = await _cases(house, unit, numbers, since)
            colleagues = [who_is(person) for person in await people.staff(unit, now)]
        inspection = Inspection(now, house.calendar, house.store.complaints, colleagues, since)
        for case in cases:
            count += case.complaint.state is ComplaintState.OPEN
            findings += inspection.findings(case)
        after = numbers[-1]
        await asyncio.sleep(0)  # noqa: TID251 - whoever waits meanwhile goes first


async def _cases(
    house: House, unit: Unit, numbers: Collection[str], since: datetime | None
) -> list[CaseKept]:
    """The complaints `numbers` with everything that should follow from their histories."""
    legs: dict[str, list[LegKept]] = defaultdict(list)
    for row in await complaint_queries.legs_kept(unit, numbers):
        legs[row.number].append(LegKept(row.leg, row.owner_id or 0, row.open, row.due_at))
    clocks: dict[int, list[Clock]] = defaultdict(list)
    for row in await complaint_queries.timers_of_cards(unit, numbers):
        clocks[row.conversation_id].append(Clock(row.name, row.due_at, row.attempts > 0))
    told: dict[tuple[int, bool], list[datetime]] = defaultdict(list)
    for row in await complaint_queries.alarm_letters(unit, numbers, since):
        if row.state in _GOOD or row.reason == TOLD_PRIVATELY:
            told[row.conversation_id, row.script == complaint_queries.ALARM].append(row.created_at)
    cards: dict[str, list[CardKept]] = defaultdict(list)
    for row in await complaint_queries.cards(unit, numbers):
        over = row.status == conversations.OVER
        written, instead = tuple(told[row.id, True]), tuple(told[row.id, False])
        kept = CardKept(_leg_of(house, row), over, tuple(clocks[row.id]), written, instead)
        cards[row.subject].append(kept)
    found = await complaints.load_many(unit, numbers)
    return [CaseKept(each, cards[each.number], legs[each.number]) for each in found]


def _leg_of(house: House, row: Any) -> str:
    """What the card is about; "" for what no present release can read: then its step has no card."""
    try:
        return str(states.read(house.dialogs[complaint_queries.DESK], row.state, row.version).leg)
    except states.UnreadableState:
        return ""


async def _stray(unit: Unit) -> list[Finding]:
    rows = await complaint_queries.stray_timers(unit)
    return [Finding(row.subject, Fault.TIMER_STRAY, "", row.name, row.due_at) for row in rows]


# ---------------------------------------------------------------- telling


def lines(result: Result, house: House, *, nightly: bool = False, most: int | None = None) -> list[str]:
    """One green line, or the red ones, each with its number and cure; behind `most` of them only how many more."""
    title = phrase(GROUP, "nightly" if nightly else "asked")
    if not result.findings:
        return [phrase(GROUP, "green" if result.open else "green_none", title=title, open=result.open)]
    told = [phrase(GROUP, "red", title=title, open=result.open, count=len(result.findings))]
    told += [_line(finding, house) for finding in result.findings[:most]]
    if most is not None and len(result.findings) > most:
        told.append(phrase(GROUP, "more", count=len(result.findings) - most))
    return told


def _line(finding: Finding, house: House) -> str:
    return phrase(
        GROUP,
        finding.fault.value,
        number=finding.number,
        leg=_leg_name(finding.leg),
        name=_clock_name(finding.name),
        at=_at(finding.at, house),
        found=_at(finding.found, house),
        who=finding.who,
    )


def _leg_name(leg: str) -> str:
    if not leg:
        return ""
    step, queue, _ = leg.split(".")
    name = phrase("complaint_step", step)
    return (
        phrase(GROUP, "department", step=name, queue=phrase("queue", queue))
        if step == Step.DEPARTMENT
        else name
    )


def _clock_name(name: str) -> str:
    if not name:
        return ""
    return phrase(GROUP, name) if name == PAUSE_REMINDER else phrase("why_case", f"alarm_{name}")


def _at(moment: datetime | None, house: House) -> str:
    if moment is None:
        return phrase(GROUP, "no_moment")
    local = moment.astimezone(house.calendar.zone)
    return f"{written_day(local.date())} {local:%H:%M}"


# ---------------------------------------------------------------- night after night


async def open_watch(house: House) -> None:
    """The conversation that plans the nights is there, once in the house, and knows the store's time of today."""
    async with house.books.unit() as unit:
        await complaint_queries.alone_at_the_watch(unit)
        play = _play(house, unit)
        for conversation in await play.ledger.about(DIALOG, ""):
            await play.event(conversation, Told("opened"))
            break
        else:
            await play.begin(DIALOG, Home(queue=Queue.AFTER_SALES), occasion=NOBODY)
        await play.ledger.flush()


class NightWatch:
    """Looks through everything when the conversation wants it, beside all other work, and brings it the result."""

    def __init__(self, house: House, intake: Intake) -> None:
        self._house = house
        self._intake = intake
        self._wanted = asyncio.Event()
        self._not_before: datetime | None = None

    async def glance(self, unit: Unit) -> None:
        """The clockwork asks, now and then, whether a check is wanted."""
        rests = self._not_before is not None and self._house.clock.now() < self._not_before
        if not rests and await conversations.waiting_at(unit, DIALOG, LOOKING):
            self._wanted.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.look()
            except Exception as error:
                # The conversation still waits; nobody's message shall suffer from it.
                log.error("the self-check failed, trying again", exc_info=error)
                self._intake.couriers.lose_track()
                self._not_before = self._house.clock.now() + AFTER_A_FAILURE

    async def look(self) -> None:
        """Look through everything, and tell the managers. What another process has told meanwhile is told once."""
        house = self._house
        async with house.books.glance() as unit:
            waiting = await conversations.waiting_at(unit, DIALOG, LOOKING)
        if not waiting:
            return
        nightly = states.read(house.dialogs[DIALOG], waiting[0].state, waiting[0].version).nightly
        result = await examine(house, A_DAY if nightly else None)
        told = Told("examined", {"lines": lines(result, house, nightly=nightly, most=MOST_LINES)})
        async with house.books.unit() as unit:
            play = _play(house, unit)
            for conversation in await play.ledger.about(DIALOG, ""):
                await play.event(conversation, told)
            await consequences.calls_to_make(play)
            letters = await play.ledger.flush()
        self._intake.couriers.take(letters)


def _play(house: House, unit: Unit) -> Play:
    now = house.clock.now()
    return Play(house, Ledger(unit, now), Briefing(unit, house, now))
