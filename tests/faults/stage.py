"""The stage of a fault test: the local Telegram, the program in front of it, the books behind it."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from sandbox import GroupChat, PhoneOwner, Sandbox
from storage.appointments import APPOINTMENTS
from storage.audit import AUDIT
from storage.bays import BAY_DAYS
from storage.conversations import CONVERSATIONS
from storage.dead_letters import DEAD_LETTERS
from storage.engine import Books
from storage.inbox import INBOX
from storage.outbox import OUTBOX, SUPERSEDED, LetterState
from storage.timers import TIMERS
from tests.faults.program import PATIENCE, Nursery, Program
from tests.faults.shop import GROUP, LI, WANG, ZHANG, open_shop, write_store_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from sandbox.chats import Message

TOKEN = "4200:fault-tests"
PEOPLE = (
    PhoneOwner(WANG, "建国", "王", "8613800138000", started=True),
    PhoneOwner(LI, "静", "李", "8613900139000"),
    PhoneOwner(ZHANG, "师傅", role="车间主管", started=True),
)
STAFF = GroupChat(GROUP, "员工群", members=(ZHANG,))
OF_THE_RUN = re.compile(r"YY\d{6}-\d+|(?<=已收到 )\d\d:\d\d")
"""What two runs may say differently: the number of a form, the minute in which a colleague pressed."""


def the_time() -> datetime:
    """The machine's own: the program in its own process knows no other."""
    return datetime.now(UTC)


