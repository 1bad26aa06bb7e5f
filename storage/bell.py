"""The bell: one connection beside the pool by which the processes on one PostgreSQL know and wake each other.

Whoever is connected is alive: the name of a courier stands in `pg_stat_activity` as long as its process does. The
connection also carries the turn to poll (a session's advisory lock) and the rounds of the turnstile; whoever loses it
has lost all of that at once. It is found within seconds and opened anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.exc import DBAPIError

from storage.engine import Books, Link, Unit

log = structlog.get_logger(__name__)

CHANNEL, HELLO = "bell", "hello"
NAME = "bell "  # what every bell's name in pg_stat_activity begins with
TURN_TO_POLL = 7_202_611  # the number of the advisory lock
BEAT = 1.0  # seconds between two looks at who is there
LULL = 0.1  # seconds between two rings: what is rung meanwhile is one ring
SILENT = 10.0  # seconds without a beat after which whoever hangs a bell is as good as dead (stopped, frozen)
FRESH = 5.0  # seconds for which one knows who is there
GONE = 4.0  # seconds without a bell after which a process is gone: who lives has hung a lost one anew by then
PATIENCE = 3.0  # seconds after which a connection that does not answer is lost
SETTINGS = {
    "synchronous_commit": "off",  # what a power cut takes of the last turns the service would have forgotten too
    "idle_in_transaction_session_timeout": "2000",  # who was stopped in a round must not stop the others
    "tcp_keepalives_idle": "5",  # a machine that vanished gives up its turn to poll soon
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}

# Who beats no more is cut off: it has the turn to poll no longer, and knows so when it goes on.
_THERE = text(
    "SELECT application_name AS name, CASE WHEN state_change < clock_timestamp() - make_interval(secs => :silent)"
    " THEN pg_terminate_backend(pid) END AS cut_off,"
    " backend_start < (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS is_elder"
    " FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND starts_with(application_name, :begins)"
)
_RING = select(func.pg_notify(CHANNEL, bindparam("told")))
_TAKE_TURN = select(func.pg_try_advisory_lock(TURN_TO_POLL).label("done"))
_LET_GO = select(func.pg_advisory_unlock(TURN_TO_POLL).label("done"))


class Bell:
    """This process's bell; `name` is its courier's."""

    def __init__(self, books: Books, name: str) -> None:
        self._books = books
        self._name = NAME + name
        self._heard: Callable[[datetime], None] = lambda moment: None
        self._link: Link | None = None
        self._in_use = asyncio.Lock()
        self._wake = asyncio.Event()
        self._lost = asyncio.Event()
        self._opened = asyncio.Event()
        self._turn = asyncio.Event()
        self._wants_turn = False
        self._to_ring: datetime | None = None
        self._beat_at = 0.0
        self._company_at = -GONE  # when somebody else was there for the last time, or may have been
        self.others: frozenset[str] = frozenset()
        self.has_elders = False  # whose bells hung before this one; of those that start together one has none

    # ------------------------------------------------------------ who is there

    @property
    def is_open(self) -> bool:
        """Whether the connection stands."""
        return self._link is not None and not self._lost.is_set()

    @property
    def is_alone(self) -> bool:
        """Whether it is certain that no other process is there.

        It is not just after this one stood still itself, nor while others may be hanging their lost bells anew.
        """
        moment = asyncio.get_running_loop().time()
        is_fresh = moment - self._beat_at < FRESH
        is_settled = moment - self._company_at >= GONE
        return self.is_open and is_fresh and is_settled and not self.others

    # ------------------------------------------------------------ ring and hear

    def on_ring(self, heard: Callable[[datetime], None]) -> None:
        """`heard` is told every moment that another process rings."""
        self._heard = heard

    def ring(self, moment: datetime) -> None:
        """Tell the others that something is due at `moment`; at once, outside any transaction, if anybody is there."""
        if self.others:
            self._to_ring = min(moment, self._to_ring or moment)
            self._wake.set()

    def _hear(self, connection: Any, number: int, channel: str, told: Any) -> None:
        if number == connection.get_server_pid():
            return
        if told == HELLO:
            self._wake.set()  # and count who is there
        else:
            with suppress(ValueError):
                self._heard(datetime.fromisoformat(told))

    # ------------------------------------------------------------ the turn to poll

    @asynccontextmanager
    async def turn_to_poll(self) -> AsyncIterator[asyncio.Event]:
        """Wait until this process is the one that polls, and be it during the block.

        The event comes when it may no longer.
        """
        self._wants_turn = True
        try:
            while not self._turn.is_set():
                self._wake.set()
                await self._turn.wait()
            yield self._lost
        finally:
            self._wants_turn = False
            self._wake.set()

    # ------------------------------------------------------------ the connection

    def _lose(self) -> None:
        self._lost.set()
        self._turn.clear()
        self._wake.set()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """A transaction on the bell's own connection. Raises OSError while that does not stand, or does not answer."""
        async with self._in_use:
            if self._link is None or self._lost.is_set():
                raise ConnectionError("the bell's connection is lost")
            try:
                async with asyncio.timeout(PATIENCE), self._books.transaction(self._link) as unit:
                    yield unit
            except TimeoutError:
                self._lose()
                raise

    @asynccontextmanager
    async def attended(self) -> AsyncIterator[None]:
        """The bell hangs while the block runs; it begins when the connection stands for the first time."""
        async with asyncio.TaskGroup() as group:
            attending = group.create_task(self._attend())
            try:
                await self._opened.wait()
                yield
            finally:
                attending.cancel()

    async def _attend(self) -> None:
        settings = SETTINGS | {"application_name": self._name}
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    link = await self._books.connect(server_settings=settings)
                await self._hang(link)
            except (DBAPIError, OSError) as error:  # TimeoutError is one
                log.warning("the bell is lost, it is hung anew", error=type(error).__name__)
            await _wait(asyncio.Event(), BEAT)

    async def _hang(self, link: Link) -> None:
        """Attend to `link` until it is lost."""
        self._lost = lost = asyncio.Event()
        try:
            raw: Any = link.connection
            raw.add_termination_listener(lambda _: self._lose())
            await self._listen(raw)
            self._link = link
            if self._opened.is_set():  # whatever took ours has taken theirs
                self._company_at = asyncio.get_running_loop().time()
            await self._beat(HELLO)
            self._opened.set()
            while not lost.is_set():
                await _wait(self._wake, BEAT)
                self._wake.clear()
                await self._beat()
                await _wait(lost, LULL)
        finally:
            self._lose()
            self._link, self.others = None, frozenset()
            link.abandon()

    async def _listen(self, raw: Any) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await raw.add_listener(CHANNEL, self._hear)
        except Exception as error:  # the driver's own classes, which only a process on PostgreSQL imports
            raise ConnectionError("nothing can be heard") from error

    async def _beat(self, told: str = "") -> None:
        async with self.unit() as unit:
            moment, self._to_ring = self._to_ring, None
            if told or moment:
                await unit.rows(_RING, {"told": told or f"{moment}"})
            found = await unit.rows(_THERE, {"begins": NAME, "silent": SILENT})
            there = {row.name for row in found if row.cut_off is None}
            self.has_elders = any(row.is_elder for row in found if row.name in there - {self._name})
            await self._keep_turn(unit)
        self.others = frozenset(name.removeprefix(NAME) for name in there - {self._name})
        self._beat_at = asyncio.get_running_loop().time()
        if self.others:
            self._company_at = self._beat_at

    async def _keep_turn(self, unit: Unit) -> None:
        if self._wants_turn == self._turn.is_set():
            return
        row = await unit.one(_TAKE_TURN if self._wants_turn else _LET_GO)
        if row is not None and row.done:
            (self._turn.set if self._wants_turn else self._turn.clear)()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
