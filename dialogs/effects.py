"""The effects that change the store's books: appointments, customer files, staff.

Each of them may be refused; the engine then undoes the turn and gives the same step, with the state it had,
``Refused(effect, reason)``. The reasons are named in each docstring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dialogs.core import TradeEffect
from domain.appointments import AppointmentState, Source
from domain.complaints import Classification, Complaint, Entry
from domain.customer_questions import CustomerQuestion
from domain.customers import Customer
from domain.discounts import Discount
from domain.follow_ups import CallMade, FollowUp
from domain.people import Role
from domain.questionnaires import Answer, FollowUpEvent
from domain.repair_orders import OrderEntry, RepairOrder
from domain.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Reserve(TradeEffect):
    """Appointment `number` takes a bay from `start` on for `minutes` of work; a slot it had before is freed (B4, B9).

    `state` is HELD (until `until`), AWAITING_DEPOSIT or BOOKED. `customer` is the file it belongs to; 0: that of
    the conversation's person. Refused: ``full`` (no bay of the kind is free).
    """

    number: str
    service: str
    plate: str
    start: datetime
    minutes: int
    state: AppointmentState = AppointmentState.BOOKED
    until: datetime | None = None
    description: str = ""
    deposit: Decimal = Decimal(0)
    source: Source = Source.CUSTOMER
    customer: int = 0


@dataclass(frozen=True, slots=True)
class Mark(TradeEffect):
    """Appointment `number` goes from one of the states `coming_from` to `state`; its bay is freed if that keeps none.

    Refused: ``changed`` (it is in another state by now).
    """

    number: str
    state: AppointmentState
    coming_from: frozenset[AppointmentState]


@dataclass(frozen=True, slots=True)
class Acknowledge(TradeEffect):
    """The workshop has seen appointment `number` and keeps the bay (B6). Refused: ``changed`` (somebody was first)."""

    number: str


@dataclass(frozen=True, slots=True)
class Describe(TradeEffect):
    """Write the customer's own words about appointment `number` into the form (B2). Never refused."""

    number: str
    description: str


@dataclass(frozen=True, slots=True)
class Consent(TradeEffect):
    """The person agrees that we store what they tell us (A3); opens an empty customer file. Never refused."""


@dataclass(frozen=True, slots=True)
class SaveCustomer(TradeEffect):
    """Write into the customer file of this conversation's person; None leaves a field as it is. Never refused."""

    name: str | None = None
    surname: str | None = None
    salutation: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class SaveVehicle(TradeEffect):
    """One vehicle, one file (A1): note that `plate` belongs to this person. Refused: ``other_owner``."""

    plate: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Join(TradeEffect):
    """Use the invitation `token` (R3). Refused: ``unknown``, ``used``, ``expired``."""

    token: str


@dataclass(frozen=True, slots=True)
class Leave(TradeEffect):
    """`person` holds no role from now on, is nobody's substitute, and their invitations are worthless (R3).

    Refused: ``no_staff`` (they held none).
    """

    person: int


@dataclass(frozen=True, slots=True)
class Invite(TradeEffect):
    """Whoever brings `secret` within the store's time gets `role`, once (R3). Never refused."""

    secret: str
    role: Role


@dataclass(frozen=True, slots=True)
class Revoke(TradeEffect):
    """The invitation `number` is worthless from now on (R3). Refused: ``over`` (it was already)."""

    number: str


@dataclass(frozen=True, slots=True)
class Replace(TradeEffect):
    """`substitute` acts for `person` from `begins` until `ends`; roles follow by themselves at both moments (R4).

    An absence of that person that begins at the same moment is changed; that is how a substitute is exchanged.
    Refused: ``over`` (it ends before now); ``self``; ``gone`` (one of the two holds no role); ``twice`` (the person
    is away then already); ``absent`` (the substitute is), ``circle`` (and it is `person` who would act for them).
    """

    person: int
    substitute: int
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Return(TradeEffect):
    """`person` is back from the absence that began at `begins`, or does not begin it (R4). Refused: ``over``."""

    person: int
    begins: datetime


@dataclass(frozen=True, slots=True)
class BindGroup(TradeEffect):
    """The group in which this was said is the staff group now, with a topic per queue if it can. Never refused."""


@dataclass(frozen=True, slots=True)
class FileComplaint(TradeEffect):
    """Open `complaint` with the history it has so far (C1, C3). Never refused."""

    complaint: Complaint


