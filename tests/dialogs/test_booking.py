"""Booking, rule by rule (B2–B6, B11, B13–B15, A1, A3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dialogs.appointment_form import Form
from dialogs.core import Entered, Open, Outcome, Record, Say, SharedContact, Wake, Woke
from dialogs.effects import Consent, Reserve, SaveCustomer, SaveVehicle
from domain.appointments import AppointmentState
from domain.customers import Vehicle
from domain.people import Queue
from domain.slots import Refusal

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = date(2026, 11, 24)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def booking(desk: Any, heard: str = "") -> Any:
    return desk.begin("booking", Form(heard=heard)).on(Entered())


def reserved(conversation: Any) -> Reserve:
    return next(effect for effect in conversation.effects if isinstance(effect, Reserve))


def test_a_known_customer_books_in_five_taps(desk: Any) -> None:
    """B2, B4: 预约服务, service, day, time, 确认."""
    front = (
        desk.begin("front_desk").say("/start").say("预约服务")
    )  # the key of the menu keyboard is the first tap
    conversation = desk.open(front.opened("booking"))
    conversation.press("service", "minor").press("day", "2026-11-24").press("slot", "2026-11-24T15:00").press(
        "confirm"
    )
    assert 1 + conversation.taps == 5
    assert conversation.outcome is Outcome.DONE
    assert "预约成功" in conversation.text
    (appointment,) = desk.appointments.values()
    assert (appointment.state, appointment.starts_at) == (AppointmentState.BOOKED, at(24, 15))


def test_several_cars_cost_one_more_tap(desk: Any) -> None:
    desk.customer = replace(
        desk.customer, vehicles=(*desk.customer.vehicles, Vehicle(2, "粤BD12345", "ID.4"))
    )
    conversation = booking(desk)
    assert conversation.step == "choose_vehicle"
    conversation.press("vehicle", "2")
    assert (conversation.step, conversation.state.plate) == ("choose_service", "粤BD12345")


def test_a_new_customer_agrees_first_and_fills_in_the_form(empty_file: Any) -> None:
    """A3 before B2: nothing personal is written before 同意; then name, phone, plate, model."""
    desk = empty_file
    conversation = booking(desk)
    assert conversation.step == "agree"
    assert conversation.press("agree").of(Consent)
    conversation.say("我叫李小红")
    assert conversation.of(SaveCustomer) == [SaveCustomer("李小红", "李", None)]
    conversation.press("madam")
    assert "李女士" in conversation.text
    conversation.on(SharedContact("8613911112222", own=True))
    assert desk.customer.phone == "+8613911112222"
    conversation.say(" 沪 a·12345 ")
    assert conversation.of(SaveVehicle) == [SaveVehicle("沪A12345")]
    conversation.press("skip").press("service", "minor").say("明天下午三点").press("confirm")
    assert conversation.outcome is Outcome.DONE
    assert desk.customer.salutation == "女士"


def test_who_does_not_agree_is_not_stored(empty_file: Any) -> None:
    """A3."""
    conversation = booking(empty_file).press("decline")
    assert conversation.outcome is Outcome.DONE
    assert empty_file.customer is None
    assert "0755-86001234" in conversation.text


def test_only_ones_own_contact_counts(empty_file: Any) -> None:
    conversation = booking(empty_file).press("agree").say("王先生")
    assert conversation.step == "tell_phone"
    conversation.on(SharedContact("+8613900001111", own=False))
    assert (conversation.outcome, conversation.of(SaveCustomer)) == (Outcome.ASK_AGAIN, [])
    assert "不是您本人" in conversation.text


def test_a_plate_of_another_person_changes_nothing(empty_file: Any) -> None:
    """A1: an advisor looks into it."""
    empty_file.others_plates = frozenset({"粤B12345"})
    conversation = booking(empty_file).press("agree").say("王先生").say("13800138000").say("粤B12345")
    assert conversation.outcome is Outcome.HAND_OVER
    assert empty_file.customer.vehicles == ()
    assert "另一位客户" in conversation.text


def test_the_time_said_at_the_front_desk_is_read_back(desk: Any) -> None:
    """B15: 明天下午三点做个小保养 leads straight to the card, and nothing is booked before 确认."""
    front = desk.begin("front_desk").say("明天下午三点做个小保养")
    conversation = desk.open(front.opened("booking"))
    assert conversation.step == "confirm"
    assert "明天 11月24日 周二 15:00" in conversation.text
    assert desk.appointments[conversation.state.number].state is AppointmentState.HELD


def test_a_day_without_a_clock_shows_that_day(desk: Any) -> None:
    """B15: 周六上午有空吗 → the morning's times."""
    conversation = booking(desk, "周六上午有空吗").press("service", "minor")
    assert conversation.step == "choose_time"
    slots = [each.value for each in conversation.buttons() if each.key == "slot"]
    assert slots
    assert all(value.startswith("2026-11-28T") and value[11:13] < "12" for value in slots)


