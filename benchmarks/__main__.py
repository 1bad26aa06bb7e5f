"""`python -m benchmarks`: one run, one machine, one table of ratios. With --write it goes to docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import Collection
from pathlib import Path

from rich.console import Console

from benchmarks import open_cases, pending_timers, report
from benchmarks.contestants import HOUSE, Contestant, echo, run_to_the_end, this_bot, write_store
from benchmarks.database import Costs, postgres, postgres_urls, sqlite_urls
from benchmarks.measuring import Course, Figures, measure

USUAL = ("before", "full", "normal", "postgres", "after", "cases", "timers")

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
    wanted = only or USUAL
    document = HOUSE / "docs" / "performance.md"
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as place:
        folder = Path(place)
        write_store(folder)
        with postgres(folder / "pg") as url:
            if results := await _beside_the_echo(wanted, course, folder, url):
                report.show(console, results)
                if write:
                    report.write(document, results, course)
            if "cases" in wanted:
                costs = await _among_open_cases(folder, url)
                report.show_crowd(console, report.CASES, costs)
                if write:
                    report.write_crowd(document, report.CASES, costs, open_cases.ROUNDS)
            if "timers" in wanted:
                costs = await _among_pending_timers(folder, url)
                report.show_crowd(console, report.TIMERS, costs)
                if write:
                    report.write_crowd(document, report.TIMERS, costs, pending_timers.ROUNDS)


async def _beside_the_echo(
    wanted: Collection[str], course: Course, folder: Path, url: str
) -> dict[str, Figures]:
    results: dict[str, Figures] = {}
    if "postgres" in wanted:
        await run_to_the_end((str(HOUSE / "bot.py"), "migrate"), folder, {"DATABASE_URL": url})
    for key, contestant in contestants(url).items():
        if key in wanted:
            console.print(f"… {contestant.name}（load {os.getloadavg()[0]:.1f}）", style="dim")
            results[key] = await measure(contestant, course, folder)
    return results


async def _among_open_cases(folder: Path, url: str) -> dict[str, Costs]:
    store = (folder / "store.yaml").read_text(encoding="utf-8")
    costs = {}
    for name, urls in (await _databases(folder, url, "open", open_cases.SIZES)).items():
        console.print(f"… {name} with open complaints（load {os.getloadavg()[0]:.1f}）", style="dim")
        costs[name] = await open_cases.measure(urls, store)
    return costs


async def _among_pending_timers(folder: Path, url: str) -> dict[str, Costs]:
    costs = {}
    for name, urls in (await _databases(folder, url, "pending", pending_timers.SIZES)).items():
        console.print(f"… {name} with pending timers（load {os.getloadavg()[0]:.1f}）", style="dim")
        costs[name] = await pending_timers.measure(urls)
    return costs


async def _databases(folder: Path, url: str, name: str, sizes: Collection[int]) -> dict[str, dict[int, str]]:
    """An empty database of each size, on both."""
    return {
        "SQLite": sqlite_urls(folder, name, sizes),
        "PostgreSQL": await postgres_urls(url, name, sizes),
    }


def _arguments() -> argparse.Namespace:
    usual = Course()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "only",
        nargs="*",
        help=f"of: before full normal postgres ptb after cases timers; default: {' '.join(USUAL)}",
    )
    parser.add_argument("--texts", type=int, default=usual.texts)
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="of each steady load")
    parser.add_argument("--starts", type=int, default=usual.starts)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    asyncio.run(main(given.only, Course(given.texts, given.seconds, given.starts), write=given.write))
