"""A topic that was made in the group of before is not one of the group of now."""

from __future__ import annotations

import asyncio

from dialogs.core import Said
from domain.people import Queue
from storage import places
from tests.service.card_stage import OTHER_GROUP, SECOND
from tests.service.front_door import LONG, FrontDoor
from tests.service.stages import BOSS

WRONG_GROUP = -888


async def test_a_topic_made_too_late_belongs_to_no_desk(desk: FrontDoor) -> None:
    """The wrong group was bound first; a topic is just being made there when the right one is bound."""
    answers = desk.post.closed[WRONG_GROUP] = asyncio.Event()
    for chat in (WRONG_GROUP, OTHER_GROUP):
        await desk.intake.put([desk.update(BOSS, Said("/bind"), chat_id=chat, group_has_topics=True)])
    async with asyncio.timeout(LONG):
        while len(kept := await topics(desk)) < len(Queue):
            await desk.intake.put([])
    answers.set()
    await desk.quiet()
    await desk.pass_time(SECOND)
    assert await topics(desk) == kept


async def topics(desk: FrontDoor) -> dict[Queue, int]:
    async with desk.house.books.glance() as unit:
        found = await places.load(unit)
    assert {place.chat_id for place in found.values()} == {OTHER_GROUP}
    return {queue: place.thread_id for queue, place in found.items() if place.thread_id is not None}
