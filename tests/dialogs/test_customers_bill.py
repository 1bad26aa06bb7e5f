"""D1, D2, D5, D7, B12: what the customer reads of the bill and of a discount, and when they may ask for one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from dialogs.bill_form import MOST_LINES
from dialogs.catalogue import DIALOGS
from dialogs.core import Entered, Kind, Open, Outcome, Pressed, Toast, Told
from dialogs.discount_form import DiscountForm
from dialogs.order_sheet import Sheet
from domain.discounts import DiscountState
from domain.order_line import LONGEST_NAME
from domain.people import Role
from domain.repair_orders import OrderState
from domain.settlement import Benefit, Line, LineKind, Settlement, bill_of
from scripts_zh.wording import money
from storage import states
from tests.dialogs.bill_case import BRAKES, EXTRA, PADS, billed, request, shown
from tests.dialogs.conftest import STORE, Conversation, Desk, rendered
from tests.dialogs.promised_order import NUMBER, order_in
from tests.domain.random_bills import settlements


@pytest.fixture
def sheet(desk: Desk) -> Conversation:
    """Mr Wang's card while his car waits for its inspection; no bill yet."""
    desk.order = order_in(OrderState.INSPECTION)
    return desk.begin("order_sheet", None, NUMBER).on(Entered())


def told(sheet: Conversation, news: str, **words: Any) -> Conversation:
    return sheet.on(Told(news, words))


def with_bill(sheet: Conversation, *lines: Line, **fields: Any) -> Conversation:
    """The bill was written, and the customer hears of it."""
    billed(sheet.desk, *lines, **fields)
    return told(sheet, "billed")


def asking(sheet: Conversation, state: DiscountState = DiscountState.OPEN, **fields: Any) -> Conversation:
    """A discount of 5 % is asked for, or that has become of it."""
    discount = replace(request(state), **fields)
    sheet.desk.bills = replace(sheet.desk.bills, discounts=(discount,))
    return told(sheet, "discount", state="asked" if state is DiscountState.OPEN else state.value)


def granted(sheet: Conversation, share: str = "0.05") -> Conversation:
    bill = sheet.desk.bills.settlement
    assert bill is not None
    sheet.desk.bills = replace(sheet.desk.bills, settlement=replace(bill, discount=Decimal(share)))
    return asking(sheet, DiscountState.GRANTED, granted=Decimal(share))


def how(sheet: Conversation) -> list[tuple[str, bool, bool, Kind]]:
    return [(say.script, say.fresh, say.in_place, say.kind) for say in sheet.said]


OLDER_BILL = ("order_sheet/older_bill", False, True, Kind.ANSWER)
FRESH_BILL = ("order_sheet/bill", True, False, Kind.NOTICE)
SAME_BILL = ("order_sheet/bill", False, True, Kind.ANSWER)


# ---------------------------------------------------------------- the bill


def test_d7_the_bill_is_a_message_of_its_own_and_the_card_from_then_on(sheet: Conversation) -> None:
    with_bill(sheet, BRAKES, EXTRA)
    assert how(sheet) == [FRESH_BILL]
    for words in ("1. 更换刹车片（工时）<b>¥320</b>", "2. 脚垫（精品）<b>¥99.90</b>", "应付：<b>¥419.90</b>"):
        assert words in sheet.text
    assert "原价" not in sheet.text
    assert shown(sheet) == ["ask_discount", "call"]
    assert how(told(sheet, "moved")) == [SAME_BILL]


