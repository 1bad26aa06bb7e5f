"""Why was this not sent, why is it due then: the story of a letter, timer, complaint or visit, for staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dialogs.core import Kind
from domain.calendar import NeverOpen
from domain.complaint_chain import open_legs
from domain.complaints import Complaint
from domain.follow_ups import FollowUp
from domain.privacy import masked
from domain.repair_orders import RepairOrder
from scripts_zh.phrases import phrase
from service import why_case, why_follow_up, why_order
from service.follow_up_facts import FollowUpFacts
from service.gates import GATES
from service.house import House
from storage import complaints, conversations, follow_ups, orders, outbox, timers
from storage.engine import Unit
from storage.outbox import LetterState

WAITING = (LetterState.RETRY.value, LetterState.PENDING.value, LetterState.HELD.value)


async def explain(house: House, what: str) -> list[str]:
    """The story of `what`: `M12` is a letter, `T34` a timer, `TS261122-005` a complaint with its deadlines (C6, C7),
    `JC261122-005` a repair order with the moments of its notices (P1–P8), `HF261122-005.1` a follow-up (F1–F6)."""
    number = int(what[1:]) if what[1:].isdecimal() else 0
    async with house.books.glance() as unit:
        if what[:1].upper() == "M" and (row := await outbox.find(unit, number)):
            return await _letter(house, unit, row)
        if what[:1].upper() == "T" and (row := await timers.find(unit, number)):
            return _timer(house, row)
        if complaint := await complaints.load(unit, what.upper(), locked=False):
            return _complaint(house, complaint)
        if order := await orders.load(unit, what.upper(), locked=False):
            return _order(house, order)
        if follow_up := await follow_ups.load(unit, what.upper()):
            return await _follow_up(house, unit, follow_up)
    return [phrase("why", "unknown", what=what)]


async def explain_message(house: House, chat_id: int, message_id: int) -> list[str]:
    """The story of a message that somebody sees in a chat."""
    async with house.books.glance() as unit:
        row = await outbox.find_message(unit, chat_id, message_id)
        return await _letter(house, unit, row) if row else [phrase("why", "not_ours")]


async def _letter(house: House, unit: Unit, row: Any) -> list[str]:
    kind = Kind(row.kind)
    gates = phrase("why", "between").join(phrase("gate", gate.__name__) for gate in GATES[kind]) or phrase(
        "why", "gate_none"
    )
    lines = [phrase("why", "letter", id=f"M{row.id}", kind=phrase("kind", kind.value), script=row.script)]
    found = await conversations.find(unit, [row.conversation_id] if row.conversation_id else [])
    if row.conversation_id in found:
        dialog = found[row.conversation_id].dialog
        lines.append(phrase("why", "written", at=_at(house, row.created_at), dialog=dialog, turn=row.turn))
    lines.append(phrase("why", "gates", gates=gates))
    if row.edits_message or row.edits_letter:
        lines.append(phrase("why", "edits"))
    lines.append(_state(row))
    if row.state == LetterState.SENT.value:
        lines.append(phrase("why", "sent", at=_at(house, row.settled_at), message=row.message_id))
    elif row.state in WAITING and row.reason.split(":")[0] not in outbox.UNTIL_SOMEBODY_ACTS:
        lines.append(phrase("why", "due", at=_at(house, row.due_at)))
    if row.attempts > 1:
        lines.append(phrase("why", "attempts", attempts=row.attempts))
    return lines


def _state(row: Any) -> str:
    state = phrase("state", row.state)
    if not row.reason:
        return phrase("why", "state", state=state)
    try:
        reason = phrase("reason", row.reason.split(":")[0])
    except LookupError:
        reason = row.reason  # the service's own words
    return phrase("why", "state_with_reason", state=state, reason=reason)


def _timer(house: House, row: Any) -> list[str]:
    return [
        phrase("why", "timer", id=f"T{row.id}", what=row.what),
        phrase("why", "timer_due", at=_at(house, row.due_at), set_at=_at(house, row.set_at)),
        phrase("why", "timer_why", why=row.why),
    ]


def _complaint(house: House, complaint: Complaint) -> list[str]:
    """How its deadlines came about, and who has it now; masked, whoever looks over the shoulder (A3)."""
    try:
        told = why_case.lines(complaint, house)
    except NeverOpen:
        return [phrase("why", "never_open")]
    for leg in open_legs(complaint.history):
        step = phrase("complaint_step", leg.step.value)
        if leg.accepted_at is None:
            told.append(phrase("why", "nobody", step=step))
        else:
            at = _at(house, leg.accepted_at)
            told.append(phrase("why", "owner", step=step, who=leg.owner_name, at=at))
    return [masked(line) for line in told]


def _order(house: House, order: RepairOrder) -> list[str]:
    """When its customer hears what, and why then; masked like a complaint (A3)."""
    try:
        return [masked(line) for line in why_order.lines(order, house)]
    except NeverOpen:
        return [phrase("why", "never_open")]


async def _follow_up(house: House, unit: Unit, follow_up: FollowUp) -> list[str]:
    """When its customer is asked, and why then or not; masked like a complaint (A3)."""
    now = house.clock.now().astimezone(house.calendar.zone)
    hindrance = await FollowUpFacts(unit, house, now).hindrance(follow_up)
    planned = await timers.about(unit, follow_up.number)
    return [masked(line) for line in why_follow_up.lines(follow_up, hindrance, planned, house)]


def _at(house: House, moment: datetime) -> str:
    return f"{moment.astimezone(house.calendar.zone):%m-%d %H:%M:%S}"
