"""Who is away and who acts for them, read in the one statement that loads people (R1, R3, R4)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from domain.people import Role
from storage import absences, people
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_person, is_waited_for

if TYPE_CHECKING:
    from storage.engine import Books, Unit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = MONDAY_TEN + 2 * HOUR
A, B, C = Role.ADVISOR, Role.PARTS_MANAGER, Role.SETTLEMENT_MANAGER


async def three(unit: Unit) -> tuple[int, int, int]:
    """Anna, Ben and Carl, a role each."""
    numbers = [await a_person(unit, number) for number in (1, 2, 3)]
    for person, role in zip(numbers, (A, B, C), strict=True):
        await people.give_role(unit, person, role, MONDAY_TEN)
    anna, ben, carl = numbers
    return anna, ben, carl


async def roles(unit: Unit, person: int, at: datetime) -> set[Role]:
    return set((await people.load(unit, at, ids=[person]))[0].roles)


async def test_a_substitute_holds_the_roles_from_begin_to_end(books: Books) -> None:
    """R4: to the very second, whichever way the person is loaded."""
    async with books.unit() as unit:
        anna, ben, _ = await three(unit)
        await absences.write(unit, anna, ben, NOON, NOON + DAY, named_by=ben)
        second = timedelta(seconds=1)
        for at, held in (
            (NOON - second, {B}),
            (NOON, {A, B}),
            (NOON + DAY - second, {A, B}),
            (NOON + DAY, {B}),
        ):
            assert await roles(unit, ben, at) == held, at
            [by_user] = await people.load(unit, at, user_ids=[2])
            assert (set(by_user.roles), set(by_user.own_roles)) == (held, {B})
            assert await roles(unit, anna, at) == {A}, "who is away keeps what is theirs"
        [away] = await people.load(unit, NOON, ids=[anna])
        assert (away.absent_until, away.substitute) == (NOON + DAY, ben)
        [present] = await people.load(unit, NOON - second, ids=[anna])
        assert (present.absent_until, present.substitute) == (None, 0)
        assert {one.id: one.absent_until for one in await people.staff(unit, NOON)} == {
            anna: NOON + DAY,
            ben: None,
            await a_person(unit, 3): None,
        }


async def test_a_line_of_substitutes_is_followed_to_its_end_and_a_circle_ends(books: Books) -> None:
    """R4"""
    async with books.unit() as unit:
        anna, ben, carl = await three(unit)
        await absences.write(unit, anna, ben, MONDAY_TEN, NOON, named_by=1)
        await absences.write(unit, ben, carl, MONDAY_TEN, NOON, named_by=1)
        assert await roles(unit, carl, MONDAY_TEN) == {A, B, C}
        await absences.write(unit, carl, anna, MONDAY_TEN, NOON, named_by=1)
        for person in (anna, ben, carl):
            [one] = await people.load(unit, MONDAY_TEN, ids=[person])
            assert set(one.roles) == {A, B, C}
            assert len(one.own_roles) == 1


async def test_whoever_has_left_stands_in_for_nobody(books: Books) -> None:
    """R3: not even after they have come back into the house."""
    async with books.unit() as unit:
        anna, ben, carl = await three(unit)
        await absences.write(unit, anna, ben, MONDAY_TEN, NOON, named_by=1)
        await absences.write(unit, ben, carl, NOON, NOON + DAY, named_by=1)
        await people.take_roles(unit, ben)
        assert await roles(unit, ben, MONDAY_TEN) == set(), "even before the absence has been put right"
        await absences.end_for(unit, ben, MONDAY_TEN)
        await people.give_role(unit, ben, B, MONDAY_TEN)
        assert await roles(unit, ben, MONDAY_TEN) == {B}
        [away] = await people.load(unit, MONDAY_TEN, ids=[anna])
        assert (away.absent_until, away.substitute) == (NOON, 0), "still away, and nobody stands in"
        assert await roles(unit, carl, NOON) == {C}, "the planned absence of who left is gone"


async def test_an_absence_that_begins_at_the_same_moment_is_changed(books: Books) -> None:
    """R4: the substitute is exchanged."""
    async with books.unit() as unit:
        anna, ben, carl = await three(unit)
        await absences.write(unit, anna, ben, MONDAY_TEN, NOON, named_by=1)
        await absences.write(unit, anna, carl, MONDAY_TEN, NOON + DAY, named_by=3)
        [row] = await absences.during(unit, MONDAY_TEN, NOON)
        assert (row.substitute_id, row.ends_at, row.named_by) == (carl, NOON + DAY, 3)
        assert await roles(unit, ben, MONDAY_TEN) == {B}


async def test_which_absences_overlap_a_time(books: Books) -> None:
    """One that ends when the other begins does not."""
    async with books.unit() as unit:
        anna, ben, _ = await three(unit)
        await absences.write(unit, anna, ben, MONDAY_TEN, NOON, named_by=1)
        assert await absences.during(unit, NOON, NOON + DAY) == []
        assert await absences.during(unit, MONDAY_TEN - DAY, MONDAY_TEN) == []
        assert len(await absences.during(unit, MONDAY_TEN + HOUR, NOON + DAY)) == 1


async def test_who_is_back_is_back_at_once(books: Books) -> None:
    """R4: earlier than agreed, or before it began."""
    async with books.unit() as unit:
        anna, ben, _ = await three(unit)
        await absences.write(unit, anna, ben, MONDAY_TEN, NOON, named_by=1)
        assert await absences.end(unit, anna, MONDAY_TEN, MONDAY_TEN + HOUR)
        assert not await absences.end(unit, anna, MONDAY_TEN, MONDAY_TEN + HOUR)
        assert await roles(unit, ben, MONDAY_TEN + HOUR) == {B}
        await absences.write(unit, anna, ben, NOON, NOON + DAY, named_by=1)
        assert await absences.end(unit, anna, NOON, MONDAY_TEN + HOUR)
        assert await roles(unit, ben, NOON) == {B}


@pytest.mark.parametrize("issuer", [1, None])
async def test_unused_invitations_can_be_taken_back(books: Books, issuer: int | None) -> None:
    """R3: one by one, or all that somebody gave out who has left; those of the command line stay."""
    async with books.unit() as unit:
        for name in ("aaa", "bbb"):
            await people.invite(unit, name, A, MONDAY_TEN, NOON, issuer)
        await people.invite(unit, "used", A, MONDAY_TEN, NOON, issuer)
        assert await people.use_invitation(unit, "used", 9, MONDAY_TEN)
        assert [row.token_hash for row in await people.open_invitations(unit, MONDAY_TEN)] == ["aaa", "bbb"]
        assert await people.revoke_invitation(unit, "aa", MONDAY_TEN)
        assert not await people.revoke_invitation(unit, "aa", MONDAY_TEN)
        assert not await people.revoke_invitation(unit, "us", MONDAY_TEN), "what is used is not taken back"
        assert [row.token_hash for row in await people.open_invitations(unit, MONDAY_TEN)] == ["bbb"]
        await people.revoke_invitations_of(unit, 1, MONDAY_TEN)
        left = [row.token_hash for row in await people.open_invitations(unit, MONDAY_TEN)]
        assert left == ([] if issuer else ["bbb"])
        assert await people.open_invitations(unit, NOON) == []


async def test_who_waited_for_a_person_gets_them_whole(postgres_books: Books) -> None:
    """R4: the row that was waited for has changed meanwhile; the roles acted in are all there."""
    async with postgres_books.unit() as unit:
        anna, ben, _ = await three(unit)
        await absences.write(unit, anna, ben, MONDAY_TEN, NOON, named_by=1)

    async def waits() -> list[people.Person]:
        async with postgres_books.unit() as other:
            return await people.load(other, MONDAY_TEN, user_ids=[2])

    async with postgres_books.unit() as first:
        await people.load(first, MONDAY_TEN, user_ids=[2])
        waiting = asyncio.create_task(waits())
        assert await is_waited_for(first, waiting)
        await people.set_reachable(first, [ben], False)
    [found] = await waiting
    assert (found.reachable, set(found.roles), set(found.own_roles)) == (False, {A, B}, {B})
