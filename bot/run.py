"""The command line: `python bot.py demo | run | init | check | why | complaints | discounts …`.

Each command imports what it needs when it runs, so that none waits for what only another uses.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from scripts_zh.phrases import phrase

if TYPE_CHECKING:
    from bot.settings import Settings
    from domain.store import Store

BEFORE_EVERYTHING, AFTER_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)

A_DAY_OF_BACKUPS = 144  # one every ten minutes, as deploy/desk-backup.timer has it

app = typer.Typer(
    help=phrase("cli", "help"), add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
)


def main() -> None:
    """Run the command that was typed; a mistake of the operator's is one clear line and exit code 2.

    What may be there in a moment (the database, the messaging service) is one with exit code 75: a service manager
    starts the bot again then, and leaves it alone after 2.
    """
    from bot.settings import SettingsError
    from bot.store_file import StoreFileError
    from scripts_zh.questionnaires import UnreadableSheet
    from scripts_zh.routing import RoutingFileError
    from service.ports import ChannelAway, ChannelError

    try:
        app()
    except ChannelAway as error:
        refuse(str(error), os.EX_TEMPFAIL)
    except (SettingsError, StoreFileError, RoutingFileError, UnreadableSheet, ChannelError) as error:
        refuse(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def refuse(sentence: str, code: int = 2) -> NoReturn:
    """Say what to do, and leave."""
    typer.echo(sentence, err=True)
    sys.exit(code)


def settings_and_store(*, token_required: bool = True) -> tuple[Settings, Store]:
    """What the environment and the store file say. Raises SettingsError, StoreFileError."""
    from bot.settings import load_settings
    from bot.store_file import load_store

    settings = load_settings(token_required=token_required)
    return settings, load_store(settings.store_file)


def carry_out(work: Coroutine[Any, Any, None]) -> None:
    """Run `work`; what cannot be opened is told in one line."""
    from bot.opening import BooksAway, CannotOpen

    try:
        run_through(work)
    except BooksAway as error:
        refuse(str(error), os.EX_TEMPFAIL)
    except CannotOpen as error:
        refuse(str(error))


def run_through(work: Coroutine[Any, Any, None]) -> None:
    """Run `work`. Of what its tasks found, a ChannelError is raised as it is, without a group: main tells it."""
    from service.ports import ChannelError

    try:
        asyncio.run(work)
    except ExceptionGroup as several:
        mendable, mistakes = several.split(ChannelError)
        if mendable is None or mistakes is not None:
            raise
        first: Exception = mendable
        while isinstance(first, ExceptionGroup):
            first = first.exceptions[0]
        raise first from None


@app.command(help=phrase("cli", "help_run"))
def run() -> None:
    """Serve customers through the messaging service."""
    gc.disable()  # until the house is open: what start-up makes stays, and the collector would only walk it
    from bot.closing import stop_on_signals
    from bot.log import secrets_of, set_up_log
    from bot.opening import open_premises, serve
    from bot.status import open_status

    settings, store = settings_and_store()
    set_up_log(settings.log_level, secrets_of(settings))

    async def work() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        try:
            async with (
                open_status(settings, stop) as status,
                open_premises(settings, store, measures=status.measures) as premises,
            ):
                status.opened(premises)
                typer.echo(phrase("cli", "running", store=store.name, bot=premises.bot_name))
                await serve(premises, stop)
        except asyncio.CancelledError:  # by `stop_on_signals`: something hung
            if not stop.is_set():
                raise
        typer.echo(phrase("cli", "stopped"))

    carry_out(work())


@app.command(help=phrase("cli", "help_demo"))
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help=phrase("cli", "port_option"))] = 8088,
) -> None:
    """Play the whole desk on a local page."""
    from bot.demo import play

    carry_out(play(port))


@app.command(help=phrase("cli", "help_init"))
def init() -> None:
    """Write a commented store.yaml and the first manager's invitation."""
    from bot.invitations import write_invitation
    from bot.settings import load_settings
    from bot.store_file import load_store, write_template
    from domain.people import Role

    settings = load_settings(token_required=False)
    path = Path(settings.store_file)
    if path.exists():
        typer.echo(phrase("cli", "store_exists", path=path))
    else:
        write_template(path)
        typer.echo(phrase("cli", "store_written", path=path))
    carry_out(write_invitation(settings, load_store(path), Role.GENERAL_MANAGER))


