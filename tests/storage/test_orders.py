"""Repair orders: what is written is read back, a car is in the shop once, a history only grows (O1, O3, O4)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domain.repair_orders import (
    Arrival,
    Estimate,
    Item,
    OrderEntry,
    OrderHappening,
    OrderState,
    PartsOrigin,
    RepairOrder,
)
from storage import conversations, customers, orders, subjects
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_conversation, a_person

if TYPE_CHECKING:
    from storage.engine import Books, Unit

PLATE, OTHER = "沪A12345", "沪AD12345"
EVENING = MONDAY_TEN + timedelta(hours=7)
OPENED = OrderEntry(MONDAY_TEN, OrderHappening.OPENED, 5, "李明")
PROMISED = OrderEntry(
    MONDAY_TEN, OrderHappening.PROMISED, 5, "李明", {"at": EVENING.isoformat(), "reason": ""}
)


async def an_owner(unit: Unit) -> int:
    return await customers.open_file(unit, None, MONDAY_TEN, name="王芳")


def an_order(owner: int, number: str = "JC261123-001", plate: str = PLATE, **more: Any) -> RepairOrder:
    """An order that waits for its signature; a test names only what it is about."""
    return RepairOrder(number, plate, owner, 0, "王女士", 0, "", MONDAY_TEN, **more)


async def filed(books: Books, *wanted: tuple[str, str]) -> None:
    """Orders of these numbers and plates, all of one owner."""
    async with books.unit() as unit:
        owner = await an_owner(unit)
        for number, plate in wanted:
            assert await orders.file(unit, an_order(owner, number, plate), None)


async def move(unit: Unit, number: str, state: OrderState) -> None:
    await orders.change(unit, number, state=state.value)


async def test_o1_everything_on_the_form_is_read_back(books: Books) -> None:
    """Prices to the fen, the fuel gauge at empty, photographs, and what nobody noted."""
    form: dict[str, Any] = {
        "items": (
            Item("小保养", Decimal("398.00")),
            Item("前刹车片", Decimal("1280.55"), Estimate.BY_SYMPTOM, PartsOrigin.CUSTOMER),
            Item("洗车", Decimal(0), Estimate.FIXED, PartsOrigin.AFTERMARKET),
        ),
        "arrival": Arrival(45_210, 0, "A07", ("行驶证", "雨伞"), (("photo", "AgAC1"), ("video", "BAAC2"))),
        "fault": "刹车异响：低速时明显",
        "appointment": "YY261122-017",
        "phone": "+8613800138000",
        "tier": "vip",
        "benefits": True,
        "reference": "DMS-0042",
        "history": (OPENED, PROMISED),
    }
    async with books.unit() as unit:
        person, owner = await a_person(unit), await an_owner(unit)
        written = replace(
            an_order(owner, **form), person_id=person, advisor=await a_person(unit, 502), advisor_name="李明"
        )
        plain = an_order(owner, "JC261123-002", OTHER)
        for order in (written, plain):
            assert await orders.file(unit, order, EVENING)
            await orders.note(unit, order.number, order.history)
    async with books.unit() as unit:
        assert await orders.load(unit, written.number) == written
        assert await orders.load(unit, plain.number) == plain
        assert await orders.load(unit, written.number, locked=False) == written
        assert await orders.load(unit, "JC261123-404") is None


async def test_o3_the_history_is_read_in_the_order_it_was_written(books: Books) -> None:
    """Not by its clocks: a process whose clock is behind adds at the end too; what is there stays."""
    earlier = OrderEntry(
        MONDAY_TEN - timedelta(minutes=3), OrderHappening.MOVED, 0, "", {"state": OrderState.IN_SHOP.value}
    )
    async with books.unit() as unit:
        order = an_order(await an_owner(unit))
        assert await orders.file(unit, order, EVENING)
        await orders.note(unit, order.number, (OPENED, PROMISED))
        await orders.note(unit, order.number, ())
    async with books.unit() as unit:
        await orders.note(unit, order.number, (earlier,))
        await move(unit, order.number, OrderState.IN_SHOP)
    async with books.unit() as unit:
        found = await orders.load(unit, order.number)
        assert found is not None
        assert found.history == (OPENED, PROMISED, earlier)
        assert found.state is OrderState.IN_SHOP


async def test_a_car_is_in_the_shop_once(books: Books) -> None:
    """A second order for its plate is refused until the car has left or the first one is cancelled."""
    async with books.unit() as unit:
        owner = await an_owner(unit)
        first, second, third = (an_order(owner, f"JC261123-00{number}") for number in (1, 2, 3))
        assert await orders.file(unit, first, EVENING)
        for state in OrderState:
            if state.is_open:
                await move(unit, first.number, state)
                assert not await orders.file(unit, second, EVENING), state
        assert await orders.load(unit, second.number) is None
        assert await orders.open_for(unit, PLATE) == first.number
        await move(unit, first.number, OrderState.LEFT)
        assert await orders.open_for(unit, PLATE) == ""
        assert await orders.file(unit, second, EVENING)
        await move(unit, second.number, OrderState.CANCELLED)
        assert await orders.file(unit, third, EVENING)
        assert await orders.open_for(unit, PLATE) == third.number
        assert await orders.file(unit, an_order(owner, "JC261123-004", OTHER), EVENING)


async def test_o4_the_same_reference_is_imported_once(books: Books) -> None:
    """Also when that visit is long over; orders without a reference do not stand in each other's way."""
    async with books.unit() as unit:
        owner = await an_owner(unit)
        first = an_order(owner, reference="DMS-0042", state=OrderState.LEFT)
        assert await orders.file(unit, first, None)
        again = an_order(owner, "JC261123-002", OTHER, reference="DMS-0042")
        assert not await orders.file(unit, again, None)
        assert await orders.file(unit, replace(again, reference=""), None)
        assert await orders.file(unit, an_order(owner, "JC261123-003"), None)


