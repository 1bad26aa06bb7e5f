"""The outbox: every message that leaves, why it has not left yet, or why it never will."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId


class LetterState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"  # waits for its time
    SENDING = "sending"  # a courier has it
    SENT = "sent"
    RETRY = "retry"  # certainly not delivered, tried again at due_at
    FAILED = "failed"  # can never be delivered; reason says why, staff were told
    UNKNOWN = "unknown"  # the answer was lost on the way and it was repeated once already
    HELD = "held"  # a gate keeps it until due_at (or until somebody opens it)
    DROPPED = (
        "dropped"  # let go for good: by a gate, or because something newer took its place; reason says why
    )


OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("conversation_id", BigInteger, index=True),
    Column("turn", Integer, nullable=False, default=0),
    Column("person_id", BigInteger),
    Column("queue", String(32), nullable=False, default=""),
    Column("chat_id", BigInteger),
    Column("thread_id", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("script", String(80), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(200), nullable=False, default=""),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("attempts", Integer, nullable=False, default=0),
    Column("edits_letter", BigInteger),
    Column("edits_message", BigInteger),
    Column("message_id", BigInteger),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("courier", String(64), nullable=False, default=""),
    Column("lease_until", Instant),
    Index("ix_outbox_open", "state", "due_at"),
    Index("ix_outbox_person_kind", "person_id", "kind", "created_at"),
    Index("ix_outbox_message", "chat_id", "message_id"),
)

UNTIL_SOMEBODY_ACTS = NO_STAFF_GROUP, NO_TOPIC = "no_staff_group", "no_topic"
SUPERSEDED = "superseded"  # something newer shows what it would have shown
WAITS_ITS_TURN = "waits_its_turn"  # letters before it in its chat were put off
A_LITTLE = timedelta(seconds=1)  # what was put off for no longer is about to go
TOLD_PRIVATELY = "told_privately"  # there is no staff group: those on duty were told in their own chats

_OPEN = (LetterState.PENDING, LetterState.RETRY, LetterState.HELD)
_ON_ITS_WAY = (LetterState.PENDING.value, LetterState.RETRY.value, LetterState.SENDING.value)
UNDER_WAY = tuple(state.value for state in (*_OPEN, LetterState.SENDING))
"""States of a letter that may yet arrive."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something of the same chat goes first; `until`: not before that moment, None: it is about to.

    `is_elsewhere`: the letter itself is somebody else's by now, who took us for dead.
    """

    until: datetime | None = None
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one letter: its new state, and when it is due again if it is."""

    id: int
    state: LetterState
    at: datetime
    reason: str = ""
    message_id: int | None = None
    due_at: datetime | None = None
    tried: bool = True


