"""接车开单: a repair order is made at reception, from plate to 确认开单 (O1, B12, B13, A1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.arrival import Expected
from dialogs.core import (
    Entered,
    Open,
    Outcome,
    Pressed,
    Record,
    Refused,
    Said,
    Say,
    SentMedia,
    Tell,
    Told,
    Woke,
)
from dialogs.effects import FileOrder, Mark
from dialogs.facts import CarInShop, Reception, Who
from domain.appointments import AppointmentState
from domain.people import Queue, Role
from domain.pickup import standing_promise
from domain.repair_orders import (
    Arrival,
    Estimate,
    Item,
    OrderHappening,
    OrderState,
    PartsOrigin,
    RepairOrder,
    order_number,
)
from tests.dialogs.conftest import ADVISOR, MONDAY, WANG, WORKSHOP
from tests.dialogs.order_reception import (
    BOOKED,
    TOMORROW_FIVE,
    at_check,
    at_items,
    order_of,
    pressed,
    staff,
)

CLERK = Who(21, "小何", roles=frozenset({Role.FOLLOW_UP_CLERK}))
SUPERVISOR = Who(22, "钱主管", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))


@pytest.fixture
def staffed(desk: Any) -> Any:
    """An advisor at the desk, Mr Wang's car before the door."""
    return staff(desk)


@pytest.fixture
def form(staffed: Any) -> Any:
    """接车开单 has been pressed."""
    return pressed(staffed)


# ---------------------------------------------------------------- the whole form


def test_o1_a_known_customer_from_plate_to_order(form: Any, staffed: Any) -> None:
    """Everything that is written is on the order; its hub and the customer's sheet are opened (O2)."""
    assert form.step == "choose_car"
    at_items(form)
    assert "王先生" in form.text
    form.press("service", "minor").say("前刹车片 850 副厂\n洗车 0元")
    assert "1. 小保养 ¥398" in form.text
    form.press("items_done")
    assert form.step == "tell_promise"  # where the parts come from was said in the line
    form.say("明天下午五点")
    form.say("１２３４５公里").press("fuel", "4").say("钥匙3号").say("行驶证、备胎")
    for place in range(2):
        form.on(SentMedia("photo", f"p{place}"))
    form.press("photos_done").say("刹车时有吱吱声")
    assert form.step == "check"
    for words in ("粤B·12345", "王先生 · 138 0013 8000", "¥1,248", "明天 11月24日 周二 17:00", "12345 公里"):
        assert words in form.text
    assert "前刹车片 用的不是正厂件，不保证质量" in form.text
    assert "油量：半箱" in form.text
    form.press("open_order")
    assert form.outcome is Outcome.DONE
    order = order_of(form)
    assert order.number == order_number(staffed.now, form.id) == f"JC261123-{form.id:03d}"
    assert (order.plate, order.customer_id, order.person_id) == ("粤B12345", 7, 3)
    assert (order.address, order.phone, order.advisor, order.advisor_name) == (
        "王先生", "+8613800138000", 11, "林顾问",
    )  # fmt: skip
    assert order.items == (
        Item("小保养", Decimal(398), Estimate.BY_SYSTEM),
        Item("前刹车片", Decimal(850), Estimate.BY_SYMPTOM, PartsOrigin.AFTERMARKET),
        Item("洗车", Decimal(0), Estimate.BY_SYMPTOM),
    )
    assert order.arrival == Arrival(12345, 4, "3", ("行驶证", "备胎"), (("photo", "p0"), ("photo", "p1")))
    assert (order.fault, order.state, order.opened_at) == ("刹车时有吱吱声", OrderState.AWAITING, staffed.now)
    assert [each.happening for each in order.history] == [OrderHappening.OPENED, OrderHappening.PROMISED]
    assert order.history[1].details == {"at": TOMORROW_FIVE.isoformat(), "reason": ""}
    promise = standing_promise(order)
    assert promise
    assert promise.at == TOMORROW_FIVE
    assert form.of(FileOrder)[0].newcomer is None
    assert [(each.dialog, each.subject) for each in form.of(Open)] == [
        ("order_desk", order.number), ("order_sheet", order.number),
    ]  # fmt: skip
    assert form.opened("order_desk").home.queue is Queue.WORKSHOP
    assert form.opened("order_sheet").home.person == 3
    assert [each.action for each in form.of(Record)] == ["order.opened"]
    assert order.number in form.text


