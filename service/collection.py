"""Collect from the outbox what is due (or was left behind by a process that died) and ask the gates again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.people import Queue
from service.drafting import TOPIC, Drafting
from service.gates import UNREACHABLE
from service.house import House
from service.ledger import Ledger
from service.receipts import Outcome
from storage import outbox, people
from storage.outbox import LetterState, Receipt

AT_ONCE = 200


async def collect(house: House, note: Callable[[Outcome], None]) -> Sequence[Mapping[str, Any]]:
    """Letters that this process now has to bring, in the order they were written. One transaction.

    `note` is told of those whose person blocked us meanwhile: the desk makes calls of them.
    """
    async with house.books.unit() as unit:
        now = house.clock.now()
        found = await outbox.claim_due(unit, now, house.courier, now + house.lease, AT_ONCE)
        ledger = Ledger(unit, now)
        ledger.know(
            await people.load(unit, now, ids=sorted({row["person_id"] for row in found if row["person_id"]}))
        )
        drafting = Drafting(house, ledger, [row["id"] for row in found])
        leaving: list[dict[str, Any]] = []
        kept: list[Receipt] = []
        for row in found:
            if row["person_id"]:
                await drafting.to_person(row, await ledger.person(row["person_id"]))
            elif row["script"] == TOPIC:
                await _still_wanted(row, ledger)
            else:
                await drafting.to_queue(row, Queue(row["queue"]))
            if row["state"] == LetterState.SENDING.value:
                leaving.append(row)
                continue
            state, due = LetterState(row["state"]), row["due_at"]
            receipt = Receipt(row["id"], state, now, row["reason"], due_at=due, tried=False)
            if row["reason"] == UNREACHABLE:
                note(Outcome(receipt, undeliverable=row))
            else:
                kept.append(receipt)
        await outbox.settle(unit, kept)
        await outbox.address(unit, leaving)
    return leaving


async def _still_wanted(row: dict[str, Any], ledger: Ledger) -> None:
    """A topic is made in the group that is the staff group now, once."""
    place = await ledger.place(Queue(row["queue"]))
    wanted = place is not None and place.chat_id == row["chat_id"] and place.thread_id is None
    row["state"] = LetterState.SENDING.value if wanted else LetterState.DROPPED.value
    row["reason"] = "" if wanted else "stale"
