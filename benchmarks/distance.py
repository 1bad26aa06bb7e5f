"""The same load when every call to the service takes 50 ms, as it does from most places on earth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import saturation
from benchmarks.measuring import Tally, at_work, middle
from benchmarks.report import Measured, Sheet

if TYPE_CHECKING:
    from benchmarks.course import Place

NETWORK = 0.05  # seconds until the answer of a call arrives
# Times the usual customers and texts. Who answers one after the other is as slow as the network whatever is asked.
SLOW, FAST = (0.1, 0.1), (5.0, 2.0)
ASKED = {
    "ptb_echo": SLOW,
    "conversation": SLOW,
    "form": FAST,
    "frozen": FAST,
    "full": FAST,
    "postgres": FAST,
}


async def measure(place: Place) -> Measured:
    """Everybody, one after the other."""
    tallies: dict[str, Tally] = {}
    table = [["", "updates per second", "÷ ConversationHandler", "median latency, ms"]]
    titles = {}
    for name, (people, share) in ASKED.items():
        customers = max(1, round(place.course.customers * people))
        contestant = await saturation.known(place, name, books="distance")
        titles[name] = contestant.name
        async with at_work(contestant, place.folder, customers, delay=NETWORK) as side:
            await side.warm_up()
            await side.saturate(max(10, round(place.course.texts * share)))
            tallies[name] = side.tally
    slowest = tallies["conversation"].per_second
    for name, tally in tallies.items():
        ratio = tally.per_second / slowest
        table.append([titles[name], f"{tally.per_second:.0f}", f"{ratio:.1f}", f"{middle(tally.full):.0f}"])
    load = (
        f"Every call takes {1000 * NETWORK:.0f} ms; {place.course.customers * FAST[0]:,.0f} customers (20 of "
        "python-telegram-bot's own) who write as soon as they are answered"
    )
    seen = {"distance": tallies["full"].per_second / slowest}
    return Measured(Sheet("distance", "With 50 ms of network per call", table, load), seen)