@pytest.mark.parametrize(
    ("fields", "expected", "never"),
    [
        (
            {"fleet": True},
            [
                "<b>¥224</b>",
                "原价 ¥320，集团协议价 7 折 ¥224",
                "原价 ¥360，集团协议价 9.5 折 ¥342",
                "原价合计：¥680",
                "集团协议价：−¥114",
                "应付：<b>¥566</b>",
            ],
            "预约",
        ),
        (
            {"benefits": True, "benefit": Benefit.PARTS},
            ["原价 ¥360，预约优惠 9 折 ¥324", "预约优惠：−¥36", "应付：<b>¥644</b>"],
            "集团",
        ),
        (
            {"fleet": True, "benefits": True, "benefit": Benefit.PARTS},
            [
                "集团协议价 7 折 ¥224",
                "预约优惠 9 折 ¥324",
                "集团协议价和预约优惠：−¥132",
                "应付：<b>¥548</b>",
            ],
            "9.5 折",
        ),
        (
            {"benefits": True, "benefit": Benefit.VOUCHER},
            ["另送您工时券 ¥120，下次来店抵工时费", "应付：<b>¥680</b>"],
            "原价",
        ),
        (
            {"benefits": True},
            ["可以选一种优惠：工时券 ¥120（下次用），或配件 9 折（本次省 ¥36）", "应付：<b>¥680</b>"],
            "另送",
        ),
        (
            {"fleet": True, "benefits": True, "insurance": True},
            ["保险维修，协议价和预约优惠不适用", "应付：<b>¥680</b>"],
            "可以选",
        ),
        ({"insurance": True}, ["应付：<b>¥680</b>"], "保险"),
    ],
)
def test_b12_d6_the_customer_reads_what_and_why(
    sheet: Conversation, fields: dict[str, Any], expected: list[str], never: str
) -> None:
    text = with_bill(sheet, BRAKES, PADS, **fields).text
    for words in expected:
        assert words in text
    assert never not in text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bill=settlements())
def test_d7_every_line_and_the_total_are_as_worked_out(desk: Desk, bill: Settlement) -> None:
    """To the fen, under any terms; thirty lines of great sums still fit into one message."""
    shop = replace(desk, order=order_in(OrderState.READY))
    card = shop.begin("order_sheet", None, NUMBER).on(Entered())
    shop.bills = replace(shop.bills, settlement=bill)
    text = told(card, "billed").text
    worked = bill_of(bill, STORE.settlement)
    lines = [line for line in text.splitlines() if line.endswith("</b>") and "（" in line]
    assert [line.rpartition("<b>")[2] for line in lines] == [
        f"{money(each.due)}</b>" for each in worked.lines
    ]
    assert f"应付：<b>{money(sum((each.due for each in worked.lines), Decimal(0)))}</b>" in text


# ---------------------------------------------------------------- asking


def test_d1_the_customer_asks_on_the_bill(sheet: Conversation) -> None:
    with_bill(sheet).press("ask_discount")
    assert sheet.of(Open) == [Open("discount_form", DiscountForm(by_customer=True), subject=NUMBER)]


@pytest.mark.parametrize(
    ("insurance", "floor"), [(True, Decimal("0.60")), (False, Decimal("0.98")), (False, Decimal(1))]
)
def test_d1_where_nothing_can_be_granted_nothing_can_be_asked(
    sheet: Conversation, insurance: bool, floor: Decimal
) -> None:
    """Insurance repairs, and bills that the smallest step would bring below their floor."""
    sheet.desk.store = replace(STORE, settlement=replace(STORE.settlement, floor_labour=floor))
    assert shown(with_bill(sheet, insurance=insurance)) == ["call"]
    sheet.on(Pressed("ask_discount"))
    assert not sheet.of(Open)
    assert [each.script for each in sheet.of(Toast)] == ["order_sheet/changed"]


def test_d1_one_request_at_a_time(sheet: Conversation) -> None:
    asking(with_bill(sheet))
    assert shown(sheet) == ["call"]
    assert not sheet.on(Pressed("ask_discount")).of(Open)


@pytest.mark.parametrize("state", [DiscountState.GRANTED, DiscountState.REFUSED])
def test_d1_the_answer_stands_for_this_version_of_the_bill(sheet: Conversation, state: DiscountState) -> None:
    """The customer asks once; a new version of the bill may be asked about again."""
    asking(with_bill(sheet), state, refusal="margin")
    assert shown(sheet) == ["call"]
    assert not sheet.on(Pressed("ask_discount")).of(Open)
    bills = sheet.desk.bills
    assert bills.settlement is not None
    sheet.desk.bills = replace(bills, settlement=replace(bills.settlement, version=9))
    assert shown(told(sheet, "billed")) == ["ask_discount", "call"]


