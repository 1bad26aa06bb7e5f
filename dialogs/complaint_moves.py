"""The moves of the chain: what each of them notes in the history, whose card begins, what the customer is told (C4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.core import Effect, Home, Kind, Open, Record, Say, Tell
from dialogs.effects import Note
from domain.complaint_chain import beginning, leg_name, legs, open_legs
from domain.complaint_ladder import QUEUE_OF, may_own
from domain.complaints import Complaint, ComplaintState, Entry, Happening, Severity, Step
from domain.people import Queue, Role, present_holders

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.complaint_chain import Leg


STATES = {Happening.CLOSED: ComplaintState.CLOSED, Happening.REOPENED: ComplaintState.OPEN}


@dataclass(frozen=True, slots=True)
class Held:
    """What a card of the chain remembers: its leg. All the rest is in the complaint's history.

    `face` is what the card asks just now ("" when nothing), `chosen` the departments picked so far.
    """

    leg: str = ""
    face: str = ""
    chosen: tuple[str, ...] = ()


def entry(happening: Happening, facts: Facts, leg: str = "", **details: Any) -> Entry:
    """What happened just now, by whoever acts."""
    return Entry(facts.now, happening, leg, facts.who.person_id, facts.who.first_name, details)


def noted(complaint: Complaint, *entries: Entry) -> Complaint:
    """The complaint as it is after `entries`."""
    state = complaint.state
    for each in entries:
        state = STATES.get(each.happening, state)
    return replace(complaint, state=state, history=(*complaint.history, *entries))


def begins(complaint: Complaint, step: Step, facts: Facts, queue: Queue | None = None) -> Entry:
    """A leg of `step` begins now; its time is written down with it."""
    at = queue or QUEUE_OF[step]
    before = sum((leg.step, leg.queue) == (step, at) for leg in legs(complaint.history))
    return entry(
        Happening.BEGUN, facts, leg_name(step, at, before + 1), **beginning(step, facts.store.complaints)
    )


def cards(complaint: Complaint, *begun: Entry) -> tuple[Open, ...]:
    """A card in its queue's topic for every leg that begins."""
    return tuple(
        Open(
            "complaint_desk",
            Held(each.leg),
            Home(queue=Queue(each.leg.split(".")[1])),
            subject=complaint.number,
        )
        for each in begun
    )


def handed_up(complaint: Complaint, leg: Leg, facts: Facts) -> tuple[Effect, ...]:
    """转售后经理: the supervisor's handling is done, the after-sales manager dispatches next."""
    ended = entry(Happening.ENDED, facts, leg.name)
    begun = begins(complaint, Step.DISPATCH, facts)
    return (
        Note(complaint.number, (ended, begun)),
        *cards(complaint, begun),
        customer_hears(complaint, "handed_up"),
    )


def dispatched(complaint: Complaint, leg: Leg, queues: tuple[Queue, ...], facts: Facts) -> tuple[Effect, ...]:
    """派单: every department concerned has its own leg and card; the summary waits for all of them."""
    begun = tuple(begins(complaint, Step.DEPARTMENT, facts, queue) for queue in queues)
    ended = entry(Happening.ENDED, facts, leg.name, to=[queue.value for queue in queues])
    return (
        Note(complaint.number, (ended, *begun)),
        *cards(complaint, *begun),
        customer_hears(complaint, "dispatched"),
    )


def returned(complaint: Complaint, leg: Leg, facts: Facts, **details: Any) -> tuple[Effect, ...]:
    """反馈结果: a department is done; the last one of them begins the summary, at whoever dispatched it."""
    ended = entry(Happening.ENDED, facts, leg.name, **details)
    after = noted(complaint, ended)
    if any(each.step is Step.DEPARTMENT for each in open_legs(after.history)):
        return Note(complaint.number, (ended,)), customer_hears(complaint, "returned")
    begun = begins(after, Step.SUMMARY, facts)
    entries = (ended, begun, *_dispatcher(after, begun, facts))
    return Note(complaint.number, entries), *cards(complaint, begun), customer_hears(complaint, "summing_up")


def _dispatcher(complaint: Complaint, begun: Entry, facts: Facts) -> tuple[Entry, ...]:
    """Whoever dispatched it sums it up, if they are still there."""
    before = [leg for leg in legs(complaint.history) if leg.step in (Step.DISPATCH, Step.SUMMARY)]
    owner = before[-1].owner if before else 0
    found = facts.colleague(owner)
    if found is None or found.absent_until or not may_own(found.roles, Step.SUMMARY, Queue.AFTER_SALES):
        return ()
    kept = {"to": found.person_id, "to_name": found.first_name}
    return (Entry(facts.now, Happening.HANDED_OVER, begun.leg, 0, "", kept),)


def closed(complaint: Complaint, leg: Leg, facts: Facts) -> tuple[Effect, ...]:
    """结案: the customer gets the answer and is asked whether satisfied (C10)."""
    answer = str((leg.report or {}).get("solution", ""))
    ended = entry(Happening.ENDED, facts, leg.name)
    entries = (ended, entry(Happening.CLOSED, facts, answer=answer))
    heard: tuple[Effect, ...] = (
        customer_hears(complaint, "closed"),
        Tell("complaint_words", complaint.number, "closed"),
    )
    if not complaint.by.person:  # a caller: whoever closes it calls and asks
        home = Home(person=facts.who.person_id)
        heard = (
            Open("complaint_verdict", None, home, complaint.number),
            Record("phone.opened", complaint.number),
        )
    return Note(complaint.number, entries), *heard


def reopened(complaint: Complaint, facts: Facts) -> tuple[Effect, ...]:
    """不满意: it goes back to the after-sales manager (C10)."""
    again = entry(Happening.REOPENED, facts)
    begun = begins(noted(complaint, again), Step.DISPATCH, facts)
    return Note(complaint.number, (again, begun)), *cards(complaint, begun)


def customer_hears(complaint: Complaint, news: str, who: str = "") -> Tell:
    """The customer's progress sheet shows what happened, `who` by name if it is about one colleague (C8)."""
    return Tell("complaint_sheet", complaint.number, news, {"who": who})


def is_major(complaint: Complaint) -> bool:
    """Whether it is 重大 and nobody has been told so yet."""
    return complaint.classification.severity is Severity.MAJOR and not complaint.of(Happening.MAJOR)


def managers_hear(script: str, words: dict[str, Any], facts: Facts, *roles: Role) -> tuple[Say, ...]:
    """A line in the escalation topic, and one to everybody who holds one of `roles` and is there."""
    return (
        Say(script, words, to=Home(queue=Queue.ESCALATION), kind=Kind.STAFF),
        *privately(script, words, present(facts, *roles)),
    )


def present(facts: Facts, *roles: Role) -> tuple[int, ...]:
    """Who holds one of `roles` and is there, or stands in for them."""
    return present_holders(facts.colleagues, roles)


def privately(script: str, words: dict[str, Any], people: tuple[int, ...]) -> tuple[Say, ...]:
    """The same line to each of `people` in their private chat."""
    return tuple(Say(script, words, to=Home(person=person), kind=Kind.STAFF) for person in people)