@dataclass(frozen=True, slots=True)
class Note(TradeEffect):
    """Add `entries` to the history of complaint `number` (C8). Never refused: whoever was told of it has it alone."""

    number: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Classify(TradeEffect):
    """Complaint `number` is about `about` (C2); `confirmed` by a person. Never refused."""

    number: str
    about: Classification
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class KeepPhone(TradeEffect):
    """The number at which whoever made complaint `number` wants to be called. Never refused."""

    number: str
    phone: str


@dataclass(frozen=True, slots=True)
class FileOrder(TradeEffect):
    """Open the repair order `order` with the history it has so far (O1).

    Without a `customer_id` it belongs to the file with the phone number of `newcomer`, or to a new one (A1: the same
    day). Refused: ``in_shop`` (the car has an open order, or its reference was imported already).
    """

    order: RepairOrder
    newcomer: Customer | None = None


@dataclass(frozen=True, slots=True)
class NoteOrder(TradeEffect):
    """Add `entries` to the history of repair order `number`; its state and promised time follow. Never refused."""

    number: str
    entries: tuple[OrderEntry, ...]


@dataclass(frozen=True, slots=True)
class Entrust(TradeEffect):
    """`advisor` is responsible for repair order `number` from now on. Never refused."""

    number: str
    advisor: int
    name: str


@dataclass(frozen=True, slots=True)
class SaveSettlement(TradeEffect):
    """The bill of an order stands like this from now on (D7). Never refused: the order is locked by whoever has it."""

    settlement: Settlement


@dataclass(frozen=True, slots=True)
class AskDiscount(TradeEffect):
    """Ask for `discount` on the bill as it stands (D1). Refused: ``open`` (one is being asked already)."""

    discount: Discount


@dataclass(frozen=True, slots=True)
class Decide(TradeEffect):
    """`discount` is no longer open: it is as given here, who decided included (D2, D3).

    Granted, the bill carries it from now on. Refused: ``decided`` (somebody was quicker), ``outdated`` (it was asked
    for another version of the bill).
    """

    discount: Discount


@dataclass(frozen=True, slots=True)
class RaiseDiscount(TradeEffect):
    """The request `number` goes to `level` (D4, D5). Refused: ``decided``."""

    number: str
    level: Role


@dataclass(frozen=True, slots=True)
class PlanFollowUp(TradeEffect):
    """Write down the contact that `follow_up` plans (F1).

    Without a `customer_id` it belongs to the file with the phone number of `newcomer`, or to a new one (A1). Never
    refused.
    """

    follow_up: FollowUp
    newcomer: Customer | None = None


@dataclass(frozen=True, slots=True)
class NoteEvent(TradeEffect):
    """A colleague enters that `event` happened `at` a moment to the car `plate`, else to whoever has `phone` (F1).

    It comes before what is planned for it. Refused: ``twice`` (the same was entered, or seen, within a day of it).
    """

    event: FollowUpEvent
    at: datetime
    plate: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class TakeCall(TradeEffect):
    """Whoever acts calls about follow-up `number`, nobody else does (F4).

    `early`: of their own accord, before its time or while the customer is asked in the chat. Refused: ``taken``
    (somebody else is calling, or it waits for no call any more).
    """

    number: str
    early: bool = False


@dataclass(frozen=True, slots=True)
class NoteFollowUp(TradeEffect):
    """The follow-up stands like this from now on; its answers and calls are written by the effects below (F4).

    With a version its sheet is kept as it is now, so that it can be finished whatever the store writes later. Never
    refused: it is locked by whoever has it.
    """

    follow_up: FollowUp


@dataclass(frozen=True, slots=True)
class GiveAnswer(TradeEffect):
    """Keep `answer` with follow-up `number`, in place of an earlier one to the same question (F4). Never refused."""

    number: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class NoteCall(TradeEffect):
    """A colleague called about follow-up `number` (F4). Never refused."""

    number: str
    call: CallMade


@dataclass(frozen=True, slots=True)
class OptOut(TradeEffect):
    """The person of this conversation wants no care messages any more (F2, K5), or (`out` false) wants them again.

    `person`: somebody else, who has said so to a colleague. Never refused.
    """

    out: bool = True
    person: int = 0


@dataclass(frozen=True, slots=True)
class KeepQuestion(TradeEffect):
    """A customer's question stands like this from now on (Q2). Never refused."""

    question: CustomerQuestion
