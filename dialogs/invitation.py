"""A manager brings in a colleague: a role, a link that works once, and the list of those still unused (R3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialogs.authority import managers
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Record,
    Refused,
    Rows,
    Say,
    Toast,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.effects import Invite, Revoke
from dialogs.facts import COLLEAGUES, INVITATIONS, NEW_INVITATION
from dialogs.keyboard import in_rows
from domain.people import STAFF_ROLES, Role, may_be_invited

if TYPE_CHECKING:
    from dialogs.facts import Facts

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Inviting:
    """Nothing is remembered: the link is shown once and known to nobody afterwards."""


def choose_role(inviting: Inviting, event: Event, facts: Facts) -> Turn:
    """For which role; or which of the unused invitations is to be worthless."""
    match event:
        case Entered() | Pressed("another"):
            return ask(inviting, Say("invitation/role", {}, _roles(facts), kind=Kind.STAFF))
        case Pressed("role", name):
            return _invited(inviting, name, facts)
        case Pressed("unused"):
            return ask(inviting, _unused(facts))
        case Pressed("revoke", number) if number in [each.number for each in facts.invitations]:
            return ask(inviting, Revoke(number), Record("invitation.revoked", number), _unused(facts, number))
        case Pressed("revoke") | Refused():  # it has been used meanwhile, or never was
            return ask(inviting, _unused(facts))
        case Pressed("enough"):
            return done(Say("invitation/enough", kind=Kind.STAFF))
        case _:
            return stay(Toast("invitation/press_please"))


def _invited(inviting: Inviting, name: str, facts: Facts) -> Turn:
    allowed = {role.value: role for role in may_be_invited(facts.who.own_roles, facts.who.roles)}
    if name not in allowed:
        refused = Record("invitation.refused", details={"role": name[:40]})
        return ask(inviting, Say("invitation/not_allowed", {}, _roles(facts), kind=Kind.STAFF), refused)
    token, role = facts.token, allowed[name]
    words = {"role": role.value, "link": token.link, "secret": token.secret, "store": facts.store}
    return done(
        Invite(token.secret, role),
        Say("invitation/link", words, kind=Kind.STAFF),
        Record("staff.invited", token.number, {"role": role.value}),
    )


def _roles(facts: Facts) -> Rows:
    """A button for each role that this colleague may give."""
    top = () if Role.GENERAL_MANAGER in facts.who.own_roles else (Role.GENERAL_MANAGER,)
    offered = [role for role in Role if role in STAFF_ROLES and role not in top]
    buttons = [Button("role", role.value, words={"role": role.value}) for role in offered]
    rows = in_rows(buttons, 2)
    return (*rows, (Button("unused"), Button("enough")))


def _unused(facts: Facts, but: str = "") -> Say:
    """Who is still expected; with a button each."""
    left = [each for each in facts.invitations if each.number != but][:MOST_LISTED]
    names = {each.person_id: each.first_name for each in facts.colleagues}
    lines: list[dict[str, Any]] = [
        {"role": each.role.value, "ends": each.expires_at, "by": names.get(each.issued_by, "")}
        for each in left
    ]
    buttons = tuple(
        (Button("revoke", each.number, words={"number": place, "role": each.role.value}),)
        for place, each in enumerate(left, start=1)
    )
    words = {"invitations": lines, "now": facts.now}
    return Say("invitation/unused", words, (*buttons, (Button("another"), Button("enough"))), kind=Kind.STAFF)


INVITATION = Dialog(
    "invitation",
    Inviting,
    steps=(choose_role,),
    needs=frozenset({COLLEAGUES, INVITATIONS, NEW_INVITATION}),
    authority=dict.fromkeys(("role", "unused", "revoke", "another"), managers),
    patient=True,
)
