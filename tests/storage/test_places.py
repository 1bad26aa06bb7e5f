"""The staff group: where each desk's cards lie."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.people import Queue
from storage import outbox, places
from storage.outbox import OUTBOX
from storage.places import Place
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_conversation, a_letter

if TYPE_CHECKING:
    from storage.engine import Books, Unit

GROUP, OTHER = -100_123, -100_456
LATER = MONDAY_TEN + timedelta(hours=1)


async def test_every_desk_gets_a_place(books: Books) -> None:
    async with books.unit() as unit:
        assert await places.load(unit) == {}
        await places.bind(unit, GROUP, True)
        assert await places.load(unit) == {queue: Place(GROUP, None, True) for queue in Queue}


async def test_topics_are_noted_and_forgotten(books: Books) -> None:
    async with books.unit() as unit:
        await places.bind(unit, GROUP, True)
        await places.set_topic(unit, Queue.WORKSHOP, GROUP, 17)
        await places.set_topic(unit, Queue.PARTS, GROUP, 18)
        assert not await places.set_topic(unit, Queue.PARTS, OTHER, 19)  # that is not the staff group
        assert not await places.lose_topic(unit, Queue.PARTS, GROUP, 17)  # that was another one
        assert not await places.lose_topic(unit, Queue.PARTS, OTHER, 18)
        assert await places.lose_topic(unit, Queue.PARTS, GROUP, 18)
        found = await places.load(unit)
        assert (found[Queue.WORKSHOP].thread_id, found[Queue.PARTS].thread_id) == (17, None)


async def test_the_same_group_again_keeps_its_topics(books: Books) -> None:
    """Whoever repeats the command makes no second set of topics."""
    async with books.unit() as unit:
        await places.bind(unit, GROUP, True)
        await places.set_topic(unit, Queue.WORKSHOP, GROUP, 17)
        await places.bind(unit, GROUP, True)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(GROUP, 17, True)
        await places.bind(unit, GROUP, False)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(GROUP, None, False)
        await places.bind(unit, OTHER, True)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(OTHER, None, True)


async def test_a_group_that_moved_begins_anew(books: Books) -> None:
    async with books.unit() as unit:
        await places.bind(unit, GROUP, True)
        await places.set_topic(unit, Queue.WORKSHOP, GROUP, 17)
        await places.move(unit, OTHER, -1)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(GROUP, 17, True)
        await places.move(unit, GROUP, OTHER)
        assert (await places.load(unit))[Queue.WORKSHOP] == Place(OTHER, None, True)


async def test_a_group_is_forgotten_only_if_it_is_the_staff_group(books: Books) -> None:
    async with books.unit() as unit:
        await places.bind(unit, GROUP, True)
        assert not await places.forget(unit, OTHER)
        assert len(await places.load(unit)) == len(Queue)
        assert await places.forget(unit, GROUP)
        assert await places.load(unit) == {}


async def test_without_the_right_to_make_topics_the_group_itself_is_the_place(books: Books) -> None:
    """Topics that are there already go on being used."""
    async with books.unit() as unit:
        await places.bind(unit, GROUP, True)
        await places.set_topic(unit, Queue.WORKSHOP, GROUP, 17)
        await places.do_without_topics(unit, GROUP)
        found = await places.load(unit)
        assert found[Queue.WORKSHOP] == Place(GROUP, 17, True)
        assert found[Queue.PARTS] == Place(GROUP, None, False)


async def _waiting(unit: Unit, *letters: dict[str, Any]) -> list[int]:
    """Letters that wait until later; their numbers."""
    held = {"state": "held", "due_at": LATER, "queue": "", "reason": "", "person_id": None}
    return await outbox.post(unit, [a_letter(**held | letter) for letter in letters])


async def _due_now(unit: Unit) -> list[int]:
    """The letters that wait no longer."""
    due = (OUTBOX.c.state == "pending") & (OUTBOX.c.due_at == MONDAY_TEN)
    return [row.id for row in await unit.rows(select(OUTBOX.c.id).where(due).order_by(OUTBOX.c.id))]


async def test_what_is_held_is_released_by_its_reason(books: Books) -> None:
    async with books.unit() as unit:
        group, parts, other, workshop = await _waiting(
            unit,
            {"reason": outbox.NO_STAFF_GROUP},
            {"reason": f"{outbox.NO_TOPIC}:parts"},
            {"reason": outbox.NO_STAFF_GROUP},
            {"reason": f"{outbox.NO_TOPIC}:workshop"},
        )
        assert await places.release(unit, outbox.NO_STAFF_GROUP, MONDAY_TEN) == 2
        assert await _due_now(unit) == [group, other]
        assert await places.release(unit, f"{outbox.NO_TOPIC}:parts", MONDAY_TEN) == 1
        assert await _due_now(unit) == [group, parts, other]
        assert await places.release_topics(unit, MONDAY_TEN) == 1
        assert await _due_now(unit) == [group, parts, other, workshop]


async def test_a_lost_group_releases_everything_that_waits_for_it(books: Books) -> None:
    """Whatever its reason, and what was refused too; letters to people keep their time."""
    async with books.unit() as unit:
        held, refused, _to_person, _sent = await _waiting(
            unit,
            {"queue": "parts", "reason": "no_topic:parts"},
            {"queue": "parts", "state": "retry"},
            {"person_id": 3},
            {"queue": "parts", "state": "sent"},
        )
        assert await places.release_queues(unit, MONDAY_TEN) == 2
        assert await _due_now(unit) == [held, refused]


@pytest.mark.parametrize(
    ("card", "bound", "misplaced"),
    [
        ({"chat_id": GROUP, "thread_id": 17, "state": "sent"}, True, False),
        ({"chat_id": GROUP, "thread_id": 16, "state": "sent"}, True, True),
        ({"chat_id": OTHER, "thread_id": 17, "state": "sent"}, True, True),
        ({"chat_id": OTHER, "thread_id": 17, "state": "retry"}, True, False),
        ({"state": "dropped", "reason": "told_privately"}, True, True),
        ({"state": "dropped", "reason": "told_privately"}, False, False),
        ({"state": "held", "reason": "no_staff_group"}, False, False),
        ({"chat_id": GROUP, "thread_id": 17, "state": "sent"}, False, True),
    ],
)
async def test_a_card_is_misplaced_where_its_queue_has_another_place(
    books: Books, card: dict[str, Any], bound: bool, misplaced: bool
) -> None:
    async with books.unit() as unit:
        if bound:
            await places.bind(unit, GROUP, True)
            await places.set_topic(unit, Queue.WORKSHOP, GROUP, 17)
        [letter] = await outbox.post(unit, [a_letter(queue="workshop", **card)])
        live = await a_conversation(unit, queue="workshop", card_letter=letter)
        await a_conversation(unit, queue="workshop", card_letter=letter, status="over")
        await a_conversation(unit, queue="workshop")
        assert await places.misplaced(unit, 10) == ([live] if misplaced else [])
