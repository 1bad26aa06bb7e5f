"""O4: rows of the shop's own list become visits like those made in the chat, each wholly or not at all, and once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from dialogs.core import Told
from domain.names import read_name
from domain.order_cells import FaultKind
from domain.order_rows import OrderRow
from domain.people import Role
from domain.phones import Phone
from domain.pickup import plan, standing_promise
from domain.plates import Plate
from domain.repair_orders import OrderHappening, OrderState, RepairOrder
from service import order_import
from service.briefing import Briefing
from service.ledger import Ledger
from service.order_import import written
from service.order_list import Line, Meaning, compared
from service.play import Play
from storage import customers, orders, people
from storage.customers import CUSTOMERS
from storage.orders import ORDER_ENTRIES, REPAIR_ORDERS
from storage.outbox import LetterState
from storage.schema import METADATA
from tests.clock import MONDAY_TEN
from tests.service.front_door import WANG, FrontDoor, furnish, texts
from tests.service.stages import ADVISOR, PLATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.house import House

PHONE, WANGS_PHONE = Phone("+8613900000001"), Phone("+8613812345678")
AT_FIVE = MONDAY_TEN + timedelta(hours=7)
TUESDAY = AT_FIVE + timedelta(days=1)
AT_NINE = MONDAY_TEN - timedelta(hours=1)


def row(**changes: Any) -> OrderRow:
    """The row of a car that came at nine and is promised for five; a test names only what it is about."""
    fields: dict[str, Any] = {
        "plate": Plate("粤B54321"),
        "phone": PHONE,
        "promised": AT_FIVE,
        "number": "RO1",
        "customer": "李娜女士",
        "items": ("小保养", "更换机滤"),
        "arrived": AT_NINE,
        "amount": Decimal("1280.00"),
        "advisor": "孙小敏",
        "mileage": 12345,
        "symptom": "刹车异响",
    }
    fields |= changes
    return OrderRow(**fields, name=read_name(fields["customer"]))


async def bring(house: House, *rows: OrderRow) -> list[Line]:
    return await written(house, list(enumerate(rows, 2)))


async def look(house: House, *rows: OrderRow) -> list[Line]:
    async with house.books.glance() as unit:
        return await compared(unit, house, list(enumerate(rows, 2)))


async def the_order(house: House, number: str) -> RepairOrder:
    async with house.books.glance() as unit:
        order = await orders.load(unit, number, locked=False)
    assert order is not None
    return order


async def everything(door: FrontDoor) -> dict[str, list[Any]]:
    """Every row of every table."""
    return {table.name: sorted(map(repr, await door.rows(select(table)))) for table in METADATA.sorted_tables}


async def tell_desk(door: FrontDoor, number: str, news: str, **words: Any) -> None:
    """The order's card hears it, as from another procedure of the visit."""
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        for desk in await ledger.about("order_desk", number):
            await play.event(desk, Told(news, words))
        await ledger.flush()


async def file_of(door: FrontDoor, **fields: Any) -> int:
    async with door.house.books.unit() as unit:
        return await customers.open_file(unit, None, MONDAY_TEN, **fields)


async def owner_of(door: FrontDoor, number: str) -> Any:
    order = await the_order(door.house, number)
    return (await door.rows(select(CUSTOMERS).where(CUSTOMERS.c.id == order.customer_id)))[0]


# ---------------------------------------------------------------- a new row


async def test_o4_a_new_row_becomes_an_order_with_everything_that_the_list_knows(both: FrontDoor) -> None:
    [line] = await bring(both.house, row())
    order = await the_order(both.house, line.number)
    advisor = await both.person(ADVISOR)
    assert (order.plate, order.phone, order.reference) == ("粤B54321", PHONE, "RO1")
    assert (order.address, order.person_id, order.fault) == ("李女士", 0, "刹车异响")
    assert (order.advisor, order.advisor_name) == (advisor.id, "小敏")
    assert [(item.name, item.price) for item in order.items] == [
        ("小保养", Decimal("1280.00")),
        ("更换机滤", Decimal(0)),
    ]
    assert (order.total, order.arrival.mileage) == (Decimal("1280.00"), 12345)
    assert (order.state, order.is_signed, order.opened_at) == (OrderState.IN_SHOP, True, MONDAY_TEN)
    assert [entry.at for entry in order.of(OrderHappening.MOVED)] == [AT_NINE]
    promise = standing_promise(order)
    assert promise is not None
    assert (promise.at, promise.made_at) == (AT_FIVE, MONDAY_TEN)


