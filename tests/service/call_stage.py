"""A customer without a chat who waits to be called about a repair, as the books have it (F4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from domain.follow_ups import FollowUp, FollowUpState
from domain.questionnaires import FollowUpEvent
from storage import follow_ups
from storage.engine import Unit

CALLED = "HF261123-901.1"
DAY = timedelta(days=1)


async def wait_for_call(door: Any, unit: Unit, caller: int = 0, number: str = CALLED, **changes: Any) -> None:
    """The contact `number` waits for a call, which `caller` has taken; nothing has been answered."""
    now = door.clock.now()
    known: dict[str, Any] = {
        "questionnaire": "check_48h",
        "event": FollowUpEvent.LEFT,
        "customer_id": 1,
        "occurred_at": now - 2 * DAY,
        "due_at": now,
        "latest_at": now + DAY,
        "address": "郑先生",
        "phone": "+8613612345678",
        "plate": "粤B33901",
        "work": "更换刹车片",
        "state": FollowUpState.TO_CALL,
        "caller": caller,
        "taken_at": now if caller else None,
    }
    follow_up = FollowUp(number, **(known | changes))
    await follow_ups.plan(unit, follow_up)
    await follow_ups.change(unit, follow_up)  # also where it was called before
    await unit.run(delete(follow_ups.ANSWERS).where(follow_ups.ANSWERS.c.number == number))
