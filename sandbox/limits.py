"""Rate limits, when they are switched on: how much a bot may send before it hears 429."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.answers import too_many

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.chats import Chat


@dataclass
class Bucket:
    """Tokens that refill steadily: `size` at once, `per_second` on average."""

    size: float
    per_second: float
    tokens: float
    at: datetime

    def wait(self, now: datetime) -> float:
        """Seconds until one token is there; 0 when it is."""
        passed = max((now - self.at).total_seconds(), 0.0)
        self.tokens = min(self.size, self.tokens + passed * self.per_second)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.per_second


class Limits:
    """30 messages a second per bot, about one a second per chat (burst of 5), 20 a minute per group.

    Source: the Bot API FAQ; the burst is what chats were seen to bear. Counted on the sandbox's clock, so
    that a test decides when the wait is over.
    """

    def __init__(self) -> None:
        self._bot: Bucket | None = None
        self._chats: defaultdict[int, Bucket | None] = defaultdict(lambda: None)

    def take(self, chat: Chat, now: datetime) -> None:
        """Count one message to `chat`; 429 with the seconds to wait when it is one too many."""
        self._bot = self._bot or Bucket(30, 30, 30, now)
        bucket = self._chats[chat.id] or (
            Bucket(5, 1, 5, now) if chat.private else Bucket(20, 20 / 60, 20, now)
        )
        self._chats[chat.id] = bucket
        wait = max(self._bot.wait(now), bucket.wait(now))
        if wait:
            raise too_many(math.ceil(wait))
        self._bot.tokens -= 1
        bucket.tokens -= 1
