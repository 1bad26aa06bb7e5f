"""The card of a repair order: its steps, the news it hears, its clock, and the presses it refuses (O, X, G, P)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.call import Call
from dialogs.catalogue import DIALOGS
from dialogs.core import Entered, Home, Open, Outcome, Pressed, Say, Tell, Told
from dialogs.facts import Who
from dialogs.order_moves import opened
from domain.people import Queue, Role
from domain.pickup import standing_promise
from domain.repair_orders import (
    Arrival,
    Item,
    OrderEntry,
    OrderHappening,
    OrderState,
    RepairOrder,
)
from tests.dialogs.conftest import ADVISOR, MONDAY, WORKSHOP, Conversation, Desk

SUPERVISOR = Who(13, "陈晓", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
SETTLER = Who(14, "吴芳", roles=frozenset({Role.SETTLEMENT_MANAGER}))
CUSTOMER = Who(3, "小王")
NOBODY = Who()
FIVE = MONDAY.replace(hour=17)
NUMBER = "JC261123-041"


def order_of(**fields: Any) -> RepairOrder:
    history = (
        OrderEntry(MONDAY, OrderHappening.OPENED, ADVISOR.person_id, ADVISOR.first_name),
        OrderEntry(MONDAY, OrderHappening.PROMISED, ADVISOR.person_id, "", {"at": FIVE.isoformat()}),
    )
    known: dict[str, Any] = {
        "number": NUMBER,
        "plate": "粤B12345",
        "customer_id": 7,
        "person_id": 3,
        "address": "王先生",
        "phone": "+8613800138000",
        "advisor": ADVISOR.person_id,
        "advisor_name": ADVISOR.first_name,
        "opened_at": MONDAY,
        "items": (Item("小保养", Decimal(398)),),
        "history": history,
    }
    return RepairOrder(**(known | fields))


@pytest.fixture
def desk() -> Desk:
    return Desk(colleagues=(ADVISOR, WORKSHOP, SUPERVISOR, SETTLER), order=order_of(), who=ADVISOR)


def card_of(desk: Desk) -> Conversation:
    desk.home_person = 0
    return desk.begin("order_desk", None, NUMBER).on(Entered())


def told(card: Conversation, news: str, who: Who = NOBODY, **words: Any) -> Conversation:
    card.desk.who = who
    return card.on(Told(news, words))


def in_work(desk: Desk) -> Conversation:
    card = told(card_of(desk), "signed", CUSTOMER)
    desk.who = WORKSHOP
    return card.press("in_work")


def ready(desk: Desk, at: datetime) -> Conversation:
    card = in_work(desk)
    desk.now, desk.who = at, WORKSHOP
    card.press("inspection")
    desk.who = ADVISOR
    card.press("ready")
    for item in ("checked", "cleaned", "counted", "summed"):
        card.press("tick", item)
    return card.press("all_ready")


def history(desk: Desk, *happenings: OrderHappening) -> list[OrderEntry]:
    assert desk.order is not None
    return list(desk.order.of(*happenings))


def state_of(desk: Desk) -> OrderState:
    assert desk.order is not None
    return desk.order.state


def promise_of(desk: Desk) -> datetime:
    assert desk.order is not None
    promise = standing_promise(desk.order)
    assert promise is not None
    return promise.at


def news_of(card: Conversation, dialog: str) -> list[str]:
    return [tell.news for tell in card.of(Tell) if tell.dialog == dialog]


def homes(card: Conversation, dialog: str) -> list[Home]:
    return [each.home for each in card.of(Open) if each.dialog == dialog]


def calls(card: Conversation) -> list[Call]:
    return [each.state for each in card.of(Open) if each.dialog == "call"]


# ---------------------------------------------------------------- opening and signing


def test_o1_an_order_opens_card_and_sheet(desk: Desk) -> None:
    conversation = desk.begin("order_desk", None, NUMBER)
    facts = desk.facts(conversation)
    opens = [each for each in opened(order_of(), facts) if isinstance(each, Open)]
    assert [(each.dialog, each.home) for each in opens] == [
        ("order_desk", Home(queue=Queue.WORKSHOP)),
        ("order_sheet", Home(person=3)),
    ]
    assert [each.dialog for each in opened(order_of(person_id=0), facts) if isinstance(each, Open)] == [
        "order_desk"
    ]


def test_the_card_lies_in_the_topic_and_with_its_advisor_masked(desk: Desk) -> None:
    """A3"""
    card = card_of(desk)
    assert [say.to for say in card.of(Say)] == [Home(), Home(person=ADVISOR.person_id)]
    assert "粤B12345" not in card.text
    assert "138" not in card.text
    assert card.timers == {}


def test_o2_the_signature_brings_the_car_into_the_shop_and_the_promise_to_life(desk: Desk) -> None:
    card = told(card_of(desk), "signed", CUSTOMER)
    assert state_of(desk) is OrderState.IN_SHOP
    assert history(desk, OrderHappening.CONFIRMED)[0].person == 0
    assert set(card.timers) == {"progress", "ask", "notice", "silence"}
    assert card.timers["notice"] == FIVE - timedelta(hours=1)
    told(card, "signed", CUSTOMER)
    assert len(history(desk, OrderHappening.CONFIRMED)) == 1


def test_o2_signed_on_paper(desk: Desk) -> None:
    card = card_of(desk).press("in_shop")
    assert "当面签字" in card.text
    card.press("signed_on_paper")
    assert state_of(desk) is OrderState.IN_SHOP
    assert history(desk, OrderHappening.CONFIRMED)[0].who == ADVISOR.first_name


def test_o2_declined_is_closed(desk: Desk) -> None:
    card = told(card_of(desk), "declined", CUSTOMER)
    assert card.outcome is Outcome.DONE
    assert state_of(desk) is OrderState.CANCELLED
    assert news_of(card, "order_sheet") == ["cancelled"]
    assert card.timers == {}


def test_o3_the_workshops_acceptance_is_recorded_to_ten_minutes(desk: Desk) -> None:
    card = told(card_of(desk), "signed", CUSTOMER)
    desk.now, desk.who = MONDAY + timedelta(minutes=17, seconds=40), WORKSHOP
    card.press("in_work")
    assert (
        history(desk, OrderHappening.MOVED)[-1].details["accepted"]
        == (MONDAY + timedelta(minutes=10)).isoformat()
    )
    assert "09:10" in card.text


def test_p2_ready_only_when_the_whole_checklist_is_ticked(desk: Desk) -> None:
    card = in_work(desk)
    card.press("inspection")
    desk.who = ADVISOR
    card.press("ready")
    for item in ("checked", "cleaned", "counted"):
        card.press("tick", item)
    assert "all_ready" not in [button.key for button in card.buttons()]
    card.on(Pressed("all_ready"))
    assert state_of(desk) is OrderState.INSPECTION
    card.press("tick", "summed").press("all_ready")
    assert state_of(desk) is OrderState.READY


# ---------------------------------------------------------------- the clock


def test_p1_the_notice_of_a_ready_car_leaves_at_its_time(desk: Desk) -> None:
    card = ready(desk, MONDAY + timedelta(hours=3))
    assert "pickup" not in [each.dialog for each in card.of(Open)]
    desk.who = NOBODY
    card.wake("notice")
    assert desk.now == FIVE - timedelta(hours=1)
    assert [each.dialog for each in card.of(Open)] == ["pickup"]
    card.wake("unanswered")
    assert desk.now == FIVE - timedelta(minutes=30)
    assert [call.reason for call in calls(card)] == ["pickup_unanswered"]
    assert set(card.timers) == set()


def test_p6_told_ahead_of_time_the_planned_notice_is_gone(desk: Desk) -> None:
    card = ready(desk, MONDAY + timedelta(hours=3)).press("early")
    assert [each.state.early for each in card.of(Open) if each.dialog == "pickup"] == [True]
    assert "notice" not in card.timers
    assert "early" not in [button.key for button in card.buttons()]
    assert len(history(desk, OrderHappening.NOTICED)) == 1


def test_p3_not_ready_the_advisor_is_asked_then_the_customer_told(desk: Desk) -> None:
    card = in_work(desk)
    desk.who = NOBODY
    card.wake("ask")
    assert desk.now == FIVE - timedelta(minutes=90)
    assert homes(card, "delay_question") == [Home(person=11)]
    card.wake("notice")
    assert desk.now == FIVE - timedelta(hours=1)
    assert news_of(card, "order_sheet") == ["delayed"]
    supervisors = [say.to for say in card.of(Say) if say.script == "order_desk/no_reason"]
    assert supervisors == [Home(person=SUPERVISOR.person_id)]


def test_g3_silence_names_the_supervisor(desk: Desk) -> None:
    card = in_work(desk)
    desk.who = NOBODY
    card.wake("progress")
    assert desk.now == MONDAY.replace(hour=15, minute=15)  # 75 % of seven working hours
    assert homes(card, "progress_check") == [Home(queue=Queue.WORKSHOP)]
    asked = desk.now
    card.wake("again")
    assert desk.now == asked + timedelta(minutes=15)
    assert news_of(card, "progress_check") == ["again"]
    assert "again" not in card.timers


def test_a_silent_visit_nudges_whoever_is_in_charge(desk: Desk) -> None:
    card = in_work(desk)
    desk.who = NOBODY
    assert card.timers["silence"] == MONDAY + timedelta(hours=5)  # four working hours, and the lunch break
    card.wake("silence")
    assert ("silent_visit", Home(person=11)) in [(each.dialog, each.home) for each in card.of(Open)]
    told(card, "word", ADVISOR)
    assert news_of(card, "order_sheet") == ["word"]
    assert news_of(card, "silent_visit") == ["over"]


def test_what_came_due_during_a_standstill_is_done_at_once_and_honestly(desk: Desk) -> None:
    """P3, P5: the bot was down from noon until after the promised time."""
    card = in_work(desk)
    desk.who, desk.now = NOBODY, FIVE + timedelta(minutes=20)
    card.wake("notice")
    late = [tell for tell in card.of(Tell) if tell.news == "delayed"]
    assert [tell.words["late"] for tell in late] == [True]
    assert all(moment > desk.now for moment in card.timers.values())


# ---------------------------------------------------------------- news of the workshop and of colleagues


@pytest.mark.parametrize("minutes", [30, 60, 120])
def test_g2_later_is_a_new_promise_that_the_customer_reads_in_the_same_second(
    desk: Desk, minutes: int
) -> None:
    card = in_work(desk)
    desk.now = MONDAY + timedelta(hours=2)
    told(card, "promised", SUPERVISOR, at=MONDAY.replace(hour=14), reason="parts")
    told(card, "progress", WORKSHOP, answer="late", minutes=minutes)
    assert promise_of(desk) == MONDAY.replace(hour=14) + timedelta(minutes=minutes)
    assert news_of(card, "order_sheet") == ["promised"]
    assert card.timers["notice"] == promise_of(desk) - timedelta(hours=1)


def test_g2_a_delay_into_the_night_is_promised_for_the_next_opening(desk: Desk) -> None:
    card = in_work(desk)
    told(card, "progress", WORKSHOP, answer="late", minutes=120)
    assert promise_of(desk) == MONDAY.replace(hour=8, minute=30) + timedelta(days=1)


def test_g2_waiting_for_parts_asks_the_advisor_at_once(desk: Desk) -> None:
    card = told(in_work(desk), "progress", WORKSHOP, answer="parts", minutes=0)
    assert [each.dialog for each in card.of(Open)] == ["delay_question"]
    assert "ask" not in card.timers
    desk.who = NOBODY
    card.wake("notice")
    assert [tell.words["reason"] for tell in card.of(Tell) if tell.news == "delayed"] == ["parts"]


def test_the_workshop_needs_the_customer(desk: Desk) -> None:
    card = told(in_work(desk), "progress", WORKSHOP, answer="contact", minutes=0)
    assert [call.reason for call in calls(card)] == ["workshop_asks"]


def test_p5_a_new_time_ends_what_was_asked_about_the_old_one(desk: Desk) -> None:
    card = told(in_work(desk), "promised", WORKSHOP, at=FIVE + timedelta(days=2), reason="parts")
    assert news_of(card, "delay_question") == ["over"]
    assert news_of(card, "pickup") == ["over"]
    assert card.timers["notice"] == FIVE + timedelta(days=2, hours=-4)
    heard = [say.to for say in card.of(Say) if say.script == "order_desk/new_time"]
    assert heard == [Home(person=ADVISOR.person_id)]


def test_the_same_time_again_changes_nothing(desk: Desk) -> None:
    """P5"""
    card = in_work(desk)
    before = dict(card.timers)
    told(card, "promised", ADVISOR, at=FIVE, reason="parts")
    assert card.timers == before
    assert news_of(card, "order_sheet") == []


# ---------------------------------------------------------------- additional work


def propose(card: Conversation, until: datetime | None = None, **words: Any) -> Conversation:
    said = {
        "item": "刹车片",
        "price": Decimal(560),
        "why": "磨损到 2 毫米",
        "until": until,
        "safety": True,
        "photo": None,
    }
    return told(card, "proposed", WORKSHOP, **(said | words))


def test_x1_the_customer_gets_it_at_once(desk: Desk) -> None:
    card = propose(in_work(desk))
    assert [(each.dialog, each.home) for each in card.of(Open)] == [("additional_work", Home(person=3))]
    assert "刹车片" in card.text


def test_x3_agreed_moves_the_promise_and_the_workshop_reads_it(desk: Desk) -> None:
    until = FIVE + timedelta(days=1)
    card = told(propose(in_work(desk), until), "agreed", CUSTOMER, item="刹车片")
    assert promise_of(desk) == until
    assert card.timers["notice"] == until - timedelta(hours=1)
    line = next(say for say in card.of(Say) if say.script == "order_desk/work_answered")
    assert line.to == Home()
    assert news_of(card, "order_sheet") == ["moved"]  # the question named the new time: no second message
    assert desk.order is not None
    assert desk.order.total == Decimal(958)


def test_x3_refused_is_kept_with_who_was_told(desk: Desk) -> None:
    told(propose(in_work(desk)), "refused", CUSTOMER, item="刹车片")
    refused = history(desk, OrderHappening.REFUSED)[0]
    assert refused.details["told"] == [ADVISOR.person_id]
    assert desk.order is not None
    assert desk.order.total == Decimal(398)


def test_x2_a_second_answer_changes_nothing(desk: Desk) -> None:
    card = told(propose(in_work(desk)), "refused", CUSTOMER, item="刹车片")
    told(card, "agreed", CUSTOMER, item="刹车片")
    assert history(desk, OrderHappening.AGREED) == []


def test_x2_an_answer_on_the_phone_is_noted_by_name(desk: Desk) -> None:
    card = propose(in_work(desk))
    desk.who = ADVISOR
    card.press("by_phone").press("phone_no")
    refused = history(desk, OrderHappening.REFUSED)[0]
    assert (refused.who, refused.details["how"]) == (ADVISOR.first_name, "phone")
    assert news_of(card, "additional_work") == ["answered"]


def test_x2_silence_and_a_wish_are_calls(desk: Desk) -> None:
    card = propose(in_work(desk))
    told(card, "work_silent", NOBODY, item="刹车片")
    assert [(call.reason, call.said) for call in calls(card)] == [("work_unanswered", "刹车片")]
    told(card, "work_call", CUSTOMER, item="刹车片")
    assert calls(card) == []


# ---------------------------------------------------------------- customers whom no message reaches


def test_who_has_no_chat_is_called_with_the_text_ready(desk: Desk) -> None:
    desk.order = order_of(person_id=0)
    card = card_of(desk)
    desk.who = ADVISOR
    card.press("in_shop").press("signed_on_paper")
    told(card, "promised", ADVISOR, at=FIVE + timedelta(days=1), reason="parts")
    said = [say for say in card.of(Say) if say.to == Home(customer=7)]
    assert [say.script for say in said] == ["order_sheet/promised"]
    propose(card)
    assert [say.script for say in card.of(Say) if say.to == Home(customer=7)] == ["additional_work/question"]
    assert history(desk, OrderHappening.CALL_TASK)[0].details == {"item": "刹车片"}


def test_p4_a_notice_that_did_not_arrive_is_one_call_and_no_second_one(desk: Desk) -> None:
    card = ready(desk, MONDAY + timedelta(hours=3)).press("early")
    told(card, "unreachable", NOBODY, text="您的爱车可以接了", person=3)
    assert [(call.reason, call.person) for call in calls(card)] == [("undeliverable", 0)]
    assert "unanswered" not in card.timers


# ---------------------------------------------------------------- the end


def test_p7_leaving_ends_everything(desk: Desk) -> None:
    card = ready(desk, MONDAY + timedelta(hours=3))
    desk.who = SETTLER
    card.press("settled")
    assert "pickup" in [tell.dialog for tell in card.of(Tell)]
    desk.who = ADVISOR
    card.press("left")
    assert card.outcome is Outcome.DONE
    assert news_of(card, "order_sheet") == ["left"]
    assert "已出厂" in card.text
    assert card.timers == {}


def test_a_cancelled_order_leaves_no_timer(desk: Desk) -> None:
    card = in_work(desk)
    desk.who = ADVISOR
    card.press("cancel_order").press("cancel_sure")
    assert card.outcome is Outcome.DONE
    assert card.timers == {}
    assert news_of(card, "order_sheet") == ["cancelled"]


def test_back_into_work_after_the_notice(desk: Desk) -> None:
    card = ready(desk, MONDAY + timedelta(hours=3)).press("early")
    desk.who = WORKSHOP
    card.press("rework")
    assert "over" in news_of(card, "pickup")
    assert {"notice", "ask"} & set(card.timers) or news_of(card, "order_sheet")


# ---------------------------------------------------------------- who may (R2, R4)


def may(desk: Desk, who: Who, key: str) -> bool:
    desk.who = who
    dialog = DIALOGS["order_desk"]
    conversation = desk.begin("order_desk", None, NUMBER)
    return dialog.authority[key](conversation.state, replace(desk.facts(conversation), queue=Queue.WORKSHOP))


@pytest.mark.parametrize(
    ("who", "keys", "not_keys"),
    [
        (WORKSHOP, ("in_work", "inspection", "propose"), ("all_ready", "left", "cancel_sure", "settled")),
        (ADVISOR, ("in_work", "all_ready", "left", "settled", "phone_yes"), ()),
        (SETTLER, ("settled",), ("in_work", "all_ready", "left", "contact")),
        (CUSTOMER, (), ("in_work", "settled", "left", "contact", "look")),
    ],
)
def test_r2_who_may_press_what(
    desk: Desk, who: Who, keys: tuple[str, ...], not_keys: tuple[str, ...]
) -> None:
    assert all(may(desk, who, key) for key in keys)
    assert not any(may(desk, who, key) for key in not_keys)


def test_r4_the_substitute_is_asked_instead_of_an_absent_advisor(desk: Desk) -> None:
    away = replace(ADVISOR, absent_until=MONDAY + timedelta(days=3), substitute=SUPERVISOR.person_id)
    card = in_work(desk)
    desk.colleagues = (away, WORKSHOP, SUPERVISOR, SETTLER)
    desk.who = NOBODY
    card.wake("ask")
    assert homes(card, "delay_question") == [Home(person=SUPERVISOR.person_id)]


def test_handed_over_to_another_advisor(desk: Desk) -> None:
    card = card_of(desk).press("entrust").press("to", str(SUPERVISOR.person_id))
    assert desk.order is not None
    assert desk.order.advisor == SUPERVISOR.person_id
    assert Home(person=SUPERVISOR.person_id) in [say.to for say in card.of(Say)]


def test_a_button_that_the_card_does_not_show_does_nothing(desk: Desk) -> None:
    card = card_of(desk)
    for key in ("left", "settled", "all_ready", "early", "phone_yes"):
        card.on(Pressed(key, "0"))
    assert state_of(desk) is OrderState.AWAITING


def test_photos_are_shown_in_private(desk: Desk) -> None:
    desk.order = order_of(arrival=Arrival(photos=(("photo", "f1"), ("video", "f2"))))
    card = card_of(desk).press("look")
    assert [(say.to, say.media and say.media.file_id) for say in card.of(Say)] == [
        (Home(person=11), "f1"),
        (Home(person=11), "f2"),
    ]


def test_x3_agreed_too_late_for_its_new_time_asks_for_another(desk: Desk) -> None:
    """A time that is over cannot be promised: whoever is in charge is asked for one."""
    card = propose(in_work(desk), FIVE + timedelta(minutes=15))
    desk.now = FIVE + timedelta(minutes=20)
    told(card, "agreed", CUSTOMER, item="刹车片")
    assert promise_of(desk) == FIVE
    assert homes(card, "delay_question") == [Home(person=ADVISOR.person_id)]
