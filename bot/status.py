"""What a service manager and Prometheus ask about the running bot: /healthz, /readyz, /metrics at STATUS_LISTEN.

A page for machines of one's own network: it says numbers and a few words, never anything about a person. Without
STATUS_LISTEN nothing listens, and nothing is measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.cures import cannot_listen
from service.measures import Measures
from service.ports import ChannelError
from storage import upgrade
from storage.standing import Standing, standing

if TYPE_CHECKING:
    from bot.metrics import Metrics
    from bot.opening import Premises
    from bot.settings import Settings

STANDS_STILL: Final = (
    120.0  # seconds: longer than the database is ever waited for, long polls and backlogs apart
)
PATIENCE: Final = 2.0  # seconds that the database has to answer a question of ours
AWAY: Final = (SQLAlchemyError, OSError, TimeoutError)


class Status:
    """Knows how the bot is. `measures` is what the message path tells its figures."""

    def __init__(self, stop: asyncio.Event, metrics: Metrics | None = None) -> None:
        """`stop`: set when the bot is to stop. Without `metrics` nothing is measured."""
        self._stop = stop
        self._metrics = metrics
        self._premises: Premises | None = None
        self._opened_at = 0.0
        self.measures: Measures = metrics or Measures()

    def opened(self, premises: Premises) -> None:
        """The house is open, its channel connected; the clockwork begins to tick when all is served."""
        self._premises, self._opened_at = premises, asyncio.get_running_loop().time()

    def stands_still(self) -> str:
        """What does not turn any more; "" while everything does, and while the bot still starts."""
        if self._premises is None:
            return ""
        now = asyncio.get_running_loop().time()
        if now - max(self._premises.clockwork.ticked_at, self._opened_at) > STANDS_STILL:
            return "the clockwork does not tick"
        if now - (self._premises.intake.busy_since or now) > STANDS_STILL:
            return "the intake does not get on"
        return ""

    async def obstacle(self) -> str:
        """Why nobody should be sent here at present; "" when the bot serves (or stands by to serve)."""
        if self._stop.is_set():
            return "stopping"
        if self._premises is None or not self._premises.clockwork.ticked_at:
            return "starting"
        try:
            async with asyncio.timeout(PATIENCE):
                found = await upgrade.revision(self._premises.house.books)
        except AWAY as error:
            return f"the database does not answer ({type(error).__name__})"
        bell = self._premises.intake.bell
        if bell is not None and not bell.is_open:
            return "the bell's connection to the database is lost: nothing is polled or sent until it stands again"
        # A newer one is no obstacle: releases are replaced one after the other.
        if (found or "") < upgrade.HEAD:
            return (
                f"the database is at {found}, this release needs {upgrade.HEAD}: run `python bot.py migrate`"
            )
        return self.stands_still()

    async def figures(self) -> bytes:
        """All metrics in Prometheus' text form."""
        assert self._metrics is not None
        return self._metrics.text(await self._standing())

    async def _standing(self) -> Standing | None:
        if self._premises is None:
            return None
        house = self._premises.house
        try:
            async with asyncio.timeout(PATIENCE), house.books.glance() as unit:
                return await standing(unit, house.clock.now())
        except AWAY:
            return None


@asynccontextmanager
async def open_status(settings: Settings, stop: asyncio.Event) -> AsyncIterator[Status]:
    """The status of a bot that starts now, told at STATUS_LISTEN if there is one. Raises ChannelError."""
    if not settings.status_listen:
        yield Status(stop)
        return
    from bot.metrics import Metrics

    status = Status(stop, Metrics())
    runner = web.AppRunner(_pages(status), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await _listen(runner, settings.status_host, settings.status_port)
        yield status
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise ChannelError(cannot_listen(host, port, str(error.strerror), "STATUS_LISTEN")) from None


def _pages(status: Status) -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        return _answer(status.stands_still())

    async def readyz(_: web.Request) -> web.Response:
        return _answer(await status.obstacle())

    async def metrics(_: web.Request) -> web.Response:
        form = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=await status.figures(), headers=form)

    pages = web.Application()
    for path, page in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics)):
        pages.router.add_get(path, page)
    return pages


def _answer(trouble: str) -> web.Response:
    return web.Response(status=503 if trouble else 200, text=f"{trouble or 'ok'}\n")
