"""How to reach whoever complained, in the private chat of the colleague who has the case (A3, C8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Open,
    Pressed,
    Rows,
    Say,
    Tell,
    Toast,
    Turn,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.facts import COMPLAINT
from dialogs.writing import Writing
from domain.complaint_chain import Leg, leg_called
from domain.people import Role, is_staff

if TYPE_CHECKING:
    from dialogs.facts import Facts

SHOWN_FOR = timedelta(
    days=1
)  # then number and plate are taken away again; the desk's card shows them anew (A3)
HOW = {"reached": "phone", "not_reached": "not_reached"}
ABOVE = frozenset({Role.AFTER_SALES_MANAGER, Role.GENERAL_MANAGER})


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to reach, for leg `leg`; `person` 0: not in a chat. `how`: what was said last of a call."""

    leg: str = ""
    name: str = ""
    phone: str = ""
    plate: str = ""
    person: int = 0
    how: str = ""


def reach(contact: Contact, event: Event, facts: Facts) -> Turn:
    """Number and plate unmasked; what came of it is noted in the case, as often as they try."""
    match event:
        case Entered():
            away = Wake("put_away", facts.now + SHOWN_FOR, {"number": facts.subject})
            return ask(contact, _card(contact, facts), away)
        case Pressed("write" | "reached" | "not_reached") if not _is_open(contact, facts):
            return done(_put_away(facts, "over"))
        case Pressed("write") if contact.person:
            writing = Writing(contact.person, contact.name, contact.leg)
            return stay(Open("writing", writing, subject=facts.subject))
        case Pressed("reached" | "not_reached" as key):
            told = Tell("complaint_desk", facts.subject, "contacted", {"leg": contact.leg, "how": HOW[key]})
            called = replace(contact, how=key)
            return ask(called, _card(called, facts), told)
        case Woke("put_away"):
            return done(_put_away(facts, "late"))
        case _:
            return stay(Toast("complaint_contact/press_please"))


def _card(contact: Contact, facts: Facts) -> Say:
    called: Rows = ((Button("reached"), Button("not_reached")),)
    rows = ((Button("write"),), *called) if contact.person else called
    words = {
        "number": facts.subject,
        "name": contact.name,
        "phone": contact.phone,
        "plate": contact.plate,
        "news": contact.how,
        "now": facts.now,
    }
    return Say("complaint_contact/card", words, rows, kind=Kind.STAFF, in_place=bool(contact.how))


def _put_away(facts: Facts, reason: str) -> Say:
    words = {"number": facts.subject, "reason": reason}
    return Say("complaint_contact/put_away", words, kind=Kind.STAFF, in_place=True)


def _leg(contact: Contact, facts: Facts) -> Leg | None:
    return leg_called(contact.leg, facts.complaint.history) if facts.complaint else None


def _is_open(contact: Contact, facts: Facts) -> bool:
    leg = _leg(contact, facts)
    return leg is not None and leg.is_open


def has_the_case(contact: Contact, facts: Facts) -> bool:
    """Whoever owns that step (or did when it ended), and the after-sales and general managers (R2)."""
    leg, who = _leg(contact, facts), facts.who
    if leg is None or not is_staff(who.roles):
        return False
    return leg.owner == who.person_id or not ABOVE.isdisjoint(who.roles)


COMPLAINT_CONTACT = Dialog(
    "complaint_contact",
    Contact,
    steps=(reach,),
    needs=frozenset({COMPLAINT}),
    authority=dict.fromkeys(("write", "reached", "not_reached"), has_the_case),
    patient=True,
)
