"""Collect from the outbox what is due (or was left behind by a process that died) and ask the gates again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from domain.people import Queue
from service import cards, letters
from service.drafting import Drafting
from service.gates import UNREACHABLE
from service.house import House
from service.ledger import Draft, Ledger
from service.receipts import TOPIC, Outcome, superseded
from storage import conversations, copies, outbox, people
from storage.conversations import OVER, Conversation
from storage.outbox import SUPERSEDED, LetterState, Receipt

AT_ONCE = 200
A_MOMENT = timedelta(seconds=1)  # until something that another process works on is looked at again


async def collect(
    house: House, note: Callable[[Outcome], None], alive: Collection[str] = ()
) -> Sequence[Mapping[str, Any]]:
    """Letters that this process now has to bring, in the order they were written. One transaction.

    `note` is told of those whose person blocked us meanwhile: the desk makes calls of them. `alive` are the couriers of
    other processes that are there.
    """
    async with house.books.unit() as unit:
        now = house.clock.now()
        found = await outbox.claim_due(unit, now, house.courier, now + house.lease, AT_ONCE, alive)
        ledger = Ledger(unit, now)
        ledger.know(
            await people.load(unit, now, ids=sorted({row["person_id"] for row in found if row["person_id"]}))
        )
        drafting = Drafting(house, ledger, [row["id"] for row in found])
        overtaken = await _overtaken(drafting, found) | await _show_again(drafting, found)
        homeless = await _homeless(drafting, found)
        leaving: list[dict[str, Any]] = []
        kept: list[Receipt] = []
        for row in found:
            if row["id"] in overtaken:
                kept.append(superseded(row, now).receipt)
                continue
            await _judge(drafting, row, homeless)
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
        return [*leaving, *await ledger.flush()]


async def _judge(
    drafting: Drafting, row: dict[str, Any], homeless: Mapping[int, Conversation | None]
) -> None:
    """Where it goes now, and whether it may."""
    if row["person_id"]:
        await drafting.to_person(row, await drafting.ledger.person(row["person_id"]))
    elif row["script"] == TOPIC:
        await _still_wanted(row, drafting.ledger)
    elif row["id"] in homeless:
        await _privately(drafting, row, homeless[row["id"]])
    else:
        chat = row["chat_id"]
        await drafting.to_queue(row, Queue(row["queue"]))
        if row["chat_id"] != chat:
            row["edits_message"] = None  # it had that number in the other chat


def _keep(row: dict[str, Any], state: LetterState, reason: str) -> None:
    row["state"], row["reason"] = state.value, reason


async def _overtaken(drafting: Drafting, found: Sequence[Mapping[str, Any]]) -> set[int]:
    """Those that would change a message which something newer has changed already, or is about to change.

    And cards which have been changed since: a process died that had brought them, and had not written that down.
    """
    unit, told = drafting.ledger.unit, [row for row in found if row["conversation_id"]]
    edits = {row["edits_letter"]: row["conversation_id"] for row in told if row["edits_letter"]}
    newest = await outbox.newest_edits(unit, edits)
    new = {row["id"]: row["conversation_id"] for row in told if not row["edits_letter"]}
    changed = await outbox.changed_already(unit, new)
    return changed | {row["id"] for row in found if row["id"] < newest.get(row["edits_letter"] or 0, 0)}


async def _show_again(drafting: Drafting, found: Sequence[Mapping[str, Any]]) -> set[int]:
    """Show misplaced cards where that was asked for; what was still to be said to their old messages."""
    asked = {row["id"] for row in found if row["script"] == cards.SHOW_AGAIN}
    if not asked:
        return set()
    replaced, more = await cards.show_again(drafting)
    if more:
        cards.ask_to_show_again(drafting)
    return asked | {row["id"] for row in found if not replaced.isdisjoint({row["id"], row["edits_letter"]})}


# ---------------------------------------------------------------- without a staff group


async def _homeless(drafting: Drafting, found: Sequence[Mapping[str, Any]]) -> dict[int, Conversation | None]:
    """Letters to a queue that those on duty have to be told in their own chats, with their conversations.

    A conversation that another process works on is None, and its letter waits for a moment.
    """
    without = [row for row in found if row["queue"] and row["script"] != TOPIC and not row["person_id"]]
    without = [row for row in without if await _has_readers(drafting, Queue(row["queue"]))]
    if not without:
        return {}
    numbers = sorted({row["conversation_id"] for row in without if row["conversation_id"]})
    free = {one.id: one for one in await conversations.load_free(drafting.ledger.unit, numbers)}
    drafting.ledger.take(list(free.values()))
    return {row["id"]: free.get(row["conversation_id"]) for row in without}


async def _has_readers(drafting: Drafting, queue: Queue) -> bool:
    return await drafting.ledger.place_to_write(queue) is None and bool(await cards.on_duty(drafting, queue))


async def _privately(drafting: Drafting, row: dict[str, Any], conversation: Conversation | None) -> None:
    """A card that nobody has seen yet becomes copies of it, what has been replaced is let go, the rest are lines."""
    if conversation is None and row["conversation_id"] is not None:
        _keep(row, LetterState.PENDING, "")
        row["due_at"] = drafting.ledger.now + A_MOMENT
        return None
    draft = Draft(row | {"edits_message": None})
    if conversation is not None and conversation.queue == row["queue"]:
        if _is_face(row, conversation) and conversation.status != OVER:
            draft.face_of = draft.card_of = conversation
            if await _is_shown(drafting, row, conversation):
                draft.card_of = None
        elif letters.has_buttons(row["payload"]) or (conversation.status != OVER and row["edits_letter"]):
            return _keep(row, LetterState.DROPPED, SUPERSEDED)
    await cards.tell_privately(drafting, draft, await cards.on_duty(drafting, Queue(row["queue"])))
    drafting.ledger.drafts.remove(draft)  # it has been posted long ago
    _keep(row, LetterState.DROPPED, draft.row["reason"])
    return None


async def _is_shown(drafting: Drafting, row: Mapping[str, Any], conversation: Conversation) -> bool:
    """Whether there are copies already, of this very transaction or of an earlier one."""
    if any(each.copy_of is conversation for each in drafting.ledger.drafts):
        cards.show(drafting, conversation, row)
        return True
    return bool(await copies.of(drafting.ledger.unit, [conversation.id]))


def _is_face(row: Mapping[str, Any], conversation: Conversation) -> bool:
    return conversation.card_letter in (row["id"], row["edits_letter"])


async def _still_wanted(row: dict[str, Any], ledger: Ledger) -> None:
    """A topic is made in the group that is the staff group now, once."""
    place = await ledger.place(Queue(row["queue"]))
    wanted = place is not None and place.chat_id == row["chat_id"] and place.thread_id is None
    _keep(row, *((LetterState.SENDING, "") if wanted else (LetterState.DROPPED, "stale")))
