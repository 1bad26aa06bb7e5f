"""Who was taken for dead comes too late with what is to be brought again: others have brought it meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import Home
from service.briefing import Briefing
from service.ledger import Ledger
from service.play import Play
from service.ports import Delivery, TryLater, Unknown
from storage import outbox
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.card_stage import CASE, SECOND, line, words_of
from tests.service.front_door import WANG, FrontDoor, open_door
from tests.service.stages import open_shop


async def write_three(door: FrontDoor) -> None:
    """Three letters to Wang, of which the first is under way and the others wait behind it."""
    person = (await door.person(WANG)).id
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        held = await play.begin("call", Home(person=person))
        for words in ("一", "二", "三"):
            await play.drafting.say(line(words, to=Home(person=person), fresh=True), held)
        letters = await ledger.flush()
    door.post.arrived.clear()
    door.intake.couriers.take(letters)
    await door.post.arrived.wait()


@pytest.mark.parametrize("answer", [TryLater("no network"), Unknown("silence")])
async def test_what_others_have_brought_is_not_brought_again(
    postgres_url: str, clock: FakeClock, answer: Delivery
) -> None:
    """A process is cut off for a while: one letter was under way, and is said twice; those behind it are not."""
    mine = dict(DIALOGS) | {"call": CASE}
    books, others = Books(postgres_url), Books(postgres_url)
    async with (
        open_door(books, clock, dialogs=mine) as cut_off,
        open_door(others, clock, dialogs=mine) as heir,
    ):
        await open_shop(cut_off)
        network = cut_off.post.closed[WANG.user_id] = asyncio.Event()
        cut_off.post.will_answer(WANG.user_id, answer)
        await write_three(cut_off)
        async with others.unit() as unit:  # as neighbours do
            await outbox.abandon(unit, clock.now(), [cut_off.house.courier])
        await heir.pass_time(timedelta())
        network.set()
        await cut_off.quiet()
        for _ in range(12):
            await cut_off.pass_time(SECOND)
            await heir.pass_time(timedelta())
        said = [words_of(each.text) for each in (*cut_off.post.to(WANG.user_id), *heir.post.to(WANG.user_id))]
        assert sorted(said) == sorted(["一", "一", "二", "三"])
    await books.close()
    await others.close()
