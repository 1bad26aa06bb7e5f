"""What each row of the shop's own list is to the books: new, another time, no news, or not to be had (O4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from domain.order_cells import FaultKind
from domain.order_rows import Column, Fault, OrderRow, promise_fault
from domain.pickup import promises
from domain.repair_orders import OrderState
from service.house import House
from storage import audit, orders
from storage.engine import Unit

IMPORTED = "order.imported"
"""The audit log's word for every promise that came from the shop's own system."""

REMEMBERED = timedelta(days=14)
"""How long a visit that is over is still known by its car alone: no car is ready so long before its first promise."""


class Meaning(Enum):
    """What a row is to the books."""

    NEW = auto()
    CHANGED = auto()  # another hand-over time
    UNCHANGED = auto()
    IN_SHOP = auto()  # the car is here under another order
    WRONG = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list: where it stands, what it means, the number of our order (if there is one), all its faults."""

    line: int
    meaning: Meaning
    row: OrderRow | None = None
    number: str = ""
    faults: tuple[Fault, ...] = ()


Listed = Sequence[tuple[int, OrderRow | tuple[Fault, ...]]]


async def compared(unit: Unit, house: House, listed: Listed) -> list[Line]:
    """What each row would do to the books as they are; nothing is written."""
    now = house.clock.now().astimezone(house.calendar.zone)
    rows = [row for _, row in listed if isinstance(row, OrderRow)]
    found = await orders.known(
        unit, [row.number for row in rows], [row.plate for row in rows], now - REMEMBERED
    )
    imported = await audit.latest(unit, IMPORTED, [order.number for order in found])
    known = _Known(unit, found, imported)
    lines = []
    for line, row in listed:
        if isinstance(row, OrderRow):
            lines.append(await _compared(house, now, known, line, row))
        else:
            lines.append(Line(line, Meaning.WRONG, faults=row))
    return lines


async def _compared(house: House, now: datetime, known: _Known, line: int, row: OrderRow) -> Line:
    same = await known.same(row)
    if same is not None and same.plate != row.plate:
        other = Fault(FaultKind.OTHER_CAR, Column.NUMBER.value, f"{same.number} {same.plate}")
        return Line(line, Meaning.WRONG, row, same.number, (other,))
    if same is not None and await known.is_no_news(same, row):
        return Line(line, Meaning.UNCHANGED, row, same.number)
    if same is None and (other_order := known.in_shop.get(row.plate)):
        return Line(line, Meaning.IN_SHOP, row, other_order.number)
    number = same.number if same else ""
    if fault := promise_fault(row, now, house.calendar):
        return Line(line, Meaning.WRONG, row, number, (fault,))
    return Line(line, Meaning.CHANGED if same else Meaning.NEW, row, number)


class _Known:
    """The orders that the rows may be. `imported`: when the shop's system last named a promise of each."""

    def __init__(self, unit: Unit, found: Sequence[Any], imported: Mapping[str, datetime]) -> None:
        self.unit, self.imported = unit, imported
        self.by_reference = {order.reference: order for order in found if order.reference}
        self.in_shop = {order.plate: order for order in found if OrderState(order.state).is_open}
        self.nameless: dict[str, list[Any]] = {}
        for order in found:
            if not order.reference and order.number in imported:
                self.nameless.setdefault(order.plate, []).append(order)

    async def same(self, row: OrderRow) -> Any | None:
        """The order that this row is: by its number; without one, the car's imported order without one.

        A visit that is over is the same only with the promise that the list named: the car may be here again.
        """
        if row.number:
            return self.by_reference.get(row.number)
        nameless = self.nameless.get(row.plate, ())
        for order in nameless:
            if await self._was_promised(order, row.promised):
                return order
        return next((order for order in nameless if OrderState(order.state).is_open), None)

    async def is_no_news(self, order: Any, row: OrderRow) -> bool:
        """Whether the row says nothing that counts: the visit is over or paid, or its time has been promised already.

        Where the shop has moved the promise here meanwhile, a list that still says the old time is merely older.
        """
        return not OrderState(order.state).is_promised or await self._was_promised(order, row.promised)

    async def _was_promised(self, order: Any, promised: datetime) -> bool:
        """Whether the order was promised for then, not before the shop's system last said something of it."""
        if order.promised_at == promised:
            return True
        visit, since = (
            await orders.load(self.unit, order.number, locked=False),
            self.imported.get(order.number),
        )
        made = promises(visit) if visit else ()
        return any(each.at == promised and (since is None or each.made_at >= since) for each in made)
