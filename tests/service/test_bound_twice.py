"""The group is bound once more by another process while its topics are being made."""

from __future__ import annotations

import asyncio

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import Said
from domain.people import Queue
from storage import places
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.card_stage import CASE, OTHER_GROUP, SECOND, lay, shown
from tests.service.front_door import LONG, hold_back, open_door
from tests.service.stages import BOSS, open_shop
from tests.storage.rows import is_waited_for


async def test_a_topic_that_is_made_while_the_group_is_bound_again_is_not_lost(
    postgres_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making topics takes a while, and a manager who sees nothing sends /bind once more."""
    mine = dict(DIALOGS) | {"call": CASE}
    first, second = Books(postgres_url), Books(postgres_url)
    async with open_door(first, clock, dialogs=mine) as left, open_door(second, clock, dialogs=mine) as right:
        right._updates = iter(range(1000, 2000))
        await open_shop(left)
        answers = left.post.closed[OTHER_GROUP] = asyncio.Event()
        bind = {"chat_id": OTHER_GROUP, "group_has_topics": True}
        await left.intake.put([left.update(BOSS, Said("/bind"), **bind)])
        is_there, may_go_on = hold_back(monkeypatch)
        again = asyncio.create_task(right.say(BOSS, "/bind", **bind))
        await is_there.wait()
        answers.set()
        async with asyncio.timeout(LONG):  # the first topic is there, and waits to be written down
            while not left.noted:
                left._news.clear()
                await left._news.wait()
        made = asyncio.create_task(left.quiet())
        async with first.glance() as unit:
            await is_waited_for(unit, made)
        may_go_on.set()
        await asyncio.gather(again, made)
        for _ in range(20):
            await asyncio.gather(left.look(), right.look())
            clock.advance(SECOND)
        async with first.glance() as unit:
            found = await places.load(unit)
        assert [queue for queue in Queue if found[queue].thread_id is None] == []
        await lay(left)
        assert shown(left, OTHER_GROUP)[-1] == ("甲", True)
    await first.close()
    await second.close()
