"""A street full of customers in front of several processes on one PostgreSQL; the service counts what it is sent."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, web
from sqlalchemy import func, select, text

from sandbox import PhoneOwner, Sandbox
from storage.bell import NAME
from storage.dead_letters import DEAD_LETTERS
from storage.engine import Books
from storage.inbox import INBOX
from storage.outbox import OUTBOX, UNDER_WAY
from tests.faults.program import Nursery, Program
from tests.faults.shop import STORE_FILE, open_shop
from tests.faults.stage import the_time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

TOKEN = "4200:replicas"
SECRET = "s3cret_-"
LONG = 90.0  # seconds of real time after which what was certain to happen has not
FIRST = 5_001  # the number of the first customer


@dataclass
class Balancer:
    """What stands before several web servers: each request goes to the next of them that is there."""

    ports: list[int] = field(default_factory=list)
    port: int = 0
    _turn: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin to listen."""
        app = web.Application()
        app.router.add_post("/updates", self._pass_on)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {
            name: value for name, value in request.headers.items() if name.startswith(("X-", "Content-Type"))
        }
        async with ClientSession() as session:
            for _ in self.ports:
                self._turn += 1
                port = self.ports[self._turn % len(self.ports)]
                try:
                    async with session.post(
                        f"http://127.0.0.1:{port}/updates", data=body, headers=headers
                    ) as got:
                        return web.Response(status=got.status)
                except (ClientError, OSError):
                    continue
        return web.Response(status=502)


