"""G2, P3, P5: a new hand-over time with the reason that the customer reads; what cannot be had is kindly refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialogs.core import Entered, Home, Open, Outcome, Pressed, Record, Said, Say, SentMedia, Tell
from dialogs.facts import Who
from dialogs.patterns import Standing, respond
from dialogs.promise_form import PROMISE_FORM, REASONS, NewPromise
from domain.repair_orders import OrderState, RepairOrder
from scripts_zh.phrases import phrase
from tests.dialogs.conftest import ADVISOR, MONDAY, SCRIPTS, WORKSHOP, Desk
from tests.dialogs.promised_order import HALF_PAST_TWO, NUMBER, PROMISED, order_in, promised

FIVE = PROMISED + timedelta(hours=1)
EMPTY = NewPromise()


def form(
    desk: Desk,
    state: NewPromise = EMPTY,
    now: datetime = HALF_PAST_TWO,
    order: RepairOrder | None = None,
) -> Any:
    """As the advisor opens it; the car is promised for four, the shop closes at half past five."""
    desk.now, desk.order = now, order or order_in()
    desk.who, desk.home_person, desk.colleagues = ADVISOR, ADVISOR.person_id, (ADVISOR, WORKSHOP)
    return desk.open(Open("promise_form", state, Home(person=ADVISOR.person_id), NUMBER))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026, store time; the 23rd is a Monday."""
    return MONDAY.replace(day=day, hour=hour, minute=minute)


def labels(page: Any) -> list[str]:
    return [SCRIPTS.label("promise_form", each.label or each.key, each.words) for each in page.buttons()]


# ---------------------------------------------------------------- the whole way


def test_p5_reason_and_time_are_read_back_and_leave_together(desk: Desk) -> None:
    page = form(desk)
    assert "这句话客户会看到" in page.text
    page.press("reason", "parts").press("at", "2026-11-23T17:00")
    assert page.step == "check"
    for words in ("原来：今天 11月23日 周一 16:00", "改为：<b>今天 11月23日 周一 17:00</b>", "等配件到货"):
        assert words in page.text
    assert "客户会马上收到" in page.text
    assert not page.of(Tell)
    page.press("send")
    assert page.of(Tell) == [Tell("order_desk", NUMBER, "promised", {"at": FIVE, "reason": "parts"})]
    assert page.outcome is Outcome.DONE


def test_p5_a_colleague_can_type_everything(desk: Desk) -> None:
    page = form(desk).say("  刹车盘下午\n才到货 ").say("明天上午１０点半").say("确认")
    assert page.of(Tell)[0].words == {"at": at(24, 10, 30), "reason": "刹车盘下午 才到货"}


def test_p3_the_reason_that_was_pressed_on_the_question_is_not_asked_for_again(desk: Desk) -> None:
    page = form(desk, NewPromise("bays"))
    assert page.step == "tell_time"
    page.press("at", "2026-11-23T16:30")
    assert "工位排满" in page.text


def test_p5_each_line_can_be_changed_alone(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).press("at", "2026-11-23T16:30")
    page.press("change_reason").press("reason", "found")
    assert page.step == "check"
    page.press("change_time").say("五点").press("send")
    assert page.of(Tell)[0].words == {"at": FIVE, "reason": "found"}


def test_p1_a_customer_without_a_chat_is_called_and_the_form_says_so(desk: Desk) -> None:
    page = form(desk, NewPromise("parts"), order=order_in(person=0)).press("at", "2026-11-23T16:30")
    assert "打电话告诉客户" in page.text
    assert "马上收到新的时间" not in page.text


@pytest.mark.parametrize("reason", REASONS)
def test_every_usual_reason_has_its_words(reason: str) -> None:
    assert phrase("change_reason", reason)


# ---------------------------------------------------------------- the reason


@pytest.mark.parametrize("empty", ["。。。", "好", "123456", "👍👍"])
def test_p5_a_reason_that_says_nothing_is_asked_for_again(desk: Desk, empty: str) -> None:
    page = form(desk).say(empty)
    assert page.step == "tell_reason"
    assert "请写清楚为什么改时间" in page.text


def test_p5_a_reason_has_at_most_a_hundred_signs(desk: Desk) -> None:
    page = form(desk).say("等" * 103)
    assert "多了 3 个字" in page.text
    assert page.say("等" * 100).step == "tell_time"


