"""The books of the release before this one, as tests/upgrade/write_books.py has kept them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Boolean, Connection, Date, DateTime, MetaData, Table, insert, inspect, text

from service.ports import Tap
from storage import upgrade
from storage.engine import Books

HERE = Path(__file__).parent

Shape = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A button that somebody had before them: in which chat and message, and what it carries."""

    chat: int
    message: int
    tap: Tap


@dataclass(frozen=True, slots=True)
class OldBooks:
    """The release and its revision, the moment at which it stopped; rows by table, buttons, statements by dialect."""

    release: str
    revision: str
    now: datetime
    rows: Sequence[tuple[str, Mapping[str, Any]]]
    shown: Sequence[Shown]
    said: Mapping[str, Sequence[str]]


@cache
def kept() -> OldBooks:
    """What is kept; there is one release before this one."""
    [file] = HERE.glob("*.jsonl")
    head, *lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    by_kind: dict[str, list[Any]] = {"shown": [], "said": [], "left out": []}
    rows = []
    for kind, *rest in lines:
        if kind in by_kind:
            by_kind[kind].append(rest)
        else:
            rows.append((kind, rest[0]))
    assert by_kind["left out"] == [], "a stage of that release is missing"
    said: dict[str, list[str]] = {}
    for dialect, statement in by_kind["said"]:
        said.setdefault(dialect, []).append(statement)
    shown = [Shown(chat, message, Tap(*tap)) for chat, message, tap in by_kind["shown"]]
    return OldBooks(head["release"], head["revision"], datetime.fromisoformat(head["now"]), rows, shown, said)


async def bring_to(books: Books, revision: str) -> None:
    """Empty books at `revision`, whatever the present one is."""
    await upgrade._run(books, lambda connection: command.upgrade(upgrade.settings(connection), revision))


async def load(books: Books) -> None:
    """Write the kept rows as that release would: only the columns that it knew."""
    old = kept()
    async with books.engine.begin() as connection:
        tables = await connection.run_sync(_reflected)
        for (name, columns), same in groupby(old.rows, key=lambda each: (each[0], tuple(each[1]))):
            table = tables[name]
            assert set(columns) <= set(table.columns.keys()), f"{name} has lost a column"
            values = [_typed(table, row, zoned=books.is_postgres) for _, row in same]
            await connection.execute(insert(table), values)
        if books.is_postgres:
            for name in sorted({name for name, row in old.rows if "id" in row}):
                # Its counters do not look at what was written with a number.
                counter = f"pg_get_serial_sequence('{name}', 'id')"
                await connection.execute(
                    text(f"SELECT setval({counter}, max(id)) FROM {name} WHERE {counter} IS NOT NULL")
                )


async def shape(books: Books) -> Shape:
    """Columns, unique keys and references of every table."""
    async with books.engine.connect() as connection:
        return await connection.run_sync(_shape)


def _shape(connection: Connection) -> Shape:
    seen = inspect(connection)
    return {
        table: {
            "columns": {one["name"]: one for one in seen.get_columns(table)},
            "unique": {str(one["column_names"]) for one in seen.get_unique_constraints(table)}
            | {str(one["column_names"]) for one in seen.get_indexes(table) if one["unique"]},
            "points": {str(one["constrained_columns"]) for one in seen.get_foreign_keys(table)},
        }
        for table in seen.get_table_names()
    }


def _reflected(connection: Connection) -> Mapping[str, Table]:
    found = MetaData()
    found.reflect(connection)
    return found.tables


def _typed(table: Table, row: Mapping[str, Any], *, zoned: bool) -> dict[str, Any]:
    """The row's values as the driver of the database wants them; SQLite keeps moments without a zone, as UTC."""
    values: dict[str, Any] = dict(row)
    for name, value in row.items():
        match table.columns[name].type:
            case DateTime():
                values[name] = datetime.fromisoformat(value).replace(tzinfo=UTC if zoned else None)
            case Date():
                values[name] = date.fromisoformat(value)
            case Boolean():
                values[name] = bool(value)
    return values