async def test_o4_its_card_and_its_clock_are_those_of_any_visit(both: FrontDoor) -> None:
    """The order's number is that of its card's conversation: no other order can have it."""
    [line] = await bring(both.house, row())
    card = await both.conversation("order_desk")
    assert (card.subject, card.queue, card.person_id) == (line.number, "workshop", None)
    assert line.number == f"JC261123-{card.id:03d}"
    due = {timer.name: timer.due_at for timer in await both.timers() if timer.conversation_id == card.id}
    assert due["notice"] == AT_FIVE - timedelta(hours=1)  # P1: arrived today
    assert due["ask"] == AT_FIVE - timedelta(minutes=90)  # P3


async def test_o4_letters_wait_for_whoever_serves_customers(both: FrontDoor) -> None:
    """The import has no courier: what it wrote is brought by the bot, at its next look."""
    other = furnish(both.house.books, both.clock, [])
    [line] = await bring(other, row())
    waiting = await both.outbox("order_desk/card")
    assert {(letter.state, letter.courier) for letter in waiting} == {(LetterState.PENDING.value, "")}
    brought = await both.look()
    assert line.number in texts(brought)
    assert {letter.state for letter in await both.outbox("order_desk/card")} == {LetterState.SENT.value}


async def test_o4_the_customer_with_a_chat_gets_the_card_and_nothing_else(both: FrontDoor) -> None:
    [line] = await bring(both.house, row(plate=Plate(PLATE), phone=WANGS_PHONE, customer="王伟"))
    wang = await both.person(WANG)
    order = await the_order(both.house, line.number)
    assert (order.person_id, order.address) == (wang.id, "王先生")
    assert [letter.script for letter in await both.outbox() if letter.person_id == wang.id] == [
        "order_sheet/card"
    ]
    sheet = await both.conversation("order_sheet")
    assert (sheet.subject, sheet.person_id) == (line.number, wang.id)


async def test_o4_an_import_late_in_the_day_tells_nobody_of_a_delay(shop: FrontDoor) -> None:
    """The time of the notice was over before we knew of the car: nothing was missed, and the shop is asked first."""
    shop.clock.set(AT_FIVE - timedelta(minutes=30))
    [line] = await bring(shop.house, row())
    order = await the_order(shop.house, line.number)
    planned = plan(order, shop.house.store.visits, shop.house.calendar)
    assert planned is not None
    assert planned.notice is not None
    assert planned.news is None
    assert shop.clock.now() < planned.notice.astimezone(UTC) < AT_FIVE
    assert order.of(OrderHappening.DELAYED, OrderHappening.NOTICED) == ()


@pytest.mark.parametrize("arrived", [None, TUESDAY - timedelta(minutes=1)])
async def test_o4_a_car_of_which_nobody_says_when_it_came_is_here_since_now(
    shop: FrontDoor, arrived: datetime | None
) -> None:
    [line] = await bring(shop.house, row(arrived=arrived, promised=TUESDAY))
    order = await the_order(shop.house, line.number)
    assert [entry.at for entry in order.of(OrderHappening.MOVED)] == [MONDAY_TEN]


async def test_o4_what_the_list_leaves_out_is_left_out(shop: FrontDoor) -> None:
    nothing = {"customer": "", "items": (), "amount": None, "advisor": "", "mileage": None, "symptom": ""}
    [bare, summed] = await bring(
        shop.house,
        row(**nothing),
        row(**nothing | {"amount": Decimal(300)}, plate=Plate("粤B54322"), number=""),
    )
    order = await the_order(shop.house, bare.number)
    assert (order.items, order.advisor, order.advisor_name, order.address) == ((), 0, "", "")
    [item] = (await the_order(shop.house, summed.number)).items
    assert (item.name, item.price) == ("维修保养", Decimal(300))