@app.command(help=phrase("cli", "help_invite"))
def invite(role: Annotated[str, typer.Option(help=phrase("cli", "role_option"))]) -> None:
    """Print a single-use invitation for a colleague (R3)."""
    from bot.invitations import write_invitation
    from domain.people import STAFF_ROLES

    wanted = next((one for one in STAFF_ROLES if role in (one.value, phrase("role", one.value))), None)
    if wanted is None:
        known = phrase("cli", "between").join(
            phrase("cli", "role_entry", value=one.value, name=phrase("role", one.value))
            for one in sorted(STAFF_ROLES)
        )
        refuse(phrase("cli", "role_unknown", role=role, roles=known))
    settings, store = settings_and_store(token_required=False)
    return carry_out(write_invitation(settings, store, wanted))


@app.command(help=phrase("cli", "help_check"))
def check() -> None:
    """Examine store file, scripts, database and token."""
    from bot.checkup import examine

    asyncio.run(examine())


@app.command(help=phrase("cli", "help_migrate"))
def migrate() -> None:
    """Bring the database to the present version."""
    from bot.opening import bring_up_to_date
    from bot.settings import load_settings

    carry_out(bring_up_to_date(load_settings(token_required=False)))


@app.command(help=phrase("cli", "help_why"))
def why(what: str) -> None:
    """Tell the story of a message, a timer or a complaint."""
    from bot.opening import closed_house
    from service.why import explain

    settings, store = settings_and_store(token_required=False)

    async def work() -> None:
        async with closed_house(settings, store) as house:
            for line in await explain(house, what):
                typer.echo(line)

    carry_out(work())


@app.command(help=phrase("cli", "help_backup"))
def backup(
    target: Annotated[Path | None, typer.Argument(help=phrase("cli", "target_argument"))] = None,
    into: Annotated[Path | None, typer.Option(help=phrase("cli", "into_option"))] = None,
    most: Annotated[int, typer.Option("--keep", min=1, help=phrase("cli", "keep_option"))] = A_DAY_OF_BACKUPS,
) -> None:
    """Copy the database while it is in use."""
    from bot.safekeeping import keep, keep_on_shelf

    if (target is None) == (into is None):
        refuse(phrase("cli", "backup_where"))
    carry_out(keep(target) if target is not None else keep_on_shelf(into or Path(), most))


@app.command(help=phrase("cli", "help_restore"))
def restore(source: Path) -> None:
    """Put a copy back in place of the database."""
    from bot.safekeeping import bring_back

    carry_out(bring_back(source))


@app.command("dead-letters", help=phrase("cli", "help_dead_letters"))
def dead_letters(
    action: Annotated[str, typer.Argument(help=phrase("cli", "action_option"))] = "list",
    names: Annotated[list[str] | None, typer.Argument(help=phrase("cli", "names_option"))] = None,
    everything: Annotated[bool, typer.Option("--all", help=phrase("cli", "all_option"))] = False,
    plain: Annotated[bool, typer.Option("--plain", help=phrase("cli", "plain_option"))] = False,
) -> None:
    """List, show, replay or let go what could not be handled."""
    from bot.dead_letters import Action, attend

    if action not in set(Action):
        refuse(phrase("dead_letter", "no_action", action=action))
    settings, store = settings_and_store(token_required=False)
    carry_out(attend(settings, store, Action(action), names or [], everything=everything, plain=plain))


@app.command(help=phrase("cli", "help_register"))
def register(
    target: Path,
    first: Annotated[str, typer.Option("--from", help=phrase("cli", "from_option"))] = "",
    days: Annotated[int, typer.Option(min=1, help=phrase("cli", "days_option"))] = 31,
) -> None:
    """Export the appointment register (B7)."""
    from datetime import datetime

    from bot.clocks import WallClock
    from bot.register import export

    settings, store = settings_and_store(token_required=False)
    try:
        day = datetime.fromisoformat(first) if first else WallClock().now().astimezone(store.zone)
    except ValueError:
        refuse(phrase("cli", "date_wrong", text=first))
    day = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return carry_out(export(settings, store, day, days, target))


@app.command("import-orders", help=phrase("cli", "help_import_orders"))
def import_orders(
    file: Path,
    yes: Annotated[bool, typer.Option("--yes", help=phrase("cli", "yes_option"))] = False,
) -> None:
    """Import the shop's own list of orders (O4); exit code 1 when a row is wrong."""
    from bot.import_orders import import_file

    settings, store = settings_and_store(token_required=False)
    carry_out(import_file(settings, store, file, writes=yes))


