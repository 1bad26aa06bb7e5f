"""Updates duplicated, shuffled, split over replicas: everything happens as in the undisturbed play, and happens once.

The service brings an update again when our answer is lost, also after younger ones; behind a load balancer each copy
may reach another process, and people tap twice.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from dialogs.core import Pressed
from storage.appointments import APPOINTMENTS
from tests.clock import FakeClock
from tests.faults.house import a_seed, deadlocks
from tests.faults.tally import LONG, Tally
from tests.faults.town import Town, open_town
from tests.faults.townsfolk import JOURNEYS, books, differences, effects, everybody_lives, move_in

if TYPE_CHECKING:
    from service.ports import Incoming

HOUSEHOLDS, PLAYS = (60, 6) if LONG else (15, 1)


class Muddle:
    """The service on a bad day: each update one to three times, to any process, some copies long afterwards."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._rng = town.rng
        self._echoes: list[tuple[Incoming, ...]] = []
        self.brought = 0
        self.confirmed: set[int] = set()

    async def bring(self, *updates: Incoming) -> None:
        """Until it is confirmed at least once; the other copies reach whoever they reach."""
        copies = self._rng.randint(1, 3)
        self.brought += copies
        await asyncio.gather(*(self._town.bring(*updates) for _ in range(copies)))
        self.confirmed |= {each.update_id for each in updates}
        if self._rng.random() < 0.3:
            self._echoes.append(updates)
        if self._echoes and self._rng.random() < 0.5:
            await self._echo()

    async def _echo(self) -> None:
        late = self._echoes.pop(self._rng.randrange(len(self._echoes)))
        self.brought += 1
        await self._town.bring(*late)

    async def rest(self) -> None:
        """Everything that was brought, once more: one process asks with the offset of yesterday."""
        self._rng.shuffle(self._echoes)
        while self._echoes:
            await self._echo()
        await self._town.quiet()


@pytest.fixture(scope="module")
def undisturbed(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The play without any trouble: one process, every update once."""
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("undisturbed") / "desk.db")

    async def play() -> dict[str, Any]:
        async with open_town(f"sqlite+aiosqlite:///{file}", FakeClock(), random.Random(1)) as town:
            await everybody_lives(town, await move_in(town, HOUSEHOLDS))
            return await effects(town)

    return asyncio.run(play())


@pytest.mark.parametrize("play", range(PLAYS))
async def test_one_to_three_copies_to_any_process(
    database_url: str, clock: FakeClock, undisturbed: dict[str, Any], tally: Tally, play: int
) -> None:
    rng = random.Random(a_seed("SHUFFLED_SEED"))
    houses = 2 if "postgresql" in database_url else 1
    async with open_town(database_url, clock, rng, houses) as town:
        before = await deadlocks(town.books) if houses > 1 else 0
        bodies = await move_in(town, HOUSEHOLDS)
        muddle = Muddle(town)
        await everybody_lives(town, [replace(body, brings=muddle.bring) for body in bodies])
        await muddle.rest()
        seen = await effects(town)
        circles = await deadlocks(town.books) - before if houses > 1 else 0
        repeated = town.chats.repeated().total()
        toasts = town.chats.toasts
    lost = len(muddle.confirmed) - seen["updates"]
    twice = sum((seen["audit"] - undisturbed["audit"]).values())
    tally("updates duplicated, shuffled, split over replicas", updates=muddle.brought, lost=lost, twice=twice,
          repeated=repeated)  # fmt: skip
    assert differences(seen, undisturbed) == {}
    assert repeated == 0
    assert circles == 0
    assert set(toasts.values()) <= {1}, "a press is answered once"


async def test_double_taps_on_two_processes(postgres_url: str, clock: FakeClock, tally: Tally) -> None:
    """The same button at the same instant, as two updates to two processes: one form each, and no other card."""
    rng = random.Random(a_seed("SHUFFLED_SEED"))
    async with open_town(postgres_url, clock, rng, houses=2) as town:
        known = [body for body in await move_in(town, HOUSEHOLDS) if JOURNEYS[body.user % 5] is books]
        taps = 0

        async def twice(update: Incoming) -> None:
            nonlocal taps
            taps += 1
            others = [update]
            if isinstance(update.event, Pressed):
                number = next(town.numbers)
                others.append(replace(update, update_id=number, press_id=f"P{number}"))
            await asyncio.gather(*(town.bring(each) for each in others))

        await asyncio.gather(*(books(replace(body, brings=twice)) for body in known))
        await town.quiet()
        forms = await town.rows(select(APPOINTMENTS))
        seen = await effects(town)
        said = [[each.text.splitlines()[0] for each in town.chats.shown(body.user)] for body in known]
    tally(
        "updates duplicated, shuffled, split over replicas", updates=2 * taps, twice=len(forms) - len(known)
    )
    assert [form.state for form in forms] == ["booked"] * len(known)
    assert seen["dead letters"] == []
    assert seen["audit"]["appointment.booked"] == len(known)
    assert [lines.count("✅ <b>预约成功</b>") for lines in said] == [1] * len(known)
