"""What an order's card hears from the visit's other procedures, and what follows (O2, X1–X3, G2, P4, P5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import Home, Open, Say, Tell
from domain.repair_orders import (
    OrderHappening,
)
from tests.dialogs.conftest import ADVISOR, MONDAY, WORKSHOP, Conversation, Desk
from tests.dialogs.order_card import (
    CUSTOMER,
    FIVE,
    NOBODY,
    SUPERVISOR,
    calls,
    card_of,
    desk_with_order,
    history,
    homes,
    in_work,
    news_of,
    order_of,
    promise_of,
    ready,
    told,
)


@pytest.fixture
def desk() -> Desk:
    return desk_with_order()


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


def test_x3_agreed_too_late_for_its_new_time_asks_for_another(desk: Desk) -> None:
    """A time that is over cannot be promised: whoever is in charge is asked for one."""
    card = propose(in_work(desk), FIVE + timedelta(minutes=15))
    desk.now = FIVE + timedelta(minutes=20)
    told(card, "agreed", CUSTOMER, item="刹车片")
    assert promise_of(desk) == FIVE
    assert homes(card, "delay_question") == [Home(person=ADVISOR.person_id)]
