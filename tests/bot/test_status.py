"""Health, readiness and metrics, asked over HTTP of a house that is really open, on either database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.metrics import MOST_AWAITED, Metrics
from bot.opening import open_premises, serve
from bot.settings import load_settings
from bot.status import STANDS_STILL, Status, open_status
from dialogs.core import Said
from sandbox import Sandbox
from service.burial import MOST_TRIES
from service.ports import ChannelError, Delivered, Incoming, Sender, TryLater
from storage import complaints, dead_letters
from storage.complaints import COMPLAINTS
from storage.dead_letters import DeadLetterState
from storage.engine import Books, Unit
from storage.outbox import OUTBOX
from storage.standing import LATE, standing
from storage.timers import TIMERS
from tests.clock import FakeClock
from tests.faults.shop import WANG, ZHANG, open_shop, store
from tests.faults.stage import PEOPLE, STAFF, TOKEN, the_time
from tests.faults.test_trouble import BOMB, POISON, next_timer, open_desk
from tests.service.front_door import open_door
from tests.storage.conftest import postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from bot.opening import Premises

__all__ = ["postgres_template", "sqlite_template", "sqlite_url"]  # books at HEAD

PATIENCE = 30.0  # seconds of real time until a test gives up


@dataclass
class Watched:
    """A running bot, who writes to it, and who watches it."""

    sandbox: Sandbox
    premises: Premises
    session: ClientSession
    base: str
    stop: asyncio.Event

    async def ask(self, page: str) -> tuple[int, str]:
        """Status and words of a page."""
        async with self.session.get(f"{self.base}/{page}") as answer:
            return answer.status, (await answer.text()).strip()

    async def figures(self) -> dict[tuple[str, ...], float]:
        """Every sample of /metrics: its name and the values of its labels, with its value."""
        status, words = await self.ask("metrics")
        assert status == 200
        return samples(words)

    async def hears(self, user: int, words: str) -> None:
        """Somebody writes; returns when they have their answer, and that is written down."""
        before = len(self.sandbox.chat(user).messages)
        await self.sandbox.user(user).say(words)
        await self.sandbox.wait_for(lambda: len(self.sandbox.chat(user).messages) > before + 1, PATIENCE)
        await self.premises.intake.couriers.calm()
        await self.premises.intake.settled()

    async def ready(self) -> None:
        """Wait until it serves."""
        await self.sandbox.wait_for(lambda: self.sandbox.calls_of("getUpdates"), PATIENCE)
        await self.premises.clockwork.tick()


def samples(words: str) -> dict[tuple[str, ...], float]:
    found = {}
    for family in text_string_to_metric_families(words + "\n"):
        assert family.documentation
        assert family.type in ("counter", "gauge", "histogram")
        for sample in family.samples:
            found[sample.name, *sample.labels.values()] = sample.value
    return found


@asynccontextmanager
async def watched(url: str, port: int) -> AsyncIterator[Watched]:
    """The bot as `run` runs it, a local Telegram in front of it."""
    books = Books(url, synchronous="OFF")
    await open_shop(books, the_time())
    await books.close()
    sandbox = Sandbox(PEOPLE, (STAFF,), token=TOKEN, clock=the_time)
    settings = load_settings(
        {
            "BOT_TOKEN": TOKEN, "BOT_API_BASE": await sandbox.start(), "DATABASE_URL": url,
            "STATUS_LISTEN": f"127.0.0.1:{port}",
        },
        None,
    )  # fmt: skip
    stop = asyncio.Event()
    try:
        async with (
            ClientSession() as session,
            open_status(settings, stop) as status,
            open_premises(settings, store(), measures=status.measures) as premises,
            asyncio.TaskGroup() as group,
        ):
            status.opened(premises)
            serving = group.create_task(serve(premises, stop))
            yield Watched(sandbox, premises, session, f"http://127.0.0.1:{port}", stop)
            stop.set()
            await serving
    finally:
        await sandbox.stop()


async def test_it_says_what_has_happened(database_url: str, unused_tcp_port: int) -> None:
    async with watched(database_url, unused_tcp_port) as bot:
        await bot.ready()
        assert await bot.ask("healthz") == (200, "ok")
        assert await bot.ask("readyz") == (200, "ok")
        bot.sandbox.faults.refuse("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
        await bot.hears(WANG, "电话")
        await bot.hears(ZHANG, "电话")
        found = await bot.figures()
        assert found["desk_deliveries_total", "delivered"] == 2
        assert found["desk_updates_total", "said"] == 2
        assert found["desk_deliveries_total", "try_later"] == 1
        assert found["desk_deliveries_total", "gone"] == 0
        assert found["desk_api_calls_total", "sendMessage", "429"] == 1
        assert found["desk_api_calls_total", "sendMessage", "200"] == 2
        assert found["desk_update_commit_seconds_count",] == 2
        assert found["desk_update_answer_seconds_count",] == 2
        assert found["desk_update_answer_seconds_sum",] >= 1  # one waited as long as it was told to
        assert found["desk_batch_updates_count",] == 2
        assert found["desk_transaction_seconds_count",] >= 3
        assert found["desk_dead_letters_total", "update"] == 0
        assert found["desk_books_up",] == 1
        assert found["desk_complaints_open",] == 0
        assert found["desk_letters_waiting", "sending"] == 0


async def test_nothing_that_is_measured_names_anybody(sqlite_url: str, unused_tcp_port: int) -> None:
    async with watched(sqlite_url, unused_tcp_port) as bot:
        await bot.ready()
        await bot.hears(WANG, "我是王建国，电话13800138000，车牌粤B12345")
        words = (await bot.ask("metrics"))[1]
        assert words.isascii()
        assert [each for each in ("13800138000", "B12345", TOKEN) if each in words] == []
        assert [labels for labels in samples(words) if str(WANG) in labels] == []


async def test_while_the_database_is_away_it_lives_and_is_not_ready(
    database_url: str, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(database_url, unused_tcp_port) as bot:
        await bot.ready()
        away = Books("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere")
        with monkeypatch.context() as patched:
            patched.setattr(bot.premises.house.books, "engine", away.engine)
            patched.setattr(bot.premises.house.books, "glance", away.glance)
            status, why = await bot.ask("readyz")
            assert (status, why) == (503, "the database does not answer (ConnectionRefusedError)")
            assert await bot.ask("healthz") == (200, "ok")
            found = await bot.figures()
            assert found["desk_books_up",] == 0
            assert ("desk_complaints_open",) not in found
        assert await bot.ask("readyz") == (200, "ok")
        await away.close()


async def test_a_database_of_an_older_release_is_no_ground_to_stand_on(
    sqlite_url: str, unused_tcp_port: int
) -> None:
    async with watched(sqlite_url, unused_tcp_port) as bot:
        await bot.ready()
        for revision, expected in (("0001", 503), ("9999", 200)):
            async with bot.premises.house.books.unit() as unit:
                await unit.run(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
            assert (await bot.ask("readyz"))[0] == expected
        async with bot.premises.house.books.unit() as unit:
            await unit.run(text("UPDATE alembic_version SET version_num = '0001'"))
        assert "python bot.py migrate" in (await bot.ask("readyz"))[1]


async def test_it_is_not_ready_before_it_serves_nor_when_it_stops(
    sqlite_url: str, unused_tcp_port: int
) -> None:
    stop = asyncio.Event()
    settings = load_settings({"STATUS_LISTEN": f"127.0.0.1:{unused_tcp_port}"}, None, token_required=False)
    base = f"http://127.0.0.1:{unused_tcp_port}"
    async with open_status(settings, stop), ClientSession() as session:
        async with session.get(f"{base}/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "starting\n")
        async with session.get(f"{base}/healthz") as answer:
            assert answer.status == 200
        async with session.get(f"{base}/metrics") as answer:
            assert samples(await answer.text())["desk_books_up",] == 0
        stop.set()
        async with session.get(f"{base}/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "stopping\n")


async def test_a_clockwork_or_intake_that_stands_still_is_told(sqlite_url: str, unused_tcp_port: int) -> None:
    async with watched(sqlite_url, unused_tcp_port) as bot:
        await bot.ready()
        await bot.hears(WANG, "电话")
        status = Status(bot.stop)
        status.opened(bot.premises)
        assert status.stands_still() == ""
        long_ago = asyncio.get_running_loop().time() - STANDS_STILL - 1
        bot.premises.intake.busy_since = long_ago
        assert status.stands_still() == "the intake does not get on"
        bot.premises.intake.busy_since = None
        bot.premises.clockwork._ticked_at = status._opened_at = long_ago
        assert await status.obstacle() == "the clockwork does not tick"
        bot.premises.clockwork._ticked_at = 0.0
        assert await status.obstacle() == "starting"


async def test_without_the_setting_nothing_listens_and_nothing_is_measured(sqlite_url: str) -> None:
    settings = load_settings({}, None, token_required=False)
    async with open_status(settings, asyncio.Event()) as status:
        assert not isinstance(status.measures, Metrics)


async def test_a_place_that_is_taken_is_told_with_its_setting(unused_tcp_port: int) -> None:
    settings = load_settings({"STATUS_LISTEN": f"127.0.0.1:{unused_tcp_port}"}, None, token_required=False)
    async with open_status(settings, asyncio.Event()):
        with pytest.raises(ChannelError, match=rf"^不能在 127.0.0.1:{unused_tcp_port} 上监听.*STATUS_LISTEN"):
            async with open_status(settings, asyncio.Event()):
                pass


async def test_what_goes_wrong_is_counted(sqlite_url: str, clock: FakeClock) -> None:
    """A batch with one poisoned update in it, and a timer that never gets through."""
    metrics = Metrics()
    with capture_logs():
        async with open_desk(sqlite_url, clock, metrics) as desk:
            await desk.hears((WANG, "电话"), (WANG, POISON), (ZHANG, "电话"))
            await desk.hears((WANG, BOMB))
            while (due := await next_timer(desk)) is not None:
                clock.set(due + timedelta(seconds=7))
                await desk.wake()
    found = samples(metrics.text(None).decode())
    assert found["desk_batches_redone_total",] == 1 + MOST_TRIES
    assert found["desk_dead_letters_total", "update"] == 1
    assert found["desk_dead_letters_total", "timer"] == 1
    assert found["desk_updates_total", "said"] == 3  # a dead letter was not handled
    assert found["desk_timer_lateness_seconds_count",] == 0  # none has fired
    assert found["desk_update_commit_seconds_count",] == 3


async def test_a_timer_is_timed_when_it_fires(sqlite_url: str, clock: FakeClock) -> None:
    metrics = Metrics()
    books = Books(sqlite_url, synchronous="OFF")
    with capture_logs():
        async with open_door(books, clock, measures=metrics) as door:
            await door.say(Sender(WANG), "预约")
            await door.tap(Sender(WANG), None)  # a button nobody can read is answered too
            clock.set((await door.timers())[0].due_at + timedelta(seconds=7))
            late = [clock.now() - row.due_at for row in await door.timers() if row.due_at <= clock.now()]
            await door.look()
    found = samples(metrics.text(None).decode())
    assert found["desk_toasts_total",] == 1
    assert found["desk_timer_lateness_seconds_count",] == len(late)
    assert found["desk_timer_lateness_seconds_sum",] == sum(late, timedelta()).total_seconds() >= 7
    await books.close()


# ---------------------------------------------------------------- what the books say


async def test_how_the_books_stand(database_url: str, clock: FakeClock) -> None:
    """Letters by state, the oldest that is due, late timers, complaints past their acceptance and their solution."""
    books = Books(database_url, synchronous="OFF")
    now = clock.now()
    async with books.unit() as unit:
        assert (await standing(unit, now)).outbox_age == timedelta()
        blank = {"kind": "notice", "script": "s", "payload": "{}", "created_at": now}
        due = {"pending": -70, "retry": 300, "held": 9_000, "sending": -20, "sent": -9_000, "failed": -9_000}
        for state, seconds in due.items():
            row = blank | {"state": state, "due_at": now + timedelta(seconds=seconds)}
            await unit.run(OUTBOX.insert(), row)
        for name, late in enumerate((timedelta(0), LATE, LATE + timedelta(minutes=1), -timedelta(hours=1))):
            row = {"conversation_id": 1, "name": f"n{name}", "what": "", "why": "", "set_at": now}
            await unit.run(TIMERS.insert(), row | {"due_at": now - late})
        await _complaints(unit, now)
        await dead_letters.keep(unit, now, "update", "1", "{}", "")
        await dead_letters.keep(unit, now, "update", "2", "{}", "")
        await dead_letters.settle(unit, [2], DeadLetterState.LET_GO, now)
        found = await standing(unit, now)
    assert found.letters == {"pending": 1, "retry": 1, "held": 1, "sending": 1}
    assert found.outbox_age == timedelta(seconds=70)
    assert (found.late_timers, LATE) == (2, timedelta(seconds=15))
    assert (found.open_complaints, found.late_acceptances, found.late_solutions) == (2, 1, 2)
    assert found.dead_letters == 1
    await books.close()


async def _complaints(unit: Unit, now: datetime) -> None:
    """Two open ones and a closed one: steps that are late, in time, paused, over."""
    about = {
        "topic": "other", "category": "other", "kind": "grumble", "severity": "normal", "department": "workshop",
    }  # fmt: skip
    for number, state in (("TS1", "open"), ("TS2", "open"), ("TS3", "closed")):
        row = {"number": number, "state": state, "origin": "customer", "opened_at": now} | about
        await unit.run(COMPLAINTS.insert(), row)
    late, soon = now - timedelta(minutes=1), now + timedelta(minutes=1)
    legs = (
        ("TS1", "intake.front_desk.1", False, late),
        ("TS1", "department.workshop.1", True, late),
        ("TS1", "department.parts.1", True, late),
        ("TS1", "summary.after_sales.1", True, None),
        ("TS2", "intake.front_desk.1", True, late),
        ("TS2", "handling.front_desk.1", True, soon),
        ("TS3", "intake.front_desk.1", False, late),
    )
    names = ("number", "leg", "open", "due_at")
    await complaints.keep_legs(
        unit, [dict(zip(names, leg, strict=True)) | {"queue": "front_desk", "owner_id": None} for leg in legs]
    )


# ---------------------------------------------------------------- counting


def test_what_never_gets_an_answer_is_forgotten_in_the_end() -> None:
    metrics = Metrics()
    for number in range(MOST_AWAITED + 5):
        metrics.received([Incoming(number, None, 1, None)])
    assert len(metrics._arrived) == MOST_AWAITED
    for number in range(MOST_AWAITED + 5):
        metrics.received([update := Incoming(number, Sender(1), 1, Said("x"))])
        metrics.committed([update], [{"id": number, "kind": "answer", "chat_id": 1}], 0, [], 0.0)
    assert len(metrics._awaited) == MOST_AWAITED


def test_an_answer_counts_when_it_is_there_and_once() -> None:
    metrics = Metrics()
    update = Incoming(1, Sender(1), 7, Said("x"))
    metrics.received([update])
    since = metrics._arrived[1]
    metrics.received([update])  # the first time it could not be committed
    assert metrics._arrived[1] == since
    metrics._arrived[1] -= 5
    letters = [
        {"id": 4, "kind": "staff", "chat_id": 7},
        {"id": 5, "kind": "answer", "chat_id": 7},
        {"id": 6, "kind": "answer", "chat_id": 7},
        {"id": 8, "kind": "answer", "chat_id": 9},
    ]
    metrics.committed([update], letters, 2, [timedelta(seconds=3), timedelta(seconds=-1)], 0.01)
    for letter in (4, 6, 8):
        metrics.brought(letter, Delivered(1))
    assert samples(metrics.text(None).decode())["desk_update_answer_seconds_count",] == 0
    metrics.brought(5, TryLater("busy"))
    metrics.brought(5, Delivered(1))
    metrics.brought(5, Delivered(1))
    found = samples(metrics.text(None).decode())
    assert found["desk_update_answer_seconds_count",] == 1
    assert found["desk_update_answer_seconds_sum",] >= 5
    assert found["desk_toasts_total",] == 2
    assert found["desk_timer_lateness_seconds_count",] == 2
    assert found["desk_timer_lateness_seconds_sum",] == 3
