"""A discount on the demo page in a real browser: asked on the customer's phone, decided on a manager's (D1–D5, D7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright, expect

from bot.demo_cast import GROUP_ID, KNOWN
from domain.people import Queue
from tests.e2e.complaint_case import CHEN, SUN, ZHAO
from tests.e2e.test_page import QUIET
from tests.e2e.test_visit_page import OURS, PATIENCE, Hands

if TYPE_CHECKING:
    from tests.e2e.play import Performance

REQUEST = "🏷 优惠申请"


class Counter(Hands):
    """The customer, the group and whoever decides, side by side."""

    async def laid_out(self, show: Performance) -> None:
        """陈晓's and 赵敏's phones beside the customer's and the group's."""
        await self.page.goto(show.stage.url)
        await expect(self.page.locator("[data-line='open']")).to_be_visible()
        await self.page.locator(f"[data-tab='{CHEN}']").click()
        await self.phone(KNOWN).get_by_test_id("start").click()
        await self.reads(KNOWN, "王先生")
        await self.topic(show, Queue.WORKSHOP)

    async def topic(self, show: Performance, queue: Queue) -> None:
        """Open a topic of the group."""
        await self.phone(GROUP_ID).locator(f"[data-thread='{show.thread(queue)}']").click()

    async def inspected(self) -> None:
        """One line at reception, the signature on the phone, the work done."""
        await self.say(CHEN, "/order 粤B12345 小保养 今天17:00 398", "请核对维修单")
        await self.press(CHEN, "确认开单", "维修单已开")
        await self.reads(KNOWN, "请核对维修单")
        await self.press(KNOWN, "✅ 确认", "交车承诺卡")
        await self.in_group("周强", "开工", f"{OURS} · 维修中")
        await self.in_group("周强", "待检验", f"{OURS} · 待检验")

    async def billed(self, line: str, due: str) -> None:
        """结算单 on the order's card in the advisor's chat; the customer reads what is due (D7)."""
        await self.press(CHEN, "🧾 结算单", "一行可以修改", about=OURS)
        await self.say(CHEN, line, due)
        await self.press(CHEN, "✅ 确认结算单", "结算单已保存")
        await self.reads(KNOWN, f"应付：{due}")

    async def asked(self, share: str) -> None:
        """申请优惠 on the bill: share, no reason, read back, submitted (D1)."""
        await self.press(KNOWN, "🏷 申请优惠", "您希望优惠多少")
        await self.press(KNOWN, share, "方便说说原因吗")
        await self.press(KNOWN, "跳过", "请核对")
        await self.press(KNOWN, "📤 提交", "正在为您请示优惠")

    async def minutes_later(self, minutes: int, times: int) -> None:
        """The time machine, until everything that was due has happened."""
        button = self.page.locator(f"[data-minutes='{minutes}']")
        for _ in range(times):
            await button.click()
            await expect(button).to_be_enabled(timeout=PATIENCE)


async def granted_by_the_supervisor(hands: Counter, show: Performance) -> None:
    """One tap on the private copy; the topic's card and the customer's bill say it, the copy has no button left."""
    await hands.asked("9.5 折")
    await hands.topic(show, Queue.AFTER_SALES)
    await hands.reads(GROUP_ID, f"{REQUEST} 5%")
    await hands.reads(ZHAO, f"{REQUEST} 5%")
    await hands.press(ZHAO, "✅ 同意 5%", "已同意优惠 5%", about=REQUEST)
    await hands.reads(GROUP_ID, "已同意优惠 5%")
    await hands.reads(KNOWN, "优惠批下来了")
    await hands.reads(KNOWN, "应付：¥720.10")
    await hands.reads(CHEN, "优惠已批 5%")
    decided = hands.phone(ZHAO).get_by_test_id("message").filter(has_text="已同意优惠 5%")
    await expect(decided.get_by_test_id("inline-button")).to_have_count(0)


async def asked_anew_and_unanswered(hands: Counter, show: Performance) -> None:
    """The bill grows, the same is asked for it; ten minutes later the next role has it (D2, D5)."""
    await hands.topic(show, Queue.WORKSHOP)
    await hands.billed("空调滤芯 配件 120", "¥878")
    await hands.reads(KNOWN, "正在为您请示优惠 5%（业务主管）")
    await hands.topic(show, Queue.AFTER_SALES)
    await hands.reads(GROUP_ID, "¥878 → ¥834.10")
    await hands.minutes_later(10, times=1)
    await hands.reads(KNOWN, "正在为您请示优惠 5%（售后服务经理）")
    await hands.minutes_later(10, times=1)
    await hands.reads(KNOWN, "正在为您请示优惠 5%（总经理）")


async def another_share_by_the_general_manager(hands: Counter) -> None:
    """同意其他折扣 offers steps: two taps, and everybody reads 3 % (D2)."""
    await hands.page.locator(f"[data-tab='{SUN}']").click()
    await hands.press(SUN, "同意其他折扣", "改为同意多少", about=REQUEST)
    await hands.press(SUN, "3%（9.7 折）", "已同意优惠 3%", about=REQUEST)
    await hands.reads(GROUP_ID, "孙立，")
    await hands.reads(KNOWN, "应付：¥851.66")
    await hands.reads(CHEN, "优惠已批 3%（申请 5%）")


@pytest.mark.browser
async def test_a_discount_on_the_page(show: Performance, chromium: str) -> None:
    """From the bill in the advisor's hand to the general manager's second tap."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=QUIET)
        hands = Counter(await browser.new_page(viewport={"width": 1600, "height": 900}))
        await hands.laid_out(show)
        await hands.inspected()
        await hands.billed("刹车片 配件 360", "¥758")
        await granted_by_the_supervisor(hands, show)
        await asked_anew_and_unanswered(hands, show)
        await another_share_by_the_general_manager(hands)
        await browser.close()
