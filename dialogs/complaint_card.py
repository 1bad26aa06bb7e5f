"""What the card of a complaint shows, and which buttons fit its step (C4, C12). In groups everything is masked (A3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialogs.core import Button, Home, Kind, Media, Record, Rows, Say
from dialogs.keyboard import in_rows
from domain.complaint_chain import Leg, leg_called, legs
from domain.complaint_ladder import DEPARTMENTS, may_own
from domain.complaints import Complaint, Happening, Severity, Step

if TYPE_CHECKING:
    from dialogs.complaint_moves import Held
    from dialogs.core import Effect
    from dialogs.facts import Facts

MOST_COLLEAGUES = 8
PAUSE_REASONS = {"reply": "because_reply", "visit": "because_visit", "papers": "because_papers"}
"""What a leg may wait for, and the label that says so."""

ACTIONS: dict[Step, Rows] = {
    Step.HANDLING: ((Button("fill"), Button("hand_up")),),
    Step.DISPATCH: ((Button("dispatch"),),),
    Step.DEPARTMENT: ((Button("fill"), Button("result")), (Button("decline"),)),
    Step.SUMMARY: ((Button("fill"), Button("close")), (Button("dispatch", label="dispatch_again"),)),
}
"""What takes each step further."""


def card(held: Held, complaint: Complaint, facts: Facts, *, fresh: bool = False, to: int = 0) -> Say:
    """The card as it is now: at home in place of the old one, or a live copy for the colleague `to`."""
    leg = leg_called(held.leg, complaint.history)
    assert leg is not None
    words = words_of(complaint, leg, facts) | {"face": held.face}
    rows = _buttons(held, complaint, leg, facts)
    if to:
        return Say("complaint_desk/card", words, rows, to=Home(person=to), kind=Kind.STAFF, copy=True)
    return Say("complaint_desk/card", words, rows, kind=Kind.STAFF, fresh=fresh, in_place=not fresh)


def shown(held: Held, complaint: Complaint, facts: Facts) -> frozenset[tuple[str, str]]:
    """Key and value of every button of the card as it is now: nothing else may be pressed, whatever a press claims."""
    rows = card(held, complaint, facts).buttons
    return frozenset((button.key, button.value) for row in rows for button in row)


def last_face(complaint: Complaint, leg_name: str, facts: Facts) -> Say:
    """The card of a leg that is over: who ended it, when, with what result."""
    leg = leg_called(leg_name, complaint.history)
    assert leg is not None
    ended = next(each for each in complaint.of(Happening.ENDED) if each.leg == leg_name)
    words = words_of(complaint, leg, facts) | {"declined": bool(ended.details.get("declined"))}
    return Say("complaint_desk/done", words, kind=Kind.STAFF, in_place=True)


def words_of(complaint: Complaint, leg: Leg, facts: Facts) -> dict[str, Any]:
    """Everything a card may say about the case and this leg."""
    return {
        "complaint": complaint,
        "about": complaint.classification,
        "topic": facts.routing.topic(complaint.classification.topic).name,
        "leg": leg,
        "due": leg.due(facts.calendar),
        "said": "\n".join(complaint.words),
        "media": len(complaint.media),
        "earlier": facts.earlier,
        "results": tuple(
            each for each in legs(complaint.history) if each.step is Step.DEPARTMENT and not each.is_open
        ),
        "first": next((each for each in legs(complaint.history) if each.step is Step.HANDLING), None),
        "contacts": sum(
            each.details.get("how") != "not_reached" for each in complaint.of(Happening.CONTACTED)
        ),
        "now": facts.now,
    }


def _buttons(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Rows:
    if held.face:
        return (*ASKS[held.face](held, complaint, leg, facts), (Button("back"),))
    look = () if not (complaint.media or len(complaint.words) > 1) else (Button("look"),)
    if not leg.owner:
        return (Button("accept"),), (*look, *_about(complaint))
    clock = Button("go_on") if leg.pause else Button("pause")
    return (
        *ACTIONS.get(leg.step, ()),
        (Button("contact"), clock),
        (Button("hand_over"), *look, *_about(complaint)),
    )


def _about(complaint: Complaint) -> tuple[Button, ...]:
    label = "classified" if complaint.confirmed else "classify"
    return (Button("classify", label=label),)


# ---------------------------------------------------------------- what a card may ask


def _departments(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Rows:
    picks = [
        Button(
            "department",
            queue.value,
            "picked" if queue.value in held.chosen else "pick",
            {"queue": queue},
        )
        for queue in DEPARTMENTS
    ]
    return *in_rows(picks, 2), (Button("send"),)


def _colleagues(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Rows:
    able = [
        each
        for each in facts.colleagues
        if each.person_id != leg.owner and not each.absent_until and may_own(each.roles, leg.step, leg.queue)
    ]
    picks = [Button("to", str(each.person_id), "colleague", {"who": each.first_name}) for each in able]
    return *in_rows(picks[:MOST_COLLEAGUES], 2), (Button("release"),)


def _reasons(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Rows:
    return tuple((Button("because", reason, label),) for reason, label in PAUSE_REASONS.items())


def _topics(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Rows:
    topics = [Button("topic", topic.code, "topic", {"name": topic.name}) for topic in facts.routing.topics]
    now = complaint.classification.severity
    severities = tuple(
        Button("severity", each.value, "severity_now" if each is now else "severity", {"severity": each})
        for each in Severity
    )
    return (Button("right"),), *in_rows(topics, 2), severities


ASKS = {"dispatch": _departments, "hand_over": _colleagues, "pause": _reasons, "classify": _topics}
"""The faces of a card that ask something: which buttons answer."""


# ---------------------------------------------------------------- what was sent in


def materials(complaint: Complaint, facts: Facts) -> tuple[Effect, ...]:
    """Every word, photo, voice and video, unmasked, in the private chat of who asked; that is written down (A3)."""
    home = Home(person=facts.who.person_id)
    words = {"complaint": complaint, "number": complaint.number}
    said = Say("complaint_desk/materials", words, to=home, kind=Kind.STAFF)
    sent = tuple(
        Say(
            "complaint_desk/medium",
            {"number": complaint.number},
            to=home,
            kind=Kind.STAFF,
            media=Media(kind, file),
        )
        for kind, file in complaint.media
    )
    return said, *sent, Record("materials.opened", complaint.number)
