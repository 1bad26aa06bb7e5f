"""Sending windows: when the bot, and each chat, was last written to, shared by all processes of one bot.

The service counts per bot and per chat, whichever of our processes sends. Only PostgreSQL has several. Whoever reads
or writes windows has the bot's own row first: one round at a time, and nobody waits in a circle.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    delete,
    func,
    or_,
    select,
    text,
    update,
)

from storage.engine import Unit
from storage.schema import METADATA, Instant

THE_BOT = 0
"""The scope of the bot as a whole; every other scope is a chat."""

SENDING_WINDOWS = Table(
    "sending_windows",
    METADATA,
    Column("scope", BigInteger, primary_key=True, autoincrement=False),
    # JSON: the last turns and how many at each, oldest first; milliseconds since 1970 by the database's clock
    Column("turns", Text, nullable=False),
    Column("closed_until", Instant),  # the service has said 429: nothing before that
)


@dataclass(frozen=True, slots=True)
class SendingWindow:
    """One row: `turns` are moments in seconds by the database's clock, and how many at each, oldest first."""

    scope: int
    turns: tuple[tuple[float, int], ...] = ()
    closed_until: datetime | None = None


_MILLISECONDS = func.extract("epoch", func.clock_timestamp()) * 1000
_LOCK = select(SENDING_WINDOWS.c.scope).where(SENDING_WINDOWS.c.scope == THE_BOT).with_for_update()
_READ = select(SENDING_WINDOWS, _MILLISECONDS.label("now")).where(
    SENDING_WINDOWS.c.scope == any_(bindparam("scopes", type_=ARRAY(BigInteger)))
)
# A set of rows as one statement: several hundred chats are one message to the server.
_SAVE = text(
    "INSERT INTO sending_windows (scope, turns, closed_until)"
    " SELECT * FROM unnest(CAST(:scopes AS bigint[]), CAST(:turns AS text[]), CAST(:closed AS timestamptz[]))"
    " ON CONFLICT (scope) DO UPDATE SET turns = excluded.turns, closed_until = excluded.closed_until"
)


async def lock(unit: Unit) -> None:
    """Wait for the windows; they are ours until the end of the unit."""
    while not await unit.rows(_LOCK):
        await unit.run(unit.insert_new(SENDING_WINDOWS), {"scope": THE_BOT, "turns": "[]"})


async def read(unit: Unit, scopes: Collection[int]) -> tuple[float, list[SendingWindow]]:
    """The database's time in seconds, and the windows of `scopes` that there are. After `lock`."""
    rows = await unit.rows(_READ, {"scopes": [THE_BOT, *scopes]})
    return float(rows[0].now) / 1000, [
        SendingWindow(
            row.scope,
            tuple((moment / 1000, count) for moment, count in json.loads(row.turns)),
            row.closed_until,
        )
        for row in rows
    ]


async def take_all(unit: Unit) -> tuple[float, list[SendingWindow]]:
    """The same for every scope; from now on whoever took them counts. After `lock`."""
    known = await unit.rows(select(SENDING_WINDOWS.c.scope))
    taken = await read(unit, [row.scope for row in known])
    await unit.run(delete(SENDING_WINDOWS))
    return taken


async def save(unit: Unit, windows: Sequence[SendingWindow]) -> None:
    """Write `windows` down. After `lock`."""
    columns = {
        "scopes": [window.scope for window in windows],
        "turns": [_written(window.turns) for window in windows],
        "closed": [window.closed_until for window in windows],
    }
    await unit.run(_SAVE, columns)


def _written(turns: Iterable[tuple[float, int]]) -> str:
    return json.dumps([(round(moment * 1000), count) for moment, count in turns])


async def reopen(unit: Unit) -> None:
    """The clock was set back: by the wrong one chats would stay closed for as long as it was ahead."""
    await unit.run(update(SENDING_WINDOWS).values(closed_until=None))


async def sweep(unit: Unit, idle_seconds: float, now: datetime) -> None:
    """Forget the chats that nobody has written to for `idle_seconds` and that are not closed."""
    await lock(unit)
    last = cast(cast(SENDING_WINDOWS.c.turns, JSON)[-1][0].as_string(), BigInteger)
    idle = func.coalesce(last, 0) < _MILLISECONDS - idle_seconds * 1000
    is_open = or_(SENDING_WINDOWS.c.closed_until.is_(None), SENDING_WINDOWS.c.closed_until < now)
    await unit.run(delete(SENDING_WINDOWS).where(SENDING_WINDOWS.c.scope != THE_BOT, idle, is_open))
