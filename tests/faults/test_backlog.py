"""What has gathered while nobody was there: 200 chats with five steps of a form each, and the timers that came due.

aiogram's own forms finish none of them (all steps of a chat are handled at once), APScheduler's own timers are gone.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from sandbox import GroupChat, PhoneOwner
from storage.customers import CUSTOMERS, VEHICLES
from storage.dead_letters import DEAD_LETTERS
from storage.inbox import INBOX
from storage.outbox import OUTBOX
from tests.faults.shop import GROUP, ZHANG
from tests.faults.stage import Stage, open_stage
from tests.faults.tally import LONG, Tally

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.faults.program import Nursery

CHATS = 200 if LONG else 30
FIRST = 5001
STEPS = 5
ASKED_LAST = "车型"
NUDGE = "shared/silence_nudge"
WAYS = ["polling", "webhook"]


def steps(user: int) -> tuple[str, ...]:
    """A stranger types everything they will be asked, without waiting for a question."""
    return "预约服务", "同意", "李静女士", f"1391234{user}", f"粤B{user:05d}"


@pytest.fixture(params=WAYS)
def webhook_port(request: pytest.FixtureRequest) -> int:
    """Updates by long polling (0), or by webhook to this port."""
    return int(request.getfixturevalue("unused_tcp_port")) if request.param == "webhook" else 0


def open_crowd(
    nursery: Nursery, url: str, folder: Path, webhook_port: int
) -> AbstractAsyncContextManager[Stage]:
    """The shop, and so many strangers with phones."""
    crowd = [PhoneOwner(user, "静", "李", started=True) for user in range(FIRST, FIRST + CHATS)]
    foreman = PhoneOwner(ZHANG, "师傅", started=True)
    group = GroupChat(GROUP, "员工群", members=(ZHANG,))
    return open_stage(nursery, url, folder, webhook_port, people=(*crowd, foreman), group=group)


async def everybody_has_written(stage: Stage) -> None:
    """All steps of all chats wait, as after a night; the service keeps the order of each chat."""
    await (await stage.start()).stop()  # the service knows from now on which updates are wanted
    for user in range(FIRST, FIRST + CHATS):
        for text in steps(user):
            await stage.say(user, text)


def finished(stage: Stage) -> list[int]:
    """Who has been asked the question after the last step."""
    users = range(FIRST, FIRST + CHATS)
    return [user for user in users if any(ASKED_LAST in text for text in stage.said(user))]


async def all_finished(stage: Stage) -> None:
    """Wait for everybody."""
    await stage.sandbox.wait_for(lambda: len(finished(stage)) == CHATS, 120)
    await stage.settled()


async def test_everybody_finishes_in_order(
    nursery: Nursery, database_url: str, tmp_path: Path, webhook_port: int, tally: Tally
) -> None:
    """Each step is taken as the answer to its own question, though all of them came together."""
    async with open_crowd(nursery, database_url, tmp_path, webhook_port) as stage:
        await everybody_has_written(stage)
        program = await stage.start()
        await all_finished(stage)
        await program.stop()
        async with stage.books() as books, books.glance() as unit:
            files = Counter((row.name, row.phone) for row in await unit.rows(select(CUSTOMERS)))
            cars = Counter(row.plate for row in await unit.rows(select(VEHICLES)))
            noted = len(await unit.rows(select(INBOX)))
            dead = await unit.rows(select(DEAD_LETTERS))
        doubled = [
            text for user in finished(stage) for text, times in Counter(stage.said(user)).items() if times > 1
        ]
    wanted = Counter(("李静", f"+861391234{user}") for user in range(FIRST, FIRST + CHATS))
    tally(
        "backlog of 200 chats × 5 steps",
        updates=CHATS * STEPS,
        lost=CHATS * STEPS - noted,
        repeated=len(doubled),
    )
    assert noted == CHATS * STEPS
    assert [*(wanted - files)][:3] == [], [*files][:3]
    assert not [f"粤B{user:05d}" for user in range(FIRST, FIRST + CHATS) if cars[f"粤B{user:05d}"] != 1]
    assert doubled == []
    assert dead == []


@pytest.mark.parametrize(
    "deaths", [(), ("before_commit", "after_commit", "after_send:7")], ids=["stop", "kill"]
)
async def test_timers_that_came_due_meanwhile_ring_once(
    nursery: Nursery, database_url: str, tmp_path: Path, deaths: tuple[str, ...], tally: Tally
) -> None:
    """Everybody stopped answering, the program was away when they were to be nudged, and dies over the nudges."""
    loop = asyncio.get_running_loop()
    async with open_crowd(nursery, database_url, tmp_path, 0) as stage:
        await everybody_has_written(stage)
        program = await stage.start()
        await all_finished(stage)
        await (program.kill() if deaths else program.stop())
        await stage.pass_time(11)
        for point in deaths:
            assert await (await stage.start(point)).exit() == -signal.SIGKILL
            await stage.pass_time(1)
        program = await stage.start()
        begin = loop.time()
        await stage.sandbox.wait_for(lambda: len(reminded(stage)) == CHATS, 120)
        late = loop.time() - begin
        await stage.settled()
        await program.stop()
        rung = await nudged(stage)
        said = Counter(
            {user: sum("还在吗" in text or "刚才" in text for text in stage.said(user)) for user in rung}
        )
    repeated = sum(times - 1 for times in said.values() if times > 1)
    tally("timers due while nobody was there", deaths=len(deaths) + bool(deaths), timers=CHATS,
          twice=sum(rung.values()) - CHATS, repeated=repeated, late=late)  # fmt: skip
    assert set(rung.values()) == {1}
    assert max(said.values()) <= 1 + len(deaths)
    assert repeated <= len(deaths) * CHATS
    assert not LONG or late <= 15


def reminded(stage: Stage) -> Counter[int]:
    """Who was nudged how often, by the chats."""
    users = range(FIRST, FIRST + CHATS)
    return +Counter({user: sum("还在吗" in text for text in stage.said(user)) for user in users})


async def nudged(stage: Stage) -> Counter[int]:
    """Who was nudged how often, by the books."""
    async with stage.books() as books, books.glance() as unit:
        letters = await unit.rows(select(OUTBOX).where(OUTBOX.c.script == NUDGE, OUTBOX.c.state == "sent"))
    return Counter(row.chat_id for row in letters)
