"""Take the pictures of the documents again: `python -m docs.camera` plays the demo in a browser and photographs it.

Needs Chromium, a font with Chinese, and an hour at which the example store is open.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, async_playwright

PICTURES = Path(__file__).parent / "pictures"
BOT = Path(__file__).parents[1] / "bot.py"
PORT = 8097
PAGE = f"http://127.0.0.1:{PORT}/"
WANG, LI, GROUP, ZHAO, CHEN, ZHOU, WU = 101, 102, -1001000000001, 201, 203, 204, 205
SAID = "我要投诉！上周你们换的刹车片还是响，修了两次都没修好"
ANSWER = "王先生，经查是刹车片批次问题。已为您免费更换并路试，质保延长一年。给您添麻烦了，非常抱歉。"
SEEN = 0xFC  # bits of a colour; the two lowest are not seen, and cost a third of the file
READY = "127.0.0.1"  # in the line with which the demo says that it is ready


@asynccontextmanager
async def demo() -> AsyncIterator[None]:
    """The demo, on books of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = (sys.executable, str(BOT), "demo", "--port", str(PORT))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=pipe)
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if READY in line.decode():
                break
        try:
            yield
        finally:
            process.terminate()
            await process.wait()


class Play:
    """People at their phones."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def phone(self, chat: int) -> Locator:
        """The phone that shows this chat."""
        return self.page.locator(f"[data-chat='{chat}']")

    async def say(self, chat: int, words: str, answer: str) -> None:
        """Type `words` and wait until `answer` is seen."""
        box = self.phone(chat).get_by_test_id("input")
        await box.fill(words)
        await box.press("Enter")
        await self.seen(chat, answer)

    async def press(self, chat: int, label: str, answer: str) -> None:
        """Press the last button with `label` and wait until `answer` is seen."""
        await self.phone(chat).get_by_role("button", name=label).last.click()
        await self.seen(chat, answer)

    async def seen(self, chat: int, words: str) -> None:
        """Wait until the last message that holds `words` is there, and the page at rest."""
        await self.phone(chat).locator(".words", has_text=words).last.wait_for()
        await self.page.wait_for_timeout(1300)  # cards flash when they change

    async def open(self, chat: int) -> None:
        """Take somebody's phone, or the group's, onto the page."""
        await self.page.locator(f"[data-tab='{chat}']").click()

    async def put_away(self, *chats: int) -> None:
        """Take phones off the page."""
        for chat in chats:
            await self.phone(chat).get_by_test_id("put-away").click()

    async def topic(self, name: str, acting: str) -> None:
        """Open a topic of the staff group as `acting`."""
        group = self.phone(GROUP)
        await group.get_by_test_id("acting").select_option(label=acting)
        await group.get_by_test_id("topic").filter(has_text=name).click()

    async def menu(self, chat: int, key: str, answer: str) -> None:
        """Press a key below the input."""
        await self.phone(chat).get_by_test_id("reply-button").filter(has_text=key).click()
        await self.seen(chat, answer)

    async def look_at(self, chat: int, words: str) -> None:
        """Scroll to the last message with `words`."""
        message = self.phone(chat).locator(".words", has_text=words).last
        await message.evaluate("words => words.closest('.message').scrollIntoView({block: 'start'})")

    async def report(self, chat: int, contact: str, solution: str, *, promise: bool, loss: str) -> None:
        """Fill in the form of a step, as far as its reading back."""
        await self.seen(chat, "怎样联系客户的")
        await self.say(chat, contact, "问题主要出在哪里")
        await self.press(chat, "配件", "请选一位同事")
        await self.press(chat, "周强", "一字不改" if not promise else "处理方案")
        await self.say(chat, solution, "没有约定可以跳过" if promise else "给店里带来损失")
        if promise:
            await self.press(chat, "跳过", "给店里带来损失" if loss else "请核对处理单")
        if loss:
            await self.press(chat, loss, "请核对处理单")

    async def newcomer_books(self) -> None:
        """李娜, whom the store does not know, writes one sentence and answers what is missing."""
        await self.phone(LI).get_by_test_id("start").click()
        await self.seen(LI, "预约很简单")
        await self.say(LI, "后天下午三点做个小保养", "同意")
        await self.press(LI, "同意并继续", "怎么称呼")
        await self.say(LI, "李娜", "先生还是女士")
        await self.press(LI, "女士", "手机")
        await self.press(LI, "发送我的手机号", "车牌")
        await self.say(LI, "粤b·d67890", "车型")
        await self.press(LI, "跳过", "请核对预约单")
        await self.press(LI, "确认预约", "预约成功")

    async def regular_chooses(self) -> None:
        """王建国, whom the store knows, presses as far as the times of a day."""
        await self.phone(WANG).get_by_test_id("start").click()
        await self.seen(WANG, "王先生")
        await self.phone(WANG).get_by_test_id("reply-button").filter(has_text="预约服务").click()
        await self.seen(WANG, "这次想做什么")
        await self.press(WANG, "小保养", "哪天")
        await self.press(WANG, "后天", "请选到店时间")


async def photograph(what: Page | Locator, name: str) -> None:
    """Keep `what` as docs/pictures/`name`.png."""
    shot = Image.open(io.BytesIO(await what.screenshot())).convert("RGB")
    light = shot.point([255 if value == 255 else value & SEEN for value in range(256)] * 3)
    light.save(PICTURES / f"{name}.png", optimize=True)


async def booking(play: Play) -> None:
    """The page in the middle of a booking, the card to confirm, and the workshop's answer."""
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("hint").get_by_role("button").click()
    await play.newcomer_books()
    await play.phone(GROUP).get_by_test_id("topic").filter(has_text="车间").click()
    await play.regular_chooses()
    await photograph(play.page, "page")
    await play.press(WANG, "10:00", "请核对预约单")
    await photograph(play.phone(WANG), "confirm")
    await play.press(WANG, "确认预约", "预约成功")
    await play.seen(GROUP, "粤B")
    await play.press(GROUP, "收到", "已")
    await photograph(play.phone(GROUP), "workshop")


