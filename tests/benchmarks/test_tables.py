"""The benchmarks start, measure and end. What they measure is not asserted: a busy machine would make it lie.

FAULTS=long runs every table in its quick form, some minutes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks import free_slots, goals, open_cases, pending_timers, report, saturation
from benchmarks.__main__ import DOCUMENT, arguments, main
from benchmarks.contestants import write_store
from benchmarks.course import QUICK, Place
from benchmarks.database import Postgres
from tests.faults.tally import LONG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Postgres as TestServer

MINIATURE = replace(
    QUICK,
    customers=40,
    texts=60,
    seconds=4.0,
    press_seconds=0.3,
    case_sizes=(10,),
    case_rounds=1,
    timer_sizes=(1_000,),
    timer_rounds=1,
    fired_rounds=1,
    store_sizes=(1_000,),
)


@pytest.fixture
def place(tmp_path: Path, postgres: TestServer) -> Place:
    """A place with the server of the tests."""
    server = Postgres(tmp_path)
    server._server = postgres._server
    write_store(tmp_path)
    return Place(tmp_path, server, MINIATURE)


def _is_whole(measured: report.Measured) -> None:
    """The table has a place in the document, all its lines are as long as its heading, and its goals are known."""
    heading, *lines = measured.sheet.rows
    assert lines
    assert {len(line) for line in lines} == {len(heading)}
    report.parts(DOCUMENT, measured.sheet.mark)
    assert measured.seen.keys() <= goals.GOALS.keys()


async def test_programs_run_beside_the_echo(place: Place) -> None:
    """One of the others, and this bot by the channel that starts faster."""
    said: list[str] = []
    measured = await saturation.measure(place, ["ptb_echo", "ptb"], said.append)
    _is_whole(measured)
    assert len(measured.sheet.rows[0]) == 4, said


async def test_rows_are_multiplied_and_asked(place: Place) -> None:
    for table in (open_cases.table, pending_timers.table, free_slots.measure):
        _is_whole(await table(place))


def test_goals_keep_what_was_not_measured(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("<!-- goals: begin -->\n\n<!-- goals: end -->", encoding="utf-8")
    goals.write(document, {"full_rate": 1.6, "slots": 5.004, "next_five": 0.6})
    goals.write(document, {"full_rate": 0.5})
    lines = {
        line.split(" | ")[0].strip("| "): line for line in document.read_text(encoding="utf-8").splitlines()
    }
    found = {key: lines[goal.figure].split(" | ")[2:4] for key, goal in goals.GOALS.items()}
    assert found["full_rate"] == ["0.50", "**no**"]
    assert found["slots"] == ["5.00", "yes"]
    assert found["next_five"] == ["0.600", "**no**"]
    assert found["backlog"] == [report.MISSING, report.MISSING]


async def test_a_table_that_fails_takes_nothing_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def failing(place: Place) -> report.Measured:
        raise RuntimeError("out of order")

    async def working(place: Place) -> report.Measured:
        return report.Measured(
            report.Sheet("storm", "", [["", "a"], ["b", "1"]], "Little"), {"storm_lost": 0}
        )

    document = tmp_path / "performance.md"
    document.write_text(DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr("benchmarks.__main__.TABLES", {"first": failing, "second": working})
    assert await main(["first", "second"], MINIATURE, document) == 1
    assert "out of order" in capsys.readouterr().out
    assert "| b | 1 |" in report.parts(document, "storm")[1]


async def test_every_table_in_its_quick_form(tmp_path: Path) -> None:
    """By `make faults`; otherwise what is said when none is known."""
    if not LONG:
        with pytest.raises(SystemExit):
            arguments(["no such table"])
        return
    document = tmp_path / "performance.md"
    document.write_text(DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    assert await main([], QUICK, document) == 0