# Statements of the busiest path are made once: making one costs as much as executing it.
_POST = insert(OUTBOX).returning(OUTBOX.c.id, sort_by_parameter_order=True)
_SETTLE = (
    update(OUTBOX)
    .where(OUTBOX.c.id == bindparam("letter"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        message_id=bindparam("new_message"),
        settled_at=bindparam("at"),
        due_at=bindparam("due"),
        attempts=OUTBOX.c.attempts + bindparam("tried"),
        courier="",
        lease_until=None,
    )
)
_SETTLE_OWN = _SETTLE.where(
    or_(bindparam("arrived", type_=Boolean), OUTBOX.c.courier == bindparam("settled_by"))
).returning(OUTBOX.c.id)

_OF_OTHERS = or_(
    OUTBOX.c.state == LetterState.RETRY.value,
    and_(OUTBOX.c.state == LetterState.SENDING.value, OUTBOX.c.courier != bindparam("courier")),
    and_(OUTBOX.c.state == LetterState.PENDING.value, OUTBOX.c.reason == WAITS_ITS_TURN),
)
_GOES_FIRST = select(OUTBOX.c.id, OUTBOX.c.chat_id, OUTBOX.c.state, OUTBOX.c.due_at, OUTBOX.c.courier).where(
    or_(
        OUTBOX.c.id == any_(bindparam("letters", type_=ARRAY(BigInteger))),
        and_(
            OUTBOX.c.chat_id == any_(bindparam("chats", type_=ARRAY(BigInteger))),
            OUTBOX.c.message_id.is_(None),
            _OF_OTHERS,
        ),
    )
)


async def post(unit: Unit, letters: Sequence[Mapping[str, Any]]) -> list[int]:
    """Put letters into the outbox; their numbers, in the same order."""
    if not letters:
        return []
    return [row.id for row in await unit.rows(_POST, list(letters))]


async def settle(unit: Unit, receipts: Iterable[Receipt]) -> None:
    """Write down what became of letters, whoever has them."""
    await unit.run_many(_SETTLE, (_settled(receipt) for receipt in receipts))


async def settle_own(unit: Unit, receipts: Iterable[Receipt], courier: str) -> set[int]:
    """The same of letters that `courier` brought; those whose receipts count.

    Whoever was taken for dead meanwhile (stopped, cut off) comes too late, unless it is with the news that the
    letter has arrived: it is another's by now, who has perhaps brought it, and who says what became of it.
    """
    own = [
        _settled(receipt) | {"settled_by": courier, "arrived": receipt.state is LetterState.SENT}
        for receipt in receipts
    ]
    return {row.id for row in await unit.rows(_SETTLE_OWN, own)} if own else set()


def _settled(receipt: Receipt) -> dict[str, Any]:
    return {
        "letter": receipt.id,
        "new_state": receipt.state.value,
        "new_reason": receipt.reason[:200],
        "new_message": receipt.message_id,
        "at": receipt.at,
        "due": receipt.due_at or receipt.at,
        "tried": int(receipt.tried),
    }


async def burn(unit: Unit, ids: Collection[int], blank: str) -> None:
    """What these letters said is not kept: `blank` is what an empty one holds."""
    if ids:
        await unit.run(update(OUTBOX).where(OUTBOX.c.id.in_(ids)).values(payload=blank))


async def claim_due(
    unit: Unit,
    now: datetime,
    courier: str,
    lease_until: datetime,
    limit: int,
    alive: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Take letters that are due and those whose courier vanished: SENDING, and `courier`'s until `lease_until`.

    Couriers who are `alive` have not vanished, whatever the clock says of their leases: it may have jumped.
    A row's `state` says how it was found: SENDING means that a vanished courier may have delivered it already.
    """
    due = and_(OUTBOX.c.state.in_([state.value for state in _OPEN]), OUTBOX.c.due_at <= now)
    found = (
        select(OUTBOX).where(or_(due, _abandoned(now, {courier, *alive}))).order_by(OUTBOX.c.id).limit(limit)
    )
    rows = await unit.records(found.with_for_update(skip_locked=True) if unit.is_postgres else found)
    taken = update(OUTBOX).where(OUTBOX.c.id.in_([row["id"] for row in rows]))
    if rows:
        await unit.run(
            taken.values(state=LetterState.SENDING.value, courier=courier, lease_until=lease_until)
        )
    return rows


def _abandoned(now: datetime, alive: Collection[str]) -> ColumnElement[bool]:
    return and_(
        OUTBOX.c.state == LetterState.SENDING.value,
        OUTBOX.c.lease_until <= now,
        OUTBOX.c.courier.not_in(sorted(alive)),
    )


async def set_back(unit: Unit, now: datetime, before: datetime | None) -> int:
    """The clock was set back to `now`; what was put off by the wrong one is due. How many letters that are.

    `before` is what it showed last (None: nobody knows). Another process may have gone by it a little longer.
    """
    by_it = OUTBOX.c.settled_at > now
    if before is not None:
        waits = or_(OUTBOX.c.state == LetterState.RETRY.value, OUTBOX.c.reason == WAITS_ITS_TURN)
        by_it = or_(by_it, and_(waits, OUTBOX.c.due_at >= before))
    put_off = and_(OUTBOX.c.state.in_([state.value for state in _OPEN]), by_it)
    return await unit.run(update(OUTBOX).where(put_off).values(due_at=now, settled_at=now))


async def abandon(unit: Unit, now: datetime, couriers: Collection[str] | None = None) -> int:
    """What `couriers` were sending was abandoned: they are dead. None: all, for this is the only process."""
    theirs = update(OUTBOX).where(OUTBOX.c.state == LetterState.SENDING.value)
    if couriers is not None:
        theirs = theirs.where(OUTBOX.c.courier.in_(couriers))
    return await unit.run(theirs.values(lease_until=now))


async def carried_by(unit: Unit, courier: str) -> list[int]:
    """The letters that `courier` has, as the books know it."""
    mine = and_(OUTBOX.c.state == LetterState.SENDING.value, OUTBOX.c.courier == courier)
    return [row.id for row in await unit.rows(select(OUTBOX.c.id).where(mine))]


async def give_back(unit: Unit, letters: Collection[int], courier: str, now: datetime) -> int:
    """`courier` has never been given these letters: whoever looks next may take them. How many there were."""
    mine = and_(OUTBOX.c.state == LetterState.SENDING.value, OUTBOX.c.courier == courier)
    theirs = update(OUTBOX).where(mine, OUTBOX.c.id.in_(letters))
    return await unit.run(theirs.values(courier="", lease_until=now))


async def couriers(unit: Unit) -> set[str]:
    """Who has letters under way."""
    found = select(OUTBOX.c.courier).where(OUTBOX.c.state == LetterState.SENDING.value).distinct()
    return {row.courier for row in await unit.rows(found)}


async def put_off(unit: Unit, now: datetime) -> dict[int, datetime]:
    """The chats whose letters were refused for the time being, and until when."""
    found = (
        select(OUTBOX.c.chat_id, func.max(OUTBOX.c.due_at).label("due_at"))
        .where(
            OUTBOX.c.state == LetterState.RETRY.value, OUTBOX.c.due_at > now, OUTBOX.c.chat_id.is_not(None)
        )
        .group_by(OUTBOX.c.chat_id)
    )
    return {row.chat_id: row.due_at for row in await unit.rows(found)}


async def ahead(unit: Unit, letters: Mapping[int, int], courier: str, now: datetime) -> dict[int, Ahead]:
    """Those chats of `letters` (chat → its next letter) where something else goes first, another process's too.

    An older letter that another courier has, or that waits behind one that was put off; and whatever was put off.
    What `courier` has in hand itself is its own affair.
    """
    if not letters:
        return {}
    blocked: dict[int, Ahead] = {}
    chats = {number: chat for chat, number in letters.items()}
    wanted = {"letters": list(chats), "chats": list(letters), "courier": courier}
    for row in await unit.rows(_GOES_FIRST, wanted):
        if row.id in chats:
            if (row.state, row.courier) != (LetterState.SENDING.value, courier):
                blocked[chats[row.id]] = Ahead(is_elsewhere=True)
            continue
        is_put_off = row.state != LetterState.SENDING.value and row.due_at > now
        closes = is_put_off and row.state == LetterState.RETRY.value
        known = blocked.get(row.chat_id)
        if (known and known.is_elsewhere) or not (closes or row.id < letters[row.chat_id]):
            continue
        until = row.due_at if is_put_off and row.due_at > now + A_LITTLE else None
        if known is None or (until and (known.until is None or known.until < until)):
            blocked[row.chat_id] = Ahead(until)
    return blocked


async def messages(unit: Unit, letters: Collection[int]) -> dict[int, tuple[int, int]]:
    """Which message each of `letters` is now, of those that were delivered: chat and number."""
    if not letters:
        return {}
    found = select(OUTBOX.c.id, OUTBOX.c.chat_id, OUTBOX.c.message_id).where(
        OUTBOX.c.id.in_(letters), OUTBOX.c.message_id.is_not(None)
    )
    return {row.id: (row.chat_id, row.message_id) for row in await unit.rows(found)}


async def shown_anew(unit: Unit, letter: int, chat_id: int, message_id: int) -> None:
    """The message of `letter` was gone; what it shows stands in another one now."""
    became = update(OUTBOX).where(OUTBOX.c.id == letter)
    await unit.run(became.values(chat_id=chat_id, message_id=message_id))


async def last_faces(unit: Unit, cards: Mapping[int, int]) -> dict[int, Any]:
    """What the card of each conversation shows or is about to show. `cards`: conversation → the letter of its card."""
    if not cards:
        return {}
    of_cards = and_(
        OUTBOX.c.conversation_id.in_(list(cards)),
        or_(OUTBOX.c.id.in_(cards.values()), OUTBOX.c.edits_letter.in_(cards.values())),
    )
    newest = select(func.max(OUTBOX.c.id)).where(of_cards).group_by(OUTBOX.c.conversation_id)
    return {
        row.conversation_id: row for row in await unit.rows(select(OUTBOX).where(OUTBOX.c.id.in_(newest)))
    }


async def newest_edits(unit: Unit, edited: Mapping[int, int]) -> dict[int, int]:
    """The newest letter that changes each of the letters `edited` (letter → its conversation) and may yet arrive."""
    if not edited:
        return {}
    alive = OUTBOX.c.state.not_in([LetterState.FAILED.value, LetterState.DROPPED.value])
    found = (
        select(OUTBOX.c.edits_letter, func.max(OUTBOX.c.id).label("newest"))
        .where(
            OUTBOX.c.conversation_id.in_(set(edited.values())), OUTBOX.c.edits_letter.in_(list(edited)), alive
        )
        .group_by(OUTBOX.c.edits_letter)
    )
    return {row.edits_letter: row.newest for row in await unit.rows(found)}


async def state_of_card(unit: Unit, letter: int, conversation: int) -> tuple[bool, int]:
    """Whether the card that `letter` is may yet arrive, and the newest letter that changes it (0: none).

    `conversation` is the one whose card it is.
    """
    of_it = OUTBOX.c.id == letter, OUTBOX.c.edits_letter == letter
    coming = and_(of_it[0], OUTBOX.c.state.in_(_ON_ITS_WAY))
    alive = OUTBOX.c.state.not_in([LetterState.FAILED.value, LetterState.DROPPED.value])
    newest = case((and_(of_it[1], alive), OUTBOX.c.id))
    found = select(
        func.coalesce(func.max(case((coming, 1))), 0).label("coming"),
        func.coalesce(func.max(newest), 0).label("newest"),
    ).where(OUTBOX.c.conversation_id == conversation, or_(*of_it))
    row = await unit.one(found)
    return (bool(row.coming), row.newest) if row else (False, 0)


async def changed_already(unit: Unit, letters: Mapping[int, int]) -> set[int]:
    """Those of `letters` (letter → its conversation) whose message a younger letter, which was sent, has changed."""
    if not letters:
        return set()
    found = select(OUTBOX.c.edits_letter).where(
        OUTBOX.c.conversation_id.in_(set(letters.values())),
        OUTBOX.c.edits_letter.in_(list(letters)),
        OUTBOX.c.state == LetterState.SENT.value,
    )
    return {row.edits_letter for row in await unit.rows(found)}


async def supersede(unit: Unit, cards: Mapping[int, int], now: datetime) -> None:
    """What still waits to show these cards (conversation → letter) is not needed any more."""
    waiting = and_(
        OUTBOX.c.conversation_id.in_(list(cards)),
        or_(OUTBOX.c.id.in_(cards.values()), OUTBOX.c.edits_letter.in_(cards.values())),
        OUTBOX.c.state.in_([state.value for state in _OPEN]),
    )
    dropped = {"state": LetterState.DROPPED.value, "reason": SUPERSEDED, "settled_at": now}
    await unit.run(update(OUTBOX).where(waiting).values(**dropped))


async def sent_since(
    unit: Unit, people: Collection[int], kind: str, since: datetime, *, but: Collection[int] = ()
) -> dict[int, int]:
    """How many letters of `kind` each of `people` got since `since` or is about to get (the daily cap, K5).

    Letters numbered `but` do not count: they are the ones that are asked about.
    """
    if not people:
        return {}
    about_to = (LetterState.SENDING, LetterState.PENDING, LetterState.RETRY)
    found = select(OUTBOX.c.person_id).where(
        OUTBOX.c.person_id.in_(people),
        OUTBOX.c.kind == kind,
        OUTBOX.c.id.not_in(but),
        or_(
            OUTBOX.c.state.in_([state.value for state in about_to]),
            and_(
                OUTBOX.c.state.in_([LetterState.SENT.value, LetterState.UNKNOWN.value]),
                func.coalesce(OUTBOX.c.settled_at, OUTBOX.c.created_at) >= since,
            ),
        ),
    )
    counts: dict[int, int] = {}
    for row in await unit.rows(found):
        counts[row.person_id] = counts.get(row.person_id, 0) + 1
    return counts


async def under_way(unit: Unit, script: str) -> set[tuple[int, str]]:
    """Chat and queue of the letters `script` that have not arrived yet."""
    found = select(OUTBOX.c.chat_id, OUTBOX.c.queue).where(
        OUTBOX.c.script == script, OUTBOX.c.state.in_(UNDER_WAY)
    )
    return {(row.chat_id, row.queue) for row in await unit.rows(found)}


async def show_no_more(unit: Unit, cards: Collection[int]) -> None:
    """Nobody has these cards in their own chat any more: they have to be shown again."""
    private = and_(OUTBOX.c.id.in_(cards), OUTBOX.c.reason == TOLD_PRIVATELY)
    await unit.run(update(OUTBOX).where(private).values(reason=""))


async def find(unit: Unit, letter: int) -> Any | None:
    """One letter."""
    return await unit.one(select(OUTBOX).where(OUTBOX.c.id == letter))


async def find_message(unit: Unit, chat_id: int, message_id: int) -> Any | None:
    """The letter that became (or last changed) message `message_id` of chat `chat_id`."""
    found = select(OUTBOX).where(OUTBOX.c.chat_id == chat_id, OUTBOX.c.message_id == message_id)
    return await unit.one(found.order_by(OUTBOX.c.id.desc()).limit(1))


async def next_due(unit: Unit) -> datetime | None:
    """When the next waiting letter is due."""
    found = select(OUTBOX.c.due_at).where(OUTBOX.c.state.in_([state.value for state in _OPEN]))
    row = await unit.one(found.order_by(OUTBOX.c.due_at).limit(1))
    return row.due_at if row else None


async def address(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down where each of `rows` is brought now (a topic may have been made anew, a group moved)."""
    statement = (
        update(OUTBOX)
        .where(OUTBOX.c.id == bindparam("letter"))
        .values(chat_id=bindparam("chat"), thread_id=bindparam("thread"))
    )
    wanted = ({"letter": row["id"], "chat": row["chat_id"], "thread": row["thread_id"]} for row in rows)
    await unit.run_many(statement, wanted)


async def keep_lease(unit: Unit, courier: str, until: datetime) -> None:
    """`courier` lives and still has its letters.

    Those that a receipt is being written for just now are left alone: waiting for them while that one waits for
    another of ours would be a circle.
    """
    mine = and_(OUTBOX.c.state == LetterState.SENDING.value, OUTBOX.c.courier == courier)
    if unit.is_postgres:
        mine = OUTBOX.c.id.in_(select(OUTBOX.c.id).where(mine).with_for_update(skip_locked=True))
    await unit.run(update(OUTBOX).where(mine).values(lease_until=until))


async def anything_due(unit: Unit, now: datetime, courier: str, alive: Collection[str] = ()) -> bool:
    """Whether `claim_due` would find anything that `courier` does not carry already."""
    due = and_(OUTBOX.c.state.in_([state.value for state in _OPEN]), OUTBOX.c.due_at <= now)
    wanted = or_(due, _abandoned(now, {courier, *alive}))
    return await unit.one(select(OUTBOX.c.id).where(wanted).limit(1)) is not None
