"""The table of docs/faults.md, from the lines that fault tests have written (`make faults`).

python -m tests.faults.report FILE            print it
python -m tests.faults.report FILE --write    and put it into docs/faults.md
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from pathlib import Path

from tests.faults.tally import Figures

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
HEADING = (
    "fault", "cases", "deaths", "updates", "lost", "effects twice", "messages repeated", "longest recovery, s",
    "timers", "latest, s",
)  # fmt: skip


def gathered(lines: str) -> dict[str, Figures]:
    """What was seen, added up for each fault, in the order of their names."""
    seen: dict[str, Figures] = {}
    for line in lines.splitlines():
        one = Figures(**json.loads(line))
        seen[one.fault] = seen[one.fault] + one if one.fault in seen else one
    return dict(sorted(seen.items()))


def table(seen: dict[str, Figures]) -> str:
    """Everything seen as Markdown, with a line of totals."""
    if not seen:
        raise SystemExit("No figures: run the fault tests with FAULT_FIGURES naming this file first.")
    whole = sum(seen.values(), Figures("all", cases=0))
    rows = [HEADING, ("---", *["---:"] * (len(HEADING) - 1)), *map(_row, (*seen.values(), whole))]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(one: Figures) -> tuple[str, ...]:
    counts = (one.cases, one.deaths, one.updates, one.lost, one.twice, one.repeated)
    return (
        one.fault, *(f"{count:,}" for count in counts), _seconds(one.recovery), f"{one.timers:,}", _seconds(one.late),
    )  # fmt: skip


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f}"


def machine() -> str:
    """Where this was seen."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    name = model[1].strip() if model else platform.machine()
    return f"`make faults` on {os.cpu_count()} cores ({name}), Python {platform.python_version()}"


def write(document: Path, text: str) -> None:
    """Put `text` between the two marks of `document`."""
    before, _, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{text}\n\n{machine()}.\n{END}{after}", encoding="utf-8")


def main(file: str, *options: str) -> None:
    """See above."""
    text = table(gathered(Path(file).read_text(encoding="utf-8")))
    print(text)
    if "--write" in options:
        write(DOCUMENT, text)


if __name__ == "__main__":
    main(*sys.argv[1:])
