"""`python bot.py backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.clocks import WallClock
from bot.opening import CannotOpen
from bot.settings import load_settings
from scripts_zh.phrases import phrase
from storage.backup import BackupRefused, UsePostgresTools, backup, restore
from storage.backup_shelf import latest, put_on_shelf
from storage.engine import Books


async def keep(target: Path) -> None:
    """Write a consistent copy of the database to `target`. Raises CannotOpen."""
    books = Books(load_settings(token_required=False).database_url)
    try:
        await backup(books, target)
    except BackupRefused as error:
        raise CannotOpen(_told(error)) from error
    finally:
        await books.close()
    typer.echo(phrase("cli", "backup_done", path=target))


async def keep_on_shelf(folder: Path, most: int) -> None:
    """The same as a new file in `folder`, named after this moment; the `most` newest stay. Raises CannotOpen."""
    books = Books(load_settings(token_required=False).database_url)
    try:
        target, thrown_away = await put_on_shelf(books, folder, WallClock().now(), most)
    except BackupRefused as error:
        raise CannotOpen(_told(error)) from error
    finally:
        await books.close()
    typer.echo(phrase("cli", "backup_on_shelf", path=target, most=most, count=thrown_away))


async def bring_back(source: Path) -> None:
    """Put the copy `source`, or the newest in the folder `source`, in place of the database. Raises CannotOpen."""
    source = latest(source)
    try:
        await restore(load_settings(token_required=False).database_url, source)
    except BackupRefused as error:
        raise CannotOpen(_told(error)) from error
    typer.echo(phrase("cli", "restore_done", path=source))


def _told(error: BackupRefused) -> str:
    command = error.command if isinstance(error, UsePostgresTools) else ""
    return phrase("backup", error.reason, command=command)
