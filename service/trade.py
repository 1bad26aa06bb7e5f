"""How the effects of the trade (dialogs/effects.py) are written into the books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from dialogs import effects
from dialogs.core import TradeEffect
from domain.appointments import has_benefits
from domain.complaint_chain import legs
from domain.complaints import Complaint, ComplaintState, Happening
from domain.customers import Customer
from domain.discounts import DiscountState
from domain.people import Role
from domain.pickup import standing_promise
from domain.questionnaires import Questionnaire
from domain.repair_orders import OrderHappening, OrderState
from domain.store import Store
from service.briefing import Briefing
from service.invitations import hash_of
from storage import (
    absences,
    appointments,
    bays,
    complaints,
    customer_questions,
    customers,
    discounts,
    follow_ups,
    orders,
    outbox,
    people,
    places,
    settlements,
    subjects,
)
from storage.conversations import Conversation
from storage.engine import Unit

_A_DAY = timedelta(days=1)
_ABOUT_ROLES = (effects.Join, effects.Leave, effects.Replace, effects.Return)


class EffectRefused(Exception):
    """The books do not allow it (any more); the message is the reason that the step is given."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where an effect is applied: the transaction, the conversation it comes from, and the person who acted."""

    unit: Unit
    store: Store
    briefing: Briefing
    now: datetime
    conversation: Conversation
    actor: int = 0
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
    group_chat: int = 0
    group_has_topics: bool = False


async def apply(effect: TradeEffect, bench: Bench) -> None:
    """Write `effect` into the books. Raises EffectRefused."""
    await _HOW[type(effect)](effect, bench)
    if isinstance(effect, effects.NoteOrder):
        bench.briefing.add_to_order(effect.number, effect.entries)
    else:
        bench.briefing.forget(roles=isinstance(effect, _ABOUT_ROLES))


async def _customer(bench: Bench) -> int:
    """The customer file of the person the conversation is held with; opened when there is none (A1: the same day)."""
    person = bench.conversation.person_id or bench.actor
    known = await bench.briefing.customer_of(person)
    return known.id if known else await customers.open_file(bench.unit, person, bench.now)


async def _reserve(effect: effects.Reserve, bench: Bench) -> None:
    unit, service = bench.unit, bench.store.service(effect.service)
    former = await appointments.slot_of(unit, effect.number)
    if former is not None and former[0].occupies:
        await bays.give_back(unit, former[1], former[2])
        bench.briefing.forget()
    schedule = await bench.briefing.schedule()
    cells = schedule.mask_for(effect.start, effect.minutes)
    bay = await bays.take(unit, schedule.candidate_bays(service, effect.start), cells)
    if bay is None:
        raise EffectRefused("full")
    await appointments.write(
        unit,
        effect.number,
        cells,
        state=effect.state.value,
        service=effect.service,
        plate=effect.plate,
        customer_id=effect.customer or await _customer(bench),
        starts_at=effect.start,
        minutes=effect.minutes,
        bay=bay,
        description=effect.description,
        deposit=effect.deposit,
        source=effect.source.value,
        benefits=has_benefits(bench.now, effect.start, bench.store.booking.minimum_lead, effect.source),
        held_until=effect.until,
        made_at=bench.now,
        # A moved appointment has to be seen by the workshop again (B6, B9).
        acknowledged_at=None,
        acknowledged_by=None,
    )


async def _mark(effect: effects.Mark, bench: Bench) -> None:
    slot = await appointments.slot_of(bench.unit, effect.number)
    if slot is None or slot[0] not in effect.coming_from:
        raise EffectRefused("changed")
    if slot[0].occupies and not effect.state.occupies:
        await bays.give_back(bench.unit, slot[1], slot[2])
    await appointments.mark(bench.unit, effect.number, effect.state)


async def _acknowledge(effect: effects.Acknowledge, bench: Bench) -> None:
    if not await appointments.acknowledge(bench.unit, effect.number, bench.actor, bench.now):
        raise EffectRefused("changed")


async def _describe(effect: effects.Describe, bench: Bench) -> None:
    await appointments.describe(bench.unit, effect.number, effect.description)