@pytest.mark.parametrize(
    ("name", "found"), [("小敏", True), ("孙小敏", True), ("敏", False), ("赵敏", False), ("", False)]
)
async def test_o4_the_advisor_is_the_colleague_of_that_name_or_the_name_alone(
    shop: FrontDoor, name: str, found: bool
) -> None:
    [line] = await bring(shop.house, row(advisor=name))
    order = await the_order(shop.house, line.number)
    advisor = await shop.person(ADVISOR)
    assert (order.advisor, order.advisor_name) == ((advisor.id, "小敏") if found else (0, name))


async def test_o4_of_two_colleagues_with_one_name_none_is_guessed(shop: FrontDoor) -> None:
    async with shop.house.books.unit() as unit:
        twin = {"user_id": 77, "first_name": "小敏", "username": "", "first_seen": MONDAY_TEN}
        await people.meet(unit, [twin])
        [known] = await people.load(unit, MONDAY_TEN, user_ids=[77])
        await people.give_role(unit, known.id, Role.ADVISOR, MONDAY_TEN)
    [line] = await bring(shop.house, row(advisor="小敏"))
    order = await the_order(shop.house, line.number)
    assert (order.advisor, order.advisor_name) == (0, "小敏")


# ---------------------------------------------------------------- whose visit it is


async def test_a1_the_file_with_the_phone_number_has_the_car_too(shop: FrontDoor) -> None:
    file = await file_of(shop, name="李娜", surname="李", salutation="女士", phone=PHONE)
    [line] = await bring(shop.house, row())
    assert (await the_order(shop.house, line.number)).customer_id == file
    async with shop.house.books.glance() as unit:
        found = await customers.by_plate(unit, "粤B54321")
    assert found is not None
    assert found.id == file


async def test_a1_without_it_the_car_leads_to_its_file(shop: FrontDoor) -> None:
    """The number of this visit stays with the order."""
    [line] = await bring(shop.house, row(plate=Plate(PLATE), customer="王伟"))
    assert (await owner_of(shop, line.number)).name == "王伟"
    assert (await the_order(shop.house, line.number)).phone == PHONE


async def test_a3_the_owner_is_not_told_of_the_visit_of_somebody_of_another_name(shop: FrontDoor) -> None:
    """The car was sold, or a friend drives it: the chat on its file is somebody else's."""
    [line] = await bring(shop.house, row(plate=Plate(PLATE), customer="李娜"))
    owner = await owner_of(shop, line.number)
    assert (owner.name, owner.surname, owner.phone, owner.person_id) == ("李娜", "李", PHONE, None)
    assert await shop.conversations("order_sheet") == []


async def test_a1_two_cars_of_one_newcomer_have_one_file(shop: FrontDoor) -> None:
    lines = await bring(shop.house, row(), row(plate=Plate("粤B54322"), number="RO2"))
    first, second = [await the_order(shop.house, line.number) for line in lines]
    assert first.customer_id == second.customer_id


async def test_a_company_is_a_customer_too(shop: FrontDoor) -> None:
    [line] = await bring(shop.house, row(customer="深圳市远达物流有限公司"))
    assert (await owner_of(shop, line.number)).name == "深圳市远达物流有限公司"


# ---------------------------------------------------------------- once more


@pytest.mark.parametrize("number", ["RO1", ""])
async def test_o4_a_second_import_of_the_same_list_changes_nothing(both: FrontDoor, number: str) -> None:
    """No entry, no message, no timer: every table is as it was. Also when the promised time is over by then."""
    rows = [row(number=number), row(plate=Plate(PLATE), number=number and "RO2", customer="王伟")]
    assert [line.meaning for line in await bring(both.house, *rows)] == [Meaning.NEW, Meaning.NEW]
    before = await everything(both)
    again = await bring(both.house, *rows)
    assert [line.meaning for line in again] == [Meaning.UNCHANGED, Meaning.UNCHANGED]
    both.clock.advance(timedelta(hours=8))
    assert [line.meaning for line in await bring(both.house, *rows)] == [Meaning.UNCHANGED] * 2
    assert await everything(both) == before


