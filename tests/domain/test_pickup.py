"""P1–P8, G1–G3: when the customer hears, and when the shop is asked, read from the history and from nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import StoreCalendar
from domain.pickup import is_shop_open, notice_due, plan, planned_work, promises, standing_promise
from domain.repair_orders import OrderEntry, OrderHappening, OrderState
from tests.domain.example_store import WORKDAYS, example_store
from tests.domain.played_visit import FIGURES, Visit, order_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY_DAY = StoreCalendar.of(example_store())
CHINESE = StoreCalendar.of(example_store(hours=WORKDAYS, national_holidays=True))
SECOND = timedelta(seconds=1)


def at(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 11) -> datetime:
    """A moment of 2026, store time; 23 November is a Monday."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


NINE, FIVE = at(23, 9), at(23, 17)


def visit(arrived: datetime = NINE, promised: datetime = FIVE, calendar: StoreCalendar = EVERY_DAY) -> Visit:
    return Visit(calendar, arrived, promised)


def ready_visit(when: datetime) -> Visit:
    """A car that is promised for five, and ready at `when`."""
    played = visit()
    played.run_until(when)
    played.move(OrderState.READY)
    return played


def coming(played: Visit) -> dict[str, datetime]:
    return {name: moment for moment, name in played.coming()}


def said(played: Visit, *happenings: OrderHappening) -> list[tuple[OrderHappening, datetime]]:
    return [(entry.happening, entry.at) for entry in played.order.of(*happenings)]


NOTICED, DELAYED = OrderHappening.NOTICED, OrderHappening.DELAYED
TOLD, ASKED, ADVISOR_ASKED = OrderHappening.TOLD, OrderHappening.ASKED, OrderHappening.ADVISOR_ASKED
CALL_TASK = OrderHappening.CALL_TASK

# P1 and P8: the moment of the notice.


@pytest.mark.parametrize(
    ("planned", "lead"),
    [
        (timedelta(hours=48) - SECOND, timedelta(hours=1)),
        (timedelta(hours=48), timedelta(hours=4)),
        (timedelta(hours=48) + SECOND, timedelta(hours=4)),
        (timedelta(0), timedelta(hours=1)),
    ],
)
def test_p1_two_days_to_the_second(planned: timedelta, lead: timedelta) -> None:
    played = visit(at(25, 16) - planned, at(25, 16))
    assert planned_work(played.order) == planned
    assert notice_due(at(25, 16), planned, FIGURES, EVERY_DAY) == at(25, 16) - lead


def test_p1_planned_work_begins_when_the_car_is_in_the_shop() -> None:
    """The order was written the day before: until the car comes its opening counts, then the arrival."""
    promised = OrderEntry(at(22, 9), OrderHappening.PROMISED, details={"at": at(24, 12).isoformat()})
    moved = OrderEntry(at(23, 9), OrderHappening.MOVED, details={"state": "in_shop"})
    assert planned_work(order_of(at(22, 9), promised)) == timedelta(hours=51)
    assert planned_work(order_of(at(22, 9), promised, moved)) == timedelta(hours=27)
    assert planned_work(order_of(at(22, 9))) is None


def test_p1_a_changed_promise_may_change_the_lead() -> None:
    played = visit(at(23, 10), at(25, 9, 59))
    assert coming(played)["notice"] == at(25, 8, 59)
    played.promise(at(25, 13))
    assert coming(played)["notice"] == at(25, 9)


@pytest.mark.parametrize(
    ("promised", "due"),
    [
        (at(24, 9, 30), at(24, 8, 30)),  # at opening somebody is there
        (at(24, 9, 29, 59), at(23, 17, 30)),
        (at(24, 13, 30), at(24, 12, 30)),  # a break
        (at(24, 18, 29, 59), at(24, 17, 29, 59)),
        (at(24, 18, 30), at(24, 17, 30)),  # at closing
        (at(24, 19), at(24, 17, 30)),  # after it
        (at(24, 0, 30), at(23, 17, 30)),
    ],
)
def test_p8_an_hour_when_the_shop_is_open_or_the_closing_before(promised: datetime, due: datetime) -> None:
    for written in (promised, promised.astimezone(UTC)):
        found = notice_due(written, timedelta(hours=10), FIGURES, EVERY_DAY)
        assert (found, found.utcoffset()) == (due, timedelta(hours=8))


