"""A whole visit on the demo page in a real browser: four phones, the staff group, and the time machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright, expect

from bot.demo_cast import GROUP_ID, KNOWN
from domain.people import Queue
from tests.e2e.complaint_case import CHEN, ZHAO, ZHOU
from tests.e2e.test_page import QUIET

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.e2e.play import Performance

PATIENCE = 20_000  # real milliseconds, for a machine that has other things to do
OURS = "粤B·1**45"
"""王建国's plate as the group sees it; other cars are in the shop too."""


class Hands:
    """What a person does on the page, each time until the answer is there to be read."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def phone(self, chat: int) -> Locator:
        """The phone that shows this chat."""
        return self.page.locator(f"[data-chat='{chat}']")

    async def reads(self, chat: int, words: str) -> None:
        """`words` are on that phone."""
        await expect(self.phone(chat).locator(".words", has_text=words).last).to_be_visible(timeout=PATIENCE)

    async def say(self, chat: int, text: str, answer: str) -> None:
        """Type `text` and send it."""
        box = self.phone(chat).get_by_test_id("input")
        await box.fill(text)
        await box.press("Enter")
        await self.reads(chat, answer)

    async def press(self, chat: int, label: str, answer: str, *, about: str = "") -> None:
        """Press the newest button with `label`, of a message with `about`."""
        messages = self.phone(chat).get_by_test_id("message").filter(has_text=about)
        await messages.get_by_test_id("inline-button").filter(has_text=label).last.click()
        await self.reads(chat, answer)

    async def in_group(self, acting: str, label: str, answer: str) -> None:
        """Press a button of our car's card in the workshop's topic, as `acting`."""
        await self.phone(GROUP_ID).get_by_test_id("acting").select_option(label=acting)
        await self.press(GROUP_ID, label, answer, about=OURS)

    async def an_hour_later(self) -> None:
        """The time machine, until everything that was due has happened."""
        button = self.page.locator("[data-minutes='60']")
        await button.click()
        await expect(button).to_be_enabled(timeout=PATIENCE)


async def laid_out(hands: Hands, show: Performance) -> None:
    """The customer, the group at the workshop's topic, advisor and workshop; nobody else."""
    await hands.page.goto(show.stage.url)
    await expect(hands.page.locator("[data-line='open']")).to_be_visible()
    for chat in (CHEN, ZHOU):
        await hands.page.locator(f"[data-tab='{chat}']").click()
    await hands.phone(ZHAO).get_by_test_id("put-away").click()
    await hands.phone(KNOWN).get_by_test_id("start").click()
    await hands.reads(KNOWN, "王先生")
    await hands.phone(GROUP_ID).locator(f"[data-thread='{show.thread(Queue.WORKSHOP)}']").click()


async def received(hands: Hands) -> None:
    """One line at reception; the customer signs on the phone, the workshop begins (O1–O3)."""
    await hands.say(CHEN, "/order 粤B12345 小保养 今天15:00 398", "请核对维修单")
    await hands.press(CHEN, "确认开单", "维修单已开")
    await hands.reads(KNOWN, "请核对维修单")
    await hands.press(KNOWN, "✅ 确认", "交车承诺卡")
    await hands.in_group("周强", "开工", f"{OURS} · 维修中")


async def more_work_agreed(hands: Hands) -> None:
    """The form on the workshop's phone; the customer reads it and agrees (X1, X3)."""
    await hands.in_group("周强", "追加项目", f"{OURS} · 维修中")
    await hands.reads(ZHOU, "要追加什么项目")
    await hands.say(ZHOU, "更换刹车油", "为什么要做")
    await hands.say(ZHOU, "刹车油含水量超标，刹车会变软", "多少钱")
    await hands.say(ZHOU, "380", "什么时候能交车")
    await hands.press(ZHOU, "晚 1 小时", "行车安全")
    await hands.press(ZHOU, "⚠️ 是", "有照片或视频吗")
    await hands.phone(ZHOU).get_by_test_id("attach").click()
    await hands.phone(ZHOU).locator("[data-attach=photo]").click()
    await hands.reads(ZHOU, "您看可以吗")
    await hands.press(ZHOU, "就这样发给客户", "已发给王先生")
    await hands.reads(KNOWN, "请您决定")
    await hands.press(KNOWN, "✅ 同意", "您已同意追加")
    await hands.reads(GROUP_ID, "客户同意追加")


async def handed_over(hands: Hands) -> None:
    """The checklist on the advisor's phone, the notice by the time machine, the answer, the counter (P1, P2, P4)."""
    await hands.in_group("周强", "待检验", f"{OURS} · 待检验")
    await hands.press(CHEN, "可交车", "请逐项打勾", about=OURS)
    boxes = hands.phone(CHEN).get_by_test_id("inline-button").filter(has_text="☐")
    for left in (3, 2, 1, 0):
        await boxes.last.click()
        await expect(boxes).to_have_count(left)
    await hands.press(CHEN, "确认可交车", "· 可交车", about=OURS)
    notice = hands.phone(KNOWN).locator(".words", has_text="您的车可以取了")
    for _ in range(5):  # 10:00 → 15:00, an hour before what is promised now
        await expect(notice).to_have_count(0)
        await hands.an_hour_later()
    await hands.reads(KNOWN, "您的车可以取了")
    await hands.press(KNOWN, "准时到", "等您来取车")
    await hands.in_group("吴芳", "已结算", f"{OURS} · 已结算")
    await hands.in_group("陈晓", "已出厂", f"{OURS} · 已出厂")


@pytest.mark.browser
async def test_a_whole_visit_on_the_page(show: Performance, chromium: str) -> None:
    """From /order in the advisor's hand to 一路平安 on the customer's phone."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=QUIET)
        hands = Hands(await browser.new_page(viewport={"width": 1600, "height": 900}))
        await laid_out(hands, show)
        await received(hands)
        await more_work_agreed(hands)
        await handed_over(hands)
        await hands.reads(KNOWN, "王先生，祝一路平安！欢迎下次光临！")
        await hands.reads(KNOWN, "15:00 → 16:00：更换刹车油")
        await browser.close()