async def test_o4_what_a_row_of_the_shops_own_list_may_be_is_found(books: Books) -> None:
    """By its reference however old, by its car while it is here, or not long after; not for want of a reference."""
    plates = ["沪A00001", "沪A00002", "沪A00003", "沪A00004", "沪A00005"]
    async with books.unit() as unit:
        owner = await an_owner(unit)
        for place, (state, promised, reference) in enumerate(
            (
                (OrderState.LEFT, EVENING - timedelta(days=400), "DMS-0042"),
                (OrderState.IN_WORK, EVENING - timedelta(days=400), ""),
                (OrderState.CANCELLED, EVENING, ""),
                (OrderState.LEFT, MONDAY_TEN - timedelta(seconds=1), ""),
                (OrderState.IN_SHOP, EVENING, "DMS-0043"),
            )
        ):
            order = an_order(owner, f"JC{place}", plates[place], reference=reference, state=state)
            assert await orders.file(unit, order, promised)
        found = await orders.known(unit, ["DMS-0042", ""], plates[1:4], MONDAY_TEN)
        assert sorted((row.number, row.plate, row.reference, row.state) for row in found) == [
            ("JC0", plates[0], "DMS-0042", "left"),
            ("JC1", plates[1], "", "in_work"),
            ("JC2", plates[2], "", "cancelled"),
        ]
        assert [row.promised_at for row in found if row.number == "JC2"] == [EVENING]
        assert await orders.known(unit, [], [], MONDAY_TEN) == []


async def test_two_advisors_open_an_order_for_one_car_at_once(books: Books) -> None:
    async with books.unit() as unit:
        owner = await an_owner(unit)

    async def opens(number: int) -> bool:
        async with books.unit() as unit:
            return await orders.file(unit, an_order(owner, f"JC261123-{number:03d}"), EVENING)

    assert sum(await asyncio.gather(*(opens(number) for number in range(8)))) == 1


async def test_o5_a_customers_open_orders(books: Books) -> None:
    """The oldest first; neither those of others nor what is over."""
    async with books.unit() as unit:
        owner, person, other = await an_owner(unit), await a_person(unit), await a_person(unit, 502)
        whose = {1: (person, "A1"), 2: (other, "A2"), 3: (person, "A3"), 4: (person, "A4"), 5: (0, "A5")}
        for number, (somebody, plate) in sorted(whose.items(), reverse=True):
            order = replace(an_order(owner, f"JC261123-00{number}", plate), person_id=somebody)
            assert await orders.file(unit, order, None)
        await move(unit, "JC261123-004", OrderState.LEFT)
        assert await orders.open_of(unit, person) == ("JC261123-001", "JC261123-003")
        assert await orders.open_of(unit, 404) == ()


