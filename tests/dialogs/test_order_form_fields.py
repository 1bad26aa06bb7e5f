"""接车开单: items, promised time and what is noted of the car, with everything people type there (O1, P8, B15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import Outcome, Pressed, Said, Say, SentMedia
from dialogs.effects import FileOrder
from domain.repair_orders import (
    Arrival,
    Estimate,
    PartsOrigin,
)
from tests.dialogs.conftest import ZONE
from tests.dialogs.order_reception import (
    FIVE,
    at_check,
    at_items,
    at_look,
    at_promise,
    pressed,
    staff,
)


@pytest.fixture
def staffed(desk: Any) -> Any:
    """An advisor at the desk, Mr Wang's car before the door."""
    return staff(desk)


@pytest.fixture
def form(staffed: Any) -> Any:
    """接车开单 has been pressed."""
    return pressed(staffed)


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
        ("今天17:31", "不营业"),
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
