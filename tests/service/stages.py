"""Every step of every dialog, with the question really asked: where the patterns must hold.

A new dialog or step has to be added to STAGES (test_every_dialog.py says so).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dialogs.absence import Absence
from dialogs.absence_form import AbsenceForm
from dialogs.additional_work import Question
from dialogs.appointment import Promise
from dialogs.appointment_form import Form
from dialogs.arrival import Expected
from dialogs.bay_notice import BayJob
from dialogs.bill_form import BillForm
from dialogs.call import Call
from dialogs.call_entry import Calling
from dialogs.caller_complaint import Caller
from dialogs.catalogue import DIALOGS
from dialogs.complaint import Account
from dialogs.complaint_contact import Contact
from dialogs.complaint_moves import Held
from dialogs.complaint_report import Report
from dialogs.complaint_words import Words
from dialogs.core import Entered, Home
from dialogs.customer_question import Wanted as WantedAdvice
from dialogs.delay_question import Asked as AskedForNewTime
from dialogs.departure import Departure
from dialogs.deposit import Owed
from dialogs.discount_form import DiscountForm
from dialogs.effects import FileComplaint, Reserve
from dialogs.follow_up_form import FollowUpForm
from dialogs.follow_up_moves import Contact as FollowedUp
from dialogs.my_work import Listed
from dialogs.order_form_fields import LOOKS, Line, OrderForm
from dialogs.pickup import Notice
from dialogs.pickup_time import PickupTime
from dialogs.progress_check import Check
from dialogs.promise_form import NewPromise
from dialogs.proposal import Proposed
from dialogs.question_moves import AtDesk
from dialogs.register import Wanted
from dialogs.self_check import Watch
from dialogs.stand_in import StandIn
from dialogs.walk_in import WalkIn
from dialogs.work_form import WorkForm
from dialogs.writing import Message, Writing
from domain.appointments import AppointmentState
from domain.complaints import Complainant, Complaint, ComplaintState, Entry, Happening, Origin
from domain.people import Queue, Role
from domain.questionnaires import FollowUpEvent
from domain.repair_orders import PartsOrigin
from domain.settlement import Line as BillLine
from domain.settlement import LineKind
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import NOBODY, Occasion
from service.play import Play
from service.ports import Sender
from service.trade import Bench, apply
from storage import complaints, customers, people, places
from storage.conversations import Conversation
from tests.clock import MONDAY_TEN
from tests.service import follow_up_stage
from tests.service.bill_stage import ASKED, ASKED_ORDER, BILLED_ORDER, bill
from tests.service.call_stage import CALLED, wait_for_call
from tests.service.front_door import GROUP, WANG, FrontDoor
from tests.service.question_stage import QUESTION, wonder
from tests.service.visit_stage import MORE_WORK, PROMISED_ORDER, READY_ORDER, take_in

BOSS = Sender(1, "建国", "周")
FOREMAN = Sender(2, "铁军", "赵")
ADVISOR = Sender(3, "小敏", "孙")
STAFF = ((BOSS, Role.GENERAL_MANAGER), (FOREMAN, Role.WORKSHOP_SUPERVISOR), (ADVISOR, Role.ADVISOR))
BOOKED, OWED = "YY261120-901", "YY261120-902"
REPORTED, REPORTED_LEG = "TS261121-902", "department.workshop.1"
CLOSED = "TS261121-901"
OWN, OWN_LEG = "TS261121-903", "department.workshop.1"
UNACCEPTED, WAITING_LEG = "intake.front_desk.1", "department.parts.1"
OWN_LEGS = (
    UNACCEPTED,
    "handling.front_desk.1",
    "dispatch.after_sales.1",
    OWN_LEG,
    WAITING_LEG,
    "summary.after_sales.1",
)
FACES = ("dispatch", "hand_over", "pause", "classify")
PLATE, SECOND_PLATE = "粤B12345", "粤B67890"
TOMORROW_TEN = MONDAY_TEN + timedelta(days=1)
AFTERNOON = TOMORROW_TEN + timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is remembered at a step, where its conversation lives, and what it is about."""

    state: Any
    queue: Queue | None = None
    subject: str = ""
    staff: bool = False


