"""Scripted faults: what a bot sees, and whether the work was done before things went wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientConnectionError

from tests.sandbox.bot_api.raw_bot import LI, WANG, RawBot

if TYPE_CHECKING:
    from sandbox import Sandbox


def texts(sandbox: Sandbox) -> list[str]:
    return [message.text for message in sandbox.chat(WANG.id).messages]


async def test_a_refusal_is_used_up_and_meant_for_one_chat(sandbox: Sandbox, bot: RawBot) -> None:
    sandbox.faults.refuse(
        "sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7, chat=WANG.id, times=2
    )
    await bot.ok("sendMessage", chat_id=LI.id, text="x")
    for _ in range(2):
        status, body = await bot.call("sendMessage", chat_id=WANG.id, text="x")
        assert (status, body["parameters"]) == (429, {"retry_after": 7})
    assert sandbox.faults.left == 0
    await bot.ok("sendMessage", chat_id=WANG.id, text="到了")
    assert texts(sandbox) == ["到了"]


async def test_a_gateway_answers_with_its_own_page(sandbox: Sandbox, bot: RawBot) -> None:
    sandbox.faults.html_502("sendMessage")
    async with bot.session.post(f"{bot.url}/sendMessage", json={"chat_id": WANG.id, "text": "x"}) as answer:
        assert (answer.status, answer.content_type) == (502, "text/html")
    assert texts(sandbox) == []


async def test_a_truncated_answer_comes_after_the_work(sandbox: Sandbox, bot: RawBot) -> None:
    sandbox.faults.truncate("sendMessage")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        await bot.call("sendMessage", chat_id=WANG.id, text="做了")
    assert texts(sandbox) == ["做了"]


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_cut_line_before_or_after_the_work(sandbox: Sandbox, bot: RawBot, after_effect: bool) -> None:
    sandbox.faults.reset("sendMessage", after_effect=after_effect)
    with pytest.raises(ClientConnectionError):
        await bot.call("sendMessage", chat_id=WANG.id, text="x")
    assert texts(sandbox) == (["x"] if after_effect else [])


async def test_a_hanging_call_waits_until_it_is_released(sandbox: Sandbox, bot: RawBot) -> None:
    sandbox.faults.hang("sendMessage", after_effect=True)

    async def send() -> None:
        with pytest.raises(ClientConnectionError):
            await bot.call("sendMessage", chat_id=WANG.id, text="x")

    async with asyncio.TaskGroup() as group:
        call = group.create_task(send())
        await sandbox.wait_for(lambda: texts(sandbox))
        assert not call.done()
        sandbox.faults.release()
    assert sandbox.calls_of("sendMessage")[0].status == 502
