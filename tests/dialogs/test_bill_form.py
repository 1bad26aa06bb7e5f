"""B12, D6, D7, D2: the bill is written line by line, exactly, by who may, while it can be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogs.bill_form import MOST_LINES
from dialogs.core import Outcome, Pressed, Record, Say, Tell, Woke
from dialogs.effects import SaveSettlement
from dialogs.facts import Who
from domain.people import Role
from domain.repair_orders import Item, OrderHappening, OrderState
from domain.settlement import Benefit, Line, LineKind, bill_of
from scripts_zh.wording import money
from tests.dialogs.bill_books import BillBooks
from tests.dialogs.bill_case import (
    BRAKES,
    EXTRA,
    EXTRAS,
    LABOUR,
    PADS,
    PAINT,
    PARTS,
    PLAIN,
    billed,
    form,
    in_the_office,
    order_with,
    saved,
    shown,
)
from tests.dialogs.conftest import ADVISOR, SCRIPTS, STORE, Conversation, Desk
from tests.dialogs.promised_order import NUMBER, happened, order_in
from tests.domain.random_bills import lines as random_lines

CASHIER = Who(person_id=16, first_name="钱经理", roles=frozenset({Role.SETTLEMENT_MANAGER}))
FITTER = Who(person_id=12, first_name="赵主管", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))


@pytest.fixture
def office(desk: Desk) -> Desk:
    """The advisor's chat, with a car whose work is done."""
    return in_the_office(desk)


def at_line(desk: Desk, *lines: Line) -> Conversation:
    return form(desk, lines=lines or (PLAIN,)).press("line", "0")


# ---------------------------------------------------------------- where it begins


def test_d1_the_bill_begins_with_the_order_and_its_agreed_work(office: Desk) -> None:
    """Paintwork is paint labour, by the store's services or by its name; everything else labour."""
    proposed: dict[str, Any] = {
        "item": "更换雨刮片",
        "price": "128.50",
        "why": "x",
        "until": "",
        "safety": False,
    }
    order_with(
        office,
        items=(
            Item("小保养", Decimal(398)),
            Item("喷漆（每面）", Decimal(600)),
            Item("喷漆", Decimal(650)),
            Item("左前门钣金", Decimal(300)),
        ),
        history=(
            *order_in(OrderState.INSPECTION).history,
            happened(OrderHappening.PROPOSED, **proposed),
            happened(OrderHappening.AGREED, item="更换雨刮片"),
            happened(OrderHappening.PROPOSED, **proposed | {"item": "更换轮胎"}),
            happened(OrderHappening.REFUSED, item="更换轮胎"),
        ),
    )
    bill = saved(form(office).press("save"))
    assert [(each.name, each.kind, str(each.price)) for each in bill.lines] == [
        ("小保养", LABOUR, "398"),
        ("喷漆（每面）", PAINT, "600"),
        ("喷漆", PAINT, "650"),
        ("左前门钣金", PAINT, "300"),
        ("更换雨刮片", LABOUR, "128.50"),
    ]
    assert (bill.number, bill.version, bill.discount) == (NUMBER, 1, Decimal(0))


def test_d7_a_very_long_order_keeps_its_sum(office: Desk) -> None:
    items = [Item(f"项目{place}", Decimal("10.01")) for place in range(40)]
    order = order_with(office, items=(*items, Item("喷漆", Decimal("0.02"))))
    page = form(office)
    assert "add" not in shown(page)
    bill = saved(page.press("save"))
    assert len(bill.lines) == MOST_LINES
    assert bill_of(bill, STORE.settlement).due == order.total
    assert bill.lines[-1] == Line("喷漆", PAINT, Decimal("0.02"))


def test_d2_the_bill_that_stands_is_where_a_change_begins(office: Desk) -> None:
    order_with(office, benefits=True)
    billed(office, BRAKES, PADS, benefits=True, benefit=Benefit.PARTS)
    page = form(office)
    assert "✅ 配件优惠" in labels(page)
    bill = saved(page.say("雨刮 配件 80").press("save"))
    assert bill.lines == (BRAKES, PADS, Line("雨刮", PARTS, Decimal(80)))
    assert (bill.version, bill.benefit) == (4, Benefit.PARTS)


def labels(page: Conversation) -> list[str]:
    return [SCRIPTS.label("bill_form", each.label or each.key, each.words) for each in page.buttons()]


# ---------------------------------------------------------------- lines


@pytest.mark.parametrize("kind", [PARTS, PAINT, EXTRAS])
def test_d1_a_line_is_given_another_kind(office: Desk, kind: LineKind) -> None:
    page = at_line(office).press("kind", kind.value)
    assert saved(page.press("save")).lines == (replace(PLAIN, kind=kind),)


