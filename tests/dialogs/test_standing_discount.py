"""D2: an approval is for one version of the bill; a change of the bill asks for it anew."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from dialogs.core import Tell
from dialogs.effects import AskDiscount
from domain.discounts import DiscountState
from domain.people import Role
from tests.dialogs.bill_case import billed, form, in_the_office, request, saved
from tests.dialogs.conftest import ADVISOR, Desk
from tests.dialogs.promised_order import NUMBER


@pytest.fixture
def office(desk: Desk) -> Desk:
    """The advisor's chat, with a car whose work is done."""
    return in_the_office(desk)


def test_d2_who_changes_the_bill_reads_that_the_discount_is_asked_anew(office: Desk) -> None:
    """A request that is open asks anew by itself, when its card hears of the new lines."""
    billed(office)
    office.bills = replace(office.bills, discounts=(request(DiscountState.OPEN),))
    page = form(office)
    assert "优惠 5% 正在审批。改动后保存，会按新的结算单重新请示" in page.text
    assert "重新请示" in page.say("雨刮 配件 80").press("save").text
    assert saved(page).version == 4
    assert page.of(AskDiscount) == []


@pytest.mark.parametrize("asked_by", [0, ADVISOR.person_id])
def test_d2_a_granted_discount_is_asked_anew_for_the_new_version(office: Desk, asked_by: int) -> None:
    """The share that was granted, by the same person, at the role that granted it or above."""
    billed(office, discount=Decimal("0.03"))
    granted = replace(
        request(DiscountState.GRANTED),
        granted=Decimal("0.03"),
        asked_by=asked_by,
        level=Role.AFTER_SALES_MANAGER,
    )
    office.bills = replace(office.bills, discounts=(granted,))
    page = form(office)
    assert "已批准优惠 3%，上面是优惠前的金额" in page.text
    assert "合计：<b>¥680</b>" in page.text
    bill = saved(page.press("line", "0").say("600").press("save"), "discount")
    assert (bill.version, bill.discount) == (4, Decimal(0))
    (asked,) = page.of(AskDiscount)
    discount = asked.discount
    assert (discount.version, discount.asked, discount.asked_by) == (4, Decimal("0.03"), asked_by)
    assert discount.total == Decimal(600)
    assert discount.level is not Role.BUSINESS_SUPERVISOR
    assert page.opened("discount_desk").subject == NUMBER
    assert "正按这张新单重新请示" in page.text


@pytest.mark.parametrize("state", [DiscountState.OPEN, DiscountState.GRANTED])
def test_d2_what_nobody_could_grant_any_more_is_not_asked_anew(office: Desk, state: DiscountState) -> None:
    """Insurance repairs have no discounts: the colleague reads so before, the customer that a granted one is void."""
    billed(office, discount=Decimal("0.05") if state is DiscountState.GRANTED else Decimal(0))
    office.bills = replace(office.bills, discounts=(replace(request(state), granted=Decimal("0.05")),))
    page = form(office).press("insurance")
    assert "这个优惠就不再适用" in page.text
    page.press("save")
    void = state is DiscountState.GRANTED
    assert saved(page, *(("discount",) if void else ())).insurance
    assert page.of(AskDiscount) == []
    sheet = [tell.words["state"] for tell in page.of(Tell) if tell.dialog == "order_sheet"]
    assert sheet == (["void"] if void else [])
    assert "原来的优惠不再适用" in page.text