def test_a1_a_car_without_a_file_opens_one(form: Any, staffed: Any) -> None:
    """Who they are and where they are reached is asked; the file comes with the order."""
    staffed.reception = Reception("粤BD12345")
    form.say("粤BD12345")
    assert form.step == "tell_name"
    assert "征得客户同意" in form.text  # A3
    form.say("张伟").press("sir").say("１３９１２３４５６７８")
    form.press("service", "major").press("items_done").press("all_genuine").say("17:00").press("skip_rest")
    form.press("open_order")
    order, newcomer = order_of(form), form.of(FileOrder)[0].newcomer
    assert (order.customer_id, order.person_id, order.address) == (0, 0, "张先生")
    assert (newcomer.name, newcomer.surname, newcomer.salutation) == ("张伟", "张", "先生")
    assert newcomer.phone == order.phone == "+8613912345678"
    assert [each.dialog for each in form.of(Open)] == ["order_desk"]
    assert "客户签字后" in form.text  # O2: nobody to send it to


def test_a1_a_new_car_of_a_known_phone_is_signed_in_its_owners_chat(form: Any, staffed: Any) -> None:
    staffed.reception, staffed.sought = Reception("粤BD12345"), replace(WANG, tier="vip")
    form.say("粤BD12345").say("王先生").say("13800138000")
    assert (form.state.person, form.state.tier, form.state.customer) == (3, "vip", 0)
    staffed.sought = replace(WANG, phone="+8613999999999")  # another's file: only a plate led to it
    assert form.desk.begin("order_form", replace(form.state, phone="", person=0)).on(Entered()).say(
        "13800138000"
    ).state.person == 0  # fmt: skip


def test_a1_a_file_without_a_name_is_asked_for_it(form: Any, staffed: Any) -> None:
    staffed.reception = Reception("粤B12345", replace(WANG, name="", surname="", salutation="", phone=""))
    assert form.say("粤B12345").step == "tell_name"
    assert form.say("王女士").step == "tell_phone"
    assert form.say("13800138000").step == "tell_items"
    assert form.state.customer == 7


# ---------------------------------------------------------------- appointments


def test_o1_b12_an_appointment_is_filled_in_kept_and_its_benefits_noted(staffed: Any) -> None:
    staffed.appointments[BOOKED.number] = BOOKED
    staffed.reception = Reception("粤B12345", WANG, BOOKED)
    form = staffed.begin("order_form").on(Entered())
    form.press("expected", BOOKED.number)
    assert form.step == "tell_items"
    assert "小保养 ¥398" in form.text
    form.press("items_done").press("all_genuine").say("今天17:00")
    assert form.say("12345").press("skip").press("skip").press("skip").press("skip").step == "check"
    assert "刹车时有吱吱声" in form.text  # what was said at booking is the fault: not asked again
    assert "享预约优惠" in form.text
    form.press("open_order")
    order = order_of(form)
    assert (order.appointment, order.benefits, order.fault) == (BOOKED.number, True, "刹车时有吱吱声")
    assert staffed.appointments[BOOKED.number].state is AppointmentState.ARRIVED
    assert {(each.dialog, each.news) for each in form.of(Tell)} == {
        ("appointment", "arrived"), ("bay_notice", "arrived"), ("deposit", "cancelled"), ("arrival", "arrived"),
    }  # fmt: skip
    assert [each.action for each in form.of(Record)] == ["order.opened", "appointment.arrived"]


def test_b10_the_card_that_asks_for_the_customer_is_settled(staffed: Any) -> None:
    """An order answers whether they came: nobody need press 已到店."""
    expected = Expected("minor", "粤B12345", "王先生", BOOKED.starts_at)
    card = staffed.begin("arrival", expected, BOOKED.number).on(Entered())
    card.on(Told("arrived"))
    assert card.outcome is Outcome.DONE
    assert "不用再处理" in card.text
    assert not card.of(Mark)


