"""The shop's own list of orders as a CSV or Excel file, read row by row in bounded memory (O4)."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot import order_csv, order_workbook
from bot.opening import CannotOpen
from bot.order_preview import refusal
from domain.order_cells import Cell, Unread, is_empty
from domain.order_rows import WHOLE_ROW, heading_faults
from scripts_zh.phrases import phrase

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WEB_PAGES = (b"<html", b"<table", b"<!doctype", b"<?xml", b"<meta", b"<head")


def rows(path: Path) -> Iterator[tuple[int, Mapping[str, Cell]]]:
    """Each row that is not empty: its line as a person sees it in Excel, and heading → what stands there.

    Headings are the first line that is not empty. Text is as written, times are without zone. A cell that cannot be
    used is an `Unread`; where that goes for the whole row it stands under WHOLE_ROW. Of several columns with one
    heading the first counts. The file stays open until the last row, or until the iterator is closed.
    Raises CannotOpen, before the first row, for a file that is no such list.
    """
    try:
        yield from _rows(path, _lines(path))
    except OSError as error:
        raise CannotOpen(phrase("order_import", "cannot_read", path=path, error=error.strerror)) from error


def _lines(path: Path) -> Iterator[tuple[int, list[Cell] | Unread]]:
    """By what the file is, whatever its name says."""
    with path.open("rb") as file:
        beginning = file.read(512)
    if beginning.startswith(_ZIP):
        return order_workbook.lines(path)
    if beginning.startswith(_OLD_OFFICE):
        raise CannotOpen(phrase("order_import", "old_excel", path=path))
    if beginning.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_WEB_PAGES):
        raise CannotOpen(phrase("order_import", "web_page", path=path))
    return order_csv.lines(path)


def _rows(
    path: Path, lines: Iterable[tuple[int, list[Cell] | Unread]]
) -> Iterator[tuple[int, Mapping[str, Cell]]]:
    headings: list[str] | None = None
    for line, cells in lines:
        if not isinstance(cells, Unread) and all(map(is_empty, cells)):
            continue
        if headings is None:
            headings = _headings(path, cells)
        else:
            yield line, _by_heading(headings, cells)
    if headings is None:
        raise CannotOpen(phrase("order_import", "no_rows", path=path))


def _headings(path: Path, cells: list[Cell] | Unread) -> list[str]:
    """The texts of the first line. Raises CannotOpen where they are not those of a list of orders."""
    headings = (
        [] if isinstance(cells, Unread) else ["" if isinstance(cell, Unread) else str(cell) for cell in cells]
    )
    if faults := heading_faults(headings):
        raise CannotOpen(refusal(path, faults))
    return [" ".join(heading.split()) for heading in headings]


def _by_heading(headings: list[str], cells: list[Cell] | Unread) -> dict[str, Cell]:
    if isinstance(cells, Unread):
        return {WHOLE_ROW: cells}
    row: dict[str, Cell] = {}
    for place, heading in enumerate(headings):
        if heading:
            row.setdefault(heading, cells[place] if place < len(cells) else "")
    if not all(map(is_empty, cells[len(headings) :])):
        row[WHOLE_ROW] = Unread.TOO_MANY_CELLS
    return row
