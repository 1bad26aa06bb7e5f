"""The cars in the demo's shop: five visits at different stages, the same story at every hour of every day (O3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.demo_cast import PASSER_BY, Regular
from dialogs.core import Told
from dialogs.order_moves import DESK
from domain.calendar import NeverOpen, StoreCalendar
from domain.customers import Customer, Vehicle
from domain.handover_times import handover_times
from domain.pickup import plan
from domain.repair_orders import (
    Arrival,
    Estimate,
    Item,
    OrderEntry,
    OrderHappening,
    OrderState,
    RepairOrder,
    state_of,
)
from service.briefing import Briefing
from service.house import House
from service.ledger import Ledger
from service.occasion import Occasion
from service.order_import import filed
from service.play import Play
from storage import customers, outbox, people
from storage.engine import Unit
from storage.outbox import LetterState, Receipt
from storage.people import Person

ADVISOR, MECHANIC, OWNER = 203, 204, 0
RECEPTION = 10  # minutes from the opened order to the signature
PAST = timedelta(days=30)  # looked back for open hours
OVERDUE = timedelta(minutes=20)  # a promise that was not kept is at least as old
SOONEST = timedelta(minutes=10)  # within which nothing happens by itself yet
TRIED = 60  # full hours among which the promised one is looked for

Step = tuple[int, int, OrderHappening, Mapping[str, Any]]
"""Working minutes before the end of the story, who (ADVISOR, MECHANIC, OWNER), what, particulars."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A car in the shop, in working minutes: it came `here` ago and is promised at least `ahead` from now.

    Without `ahead` the promise is overdue, and the story is told from there: what happened before that moment.
    """

    plate: str
    items: tuple[Item, ...]
    fault: str
    arrival: Arrival
    here: int
    ahead: int | None
    steps: tuple[Step, ...] = ()


def _moved(ago: int, who: int, state: OrderState) -> Step:
    return ago, who, OrderHappening.MOVED, {"state": state.value}


def _progress(ago: int, **details: str) -> tuple[Step, Step]:
    """The workshop was asked, and answered at once (G1, G2)."""
    return (ago + 5, OWNER, OrderHappening.ASKED, {}), (ago, MECHANIC, OrderHappening.PROGRESS, details)


BRAKES = Visit(
    "粤B88K66",
    (Item("更换前刹车片", Decimal(560)),),
    "刹车时有尖锐的摩擦声",
    Arrival(46280, 6, key="7", items=("行驶证",)),
    here=100,
    ahead=120,
    steps=(_moved(85, MECHANIC, OrderState.IN_WORK),),
)
MORE_BRAKES = {
    "item": "更换前刹车盘",
    "price": Decimal(680),
    "why": "前刹车盘已磨出沟槽，只换刹车片还会响，制动距离也会变长",
    "safety": True,
    "photo": None,
}
"""What the workshop has just found (X1); the hour after the promised one would be its time."""

VISITS = (
    Visit(
        "粤B5F0A2",
        (Item("小保养（机油、机滤）", Decimal(398)), Item("四轮定位", Decimal(200), Estimate.FIXED)),
        "",
        Arrival(88310, 4, key="12"),
        here=210,
        ahead=0,
        steps=(
            _moved(195, MECHANIC, OrderState.IN_WORK),
            *_progress(60, answer="on_time"),
            _moved(25, MECHANIC, OrderState.INSPECTION),
            _moved(5, ADVISOR, OrderState.READY),
        ),
    ),
    Visit(
        "粤B6T2K1",
        (Item("大保养（含三滤、火花塞）", Decimal(1280)),),
        "",
        Arrival(61850, 4, key="3", items=("保养手册",)),
        here=170,
        ahead=45,
        steps=(
            _moved(160, MECHANIC, OrderState.IN_WORK),
            *_progress(35, answer="on_time"),
            _moved(15, MECHANIC, OrderState.INSPECTION),
        ),
    ),
    Visit(
        "粤B9X8W7",
        (Item("更换空调压缩机", Decimal(3280), Estimate.BY_SYMPTOM),),
        "空调不制冷，开机时有异响",
        Arrival(103400, 2, key="15"),
        here=300,
        ahead=None,
        steps=(
            _moved(285, MECHANIC, OrderState.IN_WORK),
            *_progress(95, answer="parts", reason="parts"),
            (94, OWNER, OrderHappening.ADVISOR_ASKED, {}),
            (60, OWNER, OrderHappening.DELAYED, {"reason": "parts", "late": False}),
        ),
    ),
    Visit(
        PASSER_BY.cars[0][0],
        (Item("左前门、左前翼子板钣金喷漆", Decimal(2600), Estimate.BY_SYMPTOM),),
        "停车时左前侧剐蹭，漆面脱落",
        Arrival(27900, 6, key="9"),
        here=40,
        ahead=960,
    ),
    BRAKES,  # the newest card: it waits for its customer
)


async def visits(unit: Unit, house: House) -> None:
    """Put the cars into the shop; a store that is shut for good has none."""
    ledger = Ledger(unit, house.clock.now())
    play = Play(house, ledger, Briefing(unit, house, ledger.now))
    wanted = await people.load(unit, ledger.now, user_ids=[ADVISOR, MECHANIC])
    shop = Shop(house, ledger.now, {person.user_id: person for person in wanted})
    try:
        orders = [shop.order(visit, await customers.by_plate(unit, visit.plate)) for visit in VISITS]
    except NeverOpen:
        return
    for order in orders:
        newcomer = _newcomer(PASSER_BY) if not order.customer_id else None
        number = await filed(play, order.opened_at, _numbered(order), newcomer)
        if order.plate == BRAKES.plate:
            await shop.find_more(play, replace(order, number=number))
    leaving = await ledger.flush()
    # Nobody carries letters yet: they wait for whoever serves customers first.
    await outbox.settle(
        unit, [Receipt(row["id"], LetterState.PENDING, ledger.now, tried=False) for row in leaving]
    )


def _newcomer(regular: Regular) -> Customer:
    cars = tuple(Vehicle(0, plate, model) for plate, model in regular.cars)
    return Customer(0, None, regular.name, regular.surname, regular.salutation, regular.phone, vehicles=cars)


def _numbered(order: RepairOrder) -> Callable[[str], RepairOrder]:
    return lambda number: replace(order, number=number)


@dataclass(frozen=True, slots=True)
class Shop:
    """What every story is told with: the calendar, the time now (UTC), those who act by their user numbers."""

    house: House
    now: datetime
    staff: Mapping[int, Person]

    def order(self, visit: Visit, owner: Customer | None) -> RepairOrder:
        """The order of `visit`, promised for the first hour that leaves some minutes until anything is due.

        Its number is still missing. Raises NeverOpen.
        """
        figures, calendar = self.house.store.visits, self.house.calendar
        if visit.ahead is None:
            return self._told(visit, owner, self._missed(), self._missed())
        after = calendar.add_business_time(self.now, timedelta(minutes=visit.ahead))
        told: RepairOrder | None = None
        for promised in handover_times(after, calendar, TRIED):
            told = self._told(visit, owner, promised, self.now)
            planned = plan(told, figures, calendar)
            if planned and min(planned.moments.values(), default=promised) >= self.now + SOONEST:
                break
        assert told is not None
        return told

    async def find_more(self, play: Play, order: RepairOrder) -> None:
        """The workshop proposes additional work just now, the customer is asked (X1)."""
        promised = datetime.fromisoformat(order.of(OrderHappening.PROMISED)[-1].details["at"])
        [until] = handover_times(promised, self.house.calendar, 1)
        for desk in await play.ledger.about(DESK, order.number):
            found = Told("proposed", MORE_BRAKES | {"until": until})
            await play.event(desk, found, Occasion(self.staff[MECHANIC]))

    def _missed(self) -> datetime:
        """The last full hour at which a car should have been handed over."""
        since = _before(self.now, timedelta(hours=8), self.house.calendar)
        hours = handover_times(since, self.house.calendar, TRIED)
        return [each for each in hours if each <= self.now - OVERDUE][-1]

    def _told(self, visit: Visit, owner: Customer | None, promised: datetime, until: datetime) -> RepairOrder:
        """The visit as it stands `until` this moment, with everything that has happened."""
        told, advisor = owner or _newcomer(PASSER_BY), self.staff[ADVISOR]
        history = tuple(self._entry(step, promised, until) for step in _steps(visit, promised))
        return RepairOrder(
            number="",
            plate=visit.plate,
            customer_id=told.id,
            person_id=told.person_id or 0,
            address=told.address,
            advisor=advisor.id,
            advisor_name=advisor.first_name,
            opened_at=history[0].at,
            state=state_of(history),
            items=visit.items,
            arrival=visit.arrival,
            fault=visit.fault,
            phone=told.phone,
            tier=told.tier,
            history=history,
        )

    def _entry(self, step: Step, promised: datetime, until: datetime) -> OrderEntry:
        ago, user, happening, details = step
        at = _before(until, timedelta(minutes=ago), self.house.calendar)
        if happening in (OrderHappening.ADVISOR_ASKED, OrderHappening.DELAYED):
            details = {"promise": promised.isoformat()} | dict(details)
        if details.get("state") == OrderState.IN_WORK.value:
            to_ten = at.replace(minute=at.minute // 10 * 10, second=0, microsecond=0)
            details = dict(details) | {"accepted": to_ten.isoformat()}
        who = self.staff.get(user)
        return OrderEntry(at, happening, who.id if who else 0, who.first_name if who else "", details)


def _steps(visit: Visit, promised: datetime) -> tuple[Step, ...]:
    """From the opened order on; who is in the chat signs on the phone."""
    how = "paper" if visit.plate == PASSER_BY.cars[0][0] else "phone"
    opened = visit.here + RECEPTION
    return (
        (opened, ADVISOR, OrderHappening.OPENED, {}),
        (opened, ADVISOR, OrderHappening.PROMISED, {"at": promised.isoformat(), "reason": ""}),
        (visit.here, OWNER, OrderHappening.CONFIRMED, {"how": how}),
        _moved(visit.here, OWNER, OrderState.IN_SHOP),
        *visit.steps,
    )


def _before(moment: datetime, length: timedelta, calendar: StoreCalendar) -> datetime:
    """The moment from which so much working time has passed until `moment`. Raises NeverOpen."""
    left = length
    for span in reversed([*calendar.worked_spans(moment.astimezone(UTC) - PAST, moment)]):
        if span.length >= left:
            return (span.end.astimezone(UTC) - left).astimezone(calendar.zone)
        left -= span.length
    raise NeverOpen(NeverOpen.__doc__)
