"""When a step of a complaint takes too long: its owner is warned, then the next level knows, then the manager (C6).

What has rung is in the history, so each alarm rings exactly once; one that came due while the bot was down rings as
soon as it is back, and says that it is late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialogs.complaint_card import card, words_of
from dialogs.complaint_moves import customer_hears, entry, managers_hear, noted, present, privately
from dialogs.core import Effect, Kind, Record, Say, Turn, Unwake, Wake, ask, stay
from dialogs.effects import Note
from domain.complaint_chain import alarms_of
from domain.complaint_ladder import level
from domain.complaints import ALARMS, Complaint, Entry, Happening

if TYPE_CHECKING:
    from dialogs.complaint_moves import Held
    from dialogs.facts import Facts
    from domain.complaint_chain import Leg


def timers(leg: Leg, facts: Facts) -> tuple[Effect, ...]:
    """The alarms that `leg` still has before it, at their moments by its history; while it is paused a reminder."""
    due = alarms_of(leg, facts.store.complaints, facts.calendar)
    words = {"number": facts.subject, "step": leg.step}
    clocks = tuple(
        Wake(alarm.value, due[alarm], words) if alarm in due else Unwake(alarm.value) for alarm in ALARMS
    )
    if leg.pause is None:
        return *clocks, Unwake("pause_reminder")
    return *clocks, Wake("pause_reminder", facts.now + facts.store.complaints.pause_reminder, words)


def ring(held: Held, complaint: Complaint, leg: Leg, alarm: Happening, facts: Facts, *, late: bool) -> Turn:
    """`alarm` is due: note it, tell who has to know, show it on the card."""
    due = alarms_of(leg, facts.store.complaints, facts.calendar).get(alarm)
    if due is None:
        return stay()
    rung = entry(alarm, facts, leg.name, due=due.isoformat(), late=late)
    after = noted(complaint, rung)
    return ask(
        held,
        Note(complaint.number, (rung,)),
        _record(complaint, leg, alarm, late=late),
        *_heard(held, complaint, leg, alarm, facts, late=late),
        card(held, after, facts),
    )


def _record(complaint: Complaint, leg: Leg, alarm: Happening, *, late: bool) -> Record:
    return Record(f"complaint.{alarm.value}", complaint.number, {"leg": leg.name, "late": late})


def overdue(complaint: Complaint, leg: Leg, facts: Facts) -> tuple[tuple[Entry, ...], tuple[Effect, ...]]:
    """The alarms whose moment is over but that nobody heard yet, as when the step is done right after a standstill."""
    due = alarms_of(leg, facts.store.complaints, facts.calendar)
    missed = tuple(alarm for alarm in ALARMS if alarm in due and due[alarm] <= facts.now)
    entries = tuple(entry(alarm, facts, leg.name, due=due[alarm].isoformat(), late=True) for alarm in missed)
    if not entries:
        return (), ()
    heard = tuple(
        effect for alarm in missed for effect in _heard(None, complaint, leg, alarm, facts, late=True)
    )
    records = tuple(_record(complaint, leg, alarm, late=True) for alarm in missed)
    return entries, (Note(complaint.number, entries), *records, *heard)


def _heard(
    held: Held | None, complaint: Complaint, leg: Leg, alarm: Happening, facts: Facts, *, late: bool
) -> tuple[Effect, ...]:
    roles = level(alarm, leg.step, leg.queue)
    told = present(facts, *roles)
    words = words_of(complaint, leg, facts) | {"alarm": alarm, "late": late, "roles": roles}
    if alarm is Happening.WARNED:
        if leg.owner:
            return privately("complaint_desk/alarm", words, (leg.owner,))
        line = Say("complaint_desk/alarm", words, kind=Kind.STAFF, fresh=True)
        return line, *privately("complaint_desk/alarm", words, told)
    copies = tuple(card(held, complaint, facts, to=person) for person in told) if held else ()
    heard = managers_hear("complaint_desk/alarm", words, facts, *roles)
    sheet = (customer_hears(complaint, "breached"),) if alarm is Happening.BREACHED else ()
    owner = privately("complaint_desk/alarm", words, (leg.owner,)) if leg.owner not in (0, *told) else ()
    return *heard, *owner, *copies, *sheet
