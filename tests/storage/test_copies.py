"""Copies of cards: kept by the letter that brought them, forgotten one by one or with their person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import copies
from storage.copies import Copy

if TYPE_CHECKING:
    from storage.engine import Books


def _copy(letter: int, conversation: int, person: int) -> dict[str, int]:
    return {"letter_id": letter, "conversation_id": conversation, "person_id": person}


async def test_copies_are_found_by_their_conversations(books: Books) -> None:
    async with books.unit() as unit:
        await copies.keep(unit, [_copy(12, 1, 7), _copy(11, 1, 8), _copy(13, 2, 7)])
        await copies.keep(unit, [])
        assert await copies.of(unit, [1]) == [Copy(11, 1, 8), Copy(12, 1, 7)]
        await copies.forget(unit, [11])
        assert await copies.of(unit, [1, 2]) == [Copy(12, 1, 7), Copy(13, 2, 7)]
        assert await copies.of(unit, []) == []


async def test_who_is_out_of_reach_leaves_some_conversations_without_a_copy(books: Books) -> None:
    """Only those that nobody else has."""
    async with books.unit() as unit:
        await copies.keep(unit, [_copy(11, 1, 7), _copy(12, 1, 8), _copy(13, 2, 7)])
        assert await copies.forget_person(unit, 7) == [2]
        assert await copies.forget_person(unit, 7) == []
        assert await copies.of(unit, [1, 2]) == [Copy(12, 1, 8)]
