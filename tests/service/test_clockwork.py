"""The clockwork: a timer fires once, when it is due by the wall clock, whatever the clock does and whoever looks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

import service.desk
from dialogs.catalogue import DIALOGS
from dialogs.core import Dialog, Entered, Event, Home, Said, Say, Turn, Unwake, Wake, Woke, ask
from dialogs.facts import Facts
from domain.appointments import AppointmentState
from domain.people import Queue
from service.briefing import Briefing
from service.clockwork import KEPT_IN_INBOX
from service.ledger import Ledger
from service.occasion import Occasion
from service.play import Play
from service.ports import Letter
from storage import timers
from storage.conversations import OVER
from storage.customers import CUSTOMERS
from storage.engine import Books, Unit
from storage.inbox import INBOX
from tests.clock import FakeClock
from tests.overheard import overhear
from tests.service.front_door import LONG, WANG, FrontDoor, open_door
from tests.service.stages import STAGES, TOMORROW_TEN, open_shop, reserve, stand_at


@dataclass(frozen=True, slots=True)
class Alarm:
    """The bells that an alarm sets: name and time."""

    bells: tuple[tuple[str, datetime], ...] = ()


def ring(alarm: Alarm, event: Event, facts: Facts) -> Turn:
    """Wait for what `alarm` names, and say in the front desk's topic that it came, and whether it came late."""
    match event:
        case Entered():
            return ask(alarm, *(Wake(name, at) for name, at in alarm.bells))
        case Woke(name):
            return ask(alarm, _said(name, late=event.late))
    return ask(alarm)


def _said(name: str, *, late: bool) -> Say:
    words = {"name": name, "phone": "", "text": "迟到" if late else "准时"}
    return Say("shared/undeliverable", words)


ALARM = Dialog("booking", Alarm, steps=(ring,), patient=True)  # under a name whose timers have words
BELL, LATER = "silence_nudge", "silence_close"


async def set_alarm(door: FrontDoor, *bells: tuple[str, timedelta]) -> int:
    """Begin an alarm in the front desk's topic; its number."""
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        set_for = Alarm(tuple((name, door.clock.now() + wait) for name, wait in bells))
        begun = await play.begin("booking", Home(queue=Queue.FRONT_DESK), set_for, occasion=Occasion())
        await ledger.flush()
        return begun.id


def heard(letters: Sequence[Letter]) -> list[str]:
    return ["迟到" if "迟到" in letter.text else "准时" for letter in letters]


@pytest.fixture
async def alarm(books: Books, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    """An open shop in which alarms can be set."""
    async with open_door(books, clock, dialogs=dict(DIALOGS) | {"booking": ALARM}) as door:
        await open_shop(door)
        yield door
        assert [row.error for row in await door.dead()] == []


async def test_a_timer_fires_once_when_it_is_due(alarm: FrontDoor) -> None:
    """Not a second before, then at once, then never again."""
    await set_alarm(alarm, (BELL, timedelta(minutes=10)))
    assert await alarm.pass_time(timedelta(minutes=10, seconds=-1)) == []
    assert heard(await alarm.pass_time(timedelta(seconds=1))) == ["准时"]
    assert await alarm.pass_time(timedelta(days=2)) == []
    assert await alarm.timers() == []


async def test_a_timer_set_in_the_past_fires_at_once(alarm: FrontDoor) -> None:
    """Two seconds ago is now; two hours ago is late."""
    await set_alarm(alarm, (BELL, timedelta(seconds=-2)))
    await set_alarm(alarm, (BELL, timedelta(hours=-2)))
    assert sorted(heard(await alarm.look())) == ["准时", "迟到"]


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(days=1)], ids=str)
async def test_the_wall_clock_jumps_ahead(alarm: FrontDoor, jump: timedelta) -> None:
    """Also when the machine slept: what came due meanwhile fires at the next look, marked late; the rest waits."""
    await set_alarm(alarm, (BELL, timedelta(minutes=10)))
    await set_alarm(alarm, (BELL, jump + timedelta(minutes=1)))
    alarm.clock.advance(jump)
    assert heard(await alarm.look()) == ["迟到"]
    assert heard(await alarm.pass_time(timedelta(minutes=1))) == ["准时"]


