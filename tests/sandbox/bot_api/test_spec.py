"""The sandbox against the machine-readable Bot API: its methods, what they demand, what they return."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import FormData
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Sandbox
from sandbox.answers import Refused
from sandbox.bot_api import NAMES
from sandbox.methods import METHODS
from sandbox.parameters import Parameters
from tests.clock import FakeClock
from tests.sandbox.bot_api.raw_bot import (
    GROUPS,
    LI,
    OLD_GROUP,
    PEOPLE,
    PNG,
    SHY,
    TOKEN,
    WANG,
    WORKSHOP,
    RawBot,
)
from tests.sandbox.bot_api_spec import BotApiSpec, bot_api_spec

KEYBOARD = {"inline_keyboard": [[{"text": "确认", "callback_data": "ok"}]]}
KNOWN: dict[str, Any] = {
    "chat_id": WORKSHOP.id, "text": "x", "user_id": LI.id, "message_id": 1, "from_chat_id": WORKSHOP.id,
    "message_thread_id": 1, "name": "x", "action": "typing", "callback_query_id": "1", "file_id": "x",
    "url": "", "commands": [], "message_ids": [1], "media": [], "photo": "x", "voice": "x", "video": "x",
    "document": "x",
}  # fmt: skip


@pytest.fixture
def spec() -> BotApiSpec:
    return bot_api_spec()


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["[", "{}", "[{}]"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(KNOWN)), inner, max_size=3)
    ),
    max_leaves=4,
)
NAMES_OF_OBJECTS = ["reply_markup", "reply_parameters", "entities", "caption_entities", "scope", "parse_mode"]


@given(method=st.sampled_from(sorted(METHODS)), junk=st.dictionaries(
    st.sampled_from([*KNOWN, *NAMES_OF_OBJECTS]), JUNK, max_size=4))  # fmt: skip
def test_junk_is_refused_and_never_breaks_the_server(method: str, junk: dict[str, Any]) -> None:
    clock = FakeClock()
    exchange = Sandbox(PEOPLE, GROUPS, token=TOKEN, clock=clock.now).exchange
    exchange.post(exchange.chats[WORKSHOP.id], exchange.bot, {"text": "x"})
    with suppress(Refused):
        METHODS[method](exchange, Parameters({**KNOWN, "message_id": 3, **junk}))


def test_every_method_served_exists(spec: BotApiSpec) -> None:
    assert set(NAMES.values()) <= spec.methods.keys()


async def test_every_required_parameter_is_demanded(spec: BotApiSpec, bot: RawBot) -> None:
    not_demanded = []
    for method in NAMES.values():
        required = [field["name"] for field in spec.methods[method].get("fields", []) if field["required"]]
        for missing in required:
            params = {name: KNOWN[name] for name in required if name != missing}
            status, _ = await bot.call(method, **params)
            if status != 400:
                not_demanded.append((method, missing, status))
    assert not_demanded == []


async def upload(bot: RawBot, method: str, **fields: Any) -> Any:
    form = FormData({name: str(value) for name, value in fields.items()})
    form.add_field(method.removeprefix("send").lower(), PNG, filename="a.png", content_type="image/png")
    async with bot.session.post(f"{bot.url}/{method}", data=form) as answer:
        return (await answer.json())["result"]


async def test_everything_the_sandbox_returns_is_shaped_as_promised(
    sandbox: Sandbox, bot: RawBot, spec: BotApiSpec
) -> None:
    said = await sandbox.user(WANG.id).say("/start")
    here: dict[str, Any] = {"chat_id": WORKSHOP.id}
    sent = await bot.ok("sendMessage", **here, text="<b>x</b>", parse_mode="HTML", reply_markup=KEYBOARD)
    message = here | {"message_id": sent["message_id"]}
    photo = await upload(bot, "sendPhoto", **here, caption="左前门")
    video = await upload(bot, "sendVideo", **here)
    voice, paper = [await upload(bot, method, **here) for method in ("sendVoice", "sendDocument")]
    album = [{"type": "photo", "media": photo["photo"][0]["file_id"]}] * 2
    tap = await sandbox.user(LI.id).press(WORKSHOP.id, sent["message_id"], "确认")
    topic = await bot.ok("createForumTopic", **here, name="返修")
    thread = here | {"message_thread_id": topic["message_thread_id"]}
    source = {"from_chat_id": WANG.id, "message_id": said.id}
    reply = {"reply_parameters": {"message_id": sent["message_id"]}}
    for method, params in [
        ("getMe", {}),
        ("getUpdates", {}),
        ("getWebhookInfo", {}),
        ("sendMessage", here | reply | {"text": "x"}),
        ("sendVideo", here | {"video": video["video"]["file_id"]}),
        ("sendVoice", here | {"voice": voice["voice"]["file_id"], "caption": "异响"}),
        ("sendDocument", here | {"document": paper["document"]["file_id"], "reply_markup": KEYBOARD}),
        ("sendMediaGroup", here | {"media": album}),
        ("copyMessage", here | source),
        ("forwardMessage", here | source),
        ("editMessageText", message | {"text": "y"}),
        ("editMessageReplyMarkup", message | {"reply_markup": KEYBOARD}),
        ("editMessageCaption", here | {"message_id": photo["message_id"], "caption": "y"}),
        ("answerCallbackQuery", {"callback_query_id": tap}),
        ("getFile", {"file_id": photo["photo"][0]["file_id"]}),
        ("pinChatMessage", message),
        ("getChat", here),
        ("unpinChatMessage", here),
        ("getChat", {"chat_id": WANG.id}),
        ("getChatMember", here | {"user_id": LI.id}),
        ("getChatMember", here | {"user_id": SHY.id}),
        ("getChatAdministrators", here),
        ("sendChatAction", here | {"action": "typing"}),
        ("setMyCommands", {"commands": [{"command": "start", "description": "开始"}]}),
        ("getMyCommands", {}),
        ("deleteMyCommands", {}),
        ("editForumTopic", thread | {"name": "返修单"}),
        ("closeForumTopic", thread),
        ("reopenForumTopic", thread),
        ("deleteForumTopic", thread),
        ("deleteMessage", message),
        ("deleteMessages", here | {"message_ids": [photo["message_id"]]}),
        ("setMyDescription", {"description": "x"}),
        ("leaveChat", here),
        ("setWebhook", {"url": ""}),
        ("deleteWebhook", {}),
        ("logOut", {}),
        ("close", {}),
    ]:
        result = await bot.ok(method, **params)
        assert spec.check_result(method, result) == [], json.dumps(result, ensure_ascii=False)
    for method, result in (("sendPhoto", photo), ("sendVideo", video), ("createForumTopic", topic)):
        assert spec.check_result(method, result) == []


async def test_every_update_is_shaped_as_promised(sandbox: Sandbox, bot: RawBot, spec: BotApiSpec) -> None:
    wang, li = sandbox.user(WANG.id), sandbox.user(LI.id)
    said = await wang.say("/start 你好 https://example.org")
    await wang.edit(said.id, "改了")
    await wang.share_contact(own=True)
    await wang.share_contact(own=False)
    await wang.send_photo(PNG, "左前门")
    await wang.send_album([PNG, PNG], "两张 https://example.org", videos=[b"mp4"])
    await wang.send_voice(b"ogg", 4, caption="异响")
    await wang.send_video(b"mp4", 5)
    await wang.send_document(b"pdf", "保单.pdf")
    await wang.send_sticker("👍")
    await wang.send_location(31.2, 121.5)
    await wang.send_forwarded("转发的话")
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="？", reply_markup=KEYBOARD)
    await wang.press(None, sent["message_id"], "确认")
    await bot.ok("deleteMessage", chat_id=WANG.id, message_id=sent["message_id"])
    await wang.press_forged("ok", message_id=sent["message_id"])
    await wang.block()
    await wang.unblock()
    await li.say("回复", WORKSHOP.id, next(iter(sandbox.chat(WORKSHOP.id).topics)))
    sandbox.exchange.open_topic(sandbox.chat(WORKSHOP.id), "新话题", LI.json())
    for status in ("member", "kicked", "administrator"):
        sandbox.set_bot_status(WORKSHOP.id, status, by=LI.id)
    sandbox.remove_bot(WORKSHOP.id)
    sandbox.add_bot(WORKSHOP.id)
    new = sandbox.upgrade_group(OLD_GROUP.id, -1001000000501, by=LI.id)
    sandbox.delete_group(new.id)
    updates = await bot.updates()
    complaints = [line for update in updates for line in spec.check(update, "Update")]
    assert complaints == []
    kinds = [next(kind for kind in update if kind != "update_id") for update in updates]
    assert (len(updates), set(kinds)) == (
        32,
        {"message", "edited_message", "callback_query", "my_chat_member"},
    )


def test_the_checker_complains_about_what_is_wrong(spec: BotApiSpec) -> None:
    chat = {"id": 1, "type": "private"}
    good = {"message_id": 1, "date": 1, "chat": chat}
    assert spec.check(good, "Message") == []
    for broken, complaint in [
        (good | {"date": "1"}, "is no Integer"),
        (good | {"mood": "x"}, "no field mood"),
        ({"message_id": 1, "date": 1}, "chat is missing"),
        (good | {"entities": {}}, "not an array"),
        (good | {"chat": {"id": True, "type": "private"}}, "is no Integer"),
    ]:
        assert complaint in "".join(spec.check(broken, "Message"))
    owner = {
        "status": "creator",
        "user": {"id": 1, "is_bot": False, "first_name": "x"},
        "is_anonymous": False,
    }
    assert spec.check(owner, "ChatMember") == []
    assert spec.check(owner | {"status": "administrator"}, "ChatMember") != []
    assert (
        spec.check_call("sendMessage", {"chat_id": "1", "text": "x", "reply_markup": json.dumps(KEYBOARD)})
        == []
    )
    assert spec.check_call("sendMessage", {"chat_id": "1"}) == ["sendMessage: text is missing"]
    assert spec.check_call("sendMessage", {"chat_id": "1", "text": "x", "txt": "y"}) != []
    assert spec.check_call("sendPhoto", {"chat_id": "1"}, files=["photo"]) == []
    assert spec.check_call("sendTelepathy", {}) == ["sendTelepathy: no such method"]
