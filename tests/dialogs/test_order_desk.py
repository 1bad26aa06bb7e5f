"""The card of a repair order: its steps, its clock, and the presses it refuses (O, G, P, R2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import Home, Open, Outcome, Pressed, Say, Tell
from dialogs.facts import Who
from dialogs.order_moves import opened
from domain.people import Queue
from domain.repair_orders import (
    Arrival,
    OrderHappening,
    OrderState,
)
from tests.dialogs.conftest import ADVISOR, MONDAY, WORKSHOP, Desk
from tests.dialogs.order_card import (
    CUSTOMER,
    FIVE,
    NOBODY,
    NUMBER,
    SETTLER,
    SUPERVISOR,
    calls,
    card_of,
    desk_with_order,
    history,
    homes,
    in_work,
    news_of,
    order_of,
    ready,
    state_of,
    told,
)


@pytest.fixture
def desk() -> Desk:
    return desk_with_order()


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