async def shop(play: Play) -> None:
    """What colleagues do in their own chats, and why a message is there."""
    await play.say(ZHAO, "/propose 粤B12345 空调系统清洗 明天11:00", "建议")
    await play.seen(WANG, "空调")
    await photograph(play.phone(ZHAO), "propose")
    await play.press(WANG, "接受", "预约成功")
    await play.phone(WANG).get_by_test_id("message").last.hover()
    await play.phone(WANG).get_by_test_id("why").last.click()
    await play.page.wait_for_timeout(900)
    await photograph(play.phone(WANG), "why")
    await play.page.keyboard.press("Escape")


async def later(play: Play) -> None:
    """Time passes: the reminder, and what is planned after it."""
    for _ in range(14):
        await play.page.get_by_role("button", name="跳到下一个提醒").click()
        await play.page.wait_for_timeout(1500)
        if await play.phone(WANG).get_by_role("button", name="确认到店").count():
            break
    await play.page.set_viewport_size({"width": 1440, "height": 810})
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("plan-toggle").click()
    await play.page.wait_for_timeout(1500)
    await photograph(play.page, "plan")


async def mobile(play: Play) -> None:
    """The page on a telephone."""
    assert play.page.context.browser is not None
    page = await play.page.context.browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    await page.goto(PAGE)
    await page.wait_for_timeout(1500)
    await photograph(page, "mobile")
    await page.close()


async def complaint(play: Play) -> None:
    """A complaint is filed, accepted and handled: the customer's phone, the card, the form."""
    await fresh_page(play)
    await play.open(CHEN)
    await play.say(WANG, SAID, "投诉已登记")
    await play.phone(WANG).get_by_test_id("attach").click()
    await play.phone(WANG).locator("[data-attach=photo]").click()
    await play.seen(WANG, "负责人看得到")
    await play.say(WANG, "谢谢", "都记下了")
    await play.topic("前台", "陈晓")
    await play.press(GROUP, "接单", "负责人：陈晓")
    await play.seen(WANG, "由 陈晓 负责")
    await play.look_at(WANG, "投诉进度单")
    await photograph(play.phone(WANG), "sheet")
    await photograph(play.phone(GROUP), "card")
    await play.press(GROUP, "联系客户", "负责人：陈晓")
    await play.seen(CHEN, "的联系方式")
    await play.press(CHEN, "已联系上", "记在投诉单上了")
    await photograph(play.phone(CHEN), "contact")
    await play.press(GROUP, "填写处理", "负责人：陈晓")
    await play.report(
        CHEN, "今天下午电话联系，客户希望尽快返工", "先安排路试复查，再定是否更换", promise=True, loss=""
    )
    await photograph(play.phone(CHEN), "form")
    await play.press(CHEN, "提交", "处理单已提交")
    await play.press(GROUP, "转售后经理", "已完成")


