"""The demo page in a real browser: a person plays a customer and the workshop, and a car is booked in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright, expect

from bot.demo_cast import GROUP_ID, KNOWN
from domain.people import Queue

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.e2e.play import Performance

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.mark.browser
async def test_a_car_is_booked_in_on_the_page(show: Performance, chromium: str) -> None:
    """Five presses, the workshop's 收到, and the time machine brings the reminder."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=QUIET)
        page = await browser.new_page(viewport={"width": 1600, "height": 900})
        await page.goto(show.stage.url)
        await expect(page.locator("[data-line='open']")).to_be_visible()
        customer, group = page.locator(f"[data-chat='{KNOWN}']"), page.locator(f"[data-chat='{GROUP_ID}']")
        await customer.get_by_test_id("start").click()
        await customer.get_by_test_id("reply-button").filter(has_text="预约服务").click()
        for button in ("小保养", "后天", "10:00", "确认预约"):
            await pressed(customer, button)
        await expect(customer.locator(".words").filter(has_text="预约成功")).to_be_visible()
        await group.get_by_test_id("acting").select_option(label="周强")
        await group.locator(f"[data-thread='{show.thread(Queue.WORKSHOP)}']").click()
        await pressed(group, "收到")
        await expect(group.locator(".words").filter(has_text="周强")).to_be_visible()
        reminder = customer.locator(".words").filter(has_text="到店提醒")
        next_one = page.get_by_role("button", name="跳到下一个提醒")
        for _ in range(40):  # the seeded store has other customers, and cars in the shop
            await next_one.click()
            await expect(next_one).to_be_enabled()
            if await reminder.count():
                break
        await expect(reminder).to_be_visible()
        await browser.close()


async def pressed(phone: Locator, words: str) -> None:
    """Press the newest inline button with these words."""
    await phone.get_by_role("button", name=re.compile(words)).last.click()
