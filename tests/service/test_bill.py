"""The bill through the front door: written by a colleague, read by the customer, discounted, changed (D1, D2, D7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from dialogs.core import Home
from domain.discounts import DiscountState
from domain.people import Queue
from domain.settlement import Line, LineKind, Settlement
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import NOBODY
from service.play import Play
from service.ports import Letter
from storage import discounts, people, settlements
from tests.service.bill_stage import BILLED_ORDER, bill
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import BOSS
from tests.service.tidiness import assert_house_is_in_order

LABOUR = Line("更换刹车片", LineKind.LABOUR, Decimal("640.00"))
PARTS = Line("更换刹车片", LineKind.PARTS, Decimal("360.00"))


@pytest.fixture
async def counter(shop: FrontDoor) -> FrontDoor:
    """Mr Wang's car is ready; there is a first bill of 1000 yuan that he has not seen."""
    now = shop.clock.now()
    async with shop.house.books.unit() as unit:
        ledger = Ledger(unit, now)
        ledger.know(await people.load(unit, now, user_ids=[WANG.user_id]))
        wang = ledger.by_user[WANG.user_id].id
        await bill(shop, unit, BILLED_ORDER, person=wang)
        play = Play(shop.house, ledger, Briefing(unit, shop.house, now))
        await play.begin("order_desk", Home(queue=Queue.WORKSHOP), None, BILLED_ORDER, NOBODY)
        await play.begin("order_sheet", Home(person=wang), None, BILLED_ORDER, NOBODY)
        letters = await ledger.flush()
    shop.intake.couriers.take(letters)
    await shop.quiet()
    return shop


async def the_bill(door: FrontDoor) -> Settlement:
    async with door.house.books.glance() as unit:
        found = await settlements.load(unit, BILLED_ORDER)
    assert found is not None
    return found


async def requests(door: FrontDoor) -> list[tuple[int, DiscountState]]:
    async with door.house.books.glance() as unit:
        found = await discounts.of_order(unit, BILLED_ORDER)
    return [(each.version, each.state) for each in found]


def new_for_wang(letters: list[Letter]) -> list[str]:
    return [each.text for each in letters if each.chat_id == WANG.user_id and each.edits is None]


async def split_the_line(door: FrontDoor) -> list[Letter]:
    """The general manager names the parts apart and confirms."""
    await door.press(BOSS, "🧾 结算单", chat=GROUP)
    await door.press(BOSS, "1. 更换刹车片", chat=BOSS.user_id)
    await door.press(BOSS, "拆出配件", chat=BOSS.user_id)
    await door.say(BOSS, "３６０")
    return await door.press(BOSS, "确认结算单", chat=BOSS.user_id)


async def test_d1_d7_the_customer_reads_the_bill_the_moment_it_is_confirmed(counter: FrontDoor) -> None:
    said = await split_the_line(counter)
    assert await the_bill(counter) == Settlement(BILLED_ORDER, 2, (LABOUR, PARTS))
    (bill_read,) = new_for_wang(said)
    assert "1. 更换刹车片（工时）<b>¥640</b>" in bill_read
    assert "2. 更换刹车片（配件）<b>¥360</b>" in bill_read
    assert "应付：<b>¥1,000</b>" in texts([each for each in said if each.chat_id == GROUP])
    assert "order.billed" in await counter.audit()
    await assert_house_is_in_order(counter)


async def test_d2_asked_granted_changed_and_asked_anew(counter: FrontDoor) -> None:
    """One approval, one version: the customer reads each step, and what they read last is what stands."""
    await split_the_line(counter)
    message, _ = counter.face("申请优惠", WANG.user_id)
    await counter.press(WANG, "申请优惠")
    await counter.say(WANG, "5%")
    await counter.press(WANG, "跳过")
    asked = await counter.press(WANG, "提交")
    assert await requests(counter) == [(2, DiscountState.OPEN)]
    assert "正在为您请示优惠 5%" in counter.post.faces[WANG.user_id, message].text
    assert all("结算单</b>" not in text for text in new_for_wang(asked))
    granted = await counter.press(BOSS, "同意", chat=GROUP)
    (bill_read,) = new_for_wang(granted)
    assert "优惠批下来了" in bill_read
    assert "原价 ¥640，再减 ¥32" in bill_read
    assert "应付：<b>¥950</b>" in bill_read
    assert (await the_bill(counter)).discount == Decimal("0.05")
    await counter.press(BOSS, "🧾 结算单", chat=GROUP)
    await counter.say(BOSS, "雨刮片 配件 80")
    changed = await counter.press(BOSS, "确认结算单", chat=BOSS.user_id)
    stands = await the_bill(counter)
    assert (stands.version, stands.discount, len(stands.lines)) == (3, Decimal(0), 3)
    assert await requests(counter) == [(2, DiscountState.GRANTED), (3, DiscountState.OPEN)]
    (bill_read,) = new_for_wang(changed)
    assert "应付：<b>¥1,080</b>" in bill_read
    assert "正在为您请示优惠 5%" in bill_read
    await assert_house_is_in_order(counter)


async def test_d2_an_open_request_moves_to_the_new_bill_by_itself(counter: FrontDoor) -> None:
    await split_the_line(counter)
    await counter.press(WANG, "申请优惠")
    await counter.say(WANG, "5%")
    await counter.press(WANG, "跳过")
    await counter.press(WANG, "提交")
    await counter.press(BOSS, "🧾 结算单", chat=GROUP)
    await counter.say(BOSS, "雨刮片 配件 80")
    changed = await counter.press(BOSS, "确认结算单", chat=BOSS.user_id)
    assert await requests(counter) == [(2, DiscountState.OUTDATED), (3, DiscountState.OPEN)]
    (bill_read,) = new_for_wang(changed)
    assert "正在为您请示优惠 5%" in bill_read
    assert replace(await the_bill(counter), lines=()) == Settlement(BILLED_ORDER, 3)
    await assert_house_is_in_order(counter)