def test_o1_a_typed_plate_finds_todays_appointment_too(form: Any, staffed: Any) -> None:
    staffed.reception = Reception("粤B12345", WANG, replace(BOOKED, benefits=False))
    assert form.say("粤B12345").state.appointment == BOOKED.number
    assert not form.state.benefits


def test_o1_todays_expected_cars_have_buttons(staffed: Any) -> None:
    """Neither those of other days nor those that are over; of many the ones around this hour."""
    for place in range(20):
        each = replace(BOOKED, number=f"YY{place}", starts_at=MONDAY + timedelta(minutes=20 * place))
        staffed.appointments[each.number] = each
    staffed.appointments["old"] = replace(BOOKED, number="old", state=AppointmentState.CANCELLED)
    staffed.appointments["later"] = replace(BOOKED, number="later", starts_at=MONDAY + timedelta(days=1))
    form = staffed.begin("order_form").on(Entered())
    shown = [button.value for button in form.buttons() if button.key == "expected"]
    assert shown == [f"YY{place}" for place in range(12)]


@pytest.mark.parametrize(
    "chosen",
    [
        None,
        replace(BOOKED, state=AppointmentState.CANCELLED),
        replace(BOOKED, starts_at=MONDAY + timedelta(days=3)),
    ],
)
def test_o1_an_appointment_that_is_not_due_is_not_taken(form: Any, staffed: Any, chosen: Any) -> None:
    """A forged or old button."""
    staffed.reception = Reception("粤B12345" if chosen else "", WANG if chosen else None, chosen)
    form.on(Pressed("expected", BOOKED.number))
    assert (form.step, form.outcome) == ("choose_car", Outcome.ASK_AGAIN)


def test_b9_an_appointment_that_was_cancelled_meanwhile_gives_no_benefits(form: Any, staffed: Any) -> None:
    """The order is read back once more without it, and can be opened then."""
    staffed.appointments[BOOKED.number] = BOOKED
    staffed.reception = Reception("粤B12345", WANG, BOOKED)
    form.say("粤B12345").press("items_done").press("all_genuine").say("17:00").press("skip_rest")
    staffed.appointments[BOOKED.number] = replace(BOOKED, state=AppointmentState.CANCELLED)
    form.press("open_order")
    assert form.step == "check"
    assert "预约优惠也不计" in form.text
    assert not form.of(FileOrder)
    form.press("open_order")
    assert (order_of(form).appointment, order_of(form).benefits) == ("", False)
    assert not form.of(Mark)


@pytest.mark.parametrize(("tier", "announced"), [("vip", "VIP客户"), ("fleet", "集团客户"), ("ordinary", "")])
def test_b13_supervisors_hear_of_a_vip(form: Any, staffed: Any, tier: str, announced: str) -> None:
    staffed.reception = Reception("粤B12345", replace(WANG, tier=tier))
    staffed.colleagues = (ADVISOR, SUPERVISOR)
    at_check(form).press("open_order")
    heard = [say for say in form.of(Say) if say.script == "order_form/announced"]
    assert [say.to.person for say in heard] == ([22] if announced else [])
    assert (f"{announced}到店" in form.text) is bool(announced)
    assert order_of(form).tier == tier


def test_b13_r4_in_the_supervisors_absence_whoever_stands_in_hears_it(form: Any, staffed: Any) -> None:
    staffed.reception = Reception("粤B12345", replace(WANG, tier="vip"))
    away = replace(SUPERVISOR, absent_until=MONDAY + timedelta(days=2), substitute=WORKSHOP.person_id)
    staffed.colleagues = (ADVISOR, away, WORKSHOP)
    at_check(form).press("open_order")
    assert {say.to.person for say in form.of(Say) if say.script == "order_form/announced"} == {12}


# ---------------------------------------------------------------- the car is in the shop already


def test_o1_a_car_in_the_shop_has_its_card_shown(form: Any, staffed: Any) -> None:
    staffed.reception = Reception("粤B12345", WANG, None, "JC261120-003")
    form.say("粤B12345")
    assert form.outcome is Outcome.DONE
    assert "JC261120-003" in form.text
    assert form.of(Tell) == [Tell("order_desk", "JC261120-003", "show_to", {"person": 11})]
    assert not form.of(FileOrder)


