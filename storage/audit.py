"""The append-only audit log: who decided what, when, on which card (R5). The database itself refuses to change it.

Whoever tries what is not theirs is written down too (R2), but nobody can fill the books that way: of one person's
attempts so many in an hour are kept, and the last of them says that there were more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Column, String, Table, Text, func, insert, select

from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("person_id", BigInteger),
    Column("conversation_id", BigInteger),
    Column("action", String(48), nullable=False),
    Column("subject", String(40), nullable=False, default="", index=True),
    Column("details", Text, nullable=False, default="{}"),
)

ATTEMPTS: Final = frozenset(
    {
        *("refused_press", "forged_press", "late_press"),
        *("command.refused", "invitation.refused", "message.refused"),
    }
)
"""What people try in vain, as often as they like."""
MOST_ATTEMPTS: Final = 120  # of one person that are kept in AN_HOUR; nobody at work comes near it
AN_HOUR: Final = timedelta(hours=1)
AND_MORE: Final = '{"and_more": true}'  # details of the last attempt that is kept
_NEWEST: Final = (
    5_000  # lines that are looked through for earlier attempts, by their number: there is no index
)


async def write(unit: Unit, lines: Sequence[Mapping[str, Any]]) -> None:
    """Append lines; of the attempts of one person only the first `MOST_ATTEMPTS` of an hour."""
    if any(line["action"] in ATTEMPTS for line in lines):
        lines = await _without_floods(unit, lines)
    if lines:
        await unit.run_many(insert(AUDIT), lines)


async def _without_floods(unit: Unit, lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    attempts = [line for line in lines if line["action"] in ATTEMPTS]
    newest = select(func.max(AUDIT.c.id)).scalar_subquery()
    earlier = select(AUDIT.c.person_id, func.count().label("lines")).where(
        AUDIT.c.id > newest - _NEWEST,
        AUDIT.c.person_id.in_({line["person_id"] for line in attempts} - {None}),
        AUDIT.c.action.in_(ATTEMPTS),
        AUDIT.c.at > attempts[0]["at"] - AN_HOUR,
    )
    counts = Counter(
        {row.person_id: row.lines for row in await unit.rows(earlier.group_by(AUDIT.c.person_id))}
    )
    kept: list[Mapping[str, Any]] = []
    for line in lines:
        tried = counts[line["person_id"]] = counts[line["person_id"]] + (line["action"] in ATTEMPTS)
        if line["action"] not in ATTEMPTS or tried < MOST_ATTEMPTS:
            kept.append(line)
        elif tried == MOST_ATTEMPTS:
            kept.append({**line, "details": AND_MORE})
    return kept


async def about(unit: Unit, subject: str) -> list[Any]:
    """Everything that was recorded about `subject`, oldest first."""
    return await unit.rows(select(AUDIT).where(AUDIT.c.subject == subject).order_by(AUDIT.c.id))


async def latest(unit: Unit, action: str, subjects: Collection[str]) -> dict[str, datetime]:
    """When `action` was last recorded about each of `subjects`; those without a record are left out."""
    if not subjects:
        return {}
    found = select(AUDIT.c.subject, func.max(AUDIT.c.at).label("last")).where(
        AUDIT.c.subject.in_(subjects), AUDIT.c.action == action
    )
    return {row.subject: row.last for row in await unit.rows(found.group_by(AUDIT.c.subject))}


async def since(unit: Unit, moment: datetime) -> list[Any]:
    """Everything recorded since `moment`, oldest first."""
    return await unit.rows(select(AUDIT).where(AUDIT.c.at >= moment).order_by(AUDIT.c.id))
