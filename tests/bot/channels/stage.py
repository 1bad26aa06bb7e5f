"""What the channels' tests play with: a small cast, pauses that only count, and an ear."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.channels.aiogram import AiogramChannel
from bot.channels.ptb import PtbChannel
from sandbox import GroupChat, PhoneOwner
from service.ports import Face, Letter, Tap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.channels.bot_api import BotApiChannel

TOKEN = "4200:never-to-be-seen"
WANG = PhoneOwner(101, "王", "建国", phone="8613800138000", started=True)
LI = PhoneOwner(102, "李娜", started=True)
SHY = PhoneOwner(103, "赵敏")
WORKSHOP = GroupChat(-1001000000001, "车间", members=(LI.id,), forum=True, topics=("预约",))
CLASSES: dict[str, type[AiogramChannel | PtbChannel]] = {"aiogram": AiogramChannel, "ptb": PtbChannel}


class Pauses:
    """Takes the place of waiting: notes how long each pause would have been, and lets others run."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


FACES = ((Face("确认到店", Tap(12345, 7, "coming", "B1024")), Face("改期", Tap(12345, 7, "move"))),)


@asynccontextmanager
async def listening(channel: BotApiChannel, handle: Any) -> AsyncIterator[None]:
    """While the body runs, updates go to `handle`; an error of the channel is raised here."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(channel.listen(handle))
        yield
        task.cancel()


def letter(text: str = "您好", chat_id: int = WANG.id, **more: Any) -> Letter:
    """One letter to Wang, or as told."""
    return Letter(1, chat_id, text, **more)
