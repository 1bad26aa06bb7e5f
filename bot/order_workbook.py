"""Lines of an Excel workbook, read row by row (O4).

openpyxl reads the cells. While it streams it tells neither merged cells nor which formulas were never worked out:
a survey of the sheet's own XML goes before, and keeps no cell.
"""

from __future__ import annotations

import warnings
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from bot.opening import CannotOpen
from bot.order_preview import refusal
from domain.order_cells import LONGEST_CELL, Cell, Unread, is_empty
from domain.order_rows import Fault, heading_faults
from scripts_zh.phrases import phrase

MOST_ROWS = 1_048_576
"""Excel's own limit: a row number beyond it is no sheet's."""

MOST_NOTES = 50_000
"""Merged cells and formulas without value that are kept in mind."""

MOST_TEXT = 256 << 20
"""Bytes of all parts together once they are unpacked: openpyxl keeps some of them whole, and reads none twice as fast
as a bomb unpacks. A hundred thousand orders are half of it."""

_PIECE = 1 << 12  # bytes
_DAMAGED = (
    *(BadZipFile, ParseError, expat.ExpatError, zlib.error, EOFError, UnicodeError),
    *(
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        RuntimeError,
        NotImplementedError,
        OSError,
    ),
)  # what reading a broken or encrypted workbook raises, here and in openpyxl


def lines(path: Path) -> Iterator[tuple[int, list[Cell] | Unread]]:
    """Each line of the one visible sheet that holds orders, by its number in Excel.

    A cell merged downwards says in every line what it says in its first. Raises CannotOpen for a workbook that cannot
    be read, or in which not exactly one visible sheet has the headings of orders.
    """
    with _legible(path):
        _refuse_bombs(path)
        with _quiet():
            opened = openpyxl.load_workbook(path, read_only=True, data_only=True)
        with closing(opened) as book:
            sheet = _sheet_of_orders(book, path)
            place = sheet._worksheet_path  # noqa: SLF001 - it is told nowhere else
            with ZipFile(path) as archive, archive.open(place) as xml:
                survey = _Survey.of(xml)
            yield from _merged(_cells(sheet, survey), survey)


@dataclass
class _Survey:
    """What the sheet's XML says beside its cells: columns merged downwards by first line, formulas without value."""

    merged: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    unworked: set[tuple[int, int]] = field(default_factory=set)
    notes: int = 0

    @classmethod
    def of(cls, xml: IO[bytes]) -> _Survey:
        """Read a sheet to its end. Raises ValueError for what Excel would not write."""
        survey = cls()
        _SheetXml(survey).parser.ParseFile(xml)
        return survey


class _SheetXml:
    """Listens to the XML of a sheet for what a survey needs."""

    def __init__(self, survey: _Survey) -> None:
        self.survey = survey
        self.line = self.column = 0
        self.cell: dict[str, str] = {}
        self.formula = self.value = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, name: str, said: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                self.line, self.column = int(said.get("r", self.line + 1)), 0
                if not 0 < self.line <= MOST_ROWS:
                    raise ValueError(f"row {self.line} is beyond a sheet")
            case "c":
                self.column += 1
                self.cell, self.formula, self.value = said, False, False
            case "f":
                self.formula = True
            case "v":
                self.parser.CharacterDataHandler = self.text
            case "mergeCell":
                self.merge(said["ref"])

    def end(self, name: str) -> None:
        match name.rpartition(" ")[2]:
            case "v":
                self.parser.CharacterDataHandler = None
            case "c":
                # A text formula may well have worked out to nothing.
                if self.formula and not self.value and self.cell.get("t") != "str":
                    self.note_unworked()

    def text(self, _: str) -> None:
        self.value = True

    def note_unworked(self) -> None:
        place = self.cell.get("r")
        line, column = coordinate_to_tuple(place) if place else (self.line, self.column)
        self.survey.unworked.add((line, column))
        self.bound()

    def merge(self, reference: str) -> None:
        first_column, first, _, last = range_boundaries(reference)
        if last > first:
            self.survey.merged[first].append((first_column, last))
            self.bound()

    def bound(self) -> None:
        self.survey.notes += 1
        if self.survey.notes > MOST_NOTES:
            raise CannotOpen(phrase("order_import", "too_many_notes", most=MOST_NOTES))


