"""One visit on stage: who acts at reception, in the workshop and on the phone, and what rings at each of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.demo_cast import GROUP_ID, KNOWN
from domain.people import Queue
from scripts_zh.phrases import phrase
from storage import orders
from storage.conversations import CONVERSATIONS
from storage.timers import TIMERS
from tests.e2e.complaint_case import CHEN, SUN, WU, ZHAO, ZHENG, ZHOU

if TYPE_CHECKING:
    from domain.repair_orders import RepairOrder
    from sandbox.chats import Message
    from tests.e2e.play import Performance

STORE = ZoneInfo("Asia/Shanghai")
PATIENCE = 10.0  # real seconds; nothing here needs one
ZHANG, HUANG = 302, 303
NAMES = {
    KNOWN: "王建国",
    ZHANG: "张丽华",
    HUANG: "黄志强",
    ZHAO: "赵敏",
    SUN: "孙立",
    CHEN: "陈晓",
    ZHOU: "周强",
    WU: "吴芳",
    ZHENG: "郑洁",
}
NAMED = re.compile(r"粤B·\w+|JC\d+-\d+|YY\d+-\d+")
"""What a message names: plates and numbers."""

CHECKLIST = ("checked", "cleaned", "counted", "summed")
SENDING = ("sendMessage", "sendPhoto", "sendVideo", "sendMediaGroup")


class Visit:
    """One car in the shop. `plate` as messages show it, whole and masked; `surname` of its owner."""

    def __init__(self, show: Performance, plate: str, masked: str, surname: str) -> None:
        self.show = show
        self.plate = plate
        self.marks = (masked, f"客户：{surname}")
        self.number = ""
        self.seen = len(show.sandbox.calls)

    # ------------------------------------------------------------ what everybody reads

    def log(self) -> list[str]:
        """Every message of this visit that was sent since the last look: time, place, first line as it was then.

        Edits of cards ring nowhere and are no messages. What comes at the same second is in the order of its places.
        """
        calls = list(self.show.sandbox.calls)
        sent = [
            each.answer["result"] for each in calls[self.seen :] if each.method in SENDING and each.answer
        ]
        self.seen = len(calls)
        found = [self._line(message) for message in sent if self._is_about(message)]
        return [line for _, line in sorted(found, key=lambda each: each[0])]

    def _line(self, message: dict[str, Any]) -> tuple[tuple[datetime, str], str]:
        topics = {self.show.thread(queue): phrase("queue", queue.value) for queue in Queue}
        chat = message["chat"]["id"]
        place = NAMES[chat] if chat != GROUP_ID else f"#{topics[message['message_thread_id']]}"
        at = datetime.fromtimestamp(message["date"], UTC).astimezone(STORE)
        words = str(message.get("text") or message.get("caption") or "📷").splitlines()[0]
        return (at, place), f"{at:%d日 %H:%M:%S} {place}｜{words.replace(self.number or '-', 'N')}"

    def _is_about(self, message: dict[str, Any]) -> bool:
        """Other cars of the seeded store are looked after at the same time, by the same people."""
        text = str(message.get("text") or message.get("caption") or "")
        if message["chat"]["id"] == GROUP_ID:
            return self._is_marked(text)
        named = set(NAMED.findall(text))
        return message["chat"]["id"] in NAMES and (not named or bool(named & {self.plate, self.number}))

    def _is_marked(self, text: str) -> bool:
        marks = (*self.marks, self.number) if self.number else self.marks
        return any(mark in text for mark in marks)

    def newest(self, chat: int, words: str) -> str:
        """The newest message of the bot's in `chat` with `words`, as it is now."""
        seen = reversed(self.show.sandbox.chat(chat).messages)
        return next(each.text for each in seen if each.from_bot and words in each.text)

    async def kept(self) -> RepairOrder:
        """The order as it is in the books."""
        async with self.show.stage.premises.house.books.glance() as unit:
            found = await orders.load(unit, self.number)
        assert found is not None
        return found

    async def timers_left(self) -> int:
        """How many timers conversations about this visit still have."""
        about = select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.subject == self.number)
        async with self.show.stage.premises.house.books.glance() as unit:
            return len(await unit.rows(select(TIMERS).where(TIMERS.c.conversation_id.in_(about))))

    # ------------------------------------------------------------ what people do

    async def open_in_one_line(self, line: str) -> None:
        """陈晓 types everything at once and confirms what is read back (O1)."""
        await self.show.say(CHEN, line, "请核对维修单")
        await self.confirm()

    async def confirm(self) -> None:
        """确认开单: now it is filed."""
        said = await self.show.press(CHEN, "确认开单", "维修单已开")
        self.number = next(word for word in said.text.split() if word.startswith("JC"))
        await self.show.heard()

    async def press(self, who: int, button: str, expect: str, queue: Queue = Queue.WORKSHOP) -> None:
        """`who` presses `button` of the order's newest card in `queue`; then it reads `expect`."""
        card = next(m for m in reversed(self.show.in_topic(queue)) if self.has(m, button))
        label = next(each["text"] for row in card.buttons for each in row if button in each["text"])
        await self.show.press_in_group(who, card, label)
        await self.show.sandbox.wait_for(lambda: expect in self._face(queue, card.id), PATIENCE)
        await self.show.heard()

    def has(self, message: Message, button: str) -> bool:
        """Whether this message is about the car and can be pressed there."""
        labels = [each["text"] for row in message.buttons for each in row]
        return self._is_marked(message.text) and any(button in label for label in labels)

    def _face(self, queue: Queue, number: int) -> str:
        card = next(m for m in self.show.in_topic(queue) if m.id == number)
        return "\n".join([card.text, *(each["text"] for row in card.buttons for each in row)])

    async def propose(self, item: str, why: str, price: str, time: str, safety: str) -> None:
        """周强 fills in 追加项目 on his own phone as far as the photo (X1)."""
        await self.press(ZHOU, "追加项目", "承诺交车")
        await self.show.reads(ZHOU, "要追加什么项目")
        await self.show.say(ZHOU, item, "为什么要做")
        await self.show.say(ZHOU, why, "多少钱")
        await self.show.say(ZHOU, price, "什么时候能交车")
        await self.show.press(ZHOU, time, "行车安全")
        await self.show.press(ZHOU, safety, "有照片或视频吗")

    async def get_ready(self) -> None:
        """待检验 by the workshop, and the advisor's checklist (P2)."""
        await self.press(ZHOU, "待检验", "待检验")
        await self.press(CHEN, "可交车", "请逐项打勾")
        for _ in CHECKLIST:
            await self.press(CHEN, "☐", "☑")
        await self.press(CHEN, "确认可交车", "· 可交车")

    async def leave(self) -> None:
        """Paid at the counter, and driven off."""
        await self.press(WU, "已结算", "· 已结算")
        await self.press(CHEN, "已出厂", "· 已出厂")
