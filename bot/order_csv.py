"""Lines of a CSV file in whatever encoding and with whatever separator the shop's system wrote it (O4).

Nothing is guessed by frequency: an encoding counts when the whole file is valid in it, in a fixed order.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO

from bot.opening import CannotOpen
from domain.order_cells import LONGEST_CELL, Cell, Unread
from scripts_zh.phrases import phrase

SEPARATORS = ",;\t"
LONGEST_LINE = 100_000
"""Signs of one row; what is beyond is not kept, and the row is refused."""

_CHUNK = 1 << 20  # bytes
_PIECE = 1 << 16  # signs
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_UNMARKED = ("utf-8", "gb18030")  # hardly any text in GBK is valid UTF-8; nearly any file is valid GB18030
_BULK = re.compile(r'[^",;\t\r\n]+')
_HELD_AS_TEXT = re.compile(r'="(?P<text>[^"]*)"')
_OWN_SEPARATOR = re.compile(r"sep=(?P<sign>.)\s*")


class Readable(Protocol):
    """Text that is handed out line by line."""

    def readline(self, size: int, /) -> str:
        """The next line, or at most `size` signs of it; "" at the end."""


def lines(path: Path) -> Iterator[tuple[int, list[Cell] | Unread]]:
    """Each line as a spreadsheet counts them (a cell may hold line ends), with its cells or why it has none.

    Raises CannotOpen for a file that is no text in UTF-8, GBK or marked UTF-16.
    """
    with path.open("rb") as raw:
        encoding = encoding_of(raw)
    if encoding is None:
        raise CannotOpen(phrase("order_import", "no_encoding", path=path))
    with path.open(encoding=encoding, newline="") as text:
        separator = _separator(text)
        yield from enumerate(records(text, separator), start=1)


def encoding_of(raw: BinaryIO) -> str | None:
    """The first encoding in which all of `raw` is valid text, read piece by piece; None without one."""
    beginning = raw.read(4)
    marked = next((name for mark, name in _MARKS.items() if beginning.startswith(mark)), None)
    return next((name for name in ([marked] if marked else _UNMARKED) if _is_valid(raw, name)), None)


def records(text: Readable, separator: str) -> Iterator[list[Cell] | Unread]:
    """The rows from where `text` stands; a row that is too long or badly quoted is told so, and the next follows."""
    pieces = _Pieces(text)
    reader = csv.reader(pieces, delimiter=separator, strict=True)
    while True:
        pieces.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Unread.TOO_LONG if pieces.cut else Unread.QUOTES
            continue
        yield Unread.TOO_LONG if pieces.cut else [_cell(cell) for cell in cells]


class _Pieces:
    """Hands out physical lines; of a row that grows too long only separators and quotation marks go on.

    So an endless cell still ends where its quotation mark closes it, without ever being kept.
    """

    def __init__(self, text: Readable) -> None:
        self._text = text
        self.begin_row()

    def begin_row(self) -> None:
        """The next line is the beginning of a row."""
        self._room, self.cut = LONGEST_LINE, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        piece = self._text.readline(_PIECE)
        if not piece:
            raise StopIteration
        line = self._kept(piece, self._room)
        while len(piece) == _PIECE and piece[-1] != "\n" and (piece := self._text.readline(_PIECE)):
            line += self._kept(piece, self._room - len(line))
        self._room -= len(line)
        return line

    def _kept(self, piece: str, room: int) -> str:
        if len(piece) <= room:
            return piece
        self.cut = True
        return _BULK.sub("x", piece) if room > -LONGEST_LINE else ""


def _is_valid(raw: BinaryIO, encoding: str) -> bool:
    raw.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := raw.read(_CHUNK):
            if "\0" in decoder.decode(chunk):
                return False  # no table, whatever else it is
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(text: TextIO) -> str:
    """What parts the first line that is not empty into most cells; `text` then stands where the rows begin."""
    begin = text.tell()
    line = text.readline(_PIECE)
    if own := _OWN_SEPARATOR.fullmatch(line):
        return own["sign"]  # a line for spreadsheets, which do not count it
    while line and not line.strip():
        line = text.readline(_PIECE)
    text.seek(begin)
    return max(SEPARATORS, key=lambda sign: len(next(csv.reader([line], delimiter=sign), [])))


def _cell(text: str) -> Cell:
    if len(text) > LONGEST_CELL:
        return Unread.TOO_LONG
    if not text.startswith("="):
        return text
    held = _HELD_AS_TEXT.fullmatch(text)
    return held["text"] if held else Unread.FORMULA