_service = "minor"
_form = Form()
_agreed = replace(_form, consented=True)
_named = replace(_agreed, name="王伟", surname="王")
_addressed = replace(_named, salutation="先生", salutation_asked=True)
_reached = replace(_addressed, phone="13812345678")
_with_car = replace(_reached, plate=PLATE, model="朗逸", model_asked=True)
_with_service = replace(_with_car, service=_service)
_with_day = replace(_with_service, day=TOMORROW_TEN.date())
_with_start = replace(_with_day, start=TOMORROW_TEN)
_move = replace(_with_service, number=BOOKED, name="王先生")

_sooner = NewPromise("parts", TOMORROW_TEN - timedelta(hours=1))
_later = NewPromise("parts", TOMORROW_TEN + timedelta(hours=1), TOMORROW_TEN)

_tomorrow_absent = AbsenceForm(begins=TOMORROW_TEN)
_away = Absence(1, "伟", MONDAY_TEN, MONDAY_TEN + timedelta(days=40), 2, "铁军", begun=True)

_report = Report(REPORTED_LEG)
_contacted = replace(_report, contact="今天电话联系，客户希望返工")
_caused = replace(_contacted, cause="process")
_answered_for = replace(_caused, responsible="铁军")
_solved = replace(_answered_for, solution="周三免费返工")
_promised = replace(_solved, promise="周三上午回电")
_caller = Caller(name="李", surname="李", salutation="女士", phone="+8613912345678")
_heard = replace(_caller, said=("喷漆有色差",), told_all=True)

_more = WorkForm(item=MORE_WORK, why="雨刮胶条老化，下雨时刮不干净")
_priced = replace(_more, price=Decimal("128.00"))
_timed = replace(_priced, timed=True)
_weighed = replace(_timed, safety=False)

_bill = BillForm((BillLine("更换刹车片", LineKind.LABOUR, Decimal(680)),), version=0)

_wish = DiscountForm(by_customer=True)
_five = replace(_wish, share=Decimal("0.05"))

_seen = FollowUpForm(SECOND_PLATE, "+8613812345678", 1, 0, "王伟", "王", "先生")
_new_car = replace(_seen, event=FollowUpEvent.HANDED_OVER)

_car = OrderForm(
    SECOND_PLATE, customer=1, name="王伟", surname="王", salutation="先生", phone="+8613812345678"
)
_stranger = OrderForm("粤B55555")
_listed = replace(_car, lines=(Line("小保养", Decimal(398)), Line("换雨刮", Decimal(80))), lines_told=True)
_parted = replace(_listed, origins_told=True)
_until = replace(_parted, promised=TOMORROW_TEN)