async def test_the_wall_clock_is_set_back(alarm: FrontDoor) -> None:
    """Two hours back: the timer fires when the wall clock says so, once."""
    await set_alarm(alarm, (BELL, timedelta(minutes=10)))
    assert await alarm.pass_time(timedelta(hours=-2)) == []
    assert heard(await alarm.pass_time(timedelta(hours=2, minutes=10))) == ["准时"]
    assert await alarm.pass_time(timedelta(hours=-2)) == []
    assert await alarm.pass_time(timedelta(hours=4)) == []


async def test_many_that_are_due_fire_in_portions_and_others_are_heard_between(
    alarm: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look is enough for all of them; who writes meanwhile is not the last to be answered."""
    monkeypatch.setattr(service.desk, "TIMERS_AT_ONCE", 3)
    for _ in range(20):
        await set_alarm(alarm, (BELL, timedelta(seconds=-2)))
    before = alarm.points.count("after_commit")
    async with asyncio.timeout(LONG):
        alarm.intake.timers_due()
        await alarm.intake.settled()
        await alarm.intake.put([alarm.update(WANG, Said("咨询"))])
    assert alarm.points.count("after_commit") <= before + 3
    await alarm.quiet()
    assert await alarm.timers() == []


async def test_what_a_reminder_needs_is_read_for_all_that_are_due_at_once(
    shop: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B8: the morning's reminders ask the books no more questions for five than for two."""
    zone, promise = shop.house.store.zone, STAGES["appointment", "keep"].state
    [wang] = await shop.rows(select(CUSTOMERS).where(CUSTOMERS.c.name == "王伟"))

    async def promised(number: str, start: datetime) -> None:
        async with shop.house.books.unit() as unit:
            await reserve(shop, unit, number, start, AppointmentState.BOOKED, wang.id)
            ledger = Ledger(unit, shop.clock.now())
            play = Play(shop.house, ledger, Briefing(unit, shop.house, ledger.now))
            kept = replace(promise, start=start, planned=False)
            await play.begin("appointment", Home(person=wang.person_id), kept, number, Occasion())
            await ledger.flush()

    async def cost(count: int, days: int) -> int:
        start = TOMORROW_TEN.astimezone(zone) + timedelta(days=days)
        for nth in range(count):
            await promised(f"YY261124-{days}{nth:02}", start + timedelta(minutes=30 * nth))
        shop.clock.set(start - timedelta(hours=25))
        await shop.look()  # whatever the days before have left
        shop.clock.set(start - timedelta(hours=24) + timedelta(minutes=30 * count))
        asked = overhear(monkeypatch)
        letters = await shop.look()
        assert len(letters) == count
        return sum(statement.startswith(("SELECT", "WITH")) for statement in asked)

    await cost(1, 1)
    assert await cost(2, 4) == await cost(5, 7)


async def test_what_another_timer_took_back_does_not_fire_with_it(books: Books, clock: FakeClock) -> None:
    """Both came due while we slept; the first of them takes the second back: it does not fire."""
    names = {"first": "silence_nudge", "second": "silence_close"}

    def ring_first(state: Alarm, event: Event, facts: Facts) -> Turn:
        if event == Woke(names["first"], late=True):
            return ask(state, Unwake(names["second"]), _said("first", late=True))
        return ring(state, event, facts)

    both = Dialog("booking", Alarm, steps=(ring_first,), patient=True)
    async with open_door(books, clock, dialogs=dict(DIALOGS) | {"booking": both}) as door:
        await open_shop(door)
        await set_alarm(door, (names["first"], timedelta(minutes=1)), (names["second"], timedelta(minutes=2)))
        clock.advance(timedelta(hours=1))
        assert len(await door.look()) == 1
        assert await door.timers() == []


async def test_an_ended_conversation_keeps_no_timer(both: FrontDoor) -> None:
    """Over is over: its timers go with it, in the same transaction."""
    begun = await stand_at(both, "booking", "choose_day")
    assert {row.name for row in await both.timers()} == {"silence_nudge", "silence_close"}
    await both.say(WANG, "取消")
    assert await both.timers() == []
    assert (await both.conversations("booking"))[0].status == OVER
    assert begun.id


async def test_two_processes_never_fire_the_same_timer_twice(postgres_url: str, clock: FakeClock) -> None:
    """Sixty timers, two processes that look at the same moment, again and again: sixty letters."""
    first, second = (Books(postgres_url, pool_size=10) for _ in range(2))
    dialogs = dict(DIALOGS) | {"booking": ALARM}
    async with (
        open_door(first, clock, dialogs=dialogs) as left,
        open_door(second, clock, dialogs=dialogs) as right,
    ):
        await open_shop(left)
        for _ in range(60):
            await set_alarm(left, (BELL, timedelta(minutes=1)), (LATER, timedelta(minutes=2)))
        for _ in range(4):
            clock.advance(timedelta(minutes=1))
            async with asyncio.timeout(LONG):
                await asyncio.gather(left.look(), right.look(), left.look(), right.look())
        assert len(left.post.letters) + len(right.post.letters) == 120
        assert await left.timers() == []
        assert await left.dead() == []
    await first.close()
    await second.close()


async def test_the_ticks_of_the_clockwork_find_what_is_due(shop: FrontDoor) -> None:
    """Started, it looks by itself: a due timer fires without anybody calling; set-back clocks are guarded against."""
    await stand_at(shop, "booking", "tell_name")
    shop.clock.advance(shop.house.store.dialogs.nudge_after)
    shop.post.arrived.clear()
    shop.clockwork.start()
    try:
        async with asyncio.timeout(LONG):
            await shop.post.arrived.wait()
        job = shop.clockwork._scheduler.get_job("tick")
        job.modify(
            next_run_time=job.next_run_time + timedelta(hours=2)
        )  # as after the wall clock was set back
        shop.clockwork._ticked_at -= 10
        shop.clockwork._guard()
        assert shop.clockwork._scheduler.get_job("tick").next_run_time < job.next_run_time + timedelta(
            hours=1
        )
    finally:
        await shop.clockwork.stop()
    await shop.quiet()


async def test_the_clockwork_outlives_a_database_in_trouble(
    shop: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look fails; the next one does what was due."""

    async def gone(unit: Unit) -> None:
        raise OperationalError("select", {}, ConnectionError("gone"))

    await stand_at(shop, "booking", "tell_name")
    shop.clock.advance(shop.house.store.dialogs.nudge_after)
    with monkeypatch.context() as trouble:
        trouble.setattr(timers, "next_due", gone)
        assert await shop.look() == []
    assert len(await shop.look()) == 2


async def test_the_inbox_is_swept(shop: FrontDoor) -> None:
    """What is older than the service keeps updates is forgotten, nothing younger."""
    await shop.say(WANG, "咨询")
    await shop.look()
    shop.clock.advance(KEPT_IN_INBOX)
    await shop.say(WANG, "咨询")
    await shop.pass_time(timedelta(hours=2))
    assert len(await shop.rows(select(INBOX))) == 1


GROWING = ("audit", "complaints", "conversations", "dead_letters", "inbox", "outbox", "people", "timers")


async def test_a_look_goes_through_no_table_that_grows(
    lite: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every few seconds, day and night: what it asks it finds by an index, however many rows there are by then."""
    await open_shop(lite)
    await lite.look()
    asked = overhear(monkeypatch)
    await lite.look()
    assert asked
    async with lite.house.books.glance() as unit:
        for statement in set(asked):
            plan = text(f"EXPLAIN QUERY PLAN {re.sub(r'[?]', 'NULL', statement)}")
            steps = [row.detail for row in await unit.rows(plan)]
            assert not [step for step in steps if step.startswith("SCAN") and step.split()[1] in GROWING], (
                statement
            )
