"""接车开单: a repair order is made at reception, question by question or from one line (O1, B12, B13, A1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import Entered, Open, Outcome, Pressed, Record, Refused, Said, Say, SentMedia, Tell, Woke
from dialogs.effects import FileOrder, Mark
from dialogs.facts import CarInShop, Reception, Who
from domain.appointments import Appointment, AppointmentState
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
from tests.dialogs.conftest import ADVISOR, MONDAY, WANG, WORKSHOP, ZONE

CLERK = Who(21, "小何", roles=frozenset({Role.FOLLOW_UP_CLERK}))
SUPERVISOR = Who(22, "钱主管", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
BOOKED = Appointment(
    "YY261120-007",
    AppointmentState.CONFIRMED,
    "minor",
    "粤B12345",
    MONDAY + timedelta(minutes=30),
    60,
    7,
    person_id=3,
    description="刹车时有吱吱声",
    benefits=True,
)
FIVE = datetime(2026, 11, 23, 17, 0, tzinfo=ZONE)
TOMORROW_FIVE = FIVE + timedelta(days=1)


@pytest.fixture
def staffed(desk: Any) -> Any:
    """An advisor at the desk, Mr Wang's car before the door."""
    desk.who, desk.home_person = ADVISOR, ADVISOR.person_id
    desk.reception = Reception("粤B12345", WANG)
    return desk


@pytest.fixture
def form(staffed: Any) -> Any:
    """接车开单 has been pressed."""
    return staffed.open(staffed.begin("staff_desk").say("接车开单").opened("order_form"))


def at_items(form: Any) -> Any:
    return form.say("粤b12345")


def at_promise(form: Any) -> Any:
    return at_items(form).press("service", "minor").press("items_done").press("all_genuine")


def at_look(form: Any) -> Any:
    return at_promise(form).say("今天17:00")


def at_check(form: Any) -> Any:
    return at_look(form).press("skip_rest")


def order_of(form: Any) -> RepairOrder:
    order: RepairOrder = form.of(FileOrder)[0].order
    return order


def typed(desk: Any, line: str) -> Any:
    return desk.open(desk.begin("staff_desk").say(f"/order {line}").opened("order_form"))


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
    assert "½ 箱" in form.text
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
    assert "请客户签字" in form.text  # O2: nobody to send it to


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


# ---------------------------------------------------------------- items


def test_o1_services_are_chosen_and_let_go_again(form: Any) -> None:
    at_items(form).press("service", "minor").press("service", "major").press("service", "minor")
    assert [line.name for line in form.state.lines] == ["大保养"]
    assert form.press("clear").state.lines == ()
    assert "items_done" not in {button.key for button in form.buttons()}


def test_o1_estimates_say_how_they_were_found(form: Any, staffed: Any) -> None:
    """By system at the store's price, fixed where it is, by symptom where somebody set it."""
    services = tuple(replace(each, fixed_price=each.code == "major") for each in staffed.store.services)
    staffed.store = replace(staffed.store, services=services)
    at_items(form).say("小保养、大保养、小保养 450、故障诊断 100").press("service", "gearbox")
    assert [(line.name, line.price, line.estimate) for line in form.state.lines] == [
        ("小保养", Decimal(450), Estimate.BY_SYMPTOM),
        ("大保养", Decimal(1280), Estimate.FIXED),
        ("故障诊断", Decimal(100), Estimate.BY_SYMPTOM),
        ("变速箱维修", Decimal(3600), Estimate.BY_SYSTEM),
    ]


def test_o1_what_has_no_price_is_asked(form: Any) -> None:
    at_items(form).press("service", "check").say("换雨刷").press("items_done")
    assert "故障诊断" in form.text
    form.press("after_check")
    assert "换雨刷" in form.text
    assert form.say("八十").outcome is Outcome.ASK_AGAIN
    assert form.say("-80").outcome is Outcome.ASK_AGAIN
    assert form.say("８０元").step == "choose_origin"
    assert [line.price for line in form.state.lines] == [Decimal(0), Decimal(80)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("小保养 -50", "-50"),
        ("小保养 1000000000", "价格"),
        ("小保养 1e9", "1e9"),
        ("850", "项目和价格"),
        ("很" * 300, "太长"),
        ("、".join(f"第{place}样活" for place in range(30)), "最多 20 个"),
        ("。，；", "没有看出维修项目"),
    ],
)
def test_o1_bad_items_are_refused_kindly_and_nothing_is_lost(form: Any, said: str, words: str) -> None:
    at_items(form).press("service", "minor").say(said)
    assert (form.step, form.outcome) == ("tell_items", Outcome.ASK_AGAIN)
    assert words in form.text
    assert [line.name for line in form.state.lines] == ["小保养"]


def test_o1_no_more_than_twenty_by_button_either(form: Any) -> None:
    at_items(form).say("、".join(f"第{place}样活 10" for place in range(20))).press("service", "minor")
    assert "最多 20 个" in form.text
    assert len(form.state.lines) == 20


