"""The card on which a discount is decided (D1–D4, D6, R2, R4, R5): once, and by somebody who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from dialogs.core import Entered, Outcome, Record, Say
from dialogs.discount_card import Asked
from dialogs.discount_desk import DISCOUNT_DESK
from dialogs.facts import Appraisal, Who
from domain.discounts import Discount, DiscountState
from domain.people import Role
from tests.dialogs.bill_books import BillBooks
from tests.dialogs.conftest import ADVISOR, MONDAY, SCRIPTS, Conversation, Desk
from tests.dialogs.discount_case import (
    AFTER_SALES,
    BILL,
    BOSS,
    BUSINESS,
    CUSTOMER,
    FOREMAN,
    STAFF,
    asked,
    away,
    billed,
    copies,
    form,
    heard_by,
    news,
    only,
    tap,
)


def keys(card: Conversation) -> set[str]:
    return {button.key for button in card.buttons()}


# ---------------------------------------------------------------- D1: what the card says


def test_d1_the_card_says_all_that_is_needed_to_decide(desk: Desk) -> None:
    old = Discount(
        "YH260901-001", "JC260901-001", 1, Decimal("0.10"), MONDAY, Role.BUSINESS_SUPERVISOR, Decimal(1200), 9,
        state=DiscountState.GRANTED, granted=Decimal("0.05"),
    )  # fmt: skip
    other = replace(old, number="YH260901-002", state=DiscountState.REFUSED, refusal="margin")
    billed(desk).appraisal = Appraisal(Decimal(5200), Decimal(90), (old, other), Decimal(18000))
    text = asked(desk).text
    for words in (
        "优惠申请 5%",
        "9.5 折",
        "¥1,000 → <b>¥950</b>，少收 ¥50",
        "工时：¥600",
        "配件：¥400",
        "更换刹车片工时：¥600 × 0.95 = ¥570",
        "底价 ¥700，最多还能优惠 30%",
        "其他消费：¥5,200，已给优惠 ¥90",
        "10%（应付 ¥1,200）同意 5%",
        "10%（应付 ¥1,200）未同意，毛利不足",
        "业务主管权限 10%，本月优惠额度还剩 ¥18,000",
        "申请人：林顾问，原因：老客户",
    ):
        assert words in text


def test_d6_the_card_names_the_terms_that_hold_already(desk: Desk) -> None:
    text = asked(billed(desk, replace(BILL, fleet=True)), "0.03").text
    assert "协议价 工时 7 折 配件 9.5 折" in text
    assert "工时：¥600 → ¥420" in text
    assert "更换刹车片工时：¥600 × 0.70 × 0.97 = ¥407.40" in text


def test_a3_the_card_shows_no_whole_plate_phone_or_name(desk: Desk) -> None:
    form(billed(desk)).press("share").say("车牌粤B12345，电话13800138000，上次等太久").press("submit")
    request = only(desk)
    card = desk.begin("discount_desk", Asked(request.number), request.order).on(Entered())
    assert "上次等太久" in card.text
    assert "粤B12345" not in card.text.replace("·", "")
    assert "13800138000" not in card.text.replace(" ", "")
    tap(card, BUSINESS, "approve")
    (shown,) = [say for say in card.of(Say) if say.to.person is None]
    assert "粤B12345" not in SCRIPTS.text(shown.script, shown.words).replace("·", "")


def test_d1_customers_are_named_as_who_asks(desk: Desk) -> None:
    card = asked(billed(desk), "0.10", CUSTOMER)
    assert "申请人：客户本人" in card.text


# ---------------------------------------------------------------- D4, R4: who has the card


@pytest.mark.parametrize(
    ("share", "colleagues", "expected"),
    [
        ("0.10", STAFF, [21]),
        ("0.15", STAFF, [22]),
        ("0.30", STAFF, [23]),
        ("0.10", (*STAFF, Who(25, "郑业务", roles=frozenset({Role.BUSINESS_SUPERVISOR}))), [21, 25]),
        ("0.10", (ADVISOR, away(BUSINESS, FOREMAN), FOREMAN, BOSS), [24]),
        ("0.10", (ADVISOR, away(BUSINESS), AFTER_SALES, BOSS), [22]),
        ("0.10", (ADVISOR, away(BUSINESS), away(AFTER_SALES), BOSS), [23]),
        ("0.10", (ADVISOR, BOSS), [23]),
        ("0.10", (ADVISOR, away(BOSS)), [23]),
    ],
)
def test_d4_r4_whoever_is_there_for_the_role_has_a_copy(
    desk: Desk, share: str, colleagues: Sequence[Who], expected: list[int]
) -> None:
    billed(desk).colleagues = tuple(colleagues)
    assert copies(asked(desk, share)) == expected


# ---------------------------------------------------------------- D2: the decision


def test_d2_one_press_grants_what_was_asked(desk: Desk) -> None:
    card = asked(billed(desk))
    assert tap(card, BUSINESS, "approve")
    granted = only(desk)
    assert (granted.state, granted.granted, granted.amount) == (
        DiscountState.GRANTED, Decimal("0.05"), Decimal(50),
    )  # fmt: skip
    assert (granted.decided_by, granted.decided_name, granted.decided_at) == (21, "陈业务", desk.now)
    assert desk.bills.settlement is not None
    assert desk.bills.settlement.discount == Decimal("0.05")
    assert card.outcome is Outcome.DONE
    assert news(card) == [("order_sheet", "granted"), ("order_desk", None)]
    assert heard_by(card) == [11]
    assert card.of(Record) == [
        Record(
            "discount.granted",
            granted.number,
            {"order": granted.order, "share": Decimal("0.05"), "amount": Decimal(50)},
        )
    ]
    assert "已同意优惠 5%" in card.text
    assert "陈业务" in card.text


def test_d2_another_share_is_two_presses(desk: Desk) -> None:
    card = asked(billed(desk))
    assert tap(card, BUSINESS, "other")
    assert [button.value for button in card.buttons() if button.key == "step"] == ["0.03", "0.08", "0.10"]
    assert tap(card, BUSINESS, "step", "0.03")
    assert (only(desk).asked, only(desk).granted, only(desk).amount) == (
        Decimal("0.05"), Decimal("0.03"), Decimal(30),
    )  # fmt: skip
    assert "（申请 5%）" in card.text


def test_d2_a_refusal_is_two_presses_and_has_its_reason(desk: Desk) -> None:
    card = asked(billed(desk))
    assert tap(card, BUSINESS, "refuse")
    assert [button.value for button in card.buttons() if button.key == "because"] == [
        "margin",
        "terms",
        "budget",
        "other",
    ]
    assert tap(card, BUSINESS, "because", "budget")
    refused = only(desk)
    assert (refused.state, refused.refusal) == (DiscountState.REFUSED, "budget")
    assert refused.granted == refused.amount == 0
    assert desk.bills.settlement == BILL
    assert news(card) == [("order_sheet", "refused"), ("order_desk", None)]
    assert heard_by(card) == [11]
    assert "本月预算已用完" in card.text


@pytest.mark.parametrize("key", ["other", "refuse"])
def test_d2_a_question_can_be_taken_back(desk: Desk, key: str) -> None:
    card = asked(billed(desk))
    tap(card, BUSINESS, key)
    tap(card, BUSINESS, "back")
    assert keys(card) == {"approve", "other", "refuse"}
    assert only(desk).state is DiscountState.OPEN


def test_d2_whoever_is_in_charge_and_whoever_asked_hear_of_it(desk: Desk) -> None:
    card = asked(billed(desk), who=BUSINESS)
    tap(card, BOSS, "approve")
    assert heard_by(card) == [11, 21]


def test_d2_the_amount_counts_only_what_comes_on_top(desk: Desk) -> None:
    card = asked(billed(desk, replace(BILL, discount=Decimal("0.05"))), "0.10")
    tap(card, BUSINESS, "other")
    assert [button.value for button in card.buttons() if button.key == "step"] == ["0.08"]
    tap(card, BUSINESS, "back")
    tap(card, BUSINESS, "approve")
    assert only(desk).amount == Decimal(50)


# ---------------------------------------------------------------- D3: the first decision wins


def test_d3_a_second_decision_changes_nothing_and_says_who_decided(desk: Desk) -> None:
    card = asked(billed(desk))
    quicker = replace(
        only(desk), state=DiscountState.REFUSED, refusal="margin", decided_by=22, decided_name="周经理",
        decided_at=desk.now,
    )  # fmt: skip
    desk.bills = BillBooks(BILL, (quicker,))
    assert tap(card, BUSINESS, "approve")
    assert card.outcome is Outcome.DONE
    assert "周经理" in card.text
    assert desk.bills == BillBooks(BILL, (quicker,))
    assert news(card) == []


def test_d3_a_press_on_the_decided_card_names_who_decided(desk: Desk) -> None:
    card = asked(billed(desk))
    before = card.state
    tap(card, BUSINESS, "approve")
    assert DISCOUNT_DESK.overtaken is not None
    toast = DISCOUNT_DESK.overtaken(before, desk.facts(card), "approve")
    assert toast is not None
    assert SCRIPTS.text(toast.script, toast.words).strip() == "陈业务已经同意 5% 了。"


def test_d3_while_nobody_has_decided_a_late_press_is_merely_late(desk: Desk) -> None:
    card = asked(billed(desk))
    assert DISCOUNT_DESK.overtaken is not None
    assert DISCOUNT_DESK.overtaken(card.state, desk.facts(card), "approve") is None


@pytest.mark.parametrize("first", range(4))
def test_d3_of_four_at_the_same_moment_one_decides(desk: Desk, first: int) -> None:
    """Everybody has read the open request before anybody wrote: the books let one through."""
    boss = Who(26, "副总", roles=frozenset({Role.GENERAL_MANAGER}))
    managers = [BUSINESS, AFTER_SALES, BOSS, boss]
    billed(desk).colleagues = (*STAFF, boss)
    asked(desk)
    request, order = only(desk), managers[first:] + managers[:first]
    cards = [desk.begin("discount_desk", _held(request), request.order) for _ in managers]
    for card, who in zip(cards, order, strict=True):
        assert tap(card, who, "approve")
    assert only(desk).decided_by == order[0].person_id
    assert [bool(card.of(Record)) for card in cards] == [True, False, False, False]
    assert all(order[0].first_name in card.text for card in cards)


def _held(request: Discount) -> Asked:
    return Asked(request.number, begun=True)


# ---------------------------------------------------------------- R2, D4: who may press, and what


@pytest.mark.parametrize(
    ("share", "who", "approves", "decides"),
    [
        ("0.10", BUSINESS, True, True),
        ("0.15", BUSINESS, False, True),
        ("0.15", AFTER_SALES, True, True),
        ("0.30", AFTER_SALES, False, True),
        ("0.30", BOSS, True, True),
        ("0.03", ADVISOR, False, False),
        ("0.03", FOREMAN, False, False),
        ("0.03", CUSTOMER, False, False),
        ("0.03", replace(BOSS, roles=frozenset()), False, False),
        ("0.10", replace(FOREMAN, roles=FOREMAN.roles | BUSINESS.roles, lent=BUSINESS.roles), True, True),
    ],
)
def test_r2_d4_nobody_grants_more_than_their_role_may(
    desk: Desk, share: str, who: Who, approves: bool, decides: bool
) -> None:
    card = asked(billed(desk), share)
    assert tap(card, who, "refuse") is decides
    if decides:
        tap(card, who, "back")
    assert tap(card, who, "approve") is approves
    assert (only(desk).state is DiscountState.GRANTED) is approves


def test_r2_who_stands_in_may_decide_until_they_do_not(desk: Desk) -> None:
    """R4: the press counts as the roles are when it comes."""
    card = asked(billed(desk))
    lent = replace(FOREMAN, roles=FOREMAN.roles | BUSINESS.roles, lent=BUSINESS.roles)
    assert tap(card, lent, "refuse")
    assert not tap(card, FOREMAN, "because", "margin")
    assert only(desk).state is DiscountState.OPEN


def test_d4_a_step_above_ones_own_limit_is_refused_by_name(desk: Desk) -> None:
    """The steps are those of the role that was asked; who is below it grants less at most."""
    card = asked(billed(desk), "0.15")
    assert tap(card, BUSINESS, "other")
    assert tap(card, BUSINESS, "step", "0.20")
    assert only(desk).state is DiscountState.OPEN
    assert "您的权限是 10%" in card.text
    assert [each.action for each in card.of(Record)] == ["discount.beyond_limit"]
    assert tap(card, BUSINESS, "step", "0.10")
    assert only(desk).granted == Decimal("0.10")


@pytest.mark.parametrize(
    ("face", "key", "value"),
    [
        ("other", "step", "-0.05"),
        ("other", "step", "0"),
        ("other", "step", "1.5"),
        ("other", "step", "0.05"),  # that is 同意
        ("other", "step", "0.04"),
        ("other", "step", "NaN"),
        ("other", "step", "x"),
        ("refuse", "because", "no_reason"),
        ("refuse", "because", ""),
        ("refuse", "step", "0.03"),
        ("other", "because", "margin"),
        ("", "step", "0.03"),
        ("", "because", "margin"),
        ("", "back", ""),
    ],
)
def test_r2_what_the_card_does_not_offer_cannot_be_pressed(
    desk: Desk, face: str, key: str, value: str
) -> None:
    card = asked(billed(desk))
    if face:
        tap(card, BOSS, face)
    assert tap(card, BOSS, key, value)
    assert card.outcome is Outcome.STAY
    assert only(desk).state is DiscountState.OPEN


def test_r2_there_is_no_row_for_any_other_key(desk: Desk) -> None:
    assert not tap(asked(billed(desk)), BOSS, "grant_all")
