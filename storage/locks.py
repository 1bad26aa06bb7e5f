"""What stands still until a transaction is over: the advisory locks of PostgreSQL, in one list so that none is two.

Transactions that run side by side do not see what the other is just writing. On SQLite there is one writer at a time
anyway, and nothing is locked here.
"""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import BigInteger, Text, bindparam, func, select

from storage.engine import Unit


class Lock(IntEnum):
    """What is locked; the numbers must only differ from each other and from those of other programs."""

    # …001 is that of migrations (`storage.upgrade`)
    BAYS = 4_715_002
    WATCH = 4_715_003  # the nightly self-check
    PLACES = 4_715_004
    STAFF = 4_715_005
    EVENTS = 4_715_006  # those that colleagues enter to be followed up
    PHONES = 4_715_007  # each for itself


_KEY = bindparam("key", type_=BigInteger)
_ALONE = select(func.pg_advisory_xact_lock(_KEY))
_SHARED = select(func.pg_advisory_xact_lock_shared(_KEY))
_ALONE_WITH = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text), _KEY)))


async def alone(unit: Unit, lock: Lock, name: str = "") -> None:
    """Wait for everybody who has `lock` (of `name` only, if given), and have it alone."""
    if unit.is_postgres:
        if name:
            await unit.rows(_ALONE_WITH, {"key": int(lock), "name": name})
        else:
            await unit.rows(_ALONE, {"key": int(lock)})


async def shared(unit: Unit, lock: Lock) -> None:
    """Wait for who has `lock` alone, and have it together with others."""
    if unit.is_postgres:
        await unit.rows(_SHARED, {"key": int(lock)})
