"""`python -m benchmarks`: one run, one machine, one table of ratios. With --write it goes to docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks import report
from benchmarks.contestants import HOUSE, Contestant, echo, run_to_the_end, this_bot, write_store
from benchmarks.database import postgres
from benchmarks.measuring import Course, Figures, measure

USUAL = ("before", "full", "normal", "postgres", "after")

console = Console(width=150)


def contestants(postgres_url: str) -> dict[str, Contestant]:
    """Everybody, in the order they are measured: the measure of all things comes first and last."""
    return {
        "before": echo("bare aiogram echo"),
        "full": this_bot("SQLite FULL", "sqlite:///books/full.sqlite3"),
        "normal": this_bot("SQLite NORMAL", "sqlite:///books/normal.sqlite3", SQLITE_SYNCHRONOUS="NORMAL"),
        "postgres": this_bot("PostgreSQL", postgres_url),
        "ptb": this_bot("SQLite FULL, python-telegram-bot", "sqlite:///books/ptb.sqlite3", CHANNEL="ptb"),
        "after": echo("bare aiogram echo again"),
    }


async def main(only: list[str], course: Course, *, write: bool) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as place:
        folder = Path(place)
        write_store(folder)
        with postgres(folder / "pg") as url:
            await run_to_the_end((str(HOUSE / "bot.py"), "migrate"), folder, {"DATABASE_URL": url})
            results: dict[str, Figures] = {}
            for key, contestant in contestants(url).items():
                if key in (only or USUAL):
                    console.print(f"… {contestant.name}（load {os.getloadavg()[0]:.1f}）", style="dim")
                    results[key] = await measure(contestant, course, folder)
    report.show(console, results)
    if write:
        report.write(HOUSE / "docs" / "performance.md", results, course)


def _arguments() -> argparse.Namespace:
    usual = Course()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "only", nargs="*", help=f"of: before full normal postgres ptb after; default: {' '.join(USUAL)}"
    )
    parser.add_argument("--texts", type=int, default=usual.texts)
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="of each steady load")
    parser.add_argument("--starts", type=int, default=usual.starts)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    asyncio.run(main(given.only, Course(given.texts, given.seconds, given.starts), write=given.write))
