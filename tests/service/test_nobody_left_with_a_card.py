"""The two who have a card, where there is no staff group, block the bot at the same moment."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from dialogs.catalogue import DIALOGS
from domain.people import Role
from service import consequences
from service.briefing import Briefing
from service.ledger import Ledger
from service.play import Play
from storage import people
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.card_stage import CASE, in_play, lay, shown, unbind
from tests.service.front_door import open_door
from tests.service.stages import ADVISOR, BOSS, FOREMAN, open_shop
from tests.storage.rows import is_waited_for


async def test_a_card_that_nobody_has_any_more_is_shown_to_others(
    postgres_books: Books, clock: FakeClock
) -> None:
    """Two transactions side by side: each takes one copy away, and sees the other's still lying there."""
    async with open_door(postgres_books, clock, dialogs=dict(DIALOGS) | {"call": CASE}) as desk:
        await open_shop(desk)
        advisor, foreman = (await desk.person(ADVISOR)).id, (await desk.person(FOREMAN)).id
        async with postgres_books.unit() as unit:
            await people.give_role(unit, foreman, Role.ADVISOR, clock.now())
        await unbind(desk)
        await lay(desk)
        assert shown(desk, ADVISOR.user_id) == shown(desk, FOREMAN.user_id) == [("甲", True)]
        async with postgres_books.unit() as unit:
            ledger = Ledger(unit, clock.now())
            play = Play(desk.house, ledger, Briefing(unit, desk.house, ledger.now))
            await consequences.out_of_reach(play, advisor)
            await ledger.flush()
            other = asyncio.create_task(in_play(desk, lambda play: consequences.out_of_reach(play, foreman)))
            await is_waited_for(unit, other)
        await other
        await desk.pass_time(timedelta(seconds=1))
        assert shown(desk, BOSS.user_id) == [("甲", True)]
