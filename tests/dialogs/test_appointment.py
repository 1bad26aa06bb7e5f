"""An appointment that stands, moves, is given up or missed, and the cards about it (B5–B10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dialogs.core import Kind, Outcome, Pressed, Say, Tell, Told
from dialogs.effects import Acknowledge, Mark
from domain.appointments import AppointmentState
from domain.people import Queue

ZONE = ZoneInfo("Asia/Shanghai")
Book = Callable[[str], Any]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def news(conversation: Any) -> set[tuple[str, str]]:
    return {(each.dialog, each.news) for each in conversation.of(Tell)}


def standing(desk: Any, book: Book, wish: str = "后天下午三点小保养") -> Any:
    return desk.open(book(wish).opened("appointment"))


def state_of(desk: Any) -> AppointmentState:
    (appointment,) = desk.appointments.values()
    return appointment.state  # type: ignore[no-any-return]


def test_reminders_a_day_and_half_a_day_before(desk: Any, booked: Book) -> None:
    """B8."""
    conversation = standing(desk, booked)
    assert conversation.timers["reminder_24h"] == at(24, 15)
    assert conversation.timers["reminder_4h"] == at(25, 11)
    assert conversation.timers["no_show_check"] == at(25, 15, 30)
    assert conversation.text == ""  # the booking said everything already


def test_a_reminder_before_the_booking_is_skipped_and_none_falls_into_the_night(
    desk: Any, booked: Book
) -> None:
    """B8: tomorrow 8:30: the day-before one is past, the 4-hour one would be 4:30 and moves to the evening before."""
    conversation = standing(desk, booked, "明天上午八点半小保养")
    assert "reminder_24h" not in conversation.timers
    assert conversation.timers["reminder_4h"] == at(23, 20, 50)


def test_a_reminder_asks_and_the_answer_is_kept(desk: Any, booked: Book) -> None:
    """B8: 确认到店 / 改期 / 取消; worthless once the time has come."""
    conversation = standing(desk, booked).wake("reminder_24h")
    (reminder,) = conversation.of(Say)
    assert (reminder.kind, reminder.expires_at) == (Kind.REMINDER, at(25, 15))
    assert {each.key for each in conversation.buttons()} == {"coming", "move", "give_up"}
    conversation.press("coming")
    assert state_of(desk) is AppointmentState.CONFIRMED


def test_giving_up_is_asked_once_and_tells_the_workshop(desk: Any, booked: Book) -> None:
    """B9: the bay is freed in the same transaction, timers die."""
    conversation = standing(desk, booked).on(Told("show")).press("give_up")
    assert "确定取消" in conversation.text
    assert conversation.press("keep_it").timers
    conversation.on(Told("show")).press("give_up").press("give_up_surely")
    assert state_of(desk) is AppointmentState.CANCELLED
    assert ("bay_notice", "cancelled") in news(conversation)
    assert (conversation.outcome, conversation.timers) == (Outcome.DONE, {})


def test_a_change_made_meanwhile_is_said(desk: Any, booked: Book) -> None:
    conversation = standing(desk, booked).on(Told("show")).press("give_up")
    number = conversation.subject
    assert desk.apply(Mark(number, AppointmentState.ARRIVED, frozenset({AppointmentState.BOOKED}))) == ""
    conversation.press("give_up_surely")
    assert state_of(desk) is AppointmentState.ARRIVED
    assert conversation.outcome is Outcome.STAY
    assert conversation.text


def test_moving_frees_the_old_bay_and_plans_anew(desk: Any, booked: Book) -> None:
    """B9, B8: the same cards as booking; every party hears it."""
    conversation = standing(desk, booked).on(Told("show")).press("move")
    moving = desk.open(conversation.opened("moving"))
    moving.press("day", "2026-11-26").press("slot", "2026-11-26T10:00")
    assert "11月26日 周四 10:00" in moving.text
    assert state_of(desk) is AppointmentState.BOOKED  # nothing has changed yet
    moving.press("confirm_move")
    (appointment,) = desk.appointments.values()
    assert appointment.starts_at == at(26, 10)
    assert {("appointment", "moved"), ("bay_notice", "moved")} <= news(moving)
    (told,) = [each for each in moving.of(Tell) if each.dialog == "appointment"]
    conversation.on(Told("moved", told.words))
    assert conversation.timers["reminder_24h"] == at(25, 10)
    assert conversation.timers["no_show_check"] == at(26, 10, 30)


def test_moving_by_typing_half_an_hour_over_ones_own_bay(desk: Any, booked: Book) -> None:
    moving = desk.open(standing(desk, booked).on(Told("show")).press("move").opened("moving"))
    desk.taken["Q2", at(25, 9).date()] = (1 << 48) - 1
    moving.say("后天下午三点半")
    assert moving.step == "confirm_move"
    assert moving.press("confirm_move").outcome is Outcome.DONE


def test_a_move_that_somebody_else_was_quicker_with(desk: Any, booked: Book) -> None:
    """B4, B9: the old time stays."""
    moving = desk.open(standing(desk, booked).on(Told("show")).press("move").opened("moving")).say(
        "周五上午十点"
    )
    desk.full_for_others = 1
    moving.press("confirm_move")
    assert [each.key for each in moving.buttons()].count("offer") == 3
    (appointment,) = desk.appointments.values()
    assert appointment.starts_at == at(25, 15)
    assert moving.press("keep_old").outcome is Outcome.DONE


def test_what_is_over_cannot_be_moved(desk: Any, booked: Book) -> None:
    conversation = standing(desk, booked).on(Told("show")).press("move")
    desk.appointments.clear()
    moving = desk.open(conversation.opened("moving"))
    assert moving.outcome is Outcome.DONE
    assert "没法改期" in moving.text


def test_the_missing_customer(desk: Any, booked: Book) -> None:
    """B10: the front desk is asked, 未到店 is recorded, the customer gets a kind offer to rebook."""
    conversation = standing(desk, booked).wake("no_show_check")
    opened = conversation.opened("arrival")
    assert opened.home.queue is Queue.FRONT_DESK
    arrival = desk.open(opened)
    assert "客户到了吗" in arrival.text
    assert arrival.press("contacting").outcome is Outcome.ASK
    arrival.press("no_show")
    assert state_of(desk) is AppointmentState.NO_SHOW
    assert {("appointment", "no_show"), ("bay_notice", "no_show")} <= news(arrival)
    conversation.on(Told("no_show"))
    assert "没有等到您" in conversation.text
    assert conversation.press("rebook").opened("booking").state.plate == "粤B12345"


def test_the_customer_who_is_here_after_all(desk: Any, booked: Book) -> None:
    conversation = standing(desk, booked).wake("no_show_check")
    desk.open(conversation.opened("arrival")).press("arrived")
    assert state_of(desk) is AppointmentState.ARRIVED
    assert conversation.on(Told("arrived")).outcome is Outcome.DONE


def test_nobody_is_asked_about_an_appointment_that_is_over(desk: Any, booked: Book) -> None:
    conversation = standing(desk, booked)
    desk.apply(Mark(conversation.subject, AppointmentState.ARRIVED, frozenset(AppointmentState)))
    conversation.wake("no_show_check")
    assert conversation.effects == ()
    assert conversation.outcome is Outcome.STAY


def test_a_deposit_that_is_paid(desk: Any, booked: Book) -> None:
    """B5."""
    signed = booked("明天上午九点变速箱维修")
    conversation, deposit = desk.open(signed.opened("appointment")), desk.open(signed.opened("deposit"))
    assert conversation.timers["deposit_release"] == at(24, 9)  # 24 h, and never after the appointment itself
    deposit.press("paid")
    assert state_of(desk) is AppointmentState.BOOKED
    assert news(deposit) == {("appointment", "deposit_paid")}
    conversation.on(Told("deposit_paid"))
    assert "deposit_release" not in conversation.timers
    assert conversation.state.deposit == Decimal(0)


def test_a_deposit_that_is_not_paid_releases_the_bay(desk: Any, booked: Book) -> None:
    """B5: after 24 h, with a notice; a payment that comes later is stopped."""
    signed = booked("周五上午九点变速箱维修")
    conversation, deposit = desk.open(signed.opened("appointment")), desk.open(signed.opened("deposit"))
    assert conversation.timers["deposit_release"] == desk.now + timedelta(hours=24)
    conversation.wake("deposit_release")
    assert state_of(desk) is AppointmentState.RELEASED
    assert {("deposit", "released"), ("bay_notice", "released")} <= news(conversation)
    assert conversation.timers == {}
    deposit.on(Pressed("paid"))
    assert state_of(desk) is AppointmentState.RELEASED
    assert "先联系客户" in deposit.text


def test_moving_does_not_put_off_the_deposit(desk: Any, booked: Book) -> None:
    """B5, B9: the deadline stays; the settlement desk's card shows the new time."""
    signed = booked("周五上午九点变速箱维修")
    conversation, deposit = desk.open(signed.opened("appointment")), desk.open(signed.opened("deposit"))
    due, desk.now = conversation.timers["deposit_release"], desk.now + timedelta(hours=5)
    moved = Told("moved", {"start": at(28, 9), "service": "gearbox", "name": "变速箱维修", "minutes": 240})
    assert conversation.on(moved).timers["deposit_release"] == due
    assert "11月28日 周六 09:00" in deposit.on(moved).text


