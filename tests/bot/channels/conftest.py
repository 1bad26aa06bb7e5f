"""Both libraries in turn, each on a local Telegram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.webhook import WebhookPlace
from sandbox import Sandbox
from tests.bot.channels.stage import CLASSES, LI, SHY, TOKEN, WANG, WORKSHOP, Pauses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.channels.bot_api import BotApiChannel
    from tests.clock import FakeClock


@pytest.fixture
def sandbox(clock: FakeClock) -> Sandbox:
    """Two people, one who never wrote, and a staff group with topics; `base` starts it."""
    return Sandbox((WANG, LI, SHY), (WORKSHOP,), token=TOKEN, clock=clock.now, pauses=(0.0,))


@pytest.fixture
async def base(sandbox: Sandbox) -> AsyncIterator[str]:
    """The started sandbox's address."""
    yield await sandbox.start()
    await sandbox.stop()


@pytest.fixture
def pauses() -> Pauses:
    """How long the channel would have waited."""
    return Pauses()


@pytest.fixture(params=CLASSES)
def kind(request: pytest.FixtureRequest) -> str:
    """Each library in turn."""
    return str(request.param)


@pytest.fixture
async def channel(kind: str, base: str, pauses: Pauses) -> AsyncIterator[BotApiChannel]:
    """A channel to the sandbox."""
    channel = CLASSES[kind](TOKEN, base, pause=pauses)
    yield channel
    await channel.close()


@pytest.fixture
def place(unused_tcp_port: int) -> WebhookPlace:
    """Where the channel listens."""
    url = f"http://127.0.0.1:{unused_tcp_port}/updates"
    return WebhookPlace(url, "s3cret_-", "127.0.0.1", unused_tcp_port)