@pytest.mark.parametrize("typed", ["380.5", "３８０．５元"])
@pytest.mark.parametrize("way", ["button", "at once"])
def test_d7_a_line_is_given_another_price(office: Desk, typed: str, way: str) -> None:
    page = at_line(office)
    if way == "button":
        page.press("reprice")
    assert saved(page.say(typed).press("save")).lines == (replace(PLAIN, price=Decimal("380.50")),)


@pytest.mark.parametrize("typed", ["-1", "10000000", "1.005", "便宜点"])
def test_d7_an_impossible_price_is_asked_again(office: Desk, typed: str) -> None:
    page = at_line(office).press("reprice").say(typed)
    assert page.step == "tell_price"
    assert "最多两位小数" in page.text


@pytest.mark.parametrize("kind", [LABOUR, PAINT])
def test_d1_parts_are_taken_out_of_a_line_and_the_sum_stays(office: Desk, kind: LineKind) -> None:
    page = at_line(office, replace(PLAIN, kind=kind), EXTRA).press("split")
    bill = saved(page.say("360").press("save"))
    assert bill.lines == (replace(BRAKES, kind=kind), PADS, EXTRA)


@pytest.mark.parametrize("typed", ["0", "680", "680.01", "一半"])
def test_d1_parts_cannot_be_all_of_a_line_or_more(office: Desk, typed: str) -> None:
    page = at_line(office).press("split").say(typed)
    assert page.step == "tell_parts"
    assert "小于 ¥680" in page.text


@pytest.mark.parametrize("line", [PADS, EXTRA, replace(PLAIN, price=Decimal(0))])
def test_d1_only_work_that_costs_something_may_hide_parts(office: Desk, line: Line) -> None:
    page = at_line(office, line)
    assert "split" not in shown(page)
    assert page.on(Pressed("split")).step == "change_line"


def test_a_line_goes_and_a_bill_without_lines_cannot_be_confirmed(office: Desk) -> None:
    page = at_line(office, PLAIN, PADS).press("remove")
    assert "1. 更换刹车片　配件" in page.text
    page.press("line", "0").press("remove")
    assert "save" not in shown(page)
    page.on(Pressed("save"))
    assert (page.step, page.of(SaveSettlement)) == ("look_over", [])
    assert page.say("好的").step == "look_over"


def test_lines_are_typed_several_at_once(office: Desk) -> None:
    page = form(office, lines=(PLAIN,)).press("add").say("刹车片 配件 ３６０\n贴膜 精品 1,280元")
    assert saved(page.press("save")).lines == (
        PLAIN,
        Line("刹车片", PARTS, Decimal(360)),
        Line("贴膜", EXTRAS, Decimal(1280)),
    )


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("刹车片 配件", "「刹车片 配件」的价格"),
        ("刹车片 -5", "「-5」的价格"),
        ("刹" * 50 + " 5", "太长"),
        ("\n".join(f"项目 {place}1.0" for place in range(1, 25)), "一次最多发 20 行"),
        ("！！", "没有看出项目"),
    ],
)
@pytest.mark.parametrize("way", ["button", "at once"])
def test_b15_what_cannot_be_read_says_why(office: Desk, typed: str, reason: str, way: str) -> None:
    page = form(office, lines=(PLAIN,))
    if way == "button":
        page.press("add")
    page.say(typed)
    assert reason in page.text
    assert page.state.lines == (PLAIN,)
    assert shown(page)


def test_a_bill_has_thirty_lines_at_most(office: Desk) -> None:
    page = form(office, lines=(PLAIN,) * 29)
    assert "最多 30 行" in page.say("雨刮 80\n轮胎 600").text
    page.say("雨刮 80")
    assert len(page.state.lines) == MOST_LINES
    page.on(Pressed("add"))
    assert page.step == "look_over"
    assert "split" not in shown(page.press("line", "0"))


# ---------------------------------------------------------------- terms by rule (D6, B12)


def test_d6_a_fleet_reads_its_terms_line_by_line(office: Desk) -> None:
    order_with(office, tier="fleet")
    page = form(office, lines=(BRAKES, PADS, Line("喷漆", PAINT, Decimal("600.01")), EXTRA))
    for words in (
        "1. 更换刹车片　工时　¥320 × 7 折（集团协议价）= ¥224",
        "2. 更换刹车片　配件　¥360 × 9.5 折（集团协议价）= ¥342",
        "3. 喷漆　钣喷工时　¥600.01 × 8 折（集团协议价）= ¥480.01",
        "4. 脚垫　精品　¥99.90 × 9 折（集团协议价）= ¥89.91",
        *("工时：¥224", "配件：¥342", "钣喷工时：¥480.01", "精品：¥89.91"),
        "合计：<b>¥1,135.92</b>（原价 ¥1,379.91，省 ¥243.99）",
    ):
        assert words in page.text
    assert saved(page.press("save")).fleet


