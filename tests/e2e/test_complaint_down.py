"""The bot is down while the time of a complaint runs out: every alarm comes, once, and says that it is late (C6)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo import TOKEN, Stage, TimeMachine
from bot.demo_cast import ABSENT, COLLEAGUES, CUSTOMERS, GROUP, GROUP_ID, KNOWN
from bot.demo_seed import seed
from bot.opening import open_premises, serve
from bot.settings import load_settings
from domain.complaints import ALARMS
from domain.people import Queue
from sandbox.server import Sandbox
from storage.engine import Books
from storage.upgrade import upgrade
from tests.e2e.complaint_case import CHEN, SUN, ZHAO, ZHENG, Case, dead_letters, read, sheet
from tests.e2e.conftest import StageClock, quick_store
from tests.e2e.play import Performance

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LATE = "（这条提醒补发，机器人当时不在线）"


class House:
    """A local Telegram that goes on, and a bot that is started and stopped."""

    def __init__(self, database: str) -> None:
        self.clock = StageClock()
        self.machine = TimeMachine(self.clock)
        self.database = database
        people = [*CUSTOMERS, *(each.phone for each in COLLEAGUES), *ABSENT]
        self.sandbox = Sandbox(people, [GROUP], token=TOKEN, clock=self.clock.now, control=self.machine)
        self.url = ""

    @asynccontextmanager
    async def is_open(self) -> AsyncIterator[Performance]:
        """The bot works while the body runs."""
        values = {"BOT_TOKEN": TOKEN, "BOT_API_BASE": self.url, "DATABASE_URL": self.database}
        settings, stop = load_settings(values, env_file=None), asyncio.Event()
        async with (
            open_premises(settings, quick_store(), clock=self.clock) as premises,
            asyncio.TaskGroup() as group,
        ):
            self.machine.attend(premises)
            before = len(self.sandbox.calls_of("getUpdates"))
            group.create_task(serve(premises, stop))
            await self.sandbox.wait_for(lambda: len(self.sandbox.calls_of("getUpdates")) > before)
            try:
                yield Performance(Stage(self.sandbox, premises, self.machine, self.url), self.clock)
            finally:
                stop.set()

    @asynccontextmanager
    async def built(self) -> AsyncIterator[Performance]:
        """The first day: a seeded store whose group is bound; the bot works while the body runs."""
        self.url = await self.sandbox.start()
        async with self.is_open() as show:
            await seed(show.stage.premises.house)
            await self.sandbox.user(ZHAO).say("/bind", chat=GROUP_ID)
            await show.until_bound()
            yield show


async def down_over_a_warning_and_a_deadline(database: str) -> None:
    """Nobody accepts; the bot is down from 10:00 to 12:10 and once more until 12:20."""
    house = House(database)
    try:
        async with house.built() as show:
            case = Case(show)
            await case.file()
            assert len(case.log()) == 3
        house.clock.forward(timedelta(hours=2, minutes=10))
        await house.sandbox.user(KNOWN).say("我的投诉怎么样了")
        async with house.is_open() as show:
            case.show = show
            await show.heard()
            assert sorted(case.log()) == [
                "23日 12:10 #前台｜⏰ 投诉 N 快到时间了",
                "23日 12:10 #升级｜🚨 投诉 N 已超时",
                "23日 12:10 王建国｜王先生，关于您的投诉 N，没能按约定时间答复，非常抱歉。已报上级经理亲自督办。",
                "23日 12:10 王建国｜📋 投诉进度单 N",
                "23日 12:10 赵敏｜📝 投诉 N · 前台主管接单",
                "23日 12:10 赵敏｜🚨 投诉 N 已超时",
                "23日 12:10 郑洁｜⏰ 投诉 N 快到时间了",
                "23日 12:10 陈晓｜⏰ 投诉 N 快到时间了",
            ]
            assert "比约定的时间晚了，很抱歉" in sheet(show)
            told = [m.text for who in (CHEN, ZHENG, ZHAO) for m in house.sandbox.chat(who).messages]
            told += [m.text for queue in (Queue.FRONT_DESK, Queue.ESCALATION) for m in show.in_topic(queue)]
            alarms = [text for text in told if "快到时间了" in text or "已超时\n" in text]
            assert [LATE in text for text in alarms] == [True] * 5
        house.clock.forward(timedelta(minutes=10))
        async with house.is_open() as show:
            case.show = show
            await show.heard()
            assert case.log() == []
            await show.later(timedelta(minutes=10))
            assert read(show, SUN)[-2:] == [
                f"🚨 投诉 {case.number} 超时仍未处理，请总经理过问",
                f"📝 投诉 {case.number} · 前台主管接单",
            ]
            assert not any(LATE in m.text for m in house.sandbox.chat(SUN).messages)
            complaint = await case.kept()
            assert [each.happening for each in complaint.of(*ALARMS)] == list(ALARMS)
            assert [bool(each.details["late"]) for each in complaint.of(*ALARMS)] == [True, True, False]
            assert len(complaint.words) == 1
            assert await dead_letters(show) == []
            assert show.exposed() == []
    finally:
        await house.sandbox.stop()


async def test_down_over_a_warning_and_a_deadline(tmp_path: Path) -> None:
    """C6: both alarms come once, marked 补发; the one after them is on time; a question meanwhile is answered."""
    await down_over_a_warning_and_a_deadline(f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}")


async def test_down_over_a_warning_and_a_deadline_on_postgresql(postgres_url: str) -> None:
    """The same."""
    books = Books(postgres_url)
    await upgrade(books)
    await books.close()
    await down_over_a_warning_and_a_deadline(postgres_url)
