"""A follow-up on the demo page in a real browser: a bad rating becomes a complaint in the right queue (F1–F5, C5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright, expect

from bot.demo_cast import GROUP_ID, KNOWN
from domain.people import Queue
from tests.e2e.complaint_case import CHEN
from tests.e2e.test_page import QUIET
from tests.e2e.test_visit_page import OURS, PATIENCE, Hands

if TYPE_CHECKING:
    from tests.e2e.play import Performance

ASKED, RATED = "车辆的维修、保养质量怎么样", "2分"
"""What the card of the complaint says."""


class Aftercare(Hands):
    """The customer, the staff group and the advisor, side by side."""

    async def laid_out(self, show: Performance) -> None:
        """陈晓's phone beside the customer's and the group's."""
        await self.page.goto(show.stage.url)
        await expect(self.page.locator("[data-line='open']")).to_be_visible()
        await self.page.locator(f"[data-tab='{CHEN}']").click()
        await self.phone(KNOWN).get_by_test_id("start").click()
        await self.reads(KNOWN, "王先生")
        await self.topic(show, Queue.WORKSHOP)

    async def topic(self, show: Performance, queue: Queue) -> None:
        """Open a topic of the group."""
        await self.phone(GROUP_ID).locator(f"[data-thread='{show.thread(queue)}']").click()

    async def acts(self, acting: str, label: str, answer: str) -> None:
        """Press a button of the complaint's card in the topic that is open, as `acting`."""
        await self.phone(GROUP_ID).get_by_test_id("acting").select_option(label=acting)
        await self.press(GROUP_ID, label, answer, about=ASKED)

    async def days_later(self, days: int) -> None:
        """The time machine, a day at a time."""
        button = self.page.locator("[data-minutes='1440']")
        for _ in range(days):
            await button.click()
            await expect(button).to_be_enabled(timeout=PATIENCE)


async def repaired_and_gone(hands: Aftercare) -> None:
    """One line at reception, the signature, the work, the checklist, paid and off (O1–O3, P7)."""
    await hands.say(CHEN, "/order 粤B12345 小保养 今天17:00 398", "请核对维修单")
    await hands.press(CHEN, "确认开单", "维修单已开")
    await hands.reads(KNOWN, "请核对维修单")
    await hands.press(KNOWN, "✅ 确认", "交车承诺卡")
    await hands.in_group("周强", "开工", f"{OURS} · 维修中")
    await hands.in_group("周强", "待检验", f"{OURS} · 待检验")
    await hands.in_group("陈晓", "可交车", "请逐项打勾")
    for ticked in range(1, 5):
        await hands.in_group("陈晓", "☐", "请逐项打勾")
        marks = hands.phone(GROUP_ID).get_by_test_id("inline-button").filter(has_text="☑")
        await expect(marks).to_have_count(ticked, timeout=PATIENCE)
    await hands.in_group("陈晓", "确认可交车", f"{OURS} · 可交车")
    await hands.in_group("吴芳", "已结算", f"{OURS} · 已结算")
    await hands.in_group("陈晓", "已出厂", f"{OURS} · 已出厂")
    await hands.reads(KNOWN, "一路平安")


async def asked_and_content_at_first(hands: Aftercare) -> None:
    """Two days later the check: 开始, 是, and so on, each question in the place of the one before (F3)."""
    await hands.days_later(2)
    await hands.reads(KNOWN, "出厂后用着还顺手吗")
    await hands.press(KNOWN, "开始", "车子现在开起来正常吗")
    await hands.press(KNOWN, "是", "小提醒")
    await hands.press(KNOWN, "知道了", "还有什么想问或想告诉我们的吗")
    await hands.press(KNOWN, "跳过", "感谢您的反馈")
    left = hands.phone(KNOWN).locator(".words", has_text="车子现在开起来正常吗")
    await expect(left).to_have_count(0)


async def rates_it_badly(hands: Aftercare) -> None:
    """Within the week the satisfaction sheet; 2 for the work: sorry, a number, no further question (F5)."""
    await hands.days_later(5)
    await hands.reads(KNOWN, "想听听您的真实感受")
    await hands.press(KNOWN, "开始", "整体感受怎么样")
    await hands.press(KNOWN, "4", "质量怎么样")
    await hands.press(KNOWN, "2 不太满意", "已经登记为投诉")
    await hands.reads(KNOWN, "投诉进度单")
    questions = hands.phone(KNOWN).locator(".words", has_text="质量怎么样")
    await expect(questions).to_have_count(0)


async def at_the_front_desk_first(hands: Aftercare, show: Performance) -> None:
    """C4: the front desk's supervisor has the case, with what was answered; no other desk has heard of it."""
    for queue in (Queue.WORKSHOP, Queue.AFTER_SALES, Queue.FRONT_DESK):
        await hands.topic(show, queue)
        cards = hands.phone(GROUP_ID).get_by_test_id("message").filter(has_text=ASKED)
        await expect(cards).to_have_count(1 if queue is Queue.FRONT_DESK else 0, timeout=PATIENCE)
    await hands.reads(GROUP_ID, RATED)
    await hands.acts("陈晓", "接单", "负责人：陈晓")
    await hands.acts("陈晓", "填写处理", "负责人：陈晓")
    await hands.reads(CHEN, "联系情况")
    await hands.say(CHEN, "电话联系过王先生，他在家", "原因")
    await hands.press(CHEN, "流程", "责任人")
    await hands.press(CHEN, "周强", "处理方案")
    await hands.say(CHEN, "先安抚客户，安排路试复查", "下次答复")
    await hands.press(CHEN, "跳过", "请核对")
    await hands.press(CHEN, "提交", "处理单已提交")
    await hands.acts("陈晓", "转售后经理", "已完成")


async def then_at_the_workshop(hands: Aftercare, show: Performance) -> None:
    """C5: at the dispatch the workshop is ticked, for the question was about its work; one press, and it is there."""
    await hands.topic(show, Queue.AFTER_SALES)
    await hands.acts("赵敏", "接单", "负责人：赵敏")
    await hands.acts("赵敏", "派单", "请选择要派给哪些部门")
    ticked = hands.phone(GROUP_ID).get_by_test_id("inline-button").filter(has_text="☑")
    await expect(ticked).to_have_text(["☑ 车间"], timeout=PATIENCE)
    await hands.acts("赵敏", "确定派单", "已完成")
    await hands.topic(show, Queue.WORKSHOP)
    await hands.reads(GROUP_ID, ASKED)
    await hands.acts("周强", "接单", "负责人：周强")


@pytest.mark.browser
async def test_a_bad_rating_on_the_page(show: Performance, chromium: str) -> None:
    """From the car that leaves to the workshop's card of the complaint."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=QUIET)
        hands = Aftercare(await browser.new_page(viewport={"width": 1600, "height": 900}))
        await hands.laid_out(show)
        await repaired_and_gone(hands)
        await asked_and_content_at_first(hands)
        await rates_it_badly(hands)
        await at_the_front_desk_first(hands, show)
        await then_at_the_workshop(hands, show)
        await browser.close()