@pytest.mark.parametrize(("typed", "hour"), [("明天3点", 15), ("明天9点", 9), ("明天八点半", 8)])
def test_an_hour_without_half_of_the_day_is_one_when_we_are_open(desk: Any, typed: str, hour: int) -> None:
    """B15: nobody means three in the morning."""
    conversation = booking(desk).press("service", "minor").say(typed)
    assert (conversation.step, conversation.state.start.hour) == ("confirm", hour)


def test_a_clock_alone_means_the_day_on_show(desk: Any) -> None:
    conversation = booking(desk).press("service", "minor").press("day", "2026-11-25").say("十点半")
    assert conversation.state.start == at(25, 10, 30)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("昨天上午十点", "已经过去"),
        ("今天上午十点", "至少提前 3 小时"),
        ("周日上午十点", "休息"),
        ("明天晚上八点", "营业时间"),
        ("明天中午十二点半", "午休"),
        ("明天上午十点十分", "不在档上"),
        ("明天下午五点", "打烊前做不完"),
        ("3月1号上午十点", "60 天以内"),
    ],
)
def test_each_time_that_cannot_be_has_its_own_kind_answer(desk: Any, typed: str, words: str) -> None:
    """B3, B4: the reason, and the nearest three offers."""
    conversation = booking(desk).press("service", "minor").say(typed)
    assert words in conversation.text
    assert conversation.outcome is Outcome.ASK
    assert len([each for each in conversation.buttons() if each.key == "offer"]) == 3
    conversation.press("offer")
    assert conversation.step == "confirm"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("昨天", "11月22日 周日 已经过去了"),
        ("今天", "今天剩下的时间来不及"),
        ("周日", "11月29日 周日 我们休息"),
    ],
)
def test_a_day_that_cannot_be_is_not_told_a_clock(desk: Any, typed: str, words: str) -> None:
    """B3: nobody named noon, so nobody is told about noon."""
    desk.now = at(23, 16)
    conversation = booking(desk).press("service", "minor").say(typed)
    assert words in conversation.text
    assert "12:00" not in conversation.text


def test_a_full_time_is_declined_with_offers(desk: Any) -> None:
    """B4, B11."""
    desk.fill(TUESDAY)
    conversation = booking(desk).press("service", "minor")
    marks = {
        each.value: each.words["offer"].busy.value for each in conversation.buttons() if each.key == "day"
    }
    assert marks["2026-11-24"] == "约满"
    assert marks["2026-11-25"] == "空闲"
    assert "2026-11-29" not in marks  # Sunday
    conversation.press("day", "2026-11-24")
    assert "约满" in conversation.text
    assert [each.key for each in conversation.buttons()].count("offer") == 3


def test_the_last_slot_goes_to_one_and_the_other_is_told_kindly(desk: Any) -> None:
    """B4: lost between the press and the books."""
    conversation = booking(desk).press("service", "minor").press("day", "2026-11-24")
    desk.full_for_others = 1
    conversation.press("slot", "2026-11-24T15:00")
    assert "刚被约满" in conversation.text
    assert conversation.step == "choose_day"
    conversation.press("offer").press("confirm")
    assert conversation.outcome is Outcome.DONE


def test_lost_at_the_confirmation(desk: Any) -> None:
    """B4: the hold had run out and somebody was quicker."""
    conversation = booking(desk, "明天下午三点小保养")
    desk.full_for_others = 1
    conversation.press("confirm")
    assert [each.key for each in conversation.buttons()].count("offer") == 3
    assert not conversation.of(Open)


