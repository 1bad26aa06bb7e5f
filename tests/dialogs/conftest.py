"""A desk without a database: dialogs are played on hand-made facts, and every word they say is really filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dialogs import order_moves
from dialogs.appointment_form import Form
from dialogs.catalogue import DIALOGS
from dialogs.complaint_moves import noted
from dialogs.core import (
    Advanced,
    Button,
    Effect,
    Entered,
    Event,
    Open,
    Outcome,
    Pressed,
    Refused,
    Said,
    Say,
    Toast,
    Told,
    TradeEffect,
    Unwake,
    Wake,
    Woke,
    advance,
)
from dialogs.effects import (
    AskDiscount,
    Classify,
    Consent,
    Decide,
    Entrust,
    FileComplaint,
    FileOrder,
    GiveAnswer,
    Join,
    KeepQuestion,
    Mark,
    Note,
    NoteCall,
    NoteEvent,
    NoteFollowUp,
    NoteOrder,
    OptOut,
    PlanFollowUp,
    RaiseDiscount,
    Reserve,
    SaveCustomer,
    SaveSettlement,
    SaveVehicle,
    TakeCall,
)
from dialogs.facts import Appraisal, CarInShop, Facts, Invited, Reception, Token, Who, Work
from domain.appointments import Appointment
from domain.calendar import StoreCalendar
from domain.complaints import Complaint, Earlier
from domain.customer_questions import CustomerQuestion
from domain.customers import Customer, Vehicle
from domain.people import Role
from domain.questionnaires import Questionnaire
from domain.repair_orders import RepairOrder
from domain.slots import Schedule
from domain.store import Bay, BookingFigures, DayHours, Pause, Service, ServiceGroup, Store, WeekHours
from scripts_zh.rendering import Scripts
from scripts_zh.routing import routing_rules
from storage import states
from tests.dialogs.bill_books import NEVER_BEFORE, BillBooks
from tests.dialogs.follow_up_books import FollowUpBooks

ZONE = ZoneInfo("Asia/Shanghai")
SCRIPTS = Scripts(Path(__file__).parents[2] / "scripts_zh", ZONE)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)

_WORKDAY = DayHours(opens=time(8, 30), closes=time(17, 30), breaks=(Pause(starts=time(12), ends=time(13)),))
STORE = Store(
    name="远航汽车",
    address="深圳市南山区创业路 8 号",
    phones=("0755-86001234",),
    rescue_phone="0755-86009999",
    hours=WeekHours(
        monday=_WORKDAY,
        tuesday=_WORKDAY,
        wednesday=_WORKDAY,
        thursday=_WORKDAY,
        friday=_WORKDAY,
        saturday=_WORKDAY,
    ),
    bays=(
        Bay(id="Q1", kind="quick", name="快修 1 号"),
        Bay(id="Q2", kind="quick", name="快修 2 号"),
        Bay(id="R1", kind="repair", name="机修 1 号"),
    ),
    services=(
        Service(
            code="minor",
            name="小保养",
            group=ServiceGroup.MAINTENANCE,
            bay_kind="quick",
            minutes=60,
            price=Decimal(398),
        ),
        Service(
            code="major",
            name="大保养",
            group=ServiceGroup.MAINTENANCE,
            bay_kind="quick",
            minutes=150,
            price=Decimal(1280),
        ),
        Service(
            code="gearbox",
            name="变速箱维修",
            group=ServiceGroup.REPAIR,
            bay_kind="repair",
            minutes=240,
            price=Decimal(3600),
            parts_price=Decimal(2400),
        ),
        Service(
            code="check",
            name="故障诊断",
            group=ServiceGroup.DIAGNOSIS,
            bay_kind="repair",
            minutes=60,
            needs_description=True,
        ),
    ),
    booking=BookingFigures(),
)
CALENDAR = StoreCalendar.of(STORE)
WANG = Customer(
    id=7,
    person_id=3,
    name="王建国",
    surname="王",
    salutation="先生",
    phone="+8613800138000",
    consent_at=MONDAY - timedelta(days=90),
    vehicles=(Vehicle(1, "粤B12345", "朗逸"),),
)
STRANGER = Who(person_id=3, first_name="小王")
ADVISOR = Who(person_id=11, first_name="林顾问", roles=frozenset({Role.ADVISOR}))
WORKSHOP = Who(person_id=12, first_name="赵主管", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))


@dataclass
class Desk:
    """The shop's books in memory; effects change them as the real ones would."""

    now: datetime = MONDAY
    store: Store = STORE
    customer: Customer | None = WANG
    who: Who = STRANGER
    sought: Customer | None = None
    colleagues: tuple[Who, ...] = ()
    invitations: tuple[Invited, ...] = ()
    in_group: bool = False
    home_person: int = 3
    complaint: Complaint | None = None
    my_complaints: tuple[Earlier, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    work: tuple[Work, ...] = ()
    order: RepairOrder | None = None
    my_orders: tuple[str, ...] = ()
    in_shop: tuple[CarInShop, ...] = ()
    reception: Reception | None = None
    bills: BillBooks = field(default_factory=BillBooks)
    appraisal: Appraisal = NEVER_BEFORE
    follow_ups: FollowUpBooks = field(default_factory=FollowUpBooks)
    question: CustomerQuestion | None = None
    questions: tuple[CustomerQuestion, ...] = ()
    own_ratings: tuple[int, ...] = ()
    questionnaires: dict[str, Questionnaire] = field(default_factory=dict)
    appointments: dict[str, Appointment] = field(default_factory=dict)
    taken: dict[tuple[str, date], int] = field(default_factory=dict)
    others_plates: frozenset[str] = frozenset()
    full_for_others: int = 0  # how many Reserves are lost to somebody quicker
    bad_token: str = ""
    conversations: int = 40

    def begin(self, name: str, state: Any = None, subject: str = "") -> Conversation:
        """Begin a dialog and enter its first step, as `Open` does."""
        self.conversations += 1
        dialog = DIALOGS[name]
        return Conversation(
            self, name, self.conversations, subject, dialog.first.__name__, state or dialog.state()
        )

    def open(self, opened: Open) -> Conversation:
        """Begin what a dialog has opened."""
        conversation = self.begin(opened.dialog, opened.state, opened.subject)
        conversation.on(Entered())
        return conversation

    def facts(self, conversation: Conversation) -> Facts:
        """What the dialog is told now; nothing that it did not ask for."""
        dialog = DIALOGS[conversation.dialog]
        appointment = self.appointments.get(conversation.subject)
        return Facts(
            now=self.now,
            store=self.store,
            who=self.who,
            conversation=conversation.id,
            calendar=CALENDAR,
            home_person=self.home_person,
            in_group=self.in_group,
            subject=conversation.subject,
            loaded=dialog.needs,
            _customer=self.customer,
            _appointments=tuple(each for each in self.appointments.values() if each.state.standing),
            _schedule=self.schedule(),
            _appointment=appointment,
            _owner=self.customer,
            _sought=self.sought,
            _colleagues=self.colleagues,
            _token=Token("s3cret", "ab12", "https://t.me/desk_bot?start=s3cret"),
            _invitations=self.invitations,
            _register=tuple(sorted(self.appointments.values(), key=lambda each: each.starts_at)),
            _complaint=self.complaint,
            _my_complaints=self.my_complaints,
            _earlier=self.earlier,
            _work=self.work,
            _routing=routing_rules(),
            _order=self.order,
            _my_orders=self.my_orders,
            _in_shop=self.in_shop,
            _reception=self.reception,
            _settlement=self.bills.settlement,
            _discounts=self.bills.discounts,
            _appraisal=self.appraisal,
            _follow_up=self.follow_ups.follow_up,
            _paper=self.follow_ups.paper,
            _hindrance=self.follow_ups.hindrance,
            _to_call=self.follow_ups.to_call,
            _sought_contacts=self.follow_ups.to_call,
            _own_ratings=self.own_ratings,
            _question=self.question,
            _questions=self.questions,
            _questionnaires=self.questionnaires,
        )

    def schedule(self) -> Schedule:
        """What is free now."""
        taken = dict(self.taken)
        for each in self.appointments.values():
            if each.state.occupies:
                for day, cells in (
                    Schedule(self.store, CALENDAR, {}).mask_for(each.starts_at, each.minutes).items()
                ):
                    taken[each.bay, day] = taken.get((each.bay, day), 0) | cells
        return Schedule(self.store, CALENDAR, taken)

    def fill(self, day: date) -> None:
        """Take every bay for the whole day."""
        for bay in self.store.bays:
            self.taken[bay.id, day] = (1 << 48) - 1

    def apply(self, effect: TradeEffect) -> str:
        """Write it into the books; the reason when they refuse."""
        match effect:
            case Consent():
                self.customer = replace(self.customer or Customer(9, 3), consent_at=self.now)
            case SaveCustomer():
                told = {
                    key: value
                    for key in ("name", "surname", "salutation", "phone")
                    if (value := getattr(effect, key))
                }
                self.customer = replace(self.customer or Customer(9, 3), **told)
            case SaveVehicle(plate, model):
                if plate in self.others_plates:
                    return "other_owner"
                assert self.customer is not None
                rest = tuple(each for each in self.customer.vehicles if each.plate != plate)
                self.customer = replace(self.customer, vehicles=(*rest, Vehicle(len(rest) + 1, plate, model)))
            case Join():
                return self.bad_token
            case Reserve():
                return self._reserve(effect)
            case Mark(number, state, coming_from):
                known = self.appointments.get(number)
                if known is None or known.state not in coming_from:
                    return "changed"
                self.appointments[number] = replace(known, state=state)
            case FileComplaint(complaint):
                self.complaint = complaint
            case Note(_, entries):
                assert self.complaint is not None
                self.complaint = noted(self.complaint, *entries)
            case Classify(_, about, confirmed):
                assert self.complaint is not None
                self.complaint = replace(self.complaint, classification=about, confirmed=confirmed)
            case FileOrder(order):
                if self.reception and self.reception.order:
                    return "in_shop"
                self.order = order
            case KeepQuestion(question):
                self.question = question
            case NoteOrder(_, entries):
                assert self.order is not None
                self.order = order_moves.noted(self.order, *entries)
            case Entrust(_, advisor, name):
                assert self.order is not None
                self.order = replace(self.order, advisor=advisor, advisor_name=name)
            case SaveSettlement() | AskDiscount() | Decide() | RaiseDiscount():
                after = self.bills.after(effect)
                if isinstance(after, str):
                    return after
                self.bills = after
            case NoteEvent() | TakeCall() if reason := self.follow_ups.refuses(effect):
                return reason
            case PlanFollowUp() | NoteFollowUp() | GiveAnswer() | OptOut() | NoteCall() | TakeCall():
                self.follow_ups = self.follow_ups.after(effect, self.home_person, self.now)
        return ""

    def _reserve(self, effect: Reserve) -> str:
        if self.full_for_others:
            self.full_for_others -= 1
            return "full"
        former = self.appointments.pop(effect.number, None)
        bays = self.schedule().candidate_bays(self.store.service(effect.service), effect.start)
        if not bays:
            if former:
                self.appointments[effect.number] = former
            return "full"
        self.appointments[effect.number] = Appointment(
            effect.number,
            effect.state,
            effect.service,
            effect.plate,
            effect.start,
            effect.minutes,
            7,
            person_id=3,
            bay=bays[0],
            description=effect.description,
            deposit=effect.deposit,
            source=effect.source,
        )
        return ""


@dataclass
class Conversation:
    """One dialog being played. What it says is rendered at once; what it remembers goes through storage and back."""

    desk: Desk
    dialog: str
    id: int
    subject: str
    step: str
    state: Any
    outcome: Outcome = Outcome.ASK
    effects: tuple[Effect, ...] = ()
    timers: dict[str, datetime] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    said: list[Say] = field(default_factory=list)
    taps: int = 0

    def on(self, event: Event) -> Conversation:
        """Let the waiting step answer `event`, refusals included."""
        assert self.step, "the conversation is over"
        dialog = DIALOGS[self.dialog]
        step = dialog.step(self.step)
        assert step is not None
        advanced = advance(step, self.state, event, self.desk.facts(self))
        for _ in range(3):
            refused = self._refused(advanced)
            if refused is None:
                break
            advanced = advance(step, self.state, refused, self.desk.facts(self))
        else:
            raise AssertionError(f"{self.dialog}.{self.step} insists on what was refused")
        self._take(advanced)
        return self

    def say(self, text: str) -> Conversation:
        """The person writes."""
        return self.on(Said(text))

    def press(self, key: str, value: str | None = None) -> Conversation:
        """The person presses a button that is really shown; without `value` the first of that key."""
        shown = next(
            (each for each in self.buttons() if each.key == key and value in (None, each.value)), None
        )
        assert shown is not None, (
            f"{key}={value} is not among {[(each.key, each.value) for each in self.buttons()]}"
        )
        self.taps += 1
        return self.on(Pressed(shown.key, shown.value))

    def buttons(self) -> list[Button]:
        """The buttons of the present card."""
        card = next((say for say in reversed(self.said) if say.buttons), None)
        return [button for row in card.buttons for button in row] if card else []

    def wake(self, name: str) -> Conversation:
        """The timer is due: time passes until then."""
        self.desk.now = max(self.desk.now, self.timers.pop(name))
        return self.on(Woke(name))

    @property
    def text(self) -> str:
        """Everything the last event said, as it is sent."""
        return "\n".join(self.texts)

    def of(self, kind: type) -> list[Any]:
        """The effects of the last event that are of `kind`."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def opened(self, name: str) -> Open:
        """The dialog that was opened by the last event."""
        return next(each for each in self.effects if isinstance(each, Open) and each.dialog == name)

    def _refused(self, advanced: Advanced) -> Refused | None:
        before = dict(self.desk.appointments), self.desk.customer, self.desk.bills
        for effect in advanced.effects:
            if isinstance(effect, TradeEffect) and (reason := self.desk.apply(effect)):
                self.desk.appointments, self.desk.customer, self.desk.bills = dict(before[0]), *before[1:]
                return Refused(effect, reason)
        return None

    def _take(self, advanced: Advanced) -> None:
        self.outcome, self.step, self.effects = advanced.outcome, advanced.step, advanced.effects
        dialog = DIALOGS[self.dialog]
        if advanced.step:
            self.state = states.read(dialog, states.write(advanced.state), dialog.version)
        self.texts, said = [], []
        for effect in advanced.effects:
            match effect:
                case Say():
                    self.texts.append(rendered(self.dialog, effect))
                    said.append(effect)
                case Toast(script, words):
                    self.texts.append(SCRIPTS.text(script, words))
                case Wake(name, at, words):
                    SCRIPTS.timer(self.dialog, name, words)
                    self.timers[name] = at
                case Unwake(name):
                    self.timers.pop(name, None)
        if not self.step:
            self.timers.clear()
        self.said = said or self.said


def rendered(dialog: str, say: Say) -> str:
    """The words of a message with its labels; fails where a script, a word or a label is missing or too long."""
    text = SCRIPTS.text(say.script, say.words)
    assert text
    assert len(text) <= 4096
    labels = [
        SCRIPTS.label(dialog, each.label or each.key, each.words) for row in say.buttons for each in row
    ]
    assert all(0 < len(label) <= 20 for label in labels), labels
    assert not (say.buttons and say.keyboard)
    if say.keyboard:
        SCRIPTS.keyboard(say.keyboard)
    return text


@pytest.fixture
def desk() -> Desk:
    """A shop on Monday at nine, and Mr Wang who has one car."""
    return Desk()


@pytest.fixture
def empty_file(desk: Desk) -> Desk:
    """The same shop and somebody it has never seen."""
    desk.customer = None
    return desk


@pytest.fixture
def booked(desk: Desk) -> Callable[[str], Conversation]:
    """Book for Mr Wang by typing; gives the conversation after 确认."""

    def book(wish: str) -> Conversation:
        return desk.begin("booking", Form(heard=wish)).on(Entered()).press("confirm")

    return book


def told(news: str, **words: Any) -> Told:
    """News from another conversation."""
    return Told(news, words)
