"""How a press or piece of news on a complaint's card ends: written into the history, shown on the card, told (C8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialogs.complaint_alarms import overdue, timers
from dialogs.complaint_card import card, last_face
from dialogs.complaint_moves import Held, customer_hears, noted, present
from dialogs.core import Effect, Record, Turn, ask, done
from dialogs.effects import Note
from domain.complaint_chain import Leg, leg_called
from domain.complaint_ladder import owners
from domain.complaints import Complaint, Entry

if TYPE_CHECKING:
    from dialogs.facts import Facts


def written(
    held: Held,
    complaint: Complaint,
    facts: Facts,
    *entries: Entry,
    news: str = "",
    also: tuple[Effect, ...] = (),
) -> Turn:
    """Write `entries`; the card shows them, its timers follow, and the customer's sheet too."""
    after = noted(complaint, *entries)
    leg = leg_called(held.leg, after.history)
    told = (customer_hears(complaint, news, leg.owner_name if leg else ""),) if news else ()
    record = Record(
        f"complaint.{entries[0].happening.value}",
        complaint.number,
        {"leg": entries[0].leg, **_ids(entries[0])},
    )
    return changed(held, after, facts, Note(complaint.number, entries), record, *told, *also)


def _ids(first: Entry) -> dict[str, Any]:
    """Of the details only what is no free text: the audit log keeps no words of people (R5)."""
    return {key: value for key, value in first.details.items() if key in ("to", "reason", "how")}


def changed(held: Held, complaint: Complaint, facts: Facts, *effects: Effect) -> Turn:
    """The card shows `complaint` as it is now, and its timers follow."""
    leg = leg_called(held.leg, complaint.history)
    assert leg is not None
    return ask(held, *effects, card(held, complaint, facts), *timers(leg, facts))


def over(complaint: Complaint, leg: Leg, facts: Facts, moves: tuple[Effect, ...]) -> Turn:
    """The leg is done: its card says by whom and when. What should have rung before still does (C6)."""
    missed, effects = overdue(complaint, leg, facts)
    ended = next(each for each in moves if isinstance(each, Note))
    record = Record("complaint.moved", complaint.number, {"leg": leg.name})
    after = noted(complaint, *missed, *ended.entries)
    return done(*effects, *moves, record, last_face(after, leg.name, facts))


def responsible(leg: Leg, facts: Facts) -> tuple[int, ...]:
    """Its owner; while it has none, everybody there who may own it."""
    return (leg.owner,) if leg.owner else present(facts, *owners(leg.step, leg.queue))
