"""A table as a CSV file that a spreadsheet opens: UTF-8 with its mark, and nothing in it is a formula."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from bot.opening import CannotOpen
from scripts_zh.phrases import phrase

_FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER: Final = re.compile(r"\+[0-9]+")  # as phone numbers begin


def write_table(target: Path, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write `heading` and `rows` to `target`. Raises CannotOpen when the place cannot be written."""
    try:
        # The mark at the beginning tells Excel that it is UTF-8.
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow(heading)
            table.writerows([_plain(cell) for cell in row] for row in rows)
    except OSError as error:
        raise CannotOpen(phrase("cli", "cannot_write", path=target, error=error.strerror)) from error


def _plain(cell: str) -> str:
    """What a customer typed must not become a formula in somebody's spreadsheet; a phone number is none."""
    begins = unicodedata.normalize("NFKC", cell[:1])  # Excel narrows full-width signs
    return f"'{cell}" if begins in _FORMULA_BEGINS and not _NUMBER.fullmatch(cell) else cell
