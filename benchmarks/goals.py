"""What we want to reach, and what was seen of it: the first table of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import MISSING, markdown, parts

MARK = "goals"
HEADING = ("figure", "goal", "seen", "reached", "measured by `python -m benchmarks …`")


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is at least `least` or at most `most`, better still `stretch`; `by`: the table that measures it."""

    figure: str
    by: str
    least: float | None = None
    most: float | None = None
    stretch: float | None = None
    form: str = ".2f"

    @property
    def said(self) -> str:
        """The goal in words."""
        if self.most == 0:
            return "0"
        sign, limit = ("≥", self.least) if self.least is not None else ("≤", self.most)
        stretch = f", stretch {self.stretch:g}" if self.stretch is not None else ""
        return f"{sign} {limit:g}{stretch}"

    def reached(self, seen: float) -> str:
        """Whether `seen` is enough; as it is shown, not to more digits."""
        shown = float(f"{seen:{self.form}}")
        if self._enough(shown, self.stretch):
            return "stretch"
        return "yes" if self._enough(shown, self.least if self.least is not None else self.most) else "**no**"

    def _enough(self, seen: float, limit: float | None) -> bool:
        if limit is None:
            return False
        return seen >= limit if self.least is not None else seen <= limit


ECHO = "÷ bare aiogram echo"

AMONG = "among the most ÷ among 1,000"

GOALS: Mapping[str, Goal] = {
    "full_rate": Goal(f"updates a second, SQLite FULL {ECHO}", "full", least=1.0, stretch=1.5),
    "full_frozen": Goal("updates a second, SQLite FULL ÷ an aiogram echo that freezes", "full frozen", least=1.0),
    "postgres_rate": Goal(f"updates a second, PostgreSQL {ECHO}", "postgres", least=1.0, stretch=1.2),
    "replicas_aiogram": Goal("updates a second, PostgreSQL by webhook, 2 processes ÷ 1", "replicas", least=1.6),
    "replicas_ptb": Goal("2 processes ÷ 1 by python-telegram-bot", "replicas", least=1.6),
    "conversation": Goal("updates a second, SQLite FULL ÷ ConversationHandler", "full conversation", least=2.5),
    "distance": Goal("… with 50 ms of network per call", "distance", least=35, form=".1f"),
    "full_cpu": Goal(f"CPU per update, SQLite FULL {ECHO}", "full", most=1.2, stretch=0.65),
    "postgres_cpu": Goal(f"CPU per update, PostgreSQL {ECHO}", "postgres", most=1.2, stretch=0.65),
    "steady_median": Goal(f"at 30/s, SQLite NORMAL: median {ECHO}", "normal", most=1.25),
    "steady_late": Goal(f"at 30/s, SQLite NORMAL: 99th percentile {ECHO}", "normal", most=1.2),
    "start_full": Goal(f"start to first answer, SQLite FULL {ECHO}", "starts", most=1.1, stretch=0.5),
    "start_postgres": Goal(f"start to first answer, PostgreSQL {ECHO}", "starts", most=1.1, stretch=0.5),
    "memory_full": Goal(f"memory, SQLite FULL {ECHO}", "full", most=1.1, stretch=0.6),
    "memory_postgres": Goal(f"memory, PostgreSQL {ECHO}", "postgres", most=1.1, stretch=0.6),
    "hour_SQLite": Goal("memory after an hour of load ÷ after a minute, SQLite", "memory", most=1.05),
    "hour_PostgreSQL": Goal("memory after an hour of load ÷ after a minute, PostgreSQL", "memory", most=1.05),
    "claim_SQLite": Goal(f"claim 100 due timers {AMONG}, SQLite", "timers", most=1.2),
    "claim_PostgreSQL": Goal(f"claim 100 due timers {AMONG}, PostgreSQL", "timers", most=1.2),
    "claim_ms_SQLite": Goal("claim 100 due timers among the most, SQLite, ms", "timers", most=10, form=".1f"),
    "claim_ms_PostgreSQL": Goal("claim 100 due timers among the most, PostgreSQL, ms", "timers", most=10, form=".1f"),
    "fire_SQLite": Goal(f"claim and fire 100 due timers {AMONG}, SQLite", "timers", most=1.2),
    "fire_PostgreSQL": Goal(f"claim and fire 100 due timers {AMONG}, PostgreSQL", "timers", most=1.2),
    "fire_ms_SQLite": Goal("claim and fire 100 due timers, SQLite, ms", "timers", most=10, form=".1f"),
    "fire_ms_PostgreSQL": Goal("claim and fire 100 due timers, PostgreSQL, ms", "timers", most=10, form=".1f"),
    "stall_SQLite": Goal("longest stall of the loop meanwhile, SQLite, ms", "timers", most=10, form=".1f"),
    "stall_PostgreSQL": Goal("longest stall of the loop meanwhile, PostgreSQL, ms", "timers", most=10, form=".1f"),
    "scheduler": Goal("claim 100 due ÷ APScheduler's job store, 10,000 pending", "timers", most=0.05, form=".3f"),
    "slots": Goal("free times of 12 bays × 60 days × 5,000 bookings, ms", "slots", most=5),
    "next_five": Goal("the next five free times, ms", "slots", most=0.5, form=".3f"),
    "storm_lost": Goal("twice the allowed rate for a minute: replies lost", "storm", most=0, form=".0f"),
    "storm_twice": Goal("twice the allowed rate: replies given twice", "storm", most=0, form=".0f"),
    "storm_time": Goal("twice the allowed rate: time until done ÷ (count ÷ 30 s)", "storm", most=1.1),
    "backlog": Goal("a backlog of 200 chats × 5 form steps: finished, in order", "backlog", least=200, form=".0f"),
    "downtime": Goal("100 timers due during 3 s of downtime: fired", "downtime", least=100, form=".0f"),
    "downtime_twice": Goal("… fired twice", "downtime", most=0, form=".0f"),
    "killed": Goal("100 timers due during kill -9: fired", "downtime", least=100, form=".0f"),
    "killed_twice": Goal("… fired twice by a kill", "downtime", most=0, form=".0f"),
}  # fmt: skip


def rows(seen: Mapping[str, float], known: Mapping[str, Sequence[str]] = {}) -> list[list[str]]:
    """A line for every goal; what was not measured this time is taken from `known` lines (by figure), or left open."""
    table = [list(HEADING)]
    for key, goal in GOALS.items():
        measured = seen.get(key)
        old = known.get(goal.figure, ())
        found = [MISSING, MISSING] if len(old) != len(HEADING) else list(old[2:4])
        if measured is not None:
            found = [f"{measured:{goal.form}}", goal.reached(measured)]
        table.append([goal.figure, goal.said, *found, f"`{goal.by}`"])
    return table


def write(document: Path, seen: Mapping[str, float]) -> None:
    """Put what was seen into the table of goals in `document`; lines that were not measured stay as they are."""
    before, old, after = parts(document, MARK)
    lines = [line.strip("| ").split(" | ") for line in old.splitlines()]
    table = markdown(rows(seen, {cells[0]: cells for cells in lines}))
    document.write_text(f"{before}{table}{after}", encoding="utf-8")
