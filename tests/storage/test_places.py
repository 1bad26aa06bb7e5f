"""The staff group: where each desk's cards lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.people import Queue
from storage import places
from storage.places import Place

if TYPE_CHECKING:
    from storage.engine import Books

GROUP, OTHER = -100_123, -100_456


async def test_every_desk_gets_a_place(books: Books) -> None:
    async with books.unit() as unit:
        assert await places.load(unit) == {}
        await places.bind(unit, GROUP, True)
        assert await places.load(unit) == {queue: Place(GROUP, None, True) for queue in Queue}


async def test_topics_are_noted_and_forgotten(books: Books) -> None:
    async with books.unit() as unit:
        await places.bind(unit, GROUP, True)
        await places.set_topic(unit, Queue.WORKSHOP, 17)
        await places.set_topic(unit, Queue.PARTS, 18)
        await places.set_topic(unit, Queue.PARTS, None)
        found = await places.load(unit)
        assert (found[Queue.WORKSHOP].thread_id, found[Queue.PARTS].thread_id) == (17, None)


async def test_the_same_group_again_keeps_its_topics(books: Books) -> None:
    """Whoever repeats the command makes no second set of topics."""
    async with books.unit() as unit:
        await places.bind(unit, GROUP, True)
        await places.set_topic(unit, Queue.WORKSHOP, 17)
        await places.bind(unit, GROUP, True)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(GROUP, 17, True)
        await places.bind(unit, GROUP, False)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(GROUP, None, False)
        await places.bind(unit, OTHER, True)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(OTHER, None, True)


async def test_a_group_that_moved_begins_anew(books: Books) -> None:
    async with books.unit() as unit:
        await places.bind(unit, GROUP, True)
        await places.set_topic(unit, Queue.WORKSHOP, 17)
        await places.move(unit, OTHER, -1)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(GROUP, 17, True)
        await places.move(unit, GROUP, OTHER)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(OTHER, None, True)