def test_p8_breaks_count_as_open_and_closing_does_not() -> None:
    edges = at(23, 8, 29, 59), at(23, 8, 30), at(23, 12, 30), at(23, 17, 29, 59), at(23, 17, 30)
    assert [is_shop_open(moment, EVERY_DAY) for moment in edges] == [False, True, True, True, False]
    assert not is_shop_open(at(29, 12), CHINESE)


@pytest.mark.parametrize(
    ("promised", "due"),
    [
        (at(30, 9), at(27, 17, 30)),  # a weekend
        (at(8, 9, month=10), at(30, 17, 30, month=9)),  # 国庆节
        (at(4, 12, month=10), at(30, 17, 30, month=9)),  # in the middle of it
        (at(10, 12, month=10), at(10, 11, month=10)),  # 调休: a worked Saturday
    ],
)
def test_p8_days_of_rest_and_holidays(promised: datetime, due: datetime) -> None:
    assert notice_due(promised, timedelta(hours=10), FIGURES, CHINESE) == due


def test_p1_the_lead_is_real_time_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    calendar = StoreCalendar.of(example_store(time_zone="Europe/Berlin"))
    arrived = datetime(2026, 3, 28, 10, tzinfo=berlin)
    day_after = datetime(2026, 3, 30, 10, 30, tzinfo=berlin)
    played = visit(arrived, day_after, calendar)
    assert planned_work(played.order) == timedelta(hours=47, minutes=30)
    assert coming(played)["notice"] == day_after.replace(hour=9)


# P2, P3, P5, P6: one notice, or the word that it will be late.


def test_p2_the_notice_of_a_ready_car_leaves_in_its_second() -> None:
    played = ready_visit(at(23, 15))
    assert coming(played) == {"notice": at(23, 16)}
    played.run_until(at(24, 12))
    assert said(played, NOTICED, DELAYED) == [(NOTICED, at(23, 16))]


@pytest.mark.parametrize("ready", [at(23, 16), at(23, 16, 20), at(23, 18)])
def test_p3_not_ready_when_the_notice_is_due(ready: datetime) -> None:
    """Asked at 15:30, told at 16:00 that it will be late; ready, the notice goes at once."""
    played = ready_visit(ready)
    played.run_until(at(24, 12))
    told = [(ADVISOR_ASKED, at(23, 15, 30)), (DELAYED, at(23, 16)), (NOTICED, ready)]
    assert said(played, ADVISOR_ASKED, NOTICED, DELAYED) == told


def test_p3_a_new_time_in_answer_to_the_question_is_told_at_once_and_plans_anew() -> None:
    played = visit()
    played.run_until(at(23, 15, 40))
    played.promise(at(23, 17, 20))
    assert coming(played) == {"news": at(23, 15, 40), "ask": at(23, 15, 50), "notice": at(23, 16, 20)}
    played.run_until(at(23, 16, 10))
    played.move(OrderState.READY)
    played.run_until(at(24, 12))
    assert said(played, TOLD, NOTICED, DELAYED) == [(TOLD, at(23, 15, 40)), (NOTICED, at(23, 16, 20))]


def test_p3_the_delay_notice_that_names_the_new_time_is_the_news_of_it() -> None:
    played = visit()
    played.run_until(at(23, 15, 40))
    played.promise(at(23, 17, 20))
    played.add(DELAYED, promise=at(23, 17).isoformat(), to=at(23, 17, 20).astimezone(UTC).isoformat())
    assert coming(played) == {"ask": at(23, 15, 50), "notice": at(23, 16, 20)}


def test_p3_after_a_delay_without_a_new_time_the_same_time_is_promised_anew() -> None:
    played = visit()
    played.run_until(at(23, 16, 10))
    played.promise(at(23, 17))
    assert len(promises(played.order)) == 2
    assert coming(played)["news"] == at(23, 16, 10)
    played.move(OrderState.READY)
    played.run_until(at(24, 12))
    assert said(played, NOTICED, DELAYED) == [(DELAYED, at(23, 16)), (NOTICED, at(23, 16, 10))]


def test_p3_nobody_is_asked_while_the_shop_is_shut() -> None:
    """The notice of 9:30 is due at opening: whoever could say that it will be late is asked at closing."""
    played = visit(promised=at(24, 9, 30))
    assert (coming(played)["ask"], coming(played)["notice"]) == (at(23, 17, 30), at(24, 8, 30))


