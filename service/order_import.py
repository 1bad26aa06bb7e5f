"""Orders of the shop's own system become orders of ours, with everything that follows from them (O4).

A row is one unit: everything that follows from it is written, or nothing. What was written leaves with whichever
process serves customers; nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import structlog
from sqlalchemy.exc import DBAPIError

from dialogs.core import Entered, Home, Told
from dialogs.effects import FileOrder
from dialogs.order_moves import DESK
from domain.customers import Customer
from domain.order_cells import FaultKind
from domain.order_rows import Fault, OrderRow
from domain.people import Queue
from domain.repair_orders import (
    Arrival,
    Item,
    OrderEntry,
    OrderHappening,
    OrderState,
    RepairOrder,
    order_number,
    state_of,
)
from scripts_zh.phrases import phrase
from service import consequences
from service.briefing import Briefing
from service.house import House
from service.ledger import Ledger
from service.occasion import NOBODY
from service.order_list import IMPORTED, Line, Listed, Meaning, compared
from service.play import Play
from service.trade import Bench, EffectRefused, apply
from storage import conversations, customers, outbox, people, subjects
from storage.engine import Unit
from storage.outbox import LetterState, Receipt
from storage.people import Person

log = structlog.get_logger(__name__)

# ---------------------------------------------------------------- writing


async def written(house: House, listed: Listed) -> list[Line]:
    """Write what is new of these rows, in one transaction; what could not be written has become a WRONG line.

    Raises DBAPIError where the database itself is gone.
    """
    async with house.books.unit() as unit:
        lines = await compared(unit, house, listed)
        changed = [line.number for line in lines if line.meaning is Meaning.CHANGED]
        if changed and unit.is_postgres:
            await subjects.lock(unit, changed)  # all at once: rows stand in any order
            lines = await compared(unit, house, listed)  # whoever had them may have said the same just now
        staff = await people.staff(unit, house.clock.now())
        return [await _written(unit, house, line, staff) for line in lines]


async def _written(unit: Unit, house: House, line: Line, staff: Collection[Person]) -> Line:
    row = line.row
    if row is None or line.meaning not in (Meaning.NEW, Meaning.CHANGED):
        return line
    now = house.clock.now()
    play = Play(house, Ledger(unit, now), Briefing(unit, house, now))
    number = line.number
    try:
        async with unit.savepoint():
            if line.meaning is Meaning.NEW:
                number = await _opened(play, row, staff)
            else:
                await _promised(play, number, row)
            await _close(play)
    except EffectRefused as refusal:  # somebody opened an order for the car just now
        [again] = await compared(unit, house, [(line.line, row)])
        return again if again.meaning is not Meaning.NEW else _not_written(line, refusal)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        log.error("row not imported", line=line.line, error=type(error).__name__, exc_info=error)
        return _not_written(line, error)
    return replace(line, number=number)


def _not_written(line: Line, error: Exception) -> Line:
    """One row must not keep the others out."""
    fault = Fault(FaultKind.NOT_WRITTEN, value=type(error).__name__)
    return replace(line, meaning=Meaning.WRONG, faults=(fault,))


async def _close(play: Play) -> None:
    """Write down what followed. Letters wait for whoever serves customers: no courier of ours could bring them."""
    unit, now = play.ledger.unit, play.ledger.now
    await consequences.calls_to_make(play)
    leaving = await play.ledger.flush()
    await outbox.settle(unit, [Receipt(row["id"], LetterState.PENDING, now, tried=False) for row in leaving])


async def filed(
    play: Play, opened_at: datetime, order_of: Callable[[str], RepairOrder], newcomer: Customer | None = None
) -> str:
    """Open an order without a form, with the same conversations as one that was made in the chat; its number.

    `order_of` makes it for that number, of the day `opened_at` (store time). Raises EffectRefused.
    """
    # There is no form whose conversation gives the order its number (domain/repair_orders.py), so the order's own
    # card gives its: nobody else's number is made from that one either.
    desk = await play.begin(DESK, Home(queue=Queue.WORKSHOP))
    number = desk.subject = order_number(opened_at, desk.id)
    await conversations.is_about(play.ledger.unit, desk.id, number)
    order = order_of(number)
    bench = Bench(play.ledger.unit, play.house.store, play.briefing, play.ledger.now, desk)
    await apply(FileOrder(order, newcomer), bench)
    details = {"appointment": order.appointment, "reference": order.reference}
    play.ledger.record("order.opened", number, 0, desk.id, details)
    await play.event(desk, Entered())
    if order.person_id:
        await play.begin("order_sheet", Home(person=order.person_id), None, number, NOBODY)
    return number


async def _opened(play: Play, row: OrderRow, staff: Collection[Person]) -> str:
    """A new order of the list; its number. Raises EffectRefused."""
    now = play.ledger.now.astimezone(play.house.calendar.zone)
    file = await _file(play.ledger.unit, row)
    number = await filed(play, now, lambda given: _order(row, given, now, file, staff), _newcomer(row))
    _imported(play, number, row)
    return number


async def _promised(play: Play, number: str, row: OrderRow) -> None:
    """The shop's system says another time: whoever waits for the car hears it as if a colleague had said it (P5)."""
    told = await play.ledger.about(DESK, number)
    if not told:
        raise LookupError(f"{number} has no card that could be told: look at `python bot.py why {number}`.")
    _imported(play, number, row)
    words = {"at": row.promised, "reason": phrase("order_import", "new_time")}
    for desk in told:
        await play.event(desk, Told("promised", words))


