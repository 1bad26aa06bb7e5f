"""Long polling that confirms an update only after it has been handled.

Asking for updates from `offset` on confirms all before it. Libraries ask again while their handlers still work;
whoever is killed then has lost updates. Here the offset moves after `handle` has returned, and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, Protocol

import structlog

from bot.channels.answers import ApiAnswer
from bot.channels.cures import cure
from bot.channels.updates import WANTED, decode
from service.measures import Measures
from service.ports import Handle

_log = structlog.get_logger(__name__)

MOST_UPDATES: Final = 100  # in one answer, Bot API
LONG_POLL: Final = 25  # seconds that the service waits for something to happen
LONGEST_PAUSE: Final = 10.0  # seconds between two attempts in bad times: 15 s after them all is well again

Pause = Callable[[float], Awaitable[None]]
"""Waits so many seconds; tests put a fake in its place."""


class Wire(Protocol):
    """A library used as transport: carries one call there and its answer back."""

    async def call(self, method: str, parameters: dict[str, str | int | bool], wait: int = 0) -> ApiAnswer:
        """Call `method`; `wait` seconds more than usual may pass. Never raises for what network or service do."""

    async def close(self) -> None:
        """Let go of all connections."""


class TimedWire:
    """A wire whose calls are counted and timed."""

    def __init__(self, wire: Wire, measures: Measures) -> None:
        """`measures` is told of every call of `wire`."""
        self._wire = wire
        self._measures = measures

    async def call(self, method: str, parameters: dict[str, str | int | bool], wait: int = 0) -> ApiAnswer:
        """See `Wire`."""
        began = monotonic()
        answer = await self._wire.call(method, parameters, wait)
        self._measures.called(method, answer.status, monotonic() - began)
        return answer

    async def close(self) -> None:
        """See `Wire`."""
        await self._wire.close()


async def rest(seconds: float) -> None:
    """Wait `seconds`; the production `Pause`."""
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        return


class Patience:
    """Pauses that grow from 1 second to 10 while things go wrong, and start again once they go well."""

    def __init__(self, pause: Pause) -> None:
        """`pause` does the waiting."""
        self._pause = pause
        self._next = 1.0

    async def wait(self, at_least: float = 0) -> None:
        """Something went wrong: wait, longer than the last time and never less than `at_least` seconds."""
        seconds, self._next = self._next, min(self._next * 2, LONGEST_PAUSE)
        await self._pause(max(seconds, at_least))

    def reset(self) -> None:
        """Something went well."""
        self._next = 1.0


async def poll(wire: Wire, handle: Handle, pause: Pause) -> None:
    """Bring updates to `handle` until cancelled.

    An answer that is an error is logged with its cure and asked for again after a growing pause; when `handle`
    raises, nothing is confirmed and the same updates are asked for again.
    """
    patience = Patience(pause)
    offset = 0
    while True:
        answer = await wire.call("getUpdates", _question(offset), wait=LONG_POLL)
        if not answer.ok:
            _log.warning("no updates", reason=answer.description, cure=cure(answer))
            await patience.wait(answer.retry_after or 0)
            continue
        try:
            incoming = [decode(update) for update in answer.result]
            if incoming:
                await handle(incoming)
        except Exception:
            _log.exception("updates not handled, they will be asked for again", offset=offset)
            await patience.wait()
            continue
        patience.reset()
        offset = max((each.update_id + 1 for each in incoming), default=offset)


def _question(offset: int) -> dict[str, str | int | bool]:
    wanted = "[" + ",".join(f'"{kind}"' for kind in WANTED) + "]"
    parameters: dict[str, str | int | bool] = {
        "limit": MOST_UPDATES,
        "timeout": LONG_POLL,
        "allowed_updates": wanted,
    }
    return {"offset": offset, **parameters} if offset else parameters
