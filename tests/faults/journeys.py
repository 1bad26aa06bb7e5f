"""Five journeys through the front door, step by step, and what is in the books and in the chats at their end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from dialogs.core import Pressed, Said, SharedContact
from service.ports import Incoming, Letter, Sender
from storage.engine import Books
from storage.places import PLACES
from storage.tables import METADATA
from tests.clock import MONDAY_TEN, FakeClock
from tests.faults.broken import BrokenPost, Trouble
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, open_door
from tests.service.stages import BOSS, FOREMAN, open_shop, stand_at
from tests.service.test_customers_visit import CHECKLIST, FIVE, lay_out
from tests.service.test_follow_up import check, leave

if TYPE_CHECKING:
    from collections.abc import Sequence

Step = Callable[[FrontDoor], Awaitable[Incoming | datetime]]
"""What happens next: an update, or the moment until which time passes."""

A_MINUTE = timedelta(minutes=1)
FIRST = 1000  # number of an update or message: none of those before has it
MORE_MINUTES = 3  # that pass after each step: a letter put off by anything has been brought by then
MOST_TRIES = 3  # how often the service brings an update that was not accepted


def says(who: Sender, text: str) -> Step:
    """`who` writes."""

    async def step(door: FrontDoor) -> Incoming:
        return door.update(who, Said(text))

    return step


def shares(who: Sender, phone: str) -> Step:
    """`who` shares their own number."""

    async def step(door: FrontDoor) -> Incoming:
        return door.update(who, SharedContact(phone, own=True))

    return step


def presses(who: Sender, label: str, chat: int | None = None) -> Step:
    """`who` presses the newest button that says so."""

    async def step(door: FrontDoor) -> Incoming:
        place = who.user_id if chat is None else chat
        card, face = door.face(label, place)
        pressed = Pressed(face.tap.key, face.tap.value)
        return door.update(who, pressed, tap=face.tap, card=card, chat_id=place)

    return step


def waits_until(moment: datetime) -> Step:
    """Nobody does anything."""

    async def step(door: FrontDoor) -> datetime:
        return moment

    return step


async def until_the_check(door: FrontDoor) -> datetime:
    """Nobody does anything until the customer is to be asked."""
    return (await check(door)).due_at


@dataclass(frozen=True, slots=True)
class Journey:
    """`prepare` lays out what stands there before; then the `steps`."""

    prepare: Callable[[FrontDoor], Awaitable[Any]]
    steps: tuple[Step, ...]


async def binds_the_group(door: FrontDoor) -> Incoming:
    """A group becomes the staff group, and its topics are made."""
    return door.update(BOSS, Said("/bind"), chat_id=GROUP, group_has_topics=True)


async def without_group(door: FrontDoor) -> None:
    """No staff group is bound."""
    async with door.house.books.unit() as unit:
        await unit.run(delete(PLACES))


async def to_the_discount(door: FrontDoor) -> None:
    """A bill lies before the advisor, who is asked for the share."""
    await stand_at(door, "discount_form", "choose_share")


async def nothing_more(door: FrontDoor) -> None:
    """The shop is open."""


AT_TEN_TOMORROW = ("明天", "10:00")
JOURNEYS: Mapping[str, Journey] = {
    "booking": Journey(
        without_group,
        (
            binds_the_group,
            says(LI, "/start"),
            says(LI, "预约服务"),
            presses(LI, "同意"),
            says(LI, "李静女士"),
            shares(LI, "13912345678"),
            says(LI, "粤B54321"),
            presses(LI, "跳过"),
            presses(LI, "小保养"),
            *(presses(LI, label) for label in AT_TEN_TOMORROW),
            presses(LI, "confirm"),
            presses(FOREMAN, "got_it", GROUP),
        ),
    ),
    "complaint": Journey(
        nothing_more,
        (
            says(WANG, "我要投诉！上周换的刹车片又响了，车牌粤B12345"),
            says(WANG, "还让我等了两天"),
            presses(BOSS, "accept", GROUP),
        ),
    ),
    "discount": Journey(
        to_the_discount,
        (
            *(presses(WANG, label) for label in ("9.5 折", "跳过", "提交")),
            presses(BOSS, "同意 5%", BOSS.user_id),
        ),
    ),
    "visit": Journey(
        lay_out,
        (
            presses(WANG, "✅ 确认"),
            presses(WANG, "我知道，确认"),
            presses(FOREMAN, "开工", GROUP),
            presses(FOREMAN, "待检验", GROUP),
            presses(BOSS, "可交车", GROUP),
            *(presses(BOSS, "☐", GROUP) for _ in CHECKLIST),
            presses(BOSS, "确认可交车", GROUP),
            waits_until(FIVE - timedelta(hours=1)),
            presses(WANG, "准时到"),
            presses(BOSS, "已结算", GROUP),
            presses(BOSS, "已出厂", GROUP),
        ),
    ),
    "questionnaire": Journey(leave, (until_the_check, presses(WANG, "开始"), presses(WANG, "否"))),
}


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a journey begins: what lies in the chats, and what time it is. The books are a copy of their own."""

    faces: Mapping[tuple[int, int], Letter]
    at: datetime


