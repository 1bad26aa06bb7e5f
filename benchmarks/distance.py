"""The same load when every call to the service takes 50 ms, as it does from most places on earth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import saturation
from benchmarks.measuring import Tally, at_work, middle
from benchmarks.report import Measured, Sheet

if TYPE_CHECKING:
    from benchmarks.course import Place

NETWORK = 0.05  # seconds until the answer of a call arrives
# Who is as slow as the network is asked less, so that it does not take minutes.
SHARES = {
    "conversation": 0.1,
    "ptb_echo": 0.1,
    "form": 1.0,
    "frozen": 1.0,
    "full": 2.0,
    "postgres": 2.0,
    "ptb": 0.5,
}
CUSTOMERS = 1_000  # so many that it is not they who wait


async def measure(place: Place) -> Measured:
    """Everybody, one after the other."""
    tallies: dict[str, Tally] = {}
    table = [["", "updates per second", "÷ ConversationHandler", "median latency, ms"]]
    titles = {}
    for name, share in SHARES.items():
        contestant = await saturation.known(place, name, books="distance")
        titles[name] = contestant.name
        async with at_work(contestant, place.folder, delay=NETWORK) as side:
            side.customers.chats = CUSTOMERS
            await side.warm_up(max(100, round(place.course.texts * share / 10)))
            await side.saturate(round(place.course.texts * share))
            tallies[name] = side.tally
    slowest = tallies["conversation"].per_second
    for name, tally in tallies.items():
        ratio = tally.per_second / slowest
        table.append([titles[name], f"{tally.per_second:.0f}", f"{ratio:.1f}", f"{middle(tally.full):.0f}"])
    load = f"Every call takes {1000 * NETWORK:.0f} ms; {CUSTOMERS:,} customers who write as soon as they are answered"
    seen = {"distance": tallies["full"].per_second / slowest}
    return Measured(Sheet("distance", "With 50 ms of network per call", table, load), seen)