@dataclass
class Stage:
    """Sandbox, database and whichever program runs between them."""

    sandbox: Sandbox
    base: str
    url: str
    folder: Path
    nursery: Nursery
    webhook_port: int = 0
    channel: str = "aiogram"
    programs: list[Program] = field(default_factory=list)

    async def start(
        self, kill_at: str = "", *, fresh: bool = False, awaited: bool = True, **settings: str
    ) -> Program:
        """Start the program and see it listen if that is `awaited`; or one that kills itself at `kill_at` (point:n)."""
        environment = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_BASE": self.base,
            "CHANNEL": self.channel,
            "DATABASE_URL": self.url,
            "SQLITE_SYNCHRONOUS": "NORMAL",
            "STORE_FILE": str(self.folder / "store.yaml"),
            "LOG_LEVEL": "WARNING",
            "KILL_AT": kill_at,
        }
        if self.webhook_port:
            place = f"127.0.0.1:{self.webhook_port}"
            environment |= {
                "WEBHOOK_URL": f"http://{place}/updates", "WEBHOOK_LISTEN": place, "WEBHOOK_SECRET": "s3cret_-",
            }  # fmt: skip
        environment |= settings
        log = self.folder / "program.log"
        before = self._greetings()
        news = self.nursery.order(environment, log, fresh=fresh)
        self.programs.append(Program(news, log))
        if awaited and not kill_at:
            await self.see(lambda: self._greetings() > before, "the program at the door")
        return self.programs[-1]

    def _greetings(self) -> int:
        return len(self.sandbox.calls_of("getUpdates")) + len(self.sandbox.calls_of("setWebhook"))

    # ------------------------------------------------------------ people

    async def say(self, user: int, text: str) -> None:
        """Somebody writes."""
        await self.sandbox.user(user).say(text)

    async def press(self, user: int, button: str, chat: int | None = None) -> None:
        """Press the button whose callback data ends in `button`, as soon as it is there."""

        def find() -> tuple[Message, str] | None:
            for message in reversed(self.sandbox.chat(chat or user).messages):
                for each in (each for row in message.buttons for each in row):
                    if str(each.get("callback_data", "")).endswith(button):
                        return message, each["callback_data"]
            return None

        message, data = await self.see(find, button)
        await self.sandbox.user(user).press(chat, message.id, data)

    async def read(self, chat: int, words: str) -> None:
        """Wait until the bot has said something with `words` in it."""
        await self.see(lambda: any(words in text for text in self.said(chat)), words)

    async def see(self, what: Any, name: str) -> Any:
        """Wait for something on the phones."""
        try:
            return await self.sandbox.wait_for(what, PATIENCE)
        except TimeoutError:
            chats = {chat: self.said(chat) for chat in (WANG, LI, GROUP)}
            log = (self.folder / "program.log").read_text(encoding="utf-8")
            raise AssertionError(f"never seen: {name}\n{chats}\n{log[-6000:]}") from None

    def said(self, chat: int) -> list[str]:
        """What the bot has said in a chat, as it stands there now."""
        return [message.text for message in self.sandbox.chat(chat).messages if message.from_bot]

    def all_said(self) -> Counter[tuple[int, str]]:
        """The same for every chat: where what is said how often."""
        chats = (WANG, LI, GROUP)
        return Counter((chat, OF_THE_RUN.sub("№", text)) for chat in chats for text in self.said(chat))

    # ------------------------------------------------------------ books

    async def settled(self) -> None:
        """Wait until the running program has brought every letter and written down that it has.

        Or that nobody need: of a card that was changed by a process that died before it wrote that down, and pressed
        before another took over, the newer face is brought alone.
        """
        open_ones = select(OUTBOX.c.id).where(
            OUTBOX.c.state != LetterState.SENT.value, OUTBOX.c.reason != SUPERSEDED
        )
        async with asyncio.timeout(PATIENCE), self.books() as books:
            while await self._finds(books, open_ones):
                with suppress(TimeoutError):
                    await self.sandbox.wait_for(self._call_after(len(self.sandbox.calls)), 0.1)

    async def _finds(self, books: Books, rows: Any) -> bool:
        async with books.glance() as unit:
            return await unit.one(rows) is not None

    def _call_after(self, calls: int) -> Callable[[], bool]:
        return lambda: len(self.sandbox.calls) > calls

    @asynccontextmanager
    async def books(self) -> AsyncIterator[Books]:
        """The books, while no program has them."""
        books = Books(self.url, synchronous="OFF")
        try:
            yield books
        finally:
            await books.close()

    async def pass_time(self, minutes: int) -> None:
        """The program is down for so long: what was planned for `minutes` from now has come due meanwhile."""
        async with self.books() as books, books.unit() as unit:
            ago = timedelta(minutes=minutes)
            for row in await unit.rows(select(TIMERS)):
                await unit.run(update(TIMERS).where(TIMERS.c.id == row.id).values(due_at=row.due_at - ago))
            for row in await unit.rows(select(OUTBOX).where(OUTBOX.c.lease_until.is_not(None))):
                moved = update(OUTBOX).where(OUTBOX.c.id == row.id)
                await unit.run(moved.values(lease_until=row.lease_until - ago))

    async def effects(self) -> dict[str, Any]:
        """What is in the books, numbers and moments left out: equal for two runs in which the same happened."""
        async with self.books() as books, books.glance() as unit:
            appointments = await unit.rows(select(APPOINTMENTS))
            days = [row for row in await unit.rows(select(BAY_DAYS)) if row.mask]
            kept: Counter[tuple[str, str]] = Counter()
            for row in appointments:
                if row.state in ("held", "booked", "confirmed"):
                    kept.update({(row.bay, day): mask for day, mask in json.loads(row.cells).items()})
            held = {row.id: row.dialog for row in await unit.rows(select(CONVERSATIONS))}
            return {
                "appointments": sorted((row.state, row.plate, row.starts_at) for row in appointments),
                "bays agree with appointments": kept == {(row.bay, f"{row.day}"): row.mask for row in days},
                "audit": Counter(row.action for row in await unit.rows(select(AUDIT))),
                "conversations": Counter(held.values()),
                "timers": Counter(
                    (held.get(row.conversation_id), row.name) for row in await unit.rows(select(TIMERS))
                ),
                "letters": Counter(
                    (row.script, LetterState.SENT.value if row.reason == SUPERSEDED else row.state)
                    for row in await unit.rows(select(OUTBOX))
                ),
                "updates": len(await unit.rows(select(INBOX))),
                "dead letters": len(await unit.rows(select(DEAD_LETTERS))),
            }


@asynccontextmanager
async def open_stage(
    nursery: Nursery,
    url: str,
    folder: Path,
    webhook_port: int = 0,
    channel: str = "aiogram",
    people: Sequence[PhoneOwner] = PEOPLE,
    group: GroupChat = STAFF,
) -> AsyncIterator[Stage]:
    """A shop with its books and a started sandbox; no program runs yet, and none is left behind."""
    sandbox = Sandbox(people, (group,), token=TOKEN, clock=the_time, pauses=(0.1,))
    stage = Stage(sandbox, await sandbox.start(), url, folder, nursery, webhook_port, channel)
    write_store_file(folder)
    try:
        async with stage.books() as books:
            await open_shop(books, the_time())
        yield stage
    finally:
        for program in stage.programs:
            await program.abandon()
        await sandbox.stop()
