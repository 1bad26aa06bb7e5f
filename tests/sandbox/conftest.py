"""A page in a real browser, with a local Telegram behind it; the test itself plays the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import async_playwright

from sandbox import Sandbox
from tests.sandbox.open_page import GROUP, PEOPLE, STAFF, TOKEN, Diary, Shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import Browser, Request

    from tests.clock import FakeClock

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncGenerator[Browser]:
    """One browser for all tests of a file."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def shop(browser: Browser, clock: FakeClock) -> AsyncGenerator[Shop]:
    """The page on a wide screen; afterwards: no script error, and no request to any other server."""
    diary = Diary(clock)
    sandbox = Sandbox(PEOPLE, [GROUP], token=TOKEN, clock=clock.now, control=diary)
    base = await sandbox.start()
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="America/New_York"
    )
    page = await context.new_page()
    errors: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith((base, "data:", "blob:")):
            errors.append(request.url)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", watch)
    async with ClientSession() as session:
        await page.goto(base)
        await page.locator("[data-line='open']").wait_for()
        await page.locator(f"[data-chat='{STAFF}']").wait_for()
        yield Shop(page, sandbox, diary, base, session)
    await context.close()
    await sandbox.stop()
    assert errors == []
