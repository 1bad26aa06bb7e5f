"""Cards that are shown again: until one has them, another process may have shown them, or they may be over."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from dialogs.catalogue import DIALOGS
from service import collection
from storage import conversations
from storage.engine import Books, Unit
from tests.clock import FakeClock
from tests.service.card_stage import CASE, OTHER_GROUP, SECOND, lay, tell
from tests.service.front_door import open_door
from tests.service.stages import BOSS, open_shop


@pytest.mark.parametrize(("meanwhile", "cards"), [("shown", 1), ("over", 0)])
async def test_a_card_that_was_found_and_had_too_late_is_not_shown_again(
    postgres_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, meanwhile: str, cards: int
) -> None:
    """Between the two another process brings it (the group was bound twice, and two letters ask for it) or ends it."""
    mine = dict(DIALOGS) | {"call": CASE}
    first, second = Books(postgres_url), Books(postgres_url)
    async with open_door(first, clock, dialogs=mine) as left, open_door(second, clock, dialogs=mine) as right:
        await open_shop(left)
        await lay(left, "甲")
        await left.say(BOSS, "/bind", chat_id=OTHER_GROUP)
        await left.say(BOSS, "/bind", chat_id=OTHER_GROUP)
        load_free, is_there = conversations.load_free, asyncio.Event()

        async def others_first(unit: Unit, numbers: Collection[int]) -> Any:
            if not is_there.is_set():
                is_there.set()
                await (right.look() if meanwhile == "shown" else tell(right, "over"))
            return await load_free(unit, numbers)

        monkeypatch.setattr(conversations, "load_free", others_first)
        monkeypatch.setattr(collection, "AT_ONCE", 1)  # each of the two letters in a transaction of its own
        await left.look()
        for _ in range(4):
            await asyncio.gather(left.look(), right.look())
            clock.advance(SECOND)
        brought = [*left.post.to(OTHER_GROUP), *right.post.to(OTHER_GROUP)]
        assert len([each for each in brought if "甲" in each.text]) == cards
    await first.close()
    await second.close()
