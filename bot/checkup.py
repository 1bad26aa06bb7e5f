"""`python bot.py check`: is everything in order before a store goes live?"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import typer

from bot.settings import Settings, SettingsError, load_settings
from bot.store_file import StoreFileError, load_store
from domain.store import Store
from scripts_zh.inspection import faults
from scripts_zh.phrases import phrase


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined; `faults` are sentences that say what to mend."""

    what: str
    faults: tuple[str, ...] = ()


async def examine() -> None:
    """Print every finding; exit code 2 when something has to be mended."""
    count = 0
    async for finding in _findings():
        count += len(finding.faults)
        typer.echo(phrase("cli", "check_bad" if finding.faults else "check_ok", what=finding.what))
        for fault in finding.faults:
            typer.echo(f"  {fault}")
    typer.echo(phrase("cli", "check_failed", count=count) if count else phrase("cli", "check_passed"))
    if count:
        sys.exit(2)


async def _findings() -> AsyncIterator[Finding]:
    try:
        settings = load_settings(token_required=False)
    except SettingsError as error:
        yield Finding("environment", tuple(str(error).splitlines()))
        return
    store: Store | None = None
    mistakes: tuple[str, ...] = ()
    try:
        store = load_store(settings.store_file)
    except StoreFileError as error:
        mistakes = tuple(error.lines)
    yield Finding(phrase("cli", "check_store", path=settings.store_file), mistakes)
    if store is not None:
        yield _scripts(store)
    yield _routing()
    yield _questionnaires()
    yield await _database(settings)
    yield await _token(settings)


def _scripts(store: Store) -> Finding:
    from bot.opening import SCRIPTS_FOLDER
    from scripts_zh.rendering import Scripts

    scripts = Scripts(SCRIPTS_FOLDER, store.zone)
    return Finding(
        phrase("cli", "check_scripts", count=len(scripts.names())), tuple(faults(scripts, SCRIPTS_FOLDER))
    )


def _routing() -> Finding:
    """Whether complaints find their department (C5)."""
    from scripts_zh.routing import FILE, RoutingFileError, load_rules

    try:
        load_rules(FILE)
    except RoutingFileError as error:
        return Finding(phrase("cli", "check_routing"), error.lines)
    return Finding(phrase("cli", "check_routing"))


def _questionnaires() -> Finding:
    """Whether the sheets of follow-ups can be asked as they are written (F3)."""
    from scripts_zh.questionnaires import FOLDER, UnreadableSheet, load_sheets

    what = phrase("cli", "check_questionnaires")
    try:
        load_sheets(FOLDER)
    except UnreadableSheet as error:
        return Finding(what, error.lines)
    return Finding(what)


async def _database(settings: Settings) -> Finding:
    from bot.opening import CannotOpen, ready_books
    from storage import upgrade
    from storage.engine import Books

    books = Books(settings.database_url)
    try:
        await ready_books(books)
    except CannotOpen as error:
        return Finding(phrase("cli", "check_database", revision="?"), (str(error),))
    finally:
        await books.close()
    return Finding(phrase("cli", "check_database", revision=upgrade.HEAD))


async def _token(settings: Settings) -> Finding:
    from bot.channels import open_channel
    from service.ports import ChannelError

    if not settings.bot_token.get_secret_value():
        return Finding(phrase("cli", "check_token_missing"))
    try:
        channel = open_channel(settings)
    except ChannelError as error:
        return Finding("BOT_TOKEN", (str(error),))
    try:
        me = await channel.open()
        return Finding(phrase("cli", "check_token", bot=me.username))
    except ChannelError as error:
        return Finding("BOT_TOKEN", (str(error),))
    finally:
        await channel.close()
