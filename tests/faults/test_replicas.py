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
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.program import Nursery
    from tests.faults.street import Street

CUSTOMERS = 60 if LONG else 16
ROUNDS = 12 if LONG else 3
PROCESSES = 4 if LONG else 2
SENDING = CUSTOMERS // 2  # the letter at which a process dies
STANDS_STILL = 0.3  # seconds: on a machine that has much else to do
RECOVERED = 15.0  # seconds: the goal


@pytest.fixture
def ports(unused_tcp_port_factory: Any) -> Iterator[int]:
    """A free port for each web server."""
    return iter(unused_tcp_port_factory, 0)


async def reckon(street: Street, tally: Tally, fault: str, **figures: float) -> Counter[int]:
    """No update lost, nothing out of order, never too much sent; the messages that somebody got once too often."""
    updates, repeated = await street.updates(), await street.repeated()
    expected = CUSTOMERS * ROUNDS
    tally(fault, updates=updates, lost=expected - updates, repeated=repeated.total(), **figures)
    assert updates == expected
    assert await street.overtaken() == []
    # A service that stands still itself gets what came meanwhile in one moment.
    assert street.refusals() == 0 or street.stood_still > STANDS_STILL, street.refusals()
    return repeated


async def test_all_behind_webhooks_send_in_order_and_never_too_much(
    nursery: Nursery, postgres_url: str, tmp_path: Path, ports: Iterator[int], tally: Tally
) -> None:
    """Every update goes to another process than the one before; in the middle of it all lose their bells."""
    async with open_street(nursery, postgres_url, tmp_path, CUSTOMERS) as street:
        for _ in range(PROCESSES):
            await street.start(next(ports))
        for number in range(ROUNDS):
            await street.everybody_says("你好")
            if number == ROUNDS // 2:
                await street.cut_bells()
        await street.settled()
        for program in street.programs:
            await program.stop()
        assert not await reckon(street, tally, "several processes behind webhooks, their bells cut")


async def test_the_poller_dies_and_another_takes_over(
    nursery: Nursery, postgres_url: str, tmp_path: Path, tally: Tally
) -> None:
    """It dies with letters in its hands: who stood by brings them, in order, and polls from then on."""
    async with open_street(nursery, postgres_url, tmp_path, CUSTOMERS) as street:
        poller = await street.start(kill_at=f"before_send:{SENDING}")
        await street.see(lambda: bool(street.sandbox.calls_of("getUpdates")), "somebody polls")
        await street.start()
        await street.everybody_says("你好")
        assert await poller.exit() == -signal.SIGKILL
        died, orphans = time.monotonic(), await street.left_behind()
        polled = len(street.sandbox.calls_of("getUpdates"))
        await street.see(lambda: len(street.sandbox.calls_of("getUpdates")) > polled, "the other polls")
        taken_over = time.monotonic() - died
        for _ in range(ROUNDS - 1):
            await street.everybody_says("你好")
        await street.inherited(orphans)
        recovered = time.monotonic() - died
        await street.settled()
        await street.programs[-1].stop()
        print(f"polls after {taken_over:.1f} s, {len(orphans)} letters inherited after {recovered:.1f} s")
        repeated = await reckon(
            street, tally, "the poller is killed, another stands by", deaths=1, recovery=recovered
        )
        assert set(repeated.values()) <= {1}, "one message of a chat at most"
        assert orphans
        assert not LONG or recovered < RECOVERED


async def test_one_behind_webhooks_dies(
    nursery: Nursery, postgres_url: str, tmp_path: Path, ports: Iterator[int], tally: Tally
) -> None:
    """The balancer goes round it; what it had in hand the other one brings."""
    async with open_street(nursery, postgres_url, tmp_path, CUSTOMERS) as street:
        mortal = await street.start(next(ports), kill_at=f"after_send:{SENDING}")
        await street.start(next(ports))
        for _ in range(ROUNDS):
            await street.everybody_says("你好")
        assert await mortal.exit() == -signal.SIGKILL
        died, orphans = time.monotonic(), await street.left_behind()
        await street.inherited(orphans)
        recovered = time.monotonic() - died
        await street.settled()
        await street.programs[-1].stop()
        print(f"{len(orphans)} letters inherited after {recovered:.1f} s")
        repeated = await reckon(
            street, tally, "one of two behind webhooks is killed", deaths=1, recovery=recovered
        )
        assert set(repeated.values()) <= {1}, "one message of a chat at most"
        assert orphans
        assert not LONG or recovered < RECOVERED
