"""What the list of calls and the entry of one share: who may, whose a call is, and how the list is shown anew (F4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs.authority import at_desk, either, holders
from dialogs.core import HERE, Home, Open, Tell
from dialogs.standing_list import list_anew
from domain.follow_ups import CallMade
from domain.people import Queue, Role

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.follow_ups import CallOutcome, FollowUp

may_call = either(at_desk(Queue.FRONT_DESK), at_desk(Queue.CUSTOMER_CARE), holders(Role.AFTER_SALES_MANAGER))
"""Who follows up (R2): the front desk with its advisors, customer care, and the after-sales manager."""


def list_for(facts: Facts) -> tuple[Tell, Open]:
    """The list of calls in the private chat of the colleague who acts: the old one goes, a new one comes."""
    person = facts.who.person_id
    home, subject = Home(person=person) if facts.in_group else HERE, f"calls-{person}"
    return list_anew("call_list", subject, home=home)


def caller_of(follow_up: FollowUp, facts: Facts) -> str:
    """The name of another colleague who is calling; "" where nobody else is. The dialog needs COLLEAGUES."""
    caller = follow_up.held_by(facts.now, facts.store.follow_ups)
    colleague = facts.colleague(caller) if caller != facts.home_person else None
    return colleague.first_name if colleague else ""


def free(follow_up: FollowUp) -> FollowUp:
    """The same, with nobody calling."""
    return replace(follow_up, caller=0, taken_at=None)


def call_made(outcome: CallOutcome, note: str, facts: Facts) -> CallMade:
    """The line of the record of calls, now, by the colleague who acts."""
    return CallMade(facts.now, facts.who.person_id, facts.who.first_name, outcome, note)