async def dispatched(play: Play) -> None:
    """The after-sales manager dispatches, sums up and closes; the customer is asked."""
    await play.topic("售后经理", "赵敏")
    await play.press(GROUP, "接单", "负责人：赵敏")
    await play.press(GROUP, "派单", "请选择要派给哪些部门")
    await play.press(GROUP, "配件部", "请选择要派给哪些部门")
    await photograph(play.phone(GROUP), "dispatch")
    await play.press(GROUP, "确定派单", "已完成")
    await departments(play)
    await play.topic("售后经理", "赵敏")
    await play.press(GROUP, "填写处理", "负责人：赵敏")
    await play.report(ZHAO, "今天下午电话告知处理结果", ANSWER, promise=False, loss="显性损失")
    await play.press(ZHAO, "提交", "处理单已提交")
    await photograph(play.phone(GROUP), "summary")
    await play.press(GROUP, "结案", "汇总答复已完成")
    await play.seen(WANG, "有答复了")
    await play.look_at(WANG, "这样处理您满意吗")
    await photograph(play.phone(WANG), "verdict")


async def departments(play: Play) -> None:
    """Workshop and parts return their results."""
    for chat, topic, who in ((ZHOU, "车间", "周强"), (WU, "配件", "吴芳")):
        await play.open(chat)
        await play.topic(topic, who)
        await play.press(GROUP, "接单", f"负责人：{who}")
        await play.press(GROUP, "填写处理", f"负责人：{who}")
        await play.report(
            chat, "车辆返厂时当面说明", "同批次刹车片材质偏硬，建议免费更换", promise=True, loss="隐性损失"
        )
        await play.press(chat, "提交", "处理单已提交")
        await play.press(GROUP, "反馈结果", "已完成")
        await play.put_away(chat)


async def callers(play: Play) -> None:
    """A caller's complaint that nobody accepts, and a customer who is answered in writing."""
    await play.menu(CHEN, "代客投诉", "我来找档案")
    await play.say(CHEN, "粤B88K66", "是这位客户吗")
    await play.press(CHEN, "就是这位", "发生了什么")
    await play.say(CHEN, "约了九点，等了一个半小时才接车，没有人解释", "记下了")
    await play.press(CHEN, "说完了", "请核对投诉登记")
    await photograph(play.phone(CHEN), "caller")
    await play.press(CHEN, "✅ 登记", "前由前台主管接单")
    await play.say(WANG, "转人工", "已经请服务顾问接手")
    await play.topic("前台", "陈晓")
    await play.seen(GROUP, "客户请求人工服务")
    await photograph(play.phone(GROUP), "call")
    await play.press(GROUP, "在这里答复", "陈晓 来联系客户")
    await play.seen(CHEN, "署您的名字")
    await play.say(CHEN, "王先生您好，新刹车片已到货，您周二上午方便过来吗？", "已发给王先生")
    await play.seen(WANG, "新刹车片已到货")
    await photograph(play.phone(WANG), "answer")


async def presence(play: Play) -> None:
    """An invitation, an alarm, the list of work, an absence, the self-check."""
    await play.menu(ZHAO, "邀请同事", "担任什么岗位")
    await play.press(ZHAO, "服务顾问", "的邀请")
    await photograph(play.phone(ZHAO), "invite")
    await play.page.get_by_role("button", name="＋1 小时").click()
    await play.page.wait_for_timeout(2500)
    await play.page.get_by_role("button", name="＋1 小时").click()
    await play.seen(ZHAO, "已超时")
    await play.look_at(ZHAO, "🚨 投诉")
    await photograph(play.phone(ZHAO), "alarm")
    await play.menu(CHEN, "我的待办", "等人接单")
    await photograph(play.phone(CHEN), "work")
    await play.menu(CHEN, "不在岗", "到什么时候")
    await play.press(CHEN, "三天", "请谁代班")
    await play.press(CHEN, "郑洁", "您现在不在岗")
    await photograph(play.phone(CHEN), "away")
    await play.say(ZHAO, "/selfcheck", "正在逐单核对")
    await play.seen(ZHAO, "计时和负责人都正常")
    await photograph(play.phone(ZHAO), "selfcheck")


async def fresh_page(play: Play) -> None:
    """The page without its hints, 王建国's and the staff's keyboards shown."""
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("hint").get_by_role("button").click()
    await play.put_away(LI)
    await play.phone(WANG).get_by_test_id("start").click()
    await play.seen(WANG, "王先生")
    await play.say(ZHAO, "/menu", "常用的在下面的按钮里")
    await play.open(CHEN)
    await play.phone(CHEN).get_by_test_id("start").click()
    await play.seen(CHEN, "同事")
    await play.say(CHEN, "/menu", "常用的在下面的按钮里")
    await play.look_at(CHEN, "工作指令")
    await photograph(play.phone(CHEN), "menu")


async def main() -> None:
    """All pictures: bookings on one demo, the complaint and its colleagues on another."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for scenes in ((booking, shop, later, mobile), (complaint, dispatched, callers, presence)):
            page = await browser.new_page(viewport={"width": 1600, "height": 900}, locale="zh-CN")
            page.set_default_timeout(10_000)
            async with demo():
                for scene in scenes:
                    await scene(Play(page))
            await page.close()
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
