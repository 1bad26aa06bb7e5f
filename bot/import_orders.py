"""`python bot.py import-orders`: the shop's own list of orders, looked at first and written only when told to (O4)."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import DBAPIError

from bot import order_file
from bot.opening import BooksAway, closed_house
from bot.order_preview import GROUP, told
from domain.order_rows import Fault, OrderRow, read_rows
from scripts_zh.phrases import phrase
from scripts_zh.wording import filters
from service.order_import import written
from service.order_list import Line, Listed, Meaning, compared

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.settings import Settings
    from domain.store import Store
    from service.house import House

LOOKED_AT = 500  # rows that are compared at once
WRITTEN = 50  # rows of one transaction: the bot, at work on the same books, waits no longer than for these
MOST_SHOWN = 10


@dataclass
class Account:
    """What became of the rows so far: how many of each meaning, and the first new ones."""

    counts: Counter[Meaning] = field(default_factory=Counter)
    new: list[Line] = field(default_factory=list)

    def take(self, line: Line) -> None:
        """Count `line`."""
        self.counts[line.meaning] += 1
        if line.meaning is Meaning.NEW and len(self.new) < MOST_SHOWN:
            self.new.append(line)


async def import_file(settings: Settings, store: Store, path: Path, *, writes: bool) -> None:
    """Tell what the list in `path` would change, or change it. Raises CannotOpen, and Exit(1) where a row is wrong.

    The file is read through before anything is written: one that breaks off in the middle changes nothing.
    """
    total = sum(1 for _ in order_file.rows(path))
    async with closed_house(settings, store, writes=writes) as house:
        with _progress(total) as went_on:
            account = await bring_in(house, path, writes=writes, went_on=went_on)
        for sentence in summary(account, house, writes=writes):
            typer.echo(sentence)
    if account.counts[Meaning.WRONG]:
        raise typer.Exit(1)


async def bring_in(
    house: House, path: Path, *, writes: bool, went_on: Callable[[int], None] = lambda rows: None
) -> Account:
    """Compare or write the rows of `path` and print what somebody has to see to. Raises CannotOpen.

    `went_on` is told how many rows are done. Only some rows at a time are in memory.
    """
    account, say = Account(), _Sentences(house)
    try:
        async for lines in _done(house, path, writes=writes):
            for line in lines:
                account.take(line)
                if sentence := say.of(line):
                    typer.echo(sentence)
            went_on(len(lines))
    except DBAPIError as error:
        raise BooksAway(phrase("cli", "database_unreachable", error=type(error).__name__)) from error
    return account


async def _done(house: House, path: Path, *, writes: bool) -> AsyncIterator[list[Line]]:
    rows = read_rows(order_file.rows(path), house.clock.now(), house.calendar.zone)
    for some in _portions(rows, WRITTEN if writes else LOOKED_AT):
        if writes:
            yield await written(house, some)
        else:
            async with house.books.glance() as unit:
                yield await compared(unit, house, some)


def _portions(rows: Iterable[tuple[int, OrderRow | tuple[Fault, ...]]], size: int) -> Iterator[Listed]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some


def summary(account: Account, house: House, *, writes: bool) -> Iterator[str]:
    """The first new orders, the counts, and what to do next."""
    say, counts = _Sentences(house), account.counts
    if account.new:
        yield phrase(GROUP, "new_rows", count=len(account.new))
        yield from map(say.new, account.new)
    named = {meaning.name.lower(): counts[meaning] for meaning in Meaning}
    yield phrase(GROUP, "counts", total=counts.total(), **named)
    if not counts[Meaning.NEW] and not counts[Meaning.CHANGED]:
        yield phrase(GROUP, "none_written")
    elif writes:
        yield phrase(GROUP, "done", new=counts[Meaning.NEW], changed=counts[Meaning.CHANGED])
    else:
        yield phrase(GROUP, "dry_run")


class _Sentences:
    """Lines of the list for reading; phones are masked (A3)."""

    def __init__(self, house: House) -> None:
        shown = filters(house.store.zone)
        self._day: Callable[[datetime], str] = shown["day"]
        self._clock: Callable[[datetime], str] = shown["clock"]

    def of(self, line: Line) -> str:
        """What somebody has to know of this row at once; nothing of new and unchanged ones."""
        if line.faults:
            return told(line.line, line.faults)
        if line.row is None:
            return ""
        words = {"line": line.line, "plate": line.row.plate.display, "number": line.number}
        match line.meaning:
            case Meaning.IN_SHOP:
                return phrase(GROUP, "in_shop", **words)
            case Meaning.CHANGED:
                return phrase(GROUP, "changed_row", **words, promised=self._when(line.row.promised))
            case _:
                return ""

    def new(self, line: Line) -> str:
        """A new order, as whoever made the list recognises it."""
        assert line.row is not None
        row = line.row
        return phrase(
            GROUP,
            "new_row",
            line=line.line,
            plate=row.plate.display,
            name=row.customer or phrase(GROUP, "nobody"),
            phone=row.phone.masked,
            items=phrase(GROUP, "between").join(row.items) or phrase(GROUP, "nothing_named"),
            promised=self._when(row.promised),
            advisor=row.advisor or phrase(GROUP, "nobody"),
        )

    def _when(self, moment: datetime) -> str:
        return f"{self._day(moment)} {self._clock(moment)}"


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal, nothing in a file or a pipe; what is printed meanwhile stands above it."""
    terminal = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    above = terminal.is_terminal and sys.stdout.isatty()
    with Progress(
        *columns, console=terminal, transient=True, disable=not terminal.is_terminal, redirect_stdout=above
    ) as bar:
        task: TaskID = bar.add_task(phrase(GROUP, "progress"), total=total)
        yield lambda rows: bar.advance(task, rows)
