"""Who lives in the town, and what they do: whole journeys, each waiting for the bot's answers as people do."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dialogs.core import Event, Pressed, Said, SharedContact
from service.ports import Incoming, Sender
from storage import customers, people
from storage.appointments import APPOINTMENTS
from storage.audit import AUDIT
from storage.complaints import COMPLAINTS
from storage.conversations import CONVERSATIONS
from storage.dead_letters import DEAD_LETTERS
from storage.inbox import INBOX
from storage.outbox import OUTBOX
from storage.timers import TIMERS
from tests.faults.shift import FAULTS, FIRST_CUSTOMER, FRONT_DESK_MANAGER, SUPERVISORS, gather
from tests.faults.shop import GROUP, in_some_days
from tests.faults.town import A_BREATH, PULSE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine
    from datetime import datetime

    from tests.faults.town import Chats, Town

RECOVERY = 15  # seconds after which all has to be well again
LONGEST_LEASE = 60  # seconds after which somebody else has brought what a dead process had in hand
FOREMAN, SUPERVISOR = 305, SUPERVISORS[0]
OF_THE_RUN = re.compile(r"[A-Z]{2}\d{6}-\d+|\d{1,2}:\d\d|机电\d号工位")
"""What two plays may say differently: numbers of forms, minutes, which of two free bays."""


@dataclass
class Body:
    """Somebody with a phone. `brings` hands an update to the service."""

    town: Town
    user: int
    name: str = "客户"
    brings: Callable[..., Coroutine[Any, Any, None]] | None = None
    pressed: list[str] = field(default_factory=list)

    async def does(self, event: Event, chat: int = 0, **more: Any) -> None:
        """One thing that makes an update."""
        number = next(self.town.numbers)
        if isinstance(event, Pressed):
            more["press_id"] = f"P{number}"
            self.pressed.append(f"P{number}")
        place = chat or self.user
        sender = Sender(self.user, self.name)
        update = Incoming(number, sender, place, event, in_group=place < 0, raw={"update_id": number}, **more)
        await (self.brings or self.town.bring)(update)

    async def says(self, text: str) -> None:
        """Write to the bot."""
        await self.does(Said(text))

    async def presses(self, key: str, value: str = "", chat: int = 0) -> None:
        """Press a button as soon as it is there."""
        place = chat or self.user
        message, face = await self.town.see(
            lambda: self.town.chats.button(place, key, value), f"{key}:{value} by {self.user}"
        )
        await self.does(Pressed(face.tap.key, face.tap.value), chat, tap=face.tap, card=message)

    async def reads(self, words: str) -> None:
        """Wait until the bot has said `words`."""
        chats = self.town.chats
        await self.town.see(
            lambda: any(words in each.text for each in chats.shown(self.user)),
            f"{words} by {self.user}: {[each.text for each in chats.shown(self.user)]}",
        )


# ---------------------------------------------------------------- journeys


def start_of(place: int, now: datetime) -> datetime:
    """A start that nobody else of the town wants."""
    return in_some_days(2 + place % 6, 9 + place // 6 % 12, now)


async def books(body: Body) -> None:
    """A customer whom we know: five presses."""
    start = start_of(body.user - FIRST_CUSTOMER, body.town.clock.now())
    await body.says("预约服务")
    await body.presses("service", "minor")
    await body.presses("day", f"{start:%Y-%m-%d}")
    await body.presses("slot", f"{start:%Y-%m-%dT%H:%M}")
    await body.presses("confirm")
    await body.reads("预约成功")


async def joins(body: Body) -> None:
    """A stranger, who is asked everything."""
    start = start_of(body.user - FIRST_CUSTOMER, body.town.clock.now())
    await body.says("预约服务")
    await body.presses("agree")
    await body.reads("怎么称呼您")
    await body.says("李静女士")
    await body.reads("手机号")
    await body.does(SharedContact(f"139{body.user:08d}", True))
    await body.reads("车牌号")
    await body.says(plate(body.user))
    await body.presses("skip")
    await body.presses("service", "quick")
    await body.presses("day", f"{start:%Y-%m-%d}")
    await body.presses("slot", f"{start:%Y-%m-%dT%H:%M}")
    await body.presses("confirm")
    await body.reads("预约成功")


async def changes_their_mind(body: Body) -> None:
    """Fills in half a form, goes back a step, and cancels."""
    await body.says("预约服务")
    await body.presses("service", "minor")
    await body.reads("想哪天来")
    await body.says("返回")
    await body.reads("想做什么")
    await body.says("取消")
    await body.reads("取消")


async def complains(body: Body) -> None:
    """In their own words."""
    await body.says(FAULTS[body.user % 6])
    await body.reads("投诉已登记")
    await body.reads("负责人：小林")
    await body.presses("more")
    await body.says("脚垫也弄脏了")
    await body.reads("已补充到投诉单")
    await body.presses("that_is_all")


async def asks_for_somebody(body: Body) -> None:
    """人工."""
    await body.says("人工")
    await body.town.see(lambda: body.town.chats.shown(body.user), "an answer")


JOURNEYS = (books, joins, complains, changes_their_mind, asks_for_somebody)


async def works_at(body: Body, key: str, over: Callable[[], bool]) -> None:
    """A colleague presses `key` on every card of the group that has it, until `over` and none is left."""
    chats = body.town.chats
    dead: set[int] = set()
    while True:
        if found := chats.button(GROUP, key, but=dead):
            message, face = found
            await body.does(Pressed(key, face.tap.value), GROUP, tap=face.tap, card=message)
            try:
                gone = partial(_is_gone, chats, key, message, dead)
                await body.town.see(gone, f"an answer to {key}", LONGEST_LEASE)
            except AssertionError:
                if not chats.repeated():
                    raise
                dead.add(message)  # of a card that was brought twice one stays as it was
        elif over():
            return
        else:
            await body.town.pulse()


def _is_gone(chats: Chats, key: str, message: int, dead: Collection[int]) -> bool:
    found = chats.button(GROUP, key, but=dead)
    return found is None or found[0] != message


# ---------------------------------------------------------------- who is there


def plate(user: int) -> str:
    """Each has a car of their own."""
    return f"粤B{user:05d}"


async def move_in(town: Town, households: int) -> list[Body]:
    """So many customers: every other of them has a file with consent and a car."""
    now = town.clock.now()
    await gather(town.books, households, now)
    async with town.books.unit() as unit:
        for user in range(FIRST_CUSTOMER, FIRST_CUSTOMER + households):
            if JOURNEYS[user % len(JOURNEYS)] is joins:
                continue
            words = {"name": "王建国", "surname": "王", "salutation": "先生", "phone": f"138{user:08d}"}
            file = await customers.open_file(unit, user, now, consent_at=now, **words)
            await customers.keep_vehicle(unit, file, plate(user), "朗逸", now)
        assert await people.load(unit, now, user_ids=[FIRST_CUSTOMER])
    return [Body(town, user) for user in range(FIRST_CUSTOMER, FIRST_CUSTOMER + households)]


async def everybody_lives(town: Town, bodies: list[Body]) -> None:
    """All journeys at the same time, while colleagues work on the cards."""
    left = len(bodies)

    async def one(body: Body) -> None:
        nonlocal left
        try:
            await JOURNEYS[body.user % len(JOURNEYS)](body)
        finally:
            left -= 1

    brings = bodies[0].brings
    desks = {"got_it": FOREMAN, "accept": SUPERVISOR, "take": FRONT_DESK_MANAGER}
    async with asyncio.TaskGroup() as group:
        for body in bodies:
            group.create_task(one(body))
        for key, user in desks.items():
            colleague = Body(town, user, "同事", brings)
            group.create_task(works_at(colleague, key, lambda: left == 0))
    await town.later(3 * PULSE)


# ---------------------------------------------------------------- what came of it


async def effects_at_last(town: Town) -> dict[str, Any]:
    """What `effects` sees once receipts that failed are written: that is tried again after a real second."""
    now = asyncio.get_running_loop().time
    until = now() + RECOVERY
    while (seen := await effects(town))["open letters"] and now() < until:  # noqa: ASYNC110 - the books tell nobody
        await asyncio.sleep(A_BREATH)
    return seen


async def effects(town: Town) -> dict[str, Any]:
    """What is in the books and on the phones; equal for two plays in which the same happened."""
    talks = {row.id: row for row in await town.rows(select(CONVERSATIONS))}
    letters = await town.rows(select(OUTBOX))
    timers = await town.rows(select(TIMERS))
    return {
        "appointments": sorted(
            (row.state, row.plate, row.starts_at) for row in await town.rows(select(APPOINTMENTS))
        ),
        "complaints": Counter(row.state for row in await town.rows(select(COMPLAINTS))),
        "audit": Counter(row.action for row in await town.rows(select(AUDIT))),
        "conversations": Counter((row.dialog, row.status) for row in talks.values()),
        "timers": Counter((talks[row.conversation_id].dialog, row.name) for row in timers),
        "open letters": [row.script for row in letters if row.state not in ("sent", "dropped")],
        "new messages": Counter(
            (row.script, row.chat_id) for row in letters if row.state == "sent" and not row.edits_letter
        ),
        "chats": {
            chat: Counter(OF_THE_RUN.sub("№", each.text) for each in town.chats.shown(chat))
            for chat in sorted({where for where, _ in town.chats.faces})
        },
        "updates": len(await town.rows(select(INBOX))),
        "dead letters": [row.error for row in await town.rows(select(DEAD_LETTERS))],
    }


def differences(seen: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Where two plays differ, and in what: what is too much, what is missing."""
    found: dict[str, Any] = {}
    for name in sorted(seen.keys() | expected.keys(), key=str):
        one, other = seen.get(name), expected.get(name)
        if one == other:
            continue
        if isinstance(one, Counter) or isinstance(other, Counter):
            one, other = one or Counter(), other or Counter()
            found[name] = {"too much": dict(one - other), "missing": dict(other - one)}
        elif isinstance(one, dict) and isinstance(other, dict):
            found[name] = differences(one, other)
        else:
            found[name] = {"seen": one, "expected": other}
    return found