@dataclass
class Street:
    """Sandbox, database, balancer, and the programs between them."""

    sandbox: Sandbox
    base: str
    url: str
    folder: Path
    nursery: Nursery
    books: Books
    balancer: Balancer
    customers: range
    programs: list[Program] = field(default_factory=list)
    stood_still: float = 0.0  # seconds for which the sandbox answered nobody, at the longest

    async def watch_itself(self) -> None:
        """Note for how long the sandbox's own process was kept from answering."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.wait([loop.create_future()], timeout=0.05)
            self.stood_still = max(self.stood_still, loop.time() - began - 0.05)

    @property
    def log(self) -> Path:
        """What the programs have to say."""
        return self.folder / "program.log"

    async def start(self, port: int = 0, kill_at: str = "") -> Program:
        """One more program, and its bell hangs; by webhook to `port`, else it polls or stands by."""
        environment = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_BASE": self.base,
            "DATABASE_URL": self.url,
            "STORE_FILE": str(self.folder / "store.yaml"),
            "LOG_LEVEL": "WARNING",
            "KILL_AT": kill_at,
        }
        if port:
            environment |= {
                "WEBHOOK_URL": f"http://127.0.0.1:{self.balancer.port}/updates", "WEBHOOK_SECRET": SECRET,
                "WEBHOOK_LISTEN": f"127.0.0.1:{port}",
            }  # fmt: skip
            self.balancer.ports.append(port)
        bells, greetings = await self.bells(), self._greetings()
        self.programs.append(Program(self.nursery.order(environment, self.log), self.log))
        async with asyncio.timeout(LONG):
            while await self.bells() <= bells or (port and self._greetings() <= greetings):
                await self._a_moment()
        return self.programs[-1]

    def _greetings(self) -> int:
        return len(self.sandbox.calls_of("setWebhook"))

    async def bells(self) -> int:
        """How many processes are there."""
        count = text("SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, :name)"
                     " AND datname = current_database()")  # fmt: skip
        async with self.books.glance() as unit:
            return int((await unit.rows(count, {"name": NAME}))[0][0])

    async def cut_bells(self) -> None:
        """The server ends the connection by which the processes know each other."""
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                   " WHERE starts_with(application_name, :name) AND datname = current_database()")  # fmt: skip
        async with self.books.unit() as unit:
            await unit.rows(end, {"name": NAME})

    # ------------------------------------------------------------ people

    async def everybody_says(self, words: str) -> None:
        """All customers write at once."""
        await asyncio.gather(*(self.sandbox.user(customer).say(words) for customer in self.customers))

    async def see(self, what: Callable[[], bool], name: str) -> None:
        """Wait for something on the phones."""
        try:
            await self.sandbox.wait_for(what, LONG)
        except TimeoutError:
            raise AssertionError(
                f"never seen: {name}\n{self.log.read_text(encoding='utf-8')[-6000:]}"
            ) from None

    def said_to(self, customer: int) -> int:
        """How many messages of the bot this customer has."""
        return sum(message.from_bot for message in self.sandbox.chat(customer).messages)

    async def settled(self) -> None:
        """Wait until no update waits and no letter is under way."""
        waiting = select(func.count()).where(OUTBOX.c.state.in_(UNDER_WAY))
        async with asyncio.timeout(LONG):
            while len(self.sandbox.exchange.queue) or await self._count(waiting):
                await self._a_moment()

    async def left_behind(self) -> set[int]:
        """Letters in the hands of processes that are dead."""
        orphans = text("SELECT id FROM outbox WHERE state = 'sending' AND NOT EXISTS"
                       " (SELECT FROM pg_stat_activity WHERE application_name = :name || courier)")  # fmt: skip
        async with self.books.glance() as unit:
            return {row.id for row in await unit.rows(orphans, {"name": NAME})}

    async def inherited(self, letters: set[int]) -> None:
        """Wait until none of these is in the hands of the dead any more."""
        async with asyncio.timeout(LONG):
            while letters & await self.left_behind():
                await self._a_moment()

    async def _a_moment(self) -> None:
        calls = len(self.sandbox.calls)
        try:
            await self.sandbox.wait_for(lambda: len(self.sandbox.calls) > calls, 0.1)
        except TimeoutError:
            return

    # ------------------------------------------------------------ the reckoning

    async def _count(self, counted: Any) -> int:
        async with self.books.glance() as unit:
            return int((await unit.rows(counted))[0][0])

    async def updates(self) -> int:
        """How many updates were handled."""
        assert await self._count(select(func.count()).select_from(DEAD_LETTERS)) == 0
        return await self._count(select(func.count()).select_from(INBOX))

    def refusals(self) -> int:
        """How often the service answered 429."""
        return sum(call.status == 429 for call in self.sandbox.calls)

    async def overtaken(self) -> list[tuple[int, int]]:
        """Letters that reached their chat before an older one: chat and letter."""
        sent = (
            select(OUTBOX.c.chat_id, OUTBOX.c.id, OUTBOX.c.message_id)
            .where(OUTBOX.c.message_id.is_not(None), OUTBOX.c.edits_letter.is_(None))
            .order_by(OUTBOX.c.chat_id, OUTBOX.c.id)
        )
        async with self.books.glance() as unit:
            rows = await unit.rows(sent)
        return [
            (younger.chat_id, younger.id)
            for older, younger in pairwise(rows)
            if older.chat_id == younger.chat_id and older.message_id > younger.message_id
        ]

    async def repeated(self) -> Counter[int]:
        """How many messages each customer got once too often."""
        sent = select(OUTBOX.c.chat_id, func.count().label("count")).where(OUTBOX.c.edits_letter.is_(None))
        async with self.books.glance() as unit:
            rows = await unit.rows(sent.where(OUTBOX.c.message_id.is_not(None)).group_by(OUTBOX.c.chat_id))
        written: Counter[int] = Counter({row.chat_id: row.count for row in rows})
        got = Counter({customer: self.said_to(customer) for customer in self.customers})
        assert not written - got, "something that was sent never arrived"
        return got - written


@asynccontextmanager
async def open_street(
    nursery: Nursery, url: str, folder: Path, customers: int, *, limits: bool = True
) -> AsyncIterator[Street]:
    """So many customers; no program runs yet, and none is left behind. `limits`: the service answers 429."""
    numbers = range(FIRST, FIRST + customers)
    people = [PhoneOwner(number, f"客{number}", started=True) for number in numbers]
    sandbox = Sandbox(people, (), token=TOKEN, clock=the_time, limits=limits, pauses=(0.1,))
    base = await sandbox.start()
    unhurried = "".join(line for line in STORE_FILE.splitlines(True) if not line.startswith("sending:"))
    (folder / "store.yaml").write_text(unhurried if limits else STORE_FILE, encoding="utf-8")
    books, balancer = Books(url, pool_size=2), Balancer()
    street = Street(sandbox, base, url, folder, nursery, books, balancer, numbers)
    gc.collect()
    gc.freeze()  # a collector that walks all of the test session would keep the service from answering
    watching = asyncio.create_task(street.watch_itself())
    try:
        await balancer.start()
        await open_shop(books, the_time())
        yield street
    finally:
        watching.cancel()
        gc.unfreeze()
        for program in street.programs:
            await program.abandon()
        await balancer.stop()
        await sandbox.stop()
        await books.close()
