"""Appointment forms: the register (B7) and the slot each of them keeps (B9)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.appointments import Appointment, AppointmentState, Source
from storage import appointments, customers
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_person

if TYPE_CHECKING:
    from storage.engine import Books, Unit

NUMBER = "YY261123-001"
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
CELLS = {MONDAY: 0b1100 << 50, TUESDAY: 0b1}


async def _form(unit: Unit, customer: int, number: str = NUMBER, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "state": AppointmentState.BOOKED.value,
        "service": "maintenance",
        "plate": "沪A12345",
        "customer_id": customer,
        "starts_at": MONDAY_TEN + timedelta(days=1),
        "minutes": 90,
        "bay": "3",
        "source": Source.SHOP.value,
        "benefits": True,
        "made_at": MONDAY_TEN,
    }
    await appointments.write(unit, number, CELLS, **(fields | changes))


async def _customer(unit: Unit, user_id: int = 501) -> tuple[int, int]:
    person = await a_person(unit, user_id)
    return person, await customers.open_file(unit, person, MONDAY_TEN)


async def test_a_form_comes_back_whole(books: Books) -> None:
    """B2, B5: the deposit to the fen."""
    async with books.unit() as unit:
        person, customer = await _customer(unit)
        await _form(unit, customer, deposit=Decimal("1234.56"), description="异响，<b>左前</b>")
        assert await appointments.by_number(unit, NUMBER) == Appointment(
            number=NUMBER,
            state=AppointmentState.BOOKED,
            service="maintenance",
            plate="沪A12345",
            starts_at=MONDAY_TEN + timedelta(days=1),
            minutes=90,
            customer_id=customer,
            person_id=person,
            bay="3",
            description="异响，<b>左前</b>",
            deposit=Decimal("1234.56"),
            source=Source.SHOP,
            benefits=True,
        )
        assert await appointments.slot_of(unit, NUMBER) == (AppointmentState.BOOKED, "3", CELLS)
        assert await appointments.by_number(unit, "YY261123-002") is None
        assert await appointments.slot_of(unit, "YY261123-002") is None


async def test_most_forms_have_no_deposit(books: Books) -> None:
    async with books.unit() as unit:
        _, customer = await _customer(unit)
        await _form(unit, customer)
        found = await appointments.by_number(unit, NUMBER)
        assert found is not None
        assert (found.deposit, found.description) == (Decimal(0), "")


async def test_a_moved_form_keeps_its_number_and_when_it_was_made(books: Books) -> None:
    """B9: another time, another bay; no second form."""
    moved_to = MONDAY_TEN + timedelta(days=3)
    async with books.unit() as unit:
        _, customer = await _customer(unit)
        await _form(unit, customer)
        await _form(unit, customer, "YY261123-002")
        later = MONDAY_TEN + timedelta(hours=2)
        await appointments.write(unit, NUMBER, {MONDAY: 1}, starts_at=moved_to, bay="1", made_at=later)
        found = await appointments.by_number(unit, NUMBER)
        assert found is not None
        assert (found.starts_at, found.bay, found.minutes) == (moved_to, "1", 90)
        assert await appointments.slot_of(unit, NUMBER) == (AppointmentState.BOOKED, "1", {MONDAY: 1})
        other = await appointments.slot_of(unit, "YY261123-002")
        assert other == (AppointmentState.BOOKED, "3", CELLS)
        row = await unit.one(
            appointments.APPOINTMENTS.select().where(appointments.APPOINTMENTS.c.number == NUMBER)
        )
        assert row is not None
        assert row.made_at == MONDAY_TEN


@pytest.mark.parametrize("state", list(AppointmentState))
async def test_every_state_can_be_written_down(books: Books, state: AppointmentState) -> None:
    async with books.unit() as unit:
        _, customer = await _customer(unit)
        await _form(unit, customer, held_until=MONDAY_TEN)
        await appointments.mark(unit, NUMBER, state)
        assert await appointments.slot_of(unit, NUMBER) == (state, "3", CELLS)
        standing = await appointments.standing_of(unit, [customer])
        assert (customer in standing) == state.standing


async def test_standing_ones_by_customer_soonest_first(books: Books) -> None:
    async with books.unit() as unit:
        (_, anna), (_, ben) = await _customer(unit, 1), await _customer(unit, 2)
        for customer, number, days in ((anna, "3", 3), (anna, "1", 1), (ben, "2", 2)):
            await _form(unit, customer, number, starts_at=MONDAY_TEN + timedelta(days=days))
        found = await appointments.standing_of(unit, [anna, ben, 404])
        assert {one: [form.number for form in forms] for one, forms in found.items()} == {
            anna: ["1", "3"],
            ben: ["2"],
        }
        assert await appointments.standing_of(unit, []) == {}


async def test_the_register_of_a_day(books: Books) -> None:
    """B7: complete, whatever became of them; the end belongs to the next day."""
    async with books.unit() as unit:
        _, customer = await _customer(unit)
        states = (AppointmentState.CANCELLED, AppointmentState.BOOKED, AppointmentState.NO_SHOW)
        for hours, state in enumerate(states):
            moment = MONDAY_TEN + timedelta(hours=hours)
            await _form(unit, customer, f"{hours}", starts_at=moment, state=state.value)
        last = MONDAY_TEN + timedelta(hours=2)
        assert [form.number for form in await appointments.between(unit, MONDAY_TEN, last)] == ["0", "1"]


async def test_the_workshop_acknowledges_once(books: Books) -> None:
    """B6; D3 holds here too: the first press counts."""
    async with books.unit() as unit:
        person, customer = await _customer(unit)
        await _form(unit, customer)
        assert await appointments.acknowledge(unit, NUMBER, person, MONDAY_TEN)
        assert not await appointments.acknowledge(unit, NUMBER, person, MONDAY_TEN)
        assert not await appointments.acknowledge(unit, "YY261123-002", person, MONDAY_TEN)
        found = await appointments.by_number(unit, NUMBER)
        assert found is not None
        assert found.acknowledged


async def test_the_customers_own_words(books: Books) -> None:
    """B2"""
    async with books.unit() as unit:
        _, customer = await _customer(unit)
        await _form(unit, customer)
        await _form(unit, customer, "YY261123-002")
        await appointments.describe(unit, NUMBER, "刹车有异响 🙏")
        forms = await appointments.between(unit, MONDAY_TEN, MONDAY_TEN + timedelta(days=9))
        assert sorted((form.number, form.description) for form in forms) == [
            (NUMBER, "刹车有异响 🙏"),
            ("YY261123-002", ""),
        ]


async def test_whose_slot_is_looked_at_holds_it(postgres_books: Books) -> None:
    """B9: two who cancel the same form do not both give its bay back."""
    async with postgres_books.unit() as unit:
        _, customer = await _customer(unit)
        await _form(unit, customer)

    async def cancels() -> bool:
        async with postgres_books.unit() as unit:
            slot = await appointments.slot_of(unit, NUMBER)
            assert slot is not None
            if slot[0].occupies:
                await appointments.mark(unit, NUMBER, AppointmentState.CANCELLED)
            return slot[0].occupies

    assert sum(await asyncio.gather(*(cancels() for _ in range(6)))) == 1


async def test_nobody_changes_a_form_whose_slot_is_looked_at(postgres_books: Books) -> None:
    """B6, B9: the workshop's press waits for the customer's cancellation."""
    async with postgres_books.unit() as unit:
        person, customer = await _customer(unit)
        await _form(unit, customer)
    async with asyncio.timeout(20), postgres_books.unit() as cancels, postgres_books.unit() as presses:
        await appointments.slot_of(cancels, NUMBER)
        await presses.run(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await appointments.acknowledge(presses, NUMBER, person, MONDAY_TEN)
