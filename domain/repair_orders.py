"""The repair order 进厂维修单 as on paper: what it holds, the states it goes through, everything that happened (O1–O5).

A visit is its history: promised times, answers about additional work, notices and who did what are entries that are
only ever added. What stands now is read from them, by their order and not by their clocks: two processes' clocks may
differ a little, and one that was set back must not undo what has happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any


class OrderState(StrEnum):
    """Where a repair order stands (O3); what may come next says `may_follow`."""

    AWAITING = "awaiting"  # 待确认: the customer has not signed yet
    IN_SHOP = "in_shop"  # 已进厂
    IN_WORK = "in_work"  # 维修中
    INSPECTION = "inspection"  # 待检验
    READY = "ready"  # 可交车
    SETTLED = "settled"  # 已结算
    LEFT = "left"  # 已出厂
    CANCELLED = "cancelled"  # 已取消

    @property
    def is_open(self) -> bool:
        """Whether the car is (or will be) in the shop for it."""
        return self not in (OrderState.LEFT, OrderState.CANCELLED)

    @property
    def is_in_work(self) -> bool:
        """Whether the hand-over still has to be earned: the promise may break (P3)."""
        return self in (OrderState.IN_SHOP, OrderState.IN_WORK, OrderState.INSPECTION)

    @property
    def is_promised(self) -> bool:
        """Whether a promised time counts: the customer has signed, the car is here, nothing is paid yet (P1)."""
        return self.is_in_work or self is OrderState.READY


_FOLLOWING = {
    OrderState.AWAITING: (OrderState.IN_SHOP, OrderState.CANCELLED),
    OrderState.IN_SHOP: (OrderState.IN_WORK, OrderState.CANCELLED),
    OrderState.IN_WORK: (OrderState.INSPECTION, OrderState.CANCELLED),
    OrderState.INSPECTION: (OrderState.READY, OrderState.IN_WORK, OrderState.CANCELLED),
    OrderState.READY: (OrderState.SETTLED, OrderState.IN_WORK),
    OrderState.SETTLED: (OrderState.LEFT,),
}


def may_follow(state: OrderState) -> frozenset[OrderState]:
    """The states that a person may put an order into from `state` (O3); none when it is over.

    One after the other, so that every change has its time and person. What inspection or the hand-over finds goes
    back into work. Cancelling ends with the work: what is ready is settled, be it for the diagnosis fee alone (O2).
    """
    return frozenset(_FOLLOWING.get(state, ()))


class PartsOrigin(StrEnum):
    """Where a part comes from (O1)."""

    GENUINE = "genuine"  # 正厂件
    AFTERMARKET = "aftermarket"  # 副厂件
    CUSTOMER = "customer"  # 客户自备: no quality guarantee, the customer confirms that


class Estimate(StrEnum):
    """How the price of an item was found (O1)."""

    BY_SYSTEM = "by_system"
    BY_SYMPTOM = "by_symptom"
    FIXED = "fixed"


class OrderHappening(StrEnum):
    """What an entry of a visit's history says. Moments in `details` are aware, in ISO 8601."""

    OPENED = "opened"
    CONFIRMED = "confirmed"  # the customer's signature (O2)
    DECLINED = "declined"
    MOVED = "moved"  # details state: the order is in this state now (O3)
    PROMISED = "promised"  # details at, reason: the hand-over time promised from now on (P5)
    ASKED = "asked"  # the workshop was asked how it goes: a second time with the supervisor (G1, G3)
    PROGRESS = "progress"  # details answer, to, reason: what the workshop said (G2)
    ADVISOR_ASKED = "advisor_asked"  # the advisor was asked for reason and new time (P3)
    PROPOSED = "proposed"  # details item, price, why, until, safety: additional work (X1)
    WORK_REMINDED = "work_reminded"  # details item: the customer was reminded of the question (X2)
    AGREED = "agreed"  # details item: 同意 (X3)
    REFUSED = "refused"  # details item: 不同意, read back where it is about safety (X3)
    CALL_WANTED = "call_wanted"  # details item: 请来电
    NOTICED = "noticed"  # the pickup notice left, planned or by the button: details promise (P1, P5, P6)
    DELAYED = (
        "delayed"  # the delay notice left: details promise (which will not be kept), reason, to if known (P3)
    )
    ANSWERED = "answered"  # details answer: on_time, late, change (P4)
    CALL_TASK = "call_task"  # the advisor was given a phone task: details promise (P4) or item (X2)
    TOLD = "told"  # the customer heard something else of the car; details promise: a new time
    NUDGED = "nudged"  # the advisor was reminded that the customer has heard nothing for long


