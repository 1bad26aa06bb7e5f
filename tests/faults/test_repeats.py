"""Who dies between two letters of a chat repeats one of them at most, also when the two were written one by one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from service.couriers import Couriers
from service.letters import payload
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.front_door import LONG, Post, furnish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service.receipts import Outcome


class Desk:
    """Whoever writes down what couriers say: when the test lets it."""

    def __init__(self, books: Books) -> None:
        self.told: list[Outcome] = []
        self.asked = asyncio.Event()
        self.committed = asyncio.Event()
        self.post = Post()
        self.couriers = Couriers(
            furnish(books, FakeClock(), []), self.post, self.told.append, self.until_committed
        )

    async def until_committed(self) -> None:
        self.asked.set()
        await self.committed.wait()

    def brings(self, number: int) -> None:
        row: dict[str, Any] = {
            "id": number, "chat_id": 7, "thread_id": None, "payload": payload(f"{number}"), "script": "shared/menu",
            "queue": "", "person_id": 7, "conversation_id": 7, "turn": 1, "kind": "answer", "attempts": 0,
            "edits_letter": None, "edits_message": None,
        }  # fmt: skip
        self.couriers.take([row])

    @property
    def brought(self) -> list[int]:
        return [letter.id for letter in self.post.letters]


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:

    books = Books(sqlite_url)
    opened = Desk(books)
    async with asyncio.timeout(LONG), asyncio.TaskGroup() as group:
        group.create_task(opened.couriers.run())
        await asyncio.sleep(0)
        yield opened
        opened.committed.set()
        opened.couriers.stop()
    await books.close()


async def test_the_second_letter_waits_until_the_first_is_written_down(desk: Desk) -> None:
    desk.brings(1)
    await desk.couriers.calm()
    desk.brings(2)
    await desk.asked.wait()
    assert desk.brought == [1]
    desk.couriers.written(desk.told)
    desk.committed.set()
    await desk.couriers.calm()
    assert desk.brought == [1, 2]


async def test_it_waits_for_nothing_that_is_written_down_already(desk: Desk) -> None:
    desk.brings(1)
    await desk.couriers.calm()
    desk.couriers.written(desk.told)
    desk.brings(2)
    await desk.couriers.calm()
    assert desk.brought == [1, 2]
    assert not desk.asked.is_set()
