"""How much is measured, and where: the course that everybody runs, and the place where they run it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.database import Postgres


@dataclass(frozen=True, slots=True)
class Course:
    """How much load.

    So many `customers` write `texts` at saturation, and for `seconds` at a steady rate; `starts` of each program;
    `sizes` of the crowds of open cases and of waiting timers, `rounds` in which each of them is asked; `minute` and
    `hour` are updates at 30 a second.
    """

    customers: int = 200
    texts: int = 3_000
    seconds: float = 20.0
    press_seconds: float = 10.0
    starts: int = 3
    case_sizes: tuple[int, ...] = (1_000, 10_000, 100_000)
    case_rounds: int = 60
    timer_sizes: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    timer_rounds: int = 40
    fired_rounds: int = 12
    store_sizes: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    storm_seconds: float = 60.0
    backlog_chats: int = 200
    timers_missed: int = 100
    minute: int = 1_800
    hour: int = 108_000


USUAL = Course()
QUICK = Course(
    texts=300,
    seconds=4.0,
    press_seconds=2.0,
    starts=1,
    case_sizes=(1_000, 2_000),
    case_rounds=5,
    timer_sizes=(1_000, 10_000),
    timer_rounds=5,
    fired_rounds=3,
    store_sizes=(1_000, 10_000),
    storm_seconds=3.0,
    backlog_chats=20,
    timers_missed=20,
    minute=300,
    hour=1_800,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is measured: a `folder` of its own with a store.yaml, and a PostgreSQL server for who asks for one."""

    folder: Path
    postgres: Postgres
    course: Course
