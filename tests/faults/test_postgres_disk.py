"""PostgreSQL's disk is full in the middle of the work: nothing acknowledged is lost, nothing needs a person.

Part of `make faults` only: a disk that is ours to fill needs the right to mount.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.house import a_seed
from tests.faults.small_disk import SmallDisk, small_disk
from tests.faults.test_postgres_restarted import HOUSEHOLDS, Outages, all_is_well
from tests.faults.town import open_town
from tests.faults.townsfolk import move_in
from tests.postgres import SURVIVES_ITSELF, Postgres, open_postgres
from tests.storage.conftest import _migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clock import FakeClock
    from tests.faults.tally import Tally


@dataclass
class Cramped:
    """A server whose disk is small."""

    server: Postgres
    disk: SmallDisk
    url: str

    def fill_log(self) -> None:
        """Not even the log has room for another segment, and it wants one."""
        self.disk.fill()
        with suppress(RuntimeError):
            while True:  # some may lie ready
                self.server.end_segment()

    def come_back(self) -> None:
        """There is room again; a server that gave up is started as its supervisor would."""
        self.disk.make_room()
        self.server.come_back()


@pytest.fixture
def cramped(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cramped]:
    """A server on a disk that can be filled, with books at HEAD."""
    assert postgres  # the library's lock lies with the server of the session: that one has to be there
    with (
        tempfile.TemporaryDirectory(prefix="desk-") as folder,
        small_disk(Path(folder)) as disk,
        open_postgres(SURVIVES_ITSELF, disk.folder) as server,
    ):
        database = server.create()
        asyncio.run(_migrate(server.url(database)))
        yield Cramped(server, disk, server.url(database))


@pytest.mark.parametrize("of_log", [False, True], ids=["tables", "log"])
async def test_its_disk_is_full(cramped: Cramped, clock: FakeClock, tally: Tally, of_log: bool) -> None:
    """No table can grow; and where its log cannot either, the server gives up until there is room again."""
    goes = cramped.fill_log if of_log else cramped.disk.fill
    async with open_town(cramped.url, clock, random.Random(a_seed("RESTART_SEED")), houses=2) as town:
        outages = Outages(town, goes, cramped.come_back)
        seen = await outages.live(await move_in(town, HOUSEHOLDS))
    await all_is_well(town, outages, seen, tally, "PostgreSQL's disk full")
    assert of_log or [log for log in town.logs if "DiskFullError" in repr(log.get("error"))], "it never was"