@pytest.mark.parametrize("tier", ["ordinary", "vip", "", "gone"])
def test_d6_nobody_else_has_fleet_terms(office: Desk, tier: str) -> None:
    order_with(office, tier=tier)
    page = form(office)
    assert "集团" not in page.text
    assert not saved(page.press("save")).fleet


def test_b12_the_customer_chooses_one_benefit_of_the_appointment(office: Desk) -> None:
    order_with(office, benefits=True)
    page = form(office, lines=(BRAKES, PADS))
    assert "工时券 ¥120（下次用），或配件 9 折（本次省 ¥36）。还没有选" in page.text
    page.press("parts")
    assert "¥360 × 9 折（预约优惠）= ¥324" in page.text
    assert "合计：<b>¥644</b>" in page.text
    page.press("voucher")
    assert "合计：<b>¥680</b>" in page.text
    assert "已选工时券" in page.text
    bill = saved(page.press("save"))
    assert (bill.benefits, bill.benefit) == (True, Benefit.VOUCHER)
    assert "交车时请给客户工时券 ¥120" in page.text


def test_b12_a_choice_is_taken_back_by_pressing_it_again(office: Desk) -> None:
    order_with(office, benefits=True)
    page = form(office, lines=(PLAIN,)).press("voucher").press("voucher")
    assert saved(page.press("save")).benefit is Benefit.NONE


def test_b12_without_an_appointment_there_is_nothing_to_choose(office: Desk) -> None:
    page = form(office)
    assert "parts" not in shown(page)
    assert "预约优惠" not in page.text
    page.on(Pressed("parts"))
    assert page.state.benefit is Benefit.NONE


def test_d6_on_insurance_repairs_no_terms_hold(office: Desk) -> None:
    """Fleet terms, the appointment's benefits and its vouchers; the switch back brings the choice again."""
    order_with(office, tier="fleet", benefits=True)
    page = form(office, lines=(BRAKES, PADS)).press("voucher").press("insurance")
    assert "保险维修：集团协议价和预约优惠都不适用" in page.text
    assert "voucher" not in shown(page)
    assert "合计：<b>¥680</b>" in page.text
    assert "已选工时券" in page.press("insurance").text
    bill = saved(page.press("insurance").press("save"))
    assert (bill.insurance, bill.benefit) == (True, Benefit.NONE)
    assert not bill_of(bill, STORE.settlement).voucher
    assert "工时券" not in page.text


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(random_lines(), min_size=1, max_size=8).map(tuple),
    insurance=st.booleans(),
    benefit=st.sampled_from(Benefit),
    benefits=st.booleans(),
    tier=st.sampled_from(["", "vip", "fleet"]),
)
def test_d7_sums_are_those_of_the_lines_to_the_fen(
    office: Desk, lines: tuple[Line, ...], insurance: bool, benefit: Benefit, benefits: bool, tier: str
) -> None:
    """Whatever terms hold: kinds add up to the total, nothing is dearer than listed, and what is shown is saved."""
    order = replace(order_in(OrderState.INSPECTION), tier=tier, benefits=benefits)
    shop = replace(office, order=order, bills=BillBooks())
    page = form(shop, lines=lines, insurance=insurance, benefit=benefit)
    text = page.text
    bill = bill_of(saved(page.press("save")), shop.store.settlement)
    assert sum(bill.of(kind) for kind in LineKind) == bill.due == sum(each.due for each in bill.lines)
    assert all(each.due == each.by_rule <= each.line.price for each in bill.lines)
    assert f"合计：<b>{money(bill.due)}</b>" in text
    assert all(money(each.due) in text for each in bill.lines)
    if insurance or not (benefits or tier == "fleet"):
        assert bill.due == bill.listed
        assert not bill.voucher


# ---------------------------------------------------------------- what has to be said before


def test_a_bill_above_what_the_customer_agreed_to_says_so(office: Desk) -> None:
    assert "比客户确认的预估" not in form(office).text
    assert "比客户确认的预估 ¥680 多 ¥80" in form(office).say("雨刮 配件 80").text


def test_a_line_for_nothing_is_asked_about(office: Desk) -> None:
    assert "请确认不收费" not in form(office).text
    assert "请确认不收费" in form(office, lines=(replace(PLAIN, price=Decimal(0)),)).text


def test_d2_what_was_not_changed_is_not_asked_anew(office: Desk) -> None:
    bill = billed(office, discount=Decimal("0.08"))
    page = form(office).press("save")
    assert (page.outcome, page.of(SaveSettlement), page.of(Tell)) == (Outcome.DONE, [], [])
    assert "没有改动" in page.text
    assert office.bills.settlement == bill


