"""Requests for a discount: one at a time for an order, and the first decision wins, whoever presses at once (D1–D5)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from domain.discounts import Discount, DiscountState
from domain.people import Role
from domain.settlement import Settlement
from storage import discounts, orders, settlements
from tests.clock import MONDAY_TEN
from tests.storage.test_orders import an_order, an_owner

if TYPE_CHECKING:
    from storage.engine import Books, Unit

ORDER, OTHER = "JC261123-001", "JC261123-002"
A_MINUTE = timedelta(minutes=1)
GRANTED, REFUSED = DiscountState.GRANTED, DiscountState.REFUSED


def a_request(owner: int, number: str = "YH261123-001", order: str = ORDER, **more: Any) -> Discount:
    """Five percent of a hundred yuan, asked by the customer; a test names only what it is about."""
    plain = Discount(
        number, order, 1, Decimal("0.05"), MONDAY_TEN, Role.BUSINESS_SUPERVISOR, Decimal(100), owner
    )
    return replace(plain, **more)


async def ask(unit: Unit, discount: Discount) -> None:
    assert await discounts.ask(unit, discount)


async def end(
    unit: Unit, number: str, state: DiscountState, minutes: int = 1, amount: str = "0", person: int = 11
) -> bool:
    """As the desk ends it, `minutes` after it was asked."""
    return await discounts.change(
        unit,
        number,
        state=state.value,
        decided_by=person,
        decided_name=f"经理{person}",
        decided_at=MONDAY_TEN + minutes * A_MINUTE,
        granted=Decimal("0.05") if state is GRANTED else Decimal(0),
        amount=Decimal(amount),
        refusal="margin" if state is REFUSED else "",
    )


@pytest.fixture
async def owner(books: Books) -> int:
    """Somebody with two cars in the shop, with the first version of a bill each."""
    return await two_orders(books)


async def two_orders(books: Books) -> int:
    async with books.unit() as unit:
        owner = await an_owner(unit)
        for number, plate in ((ORDER, "沪A12345"), (OTHER, "沪AD12345")):
            assert await orders.file(unit, an_order(owner, number, plate), None)
            await settlements.save(unit, Settlement(number), MONDAY_TEN, 0)
    return owner


# ---------------------------------------------------------------- one request, one decision


async def test_d1_a_request_is_read_back_as_it_was_asked(books: Books, owner: int) -> None:
    written = a_request(
        owner,
        version=3,
        asked=Decimal("0.0825"),
        asked_at=MONDAY_TEN + timedelta(microseconds=1),
        level=Role.GENERAL_MANAGER,
        total=Decimal("1280.05"),
        asked_by=12,
        asked_name="孙顾问",
        tier="fleet",
        reason="等了三天：「请多关照」",
    )
    async with books.unit() as unit:
        await ask(unit, written)
        await ask(unit, a_request(owner, "YH261123-002", OTHER))
    async with books.unit() as unit:
        assert await discounts.of_order(unit, ORDER) == [written]
        assert await discounts.of_order(unit, OTHER) == [a_request(owner, "YH261123-002", OTHER)]
        assert await discounts.of_order(unit, "JC261123-404") == []


async def test_d2_a_decision_is_read_back_with_who_and_when(books: Books, owner: int) -> None:
    decided: dict[str, Any] = {
        "state": GRANTED,
        "decided_by": 11,
        "decided_name": "郑主管",
        "decided_at": MONDAY_TEN + A_MINUTE,
        "granted": Decimal("0.03"),
        "amount": Decimal("3.00"),
    }
    async with books.unit() as unit:
        await ask(unit, a_request(owner))
        assert await discounts.change(unit, "YH261123-001", **{**decided, "state": GRANTED.value})
        assert await discounts.of_order(unit, ORDER) == [a_request(owner, **decided)]


async def test_d1_one_request_at_a_time_for_an_order(books: Books, owner: int) -> None:
    """The next may be asked as soon as the last one is over, however it ended; another order is not concerned."""
    over = [state for state in DiscountState if state is not DiscountState.OPEN]
    async with books.unit() as unit:
        for place, state in enumerate(over):
            await ask(unit, a_request(owner, f"YH{place}"))
            assert not await discounts.ask(unit, a_request(owner, "YH9", asked=Decimal("0.10")))
            assert await end(unit, f"YH{place}", state)
        await ask(unit, a_request(owner, "YH9"))
        await ask(unit, a_request(owner, "YH10", OTHER))
        found = await discounts.of_order(unit, ORDER)
    assert [(each.number, each.state) for each in found] == [
        *((f"YH{place}", state) for place, state in enumerate(over)),
        ("YH9", DiscountState.OPEN),
    ]


async def test_d3_the_first_decision_wins(books: Books, owner: int) -> None:
    """What comes after it changes nothing, be it another decision, the next role, or a changed bill."""
    async with books.unit() as unit:
        await ask(unit, a_request(owner))
        assert await discounts.change(unit, "YH261123-001", level=Role.AFTER_SALES_MANAGER.value)
        assert await end(unit, "YH261123-001", GRANTED, amount="5")
        before = await discounts.of_order(unit, ORDER)
    async with books.unit() as unit:
        for state in DiscountState:
            assert not await end(unit, "YH261123-001", state, minutes=2, person=13)
        assert not await discounts.change(unit, "YH261123-001", level=Role.GENERAL_MANAGER.value)
        assert not await discounts.change(unit, "YH261123-404", level=Role.GENERAL_MANAGER.value)
        assert await discounts.of_order(unit, ORDER) == before
    assert (before[0].level, before[0].decided_by) == (Role.AFTER_SALES_MANAGER, 11)


@pytest.mark.parametrize("wrong", [{"total": Decimal("0.005")}, {"asked": Decimal("0.00001")}])
async def test_d7_neither_parts_of_a_fen_nor_finer_shares(
    books: Books, owner: int, wrong: dict[str, Any]
) -> None:
    with pytest.raises(StatementError, match="round it"):
        async with books.unit() as unit:
            await discounts.ask(unit, a_request(owner, **wrong))


async def test_a_request_is_for_an_order_that_is_in_the_books(books: Books, owner: int) -> None:
    with pytest.raises(IntegrityError):
        async with books.unit() as unit:
            await discounts.ask(unit, a_request(owner, order="JC261123-404"))


# ---------------------------------------------------------------- at the same instant (only PostgreSQL)


async def test_d3_eight_managers_press_at_once(postgres_books: Books) -> None:
    """The request carries what the one wrote who was told that it counted; also without a lock on the order."""
    owner = await two_orders(postgres_books)
    async with postgres_books.unit() as unit:
        await ask(unit, a_request(owner))
    side_by_side = asyncio.Barrier(8)

    async def press(person: int) -> bool:
        async with postgres_books.unit() as unit:
            await side_by_side.wait()
            state = GRANTED if person % 2 else REFUSED
            return await end(unit, "YH261123-001", state, minutes=person, person=person)

    counted = await asyncio.gather(*(press(person) for person in range(1, 9)))
    async with postgres_books.glance() as unit:
        [found] = await discounts.of_order(unit, ORDER)
    assert counted.count(True) == 1
    winner = counted.index(True) + 1
    assert (found.decided_by, found.state) == (winner, GRANTED if winner % 2 else REFUSED)


async def test_d3_who_comes_second_waits_for_the_first(postgres_books: Books) -> None:
    """And decides after all when the first one's transaction fails: no decision is lost, none is told too early."""
    owner = await two_orders(postgres_books)
    async with postgres_books.unit() as unit:
        await ask(unit, a_request(owner))

    async def impatient(person: int) -> None:
        async with postgres_books.unit() as unit:
            await unit.run(text("SET LOCAL lock_timeout = '1ms'"))
            await end(unit, "YH261123-001", REFUSED, person=person)

    async def fails() -> None:
        async with postgres_books.unit() as first:
            assert await end(first, "YH261123-001", GRANTED)
            with pytest.raises(DBAPIError, match="lock timeout"):
                await impatient(12)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await fails()
    await impatient(13)
    async with postgres_books.glance() as unit:
        [found] = await discounts.of_order(unit, ORDER)
    assert (found.decided_by, found.state) == (13, REFUSED)


