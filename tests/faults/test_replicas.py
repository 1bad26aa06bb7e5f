"""Several processes on one PostgreSQL: one poller and those that stand by, or all behind webhooks.

Nobody's letters overtake each other, all together send no more than the service allows, and whoever dies is replaced
within seconds. Long with FAULTS=long.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.street import open_street
from tests.faults.tally import LONG, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.program import Nursery

CUSTOMERS = 60 if LONG else 16
ROUNDS = 12 if LONG else 3
RECOVERED = 15.0  # seconds: the goal


@pytest.fixture
def ports(unused_tcp_port_factory: Any) -> Iterator[int]:
    """A free port for each web server."""
    return iter(unused_tcp_port_factory, 0)


async def test_two_behind_webhooks_send_in_order_and_never_too_much(
    nursery: Nursery, postgres_url: str, tmp_path: Path, ports: Iterator[int], tally: Tally
) -> None:
    """Every update of a customer goes to the other process than the one before."""
    async with open_street(nursery, postgres_url, tmp_path, CUSTOMERS) as street:
        for _ in range(2):
            await street.start(next(ports))
        for _ in range(ROUNDS):
            await street.everybody_says("你好")
        await street.settled()
        for program in street.programs:
            await program.stop()
        updates, repeated, overtaken = (
            await street.updates(),
            await street.repeated(),
            await street.overtaken(),
        )
        tally(
            "two processes behind webhooks",
            updates=updates,
            lost=CUSTOMERS * ROUNDS - updates,
            repeated=repeated.total(),
        )
        assert updates == CUSTOMERS * ROUNDS
        assert repeated.total() == 0
        assert overtaken == []
        assert street.refusals() == 0


async def test_the_poller_dies_and_another_takes_over(
    nursery: Nursery, postgres_url: str, tmp_path: Path, tally: Tally
) -> None:
    """It dies with a letter in its hands: who stood by brings it, in order, and polls from then on."""
    async with open_street(nursery, postgres_url, tmp_path, CUSTOMERS) as street:
        poller = await street.start(kill_at=f"before_send:{CUSTOMERS // 2}")
        await street.see(lambda: bool(street.sandbox.calls_of("getUpdates")), "somebody polls")
        await street.start()
        await street.everybody_says("你好")
        assert await poller.exit() == -signal.SIGKILL
        died = time.monotonic()
        polled = len(street.sandbox.calls_of("getUpdates"))
        await street.see(lambda: len(street.sandbox.calls_of("getUpdates")) > polled, "the other polls")
        taken_over = time.monotonic() - died
        for _ in range(ROUNDS - 1):
            await street.everybody_says("你好")
        await street.settled()
        recovered = time.monotonic() - died
        await street.programs[-1].stop()
        updates, repeated, overtaken = (
            await street.updates(),
            await street.repeated(),
            await street.overtaken(),
        )
        print(f"polls after {taken_over:.1f} s, all well after {recovered:.1f} s")
        tally("the poller is killed, another process stands by", deaths=1, updates=updates,
              lost=CUSTOMERS * ROUNDS - updates, repeated=repeated.total(), recovery=taken_over)  # fmt: skip
        assert updates == CUSTOMERS * ROUNDS
        assert set(repeated.values()) <= {1}, "one message of a chat at most"
        assert overtaken == []
        assert street.refusals() == 0
        assert not LONG or taken_over < RECOVERED
