"""Who has a step of a complaint: by 接单, 转交, absence or leaving; and what that lets them press (C4, R2–R4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialogs.complaint_alarms import overdue
from dialogs.complaint_card import card, words_of
from dialogs.complaint_moves import Held, entry, noted
from dialogs.complaint_turns import written
from dialogs.core import Home, Kind, Say, Toast, Turn, stay
from domain.complaint_chain import Leg, beginning, leg_called, leg_name
from domain.complaint_ladder import may_own
from domain.complaints import Complaint, Happening, Step
from domain.people import Queue, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialogs.facts import Facts


def owned(held: Held, complaint: Complaint, leg: Leg, key: str, value: str, facts: Facts) -> Turn:
    """Who owns the step changes, or its clock stands still and goes on."""
    match key:
        case "accept":
            return _accepted(held, complaint, leg, facts)
        case "to":
            return _handed_over(held, complaint, leg, int(value), facts)
        case "release":
            released = entry(Happening.RELEASED, facts, leg.name)
            also = _waits_again(complaint, leg, facts)
            return written(replace(held, face=""), complaint, facts, released, news="waiting", also=also)
        case "because" if not leg.pause:
            paused = entry(Happening.PAUSED, facts, leg.name, reason=value)
            return written(replace(held, face=""), complaint, facts, paused, news="paused")
        case "go_on" if leg.pause:
            return written(held, complaint, facts, entry(Happening.RESUMED, facts, leg.name), news="resumed")
        case _:
            return stay(Toast("complaint_desk/press_please"))


def _accepted(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Turn:
    """接单: whoever presses first owns it. The form accepted, the supervisor's own handling begins (C4.1, C4.2)."""
    accepted = entry(Happening.ACCEPTED, facts, leg.name)
    if leg.step is not Step.INTAKE:
        return written(held, complaint, facts, accepted, news="accepted")
    following = leg_name(Step.HANDLING, Queue.FRONT_DESK, leg.round)
    missed, rung = overdue(complaint, leg, facts)
    entries = (
        accepted,
        entry(Happening.ENDED, facts, leg.name),
        entry(Happening.BEGUN, facts, following, **beginning(Step.HANDLING, facts.store.complaints)),
        entry(Happening.ACCEPTED, facts, following),
    )
    turn = written(Held(following), noted(complaint, *missed), facts, *entries, news="accepted")
    return replace(turn, effects=(*rung, *turn.effects))  # what should have rung before still does (C6)


def _handed_over(held: Held, complaint: Complaint, leg: Leg, person: int, facts: Facts) -> Turn:
    """转交: another colleague who may own the step has it from now on, and hears so."""
    to = facts.colleague(person)
    if to is None or not may_own(to.roles, leg.step, leg.queue):
        return stay(Toast("complaint_desk/cannot_own"))
    handed = entry(Happening.HANDED_OVER, facts, leg.name, to=to.person_id, to_name=to.first_name)
    words = {"number": complaint.number, "who": facts.who.first_name}
    told = Say("complaint_desk/handed_to_you", words, to=Home(person=to.person_id), kind=Kind.STAFF)
    return written(replace(held, face=""), complaint, facts, handed, news="accepted", also=(told,))


def moved(held: Held, complaint: Complaint, leg: Leg, words: Mapping[str, Any], facts: Facts) -> Turn:
    """The owner is away or gone: their substitute has it, or nobody until somebody accepts it (R3, R4)."""
    to = facts.colleague(int(words.get("to", 0)))
    if leg.owner != words["person"]:
        return stay()
    held = replace(held, face="", chosen=())  # what the card asked its former owner is asked no more
    if to is None or not may_own(to.roles, leg.step, leg.queue):
        released = entry(Happening.RELEASED, facts, leg.name)
        also = _waits_again(complaint, leg, facts)
        return written(held, complaint, facts, released, news="waiting", also=also)
    handed = entry(Happening.HANDED_OVER, facts, leg.name, to=to.person_id, to_name=to.first_name)
    moved = card(held, noted(complaint, handed), facts, to=to.person_id)
    return written(held, complaint, facts, handed, news="accepted", also=(moved,))


def _waits_again(complaint: Complaint, leg: Leg, facts: Facts) -> tuple[Say, ...]:
    """The changed card alone rings nobody: a line at the desk says that somebody has to accept it anew (R3)."""
    words = words_of(complaint, leg, facts)
    return (Say("complaint_desk/waits_again", words, kind=Kind.STAFF, fresh=True),)


def is_fit(leg: Leg, facts: Facts) -> bool:
    """Whether whoever has the step may own it by the roles they hold now."""
    who = facts.colleague(leg.owner)
    return who is not None and may_own(who.roles, leg.step, leg.queue)


# ---------------------------------------------------------------- who may


def _leg(held: Held, facts: Facts) -> Leg | None:
    return leg_called(held.leg, facts.complaint.history) if facts.complaint else None


def may_accept(held: Held, facts: Facts) -> bool:
    """Whoever's role owns the step at this desk."""
    leg = _leg(held, facts)
    return leg is not None and may_own(facts.who.roles, leg.step, leg.queue)


def there_to_accept(held: Held, facts: Facts) -> bool:
    """Those, unless they are away: an open step has an owner who is there (R4)."""
    return facts.who.absent_until is None and may_accept(held, facts)


def owner(held: Held, facts: Facts) -> bool:
    """Whoever accepted it (or got it handed over), as long as they may own it."""
    leg = _leg(held, facts)
    return leg is not None and leg.owner == facts.who.person_id and may_accept(held, facts)


def owner_or_level(held: Held, facts: Facts) -> bool:
    """The owner, the after-sales manager, the general manager."""
    above = {Role.AFTER_SALES_MANAGER, Role.GENERAL_MANAGER}
    return owner(held, facts) or not above.isdisjoint(facts.who.roles)


def whoever_may_act(held: Held, facts: Facts) -> bool:
    """Those, and while nobody has it whoever may accept it: a question left on the card must not hide 接单."""
    leg = _leg(held, facts)
    return owner_or_level(held, facts) or (leg is not None and not leg.owner and may_accept(held, facts))


def overtaken(held: Held, facts: Facts, key: str) -> Toast | None:
    """Of two who press 接单 together one owns it; the other reads who (C4)."""
    leg = _leg(held, facts)
    if key != "accept" or leg is None or not leg.owner:
        return None
    return Toast("complaint_desk/taken", {"who": leg.owner_name})
