"""F1, F2: customers are asked within their time, when it is convenient, spread over the day, nudged twice at most."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.follow_up_plan import (
    due,
    expires_at,
    first_convenient,
    following,
    gives_up_at,
    later,
    next_nudge,
    offers,
    planned,
    tomorrow,
    wished,
)
from domain.follow_ups import CallMade, CallOutcome, FollowUp, FollowUpFigures, FollowUpState
from domain.questionnaires import Answer, FollowUpEvent, Questionnaire, Start

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIGURES = FollowUpFigures()
ZONES = tuple(
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",  # half an hour off
        "Australia/Lord_Howe",  # half an hour of summer time
        "America/Havana",  # summer time begins at midnight
        "Pacific/Chatham",  # three quarters of an hour off
        "Pacific/Kiritimati",  # a day ahead
    )
)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

zones = st.sampled_from(ZONES)
moments = st.integers(0, 366 * 24 * 3600).map(
    lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
lengths = st.integers(0, 24 * 14 * 60).map(lambda minutes: timedelta(minutes=minutes))
keys = st.text(max_size=12)
# Away from the small hours, in which clocks change: there a wall clock says two things.
walls = st.integers(4 * 60, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))


@st.composite
def figures_of(draw: st.DrawFn) -> FollowUpFigures:
    opens, closes = sorted(draw(st.lists(walls, min_size=2, max_size=2, unique=True)))
    return FollowUpFigures(
        from_time=opens,
        until_time=draw(st.sampled_from((closes, time()))),
        nudge_after=draw(st.integers(1, 72)),
        nudge_gap=draw(st.integers(1, 72)),
        nudges=draw(st.integers(0, 4)),
        expires_days=draw(st.integers(1, 14)),
        later=draw(st.integers(1, 48)),
    )


@st.composite
def starts_of(draw: st.DrawFn) -> Start:
    earliest = draw(lengths)
    return Start(earliest, earliest + draw(lengths), FollowUpEvent.LEFT)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026, store time; the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def is_convenient(moment: datetime, figures: FollowUpFigures, zone: ZoneInfo) -> bool:
    """By the wall clock of the store."""
    wall = moment.astimezone(zone).time()
    return figures.from_time <= wall and (wall < figures.until_time or figures.until_time == time())


def sheet(name: str, start: Start) -> Questionnaire:
    return Questionnaire(name, name, "v1", start, "您好！", "谢谢！", ())


def numbered(place: int) -> str:
    return f"HF261120-001.{place}"


def follow_up(**given_: object) -> FollowUp:
    made = FollowUp(
        number="HF261120-001.1",
        questionnaire="satisfaction",
        event=FollowUpEvent.LEFT,
        customer_id=7,
        occurred_at=at(20, 17),
        due_at=at(23, 10),
        latest_at=at(27, 17),
        subject="WX261118-001",
        person_id=3,
        address="王女士",
        phone="13800138000",
        plate="琼A12345",
        work="保养",
        advisor=5,
        advisor_name="李",
    )
    return replace(made, **given_)  # type: ignore[arg-type]


# ---------------------------------------------------------------- convenient times


@pytest.mark.parametrize(
    ("moment", "convenient"),
    [
        (at(20, 8, 59), at(20, 9)),
        (at(20, 9), at(20, 9)),
        (at(20, 19, 59), at(20, 19, 59)),
        (at(20, 20), at(21, 9)),
        (at(20, 0), at(20, 9)),
        (at(20, 23, 59), at(21, 9)),
    ],
)
def test_f2_the_first_convenient_moment(moment: datetime, convenient: datetime) -> None:
    assert first_convenient(moment, FIGURES, SHANGHAI) == convenient
    found = first_convenient(moment.astimezone(UTC), FIGURES, SHANGHAI)
    assert (found, found.utcoffset()) == (convenient, timedelta(hours=8))


def test_f2_midnight_ends_the_day() -> None:
    figures = FollowUpFigures(from_time=time(9), until_time=time())
    assert first_convenient(at(20, 23, 59), figures, SHANGHAI) == at(20, 23, 59)
    assert first_convenient(at(21, 0), figures, SHANGHAI) == at(21, 9)


@pytest.mark.parametrize("until", [time(9), time(8)])
def test_f2_no_convenient_time_at_all_is_a_mistake_that_says_its_cure(until: time) -> None:
    with pytest.raises(ValueError, match=r"set follow_ups\.from_time before follow_ups\.until_time"):
        first_convenient(at(20, 9), FollowUpFigures(from_time=time(9), until_time=until), SHANGHAI)


def test_f2_a_convenient_time_that_the_clocks_skip_is_an_hour_later_on_that_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    figures = FollowUpFigures(from_time=time(2, 15), until_time=time(2, 45))
    found = first_convenient(datetime(2026, 3, 29, tzinfo=berlin), figures, berlin)
    assert found == datetime(2026, 3, 29, 3, 15, tzinfo=berlin)
    gone = FollowUpFigures(from_time=time(2, 15), until_time=time(3, 10))  # 2:15 is 3:15 on that day
    assert first_convenient(datetime(2026, 3, 29, tzinfo=berlin), gone, berlin).day == 30


@given(moment=moments, figures=figures_of(), zone=zones)
def test_f2_the_first_convenient_moment_is_the_first(
    moment: datetime, figures: FollowUpFigures, zone: ZoneInfo
) -> None:
    found = first_convenient(moment, figures, zone)
    assert is_convenient(found, figures, zone)
    assert (found.astimezone(UTC) == moment) == is_convenient(moment, figures, zone)
    assert timedelta() <= found.astimezone(UTC) - moment <= timedelta(hours=25)
    if found.astimezone(UTC) > moment:
        assert found.time() == figures.from_time


# ---------------------------------------------------------------- when it is due


@given(start=starts_of(), moment=moments, key=keys, figures=figures_of(), zone=zones)
def test_f1_due_within_its_time_and_convenient(
    start: Start, moment: datetime, key: str, figures: FollowUpFigures, zone: ZoneInfo
) -> None:
    due_at, latest_at = due(start, moment, key, figures, zone)
    assert latest_at.astimezone(UTC) == moment + start.latest
    assert is_convenient(due_at, figures, zone)
    assert due_at.astimezone(UTC) >= moment + start.earliest
    assert due(start, moment.astimezone(zone), key, figures, zone) == (due_at, latest_at)
    opening = first_convenient(moment + start.earliest, figures, zone).astimezone(UTC)
    if opening < moment + start.latest:
        assert due_at.astimezone(UTC) < moment + start.latest
    else:
        assert opening <= due_at.astimezone(UTC) <= opening + (start.latest - start.earliest)


def test_f1_a_time_without_any_convenient_moment_moves_to_the_next_opening() -> None:
    start = Start(HOUR, 3 * HOUR, FollowUpEvent.LEFT)
    found = [due(start, at(20, 20), f"HF{place}", FIGURES, SHANGHAI) for place in range(80)]
    assert {latest for _, latest in found} == {at(20, 23)}
    assert all(at(21, 9) <= due_at < at(21, 11) for due_at, _ in found)
    assert len({due_at for due_at, _ in found}) > 40
    at_once = Start(HOUR, HOUR, FollowUpEvent.LEFT)
    assert due(at_once, at(20, 20), "HF", FIGURES, SHANGHAI)[0] == at(21, 9)
    assert due(at_once, at(20, 9, 30), "HF", FIGURES, SHANGHAI)[0] == at(20, 10, 30)


@pytest.mark.parametrize(
    ("earliest", "latest", "hours"), [(20, 48, 15), (24, 35, 5), (16, 24, 6), (18, 29, 11)]
)
def test_f2_eighty_cars_that_leave_at_once_are_spread_over_the_convenient_hours(
    earliest: int, latest: int, hours: int
) -> None:
    """They left at three in the afternoon; no hour holds more than twice its share, and none is left out."""
    start = Start(earliest * HOUR, latest * HOUR, FollowUpEvent.LEFT)
    numbers = [f"HF261120-{car:03d}.1" for car in range(80)]
    found = [due(start, at(20, 15), number, FIGURES, SHANGHAI)[0] for number in numbers]
    by_hour = Counter((each.day, each.hour) for each in found)
    assert len(by_hour) == hours
    assert max(by_hour.values()) <= ceil(2 * 80 / hours)
    assert len(set(found)) > 40


def test_f2_a_whole_year_of_cars_fills_every_part_of_the_day_alike() -> None:
    """By the counts of 8000 contacts, to within a fifth."""
    start = Start(72 * HOUR, 168 * HOUR, FollowUpEvent.LEFT)
    found = Counter(
        due(start, at(20, 20, 30), f"HF2611-{car:05d}.2", FIGURES, SHANGHAI)[0].hour for car in range(8000)
    )
    assert set(found) == set(range(9, 20))
    assert all(0.8 < count / (8000 / 11) < 1.2 for count in found.values())


def test_f2_the_same_contact_is_always_due_at_the_same_moment() -> None:
    """Kept as figures, so that a restart or another machine cannot move it."""
    start = Start(20 * HOUR, 48 * HOUR, FollowUpEvent.LEFT)
    assert due(start, at(20, 17), "HF261120-001.1", FIGURES, SHANGHAI)[0] == at(22, 9, 45)


# ---------------------------------------------------------------- what an event plans


SHEETS = (
    sheet("satisfaction", Start(72 * HOUR, 168 * HOUR, FollowUpEvent.LEFT)),
    sheet("check_48h", Start(20 * HOUR, 48 * HOUR, FollowUpEvent.LEFT)),
    sheet("owner_class", Start(20 * HOUR, 48 * HOUR, FollowUpEvent.OWNER_CLASS)),
    sheet("second_contact", Start(168 * HOUR, 336 * HOUR, after="satisfaction")),
)


def test_f1_a_repaired_car_plans_the_sheets_of_its_event() -> None:
    draft = follow_up(questionnaire="", number="")
    first, second = planned(SHEETS, FollowUpEvent.LEFT, draft, FIGURES, SHANGHAI, numbered)
    assert (first.questionnaire, first.number) == ("check_48h", "HF261120-001.1")
    assert (second.questionnaire, second.number) == ("satisfaction", "HF261120-001.2")
    for each, start in ((first, SHEETS[1].start), (second, SHEETS[0].start)):
        assert (each.due_at, each.latest_at) == due(start, at(20, 17), each.number, FIGURES, SHANGHAI)
        assert each.state is FollowUpState.PLANNED
        assert (each.subject, each.plate, each.person_id) == (draft.subject, draft.plate, draft.person_id)
    assert planned(SHEETS[::-1], FollowUpEvent.LEFT, draft, FIGURES, SHANGHAI, numbered) == (first, second)
    assert planned(SHEETS, FollowUpEvent.CONSULTED, draft, FIGURES, SHANGHAI, numbered) == ()


@given(moment=moments, spans=st.lists(starts_of(), max_size=5), figures=figures_of(), zone=zones)
def test_f1_what_is_planned_is_in_order_and_numbered_once(
    moment: datetime, spans: list[Start], figures: FollowUpFigures, zone: ZoneInfo
) -> None:
    sheets = [sheet(f"s{place}", start) for place, start in enumerate(spans)]
    made = planned(sheets, FollowUpEvent.LEFT, follow_up(occurred_at=moment), figures, zone, numbered)
    assert [each.due_at for each in made] == sorted(each.due_at for each in made)
    assert {each.number for each in made} == {numbered(place + 1) for place in range(len(spans))}
    assert {each.questionnaire for each in made} == {each.id for each in sheets}


def test_f6_the_second_contact_is_counted_from_the_end_of_the_first() -> None:
    ended = follow_up(
        state=FollowUpState.ANSWERED,
        version="v7",
        reason="x",
        nudges=2,
        invited_at=at(23, 10),
        ended_at=at(24, 12),
        call_at=at(24, 10),
        by_phone=True,
        complaint="TS261124-001",
        caller=9,
        taken_at=at(24, 11),
        answers=(Answer("overall", ("2",)),),
        calls=(CallMade(at(24, 11), 9, "赵", CallOutcome.REACHED),),
    )
    (second,) = following(SHEETS, ended, at(24, 12), FIGURES, SHANGHAI, numbered)
    number = "HF261120-001.1"
    due_at, latest_at = due(SHEETS[3].start, at(24, 12), number, FIGURES, SHANGHAI)
    assert second == follow_up(
        number=number, questionnaire="second_contact", after=ended.number, due_at=due_at, latest_at=latest_at
    )
    assert at(24, 12) + 7 * DAY <= second.due_at <= at(24, 12) + 14 * DAY
    assert following(SHEETS, second, at(30, 12), FIGURES, SHANGHAI, numbered) == ()


# ---------------------------------------------------------------- nudges and the end


@given(invited=moments, figures=figures_of(), zone=zones, waits=st.lists(st.integers(0, 3000), max_size=8))
def test_f2_never_more_nudges_than_wanted_nor_sooner_than_the_gap(
    invited: datetime, figures: FollowUpFigures, zone: ZoneInfo, waits: list[int]
) -> None:
    """A customer never answers; the messages leave at their time, or `waits` minutes later."""
    asked = first_convenient(invited, figures, zone)
    contact = follow_up(invited_at=asked)
    sent = [asked]
    for wait in [*waits, *range(6)]:
        nudge = next_nudge(contact, sent[-1], figures, zone)
        if nudge is None:
            break
        assert is_convenient(nudge, figures, zone)
        assert nudge.astimezone(UTC) - sent[-1].astimezone(UTC) >= timedelta(
            hours=max(figures.nudge_gap, figures.nudge_after)
        )
        assert nudge < expires_at(asked, figures)
        sent.append(first_convenient(nudge.astimezone(UTC) + timedelta(minutes=wait), figures, zone))
        contact = replace(contact, nudges=contact.nudges + 1)
    assert contact.nudges <= figures.nudges
    assert next_nudge(contact, sent[-1], figures, zone) is None


def test_f2_two_nudges_a_day_apart() -> None:
    asked = at(23, 10)
    contact = follow_up(invited_at=asked)
    assert next_nudge(contact, asked, FIGURES, SHANGHAI) == at(24, 10)
    assert next_nudge(replace(contact, nudges=1), at(24, 10), FIGURES, SHANGHAI) == at(25, 10)
    assert next_nudge(replace(contact, nudges=2), at(25, 10), FIGURES, SHANGHAI) is None
    assert next_nudge(replace(contact, nudges=1), at(28, 10), FIGURES, SHANGHAI) is None
    assert expires_at(asked, FIGURES) == at(29, 10)
    assert gives_up_at(contact, FIGURES) == contact.latest_at + 6 * DAY


def test_f2_nudges_that_would_come_at_night_do_not_all_come_at_the_opening() -> None:
    figures = FollowUpFigures(nudge_after=36)
    found = {
        next_nudge(follow_up(number=f"HF{car}", invited_at=at(23, 10)), at(23, 10), figures, SHANGHAI)
        for car in range(40)
    }
    assert None not in found
    assert len(found) > 25
    assert all(each is not None and at(25, 9) <= each < at(25, 20) for each in found)


@given(moment=moments, key=keys, figures=figures_of(), zone=zones)
def test_f2_who_is_hindered_is_tried_again_on_the_next_day(
    moment: datetime, key: str, figures: FollowUpFigures, zone: ZoneInfo
) -> None:
    again = tomorrow(moment, key, figures, zone)
    assert is_convenient(again, figures, zone)
    assert again.date() == moment.astimezone(zone).date() + DAY


def test_f2_those_tried_again_are_spread_over_the_day() -> None:
    by_hour = Counter(tomorrow(at(20, 9), f"HF{car}", FIGURES, SHANGHAI).hour for car in range(220))
    assert set(by_hour) == set(range(9, 20))
    assert max(by_hour.values()) <= 2 * 20


# ---------------------------------------------------------------- times the customer chooses


@given(now=moments, figures=figures_of(), zone=zones)
def test_f2_offered_times_are_convenient_distinct_and_to_come(
    now: datetime, figures: FollowUpFigures, zone: ZoneInfo
) -> None:
    found = offers(now, figures, zone)
    assert 1 <= len(found) <= 4
    assert list(found) == sorted(set(found))
    for each in found:
        assert is_convenient(each, figures, zone)
        assert each.astimezone(UTC) >= now + HOUR
        assert each.astimezone(UTC) <= now + 8 * DAY
    asked_again = later(now, figures, zone)
    assert is_convenient(asked_again, figures, zone)
    assert asked_again.astimezone(UTC) >= now + figures.later * HOUR


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (at(18, 12), [(18, 19), (19, 10), (19, 15), (21, 10)]),  # Wednesday: Saturday follows
        (at(18, 18, 30), [(19, 10), (19, 15), (21, 10)]),  # the evening is nearly there
        (at(20, 12), [(20, 19), (21, 10), (21, 15), (22, 10)]),  # Friday: Saturday is tomorrow
        (at(21, 12), [(21, 19), (22, 10), (22, 15), (23, 10)]),  # Saturday
        (at(18, 0, 30), [(18, 19), (19, 10), (19, 15), (21, 10)]),
    ],
)
def test_f2_times_to_choose_from(now: datetime, days: list[tuple[int, int]]) -> None:
    assert offers(now, FIGURES, SHANGHAI) == tuple(at(day, hour) for day, hour in days)


def test_f2_where_no_usual_time_is_convenient_the_next_opening_is_offered() -> None:
    early = FollowUpFigures(from_time=time(7), until_time=time(9))
    assert offers(at(20, 12), early, SHANGHAI) == (at(21, 7),)
    assert offers(at(20, 6, 30), early, SHANGHAI) == (at(20, 7, 30),)


def test_f2_later_is_three_hours_later_or_the_next_morning() -> None:
    assert later(at(20, 10), FIGURES, SHANGHAI) == at(20, 13)
    assert later(at(20, 17), FIGURES, SHANGHAI) == at(21, 9)


@given(now=moments, wish=moments, figures=figures_of(), zone=zones)
def test_f2_a_wished_time_is_kept_as_nearly_as_it_can_be(
    now: datetime, wish: datetime, figures: FollowUpFigures, zone: ZoneInfo
) -> None:
    found = wished(wish.astimezone(zone), now.astimezone(zone), figures, zone)
    assert is_convenient(found, figures, zone)
    assert now <= found.astimezone(UTC) <= now + 29 * DAY + HOUR
    if now <= wish <= now + 28 * DAY:
        assert found == first_convenient(wish, figures, zone)


@pytest.mark.parametrize("year", [1, 9999])
def test_f2_a_wish_at_the_end_of_the_calendar(year: int) -> None:
    wish = datetime(
        year, 12 if year > 1 else 1, 31 if year > 1 else 1, 23 if year > 1 else 0, tzinfo=SHANGHAI
    )
    found = wished(wish, at(20, 12), FIGURES, SHANGHAI)
    assert found == (at(20, 12) if year == 1 else at(20, 12) + 28 * DAY)


@given(zone=zones, hour=st.integers(0, 23), day=st.integers(0, 364), key=keys)
def test_f2_walls_stay_walls_when_the_clocks_change(zone: ZoneInfo, hour: int, day: int, key: str) -> None:
    """Opening is at nine by the wall on every day of the year, also on the 23 and 25 hour days."""
    moment = (datetime(2026, 1, 1, hour, tzinfo=zone) + day * DAY).astimezone(UTC)
    assume(not is_convenient(moment, FIGURES, zone))
    assert first_convenient(moment, FIGURES, zone).time() == time(9)
    assert first_convenient(moment, FIGURES, zone).second == 0
    spread_at = tomorrow(moment, key, FIGURES, zone)
    assert (spread_at.second, spread_at.microsecond) == (0, 0)
