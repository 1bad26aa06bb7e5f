"""What conftest.py promises to every other test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.clock import FakeClock

pytest_plugins = ["pytester"]


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_gets_an_empty_database_of_its_own(database_url: str, round_: int) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE greeting (words text)"))
        await connection.execute(text("INSERT INTO greeting VALUES ('您好')"))
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT words FROM greeting"))).scalars().all() == ["您好"]
    await engine.dispose()


def test_the_clock_moves_only_when_told(clock: FakeClock) -> None:
    before = clock.now()
    assert clock.now() == before
    assert before.utcoffset() == timedelta(0)
    assert clock.advance(timedelta(minutes=90)) == before + timedelta(minutes=90) == clock.now()
    clock.set(datetime(2027, 2, 1, 8, 0, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == datetime(2027, 2, 1, 0, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2027, 2, 1))  # noqa: DTZ001
