"""One complaint on stage: who acts, what each of them reads, and what is in the books (C1–C10)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.demo_cast import GROUP_ID, KNOWN
from domain.people import Queue
from scripts_zh.phrases import phrase
from storage import complaints
from storage.audit import AUDIT
from storage.conversations import CONVERSATIONS
from storage.dead_letters import DEAD_LETTERS
from storage.timers import TIMERS

if TYPE_CHECKING:
    from domain.complaints import Complaint
    from sandbox.chats import Message
    from tests.e2e.play import Performance

ZHAO, SUN, CHEN, ZHOU, WU, ZHENG = 201, 202, 203, 204, 205, 206
STORE = ZoneInfo("Asia/Shanghai")
SAID = "我要投诉！上周你们换的刹车片还是响，修了两次都没修好"
NAMES = {KNOWN: "王建国", ZHAO: "赵敏", SUN: "孙立", CHEN: "陈晓", ZHOU: "周强", WU: "吴芳", ZHENG: "郑洁"}
PATIENCE = 10.0  # real seconds; nothing here needs one


class Case:
    """One complaint on stage: whose turn it is, and what everybody has been told of it so far."""

    def __init__(self, show: Performance) -> None:
        self.show = show
        self.number = ""
        self.before = self._messages()

    def _messages(self) -> dict[tuple[int, int], Message]:
        sandbox = self.show.sandbox
        return {
            (chat, message.id): message
            for chat in (*NAMES, GROUP_ID)
            for message in sandbox.chat(chat).messages
            if message.from_bot and message.text
        }

    def log(self) -> list[str]:
        """Every message about this case since the last look: time, place, first line; in the order of the minutes."""
        topics = {self.show.thread(queue): phrase("queue", queue.value) for queue in Queue}
        found = []
        for (chat, number), message in self._messages().items():
            if (chat, number) in self.before or self.number not in message.text:
                continue
            place = NAMES.get(chat) or f"#{topics[message.thread or 0]}"
            at = datetime.fromtimestamp(message.raw["date"], UTC).astimezone(STORE)
            found.append((at, chat == GROUP_ID, place, number, message.text.splitlines()[0]))
        self.before = self._messages()
        return [
            f"{at:%d日 %H:%M} {place}｜{line.replace(self.number, 'N')}"
            for at, _, place, _, line in sorted(found)
        ]

    async def file(self, said: str = SAID, who: int = KNOWN) -> None:
        """`who` complains; the card lies at the front desk."""
        self.filed_as(await self.show.say(who, said, "投诉已登记"))
        await self.show.reads_in(Queue.FRONT_DESK, self.number)
        await self.show.heard()

    def filed_as(self, acknowledgement: Message) -> None:
        """The number that the customer was told."""
        self.number = next(word for word in acknowledgement.text.split() if word.startswith("TS"))

    def card(self, queue: Queue) -> Message:
        """The newest card of the case in the topic of `queue`."""
        cards = [m for m in self.show.in_topic(queue) if f"投诉 {self.number}" in m.text and m.buttons]
        return cards[-1]

    def live(self, chat: int) -> Message:
        """The newest message of `chat` that is a card of the case and can be pressed."""
        seen = self.show.sandbox.chat(chat).messages
        return [m for m in seen if m.from_bot and f"投诉 {self.number} ·" in m.text and m.buttons][-1]

    async def tap_there(self, who: int, chat: int, button: str) -> str:
        """`who` presses `button` of the live card in `chat`; what is shown over it, when all has been done."""
        card = self.live(chat)
        query = await self.show.sandbox.user(who).press(chat, card.id, self._label(card, button))
        return await toast(self.show, query)

    async def press(self, who: int, queue: Queue, button: str, expect: str) -> None:
        """`who` presses `button` of the newest card in `queue`; then it reads `expect`."""
        card = self.card(queue)
        await self.show.press_in_group(who, card, self._label(card, button))
        await self.show.sandbox.wait_for(lambda: expect in self._face(queue, card.id), PATIENCE)
        await self.show.heard()

    def _face(self, queue: Queue, number: int) -> str:
        """Words and labels of a card as it is now."""
        card = next(m for m in self.show.in_topic(queue) if m.id == number)
        return "\n".join([card.text, *(each["text"] for row in card.buttons for each in row)])

    def _label(self, card: Message, words: str) -> str:
        labels = [each["text"] for row in card.buttons for each in row]
        return str(next(label for label in labels if words in label))

    async def report(self, who: int, queue: Queue, solution: str, *, loss: bool, promise: bool) -> None:
        """`who` fills in the form of the step in private; the card shows what was written."""
        card = self.card(queue)
        await self.show.press_in_group(who, card, self._label(card, "填写处理"))
        await self.show.reads(who, "联系")
        await self.show.say(who, "电话联系过王先生，他在家", "原因")
        await self.show.press(who, "流程", "责任人")
        await self.show.press(who, "周强", "")
        await self.show.say(who, solution, "")
        if promise:
            await self.show.press(who, "跳过", "")
        if loss:
            await self.show.press(who, "隐性", "")
        await self.show.press(who, "提交", "")
        await self.show.sandbox.wait_for(lambda: solution[:6] in self._face(queue, card.id), PATIENCE)
        await self.show.heard()

    async def timers_left(self) -> int:
        """How many timers conversations about this case still have."""
        about = select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.subject == self.number)
        async with self.show.stage.premises.house.books.glance() as unit:
            return len(await unit.rows(select(TIMERS).where(TIMERS.c.conversation_id.in_(about))))

    async def kept(self) -> Complaint:
        """The complaint as it is in the books."""
        async with self.show.stage.premises.house.books.glance() as unit:
            found = await complaints.load(unit, self.number)
        assert found is not None
        return found

    async def tap(self, who: int, queue: Queue, button: str) -> str:
        """`who` presses `button` of the newest card in `queue`; what is shown over it, when all has been done."""
        card = self.card(queue)
        query = await self.show.sandbox.user(who).press(GROUP_ID, card.id, self._label(card, button))
        return await toast(self.show, query)


async def toast(show: Performance, query: str) -> str:
    """What is shown over the button of the press `query`, after everything that follows from it has been done."""

    def answer() -> str | None:
        answers = show.sandbox.calls_of("answerCallbackQuery")
        found = next((each for each in answers if each.params["callback_query_id"] == query), None)
        return None if found is None else f"「{found.params.get('text', '')}」"

    shown = await show.sandbox.wait_for(answer, PATIENCE)
    await show.heard()
    assert shown is not None
    return shown.strip("「」")


async def recorded(show: Performance, action: str, subject: str | None = None) -> list[Any]:
    """The lines of the audit log that say `action`, about `subject` if given."""
    found = select(AUDIT).where(AUDIT.c.action == action).order_by(AUDIT.c.id)
    async with show.stage.premises.house.books.glance() as unit:
        lines = await unit.rows(found)
    return [line for line in lines if subject in (None, line.subject)]


async def dead_letters(show: Performance) -> list[Any]:
    """What could not be handled at all."""
    async with show.stage.premises.house.books.glance() as unit:
        return await unit.rows(select(DEAD_LETTERS))


def read(show: Performance, who: int) -> list[str]:
    """First lines of what the bot has written to `who`, as it stands there now."""
    return [m.text.splitlines()[0] for m in show.sandbox.chat(who).messages if m.from_bot and m.text]


def sheet(show: Performance) -> str:
    """王建国's newest sheet as it is now."""
    seen = reversed(show.sandbox.chat(KNOWN).messages)
    return next(m.text for m in seen if m.text.startswith("📋 投诉进度单"))
