"""Close the house: within ten seconds of being told to stop, whatever hangs meanwhile.

What is under way may arrive and is written down. What takes longer is let go: a letter without a receipt is due again
at the next start (after its lease, where there are other processes), an update without a commit is brought again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from bot.opening import Premises

log = structlog.get_logger(__name__)

UNDER_WAY: Final = 4.0  # seconds that letters under way have to arrive
RECEIPTS: Final = 2.5  # seconds that writing down what became of them may take then
GIVEN_UP: Final = 7.5  # seconds after which whatever still waits is cancelled, also a start that hangs
AT_MOST: Final = 9.0  # seconds after which the process ends as it stands: a thread may wait for a locked file


async def close_up(
    premises: Premises,
    outside: Iterable[asyncio.Task[Any]],
    carrying: asyncio.Task[None],
    working: asyncio.Task[None],
) -> None:
    """Let nothing more in (`outside` tasks), finish what is under way, write it down; let go of what takes longer.

    `carrying` is the couriers' task, `working` the intake's. What was cancelled is awaited by who made the tasks.
    """
    intake = premises.intake
    for task in outside:
        task.cancel()
    intake.couriers.stop()
    with suppress(TimeoutError):
        async with asyncio.timeout(UNDER_WAY):
            await premises.clockwork.stop()
            await asyncio.wait([carrying])
    if not carrying.done():
        log.warning("letters that are still under way are let go, they are due again at the next start")
        carrying.cancel()
        await asyncio.wait([carrying], timeout=RECEIPTS)
    intake.stop()
    await asyncio.wait([working], timeout=RECEIPTS)
    if not working.done():
        log.warning("not everything could be written down, it is done again at the next start")
        working.cancel()


def stop_on_signals(stop: asyncio.Event) -> None:
    """Ctrl+C and a service manager's TERM end the work of the present task politely, and the process in time.

    Whatever the task still waits for after a while is cancelled; in the end the process leaves as it stands.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def told() -> None:
        if stop.is_set():
            return
        stop.set()
        loop.call_later(GIVEN_UP, task.cancel)
        guard = Timer(AT_MOST, _leave)
        guard.daemon = True
        guard.start()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told)


def _leave() -> None:
    log.warning("something still hangs: leaving as it stands, the next start goes on from the books")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
