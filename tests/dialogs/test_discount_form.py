"""申请优惠 by customer or colleague (D1, D4, D7): what can be asked, and what nobody could grant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dialogs.core import Outcome, Pressed, Record, Said, SentMedia, Tell
from dialogs.discount_form import LONGEST_REASON
from dialogs.effects import AskDiscount
from dialogs.facts import Who
from domain.people import Role
from domain.repair_orders import OrderState
from domain.settlement import Line, LineKind, Settlement
from tests.dialogs.bill_books import BillBooks
from tests.dialogs.conftest import ADVISOR, Desk
from tests.dialogs.discount_case import (
    AFTER_SALES,
    BILL,
    BOSS,
    BUSINESS,
    CUSTOMER,
    FOREMAN,
    away,
    billed,
    form,
)
from tests.dialogs.promised_order import NUMBER

FULL = replace(BILL, discount=Decimal("0.3"))  # down to the floor
CHANGED = replace(BILL, version=2, lines=(*BILL.lines, Line("机油", LineKind.PARTS, Decimal(100))))


# ---------------------------------------------------------------- D1: asking


def test_d1_a_colleague_asks_with_three_presses(desk: Desk) -> None:
    filling = form(billed(desk)).press("share", "0.05").press("reason", "regular")
    assert "合计：¥1,000 → <b>¥950</b>" in filling.text
    assert "更换刹车片工时：¥600 → ¥570" in filling.text  # D7: line by line
    filling.press("submit")
    (discount,) = desk.bills.discounts
    assert discount.asked == Decimal("0.05")
    assert (discount.reason, discount.asked_by, discount.asked_name) == ("regular", 11, "林顾问")
    assert (discount.total, discount.version, discount.customer_id) == (Decimal(1000), 1, 7)
    assert filling.outcome is Outcome.DONE
    assert filling.opened("discount_desk").subject == NUMBER
    assert {(each.dialog, each.news) for each in filling.of(Tell)} == {
        ("order_sheet", "discount"),
        ("order_desk", "discount"),
    }


def test_d1_a_customer_sees_what_each_step_saves_and_may_skip_the_reason(desk: Desk) -> None:
    asking = form(billed(desk), CUSTOMER)
    labels = [button.words["saved"] for button in asking.buttons() if button.key == "share"]
    assert labels == [Decimal(each) for each in (30, 50, 80, 100)]  # what the first role asked may grant
    asking.press("share", "0.10").press("skip").press("submit")
    (discount,) = desk.bills.discounts
    assert (discount.asked_by, discount.asked_name, discount.reason) == (0, "", "")
    assert "正在请示" in asking.text


def test_d4_a_customer_may_write_more_than_is_offered_and_it_goes_higher(desk: Desk) -> None:
    form(billed(desk), CUSTOMER).say("8 折").press("skip").press("submit")
    (discount,) = desk.bills.discounts
    assert (discount.asked, discount.level) == (Decimal("0.2"), Role.AFTER_SALES_MANAGER)


@pytest.mark.parametrize("words", ["5%", "九五折", "95折", "9.5 折", "优惠五个点", "５％", "能打九五折吗？"])
def test_d1_the_share_is_understood_as_people_say_it(desk: Desk, words: str) -> None:
    form(billed(desk)).say(words).say("老客户了，第三次来").say("确认")
    assert desk.bills.discounts[0].asked == Decimal("0.05")


@pytest.mark.parametrize("words", ["便宜点", "5", "便宜 50 块", "5% 或者 8%"])
def test_d1_what_is_not_understood_is_asked_again(desk: Desk, words: str) -> None:
    asking = form(billed(desk)).say(words)
    assert asking.outcome is Outcome.ASK_AGAIN
    assert asking.step == "choose_share"


def test_d1_a_sticker_is_no_share(desk: Desk) -> None:
    assert form(billed(desk)).on(SentMedia("sticker")).outcome is Outcome.ASK_AGAIN


def test_d1_a_colleague_says_why(desk: Desk) -> None:
    asking = form(billed(desk)).press("share")
    assert "skip" not in {button.key for button in asking.buttons()}
    for words in ("啊", "1234", "很" * (LONGEST_REASON + 1)):
        assert asking.say(words).step == "tell_reason"
    assert asking.say("老客户，\n 第三次大保养").step == "check"
    assert asking.state.reason == "老客户， 第三次大保养"


def test_d1_share_and_reason_can_be_changed_alone(desk: Desk) -> None:
    asking = form(billed(desk)).press("share", "0.05").press("reason", "waited")
    asking.press("change_share").press("share", "0.08")
    assert asking.step == "check"
    asking.press("change_reason").press("reason", "large").press("submit")
    (discount,) = desk.bills.discounts
    assert (discount.asked, discount.reason) == (Decimal("0.08"), "large")


def test_d1_every_number_is_its_own(desk: Desk) -> None:
    (first,) = form(billed(desk)).press("share").press("reason").press("submit").of(AskDiscount)
    desk.bills = BillBooks(BILL)
    (second,) = form(desk).press("share").press("reason").press("submit").of(AskDiscount)
    assert first.discount.number != second.discount.number


# ---------------------------------------------------------------- D4: who is asked


@pytest.mark.parametrize(
    ("share", "level"),
    [
        ("3%", Role.BUSINESS_SUPERVISOR),
        ("10%", Role.BUSINESS_SUPERVISOR),
        ("10.5%", Role.AFTER_SALES_MANAGER),
        ("20%", Role.AFTER_SALES_MANAGER),
        ("21%", Role.GENERAL_MANAGER),
        ("30%", Role.GENERAL_MANAGER),
    ],
)
def test_d4_the_lowest_role_that_may_grant_it_is_asked(desk: Desk, share: str, level: Role) -> None:
    form(billed(desk)).say(share).press("reason").press("submit")
    assert desk.bills.discounts[0].level is level


def test_d4_r4_where_nobody_holds_the_role_now_the_next_one_is_asked(desk: Desk) -> None:
    billed(desk).colleagues = (ADVISOR, away(BUSINESS), AFTER_SALES, BOSS)
    form(desk).press("share").press("reason").press("submit")
    assert desk.bills.discounts[0].level is Role.AFTER_SALES_MANAGER


def test_r4_a_substitute_is_somebody(desk: Desk) -> None:
    billed(desk).colleagues = (ADVISOR, away(BUSINESS, FOREMAN), FOREMAN, BOSS)
    form(desk).press("share").press("reason").press("submit")
    assert desk.bills.discounts[0].level is Role.BUSINESS_SUPERVISOR


@pytest.mark.parametrize("who", [ADVISOR, CUSTOMER])
@pytest.mark.parametrize("words", ["31%", "50%", "五折", "95%"])
def test_d4_what_nobody_could_grant_is_not_asked(desk: Desk, who: Who, words: str) -> None:
    asking = form(billed(desk), who).say(words)
    assert asking.step == "choose_share"
    assert ("最多" if who is ADVISOR else "小一些") in asking.text
    assert desk.bills.discounts == ()


@pytest.mark.parametrize("value", ["0.01", "-0.05", "1.5", "0.95", "0", "NaN", ""])
def test_r2_a_forged_step_is_no_step(desk: Desk, value: str) -> None:
    asking = form(billed(desk)).on(Pressed("share", value))
    assert asking.outcome is Outcome.ASK_AGAIN
    assert asking.state.share is None


# ---------------------------------------------------------------- when nothing can be asked


@pytest.mark.parametrize("who", [ADVISOR, CUSTOMER])
@pytest.mark.parametrize(
    ("settlement", "state", "says"),
    [
        (None, OrderState.READY, "结算单"),
        (replace(BILL, insurance=True), OrderState.READY, "保险"),
        (FULL, OrderState.READY, "优惠"),
        (BILL, OrderState.SETTLED, "结算"),
        (BILL, OrderState.IN_WORK, "结算单"),
    ],
)  # fmt: skip
def test_d1_nothing_is_asked_where_there_is_nothing_to_grant(
    desk: Desk, who: Who, settlement: Settlement | None, state: OrderState, says: str
) -> None:
    asking = form(billed(desk, settlement, state), who)
    assert asking.outcome is Outcome.DONE
    assert says in asking.text
    assert asking.buttons() == []


@pytest.mark.parametrize("who", [ADVISOR, CUSTOMER])
def test_d1_one_request_at_a_time(desk: Desk, who: Who) -> None:
    form(billed(desk)).press("share").press("reason").press("submit")
    asking = form(desk, who)
    assert asking.outcome is Outcome.DONE
    assert ("请示" if who is CUSTOMER else "等审批") in asking.text


def test_d1_two_who_ask_at_the_same_moment_ask_once(desk: Desk) -> None:
    one = form(billed(desk)).press("share").press("reason")
    other = form(desk, CUSTOMER).press("share").press("reason")
    desk.who = ADVISOR
    one.press("submit")
    desk.who = CUSTOMER
    other.press("submit")
    assert other.outcome is Outcome.DONE
    assert "正在请示" in other.text
    assert len(desk.bills.discounts) == 1


def test_d1_a_bill_with_a_discount_is_asked_for_more(desk: Desk) -> None:
    asking = form(billed(desk, replace(BILL, discount=Decimal("0.08"))))
    steps = [button.value for button in asking.buttons() if button.key == "share"]
    assert steps == ["0.10", "0.15", "0.20", "0.30"]
    assert "已经优惠 8%" in asking.say("5%").text
    asking.press("share", "0.10").press("reason")
    assert "少付 ¥20" in asking.text
    asking.press("submit")
    assert desk.bills.discounts[0].total == Decimal(920)


# ---------------------------------------------------------------- what changes meanwhile


def test_d2_a_bill_that_changed_while_it_was_read_is_read_again(desk: Desk) -> None:
    asking = form(billed(desk)).press("share", "0.05").press("reason")
    desk.bills = BillBooks(CHANGED)
    asking.press("submit")
    assert asking.step == "check"
    assert desk.bills.discounts == ()
    assert "¥1,100 → <b>¥1,045</b>" in asking.text
    (request,) = asking.press("submit").of(AskDiscount)
    assert request.discount.version == 2


def test_d4_a_share_that_has_become_too_much_is_chosen_anew(desk: Desk) -> None:
    asking = form(billed(desk)).press("share", "0.30").press("reason")
    parts = replace(BILL, version=2, lines=(Line("前刹车片", LineKind.PARTS, Decimal(400)),))
    desk.bills = BillBooks(parts)
    asking.press("submit")
    assert asking.step == "choose_share"
    assert desk.bills.discounts == ()


def test_r2_who_has_left_the_house_asks_nothing_any_more(desk: Desk) -> None:
    asking = form(billed(desk)).press("share").press("reason")
    desk.who = replace(ADVISOR, roles=frozenset())
    asking.press("submit")
    assert asking.outcome is Outcome.DONE
    assert desk.bills.discounts == ()
    assert [each.action for each in asking.of(Record)] == ["discount.not_asked"]


def test_a_settled_bill_ends_the_form(desk: Desk) -> None:
    asking = form(billed(desk), CUSTOMER).press("share")
    desk.now += timedelta(minutes=5)
    billed(desk, state=OrderState.SETTLED)
    assert asking.on(Said("跳过")).outcome is Outcome.DONE
