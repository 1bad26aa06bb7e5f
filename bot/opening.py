"""Open the house: every object is made here, in order, and let go of in the opposite one."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import structlog
import typer
from sqlalchemy.exc import DBAPIError

import scripts_zh
from bot.channels import open_channel
from bot.channels.updates import decode
from bot.clocks import WallClock
from bot.closing import close_up
from bot.polling_turn import poll_in_turn
from bot.settings import Settings
from dialogs.catalogue import DIALOGS
from domain.calendar import StoreCalendar
from domain.quiet_hours import QuietHours
from domain.store import Store
from scripts_zh.phrases import phrase
from scripts_zh.questionnaires import questionnaires
from scripts_zh.rendering import Scripts
from scripts_zh.routing import routing_rules
from service.clockwork import Clockwork
from service.collection import collect
from service.house import House
from service.intake import Intake
from service.measures import Measures
from service.ports import Channel, Clock
from service.self_check import open_watch
from storage import outbox, upgrade
from storage.bell import Bell
from storage.engine import Books

log = structlog.get_logger(__name__)

SCRIPTS_FOLDER = Path(scripts_zh.__file__).parent


class CannotOpen(Exception):
    """The house cannot be opened; the message says in Chinese what to do."""


class BooksAway(CannotOpen):
    """The database cannot be reached just now: the same start may succeed in a moment."""


@dataclass(frozen=True, slots=True)
class Premises:
    """The open house."""

    house: House
    intake: Intake
    clockwork: Clockwork
    channel: Channel
    bot_name: str
    by_webhook: bool = False


def make_house(
    store: Store,
    books: Books,
    clock: Clock,
    bot_id: int,
    reached: Callable[[str], None],
    bot_name: str = "",
    measures: Measures | None = None,
) -> House:
    """All that stays the same from one transaction to the next."""
    calendar = StoreCalendar.of(store)
    calendar.open_spans(
        clock.now().astimezone(calendar.zone).date()
    )  # the holiday table, before a customer waits
    scripts = Scripts(SCRIPTS_FOLDER, store.zone)
    menu = _words_on(scripts, "menu")
    for_staff = _words_on(scripts, "staff") | _words_on(scripts, "menu_of_staff")
    return House(
        bot_id=bot_id,
        store=store,
        calendar=calendar,
        scripts=scripts,
        dialogs=DIALOGS,
        books=books,
        clock=clock,
        quiet=QuietHours.of(store),
        inconvenient=QuietHours(store.follow_ups.until_time, store.follow_ups.from_time, store.zone),
        courier=uuid4().hex,
        menu=menu,
        routing=routing_rules(),
        questionnaires=questionnaires(),
        decode=decode,
        staff_menu={word: key for word, key in for_staff.items() if word not in menu},
        bot_name=bot_name,
        reached=reached,
        measures=measures or Measures(),
    )


def _words_on(scripts: Scripts, keyboard: str) -> dict[str, str]:
    return {key.label: key.label for row in scripts.keyboard(keyboard).rows for key in row}


async def ready_books(books: Books) -> None:
    """Bring SQLite up to date; PostgreSQL waits for `python bot.py migrate`. Raises CannotOpen.

    Books of a newer release are taken as they are: in a rolling upgrade a process of this one may have to start again.
    """
    try:
        found = await upgrade.revision(books)
        if found == upgrade.HEAD or upgrade.is_ahead(found):
            return
        if books.is_postgres:
            raise CannotOpen(phrase("cli", "database_old", found=found or "—", wanted=upgrade.HEAD))
        await upgrade.upgrade(books)
    except (DBAPIError, OSError) as error:
        raise BooksAway(phrase("cli", "database_unreachable", error=type(error).__name__)) from error


async def bring_up_to_date(settings: Settings) -> None:
    """`python bot.py migrate`. Raises CannotOpen."""
    books = Books(settings.database_url, synchronous=settings.sqlite_synchronous)
    try:
        await upgrade.upgrade(books)
    except (DBAPIError, OSError) as error:
        raise BooksAway(phrase("cli", "database_unreachable", error=type(error).__name__)) from error
    finally:
        await books.close()
    typer.echo(phrase("cli", "migrated", revision=upgrade.HEAD))


@asynccontextmanager
async def closed_house(settings: Settings, store: Store, *, writes: bool = False) -> AsyncIterator[House]:
    """The house with nobody at the door: for commands that look things up, or add to the books (`writes`).

    Raises CannotOpen; for who `writes` also while the bot has the SQLite file.
    """
    books = Books(settings.database_url, synchronous=settings.sqlite_synchronous)
    with _alone(books) if writes else nullcontext():
        try:
            await ready_books(books)
            yield make_house(store, books, WallClock(), 0, lambda point: None)
        finally:
            await books.close()


@asynccontextmanager
async def open_premises(
    settings: Settings, store: Store, *, clock: Clock | None = None, measures: Measures | None = None
) -> AsyncIterator[Premises]:
    """Everything that `run` and `demo` need. Raises CannotOpen and ChannelError."""
    clock = clock or WallClock()
    books = Books(settings.database_url, synchronous=settings.sqlite_synchronous)
    channel = open_channel(settings, measures)
    with _alone(books):
        try:
            await ready_books(books)
            me = await channel.open()
            house = make_house(store, books, clock, me.user_id, killing_point(), me.username, measures)
            bell = Bell(books, house.courier) if books.is_postgres else None
            intake = Intake(house, channel, bell)
            premises = Premises(
                house, intake, Clockwork(house, intake), channel, me.username, by_webhook=settings.by_webhook
            )
            async with bell.attended() if bell else nullcontext():
                yield premises
        finally:
            await channel.close()
            await books.close()


async def serve(premises: Premises, stop: asyncio.Event) -> None:
    """Work until `stop` is set; then finish what is under way."""
    intake = premises.intake
    if not premises.house.books.is_postgres:
        # The only process: whatever its predecessor was sending when it died is ours now.
        async with premises.house.books.unit() as unit:
            await outbox.abandon(unit, premises.house.clock.now())
    async with asyncio.TaskGroup() as group:
        carrying = group.create_task(intake.couriers.run())
        working = group.create_task(intake.run())
        await asyncio.sleep(0)  # noqa: TID251 - both have to be there before the first update
        # First what was left behind: an old card brought later would take the place of a newer one.
        await _remember_refusals(premises)
        alive = intake.bell.others if intake.bell is not None else ()
        intake.couriers.take(await collect(premises.house, intake.note, alive))
        if intake.bell is None or not intake.bell.has_elders:  # else nobody pressed in vain
            intake.offer_again()
        await open_watch(premises.house)
        premises.clockwork.start()
        watching = group.create_task(premises.clockwork.night_watch.run())
        listening = group.create_task(_listen(premises))
        gc.collect()
        gc.freeze()  # what start-up built lives for ever: the collector need not walk it again
        gc.enable()
        await stop.wait()
        await close_up(premises, (listening, watching), carrying, working)


async def _remember_refusals(premises: Premises) -> None:
    """Nothing goes to a chat before the moment that the service named when it refused our predecessor."""
    house = premises.house
    async with house.books.glance() as unit:
        premises.intake.couriers.hold_up(await outbox.put_off(unit, house.clock.now()))


async def _listen(premises: Premises) -> None:
    """Bring updates; of several processes that would poll only one does (the service allows no more)."""
    intake = premises.intake
    if intake.bell is None or premises.by_webhook:
        await premises.channel.listen(intake.put)
    else:
        await poll_in_turn(intake.bell, premises.channel, intake.put)


@contextmanager
def _alone(books: Books) -> Iterator[None]:
    """An SQLite file has one process; a second one is told so at once. Raises CannotOpen."""
    database = books.url.database
    if books.is_postgres or not database or database == ":memory:":
        yield
        return
    with Path(f"{database}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotOpen(phrase("cli", "database_busy", path=database)) from error
        yield


def killing_point() -> Callable[[str], None]:
    """For fault tests: KILL_AT=after_commit:2 ends the process at its second arrival there, as a power cut would."""
    point, _, count = os.environ.get("KILL_AT", "").partition(":")
    left = int(count or 1)

    def reached(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached if point else lambda name: None