def test_d1_before_there_is_a_bill_nothing_can_be_asked(sheet: Conversation) -> None:
    assert shown(sheet) == ["call"]
    assert not sheet.on(Pressed("ask_discount")).of(Open)


def test_d5_the_customer_at_the_counter_reads_who_is_being_asked(sheet: Conversation) -> None:
    """In place: also when it goes to the next role."""
    asking(with_bill(sheet))
    assert how(sheet) == [SAME_BILL]
    assert "正在为您请示优惠 5%（业务主管），请稍候" in sheet.text
    higher = replace(request(DiscountState.OPEN), level=Role.AFTER_SALES_MANAGER)
    sheet.desk.bills = replace(sheet.desk.bills, discounts=(higher,))
    told(sheet, "discount", state="raised")
    assert how(sheet) == [SAME_BILL]
    assert "（售后服务经理），请稍候" in sheet.text


# ---------------------------------------------------------------- what became of it


def test_d2_a_granted_discount_comes_as_a_new_bill_line_by_line(sheet: Conversation) -> None:
    asking(with_bill(sheet, BRAKES, PADS, fleet=True))
    granted(sheet)
    assert how(sheet) == [OLDER_BILL, FRESH_BILL]
    assert "有了新的" in rendered("order_sheet", sheet.said[0])
    for words in (
        "优惠批下来了",
        "<b>¥212.80</b>",
        "原价 ¥320，集团协议价 7 折 ¥224，再减 ¥11.20",
        "原价 ¥360，集团协议价 9.5 折 ¥342，再减 ¥17.10",
        "为您申请到的优惠 5%：−¥28.30",
        "应付：<b>¥537.70</b>",
    ):
        assert words in sheet.text
    assert "请示" not in sheet.text


@pytest.mark.parametrize(
    ("code", "words"),
    [("margin", "接近成本"), ("terms", "协议价"), ("budget", "这个月"), ("other", "实在没有")],
)
@pytest.mark.parametrize(
    ("asked_by", "begins"), [(0, "王先生，您申请的 5% 优惠"), (11, "王先生，为您申请的 5% 优惠")]
)
def test_d2_a_refusal_is_courteous_and_gives_the_reason_kindly(
    sheet: Conversation, code: str, words: str, asked_by: int, begins: str
) -> None:
    asking(with_bill(sheet))
    asking(sheet, DiscountState.REFUSED, refusal=code, asked_by=asked_by)
    assert how(sheet) == [("order_sheet/no_discount", True, False, Kind.NOTICE), SAME_BILL]
    line = rendered("order_sheet", sheet.said[0])
    assert line.startswith(begins)
    assert words in line
    assert "请您多谅解" in line
    assert "应付：<b>¥680</b>" in line
    assert "请示" not in rendered("order_sheet", sheet.said[1])


def test_d2_what_was_granted_and_does_not_hold_any_more_is_said(sheet: Conversation) -> None:
    asking(with_bill(sheet), DiscountState.GRANTED, granted=Decimal("0.03"))
    assert how(told(sheet, "discount", state="void")) == [
        ("order_sheet/no_discount", True, False, Kind.NOTICE),
        SAME_BILL,
    ]
    assert "3% 优惠" in sheet.text
    assert "这个优惠不再适用" in sheet.text


def test_d2_a_request_that_a_new_bill_has_no_room_for_is_not_passed_over(sheet: Conversation) -> None:
    asking(with_bill(sheet))
    with_bill(sheet, insurance=True, version=4)
    asking(sheet, DiscountState.OUTDATED)
    assert "不再适用" in rendered("order_sheet", sheet.said[0])
    assert how(sheet)[1] == SAME_BILL


