"""P1–P8 whatever happens: visits of random promises, changes and readiness, played on a clock that may stand still.

What is expected is worked out here from the calendar alone, without the rules that are tested.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import event, given
from hypothesis import strategies as st

from domain.calendar import StoreCalendar
from domain.pickup import notice_due, plan, standing_promise
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, state_of
from tests.domain.played_visit import FIGURES, Visit, order_of, replaced
from tests.domain.random_calendars import calendars, lengths, moments

NOTICED, DELAYED, PROMISED = OrderHappening.NOTICED, OrderHappening.DELAYED, OrderHappening.PROMISED
ABOUT_PROMISES = (PROMISED, NOTICED, DELAYED)
SHANGHAI = ZoneInfo("Asia/Shanghai")
LONG = timedelta(days=60)

aheads = lengths.map(lambda length: max(length, timedelta(minutes=1)))
gaps = st.timedeltas(timedelta(0), timedelta(days=1)) | st.integers(0, 16).map(
    lambda quarters: timedelta(minutes=15) * quarters
)
PLAIN = ("promise", "same", "ready", "progress", "answer")
steps = st.lists(st.tuples(gaps, st.sampled_from(PLAIN), aheads), max_size=7)
rough_steps = st.lists(
    st.tuples(
        gaps,
        st.booleans(),
        st.sampled_from(
            (*PLAIN, "inspection", "back in work", "early", "delay", "clock set back", "settle", "cancel")
        ),
        aheads,
    ),
    max_size=9,
)
overs = st.sampled_from((OrderState.SETTLED, OrderState.LEFT, OrderState.CANCELLED, OrderState.AWAITING))


def happen(visit: Visit, what: str, ahead: timedelta) -> None:
    """What people do, as far as it is possible now."""
    promise = standing_promise(visit.order)
    assert promise is not None
    about = promise.at.isoformat()
    ready = visit.state is OrderState.READY
    match what:
        case "promise":
            visit.promise(visit.now + ahead)
        case "same":
            visit.promise(promise.at)
        case "ready" if visit.state.is_in_work:
            visit.move(OrderState.READY)
        case "back in work" if ready:
            visit.move(OrderState.IN_WORK)
        case "inspection" if visit.state.is_in_work:
            visit.move(OrderState.INSPECTION)
        case "early" if ready and visit.last_word is not NOTICED:
            visit.add(NOTICED, promise=about)
        case "delay" if visit.state.is_in_work:
            visit.add(DELAYED, promise=about)
        case "progress":
            visit.add(OrderHappening.PROGRESS, answer="on_time")
        case "answer":
            visit.add(OrderHappening.ANSWERED, answer="on_time")
        case "settle" if ready:
            visit.move(OrderState.SETTLED)
        case "cancel" if visit.state.is_in_work:
            visit.move(OrderState.CANCELLED)
        case "clock set back":
            visit.set_back(ahead)


def expected_due(calendar: StoreCalendar, arrived: datetime, promised: datetime) -> datetime:
    """The moment of the notice, by looking at every closing of two months: P1 and P8 in other words."""
    hours = 4 if promised - arrived >= timedelta(days=2) else 1
    moment = promised - timedelta(hours=hours)
    day = moment.astimezone(calendar.zone).date()
    around = [calendar.open_spans(day + timedelta(days=ahead)) for ahead in range(-60, 2)]
    open_days = [(spans[0].start.astimezone(UTC), spans[-1].end.astimezone(UTC)) for spans in around if spans]
    if any(opens <= moment < closes for opens, closes in open_days):
        return moment
    return max(closes for _, closes in open_days if closes <= moment)


@given(calendars(), moments, st.timedeltas(timedelta(0), timedelta(days=5)))
def test_p1_p8_every_promise(calendar: StoreCalendar, arrived: datetime, planned: timedelta) -> None:
    promised = arrived + planned
    assert notice_due(promised, planned, FIGURES, calendar) == expected_due(calendar, arrived, promised)


@given(moments, st.sampled_from((-1, 0, 1)), st.integers(0, 10**12))
def test_p1_the_lead_switches_exactly_at_two_days(arrived: datetime, around: int, away: int) -> None:
    planned = timedelta(hours=48) + around * timedelta(microseconds=away)
    assert FIGURES.lead(planned) == timedelta(hours=1 if around < 0 and away else 4)


@given(calendars(), moments, aheads, steps)
def test_p5_one_notice_for_each_standing_promise_in_its_second(
    calendar: StoreCalendar,
    arrived: datetime,
    ahead: timedelta,
    happenings: list[tuple[timedelta, str, timedelta]],
) -> None:
    """While the clock runs: ready by then, the notice at its time; late, the customer was told by then (P3)."""
    visit = Visit(calendar, arrived, arrived + ahead)
    for gap, what, further in happenings:
        visit.run_until(visit.now + gap)
        happen(visit, what, further)
    visit.run_until(visit.now + LONG)
    stretches = standing_stretches(visit)
    for stretch in stretches:
        check_stretch(visit, arrived, stretch)
    event(f"{len(stretches)} promises")


@dataclass
class Stretch:
    """A promise while it stands: until when, when the car was ready (if it was), what was said meanwhile."""

    made: OrderEntry
    ends: datetime
    ready: datetime | None = None
    words: list[OrderEntry] = field(default_factory=list)


def standing_stretches(visit: Visit) -> list[Stretch]:
    """The visit cut at every promise that differs from the one before, or comes after a delay notice."""
    found: list[Stretch] = []
    ready = None
    for entry in visit.order.of(PROMISED, NOTICED, DELAYED, OrderHappening.MOVED):
        if entry.happening is OrderHappening.MOVED:
            ready = entry.at if entry.details["state"] == "ready" else None
        elif entry.happening is not PROMISED:
            found[-1].words.append(entry)
        elif not found or _is_new(entry, found[-1]):
            for earlier in found[-1:]:
                earlier.ends = entry.at
            found.append(Stretch(entry, visit.now))
        found[-1].ready = ready
    return found


def _is_new(entry: OrderEntry, standing: Stretch) -> bool:
    told_late = bool(standing.words) and standing.words[-1].happening is DELAYED
    return told_late or entry.details["at"] != standing.made.details["at"]


def check_stretch(visit: Visit, arrived: datetime, stretch: Stretch) -> None:
    made, ends = stretch.made.at, stretch.ends
    promised = datetime.fromisoformat(stretch.made.details["at"])
    due = max(expected_due(visit.calendar, arrived, promised), made)
    ready = stretch.ready or visit.now + LONG
    noticed = [word.at for word in stretch.words if word.happening is NOTICED]
    delayed = [word.at for word in stretch.words if word.happening is DELAYED]
    assert noticed == ([max(due, ready)] if max(due, ready) <= ends else [])
    if due - timedelta(minutes=30) > made:
        # The clock came to the second of the notice before anybody said in that second that the car is ready.
        assert delayed == ([due] if due <= min(ends, ready) else [])
    else:
        # So short a promise leaves no time to ask for a reason: but late is said before the promised time.
        last = max(promised, made)
        assert len(delayed) <= 1
        assert delayed or min(ready, ends) <= last
        assert all(made <= moment < promised or moment == made for moment in delayed)


@given(calendars(), moments, aheads, rough_steps)
def test_p3_p5_whatever_happens_nobody_hears_twice_or_too_late(
    calendar: StoreCalendar,
    arrived: datetime,
    ahead: timedelta,
    happenings: list[tuple[timedelta, bool, str, timedelta]],
) -> None:
    """The clock stands still, comes back, is set back; cars go back into work; visits end at any time.

    That the customer hears before the old time has passed, or in the second the clock comes back, is checked by
    the visit at every moment that counts.
    """
    visit = Visit(calendar, arrived, arrived + ahead)
    for gap, runs, what, further in happenings:
        (visit.run_until if runs else visit.sleep_until)(visit.now + gap)
        happen(visit, what, further)
    visit.run_until(visit.now + LONG)
    assert visit.coming() == []
    if visit.state.is_promised:
        last = standing_stretches(visit)[-1].words[-1:]
        assert [word.happening for word in last] == [NOTICED if visit.state is OrderState.READY else DELAYED]
    for one, other in pairwise(visit.order.of(*ABOUT_PROMISES)):
        assert one.happening is not NOTICED or other.happening is not NOTICED
    for happening, most in ((OrderHappening.ASKED, 2), (OrderHappening.ADVISOR_ASKED, 1)):
        words = NOTICED, DELAYED, PROMISED
        assert most_in_a_row(visit, happening, words) <= most


def most_in_a_row(visit: Visit, happening: OrderHappening, until: tuple[OrderHappening, ...]) -> int:
    """How often it happened without one of `until` in between, at most."""
    most = count = 0
    for entry in visit.order.of(happening, *until):
        count = count + 1 if entry.happening is happening else 0
        most = max(most, count)
    return most


def played(
    calendar: StoreCalendar,
    arrived: datetime,
    ahead: timedelta,
    happenings: list[tuple[timedelta, str, timedelta]],
) -> Visit:
    visit = Visit(calendar, arrived, arrived + ahead)
    for gap, what, further in happenings:
        visit.run_until(visit.now + gap)
        happen(visit, what, further)
    return visit


NOTHING_TO_DO_WITH_IT = (
    OrderEntry(datetime(2027, 1, 1, tzinfo=UTC), OrderHappening.TOLD, details={"text": "在等漆干"}),
    OrderEntry(datetime(2025, 1, 1, tzinfo=UTC), OrderHappening.PROPOSED, details={"item": "刹车片"}),
    OrderEntry(datetime(2025, 1, 1, tzinfo=UTC), OrderHappening.AGREED, details={"item": "刹车片"}),
    OrderEntry(datetime(2027, 1, 1, tzinfo=UTC), OrderHappening.CALL_TASK, details={"item": "刹车片"}),
    OrderEntry(datetime(2027, 1, 1, tzinfo=UTC), NOTICED, details={"promise": "2020-01-01T12:00:00+08:00"}),
    OrderEntry(datetime(2027, 1, 1, tzinfo=UTC), DELAYED, details={"promise": "2020-01-01T12:00:00+08:00"}),
)


@given(
    calendars(),
    moments,
    aheads,
    steps,
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from(NOTHING_TO_DO_WITH_IT)), max_size=5),
)
def test_p5_the_plan_depends_on_what_happened_and_on_nothing_else(
    calendar: StoreCalendar,
    arrived: datetime,
    ahead: timedelta,
    happenings: list[tuple[timedelta, str, timedelta]],
    others: list[tuple[int, OrderEntry]],
) -> None:
    """Neither who did it, nor in which zone it was written down, nor what else was said, moves a moment."""
    order = played(calendar, arrived, ahead, happenings).order
    history = [replace(replaced(entry, SHANGHAI), person=9, who="张伟") for entry in order.history]
    for place, other in others:
        history.insert(place, other)
    one = plan(order, FIGURES, calendar)
    other_plan = plan(order_of(order.opened_at, *history), FIGURES, calendar)
    assert (one and one.moments) == (other_plan and other_plan.moments)


@given(calendars(), moments, aheads, steps, overs)
def test_p_nothing_is_planned_for_what_is_over(
    calendar: StoreCalendar,
    arrived: datetime,
    ahead: timedelta,
    happenings: list[tuple[timedelta, str, timedelta]],
    over: OrderState,
) -> None:
    visit = played(calendar, arrived, ahead, happenings)
    visit.move(over)
    assert state_of(visit.order.history) is over
    assert plan(visit.order, FIGURES, calendar) is None
    visit.promise(visit.now + ahead)
    assert plan(visit.order, FIGURES, calendar) is None