async def _consent(_effect: effects.Consent, bench: Bench) -> None:
    await customers.change_file(bench.unit, await _customer(bench), consent_at=bench.now)


async def _save_customer(effect: effects.SaveCustomer, bench: Bench) -> None:
    fields = {name: getattr(effect, name) for name in ("name", "surname", "salutation", "phone")}
    told = {name: value for name, value in fields.items() if value is not None}
    await customers.change_file(bench.unit, await _customer(bench), **told)


async def _save_vehicle(effect: effects.SaveVehicle, bench: Bench) -> None:
    customer = await _customer(bench)
    if not await customers.keep_vehicle(bench.unit, customer, effect.plate, effect.model, bench.now):
        raise EffectRefused("other_owner")


async def _join(effect: effects.Join, bench: Bench) -> None:
    token_hash = hash_of(effect.token)
    is_used = await people.use_invitation(bench.unit, token_hash, bench.actor, bench.now)
    found = await people.invitation(bench.unit, token_hash)  # after it: somebody may have revoked it just now
    if found is None:
        raise EffectRefused("unknown")
    if not is_used:
        raise EffectRefused("expired" if found.used_at is None else "used")
    await people.give_role(bench.unit, bench.actor, Role(found.role), bench.now)


async def _leave(effect: effects.Leave, bench: Bench) -> None:
    await people.staff_changes(bench.unit)
    if not await people.take_roles(bench.unit, effect.person):
        raise EffectRefused("no_staff")
    await absences.end_for(bench.unit, effect.person, bench.now)
    await people.revoke_invitations_of(bench.unit, effect.person, bench.now)


async def _invite(effect: effects.Invite, bench: Bench) -> None:
    until = bench.now + bench.store.staff.invitation_life
    await people.invite(bench.unit, hash_of(effect.secret), effect.role, bench.now, until, bench.actor)


async def _revoke(effect: effects.Revoke, bench: Bench) -> None:
    if not await people.revoke_invitation(bench.unit, effect.number, bench.now):
        raise EffectRefused("over")


async def _replace(effect: effects.Replace, bench: Bench) -> None:
    person, substitute = effect.person, effect.substitute
    if effect.ends <= bench.now:
        raise EffectRefused("over")
    if person == substitute:
        raise EffectRefused("self")
    await people.staff_changes(bench.unit)  # two absences, each fine without the other, see each other
    found = await people.load(bench.unit, bench.now, ids=[person, substitute])
    if len([one for one in found if one.own_roles]) < 2:
        raise EffectRefused("gone")
    meanwhile = await absences.during(bench.unit, effect.begins, effect.ends)
    others = [row for row in meanwhile if row.person_id != person]
    if any(row.person_id == person and row.begins_at != effect.begins for row in meanwhile):
        raise EffectRefused("twice")
    if any(row.person_id == substitute for row in others):
        raise EffectRefused("circle" if person in _line_of(substitute, others) else "absent")
    await absences.write(bench.unit, person, substitute, effect.begins, effect.ends, bench.actor)


def _line_of(person: int, meanwhile: Collection[Any]) -> set[int]:
    """Everybody who acts for `person`, one after the other."""
    line: set[int] = set()
    asked = {person}
    while asked - line:
        line |= asked
        asked = {row.substitute_id for row in meanwhile if row.person_id in line}
    return line


async def _return(effect: effects.Return, bench: Bench) -> None:
    if not await absences.end(bench.unit, effect.person, effect.begins, bench.now):
        raise EffectRefused("over")


async def _bind_group(_effect: effects.BindGroup, bench: Bench) -> None:
    await places.bind(bench.unit, bench.group_chat, bench.group_has_topics)
    await places.release(bench.unit, outbox.NO_STAFF_GROUP, bench.now)


async def _file_complaint(effect: effects.FileComplaint, bench: Bench) -> None:
    await complaints.file(bench.unit, effect.complaint)
    await complaints.note(bench.unit, effect.complaint.number, effect.complaint.history)
    await _keep_legs(bench, effect.complaint)


