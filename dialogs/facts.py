"""What a dialog is told before one of its steps runs. A dialog names its `needs`; the desk loads them in bulk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from domain.appointments import Appointment
from domain.calendar import StoreCalendar
from domain.complaints import Complaint, Earlier, Step
from domain.customer_questions import CustomerQuestion
from domain.customers import Customer
from domain.discounts import Discount
from domain.follow_ups import FollowUp, Hindrance
from domain.people import Queue, Role
from domain.questionnaires import Paper, Questionnaire
from domain.repair_orders import OrderState, RepairOrder
from domain.settlement import Settlement
from domain.slots import Schedule
from domain.store import Store

if TYPE_CHECKING:
    from domain.complaint_routing import RoutingRules

CUSTOMER_FILE: Final = "customer"  # the file of the conversation's person, with vehicles
APPOINTMENTS: Final = "appointments"  # that customer's standing appointments, soonest first
SCHEDULE: Final = "schedule"  # opening times and what is taken in the bays
SUBJECT: Final = "subject"  # the appointment the conversation is about, and whose it is
COLLEAGUES: Final = "colleagues"  # everybody who holds a role (R1)
REGISTER: Final = "register"  # everybody's appointments of today and the six days after it (B7)
COMPLAINT: Final = (
    "complaint"  # the complaint the conversation is about, and earlier ones of that person or car
)
MY_COMPLAINTS: Final = "my_complaints"  # the open complaints of the conversation's person
WORK: Final = "work"  # what the colleague who acts owns, or what waits at the desks they serve
ROUTING: Final = "routing"  # what the store has written down about complaints (scripts_zh/routing.yaml)
SOUGHT: Final = "sought"  # the customer file of the plate or phone that a colleague wrote
ORDER: Final = "order"  # the repair order the conversation is about
MY_ORDERS: Final = "my_orders"  # the open repair orders of the conversation's person
IN_SHOP: Final = "in_shop"  # open repair orders, the one promised soonest first
RECEPTION: Final = (
    "reception"  # what is known of the plate that a colleague wrote, or of the appointment they chose
)
BILL: Final = "bill"  # the settlement of the order the conversation is about, and the discounts asked on it
APPRAISAL: Final = "appraisal"  # what somebody who decides about a discount has to know besides
FOLLOW_UP: Final = "follow_up"  # the follow-up the conversation is about, its sheet, and what hinders it
QUESTIONNAIRES: Final = "questionnaires"  # the sheets as the store has them now
TO_CALL: Final = "to_call"  # the follow-ups that wait for a call
SOUGHT_CONTACTS: Final = "sought_contacts"  # the open follow-ups of the customer whom SOUGHT finds
QUESTION: Final = "question"  # the customer's question the conversation is about
QUESTIONS: Final = "questions"  # every open question
OWN_RATINGS: Final = "own_ratings"  # what customers gave the colleague who acts, this month
NEW_INVITATION: Final = "new_invitation"  # a new secret for an invitation (R3)
INVITATIONS: Final = "invitations"  # the invitations that could still be used


@dataclass(frozen=True, slots=True)
class Token:
    """A new secret for an invitation: what the newcomer sends, as words and (where the bot's name is known) as a link.

    `number` names it where nobody may read the secret itself: in the audit log and on buttons.
    """

    secret: str = field(repr=False)
    number: str
    link: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that could still be used. `issued_by`: 0 from the command line."""

    number: str
    role: Role
    expires_at: datetime
    issued_by: int = 0


@dataclass(frozen=True, slots=True)
class Who:
    """The person who wrote or pressed (nobody when a timer woke the conversation), or a colleague.

    `roles` are all that they may act in now; those of them that are `lent` they have only while they stand in for
    somebody. `absent_until`: away till then (None: present); `substitute` is who stands in (0: nobody) (R4).
    """

    person_id: int = 0
    first_name: str = ""
    username: str = ""
    roles: frozenset[Role] = frozenset()
    lent: frozenset[Role] = frozenset()
    absent_until: datetime | None = None
    substitute: int = 0

    @property
    def own_roles(self) -> frozenset[Role]:
        """The roles that are theirs for good (R1)."""
        return self.roles - self.lent


@dataclass(frozen=True, slots=True)
class Work:
    """One thing a colleague has to do: leg `leg` of complaint `number`; `mine` or waiting for anybody of the desk."""

    number: str
    leg: str
    queue: Queue
    due_at: datetime | None
    mine: bool

    @property
    def step(self) -> Step:
        """Which step of the chain it is."""
        return Step(self.leg.split(".")[0])


EXPECTED: Final = "expected"
"""The key of a button whose value is an appointment's number: its car is what RECEPTION tells about."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What is known of a car that arrives: its plate, its owner's file, the standing appointment of today, and the
    number of the order under which it is in the shop already ("": it is not)."""

    plate: str = ""
    customer: Customer | None = None
    appointment: Appointment | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class CarInShop:
    """One line of the list of cars in the shop. `advisor` 0: nobody in particular."""

    number: str
    plate: str
    address: str
    state: OrderState
    advisor: int
    advisor_name: str
    promised_at: datetime | None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """For whoever decides about a discount, in yuan: what the customer spent and was granted on other visits, the
    most similar requests and how they ended, and what is left of this month's goodwill."""

    spent: Decimal
    granted: Decimal
    similar: tuple[Discount, ...]
    goodwill: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a step may look at besides its state. What a dialog did not ask for raises when it is read.

    `now` is aware, in store time. `home_person` is the person of the conversation's private chat (0 at a
    staff queue), `queue` the staff queue that it lies at (None in a private chat).
    """

    now: datetime
    store: Store
    who: Who
    conversation: int
    calendar: StoreCalendar
    home_person: int = 0
    queue: Queue | None = None
    in_group: bool = False
    subject: str = ""
    turn: int = 0
    loaded: frozenset[str] = frozenset()
    _customer: Customer | None = None
    _appointments: tuple[Appointment, ...] = ()
    _schedule: Schedule | None = None
    _appointment: Appointment | None = None
    _owner: Customer | None = None
    _sought: Customer | None = None
    _colleagues: tuple[Who, ...] = ()
    _register: tuple[Appointment, ...] | None = None
    _complaint: Complaint | None = None
    _earlier: tuple[Earlier, ...] = ()
    _my_complaints: tuple[Earlier, ...] = ()
    _work: tuple[Work, ...] = ()
    _routing: RoutingRules | None = None
    _order: RepairOrder | None = None
    _my_orders: tuple[str, ...] = ()
    _in_shop: tuple[CarInShop, ...] = ()
    _reception: Reception | None = None
    _settlement: Settlement | None = None
    _discounts: tuple[Discount, ...] = ()
    _appraisal: Appraisal | None = None
    _follow_up: FollowUp | None = None
    _paper: Paper | None = None
    _hindrance: Hindrance | None = None
    _questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
    _to_call: tuple[FollowUp, ...] = ()
    _sought_contacts: tuple[FollowUp, ...] = ()
    _question: CustomerQuestion | None = None
    _questions: tuple[CustomerQuestion, ...] = ()
    _own_ratings: tuple[int, ...] = ()
    _token: Token | None = None
    _invitations: tuple[Invited, ...] = ()

    def _must(self, need: str) -> None:
        if need not in self.loaded:
            raise LookupError(
                f"The dialog reads the fact {need!r} without naming it in its needs: add it there."
            )

    @property
    def customer(self) -> Customer | None:
        """The file of the person this conversation is held with; None while there is none."""
        self._must(CUSTOMER_FILE)
        return self._customer

    @property
    def appointments(self) -> tuple[Appointment, ...]:
        """Their standing appointments, soonest first."""
        self._must(APPOINTMENTS)
        return self._appointments

    @property
    def schedule(self) -> Schedule:
        """The store's calendar and bays as they are in this transaction."""
        self._must(SCHEDULE)
        assert self._schedule is not None
        return self._schedule

    @property
    def appointment(self) -> Appointment | None:
        """The appointment that the conversation's subject names."""
        self._must(SUBJECT)
        return self._appointment

    @property
    def owner(self) -> Customer | None:
        """The customer whose appointment that is."""
        self._must(SUBJECT)
        return self._owner

    @property
    def sought(self) -> Customer | None:
        """The customer file that belongs to the plate, else to the phone number, in a colleague's words."""
        self._must(SOUGHT)
        return self._sought

    @property
    def colleagues(self) -> tuple[Who, ...]:
        """Everybody who holds a role."""
        self._must(COLLEAGUES)
        return self._colleagues

    def colleague(self, person: int) -> Who | None:
        """The colleague with this number; None when they hold no role (any more)."""
        return next((each for each in self.colleagues if each.person_id == person), None)

    @property
    def register(self) -> tuple[Appointment, ...]:
        """All appointments of today and the six days after it, whatever became of them, soonest first (B7)."""
        self._must(REGISTER)
        assert self._register is not None
        return self._register

    @property
    def complaint(self) -> Complaint | None:
        """The complaint that the conversation's subject names, with its whole history."""
        self._must(COMPLAINT)
        return self._complaint

    @property
    def earlier(self) -> tuple[Earlier, ...]:
        """Other complaints of the same person or car, the newest first (C12)."""
        self._must(COMPLAINT)
        return self._earlier

    @property
    def my_complaints(self) -> tuple[Earlier, ...]:
        """The open complaints of the person this conversation is held with, the newest first."""
        self._must(MY_COMPLAINTS)
        return self._my_complaints

    @property
    def work(self) -> tuple[Work, ...]:
        """What the colleague who acts has to do, the most urgent first."""
        self._must(WORK)
        return self._work

    @property
    def routing(self) -> RoutingRules:
        """How complaints are told apart in this store (C5)."""
        self._must(ROUTING)
        assert self._routing is not None
        return self._routing

    @property
    def order(self) -> RepairOrder | None:
        """The repair order that the conversation's subject names, with its whole history."""
        self._must(ORDER)
        return self._order

    @property
    def my_orders(self) -> tuple[str, ...]:
        """Numbers of the open repair orders of the person this conversation is held with, the oldest first."""
        self._must(MY_ORDERS)
        return self._my_orders

    @property
    def in_shop(self) -> tuple[CarInShop, ...]:
        """Everybody's open repair orders, the one promised soonest first."""
        self._must(IN_SHOP)
        return self._in_shop

    @property
    def reception(self) -> Reception:
        """What is known of the car that was named just now: by its plate, or by today's appointment."""
        self._must(RECEPTION)
        return self._reception or Reception()

    @property
    def settlement(self) -> Settlement | None:
        """The bill of the order that the conversation's subject names; None before it was written."""
        self._must(BILL)
        return self._settlement

    @property
    def discounts(self) -> tuple[Discount, ...]:
        """Every discount asked on that order, the oldest first."""
        self._must(BILL)
        return self._discounts

    @property
    def appraisal(self) -> Appraisal:
        """What there is to know besides, about the last discount asked on that order."""
        self._must(APPRAISAL)
        assert self._appraisal is not None
        return self._appraisal

    @property
    def follow_up(self) -> FollowUp | None:
        """The follow-up that the conversation's subject names, with its answers and calls."""
        self._must(FOLLOW_UP)
        return self._follow_up

    @property
    def paper(self) -> Paper | None:
        """Its sheet, in the version that the customer has begun, with the answers; None: there is none any more."""
        self._must(FOLLOW_UP)
        return self._paper

    @property
    def hindrance(self) -> Hindrance | None:
        """Why the customer is not to be asked now (F2). Looked up when a timer wakes the conversation, else None."""
        self._must(FOLLOW_UP)
        return self._hindrance

    @property
    def questionnaires(self) -> Mapping[str, Questionnaire]:
        """The sheets as the store has them now, by id."""
        self._must(QUESTIONNAIRES)
        return self._questionnaires

    @property
    def to_call(self) -> tuple[FollowUp, ...]:
        """The follow-ups that wait for a call now, whose time is over soonest first (F4)."""
        self._must(TO_CALL)
        return self._to_call

    @property
    def sought_contacts(self) -> tuple[FollowUp, ...]:
        """The open follow-ups of the customer whose plate or phone a colleague wrote just now, by when they are due."""
        self._must(SOUGHT_CONTACTS)
        return self._sought_contacts

    @property
    def question(self) -> CustomerQuestion | None:
        """The customer's question that the conversation's subject names."""
        self._must(QUESTION)
        return self._question

    @property
    def questions(self) -> tuple[CustomerQuestion, ...]:
        """Every open question, the oldest first."""
        self._must(QUESTIONS)
        return self._questions

    @property
    def own_ratings(self) -> tuple[int, ...]:
        """The ratings of this month on visits that the colleague who acts was responsible for (F7)."""
        self._must(OWN_RATINGS)
        return self._own_ratings

    @property
    def token(self) -> Token:
        """A secret that nobody has been told yet (R3)."""
        self._must(NEW_INVITATION)
        assert self._token is not None
        return self._token

    @property
    def invitations(self) -> tuple[Invited, ...]:
        """The invitations that could still be used, the oldest first."""
        self._must(INVITATIONS)
        return self._invitations
