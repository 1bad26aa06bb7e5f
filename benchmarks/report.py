"""The table: every figure beside its ratio to the bare echo of the same run."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import aiogram
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from benchmarks.database import Costs
    from benchmarks.measuring import Course, Figures

ECHOES = ("before", "after")

Line = tuple[str, Callable[["Figures"], float], str]
LINES: tuple[Line, ...] = (
    ("updates per second", lambda one: one.per_second, ".0f"),
    ("CPU per update at saturation, ms", lambda one: one.cpu, ".2f"),
    ("median latency at saturation, ms", lambda one: one.median_full, ".0f"),
    ("99th percentile at saturation, ms", lambda one: one.late_full, ".0f"),
    ("median latency at 30/s, ms", lambda one: one.median_steady, ".1f"),
    ("99th percentile at 30/s, ms", lambda one: one.late_steady, ".1f"),
    ("CPU per update at 30/s, ms", lambda one: one.cpu_steady, ".2f"),
    ("press → new screen at 30/s, median, ms", lambda one: one.screen, ".1f"),
    ("press → new screen, 99th percentile, ms", lambda one: one.screen_late, ".1f"),
    ("press → spinner stops, median, ms", lambda one: one.toast, ".1f"),
    ("days ⇄ times of booking, median, ms", lambda one: one.booking_screen, ".1f"),
    ("days ⇄ times of booking, 99th percentile, ms", lambda one: one.booking_screen_late, ".1f"),
    ("start to first answer, s", lambda one: one.start_seconds, ".2f"),
    ("`import aiogram` at that moment, s", lambda one: one.import_seconds, ".2f"),
    ("start ÷ `import aiogram`", lambda one: one.start_seconds / one.import_seconds, ".2f"),
    ("memory, MiB", lambda one: one.memory, ".0f"),
)


def rows(results: Mapping[str, Figures]) -> list[list[str]]:
    """The table as text: a heading, then one line per figure; ratios are to the mean of both echoes."""
    table = [["", *(figures.name for figures in results.values())]]
    for label, value, form in LINES:
        base = _mean([value(results[key]) for key in ECHOES if key in results])
        cells = []
        for key, figures in results.items():
            number = value(figures)
            if math.isnan(number):
                cells.append("–")
                continue
            ratio = (
                ""
                if key in ECHOES or math.isnan(base) or "import aiogram" in label
                else f" ({number / base:.2f})"
            )
            cells.append(f"{number:{form}}{ratio}")
        table.append([label, *cells])
    return table


def show(console: Console, results: Mapping[str, Figures]) -> None:
    """Print the table."""
    heading, *lines = rows(results)
    table = Table(*heading, title="In brackets: ratio to the bare echo of this run")
    for line in lines:
        table.add_row(*line)
    console.print(table)
    console.print(machine())


def machine() -> str:
    """Where this was measured."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return (
        f"{os.cpu_count()} cores ({model[1].strip() if model else platform.machine()}), Python "
        f"{platform.python_version()}, aiogram {aiogram.__version__}, load average {os.getloadavg()[1]:.1f}"
    )


def write(document: Path, results: Mapping[str, Figures], course: Course) -> None:
    """Put the table between its two marks in `document`."""
    load = f"{course.texts} texts of 200 customers at saturation, {course.seconds:g} s of each steady load"
    _put(document, "measured", rows(results), load)


def _put(document: Path, mark: str, table: list[list[str]], load: str) -> None:
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    heading, *lines = table
    written = [heading, ["---", *["---:"] * (len(heading) - 1)], *lines]
    text = "\n".join("| " + " | ".join(line) + " |" for line in written)
    before, _, rest = document.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    document.write_text(f"{before}{begin}\n{text}\n\n{load}. {machine()}.\n{end}{after}", encoding="utf-8")


# ---------------------------------------------------------------- among ever more rows


@dataclass(frozen=True, slots=True)
class Crowd:
    """A table of costs among ever more of something: its mark in the document, how they are called, how exactly."""

    mark: str
    called: str
    form: str


CASES = Crowd("open cases", "open", ".1f")
TIMERS = Crowd("pending timers", "pending", ".2f")


def crowd_rows(crowd: Crowd, costs: Mapping[str, Costs]) -> list[list[str]]:
    """What each costs, by database and how many there are; ratios are to the fewest of them."""
    sizes = sorted({size for measured in costs.values() for each in measured.values() for size in each})
    table = [["", *(f"{size:,} {crowd.called}" for size in sizes)]]
    for database, measured in costs.items():
        for what, by_size in measured.items():
            least = by_size[sizes[0]]
            cells = [
                f"{by_size[size]:{crowd.form}}"
                + (f" ({by_size[size] / least:.2f})" if size != sizes[0] else "")
                for size in sizes
            ]
            table.append([f"{database}: {what}, ms", *cells])
    return table


def show_crowd(console: Console, crowd: Crowd, costs: Mapping[str, Costs]) -> None:
    """Print that table."""
    heading, *lines = crowd_rows(crowd, costs)
    table = Table(*heading, title=f"In brackets: ratio to {heading[1]}")
    for line in lines:
        table.add_row(*line)
    console.print(table)
    console.print(machine())


def write_crowd(document: Path, crowd: Crowd, costs: Mapping[str, Costs], rounds: int) -> None:
    """Put that table between its two marks in `document`."""
    _put(document, crowd.mark, crowd_rows(crowd, costs), f"Medians of {rounds} each, all sizes asked in turn")


def _mean(values: list[float]) -> float:
    return fmean(values) if values else math.nan