@pytest.mark.parametrize("number", ["RO1", ""])
@pytest.mark.parametrize("over", [OrderState.LEFT, OrderState.CANCELLED, OrderState.SETTLED])
async def test_o4_a_list_that_still_has_a_visit_that_is_over_changes_nothing(
    shop: FrontDoor, number: str, over: OrderState
) -> None:
    [line] = await bring(shop.house, row(number=number))
    async with shop.house.books.unit() as unit:
        await orders.change(unit, line.number, state=over.value)
    before = await everything(shop)
    [again] = await bring(shop.house, row(number=number))
    assert (again.meaning, again.number) == (Meaning.UNCHANGED, line.number)
    assert await everything(shop) == before


async def test_o4_a_car_that_comes_again_is_a_new_visit(shop: FrontDoor) -> None:
    [first] = await bring(shop.house, row(number=""))
    async with shop.house.books.unit() as unit:
        await orders.change(unit, first.number, state=OrderState.LEFT.value)
    [second] = await bring(shop.house, row(number="", promised=TUESDAY))
    assert second.meaning is Meaning.NEW
    assert second.number != first.number
    # and the old list neither makes a third one nor takes the new promise back
    assert [line.meaning for line in await bring(shop.house, row(number=""))] == [Meaning.UNCHANGED]


async def test_o4_two_imports_at_once_make_one_order(both: FrontDoor) -> None:
    one, other = await asyncio.gather(bring(both.house, row()), bring(both.house, row()))
    assert {one[0].meaning, other[0].meaning} == {Meaning.NEW, Meaning.UNCHANGED}
    assert one[0].number == other[0].number
    wanted = select(REPAIR_ORDERS.c.number).where(REPAIR_ORDERS.c.plate == row().plate)
    assert [order.number for order in await both.rows(wanted)] == [one[0].number]


# ---------------------------------------------------------------- another time


@pytest.mark.parametrize("number", ["RO1", ""])
async def test_p5_another_promised_time_reaches_the_customer_with_its_reason(
    both: FrontDoor, number: str
) -> None:
    mine = row(number=number, plate=Plate(PLATE), customer="王伟")
    [line] = await bring(both.house, mine)
    await both.look()
    [changed] = await bring(both.house, replace(mine, promised=TUESDAY))
    assert (changed.meaning, changed.number) == (Meaning.CHANGED, line.number)
    promise = standing_promise(await the_order(both.house, line.number))
    assert promise is not None
    assert (promise.at, promise.reason) == (TUESDAY, "维修安排有调整")
    to_customer = [letter for letter in await both.look() if letter.chat_id == WANG.user_id]
    assert "维修安排有调整" in texts(to_customer)
    before = await everything(both)
    assert [line.meaning for line in await bring(both.house, replace(mine, promised=TUESDAY))] == [
        Meaning.UNCHANGED
    ]
    assert await everything(both) == before


async def test_o4_a_list_older_than_a_new_time_given_here_does_not_take_it_back(shop: FrontDoor) -> None:
    """What counts is whether the shop's system says something new, not whether it differs from what we promised."""
    [line] = await bring(shop.house, row())
    shop.clock.advance(timedelta(minutes=10))
    await tell_desk(shop, line.number, "promised", at=TUESDAY, reason="等件")
    before = await everything(shop)
    assert [each.meaning for each in await bring(shop.house, row())] == [Meaning.UNCHANGED]
    assert await everything(shop) == before


async def test_o4_the_shops_system_may_change_its_mind_back(shop: FrontDoor) -> None:
    await bring(shop.house, row())
    for promised in (TUESDAY, AT_FIVE):
        shop.clock.advance(timedelta(minutes=10))
        [line] = await bring(shop.house, row(promised=promised))
        assert line.meaning is Meaning.CHANGED
        promise = standing_promise(await the_order(shop.house, line.number))
        assert promise is not None
        assert promise.at == promised


# ---------------------------------------------------------------- what cannot be imported


async def test_o4_a_car_that_is_here_under_another_order_is_left_alone(both: FrontDoor) -> None:
    [line] = await bring(both.house, row())
    before = await everything(both)
    for other in (row(number="RO2"), row(number="")):
        [found] = await bring(both.house, other)
        assert (found.meaning, found.number) == (Meaning.IN_SHOP, line.number)
    assert await everything(both) == before


