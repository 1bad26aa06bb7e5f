"""Gates: which kind of message passes which of them, and what becomes of what they keep (B8, K5, F2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import update

from bot.opening import make_house
from dialogs.core import ChatBlocked, Home, Kind, Say
from domain.follow_ups import FollowUpFigures
from domain.quiet_hours import QuietHours
from service.briefing import Briefing
from service.gates import GATES, Circumstances, judge
from service.ledger import Ledger
from service.play import Play
from service.ports import TryLater
from storage import people
from storage.engine import Books
from storage.outbox import LetterState
from storage.people import PEOPLE
from tests.clock import MONDAY_TEN, FakeClock
from tests.service.front_door import GROUP, WANG, FrontDoor, demo_store, open_door, texts

NIGHT = MONDAY_TEN + timedelta(hours=13)  # 23:00 in the store
MORNING = MONDAY_TEN + timedelta(hours=22)  # 08:00 of the next day
NINE = MORNING + timedelta(hours=1)  # when care may be written again (F2)
EVENING = MONDAY_TEN + timedelta(hours=10)  # 20:00: too late for care, early enough for a reminder
MIDNIGHT = MONDAY_TEN + timedelta(hours=14)
DAY = Circumstances(MONDAY_TEN, QuietHours.of(demo_store()), next_day=MIDNIGHT)
SITUATIONS = {
    "nothing": DAY,
    "stale": replace(DAY, expires_at=MONDAY_TEN),
    "blocked": replace(DAY, reachable=False),
    "opted out": replace(DAY, opted_out=True),
    "night": replace(DAY, now=NIGHT),
    "night, worthless by morning": replace(DAY, now=NIGHT, expires_at=MORNING),
    "second care of the day": replace(DAY, care_today=1),
}
LEAVES, STALE, BLOCKED = ("pending", ""), ("dropped", "stale"), ("dropped", "chat_unreachable")
OPTED_OUT, QUIET, CAP = ("dropped", "opted_out"), ("held", "quiet_hours"), ("held", "daily_cap")
TABLE = {  # one column per kind
    "nothing": (LEAVES, LEAVES, LEAVES, LEAVES, LEAVES),
    "stale": (LEAVES, STALE, STALE, STALE, STALE),
    "blocked": (BLOCKED, BLOCKED, BLOCKED, BLOCKED, BLOCKED),
    "opted out": (LEAVES, LEAVES, LEAVES, OPTED_OUT, LEAVES),
    "night": (LEAVES, LEAVES, QUIET, QUIET, LEAVES),
    "night, worthless by morning": (LEAVES, LEAVES, STALE, STALE, LEAVES),
    "second care of the day": (LEAVES, LEAVES, LEAVES, CAP, LEAVES),
}
KINDS = (Kind.ANSWER, Kind.NOTICE, Kind.REMINDER, Kind.CARE, Kind.STAFF)
CASES = [(name, kind, want) for name, row in TABLE.items() for kind, want in zip(KINDS, row, strict=True)]


@pytest.mark.parametrize(("situation", "kind", "wanted"), CASES, ids=lambda each: str(each))
def test_every_kind_at_every_gate(situation: str, kind: Kind, wanted: tuple[str, str]) -> None:
    """The table: what leaves, what waits, what is let go, and the reason that is kept."""
    verdict = judge(kind, SITUATIONS[situation])
    assert (verdict.state.value, verdict.reason) == wanted
    assert (verdict.until is not None) == (verdict.state is LetterState.HELD)


def test_no_kind_is_left_out() -> None:
    """A new kind needs its gates and its column here."""
    assert set(GATES) == set(Kind) == set(KINDS)


@pytest.mark.parametrize("hours", range(24))
def test_what_is_held_for_the_night_leaves_when_it_is_over(hours: int) -> None:
    """At any hour: a reminder leaves at once or at a moment that is not quiet."""
    now = MONDAY_TEN + timedelta(hours=hours)
    verdict = judge(Kind.REMINDER, replace(DAY, now=now))
    if verdict.until is None:
        assert not DAY.quiet.is_quiet(now)
    else:
        assert verdict.until > now
        assert judge(Kind.REMINDER, replace(DAY, now=verdict.until)).state is LetterState.PENDING


# ---------------------------------------------------------------- in the house


async def write(door: FrontDoor, kind: Kind, *, expires_in: timedelta | None = None, count: int = 1) -> None:
    """Let the front desk write `count` letters of this kind to Mr Wang in one transaction."""
    now = door.clock.now()
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, now)
        ledger.know(await people.load(unit, now, user_ids=[WANG.user_id]))
        play = Play(door.house, ledger, Briefing(unit, door.house, now))
        desk = await play.begin("front_desk", Home(person=ledger.by_user[WANG.user_id].id))
        expires = now + expires_in if expires_in else None
        for _ in range(count):
            await play.drafting.say(Say("shared/silence_nudge", kind=kind, expires_at=expires), desk)
        letters = await ledger.flush()
    door.intake.couriers.take(letters)
    await door.quiet()


async def last(door: FrontDoor) -> tuple[str, str]:
    row = (await door.outbox())[-1]
    return row.state, row.reason


async def test_a_reminder_at_night_waits_for_the_morning(both: FrontDoor) -> None:
    """B8: nobody is woken; at eight it leaves by itself."""
    both.clock.set(NIGHT)
    await write(both, Kind.REMINDER)
    assert await last(both) == ("held", "quiet_hours")
    assert await both.pass_time(MORNING - NIGHT - timedelta(seconds=1)) == []
    assert len(await both.pass_time(timedelta(seconds=1))) == 1
    assert await last(both) == ("sent", "")


async def test_what_became_worthless_while_it_waited_is_let_go(both: FrontDoor) -> None:
    """Put off by the service for two hours, worthless after one: dropped with its reason, never sent late."""
    both.post.will_answer(WANG.user_id, TryLater("busy", timedelta(hours=2)))
    await write(both, Kind.REMINDER, expires_in=timedelta(hours=1))
    assert await both.pass_time(timedelta(hours=2)) == []
    assert await last(both) == ("dropped", "stale")


async def test_a_care_message_that_was_put_off_is_not_its_own_second(both: FrontDoor) -> None:
    """K5: a care message that is tried again does not count itself."""
    both.post.will_answer(WANG.user_id, TryLater("busy", timedelta(seconds=30)))
    await write(both, Kind.CARE)
    assert len(await both.pass_time(timedelta(seconds=30))) == 1
    assert await last(both) == ("sent", "")


async def test_one_care_message_a_day(both: FrontDoor) -> None:
    """K5: of three in one breath one leaves today, one tomorrow at nine, one the morning after."""
    await write(both, Kind.CARE, count=3)
    assert [row.state for row in await both.outbox()] == ["sent", "held", "held"]
    assert await last(both) == ("held", "daily_cap")
    for day in range(1, 3):
        both.clock.set(NINE + timedelta(days=day - 1, minutes=-1))
        assert await both.look() == []
        assert len(await both.pass_time(timedelta(minutes=1))) == 1, f"day {day}"
        assert await both.pass_time(timedelta(hours=3)) == []


@pytest.mark.parametrize(
    ("at", "reminder", "care"),
    [
        (EVENING - timedelta(seconds=1), "sent", "sent"),
        (EVENING, "sent", "held"),
        (NIGHT, "held", "held"),
        (MORNING, "sent", "held"),
        (NINE - timedelta(seconds=1), "sent", "held"),
        (NINE, "sent", "sent"),
    ],
    ids=["19:59:59", "20:00", "23:00", "8:00", "8:59:59", "9:00"],
)
async def test_care_keeps_to_the_hours_of_follow_ups(
    lite: FrontDoor, at: datetime, reminder: str, care: str
) -> None:
    """F2: 9:00 to 20:00 unless the store says otherwise; a reminder may come in the wider hours."""
    lite.clock.set(at)
    await lite.say(WANG, "你好")
    for kind, wanted in ((Kind.REMINDER, reminder), (Kind.CARE, care)):
        await write(lite, kind)
        assert (await last(lite))[0] == wanted, kind


async def test_care_of_the_evening_leaves_in_the_morning(both: FrontDoor) -> None:
    """F2: not a second before nine; and it counts for the day on which it leaves."""
    both.clock.set(EVENING)
    await write(both, Kind.CARE)
    assert await last(both) == ("held", "quiet_hours")
    assert await both.pass_time(NINE - EVENING - timedelta(seconds=1)) == []
    assert len(await both.pass_time(timedelta(seconds=1))) == 1
    assert await last(both) == ("sent", "")
    await write(both, Kind.CARE)
    assert await last(both) == ("held", "daily_cap")


async def test_care_that_is_worthless_by_morning_is_let_go(both: FrontDoor) -> None:
    """F2: at once, so that nobody waits for it."""
    both.clock.set(EVENING)
    await write(both, Kind.CARE, expires_in=timedelta(hours=13))
    assert await last(both) == ("dropped", "stale")


async def test_a_store_has_its_own_hours(books: Books, clock: FakeClock) -> None:
    """F2: the store file says when; here from half past ten to four."""
    store = replace(demo_store(), follow_ups=FollowUpFigures(from_time=time(10, 30), until_time=time(16)))
    hours = make_house(store, books, clock, 1, lambda point: None).inconvenient
    async with open_door(books, clock, inconvenient=hours) as door:
        await door.say(WANG, "你好")
        await write(door, Kind.CARE)
        assert await last(door) == ("held", "quiet_hours")
        assert await door.pass_time(timedelta(minutes=29)) == []
        assert len(await door.pass_time(timedelta(minutes=1))) == 1


async def test_who_unsubscribed_gets_no_care_but_every_notice(both: FrontDoor) -> None:
    """退订 is honoured for good (F2, K5); what the customer must know still comes."""
    async with both.house.books.unit() as unit:
        await unit.run(update(PEOPLE).where(PEOPLE.c.user_id == WANG.user_id).values(opted_out=True))
    await write(both, Kind.CARE)
    assert await last(both) == ("dropped", "opted_out")
    await write(both, Kind.NOTICE)
    assert await last(both) == ("sent", "")


async def test_who_blocked_us_overnight_gets_a_call_for_what_was_held(both: FrontDoor) -> None:
    """A reminder kept for the morning never leaves: it becomes a call to make at the front desk (B8)."""
    both.clock.set(NIGHT)
    await write(both, Kind.REMINDER)
    await both.bring(both.update(WANG, ChatBlocked(blocked=True)))
    await both.pass_time(MORNING - NIGHT)
    assert "消息没有送达" in texts(both.post.to(GROUP))
