"""One process polls, the others stand by: the service allows one only, and takes the turn away with the connection."""

from __future__ import annotations

import asyncio

import structlog

from service.ports import Channel, Handle
from storage.bell import Bell

log = structlog.get_logger(__name__)


async def poll_in_turn(bell: Bell, channel: Channel, handle: Handle) -> None:
    """Bring updates from `channel` to `handle` whenever it is this process's turn, until cancelled.

    Who loses the bell's connection stops at once: another process polls from now on. What was handled but not
    confirmed comes again, and the inbox knows it.
    """
    while True:
        async with bell.turn_to_poll() as lost, asyncio.TaskGroup() as group:
            log.info("this process polls")
            listening = group.create_task(channel.listen(handle))
            losing = group.create_task(lost.wait())
            await asyncio.wait((listening, losing), return_when=asyncio.FIRST_COMPLETED)
            listening.cancel()
            losing.cancel()
        log.warning("the turn to poll is lost with the database connection")