async def test_d1_two_ask_for_one_order_at_once(postgres_books: Books) -> None:
    """The customer and the advisor at the same instant: one of them is told that it is being asked already."""
    owner = await two_orders(postgres_books)
    side_by_side = asyncio.Barrier(6)

    async def asks(place: int) -> bool:
        async with postgres_books.unit() as unit:
            await side_by_side.wait()
            return await discounts.ask(unit, a_request(owner, f"YH{place}"))

    counted = await asyncio.gather(*(asks(place) for place in range(6)))
    async with postgres_books.glance() as unit:
        found = await discounts.of_order(unit, ORDER)
    assert [each.number for each in found] == [f"YH{counted.index(True)}"]


# ---------------------------------------------------------------- what is looked up


async def decided_one(
    unit: Unit,
    owner: int,
    number: str,
    state: DiscountState,
    minutes: int = 1,
    amount: str = "0",
    **more: Any,
) -> None:
    await ask(unit, a_request(owner, number, **more))
    assert await end(unit, number, state, minutes, amount)


async def test_r5_what_was_decided_in_a_time(books: Books, owner: int) -> None:
    """From its first instant up to its last, the oldest first; what nobody decided is no decision."""
    async with books.unit() as unit:
        for number, state, minutes in (
            ("YH5", GRANTED, 9),
            ("YH1", REFUSED, 20),
            ("YH4", REFUSED, 10),
            ("YH3", GRANTED, 10),
            ("YH2", GRANTED, 19),
            ("YH6", DiscountState.OUTDATED, 12),
            ("YH7", DiscountState.WITHDRAWN, 12),
        ):
            await decided_one(unit, owner, number, state, minutes)
        await ask(unit, a_request(owner, "YH8"))
        since, until = MONDAY_TEN + 10 * A_MINUTE, MONDAY_TEN + 20 * A_MINUTE
        found = await discounts.decided(unit, since, until)
        assert [each.number for each in found] == ["YH3", "YH4", "YH2"]
        assert [each.number for each in await discounts.recent(unit)] == ["YH1", "YH2", "YH4", "YH3", "YH5"]
        assert [each.number for each in await discounts.recent(unit, 2)] == ["YH1", "YH2"]