def test_a_hold_lasts_five_minutes_and_may_be_taken_up_again(desk: Any) -> None:
    conversation = booking(desk, "明天下午三点小保养")
    assert conversation.timers == {"hold_over": desk.now + timedelta(minutes=5)}
    assert reserved(conversation).until == desk.now + timedelta(minutes=5)
    conversation.wake("hold_over")
    assert [each.state for each in desk.appointments.values()] == [AppointmentState.RELEASED]
    conversation.press("keep")
    assert "确认预约" in conversation.text
    conversation.press("confirm")
    assert [each.state for each in desk.appointments.values()] == [AppointmentState.BOOKED]


def test_nobody_keeps_a_bay_by_being_asked_again(desk: Any) -> None:
    """B4: a nudge or an interruption shows the card again and never holds the bay anew."""
    conversation = booking(desk, "明天下午三点小保养")
    until = conversation.timers["hold_over"]
    desk.now += timedelta(minutes=2)
    conversation.on(Entered())
    assert "请核对预约单" in conversation.text
    assert conversation.timers["hold_over"] == until
    conversation.wake("hold_over")
    assert conversation.outcome is Outcome.STAY  # silence goes on counting
    desk.now += timedelta(minutes=5)
    conversation.on(Entered())
    assert "放开了" in conversation.text
    assert not [each for each in conversation.effects if isinstance(each, Reserve)]
    conversation.press("keep")
    assert conversation.timers["hold_over"] == desk.now + timedelta(minutes=5)


def test_a_hold_that_was_released_already_is_no_trouble(desk: Any) -> None:
    conversation = booking(desk, "明天下午三点小保养")
    desk.appointments.clear()
    conversation.on(Woke("hold_over"))
    assert conversation.step == "confirm"
    assert "放开" in conversation.text


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("车牌写错了，是粤BD12345", "plate", "粤BD12345"),
        ("电话改成 139-1111-2222", "phone", "+8613911112222"),
        ("还是做大保养吧", "service", "major"),
        ("后天上午十点", "start", at(25, 10)),
    ],
)
def test_what_is_typed_at_the_card_corrects_it(desk: Any, typed: str, field: str, value: object) -> None:
    """B15: corrections are welcome."""
    conversation = booking(desk, "明天下午三点小保养").say(typed)
    assert getattr(conversation.state, field) == value
    held = [each for each in desk.appointments.values() if each.state is AppointmentState.HELD]
    assert len(held) <= 1


def test_moving_half_an_hour_is_not_stopped_by_ones_own_hold(desk: Any) -> None:
    desk.taken["Q2", TUESDAY] = (1 << 48) - 1
    conversation = booking(desk, "明天下午三点小保养").say("明天下午三点半")
    assert conversation.step == "confirm"
    assert conversation.state.start == at(24, 15, 30)


def test_back_to_the_days_frees_the_bay(desk: Any) -> None:
    conversation = booking(desk, "明天下午三点小保养").press("change_time")
    assert conversation.step == "choose_day"
    assert conversation.timers == {}
    assert [each.state for each in desk.appointments.values()] == [AppointmentState.RELEASED]


def test_own_words_reach_the_workshop(desk: Any) -> None:
    """B2: the description."""
    conversation = booking(desk, "明天下午三点小保养").press("add_words").say("刹车有异响 <b>急</b>")
    assert "&lt;b&gt;" in conversation.text
    conversation.press("confirm")
    assert conversation.opened("bay_notice").state.description == "刹车有异响 <b>急</b>"


def test_a_word_that_fits_several_services_is_asked_about(desk: Any) -> None:
    """B15: 保养 may be the small one or the big one; the time that was said with it is kept."""
    conversation = booking(desk).say("明天下午两点换机油")
    assert [each.value for each in conversation.buttons() if each.key == "service"] == ["minor", "major"]
    assert conversation.press("service", "major").state.start == at(24, 14)
    assert booking(desk, "变速箱").state.service == "gearbox"


