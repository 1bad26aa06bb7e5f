"""Around the phones: time machine, plan, explanations, safety, a broken line, small screens."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Route, expect

from sandbox.control import Planned
from tests.sandbox.open_page import CHEN, STAFF, WANG, ZHAO

if TYPE_CHECKING:
    from tests.sandbox.open_page import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
ATTACK = "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script>"


@pytest.mark.parametrize(
    ("button", "asked", "time", "date"),
    [
        ("＋10 分钟", "shift 0:10:00", "10:10", "2026年11月23日 星期一"),
        ("＋1 小时", "shift 1:00:00", "11:00", "2026年11月23日 星期一"),
        ("＋1 天", "shift 1 day, 0:00:00", "10:00", "2026年11月24日 星期二"),
        ("跳到下一个提醒", "next", "06:30", "2026年11月25日 星期三"),
    ],
)
async def test_the_time_machine_moves_the_store(
    shop: Shop, button: str, asked: str, time: str, date: str
) -> None:
    due = shop.diary.now() + timedelta(days=1, hours=20, minutes=30)
    shop.diary.planned = [Planned(due, "提醒到店", "B8", "王 建国")]
    await expect(shop.page.get_by_test_id("clock-time")).to_have_text("10:00")
    await shop.page.get_by_role("button", name=button).click()
    await expect(shop.page.get_by_test_id("clock-date")).to_have_text(date)
    await expect(shop.page.get_by_test_id("clock-time")).to_have_text(time)
    assert shop.diary.asked == [asked]


async def test_the_plan_says_what_is_next_and_why(shop: Shop) -> None:
    """B8: the reminders of an appointment are on the plan, with when and why."""
    due = shop.diary.now() + timedelta(hours=3, minutes=10)
    shop.diary.planned = [Planned(due, "提醒王先生到店", "约定时间前 4 小时", "王 建国")]
    await expect(shop.page.get_by_test_id("plan-next")).to_have_text("暂时没有安排")
    shop.sandbox.page.clock_moved()
    await shop.page.get_by_test_id("plan-toggle").click()
    entry = shop.page.get_by_test_id("plan-entry")
    for words in ("3 小时 10 分后", "今天 13:10", "提醒王先生到店", "约定时间前 4 小时"):
        await expect(entry).to_contain_text(words)
    await entry.get_by_role("button", name="王建国").click()
    await expect(shop.phone(WANG)).to_have_class(re.compile("pointed-at"))
    await shop.page.get_by_role("button", name="收起").click()
    await expect(shop.page.get_by_test_id("plan")).to_be_hidden()


async def test_the_plan_is_read_again_when_the_bot_speaks(shop: Shop) -> None:
    """B4: what a booking plans is seen at once, before anybody moves the clock."""
    plan = shop.page.get_by_test_id("plan-next")
    await expect(plan).to_have_text("暂时没有安排")
    due = shop.diary.now() + timedelta(minutes=5)
    shop.diary.planned = [Planned(due, "放开工位", "没有确认", "王 建国")]
    number = await shop.say(WANG, "请核对预约单")
    await expect(plan).to_contain_text("放开工位")
    shop.diary.planned = []
    await shop.bot("editMessageText", chat_id=WANG, message_id=number, text="预约成功")
    await expect(plan).to_have_text("暂时没有安排")


async def test_each_message_of_the_bot_can_be_asked_why(shop: Shop) -> None:
    number = await shop.say(WANG, "您的预约已登记。")
    why = shop.message(WANG, number).get_by_role("button", name="为什么")
    await why.click()
    sheet = shop.phone(WANG).get_by_role("dialog", name="为什么")
    await expect(sheet.locator("li")).to_have_text([f"聊天 {WANG} 的第 {number} 条", "您按了「预约服务」。"])
    await shop.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(why).to_be_focused()


async def test_markup_that_people_write_is_shown_as_text(shop: Shop) -> None:
    await shop.say(WANG, "您好")
    await shop.phone(WANG).get_by_test_id("input").fill(ATTACK)
    await shop.phone(WANG).get_by_test_id("send").click()
    number = (await shop.update("message"))["message_id"]
    await expect(shop.message(WANG, number).locator(".words")).to_have_text(ATTACK)
    await expect(shop.phone(ZHAO).get_by_role("heading")).to_have_text("赵<b>敏</b>")
    named = await shop.say(
        WANG, "按钮", reply_markup={"inline_keyboard": [[{"text": ATTACK, "callback_data": "1"}]]}
    )
    await expect(shop.message(WANG, named).get_by_test_id("inline-button")).to_have_text(ATTACK)
    await expect(shop.page).to_have_title("售后客服台 · 演示")


async def test_markup_that_is_not_allowed_is_dropped_even_from_the_server(shop: Shop) -> None:
    number = await shop.say(WANG, "这条会被换掉")
    hostile = f"<b onclick='document.title=1'>粗</b><a href='javascript:alert(1)'>链</a><p>段{ATTACK}</p>"

    async def tamper(route: Route) -> None:
        answer = await route.fetch()
        state = await answer.json()
        next(p for p in state["phones"] if p["chat"] == WANG)["messages"][0]["html"] = hostile
        await route.fulfill(json=state)

    await shop.page.route("**/page/state", tamper)
    await shop.page.reload()
    words = shop.message(WANG, number).locator(".words")
    await expect(words).to_contain_text("粗链段")
    kept = await words.evaluate(
        "e => [...e.querySelectorAll('*')].map(x => [x.tagName, x.attributes.length])"
    )
    assert kept == [["B", 0], ["A", 0]]
    await expect(shop.page).to_have_title("售后客服台 · 演示")


async def test_the_page_finds_its_way_back_after_the_line_broke(shop: Shop) -> None:
    async def refuse(route: Route) -> None:
        await route.abort()

    line = shop.page.get_by_test_id("line-state")
    await shop.page.route("**/page/stream", refuse)
    shop.sandbox.exchange.bell.close()
    await expect(line).to_have_attribute("data-line", "lost")
    missed = await shop.say(WANG, "断线时发的")
    await expect(shop.message(WANG, missed)).to_have_count(0)
    await shop.page.unroute("**/page/stream", refuse)
    await expect(shop.message(WANG, missed)).to_be_visible(timeout=15_000)
    await expect(line).to_have_attribute("data-line", "open")
    await expect(shop.message(WANG, await shop.say(WANG, "接上了"))).to_be_visible()


async def test_an_invitation_link_is_followed_on_ones_own_phone(shop: Shop) -> None:
    """R3: staff join by an invitation link; a press on it sends the start word from the presser's phone."""
    username = shop.sandbox.exchange.bot["username"]
    link = {"inline_keyboard": [[{"text": "加入", "url": f"https://t.me/{username}?start=INVITE7"}]]}
    number = await shop.say(STAFF, "欢迎加入", reply_markup=link)
    await shop.message(STAFF, number).get_by_role("button", name="加入").click()
    message = await shop.update("message")
    assert (message["text"], message["chat"]["id"]) == ("/start INVITE7", CHEN)