async def _note(effect: effects.Note, bench: Bench) -> None:
    await complaints.note(bench.unit, effect.number, effect.entries)
    for entry in effect.entries:
        match entry.happening:
            case Happening.CLOSED:
                closed = ComplaintState.CLOSED.value
                await complaints.change(bench.unit, effect.number, state=closed, closed_at=bench.now)
            case Happening.REOPENED:
                again = ComplaintState.OPEN.value
                await complaints.change(bench.unit, effect.number, state=again, closed_at=None)
    if any(entry.leg for entry in effect.entries):
        complaint = await complaints.load(bench.unit, effect.number)
        assert complaint is not None
        await _keep_legs(bench, complaint, {entry.leg for entry in effect.entries})


async def _keep_legs(bench: Bench, complaint: Complaint, names: Collection[str] | None = None) -> None:
    """What lists and the self-check look up, written anew from the history."""
    calendar = bench.briefing.calendar
    kept = [
        {
            "number": complaint.number,
            "leg": leg.name,
            "queue": leg.queue.value,
            "owner_id": leg.owner or None,
            "open": leg.is_open,
            "due_at": leg.due(calendar),
        }
        for leg in legs(complaint.history)
        if names is None or leg.name in names
    ]
    await complaints.keep_legs(bench.unit, kept)


async def _classify(effect: effects.Classify, bench: Bench) -> None:
    await complaints.classify(bench.unit, effect.number, effect.about, confirmed=effect.confirmed)


async def _keep_phone(effect: effects.KeepPhone, bench: Bench) -> None:
    await complaints.change(bench.unit, effect.number, phone=effect.phone)


async def _file_order(effect: effects.FileOrder, bench: Bench) -> None:
    order = effect.order
    if not order.customer_id:
        new = effect.newcomer or Customer(0, None, order.address)
        order = replace(order, customer_id=await _newcomer(new, order.plate, bench))
    promise = standing_promise(order)
    if not await orders.file(bench.unit, order, promise.at if promise else None):
        raise EffectRefused("in_shop")
    await orders.note(bench.unit, order.number, order.history)


async def _newcomer(new: Customer, plate: str, bench: Bench) -> int:
    """The file with this phone number, or a new one; the car belongs to it unless it is in another (A1)."""
    known = None
    if new.phone:
        await customers.alone_with(bench.unit, new.phone)
        known = await customers.by_phone(bench.unit, new.phone)
    names = {"name": new.name, "surname": new.surname, "salutation": new.salutation, "phone": new.phone}
    number = known.id if known else await customers.open_file(bench.unit, None, bench.now, **names)
    model = next((vehicle.model for vehicle in new.vehicles if vehicle.plate == plate), "")
    if plate:
        await customers.keep_vehicle(bench.unit, number, plate, model, bench.now)
    return number


async def _note_order(effect: effects.NoteOrder, bench: Bench) -> None:
    await orders.note(bench.unit, effect.number, effect.entries)
    follows: dict[str, Any] = {}
    for entry in effect.entries:
        match entry.happening:
            case OrderHappening.MOVED:
                state = OrderState(entry.details["state"])
                follows |= {"state": state.value, "left_at": entry.at if state is OrderState.LEFT else None}
            case OrderHappening.PROMISED:
                follows["promised_at"] = datetime.fromisoformat(entry.details["at"])
    await orders.change(bench.unit, effect.number, **follows)


async def _entrust(effect: effects.Entrust, bench: Bench) -> None:
    await orders.change(bench.unit, effect.number, advisor_id=effect.advisor, advisor_name=effect.name)


async def _save_settlement(effect: effects.SaveSettlement, bench: Bench) -> None:
    await settlements.save(bench.unit, effect.settlement, bench.now, bench.actor)


async def _ask_discount(effect: effects.AskDiscount, bench: Bench) -> None:
    if not await discounts.ask(bench.unit, effect.discount):
        raise EffectRefused("open")


async def _decide(effect: effects.Decide, bench: Bench) -> None:
    discount, unit = effect.discount, bench.unit
    await subjects.lock(unit, [discount.order])  # whoever presses at the same instant waits here (D3)
    kept = await discounts.change(
        unit,
        discount.number,
        state=discount.state.value,
        decided_by=discount.decided_by or None,
        decided_name=discount.decided_name[:128],
        decided_at=discount.decided_at,
        granted=discount.granted,
        amount=discount.amount,
        refusal=discount.refusal,
    )
    if not kept:
        raise EffectRefused("decided")
    if discount.state is DiscountState.GRANTED:
        bill = await settlements.load(unit, discount.order)
        if bill is None or bill.version != discount.version:
            raise EffectRefused("outdated")
        await settlements.save(unit, replace(bill, discount=discount.granted), bench.now, bench.actor)


