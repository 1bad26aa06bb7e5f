"""A folder of backups, each named after its moment; the oldest make room for the newest."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.backup import backup
from storage.engine import Books

_NAME = re.compile(r"desk-\d{8}T\d{6}Z\.sqlite3")
_LEFT_BEHIND = timedelta(days=1)  # a backup takes seconds: what is unfinished after that was cut off


async def put_on_shelf(books: Books, folder: Path, now: datetime, keep: int) -> tuple[Path, int]:
    """Write a backup of this moment (`now`, aware) into `folder` and leave the `keep` newest there.

    Answers its file and how many were thrown away; nothing is, before the new one lies on the disk. Files of other
    names are nobody's business. Raises BackupRefused.
    """
    ending = "dump" if books.is_postgres else "sqlite3"
    target = folder / f"desk-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.{ending}"
    await backup(books, target)
    return target, await asyncio.to_thread(_make_room, target, now, keep)


def latest(place: Path) -> Path:
    """The newest backup in the folder `place`; `place` itself where there is none, or where it is a file."""
    return max(_backups(place), default=place)


def _make_room(latest: Path, now: datetime, keep: int) -> int:
    # The one just written stays, whatever the clock said when the others were named.
    others = sorted((file for file in _backups(latest.parent) if file != latest), reverse=True)
    old = others[keep - 1 :]
    for file in old:
        file.unlink(missing_ok=True)
    for file in latest.parent.glob(".desk-*.unfinished"):
        if now.timestamp() - file.stat().st_mtime > _LEFT_BEHIND.total_seconds():
            file.unlink(missing_ok=True)
    return len(old)


def _backups(folder: Path) -> list[Path]:
    return [file for file in folder.glob("desk-*.sqlite3") if _NAME.fullmatch(file.name)]
