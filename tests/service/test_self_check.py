"""The self-check in a real house: green when all is well, the exact red line when not, night after night."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from dialogs.core import Said
from domain.complaint_check import A_DAY, Fault
from domain.people import Queue, Role
from service import self_check
from service.self_check import NightWatch, Result, examine, lines, open_watch
from storage import people, places
from storage.complaint_queries import DESK
from storage.complaints import COMPLAINT_ENTRIES, COMPLAINT_LEGS, COMPLAINTS
from storage.conversations import CONVERSATIONS, OPEN, OVER
from storage.outbox import OUTBOX, TOLD_PRIVATELY, LetterState
from storage.people import STAFF_ROLES
from storage.timers import TIMERS
from tests.clock import MONDAY_TEN
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, STAFF

SAID = "我要投诉！上周你们换的刹车片还是响，修了两次都没修好"
AN_HOUR = timedelta(hours=1)
INTAKE, HANDLING = "intake.front_desk.1", "handling.front_desk.1"
HALF_PAST_ELEVEN = MONDAY_TEN + timedelta(hours=13, minutes=30)


@pytest.fixture
async def manned(door: FrontDoor) -> FrontDoor:
    """A house with a staff group and a general manager, the workshop's head and an advisor; no complaint yet."""
    now = door.clock.now()
    async with door.house.books.unit() as unit:
        rows = [
            {"user_id": who.user_id, "first_name": who.first_name, "username": "", "first_seen": now}
            for who, _ in STAFF
        ]
        await people.meet(unit, rows)
        known = await people.load(unit, now, user_ids=[who.user_id for who, _ in STAFF])
        for person in known:
            role = next(role for who, role in STAFF if who.user_id == person.user_id)
            await people.give_role(unit, person.id, role, now)
        await places.bind(unit, GROUP, True)
        for thread, queue in enumerate(Queue, start=11):
            await places.set_topic(unit, queue, GROUP, thread)
    return door


async def complain(door: FrontDoor) -> str:
    """Mr Wang complains; the number."""
    await door.say(WANG, SAID)
    rows = await door.rows(COMPLAINTS.select().order_by(COMPLAINTS.c.opened_at))
    return str(rows[-1].number)


async def change(door: FrontDoor, *statements: Any) -> None:
    async with door.house.books.unit() as unit:
        for statement in statements:
            await unit.run(statement)


async def faults(door: FrontDoor, within: timedelta | None = None) -> list[tuple[Fault, str, str]]:
    """What the check finds: fault, leg, timer."""
    return [(each.fault, each.leg, each.name) for each in (await examine(door.house, within)).findings]


async def test_all_is_well_through_the_whole_life_of_a_case(manned: FrontDoor) -> None:
    """C4–C6: at every moment of a real case, accepted, paused, warned, breached and raised, nothing is found."""
    assert lines(await examine(manned.house), manned.house) == ["🟢 自检：没有处理中的投诉，一切正常"]
    number = await complain(manned)
    assert await faults(manned) == []
    await manned.press(BOSS, "accept", chat=GROUP)
    assert await faults(manned) == []
    await manned.pass_time(9 * AN_HOUR)
    await manned.press(BOSS, "pause", chat=GROUP)
    await manned.press(BOSS, "because", chat=GROUP)
    assert await faults(manned) == []
    await manned.pass_time(20 * AN_HOUR)
    assert await faults(manned) == []
    await manned.press(BOSS, "go_on", chat=GROUP)
    for _ in range(4):
        assert await faults(manned) == []
        await manned.pass_time(2 * AN_HOUR)
    rung = await manned.rows(COMPLAINT_ENTRIES.select().where(COMPLAINT_ENTRIES.c.happening == "raised"))
    assert [row.number for row in rung] == [number]
    assert lines(await examine(manned.house), manned.house) == ["🟢 自检：1 单投诉处理中，计时和负责人都正常"]


# ---------------------------------------------------------------- what is broken is found


