"""What the page may ask of the program that runs behind the sandbox: its clock and its plans.

The sandbox knows no bot. Whoever starts both (the demo) implements `Control`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime, timedelta


@dataclass(frozen=True)
class Planned:
    """Something the bot will do by itself: `what` and `why` are its own Chinese words."""

    due_at: datetime
    what: str
    why: str
    chat_title: str


class Control(Protocol):
    """The time machine and the explanations behind the page."""

    def now(self) -> datetime:
        """The demo's present time (aware)."""
        ...

    async def plan(self) -> list[Planned]:
        """What is due next, earliest first."""
        ...

    async def why(self, chat_id: int, message_id: int) -> list[str]:
        """Chinese sentences: why this message was sent, and why at this time."""
        ...

    async def shift(self, delta: timedelta) -> None:
        """Move the demo's clock forward by `delta`."""
        ...

    async def jump_to_next(self) -> None:
        """Move the demo's clock to the next planned thing."""
        ...
