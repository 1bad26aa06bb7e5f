"""One letter of any kind on its way over real HTTP to a local Telegram that answers as told; time is injected."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from dialogs.core import Home, Kind, Media
from domain.people import Queue
from sandbox import GroupChat, PhoneOwner, Sandbox
from sandbox.parameters import Upload
from service.briefing import Briefing
from service.ledger import Ledger
from service.letters import payload
from service.play import Play
from service.receipts import TOPIC
from storage import people
from storage.outbox import OUTBOX, LetterState
from storage.places import PLACES
from tests.bot.channels.stage import CLASSES, TOKEN, Pauses
from tests.clock import FakeClock
from tests.service.front_door import WANG, FrontDoor, Post, open_door
from tests.service.stages import STAFF, open_shop

if TYPE_CHECKING:
    from bot.channels.bot_api import BotApiChannel
    from service.ports import Delivery, Letter
    from storage.engine import Books

GROUP = -1001000000001
NOBODY_LISTENS = "http://127.0.0.1:1"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(8) + bytes.fromhex("0000000200000002")
WORDS = "您的车好了"


@dataclass(frozen=True, slots=True)
class Errand:
    """A kind of message: the method that carries it, to whom, with which medium, as a change of what."""

    method: str
    to_group: bool = False
    media: str = ""
    changes: bool = False
    words: str = WORDS


ERRANDS = {
    "message": Errand("sendMessage"),
    "card": Errand("sendMessage", to_group=True),
    **{kind: Errand(f"send{kind.title()}", media=kind) for kind in ("photo", "voice", "video", "document")},
    "edit": Errand("editMessageText", changes=True),
    "edited card": Errand("editMessageText", to_group=True, changes=True),
    "buttons": Errand("editMessageReplyMarkup", changes=True, words=""),
    "topic": Errand("createForumTopic", to_group=True, words=""),
}


class WirePost(Post):
    """A channel over HTTP that keeps everything. `refused` calls find nobody who listens."""

    def __init__(self, kind: str, base: str) -> None:
        super().__init__()
        self.refused = 0
        self.channel: BotApiChannel = CLASSES[kind](TOKEN, base, pause=Pauses())
        self._nowhere = CLASSES[kind](TOKEN, NOBODY_LISTENS, pause=Pauses())

    async def deliver(self, letter: Letter) -> Delivery:
        self.letters.append(letter)
        self.refused -= 1
        return await (self._nowhere if self.refused >= 0 else self.channel).deliver(letter)

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        await self.channel.toast(press_id, text, alert)

    async def close(self) -> None:
        await self.channel.close()
        await self._nowhere.close()


@dataclass
class Way:
    """The way of one letter: who sends it, and who receives it."""

    door: FrontDoor
    post: WirePost
    sandbox: Sandbox
    errand: Errand
    conversation: int
    letter: int = 0
    calls_before: int = 0
    there_before: int = 0

    @property
    def chat(self) -> int:
        """Where it goes."""
        return GROUP if self.errand.to_group else WANG.user_id

    async def write(self) -> None:
        """The letter is due now, nobody has looked yet. What it changes lies there already."""
        changed = 0
        if self.errand.changes:
            changed = await self._put(Errand("sendMessage", self.errand.to_group, words="旧"))
            await self.door.look()
        self.letter = await self._put(self.errand, changed)
        self.calls_before = len(self.sandbox.calls)
        self.there_before = self._there()

    async def _put(self, errand: Errand, changed: int = 0) -> int:
        now = self.door.clock.now()
        topic = errand.method == "createForumTopic"
        media = Media(errand.media, self._file(errand.media)) if errand.media else None
        faces = ((("好的", "ok", ""),),) if not errand.changes or errand.words else ()
        async with self.door.house.books.unit() as unit:
            known = {one.user_id: one.id for one in await people.load(unit, now, user_ids=[WANG.user_id])}
            lies = await unit.one(select(OUTBOX.c.message_id).where(OUTBOX.c.id == changed))
            place = await unit.one(select(PLACES).where(PLACES.c.queue == Queue.FRONT_DESK.value))
            assert place is not None
            row: dict[str, Any] = {
                "conversation_id": self.conversation, "turn": 1, "chat_id": self.chat,
                "state": LetterState.PENDING.value,
                "person_id": None if errand.to_group else known[WANG.user_id], "attempts": 0, "reason": "",
                "queue": Queue.FRONT_DESK.value if errand.to_group else "",
                "thread_id": place.thread_id if errand.to_group else None,
                "kind": (Kind.STAFF if errand.to_group else Kind.NOTICE).value, "created_at": now, "due_at": now,
                "script": TOPIC if topic else "shared/menu",
                "payload": payload("", new_topic="前台") if topic else payload(errand.words, faces, None, media),
                "edits_letter": changed or None, "edits_message": lies.message_id if lies else None,
            }  # fmt: skip
            if topic:
                lacking = update(PLACES).where(PLACES.c.queue == Queue.FRONT_DESK.value)
                await unit.run(lacking.values(thread_id=None))
            await unit.run(insert(OUTBOX).values(**row))
            return int((await unit.rows(select(OUTBOX.c.id).order_by(OUTBOX.c.id.desc()).limit(1)))[0].id)

    def _file(self, kind: str) -> str:
        upload = Upload(f"{kind}.bin", "application/octet-stream", PICTURE)
        return self.sandbox.exchange.files.keep(kind, upload).file_id

    @property
    def calls(self) -> int:
        """How often the service has been asked for it so far."""
        since = list(self.sandbox.calls)[self.calls_before :]
        mine = [one for one in since if one.method == self.errand.method and one.chat_id == self.chat]
        return len([one for one in mine if _words(one.params) == (self.errand.words or _words(one.params))])

    @property
    def arrived(self) -> int:
        """How many messages (or topics) it has become."""
        return self._there() - self.there_before

    def _there(self) -> int:
        chat = self.sandbox.chat(self.chat)
        if self.errand.method == "createForumTopic":
            return len([topic for topic in chat.topics.values() if topic.name == "前台"])
        if not self.errand.words:
            return len([one for one in chat.messages if not one.buttons])
        return len([one for one in chat.messages if self.errand.words in _words(one.raw)])

    async def state(self) -> str:
        """What the books say of it."""
        row = await self.door.rows(select(OUTBOX.c.state).where(OUTBOX.c.id == self.letter))
        return str(row[0].state)

    async def is_told(self) -> bool:
        """Whether anybody else has been told; without a topic, whether its letters go to the group itself."""
        if self.errand.method == "createForumTopic":
            lacking = select(PLACES.c.has_topics).where(PLACES.c.queue == Queue.FRONT_DESK.value)
            return not any(row.has_topics for row in await self.door.rows(lacking))
        return any(one.id != self.letter and self.errand.words in one.text for one in self.post.letters)

    async def passes(self, seconds: float) -> None:
        """So much time, and whatever is due then."""
        await self.door.pass_time(timedelta(seconds=seconds))


def _words(message: Mapping[str, Any]) -> str:
    return str(message.get("text") or message.get("caption") or message.get("name") or "")


@asynccontextmanager
async def open_way(books: Books, clock: FakeClock, kind: str, errand: Errand) -> AsyncIterator[Way]:
    """A shop with its staff, a staff group with topics, and Mr Wang, over the channel `kind`."""
    owners = [
        PhoneOwner(who.user_id, who.first_name, started=True) for who in (WANG, *(one for one, _ in STAFF))
    ]
    names = tuple(queue.value for queue in Queue if queue is not Queue.FRONT_DESK)
    group = GroupChat(
        GROUP, "员工群", tuple(who.user_id for who, _ in STAFF), forum=True, topics=("前台", *names)
    )
    sandbox = Sandbox(owners, (group,), token=TOKEN, clock=clock.now)
    post = WirePost(kind, await sandbox.start())
    try:
        async with open_door(books, clock, post) as door:
            await open_shop(door)
            yield Way(door, post, sandbox, errand, await _settle_in(door, sandbox))
    finally:
        sandbox.faults.clear()
        await post.close()
        await sandbox.stop()


async def _settle_in(door: FrontDoor, sandbox: Sandbox) -> int:
    """The staff group is the sandbox's, with its topics; a conversation with Mr Wang, its number."""
    threads = {topic.name: topic.thread for topic in sandbox.chat(GROUP).topics.values()}
    async with door.house.books.unit() as unit:
        for queue in Queue:
            thread = threads["前台" if queue is Queue.FRONT_DESK else queue.value]
            place = update(PLACES).where(PLACES.c.queue == queue.value)
            await unit.run(place.values(chat_id=GROUP, thread_id=thread))
        ledger = Ledger(unit, door.clock.now())
        ledger.know(await people.load(unit, ledger.now, user_ids=[WANG.user_id]))
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        begun = await play.begin("front_desk", Home(person=ledger.by_user[WANG.user_id].id))
        await ledger.flush()
        return begun.id
