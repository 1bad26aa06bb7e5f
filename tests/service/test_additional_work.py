"""Additional work through the front door: one press, and everybody's cards and the promise say the same (X1–X3)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import Home, SentMedia
from dialogs.effects import FileOrder
from domain.people import Queue
from domain.pickup import standing_promise
from domain.repair_orders import Item, OrderEntry, OrderHappening, OrderState, RepairOrder
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import NOBODY
from service.play import Play
from service.trade import Bench, apply
from storage import orders, people
from storage.conversations import OPEN, OVER, Conversation
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, PLATE, TOMORROW_TEN
from tests.service.tidiness import assert_house_is_in_order

NUMBER, ITEM = "JC261123-950", "更换前刹车片"
THREE = TOMORROW_TEN + timedelta(hours=5)


@pytest.fixture
async def visit(shop: FrontDoor) -> FrontDoor:
    """Mr Wang's car is in work, promised for ten tomorrow; its card lies in the workshop and with the advisor."""
    now = shop.clock.now()
    async with shop.house.books.unit() as unit:
        ledger = Ledger(unit, now)
        ledger.know(await people.load(unit, now, user_ids=[WANG.user_id, ADVISOR.user_id]))
        wang, advisor = (ledger.by_user[who.user_id].id for who in (WANG, ADVISOR))
        happened: tuple[tuple[OrderHappening, dict[str, Any]], ...] = (
            (OrderHappening.OPENED, {}),
            (OrderHappening.PROMISED, {"at": TOMORROW_TEN.isoformat(), "reason": ""}),
            (OrderHappening.CONFIRMED, {}),
            (OrderHappening.MOVED, {"state": OrderState.IN_WORK.value}),
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
            OrderState.IN_WORK,
            items=(Item("小保养", Decimal(398)),),
            history=tuple(OrderEntry(now, each, advisor, "小敏", details) for each, details in happened),
        )
        briefing = Briefing(unit, shop.house, now)
        nobody = Conversation(0, "", None, "", "", 1, now, now)
        await apply(FileOrder(order), Bench(unit, shop.house.store, briefing, now, nobody))
        play = Play(shop.house, ledger, briefing)
        await play.begin("order_desk", Home(queue=Queue.WORKSHOP), None, NUMBER, NOBODY)
        letters = await ledger.flush()
    shop.intake.couriers.take(letters)
    await shop.quiet()
    return shop


async def propose(door: FrontDoor, *, safety: bool) -> Any:
    """The advisor fills in the form from the card in the workshop's topic; what is said when it is sent."""
    await door.press(ADVISOR, "propose", chat=GROUP)
    for words in (ITEM, "只剩 2 毫米，刹车距离会变长", "３８０元", "明天下午三点"):
        await door.say(ADVISOR, words)
    await door.press(ADVISOR, "safety" if safety else "no_safety")
    await door.event(ADVISOR, SentMedia("photo", "f1"))
    return await door.press(ADVISOR, "发给客户")


async def the_order(door: FrontDoor) -> RepairOrder:
    async with door.house.books.glance() as unit:
        found = await orders.load(unit, NUMBER)
    assert found is not None
    return found


def heard(said: Any, chat: int) -> str:
    return texts([letter for letter in said if letter.chat_id == chat])


async def test_x3_one_press_agrees_moves_the_promise_and_shows_everywhere(visit: FrontDoor) -> None:
    asked = [letter for letter in await propose(visit, safety=False) if letter.chat_id == WANG.user_id]
    assert [letter.media is not None for letter in asked] == [True, False]
    message, _ = visit.face("✅ 同意", WANG.user_id)
    said = await visit.press(WANG, "✅ 同意")
    answer = next(letter for letter in said if letter.edits == message)
    assert "您已同意追加" in answer.text
    assert "15:00" in answer.text
    assert "¥778" in answer.text
    assert answer.buttons == ()
    for place in (GROUP, ADVISOR.user_id):
        assert "客户同意追加" in heard(said, place)
        assert "电话" not in heard(said, place)
    order = await the_order(visit)
    assert [item.name for item in order.agreed] == [ITEM]
    promise = standing_promise(order)
    assert promise is not None
    assert promise.at == THREE
    assert (await visit.conversation("additional_work")).status == OVER
    await assert_house_is_in_order(visit)


async def test_x3_two_presses_in_one_breath_are_one_answer(visit: FrontDoor) -> None:
    await propose(visit, safety=False)
    message, face = visit.face("✅ 同意", WANG.user_id)
    _, other = visit.face("不同意", WANG.user_id)
    for tap in (face.tap, other.tap):
        await visit.tap(WANG, tap, card=message)
    answers = (await the_order(visit)).of(OrderHappening.AGREED, OrderHappening.REFUSED)
    assert [each.happening for each in answers] == [OrderHappening.AGREED]
    assert "已过期" in visit.post.toasts[-1].text
    await assert_house_is_in_order(visit)


async def test_x2_silence_is_reminded_then_called_and_never_consent(visit: FrontDoor) -> None:
    """15 and 30 minutes; a no to a safety item that was not confirmed is silence too."""
    await propose(visit, safety=True)
    await visit.press(WANG, "不同意")
    assert heard(await visit.pass_time(timedelta(minutes=14, seconds=59)), WANG.user_id) == ""
    assert "还在等您决定" in heard(await visit.pass_time(timedelta(seconds=1)), WANG.user_id)
    said = await visit.pass_time(timedelta(minutes=15))
    assert "会给您打电话" in heard(said, WANG.user_id)
    assert "请打电话确认" in heard(said, GROUP)
    order = await the_order(visit)
    assert order.of(OrderHappening.AGREED, OrderHappening.REFUSED) == ()
    assert (await visit.conversation("additional_work")).status == OPEN
    await visit.press(WANG, "不同意")
    assert "已记下：这次不做" in heard(await visit.press(WANG, "确定不做"), WANG.user_id)
    assert "order.safety_read_back" in await visit.audit()
    await assert_house_is_in_order(visit)
