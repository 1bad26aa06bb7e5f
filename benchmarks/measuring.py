"""Run one contestant through all loads and note what it took."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.contestants import Contestant, run_to_the_end, running
from benchmarks.customers import FIRST_CHAT, TEXTS, Customers
from benchmarks.local_api import LocalApi

WARM_UP = 600  # texts: everybody is known, all caches are warm
STEADY_RATE = 30.0  # updates a second, what Telegram lets a bot answer
START_TIMEOUT = 60.0

FRONT_DESK = ("地址", "营业时间")  # two cards that lead to each other
BOOKING = ("看其他日期", "明天")  # the cards of days and of times


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one contestant. Times in milliseconds unless named otherwise, memory in MiB."""

    name: str
    start_seconds: float
    import_seconds: float
    per_second: float
    cpu: float
    median_full: float
    late_full: float
    median_steady: float
    late_steady: float
    cpu_steady: float
    memory: float
    screen: float = math.nan
    screen_late: float = math.nan
    toast: float = math.nan
    booking_screen: float = math.nan
    booking_screen_late: float = math.nan


@dataclass(frozen=True, slots=True)
class Course:
    """How much load: texts at saturation, seconds of each steady load, starts."""

    texts: int = 3000
    seconds: float = 10.0
    starts: int = 2


async def measure(contestant: Contestant, course: Course, folder: Path) -> Figures:
    """All loads, one after the other, on one running process; the starts before that."""
    await _start(contestant, folder)  # not counted: makes the books and the byte code
    starts, imports = [], []
    for _ in range(course.starts):
        imports.append(await _import_aiogram(folder))
        starts.append(await _start(contestant, folder))
    async with LocalApi() as api, running(contestant, api, folder) as process:
        customers = Customers(api)
        await customers.write_once("/start")
        await customers.all_write(WARM_UP)
        before = _cpu(process)
        took = await customers.all_write(course.texts)
        busy = _cpu(process) - before
        full = sorted(customers.latencies)
        await asyncio.sleep(1)
        before = _cpu(process)
        await customers.write_steadily(STEADY_RATE, course.seconds)
        idle = _cpu(process) - before
        steady = sorted(customers.latencies)
        figures = Figures(
            contestant.name,
            start_seconds=median(starts) if starts else math.nan,
            import_seconds=median(imports) if imports else math.nan,
            per_second=course.texts / took,
            cpu=1000 * busy / course.texts,
            median_full=1000 * median(full),
            late_full=1000 * late(full),
            median_steady=1000 * median(steady),
            late_steady=1000 * late(steady),
            cpu_steady=1000 * idle / len(steady),
            memory=process.memory_info().rss / 2**20,
        )
        return replace(figures, **await _presses(customers, course)) if contestant.ours else figures


async def _presses(customers: Customers, course: Course) -> Mapping[str, Any]:
    await customers.write_once("你们几点开门")
    await customers.press_steadily(STEADY_RATE, course.seconds, FRONT_DESK)
    screens, toast = sorted(customers.screens), median(customers.toasts)
    await customers.all_reach_the_days()
    await customers.press_steadily(STEADY_RATE, course.seconds, BOOKING)
    booking = sorted(customers.screens)
    return {
        "screen": 1000 * median(screens),
        "screen_late": 1000 * late(screens),
        "toast": 1000 * toast,
        "booking_screen": 1000 * median(booking),
        "booking_screen_late": 1000 * late(booking),
    }


async def _start(contestant: Contestant, folder: Path) -> float:
    """Seconds from the start of the process until the first text, which waited already, is answered."""
    async with LocalApi() as api:
        Customers(api).write_one(FIRST_CHAT, TEXTS[0])
        began = perf_counter()
        async with running(contestant, api, folder), asyncio.timeout(START_TIMEOUT):
            await api.first_word.wait()
            return perf_counter() - began


async def _import_aiogram(folder: Path) -> float:
    """How long a fresh interpreter takes to import aiogram and to end: measured beside every start, for its ratio."""
    began = perf_counter()
    await run_to_the_end(("-c", "import aiogram"), folder)
    return perf_counter() - began


def late(ordered: Sequence[float]) -> float:
    """The 99th percentile."""
    return ordered[min(len(ordered) - 1, math.ceil(0.99 * len(ordered)) - 1)]


def _cpu(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
