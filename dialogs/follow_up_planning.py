"""Follow-ups are planned: a conversation for each, which waits until its time has come (F1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialogs.core import Effect, Home, Open, Record
from dialogs.effects import PlanFollowUp
from domain.follow_up_plan import following, planned
from domain.follow_ups import FollowUp, follow_up_number
from domain.people import Queue
from domain.questionnaires import FollowUpEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dialogs.facts import Facts
    from domain.customers import Customer
    from domain.repair_orders import RepairOrder


def begun(
    event: FollowUpEvent, draft: FollowUp, facts: Facts, newcomer: Customer | None = None
) -> tuple[Effect, ...]:
    """What follows `event`: a contact for each sheet that it starts. Its dialog needs QUESTIONNAIRES.

    `draft` says whom and what it is about (`of_order`, `of_customer`); its `occurred_at` is what counts.
    `newcomer`: who has no file yet.
    """
    figures, zone = facts.store.follow_ups, facts.calendar.zone
    plan = planned(facts.questionnaires.values(), event, draft, figures, zone, _number_of(facts))
    return _opened(plan, draft.subject, newcomer)


def followed(ended: FollowUp, facts: Facts) -> tuple[Effect, ...]:
    """The second contact, where `ended` has one and the customer answered anything (F1, F6). Needs QUESTIONNAIRES."""
    if all(answer.is_skipped for answer in ended.answers):
        return ()
    figures, zone = facts.store.follow_ups, facts.calendar.zone
    number_of = _number_of(facts)
    sheets = facts.questionnaires.values()
    return _opened(following(sheets, ended, facts.now, figures, zone, number_of), ended.subject)


def of_order(order: RepairOrder, facts: Facts) -> FollowUp:
    """Whom and what a follow-up after this visit is about; it counts from now."""
    return FollowUp(
        number="",
        questionnaire="",
        event=FollowUpEvent.LEFT,
        customer_id=order.customer_id,
        occurred_at=facts.now,
        due_at=facts.now,
        latest_at=facts.now,
        subject=order.number,
        person_id=order.person_id,
        address=order.address,
        phone=order.phone,
        plate=order.plate,
        work="、".join(item.name for item in (*order.items, *order.agreed)),
        advisor=order.advisor,
        advisor_name=order.advisor_name,
    )


def of_customer(
    file: Customer, event: FollowUpEvent, occurred_at: datetime, *, plate: str = "", work: str = ""
) -> FollowUp:
    """Whom and what a follow-up without a visit is about: a new car, an advice, an owners' class."""
    return FollowUp(
        number="",
        questionnaire="",
        event=event,
        customer_id=file.id,
        occurred_at=occurred_at,
        due_at=occurred_at,
        latest_at=occurred_at,
        person_id=file.person_id or 0,
        address=file.address or file.name,
        phone=file.phone,
        plate=plate or (file.vehicles[0].plate if len(file.vehicles) == 1 else ""),
        work=work,
    )


def _number_of(facts: Facts) -> Callable[[int], str]:
    return lambda place: follow_up_number(facts.now, facts.conversation, place)


def _opened(plan: tuple[FollowUp, ...], subject: str, newcomer: Customer | None = None) -> tuple[Effect, ...]:
    """Whoever is not in the chat is called: what waits for that lies at the front desk, without a card."""
    if not plan:
        return ()
    written = tuple(PlanFollowUp(each, newcomer) for each in plan)
    waiting = tuple(Open("follow_up", None, _home(each), each.number) for each in plan)
    sheets = [each.questionnaire for each in plan]
    record = Record("follow_up.planned", subject or plan[0].number, {"sheets": sheets})
    return *written, *waiting, record


def _home(follow_up: FollowUp) -> Home:
    return Home(person=follow_up.person_id) if follow_up.person_id else Home(queue=Queue.FRONT_DESK)