def test_o1_somebody_was_quicker(form: Any, staffed: Any) -> None:
    """Two advisors at once: one order; the other hears its number and sees its card."""
    at_check(form)
    staffed.reception = Reception("粤B12345", WANG, None, "JC261123-099")
    staffed.in_shop = (
        CarInShop("JC261123-098", "粤B99999", "", OrderState.AWAITING, 0, "", None),
        CarInShop("JC261123-099", "粤B12345", "", OrderState.AWAITING, 0, "", None),
    )
    form.press("open_order")
    assert form.outcome is Outcome.DONE
    assert "粤B·12345 已经在店里了" in form.text
    assert form.of(Tell) == [Tell("order_desk", "JC261123-099", "show_to", {"person": 11})]
    assert not form.of(FileOrder)


def test_o1_refused_without_a_number_says_so_too(form: Any) -> None:
    at_check(form)
    form.on(Refused(FileOrder(RepairOrder("", "", 0, 0, "", 0, "", MONDAY)), "in_shop"))
    assert "已经在店里了" in form.text
    assert not form.of(Tell)


# ---------------------------------------------------------------- read back and changed


def test_o1_everything_can_be_changed_before_it_counts(form: Any) -> None:
    at_check(form).press("change_items").press("service", "major").press("items_done").press("all_genuine")
    assert form.step == "check"
    assert "¥1,678" in form.text
    form.press("change_promise").say("明天17:00")
    assert form.step == "check"
    form.press("change_look").say("20000").press("skip_rest")
    assert "20000 公里" in form.text
    order = order_of(form.press("open_order"))
    assert (order.total, order.arrival.mileage) == (Decimal(1678), 20000)


def test_o1_a_typed_confirmation_counts(form: Any) -> None:
    assert order_of(at_check(form).say("确认")).plate == "粤B12345"


def test_nothing_is_filed_by_anything_else(form: Any) -> None:
    at_check(form)
    for event in (Said("再看看"), SentMedia("photo", "p"), Pressed("fuel", "4"), Woke("silence_nudge")):
        form.on(event)
        assert form.step == "check"
        assert not form.of(FileOrder)


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("who", [CLERK, Who(30, "小陈", roles=frozenset({Role.CUSTOMER}))])
@pytest.mark.parametrize("words", ["接车开单", "/order", "/order 粤B12345 小保养 明天17:00 850"])
def test_r2_others_get_a_polite_no_that_is_recorded(staffed: Any, who: Who, words: str) -> None:
    staffed.who = who
    said = staffed.begin("staff_desk").say(words)
    assert not said.of(Open)
    assert [each.action for each in said.of(Record)] == ["command.refused"]
    assert said.text


@pytest.mark.parametrize(
    ("role", "advises"),
    [
        (Role.ADVISOR, True),
        (Role.FRONT_DESK_SUPERVISOR, True),
        (Role.WORKSHOP_SUPERVISOR, False),
        (Role.PARTS_MANAGER, False),
        (Role.AFTER_SALES_MANAGER, False),
    ],
)
def test_r2_o1_front_desk_workshop_and_managers_may(staffed: Any, role: Role, advises: bool) -> None:
    """Whoever serves the front desk answers for the car; an order of others is the front desk's."""
    staffed.who = replace(ADVISOR, roles=frozenset({role}))
    form = staffed.open(staffed.begin("staff_desk").say("接车开单").opened("order_form"))
    assert order_of(at_check(form).press("open_order")).advisor == (11 if advises else 0)


@pytest.mark.parametrize("way", [Pressed("open_order"), Said("确认")])
def test_r2_who_is_no_colleague_any_more_opens_nothing(form: Any, staffed: Any, way: Any) -> None:
    at_check(form)
    staffed.who = Who(ADVISOR.person_id, "林顾问")
    form.on(way)
    assert not form.of(FileOrder)
    assert form.of(Record) == [Record("command.refused", details={"command": "order"})]
