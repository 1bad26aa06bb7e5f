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
WANG, LI, GROUP, ZHAO = 101, 102, -1001000000001, 201
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
        await self.page.wait_for_timeout(900)  # cards flash when they change

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
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("plan-toggle").click()
    await play.page.wait_for_timeout(1500)
    await photograph(play.page, "plan")


async def main() -> None:
    """All pictures."""
    sharp = {"viewport": {"width": 1600, "height": 900}, "locale": "zh-CN"}
    async with demo(), async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page(**sharp)  # type: ignore[arg-type]  # two settings of different types
        page.set_default_timeout(10_000)
        play = Play(page)
        await booking(play)
        await shop(play)
        await later(play)
        mobile = await browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
        await mobile.goto(PAGE)
        await mobile.wait_for_timeout(1500)
        await photograph(mobile, "mobile")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
