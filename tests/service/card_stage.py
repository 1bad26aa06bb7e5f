"""What tests of cards play with: a card at the front desk that does as it is told, and what people see of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dialogs.authority import at_own_desk
from dialogs.catalogue import DIALOGS
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Home,
    Kind,
    Pressed,
    Say,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.facts import Facts
from domain.people import Queue
from service import consequences
from service.briefing import Briefing
from service.ledger import Ledger
from service.play import Play
from service.ports import Letter, Sender
from storage.copies import COPIES
from storage.engine import Books
from storage.places import PLACES
from tests.clock import FakeClock
from tests.service.front_door import FrontDoor, open_door
from tests.service.stages import open_shop

OTHER_GROUP = -777
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
FRONT_DESK_TOPIC = 11


@dataclass(frozen=True, slots=True)
class Job:
    """What the card says."""

    words: str = "甲"


def work(job: Job, event: Event, facts: Facts) -> Turn:
    match event:
        case Entered():
            return ask(job, _card(job))
        case Pressed("take"):
            taken = Job(f"{facts.who.first_name}接了")
            return ask(taken, _card(taken))
        case Pressed("called"):
            return done(Say("call/press_please"))
        case Told("change", {"words": words}):
            changed = Job(words)
            return ask(changed, _card(changed, in_place=True))
        case Told("change twice"):
            return ask(Job("丙"), _card(Job("乙"), in_place=True), _card(Job("丙"), in_place=True))
        case Told("anew"):
            return ask(Job("新"), _card(Job("新"), fresh=True), _card(Job("更新"), in_place=True))
        case Told("copy", {"to": person}):
            return stay(_card(job, to=Home(person=person), copy=True))
        case Told("line", {"words": words, "to": to}):
            return stay(line(words, to=to, kind=Kind.STAFF, fresh=True))
        case Told("media", {"media": media, "words": words, "buttons": buttons}):
            return stay(line(words, media=media, buttons=buttons, kind=Kind.STAFF))
        case Told("settle"):
            return done(line("办好了", in_place=True, kind=Kind.STAFF))
        case _:
            return done()


def line(words: str, **more: Any) -> Say:
    return Say("shared/undeliverable", {"name": "王先生", "phone": "", "text": words}, **more)


def _card(job: Job, **more: Any) -> Say:
    return line(job.words, buttons=((Button("take"), Button("called")),), kind=Kind.STAFF, **more)


CASE = Dialog(
    "call", Job, steps=(work,), authority={"take": at_own_desk, "called": at_own_desk}, patient=True
)


@pytest.fixture
async def desk(books: Books, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    """An open shop on either database, whose cards of the front desk do as they are told."""
    async with open_door(books, clock, dialogs=dict(DIALOGS) | {"call": CASE}) as door:
        await open_shop(door)
        yield door
        assert [row.error for row in await door.dead()] == []


async def in_play(door: FrontDoor, act: Any) -> list[Letter]:
    before = len(door.post.letters)
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        await act(play)
        await consequences.calls_to_make(play)
        letters = await ledger.flush()
    door.intake.couriers.take(letters)
    await door.quiet()
    return door.post.letters[before:]


async def lay(
    door: FrontDoor, *jobs: str, queue: Queue = Queue.FRONT_DESK, subject: str = ""
) -> list[Letter]:
    """New cards at the queue."""

    async def act(play: Play) -> None:
        for words in jobs or ("甲",):
            begun = await play.begin("call", Home(queue=queue), Job(words), subject)
            await play.event(begun, Entered())

    return await in_play(door, act)


async def tell(door: FrontDoor, news: str, *, case: int | None = None, **words: Any) -> list[Letter]:
    """Let the newest card (or that of conversation `case`) hear of something."""
    number = case or (await door.conversation("call")).id

    async def act(play: Play) -> None:
        conversation = await play.ledger.conversation(number)
        assert conversation is not None
        await play.event(conversation, Told(news, words))

    return await in_play(door, act)


async def copy_to(door: FrontDoor, who: Sender, **more: Any) -> Letter:
    """A copy of the newest card for `who`; how it was brought."""
    brought = await tell(door, "copy", to=(await door.person(who)).id, **more)
    [copy] = [letter for letter in brought if letter.chat_id == who.user_id and letter.edits is None]
    return copy


def shown(door: FrontDoor, chat: int) -> list[tuple[str, bool]]:
    """What stands in `chat` now, message by message: its words, and whether it has buttons."""
    faces = sorted((number, face) for (where, number), face in door.post.faces.items() if where == chat)
    return [(words_of(face.text), bool(face.buttons)) for _, face in faces]


def words_of(text: str) -> str:
    return text.rpartition("<blockquote>")[2].removesuffix("</blockquote>") or text


def number_of(door: FrontDoor, chat: int, place: int = -1) -> int:
    """The number of a message of `chat`, the newest one unless told."""
    return sorted(number for where, number in door.post.faces if where == chat)[place]


async def copies_kept(door: FrontDoor) -> int:
    return len(await door.rows(select(COPIES)))


async def unbind(door: FrontDoor) -> None:
    async with door.house.books.unit() as unit:
        await unit.run(PLACES.delete())
