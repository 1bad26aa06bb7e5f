"""Webhook delivery: the secret, order within a chat, tries after a failure, no chat holding up another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.sandbox.bot_api.raw_bot import LI, WANG, RawBot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox import Sandbox


class Hook:
    """The bot's web address: keeps what came, and answers 500 as long as `broken` names the text."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []
        self.broken: set[str] = set()
        self.url = ""
        self.ring: Any = None

    async def take(self, request: web.Request) -> web.Response:
        text = (await request.json())["message"]["text"]
        self.seen.append((text, request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        self.ring()
        return web.Response(status=500 if text in self.broken else 200)

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.seen]


@pytest.fixture
async def hook(sandbox: Sandbox, bot: RawBot) -> AsyncIterator[Hook]:
    hook = Hook()
    hook.ring = sandbox.exchange.bell.ring
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    async with TestServer(app) as server:
        hook.url = str(server.make_url("/hook"))
        yield hook
        await bot.ok("deleteWebhook")


async def test_updates_arrive_in_order_with_the_secret(sandbox: Sandbox, bot: RawBot, hook: Hook) -> None:
    await sandbox.user(WANG.id).say("早")
    await bot.ok("setWebhook", url=hook.url, secret_token="s3cret_-")
    await sandbox.user(WANG.id).say("晚")
    await sandbox.wait_for(lambda: len(hook.seen) == 2)
    assert hook.seen == [("早", "s3cret_-"), ("晚", "s3cret_-")]


async def test_a_failed_update_holds_back_its_own_chat_only(
    sandbox: Sandbox, bot: RawBot, hook: Hook
) -> None:
    hook.broken = {"坏"}
    await bot.ok("setWebhook", url=hook.url)
    await sandbox.user(WANG.id).say("坏")
    await sandbox.user(WANG.id).say("后来")
    await sandbox.user(LI.id).say("别人")
    await sandbox.wait_for(lambda: len(hook.seen) == 2 and len(sandbox.exchange.queue) == 2)
    assert sorted(hook.texts) == sorted(["坏", "别人"])
    await sandbox.wait_for(lambda: sandbox.webhook.last_error)
    info = await bot.ok("getWebhookInfo")
    assert info["pending_update_count"] == 2
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    hook.broken.clear()
    sandbox.webhook.retry_now()
    await sandbox.wait_for(lambda: not len(sandbox.exchange.queue))
    assert [text for text in hook.texts if text != "别人"] == ["坏", "坏", "后来"]


async def test_what_was_not_delivered_can_be_polled_later(sandbox: Sandbox, bot: RawBot, hook: Hook) -> None:
    hook.broken = {"坏"}
    await bot.ok("setWebhook", url=hook.url)
    await sandbox.user(WANG.id).say("坏")
    await sandbox.wait_for(lambda: hook.seen)
    await bot.ok("deleteWebhook")
    assert [u["message"]["text"] for u in await bot.updates()] == ["坏"]


async def test_drop_pending_updates_forgets_them(sandbox: Sandbox, bot: RawBot, hook: Hook) -> None:
    await sandbox.user(WANG.id).say("旧")
    await bot.ok("setWebhook", url=hook.url, drop_pending_updates=True)
    await sandbox.user(WANG.id).say("新")
    await sandbox.wait_for(lambda: hook.seen)
    assert hook.texts == ["新"]


async def test_an_unsafe_address_or_a_strange_secret_is_refused(bot: RawBot) -> None:
    refused = await bot.refused("setWebhook", url="http://example.org/hook")
    assert refused == (400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    refused = await bot.refused("setWebhook", url="https://example.org/hook", secret_token="暗号")
    assert refused == (400, "Bad Request: secret token contains unallowed characters")
