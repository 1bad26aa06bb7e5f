"""What people do in an end-to-end test, and what they see: short words around phones, topics and the time machine."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.demo_cast import COLLEAGUES, CUSTOMERS, GROUP_ID, REGULARS
from domain.people import Queue
from scripts_zh.phrases import phrase

if TYPE_CHECKING:
    from bot.demo import Stage
    from sandbox.chats import Message
    from tests.clock import FakeClock

PATIENCE = 10.0  # real seconds; nothing here needs one
SPACES = str.maketrans("", "", " -·\u00a0\u2009")
PHONES = [each.phone.phone for each in COLLEAGUES] + [each.phone for each in (*CUSTOMERS, *REGULARS)]
SECRETS = frozenset(
    [phone[-11:] for phone in PHONES if phone] + [plate[1:] for each in REGULARS for plate, _ in each.cars]
)
"""Phone numbers and plates of the cast, without spaces and province."""


class Performance:
    """A running demo in a test's hands."""

    def __init__(self, stage: Stage, clock: FakeClock) -> None:
        self.stage = stage
        self.sandbox = stage.sandbox
        self.clock = clock

    async def until_bound(self) -> None:
        """The staff group has a topic for every queue."""
        await self.sandbox.wait_for(
            lambda: len(self.sandbox.calls_of("createForumTopic")) == len(Queue), PATIENCE
        )
        await self.reads_in(Queue.FRONT_DESK, "工作群")

    # ------------------------------------------------------------ customers

    async def say(self, user: int, text: str, expect: str) -> Message:
        """`user` writes; the answer that contains `expect`."""
        before = self.last_seen(user)
        await self.sandbox.user(user).say(text)
        return await self.reads(user, expect, after=before)

    async def press(self, user: int, button: str, expect: str) -> Message:
        """`user` presses the newest button whose label contains `button`; the new or changed message with `expect`."""
        message, label = self.button(user, button)
        before = {(seen.id, seen.text) for seen in self.sandbox.chat(user).messages}
        await self.sandbox.user(user).press(None, message.id, label)
        return await self.reads(user, expect, seen=before)

    def button(self, chat: int, words: str) -> tuple[Message, str]:
        """The newest message of `chat` with a button whose label contains `words`, and that label."""
        for message in reversed(list(self.sandbox.chat(chat).messages)):
            for row in message.buttons:
                for each in row:
                    if words in each["text"]:
                        return message, each["text"]
        raise AssertionError(
            f"no button 「{words}」 in {[m.text for m in self.sandbox.chat(chat).messages][-3:]}"
        )

    def last_seen(self, chat: int) -> int:
        """The number of the newest message."""
        return max((message.id for message in self.sandbox.chat(chat).messages), default=0)

    async def reads(
        self, chat: int, expect: str, after: int = 0, seen: Collection[tuple[int, str]] = ()
    ) -> Message:
        """Wait for a message of the bot's with `expect`, newer than `after` and not one of `seen`; the newest such."""

        def found() -> Message | None:
            bot = [
                m
                for m in self.sandbox.chat(chat).messages
                if m.from_bot and m.id > after and expect in m.text
            ]
            return next((m for m in reversed(bot) if (m.id, m.text) not in seen), None)

        try:
            message = await self.sandbox.wait_for(found, PATIENCE)
        except TimeoutError:
            texts = [m.text for m in self.sandbox.chat(chat).messages][-4:]
            raise AssertionError(f"「{expect}」 never came; the last messages are {texts}") from None
        assert message is not None
        return message

    # ------------------------------------------------------------ staff

    def thread(self, queue: Queue) -> int:
        """The topic of `queue`."""
        name = phrase("queue", queue.value)
        topics = self.sandbox.chat(GROUP_ID).open_topics
        return next(topic.thread for topic in topics if topic.name == name)

    def in_topic(self, queue: Queue) -> list[Message]:
        """The bot's messages in the topic of `queue`."""
        thread = self.thread(queue)
        return [
            m for m in self.sandbox.chat(GROUP_ID).messages if m.from_bot and m.thread == thread and m.text
        ]

    async def reads_in(self, queue: Queue, expect: str) -> Message:
        """Wait for a message in a topic."""

        def found() -> Message | None:
            return next((m for m in reversed(self.in_topic(queue)) if expect in m.text), None)

        try:
            message = await self.sandbox.wait_for(found, PATIENCE)
        except TimeoutError:
            raise AssertionError(
                f"「{expect}」 never came; {[m.text for m in self.in_topic(queue)][-3:]}"
            ) from None
        assert message is not None
        return message

    async def press_in_group(self, user: int, message: Message, button: str) -> None:
        """A colleague presses a button of a card in the group."""
        await self.sandbox.user(user).press(GROUP_ID, message.id, button)

    def exposed(self) -> list[str]:
        """What the bot has ever written into a group, edits included, that shows a whole number or plate (A3)."""
        texts = [
            str(call.params.get(words, ""))
            for call in self.sandbox.calls
            if (call.chat_id or 0) < 0
            for words in ("text", "caption", "reply_markup")
        ]
        return [text for text in texts if any(secret in text.translate(SPACES) for secret in SECRETS)]

    # ------------------------------------------------------------ time

    async def at(self, moment: datetime) -> None:
        """Let time pass until `moment`, everything due on the way at its own minute."""
        await self.stage.machine.shift(moment - self.clock.now())

    async def heard(self) -> None:
        """The bot has dealt with everything that people did, and with everything that follows from it at once."""
        await self.sandbox.wait_for(lambda: len(self.sandbox.exchange.queue) == 0, PATIENCE)
        await self.later(timedelta())

    async def later(self, by: timedelta) -> None:
        """Let `by` pass."""
        await self.at(self.clock.now() + by)
