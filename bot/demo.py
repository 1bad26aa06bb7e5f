"""`python bot.py demo`: the real bot on a local Telegram, one page, a time machine. No token, no network."""

from __future__ import annotations

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import typer

from bot.clocks import ShiftedClock
from bot.closing import stop_on_signals
from bot.demo_cast import ABSENT, COLLEAGUES, CUSTOMERS, GROUP, GROUP_ID, SHOWN_FIRST
from bot.demo_seed import seed
from bot.log import set_up_log
from bot.opening import CannotOpen, Premises, open_premises, serve
from bot.settings import load_settings
from bot.store_file import load_store, read_store, template
from domain.store import SendingFigures, Store
from sandbox.control import Planned
from sandbox.server import Sandbox
from scripts_zh.phrases import phrase
from service.why import explain_message
from storage import conversations, outbox, people, timers

TOKEN = "1000001:demo-needs-no-secret"  # noqa: S105 - the sandbox takes any
SHOWN = 40  # entries of the plan


class MovableClock(Protocol):
    """A clock that can be set forward."""

    def now(self) -> datetime:
        """Aware, UTC."""

    def forward(self, by: timedelta) -> None:
        """Let `by` pass at once."""


IN_HASTE = SendingFigures(bot_per_second=300, chat_per_second=50, chat_burst=50, group_per_minute=3000)


class TimeMachine:
    """What the page may ask of the bot behind it: its clock, its plans, its reasons."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._premises: Premises | None = None

    def attend(self, premises: Premises) -> None:
        """The bot is there; before this the plan is empty."""
        self._premises = premises

    def now(self) -> datetime:
        """The demo's present time, aware."""
        return self._clock.now()

    async def plan(self) -> list[Planned]:
        """What is due next, timers and held letters together, soonest first."""
        if self._premises is None:
            return []
        house = self._premises.house
        async with house.books.glance() as unit:
            coming = await timers.coming(unit, SHOWN)
            held = await conversations.find(unit, {row.conversation_id for row in coming})
            numbers = [one.person_id for one in held.values() if one.person_id]
            found = await people.load(unit, house.clock.now(), ids=numbers)
        titles = {person.id: person.first_name for person in found}
        return [
            Planned(
                row.due_at,
                row.what,
                row.why,
                titles.get(held[row.conversation_id].person_id or 0, GROUP.title)
                if row.conversation_id in held
                else "",
            )
            for row in coming
        ]

    async def why(self, chat_id: int, message_id: int) -> list[str]:
        """Why this message is there."""
        if self._premises is None:
            return []
        return await explain_message(self._premises.house, chat_id, message_id)

    async def shift(self, delta: timedelta) -> None:
        """Let time pass, stopping at whatever is due on the way, so that everything happens at its own minute."""
        goal = self._clock.now() + delta
        while True:
            await self._look()  # what is under way arrives at its own minute
            due = await self._next_due()
            is_due = due is not None and due <= goal
            if self._clock.now() >= goal and not is_due and not self._is_at_work:
                return
            self._clock.forward(min(due or goal, goal) - self._clock.now())

    async def jump_to_next(self) -> None:
        """Let time pass until the next thing that is planned."""
        if (due := await self._next_due()) is not None:
            self._clock.forward(due - self._clock.now())
            await self._look()

    async def _look(self) -> None:
        if self._premises is not None:
            await self._premises.clockwork.look()
            await self._premises.intake.settled()
            while self._premises.intake.couriers.busy:
                await self._premises.intake.couriers.calm()
                await self._premises.intake.settled()

    @property
    def _is_at_work(self) -> bool:
        """Whether a tick of the bot's own has taken what was due, so that it is not due any more and not done yet."""
        if self._premises is None:
            return False
        return self._premises.clockwork.is_looking or self._premises.intake.couriers.busy

    async def _next_due(self) -> datetime | None:
        if self._premises is None:
            return None
        async with self._premises.house.books.glance() as unit:
            dates = [await timers.next_due(unit), await outbox.next_due(unit)]
        return min((due for due in dates if due is not None), default=None)


def demo_store(path: Path) -> Store:
    """The operator's own store file if there is one, else the one that `init` would write; in haste.

    The local Telegram has no limits, and a day that is played in a minute writes more than a group may get in one.
    """
    store = load_store(path) if path.exists() else read_store(template(), "store.yaml")
    return replace(store, sending=IN_HASTE)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo: the local Telegram with its page at `url`, and the bot that works on it."""

    sandbox: Sandbox
    premises: Premises
    machine: TimeMachine
    url: str


@asynccontextmanager
async def on_stage(
    clock: MovableClock, store: Store, database_url: str, port: int = 0, channel: str = "aiogram"
) -> AsyncIterator[Stage]:
    """The real bot at work on a local Telegram, with a seeded store and its staff group bound.

    Raises CannotOpen, also when `port` is taken; 0 takes a free one.
    """
    machine = TimeMachine(clock)
    owners = [*CUSTOMERS, *(each.phone for each in COLLEAGUES), *ABSENT]
    sandbox = Sandbox(owners, [GROUP], token=TOKEN, clock=clock.now, control=machine, first=SHOWN_FIRST)
    stop = asyncio.Event()
    try:
        url = await _opened(sandbox, port)
        settings = load_settings(
            {"BOT_TOKEN": TOKEN, "BOT_API_BASE": url, "DATABASE_URL": database_url, "CHANNEL": channel},
            env_file=None,
        )
        async with open_premises(settings, store, clock=clock) as premises, asyncio.TaskGroup() as group:
            await seed(premises.house)
            machine.attend(premises)
            await sandbox.user(COLLEAGUES[0].phone.id).say("/bind", chat=GROUP_ID)
            group.create_task(serve(premises, stop))
            try:
                yield Stage(sandbox, premises, machine, url)
            finally:
                stop.set()
    finally:
        await sandbox.stop()


async def _opened(sandbox: Sandbox, port: int) -> str:
    try:
        return await sandbox.start(port=port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotOpen(phrase("cli", "port_taken", port=port)) from error
        raise CannotOpen(phrase("cli", "port_unusable", port=port, error=type(error).__name__)) from error


async def play(port: int) -> None:
    """Serve the page until Ctrl+C, on books of this run alone. Raises CannotOpen, StoreFileError."""
    set_up_log("WARNING")
    store = demo_store(Path("store.yaml"))
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        books = f"sqlite+aiosqlite:///{folder}/demo.sqlite3"
        async with on_stage(ShiftedClock(), store, books, port) as stage:
            stop = asyncio.Event()
            stop_on_signals(stop)
            typer.echo(phrase("cli", "demo_ready", url=stage.url))
            typer.echo(phrase("cli", "demo_hint"))
            await stop.wait()
    typer.echo(phrase("cli", "stopped"))
