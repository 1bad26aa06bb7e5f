"""A discount that waits (D2, D5, R4): silence takes it up the ladder, a changed bill has it asked anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dialogs.call import Call
from dialogs.core import Entered, Open, Outcome, Pressed, Said, Say, Told, Woke
from dialogs.facts import Who
from domain.discounts import DiscountState
from domain.people import Queue, Role
from domain.repair_orders import OrderState
from domain.settlement import Line, LineKind
from tests.dialogs.bill_books import BillBooks
from tests.dialogs.conftest import ADVISOR, Desk
from tests.dialogs.discount_case import (
    AFTER_SALES,
    BILL,
    BOSS,
    BUSINESS,
    CUSTOMER,
    FOREMAN,
    asked,
    away,
    billed,
    card_of,
    copies,
    heard_by,
    news,
    only,
    tap,
)
from tests.dialogs.promised_order import order_in

TEN_MINUTES = timedelta(minutes=10)
MORE = replace(BILL, version=2, lines=(*BILL.lines, Line("机油", LineKind.PARTS, Decimal(100))))


# ---------------------------------------------------------------- D5: nobody answers


def test_d5_after_ten_minutes_the_next_role_is_asked(desk: Desk) -> None:
    card = asked(billed(desk))
    began = desk.now
    card.wake("unanswered")
    assert desk.now - began == TEN_MINUTES
    assert only(desk).level is Role.AFTER_SALES_MANAGER
    assert copies(card) == [22]
    assert "等售后服务经理审批" in card.text
    assert "售后服务经理权限 20%" in card.text
    assert news(card) == [("order_sheet", "raised"), ("order_desk", None)]
    card.wake("unanswered")
    assert only(desk).level is Role.GENERAL_MANAGER
    assert copies(card) == [23]


def test_d5_the_role_below_may_still_answer(desk: Desk) -> None:
    card = asked(billed(desk))
    card.wake("unanswered")
    assert tap(card, BUSINESS, "approve")
    assert only(desk).granted == Decimal("0.05")


def test_d5_r4_a_role_that_nobody_is_there_for_is_passed_over(desk: Desk) -> None:
    billed(desk).colleagues = (ADVISOR, BUSINESS, away(AFTER_SALES), BOSS)
    card = asked(desk)
    card.wake("unanswered")
    assert only(desk).level is Role.GENERAL_MANAGER
    assert copies(card) == [23]


def test_d5_general_managers_are_asked_three_times_more_then_the_front_desk_goes(desk: Desk) -> None:
    card = asked(billed(desk), "0.30")
    for time in (1, 2, 3):
        card.wake("unanswered")
        assert copies(card) == [23]
        assert f"第 {time} 次提醒" in card.text
        assert card.of(Open) == []
    card.wake("unanswered")
    (call,) = card.of(Open)
    assert (call.dialog, call.home.queue) == ("call", Queue.FRONT_DESK)
    assert isinstance(call.state, Call)
    assert "请示总经理" in desk.open(call).text
    assert card.timers == {}
    assert tap(card, BOSS, "approve")
    assert only(desk).state is DiscountState.GRANTED


def test_d5_a_timer_that_rings_late_asks_the_next_role_once(desk: Desk) -> None:
    card = asked(billed(desk))
    desk.now += timedelta(hours=3)
    card.on(Woke("unanswered", late=True))
    assert only(desk).level is Role.AFTER_SALES_MANAGER
    assert card.timers["unanswered"] == desk.now + TEN_MINUTES


def test_d5_a_timer_after_the_decision_changes_nothing(desk: Desk) -> None:
    card = asked(billed(desk))
    decided = replace(only(desk), state=DiscountState.GRANTED, decided_name="陈业务", decided_at=desk.now)
    desk.bills = BillBooks(BILL, (decided,))
    card.on(Woke("unanswered"))
    assert card.outcome is Outcome.DONE
    assert desk.bills.discounts == (decided,)
    assert news(card) == []


# ---------------------------------------------------------------- D2: the bill changes, the visit ends


def test_d2_a_changed_bill_is_asked_anew_for_the_same_share(desk: Desk) -> None:
    card = asked(billed(desk))
    desk.bills, desk.who = replace(desk.bills, settlement=MORE), FOREMAN
    card.on(Told("lines_changed"))
    outdated, anew = desk.bills.discounts
    assert card.outcome is Outcome.DONE
    assert outdated.state is DiscountState.OUTDATED
    assert (anew.state, anew.version, anew.total) == (DiscountState.OPEN, 2, Decimal(1100))
    assert (anew.asked, anew.reason, anew.asked_by, anew.asked_name) == (
        outdated.asked, "regular", 11, "林顾问",
    )  # fmt: skip
    assert "作废" in card.text
    again = card_of(desk, card)
    assert "¥1,100 → <b>¥1,045</b>" in again.text
    assert tap(again, BUSINESS, "approve")
    assert only(desk).amount == Decimal(55)


def test_d2_d5_asked_anew_it_stays_with_the_role_that_had_it(desk: Desk) -> None:
    card = asked(billed(desk), who=CUSTOMER)
    card.wake("unanswered")
    desk.bills = replace(desk.bills, settlement=MORE)
    card.on(Told("lines_changed"))
    assert (only(desk).level, only(desk).asked_by) == (Role.AFTER_SALES_MANAGER, 0)


@pytest.mark.parametrize("who", [ADVISOR, CUSTOMER])
def test_d2_what_is_not_possible_any_more_is_told_to_who_asked(desk: Desk, who: Who) -> None:
    card = asked(billed(desk), "0.30", who)
    parts = replace(BILL, version=2, lines=(Line("前刹车片", LineKind.PARTS, Decimal(400)),))
    desk.bills, desk.who = replace(desk.bills, settlement=parts), FOREMAN
    card.on(Told("lines_changed"))
    assert [each.state for each in desk.bills.discounts] == [DiscountState.OUTDATED]
    assert news(card) == [("order_sheet", "outdated"), ("order_desk", None)]
    assert heard_by(card) == [11]
    assert "不能再批" in card.text


def test_d2_a_press_on_an_outdated_bill_grants_nothing(desk: Desk) -> None:
    """The bill was changed, and the card has not heard of it yet."""
    card = asked(billed(desk))
    desk.bills = replace(desk.bills, settlement=MORE)
    assert tap(card, BUSINESS, "approve")
    assert [each.state for each in desk.bills.discounts] == [DiscountState.OUTDATED, DiscountState.OPEN]
    assert desk.bills.settlement == MORE
    assert "结算单刚刚改过" in card.text


def test_d2_news_about_the_very_bill_changes_nothing(desk: Desk) -> None:
    card = asked(billed(desk))
    assert card.on(Told("lines_changed")).outcome is Outcome.STAY
    assert only(desk).state is DiscountState.OPEN


@pytest.mark.parametrize("state", [OrderState.LEFT, OrderState.CANCELLED])
def test_d2_with_the_visit_the_request_is_over(desk: Desk, state: OrderState) -> None:
    card = asked(billed(desk))
    desk.order = order_in(state)
    card.on(Told("over"))
    assert card.outcome is Outcome.DONE
    assert only(desk).state is DiscountState.WITHDRAWN
    assert "撤回" in card.text


def test_o3_while_the_car_is_back_in_work_nothing_is_decided_or_raised(desk: Desk) -> None:
    """返工: the bill is not looked at before the next inspection, and the request waits for it."""
    card = asked(billed(desk))
    request = only(desk)
    desk.bills = BillBooks()  # what the service tells before the inspection
    assert tap(card, BUSINESS, "approve")
    assert "返工" in card.text
    card.wake("unanswered")
    assert card.timers["unanswered"] == desk.now + TEN_MINUTES
    desk.bills = BillBooks(BILL, (request,))
    assert tap(card, BUSINESS, "approve")
    assert only(desk).state is DiscountState.GRANTED


# ---------------------------------------------------------------- shown again


def test_offered_again_the_card_and_its_copies_lie_there_anew(desk: Desk) -> None:
    card = asked(billed(desk))
    due = card.timers["unanswered"]
    desk.now += timedelta(minutes=4)
    desk.who = Who()
    card.on(Entered())
    assert [say.fresh for say in card.of(Say) if not say.copy] == [True]
    assert copies(card) == [21]
    assert card.timers == {"unanswered": due}


def test_an_old_button_in_the_group_shows_the_card_to_the_group_alone(desk: Desk) -> None:
    card = asked(billed(desk))
    desk.who = BUSINESS
    card.on(Entered())
    assert copies(card) == []


def test_a_sentence_in_the_group_is_no_decision(desk: Desk) -> None:
    card = asked(billed(desk)).on(Said("同意"))
    assert card.outcome is Outcome.STAY
    assert only(desk).state is DiscountState.OPEN


def test_an_order_that_is_gone_ends_the_card(desk: Desk) -> None:
    card = asked(billed(desk))
    desk.order = None
    assert card.on(Pressed("approve")).outcome is Outcome.DONE
