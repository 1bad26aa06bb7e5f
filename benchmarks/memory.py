"""What the process holds after the updates of a minute and after those of an hour at thirty a second.

The hour is not waited for: as many updates are sent as fast as they are answered, the same for both databases at once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks import saturation
from benchmarks.contestants import Contestant
from benchmarks.measuring import at_work
from benchmarks.report import Measured, Sheet

if TYPE_CHECKING:
    from benchmarks.course import Place

POINTS = (0.25, 0.5, 1.0)  # of the hour


async def measure(place: Place) -> Measured:
    """Both databases side by side: only memory is measured, and the machine has two cores."""
    ours = [await saturation.known(place, name, books="memory") for name in ("full", "postgres")]
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(_held(one, place)) for one in ours]
    sqlite, postgres = (each.result() for each in both)
    heading = ["", "after a minute", *(f"after {60 * point:g} minutes" for point in POINTS)]
    table = [heading]
    for contestant, held in zip(ours, (sqlite, postgres), strict=True):
        cells = (f"{each:.1f} ({each / held[0]:.3f})" for each in held[1:])
        table.append([f"{contestant.name}, MiB", f"{held[0]:.1f}", *cells])
    load = (
        f"{place.course.minute:,} updates for a minute and {place.course.hour:,} for an hour at 30 a second, sent as "
        "fast as they are answered"
    )
    seen = {"hour_SQLite": sqlite[-1] / sqlite[0], "hour_PostgreSQL": postgres[-1] / postgres[0]}
    return Measured(Sheet("memory", "In brackets: ratio to the first minute", table, load), seen)


async def _held(contestant: Contestant, place: Place) -> list[float]:
    """MiB after a minute and at each of the points."""
    course, held, done = place.course, [], 0
    async with at_work(contestant, place.folder, course.customers) as side:
        await side.warm_up()
        for until in (course.minute, *(round(point * course.hour) for point in POINTS)):
            await side.customers.all_write(until - done)
            done = until
            held.append(side.memory())
    return held