def test_o1_parts_of_other_origin_are_pointed_out(form: Any) -> None:
    """Asked once for the list, then which; the rest is genuine."""
    at_items(form).press("service", "minor").say("刹车片 850、机油 0").press("items_done")
    assert form.step == "choose_origin"
    form.press("has_aftermarket").press("part", "1").press("part", "0").press("part", "0").press("parts_done")
    assert form.step == "choose_origin"
    assert "刹车片 已记下" in form.text
    form.press("has_own").press("part", "2").press("parts_done").press("all_genuine")
    assert [line.origin.value for line in form.state.lines] == ["genuine", "aftermarket", "customer"]
    form.say("17:00").press("skip_rest")
    assert "刹车片、机油 用的不是正厂件，不保证质量" in form.text


def test_o1_of_one_item_nobody_asks_which(form: Any) -> None:
    at_items(form).press("service", "minor").press("items_done").press("has_own")
    assert form.step == "tell_promise"
    assert form.state.lines[0].origin is PartsOrigin.CUSTOMER


def test_o1_when_all_are_of_other_origin_nobody_asks_for_the_rest(form: Any) -> None:
    at_items(form).say("机油 0、机滤 0").press("items_done").press("has_own")
    form.press("part", "0").press("part", "1").press("parts_done")
    assert form.step == "tell_promise"
    form.on(Pressed("part", "7"))
    assert form.outcome is Outcome.ASK_AGAIN


# ---------------------------------------------------------------- the promised time


def test_o1_times_to_pick_from(form: Any) -> None:
    """Hours of today, its last one, and the next open day; all of them can be had."""
    at_promise(form)
    times = [button.value for button in form.buttons() if button.key == "time"]
    assert times == sorted(times)
    assert {"2026-11-23T10:00", "2026-11-23T17:00", "2026-11-24T17:00"} <= set(times)
    form.press("time", "2026-11-23T17:00")
    assert (form.step, form.state.promised) == ("tell_mileage", FIVE)


@pytest.mark.parametrize(
    ("said", "promised"),
    [
        ("今天17:00", FIVE),
        ("１７：００", FIVE),
        ("五点", FIVE),
        ("明天下午三点", datetime(2026, 11, 24, 15, 0, tzinfo=ZONE)),
        ("11月25日10点", datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)),
        ("12:30", datetime(2026, 11, 23, 12, 30, tzinfo=ZONE)),  # P8: somebody is there in the break
    ],
)
def test_o1_b15_a_time_that_is_typed(form: Any, said: str, promised: datetime) -> None:
    assert at_promise(form).say(said).state.promised == promised


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("今天上午8:40", "已经过了"),
        ("昨天17:00", "已经过了"),
        ("今天23:30", "不营业"),
        ("明天早上6点半", "不营业"),
        ("今天17:30", "不营业"),  # closing itself
        ("周日10:00", "门店休息"),
        ("元旦10点", "元旦"),
        ("2028年1月5日10点", "超过一年"),
        ("9999年12月31日23:59", "超过一年"),
        ("今晚", "不营业"),
        ("周日", "门店休息"),
    ],
)
def test_p8_a_time_that_cannot_be_had(form: Any, said: str, words: str) -> None:
    """Refused kindly with the nearest ones, each of which can be had."""
    at_promise(form).say(said)
    assert form.step == "tell_promise"
    assert words in form.text
    offers = [button for button in form.buttons() if button.key == "time"]
    if words != "超过一年":
        assert offers
        assert form.press("time").step == "tell_mileage"


def test_o1_a_day_alone_shows_its_hours(form: Any) -> None:
    at_promise(form).say("明天下午")
    assert "几点" in form.text
    times = [button.value for button in form.buttons() if button.key == "time"]
    assert times[0] >= "2026-11-24T12:00"
    assert times[-1] == "2026-11-24T17:00"


@pytest.mark.parametrize(
    "event", [Said("随便"), Pressed("time", "soon"), Pressed("time", ""), SentMedia("voice")]
)
def test_b15_no_time_at_all(form: Any, event: Any) -> None:
    at_promise(form).on(event)
    assert (form.step, form.outcome) == ("tell_promise", Outcome.ASK_AGAIN)


@pytest.mark.parametrize("forged", ["2026-11-22T10:00", "2026-11-24T03:00", "2030-01-01T10:00"])
def test_r2_a_forged_time_is_no_promise(form: Any, forged: str) -> None:
    at_promise(form).on(Pressed("time", forged))
    assert (form.step, form.state.promised) == ("tell_promise", None)


def test_o1_a_time_that_passed_while_the_card_lay_there(form: Any, staffed: Any) -> None:
    at_check(form)
    staffed.now = FIVE + timedelta(minutes=1)
    form.press("open_order")
    assert form.step == "tell_promise"
    assert "已经过了" in form.text
    assert not form.of(FileOrder)


# ---------------------------------------------------------------- the car as it came


def test_o1_one_line_says_it_all(form: Any) -> None:
    at_look(form).say("12345公里 半箱油 钥匙3号 行驶证 备胎")
    assert form.step == "send_photos"
    assert form.state.arrival == Arrival(12345, 4, "3", ("行驶证", "备胎"))


