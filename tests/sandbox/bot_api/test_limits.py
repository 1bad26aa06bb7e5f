"""Rate limits, when switched on: 429 with the time to wait, per chat, per group and per bot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox import PhoneOwner, Sandbox
from tests.sandbox.bot_api.raw_bot import GROUPS, LI, PEOPLE, TOKEN, WANG, WORKSHOP, RawBot

if TYPE_CHECKING:
    from tests.clock import FakeClock

CROWD = tuple(PhoneOwner(1000 + at, f"客户{at}", started=True) for at in range(31))


@pytest.fixture
def sandbox(clock: FakeClock) -> Sandbox:
    return Sandbox(PEOPLE + CROWD, GROUPS, token=TOKEN, clock=clock.now, limits=True)


async def test_a_chat_bears_a_short_burst_then_one_a_second(bot: RawBot, clock: FakeClock) -> None:
    for _ in range(5):
        await bot.ok("sendMessage", chat_id=WANG.id, text="x")
    status, body = await bot.call("sendMessage", chat_id=WANG.id, text="x")
    assert (status, body["parameters"]["retry_after"]) == (429, 1)
    await bot.ok("sendMessage", chat_id=LI.id, text="x")
    clock.advance(timedelta(seconds=1))
    await bot.ok("sendMessage", chat_id=WANG.id, text="x")


async def test_a_group_bears_twenty_a_minute(bot: RawBot, clock: FakeClock) -> None:
    for _ in range(20):
        await bot.ok("sendMessage", chat_id=WORKSHOP.id, text="x")
    status, body = await bot.call("sendMessage", chat_id=WORKSHOP.id, text="x")
    assert (status, body["parameters"]["retry_after"]) == (429, 3)
    clock.advance(timedelta(seconds=3))
    await bot.ok("sendMessage", chat_id=WORKSHOP.id, text="x")


async def test_a_bot_sends_thirty_a_second_to_everybody_together(bot: RawBot) -> None:
    answers = [(await bot.call("sendMessage", chat_id=owner.id, text="x"))[0] for owner in CROWD]
    assert answers == [200] * 30 + [429]
