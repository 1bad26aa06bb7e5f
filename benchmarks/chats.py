"""Chats in which everything is kept that the bot says: for who counts words, not milliseconds."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import Any

from benchmarks.customers import message
from benchmarks.local_api import LocalApi

LONGEST = 60.0  # seconds after which nobody waits any more


class Chats:
    """`heard`: what was said to whom, in order, all numbers made alike; `last`: when (perf_counter)."""

    def __init__(self, api: LocalApi) -> None:
        self.api = api
        self.heard: dict[int, list[str]] = defaultdict(list)
        self.last = perf_counter()
        self._spoke = asyncio.Event()
        api.watcher = self

    def said(self, chat: int, message: int, parameters: dict[str, Any], at: float) -> None:
        """See Watcher."""
        self.heard[chat].append(re.sub(r"\d+", "#", str(parameters["text"])))
        self.last = at
        self._spoke.set()

    def press_answered(self, press: str, at: float) -> None:
        """See Watcher."""

    def write(self, chat: int, text: str) -> None:
        """That customer writes."""
        self.api.send({"message": message(chat, self.api.new_message(), text=text)})

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until it is so. Raises TimeoutError."""
        async with asyncio.timeout(LONGEST):
            while not reached():
                self._spoke.clear()
                await self._spoke.wait()

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing has been said for so long."""
        quiet = False
        while not quiet:
            self._spoke.clear()
            quiet = True
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._spoke.wait()
                    quiet = False