def test_c1_a_reason_is_for_the_customer_and_starts_no_complaint(desk: Desk) -> None:
    """What is typed is relayed: a word of a complaint in it interrupts nothing."""
    page = form(desk)
    standing = Standing("tell_reason", EMPTY)
    said = Said("上次投诉的异响还在，要再试车")
    response = respond(PROMISE_FORM, standing, said, desk.facts(page), {})
    assert not response.interrupted
    assert response.standing is not None
    assert response.standing.step == "tell_time"


# ---------------------------------------------------------------- the time


def test_p5_the_buttons_offer_what_the_calendar_allows(desk: Desk) -> None:
    page = form(desk, NewPromise("parts"))
    assert labels(page) == [
        "+30分 16:30", "+1小时 17:00", "明天 周二 09:00", "明天 周二 10:00", "取消",
    ]  # fmt: skip
    page = form(desk, NewPromise("parts"), order=order_in(OrderState.IN_WORK, promised(at(23, 11, 20))))
    assert labels(page) == [
        "+30分 15:00", "+1小时 15:30", "+2小时 16:30", "今天 周一 下班前 17:00",
        "明天 周二 09:00", "明天 周二 10:00", "取消",
    ]  # fmt: skip


def test_p5_at_night_and_on_saturday_evening_the_next_open_morning_is_offered(desk: Desk) -> None:
    """Nobody hands a car over at night or on a Sunday."""
    page = form(desk, NewPromise("parts"), now=at(28, 20))
    assert labels(page) == ["后天 周一 09:00", "后天 周一 10:00", "取消"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("晚半小时", at(23, 16, 30)),
        ("晚３０分", at(23, 16, 30)),
        ("推迟1小时", at(23, 17)),
        ("５点", at(23, 17)),
        ("明天三点", at(24, 15)),
        ("周六下午四点", at(28, 16)),
        ("１７：１５", at(23, 17, 15)),
        ("2小时后", at(23, 16, 30)),
        ("明天中午12点半", at(24, 12, 30)),  # P8: somebody is there in the break
    ],
)
def test_b15_typed_times_are_understood(desk: Desk, text: str, time: datetime) -> None:
    page = form(desk, NewPromise("parts")).say(text)
    assert page.step == "check"
    assert page.press("send").of(Tell)[0].words["at"] == time


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("明天上午", "2026-11-24T09:00", "2026-11-24T11:00"),
        ("明天", "2026-11-24T09:00", "2026-11-24T17:00"),
        ("下午", "2026-11-23T15:00", "2026-11-23T17:00"),
    ],
)
def test_b15_of_a_day_or_a_part_of_it_the_open_hours_are_shown(
    desk: Desk, text: str, first: str, last: str
) -> None:
    page = form(desk, NewPromise("parts")).say(text)
    values = [each.value for each in page.buttons() if each.key == "at"]
    assert (values[0], values[-1]) == (first, last)
    assert page.press("at", last).step in ("check", "weigh_earlier")


@pytest.mark.parametrize(
    ("text", "said", "offers"),
    [
        ("今天下午一点", "已经过去了", ["2026-11-23T15:00", "2026-11-23T16:00", "2026-11-23T17:00"]),
        ("昨天", "已经过去了", ["2026-11-23T15:00", "2026-11-23T16:00", "2026-11-23T17:00"]),
        ("晚上八点", "门店没有营业", ["2026-11-23T17:00", "2026-11-24T09:00", "2026-11-24T10:00"]),
        ("今天晚上", "门店没有营业", ["2026-11-23T17:00", "2026-11-24T09:00", "2026-11-24T10:00"]),
        ("周日上午十点", "门店休息", ["2026-11-28T17:00", "2026-11-30T09:00", "2026-11-30T10:00"]),
        ("元旦", "门店休息", ["2026-12-31T17:00", "2027-01-04T09:00", "2027-01-04T10:00"]),
        ("明年六月一号九点", "太远了", ["2027-01-22T14:00"]),
        ("晚一千天", "没有看懂", []),
    ],
)
def test_p8_what_cannot_be_had_is_refused_with_the_nearest_times(
    desk: Desk, text: str, said: str, offers: list[str]
) -> None:
    page = form(desk, NewPromise("parts")).say(text)
    assert page.step == "tell_time"
    assert said in page.text
    if offers:
        assert [each.value for each in page.buttons() if each.key == "at"] == offers
        assert page.press("at", offers[-1]).step == "check"


