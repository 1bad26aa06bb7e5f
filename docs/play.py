"""People at their phones on the demo page: what the pictures of the documents and their stories are played with."""

from __future__ import annotations

from playwright.async_api import Locator, Page

WANG, LI, XU, GROUP = 101, 102, 306, -1001000000001
ZHAO, CHEN, ZHOU, WU = 201, 203, 204, 205


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

    async def press_about(self, chat: int, car: str, label: str, answer: str) -> None:
        """Press the last button with `label` of a message about `car`, as it is written there."""
        messages = self.phone(chat).get_by_test_id("message").filter(has_text=car)
        await messages.get_by_test_id("inline-button").filter(has_text=label).last.click()
        await self.seen(chat, answer)

    async def jump_until(self, chat: int, words: str) -> None:
        """Let the time machine jump from reminder to reminder until `words` are read in `chat`."""
        found = self.phone(chat).locator(".words", has_text=words)
        jump = self.page.get_by_role("button", name="跳到下一个提醒")
        while not await found.count():
            await jump.click()
            await self.page.wait_for_timeout(1500)
        await self.seen(chat, words)

    async def attach_photo(self, chat: int, answer: str) -> None:
        """Send one of the page's own photos."""
        await self.phone(chat).get_by_test_id("attach").click()
        await self.phone(chat).locator("[data-attach=photo]").click()
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
        await self.say(LI, "后天下午三点半做个小保养", "同意")
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
