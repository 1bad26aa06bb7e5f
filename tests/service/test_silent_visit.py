"""A silent visit through the real engine: the last face stays, and the order's history has the word."""

from __future__ import annotations

from dialogs.core import Home
from domain.people import Queue
from domain.repair_orders import OrderHappening
from service.briefing import Briefing
from service.ledger import Ledger
from service.play import Play
from storage import orders
from storage.conversations import OVER
from tests.service.front_door import FrontDoor
from tests.service.stages import ADVISOR, stand_at
from tests.service.tidiness import assert_house_is_in_order
from tests.service.visit_stage import PROMISED_ORDER


async def test_silent_what_was_said_on_the_phone_is_written_down_once(shop: FrontDoor) -> None:
    """The order ends the reminder within the same press: its last face must not be overwritten."""
    async with shop.house.books.unit() as unit:
        ledger = Ledger(unit, shop.clock.now())
        play = Play(shop.house, ledger, Briefing(unit, shop.house, ledger.now))
        await play.begin("order_desk", Home(queue=Queue.WORKSHOP), subject=PROMISED_ORDER)
        await ledger.flush()
    await stand_at(shop, "silent_visit", "remind")
    await shop.press(ADVISOR, "call")
    said = await shop.press(ADVISOR, "said")
    mine = [letter.text for letter in said if letter.chat_id == ADVISOR.user_id]
    assert any("已电话告诉客户" in text for text in mine)
    assert not any("已失效" in text for text in mine)
    assert (await shop.conversation("silent_visit")).status == OVER
    async with shop.house.books.glance() as unit:
        order = await orders.load(unit, PROMISED_ORDER, locked=False)
    assert order is not None
    assert [entry.happening for entry in order.history].count(OrderHappening.TOLD) == 1
    await assert_house_is_in_order(shop)
