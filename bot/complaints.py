"""`python bot.py complaints`: the figures of a month of complaints, for managers (C11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bot.opening import closed_house
from bot.spreadsheet import write_table
from domain.complaint_figures import MonthOfComplaints, Punctuality, Rate, Served, VisibleLoss, month_of
from scripts_zh.phrases import phrase
from scripts_zh.wording import lasting, money
from storage import complaint_queries, complaints

if TYPE_CHECKING:
    from bot.settings import Settings
    from domain.complaints import Complaint
    from domain.store import Store
    from storage.engine import Unit

GROUP = "complaint_figures"
AT_ONCE = 1_000
COLUMNS = ("section", "step", "person", "figure", "value", "numbers")
NONE_AT_ALL = "0"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure with the cases that it counts; `value` is written out."""

    section: str
    figure: str
    value: str
    numbers: tuple[str, ...] = ()
    step: str = ""
    person: str = ""


async def tell_month(
    settings: Settings, store: Store, first: datetime, last: datetime, table: Path | None
) -> None:
    """Print the figures of the cases opened from `first` up to `last`, and write `table`. Raises CannotOpen."""
    async with closed_house(settings, store) as house:
        async with house.books.glance() as unit:
            await complaint_queries.stand_still(unit)
            found = await opened_between(unit, first, last)
            arrived = await complaint_queries.arrivals(unit, first, last)
        served = Served(sum(row.served for row in arrived), _by_name(arrived))
        month = month_of(found, served, house.calendar, store.complaints)
    rows = list(rows_of(month))
    for line in lines(month, rows, first):
        typer.echo(line)
    if table is not None:
        write_table(table, [_say(f"column_{each}") for each in COLUMNS], [_cells(row) for row in rows])
        typer.echo(_say("written", path=table))


async def opened_between(unit: Unit, first: datetime, last: datetime) -> list[Complaint]:
    """The complaints opened from `first` up to `last`, with their histories."""
    numbers = await complaints.numbers_of_month(unit, first, last)
    found: list[Complaint] = []
    for start in range(0, len(numbers), AT_ONCE):
        found += await complaints.load_many(unit, numbers[start : start + AT_ONCE])
    return found


def _by_name(arrived: Iterable[Any]) -> dict[str, int]:
    """Vehicles by first name, as reports name people; those of the same name have theirs together."""
    by: Counter[str] = Counter()
    for row in arrived:
        by[row.first_name] += row.served
    return dict(by)


def lines(month: MonthOfComplaints, rows: Sequence[Row], first: datetime) -> Iterator[str]:
    """The figures for reading: a line per step and person, nothing that is nought."""
    when = {"year": first.year, "month": first.month}
    if not month.numbers:
        yield _say("none", **when)
        return
    yield _say("title", count=len(month.numbers), served=month.served.total, **when)
    yield _say("cases", numbers=_listed(month.numbers))
    for section, of_section in groupby(rows, key=lambda row: row.section):
        yield _say("section", name=section)
        for (step, person), figures in groupby(of_section, key=lambda row: (row.step, row.person)):
            about = _say("of").join(each for each in (step, person) if each)
            told = _say("next").join(_figure(row) for row in figures if row.value != NONE_AT_ALL)
            told = told or _say("nothing")
            yield _say("line", about=about, told=told) if about else _say("plain_line", told=told)
    yield _say("denominator" if month.served.total else "nothing_served")


def _figure(row: Row) -> str:
    words = {"figure": row.figure, "value": row.value, "numbers": _listed(row.numbers)}
    return _say("figure_of" if row.numbers else "figure", **words)


def _cells(row: Row) -> list[str]:
    return [row.section, row.step, row.person, row.figure, row.value, " ".join(row.numbers)]


# ---------------------------------------------------------------- the figures one by one


def rows_of(month: MonthOfComplaints) -> Iterator[Row]:
    """Every figure of the month, section by section."""
    for kept in month.punctuality:
        yield from _times(kept)
    yield Row(_say("reopened"), _say("count"), str(len(month.reopened)), month.reopened)
    yield from _rates("hidden", month.hidden_losses)
    yield from _rates("grumbles", month.grumbles)
    for loss in month.visible_losses:
        yield from _visible(loss)
    yield from _rates("major", (month.major,))


def _times(kept: Punctuality) -> Iterator[Row]:
    section, step = _say("times"), phrase("complaint_step", kept.step.value)
    person = kept.person or _say("everybody")

    def row(figure: str, value: str, *numbers: str) -> Row:
        return Row(section, _say(figure), value, numbers, step, person)

    ended = [each.number for each in kept.ended]
    counted = {"ended": ended, "on_time": kept.on_time, "late": kept.late}
    yield from (row(figure, str(len(numbers)), *numbers) for figure, numbers in counted.items())
    if kept.median is not None and kept.worst is not None:
        yield row("median", _late(kept.median))
        yield row("worst", _late(kept.worst.late), kept.worst.number)
    rest = {"warned": kept.warned, "breached": kept.breached, "raised": kept.raised, "open": kept.still_open}
    yield from (row(figure, str(len(numbers)), *numbers) for figure, numbers in rest.items())


def _rates(section: str, rates: Sequence[Rate]) -> Iterator[Row]:
    for rate in rates:
        person = "" if section == "major" else rate.person or _say("nobody")

        def row(figure: str, value: str, *numbers: str, person: str = person) -> Row:
            return Row(_say(section), _say(figure), value, numbers, person=person)

        yield row("count", str(len(rate.numbers)), *rate.numbers)
        yield row("served_own" if rate.own else "served_store", str(rate.served))
        if rate.share is not None:
            words = {"share": _percent(rate.share), "limit": _percent(rate.limit)}
            yield row("share", _say("share_of_limit", **words))
        yield row("above", str(rate.above))
        if rate.amount:
            yield row("amount", money(rate.amount))


def _visible(loss: VisibleLoss) -> Iterator[Row]:
    had = {
        "responsible": loss.responsible,
        "supervisor": loss.supervisor,
        "heads": _listed(loss.heads),
        "manager": loss.manager,
    }
    for figure, who in had.items():
        yield Row(_say("visible"), _say(figure), who or _say("nobody"), step=loss.number)


def _late(by: timedelta) -> str:
    """提前 30 分钟, 超时 2 小时: to the minute, what is begun counts as late."""
    minutes = -(-by // timedelta(minutes=1))
    if not minutes:
        return _say("just_in_time")
    return _say("too_late" if minutes > 0 else "early", length=lasting(abs(minutes)))


def _percent(share: Decimal) -> str:
    percent = (share * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{percent:f}".rstrip("0").rstrip(".")


def _listed(names: Iterable[str]) -> str:
    return _say("between").join(names)


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)