async def begin(journey: Journey, books: Books) -> Beginning:
    """Prepare `books` for `journey`."""
    clock = FakeClock(MONDAY_TEN)
    async with open_door(books, clock) as door:
        await open_shop(door)
        await journey.prepare(door)
        return Beginning(dict(door.post.faces), clock.now())


@dataclass(frozen=True, slots=True)
class End:
    """What was done, by table, and what stands in the chats; equal for two plays in which the same happened."""

    done: Mapping[str, Counter[tuple[Any, ...]]]
    said: Counter[tuple[int, str, tuple[str, ...]]]
    updates: int


async def play(journey: Journey, books: Books, start: Beginning, post: BrokenPost, trouble: Trouble) -> End:
    """Play `journey` to its end, by the clock of `post`, with `trouble` somewhere."""
    post.faces = dict(start.faces)
    post._numbers = count(FIRST)
    clock = post.clock
    clock.set(start.at)
    async with open_door(books, clock, post) as door:
        door._updates = count(FIRST)
        for step in journey.steps:
            well = not trouble.is_over
            what = await step(door)
            with trouble.awake():
                await _take(door, what, trouble)
                clock.advance(A_MINUTE)
                await _look(door, trouble)
            if well and trouble.is_over:
                await _look(door, trouble)
                for _ in range(MORE_MINUTES):
                    clock.advance(A_MINUTE)
                    await _look(door, trouble)
            else:
                clock.advance(MORE_MINUTES * A_MINUTE)
        return await end_of(door)


async def _take(door: FrontDoor, what: Incoming | datetime, trouble: Trouble) -> None:
    """An update is brought until it is accepted, as the service does."""
    if isinstance(what, datetime):
        door.clock.set(what)
        await _look(door, trouble)
        return
    for attempt in range(MOST_TRIES):
        try:
            await door.bring(what)
        except DBAPIError:
            if attempt + 1 == MOST_TRIES:
                raise
        else:
            return


async def _look(door: FrontDoor, trouble: Trouble) -> None:
    """Until nothing more is due, and everything is written down; after trouble the next tick looks again."""
    well = not trouble.is_over
    while await door.look() or door.intake._unwritten:
        pass
    if well and trouble.is_over:
        await _look(door, trouble)


# ---------------------------------------------------------------- the end

NUMBER = re.compile(r"\b([A-Z]{2}\d{6})-\d+")  # of a form
NOT_COMPARED = {
    "inbox": {"received_at"},
    "outbox": {
        "turn", "payload", "reason", "due_at", "attempts", "edits_letter", "edits_message", "created_at", "settled_at",
        "courier", "lease_until",
    },
    "conversations": {"card_letter", "card_message", "interrupts", "trail"},
    "sending_windows": {"turns", "closed_until", "scope"},
}  # fmt: skip
"""Numbers of rows and messages, and how often somebody tried."""


async def end_of(door: FrontDoor) -> End:
    """What is in the books and in the chats now."""
    done = {}
    for name, table in METADATA.tables.items():
        left_out = NOT_COMPARED.get(name, set())
        columns = [each for each in table.c if each.name not in left_out and not _is_number_of_row(each.name)]
        rows = await door.rows(select(*columns)) if columns else []
        done[name] = Counter(tuple(_unnumbered(str(value)) for value in row) for row in rows)
    said = Counter(
        (chat, _unnumbered(face.text), tuple(one.label for row in face.buttons for one in row))
        for (chat, _), face in door.post.faces.items()
    )
    return End(done, said, sum(done["inbox"].values()))


def _unnumbered(text: str) -> str:
    """A number that was drawn for what then failed is drawn no second time on PostgreSQL."""
    return NUMBER.sub(r"\1-№", text)


def _is_number_of_row(column: str) -> bool:
    return column == "id" or (column.endswith("_id") and column != "update_id")


def differences(end: End, undisturbed: End) -> Sequence[str]:
    """What is in one and not in the other, table by table."""
    return [
        f"{name}: {sign} {row} × {times}"
        for name in undisturbed.done
        for sign, more, less in (("+", end, undisturbed), ("-", undisturbed, end))
        for row, times in (more.done[name] - less.done[name]).items()
    ]
