"""What conftest.py promises to every other test."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.clock import FakeClock
from tests.house.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SKIPS = """
import pytest

def test_in_the_middle():
    pytest.skip("no such machine")

@pytest.mark.skip(reason="not today")
def test_at_once(): ...

@pytest.mark.xfail(strict=True)
def test_known_to_fail():
    assert False
"""
SKIPS_WHOLLY = """
import pytest
pytest.skip("not this file", allow_module_level=True)
"""


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


def _run(folder: Path, content: str, require_all: str) -> str:
    (folder / "test_skips.py").write_text(content, encoding="utf-8")
    (folder / "pytest.ini").touch()
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest"]
    command += [
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        "-c",
        f"{folder / 'pytest.ini'}",
        f"{folder}",
    ]
    environment = {**os.environ, "REQUIRE_ALL": require_all, "NO_COLOR": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True).stdout


def test_a_skipped_test_is_only_skipped(tmp_path: Path) -> None:
    assert "2 skipped, 1 xfailed" in _run(tmp_path, SKIPS, "0")


def test_require_all_fails_what_would_be_skipped(tmp_path: Path) -> None:
    output = _run(tmp_path, SKIPS, "1")
    assert "1 failed, 1 xfailed, 1 error" in output
    assert "REQUIRE_ALL=1 allows no skipped test. Skipped: no such machine" in output


def test_require_all_fails_a_file_that_would_be_skipped(tmp_path: Path) -> None:
    output = _run(tmp_path, SKIPS_WHOLLY, "1")
    assert "1 error" in output
    assert "REQUIRE_ALL=1 allows no skipped test. Skipped: not this file" in output
