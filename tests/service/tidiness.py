"""What must be true of the house after anything at all: no dead letter, no stray timer, one question, true bays."""

from __future__ import annotations

import json

from sqlalchemy import select

from dialogs.catalogue import DIALOGS
from domain.appointments import AppointmentState
from storage.bays import BAY_DAYS
from storage.conversations import OPEN, OVER
from tests.service.front_door import FrontDoor


async def assert_house_is_in_order(door: FrontDoor) -> None:
    """What must be true after anything at all (B4, and one question at a time)."""
    assert [row.error for row in await door.dead()] == []
    talks = await door.conversations()
    over = {row.id for row in talks if row.status == OVER}
    assert [timer.name for timer in await door.timers() if timer.conversation_id in over] == []
    asking: dict[int, list[str]] = {}
    for row in talks:
        dialog = DIALOGS.get(row.dialog)
        if dialog and row.status == OPEN and row.person_id and not (dialog.patient or dialog.lasting):
            asking.setdefault(row.person_id, []).append(row.dialog)
    assert [names for names in asking.values() if len(names) > 1] == []
    await assert_bays_agree(door)


async def assert_bays_agree(door: FrontDoor) -> None:
    """Exactly what appointments occupy is taken in the bays (B4, B9)."""
    wanted: dict[tuple[str, str], int] = {}
    for row in await door.appointments():
        if AppointmentState(row.state).occupies:
            for day, mask in json.loads(row.cells).items():
                assert wanted.get((row.bay, day), 0) & mask == 0, f"{row.number} shares its bay"
                wanted[row.bay, day] = wanted.get((row.bay, day), 0) | mask
    taken = {
        (row.bay, row.day.isoformat()): row.mask for row in await door.rows(select(BAY_DAYS)) if row.mask
    }
    assert taken == wanted
