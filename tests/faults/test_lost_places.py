"""The group moves, the bot is thrown out, somebody blocks it: in the middle of deliveries, while processes die.

Two processes on PostgreSQL hear of it at different moments, from refused letters only; nobody tells them.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from service.ports import Gone, Moved
from storage.outbox import OUTBOX
from storage.places import PLACES
from tests.faults.house import a_seed
from tests.faults.shift import FRONT_DESK_MANAGER, ROLES, SUPERVISORS
from tests.faults.shop import GROUP
from tests.faults.tally import LONG, Tally
from tests.faults.test_flood import A_SECOND
from tests.faults.town import open_town
from tests.faults.townsfolk import move_in

if TYPE_CHECKING:
    from datetime import datetime

    from service.ports import Delivery, Letter
    from tests.clock import FakeClock

NEW_GROUP = -1_000_000_009_009
CUSTOMERS = 40 if LONG else 8
FRONT_DESK = {*SUPERVISORS, FRONT_DESK_MANAGER}


@pytest.fixture
def houses(database_url: str) -> int:
    """So many processes."""
    return 2 if "postgresql" in database_url else 1


@pytest.mark.parametrize("deaths", [False, True], ids=["all live", "kill"])
@pytest.mark.parametrize("what", ["moved", "kicked", "blocked"])
async def test_a_place_is_lost_in_the_middle(
    database_url: str, clock: FakeClock, houses: int, what: str, deaths: bool, tally: Tally
) -> None:
    """Every customer's card reaches somebody who may press it, once; nothing waits, nobody is told twice."""
    async with open_town(database_url, clock, random.Random(a_seed("PLACES_SEED")), houses) as town:
        bodies = await move_in(town, CUSTOMERS)
        lost = False

        def weather(letter: Letter, now: datetime) -> Delivery | None:
            if not lost:
                return None
            if what == "blocked":
                return (
                    Gone("chat", "Forbidden: bot was blocked by the user")
                    if letter.chat_id in FRONT_DESK
                    else None
                )
            if letter.chat_id != GROUP:
                return None
            return (
                Moved(NEW_GROUP)
                if what == "moved"
                else Gone("chat", "Forbidden: bot was kicked from the group chat")
            )

        town.chats.weather = weather

        async def asks(place: int) -> None:
            nonlocal lost
            await bodies[place].says("人工")
            if place == CUSTOMERS // 2:
                lost = True
                if deaths:
                    await town.kill(town.rng.choice(town.doors))

        for first in range(0, CUSTOMERS, 4):
            await asyncio.gather(*(asks(place) for place in range(first, min(first + 4, CUSTOMERS))))
        await town.later(40 * A_SECOND)
        readers = [NEW_GROUP] if what == "moved" else [GROUP] if what == "blocked" else sorted(ROLES)
        cards = {
            letter.id for chat in readers for letter in town.chats.shown(chat)
            if any(face.tap.key == "take" for row in letter.buttons for face in row)
        }  # fmt: skip
        rows = await town.rows(select(OUTBOX))
        waiting = [
            (row.script, row.state, row.reason)
            for row in rows
            if row.state in ("pending", "retry", "sending")
        ]
        places = {row.chat_id for row in await town.rows(select(PLACES))}
        repeated = town.chats.repeated().total()
    tally("group moved, bot thrown out, user blocked", deaths=int(deaths), updates=CUSTOMERS,
          lost=max(CUSTOMERS - len(cards), 0), repeated=repeated)  # fmt: skip
    assert waiting == []
    assert places == ({NEW_GROUP} if what == "moved" else {GROUP} if what == "blocked" else set())
    assert len(cards) >= CUSTOMERS
    assert what == "kicked" or len(cards) == CUSTOMERS, "a copy for each reader, but one card in the group"
    assert repeated <= CUSTOMERS * deaths
