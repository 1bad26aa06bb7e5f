"""PostgreSQL goes in the middle of the work and comes back: nothing acknowledged is lost, nothing needs a person.

A server of this test's own: it is stopped as if its machine had been switched off, and recovers from its log.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.engine import make_url

from tests.faults.house import a_seed
from tests.faults.shop import GROUP, WANG
from tests.faults.stage import open_stage
from tests.faults.tally import LONG, Tally
from tests.faults.test_killed import fill_in
from tests.faults.town import open_town
from tests.faults.townsfolk import RECOVERY, effects_at_last, everybody_lives, move_in
from tests.postgres import SURVIVES_ITSELF, Postgres, open_postgres
from tests.storage.conftest import _migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from service.ports import Incoming
    from tests.clock import FakeClock
    from tests.faults.program import Nursery
    from tests.faults.town import Town
    from tests.faults.townsfolk import Body

HOUSEHOLDS, RESTARTS = (40, 12) if LONG else (10, 2)
RESTARTED = "PostgreSQL restarted"
GONE = 0.3  # seconds of real time: everybody tries again and again meanwhile


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> Iterator[Postgres]:
    """The library's lock lies with the server of the session: that one has to be there."""
    with open_postgres(SURVIVES_ITSELF) as opened:
        yield opened


@pytest.fixture
def url(server: Postgres) -> Iterator[str]:
    database = server.create()
    asyncio.run(_migrate(server.url(database)))
    yield server.url(database)
    server.drop(database)


class Outages:
    """The server goes while everybody lives in the town, again and again; what was confirmed in spite of it."""

    def __init__(self, town: Town, goes: Callable[[], None], comes: Callable[[], None]) -> None:
        self._town = town
        self._goes, self._comes = goes, comes
        self._trouble = asyncio.Event()
        self.confirmed: set[int] = set()

    async def bring(self, *updates: Incoming) -> None:
        """As the service does; every now and then the server goes right afterwards."""
        if self._town.rng.random() < 0.3:
            self._trouble.set()
        await self._town.bring(*updates)
        self.confirmed |= {each.update_id for each in updates}

    async def live(self, bodies: list[Body]) -> dict[str, Any]:
        """All journeys; the effects."""
        async with asyncio.TaskGroup() as group:
            breaking = group.create_task(self._break())
            await everybody_lives(self._town, [replace(body, brings=self.bring) for body in bodies])
            breaking.cancel()
        self._comes()
        await self._town.later(timedelta(minutes=1), timedelta(seconds=5))
        return await effects_at_last(self._town)

    async def _break(self) -> None:
        for _ in range(RESTARTS):
            await self._trouble.wait()
            self._trouble.clear()
            self._town.calm.clear()
            await asyncio.to_thread(self._goes)
            await asyncio.sleep(GONE)
            await asyncio.to_thread(self._comes)
            self._town.calm.set()


async def test_restarted_while_everybody_writes(
    server: Postgres, url: str, clock: FakeClock, tally: Tally
) -> None:
    """Two processes, all journeys, and the server gone again and again for as long as it takes to recover."""
    async with open_town(url, clock, random.Random(a_seed("RESTART_SEED")), houses=2) as town:
        outages = Outages(town, server.break_down, server.come_back)
        seen = await outages.live(await move_in(town, HOUSEHOLDS))
    await all_is_well(town, outages, seen, tally)


async def test_it_lets_nobody_in_for_a_while(
    postgres: Postgres, postgres_url: str, clock: FakeClock, tally: Tally
) -> None:
    """As while it starts up, or has too many connections: what its clients hear then is no failed connection."""
    database = str(make_url(postgres_url).database)
    async with open_town(postgres_url, clock, random.Random(a_seed("RESTART_SEED")), houses=2) as town:
        outages = Outages(town, lambda: postgres.let_nobody_in(database), lambda: postgres.let_in(database))
        seen = await outages.live(await move_in(town, HOUSEHOLDS))
    await all_is_well(town, outages, seen, tally)


async def all_is_well(
    town: Town, outages: Outages, seen: dict[str, Any], tally: Tally, name: str = RESTARTED
) -> None:
    """Nothing that was confirmed is lost; no update was ever blamed for it."""
    repeated = town.chats.repeated().total()
    lost = len(outages.confirmed) - seen["updates"]
    tally(name, cases=RESTARTS, updates=len(outages.confirmed), lost=lost, repeated=repeated)
    assert [log for log in town.logs if "dead letter" in log["event"]] == []
    assert seen["dead letters"] == []
    assert seen["open letters"] == []
    assert lost == 0
    assert repeated == 0


@pytest.mark.parametrize("gone", (3.0, 30.0) if LONG else (3.0,))
async def test_the_program_goes_on_by_itself(
    server: Postgres, url: str, tmp_path: Path, nursery: Nursery, tally: Tally, gone: float
) -> None:
    """The real program, by long polling: a press while the server is away is answered within 15 s of its return."""
    loop = asyncio.get_running_loop()
    async with open_stage(nursery, url, tmp_path) as stage:
        program = await stage.start()
        await fill_in(stage)
        await stage.settled()
        await asyncio.to_thread(server.break_down)
        await stage.press(WANG, "confirm:")
        await asyncio.sleep(gone)
        await asyncio.to_thread(server.come_back)
        back = loop.time()
        await stage.read(WANG, "预约成功")
        await stage.read(GROUP, "请预留工位")
        recovery = loop.time() - back
        await stage.settled()
        assert not program.is_over
        await program.stop()
        seen = await stage.effects()
        doubled = [text for text, times in stage.all_said().items() if times > 1]
    tally(RESTARTED, updates=1, lost=int(seen["audit"]["appointment.booked"] != 1),
          repeated=len(doubled), recovery=recovery)  # fmt: skip
    assert seen["dead letters"] == 0
    assert seen["audit"]["appointment.booked"] == 1
    assert doubled == []
    assert not LONG or recovery <= RECOVERY
