"""Customer and vehicle files (A1, A2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from domain.customers import Customer, Vehicle
from storage import customers
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_person

if TYPE_CHECKING:
    from storage.engine import Books

PLATE, OTHER = "沪A12345", "沪AD12345"


async def test_a_file_is_opened_once_and_filled_later(books: Books) -> None:
    async with books.unit() as unit:
        person = await a_person(unit)
        number = await customers.open_file(unit, person, MONDAY_TEN, name="王芳")
        assert await customers.open_file(unit, person, MONDAY_TEN) == number
        await customers.change_file(unit, number, surname="王", salutation="女士", consent_at=MONDAY_TEN)
        await customers.change_file(unit, number)
        assert await customers.keep_vehicle(unit, number, PLATE, "途观", MONDAY_TEN)
        assert await customers.keep_vehicle(unit, number, OTHER, "", MONDAY_TEN)
        found = (await customers.of_people(unit, [person]))[person]
    assert found == Customer(number, person, "王芳", "王", "女士", "", "", MONDAY_TEN, found.vehicles), (
        "what was not told is empty"
    )
    assert [(one.plate, one.model) for one in found.vehicles] == [(PLATE, "途观"), (OTHER, "")]


async def test_files_are_found_by_person_number_and_plate(books: Books) -> None:
    async with books.unit() as unit:
        person = await a_person(unit)
        mine = await customers.open_file(unit, person, MONDAY_TEN)
        walk_in = await customers.open_file(unit, None, MONDAY_TEN, name="李雷")
        second = await customers.open_file(unit, None, MONDAY_TEN)
        await customers.keep_vehicle(unit, walk_in, PLATE, "", MONDAY_TEN)
        assert (await customers.of_people(unit, [person, 404])).keys() == {person}
        assert (await customers.by_ids(unit, [mine, walk_in, 404])).keys() == {mine, walk_in}
        owner = await customers.by_plate(unit, PLATE)
        assert owner is not None
        assert (owner.id, owner.person_id, owner.name, len(owner.vehicles)) == (walk_in, None, "李雷", 1)
        assert await customers.by_plate(unit, OTHER) is None
        assert await customers.of_people(unit, []) == {}
        assert await customers.by_ids(unit, []) == {}
        assert second not in (mine, walk_in)


async def test_a_file_is_found_by_phone_too(books: Books) -> None:
    """Of several files with one number (a family, a company) the newest."""
    phone = "+8613812345678"
    async with books.unit() as unit:
        await customers.open_file(unit, None, MONDAY_TEN, name="李雷", phone=phone)
        newer = await customers.open_file(unit, None, MONDAY_TEN, name="韩梅", phone=phone)
        await customers.keep_vehicle(unit, newer, PLATE, "", MONDAY_TEN)
        for sought in (phone, PLATE):
            found = await customers.by_plate_or_phone(unit, sought)
            assert found is not None
            assert (found.id, found.name, found.vehicles[0].plate) == (newer, "韩梅", PLATE)
        assert await customers.by_plate_or_phone(unit, "+8613900000000") is None
        assert await customers.by_plate_or_phone(unit, OTHER) is None


async def test_a_plate_of_somebody_else_is_refused(books: Books) -> None:
    """A1: one vehicle, one file; the owner's entry stays as it was."""
    async with books.unit() as unit:
        owner = await customers.open_file(unit, None, MONDAY_TEN)
        other = await customers.open_file(unit, None, MONDAY_TEN)
        assert await customers.keep_vehicle(unit, owner, PLATE, "途观", MONDAY_TEN)
        assert not await customers.keep_vehicle(unit, other, PLATE, "高尔夫", MONDAY_TEN)
        assert not await customers.keep_vehicle(unit, other, PLATE, "", MONDAY_TEN)
        found = await customers.by_plate(unit, PLATE)
        assert found is not None
        assert found.id == owner
        assert [vehicle.model for vehicle in found.vehicles] == ["途观"]


async def test_the_model_is_told_later(books: Books) -> None:
    async with books.unit() as unit:
        owner = await customers.open_file(unit, None, MONDAY_TEN)
        for model in ("", "途观", ""):
            assert await customers.keep_vehicle(unit, owner, PLATE, model, MONDAY_TEN)
        vehicles: tuple[Vehicle, ...] = (await customers.by_ids(unit, [owner]))[owner].vehicles
        assert [(one.plate, one.model) for one in vehicles] == [(PLATE, "途观")]


async def test_two_claim_the_same_plate_at_once(books: Books) -> None:
    async with books.unit() as unit:
        files = [await customers.open_file(unit, None, MONDAY_TEN) for _ in range(8)]

    async def claims(customer: int) -> bool:
        async with books.unit() as unit:
            return await customers.keep_vehicle(unit, customer, PLATE, "", MONDAY_TEN)

    assert sum(await asyncio.gather(*(claims(customer) for customer in files))) == 1
