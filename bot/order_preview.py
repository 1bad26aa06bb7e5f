"""What is wrong with a row of the shop's list of orders, as whoever wrote the list reads it (O4)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from domain.order_rows import Fault
from scripts_zh.phrases import phrase

GROUP = "order_import"


def sentence(fault: Fault) -> str:
    """The reason and the cure, without the full stop."""
    words = {"heading": fault.heading, "value": fault.value, "line": fault.line, "cure": fault.cure}
    said = phrase(GROUP, fault.kind.value, **words)
    return phrase(GROUP, "under", heading=fault.heading, said=said) if fault.heading else said


def told(line: int, faults: Iterable[Fault]) -> str:
    """All faults of the row in `line`, one after another."""
    return phrase(GROUP, "row", line=line, said=phrase(GROUP, "next").join(map(sentence, faults)))


def refusal(path: Path, faults: Iterable[Fault]) -> str:
    """Why a file with these faults of its headings cannot be imported at all."""
    return phrase(GROUP, "headings", path=path, said=phrase(GROUP, "next").join(map(sentence, faults)))
