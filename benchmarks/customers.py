"""The load: customers who write and press. Every text is expected to be answered exactly once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import cycle, islice
from time import perf_counter
from typing import Any

from benchmarks.local_api import LocalApi

FIRST_CHAT = 1_000_001
PATIENCE = 60.0  # seconds without any answer after which those that are missing count as lost
SILENCE = 1.0  # seconds after which nothing more is coming

# What the front desk answers at once, each with one message.
TEXTS = ("你们几点开门", "地址在哪里", "保养多少钱", "你好", "谢谢", "电话是多少", "嗯嗯哈哈")

Buttons = list[dict[str, str]]


class Unanswered(Exception):
    """Somebody was not answered, or answered twice: such a contestant cannot be compared."""


class Customers:
    """Everybody who talks to the bot.

    Latencies are seconds from the moment that something was written or pressed (not from when the bot fetched
    it) until the bot's call had arrived. A press is answered twice: by a `screens` change and by a `toasts` entry.
    """

    def __init__(self, api: LocalApi, chats: int = 1) -> None:
        api.watcher = self
        self._api = api
        self.chats = chats
        self.latencies: list[float] = []
        self.screens: list[float] = []
        self.toasts: list[float] = []
        self._cards: dict[int, tuple[int, Buttons]] = {}
        self._waiting: dict[int, tuple[float, list[float]]] = {}
        self._presses: dict[str, float] = {}
        self._surplus = 0
        self._texts: Iterator[str] = iter(())
        self._progress = asyncio.Event()

    # ------------------------------------------------------------ loads

    async def all_write(self, texts: int) -> float:
        """Closed loop: everybody writes the next text as soon as the last is answered; the seconds it took."""
        self.latencies.clear()
        self._texts = islice(cycle(TEXTS), texts)
        began = perf_counter()
        for chat in self._everybody():
            self._write_next(chat)
        await self._until(lambda: len(self.latencies) >= texts)
        took = perf_counter() - began
        await self._expect_silence()
        return took

    async def write_steadily(self, rate: float, seconds: float) -> None:
        """Open loop: so many texts a second, each from another customer, whatever becomes of them."""
        self.latencies.clear()
        texts, chats = cycle(TEXTS), cycle(self._everybody())
        count = 0
        async for _ in _beats(rate, seconds):
            self._write(next(chats), next(texts))
            count += 1
        await self._until(lambda: len(self.latencies) >= count)
        await self._expect_silence()

    async def press_steadily(self, rate: float, seconds: float, labels: Sequence[str]) -> None:
        """Open loop: so many presses a second; each customer presses the first of `labels` that the card shows."""
        self.screens.clear()
        self.toasts.clear()
        chats = cycle(chat for chat in self._everybody() if self._button(chat, labels))
        count = 0
        async for _ in _beats(rate, seconds):
            self._press(next(chats), labels)
            count += 1
        await self._until(lambda: len(self.screens) >= count and len(self.toasts) >= count)

    async def write_once(self, text: str) -> None:
        """Everybody writes this and waits until the bot has said all it has to say; not measured."""
        for chat in self._everybody():
            self._write(chat, text)
        await self._settle()

    def write_one(self, chat: int, text: str) -> None:
        """One customer writes."""
        self._write(chat, text)

    async def all_reach_the_days(self) -> None:
        """Everybody registers and gets as far as the card of days; not measured."""
        everybody = self._everybody()
        steps: tuple[Callable[[int], None], ...] = (
            lambda chat: self._write(chat, "预约服务"),
            lambda chat: self._press(chat, ("同意",)),
            lambda chat: self._write(chat, "王先生"),
            self._share_phone,
            lambda chat: self._write(chat, f"粤B{chat % 100_000:05}"),
            lambda chat: self._press(chat, ("跳过",)),
            lambda chat: self._press(chat, ("小保养",)),
        )
        for step in steps:
            for chat in everybody:
                step(chat)
            await self._settle()

    def _everybody(self) -> range:
        return range(FIRST_CHAT, FIRST_CHAT + self.chats)

    async def _settle(self) -> None:
        """Everybody was answered, and nothing more is said: some answers are two messages."""
        await self._until(lambda: not self._waiting)
        said = -1
        while said != self._surplus:
            said = self._surplus
            await asyncio.sleep(SILENCE)
        self._surplus = 0

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Wait until it is so, as long as answers still come."""
        while not reached():
            self._progress.clear()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._progress.wait()
            except TimeoutError:
                raise Unanswered(
                    f"{len(self._waiting)} customers wait in vain: read the bot's log."
                ) from None

    async def _expect_silence(self) -> None:
        await asyncio.sleep(0.2)
        if self._surplus or self._waiting:
            raise Unanswered(f"{self._surplus} answers too many, {len(self._waiting)} too few.")

    # ------------------------------------------------------------ what customers do

    def _share_phone(self, chat: int) -> None:
        contact = {"phone_number": f"138{chat % 100_000_000:08}", "user_id": chat, "first_name": "王"}
        self._waiting[chat] = perf_counter(), []
        self._api.send({"message": message(chat, self._api.new_message(), contact=contact)})

    def _write_next(self, chat: int) -> None:
        text = next(self._texts, None)
        if text is not None:
            self._write(chat, text)

    def _write(self, chat: int, text: str) -> None:
        self._waiting[chat] = perf_counter(), self.latencies
        self._api.send({"message": message(chat, self._api.new_message(), text=text)})

    def _press(self, chat: int, labels: Sequence[str]) -> None:
        button = self._button(chat, labels)
        if button is None:
            raise Unanswered(f"Customer {chat} sees none of the buttons {labels}: {self._cards.get(chat)}.")
        number = self._api.new_message()
        self._presses[f"press{number}"] = perf_counter()
        self._waiting[chat] = perf_counter(), self.screens
        card = message(chat, self._cards[chat][0], text="…")
        query = {
            "id": f"press{number}",
            "from": card["from"],
            "chat_instance": "1",
            "data": button,
            "message": card,
        }
        self._api.send({"callback_query": query})

    def _button(self, chat: int, labels: Sequence[str]) -> str | None:
        _, buttons = self._cards.get(chat, (0, []))
        shown = (button["callback_data"] for label in labels for button in buttons if label in button["text"])
        return next(shown, None)

    # ------------------------------------------------------------ what customers see

    def said(self, chat: int, message: int, parameters: dict[str, Any], at: float) -> None:
        """See Watcher."""
        markup = json.loads(parameters.get("reply_markup") or "{}")
        if "inline_keyboard" in markup:
            self._cards[chat] = message, [button for row in markup["inline_keyboard"] for button in row]
        if chat not in self._waiting:
            self._surplus += 1
            return
        since, latencies = self._waiting.pop(chat)
        latencies.append(at - since)
        self._write_next(chat)
        self._progress.set()

    def press_answered(self, press: str, at: float) -> None:
        """See Watcher."""
        self.toasts.append(at - self._presses.pop(press, at))
        self._progress.set()


async def _beats(rate: float, seconds: float) -> AsyncIterator[None]:
    """`rate` beats a second; one that comes late does not delay those after it."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for beat in range(round(rate * seconds)):
        await asyncio.sleep(began + beat / rate - loop.time())
        yield


def message(chat: int, number: int, **content: Any) -> dict[str, Any]:
    """A message of the customer whose chat that is."""
    person = {"id": chat, "is_bot": False, "first_name": "伟", "last_name": "王", "language_code": "zh"}
    home = {"id": chat, "type": "private", "first_name": "伟", "last_name": "王"}
    return {"message_id": number, "date": 1_796_000_000, "from": person, "chat": home, **content}
