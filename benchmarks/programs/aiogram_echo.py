"""The measure of all things here: aiogram as its first example shows it, answering each text once.

FREEZE=1: what start-up made is hidden from the garbage collector, as this bot does.
"""

from __future__ import annotations

import asyncio
import gc
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message) -> None:
    """Say the same."""
    await message.answer(message.text or "")


async def main() -> None:
    """Poll until interrupted."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["BOT_API_BASE"]))
    bot = Bot(os.environ["BOT_TOKEN"], session=session)
    if os.environ.get("FREEZE"):
        gc.collect()
        gc.freeze()
    await dispatcher.start_polling(bot)


asyncio.run(main())
