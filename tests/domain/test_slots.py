"""B3, B4, B11: what can be booked, checked against a plain implementation that looks at every cell."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import NeverOpen, StoreCalendar
from domain.slots import Busy, Refusal, Schedule
from domain.store import BookingFigures, DayHours, Service, SpecialDay, WeekHours
from tests.domain.example_store import BAYS, DAY, LONG, PAINT, SHORT, TWO_DAYS, example_store

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = DayHours(opens=time(9), closes=time(12))
# Six days, a half one among them, and a holiday of the store's own on Wednesday 25 November.
STORE = example_store(
    hours=WeekHours(monday=DAY, tuesday=DAY, wednesday=DAY, thursday=DAY, friday=DAY, saturday=SATURDAY),
    special_days=(SpecialDay(day=date(2026, 11, 25), name="店庆"),),
    booking=BookingFigures(horizon_days=10),
)
CALENDAR = StoreCalendar.of(STORE)
LIFTS = [bay.id for bay in BAYS if bay.kind == "lift"]
NOW = datetime(2026, 11, 19, 9, 10, tzinfo=SHANGHAI)  # a Thursday
Taken = dict[tuple[str, date], int]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def schedule(taken: Mapping[tuple[str, date], int] | None = None) -> Schedule:
    return Schedule(STORE, CALENDAR, taken or {})


def cells(*times: str) -> int:
    """The mask of the half hours that begin at these times."""
    return sum(1 << int(each[:2]) * 2 + (each[3:] == "30") for each in times)


def book(taken: Taken, bay: str, start: datetime, minutes: int) -> None:
    for day, mask in schedule().mask_for(start, minutes).items():
        assert not taken.get((bay, day), 0) & mask
        taken[bay, day] = taken.get((bay, day), 0) | mask


# The same rules once more, cell by cell and without masks.


def plain_job(start: datetime, minutes: int) -> list[datetime]:
    moment, job = start, list[datetime]()
    while len(job) < -(-minutes // 30):
        if CALENDAR.is_open(moment):
            job.append(moment)
        moment += timedelta(minutes=30)
    return job


def plain_is_taken(taken: Taken, bay: str, moment: datetime) -> bool:
    return bool(taken.get((bay, moment.date()), 0) >> (moment.hour * 2 + moment.minute // 30) & 1)


def plain_offers(taken: Taken, service: Service, day: date, now: datetime) -> dict[datetime, int]:
    found = {}
    for cell in range(48):
        start = datetime.combine(day, time(cell // 2, cell % 2 * 30), SHANGHAI)
        if not CALENDAR.is_open(start) or start < now + timedelta(hours=3):
            continue
        if day > now.astimezone(SHANGHAI).date() + timedelta(days=STORE.booking.horizon_days):
            continue
        job = plain_job(start, service.minutes)
        if service.minutes <= 480 and job[-1].date() != day:
            continue
        free = sum(not any(plain_is_taken(taken, bay, cell) for cell in job) for bay in LIFTS)
        if free:
            found[start] = free
    return found


masks = st.one_of(
    st.just(0),
    st.integers(0, (1 << 48) - 1),
    # Sparse ones, so that long jobs find room too.
    st.lists(st.integers(16, 36), max_size=3).map(lambda bits: sum({1 << bit for bit in bits})),
)
days = st.integers(0, 11).map(lambda ahead: date(2026, 11, 19) + timedelta(days=ahead))
takens = st.dictionaries(st.tuples(st.sampled_from(LIFTS), days), masks, max_size=20)
services = st.sampled_from(
    [
        SHORT,
        LONG,
        TWO_DAYS,
        replace(SHORT, minutes=480),
        replace(SHORT, minutes=1020),
        replace(SHORT, minutes=45),
    ]
)
nows = st.timedeltas(timedelta(days=-1), timedelta(days=3)).map(lambda later: (NOW + later).astimezone(UTC))


@given(taken=takens, service=services, day=days, now=nows)
@settings(max_examples=150)
def test_b3_b4_offers_are_those_of_the_plain_implementation(
    taken: Taken, service: Service, day: date, now: datetime
) -> None:
    offers = schedule(taken).offers(service, day, now)
    assert {offer.start: offer.free for offer in offers} == plain_offers(taken, service, day, now)
    assert [offer.start for offer in offers] == sorted(offer.start for offer in offers)


@given(taken=takens, service=services, day=days, now=nows)
@settings(max_examples=100)
def test_b4_a_time_is_bookable_exactly_when_it_is_offered(
    taken: Taken, service: Service, day: date, now: datetime
) -> None:
    book_of_day = schedule(taken)
    offered = {offer.start for offer in book_of_day.offers(service, day, now)}
    for quarter in range(96):
        start = datetime.combine(day, time(quarter // 4, quarter % 4 * 15), SHANGHAI)
        assert (book_of_day.is_bookable(service, start, now) is None) == (start in offered)
        if start in offered:
            assert CALENDAR.is_open(start)
            assert start - now >= timedelta(hours=3)


@given(taken=takens, service=services, day=days, data=st.data())
def test_b4_taking_an_offer_takes_exactly_one_bay_from_it(
    taken: Taken, service: Service, day: date, data: st.DataObject
) -> None:
    offers = schedule(taken).offers(service, day, NOW)
    if not offers:
        return
    offer = data.draw(st.sampled_from(offers))
    candidates = schedule(taken).candidate_bays(service, offer.start)
    assert len(candidates) == offer.free
    book(taken, data.draw(st.sampled_from(candidates)), offer.start, service.minutes)
    left = {each.start: each.free for each in schedule(taken).offers(service, day, NOW)}
    assert left.get(offer.start, 0) == offer.free - 1
    assert all(left.get(each.start, 0) in (each.free, each.free - 1) for each in offers)


@given(wishes=st.lists(st.tuples(services, st.integers(0, 500)), max_size=25))
@settings(max_examples=50)
def test_b4_accepted_jobs_never_share_a_bay_and_every_refused_one_found_it_full(
    wishes: list[tuple[Service, int]],
) -> None:
    taken: Taken = {}
    for service, half_hours in wishes:
        start = at(19, 0) + timedelta(minutes=30 * half_hours)
        refusal = schedule(taken).is_bookable(service, start, NOW)
        candidates = schedule(taken).candidate_bays(service, start) if refusal in (None, Refusal.FULL) else ()
        assert bool(candidates) == (refusal is None)
        if candidates:
            book(taken, candidates[0], start, service.minutes)  # asserts that nothing overlaps


@given(taken=takens, service=services, now=nows)
@settings(max_examples=60)
def test_b11_days_agree_with_their_offers(taken: Taken, service: Service, now: datetime) -> None:
    book_of_days = schedule(taken)
    for shown in book_of_days.days(service, now, 12):
        offers = book_of_days.offers(service, shown.day, now)
        assert shown.starts == len(offers)
        assert (shown.refusal is None) == bool(offers)
        assert (shown.busy is Busy.FULL) == (shown.refusal is Refusal.FULL)
        assert (shown.busy is None) == (shown.refusal not in (None, Refusal.FULL))


@given(taken=takens, service=services, now=nows, wanted=st.integers(-48, 800))
@settings(max_examples=60)
def test_b4_the_nearest_offers_are_the_nearest_of_all(
    taken: Taken, service: Service, now: datetime, wanted: int
) -> None:
    moment = at(19, 0) + timedelta(minutes=30 * wanted)
    everything = [
        offer
        for ahead in range(-2, 20)
        for offer in schedule(taken).offers(service, date(2026, 11, 19) + timedelta(days=ahead), now)
    ]
    everything.sort(key=lambda offer: (abs(offer.start - moment), offer.start))
    assert schedule(taken).nearest(service, moment, now, count=5) == tuple(everything[:5])


def test_b4_a_job_goes_on_after_lunch_in_the_same_bay() -> None:
    assert schedule().mask_for(at(20, 11, 30), 120) == {
        date(2026, 11, 20): cells("11:30", "13:00", "13:30", "14:00")
    }
    assert schedule().end_of(at(20, 11, 30), 120) == at(20, 14, 30)


def test_b4_two_days_of_bodywork_run_over_the_days_of_rest() -> None:
    # Friday afternoon, the half Saturday, no Sunday, Monday.
    mask = schedule().mask_for(at(20, 13), 960)
    assert {day.day: taken.bit_count() for day, taken in mask.items()} == {20: 9, 21: 6, 23: 16, 24: 1}
    assert schedule().end_of(at(20, 13), 960) == at(24, 9)


def test_b4_only_a_job_longer_than_a_working_day_stays_overnight() -> None:
    assert schedule().is_bookable(LONG, at(20, 15), NOW) is None
    assert schedule().is_bookable(LONG, at(20, 15, 30), NOW) is Refusal.TOO_LATE_IN_DAY
    assert schedule().is_bookable(TWO_DAYS, at(20, 17), NOW) is None
    whole_day = replace(SHORT, minutes=480)
    assert [offer.start for offer in schedule().offers(whole_day, date(2026, 11, 20), NOW)] == [at(20, 8, 30)]
    # The half Saturday has no room for it, and it does not stay over Sunday.
    assert schedule().offers(whole_day, date(2026, 11, 21), NOW) == ()


def test_a_walk_in_takes_the_cell_that_has_begun_or_the_next_that_is_worked() -> None:
    assert schedule().mask_for(at(20, 14, 7), 40) == {date(2026, 11, 20): cells("14:00", "14:30")}
    assert schedule().mask_for(at(20, 12, 20), 30) == {date(2026, 11, 20): cells("13:00")}
    assert schedule().mask_for(at(20, 18), 30) == {date(2026, 11, 21): cells("09:00")}


@pytest.mark.parametrize(
    ("start", "refusal"),
    [
        (at(19, 9), Refusal.PAST),
        (at(19, 12, 0), Refusal.TOO_SOON),
        (at(19, 13), None),
        (at(30, 9), Refusal.BEYOND_HORIZON),
        (at(22, 9), Refusal.CLOSED_DAY),
        (at(25, 9), Refusal.CLOSED_DAY),
        (at(20, 8), Refusal.OUTSIDE_HOURS),
        (at(20, 17, 30), Refusal.OUTSIDE_HOURS),
        (at(20, 12, 30), Refusal.BREAK),
        (at(20, 9, 10), Refusal.OFF_GRID),
        (at(20, 17), Refusal.TOO_LATE_IN_DAY),
        (at(20, 9), Refusal.FULL),
        (at(20, 10), None),
    ],
)
def test_b3_b4_every_refusal_has_its_reason(start: datetime, refusal: Refusal | None) -> None:
    taken = {(bay, date(2026, 11, 20)): cells("09:30") for bay in LIFTS}
    assert schedule(taken).is_bookable(SHORT, start, NOW) is refusal
    assert schedule(taken).is_bookable(SHORT, start.astimezone(UTC), NOW.astimezone(UTC)) is refusal


def test_b3_three_hours_are_enough_to_the_second() -> None:
    exactly = at(19, 10)
    assert schedule().is_bookable(SHORT, at(19, 13), exactly) is None
    assert schedule().is_bookable(SHORT, at(19, 13), exactly + timedelta(seconds=1)) is Refusal.TOO_SOON
    assert schedule().offers(SHORT, date(2026, 11, 19), exactly)[0].start == at(19, 13)
    late = exactly + timedelta(microseconds=1)
    assert schedule().offers(SHORT, date(2026, 11, 19), late)[0].start == at(19, 13, 30)


def test_a_store_without_such_a_bay_refuses_kindly() -> None:
    wash = replace(SHORT, bay_kind="wash")
    assert schedule().is_bookable(wash, at(20, 9), NOW) is Refusal.NO_BAY
    assert schedule().offers(wash, date(2026, 11, 20), NOW) == ()
    assert schedule().days(wash, NOW, 2)[1].refusal is Refusal.NO_BAY
    assert schedule().nearest(wash, at(20, 9), NOW) == ()


def test_b11_a_time_is_busy_from_the_share_that_the_store_sets() -> None:
    friday = date(2026, 11, 20)
    one, two, three = ({(bay, friday): cells("09:00") for bay in LIFTS[:count]} for count in (1, 2, 3))

    def mark(taken: Taken) -> Busy | None:
        offers = schedule(taken).offers(replace(SHORT, minutes=30), friday, NOW)
        return next((offer.busy for offer in offers if offer.start == at(20, 9)), None)

    assert (mark({}), mark(one), mark(two), mark(three)) == (Busy.FREE, Busy.FREE, Busy.BUSY, None)


def test_b11_the_day_picker_says_how_busy_and_why_not() -> None:
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    taken = {(bay, friday): -1 & (1 << 48) - 1 for bay in LIFTS}
    taken |= {(bay, monday): cells("08:30", "09:30", "10:30", "11:30", "13:00", "14:00") for bay in LIFTS}
    shown = {each.day.day: each for each in schedule(taken).days(SHORT, at(19, 16), 8)}
    assert list(shown) == list(range(19, 27))
    assert (shown[19].busy, shown[19].refusal) == (None, Refusal.TOO_SOON)
    assert (shown[20].busy, shown[20].refusal, shown[20].starts) == (Busy.FULL, Refusal.FULL, 0)
    assert (shown[21].busy, shown[21].starts) == (Busy.FREE, 5)
    assert (shown[22].refusal, shown[22].label) == (Refusal.CLOSED_DAY, "门店休息")
    assert (shown[23].busy, shown[23].starts) == (Busy.BUSY, 5)
    assert (shown[25].refusal, shown[25].label) == (Refusal.CLOSED_DAY, "店庆")


def test_days_end_at_the_horizon() -> None:
    assert schedule().days(SHORT, NOW, 99)[-1].day == date(2026, 11, 29)


def test_b4_the_least_loaded_bay_comes_first_and_the_same_asks_get_the_same_answer() -> None:
    friday = date(2026, 11, 20)
    taken = {("L1", friday): cells("14:00", "14:30"), ("L2", friday): cells("14:00")}
    assert schedule(taken).candidate_bays(SHORT, at(20, 9)) == ("L3", "L2", "L1")
    assert schedule(taken).candidate_bays(SHORT, at(20, 14)) == ("L3",)
    assert schedule().candidate_bays(SHORT, at(20, 9)) == ("L1", "L2", "L3")
    assert schedule().candidate_bays(PAINT, at(20, 9)) == ("P1",)


def test_another_grid_is_kept_too() -> None:
    store = replace(STORE, booking=BookingFigures(grid_minutes=15))
    quarter = Schedule(store, StoreCalendar.of(store), {})
    offers = quarter.offers(SHORT, date(2026, 11, 20), NOW)
    assert [offer.start for offer in offers[:2]] == [at(20, 8, 30), at(20, 8, 45)]
    assert quarter.mask_for(at(20, 0, 0) + timedelta(hours=9), 30) == {date(2026, 11, 20): 0b11 << 36}


def test_a_store_that_never_opens_can_place_no_job() -> None:
    store = replace(STORE, hours=WeekHours())
    closed = Schedule(store, StoreCalendar.of(store), {})
    assert closed.nearest(SHORT, at(20, 9), NOW) == ()
    with pytest.raises(NeverOpen):
        closed.mask_for(at(20, 9), 30)
