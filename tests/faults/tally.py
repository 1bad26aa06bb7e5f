"""What fault tests have seen, in figures: each test reports its own, `make faults` adds them up (report.py).

    async def test_…(tally: Tally) -> None:
        …
        tally("PostgreSQL restarted", updates=40, lost=0, twice=0, repeated=1, recovery=3.2)
        assert …

Report before you assert: a table without what went wrong would be no table.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

LONG = os.environ.get("FAULTS") == "long"
"""Whether the long forms are wanted (`make faults`), or the short ones (`make test`)."""

FIGURES_FILE = "FAULT_FIGURES"
"""The environment variable that names the file in which figures are gathered; without it nobody gathers them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen of one class of faults.

    `cases`: how often it was made to happen. `deaths`: processes killed. `updates`: brought by the service; `lost`: of
    them, acknowledged and without effect. `twice`: effects that happened twice. `repeated`: messages that somebody
    got once too often. `recovery`: the longest time in seconds from the end of the fault until all was well again;
    None where nothing was to recover. `timers`: how many came due, each once; `late`: seconds after its time, or
    after recovery, at which the latest rang; None where none was due.
    """

    fault: str
    cases: int = 1
    deaths: int = 0
    updates: int = 0
    lost: int = 0
    twice: int = 0
    repeated: int = 0
    recovery: float | None = None
    timers: int = 0
    late: float | None = None

    def __add__(self, other: Figures) -> Figures:
        """Both together: counts are added up, of times the longest counts."""
        mine, theirs = asdict(self), asdict(other)
        both: dict[str, Any] = {name: mine[name] + theirs[name] for name in COUNTS}
        for name in TIMES:
            both[name] = max((each[name] for each in (mine, theirs) if each[name] is not None), default=None)
        return Figures(self.fault, **both)


COUNTS = ("cases", "deaths", "updates", "lost", "twice", "repeated", "timers")
TIMES = ("recovery", "late")


class Tally:
    """Takes figures down: a line of JSON each, in a file that several processes may write."""

    def __init__(self, file: Path | None) -> None:
        """None: nobody gathers."""
        self._file = file

    def __call__(self, fault: str, **figures: float | None) -> None:
        """`fault` is the line of the table; the rest as `Figures` has it."""
        seen = Figures(fault, **figures)  # type: ignore[arg-type]  # by name, and JSON knows no difference
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(seen), ensure_ascii=False) + "\n")


@pytest.fixture
def tally() -> Tally:
    """Reports figures: `tally("the class of faults", cases=…, updates=…)`."""
    file = os.environ.get(FIGURES_FILE)
    return Tally(Path(file) if file else None)
