"""Write down what became of letters and draw the consequences: places, people out of reach, colleagues to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialogs.call import UNDELIVERABLE, Call
from dialogs.core import Home, Kind, Say, Told
from domain.people import Queue
from scripts_zh.phrases import phrase
from service import cards
from service.gates import UNREACHABLE
from service.letters import payload, words_of
from service.occasion import NOBODY
from service.receipts import Outcome
from storage import conversations, copies, outbox, people, places
from storage.conversations import Conversation

if TYPE_CHECKING:
    from datetime import datetime

    from service.play import Play
    from storage.outbox import Receipt

CARD_LOST, MOST_WORDS = "shared/card_lost", 1000
WORTH_A_CALL = (Kind.NOTICE.value, Kind.REMINDER.value)


async def settle(play: Play, outcomes: Sequence[Outcome]) -> None:
    """Settle all receipts with one statement, then what each of them brings with it."""
    ledger = play.ledger
    receipts = [_in_time(outcome.receipt, ledger.now) for outcome in outcomes]
    ours = await outbox.settle_own(ledger.unit, receipts, play.house.courier)
    await outbox.burn(ledger.unit, [outcome.receipt.id for outcome in outcomes if outcome.burns], payload(""))
    for outcome in outcomes:
        await _about_places(play, outcome)
        if outcome.shown_anew is not None:
            await outbox.shown_anew(ledger.unit, *outcome.shown_anew)
        if outcome.receipt.id not in ours:
            continue  # another has it, and will hear the same of the person
        if outcome.unreachable:
            await out_of_reach(play, outcome.unreachable)
        if outcome.undeliverable is not None:
            await _tell_staff(play, outcome, outcome.undeliverable)


def _in_time(receipt: Receipt, now: datetime) -> Receipt:
    """The clock was set back while it waited to be written: what it puts off shall not wait for a wrong time."""
    if receipt.at <= now:
        return receipt
    return replace(receipt, at=now, due_at=now if receipt.due_at is not None else None)


# ---------------------------------------------------------------- the staff group


async def _about_places(play: Play, outcome: Outcome) -> None:
    ledger = play.ledger
    if outcome.topic_made is not None:
        queue, chat = outcome.topic_made
        if await places.set_topic(ledger.unit, Queue(queue), chat, outcome.receipt.message_id):
            await places.release(ledger.unit, f"{outbox.NO_TOPIC}:{queue}", ledger.now)
            ledger.forget_places()
    if outcome.topic_gone is not None:
        await _lose_topic(play, *outcome.topic_gone)
    if outcome.no_topics:
        await places.do_without_topics(ledger.unit, outcome.no_topics)
        await places.release_topics(ledger.unit, ledger.now)
        ledger.forget_places()
    if outcome.moved_to is not None:
        await follow_group(play, *outcome.moved_to)
    if outcome.group_gone:
        await lose_group(play, outcome.group_gone)


async def _lose_topic(play: Play, queue: str, chat: int, thread: int | None) -> None:
    """The topic is made anew, and what lay in it is shown in the new one."""
    ledger = play.ledger
    if not await places.lose_topic(ledger.unit, Queue(queue), chat, thread):
        await places.release(
            ledger.unit, f"{outbox.NO_TOPIC}:{queue}", ledger.now
        )  # there is another one by now
    ledger.forget_places()
    await play.drafting.topics()
    cards.ask_to_show_again(play.drafting)


async def follow_group(play: Play, old_chat: int, new_chat: int) -> None:
    """The group has another number; its messages of old cannot be changed, so that live cards are shown again."""
    await places.move(play.ledger.unit, old_chat, new_chat)
    play.ledger.forget_places()
    await play.drafting.topics()
    cards.ask_to_show_again(play.drafting)


async def lose_group(play: Play, chat: int) -> None:
    """We were removed from `chat`: was it the staff group, then those on duty are told in their own chats."""
    ledger = play.ledger
    if await places.forget(ledger.unit, chat):
        ledger.forget_places()
        ledger.record("group.lost", "", 0, None, {"chat": chat})
        cards.ask_to_show_again(play.drafting)
        await places.release_queues(ledger.unit, ledger.now)
    else:
        await places.release(ledger.unit, outbox.NO_STAFF_GROUP, ledger.now)  # to where the group is now


# ---------------------------------------------------------------- people out of reach


async def out_of_reach(play: Play, number: int) -> None:
    """Who blocked us keeps no copies; where nobody has one any more, the cards are shown to others."""
    ledger = play.ledger
    await people.set_reachable(ledger.unit, [number], False)
    if number in ledger.people:
        ledger.people[number].reachable = False
    if lost := await copies.forget_person(ledger.unit, number):
        found = await conversations.find(ledger.unit, lost)
        await outbox.show_no_more(ledger.unit, [one.card_letter for one in found.values() if one.card_letter])
        cards.ask_to_show_again(play.drafting)


async def _tell_staff(play: Play, outcome: Outcome, row: Mapping[str, Any]) -> None:
    """A notice that never arrived becomes a call to make, with the text ready."""
    play.ledger.record(
        "undeliverable", "", 0, row["conversation_id"], {"letter": row["id"], "why": outcome.receipt.reason}
    )
    await _tell_another(play, row)


async def calls_to_make(play: Play) -> None:
    """What was just written to somebody who blocked us is told to a colleague instead."""
    told: set[tuple[int, int]] = set()
    while waiting := [draft.row for draft in play.ledger.drafts if _is_news(draft.row, told)]:
        for row in waiting:
            await _tell_another(play, row)
        told |= {(row["person_id"], row["conversation_id"]) for row in waiting}


def _is_news(row: Mapping[str, Any], told: set[tuple[int, int]]) -> bool:
    """Once per person and conversation: who is told of it may want to write to that person again."""
    return row["reason"] == UNREACHABLE and (row["person_id"], row["conversation_id"]) not in told


async def _tell_another(play: Play, row: Mapping[str, Any]) -> None:
    if row["conversation_id"] is None:
        return
    if row["person_id"] is None:
        if row["edits_letter"] is None and row["script"] != CARD_LOST:
            await _tell_the_managers(play, row)
    elif row["kind"] == Kind.STAFF.value and row["edits_letter"] is None:
        await _tell_the_desk(play, row)
    elif row["kind"] in WORTH_A_CALL:
        await _ask_for_a_call(play, row)


async def _tell_the_managers(play: Play, row: Mapping[str, Any]) -> None:
    """What a desk should have read has not reached the group, though the group is there."""
    conversation = await play.ledger.conversation(row["conversation_id"])
    if conversation is None:
        return
    words = {
        "name": phrase("queue", row["queue"]),
        "reference": f"M{row['id']}",
        "text": words_of(row)[:MOST_WORDS],
    }
    told = Say(CARD_LOST, words, to=Home(queue=Queue.ESCALATION), kind=Kind.STAFF)
    await play.drafting.say(told, conversation)


async def _tell_the_desk(play: Play, row: Mapping[str, Any]) -> None:
    """A colleague is out of reach: those at the desk read it, or the managers where it was about no desk."""
    conversation = await play.ledger.conversation(row["conversation_id"])
    if conversation is None:
        return
    person = await play.ledger.person(row["person_id"])
    queue = Queue(conversation.queue) if conversation.queue else Queue.ESCALATION
    words = {"name": person.first_name, "text": words_of(row)}
    told = Say("shared/colleague_unreachable", words, to=Home(queue=queue), kind=Kind.STAFF)
    await play.drafting.say(told, conversation)


async def _ask_for_a_call(play: Play, row: Mapping[str, Any]) -> None:
    """Whoever answers for the case hears of it; where nobody does, the front desk is asked to call."""
    conversation = await play.ledger.conversation(row["conversation_id"])
    if conversation is None:
        return
    words = {"text": words_of(row), "person": row["person_id"]}
    answering = await _answering(play, conversation.subject)
    for desk in answering:
        await play.event(desk, Told("unreachable", words))
    if answering:
        return
    customer = await play.briefing.customer_of(row["person_id"])
    person = await play.ledger.person(row["person_id"])
    name = customer.address if customer and customer.name else person.first_name
    phone, chat = customer.phone if customer else "", person.id if person.reachable else 0
    call = Call(UNDELIVERABLE, name, phone, words["text"], person=chat)
    await play.begin("call", Home(queue=Queue.FRONT_DESK), call, conversation.subject, NOBODY)


async def _answering(play: Play, subject: str) -> list[Conversation]:
    if not subject:
        return []
    dialogs = (dialog.name for dialog in play.house.dialogs.values() if dialog.answers_for_news)
    return [each for name in dialogs for each in await play.ledger.about(name, subject)]
