"""The nightly self-check in the whole product: asked for by its timer, done aside, read in the topic."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from domain.people import Queue
from storage.timers import TIMERS
from tests.clock import MONDAY_TEN
from tests.e2e.complaint_case import CHEN, Case

if TYPE_CHECKING:
    from tests.e2e.play import Performance

NIGHT = MONDAY_TEN + timedelta(hours=13, minutes=30)


async def test_every_night_the_managers_read_how_it_stands(show: Performance) -> None:
    """Breached and raised by then, but everybody was told: green. The next night an alarm was lost: red."""
    case = Case(show)
    await case.file()
    await show.at(NIGHT)
    await show.reads_in(Queue.AFTER_SALES, "🟢 夜间自检：1 单投诉处理中，计时和负责人都正常")
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    async with show.stage.premises.house.books.unit() as unit:
        await unit.run(delete(TIMERS).where(TIMERS.c.name == "raised"))
    await show.later(timedelta(hours=24))
    red = await show.reads_in(Queue.AFTER_SALES, "🔴 夜间自检")
    assert (
        f"{case.number}「前台主管首次处理」：「报告总经理」应在 11月24日 周二 14:30 发出，没有发出。"
        in red.text
    )
