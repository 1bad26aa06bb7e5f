"""`python -m benchmarks`: one run, one machine, tables of ratios. With --write they go to docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

from rich.console import Console

from benchmarks import (
    backlog,
    distance,
    downtime,
    free_slots,
    goals,
    memory,
    open_cases,
    pending_timers,
    replicas,
    report,
    saturation,
    starts,
    storm,
)
from benchmarks.contestants import HOUSE, write_store
from benchmarks.course import QUICK, USUAL, Course, Place
from benchmarks.database import Postgres

DOCUMENT = HOUSE / "docs" / "performance.md"
LONGEST = 900.0  # seconds after which a table is given up

console = Console(width=170)

TABLES: Mapping[str, Callable[[Place], Awaitable[report.Measured]]] = {
    "starts": starts.measure,
    "distance": distance.measure,
    "replicas": replicas.measure,
    "cases": open_cases.table,
    "timers": pending_timers.table,
    "slots": free_slots.measure,
    "storm": storm.measure,
    "backlog": backlog.measure,
    "downtime": downtime.measure,
    "memory": memory.measure,
}
"""Every table but the first, in the order in which they are measured."""


async def main(wanted: Sequence[str], course: Course, document: Path | None) -> int:
    """Measure and print, and put into `document` what was found; how many tables failed."""
    seen: dict[str, float] = {}
    failed, all_began = 0, perf_counter()
    with tempfile.TemporaryDirectory(prefix="desk-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        postgres = Postgres(folder / "pg")
        try:
            for name, table in _tables(wanted):
                began = perf_counter()
                measured = await _measured(name, table, Place(_desk(folder, name), postgres, course))
                if measured is not None:
                    _keep(measured, seen, document)
                failed += measured is None
                console.print(f"{name}: {perf_counter() - began:.0f} s\n", style="bold")
        finally:
            postgres.close()
    if seen:
        found = [row for row in goals.rows(seen) if row[2] != report.MISSING]
        load = f"{failed} tables failed; {(perf_counter() - all_began) / 60:.0f} minutes in all"
        report.show(console, report.Sheet("goals", "Goals", found, load))
    return failed


def _tables(wanted: Sequence[str]) -> list[tuple[str, Callable[[Place], Awaitable[report.Measured]]]]:
    contestants = [name for name in saturation.NAMES if not wanted or name in wanted]

    async def beside_the_echo(place: Place) -> report.Measured:
        return await saturation.measure(place, contestants, _say)

    first = [("saturation", beside_the_echo)] if contestants else []
    return [*first, *((name, table) for name, table in TABLES.items() if not wanted or name in wanted)]


def _desk(folder: Path, name: str) -> Path:
    """A folder of its own for each table."""
    desk = folder / name
    desk.mkdir()
    write_store(desk)
    return desk


async def _measured(
    name: str, table: Callable[[Place], Awaitable[report.Measured]], place: Place
) -> report.Measured | None:
    _say(name)
    gc.collect()
    gc.freeze()  # the load must not stop for the collector while an answer is on its way
    try:
        async with asyncio.timeout(LONGEST):
            return await table(place)
    except Exception as error:
        # The other tables are worth their time all the same.
        console.print(traceback.format_exc(limit=-3), style="dim", markup=False)
        console.print(f"{name} could not be measured: {error!r}", style="red", markup=False)
        log = place.folder / "log"
        if log.exists():
            console.print(
                log.read_text(encoding="utf-8", errors="replace")[-2000:], style="dim", markup=False
            )
        return None


def _keep(measured: report.Measured, seen: dict[str, float], document: Path | None) -> None:
    """At once: a later table that fails takes nothing away."""
    report.show(console, measured.sheet)
    seen.update(measured.seen)
    if document is None:
        return
    try:
        report.write(document, measured.sheet)
        goals.write(document, measured.seen)
    except (OSError, LookupError) as error:
        console.print(f"Not written: {error}", style="red")


def _say(what: str) -> None:
    console.print(f"… {what}（load {os.getloadavg()[0]:.1f}）", style="dim")


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [*saturation.NAMES, *TABLES]
    parser.add_argument(
        "only", nargs="*", metavar="NAME", help=f"of: {' '.join(names)}; default: all of them"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few of everything: shows that it works, measures little"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="another file for --write")
    read = parser.parse_args(given)
    unknown = [name for name in read.only if name not in names]
    if unknown:
        parser.error(f"There is no {' '.join(unknown)}; there are: {' '.join(names)}.")
    return read


if __name__ == "__main__":
    asked = arguments()
    sys.exit(
        asyncio.run(
            main(asked.only, QUICK if asked.quick else USUAL, asked.document if asked.write else None)
        )
    )
