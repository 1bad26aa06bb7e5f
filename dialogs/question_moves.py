"""A customer's question that the bot cannot answer is filed, and its card laid at the front desk (Q2, F5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialogs.core import Effect, Home, Open, Record, Tell
from dialogs.effects import KeepQuestion
from dialogs.standing_list import NEWER
from domain.customer_questions import CustomerQuestion, question_number
from domain.people import Queue
from domain.phones import find_phone

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.follow_ups import FollowUp

DESK = "question_desk"


@dataclass(frozen=True, slots=True)
class AtDesk:
    """What the card of a question remembers; the question itself is read from the books at every event.

    `undelivered`: the chat does not reach the customer, they are called. `called`: somebody has their number.
    `reported`: it waited so long that the supervisors were told.
    """

    undelivered: bool = False
    called: bool = False
    reported: bool = False


def number_of(facts: Facts, place: int = 1) -> str:
    """The number of the question that this conversation asks, the `place`-th of it."""
    number = question_number(facts.now, facts.conversation)
    return f"{number}.{place}" if place > 1 else number


def asked(text: str, follow_up: FollowUp | None, facts: Facts, place: int = 1) -> tuple[Effect, ...]:
    """File the question `text`. In a follow-up it is its customer's, else that of the person of this conversation.

    Without a follow-up the dialog needs CUSTOMER_FILE. `place` tells several questions of one conversation apart;
    asked again with the same one, the new words take the place of the old.
    """
    question = (
        _in_follow_up(text, follow_up, facts, place) if follow_up else _by_themselves(text, facts, place)
    )
    return (
        KeepQuestion(question),
        Record("question.asked", question.number, {"follow_up": question.follow_up}),
        Tell(DESK, question.number, NEWER),
        Open(DESK, AtDesk(), Home(queue=Queue.FRONT_DESK), subject=question.number),
    )


def _in_follow_up(text: str, follow_up: FollowUp, facts: Facts, place: int) -> CustomerQuestion:
    return CustomerQuestion(
        number_of(facts, place),
        text,
        facts.now,
        follow_up.person_id,
        follow_up.customer_id,
        follow_up.address,
        follow_up.phone,
        follow_up.number,
    )


def _by_themselves(text: str, facts: Facts, place: int) -> CustomerQuestion:
    file, person = facts.customer, facts.home_person
    name = file.address if file and file.name else facts.who.first_name
    phone, number = (file.phone, file.id) if file else ("", 0)
    phone = phone or str(find_phone(text) or "")
    return CustomerQuestion(number_of(facts, place), text, facts.now, person, number, name, phone)
