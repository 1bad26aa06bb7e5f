"""A page open in a real browser, with a local Telegram behind it; the test itself plays the bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox import GroupChat, PhoneOwner

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from aiohttp import ClientSession
    from playwright.async_api import Locator, Page

    from sandbox import Sandbox
    from sandbox.control import Planned
    from tests.clock import FakeClock

WANG, LI, CHEN, ZHAO, WU = 101, 102, 301, 302, 303
STAFF = -1001
PEOPLE = (
    PhoneOwner(WANG, "王", "建国", "8613800138000", started=True),
    PhoneOwner(LI, "李静"),
    PhoneOwner(CHEN, "陈晓", role="服务顾问", started=True),
    PhoneOwner(ZHAO, "赵<b>敏</b>", role="售后经理", started=True),
    PhoneOwner(WU, "吴芳", role="结算经理", started=True, on_page=False),
)
GROUP = GroupChat(STAFF, "员工群", members=(CHEN, ZHAO), forum=True)
TOKEN = "4321:page-tests"


@dataclass
class Diary:
    """A `Control` that notes what the page asks of the time machine, and moves the clock as asked."""

    clock: FakeClock
    asked: list[str] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)

    def now(self) -> datetime:
        return self.clock.now()

    async def plan(self) -> list[Planned]:
        return self.planned

    async def why(self, chat_id: int, message_id: int) -> list[str]:
        return [f"聊天 {chat_id} 的第 {message_id} 条", "您按了「预约服务」。"]

    async def shift(self, delta: timedelta) -> None:
        self.asked.append(f"shift {delta}")
        self.clock.advance(delta)

    async def jump_to_next(self) -> None:
        self.asked.append("next")
        self.clock.set(self.planned[0].due_at)


@dataclass
class Shop:
    """The open page, the sandbox behind it, and the bot's side of the wire."""

    page: Page
    sandbox: Sandbox
    diary: Diary
    base: str
    session: ClientSession
    seen: int = 0

    async def bot(self, method: str, **parameters: Any) -> Any:
        """Call the Bot API as a bot does; the result of a call that must be carried out."""
        async with self.session.post(f"{self.base}/bot{TOKEN}/{method}", json=parameters) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]

    async def say(self, chat: int, text: str, **more: Any) -> int:
        """The bot writes; the message's number."""
        return int((await self.bot("sendMessage", chat_id=chat, text=text, **more))["message_id"])

    async def update(self, kind: str) -> Any:
        """The next update of this kind that reaches the bot (message, callback_query …)."""
        while True:
            for update in await self.bot("getUpdates", offset=self.seen, timeout=5):
                self.seen = update["update_id"] + 1
                if kind in update:
                    return update[kind]

    def phone(self, chat: int) -> Locator:
        """The phone that shows this chat."""
        return self.page.locator(f"[data-chat='{chat}']")

    def message(self, chat: int, number: int) -> Locator:
        """One bubble on that phone."""
        return self.phone(chat).locator(f"[data-message='{number}']")