def of_card(name: str) -> Any:
    return TIMERS.c.name == name


TIMER_BROKEN = {
    "missing": (delete(TIMERS).where(of_card("warned")), Fault.TIMER_MISSING, "warned"),
    "moved": (
        update(TIMERS).where(of_card("breached")).values(due_at=MONDAY_TEN + 3 * AN_HOUR),
        Fault.TIMER_MOVED,
        "breached",
    ),
    "left": (
        update(TIMERS).where(of_card("raised")).values(name="pause_reminder"),
        Fault.TIMER_LEFT,
        "pause_reminder",
    ),
}


@pytest.mark.parametrize("broken", TIMER_BROKEN)
async def test_a_timer_that_is_not_as_the_history_demands(manned: FrontDoor, broken: str) -> None:
    statement, fault, name = TIMER_BROKEN[broken]
    await complain(manned)
    await change(manned, statement)
    assert (fault, INTAKE, name) in await faults(manned)


async def test_a_timer_that_failed_and_is_tried_again_is_no_fault_until_it_is_late(manned: FrontDoor) -> None:
    await complain(manned)
    later = MONDAY_TEN + timedelta(hours=1, minutes=31)
    await change(manned, update(TIMERS).where(of_card("warned")).values(due_at=later, attempts=1))
    assert await faults(manned) == []
    manned.clock.advance(timedelta(hours=1, minutes=36))
    assert await faults(manned) == [(Fault.NOT_RUNG, INTAKE, "warned")]


async def test_an_alarm_that_did_not_ring(manned: FrontDoor) -> None:
    """C6: five minutes after its moment, not before."""
    number = await complain(manned)
    manned.clock.advance(timedelta(hours=1, minutes=35))
    assert await faults(manned) == []
    manned.clock.advance(timedelta(seconds=1))
    result = await examine(manned.house)
    assert lines(result, manned.house) == [
        "🔴 自检：1 单投诉处理中，有 1 处要处理",
        f"{number}「前台主管接单」：「提醒负责人」应在 11月23日 周一 11:30 发出，没有发出。"
        "请确认机器人正在运行，并当面告知负责人。",
    ]


async def test_a_card_that_is_gone_and_timers_that_stayed(manned: FrontDoor) -> None:
    await complain(manned)
    await change(manned, update(CONVERSATIONS).where(CONVERSATIONS.c.dialog == DESK).values(status=OVER))
    assert await faults(manned) == [
        (Fault.NO_CARD, INTAKE, ""),
        *((Fault.TIMER_LEFT, INTAKE, name) for name in ("warned", "breached", "raised")),
    ]


async def test_a_timer_of_a_case_that_is_not_in_the_books(manned: FrontDoor) -> None:
    await complain(manned)
    await change(manned, update(CONVERSATIONS).where(CONVERSATIONS.c.dialog == DESK).values(subject="TS1"))
    result = await examine(manned.house)
    assert {(each.number, each.name) for each in result.findings if each.fault is Fault.TIMER_STRAY} == {
        ("TS1", name) for name in ("warned", "breached", "raised")
    }


async def test_a_state_and_lists_that_are_not_as_the_history_says(manned: FrontDoor) -> None:
    await complain(manned)
    await change(manned, update(COMPLAINTS).values(state="closed"))
    assert await faults(manned) == [(Fault.STATE, "", "")]
    await change(manned, update(COMPLAINTS).values(state="open"), update(COMPLAINT_LEGS).values(owner_id=1))
    assert await faults(manned) == [(Fault.LIST_WRONG, INTAKE, "")]
    await change(manned, delete(COMPLAINT_LEGS))
    assert await faults(manned) == [(Fault.LIST_WRONG, INTAKE, "")]


