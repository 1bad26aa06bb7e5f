"""Who wrote to us, which roles they hold (R1), and invitations that work once (R3)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.people import Role
from storage import people
from storage.customers import open_file
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_person

if TYPE_CHECKING:
    from storage.engine import Books

TOMORROW = MONDAY_TEN + timedelta(days=1)


def _stranger(user_id: int, **changes: Any) -> dict[str, Any]:
    return {"user_id": user_id, "first_name": "小李", "username": "", "first_seen": MONDAY_TEN} | changes


async def test_people_are_met_once(books: Books) -> None:
    async with books.unit() as unit:
        await people.meet(unit, [_stranger(2**40), _stranger(7)])
        await people.meet(unit, [_stranger(7, first_name="别人"), _stranger(8)])
        await people.meet(unit, [])
        known = await people.load(unit, MONDAY_TEN, user_ids=[7, 8, 9, 2**40])
        assert [one.user_id for one in known] == [2**40, 7, 8]
        assert [one.id for one in known] == sorted(one.id for one in known), "locked in one order"
        seven = known[1]
        assert (seven.first_name, seven.reachable, seven.opted_out, seven.roles) == (
            "小李",
            True,
            False,
            frozenset(),
        )
        assert await people.load(unit, MONDAY_TEN, ids=[seven.id]) == [seven]
        assert await people.load(unit, MONDAY_TEN) == []


async def test_the_same_stranger_writes_to_two_processes(books: Books) -> None:
    async def process() -> int:
        async with books.unit() as unit:
            return await a_person(unit, 7)

    assert len(set(await asyncio.gather(*(process() for _ in range(8))))) == 1


async def test_one_person_one_event_at_a_time(postgres_books: Books) -> None:
    """Whoever loaded a person is alone with them until the commit."""
    async with postgres_books.unit() as unit:
        anna, ben = await a_person(unit, 7), await a_person(unit, 8)
    async with postgres_books.unit() as talk:
        await people.load(talk, MONDAY_TEN, user_ids=[7])
        async with postgres_books.unit() as other:
            await other.run(text("SET LOCAL lock_timeout = '50ms'"))
            assert [one.id for one in await people.load(other, MONDAY_TEN, user_ids=[8])] == [ben]
            assert [one.id for one in await people.load(other, MONDAY_TEN, ids=[anna])] == [
                anna
            ]  # only to write to
            with pytest.raises(DBAPIError, match="lock timeout"):
                await people.load(other, MONDAY_TEN, user_ids=[7])


async def test_a_customer_file_is_opened_while_the_person_is_busy(postgres_books: Books) -> None:
    """A row that only points to a person does not wait for whoever talks with them."""
    async with postgres_books.unit() as unit:
        person = await a_person(unit, 7)
    async with asyncio.timeout(20), postgres_books.unit() as talk:
        await people.load(talk, MONDAY_TEN, user_ids=[7])
        async with postgres_books.unit() as desk:
            assert await open_file(desk, person, MONDAY_TEN)


async def test_roles_add_up(books: Books) -> None:
    """R1: one person may hold several."""
    async with books.unit() as unit:
        anna, ben, carl = [await a_person(unit, number) for number in (1, 2, 3)]
        for person, role in ((anna, Role.ADVISOR), (anna, Role.PARTS_MANAGER), (ben, Role.ADVISOR)):
            await people.give_role(unit, person, role, MONDAY_TEN)
        await people.give_role(unit, anna, Role.ADVISOR, TOMORROW)
        found = {one.id: one.roles for one in await people.load(unit, MONDAY_TEN, ids=[anna, ben, carl])}
        assert found == {anna: {Role.ADVISOR, Role.PARTS_MANAGER}, ben: {Role.ADVISOR}, carl: frozenset()}


async def test_who_blocked_us(books: Books) -> None:
    async with books.unit() as unit:
        anna, ben = [await a_person(unit, number) for number in (1, 2)]
        await people.set_reachable(unit, [anna], False)
        await people.set_reachable(unit, [], True)
        assert [one.reachable for one in await people.load(unit, MONDAY_TEN, ids=[anna, ben])] == [
            False,
            True,
        ]
        await people.set_reachable(unit, [anna, ben], True)
        assert [one.reachable for one in await people.load(unit, MONDAY_TEN, ids=[anna, ben])] == [True, True]


async def test_an_invitation_works_once(books: Books) -> None:
    """R3"""
    async with books.unit() as unit:
        person = await a_person(unit)
        await people.invite(unit, "hash", Role.ADVISOR, MONDAY_TEN, TOMORROW)
        found = await people.invitation(unit, "hash")
        assert found is not None
        assert (found.role, found.expires_at, found.used_at) == ("advisor", TOMORROW, None)
        assert await people.use_invitation(unit, "hash", person, MONDAY_TEN)
        assert not await people.use_invitation(unit, "hash", person, MONDAY_TEN)
        assert not await people.use_invitation(unit, "other", person, MONDAY_TEN)
        assert await people.invitation(unit, "other") is None
        used = await people.invitation(unit, "hash")
        assert used is not None
        assert (used.used_at, used.used_by) == (MONDAY_TEN, person)


async def test_twenty_press_the_same_link(books: Books) -> None:
    """R3: a link that was passed on lets one in."""
    async with books.unit() as unit:
        await people.invite(unit, "hash", Role.ADVISOR, MONDAY_TEN, TOMORROW)

    async def joins(person: int) -> bool:
        async with books.unit() as unit:
            return await people.use_invitation(unit, "hash", person, MONDAY_TEN)

    assert sum(await asyncio.gather(*(joins(person) for person in range(20)))) == 1