@pytest.mark.parametrize(
    ("promised", "kind", "cure"),
    [
        (MONDAY_TEN, FaultKind.PAST, "2026-11-23 11:00"),
        (MONDAY_TEN - timedelta(days=9), FaultKind.PAST, "2026-11-23 11:00"),
        (AT_FIVE + timedelta(hours=10), FaultKind.SHUT_HOUR, "2026-11-24 09:00"),
        (datetime(2027, 1, 1, 1, tzinfo=UTC), FaultKind.SHUT_DAY, "2026-12-31 1"),
    ],
)
async def test_o4_a_time_that_nobody_can_be_promised_is_an_error_with_its_cure(
    shop: FrontDoor, promised: datetime, kind: FaultKind, cure: str
) -> None:
    """Past, at night, on a holiday: for new orders and for new times."""
    await bring(shop.house, row(plate=Plate("粤B54322"), number="RO2"))
    before = await everything(shop)
    wrong = row(promised=promised.astimezone(shop.house.store.zone), arrived=None)
    for each in (wrong, replace(wrong, plate=Plate("粤B54322"), number="RO2")):
        [line] = await bring(shop.house, each)
        assert (line.meaning, [fault.kind for fault in line.faults]) == (Meaning.WRONG, [kind])
        assert line.faults[0].cure.startswith(cure)
        assert line.faults[0].cure
    assert await everything(shop) == before


async def test_o4_the_time_that_is_offered_instead_is_taken(shop: FrontDoor) -> None:
    night = (AT_FIVE + timedelta(hours=10)).astimezone(shop.house.store.zone)
    [wrong] = await look(shop.house, row(promised=night))
    cure = datetime.fromisoformat(wrong.faults[0].cure).replace(tzinfo=shop.house.store.zone)
    assert [line.meaning for line in await look(shop.house, row(promised=cure))] == [Meaning.NEW]


async def test_o4_a_number_that_is_another_cars_order_is_an_error(shop: FrontDoor) -> None:
    await bring(shop.house, row())
    [line] = await bring(shop.house, row(plate=Plate("粤B54322")))
    assert [fault.kind for fault in line.faults] == [FaultKind.OTHER_CAR]


async def test_o4_a_row_that_fails_in_the_middle_leaves_nothing_and_the_others_stay(
    both: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing per row: not even the customer's file is left of the second one."""
    tables = (REPAIR_ORDERS, ORDER_ENTRIES)
    others = [{entry.number for entry in await both.rows(select(table.c.number))} for table in tables]
    close = order_import._close
    failing = iter((False, True, False))

    async def closes(play: Play) -> None:
        await close(play)
        if next(failing):
            raise ValueError("no")

    monkeypatch.setattr(order_import, "_close", closes)
    rows = [
        row(plate=Plate(f"粤B5432{n}"), number=f"RO{n}", phone=Phone(f"+861390000000{n}")) for n in range(3)
    ]
    lines = await bring(both.house, *rows)
    assert [line.meaning for line in lines] == [Meaning.NEW, Meaning.WRONG, Meaning.NEW]
    assert [(fault.kind, fault.value) for fault in lines[1].faults] == [(FaultKind.NOT_WRITTEN, "ValueError")]
    files = await both.rows(select(CUSTOMERS.c.phone).where(CUSTOMERS.c.phone.startswith("+86139")))
    assert sorted(file.phone for file in files) == ["+8613900000000", "+8613900000002"]
    kept = {lines[0].number, lines[2].number}
    for table, before in zip(tables, others, strict=True):
        assert {entry.number for entry in await both.rows(select(table.c.number))} - before == kept
    assert {card.subject for card in await both.conversations("order_desk")} == kept
    monkeypatch.undo()
    assert [line.meaning for line in await bring(both.house, *rows)] == [
        Meaning.UNCHANGED,
        Meaning.NEW,
        Meaning.UNCHANGED,
    ]


async def test_o4_looking_writes_nothing(both: FrontDoor) -> None:
    before = await everything(both)
    rows: Sequence[OrderRow] = (row(), row(promised=MONDAY_TEN), row(plate=Plate(PLATE), number="RO2"))
    lines = await look(both.house, *rows)
    assert [line.meaning for line in lines] == [Meaning.NEW, Meaning.WRONG, Meaning.NEW]
    assert [line.line for line in lines] == [2, 3, 4]
    assert await everything(both) == before