@pytest.mark.parametrize("forged", ["", "x", "2026-11-23T20:00", "2026-11-22T10:00", "9999-12-31T23:59"])
def test_p8_a_forged_time_promises_nothing(desk: Desk, forged: str) -> None:
    page = form(desk, NewPromise("parts")).on(Pressed("at", forged))
    assert page.step == "tell_time"
    assert page.state.at is None


def test_p5_the_same_time_is_no_new_promise(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).say("今天下午四点")
    assert page.step == "tell_time"
    assert "和原来一样" in page.text


def test_p5_an_earlier_time_is_asked_about_once_more(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).say("三点半")
    assert page.step == "weigh_earlier"
    assert "比原来早" in page.text
    assert page.press("change_time").step == "tell_time"
    page.say("三点半").press("sure")
    assert page.step == "check"
    assert "比原来早" in page.text
    assert page.press("send").of(Tell)[0].words["at"] == at(23, 15, 30)


def test_b15_a_picture_is_no_time(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).on(SentMedia("photo", "f1"))
    assert page.outcome is Outcome.ASK_AGAIN


# ---------------------------------------------------------------- what happened meanwhile


@pytest.mark.parametrize("state", [OrderState.SETTLED, OrderState.LEFT, OrderState.CANCELLED])
@pytest.mark.parametrize("step", ["tell_reason", "tell_time", "weigh_earlier", "check"])
def test_p5_an_order_that_is_over_takes_no_new_time(desk: Desk, state: OrderState, step: str) -> None:
    page = form(desk)
    page.step, page.state = step, NewPromise("parts", FIVE)
    desk.order = order_in(state)
    page.on(Pressed("send"))
    assert page.outcome is Outcome.DONE
    assert not page.of(Tell)
    assert "不用再改交车时间" in page.text


def test_o2_before_the_signature_no_time_is_changed_here(desk: Desk) -> None:
    page = form(desk, order=order_in(OrderState.AWAITING))
    assert page.outcome is Outcome.DONE
    assert "客户还没有确认" in page.text


def test_p5_a_car_that_is_ready_can_still_get_another_time(desk: Desk) -> None:
    assert form(desk, order=order_in(OrderState.READY)).step == "tell_reason"


def test_p5_who_changed_the_promise_meanwhile_is_not_overwritten_unread(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).press("at", "2026-11-23T16:30")
    desk.order = order_in(OrderState.IN_WORK, promised(at(23, 16, 15)))
    page.press("send")
    assert page.step == "check"
    assert not page.of(Tell)
    assert "刚刚有同事改过交车时间，现在是 今天 11月23日 周一 16:15" in page.text
    assert page.press("send").of(Tell)[0].words["at"] == at(23, 16, 30)


def test_p5_a_promise_that_moved_behind_the_new_time_is_asked_about(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).press("at", "2026-11-23T16:30")
    desk.order = order_in(OrderState.IN_WORK, promised(FIVE))
    assert page.press("send").step == "weigh_earlier"


def test_p5_two_colleagues_who_promise_the_same_time_make_one_promise(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).press("at", "2026-11-23T17:00")
    desk.order = order_in(OrderState.IN_WORK, promised(FIVE))
    page.press("send")
    assert page.outcome is Outcome.DONE
    assert not page.of(Tell)
    assert "交车时间已经是 今天 11月23日 周一 17:00 了" in page.text


def test_p5_a_time_that_passed_while_it_was_read_is_asked_for_again(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).press("at", "2026-11-23T16:30")
    desk.now = at(23, 16, 30)
    page.press("send")
    assert page.step == "tell_time"
    assert not page.of(Tell)
    assert "现在不能交车了" in page.text


def test_r3_who_has_left_promises_nothing(desk: Desk) -> None:
    page = form(desk, NewPromise("parts")).press("at", "2026-11-23T16:30")
    desk.who = Who(ADVISOR.person_id, ADVISOR.first_name)
    page.press("send")
    assert page.outcome is Outcome.DONE
    assert page.of(Record) == [Record("command.refused")]
    assert not page.of(Tell)


def test_r2_the_reminder_after_a_silence_asks_again_though_nobody_acts(desk: Desk) -> None:
    page = form(desk, NewPromise("parts"))
    desk.who = replace(ADVISOR, person_id=0, roles=frozenset())
    assert page.on(Entered()).step == "tell_time"
    assert page.of(Say)
