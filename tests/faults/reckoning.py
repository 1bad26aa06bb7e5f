"""What must be true of all complaints afterwards, read from the books alone (C4–C6, "Must be shown" 3)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dialogs.catalogue import DIALOGS
from domain.complaint_chain import Leg, legs, share_of
from domain.complaint_ladder import level
from domain.complaints import ALARMS, ComplaintState, Happening
from domain.people import Queue
from storage import complaints, states
from storage.complaints import COMPLAINT_LEGS, COMPLAINTS
from storage.conversations import CONVERSATIONS, OVER
from storage.dead_letters import DEAD_LETTERS
from storage.outbox import OUTBOX
from storage.timers import TIMERS
from tests.faults.shift import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from domain.calendar import StoreCalendar
    from domain.complaints import Complaint, ComplaintFigures, Entry
    from storage.engine import Unit

Addressed = tuple[str, "datetime", str]
"""An alarm letter: the leg's home (step and queue lie in its card), when it was written, to whom."""

DESK = DIALOGS["complaint_desk"]


class Reckoning:
    """The books of a run whose last event is over, at the moment `now`."""

    def __init__(self, calendar: StoreCalendar, figures: ComplaintFigures, now: datetime) -> None:
        self._calendar = calendar
        self._figures = figures
        self._now = now
        self.cases: list[Complaint] = []
        self._desks: dict[str, list[Any]] = {}
        self._timers: list[Any] = []
        self._letters: list[Any] = []

    async def read(self, unit: Unit) -> None:
        """Everything there is."""
        numbers = [row.number for row in await unit.rows(select(COMPLAINTS.c.number))]
        self.cases = await complaints.load_many(unit, numbers)
        self._talks = {row.id: row for row in await unit.rows(select(CONVERSATIONS))}
        for row in self._talks.values():
            if row.dialog == DESK.name:
                self._desks.setdefault(row.subject, []).append(row)
        self._timers = await unit.rows(select(TIMERS))
        self._legs = await unit.rows(select(COMPLAINT_LEGS))
        self._letters = await unit.rows(select(OUTBOX).order_by(OUTBOX.c.id))
        self._dead = await unit.rows(select(DEAD_LETTERS))

    def holds(self) -> None:
        """All of it."""
        assert [row.error for row in self._dead] == []
        assert {row.state for row in self._letters} <= {"sent", "dropped"}
        assert {row.reason for row in self._letters if row.state == "dropped"} <= {"superseded"}
        for case in self.cases:
            self._owned_once(case)
            self._carded_once(case)
            self._rung_once(case)
            open_now = any(leg.is_open for leg in legs(case.history))
            assert open_now == (case.state is ComplaintState.OPEN), case.number
        self._lists_agree()
        self._timers_agree()
        self._told_once()

    def letters_sent(self) -> set[int]:
        """The numbers of the letters that the books call sent."""
        return {row.id for row in self._letters if row.state == "sent"}

    # ------------------------------------------------------------ one owner, one card

    def _owned_once(self, case: Complaint) -> None:
        """Nobody accepts what somebody owns; nothing happens to a leg that has not begun or is over."""
        owners: dict[str, int] = {}
        for entry in case.history:
            said = case.number, entry.leg, entry.happening, entry.at
            match entry.happening:
                case Happening.BEGUN:
                    assert entry.leg not in owners, said
                    owners[entry.leg] = 0
                case Happening.ACCEPTED:
                    assert owners[entry.leg] == 0, said
                    owners[entry.leg] = entry.person
                case Happening.HANDED_OVER:
                    assert entry.leg in owners, said
                    owners[entry.leg] = int(entry.details["to"])
                case Happening.RELEASED:
                    assert owners[entry.leg], said
                    owners[entry.leg] = 0
                case Happening.ENDED:
                    assert owners[entry.leg], said
                    owners[entry.leg] = -1

    def _carded_once(self, case: Complaint) -> None:
        open_now = sorted(leg.name for leg in legs(case.history) if leg.is_open)
        assert self._held(case.number) == open_now, case.number

    def _held(self, number: str) -> list[str]:
        living = [row for row in self._desks.get(number, ()) if row.status != OVER]
        return sorted(states.read(DESK, row.state, row.version).leg for row in living)

    # ------------------------------------------------------------ alarms

    def _rung_once(self, case: Complaint) -> None:
        """An alarm rings exactly if its moment, pauses left out, came before its leg was over (C6)."""
        rung = Counter((entry.leg, entry.happening) for entry in case.history if entry.happening in ALARMS)
        due = Counter(
            (leg.name, alarm)
            for leg in legs(case.history)
            for alarm in ALARMS
            if (at := leg.due(self._calendar, share_of(alarm, self._figures))) is not None
            and at <= (leg.ended_at or self._now)
        )
        assert rung == due, (case.number, rung - due, due - rung, case.history)

    def _told_once(self) -> None:
        """For each alarm one letter to everybody concerned, and none besides (C6)."""
        expected: Counter[tuple[str, Any, str]] = Counter()
        for case in self.cases:
            for entry, leg in _alarms(case):
                expected.update((case.number, entry.at, whom) for whom in concerned(entry, leg))
        subjects = {number: row.subject for number, row in self._talks.items()}
        written = Counter(
            (subjects[row.conversation_id], row.created_at, row.queue or str(row.person_id))
            for row in self._letters
            if row.script == "complaint_desk/alarm"
        )
        assert written == expected, (written - expected, expected - written)
        alarms = [row for row in self._letters if row.script == "complaint_desk/alarm"]
        assert {row.state for row in alarms} <= {"sent"}

    # ------------------------------------------------------------ lists and timers

    def _lists_agree(self) -> None:
        """What lists look up is what the histories say."""
        kept = {(row.number, row.leg): (row.queue, row.owner_id, row.open, row.due_at) for row in self._legs}
        said = {
            (case.number, leg.name): (
                leg.queue.value, leg.owner or None, leg.is_open, leg.due(self._calendar),
            )
            for case in self.cases
            for leg in legs(case.history)
        }  # fmt: skip
        assert kept == said

    def _timers_agree(self) -> None:
        """Every open leg has its coming alarms as timers; what is over has none (C6)."""
        planned: dict[tuple[str, str], dict[str, Any]] = {}
        for row in self._timers:
            talk = self._talks[row.conversation_id]
            assert talk.status != OVER, (talk.dialog, row.name)
            assert row.attempts == 0, (talk.dialog, row.name)
            if talk.dialog == DESK.name:
                leg = states.read(DESK, talk.state, talk.version).leg
                planned.setdefault((talk.subject, leg), {})[row.name] = row.due_at
        wanted = {
            (case.number, leg.name): self._coming(leg)
            for case in self.cases
            for leg in legs(case.history)
            if leg.is_open
        }
        for key, names in planned.items():
            reminder = names.pop("pause_reminder", None)
            assert (reminder is not None) == ("paused" in wanted[key]), key
        clocks = {
            key: {name: at for name, at in each.items() if name != "paused"} for key, each in wanted.items()
        }
        assert {key: each for key, each in planned.items() if each} == {k: v for k, v in clocks.items() if v}

    def _coming(self, leg: Leg) -> Mapping[str, Any]:
        moments = {alarm.value: leg.due(self._calendar, share_of(alarm, self._figures)) for alarm in ALARMS}
        coming = {name: at for name, at in moments.items() if at is not None and at > self._now}
        return coming | ({"paused": None} if leg.pause else {})