async def test_what_is_left_of_the_months_goodwill(books: Books, owner: int) -> None:
    """Granted since its first instant, to the fen; neither refused nor before; 0.10 ten times is 1.00."""
    async with books.unit() as unit:
        assert await discounts.granted_since(unit, MONDAY_TEN) == 0
        await decided_one(unit, owner, "YH0", GRANTED, -1, "70")
        await decided_one(unit, owner, "YH1", GRANTED, 0, "1234567.89")
        await decided_one(unit, owner, "YH2", REFUSED, 1)
        for place in range(10):
            await decided_one(unit, owner, f"YHX{place}", GRANTED, 2, "0.10", order=OTHER)
        await ask(unit, a_request(owner, "YH3", amount=Decimal(500)))
        total = await discounts.granted_since(unit, MONDAY_TEN)
    assert str(total) == "1234568.89"


async def test_d2_what_was_granted_on_a_bill_that_changed_is_void(books: Books, owner: int) -> None:
    """It is asked again for the new version: the month's goodwill and the customer's share count it once."""
    async with books.unit() as unit:
        await decided_one(unit, owner, "YH1", GRANTED, 1, "50")
        await settlements.save(unit, Settlement(ORDER, 2), MONDAY_TEN, 0)
        assert await discounts.granted_since(unit, MONDAY_TEN) == 0
        assert await discounts.granted_to(unit, owner, but=OTHER) == 0
        await decided_one(unit, owner, "YH2", GRANTED, 2, "40.01", version=2)
        assert await discounts.granted_since(unit, MONDAY_TEN) == Decimal("40.01")
        assert await discounts.granted_to(unit, owner, but=OTHER) == Decimal("40.01")


async def test_d1_what_a_customer_was_granted_before(books: Books, owner: int) -> None:
    """On other orders; nobody else's."""
    async with books.unit() as unit:
        stranger = await an_owner(unit)
        assert await orders.file(unit, an_order(stranger, "JC261123-003", "沪A00003"), None)
        await settlements.save(unit, Settlement("JC261123-003"), MONDAY_TEN, 0)
        await decided_one(unit, owner, "YH1", GRANTED, amount="5")
        await decided_one(unit, owner, "YH2", GRANTED, amount="3.50", order=OTHER)
        later = MONDAY_TEN + A_MINUTE
        await decided_one(unit, owner, "YH3", REFUSED, order=OTHER, asked_at=later)
        await decided_one(unit, stranger, "YH4", GRANTED, amount="9", order="JC261123-003")
        assert await discounts.granted_to(unit, owner, but=ORDER) == Decimal("3.50")
        assert await discounts.granted_to(unit, owner, but="") == Decimal("8.50")


async def test_what_still_waits_the_oldest_first(books: Books, owner: int) -> None:
    async with books.unit() as unit:
        await decided_one(unit, owner, "YH1", REFUSED)
        await ask(unit, a_request(owner, "YH2", asked_at=MONDAY_TEN + A_MINUTE))
        await ask(unit, a_request(owner, "YH3", OTHER))
        assert [each.number for each in await discounts.open_requests(unit)] == ["YH3", "YH2"]
