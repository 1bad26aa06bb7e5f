"""A visit as its customer sees it, through the front door: one card, few messages, and every press counts once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import ChatBlocked, Home
from dialogs.effects import FileOrder
from domain.people import Queue
from domain.pickup import standing_promise
from domain.repair_orders import Item, OrderEntry, OrderHappening, OrderState, PartsOrigin, RepairOrder
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import NOBODY
from service.play import Play
from service.ports import Letter
from service.trade import Bench, apply
from storage import orders, people
from storage.conversations import OVER, Conversation
from tests.clock import MONDAY_TEN
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, PLATE
from tests.service.tidiness import assert_house_is_in_order

NUMBER = "JC261123-960"
FIVE = MONDAY_TEN + timedelta(hours=7)
CHECKLIST = ("checked", "cleaned", "counted", "summed")


async def lay_out(shop: FrontDoor) -> None:
    """Mr Wang's order waits for his signature, promised for five this afternoon."""
    now = shop.clock.now()
    async with shop.house.books.unit() as unit:
        ledger = Ledger(unit, now)
        ledger.know(await people.load(unit, now, user_ids=[WANG.user_id, ADVISOR.user_id]))
        wang, advisor = (ledger.by_user[who.user_id].id for who in (WANG, ADVISOR))
        happened: tuple[tuple[OrderHappening, dict[str, Any]], ...] = (
            (OrderHappening.OPENED, {}),
            (OrderHappening.PROMISED, {"at": FIVE.isoformat(), "reason": ""}),
        )
        order = RepairOrder(
            NUMBER,
            PLATE,
            1,
            wang,
            "王先生",
            advisor,
            "小敏",
            now,
            items=(Item("换刹车片", Decimal(680), origin=PartsOrigin.AFTERMARKET),),
            history=tuple(OrderEntry(now, each, advisor, "小敏", details) for each, details in happened),
        )
        briefing = Briefing(unit, shop.house, now)
        nobody = Conversation(0, "", None, "", "", 1, now, now)
        await apply(FileOrder(order), Bench(unit, shop.house.store, briefing, now, nobody))
        play = Play(shop.house, ledger, briefing)
        await play.begin("order_desk", Home(queue=Queue.WORKSHOP), None, NUMBER, NOBODY)
        await play.begin("order_sheet", Home(person=wang), None, NUMBER, NOBODY)
        letters = await ledger.flush()
    shop.intake.couriers.take(letters)
    await shop.quiet()


@pytest.fixture
async def visit(shop: FrontDoor) -> FrontDoor:
    """The same, in a shop of its own."""
    await lay_out(shop)
    return shop


async def the_order(door: FrontDoor) -> RepairOrder:
    async with door.house.books.glance() as unit:
        found = await orders.load(unit, NUMBER)
    assert found is not None
    return found


def for_wang(letters: list[Letter]) -> list[Letter]:
    return [letter for letter in letters if letter.chat_id == WANG.user_id]


def new_for_wang(letters: list[Letter]) -> list[str]:
    """What rings on his phone: edits do not."""
    return [letter.text for letter in for_wang(letters) if letter.edits is None]


async def sign(door: FrontDoor) -> list[Letter]:
    return [*await door.press(WANG, "✅ 确认"), *await door.press(WANG, "我知道，确认")]


async def get_ready(door: FrontDoor) -> list[Letter]:
    said = [*await door.press(FOREMAN, "开工", chat=GROUP), *await door.press(FOREMAN, "待检验", chat=GROUP)]
    await door.press(BOSS, "可交车", chat=GROUP)
    for _ in CHECKLIST:
        await door.press(BOSS, "☐", chat=GROUP)
    return [*said, *await door.press(BOSS, "确认可交车", chat=GROUP)]


async def test_o2_signing_edits_one_card_and_a_second_tap_changes_nothing(visit: FrontDoor) -> None:
    message, face = visit.face("✅ 确认", WANG.user_id)
    asked = await visit.tap(WANG, face.tap, card=message)
    assert "本店不对该配件提供质量担保" in texts(for_wang(asked))
    _, known = visit.face("我知道，确认", WANG.user_id)
    said = await visit.tap(WANG, known.tap, card=message)
    assert {letter.edits for letter in for_wang(said)} == {message}
    assert "交车承诺卡" in visit.post.faces[WANG.user_id, message].text
    assert "已确认，谢谢王先生" in visit.post.toasts[-1].text
    order = await the_order(visit)
    assert (order.state, order.is_signed) == (OrderState.IN_SHOP, True)
    assert for_wang(await visit.tap(WANG, known.tap, card=message)) == []
    assert "已过期" in visit.post.toasts[-1].text
    confirmed = (await the_order(visit)).of(OrderHappening.CONFIRMED)
    assert [entry.details for entry in confirmed] == [{"how": "phone", "no_guarantee": True}]
    await assert_house_is_in_order(visit)