def _imported(play: Play, number: str, row: OrderRow) -> None:
    play.ledger.record(IMPORTED, number, 0, None, {"promised": row.promised.isoformat()})


# ---------------------------------------------------------------- what a row holds


async def _file(unit: Unit, row: OrderRow) -> Customer | None:
    """Whose visit it is: the file with this phone number, else the car's, unless that is somebody of another name."""
    if known := await customers.by_phone(unit, row.phone):
        return known
    owner = await customers.by_plate(unit, row.plate)
    if owner is None or not row.name or not owner.surname or owner.surname == row.name.surname:
        return owner
    return None  # sold, or driven by somebody else: the owner's chat is not told of it


def _newcomer(row: OrderRow) -> Customer:
    name, salutation = row.customer, ""
    if row.name is not None:
        name, salutation = row.name.full, row.name.salutation or ""
    surname = row.name.surname if row.name else ""
    return Customer(0, None, name, surname, salutation, row.phone)


def _order(
    row: OrderRow, number: str, now: datetime, file: Customer | None, staff: Collection[Person]
) -> RepairOrder:
    advisor = _advisor(row.advisor, staff)
    known = file or _newcomer(row)
    history = _history(row, now)
    return RepairOrder(
        number=number,
        plate=row.plate,
        # Also one that is known belongs to the file with its phone number: a car that is new there is noted with it.
        customer_id=file.id if file and file.phone != row.phone else 0,
        person_id=known.person_id or 0,
        address=known.address,
        advisor=advisor.id if advisor else 0,
        advisor_name=advisor.first_name if advisor else row.advisor,
        opened_at=now,
        state=state_of(history),
        items=_items(row),
        arrival=Arrival(mileage=row.mileage or 0),
        fault=row.symptom,
        phone=row.phone,
        tier=known.tier,
        reference=row.number,
        history=history,
    )


def _history(row: OrderRow, now: datetime) -> tuple[OrderEntry, ...]:
    """Signed on paper at the counter, the car in the shop since it came, and the customer knows the time.

    The promise stands behind the arrival and binds from now on. Before it, the plan would take what should have
    happened between arrival and import for missed, and tell the customer of a delay that nobody knows of.
    """
    arrived = row.arrived if row.arrived and row.arrived <= now else now
    at = row.promised.isoformat()
    return (
        OrderEntry(now, OrderHappening.OPENED, details={"how": "import"}),
        OrderEntry(now, OrderHappening.CONFIRMED, details={"how": "import"}),
        OrderEntry(arrived, OrderHappening.MOVED, details={"state": OrderState.IN_SHOP.value}),
        OrderEntry(now, OrderHappening.PROMISED, details={"at": at, "reason": ""}),
        OrderEntry(now, OrderHappening.TOLD, details={"promise": at}),
    )


def _items(row: OrderRow) -> tuple[Item, ...]:
    """The list knows one sum for everything: it stands with the first item, as the estimate it is."""
    names = row.items or ((phrase("order_import", "whole"),) if row.amount else ())
    return tuple(
        Item(name, row.amount if place == 0 and row.amount else Decimal(0))
        for place, name in enumerate(names)
    )


def _advisor(name: str, staff: Collection[Person]) -> Person | None:
    """The one colleague of this first name, or whose first name the full name ends with; None where it is not sure."""
    called = [one for one in staff if name and one.first_name == name]
    called = called or [one for one in staff if len(one.first_name) > 1 and name.endswith(one.first_name)]
    return called[0] if len(called) == 1 else None