STAGES: dict[tuple[str, str], Stage] = {
    ("absence", "tell_until"): Stage(AbsenceForm()),
    ("absence", "tell_begin"): Stage(AbsenceForm()),
    ("absence", "choose_substitute"): Stage(replace(_tomorrow_absent, ends=TOMORROW_TEN + timedelta(days=1))),
    ("away", "be_away"): Stage(_away, subject="absence-1"),
    ("stand_in", "show"): Stage(
        StandIn(_away, by="伟", proposed=True), queue=Queue.AFTER_SALES, subject="absence-1"
    ),
    ("invitation", "choose_role"): Stage(DIALOGS["invitation"].state(), staff=True),
    ("front_desk", "listen"): Stage(DIALOGS["front_desk"].state()),
    ("booking", "begin"): Stage(_form),
    ("booking", "agree"): Stage(_form),
    ("booking", "tell_name"): Stage(_agreed),
    ("booking", "tell_salutation"): Stage(_named),
    ("booking", "tell_phone"): Stage(_addressed),
    ("booking", "choose_vehicle"): Stage(_reached),
    ("booking", "tell_plate"): Stage(_reached),
    ("booking", "tell_model"): Stage(replace(_reached, plate=PLATE)),
    ("booking", "choose_service"): Stage(_with_car),
    ("booking", "describe"): Stage(_with_service),
    ("booking", "choose_day"): Stage(_with_service),
    ("booking", "choose_time"): Stage(_with_day),
    ("booking", "confirm"): Stage(_with_start),
    ("my_appointments", "show"): Stage(DIALOGS["my_appointments"].state()),
    ("appointment", "keep"): Stage(
        Promise(_service, PLATE, "王先生", TOMORROW_TEN, MONDAY_TEN), subject=BOOKED
    ),
    ("moving", "choose_new_day"): Stage(_move, subject=BOOKED),
    ("moving", "choose_new_time"): Stage(
        replace(_move, day=TOMORROW_TEN.date() + timedelta(days=1)), subject=BOOKED
    ),
    ("moving", "confirm_move"): Stage(replace(_move, start=TOMORROW_TEN + timedelta(days=1)), subject=BOOKED),
    ("bay_notice", "announce"): Stage(
        BayJob("小保养", PLATE, TOMORROW_TEN, 60), queue=Queue.WORKSHOP, subject=BOOKED
    ),
    ("deposit", "collect"): Stage(
        Owed("王先生", PLATE, "大修", TOMORROW_TEN, Decimal("600.00")), queue=Queue.SETTLEMENT, subject=OWED
    ),
    ("arrival", "look"): Stage(
        Expected(_service, PLATE, "王先生", TOMORROW_TEN), queue=Queue.FRONT_DESK, subject=BOOKED
    ),
    ("call", "make"): Stage(
        Call("asked", "王先生", "+8613812345678", person=4), queue=Queue.FRONT_DESK, subject=BOOKED
    ),
    ("writing", "write"): Stage(Writing(3, "小敏", staff=False)),
    ("message", "bring"): Stage(Message(3, "小敏", "车已经洗好，随时可以来取。"), subject=BOOKED),
    ("complaint", "begin"): Stage(Account("喷漆有色差", doubtful=True)),
    ("complaint", "mean"): Stage(Account("喷漆有色差", doubtful=True)),
    ("complaint", "choose"): Stage(Account("喷漆有色差"), subject=OWN),
    ("complaint", "tell"): Stage(Account()),
    ("complaint_words", "listen"): Stage(Words(unsure=True, topics=("workshop_quality",)), subject=OWN),
    ("complaint_sheet", "follow"): Stage(DIALOGS["complaint_sheet"].state(), subject=OWN),
    ("complaint_desk", "attend"): Stage(Held(OWN_LEG), queue=Queue.WORKSHOP, subject=OWN),
    ("complaint_contact", "reach"): Stage(
        Contact(REPORTED_LEG, "王先生", "+8613812345678", PLATE, 4),
        subject=REPORTED,
        staff=True,
    ),
    ("complaint_report", "begin"): Stage(_report, subject=REPORTED),
    ("complaint_report", "tell_contact"): Stage(_report, subject=REPORTED),
    ("complaint_report", "choose_cause"): Stage(_contacted, subject=REPORTED),
    ("complaint_report", "name_responsible"): Stage(_caused, subject=REPORTED),
    ("complaint_report", "tell_solution"): Stage(_answered_for, subject=REPORTED),
    ("complaint_report", "tell_promise"): Stage(_solved, subject=REPORTED),
    ("complaint_report", "weigh_loss"): Stage(_promised, subject=REPORTED),
    ("complaint_report", "check"): Stage(replace(_promised, loss="none"), subject=REPORTED),
    ("caller_complaint", "look_up"): Stage(Caller()),
    ("caller_complaint", "recognise"): Stage(replace(_caller, customer=1, plates=(PLATE, SECOND_PLATE))),
    ("caller_complaint", "tell_name"): Stage(Caller()),
    ("caller_complaint", "tell_salutation"): Stage(Caller(name="李", surname="李")),
    ("caller_complaint", "tell_phone"): Stage(replace(_caller, phone="")),
    ("caller_complaint", "hear"): Stage(_caller),
    ("caller_complaint", "check"): Stage(_heard),
    ("caller_complaint", "choose_topic"): Stage(_heard),
    ("caller_complaint", "choose_severity"): Stage(_heard),
    ("complaint_verdict", "ask_by_phone"): Stage(DIALOGS["complaint_verdict"].state(), subject=CLOSED),
    ("my_work", "show"): Stage(Listed(), staff=True),
    ("silent_visit", "remind"): Stage(DIALOGS["silent_visit"].state(), subject=PROMISED_ORDER, staff=True),
    ("in_shop", "show"): Stage(DIALOGS["in_shop"].state(), staff=True),
    ("order_desk", "attend"): Stage(
        DIALOGS["order_desk"].state(), queue=Queue.WORKSHOP, subject=PROMISED_ORDER
    ),
    ("progress_check", "ask_workshop"): Stage(Check(), queue=Queue.WORKSHOP, subject=PROMISED_ORDER),
    ("delay_question", "ask_for_new_time"): Stage(AskedForNewTime(TOMORROW_TEN), subject=PROMISED_ORDER),
    ("promise_form", "tell_reason"): Stage(NewPromise(), subject=PROMISED_ORDER),
    ("promise_form", "tell_time"): Stage(NewPromise("parts"), subject=PROMISED_ORDER),
    ("promise_form", "weigh_earlier"): Stage(_sooner, subject=PROMISED_ORDER),
    ("promise_form", "check"): Stage(_later, subject=PROMISED_ORDER),
    ("work_form", "name_item"): Stage(WorkForm(), subject=PROMISED_ORDER),
    ("work_form", "tell_why"): Stage(WorkForm(item=MORE_WORK), subject=PROMISED_ORDER),
    ("work_form", "tell_price"): Stage(_more, subject=PROMISED_ORDER),
    ("work_form", "choose_time"): Stage(_priced, subject=PROMISED_ORDER),
    ("work_form", "weigh_safety"): Stage(_timed, subject=PROMISED_ORDER),
    ("work_form", "send_photo"): Stage(_weighed, subject=PROMISED_ORDER),
    ("work_form", "check"): Stage(replace(_weighed, pictured=True), subject=PROMISED_ORDER),
    ("additional_work", "decide"): Stage(Question(MORE_WORK), subject=PROMISED_ORDER),
    ("order_sheet", "follow"): Stage(DIALOGS["order_sheet"].state(), subject=PROMISED_ORDER),
    ("pickup", "notify"): Stage(Notice(TOMORROW_TEN), subject=READY_ORDER),
    ("pickup_time", "tell_time"): Stage(PickupTime(TOMORROW_TEN), subject=READY_ORDER),
    ("pickup_time", "confirm"): Stage(PickupTime(TOMORROW_TEN, AFTERNOON), subject=READY_ORDER),
    ("bill_form", "look_over"): Stage(BillForm(), subject=READY_ORDER),
    ("bill_form", "change_line"): Stage(_bill, subject=READY_ORDER),
    ("bill_form", "tell_price"): Stage(_bill, subject=READY_ORDER),
    ("bill_form", "tell_parts"): Stage(_bill, subject=READY_ORDER),
    ("bill_form", "add_lines"): Stage(_bill, subject=READY_ORDER),
    ("discount_form", "choose_share"): Stage(_wish, subject=BILLED_ORDER),
    ("discount_form", "tell_reason"): Stage(_five, subject=BILLED_ORDER),
    ("discount_form", "check"): Stage(replace(_five, reasoned=True, version=1), subject=BILLED_ORDER),
    ("discount_desk", "attend"): Stage(ASKED, queue=Queue.AFTER_SALES, subject=ASKED_ORDER),
    ("order_form", "choose_car"): Stage(OrderForm()),
    ("order_form", "tell_name"): Stage(_stranger),
    ("order_form", "tell_salutation"): Stage(replace(_stranger, name="李", surname="李")),
    ("order_form", "tell_phone"): Stage(replace(_car, phone="")),
    ("order_form", "tell_items"): Stage(_car),
    ("order_form", "tell_price"): Stage(replace(_car, lines=(Line("换雨刮"),), lines_told=True)),
    ("order_form", "choose_origin"): Stage(_listed),
    ("order_form", "choose_parts"): Stage(replace(_listed, picking=PartsOrigin.CUSTOMER)),
    ("order_form", "tell_promise"): Stage(_parted),
    ("order_form", "tell_mileage"): Stage(_until),
    ("order_form", "choose_fuel"): Stage(_until.having_looked(*LOOKS[:1])),
    ("order_form", "tell_key"): Stage(_until.having_looked(*LOOKS[:2])),
    ("order_form", "tell_things"): Stage(_until.having_looked(*LOOKS[:3])),
    ("order_form", "send_photos"): Stage(_until.having_looked(*LOOKS[:4])),
    ("order_form", "tell_fault"): Stage(_until.having_looked(*LOOKS[:5])),
    ("order_form", "check"): Stage(_until.having_looked(*LOOKS)),
    ("call_list", "show"): Stage(DIALOGS["call_list"].state(), subject="calls-1", staff=True),
    ("call_entry", "call"): Stage(Calling(), subject=CALLED),
    ("call_entry", "ask_question"): Stage(Calling(opened=True), subject=CALLED),
    ("call_entry", "tell_time"): Stage(Calling(opened=True), subject=CALLED),
    ("call_entry", "weigh_no_more"): Stage(Calling(opened=True), subject=CALLED),
    ("follow_up_form", "look_up"): Stage(FollowUpForm()),
    ("follow_up_form", "tell_name"): Stage(FollowUpForm("粤B55556")),
    ("follow_up_form", "tell_salutation"): Stage(FollowUpForm("粤B55556", name="李", surname="李")),
    ("follow_up_form", "tell_phone"): Stage(replace(_seen, phone="")),
    ("follow_up_form", "choose_event"): Stage(_seen),
    ("follow_up_form", "tell_time"): Stage(_new_car),
    ("follow_up_form", "choose_advisor"): Stage(replace(_new_car, at=MONDAY_TEN)),
    ("follow_up_form", "check"): Stage(replace(_new_car, at=MONDAY_TEN)),
    ("my_ratings", "show"): Stage(DIALOGS["my_ratings"].state(), staff=True),
    ("follow_up", "planned"): Stage(FollowedUp(), subject=follow_up_stage.PLANNED),
    ("follow_up", "invite"): Stage(FollowedUp(), subject=follow_up_stage.INVITED),
    ("follow_up", "question"): Stage(FollowedUp(), subject=follow_up_stage.ANSWERING),
    ("follow_up", "other_time"): Stage(FollowedUp(), subject=follow_up_stage.INVITED),
    ("follow_up", "resting"): Stage(FollowedUp(), subject=follow_up_stage.ANSWERING),
    ("follow_up", "to_call"): Stage(FollowedUp(), subject=follow_up_stage.TO_CALL),
    ("departure", "sign_off"): Stage(Departure("周强", 2), staff=True),
    ("proposal", "offer"): Stage(Proposed(replace(_with_car, service=_service, start=TOMORROW_TEN), by=1)),
    ("self_check", "rest"): Stage(Watch(), queue=Queue.AFTER_SALES),
    ("self_check", "look_through"): Stage(Watch(MONDAY_TEN), queue=Queue.AFTER_SALES),
    ("staff_desk", "listen"): Stage(DIALOGS["staff_desk"].state(), staff=True),
    ("walk_in", "enter"): Stage(
        WalkIn(replace(_with_car, service=_service, start=MONDAY_TEN), customer=1), staff=True
    ),
    ("register", "show"): Stage(Wanted(), staff=True),
    ("customer_question", "tell"): Stage(WantedAdvice()),
    ("question_desk", "attend"): Stage(AtDesk(), queue=Queue.FRONT_DESK, subject=QUESTION),
    ("question_answer", "tell"): Stage(DIALOGS["question_answer"].state(), subject=QUESTION),
    ("question_list", "show"): Stage(DIALOGS["question_list"].state(), staff=True),
}
AT_ONCE = {"my_appointments", "walk_in", "register", "my_ratings"}
"""Dialogs that are over as soon as they have been entered."""

