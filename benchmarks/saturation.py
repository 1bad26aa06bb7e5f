"""This bot and others beside a bare aiogram echo: as fast as they can, and at thirty a second."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import contestants
from benchmarks.contestants import Contestant, other, this_bot
from benchmarks.measuring import Tally, at_work, beside, late, middle
from benchmarks.report import MISSING, Measured, Sheet

if TYPE_CHECKING:
    from benchmarks.course import Place

OURS = ("full", "normal", "postgres", "ptb")
OTHERS = ("frozen", "ptb_echo", "form", "conversation")
NAMES = (*OTHERS, *OURS)
# The share of the steady load that each gets: whose latencies have a goal gets all of it.
STEADY = {"normal": 1.0, "full": 0.5, "postgres": 0.5}
STEADY_OF_OTHERS = 0.25

Line = tuple[str, Callable[[Tally], float], str]
LINES: tuple[Line, ...] = (
    ("updates per second", lambda one: one.per_second, ".0f"),
    ("CPU per update at saturation, ms", lambda one: one.cpu, ".2f"),
    ("median latency at saturation, ms", lambda one: middle(one.full), ".0f"),
    ("99th percentile at saturation, ms", lambda one: late(one.full), ".0f"),
    ("median latency at 30/s, ms", lambda one: middle(one.steady), ".1f"),
    ("99th percentile at 30/s, ms", lambda one: late(one.steady), ".1f"),
    ("CPU per update at 30/s, ms", lambda one: one.cpu_steady, ".2f"),
    ("press → new screen at 30/s, median, ms", lambda one: middle(one.screens), ".1f"),
    ("press → new screen, 99th percentile, ms", lambda one: late(one.screens), ".1f"),
    ("press → spinner stops, median, ms", lambda one: middle(one.toasts), ".1f"),
    ("days ⇄ times of booking, median, ms", lambda one: middle(one.booking_screens), ".1f"),
    ("days ⇄ times of booking, 99th percentile, ms", lambda one: late(one.booking_screens), ".1f"),
    ("memory, MiB", lambda one: one.memory, ".0f"),
)

Pair = tuple[Tally, Tally]
"""A contestant, and the echo in the same minute."""


async def known(place: Place, name: str, books: str = "saturation") -> Contestant:
    """The contestant of that name; if it is ours, with new books of its own, called `books`."""
    sqlite = f"sqlite:///{books}/{name}.sqlite3"
    match name:
        case "frozen":
            return other("aiogram echo, frozen", "aiogram_echo.py", FREEZE="1")
        case "ptb_echo":
            return other("python-telegram-bot echo", "ptb_echo.py")
        case "form":
            return other("aiogram FSM form", "aiogram_form.py")
        case "conversation":
            return other("ConversationHandler, persistent", "ptb_form.py")
        case "full":
            return this_bot("SQLite FULL", sqlite)
        case "normal":
            return this_bot("SQLite NORMAL", sqlite, SQLITE_SYNCHRONOUS="NORMAL")
        case "ptb":
            return this_bot("SQLite FULL, by python-telegram-bot", sqlite, CHANNEL="ptb")
        case "postgres":
            return this_bot("PostgreSQL", await place.postgres.desk(books))
        case _:
            raise ValueError(name)


async def measure(place: Place, wanted: Collection[str], say: Callable[[str], None]) -> Measured:
    """All of `wanted`, one after the other, each in turns with the same echo."""
    course, pairs, titles = place.course, {}, {}
    async with at_work(contestants.echo(), place.folder, course.customers) as baseline:
        await baseline.warm_up()
        for name in (one for one in NAMES if one in wanted):
            contestant = await known(place, name)
            say(contestant.name)
            try:
                async with at_work(contestant, place.folder, course.customers) as side:
                    await side.warm_up()
                    seconds = course.seconds * STEADY.get(name, STEADY_OF_OTHERS)
                    its_echo = await beside(baseline, side, course.texts, seconds)
                    if contestant.ours:
                        await side.press(course.press_seconds)
                    pairs[name], titles[name] = (side.tally, its_echo), contestant.name
            except Exception as error:
                say(f"{contestant.name} is left out: {error!r}")
    if not pairs:
        raise RuntimeError("Nobody could be measured: read what is said above.")
    return Measured(Sheet("measured", "In brackets: ratio to the echo of the same minute", rows(pairs, titles),
                          load(place, pairs)), seen(pairs))  # fmt: skip


def load(place: Place, pairs: Mapping[str, Pair]) -> str:
    """What was done."""
    course, steady = place.course, max(len(tally.steady) for tally, _ in pairs.values())
    return (
        f"{course.texts} texts of {course.customers} customers at saturation, up to {steady} at 30 a second, in turns "
        "with the echo, which is asked before and after each turn (in its column: median and range over all of them)"
    )


def rows(pairs: Mapping[str, Pair], titles: Mapping[str, str]) -> list[list[str]]:
    """A column for the echo and one for each contestant; a line for each figure."""
    table = [["", "bare aiogram echo", *titles.values()]]
    for label, value, form in LINES:
        echoes = [number for _, its_echo in pairs.values() if not math.isnan(number := value(its_echo))]
        cells = [MISSING]
        if echoes:
            spread = f" ({min(echoes):{form}}…{max(echoes):{form}})" if len(echoes) > 1 else ""
            cells = [f"{median(echoes):{form}}{spread}"]
        for tally, its_echo in pairs.values():
            number, base = value(tally), value(its_echo)
            ratio = "" if math.isnan(base) else f" ({number / base:.2f})"
            cells.append(MISSING if math.isnan(number) else f"{number:{form}}{ratio}")
        table.append([label, *cells])
    return table


def seen(pairs: Mapping[str, Pair]) -> dict[str, float]:
    """What it says about the goals."""
    found = {}
    speed = {name: tally.per_second / its_echo.per_second for name, (tally, its_echo) in pairs.items()}
    for name in ("full", "postgres"):
        if name in pairs:
            tally, its_echo = pairs[name]
            found[f"{name}_rate"] = speed[name]
            found[f"{name}_cpu"] = tally.cpu / its_echo.cpu
            found[f"memory_{name}"] = tally.memory / its_echo.memory
    if "full" in pairs and "frozen" in pairs:
        found["full_frozen"] = speed["full"] / speed["frozen"]
    if "full" in pairs and "conversation" in pairs:
        found["conversation"] = speed["full"] / speed["conversation"]
    if "normal" in pairs:
        tally, its_echo = pairs["normal"]
        found["steady_median"] = middle(tally.steady) / middle(its_echo.steady)
        found["steady_late"] = late(tally.steady) / late(its_echo.steady)
    return found