async def test_newcomers_are_told_what_to_try_until_they_dismiss_it(shop: Shop) -> None:
    hint = shop.page.get_by_test_id("hint")
    await expect(hint.locator("[aria-current='step']")).to_contain_text("点「开始」")
    await shop.say(STAFF, "新预约")
    await expect(hint.locator("[aria-current='step']")).to_contain_text("员工群")
    await shop.bot(
        "editMessageText", chat_id=STAFF, message_id=await shop.say(STAFF, "请回答"), text="没有人回答"
    )
    card = await shop.say(WANG, "请确认维修单")
    await shop.bot("editMessageText", chat_id=WANG, message_id=card, text="交车承诺卡")
    await expect(hint.locator(".done")).to_have_count(2)
    await expect(hint.locator("[data-step='visit']")).to_have_class("done")
    await expect(hint.locator("[aria-current='step']")).to_contain_text("员工群")
    await hint.get_by_role("button", name="不再提示").click()
    await shop.page.reload()
    await expect(shop.phone(WANG)).to_be_visible()
    await expect(hint).to_be_hidden()


async def test_a_small_screen_shows_one_phone_at_a_time(shop: Shop) -> None:
    await shop.page.set_viewport_size({"width": 390, "height": 844})
    await expect(shop.phone(WANG)).to_be_visible()
    await expect(shop.phone(ZHAO)).to_be_hidden()
    number = await shop.say(ZHAO, "请处理")
    tab = shop.page.locator(f"[data-tab='{ZHAO}']")
    await expect(tab.locator(".unread")).to_have_text("1")
    await tab.click()
    await expect(shop.message(ZHAO, number)).to_be_in_viewport()
    await expect(shop.phone(WANG)).to_be_hidden()
    await expect(tab.locator(".unread")).to_have_count(0)
    assert await shop.page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_the_keyboard_reaches_everything(shop: Shop) -> None:
    await shop.bot("createForumTopic", chat_id=STAFF, name="车间")
    tabs = shop.phone(STAFF).get_by_role("tab")
    await expect(tabs).to_have_count(2)
    await tabs.first.focus()
    await shop.page.keyboard.press("ArrowRight")
    await expect(tabs.nth(1)).to_be_focused()
    await expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    nameless = (
        "[...document.querySelectorAll('button')].filter(b => !(b.textContent.trim() || b.ariaLabel)).length"
    )
    assert await shop.page.evaluate(nameless) == 0