NEVER_WAITS = {(dialog, step) for dialog, step in STAGES if dialog in AT_ONCE} | {
    ("booking", "begin"),
    ("complaint_report", "begin"),
    ("complaint", "begin"),
}
WAITING = sorted(set(STAGES) - NEVER_WAITS)
OPEN_ENDED = [stage for stage in WAITING if DIALOGS[stage[0]].open_ended]
FORMS = [
    stage
    for stage in WAITING
    if not (DIALOGS[stage[0]].patient or DIALOGS[stage[0]].lasting or stage in OPEN_ENDED)
]
LISTENING = [stage for stage in WAITING if stage[1] in DIALOGS[stage[0]].listens_in]
"""Cards that take free text all the same, and see to silence themselves: they have tests of their own."""
CARDS = [stage for stage in WAITING if DIALOGS[stage[0]].patient and stage not in LISTENING]
TELLING = [stage for stage in WAITING if stage[0] in ("complaint", "complaint_words")]
"""Where a photo or a voice is an answer like any other (C1): they have tests of their own."""
ONLY_TELL = {"self_check"}
"""Dialogs at a queue that report and show nothing to press."""

AT_QUEUES = [stage for stage in WAITING if STAGES[stage].queue and stage[0] not in ONLY_TELL]


def name_of(stage: tuple[str, str]) -> str:
    """How pytest calls a stage."""
    return ".".join(stage)


