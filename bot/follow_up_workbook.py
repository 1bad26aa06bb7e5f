"""The workbook of a month of follow-ups (F4), a sheet for each of its forms (bot/follow_up_forms.py).

Rows are written one by one and never kept. Nothing in a cell is a formula, whatever somebody typed; times are the
store's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from bot.follow_up_forms import RECORD, REGISTER, Value, contacts_of, record_rows, register_rows
from bot.followups import GROUP, Report
from bot.opening import CannotOpen
from scripts_zh.phrases import phrase

WRAPPED = ("work", "answers", "note")
TIME_FORMAT = "yyyy-mm-dd hh:mm"
ROOM_OF_TIME = 16
NARROWEST, WIDEST = 6, 60
"""Widths of columns, in half signs."""
LONGEST_TEXT = 16_000
"""Signs of one cell: half of what Excel holds, for it counts some of them twice."""
FIRST_ROW = 3
"""Above it are the title and the headings."""

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_workbook(target: Path, report: Report) -> None:
    """Write the month to `target`. Raises CannotOpen when the place cannot be written."""
    contacts = sorted(
        (contact for each in report.follow_ups for contact in contacts_of(each)),
        key=lambda each: (each.at, each.follow_up.number),
    )
    try:
        with target.open("wb") as file:
            book = Workbook(write_only=True)
            _fill(book, report, "record", RECORD, lambda: record_rows(report, contacts))
            _fill(book, report, "register", REGISTER, lambda: register_rows(report))
            book.save(file)
    except OSError as error:
        raise CannotOpen(phrase("cli", "cannot_write", path=target, error=error.strerror)) from error


def _fill(
    book: Workbook,
    report: Report,
    form: str,
    columns: Sequence[str],
    rows: Callable[[], Iterator[Mapping[str, Value]]],
) -> None:
    """Add the sheet of a form. `rows` is gone through twice: for the widths, which come first in the file, and for
    the cells.
    """
    headings = [_say(f"column_{column}") for column in columns]
    widths, count = _widths(headings, columns, rows())
    sheet: Any = book.create_sheet(_say(form))
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    last = get_column_letter(len(columns))
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:{last}{FIRST_ROW - 1 + count}"
    sheet.print_title_rows = f"1:{FIRST_ROW - 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
    first = report.first
    title = _say(f"{form}_title", store=report.store.name, year=first.year, month=first.month)
    sheet.append([_title_cell(sheet, title)])
    sheet.append([_heading_cell(sheet, heading) for heading in headings])
    pens = {
        (column, quoted): _blank_cell(sheet, column, quoted) for column in columns for quoted in (False, True)
    }
    for row in rows():
        # A row is written when it is appended: its cells serve for the next one.
        sheet.append([_written(pens, column, row.get(column), report) for column in columns])


def _written(pens: Mapping[tuple[str, bool], Any], column: str, value: Value, report: Report) -> Any:
    """The cell of `column` with `value` in it."""
    if isinstance(value, datetime):
        value = value.astimezone(report.store.zone).replace(tzinfo=None)
    elif isinstance(value, str):
        value = _legible(value)
    is_text = isinstance(value, str)
    cell = pens[column, isinstance(value, str) and value.startswith(_FORMULA_BEGINS)]
    cell.value = value or None if is_text else value
    if is_text and value:
        cell.data_type = "s"  # never a formula, nor an error value
    return cell


def _legible(text: str) -> str:
    """`text` without what no workbook may hold; what is too long ends with …."""
    kept = _NO_XML.sub("", text)
    return kept if len(kept) <= LONGEST_TEXT else f"{kept[: LONGEST_TEXT - 1]}…"


def _widths(
    headings: Sequence[str], columns: Sequence[str], rows: Iterable[Mapping[str, Value]]
) -> tuple[list[int], int]:
    """How wide each column must be, in half signs, and how many rows there are."""
    widths = {
        column: _width(heading) + 3 for column, heading in zip(columns, headings, strict=True)
    }  # the arrow of the filter
    count = 0
    for row in rows:
        count += 1
        for column in columns:
            widths[column] = max(widths[column], _width(row.get(column)) + 2)
    return [min(max(widths[column], NARROWEST), WIDEST) for column in columns], count


def _width(value: Value) -> int:
    if isinstance(value, datetime):
        return ROOM_OF_TIME
    text = "" if value is None else str(value)
    if text.isascii() and "\n" not in text:
        return len(text)
    return max(
        sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)
        for line in text.split("\n")
    )


def _title_cell(sheet: Any, title: str) -> Any:
    cell: Any = WriteOnlyCell(sheet, _legible(title))
    cell.font = Font(bold=True, size=14)
    return cell


def _heading_cell(sheet: Any, heading: str) -> Any:
    cell: Any = WriteOnlyCell(sheet, heading)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor="3A7CA5")
    cell.alignment = Alignment(vertical="center")
    return cell


def _blank_cell(sheet: Any, column: str, quoted: bool) -> Any:
    """A cell as those of `column` look. `quoted`: it stays text even after somebody has edited it."""
    cell: Any = WriteOnlyCell(sheet)
    cell.alignment = Alignment(vertical="top", wrap_text=column in WRAPPED)
    cell.border = Border(bottom=Side("thin", color="DFE5EC"))
    cell.number_format = TIME_FORMAT if column.endswith("_at") else "General"
    cell.quotePrefix = quoted
    return cell


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)
