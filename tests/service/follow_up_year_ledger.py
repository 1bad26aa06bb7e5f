"""What really happened in the year, on disk: what was planned, what left, what people did, and what stood against it.

Moments are minutes of store time since a fixed day, so that they can be compared by anybody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.service.follow_up_year import Leaving, Manner
from tests.service.month import STORE_TIME

ZERO = datetime(2026, 1, 1, tzinfo=STORE_TIME)
FOR_GOOD = 10**9
MOST_WAITING = 5_000  # lines that are held in memory before they are written

TABLES = """
CREATE TABLE leavings ("order" TEXT PRIMARY KEY, owner INT, manner TEXT, plate TEXT, at INT);
CREATE TABLE plans (number TEXT, sheet TEXT, "order" TEXT, "after" TEXT, made INT, due INT, latest INT);
CREATE TABLE letters (at INT, owner INT, contact TEXT, script TEXT, unasked INT, fresh INT);
CREATE TABLE deeds (at INT, owner INT, contact TEXT, what TEXT);
CREATE TABLE spans (owner INT, what TEXT, since INT, until INT);
"""


def minutes(moment: datetime) -> int:
    return int((moment - ZERO).total_seconds()) // 60


def moment_of(minute: int) -> datetime:
    return ZERO + timedelta(minutes=minute)


@dataclass(frozen=True, slots=True)
class Brought:
    """A letter that reached its owner's chat."""

    at: int
    script: str
    unasked: bool  # they had done nothing just then
    fresh: bool  # a new message, no change of an old one


@dataclass(frozen=True, slots=True)
class Contact:
    """One planned contact with everything that is known of it, in the order of time."""

    number: str
    sheet: str
    order: str
    after: str
    made: int
    due: int
    latest: int
    owner: int
    manner: Manner
    left: int
    letters: tuple[Brought, ...]
    deeds: tuple[tuple[int, str], ...]
    against: tuple[tuple[str, int, int], ...]  # what stood against asking this owner: what, since, until

    @property
    def came_by_itself(self) -> list[Brought]:
        """Our messages that nobody had asked for just then."""
        return [each for each in self.letters if each.unasked and each.fresh]

    def stands_against(self, what: str, at: int) -> bool:
        return any(name == what and since <= at < until for name, since, until in self.against)


class YearLedger:
    """The lines of the year, in a file of their own."""

    def __init__(self, file: Path) -> None:
        self._books = sqlite3.connect(file, isolation_level=None)
        self._books.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + TABLES)
        self._waiting: dict[str, list[tuple[Any, ...]]] = {}

    def note(self, table: str, *fields: Any) -> None:
        """Write a line; moments become minutes."""
        line = tuple(minutes(each) if isinstance(each, datetime) else each for each in fields)
        lines = self._waiting.setdefault(table, [])
        lines.append(line)
        if len(lines) >= MOST_WAITING:
            self._write(table)

    def left(self, leaving: Leaving) -> None:
        owner = leaving.owner
        self.note("leavings", leaving.number, owner.number, owner.manner.value, leaving.plate, leaving.at)

    def until(self, owner: int, what: str, moment: datetime) -> None:
        """What stood against asking them is over."""
        self._write("spans")
        closed = "UPDATE spans SET until = ? WHERE owner = ? AND what = ? AND until = ?"
        self._books.execute(closed, (minutes(moment), owner, what, FOR_GOOD))

    def _write(self, table: str) -> None:
        lines = self._waiting.pop(table, [])
        if lines:
            marks = ", ".join("?" * len(lines[0]))
            self._books.executemany(f"INSERT INTO {table} VALUES ({marks})", lines)

    def shut(self) -> None:
        """Everything is in the file, and can be found quickly."""
        for table in list(self._waiting):
            self._write(table)
        self._books.executescript(
            "CREATE INDEX l ON letters (contact, at); CREATE INDEX d ON deeds (contact, at);"
            " CREATE INDEX s ON spans (owner); CREATE INDEX p ON plans (after);"
        )

    def close(self) -> None:
        self._books.close()

    # ------------------------------------------------------------ reading, a contact at a time

    def ask(self, question: str, *about: Any) -> list[tuple[Any, ...]]:
        return self._books.execute(question, about).fetchall()

    def contacts(self) -> Iterator[Contact]:
        """Every planned contact."""
        every = (
            'SELECT p.*, l.owner, l.manner, l.at FROM plans p LEFT JOIN leavings l ON l."order" = p."order"'
            " ORDER BY p.rowid"
        )
        for row in self._books.execute(every):
            number, sheet, order, after, made, due, latest, owner, manner, left = row
            brought = self.ask(
                "SELECT at, script, unasked, fresh FROM letters WHERE contact = ? ORDER BY rowid", number
            )
            yield Contact(
                number, sheet, order, after, made, due, latest, owner, Manner(manner), left,
                tuple(Brought(at, script, bool(unasked), bool(fresh)) for at, script, unasked, fresh in brought),
                tuple(self.ask("SELECT at, what FROM deeds WHERE contact = ? ORDER BY rowid", number)),
                tuple(self.ask("SELECT what, since, until FROM spans WHERE owner = ?", owner)),
            )  # fmt: skip
