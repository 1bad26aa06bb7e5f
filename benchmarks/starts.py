"""From the start of the process until a text that waited already is answered; everybody in turn."""

from __future__ import annotations

import asyncio
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks import contestants, saturation
from benchmarks.contestants import Contestant, run_to_the_end, running
from benchmarks.customers import FIRST_CHAT, TEXTS, Customers
from benchmarks.local_api import LocalApi
from benchmarks.report import Measured, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.course import Place

TIMEOUT = 60.0
NAMES = ("full", "postgres", "ptb")


async def measure(place: Place) -> Measured:
    """Every program as often as the course says; the first start, which makes books and byte code, is not counted."""
    known = {"echo": contestants.echo()} | {
        name: await saturation.known(place, name, books="starts") for name in NAMES
    }
    imports: list[float] = []
    took: dict[str, list[float]] = {name: [] for name in known}
    memory: dict[str, list[float]] = {name: [] for name in known}
    for number in range(-1, place.course.starts):
        imports.append(await _import_aiogram(place.folder))
        for name, contestant in known.items():
            seconds, held = await _start(contestant, place.folder)
            if number >= 0:
                took[name].append(seconds)
                memory[name].append(held)
    table = [
        ["", "`import aiogram` alone", *(contestant.name for contestant in known.values())],
        ["start to first answer, s", f"{median(imports[1:]):.2f}", *_cells(took, ".2f")],
        ["memory then, MiB", "–", *_cells(memory, ".0f")],
    ]
    seen = {f"start_{name}": median(took[name]) / median(took["echo"]) for name in ("full", "postgres")}
    load = f"Medians of {place.course.starts} starts each, one after the other in turn"
    return Measured(Sheet("starts", "In brackets: ratio to the echo", table, load), seen)


def _cells(figures: dict[str, list[float]], form: str) -> list[str]:
    base = median(figures["echo"])
    return [
        f"{median(each):{form}}" + ("" if name == "echo" else f" ({median(each) / base:.2f})")
        for name, each in figures.items()
    ]


async def _start(contestant: Contestant, folder: Path) -> tuple[float, float]:
    """Seconds until the first answer, and MiB then."""
    async with LocalApi() as api:
        Customers(api).write_one(FIRST_CHAT, TEXTS[0])
        began = perf_counter()
        async with running(contestant, api, folder) as [process], asyncio.timeout(TIMEOUT):
            await api.first_word.wait()
            return perf_counter() - began, process.memory_info().rss / 2**20


async def _import_aiogram(folder: Path) -> float:
    """How long a fresh interpreter takes to import aiogram and to end."""
    began = perf_counter()
    await run_to_the_end(("-c", "import aiogram"), folder)
    return perf_counter() - began
