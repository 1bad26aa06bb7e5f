"""Presses on cards as they lie before people, each an update of its own number."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import select

from dialogs.core import Pressed
from service.ports import Incoming, Sender, Tap
from storage.conversations import CONVERSATIONS, OVER

if TYPE_CHECKING:
    from collections.abc import Collection
    from random import Random

    from storage.engine import Unit


@dataclass(frozen=True)
class Card:
    """A card or sheet as it lies before somebody now."""

    conversation: int
    turn: int
    message: int
    state: str


class Presses:
    """Everybody's presses, drawn from `rng`; each is an update of its own number."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.numbers = count(1)

    def press(self, user: int, chat: int, card: Card, key: str, value: str = "", later: int = 0) -> Incoming:
        """`later`: so many turns after the one in which the card was seen."""
        number = next(self.numbers)
        tap = Tap(card.conversation, card.turn + later, key, value)
        return Incoming(
            number, Sender(user, "小林"), chat, Pressed(key, value), in_group=chat < 0, tap=tap,
            press_id=f"p{number}", card=card.message,
        )  # fmt: skip


async def cards_of(unit: Unit, subjects: Collection[str]) -> dict[tuple[str, str], list[Card]]:
    """Every card that lies before somebody about one of `subjects`, by its subject and dialog."""
    talks = select(CONVERSATIONS).where(CONVERSATIONS.c.subject.in_(subjects), CONVERSATIONS.c.status != OVER)
    found: dict[tuple[str, str], list[Card]] = {}
    for row in await unit.rows(talks):
        card = Card(row.id, row.turn, row.card_message or row.card_letter or 0, row.state)
        found.setdefault((row.subject, row.dialog), []).append(card)
    return found