async def _raise_discount(effect: effects.RaiseDiscount, bench: Bench) -> None:
    if not await discounts.change(bench.unit, effect.number, level=effect.level.value):
        raise EffectRefused("decided")


async def _plan_follow_up(effect: effects.PlanFollowUp, bench: Bench) -> None:
    follow_up = effect.follow_up
    if not follow_up.customer_id:
        new = effect.newcomer or Customer(0, None, follow_up.address, phone=follow_up.phone)
        follow_up = replace(follow_up, customer_id=await _newcomer(new, follow_up.plate, bench))
    await follow_ups.plan(bench.unit, follow_up)


async def _note_event(effect: effects.NoteEvent, bench: Bench) -> None:
    about = effect.event, effect.plate, effect.phone
    await follow_ups.alone(bench.unit)
    if await follow_ups.is_known(bench.unit, *about, effect.at - _A_DAY, effect.at + _A_DAY):
        raise EffectRefused("twice")


async def _take_call(effect: effects.TakeCall, bench: Bench) -> None:
    free_since = bench.now - bench.store.follow_ups.call_kept
    if not await follow_ups.take_call(
        bench.unit, effect.number, bench.actor, bench.now, free_since, early=effect.early
    ):
        raise EffectRefused("taken")


async def _note_follow_up(effect: effects.NoteFollowUp, bench: Bench) -> None:
    follow_up = effect.follow_up
    sheet = bench.questionnaires.get(follow_up.questionnaire)
    if sheet is not None and sheet.version == follow_up.version:
        await follow_ups.keep_sheet(bench.unit, sheet, bench.now)
    await follow_ups.change(bench.unit, follow_up)


async def _give_answer(effect: effects.GiveAnswer, bench: Bench) -> None:
    await follow_ups.answer(bench.unit, effect.number, effect.answer, bench.now)


async def _note_call(effect: effects.NoteCall, bench: Bench) -> None:
    await follow_ups.note_call(bench.unit, effect.number, effect.call)


async def _opt_out(effect: effects.OptOut, bench: Bench) -> None:
    person = effect.person or bench.conversation.person_id or bench.actor
    await people.opt_out(bench.unit, person, effect.out)


async def _keep_question(effect: effects.KeepQuestion, bench: Bench) -> None:
    await customer_questions.keep(bench.unit, effect.question)


_HOW: dict[type, Callable[[Any, Bench], Awaitable[None]]] = {
    effects.Reserve: _reserve,
    effects.Mark: _mark,
    effects.Acknowledge: _acknowledge,
    effects.Describe: _describe,
    effects.Consent: _consent,
    effects.SaveCustomer: _save_customer,
    effects.SaveVehicle: _save_vehicle,
    effects.Join: _join,
    effects.Leave: _leave,
    effects.Invite: _invite,
    effects.Revoke: _revoke,
    effects.Replace: _replace,
    effects.Return: _return,
    effects.BindGroup: _bind_group,
    effects.FileComplaint: _file_complaint,
    effects.Note: _note,
    effects.Classify: _classify,
    effects.KeepPhone: _keep_phone,
    effects.FileOrder: _file_order,
    effects.NoteOrder: _note_order,
    effects.Entrust: _entrust,
    effects.SaveSettlement: _save_settlement,
    effects.AskDiscount: _ask_discount,
    effects.Decide: _decide,
    effects.RaiseDiscount: _raise_discount,
    effects.PlanFollowUp: _plan_follow_up,
    effects.NoteEvent: _note_event,
    effects.TakeCall: _take_call,
    effects.NoteFollowUp: _note_follow_up,
    effects.GiveAnswer: _give_answer,
    effects.NoteCall: _note_call,
    effects.OptOut: _opt_out,
    effects.KeepQuestion: _keep_question,
}