def test_p1_a_promise_so_late_that_its_notice_would_be_past() -> None:
    """Forty minutes of work: no delay notice a moment after the promise, ready it is said at once."""
    played = visit(at(23, 10), at(23, 10, 40))
    assert coming(played) == {
        "progress": at(23, 10, 30),
        "ask": at(23, 10),
        "notice": at(23, 10, 30),
    }
    played.run_until(at(23, 10, 25))
    played.move(OrderState.READY)
    assert coming(played) == {"notice": at(23, 10, 25)}
    late = visit(at(23, 10), at(23, 10, 40))
    late.run_until(at(24, 12))
    assert said(late, DELAYED) == [(DELAYED, at(23, 10, 30))]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(70, 52.5), (90, 67.5), (90.02, 30.02), (120, 60)],
)
def test_p3_a_promise_too_short_to_ask_for_a_reason_first(minutes: float, told: float) -> None:
    """Decision 0013: no delay notice some minutes after an oil change has begun; beyond 90 minutes to the letter."""
    played = visit(NINE, NINE + timedelta(minutes=minutes))
    planned = coming(played)
    assert planned["notice"] == NINE + timedelta(minutes=told)
    assert planned["ask"] == NINE + timedelta(minutes=told - 30)


def test_p8_a_promise_made_at_closing_for_the_next_opening() -> None:
    """Its closing is past: who is late hears at the opening, still before the time."""
    played = visit(at(23, 17, 45), at(24, 9))
    assert coming(played)["notice"] == at(24, 8, 30)
    played.move(OrderState.READY)
    assert coming(played) == {"notice": at(23, 17, 45)}


def test_p5_a_promise_that_is_past_is_late_at_once() -> None:
    played = visit(at(23, 10), at(23, 9))
    assert coming(played) == {"ask": at(23, 10), "notice": at(23, 10)}


def test_p5_changed_after_the_notice_and_back_again_is_a_new_promise() -> None:
    played = ready_visit(at(23, 15))
    played.run_until(at(23, 16, 5))
    played.promise(at(24, 17))
    assert coming(played) == {"news": at(23, 16, 5), "notice": at(24, 16)}
    played.run_until(at(23, 16, 10))
    played.promise(at(23, 17))
    assert coming(played) == {"notice": at(23, 16, 10)}
    played.run_until(at(25, 12))
    assert said(played, NOTICED) == [(NOTICED, at(23, 16)), (NOTICED, at(23, 16, 10))]


def test_p5_the_same_time_said_twice_is_one_promise() -> None:
    played = ready_visit(at(23, 15))
    played.run_until(at(23, 16, 5))
    played.promise(at(23, 17).astimezone(UTC))
    assert (len(promises(played.order)), coming(played)) == (1, {"unanswered": at(23, 16, 30)})


def test_p5_an_earlier_time_moves_the_notice_forward() -> None:
    played = visit()
    played.run_until(at(23, 11))
    played.promise(at(23, 15))
    assert (coming(played)["news"], coming(played)["notice"]) == (at(23, 11), at(23, 14))


def test_p5_everything_in_one_standing_second() -> None:
    """Told, changed, changed back while the clock stands: the order of the entries decides, not their times."""
    played = ready_visit(at(23, 16))
    played.run_until(at(23, 16))
    played.promise(at(23, 18))
    played.promise(at(23, 17))
    assert coming(played) == {"notice": at(23, 16)}


def test_p6_told_ahead_of_time_the_planned_notice_is_not_sent_again() -> None:
    played = ready_visit(at(23, 12))
    played.add(NOTICED, promise=at(23, 17).isoformat())
    assert coming(played) == {"unanswered": at(23, 12, 30)}
    played.run_until(at(24, 12))
    assert said(played, NOTICED, CALL_TASK) == [(NOTICED, at(23, 12)), (CALL_TASK, at(23, 12, 30))]


def test_p3_back_into_work_after_the_notice() -> None:
    """The advisor is asked at once, the customer told half an hour later: who comes must not wait for nothing."""
    played = ready_visit(at(23, 12))
    played.add(NOTICED, promise=at(23, 17).isoformat())
    played.run_until(at(23, 12, 10))
    played.move(OrderState.IN_WORK)
    assert (coming(played)["ask"], coming(played)["notice"]) == (at(23, 12, 10), at(23, 12, 40))
    played.run_until(at(23, 12, 20))
    played.move(OrderState.INSPECTION)
    assert coming(played)["notice"] == at(23, 12, 40)
    corrected = visit()
    corrected.order, corrected.now = played.order, played.now
    corrected.move(OrderState.READY)
    assert coming(corrected) == {"unanswered": at(23, 12, 30)}  # a press by mistake says nothing to anybody
    played.run_until(at(23, 14))
    played.move(OrderState.READY)
    played.run_until(at(24, 12))
    words = [(NOTICED, at(23, 12)), (DELAYED, at(23, 12, 40)), (NOTICED, at(23, 14))]
    assert said(played, NOTICED, DELAYED) == words


