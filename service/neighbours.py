"""The other processes on the same PostgreSQL: what one that died had in hand is taken over before its lease is out."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from service.house import House
from storage import outbox
from storage.bell import GONE, Bell
from storage.engine import Unit


class Neighbours:
    """Who else has letters in hand; asked with every look of the clockwork."""

    def __init__(self, house: House, bell: Bell) -> None:
        self._house = house
        self._bell = bell
        self._missed: dict[str, float] = {}
        self._known: frozenset[str] = frozenset()

    @property
    def have_changed(self) -> bool:
        """Whether somebody came or went since the last look."""
        return self._bell.is_open and self._bell.others != self._known

    async def vanished(self, unit: Unit) -> tuple[bool, set[str]]:
        """Whether other processes, dead ones too, may have letters in hand; and those of them that are dead."""
        was_alone, self._known = self._bell.is_alone, self._bell.others
        with_letters = await outbox.couriers(unit) - {self._house.courier}
        return not was_alone or bool(with_letters), self._dead(with_letters)

    @property
    def are_missed(self) -> bool:
        """Whether some have letters and no bell, but not for long enough to be dead."""
        return bool(self._missed)

    async def inherit(self, dead: Collection[str]) -> None:
        """What they had in hand is due."""
        async with self._house.books.unit() as unit:
            await outbox.abandon(unit, self._house.clock.now(), dead)

    def _dead(self, with_letters: Collection[str]) -> set[str]:
        moment = asyncio.get_running_loop().time()
        missing = set(with_letters) - self._bell.others if self._bell.is_open else set()
        self._missed = {one: self._missed.get(one, moment) for one in missing}
        return {one for one, since in self._missed.items() if moment - since >= GONE}