_HEARD = (
    OrderHappening.OPENED,
    OrderHappening.CONFIRMED,
    OrderHappening.PROPOSED,
    OrderHappening.NOTICED,
    OrderHappening.DELAYED,
    OrderHappening.TOLD,
)
"""What the customer hears of, each with a message of its own or face to face."""


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """One line of a visit's history: when, what, which member of staff (0: the customer or nobody), particulars."""

    at: datetime
    happening: OrderHappening
    person: int = 0
    who: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the order: what is done and at what estimate, in yuan."""

    name: str
    price: Decimal
    estimate: Estimate = Estimate.BY_SYSTEM
    origin: PartsOrigin = PartsOrigin.GENUINE


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was noted of the car when it came (O1). `fuel` in eighths of the tank (None: not noted); mileage in km.

    `photos` are (kind, file) of what was photographed or filmed, as the messaging service keeps it.
    """

    mileage: int = 0
    fuel: int | None = None
    key: str = ""
    items: tuple[str, ...] = ()  # documents and accompanying items
    photos: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RepairOrder:
    """A visit with its whole history, oldest entry first. `state` is `state_of` it, kept beside it for lists.

    `customer_id` 0: the file is opened with the order; `person_id` 0: not in the chat, so that they are called.
    `advisor` 0: nobody in particular, the front desk. `benefits`: an appointment's benefits are due at settlement
    (B12). `reference`: the number in the shop's own system, for imported orders (O4).
    """

    number: str
    plate: str
    customer_id: int
    person_id: int
    address: str
    advisor: int
    advisor_name: str
    opened_at: datetime
    state: OrderState = OrderState.AWAITING
    items: tuple[Item, ...] = ()
    arrival: Arrival = Arrival()
    fault: str = ""
    appointment: str = ""
    phone: str = ""
    tier: str = ""
    benefits: bool = False
    reference: str = ""
    history: tuple[OrderEntry, ...] = ()

    def of(self, *happenings: OrderHappening) -> tuple[OrderEntry, ...]:
        """The entries of these sorts, oldest first."""
        return tuple(entry for entry in self.history if entry.happening in happenings)

    @property
    def agreed(self) -> tuple[Item, ...]:
        """Additional work that the customer agreed to, in the order it was proposed; its last price counts (X3)."""
        proposed: dict[str, OrderEntry] = {}
        agreed: set[str] = set()
        for entry in self.of(OrderHappening.PROPOSED, OrderHappening.AGREED, OrderHappening.REFUSED):
            name = str(entry.details["item"])
            agreed.discard(name)
            if entry.happening is OrderHappening.PROPOSED:
                proposed[name] = entry
            elif entry.happening is OrderHappening.AGREED:
                agreed.add(name)
        return tuple(
            Item(name, Decimal(entry.details["price"]), Estimate.BY_SYMPTOM)
            for name, entry in proposed.items()
            if name in agreed
        )

    @property
    def total(self) -> Decimal:
        """The estimate of everything together, additional work that was agreed to included, in yuan."""
        return sum((item.price for item in (*self.items, *self.agreed)), Decimal(0))

    @property
    def is_signed(self) -> bool:
        """Whether the customer has confirmed the order, on the phone or on paper (O2)."""
        return bool(self.of(OrderHappening.CONFIRMED))

    @property
    def unwarranted(self) -> tuple[Item, ...]:
        """Items with parts that carry the "no quality guarantee" line (O1)."""
        return tuple(item for item in self.items if item.origin is not PartsOrigin.GENUINE)

    @property
    def last_word_at(self) -> datetime | None:
        """When the customer last heard something of the car; None before the first word (silent visits)."""
        heard = self.of(*_HEARD)
        return heard[-1].at if heard else None


def state_of(history: Iterable[OrderEntry]) -> OrderState:
    """Where the order of this history stands (O3): nothing has been moved yet while the customer's signature waits."""
    state = OrderState.AWAITING
    for entry in history:
        if entry.happening is OrderHappening.MOVED:
            state = OrderState(entry.details["state"])
    return state


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFigures:
    """Figures of X2, G1–G3, P1–P4 and of silent visits; minutes unless the name says otherwise.

    `long_work_hours`: from this planned duration on the longer lead counts (P1). `ask_minutes` before the notice the
    advisor is asked (P3); `answer_minutes` after it the customer is called (P4). `progress_share` of the planned
    working time: the workshop is asked (G1). `silent_hours` of working time without a word to the customer.
    """

    short_lead_hours: int = 1
    long_lead_hours: int = 4
    long_work_hours: int = 48
    ask_minutes: int = 30
    answer_minutes: int = 30
    progress_share: Decimal = Decimal("0.75")
    progress_answer_minutes: int = 15
    work_reminder_minutes: int = 15
    work_call_minutes: int = 30
    silent_hours: int = 4

    def lead(self, planned: timedelta) -> timedelta:
        """How long before the promised time the pickup notice is due (P1): two days included have the long one."""
        long = planned >= timedelta(hours=self.long_work_hours)
        return timedelta(hours=self.long_lead_hours if long else self.short_lead_hours)

    def progress_part(self, length: timedelta) -> timedelta:
        """`progress_share` of a length of time, exact to the microsecond (G1)."""
        return timedelta(microseconds=int(length // timedelta(microseconds=1) * self.progress_share))


PREFIX = "JC"
"""How the number of a repair order begins."""


def order_number(opened_on: datetime, conversation: int) -> str:
    """The number on the form: JC, the day (store time), and the conversation it was made in: so it is unique."""
    return f"{PREFIX}{opened_on:%y%m%d}-{conversation:03d}"