@app.command(help=phrase("cli", "help_complaints"))
def complaints(
    month: Annotated[str, typer.Option(help=phrase("cli", "month_option"))] = "",
    table: Annotated[Path | None, typer.Option("--csv", help=phrase("cli", "csv_option"))] = None,
) -> None:
    """Print the figures of a month of complaints (C11)."""
    from bot.clocks import WallClock
    from bot.complaints import tell_month

    settings, store = settings_and_store(token_required=False)
    first, last = month_named(month or f"{WallClock().now().astimezone(store.zone):%Y-%m}", store)
    carry_out(tell_month(settings, store, first, last, table))


@app.command(help=phrase("cli", "help_discounts"))
def discounts(
    month: Annotated[str, typer.Option(help=phrase("cli", "month_option"))] = "",
    table: Annotated[Path | None, typer.Option("--csv", help=phrase("cli", "rows_option"))] = None,
) -> None:
    """Print every decision of a month about a discount (R5)."""
    from bot.clocks import WallClock
    from bot.discounts import tell_month

    settings, store = settings_and_store(token_required=False)
    first, last = month_named(month or f"{WallClock().now().astimezone(store.zone):%Y-%m}", store)
    carry_out(tell_month(settings, store, first, last, table))


@app.command(help=phrase("cli", "help_followups"))
def followups(
    month: Annotated[str, typer.Option(help=phrase("cli", "month_option"))] = "",
    charts: Annotated[Path | None, typer.Option(help=phrase("cli", "charts_option"))] = None,
    workbook: Annotated[Path | None, typer.Option("--xlsx", help=phrase("cli", "xlsx_option"))] = None,
) -> None:
    """Print how a month's follow-ups went (F7)."""
    from bot.clocks import WallClock
    from bot.followups import tell_month

    settings, store = settings_and_store(token_required=False)
    now = WallClock().now()
    first, _ = month_named(month or f"{now.astimezone(store.zone):%Y-%m}", store)
    carry_out(tell_month(settings, store, first, now, charts, workbook))


@app.command(help=phrase("cli", "help_rehearse"))
def rehearse(file: Path) -> None:
    """Play a questionnaire in the terminal (F3)."""
    from bot.rehearse import figures_of
    from bot.rehearse import rehearse as play

    play(file, figures_of())


@app.command(help=phrase("cli", "help_selfcheck"))
def selfcheck() -> None:
    """Hold every complaint against its timers, owners and letters; exit code 1 when something is wrong."""
    from bot.opening import closed_house
    from service.self_check import examine, lines

    settings, store = settings_and_store(token_required=False)

    async def work() -> None:
        async with closed_house(settings, store) as house:
            result = await examine(house)
            for line in lines(result, house):
                typer.echo(line)
        if result.findings:
            raise typer.Exit(1)

    carry_out(work())


@app.command("routing-report", help=phrase("cli", "help_routing_report"))
def routing_report(
    month: Annotated[str, typer.Option(help=phrase("cli", "month_or_all_option"))] = "",
) -> None:
    """Print what people corrected of the bot's proposals (C2, C5)."""
    from bot.routing_report import report

    settings, store = settings_and_store(token_required=False)
    first, last = month_named(month, store) if month else (BEFORE_EVERYTHING, AFTER_EVERYTHING)
    carry_out(report(settings, store, first, last))


def month_named(text: str, store: Store) -> tuple[datetime, datetime]:
    """The beginning of the month `text` and of the one after it, store time; what is no month is refused."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=store.zone)
        if first < BEFORE_EVERYTHING:  # the months before it might be none at all
            raise ValueError(text)
        return first, (first + timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError):
        refuse(phrase("cli", "month_wrong", text=text))


@app.command(help=phrase("cli", "help_understand"))
def understand(
    text: Annotated[str, typer.Argument()] = "",
    now: Annotated[str, typer.Option(help=phrase("cli", "now_option"))] = "",
    jsonl: Annotated[bool, typer.Option("--jsonl", help=phrase("cli", "jsonl_option"))] = False,
) -> None:
    """Print what the bot reads in a message."""
    from bot.reading import read_lines, read_text

    if jsonl:
        read_lines(sys.stdin, sys.stdout)
    else:
        typer.echo(read_text(text, now))
