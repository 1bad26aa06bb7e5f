"""Copies of cards: a conversation's card lies at its queue, and perhaps also in the private chats of colleagues."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, delete, insert, select

from storage.engine import Unit
from storage.schema import METADATA

COPIES = Table(
    "copies",
    METADATA,
    Column("letter_id", BigInteger, primary_key=True, autoincrement=False),
    Column("conversation_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Index("ix_copies_conversation", "conversation_id"),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """The letter that brought a copy of the conversation's card to a person, and what it became shows it still."""

    letter_id: int
    conversation_id: int
    person_id: int


async def of(unit: Unit, conversations: Collection[int]) -> list[Copy]:
    """The living copies of the cards of `conversations`, in the order they were made."""
    if not conversations:
        return []
    found = select(COPIES).where(COPIES.c.conversation_id.in_(conversations)).order_by(COPIES.c.letter_id)
    return [Copy(**row._mapping) for row in await unit.rows(found)]  # noqa: SLF001 - public, whatever its name says


async def keep(unit: Unit, copies: Sequence[Mapping[str, Any]]) -> None:
    """Keep new copies: letter_id, conversation_id, person_id."""
    if copies:
        await unit.run_many(insert(COPIES), copies)


async def forget(unit: Unit, letters: Collection[int]) -> None:
    """These are no copies any more: what their messages show does not change again."""
    if letters:
        await unit.run(delete(COPIES).where(COPIES.c.letter_id.in_(letters)))


async def forget_person(unit: Unit, person: int) -> list[int]:
    """The chat of `person` is out of reach. Which conversations have no copy at all any more because of it."""
    lost = await unit.rows(select(COPIES.c.conversation_id).where(COPIES.c.person_id == person))
    if not lost:
        return []
    concerned = {row.conversation_id for row in lost}
    if unit.is_postgres:  # or of two who lose the last two at the same moment each still sees the other's
        of_them = select(COPIES).where(COPIES.c.conversation_id.in_(concerned)).order_by(COPIES.c.letter_id)
        await unit.rows(of_them.with_for_update())
    await unit.run(delete(COPIES).where(COPIES.c.person_id == person))
    return sorted(concerned - {copy.conversation_id for copy in await of(unit, concerned)})