async def test_nobody_is_there(manned: FrontDoor) -> None:
    """R3, R4: unaccepted, nobody could accept it; accepted, its owner has left."""
    await complain(manned)
    await change(manned, delete(STAFF_ROLES).where(STAFF_ROLES.c.role == Role.GENERAL_MANAGER.value))
    assert await faults(manned) == [(Fault.DESK_EMPTY, INTAKE, "")]
    boss = (await manned.person(BOSS)).id
    async with manned.house.books.unit() as unit:
        await people.give_role(unit, boss, Role.FRONT_DESK_SUPERVISOR, manned.clock.now())
    await manned.press(BOSS, "accept", chat=GROUP)
    assert await faults(manned) == []
    await change(manned, delete(STAFF_ROLES).where(STAFF_ROLES.c.person_id == boss))
    assert await faults(manned) == [(Fault.OWNER_UNFIT, HANDLING, "")]


@pytest.mark.parametrize("state", [LetterState.FAILED, LetterState.UNKNOWN, LetterState.DROPPED])
async def test_an_alarm_that_nobody_was_told_of(manned: FrontDoor, state: LetterState) -> None:
    """Plan equals sent. The nightly check looks back a day, the one on demand for ever."""
    await complain(manned)
    await manned.pass_time(timedelta(hours=1, minutes=30))
    assert await faults(manned) == []
    await change(
        manned, update(OUTBOX).where(OUTBOX.c.script == "complaint_desk/alarm").values(state=state.value)
    )
    assert await faults(manned, A_DAY) == [(Fault.NOT_TOLD, INTAKE, "warned")]
    await manned.pass_time(A_DAY + AN_HOUR)
    assert (Fault.NOT_TOLD, INTAKE, "warned") in await faults(manned)
    assert await faults(manned, A_DAY) == []


async def test_an_alarm_that_was_told_in_private_chats_for_want_of_a_group(manned: FrontDoor) -> None:
    """The letter to the topic is let go, those on duty have it."""
    async with manned.house.books.unit() as unit:
        await places.forget(unit, GROUP)
    await complain(manned)
    await manned.pass_time(timedelta(hours=2))
    rung = [row for row in await manned.outbox("complaint_desk/alarm") if row.reason == TOLD_PRIVATELY]
    assert rung
    assert await faults(manned) == []