def _alarms(case: Complaint) -> Iterable[tuple[Entry, Leg]]:
    """Every alarm with its leg as it was at that moment."""
    for place, entry in enumerate(case.history):
        if entry.happening in ALARMS:
            yield entry, next(leg for leg in legs(case.history[:place]) if leg.name == entry.leg)


def concerned(entry: Entry, leg: Leg) -> set[str]:
    """Who has to read of the alarm, as written in C6: queues by name, people by number."""
    holders = {
        person for person, role in ROLES.items() if role in level(entry.happening, leg.step, leg.queue)
    }
    if entry.happening is Happening.WARNED:
        return {str(leg.owner)} if leg.owner else {leg.queue.value, *map(str, holders)}
    owner = {leg.owner} if leg.owner else set()
    return {Queue.ESCALATION.value, *map(str, holders | owner)}


# ---------------------------------------------------------------- deliveries


def repeated(diary: Path) -> dict[str, Counter[str]]:
    """Letters that were delivered again: process that had brought them before → chat → how many."""
    first: dict[str, str] = {}
    again: dict[str, Counter[str]] = {}
    for line in diary.read_text(encoding="utf-8").splitlines():
        name, letter, chat = line.split()
        if letter in first:
            again.setdefault(first[letter], Counter())[chat] += 1
        first[letter] = name
    return again


def delivered(diary: Path) -> set[int]:
    """The numbers of all letters that were brought."""
    return {int(line.split()[1]) for line in diary.read_text(encoding="utf-8").splitlines()}
