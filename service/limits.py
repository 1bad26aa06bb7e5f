"""How fast the messaging service lets us send: per bot, per chat, per group. Windows on a monotonic clock."""

from __future__ import annotations

from collections import deque

from domain.store import SendingFigures

MINUTE = 60.0  # seconds
IDLE = 120.0  # seconds after which a chat's window is empty whatever its figures


class Window:
    """At most `most` turns within any `seconds`, whoever waits included: exactly what the service counts."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._turns: deque[float] = deque(maxlen=max(most, 1))

    def wait(self, moment: float) -> float:
        """Take one turn; how many seconds from `moment` (monotonic) it has to wait."""
        turn = moment
        if len(self._turns) == self._turns.maxlen:
            turn = max(moment, self._turns[0] + self._seconds)
        self._turns.append(turn)
        return turn - moment

    def idle_since(self, moment: float) -> bool:
        """Whether nobody took a turn for so long that a new window would be the same."""
        return not self._turns or moment - self._turns[-1] > IDLE


class Limits:
    """The turns of all chats. A chat that has to wait takes nothing from the others."""

    def __init__(self, figures: SendingFigures) -> None:
        self._figures = figures
        self._bot = Window(figures.bot_per_second, 1.0)
        self._chats: dict[int, Window] = {}

    def wait_for_chat(self, chat: int, moment: float) -> float:
        """Seconds until `chat` may get its next message (groups, whose numbers are negative, are slower)."""
        if len(self._chats) > 10_000:
            self._chats = {
                one: window for one, window in self._chats.items() if not window.idle_since(moment)
            }
        window = self._chats.get(chat)
        if window is None:
            window = self._chats[chat] = self._window_for(chat)
        return window.wait(moment)

    def wait_for_bot(self, moment: float) -> float:
        """Seconds until the bot may send anything at all; asked when the chat's turn has come."""
        return self._bot.wait(moment)

    def _window_for(self, chat: int) -> Window:
        if chat < 0:
            return Window(self._figures.group_per_minute, MINUTE)
        burst = max(self._figures.chat_burst, self._figures.chat_per_second)
        return Window(burst, burst / self._figures.chat_per_second)
