"""Absences 不在岗: who is away from when to when, and who stands in meanwhile (R4).

A row whose substitute is the absent colleague says that nobody stands in: whoever was to do so has left.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, delete, insert, select, update

from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId

ABSENCES = Table(
    "absences",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("person_id", BigInteger, ForeignKey("people.id"), nullable=False),
    Column("substitute_id", BigInteger, ForeignKey("people.id"), nullable=False),
    Column("begins_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("named_by", BigInteger, nullable=False),
    Index("ix_absences_person", "person_id", "ends_at"),
    Index("ix_absences_substitute", "substitute_id", "ends_at"),
)


async def write(
    unit: Unit, person: int, substitute: int, begins: datetime, ends: datetime, named_by: int
) -> None:
    """`person` is away from `begins` until `ends`; an absence that begins at the same moment is changed to this."""
    same = update(ABSENCES).where(ABSENCES.c.person_id == person, ABSENCES.c.begins_at == begins)
    if not await unit.run(same.values(substitute_id=substitute, ends_at=ends, named_by=named_by)):
        row = insert(ABSENCES).values(
            person_id=person, substitute_id=substitute, begins_at=begins, ends_at=ends, named_by=named_by
        )
        await unit.run(row)


async def during(unit: Unit, begins: datetime, ends: datetime) -> list[Any]:
    """Every absence that overlaps the time from `begins` to `ends`, soonest first."""
    found = select(ABSENCES).where(ABSENCES.c.begins_at < ends, ABSENCES.c.ends_at > begins)
    return await unit.rows(found.order_by(ABSENCES.c.begins_at, ABSENCES.c.id))


async def end(unit: Unit, person: int, begins: datetime, now: datetime) -> bool:
    """The absence of `person` that begins at `begins` is over now; False if it was over already."""
    unfinished = ABSENCES.c.person_id == person, ABSENCES.c.begins_at == begins, ABSENCES.c.ends_at > now
    if begins > now:
        return await unit.run(delete(ABSENCES).where(*unfinished)) > 0
    return await unit.run(update(ABSENCES).where(*unfinished).values(ends_at=now)) > 0


async def end_for(unit: Unit, person: int, now: datetime) -> None:
    """`person` has left: their own absences are over, and they stand in for nobody (R3)."""
    own = ABSENCES.c.person_id == person, ABSENCES.c.ends_at > now
    await unit.run(delete(ABSENCES).where(*own, ABSENCES.c.begins_at > now))
    await unit.run(update(ABSENCES).where(*own).values(ends_at=now))
    stood_in = update(ABSENCES).where(ABSENCES.c.substitute_id == person, ABSENCES.c.ends_at > now)
    await unit.run(stood_in.values(substitute_id=ABSENCES.c.person_id))
