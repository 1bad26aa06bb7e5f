"""How fast the messaging service lets us send: per bot, per chat, per group. Windows on whatever clock it is given."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from domain.store import SendingFigures

MINUTE = 60.0  # seconds
IDLE = 120.0  # seconds after which a chat's window is empty whatever its figures
UNSTEADY = (
    0.05  # seconds by which one message may be longer on its way than the next; the service counts arrivals
)
ABSURD = 600.0  # seconds ahead in which nobody can have taken a turn: the clock was set back

Turns = tuple[tuple[float, int], ...]
"""Moments in seconds, and how many turns at each; oldest first."""


class Window:
    """At most `most` turns within any `seconds`, whoever waits included: exactly what the service counts."""

    def __init__(self, most: int, seconds: float, turns: Iterable[tuple[float, int]] = ()) -> None:
        """`turns` have been taken already."""
        self._most = max(most, 1)
        self._seconds = seconds
        self._turns: deque[tuple[float, int]] = deque(turns)
        self._count = sum(count for _, count in self._turns)

    def wait(self, moment: float) -> float:
        """Take one turn; how many seconds from `moment` it has to wait."""
        self._forget(moment)
        turn = moment
        if self._turns:
            turn = max(turn, self._turns[-1][0])
        if self._count >= self._most:
            turn = max(turn, self._turns[0][0] + self._seconds)
            self._drop()
        self._take(turn)
        return turn - moment

    def idle_since(self, moment: float) -> bool:
        """Whether nobody took a turn for so long that a new window would be the same."""
        return not self._turns or moment - self._turns[-1][0] > IDLE

    @property
    def turns(self) -> Turns:
        """Those that may still count."""
        return tuple(self._turns)

    def _take(self, turn: float) -> None:
        self._count += 1
        if self._turns and self._turns[-1][0] == turn:
            self._turns[-1] = turn, self._turns[-1][1] + 1
        else:
            self._turns.append((turn, 1))

    def _drop(self) -> None:
        self._count -= 1
        first, count = self._turns[0]
        if count > 1:
            self._turns[0] = first, count - 1
        else:
            self._turns.popleft()

    def _forget(self, moment: float) -> None:
        if self._turns and self._turns[-1][0] > moment + ABSURD:
            self._turns.clear()
            self._count = 0
        while self._turns and self._turns[0][0] + self._seconds <= moment:
            self._count -= self._turns.popleft()[1]


class Limits:
    """The turns of the bot and of all chats. A chat that has to wait takes nothing from the others."""

    def __init__(self, figures: SendingFigures) -> None:
        self._figures = figures
        self._bot = self._window_of_bot(())
        self._chats: dict[int, Window] = {}

    def wait_for_chat(self, chat: int, moment: float) -> float:
        """Seconds until `chat` may get its next message (groups, whose numbers are negative, are slower)."""
        if len(self._chats) > 10_000:
            self._chats = {
                one: window for one, window in self._chats.items() if not window.idle_since(moment)
            }
        window = self._chats.get(chat)
        if window is None:
            window = self._chats[chat] = self._window_for(chat, ())
        return window.wait(moment)

    def wait_for_bot(self, moment: float) -> float:
        """Seconds until the bot may send anything at all; asked when the chat's turn has come."""
        return self._bot.wait(moment)

    # ------------------------------------------------------------ from one process to the next

    @property
    def of_bot(self) -> Turns:
        """The bot's turns that may still count."""
        return self._bot.turns

    @property
    def of_chats(self) -> dict[int, Turns]:
        """Every chat's turns that may still count."""
        return {chat: window.turns for chat, window in self._chats.items() if window.turns}

    def add_to_bot(self, turns: Iterable[tuple[float, int]]) -> None:
        """The bot has taken these turns as well."""
        self._bot = self._window_of_bot(_merged(self._bot.turns, turns))

    def add_to_chat(self, chat: int, turns: Iterable[tuple[float, int]]) -> None:
        """`chat` has had these turns as well."""
        known = self._chats[chat].turns if chat in self._chats else ()
        self._chats[chat] = self._window_for(chat, _merged(known, turns))

    def _window_of_bot(self, turns: Turns) -> Window:
        return Window(self._figures.bot_per_second, 1.0 + UNSTEADY, turns)

    def _window_for(self, chat: int, turns: Turns) -> Window:
        if chat < 0:
            return Window(self._figures.group_per_minute, MINUTE + UNSTEADY, turns)
        burst = max(self._figures.chat_burst, self._figures.chat_per_second)
        return Window(burst, burst / self._figures.chat_per_second + UNSTEADY, turns)


def _merged(some: Turns, others: Iterable[tuple[float, int]]) -> Turns:
    return tuple(sorted((*some, *others)))