def _sheet_of_orders(book: Any, path: Path) -> Any:
    """The only visible sheet that can be read as orders. Raises CannotOpen."""
    found: list[Any] = []
    faults: tuple[Fault, ...] = ()
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
        headings = _first_line(sheet)
        wrong = heading_faults(headings)
        if not wrong:
            found.append(sheet)
        elif headings and not faults:
            faults = wrong
    if len(found) > 1:
        names = phrase("order_import", "between").join(sheet.title for sheet in found)
        raise CannotOpen(phrase("order_import", "many_sheets", path=path, sheets=names))
    if not found:
        raise CannotOpen(refusal(path, faults) if faults else phrase("order_import", "no_rows", path=path))
    return found[0]


def _first_line(sheet: Any) -> list[str]:
    for _, cells in _cells(sheet, _Survey()):
        if not all(map(is_empty, cells)):
            return [str(cell) for cell in cells]
    return []


def _cells(sheet: Any, survey: _Survey) -> Iterator[tuple[int, list[Cell]]]:
    for line, row in enumerate(_quietly(sheet.iter_rows()), start=1):
        yield (
            line,
            [_cell(cell, (line, column) in survey.unworked) for column, cell in enumerate(row, start=1)],
        )


def _cell(cell: Any, unworked: bool) -> Cell:
    value = cell.value
    if unworked:
        return Unread.FORMULA
    if value is None:
        return ""
    if cell.data_type == "e":
        return Unread.ERROR_VALUE
    if isinstance(value, str):
        return value if len(value) <= LONGEST_CELL else Unread.TOO_LONG
    return value if isinstance(value, int | float | datetime) and not isinstance(value, bool) else str(value)


def _merged(lines: Iterator[tuple[int, list[Cell]]], survey: _Survey) -> Iterator[tuple[int, list[Cell]]]:
    """Put what a merged cell says into the lines below that it covers; an empty line stays empty."""
    standing: dict[int, tuple[int, Cell]] = {}
    for line, cells in lines:
        standing = {column: (last, said) for column, (last, said) in standing.items() if line <= last}
        if not all(map(is_empty, cells)):
            cells.extend([""] * (max(standing, default=0) - len(cells)))
            for column, (_, said) in standing.items():
                cells[column - 1] = said
        for column, last in survey.merged.get(line, ()):
            standing[column] = (last, cells[column - 1] if column <= len(cells) else "")
        yield line, cells


def _refuse_bombs(path: Path) -> None:
    """What unpacks to more than any list, and parts that declare entities. Raises CannotOpen, ValueError."""
    with ZipFile(path) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MOST_TEXT:
            raise CannotOpen(phrase("order_import", "too_much_text", path=path, most=MOST_TEXT >> 20))
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as xml:
                    _refuse_document_type(xml)


def _refuse_document_type(xml: IO[bytes]) -> None:
    """Read as far as the first element: where a part declares something, it does so before."""
    parser, begun = expat.ParserCreate(), list[str]()
    parser.StartDoctypeDeclHandler = _declared
    parser.StartElementHandler = lambda name, _: begun.append(name)
    while not begun and (piece := xml.read(_PIECE)):
        parser.Parse(piece)


def _declared(*_: Any) -> None:
    raise ValueError("a part of a workbook declares no document type")


@contextmanager
def _legible(path: Path) -> Iterator[None]:
    """Whatever a broken workbook raises becomes one sentence."""
    try:
        yield
    except _DAMAGED as error:
        raise CannotOpen(phrase("order_import", "damaged", path=path)) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """openpyxl warns of styles and add-ons, which nobody asks for here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _quietly(rows: Iterator[Any]) -> Iterator[Any]:
    """Only while openpyxl reads: between two rows the warnings are somebody else's."""
    while True:
        with _quiet():
            row = next(rows, None)
        if row is None:
            return
        yield row
