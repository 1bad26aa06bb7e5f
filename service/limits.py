"""How fast the messaging service lets us send: per bot, per chat, per group. Token buckets on a monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass

from domain.store import SendingFigures


@dataclass(slots=True)
class Bucket:
    """Lets `burst` through at once and `rate` per second in the long run; `level` may go below zero for who waits."""

    rate: float
    burst: float
    level: float = 0.0
    since: float = 0.0

    def __post_init__(self) -> None:
        """A bucket begins full."""
        self.level = self.burst

    def wait(self, moment: float) -> float:
        """Take one turn; how many seconds from `moment` (monotonic) it has to wait."""
        self.level = min(self.burst, self.level + (moment - self.since) * self.rate)
        self.since = moment
        self.level -= 1
        return max(0.0, -self.level / self.rate)


class Limits:
    """The turns of all chats. A chat that has to wait takes nothing from the others."""

    def __init__(self, figures: SendingFigures) -> None:
        self._figures = figures
        self._bot = Bucket(figures.bot_per_second, figures.bot_per_second)
        self._chats: dict[int, Bucket] = {}

    def wait_for_chat(self, chat: int, moment: float) -> float:
        """Seconds until `chat` may get its next message (groups, whose numbers are negative, are slower)."""
        if len(self._chats) > 10_000:
            self._forget_idle(moment)
        bucket = self._chats.get(chat)
        if bucket is None:
            bucket = self._chats[chat] = self._bucket_for(chat)
        return bucket.wait(moment)

    def wait_for_bot(self, moment: float) -> float:
        """Seconds until the bot may send anything at all; asked when the chat's turn has come."""
        return self._bot.wait(moment)

    def _bucket_for(self, chat: int) -> Bucket:
        if chat < 0:
            return Bucket(self._figures.group_per_minute / 60, self._figures.group_per_minute)
        return Bucket(self._figures.chat_per_second, self._figures.chat_burst)

    def _forget_idle(self, moment: float) -> None:
        full = [chat for chat, bucket in self._chats.items() if moment - bucket.since > 120]
        for chat in full:
            del self._chats[chat]
