"""Any event at any time, at every step of every dialog: no error, no silence, nothing impossible in the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogs.absence import Absence
from dialogs.appointment import Promise
from dialogs.appointment_form import Form
from dialogs.arrival import Expected
from dialogs.bay_notice import BayJob
from dialogs.catalogue import DIALOGS
from dialogs.core import (
    EditedText,
    Entered,
    Open,
    Outcome,
    Pressed,
    Said,
    Say,
    SentMedia,
    SharedContact,
    Toast,
    Told,
    Woke,
)
from dialogs.delay_question import Asked as AskedForNewTime
from dialogs.deposit import Owed
from dialogs.discount_card import Asked as AskedForLess
from dialogs.facts import Who
from dialogs.my_appointments import Asked
from dialogs.pickup import Notice
from dialogs.pickup_time import PickupTime
from dialogs.proposal import Proposed
from dialogs.stand_in import StandIn
from dialogs.walk_in import WalkIn
from domain.appointments import Appointment, AppointmentState
from domain.customer_questions import CustomerQuestion
from domain.discounts import Discount
from domain.people import Role
from domain.repair_orders import OrderState
from tests.dialogs.bill_books import BillBooks
from tests.dialogs.call_case import SHEET, waiting
from tests.dialogs.discount_case import BILL
from tests.dialogs.follow_up_books import FollowUpBooks
from tests.dialogs.promised_order import NUMBER, PROMISED, order_in

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 25, 15, 0, tzinfo=ZONE)
FORM = Form(
    True, "王建国", "王", "先生", True, "+8613800138000", "粤B12345", "朗逸", True, "minor", start=START
)
AWAY = Absence(11, "林顾问", START, START + timedelta(days=2))
WONDERED = CustomerQuestion("YY1", "冬天要换防冻液吗？", START, 3, 7, "王先生", "+8613800138000")
LESS = Discount("YH1", NUMBER, 1, Decimal("0.05"), START, Role.BUSINESS_SUPERVISOR, Decimal(1000), 7)
BILLS = {
    "bill_form": BillBooks(BILL),
    "discount_form": BillBooks(BILL),
    "discount_desk": BillBooks(BILL, (LESS,)),
}
"""What is written already where a dialog begins with a car that is ready."""

CALLED = waiting(1)
CALLS = {
    "call_list": FollowUpBooks(to_call=(CALLED, waiting(2))),
    "call_entry": FollowUpBooks(replace(CALLED, caller=11, taken_at=START), SHEET),
}
"""Who waits for a call where a colleague is about to make one."""

BEGINNINGS: dict[str, Any] = {
    "booking": Form(),
    "moving": Form(service="minor", plate="粤B12345"),
    "appointment": Promise("minor", "粤B12345", "王先生", START, START - timedelta(days=2), Decimal(0)),
    "bay_notice": BayJob("小保养", "粤B12345", START, 60),
    "deposit": Owed("王先生", "粤B12345", "小保养", START, Decimal(600)),
    "discount_desk": AskedForLess(LESS.number),
    "delay_question": AskedForNewTime(PROMISED),
    "pickup": Notice(PROMISED),
    "pickup_time": PickupTime(PROMISED),
    "arrival": Expected("minor", "粤B12345", "王先生", START),
    "my_appointments": Asked(),
    "proposal": Proposed(FORM, by=11),
    "walk_in": WalkIn(FORM, 7, 3),
    "away": AWAY,
    "stand_in": StandIn(AWAY),
}
WORDS = (
    "明天下午三点",
    "周日上午",
    "三点",
    "12月1号9点",
    "9999年12月31日23:59",
    "粤BD12345",
    "13800138000",
    "王先生",
    "小保养",
    "好的",
    "女士",
    "/start abc",
    "/walkin 粤B12345 小保养 14:00",
    "/propose 粤B12345 大保养 明天15:00",
    "/bind",
    "<b>{{ x }}</b>",
    "😀",
)
KEYS: tuple[str, ...] = (
    "agree",
    "decline",
    "sir",
    "skip",
    "service",
    "day",
    "days",
    "slot",
    "offer",
    "confirm",
    "keep",
    "change_time",
)
KEYS += (
    "change_service",
    "add_words",
    "vehicle",
    "other_vehicle",
    "confirm_move",
    "keep_old",
    "other_time",
    "coming",
)
KEYS += (
    "move",
    "give_up",
    "give_up_surely",
    "keep_it",
    "rebook",
    "got_it",
    "paid",
    "arrived",
    "no_show",
    "contacting",
)
KEYS += (
    "accept",
    "no_thanks",
    "book",
    "mine",
    "progress",
    "questions",
    "hours",
    "complain",
    "human",
    "unheard_of",
)
KEYS += ("take", "reached", "no_answer", "call_again", "wrong_number", "refused", "put_back", "outcome")
KEYS += ("answer", "tick", "ticked", "read", "previous", "on", "at", "this_time", "no_more")
KEYS += ("plan", "event", "advisor", "just_now", "change_event", "change_advisor")
KEYS += ("approve", "other", "step", "refuse", "because", "back", "share", "reason", "submit")
VALUES = (
    "",
    "minor",
    "check",
    "gone",
    "2026-11-24",
    "2026-11-24T15:00",
    "0001-01-01T00:00",
    "9999-12-31",
    "1",
    "99",
    "0.05",
    "-0.05",
    "margin",
    "yes",
    "no",
    "5",
    "tea",
    "handed_over",
    CALLED.number,
)

inputs = st.one_of(
    st.sampled_from(WORDS).map(Said),
    st.text(min_size=1, max_size=40).map(Said),
    st.builds(Pressed, st.sampled_from(KEYS), st.sampled_from(VALUES)),
    st.builds(SharedContact, st.sampled_from(("+8613800138000", "", "x")), st.booleans()),
    st.sampled_from(("photo", "voice", "sticker", "location")).map(SentMedia),
    st.just(EditedText("改了")),
    st.just("press something that is shown"),
)
news = st.one_of(
    st.sampled_from(
        ("hold_over", "reminder_24h", "no_show_check", "deposit_release", "repeat", "unanswered", "other")
    ).map(Woke),
    st.sampled_from(
        (
            "show",
            "cancelled",
            "released",
            "arrived",
            "no_show",
            "deposit_paid",
            "lines_changed",
            "over",
            "strange",
        )
    ).map(Told),
    st.just(
        Told(
            "moved", {"start": START + timedelta(days=1), "service": "minor", "name": "小保养", "minutes": 60}
        )
    ),
    st.just(Entered()),
)
WHO = (
    Who(person_id=3, first_name="小王"),
    Who(person_id=11, first_name="<林>", roles=frozenset({Role.ADVISOR})),
    Who(person_id=13, first_name="周经理", roles=frozenset({Role.AFTER_SALES_MANAGER})),
)


def standing_appointment() -> Appointment:
    return Appointment(
        "YY1", AppointmentState.BOOKED, "minor", "粤B12345", START, 60, 7, person_id=3, bay="Q1"
    )


@pytest.mark.parametrize("name", sorted(DIALOGS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(st.one_of(inputs, inputs, news), max_size=14),
    lost=st.integers(0, 3),
    who=st.sampled_from(WHO),
    stranger=st.booleans(),
    subject=st.sampled_from(("YY1", "gone")),
)
def test_any_order_of_events(
    desk: Any, name: str, events: list[Any], lost: int, who: Who, stranger: bool, subject: str
) -> None:
    shop = type(desk)(who=who, full_for_others=lost, others_plates=frozenset({"粤BD12345"}))
    shop.customer = None if stranger else desk.customer
    shop.sought = desk.customer
    shop.appointments = {"YY1": standing_appointment()}
    shop.order = order_in() if subject == "YY1" else None
    shop.question = WONDERED if subject == "YY1" else None
    shop.questions = (WONDERED,)
    if name in BILLS and shop.order:
        shop.order, shop.bills = order_in(OrderState.READY), BILLS[name]
    if name in CALLS:
        shop.follow_ups, shop.colleagues = CALLS[name], WHO[1:]
    conversation = shop.begin(name, BEGINNINGS.get(name), subject).on(Entered())
    for event in events:
        if not conversation.step:
            break
        answers = not isinstance(event, (Woke, Told))
        if isinstance(event, str):
            shown = conversation.buttons()
            event = Pressed(shown[-1].key, shown[-1].value) if shown else Said("你好")
        conversation.on(event)
        heard = [each for each in conversation.effects if isinstance(each, (Say, Toast, Open))]
        quiet = conversation.outcome in (Outcome.STAY, Outcome.HAND_OVER) or DIALOGS[name].patient
        assert not (
            isinstance(event, Woke) and name == "booking" and conversation.outcome is Outcome.ASK_AGAIN
        )
        assert heard or quiet or not answers or isinstance(event, Entered), (
            f"silent on {event} at {conversation.step}"
        )
    assert_books_are_possible(shop)


def assert_books_are_possible(shop: Any) -> None:
    """No cell of a bay belongs to two (B4); a form always names a service, a plate and a bay of the shop."""
    taken: dict[tuple[str, Any], int] = {}
    for each in shop.appointments.values():
        assert each.plate
        assert each.bay in {bay.id for bay in shop.store.bays}
        if not each.state.occupies:
            continue
        for day, cells in shop.schedule().mask_for(each.starts_at, each.minutes).items():
            assert not taken.get((each.bay, day), 0) & cells
            taken[each.bay, day] = taken.get((each.bay, day), 0) | cells
