"""Bays: which grid cells of which day are taken, one bit mask per bay and day (B4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import BigInteger, Column, Date, String, Table, bindparam, select, update

from storage import locks
from storage.engine import Unit
from storage.locks import Lock
from storage.schema import METADATA

BAY_DAYS = Table(
    "bay_days",
    METADATA,
    Column("bay", String(16), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("mask", BigInteger, nullable=False, default=0),
)


_TAKEN = select(BAY_DAYS).where(BAY_DAYS.c.day >= bindparam("first"), BAY_DAYS.c.day <= bindparam("last"))


async def taken(unit: Unit, first: date, last: date) -> dict[tuple[str, date], int]:
    """What is taken from `first` to `last`, both included."""
    found = await unit.rows(_TAKEN, {"first": first, "last": last})
    return {(row.bay, row.day): row.mask for row in found}


async def alone(unit: Unit) -> None:
    """From now to the end of this transaction nobody else takes or gives back a bay; they wait, in turn.

    A transaction moves several appointments in whatever order they come. Side by side two of them would hold
    one bay each and wait for the other's. On SQLite there is one writer at a time anyway.
    """
    await locks.alone(unit, Lock.BAYS)


async def take(unit: Unit, bays: Sequence[str], cells: Mapping[date, int]) -> str | None:
    """Take `cells` in the first of `bays` where all of them are free; that bay, or None if there is none.

    The condition and the change are one statement, so two who want the last slot cannot both get it (B4).
    """
    await alone(unit)
    days = sorted(cells)
    rows = [{"bay": bay, "day": day, "mask": 0} for bay in bays for day in days]
    if rows:
        await unit.run_many(unit.insert_new(BAY_DAYS), rows)
    for bay in bays:
        if await _take_in(unit, bay, {day: cells[day] for day in days}):
            return bay
    return None


async def _take_in(unit: Unit, bay: str, cells: Mapping[date, int]) -> bool:
    done: dict[date, int] = {}
    for day, mask in cells.items():
        free = update(BAY_DAYS).where(
            BAY_DAYS.c.bay == bay, BAY_DAYS.c.day == day, BAY_DAYS.c.mask.op("&")(mask) == 0
        )
        if await unit.run(free.values(mask=BAY_DAYS.c.mask.op("|")(mask))) != 1:
            await give_back(unit, bay, done)
            return False
        done[day] = mask
    return True


async def give_back(unit: Unit, bay: str, cells: Mapping[date, int]) -> None:
    """Free `cells` of `bay` (B9: in the same transaction that moves or cancels)."""
    if not cells:
        return
    await alone(unit)
    statement = (
        update(BAY_DAYS)
        .where(BAY_DAYS.c.bay == bay, BAY_DAYS.c.day == bindparam("on"))
        .values(mask=BAY_DAYS.c.mask.op("&")(bindparam("keep", type_=BigInteger)))
    )
    await unit.run_many(statement, ({"on": day, "keep": ~mask} for day, mask in cells.items()))