def test_the_workshop_answers_with_got_it(desk: Any, booked: Book) -> None:
    """B6: who and when; the plate is masked in the group (A3)."""
    notice = desk.open(booked("后天下午三点小保养").opened("bay_notice"))
    assert "粤B·1**45" in notice.text
    assert "12345" not in notice.text
    assert notice.timers["repeat"] == desk.now + timedelta(minutes=15)
    notice.press("got_it")
    assert notice.of(Acknowledge) == [Acknowledge(notice.subject)]
    assert "已收到" in notice.text
    assert notice.timers == {}


def test_an_unacknowledged_one_is_repeated_and_then_on_the_list_at_opening(desk: Any, booked: Book) -> None:
    """B6."""
    notice = desk.open(booked("后天下午三点小保养").opened("bay_notice"))
    for _ in range(3):
        assert "还没有人确认" in notice.wake("repeat").text or notice.state.repeats == 3
    assert "车间主管" in notice.text
    assert notice.timers["repeat"] == at(24, 8, 30)


def test_what_comes_in_at_night_is_asked_for_at_opening(desk: Any, booked: Book) -> None:
    """B6."""
    desk.now = at(23, 22)
    notice = desk.open(booked("后天下午三点小保养").opened("bay_notice"))
    assert notice.timers["repeat"] == at(24, 8, 30)


@pytest.mark.parametrize("what", ["cancelled", "released", "no_show", "arrived"])
def test_the_workshop_hears_what_became_of_it(desk: Any, booked: Book, what: str) -> None:
    """B9: the card changes and the topic gets a new line."""
    notice = desk.open(booked("后天下午三点小保养").opened("bay_notice")).on(Told(what))
    assert [each.in_place for each in notice.of(Say)] == [True, False]
    assert notice.outcome is Outcome.DONE


def test_a_moved_job_has_to_be_seen_again(desk: Any, booked: Book) -> None:
    """B6, B9."""
    notice = desk.open(booked("后天下午三点小保养").opened("bay_notice")).press("got_it")
    notice.on(Told("moved", {"start": at(26, 10), "name": "小保养", "minutes": 60}))
    assert notice.state.seen_by == ""
    assert notice.timers["repeat"]
    assert {each.key for each in notice.buttons()} == {"got_it"}


def test_whoever_comes_back_to_an_old_card_sees_the_present_one(desk: Any, booked: Book) -> None:
    from dialogs.core import Entered

    conversation = standing(desk, booked)
    timers = dict(conversation.timers)
    conversation.on(Entered())
    assert "您的预约" in conversation.text
    assert conversation.timers == timers
