"""Tables: printed on the terminal, and put between their two marks in docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from benchmarks.database import Costs

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its `mark` in the document, a heading and lines, and under it what was measured (`load`)."""

    mark: str
    title: str
    rows: Sequence[Sequence[str]]
    load: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What a benchmark found: its table, and of the goals it speaks about (benchmarks/goals.py) what was seen."""

    sheet: Sheet
    seen: Mapping[str, float] = field(default_factory=dict)


def show(console: Console, sheet: Sheet) -> None:
    """Print the table."""
    heading, *lines = sheet.rows
    table = Table(*heading, title=sheet.title)
    for line in lines:
        table.add_row(*line)
    console.print(table)
    console.print(f"{sheet.load}. {machine()}.")


def machine() -> str:
    """Where this was measured."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return (
        f"{os.cpu_count()} cores ({model[1].strip() if model else platform.machine()}), Python "
        f"{platform.python_version()}, aiogram {version('aiogram')}, load average {os.getloadavg()[1]:.1f}"
    )


def write(document: Path, sheet: Sheet) -> None:
    """Put the table between its marks in `document`."""
    before, _, after = parts(document, sheet.mark)
    text = f"{markdown(sheet.rows)}\n\n{sheet.load}. {machine()}."
    document.write_text(f"{before}{text}{after}", encoding="utf-8")


def parts(document: Path, mark: str) -> tuple[str, str, str]:
    """`document` up to the mark's beginning, what stands between, and from its end on. Raises LookupError."""
    found = re.fullmatch(
        rf"(.*<!-- {mark}: begin -->\n)(.*?)(\n?<!-- {mark}: end -->.*)",
        document.read_text(encoding="utf-8"),
        re.S,
    )
    if not found:
        raise LookupError(f"{document.name} has no place for the table “{mark}”: put its two marks there.")
    return found[1], found[2], found[3]


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table with a heading, the first column to the left."""
    heading, *lines = rows
    written = [heading, ["---", *["---:"] * (len(heading) - 1)], *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in written)


def crowd(costs: Mapping[str, Costs], called: str, form: str) -> list[list[str]]:
    """What each costs, by who is asked and among how many; ratios are to the fewest of them."""
    sizes = sorted({size for measured in costs.values() for each in measured.values() for size in each})
    table = [["", *(f"{size:,} {called}" for size in sizes)]]
    for who, measured in costs.items():
        for what, by_size in measured.items():
            cells = [
                f"{by_size[size]:{form}}"
                + (f" ({by_size[size] / by_size[min(by_size)]:.2f})" if size != min(by_size) else "")
                if size in by_size
                else MISSING
                for size in sizes
            ]
            table.append([f"{who}: {what}, ms", *cells])
    return table
