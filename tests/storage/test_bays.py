"""Bays are never taken twice (B4), given back exactly (B9), and jobs of several days get all their days or none."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import bays
from storage.engine import Books

if TYPE_CHECKING:
    from pathlib import Path


MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
BAYS = ("1", "2", "3")
LAST_CELL = 1 << 62


async def _taken(books: Books) -> dict[tuple[str, date], int]:
    async with books.glance() as unit:
        found = await bays.taken(unit, MONDAY - timedelta(days=9), TUESDAY + timedelta(days=9))
    return {key: mask for key, mask in found.items() if mask}


async def test_the_first_bay_that_is_free_all_along(books: Books) -> None:
    async with books.unit() as unit:
        assert await bays.take(unit, ["2", "1"], {MONDAY: 0b0110}) == "2"
        assert await bays.take(unit, ["2", "1"], {MONDAY: 0b0011}) == "1"
        assert await bays.take(unit, ["2", "1"], {MONDAY: 0b1001}) == "2"
        assert await bays.take(unit, ["2", "1"], {MONDAY: 0b0010}) is None
        assert await bays.take(unit, [], {MONDAY: 0b1}) is None
    assert await _taken(books) == {("1", MONDAY): 0b0011, ("2", MONDAY): 0b1111}


async def test_every_cell_of_the_mask_can_be_taken(books: Books) -> None:
    async with books.unit() as unit:
        assert await bays.take(unit, ["1"], {MONDAY: LAST_CELL | 1}) == "1"
        assert await bays.take(unit, ["1"], {MONDAY: LAST_CELL}) is None
        await bays.give_back(unit, "1", {MONDAY: LAST_CELL})
        assert await bays.take(unit, ["1"], {MONDAY: LAST_CELL | 2}) == "1"
    assert await _taken(books) == {("1", MONDAY): LAST_CELL | 3}


async def test_two_days_or_none(books: Books) -> None:
    async with books.unit() as unit:
        assert await bays.take(unit, ["1"], {TUESDAY: 0b0001}) == "1"
        assert await bays.take(unit, ["1"], {MONDAY: 0b1100, TUESDAY: 0b0001}) is None
        assert await bays.take(unit, ["1", "2"], {MONDAY: 0b1100, TUESDAY: 0b0001}) == "2"
    assert await _taken(books) == {
        ("1", TUESDAY): 0b0001,
        ("2", MONDAY): 0b1100,
        ("2", TUESDAY): 0b0001,
    }


async def test_exactly_what_was_taken_is_given_back(books: Books) -> None:
    """B9: neighbours keep their cells."""
    async with books.unit() as unit:
        for cells in ({MONDAY: 0b0011}, {MONDAY: 0b1100, TUESDAY: 0b0001}, {TUESDAY: 0b0110}):
            assert await bays.take(unit, ["1"], cells) == "1"
        await bays.give_back(unit, "1", {MONDAY: 0b1100, TUESDAY: 0b0001})
        await bays.give_back(unit, "1", {})
    assert await _taken(books) == {("1", MONDAY): 0b0011, ("1", TUESDAY): 0b0110}


async def test_only_the_days_that_were_asked_for(books: Books) -> None:
    async with books.unit() as unit:
        for days in range(4):
            await bays.take(unit, ["1"], {MONDAY + timedelta(days=days): 1})
        found = await bays.taken(unit, TUESDAY, TUESDAY + timedelta(days=1))
    assert found == {("1", TUESDAY): 1, ("1", TUESDAY + timedelta(days=1)): 1}


async def test_what_is_rolled_back_is_free_again(books: Books) -> None:
    """A refused effect undoes what it took (savepoint) and nothing else."""
    async with books.unit() as unit:
        await bays.take(unit, ["1"], {MONDAY: 0b01})
        with suppress(KeyError):
            async with unit.savepoint():
                await bays.take(unit, ["1"], {MONDAY: 0b10})
                raise KeyError
        assert await bays.take(unit, ["1"], {MONDAY: 0b10}) == "1"
    assert await _taken(books) == {("1", MONDAY): 0b11}


async def test_fifty_want_the_last_five(books: Books) -> None:
    """B4: exactly five get one, forty-five are told, nobody sees an error."""

    async def customer() -> str | None:
        async with books.unit() as unit:
            return await bays.take(unit, ["1", "2", "3", "4", "5"], {MONDAY: 0b110})

    got = await asyncio.gather(*(customer() for _ in range(50)))
    assert sorted(bay for bay in got if bay) == ["1", "2", "3", "4", "5"]
    assert got.count(None) == 45


async def test_moves_in_opposite_directions_do_not_wait_for_each_other(books: Books) -> None:
    """Each transaction moves several appointments, in an order of its own; none is chosen as a deadlock's victim."""
    async with books.unit() as unit:
        for bay in BAYS:
            for day in (MONDAY, TUESDAY):
                assert await bays.take(unit, [bay], {day: 0b1}) == bay

    async def mover(turn: int) -> None:
        there = [(bay, day) for bay in BAYS for day in (MONDAY, TUESDAY)]
        async with books.unit() as unit:
            for bay, day in there[::-1] if turn % 2 else there:
                await bays.give_back(unit, bay, {day: 0b1})
                assert await bays.take(unit, [bay], {day: 0b1}) == bay

    await asyncio.gather(*(mover(turn) for turn in range(10)))
    assert await _taken(books) == {(bay, day): 0b1 for bay in BAYS for day in (MONDAY, TUESDAY)}


Job = tuple[bool, list[str], dict[date, int]]
CELLS = st.dictionaries(st.sampled_from([MONDAY, TUESDAY]), st.integers(1, 0b111111), min_size=1)
JOBS = st.lists(st.tuples(st.booleans(), st.permutations(BAYS).map(list), CELLS), max_size=25)


@given(jobs=JOBS)
def test_any_jobs_on_few_bays_never_share_a_cell(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, jobs: list[Job]
) -> None:
    """B4, B9: whatever is taken and given back, the books and a plain list of cells agree."""
    file = tmp_path_factory.mktemp("bays") / "desk.db"
    file.write_bytes(sqlite_template.read_bytes())
    asyncio.run(_any_jobs(f"sqlite+aiosqlite:///{file}", jobs))


async def _any_jobs(url: str, jobs: list[Job]) -> None:
    books = Books(url, synchronous="OFF")
    occupied: set[tuple[str, date, int]] = set()
    held: list[tuple[str, dict[date, int]]] = []
    try:
        async with books.unit() as unit:
            for leaves, wanted, cells in jobs:
                if leaves and held:
                    bay, given = held.pop(0)
                    await bays.give_back(unit, bay, given)
                    occupied -= _cells(bay, given)
                    continue
                got = await bays.take(unit, wanted, cells)
                assert got == next((bay for bay in wanted if not occupied & _cells(bay, cells)), None)
                if got is not None:
                    held.append((got, cells))
                    occupied |= _cells(got, cells)
        found = await _taken(books)
        assert set().union(*(_cells(bay, {day: mask}) for (bay, day), mask in found.items())) == occupied
    finally:
        await books.close()


def _cells(bay: str, cells: dict[date, int]) -> set[tuple[str, date, int]]:
    return {(bay, day, cell) for day, mask in cells.items() for cell in range(64) if mask >> cell & 1}