async def test_o2_a_decline_is_one_face_and_ends_both_cards(visit: FrontDoor) -> None:
    message, _ = visit.face("不同意", WANG.user_id)
    said = [*await visit.press(WANG, "不同意"), *await visit.press(WANG, "确定不修了")]
    assert new_for_wang(said) == []
    last = visit.post.faces[WANG.user_id, message]
    assert "检测费" in last.text
    assert last.buttons == ()
    assert (await the_order(visit)).state is OrderState.CANCELLED
    assert {row.status for row in await visit.conversations("order_sheet", "order_desk")} == {OVER}
    await assert_house_is_in_order(visit)


async def test_p4_the_whole_visit_rings_only_where_the_customer_is_needed(visit: FrontDoor) -> None:
    """Signed, worked on, ready, noticed an hour before, fetched at another time, gone."""
    assert new_for_wang(await sign(visit)) == []
    assert new_for_wang(await get_ready(visit)) == []
    status = new_for_wang(await visit.say(WANG, "我的车修得怎么样了"))
    assert "已经好了" in status[0]
    assert "✅ 可交车" in status[1]
    assert new_for_wang(await visit.pass_time(timedelta(hours=5, minutes=59))) == []
    notice = new_for_wang(await visit.pass_time(timedelta(minutes=1)))
    assert len(notice) == 1
    assert notice[0].endswith("谢谢合作！")
    message, _ = visit.face("改时间", WANG.user_id)
    asked = await visit.press(WANG, "🕒 改时间")
    assert "什么时候方便来取" in new_for_wang(asked)[0]
    await visit.say(WANG, "明天上午十点")
    await visit.press(WANG, "就这个时间")
    assert visit.post.faces[WANG.user_id, message].buttons == ()
    promise = standing_promise(await the_order(visit))
    assert promise is not None
    assert promise.at == FIVE + timedelta(hours=17)
    again = new_for_wang(await visit.pass_time(timedelta(hours=17)))
    assert len(again) == 1  # one notice for the new promise (P5)
    assert "明天" not in again[0]
    assert for_wang(await visit.press(WANG, "准时到"))[0].edits is not None
    await visit.press(BOSS, "已结算", chat=GROUP)
    farewell = new_for_wang(await visit.press(BOSS, "已出厂", chat=GROUP))
    assert len(farewell) == 1
    assert farewell[0].endswith("王先生，祝一路平安！欢迎下次光临！")
    talks = await visit.conversations("order_sheet", "order_desk", "pickup", "pickup_time")
    assert {row.status for row in talks} == {OVER}
    await assert_house_is_in_order(visit)


async def test_p3_a_late_car_is_told_by_the_time_of_the_notice_and_the_card_says_so(visit: FrontDoor) -> None:
    await sign(visit)
    await visit.press(FOREMAN, "开工", chat=GROUP)
    told = new_for_wang(await visit.pass_time(timedelta(hours=6)))
    assert [text for text in told if "非常抱歉" in text]
    card = next(face for (chat, _), face in visit.post.faces.items() if chat == WANG.user_id)
    assert "现在看要晚一些" in card.text
    assert "非常抱歉" in texts(await visit.say(WANG, "几点能取车"))
    await assert_house_is_in_order(visit)


async def test_p1_nobody_is_called_because_a_silent_edit_did_not_arrive(visit: FrontDoor) -> None:
    """He has blocked the bot: what rings becomes a call with the text ready, what is only edited does not."""
    await sign(visit)
    await visit.event(WANG, ChatBlocked(blocked=True))
    await get_ready(visit)
    assert await visit.conversations("call") == []
    await visit.pass_time(timedelta(hours=6))
    calls = await visit.conversations("call")
    assert len(calls) == 1
    assert "谢谢合作！" in calls[0].state
    await assert_house_is_in_order(visit)