def test_two_colleagues_do_not_overwrite_each_other(office: Desk) -> None:
    """Who confirms later reads what stands now, and loses only what they typed themselves."""
    first, second = form(office), form(office)
    saved(first.say("雨刮 配件 80").press("save"))
    second.say("轮胎 配件 600").press("save")
    assert (second.step, second.of(SaveSettlement)) == ("look_over", [])
    assert "刚才有同事改过" in second.text
    assert "雨刮" in second.text
    assert saved(second.say("轮胎 配件 600").press("save")).version == 2


# ---------------------------------------------------------------- when and who


@pytest.mark.parametrize("state", [OrderState.INSPECTION, OrderState.READY])
def test_o3_the_bill_is_written_when_the_work_is_done(office: Desk, state: OrderState) -> None:
    office.order = order_in(state)
    assert saved(form(office).press("save")).lines == (PLAIN,)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OrderState.IN_WORK, "维修中"),
        (OrderState.SETTLED, "已经结算"),
        (OrderState.LEFT, "已经结算"),
        (OrderState.CANCELLED, "已取消"),
    ],
)
@pytest.mark.parametrize("step", ["look_over", "line", "reprice", "split", "add"])
def test_o3_the_order_moved_on_while_the_form_was_open(
    office: Desk, state: OrderState, words: str, step: str
) -> None:
    page = form(office)
    if step in ("line", "reprice", "split"):
        page.press("line", "0")
    if step in ("reprice", "split", "add"):
        page.press(step)
    office.order = order_in(state)
    page.say("300")
    assert (page.outcome, page.of(SaveSettlement)) == (Outcome.DONE, [])
    assert words in page.text


def test_an_order_that_is_not_there_is_refused_kindly(office: Desk) -> None:
    office.order = None
    assert "没有找到" in form(office).text


@pytest.mark.parametrize("who", [ADVISOR, CASHIER])
def test_r2_front_desk_and_settlement_confirm(office: Desk, who: Who) -> None:
    office.who = who
    page = form(office).press("save")
    saved(page)
    assert page.of(Record) == [Record("order.billed", NUMBER, {"version": 1, "total": Decimal(680)})]


def test_r2_whoever_lost_the_role_saves_nothing(office: Desk) -> None:
    page = form(office)
    office.who = FITTER
    page.press("save")
    assert page.of(SaveSettlement) == []
    assert page.of(Record) == [Record("order.bill_refused", NUMBER)]
    assert "没有改动" in page.text


def test_yes_in_words_confirms_too(office: Desk) -> None:
    assert saved(form(office).say("确认")).version == 1


def test_a_customer_without_a_chat_is_told_at_the_counter(office: Desk) -> None:
    assert "已经发给客户" in form(office).press("save").text
    office.order, office.bills = order_in(OrderState.READY, person=0), BillBooks()
    assert "当面" in form(office).press("save").text


def test_every_other_event_shows_the_question_again(office: Desk) -> None:
    page = form(office)
    assert page.on(Woke("silence_strange")).outcome is Outcome.STAY
    for key in ("add", "line", "reprice", "split"):
        page = form(office, lines=(PLAIN,))
        if key in ("reprice", "split"):
            page.press("line", "0")
        page.press(key)
        step = page.step
        page.on(Pressed("unheard_of"))
        assert (page.step, page.outcome) == (step, Outcome.ASK_AGAIN)
        assert isinstance(page.said[-1], Say)


TYPED = ("360", "刹车片 配件 360", "雨刮 -5", "雨刮 80\n轮胎 精品 600", "好的", "……", "9999999.99", "0")
EVENTS = st.one_of(st.integers(0, 60), st.sampled_from(TYPED))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=25), benefits=st.booleans())
def test_d7_whatever_is_pressed_and_typed_the_bill_stays_possible(
    office: Desk, events: list[int | str], benefits: bool
) -> None:
    """Any button that is shown, any words: nothing is silent, and what is saved is a bill."""
    order = replace(order_in(OrderState.READY), benefits=benefits)
    page = form(replace(office, order=order, bills=BillBooks()))
    for event in events:
        if not page.step:
            break
        keys = [each for each in page.buttons() if each.key != "cancel"]
        if isinstance(event, str):
            page.say(event)
        elif keys:
            chosen = keys[event % len(keys)]
            page.press(chosen.key, chosen.value)
        assert page.texts
    bill = page.desk.bills.settlement
    for line in bill.lines if bill else page.state.lines if page.step else ():
        assert 0 <= line.price < 10_000_000
        assert line.name
    if bill:
        assert 1 <= len(bill.lines) <= MOST_LINES
        assert (bill.benefit is Benefit.NONE) or (benefits and not bill.insurance)
