"""The drill: a shop at work, its books destroyed just before the next backup, put back, at work again.

At most 15 minutes are lost with the schedule that deploy/ installs, and the shop is back within five minutes: what was
committed up to the last backup is there, nothing of it is said or done again, and nothing from the lost minutes can do
any harm. The long form (FAULTS=long) measures it with books of more than 100 MB.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from service.collection import collect
from service.ports import Letter, Sender, Tap
from storage import outbox
from storage.backup import UsePostgresTools, restore
from storage.backup_shelf import latest, put_on_shelf
from storage.engine import Books
from tests.clock import FakeClock
from tests.deploy.places import DEPLOY, installed
from tests.faults.tally import LONG
from tests.service.front_door import LI, WANG, FrontDoor, open_door, texts
from tests.service.stages import open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.postgres import Postgres

MEGABYTES = 100 if LONG else 1
AT_MOST_LOST, BACK_WITHIN = timedelta(minutes=15), timedelta(minutes=5)
STEP = timedelta(seconds=20)
CROWD = [Sender(7_000 + number, f"客户{number}") for number in range(20)]
JOURNEY = (
    *("预约服务", "=同意", "王先生", "+", "车牌", "=跳过", "=小保养", "=明天"),
    *("=:", "=confirm"),
)
"""A booking: words, `=` a button, `+` the own number."""


def every() -> timedelta:
    """How often the shipped timer makes a backup, the slack of systemd included."""
    timer = (DEPLOY / "desk-backup.timer").read_text(encoding="utf-8")
    minutes = re.search(r"^OnCalendar=\*:0/(\d+)$", timer, re.MULTILINE)
    slack = re.search(r"^AccuracySec=(\d+)s$", timer, re.MULTILINE)
    assert minutes
    assert slack
    return timedelta(minutes=int(minutes[1]), seconds=int(slack[1]))


class File:
    """Books in a file, with the commands of this program."""

    def __init__(self, url: str, shelf: Path) -> None:
        self.url, self.shelf = url, shelf
        self.updates = count(1)  # the service counts on, whatever happens to us

    async def backup(self, books: Books, now: datetime) -> None:
        await put_on_shelf(books, self.shelf, now, keep=144)

    def destroy(self) -> None:
        file = Path(str(make_url(self.url).database))
        file.write_bytes(b"coffee" * 20_000)
        file.with_name(file.name + "-wal").write_bytes(b"coffee" * 2_000)
        (self.shelf / ".desk-x.unfinished").write_bytes(b"half of a backup")

    async def put_back(self) -> None:
        await restore(self.url, latest(self.shelf))


class Server(File):
    """Books on a server, with the script of deploy/ and the commands that `restore` prints."""

    def __init__(self, url: str, shelf: Path, programs: Path) -> None:
        super().__init__(url, shelf)
        self.settings = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": str(make_url(url).query["host"]),
            "PGUSER": str(make_url(url).username),
            "PGDATABASE": str(make_url(url).database),
        }

    async def backup(self, books: Books, now: datetime) -> None:
        del books, now  # the script names it by the machine's clock
        script = installed("/opt/desk/deploy/postgresql/dump.sh", self.shelf)
        await asyncio.to_thread(self._run, f"rm -f {shlex.quote(str(self.shelf))}/*.dump")
        await asyncio.to_thread(self._run, shlex.join([script, str(self.shelf), "144"]))

    def destroy(self) -> None:
        self._run("psql --quiet --command='DROP SCHEMA public CASCADE; CREATE SCHEMA public' 2>&1")

    async def put_back(self) -> None:
        [dump] = self.shelf.glob("*.dump")
        with pytest.raises(UsePostgresTools) as advised:
            await restore(self.url, dump)
        await asyncio.to_thread(self._run, advised.value.command)

    def _run(self, line: str) -> None:
        done = subprocess.run(
            line, shell=True, env=self.settings, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(params=["sqlite", "postgres"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> File:
    """Where the books are, and where their backups go."""
    (tmp_path / "shelf").mkdir()
    url = str(request.getfixturevalue(f"{request.param}_url"))
    if request.param == "sqlite":
        return File(url, tmp_path / "shelf")
    postgres: Postgres = request.getfixturevalue("postgres")
    return Server(url, tmp_path / "shelf", postgres.programs)


@asynccontextmanager
async def at_work(vault: File, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    """The shop, opened as a process opens it: what was left behind first."""
    books = Books(vault.url, synchronous="OFF")
    async with open_door(books, clock) as door:
        door._updates = vault.updates
        async with books.unit() as unit:
            await outbox.abandon(unit, clock.now())
        door.intake.couriers.take(await collect(door.house, door.intake.note))
        door.intake.offer_again()
        await door.quiet()
        yield door
    await books.close()


@dataclass
class Day:
    """What was seen of the shop until its books were destroyed."""

    steps: dict[int, int] = field(default_factory=dict)
    forms: dict[str, datetime] = field(default_factory=dict)
    taps: list[tuple[datetime, Sender, Tap, int]] = field(default_factory=list)
    backed_up: datetime | None = None
    sent_by_then: set[int] = field(default_factory=set)


async def act(door: FrontDoor, who: Sender, step: str) -> list[Letter]:
    """One step of a booking."""
    match step[0]:
        case "=":
            return await door.press(who, step[1:])
        case "+":
            return await door.share(who, f"138{who.user_id:08}")
    return await door.say(who, f"粤B{who.user_id:05}" if step == "车牌" else step)


async def work(door: FrontDoor, vault: File, day: Day, until: timedelta) -> None:
    """Somebody new comes every two minutes and takes a step each 20 seconds; a backup whenever it is time."""
    begin = door.clock.now()
    next_backup = begin + every()
    while door.clock.now() < begin + until:
        passed = door.clock.now() - begin
        for number, who in enumerate(CROWD):
            due = (passed - timedelta(minutes=2 * number)) // STEP
            step = day.steps.get(number, 0)
            if step <= due and step < len(JOURNEY):
                await act(door, who, JOURNEY[step])
                day.steps[number] = step + 1
                for (chat, message), card in door.post.faces.items():
                    day.taps += [(door.clock.now(), who, face.tap, message)
                                 for row in card.buttons for face in row if chat == who.user_id]  # fmt: skip
        for form in await door.appointments():
            day.forms.setdefault(form.number, door.clock.now())
        await door.pass_time(STEP)
        if door.clock.now() >= next_backup:
            await vault.backup(door.house.books, door.clock.now())
            next_backup += every()
            day.backed_up = door.clock.now()
            day.sent_by_then = {row.id for row in await door.outbox() if row.state == "sent"}


async def test_the_books_are_destroyed_and_put_back(vault: File, clock: FakeClock) -> None:
    """At the worst moment: the next backup was nearly due."""
    day = Day()
    async with at_work(vault, clock) as door:
        await open_shop(door)
        await work(door, vault, day, 3 * every() - STEP)
        last = len(door.post.letters)
        assert last > 100
    vault.destroy()
    destroyed = clock.now()
    assert day.backed_up is not None
    assert timedelta(minutes=9) < destroyed - day.backed_up <= AT_MOST_LOST

    clock.advance(BACK_WITHIN)
    await vault.put_back()
    async with at_work(vault, clock) as door:
        overdue = [row for row in await door.timers() if row.due_at <= clock.now()]
        await door.look()
        await door.look()
        kept = {form.number for form in await door.appointments()}
        assert kept == {number for number, at in day.forms.items() if at < day.backed_up}
        assert kept < set(day.forms)  # something was lost: else it would have been no drill
        assert {letter.id for letter in door.post.letters} & day.sent_by_then == set()
        assert await door.dead() == []
        await _overdue_timers_have_rung_once(door, overdue)
        await _lost_buttons_do_no_harm(door, day)
        await _the_shop_goes_on(door)
        assert await door.dead() == []


async def _overdue_timers_have_rung_once(door: FrontDoor, overdue: list[Any]) -> None:
    """What came due in the lost minutes and while there was no bot: once, late; the silent are asked once."""
    silent = {row.conversation_id for row in overdue if row.name == "silence_nudge"}
    nudges = Counter(letter.conversation_id for letter in await door.outbox("shared/silence_nudge"))
    assert silent
    assert nudges == Counter(silent)
    left = {row.id for row in await door.timers()}
    assert left.isdisjoint(row.id for row in overdue)


async def _lost_buttons_do_no_harm(door: FrontDoor, day: Day) -> None:
    """Conversations begun in the lost minutes: their numbers mean nothing any more, also when others have begun."""
    known = {row.id for row in await door.conversations()}
    lost = [(who, tap, card) for at, who, tap, card in day.taps if tap.conversation not in known]
    assert lost
    for newcomer in (Sender(8_100, "新客"), Sender(8_101, "又一位")):
        await door.say(newcomer, "预约服务")
    before = [tuple(row) for row in await door.conversations()]
    for who, tap, card in lost[-20:]:
        await door.tap(who, tap, card=card)
        assert "过期" in door.post.toasts[-1].text
    assert [tuple(row) for row in await door.conversations()] == before


async def _the_shop_goes_on(door: FrontDoor) -> None:
    """A new customer books as ever, everybody else is served."""
    who = Sender(8_200, "第三位")
    for step in JOURNEY:
        said = await act(door, who, step)
    assert "预约成功" in texts(said)
    assert "想了解什么" in texts(await door.say(LI, "咨询"))
    assert await door.say(WANG, "我的预约")


async def test_large_books_are_back_in_time(vault: File, capsys: pytest.CaptureFixture[str]) -> None:
    """Backup and restore by the clock of this machine: of more than 100 MB in the long form."""
    books = Books(vault.url)
    now = FakeClock().now()
    row: dict[str, Any] = {"kind": "answer", "script": "shared/menu", "state": "sent", "chat_id": 7}
    row |= {"due_at": now, "created_at": now}
    async with books.unit() as unit:
        for _ in range(MEGABYTES * 5 // 4 + 1):
            await unit.run_many(
                outbox.OUTBOX.insert(), (row | {"payload": os.urandom(2_500).hex()} for _ in range(200))
            )
    begin = perf_counter()
    await vault.backup(books, now)
    backed_up = perf_counter()
    async with books.glance() as unit:
        rows = (await unit.rows(text("SELECT count(*) FROM outbox")))[0][0]
    await books.close()
    size = sum(file.stat().st_size for file in vault.shelf.glob("desk-2*"))
    if isinstance(vault, Server):
        size = rows * 5_000  # a dump is packed; this is what lies in the tables
    vault.destroy()
    destroyed = perf_counter()
    await vault.put_back()
    back = perf_counter() - destroyed
    if LONG:
        with capsys.disabled():
            took = f"backup {backed_up - begin:.1f} s, restore {back:.1f} s"
            print(f"\n{type(vault).__name__}: {size / 1e6:.0f} MB, {took}")
    assert size > MEGABYTES * 1e6
    assert back < BACK_WITHIN.total_seconds()
    again = Books(vault.url)
    async with again.glance() as unit:
        assert (await unit.rows(text("SELECT count(*) FROM outbox")))[0][0] == rows
    await again.close()