async def test_cars_in_the_shop_the_one_promised_soonest_first(books: Books) -> None:
    async with books.unit() as unit:
        owner = await an_owner(unit)
        for number, hours in ((1, 9), (2, 3), (3, 3), (4, 1), (5, 2)):
            order = an_order(owner, f"JC261123-00{number}", f"沪A0000{number}")
            assert await orders.file(unit, order, MONDAY_TEN + timedelta(hours=hours))
        await move(unit, "JC261123-004", OrderState.LEFT)
        await orders.change(unit, "JC261123-005", promised_at=MONDAY_TEN + timedelta(days=1))
        found = await orders.in_shop(unit)
    assert [row.number[-1] for row in found] == ["2", "3", "1", "5"]


async def test_the_list_of_cars_is_of_bounded_length(books: Books) -> None:
    async with books.unit() as unit:
        owner = await an_owner(unit)
        for number in range(orders.MOST_LISTED + 5):
            assert await orders.file(unit, an_order(owner, f"JC-{number}", f"沪{number}"), EVENING)
        assert len(await orders.in_shop(unit)) == orders.MOST_LISTED


async def test_a_change_of_nothing_changes_nothing(books: Books) -> None:
    await filed(books, ("JC261123-001", PLATE))
    async with books.unit() as unit:
        before = await orders.load(unit, "JC261123-001")
        await orders.change(unit, "JC261123-001")
        assert await orders.load(unit, "JC261123-001") == before


# ---------------------------------------------------------------- locks (only PostgreSQL writes side by side)


async def test_an_order_that_is_read_for_work_is_taken_until_the_end(postgres_books: Books) -> None:
    """Others learn it at once instead of waiting, and get hold of those that are free."""
    await filed(postgres_books, ("JC261123-001", PLATE), ("JC261123-002", OTHER))
    wanted = {"JC261123-001", "JC261123-002", "JC261123-404", "YY261123-001"}
    async with postgres_books.unit() as mine:
        assert await orders.load(mine, "JC261123-001") is not None
        async with postgres_books.unit() as others:
            assert await subjects.taken(others, wanted) == {"JC261123-001"}
            assert await subjects.taken(mine, {"JC261123-002"}) == {"JC261123-002"}
    async with postgres_books.unit() as unit:
        assert await subjects.taken(unit, wanted) == set()
        assert await subjects.taken(unit, ()) == set()


async def test_reading_for_a_list_takes_nothing(postgres_books: Books) -> None:
    await filed(postgres_books, ("JC261123-001", PLATE))
    async with postgres_books.unit() as reader:
        assert await orders.load(reader, "JC261123-001", locked=False) is not None
        async with postgres_books.unit() as others:
            assert await subjects.taken(others, {"JC261123-001"}) == set()


async def test_the_orders_that_people_and_conversations_are_about_are_locked(postgres_books: Books) -> None:
    """Those of open conversations of a person, those of named conversations; not what is over for that person."""
    numbers = [f"JC261123-00{number}" for number in range(1, 5)]
    await filed(postgres_books, *((number, f"沪{number}") for number in numbers))
    async with postgres_books.unit() as unit:
        person = await a_person(unit)
        await a_conversation(unit, subject=numbers[0], person_id=person)
        await a_conversation(unit, subject=numbers[1], person_id=person, status=conversations.OVER)
        at_queue = await a_conversation(unit, subject=numbers[2], queue="workshop")
        await a_conversation(unit, subject=numbers[3], queue="workshop")
        await a_conversation(unit, subject="YY261123-001", person_id=person)
    async with postgres_books.unit() as mine:
        await subjects.lock_concerned(mine, [person], [at_queue])
        async with postgres_books.unit() as others:
            assert await subjects.taken(others, set(numbers)) == {numbers[0], numbers[2]}


async def test_orders_are_locked_in_one_order(postgres_books: Books) -> None:
    """Ten processes that lock the same orders in any order never wait for each other in a circle."""
    numbers = [f"JC261123-{number:03d}" for number in range(12)]
    await filed(postgres_books, *((number, f"沪{number}") for number in numbers))

    async def works(turn: int) -> None:
        async with postgres_books.unit() as unit:
            await subjects.lock(unit, numbers[turn:] + numbers[:turn])
            await orders.note(unit, numbers[turn], (OPENED,))

    await asyncio.gather(*(works(turn) for turn in range(10)))
    async with postgres_books.unit() as unit:
        histories = [order.history for number in numbers[:10] if (order := await orders.load(unit, number))]
    assert histories == [(OPENED,)] * 10
