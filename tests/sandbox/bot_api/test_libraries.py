"""The real libraries against the sandbox: they must not notice a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiogram
import pytest
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto

from tests.sandbox.bot_api.raw_bot import LI, OLD_GROUP, PNG, SHY, TOKEN, WANG, WORKSHOP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox import Sandbox

BUTTONS = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="确认", callback_data="ok")]])


@pytest.fixture
async def gram(base: str) -> AsyncIterator[aiogram.Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(base))
    bot = aiogram.Bot(TOKEN, session=session)
    yield bot
    await session.close()


@pytest.fixture
async def ptb(base: str) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as bot:
        yield bot


async def test_aiogram_polls_answers_edits_and_uploads(sandbox: Sandbox, gram: aiogram.Bot) -> None:
    await sandbox.user(WANG.id).say("/start")
    (update,) = await gram.get_updates(timeout=5)
    assert update.message is not None
    sent = await gram.send_message(
        update.message.chat.id, "<b>对吗？</b>", parse_mode="HTML", reply_markup=BUTTONS
    )
    await sandbox.user(WANG.id).press(None, sent.message_id, "确认")
    (tap,) = await gram.get_updates(offset=update.update_id + 1)
    assert tap.callback_query is not None
    assert tap.callback_query.data == "ok"
    await gram.answer_callback_query(tap.callback_query.id, "好的")
    await gram.edit_message_text("已确认", chat_id=WANG.id, message_id=sent.message_id)
    photo = await gram.send_photo(WANG.id, BufferedInputFile(PNG, "a.png"), caption="左前门")
    assert photo.photo is not None
    downloaded = await gram.download(photo.photo[-1].file_id)
    assert downloaded is not None
    assert downloaded.read() == PNG
    media = [InputMediaPhoto(media=BufferedInputFile(PNG, f"{at}.png")) for at in range(2)]
    album = await gram.send_media_group(WANG.id, list(media))
    assert [message.media_group_id for message in album] == [album[0].media_group_id] * 2
    topic = await gram.create_forum_topic(WORKSHOP.id, "返修")
    await gram.send_message(WORKSHOP.id, "x", message_thread_id=topic.message_thread_id)
    texts = [message.text for message in sandbox.chat(WANG.id).messages]
    assert texts == ["/start", "已确认", "左前门", "", ""]


async def test_aiogram_raises_what_it_raises_at_the_real_service(sandbox: Sandbox, gram: aiogram.Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await gram.send_message(999, "x")
    with pytest.raises(TelegramForbiddenError, match="can't initiate"):
        await gram.send_message(SHY.id, "x")
    sandbox.faults.refuse("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)
    with pytest.raises(TelegramRetryAfter) as later:
        await gram.send_message(WANG.id, "x")
    assert later.value.retry_after == 3
    sandbox.upgrade_group(OLD_GROUP.id, -1001000000501, by=LI.id)
    with pytest.raises(TelegramMigrateToChat) as moved:
        await gram.send_message(OLD_GROUP.id, "x")
    assert moved.value.migrate_to_chat_id == -1001000000501
    sandbox.faults.html_502("sendMessage")
    with pytest.raises(ClientDecodeError):
        await gram.send_message(WANG.id, "x")
    sandbox.faults.reset("sendMessage", after_effect=True)
    with pytest.raises(TelegramNetworkError):
        await gram.send_message(WANG.id, "x")
    await gram.set_webhook("https://example.org/hook")
    with pytest.raises(TelegramConflictError):
        await gram.get_updates()


async def test_aiogram_with_a_wrong_token_is_told_so(base: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(base))
    with pytest.raises((TelegramUnauthorizedError, TelegramNotFound)) as refused:
        await aiogram.Bot("4200:wrong", session=session).get_me()
    assert isinstance(refused.value, TelegramUnauthorizedError)
    await session.close()


async def test_ptb_polls_answers_edits_and_uploads(sandbox: Sandbox, ptb: telegram.Bot) -> None:
    await sandbox.user(WANG.id).share_contact(own=True)
    (update,) = await ptb.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.contact is not None
    assert update.message.contact.user_id == WANG.id
    keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("确认", callback_data="ok")]])
    sent = await ptb.send_message(WANG.id, "<b>对吗？</b>", parse_mode="HTML", reply_markup=keyboard)
    await sandbox.user(WANG.id).press(None, sent.message_id, "确认")
    (tap,) = await ptb.get_updates(offset=update.update_id + 1)
    assert tap.callback_query is not None
    await tap.callback_query.answer("好的")
    await tap.callback_query.edit_message_text("已确认")
    document = await ptb.send_document(WANG.id, b"PDF", filename="保单.pdf")
    assert document.document is not None
    file = await document.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"PDF"
    assert [m.text for m in sandbox.chat(WANG.id).messages] == ["", "已确认", ""]


async def test_ptb_raises_what_it_raises_at_the_real_service(
    sandbox: Sandbox, ptb: telegram.Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # without it RetryAfter warns that its type will change
    sent = await ptb.send_message(WANG.id, "x")
    with pytest.raises(telegram.error.BadRequest, match="not modified"):
        await ptb.edit_message_text("x", WANG.id, sent.message_id)
    await sandbox.user(WANG.id).block()
    with pytest.raises(telegram.error.Forbidden, match="blocked by the user"):
        await ptb.send_message(WANG.id, "x")
    sandbox.faults.refuse("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)
    with pytest.raises(telegram.error.RetryAfter):
        await ptb.send_message(LI.id, "x")
    sandbox.upgrade_group(OLD_GROUP.id, -1001000000501, by=LI.id)
    with pytest.raises(telegram.error.ChatMigrated) as moved:
        await ptb.send_message(OLD_GROUP.id, "x")
    assert moved.value.new_chat_id == -1001000000501
    sandbox.faults.truncate("sendMessage")
    with pytest.raises(telegram.error.TelegramError, match="Invalid server response"):
        await ptb.send_message(LI.id, "x")
    await ptb.set_webhook("https://example.org/hook")
    with pytest.raises(telegram.error.Conflict):
        await ptb.get_updates()
