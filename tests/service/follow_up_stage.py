"""Follow-ups of Mr Wang's: one that waits, one that he was invited to, one half-filled, one to be called (F1–F4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from domain.follow_ups import FollowUp, FollowUpState
from domain.questionnaires import FollowUpEvent
from storage import follow_ups
from storage.engine import Unit

PLANNED, INVITED, ANSWERING, TO_CALL = (f"HF261123-911.{place}" for place in (1, 2, 3, 4))
STATES = {
    PLANNED: FollowUpState.PLANNED,
    INVITED: FollowUpState.INVITED,
    ANSWERING: FollowUpState.ANSWERING,
    TO_CALL: FollowUpState.TO_CALL,
}
SHEET = "check_48h"


async def contact(door: Any, unit: Unit, number: str, person: int) -> None:
    """Contact `number` with `person`, who is in the chat, as it stands there; anew where it has gone on."""
    now: datetime = door.clock.now()
    asked = number in (INVITED, ANSWERING)
    planned = FollowUp(
        number=number,
        questionnaire=SHEET,
        event=FollowUpEvent.LEFT,
        customer_id=1,
        occurred_at=now - timedelta(days=1),
        due_at=now + timedelta(hours=3),
        latest_at=now + timedelta(days=1),
        version=door.house.questionnaires[SHEET].version if asked else "",
        person_id=person,
        address="王先生",
        phone="+8613812345678",
        plate="粤B12345",
        work="小保养",
        state=STATES[number],
        invited_at=now if asked else None,
    )
    await unit.run(delete(follow_ups.ANSWERS).where(follow_ups.ANSWERS.c.number == number))
    await follow_ups.plan(unit, planned)
    await follow_ups.change(unit, planned)
