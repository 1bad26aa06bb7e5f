"""Button taps: how they reach the bot, and how long they can be answered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox import NotPossible
from tests.sandbox.bot_api.raw_bot import WANG, RawBot

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.clock import FakeClock

KEYBOARD = {
    "inline_keyboard": [[{"text": "确认", "callback_data": "ok:1"}, {"text": "地图", "url": "https://a.b"}]]
}
TOO_OLD = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")


async def test_a_tap_carries_the_message_and_the_data(sandbox: Sandbox, bot: RawBot) -> None:
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="对吗？", reply_markup=KEYBOARD)
    query_id = await sandbox.user(WANG.id).press(None, sent["message_id"], "确认")
    (update,) = await bot.updates()
    query = update["callback_query"]
    assert (query["id"], query["data"], query["from"]["id"]) == (query_id, "ok:1", WANG.id)
    assert query["message"]["message_id"] == sent["message_id"]


async def test_a_tap_is_answered_with_one_toast(sandbox: Sandbox, bot: RawBot) -> None:
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="对吗？", reply_markup=KEYBOARD)
    query_id = await sandbox.user(WANG.id).press(None, sent["message_id"], "ok:1")
    page = sandbox.exchange.bell.open_page()
    await bot.ok("answerCallbackQuery", callback_query_id=query_id, text="已确认", show_alert=True)
    await bot.ok("answerCallbackQuery", callback_query_id=query_id, text="再来一次")
    toast = {"kind": "toast", "user": WANG.id, "chat": WANG.id, "text": "已确认", "alert": True}
    assert (page.get_nowait(), page.empty()) == (toast, True)


async def test_a_late_or_invented_answer_is_refused(sandbox: Sandbox, bot: RawBot, clock: FakeClock) -> None:
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="对吗？", reply_markup=KEYBOARD)
    query_id = await sandbox.user(WANG.id).press(None, sent["message_id"], "确认")
    clock.advance(timedelta(seconds=60))
    await bot.ok("answerCallbackQuery", callback_query_id=query_id)
    clock.advance(timedelta(seconds=1))
    assert await bot.refused("answerCallbackQuery", callback_query_id=query_id) == TOO_OLD
    assert await bot.refused("answerCallbackQuery", callback_query_id="123") == TOO_OLD


async def test_a_button_must_be_there_to_be_pressed(sandbox: Sandbox, bot: RawBot) -> None:
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="对吗？", reply_markup=KEYBOARD)
    with pytest.raises(NotPossible, match="没有「取消」按钮（现有：确认、地图）"):
        await sandbox.user(WANG.id).press(None, sent["message_id"], "取消")
    with pytest.raises(NotPossible, match="链接按钮"):
        await sandbox.user(WANG.id).press(None, sent["message_id"], "地图")
    with pytest.raises(NotPossible, match="不在了"):
        await sandbox.user(WANG.id).press(None, 999, "确认")
    assert await bot.updates() == []


async def test_forged_data_and_vanished_messages_reach_the_bot(sandbox: Sandbox, bot: RawBot) -> None:
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="对吗？", reply_markup=KEYBOARD)
    await sandbox.user(WANG.id).press_forged("admin:1")
    await bot.ok("deleteMessage", chat_id=WANG.id, message_id=sent["message_id"])
    await sandbox.user(WANG.id).press_forged("ok:1", message_id=sent["message_id"])
    forged, vanished = (update["callback_query"] for update in await bot.updates())
    assert (forged["data"], forged["message"]["text"]) == ("admin:1", "对吗？")
    assert vanished["message"] == {
        "chat": forged["message"]["chat"],
        "message_id": sent["message_id"],
        "date": 0,
    }
