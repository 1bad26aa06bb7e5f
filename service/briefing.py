"""The facts that dialogs are told before a step runs, loaded in bulk for a batch and once per person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from dialogs.core import Dialog
from dialogs.facts import (
    APPOINTMENTS,
    APPRAISAL,
    BILL,
    COLLEAGUES,
    COMPLAINT,
    CUSTOMER_FILE,
    IN_SHOP,
    INVITATIONS,
    MY_COMPLAINTS,
    MY_ORDERS,
    NEW_INVITATION,
    ORDER,
    RECEPTION,
    REGISTER,
    ROUTING,
    SCHEDULE,
    SOUGHT,
    SUBJECT,
    WORK,
    Appraisal,
    CarInShop,
    Facts,
    Invited,
    Reception,
    Who,
    Work,
)
from domain.appointments import Appointment
from domain.complaint_ladder import may_own
from domain.complaints import Complaint, Earlier
from domain.customers import Customer
from domain.discounts import Discount, most_similar
from domain.people import Queue, Role, serves
from domain.repair_orders import OrderEntry, OrderState, RepairOrder, state_of
from domain.settlement import Settlement, bill_of
from domain.slots import Schedule
from service.follow_up_facts import FollowUpFacts
from service.invitations import number_of, token_of
from service.occasion import who_is
from storage import (
    appointments,
    bays,
    complaints,
    customers,
    discounts,
    orders,
    people,
    settlements,
)
from storage.conversations import Conversation
from storage.engine import Unit

if TYPE_CHECKING:
    from service.house import House


_BEFORE_ANY_BILL = frozenset({OrderState.AWAITING, OrderState.IN_SHOP, OrderState.IN_WORK})


class Briefing:
    """What is known in one transaction. Whatever an effect changes must be forgotten here (`forget`)."""

    def __init__(self, unit: Unit, house: House, now: datetime) -> None:
        self._unit = unit
        self._store = house.store
        self.calendar = house.calendar
        self._routing = house.routing
        self._house = house
        self._now = now.astimezone(self.calendar.zone)
        self._customers: dict[int, Customer | None] = {}
        self._appointments: dict[int, tuple[Appointment, ...]] = {}
        self._subjects: dict[str, tuple[Appointment | None, Customer | None]] = {}
        self._schedule: Schedule | None = None
        self._complaints: dict[str, tuple[Complaint | None, tuple[Earlier, ...]]] = {}
        self._orders: dict[str, RepairOrder | None] = {}
        self._bills: dict[str, tuple[Settlement | None, tuple[Discount, ...]]] = {}
        self._appraisals: dict[str, Appraisal] = {}
        self._follow_ups = FollowUpFacts(unit, house, self._now)
        self._with_habits: set[int] = set()
        self._staff: tuple[Who, ...] | None = None
        self._week: tuple[Appointment, ...] | None = None

    def count_care(self, leaving: Mapping[int, int]) -> None:
        """`leaving`: how many care messages to each person leave with this transaction, as it goes on (K5)."""
        self._follow_ups.care_leaving = leaving

    async def prepare(
        self, people: Collection[int], needs: Collection[str], subjects: Collection[str] = ()
    ) -> None:
        """Load for all of `people` and `subjects` at once what their dialogs need."""
        if CUSTOMER_FILE in needs or APPOINTMENTS in needs:
            missing = [person for person in people if person not in self._customers]
            found = await customers.of_people(self._unit, missing)
            self._customers.update({person: found.get(person) for person in missing})
        if SUBJECT in needs:
            await self._add_subjects([number for number in subjects if number not in self._subjects])

    async def facts(
        self,
        dialog: Dialog,
        conversation: Conversation,
        who: Who,
        *,
        in_group: bool = False,
        sought: str = "",
        woken: bool = False,
    ) -> Facts:
        """What `dialog` asks to be told in `conversation`; `woken`: by a timer."""
        needs, person = dialog.needs, conversation.person_id or 0
        await self.prepare([person] if person else [], needs, [conversation.subject])
        if {CUSTOMER_FILE, SCHEDULE} <= needs:
            await self._add_habits(person)
        appointment, owner = self._subjects[conversation.subject] if SUBJECT in needs else (None, None)
        complaint, earlier = await self._complaint(conversation.subject) if COMPLAINT in needs else (None, ())
        bill = await self._bill(conversation.subject) if BILL in needs else (None, ())
        looks_for = SOUGHT in needs and bool(sought)
        file = await customers.by_plate_or_phone(self._unit, sought) if looks_for else None
        return Facts(
            now=self._now,
            store=self._store,
            who=who,
            conversation=conversation.id,
            calendar=self.calendar,
            home_person=person,
            queue=Queue(conversation.queue) if conversation.queue else None,
            in_group=in_group,
            subject=conversation.subject,
            turn=conversation.turn,
            loaded=needs,
            _customer=self._customers.get(person),
            _appointments=await self._standing(person) if APPOINTMENTS in needs else (),
            _schedule=await self.schedule() if SCHEDULE in needs else None,
            _appointment=appointment,
            _owner=owner,
            _sought=file,
            _order=await self._order(conversation.subject) if ORDER in needs else None,
            _my_orders=await orders.open_of(self._unit, person) if MY_ORDERS in needs else (),
            _in_shop=await self._cars_in_shop() if IN_SHOP in needs else (),
            _reception=await self._reception(sought) if RECEPTION in needs and sought else None,
            _settlement=bill[0],
            _discounts=bill[1],
            _appraisal=await self._appraisal(conversation.subject) if APPRAISAL in needs else None,
            _colleagues=await self._colleagues() if COLLEAGUES in needs else (),
            _register=await self._register() if REGISTER in needs else None,
            _complaint=complaint,
            _earlier=earlier,
            _my_complaints=await complaints.of_person(self._unit, person) if MY_COMPLAINTS in needs else (),
            _work=await self._work(who) if WORK in needs else (),
            _routing=self._routing if ROUTING in needs else None,
            _token=token_of(self._house.new_secret(), self._house.bot_name)
            if NEW_INVITATION in needs
            else None,
            _invitations=await self._open_invitations() if INVITATIONS in needs else (),
            **await self._follow_ups.told(needs, conversation.subject, who, file, woken=woken),
        )

    async def customer_of(self, person: int) -> Customer | None:
        """The customer file of `person`."""
        await self.prepare([person], (CUSTOMER_FILE,))
        return self._customers[person]

    async def customer(self, number: int) -> Customer | None:
        """The customer file with this number."""
        return (await customers.by_ids(self._unit, [number])).get(number)

    async def schedule(self) -> Schedule:
        """What is taken in the bays within the booking horizon."""
        if self._schedule is None:
            today = self._now.date()
            # Jobs of several days that begin on the last bookable day run on behind it.
            last = today + timedelta(days=self._store.booking.horizon_days + 30)
            taken = await bays.taken(self._unit, today - timedelta(days=1), last)
            self._schedule = Schedule(self._store, self.calendar, taken)
        return self._schedule

    async def _add_habits(self, person: int) -> None:
        """What this customer usually has done, where services are offered."""
        customer = self._customers.get(person)
        if customer is not None and person not in self._with_habits:
            self._with_habits.add(person)
            usual = await appointments.usual_of(self._unit, customer.id)
            self._customers[person] = replace(customer, usual=usual)

    def forget(self, *, roles: bool = True) -> None:
        """An effect changed the books: read them again when they are needed next; `roles`: colleagues' too."""
        self._customers.clear()
        self._appointments.clear()
        self._subjects.clear()
        self._complaints.clear()
        self._orders.clear()
        self._bills.clear()
        self._appraisals.clear()
        self._follow_ups.forget()
        self._schedule = None
        self._with_habits.clear()
        self._week = None
        if roles:
            self._staff = None

    def add_to_order(self, number: str, entries: Iterable[OrderEntry]) -> None:
        """These entries were written: the order is known with them, and need not be read again."""
        order = self._orders.get(number)
        if order is not None:
            history = (*order.history, *entries)
            self._orders[number] = replace(order, history=history, state=state_of(history))

    async def _standing(self, person: int) -> tuple[Appointment, ...]:
        customer = self._customers.get(person)
        if customer is None:
            return ()
        if customer.id not in self._appointments:
            found = await appointments.standing_of(self._unit, [customer.id])
            self._appointments[customer.id] = found.get(customer.id, ())
        return self._appointments[customer.id]

    async def _colleagues(self) -> tuple[Who, ...]:
        if self._staff is None:
            await people.staff_stays(self._unit)
            found = await people.staff(self._unit, self._now)
            self._staff = tuple(who_is(one) for one in found)
        return self._staff

    async def _open_invitations(self) -> tuple[Invited, ...]:
        found = await people.open_invitations(self._unit, self._now)
        return tuple(
            Invited(number_of(row.token_hash), Role(row.role), row.expires_at, row.issued_by or 0)
            for row in found
        )

    async def _complaint(self, number: str) -> tuple[Complaint | None, tuple[Earlier, ...]]:
        """The complaint, which nobody else adds to until this transaction is over, and earlier ones (C12)."""
        if number not in self._complaints:
            found = await complaints.load(self._unit, number)
            self._complaints[number] = found, await complaints.earlier(self._unit, found) if found else ()
        return self._complaints[number]

    async def _order(self, number: str) -> RepairOrder | None:
        """The order, which nobody else adds to until this transaction is over."""
        if number not in self._orders:
            self._orders[number] = await orders.load(self._unit, number)
        return self._orders[number]

    async def _bill(self, number: str) -> tuple[Settlement | None, tuple[Discount, ...]]:
        """The bill and what was asked on it; before the inspection there is none, and nothing is read."""
        order = await self._order(number)
        if order is None or order.state in _BEFORE_ANY_BILL:
            return None, ()
        if number not in self._bills:
            bill = await settlements.load(self._unit, number)
            self._bills[number] = bill, tuple(await discounts.of_order(self._unit, number) if bill else ())
        return self._bills[number]

    async def _appraisal(self, order: str) -> Appraisal:
        """What there is to know for a decision; the same for the permit of a press and for its step."""
        if order not in self._appraisals:
            self._appraisals[order] = await self._appraised(order)
        return self._appraisals[order]

    async def _appraised(self, order: str) -> Appraisal:
        """About the last discount asked on `order`: the customer's other visits, similar requests, what is left."""
        figures = self._store.settlement
        month = self._now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        left = figures.goodwill_month - await discounts.granted_since(self._unit, month)
        _, asked = await self._bill(order)
        if not asked:
            return Appraisal(Decimal(0), Decimal(0), (), left)
        customer = asked[-1].customer_id
        paid = await settlements.paid_by(self._unit, customer, order)
        return Appraisal(
            spent=sum((bill_of(each, figures).due for each in paid), Decimal(0)),
            granted=await discounts.granted_to(self._unit, customer, order),
            similar=most_similar(asked[-1], await discounts.recent(self._unit)),
            goodwill=left,
        )

    async def _cars_in_shop(self) -> tuple[CarInShop, ...]:
        found = await orders.in_shop(self._unit)
        return tuple(
            CarInShop(
                row.number,
                row.plate,
                row.address,
                OrderState(row.state),
                row.advisor_id or 0,
                row.advisor_name,
                row.promised_at,
            )
            for row in found
        )

    async def _reception(self, sought: str) -> Reception:
        """By the number of an appointment or by a plate: file, today's standing appointment, open order (O1)."""
        chosen = await appointments.by_number(self._unit, sought)
        plate = chosen.plate if chosen else sought
        file = await customers.by_plate(self._unit, plate)
        if chosen is None and file is not None:
            standing = (await appointments.standing_of(self._unit, [file.id])).get(file.id, ())
            today = self._now.date()
            zone = self.calendar.zone
            due = (each for each in standing if each.starts_at.astimezone(zone).date() == today)
            chosen = next((each for each in due if each.plate == plate), None)
        return Reception(plate, file, chosen, await orders.open_for(self._unit, plate))

    async def _work(self, who: Who) -> tuple[Work, ...]:
        desks = self._store.staff.desks
        queues = [queue for queue in Queue if serves(who.roles, queue, desks)]
        found = await complaints.work(self._unit, who.person_id, queues)
        work = (
            Work(row.number, row.leg, Queue(row.queue), row.due_at, row.owner_id is not None) for row in found
        )
        return tuple(each for each in work if each.mine or may_own(who.roles, each.step, each.queue))

    async def _register(self) -> tuple[Appointment, ...]:
        """Today and the six days after it (B7)."""
        if self._week is None:
            midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0)
            found = await appointments.between(self._unit, midnight, midnight + timedelta(days=7))
            self._week = tuple(found)
        return self._week

    async def _add_subjects(self, numbers: Collection[str]) -> None:
        """The appointments with these numbers and whose they are; None where there is none."""
        found = await appointments.by_numbers(self._unit, numbers)
        owners = await customers.by_ids(self._unit, {each.customer_id for each in found.values()})
        for number in numbers:
            appointment = found.get(number)
            owner = owners.get(appointment.customer_id) if appointment else None
            self._subjects[number] = (appointment, owner)
