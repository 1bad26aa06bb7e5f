"""What a repair order needs before it is opened: the fields of 接车开单, and what reception knows of them already."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.names import PersonName, Salutation
from domain.repair_orders import Arrival, Estimate, Item, PartsOrigin

if TYPE_CHECKING:
    from dialogs.facts import Facts, Reception

LOOKS = ("mileage", "fuel", "key", "things", "photos", "fault")
"""What is noted of a car that arrives, in the order in which it is asked; each may be left out."""


@dataclass(frozen=True, slots=True)
class Line:
    """One item; `service` is the store's code ("" when it was typed), `price` None while it is not known."""

    name: str
    price: Decimal | None = None
    estimate: Estimate = Estimate.BY_SYMPTOM
    origin: PartsOrigin = PartsOrigin.GENUINE
    service: str = ""


@dataclass(frozen=True, slots=True)
class OrderForm:
    """What is known so far. `customer` and `person` are 0 without file and without chat.

    `standing`: the order under which the car is in the shop already. `total`: what the colleague typed as the sum
    of everything. `picking`: the origin whose items are being chosen. `wanted`: a time that was typed and cannot be
    had. `looked`: those of LOOKS that were asked.
    """

    plate: str = ""
    standing: str = ""
    customer: int = 0
    person: int = 0
    name: str = ""
    surname: str = ""
    salutation: str = ""
    salutation_asked: bool = False
    phone: str = ""
    tier: str = ""
    appointment: str = ""
    benefits: bool = False
    lines: tuple[Line, ...] = ()
    lines_told: bool = False
    origins_told: bool = False
    picking: PartsOrigin | None = None
    total: Decimal | None = None
    promised: datetime | None = None
    wanted: datetime | None = None
    arrival: Arrival = field(default_factory=Arrival)
    fault: str = ""
    looked: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """How the customer is spoken of: 王先生; "" while nothing is known."""
        said = Salutation(self.salutation) if self.salutation else None
        return PersonName(self.surname, self.name, said).address() if self.name else ""

    @property
    def sum(self) -> Decimal:
        """The estimate of everything together, in yuan."""
        return sum((line.price or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def disagrees(self) -> bool:
        """Whether the sum that was typed is another than that of the items."""
        return self.total is not None and self.total != self.sum

    @property
    def unpriced(self) -> Line | None:
        """The first item without a price."""
        return next((line for line in self.lines if line.price is None), None)

    @property
    def unwarranted(self) -> tuple[Line, ...]:
        """Items whose parts carry the "no quality guarantee" line (O1)."""
        return tuple(line for line in self.lines if line.origin is not PartsOrigin.GENUINE)

    @property
    def items(self) -> tuple[Item, ...]:
        """The items as the order keeps them."""
        return tuple(
            Item(line.name, line.price or Decimal(0), line.estimate, line.origin) for line in self.lines
        )

    def having_looked(self, *looks: str) -> OrderForm:
        """The form after these of LOOKS were asked."""
        return replace(self, looked=tuple(dict.fromkeys((*self.looked, *looks))))


def received(form: OrderForm, plate: str, reception: Reception, facts: Facts) -> OrderForm:
    """The form of the car `plate` with what file and today's appointment say of it (A1)."""
    form = replace(form, plate=plate, standing=reception.order)
    if file := reception.customer:
        form = replace(
            form,
            customer=file.id,
            person=file.person_id or 0,
            name=file.name,
            surname=file.surname,
            salutation=file.salutation,
            salutation_asked=bool(file.name),
            phone=file.phone,
            tier=file.tier,
        )
    agreed = reception.appointment
    if agreed is None or not agreed.state.standing:
        return form
    form = replace(form, appointment=agreed.number, benefits=agreed.benefits)
    if agreed.description and not form.fault:
        form = replace(form, fault=agreed.description).having_looked("fault")
    return form if form.lines else replace(form, lines=booked(agreed.service, facts))


def booked(code: str, facts: Facts) -> tuple[Line, ...]:
    """The store's service `code` as an item at the store's price; none when the store offers it no more."""
    service = next((each for each in facts.store.services if each.code == code), None)
    if service is None:
        return ()
    estimate = Estimate.FIXED if service.fixed_price else Estimate.BY_SYSTEM
    return (Line(service.name, service.price, estimate, service=code),)