async def test_it_goes_through_all_of_many_cases(manned: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Portion by portion none is left out and none is counted twice."""
    monkeypatch.setattr(self_check, "AT_ONCE", 2)
    numbers = []
    for who in (WANG, LI, ADVISOR, FOREMAN, BOSS):
        await manned.say(who, "员工菜单")
        await manned.event(who, Said("我要投诉：" + SAID))
    numbers = [row.number for row in await manned.rows(COMPLAINTS.select())]
    await change(manned, delete(TIMERS).where(of_card("warned")))
    result = await examine(manned.house)
    assert result.open == len(numbers) > 2
    assert sorted(each.number for each in result.findings) == sorted(numbers)


async def test_it_waits_for_nobody_and_holds_nobody_up(lite: FrontDoor) -> None:
    """On SQLite another transaction has the write lock all the while."""
    async with lite.house.books.unit() as unit:
        await people.meet(unit, [])
        await unit.run(update(STAFF_ROLES).values(since=lite.clock.now()))
        assert await asyncio.wait_for(examine(lite.house), 20) == Result(0)


# ---------------------------------------------------------------- night after night


async def night(door: FrontDoor) -> list[str]:
    """Until 23:30 has come and the check is done; what was said of it in the after-sales topic."""
    before = len(door.post.letters)
    watch = door.clockwork.night_watch
    await door.pass_time(timedelta(hours=13, minutes=30))
    await watch.look()
    await door.quiet()
    said = door.post.letters[before:]
    return [
        each.text for each in said if "自检" in each.text and (each.chat_id, each.thread_id) == (GROUP, 12)
    ]


async def test_every_night_the_managers_read_one_green_line(manned: FrontDoor) -> None:
    await open_watch(manned.house)
    assert [(row.name, row.due_at) for row in await manned.timers()] == [("nightly", HALF_PAST_ELEVEN)]
    assert await night(manned) == ["🟢 夜间自检：没有处理中的投诉，一切正常"]
    assert [row.due_at for row in await manned.timers()] == [HALF_PAST_ELEVEN + A_DAY]
    assert (await manned.conversation("self_check")).step == "rest"


async def test_or_the_exact_red_ones(manned: FrontDoor) -> None:
    await open_watch(manned.house)
    await complain(manned)
    await change(manned, update(CONVERSATIONS).where(CONVERSATIONS.c.dialog == DESK).values(status=OVER))
    [said] = await night(manned)
    assert said.startswith("🔴 夜间自检：1 单投诉处理中，有 ")
    assert "没有卡片" in said


async def test_it_is_wanted_until_it_is_done_and_told_once(manned: FrontDoor) -> None:
    """Killed in the middle, it is done after the restart; two processes that both look tell it once."""
    await open_watch(manned.house)
    await manned.pass_time(timedelta(hours=13, minutes=30))
    assert (await manned.conversation("self_check")).step == "look_through"
    twice = [NightWatch(manned.house, manned.intake) for _ in range(2)]
    await asyncio.gather(*(watch.look() for watch in twice))
    await manned.quiet()
    assert [row.script for row in await manned.outbox("self_check/report")] == ["self_check/report"]


async def test_the_clockwork_finds_what_is_wanted(lite: FrontDoor) -> None:
    """After a failure it rests for five minutes, and then succeeds."""
    await open_watch(lite.house)
    watch = lite.clockwork.night_watch
    failures = iter([RuntimeError("once"), None])

    async def examined(*_: object) -> Result:
        if error := next(failures):
            done.set()
            raise error
        done.set()
        return Result(3)

    done = asyncio.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(self_check, "examine", examined)
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            working = group.create_task(watch.run())
            await lite.pass_time(timedelta(hours=13, minutes=30))
            await done.wait()
            done.clear()
            await lite.pass_time(timedelta(minutes=4))
            assert not done.is_set()
            await lite.pass_time(timedelta(minutes=1))
            await done.wait()
            await lite.quiet()
            working.cancel()
    assert (await lite.conversation("self_check")).step == "rest"


async def test_it_is_opened_once_whoever_starts(manned: FrontDoor) -> None:
    """Two processes start at the same moment; a restart changes nothing, another time in the store file does."""
    await asyncio.gather(open_watch(manned.house), open_watch(manned.house), open_watch(manned.house))
    await open_watch(manned.house)
    [only] = await manned.conversations("self_check")
    assert (only.queue, only.status) == ("after_sales", OPEN)
    figures = replace(manned.house.store.complaints, self_check_at=time(6, 15))
    await open_watch(replace(manned.house, store=replace(manned.house.store, complaints=figures)))
    assert [row.due_at for row in await manned.timers()] == [datetime(2026, 11, 23, 22, 15, tzinfo=UTC)]


async def test_a_night_without_the_bot_is_made_up_for(manned: FrontDoor) -> None:
    await open_watch(manned.house)
    manned.clock.advance(timedelta(hours=20))
    await open_watch(manned.house)
    await manned.look()
    assert (await manned.conversation("self_check")).step == "look_through"


# ---------------------------------------------------------------- on demand


async def test_a_manager_asks_and_reads_it_in_private_too(manned: FrontDoor) -> None:
    """R2: managers only."""
    await open_watch(manned.house)
    assert "限经理" in texts(await manned.say(ADVISOR, "/selfcheck")) or "经理" in texts(manned.post.letters)
    assert "command.refused" in await manned.audit()
    assert "正在逐单核对" in texts(await manned.say(BOSS, "/selfcheck"))
    await manned.say(FOREMAN, "/selfcheck", chat_id=GROUP)
    await manned.clockwork.night_watch.look()
    await manned.quiet()
    told = [letter.chat_id for letter in manned.post.letters if "🟢 自检" in letter.text]
    assert told == [GROUP, BOSS.user_id]
    await manned.clockwork.night_watch.look()
    assert len(await manned.outbox("self_check/report")) == 2
