"""What became of a letter, and what follows from it for the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.ports import Delivered, Delivery, Gone, Moved, Stopped, TryLater, Unknown
from storage.outbox import NO_STAFF_GROUP, NO_TOPIC, SUPERSEDED, WAITS_ITS_TURN, LetterState, Receipt

TOPIC = "shared/topic"  # no wording: the letter that asks for a topic
LONGEST_PAUSE = timedelta(seconds=10)  # whatever stood in the way: 15 s after it has gone all is well again
UNTIL_SOMEBODY_LOOKED = timedelta(minutes=5)  # a wrong token does not become right by itself
REPEAT_AFTER = timedelta(seconds=5)
WAITS, WAITS_FOR_A_CARD = WAITS_ITS_TURN, timedelta(seconds=1)
UNTIL_OPENED = timedelta(
    hours=1
)  # held until somebody opens it; looked at now and then, should nobody have seen it


CONFIDENTIAL = frozenset({"invitation/link"})  # of an invitation only the hash is kept (R3)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The receipt of one letter, plus what it tells us: a topic made or gone, a person out of reach, a group moved.

    `topic_made` is a queue and the group that has its topic now, `topic_gone` a queue, its group and the topic that is
    not there any more; `no_topics` a group where none can be made; `group_gone` one that we cannot write to any more.
    `shown_anew`: the letter whose message is another one now, with chat and number. `undeliverable` is the row of a
    letter that can never arrive; a colleague has to be told. `burns`: its words are a secret that nobody shall read in
    the books once it has been delivered.
    """

    receipt: Receipt
    topic_made: tuple[str, int] | None = None
    topic_gone: tuple[str, int, int | None] | None = None
    no_topics: int = 0
    group_gone: int = 0
    shown_anew: tuple[int, int, int] | None = None
    unreachable: int = 0
    moved_to: tuple[int, int] | None = None
    undeliverable: Mapping[str, Any] | None = None
    burns: bool = False

    @property
    def holds_up(self) -> bool:
        """Whether letters of the same chat behind it must wait with it."""
        return self.receipt.state is LetterState.RETRY

    def for_follower(self, number: int) -> Outcome:
        """The outcome of a letter that waits behind this one."""
        waits = replace(
            self.receipt,
            id=number,
            state=LetterState.PENDING,
            reason=WAITS,
            tried=False,
            message_id=None,
        )
        return Outcome(waits)


def of_delivery(row: Mapping[str, Any], delivery: Delivery, now: datetime) -> Outcome:  # noqa: C901 - a line per answer
    """What `delivery` means for the letter `row`: the one table of what we do about each answer."""
    number, tries = row["id"], row["attempts"]
    match delivery:
        case Delivered(message_id):
            made = (row["queue"], row["chat_id"]) if row["script"] == TOPIC else None
            sent = Receipt(number, LetterState.SENT, now, message_id=message_id)
            return Outcome(sent, topic_made=made, burns=row["script"] in CONFIDENTIAL)
        case TryLater(reason, after):
            due = now + (after or pause(tries))
            return Outcome(Receipt(number, LetterState.RETRY, now, reason, due_at=due))
        case Stopped(reason):
            return Outcome(
                Receipt(number, LetterState.RETRY, now, reason, due_at=now + UNTIL_SOMEBODY_LOOKED)
            )
        case Moved(chat_id):
            retried = Receipt(number, LetterState.RETRY, now, "group_moved", due_at=now, tried=False)
            return Outcome(retried, moved_to=(row["chat_id"], chat_id))
        case Unknown(reason) if tries:
            given_up = Receipt(number, LetterState.UNKNOWN, now, reason)
            if row["script"] == TOPIC:
                return Outcome(given_up, no_topics=row["chat_id"])
            return Outcome(given_up, undeliverable=row)
        case Unknown(reason):
            # Said twice is better than not at all, once.
            return Outcome(Receipt(number, LetterState.RETRY, now, reason, due_at=now + REPEAT_AFTER))
        case Gone(_, reason) if row["script"] == TOPIC:
            # It may be for want of a right only: the queue's letters go to the group itself, and say more.
            return Outcome(Receipt(number, LetterState.FAILED, now, reason), no_topics=row["chat_id"])
        case Gone("topic"):
            due = now + UNTIL_OPENED
            held = Receipt(number, LetterState.HELD, now, f"{NO_TOPIC}:{row['queue']}", due_at=due)
            return Outcome(held, topic_gone=(row["queue"], row["chat_id"], row["thread_id"]))
        case Gone("chat") if row["queue"]:
            # We were removed from the staff group: nothing is lost, those on duty are told in their own chats.
            held = Receipt(number, LetterState.HELD, now, NO_STAFF_GROUP, due_at=now + UNTIL_OPENED)
            return Outcome(held, group_gone=row["chat_id"])
        case Gone("chat", reason):
            failed = Receipt(number, LetterState.FAILED, now, reason)
            return Outcome(failed, unreachable=row["person_id"] or 0, undeliverable=row)
        case Gone(_, reason):
            return Outcome(Receipt(number, LetterState.FAILED, now, reason), undeliverable=row)


def superseded(row: Mapping[str, Any], now: datetime) -> Outcome:
    """The letter `row` is not brought: a newer one changes the same message."""
    return Outcome(Receipt(row["id"], LetterState.DROPPED, now, SUPERSEDED, tried=False))


def waits(row: Mapping[str, Any], now: datetime) -> Outcome:
    """The letter `row` is brought a little later, and what is behind it in its chat need not wait with it."""
    due = now + WAITS_FOR_A_CARD
    return Outcome(Receipt(row["id"], LetterState.PENDING, now, WAITS, due_at=due, tried=False))


def pause(tries: int) -> timedelta:
    """Our own pause before another try: 1, 2, 4 … seconds, never more than ten."""
    return min(timedelta(seconds=2 ** min(tries, 9)), LONGEST_PAUSE)