def test_p3_back_into_work_shortly_before_the_promised_time() -> None:
    played = ready_visit(at(23, 15))
    played.run_until(at(23, 16, 56))
    played.move(OrderState.IN_WORK)
    assert coming(played)["notice"] == at(23, 16, 59)


# P4: the answer.


@pytest.mark.parametrize("answer", ["on_time", "late", "change"])
def test_p4_an_answer_is_waited_for_thirty_minutes(answer: str) -> None:
    played = ready_visit(at(23, 15))
    played.run_until(at(23, 16, 29))
    played.add(CALL_TASK, item="刹车片")  # about additional work, not about this
    assert coming(played) == {"unanswered": at(23, 16, 30)}
    played.add(OrderHappening.ANSWERED, answer=answer)
    assert coming(played) == {}


def test_p4_an_answer_to_an_earlier_notice_is_none_to_this_one() -> None:
    played = ready_visit(at(23, 15))
    played.run_until(at(23, 16, 10))
    played.add(OrderHappening.ANSWERED, answer="change")
    played.promise(at(24, 17))
    played.run_until(at(25, 12))
    assert said(played, CALL_TASK) == [(CALL_TASK, at(24, 16, 30))]


def test_p4_who_is_at_the_counter_is_not_called() -> None:
    played = ready_visit(at(23, 15))
    played.run_until(at(23, 16, 10))
    played.move(OrderState.SETTLED)
    assert plan(played.order, FIGURES, EVERY_DAY) is None


# G: the workshop.


def test_g1_g3_asked_at_three_quarters_and_once_more() -> None:
    """From 9:00 to 17:00 with lunch: 5 h 15 of 7 h are over at 15:15."""
    played = visit()
    assert coming(played)["progress"] == at(23, 15, 15)
    played.run_until(at(24, 12))
    assert said(played, ASKED) == [(ASKED, at(23, 15, 15)), (ASKED, at(23, 15, 30))]


def test_g1_an_answer_ends_it_and_a_new_promise_asks_anew() -> None:
    played = visit()
    played.run_until(at(23, 15, 20))
    played.add(OrderHappening.PROGRESS, answer="on_time")
    assert "again" not in coming(played)
    played.promise(at(24, 17))
    # 9 h 40 of work were left at 15:20: three quarters are 7 h 15, and not of the 15 hours since the car came.
    assert coming(played)["progress"] == at(24, 14, 35)


def test_g1_nobody_is_asked_at_night() -> None:
    """Friday 16:00 to Monday 10:00 are three working hours: 2 h 15 are over on Monday at 9:15."""
    played = visit(at(27, 16), at(30, 10), CHINESE)
    assert coming(played)["progress"] == at(30, 9, 15)


def test_g1_who_has_just_named_the_time_is_not_asked_about_it() -> None:
    played = visit()
    played.run_until(at(23, 16, 30))
    played.promise(at(23, 17, 30))
    assert "progress" not in coming(played)


def test_p_nothing_is_promised_before_the_signature() -> None:
    promised = OrderEntry(at(23, 9), OrderHappening.PROMISED, details={"at": at(23, 17).isoformat()})
    assert plan(order_of(at(23, 9), promised), FIGURES, EVERY_DAY) is None
    moved = OrderEntry(at(23, 9), OrderHappening.MOVED, details={"state": "in_shop"})
    assert plan(order_of(at(23, 9), moved), FIGURES, EVERY_DAY) is None
    assert standing_promise(order_of(at(23, 9), moved)) is None


def test_p5_an_order_that_comes_from_elsewhere_may_begin_in_any_state() -> None:
    """O4: the first promise after the arrival has to be told."""
    moved = OrderEntry(at(23, 9), OrderHappening.MOVED, details={"state": "in_work"})
    promised = OrderEntry(at(23, 10), OrderHappening.PROMISED, details={"at": at(23, 17).isoformat()})
    found = plan(order_of(at(22, 9), moved, promised), FIGURES, EVERY_DAY)
    assert found is not None
    assert (found.news, found.notice) == (at(23, 10), at(23, 16))