def test_news_of_a_discount_that_nobody_knows_changes_only_the_card(sheet: Conversation) -> None:
    with_bill(sheet)
    for state in ("refused", "outdated", "strange"):
        assert how(told(sheet, "discount", state=state)) == [SAME_BILL]


# ---------------------------------------------------------------- the card and the bill


def test_o5_asked_how_it_goes_the_card_comes_and_knows_the_bill(sheet: Conversation) -> None:
    asking(with_bill(sheet, BRAKES, PADS, fleet=True))
    told(sheet, "show")
    assert [script for script, *_ in how(sheet)] == ["order_sheet/word", "order_sheet/card"]
    assert "应付：<b>¥566</b>（原价 ¥680）" in sheet.text
    assert "正在为您请示优惠 5%" in sheet.text
    assert "预估" not in sheet.text
    assert how(told(sheet, "moved"))[0][0] == "order_sheet/card"
    granted(sheet)
    assert how(sheet) == [FRESH_BILL]


def test_o3_a_car_that_goes_back_to_the_workshop_has_no_bill(sheet: Conversation) -> None:
    """The books give none before the next inspection; then it is there again."""
    with_bill(sheet)
    sheet.desk.order, bills = order_in(OrderState.IN_WORK), sheet.desk.bills
    sheet.desk.bills = replace(bills, settlement=None)
    told(sheet, "moved")
    assert how(sheet)[0][0] == "order_sheet/card"
    assert "预估合计：¥680" in sheet.text
    assert shown(sheet) == ["call"]
    sheet.desk.order, sheet.desk.bills = order_in(OrderState.INSPECTION), bills
    assert how(told(sheet, "moved")) == [SAME_BILL]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OrderState.INSPECTION, "车检验好以后，在前台结算取车"),
        (OrderState.READY, "在前台结算后就可以取车"),
        (OrderState.SETTLED, "已结算，谢谢您"),
    ],
)
def test_o3_the_bill_says_what_comes_next(sheet: Conversation, state: OrderState, words: str) -> None:
    with_bill(sheet, benefits=True)
    sheet.desk.order = order_in(state)
    told(sheet, "moved")
    assert words in sheet.text
    settled = state is OrderState.SETTLED
    assert shown(sheet) == (["call"] if settled else ["ask_discount", "call"])
    assert ("可以选一种优惠" in sheet.text) is not settled


def test_p7_the_farewell_names_what_was_paid_and_the_voucher(sheet: Conversation) -> None:
    with_bill(sheet, BRAKES, PADS, benefits=True, benefit=Benefit.VOUCHER)
    sheet.desk.order = order_in(OrderState.LEFT)
    told(sheet, "left")
    assert sheet.outcome is Outcome.DONE
    assert [(say.script, say.buttons) for say in sheet.said] == [
        ("order_sheet/bill", ()),
        ("order_sheet/farewell", ()),
    ]
    farewell = rendered("order_sheet", sheet.said[1])
    assert "本次费用 ¥680，送您的工时券 ¥120 下次来店可用。" in farewell
    assert "以结算单为准" not in farewell
    assert "祝一路平安！欢迎下次光临！" in farewell


def test_p7_without_a_bill_the_farewell_says_that_it_is_an_estimate(sheet: Conversation) -> None:
    sheet.desk.order = order_in(OrderState.LEFT)
    assert "本次合计 ¥680，以结算单为准。" in told(sheet, "left").text


def test_a_card_from_before_there_were_bills_goes_on() -> None:
    """State as it was stored until now says nothing of bills."""
    assert states.read(DIALOGS["order_sheet"], '{"called_at": null}', 1) == Sheet()


def test_the_longest_bill_fits_into_one_message(sheet: Conversation) -> None:
    """Thirty lines with the longest names and dearest prices, every term and a discount; `rendered` measures it."""
    dear = Line("换" * LONGEST_NAME, LineKind.PAINT_LABOUR, Decimal("9999999.99"))
    with_bill(sheet, *((dear,) * MOST_LINES), fleet=True, benefits=True, discount=Decimal("0.05"))
    assert f"{MOST_LINES}. 换" in sheet.text
