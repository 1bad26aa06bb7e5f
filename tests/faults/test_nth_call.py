"""The nth call to the database or to Telegram fails, or the house dies: at the end of five journeys nobody could tell.

Whatever fails: the same in the books, the same in the chats, nothing twice; one message more at most, and only where
the service had delivered it and its answer was lost.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, get_args

import pytest
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from storage.engine import Books
from tests.clock import FakeClock
from tests.faults.broken import BrokenBooks, BrokenPost, OnBooks, OnWire, Trouble
from tests.faults.house import a_seed
from tests.faults.journeys import JOURNEYS, Beginning, End, Journey, begin, differences, play
from tests.faults.mortal import Reaper, live
from tests.faults.tally import LONG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.tally import Tally
    from tests.postgres import Postgres

Way = TypeVar("Way", OnBooks, OnWire, str)
WAYS: tuple[OnWire, ...] = get_args(OnWire)
SAMPLE = 3  # plays of each journey in the short form
OF_POSTGRES = 4  # one of so many calls in the long form: making its database takes longer than the journey
PARTS = 6 if LONG else 1  # of the long form, to be played side by side


@dataclass(frozen=True)
class Copies:
    """Books at `url`, of which as many copies may be had as one likes: `fresh` makes one, `away` drops it."""

    url: str
    fresh: Callable[[], str]
    away: Callable[[str], None]


@pytest.fixture(params=["sqlite", "postgres"])
def copies(request: pytest.FixtureRequest) -> Copies:
    """Of either database."""
    if request.param == "sqlite":
        return _of_sqlite(request.getfixturevalue("sqlite_url"), request.getfixturevalue("tmp_path"))
    return _of_postgres(request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres"))


def _of_sqlite(url: str, folder: Path) -> Copies:
    copy = folder / "copy.db"

    def fresh() -> str:
        shutil.copy(folder / "desk.db", copy)
        return f"sqlite+aiosqlite:///{copy}"

    return Copies(url, fresh, lambda _: copy.unlink())


def _of_postgres(url: str, server: Postgres) -> Copies:
    def database(url: str) -> str:
        return str(make_url(url).database)

    return Copies(
        url,
        lambda: server.url(server.create(database(url))),
        lambda copy: server.drop(database(copy)),
    )


@dataclass(frozen=True)
class Playground:
    """Where a journey is played again and again from the same beginning."""

    journey: Journey
    start: Beginning
    copies: Copies

    async def play(
        self, post: BrokenPost, way: OnBooks = "statement", nth: int = 0
    ) -> tuple[End, BrokenBooks]:
        """Its end, when the nth call of the books fails in this `way`; and the books that counted."""
        url = self.copies.fresh()
        books = Books(url, synchronous="OFF")
        try:
            broken = BrokenBooks(books, way, nth)
            with capture_logs():
                return await play(self.journey, books, self.start, post, Trouble(broken, post)), broken
        finally:
            await books.close()
            self.copies.away(url)

    @property
    def one_of(self) -> int:
        """Of so many calls one has its turn in the long form."""
        return OF_POSTGRES if "postgresql" in self.copies.url else 1

    async def live(self, reaper: Reaper) -> End:
        """Its end, over the death that `reaper` has in store."""
        url = self.copies.fresh()
        try:
            with capture_logs():
                return await live(self.journey, url, self.start, BrokenPost(FakeClock()), reaper)
        finally:
            self.copies.away(url)


@pytest.fixture(params=JOURNEYS)
async def playground(request: pytest.FixtureRequest, copies: Copies) -> Playground:
    """Each of the five journeys."""
    journey = JOURNEYS[request.param]
    books = Books(copies.url, synchronous="OFF")
    start = await begin(journey, books)
    await books.close()
    return Playground(journey, start, copies)


def chosen(ways: Mapping[Way, int], part: int, *, of: int = 1) -> list[tuple[Way, int]]:
    """Which call fails in which way: in the long form every one in every way (or one `of` so many), else a few."""
    every = [(way, nth) for way, calls in ways.items() for nth in range(1, calls + 1)]
    rng = random.Random(a_seed("NTH_SEED"))
    return every[rng.randrange(of) :: of][part::PARTS] if LONG else rng.sample(every, SAMPLE)


def wrong(end: End, undisturbed: End, more: int = 0) -> list[str]:
    """What is not as it should be; `more` messages may be there twice."""
    found = list(differences(end, undisturbed))
    found += [f"never said: {missing}" for missing in undisturbed.said - end.said]
    repeated = end.said - undisturbed.said
    return found + [f"said once too often: {each}" for each in repeated if repeated.total() > more]


def figures(end: End, undisturbed: End) -> dict[str, int]:
    """For the table."""
    return {
        "updates": end.updates,
        "lost": undisturbed.updates - end.updates,
        "twice": len([one for one in differences(end, undisturbed) if ": + " in one]),
        "repeated": (end.said - undisturbed.said).total(),
    }


@pytest.mark.parametrize("part", range(PARTS))
async def test_the_nth_call_of_the_database_fails(playground: Playground, part: int, tally: Tally) -> None:
    undisturbed, counted = await playground.play(BrokenPost(FakeClock()))
    calls: dict[OnBooks, int] = {
        "statement": counted.statements.calls,
        "commit before": counted.commits.calls,
        "commit after": counted.commits.calls,
    }
    failed: list[str] = []
    for way, nth in chosen(calls, part, of=playground.one_of):
        end, broken = await playground.play(BrokenPost(FakeClock()), way, nth)
        assert broken.statements.is_over or broken.commits.is_over, f"there was no {way} {nth}"
        tally("the nth call of the database fails", **figures(end, undisturbed))
        if found := wrong(end, undisturbed):
            failed += [f"{way} {nth}: {each}" for each in found]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
@pytest.mark.parametrize("part", range(PARTS))
async def test_the_nth_call_of_the_service_fails(playground: Playground, part: int, tally: Tally) -> None:
    undisturbed, _ = await playground.play(post := BrokenPost(FakeClock()))
    failed: list[str] = []
    for way, nth in chosen(dict.fromkeys(WAYS, post.calls.calls), part):
        broken = BrokenPost(FakeClock(), way, nth)
        end, _ = await playground.play(broken)
        assert broken.calls.is_over, f"there was no call {nth}"
        tally("the nth call of the service fails", **figures(end, undisturbed))
        if found := [*wrong(end, undisturbed, more=way == "lost after"), *map(str, broken.too_soon)]:
            failed += [f"{way} {nth}: {each}" for each in found]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("copies", ["sqlite", "postgres"] if LONG else ["sqlite"], indirect=True)
@pytest.mark.parametrize("part", range(PARTS))
async def test_killed_at_the_nth_arrival(playground: Playground, part: int, tally: Tally) -> None:
    """At every named point. In each chat at most one message is repeated: the one that was under way."""
    undisturbed = await playground.live(counted := Reaper())
    failed: list[str] = []
    for point, nth in chosen(counted.arrivals, part, of=playground.one_of):
        end = await playground.live(reaper := Reaper(point, nth))
        assert reaper.has_struck, f"nobody arrived at {point} {nth}"
        tally("killed at the nth arrival at a point of five journeys", deaths=1, **figures(end, undisturbed))
        repeated = Counter(chat for chat, *_ in (end.said - undisturbed.said).elements())
        found = [
            *wrong(end, undisturbed, more=len(repeated)),
            *(f"{one} twice" for one in repeated.values() if one > 1),
        ]
        failed += [f"{point} {nth}: {each}" for each in found]
    assert not failed, "\n".join(failed)
