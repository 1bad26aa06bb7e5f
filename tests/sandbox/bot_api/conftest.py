"""A running sandbox with a small cast, on a clock that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from sandbox import Sandbox
from tests.sandbox.bot_api.raw_bot import GROUPS, PEOPLE, TOKEN, RawBot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.clock import FakeClock


@pytest.fixture
def sandbox(clock: FakeClock) -> Sandbox:
    """Not started yet; `bot` starts it."""
    return Sandbox(PEOPLE, GROUPS, token=TOKEN, clock=clock.now, pauses=(60.0,))


@pytest.fixture
async def base(sandbox: Sandbox) -> AsyncIterator[str]:
    """The address of the started sandbox."""
    yield await sandbox.start()
    await sandbox.stop()


@pytest.fixture
async def bot(base: str) -> AsyncIterator[RawBot]:
    """A bot that speaks plain HTTP."""
    async with ClientSession() as session:
        yield RawBot(session, base)
