"""`python bot.py backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

import typer
from storage.backup import BackupRefused, backup, restore

from bot.opening import CannotOpen
from bot.settings import load_settings
from scripts_zh.phrases import phrase
from storage.engine import Books


async def keep(target: Path) -> None:
    """Write a consistent copy of the database to `target`. Raises CannotOpen."""
    books = Books(load_settings(token_required=False).database_url)
    try:
        await backup(books, target)
    except BackupRefused as error:
        raise CannotOpen(phrase("backup", error.reason, **error.words)) from error
    finally:
        await books.close()
    typer.echo(phrase("cli", "backup_done", path=target))


async def bring_back(source: Path) -> None:
    """Put the copy `source` in place of the database. Raises CannotOpen."""
    try:
        await restore(load_settings(token_required=False).database_url, source)
    except BackupRefused as error:
        raise CannotOpen(phrase("backup", error.reason, **error.words)) from error
    typer.echo(phrase("cli", "restore_done", path=source))