async def open_shop(door: FrontDoor) -> None:
    """Staff in their roles, a staff group with topics, and Mr Wang with two cars and two appointments."""
    now = door.clock.now()
    async with door.house.books.unit() as unit:
        everybody = [*(who for who, _ in STAFF), WANG]
        rows = [
            {"user_id": who.user_id, "first_name": who.first_name, "username": "", "reachable": True,
             "opted_out": False, "first_seen": now}
            for who in everybody
        ]  # fmt: skip
        await people.meet(unit, rows)
        known = {
            one.user_id: one
            for one in await people.load(unit, door.clock.now(), user_ids=[who.user_id for who in everybody])
        }
        for who, role in STAFF:
            await people.give_role(unit, known[who.user_id].id, role, now)
        await places.bind(unit, GROUP, True)
        for thread, queue in enumerate(Queue, start=11):
            await places.set_topic(unit, queue, GROUP, thread)
        wang = await customers.open_file(unit, known[WANG.user_id].id, now)
        await customers.change_file(
            unit, wang, name="王伟", surname="王", salutation="先生", phone="13812345678", consent_at=now
        )
        for plate in (PLATE, SECOND_PLATE):
            await customers.keep_vehicle(unit, wang, plate, "朗逸", now)
        for number, state in ((BOOKED, AppointmentState.BOOKED), (OWED, AppointmentState.AWAITING_DEPOSIT)):
            await reserve(door, unit, number, TOMORROW_TEN, state, wang)
        await complain(door, unit, known[WANG.user_id].id)
        await take_in(door, unit, known[ADVISOR.user_id].id, ADVISOR.first_name)