def test_all_days_up_to_the_horizon_can_be_reached(desk: Any) -> None:
    """B4: ten at a time, closed ones left out."""
    conversation, seen = booking(desk).press("service", "minor"), []
    while True:
        seen += [each.value for each in conversation.buttons() if each.key == "day"]
        later = [each for each in conversation.buttons() if each.label == "later_days"]
        if not later:
            break
        conversation.press("days", later[0].value)
    assert (seen[0], seen[-1], len(seen), len(set(seen))) == ("2026-11-23", "2027-01-22", 51, 51)


def test_a_diagnosis_asks_what_is_wrong(desk: Any) -> None:
    """B2."""
    conversation = booking(desk).press("service", "check")
    assert conversation.step == "describe"
    assert conversation.say("冷车启动抖动").step == "choose_day"


def test_everybody_concerned_is_told_in_the_same_turn(desk: Any) -> None:
    """B6, B2, R5."""
    conversation = booking(desk, "明天下午三点小保养").press("confirm")
    assert conversation.opened("bay_notice").home.queue is Queue.WORKSHOP
    assert (
        conversation.opened("bay_notice").subject
        == conversation.opened("appointment").subject
        == "YY261123-041"
    )
    assert [each.action for each in conversation.of(Record)] == ["appointment.booked"]
    assert not [each for each in conversation.of(Open) if each.dialog == "deposit"]


def test_parts_to_order_need_a_deposit(desk: Any) -> None:
    """B5: half of 2,400."""
    conversation = booking(desk, "明天上午九点变速箱维修")
    assert "¥1,200" in conversation.text
    conversation.press("confirm")
    assert reserved(conversation).state is AppointmentState.AWAITING_DEPOSIT
    assert reserved(conversation).deposit == Decimal(1200)
    assert conversation.opened("deposit").home.queue is Queue.SETTLEMENT
    assert "待付订金" in conversation.text


def test_a_vip_is_announced_to_the_front_desk(desk: Any) -> None:
    """B13; the plate is masked in the group (A3)."""
    desk.customer = replace(desk.customer, tier="vip")
    conversation = booking(desk, "明天下午三点小保养").press("confirm")
    announced = [each for each in conversation.of(Say) if each.to.queue is Queue.FRONT_DESK]
    assert len(announced) == 1
    assert "VIP客户" in conversation.text
    assert "粤B·1**45" in conversation.text


def test_what_somebody_usually_has_done_comes_first(desk: Any) -> None:
    desk.customer = replace(desk.customer, usual=("major",))
    first = booking(desk).buttons()[0]
    assert (first.value, first.words["usual"]) == ("major", True)


def test_the_words_at_the_card_may_simply_be_yes(desk: Any) -> None:
    conversation = booking(desk, "明天下午三点小保养").say("好的")
    assert conversation.outcome is Outcome.DONE


def test_cancelling_gives_the_bay_back(desk: Any) -> None:
    from dialogs.booking import BOOKING

    conversation = booking(desk, "明天下午三点小保养")
    assert BOOKING.cancelled is not None
    for effect in BOOKING.cancelled(conversation.state, desk.facts(conversation)):
        if not isinstance(effect, Wake) and hasattr(effect, "number"):
            assert desk.apply(effect) == ""
    assert [each.state for each in desk.appointments.values()] == [AppointmentState.RELEASED]


def test_a_forged_time_is_not_booked(desk: Any) -> None:
    """Callback data can be forged: it is checked like everything typed."""
    from dialogs.core import Pressed

    for value in ("2026-11-24T03:00", "0001-01-01T00:00", "9999-12-31T23:59", "x", ""):
        conversation = booking(desk).press("service", "minor").on(Pressed("slot", value))
        assert conversation.step == "choose_day"
        assert not desk.appointments


def test_too_late_at_the_card_after_a_long_wait(desk: Any) -> None:
    """B3: a card confirmed hours later is not worth its time any more."""
    conversation = booking(desk, "今天下午三点小保养")
    desk.now += timedelta(hours=4)
    conversation.press("confirm")
    assert conversation.step == "choose_day"
    assert Refusal.TOO_SOON.value == "too_soon"
    assert "至少提前" in conversation.text
