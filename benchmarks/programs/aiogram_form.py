"""A form of four questions by aiogram's FSM as shipped, its state in memory."""

from __future__ import annotations

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

dispatcher = Dispatcher()


class Form(StatesGroup):
    """What is being asked."""

    name = State()
    phone = State()
    plate = State()
    service = State()


@dispatcher.message(StateFilter(None))
async def begin(message: Message, state: FSMContext) -> None:
    """Whoever writes first is asked for the name."""
    await state.set_state(Form.name)
    await message.answer("name?")


@dispatcher.message(Form.name)
async def take_name(message: Message, state: FSMContext) -> None:
    """Then for the phone."""
    await state.update_data(name=message.text)
    await state.set_state(Form.phone)
    await message.answer("phone?")


@dispatcher.message(Form.phone)
async def take_phone(message: Message, state: FSMContext) -> None:
    """Then for the plate."""
    await state.update_data(phone=message.text)
    await state.set_state(Form.plate)
    await message.answer("plate?")


@dispatcher.message(Form.plate)
async def take_plate(message: Message, state: FSMContext) -> None:
    """Then for the service."""
    await state.update_data(plate=message.text)
    await state.set_state(Form.service)
    await message.answer("service?")


@dispatcher.message(Form.service)
async def take_service(message: Message, state: FSMContext) -> None:
    """And reads it all."""
    data = await state.update_data(service=message.text)
    await state.clear()
    await message.answer(" ".join(str(data.get(key)) for key in ("name", "phone", "plate", "service")))


async def main() -> None:
    """Poll until interrupted."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["BOT_API_BASE"]))
    await dispatcher.start_polling(Bot(os.environ["BOT_TOKEN"], session=session))


asyncio.run(main())