async def reserve(
    door: FrontDoor, unit: Any, number: str, start: datetime, state: AppointmentState, customer: int
) -> None:
    """An appointment of `customer`, with its bay."""
    now = door.clock.now()
    briefing = Briefing(unit, door.house, now)
    nobody = Conversation(0, "", None, "", "", 1, now, now)
    effect = Reserve(
        number, _service, PLATE, start.astimezone(door.house.store.zone), 60, state, customer=customer
    )
    await apply(effect, Bench(unit, door.house.store, briefing, now, nobody))


async def complain(door: FrontDoor, unit: Any, owner: int) -> None:
    """A complaint with a department, whose step `owner` has accepted."""
    now = door.clock.now()
    history = (
        Entry(now, Happening.BEGUN, REPORTED_LEG, details={"minutes": 720, "business": False}),
        Entry(now, Happening.ACCEPTED, REPORTED_LEG, owner, "伟"),
    )
    closed = (Entry(now, Happening.CLOSED, details={"answer": "已重新喷漆。"}),)
    caller, nobody = (
        Complainant(name="李女士", phone="+8613712340000"),
        Conversation(0, "", None, "", "", 1, now, now),
    )
    for complaint in (
        Complaint(REPORTED, Origin.CALLER, caller, now, history=history),
        Complaint(CLOSED, Origin.CALLER, caller, now, ComplaintState.CLOSED, history=closed),
    ):
        bench = Bench(unit, door.house.store, Briefing(unit, door.house, now), now, nobody)
        await apply(FileComplaint(complaint), bench)


