"""getUpdates: order, confirmation, waiting, conflicts, and what is lost when nobody fetches."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.sandbox.bot_api.raw_bot import WANG, RawBot

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.clock import FakeClock

KEYBOARD = {"inline_keyboard": [[{"text": "确认", "callback_data": "ok"}]]}


async def test_updates_stay_until_a_higher_offset_confirms_them(sandbox: Sandbox, bot: RawBot) -> None:
    for text in ("一", "二", "三"):
        await sandbox.user(WANG.id).say(text)
    first = await bot.updates(limit=2)
    assert [u["message"]["text"] for u in first] == ["一", "二"]
    assert await bot.updates(limit=2) == first
    rest = await bot.updates(offset=first[-1]["update_id"] + 1)
    assert [u["message"]["text"] for u in rest] == ["三"]
    assert await bot.updates(offset=rest[-1]["update_id"] + 1) == []


async def test_a_negative_offset_keeps_only_the_last(sandbox: Sandbox, bot: RawBot) -> None:
    for text in ("一", "二", "三"):
        await sandbox.user(WANG.id).say(text)
    assert [u["message"]["text"] for u in await bot.updates(offset=-1)] == ["三"]
    assert len(await bot.updates()) == 1


async def test_a_long_poll_ends_with_the_first_message(sandbox: Sandbox, bot: RawBot) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(bot.updates(timeout=30))
        await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates"))
        await sandbox.user(WANG.id).say("在吗")
    assert [u["message"]["text"] for u in poll.result()] == ["在吗"]


async def test_a_second_poller_ends_the_first_with_409(sandbox: Sandbox, bot: RawBot) -> None:
    async with asyncio.TaskGroup() as group:
        first = group.create_task(bot.refused("getUpdates", timeout=30))
        await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates"))
        assert await bot.updates() == []
    status, description = first.result()
    assert status == 409
    assert description.startswith("Conflict: terminated by other getUpdates request")


async def test_polling_and_a_webhook_exclude_each_other(bot: RawBot) -> None:
    await bot.ok("setWebhook", url="https://example.org/hook")
    status, description = await bot.refused("getUpdates")
    assert (status, description[:40]) == (409, "Conflict: can't use getUpdates method wh")
    await bot.ok("deleteWebhook")
    assert await bot.updates() == []


async def test_a_tap_is_lost_after_150_seconds_a_message_after_a_day(
    sandbox: Sandbox, bot: RawBot, clock: FakeClock
) -> None:
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="？", reply_markup=KEYBOARD)
    await sandbox.user(WANG.id).say("先说一句")
    await sandbox.user(WANG.id).press(None, sent["message_id"], "确认")
    clock.advance(timedelta(seconds=150))
    assert len(await bot.updates()) == 2
    clock.advance(timedelta(seconds=1))
    assert [list(u)[1] for u in await bot.updates()] == ["message"]
    clock.advance(timedelta(hours=24))
    assert await bot.updates() == []


async def test_only_the_kinds_that_were_asked_for_arrive(sandbox: Sandbox, bot: RawBot) -> None:
    await bot.updates(allowed_updates=["callback_query"])
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="？", reply_markup=KEYBOARD)
    await sandbox.user(WANG.id).say("听不到")
    await sandbox.user(WANG.id).press(None, sent["message_id"], "确认")
    assert [list(u)[1] for u in await bot.updates()] == ["callback_query"]
    await bot.updates(allowed_updates=[])
    await sandbox.user(WANG.id).say("又听到了")
    assert [list(u)[1] for u in await bot.updates()] == ["callback_query", "message"]


async def test_stopping_lets_a_waiting_poll_go(sandbox: Sandbox, bot: RawBot) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(bot.updates(timeout=50))
        await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates"))
        await sandbox.stop()
    assert poll.result() == []
