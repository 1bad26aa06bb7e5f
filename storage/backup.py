"""A copy of the books to put away, and putting it back. For SQLite; PostgreSQL has tools of its own, named here."""

from __future__ import annotations

import asyncio
import os
import shlex
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from storage.engine import Books
from storage.upgrade import HEAD, SCRIPTS

NUMBERS_APART = 10_000
"""Restored books begin new conversations so far behind their last one: buttons that people still see from the time
after the backup carry numbers which must never come to mean another conversation (nor forms named after them)."""

_PLACEHOLDER = """
INSERT INTO conversations
    (id, dialog, subject, queue, status, step, state, version, turn, misses, trail, asked_at, opened_at)
SELECT max(id) + ?, 'restored', '', '', 'over', '', '{}', 1, 0, 0, '[]', max(asked_at), max(asked_at)
FROM conversations HAVING max(id) IS NOT NULL
"""
_SAME_ON_POSTGRES = (
    "SELECT setval(pg_get_serial_sequence('conversations', 'id'), max(id) + 10000) FROM conversations"
)

SIDE_FILES = ("-wal", "-shm", "-journal")
PRIVATE = 0o600  # names, phones and plates: nobody but the owner reads them


class BackupRefused(Exception):
    """Nothing was changed. The message says why and what to do; `reason` is the code of it for other languages."""

    reason = ""


class UsePostgresTools(BackupRefused):
    """PostgreSQL copies and restores itself: run `command` (the password comes from ~/.pgpass or PGPASSWORD)."""

    reason = "use_postgres_tools"

    def __init__(self, *commands: Sequence[str]) -> None:
        self.command = " && ".join(shlex.join(words) for words in commands)
        super().__init__(f"PostgreSQL keeps its own backups; run: {self.command}")


class NoBooks(BackupRefused):
    """There are no books at this place: correct the path, or let the program make them by starting it once."""

    reason = "no_books"


class TargetExists(BackupRefused):
    """The file for the backup is there already: name another one, an old backup is never overwritten."""

    reason = "target_exists"


class NotOurBooks(BackupRefused):
    """The file is no backup of these books: name a file that `backup` has written."""

    reason = "not_our_books"


class Damaged(BackupRefused):
    """The backup is damaged: use an older one."""

    reason = "damaged"


class NewerBooks(BackupRefused):
    """A newer release has written this backup: install that release, then restore."""

    reason = "newer_books"


class BooksInUse(BackupRefused):
    """Somebody has the books open: stop the bot, then restore."""

    reason = "in_use"


async def backup(books: Books, target: Path) -> None:
    """Write all that is committed now to the new file `target`, while work goes on. Raises BackupRefused."""
    if books.is_postgres:
        raise UsePostgresTools(
            ("pg_dump", "--format=custom", f"--file={target}", f"--dbname={_address(books.url)}")
        )
    await asyncio.to_thread(_copy_out, _file_of(books.url), target)


async def restore(url: str, source: Path) -> None:
    """Put the backup `source` in the place of the books at `url`, whole or not at all. Raises BackupRefused.

    A backup of an older release is taken; `upgrade` brings it up to date afterwards.
    """
    place = make_url(url)
    if place.get_backend_name() == "postgresql":
        where = f"--dbname={_address(place)}"
        raise UsePostgresTools(
            ("pg_restore", "--clean", "--if-exists", "--single-transaction", where, str(source)),
            ("psql", where, f"--command={_SAME_ON_POSTGRES}"),
        )
    await asyncio.to_thread(_put_back, source, _file_of(place))


def _address(url: URL) -> str:
    bare = URL.create(
        "postgresql", url.username, host=url.host, port=url.port, database=url.database, query=url.query
    )
    return bare.render_as_string()


def _file_of(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise NoBooks("Books that are kept in memory only have no file: set DATABASE_URL to a file first.")
    return Path(url.database)


def _copy_out(file: Path, target: Path) -> None:
    if not file.is_file():
        raise NoBooks(
            f"There are no books at {file}: correct DATABASE_URL, or start the bot once to make them."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with _new_file_beside(target) as unfinished:
        _snapshot(_for_reading(file), unfinished)
        try:
            target.touch(mode=PRIVATE, exist_ok=False)  # the name is ours now, or somebody else's
        except FileExistsError:
            raise TargetExists(
                f"{target} is there already: name another file, an old backup is never overwritten."
            ) from None
        os.replace(unfinished, target)
    _to_disk(target.parent)


def _snapshot(source: str, unfinished: Path) -> None:
    """One moment of the books at `source` (a file: address); who writes meanwhile is not kept waiting."""
    with closing(sqlite3.connect(source, uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(unfinished),))
    _to_disk(unfinished)


def _leave_a_gap(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(_PLACEHOLDER, (NUMBERS_APART,))
    _to_disk(file)


def _put_back(source: Path, file: Path) -> None:
    _examine(source)
    file.parent.mkdir(parents=True, exist_ok=True)
    with _new_file_beside(file) as unfinished:
        _snapshot(_for_reading(source), unfinished)
        _leave_a_gap(unfinished)
        with _alone_with(file):
            # Before the exchange: what an old journal holds would otherwise be written into the new books.
            for ending in SIDE_FILES:
                file.with_name(file.name + ending).unlink(missing_ok=True)
            os.replace(unfinished, file)
    _to_disk(file.parent)


def _examine(source: Path) -> None:
    """Refuse what is no sound backup, or one that this release cannot read."""
    if not source.is_file():
        raise NoBooks(f"There is no backup at {source}: correct the path.")
    foreign = NotOurBooks(f"{source} is no backup of these books: name a file that `backup` has written.")
    try:
        with closing(sqlite3.connect(_for_reading(source), uri=True)) as connection:
            try:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            except sqlite3.OperationalError:
                raise foreign from None
            sound = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise foreign from None
        raise Damaged(f"{source} is damaged ({error}): use an older backup.") from error
    if sound != ("ok",):
        raise Damaged(f"{source} is damaged ({sound[0]}): use an older backup.")
    if row is None:
        raise foreign
    if row[0] != HEAD and not _is_past(row[0]):
        raise NewerBooks(
            f"{source} was written by a newer release (revision {row[0]}, this one knows {HEAD}): "
            "install that release, then restore."
        )


def _for_reading(file: Path) -> str:
    return f"{file.resolve().as_uri()}?mode=ro"


def _is_past(revision: str) -> bool:
    from alembic.script import ScriptDirectory

    return revision in {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}


@contextmanager
def _alone_with(file: Path) -> Iterator[None]:
    """Hold the books at `file` so that nobody else can open them; BooksInUse if somebody has."""
    if not file.exists():
        yield
        return
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            # Needs the books for oneself: it fails even if the other one only has them open. And without WAL
            # our own closing tidies up nothing beside the new books.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise BooksInUse(f"Somebody has {file} open: stop the bot, then restore.") from error
            raise
        except sqlite3.DatabaseError:
            pass  # so damaged that nobody can work with them: a good reason to restore
        yield


@contextmanager
def _new_file_beside(target: Path) -> Iterator[Path]:
    """An empty private file in the same folder, gone at the end whatever happened."""
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".unfinished", dir=target.parent)
    os.close(number)
    unfinished = Path(name)
    try:
        yield unfinished
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()


def _to_disk(path: Path) -> None:
    """A power cut from now on loses nothing of it."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
