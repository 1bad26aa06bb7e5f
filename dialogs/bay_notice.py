"""The workshop's card about one appointment: told at once, answered with 收到, repeated until it is (B6, B9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dialogs.authority import at_own_desk_or_after_sales
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Record,
    Refused,
    Say,
    Toast,
    Told,
    Turn,
    Unwake,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.effects import Acknowledge
from dialogs.facts import SCHEDULE, SUBJECT

if TYPE_CHECKING:
    from dialogs.facts import Facts

GOT_IT = ((Button("got_it"),),)


@dataclass(frozen=True, slots=True)
class BayJob:
    """What the workshop has to keep a bay for; `repeats` is how often it was asked again, `seen_by` who answered."""

    service: str
    plate: str
    start: datetime
    minutes: int
    description: str = ""
    walk_in: bool = False
    repeats: int = 0
    seen_by: str = ""
    seen_at: datetime | None = None


def announce(job: BayJob, event: Event, facts: Facts) -> Turn:
    """Show the job and wait for 收到; every change of the appointment is a new line in the topic."""
    match event:
        case Refused():
            return stay(Toast("bay_notice/seen_already"))
        case Entered() if job.seen_by:
            return ask(job, Say("bay_notice/seen", _words(job, facts), kind=Kind.STAFF))
        case Entered():
            return ask(job, _card("bay_notice/job", job, facts), _asked_again(job, facts))
        case Pressed("got_it"):
            seen = replace(job, seen_by=facts.who.first_name, seen_at=facts.now)
            return ask(
                seen,
                Acknowledge(facts.subject),
                Record("bay.acknowledged", facts.subject),
                Unwake("repeat"),
                Say("bay_notice/seen", _words(seen, facts), kind=Kind.STAFF),
            )
        case Woke("repeat") if not job.seen_by:
            again = replace(job, repeats=job.repeats + 1)
            return ask(again, _card("bay_notice/repeated", again, facts), _asked_again(again, facts))
        case Told("moved", {"start": start, "name": service, "minutes": minutes}):
            moved = replace(
                job, start=start, service=service, minutes=minutes, repeats=0, seen_by="", seen_at=None
            )
            old_card = _line("bay_notice/moved_away", _words(job, facts), in_place=True)
            new_card = Say(
                "bay_notice/moved",
                _words(moved, facts) | {"before": job.start},
                GOT_IT,
                kind=Kind.STAFF,
                fresh=True,
            )
            return ask(moved, old_card, new_card, _asked_again(moved, facts))
        case Told("cancelled" | "released" | "no_show" | "arrived" as news):
            words = _words(job, facts) | {"news": news}
            return done(
                _line("bay_notice/settled", words, in_place=True), _line("bay_notice/free_again", words)
            )
        case _:
            return stay()


def _card(script: str, job: BayJob, facts: Facts) -> Say:
    return Say(script, _words(job, facts), GOT_IT, kind=Kind.STAFF, fresh=True)


def _line(script: str, words: dict[str, Any], *, in_place: bool = False) -> Say:
    return Say(script, words, kind=Kind.STAFF, fresh=not in_place, in_place=in_place)


def _words(job: BayJob, facts: Facts) -> dict[str, Any]:
    bay = facts.appointment.bay if facts.appointment else ""
    return {
        "number": facts.subject,
        "job": job,
        "bay": next((each.name for each in facts.store.bays if each.id == bay), bay),
        "now": facts.now,
        "most_repeats": facts.store.booking.acknowledge_repeats,
    }


def _asked_again(job: BayJob, facts: Facts) -> Wake:
    """After so many working minutes, a few times; then on the list at every opening (B6).

    What came in while the shop was closed is asked for at opening.
    """
    figures = facts.store.booking
    opening = facts.schedule.end_of(facts.now, 0)
    if job.repeats >= figures.acknowledge_repeats:
        at = facts.calendar.next_opening(facts.now)
    elif opening > facts.now:
        at = opening
    else:
        at = facts.schedule.end_of(facts.now, figures.acknowledge_minutes)
    return Wake("repeat", at, {"number": facts.subject})


BAY_NOTICE = Dialog(
    "bay_notice",
    BayJob,
    steps=(announce,),
    needs=frozenset({SUBJECT, SCHEDULE}),
    authority={"got_it": at_own_desk_or_after_sales},
    patient=True,
)
