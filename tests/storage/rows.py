"""Ordinary rows for the tests of this room: a test names only what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from storage import conversations, people
from storage.outbox import LetterState
from tests.clock import MONDAY_TEN

if TYPE_CHECKING:
    import asyncio

    from storage.engine import Unit

# Not pg_stat_activity, of which a transaction sees one snapshot only.
_WAITS = text("SELECT 1 FROM pg_locks WHERE NOT granted")


async def is_waited_for(unit: Unit, other: asyncio.Task[Any]) -> bool:
    """Whether `other`, at work on the PostgreSQL of `unit` as nobody else is, has to wait; once it waits or is done."""
    while not other.done():
        if await unit.one(_WAITS):
            return True
    return False


def a_letter(**changes: Any) -> dict[str, Any]:
    """A letter that waits since Monday, ten o'clock."""
    return {
        "kind": "answer",
        "script": "booking/choose_day",
        "payload": "{}",
        "state": LetterState.PENDING.value,
        "due_at": MONDAY_TEN,
        "created_at": MONDAY_TEN,
    } | changes


def a_timer(conversation: int, name: str = "reminder", **changes: Any) -> dict[str, Any]:
    """A timer that is due on Monday, ten o'clock."""
    return {
        "conversation_id": conversation,
        "name": name,
        "due_at": MONDAY_TEN,
        "what": "提醒",
        "why": "预约前一天",
        "set_at": MONDAY_TEN,
        "attempts": 0,
    } | changes


async def a_person(unit: Unit, user_id: int = 501) -> int:
    """Somebody who wrote to us; our number of them."""
    await people.meet(
        unit, [{"user_id": user_id, "first_name": "王芳", "username": "wf", "first_seen": MONDAY_TEN}]
    )
    return (await people.load(unit, MONDAY_TEN, user_ids=[user_id]))[0].id


async def a_conversation(unit: Unit, **changes: Any) -> int:
    """An open booking; its number."""
    fields = {
        "dialog": "booking",
        "step": "choose_day",
        "state": "{}",
        "version": 1,
        "asked_at": MONDAY_TEN,
        "opened_at": MONDAY_TEN,
    }
    return await conversations.begin(unit, fields | changes)
