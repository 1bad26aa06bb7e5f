"""Write down what became of letters and draw the consequences: topics, people out of reach, colleagues to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dialogs.call import UNDELIVERABLE, Call
from dialogs.core import Home, Kind
from domain.people import Queue
from service.gates import UNREACHABLE
from service.occasion import NOBODY
from service.receipts import Outcome, words_of
from storage import outbox, people, places

if TYPE_CHECKING:
    from service.play import Play

WORTH_A_CALL = (Kind.NOTICE.value, Kind.REMINDER.value)


async def settle(play: Play, outcomes: Sequence[Outcome]) -> None:
    """Settle all receipts with one statement, then what each of them brings with it."""
    ledger = play.ledger
    await outbox.settle(ledger.unit, [outcome.receipt for outcome in outcomes])
    for outcome in outcomes:
        if outcome.topic_made:
            await places.set_topic(ledger.unit, Queue(outcome.topic_made), outcome.receipt.message_id)
            await outbox.release(ledger.unit, f"{outbox.NO_TOPIC}:{outcome.topic_made}", ledger.now)
            ledger.forget_places()
        if outcome.topic_gone:
            await places.set_topic(ledger.unit, Queue(outcome.topic_gone), None)
            ledger.forget_places()
            await play.drafting.topics()
        if outcome.moved_to is not None:
            await places.move(ledger.unit, *outcome.moved_to)
            ledger.forget_places()
            await play.drafting.topics()
        if outcome.unreachable:
            await people.set_reachable(ledger.unit, [outcome.unreachable], False)
        if outcome.undeliverable is not None:
            await _tell_staff(play, outcome, outcome.undeliverable)


async def _tell_staff(play: Play, outcome: Outcome, row: Mapping[str, Any]) -> None:
    """A notice that never arrived becomes a call to make, with the text ready."""
    play.ledger.record(
        "undeliverable", "", 0, row["conversation_id"], {"letter": row["id"], "why": outcome.receipt.reason}
    )
    await _ask_for_a_call(play, row)


async def calls_to_make(play: Play) -> None:
    """What was just written to somebody who blocked us is told to a colleague instead."""
    for draft in tuple(play.ledger.drafts):
        if draft.row["reason"] == UNREACHABLE:
            await _ask_for_a_call(play, draft.row)


async def _ask_for_a_call(play: Play, row: Mapping[str, Any]) -> None:
    if row["person_id"] is None or row["kind"] not in WORTH_A_CALL:
        return
    conversation = await play.ledger.conversation(row["conversation_id"])
    if conversation is None:
        return
    customer = await play.briefing.customer_of(row["person_id"])
    person = await play.ledger.person(row["person_id"])
    name = customer.address if customer and customer.name else person.first_name
    call = Call(UNDELIVERABLE, name, customer.phone if customer else "", words_of(row))
    await play.begin("call", Home(queue=Queue.FRONT_DESK), call, conversation.subject, NOBODY)
