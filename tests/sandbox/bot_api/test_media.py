"""Photos, voices, videos, files: sent by people, sent on by the bot with the file_id it received (C2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import FormData

from sandbox import NotPossible
from tests.sandbox.bot_api.raw_bot import LI, PNG, WANG, WORKSHOP, RawBot

if TYPE_CHECKING:
    from sandbox import Sandbox

WRONG_FILE = "Bad Request: wrong file identifier/HTTP URL specified"
METHODS = {"voice": "sendVoice", "video": "sendVideo", "document": "sendDocument", "photo": "sendPhoto"}
KEYBOARD = {"inline_keyboard": [[{"text": "接单", "callback_data": "take"}]]}


async def received(sandbox: Sandbox, bot: RawBot) -> dict[str, str]:
    """One of each from a customer; the file ids as the bot heard them, by kind."""
    wang = sandbox.user(WANG.id)
    await wang.send_voice(b"ogg", 7)
    await wang.send_video(b"mp4", 12)
    await wang.send_document(b"pdf", "保单.pdf")
    await wang.send_photo(PNG)
    messages = [update["message"] for update in await bot.updates()]
    ids = {kind: message[kind] for message in messages for kind in METHODS if kind in message}
    return {kind: (value[-1] if kind == "photo" else value)["file_id"] for kind, value in ids.items()}


@pytest.mark.parametrize("kind", METHODS)
async def test_what_came_in_is_sent_on_into_a_topic_with_words_and_buttons(
    sandbox: Sandbox, bot: RawBot, kind: str
) -> None:
    file_id = (await received(sandbox, bot))[kind]
    thread = next(iter(sandbox.chat(WORKSHOP.id).topics))
    sent = await bot.ok(
        METHODS[kind],
        chat_id=WORKSHOP.id,
        message_thread_id=thread,
        caption="<b>客户原声</b>",
        parse_mode="HTML",
        reply_markup=KEYBOARD,
        **{kind: file_id},
    )
    value = sent[kind][-1] if kind == "photo" else sent[kind]
    assert (value["file_id"], sent["message_thread_id"]) == (file_id, thread)
    assert (sent["caption"], sent["caption_entities"][0]["type"]) == ("客户原声", "bold")
    assert sent["reply_markup"] == KEYBOARD
    assert value.get("duration", 0) == {"voice": 7, "video": 12}.get(kind, 0)


@pytest.mark.parametrize("kind", METHODS)
async def test_a_made_up_file_or_too_many_words_are_refused(bot: RawBot, sandbox: Sandbox, kind: str) -> None:
    here: dict[str, Any] = {"chat_id": WORKSHOP.id}
    assert await bot.refused(METHODS[kind], **here, **{kind: "AgACAgIAAxk"}) == (400, WRONG_FILE)
    missing = (400, f"Bad Request: there is no {kind} in the request")
    assert await bot.refused(METHODS[kind], **here) == missing
    file_id = (await received(sandbox, bot))[kind]
    await bot.ok(METHODS[kind], **here, **{kind: file_id}, caption="长" * 1024)
    refused = await bot.refused(METHODS[kind], **here, **{kind: file_id}, caption="长" * 1025)
    assert refused == (400, "Bad Request: message caption is too long")


async def test_a_file_is_sent_as_what_it_is(sandbox: Sandbox, bot: RawBot) -> None:
    ids = await received(sandbox, bot)
    refused = await bot.refused("sendVideo", chat_id=WORKSHOP.id, video=ids["voice"])
    assert refused == (400, "Bad Request: can't use file of type VoiceNote as Video")


@pytest.mark.parametrize("kind", METHODS)
async def test_a_file_of_the_bots_own_can_be_uploaded(sandbox: Sandbox, bot: RawBot, kind: str) -> None:
    form = FormData({"chat_id": str(WANG.id), "caption": "请查收"})
    form.add_field(kind, PNG, filename="a.png", content_type="image/png")
    async with bot.session.post(f"{bot.url}/{METHODS[kind]}", data=form) as answer:
        assert answer.status == 200
    seen = sandbox.user(WANG.id).chat.messages[-1]
    assert (kind in seen.raw, seen.text) == (True, "请查收")


async def test_a_medium_has_a_caption_to_edit_and_no_text(sandbox: Sandbox, bot: RawBot) -> None:
    """Cards with a picture change their caption; a text method on them is refused, and the other way round."""
    ids = await received(sandbox, bot)
    sent = await bot.ok(
        "sendVoice", chat_id=LI.id, voice=ids["voice"], caption="待接单", reply_markup=KEYBOARD
    )
    card = {"chat_id": LI.id, "message_id": sent["message_id"]}
    refused = await bot.refused("editMessageText", **card, text="已接单")
    assert refused == (400, "Bad Request: there is no text in the message to edit")
    edited = await bot.ok("editMessageCaption", **card, caption="已接单")
    assert (edited["caption"], "reply_markup" in edited, edited["voice"]) == ("已接单", False, sent["voice"])
    text = await bot.ok("sendMessage", chat_id=LI.id, text="只有字")
    refused = await bot.refused(
        "editMessageCaption", chat_id=LI.id, message_id=text["message_id"], caption="x"
    )
    assert refused == (400, "Bad Request: there is no caption in the message to edit")


async def test_thirty_photos_leave_as_albums_of_ten(sandbox: Sandbox, bot: RawBot) -> None:
    """30 photos at once: three albums, one caption, thirty messages."""
    sent = await sandbox.user(WANG.id).send_album([PNG] * 30, "都在这里了")
    heard = [update["message"] for update in await bot.updates(limit=100)]
    assert [message["message_id"] for message in heard] == [message.id for message in sent]
    groups = [message["media_group_id"] for message in heard]
    assert [groups.count(group) for group in dict.fromkeys(groups)] == [10, 10, 10]
    assert [message["caption"] for message in heard if "caption" in message] == ["都在这里了"]


async def test_an_eleventh_picture_goes_alone_and_videos_join_an_album(sandbox: Sandbox) -> None:
    wang = sandbox.user(WANG.id)
    album = await wang.send_album([PNG] * 11)
    assert ["media_group_id" in message.raw for message in album] == [True] * 10 + [False]
    mixed = await wang.send_album([PNG], videos=[b"mp4"])
    assert len({message.raw["media_group_id"] for message in mixed}) == 1
    assert "video" in mixed[1].raw
    with pytest.raises(NotPossible, match="请先选择照片"):
        await wang.send_album([])


async def test_people_send_into_a_topic_too(sandbox: Sandbox, bot: RawBot) -> None:
    thread = next(iter(sandbox.chat(WORKSHOP.id).topics))
    li = sandbox.user(LI.id)
    await li.send_voice(b"ogg", 2, WORKSHOP.id, thread, caption="听这个声音")
    await li.send_location(22.5, 114.0, WORKSHOP.id, thread)
    await li.send_sticker("🚗", WORKSHOP.id, thread)
    heard = [update["message"] for update in await bot.updates()]
    assert [message["message_thread_id"] for message in heard] == [thread] * 3
    assert heard[0]["caption"] == "听这个声音"


async def test_a_caption_is_as_short_as_the_apps_keep_it(sandbox: Sandbox) -> None:
    with pytest.raises(NotPossible, match="最多 1024 个字"):
        await sandbox.user(WANG.id).send_photo(PNG, "长" * 1025)