async def complain_themselves(door: FrontDoor, unit: Any) -> str:
    """Mr Wang's own complaint, at every step at once so that each card can be stood at; the general manager owns them.

    The first form waits to be accepted, the parts department for the customer. Its number: OWN, or the next one.
    """
    number = OWN
    while await complaints.load(unit, number):
        number = f"{number[:-3]}{int(number[-3:]) + 1}"
    now, owner = (
        door.clock.now(),
        await people.load(unit, door.clock.now(), user_ids=[BOSS.user_id, WANG.user_id]),
    )
    boss, wang = (next(one.id for one in owner if one.user_id == who.user_id) for who in (BOSS, WANG))
    history = [
        Entry(now, Happening.WORDS, details={"text": "喷漆有色差，还让我等了两天"}),
        Entry(now, Happening.MEDIA, details={"kind": "photo", "file_id": "f1"}),
    ]
    for leg in OWN_LEGS:
        history.append(Entry(now, Happening.BEGUN, leg, details={"minutes": 720, "business": False}))
        if leg != UNACCEPTED:
            history.append(Entry(now, Happening.ACCEPTED, leg, boss, BOSS.first_name))
    history.append(Entry(now, Happening.PAUSED, WAITING_LEG, boss, BOSS.first_name, {"reason": "visit"}))
    by = Complainant(wang, 1, "王先生", "+8613812345678", PLATE)
    complaint = Complaint(number, Origin.CUSTOMER, by, now, history=tuple(history))
    nobody = Conversation(0, "", None, "", "", 1, now, now)
    await apply(
        FileComplaint(complaint), Bench(unit, door.house.store, Briefing(unit, door.house, now), now, nobody)
    )
    return number


async def stand_at(door: FrontDoor, dialog: str, step: str, **changes: Any) -> Any:
    """Begin `dialog` at `step` and let it ask; its row. `changes` are made to what it remembers."""
    stage = STAGES[dialog, step]
    who = ADVISOR if stage.staff else WANG
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        ledger.know(await people.load(unit, door.clock.now(), user_ids=[who.user_id, WANG.user_id]))
        person = ledger.by_user[who.user_id]
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        home = Home(queue=stage.queue) if stage.queue else Home(person=person.id)
        subject = await complain_themselves(door, unit) if stage.subject == OWN else stage.subject
        if subject in (BILLED_ORDER, ASKED_ORDER):
            await bill(door, unit, subject)
        if subject in follow_up_stage.STATES:
            await follow_up_stage.contact(door, unit, subject, ledger.by_user[WANG.user_id].id)
        if subject == QUESTION:
            await wonder(door, unit, ledger.by_user[WANG.user_id].id)
        if subject == CLOSED:  # also where the verdict before was 不满意
            await complaints.change(unit, CLOSED, state=ComplaintState.CLOSED.value)
        if subject == CALLED:
            await wait_for_call(door, unit, person.id)
        state = replace(stage.state, **changes) if changes else stage.state
        conversation = await play.begin(dialog, home, state, subject)
        conversation.step = step
        if not DIALOGS[dialog].lasting:
            await play.event(conversation, Entered(), NOBODY if stage.queue else Occasion(person=person))
        letters = await ledger.flush()
    door.intake.couriers.take(letters)
    await door.quiet()
    return await door.conversation(dialog)


def keys_shown(door: FrontDoor, conversation: int) -> set[str]:
    """The key of every button that `conversation` has shown anywhere."""
    taps = (face.tap for letter in door.post.letters for row in letter.buttons for face in row)
    return {tap.key for tap in taps if tap.conversation == conversation}