def test_o1_what_was_said_too_early_is_kept_and_the_question_asked_again(form: Any) -> None:
    at_look(form).say("油箱半")
    assert (form.step, form.state.arrival.fuel) == ("tell_mileage", 4)
    assert form.say("12345").step == "tell_key"


def test_o1_everything_may_be_left_out(form: Any) -> None:
    at_look(form)
    for step in ("choose_fuel", "tell_key", "tell_things", "send_photos", "tell_fault", "check"):
        assert form.press("skip").step == step
    assert form.state.arrival == Arrival()
    assert form.text.count("未登记") == 4


@pytest.mark.parametrize(
    ("skips", "event"),
    [
        (0, Said("不知道")),
        (0, Said("99999999公里")),
        (1, Said("很多")),
        (1, Pressed("fuel", "9")),
        (2, Said("在车上")),
        (4, Said("拍了")),
        (4, SentMedia("voice", "v")),
        (4, SentMedia("photo")),
        (5, SentMedia("photo", "p")),
    ],
)
def test_b15_what_is_not_understood_is_asked_again(form: Any, skips: int, event: Any) -> None:
    at_look(form)
    for _ in range(skips):
        form.press("skip")
    step = form.step
    form.on(event)
    assert (form.step, form.outcome) == (step, Outcome.ASK_AGAIN)
    assert form.text


def test_o1_ten_photos_are_enough(form: Any) -> None:
    """An album counts up on one card; with the tenth it goes on."""
    at_look(form)
    for _ in range(4):
        form.press("skip")
    for place in range(9):
        form.on(SentMedia("video" if place else "photo", f"f{place}"))
        assert form.of(Say)[0].in_place
    assert "9 个" in form.text
    assert form.on(SentMedia("photo", "f9")).step == "tell_fault"
    assert len(form.state.arrival.photos) == 10


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


# ---------------------------------------------------------------- one line


def test_o1_one_line_leads_straight_to_the_card(staffed: Any) -> None:
    form = typed(staffed, "粤B12345 小保养 明天17:00 850")
    assert form.step == "check"
    assert "¥850" in form.text
    order = order_of(form.press("open_order"))
    assert order.items == (Item("小保养", Decimal(850), Estimate.BY_SYMPTOM),)
    promise = standing_promise(order)
    assert promise
    assert promise.at == TOMORROW_FIVE


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("小保养 明天17:00 850", "choose_car"),
        ("粤B12345", "tell_items"),
        ("粤B12345 明天17:00", "tell_items"),
        ("粤B12345 换雨刷 明天17:00", "tell_price"),
        ("粤B12345 小保养", "tell_promise"),
        ("粤B12345 小保养 明天", "tell_promise"),
        ("粤B12345 小保养 周日17:00", "tell_promise"),
        ("", "choose_car"),
        ("　", "choose_car"),
    ],
)
def test_o1_what_is_missing_in_the_line_is_asked(staffed: Any, line: str, step: str) -> None:
    assert typed(staffed, line).step == step


def test_o1_what_the_line_said_stays_while_the_rest_is_asked(staffed: Any) -> None:
    form = typed(staffed, "小保养398 刹车片（副厂）850 明天17:00 1500 12345公里").say("粤B12345")
    assert form.step == "check"
    assert "合计是 ¥1,500，与各项相加不一致" in form.text
    order = order_of(form.press("open_order"))
    assert (order.total, order.arrival.mileage) == (Decimal(1248), 12345)
    assert [item.origin.value for item in order.unwarranted] == ["aftermarket"]


def test_p8_a_time_in_the_line_that_cannot_be_had_says_why(staffed: Any) -> None:
    form = typed(staffed, "粤B12345 小保养 周日10:00 398")
    assert "门店休息" in form.text
    assert form.press("time").step == "check"


def test_o1_a_line_about_a_car_in_the_shop(staffed: Any) -> None:
    staffed.reception = Reception("粤B12345", WANG, None, "JC261120-003")
    form = typed(staffed, "粤B12345 小保养 明天17:00 850")
    assert form.outcome is Outcome.DONE
    assert [each.news for each in form.of(Tell)] == ["show_to"]


@pytest.mark.parametrize(
    ("line", "words"),
    [("粤B12345 小保养 -50", "-50"), ("粤B12345 小保养 1e9 明天17:00", "1e9"), ("小" * 5000, "太长")],
)
def test_o1_a_line_that_cannot_be_taken_opens_nothing(staffed: Any, line: str, words: str) -> None:
    said = staffed.begin("staff_desk").say(f"/order {line}")
    assert words in said.text
    assert not said.of(Open)


def test_o1_the_line_of_an_expected_car_keeps_its_appointment(staffed: Any) -> None:
    staffed.appointments[BOOKED.number] = BOOKED
    staffed.reception = Reception("粤B12345", WANG, BOOKED)
    form = typed(staffed, "粤B12345 大保养 今天17:00").press("open_order")
    assert [item.name for item in order_of(form).items] == ["大保养"]
    assert order_of(form).benefits
    assert form.of(Mark)[0].state is AppointmentState.ARRIVED
