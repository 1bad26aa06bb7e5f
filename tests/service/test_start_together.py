"""Two processes that start together after both were down."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.opening import Premises, serve
from service.desk import PRESSES_KEPT
from storage.bell import Bell
from storage.engine import Books
from tests.service.front_door import FrontDoor, Post, furnish, open_door
from tests.service.stages import BOSS, open_shop, stand_at
from tests.storage.test_bell import until

if TYPE_CHECKING:
    from service.ports import Letter
    from tests.clock import FakeClock


async def test_an_undecided_card_is_offered_again_after_both_were_down(
    postgres_url: str, clock: FakeClock
) -> None:
    """D5: each sees the other, but nobody was there before; whoever decides gets the card once."""
    first = Books(postgres_url, pool_size=10)
    async with open_door(first, clock) as before:
        await open_shop(before)
        await stand_at(before, "discount_desk", "attend")
    clock.advance(PRESSES_KEPT + timedelta(seconds=1))
    posts = [Post(), Post()]

    def offered() -> list[Letter]:
        return [one for post in posts for one in post.to(BOSS.user_id) if not one.edits]

    async def process(post: Post) -> None:
        books = Books(postgres_url, pool_size=10)
        house = furnish(books, clock, [])
        bell, stop = Bell(books, house.courier), asyncio.Event()
        door = FrontDoor(house, post, clock, [], bell)
        async with bell.attended(), asyncio.TaskGroup() as group:
            await until(lambda: bool(bell.others))
            group.create_task(serve(Premises(house, door.intake, door.clockwork, post, "bot"), stop))
            await until(lambda: bool(offered()))
            stop.set()
        await books.close()

    await asyncio.gather(*(process(post) for post in posts))
    await first.close()
    assert len(offered()) == 1
