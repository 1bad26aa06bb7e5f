"""接车开单 on real books: from the group into a private chat, into the books, against another's order (O1, A1, B12)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from domain.appointments import AppointmentState
from domain.repair_orders import OrderState, RepairOrder
from storage import appointments, customers, orders
from storage.conversations import OVER
from tests.clock import MONDAY_TEN
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOOKED, BOSS, PLATE
from tests.service.tidiness import assert_house_is_in_order

LINE = f"/order {PLATE} 小保养 明天17:00 850"


async def order_for(door: FrontDoor, plate: str) -> RepairOrder:
    """The open order of a car, as the books have it."""
    async with door.house.books.glance() as unit:
        order = await orders.load(unit, await orders.open_for(unit, plate))
    assert order is not None
    return order


def to(said: list[Any], chat: int) -> str:
    return texts([letter for letter in said if letter.chat_id == chat])


async def test_o1_one_line_in_the_group_is_answered_in_private(both: FrontDoor) -> None:
    """A3: what is read back there has plate and phone in full; the group gets the workshop's card, masked."""
    said = await both.say(ADVISOR, LINE, chat_id=GROUP)
    assert "请核对维修单" in to(said, ADVISOR.user_id)
    assert to(said, GROUP) == ""
    said = await both.press(ADVISOR, "确认开单")
    order = await order_for(both, PLATE)
    assert order.number in to(said, ADVISOR.user_id)
    assert order.number in to(said, WANG.user_id)  # O2: the customer signs on the phone
    assert order.number in to(said, GROUP)
    assert PLATE[2:] not in to(said, GROUP).replace("·", "")
    assert (order.state, order.total, order.advisor_name) == (
        OrderState.AWAITING,
        Decimal(850),
        ADVISOR.first_name,
    )
    assert order.customer_id == 1
    await assert_house_is_in_order(both)


async def test_a1_a_newcomer_has_a_file_the_same_day(both: FrontDoor) -> None:
    await both.say(ADVISOR, "/order 粤BD12345 换雨刮 80 明天17:00")
    for words in ("张女士", "13911112222"):
        await both.say(ADVISOR, words)
    await both.press(ADVISOR, "确认开单")
    order = await order_for(both, "粤BD12345")
    async with both.house.books.glance() as unit:
        file = await customers.by_plate(unit, "粤BD12345")
    assert file is not None
    assert (file.id, file.name, file.phone) == (order.customer_id, "张", "+8613911112222")
    assert order.person_id == 0


async def test_o1_b12_todays_appointment_is_kept_and_brings_its_benefits(shop: FrontDoor) -> None:
    await shop.pass_time(timedelta(hours=23, minutes=30))
    assert shop.clock.now() < MONDAY_TEN + timedelta(days=1)
    await shop.say(ADVISOR, "接车开单")
    await shop.press(ADVISOR, "10:00")
    for label in ("选好了", "全部正厂件"):
        await shop.press(ADVISOR, label)
    await shop.say(ADVISOR, "今天17:00")
    await shop.press(ADVISOR, "其余都跳过")
    await shop.press(ADVISOR, "确认开单")
    order = await order_for(shop, PLATE)
    async with shop.house.books.glance() as unit:
        kept = await appointments.by_number(unit, order.appointment)
    assert kept is not None
    assert kept.state is AppointmentState.ARRIVED
    assert order.benefits is kept.benefits is True
    assert "appointment.arrived" in await shop.audit()
    await assert_house_is_in_order(shop)


async def test_o1_two_colleagues_open_an_order_for_one_car(both: FrontDoor) -> None:
    """One order; whoever was slower hears its number and sees its card, and so does who comes later."""
    await both.say(ADVISOR, LINE)
    await both.say(BOSS, LINE)
    await both.press(ADVISOR, "确认开单")
    order = await order_for(both, PLATE)
    said = await both.press(BOSS, "确认开单")
    assert "已经在店里了" in to(said, BOSS.user_id)
    assert order.number in to(said, BOSS.user_id)
    assert (await both.conversation("order_form")).status == OVER
    later = await both.say(BOSS, f"/order {PLATE}")
    assert order.number in to(later, BOSS.user_id)
    rows = await both.rows(select(orders.REPAIR_ORDERS).where(orders.REPAIR_ORDERS.c.plate == PLATE))
    assert [row.number for row in rows] == [order.number]


async def test_o1_both_press_at_the_same_instant(both: FrontDoor) -> None:
    await both.say(ADVISOR, LINE)
    await both.say(BOSS, LINE)
    faces = [both.face("确认开单", who.user_id) for who in (ADVISOR, BOSS)]
    said = await asyncio.gather(
        *(
            both.tap(who, face.tap, card=message)
            for who, (message, face) in zip((ADVISOR, BOSS), faces, strict=True)
        )
    )
    rows = await both.rows(select(orders.REPAIR_ORDERS).where(orders.REPAIR_ORDERS.c.plate == PLATE))
    assert len(rows) == 1
    assert any("已经在店里了" in texts(letters) for letters in said)


async def test_r2_a_customer_cannot_open_an_order(shop: FrontDoor) -> None:
    said = await shop.say(WANG, LINE)
    assert "核对维修单" not in texts(said)
    assert await shop.rows(select(orders.REPAIR_ORDERS).where(orders.REPAIR_ORDERS.c.plate == PLATE)) == []


async def test_o1_the_way_back_and_out(shop: FrontDoor) -> None:
    """返回 asks the question before as it was asked then; 取消 leaves nothing behind."""
    await shop.say(ADVISOR, "接车开单")
    await shop.say(ADVISOR, PLATE)
    await shop.press(ADVISOR, "小保养")
    await shop.press(ADVISOR, "选好了")
    assert "¥" in texts(await shop.say(ADVISOR, "返回"))
    await shop.press(ADVISOR, "选好了")
    await shop.press(ADVISOR, "全部正厂件")
    assert "已经取消" in texts(await shop.say(ADVISOR, "取消"))
    assert await shop.rows(select(orders.REPAIR_ORDERS).where(orders.REPAIR_ORDERS.c.plate == PLATE)) == []
    assert BOOKED in {row.number for row in await shop.appointments()}
