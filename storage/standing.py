"""How the books stand at this moment: what whoever watches the bot wants to know, in one glance.

Only what an index answers is asked: the bot's loop waits while SQLite looks, and there may be a million timers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func, select, true

from domain.complaints import ComplaintState, Step
from domain.people import Queue
from storage.complaints import COMPLAINT_LEGS, COMPLAINTS
from storage.dead_letters import DEAD_LETTERS, DeadLetterState
from storage.engine import Unit
from storage.outbox import OUTBOX, UNDER_WAY
from storage.timers import TIMERS

EVERY_QUEUE: Final = tuple(queue.value for queue in Queue)
LATE: Final = timedelta(seconds=15)  # after so long a timer that is due is late


@dataclass(frozen=True, slots=True)
class Standing:
    """`letters`: how many wait, by state. `outbox_age`: for how long the oldest of them has been due.

    `late_timers` are due for more than `LATE`. `late_acceptances` and `late_solutions` are open steps of complaints
    past their deadline (C4, C6): the first step, and those behind it. `dead_letters`: those nobody has decided on.
    """

    letters: Mapping[str, int]
    outbox_age: timedelta
    late_timers: int
    open_complaints: int
    late_acceptances: int
    late_solutions: int
    dead_letters: int


async def standing(unit: Unit, now: datetime) -> Standing:
    """Look."""
    open_ones = select(OUTBOX.c.state, func.count().label("count"), func.min(OUTBOX.c.due_at).label("oldest"))
    letters = await unit.rows(open_ones.where(OUTBOX.c.state.in_(UNDER_WAY)).group_by(OUTBOX.c.state))
    oldest = min((row.oldest for row in letters), default=now)
    late_timers = select(func.count().label("count")).where(TIMERS.c.due_at <= now - LATE)
    open_complaints = select(func.count().label("count")).where(
        COMPLAINTS.c.state == ComplaintState.OPEN.value
    )
    is_first = COMPLAINT_LEGS.c.leg.startswith(f"{Step.INTAKE.value}.")
    breached = select(
        func.count(case((is_first, 1))).label("acceptances"),
        func.count(case((~is_first, 1))).label("solutions"),
    ).where(
        COMPLAINT_LEGS.c.queue.in_(EVERY_QUEUE),  # so that the index by queue, open and due_at is searched
        COMPLAINT_LEGS.c.open == true(),
        COMPLAINT_LEGS.c.due_at < now,
    )
    kept = select(func.count().label("count")).where(DEAD_LETTERS.c.state == DeadLetterState.KEPT.value)
    (breaches,) = await unit.rows(breached)
    return Standing(
        letters=dict.fromkeys(UNDER_WAY, 0) | {row.state: row.count for row in letters},
        outbox_age=max(now - oldest, timedelta()),
        late_timers=(await unit.rows(late_timers))[0].count,
        open_complaints=(await unit.rows(open_complaints))[0].count,
        late_acceptances=breaches.acceptances,
        late_solutions=breaches.solutions,
        dead_letters=(await unit.rows(kept))[0].count,
    )
