"""Letters arrive as written, and every answer to them is judged the same by both channels."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.channels import aiogram, ptb
from bot.channels.calls import call_for
from dialogs.core import MEDIA, Media, Pressed
from sandbox import Sandbox
from service.ports import (
    Delivered,
    Delivery,
    Face,
    Gone,
    Incoming,
    Key,
    Keyboard,
    Moved,
    Stopped,
    Tap,
    TryLater,
    Unknown,
)
from tests.bot.channels.stage import CLASSES, FACES, TOKEN, WANG, WORKSHOP, letter, listening
from tests.sandbox.bot_api_spec import bot_api_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.channels.bot_api import BotApiChannel


async def test_letters_arrive_as_they_were_written(channel: BotApiChannel, sandbox: Sandbox) -> None:
    """Text, buttons, both keyboards, a topic, an edit: and all of it as the Bot API is specified."""
    menu = Keyboard(((Key("预约服务"), Key("我的号码", asks_contact=True)),), placeholder="请选择", once=True)
    thread = next(iter(sandbox.chat(WORKSHOP.id).topics))
    card = await channel.deliver(letter("<b>明天</b> 15:00 &amp; 保养 \ud83d", buttons=FACES))
    assert isinstance(card, Delivered)
    shown = sandbox.chat(WANG.id).messages[-1]
    assert (shown.id, shown.text) == (card.message_id, "明天 15:00 & 保养 \ufffd")
    assert [button["callback_data"] for row in shown.buttons for button in row] == [
        "9ix.7.coming:B1024",
        "9ix.7.move:",
    ]
    for each in (
        letter("后天", edits=card.message_id, buttons=FACES),
        letter("", edits=card.message_id),
        letter("请选择", keyboard=menu, silent=True),
        letter("好的", keyboard=Keyboard()),
        letter("工位", WORKSHOP.id, thread_id=thread),
        letter("", WORKSHOP.id, new_topic="前台"),
    ):
        assert isinstance(await channel.deliver(each), Delivered), each
    assert shown.id == card.message_id
    assert (sandbox.chat(WANG.id).message(card.message_id) or shown).text == "后天"
    assert (sandbox.chat(WANG.id).message(card.message_id) or shown).buttons == []
    assert sandbox.chat(WORKSHOP.id).messages[-2].raw["message_thread_id"] == thread
    assert [topic.name for topic in sandbox.chat(WORKSHOP.id).topics.values()] == ["预约", "前台"]


async def test_every_call_agrees_with_the_bot_api(channel: BotApiChannel, sandbox: Sandbox) -> None:
    spec = bot_api_spec()
    for each in (
        letter("<b>您好</b>", buttons=FACES, silent=True),
        letter("改", edits=1, buttons=FACES),
        letter("", edits=1),
        letter("照片", media=Media("photo", "AgACAgU"), buttons=FACES),
        letter("菜单", keyboard=Keyboard(((Key("预约", asks_contact=True),),), "请选择", once=True)),
        letter("收起", keyboard=Keyboard()),
        letter("", WORKSHOP.id, new_topic="前台" * 100),
        letter("话题", WORKSHOP.id, thread_id=2),
    ):
        await channel.deliver(each)
    await channel.toast("1", "好" * 300, alert=True)
    await channel.open()

    async def handle(batch: Sequence[Incoming]) -> None: ...

    async with listening(channel, handle):
        await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates"))
    assert {call.method for call in sandbox.calls} == {
        *("getMe", "deleteWebhook", "getUpdates", "sendMessage", "sendPhoto", "editMessageText"),
        *("editMessageReplyMarkup", "createForumTopic", "answerCallbackQuery"),
    }
    assert [line for call in sandbox.calls for line in spec.check_call(call.method, call.params)] == []


@pytest.mark.parametrize("kind", sorted(MEDIA))
def test_media_are_sent_as_what_they_were(kind: str) -> None:
    """C1: each kind has its own call; a round video takes no words, which are a message of their own."""
    call = call_for(letter("" if kind == "video_note" else "<b>异响</b>", media=Media(kind, "file")))
    assert (
        bot_api_spec().check_call(call.method, {key: str(value) for key, value in call.parameters.items()})
        == []
    )
    assert call.parameters[kind] == "file"


async def test_an_edit_with_a_keyboard_or_media_is_a_new_message(
    channel: BotApiChannel, sandbox: Sandbox
) -> None:
    await channel.deliver(letter("卡片"))
    await channel.deliver(letter("菜单", edits=1, keyboard=Keyboard(((Key("预约"),),))))
    await channel.deliver(letter("录音", edits=1, media=Media("voice", "AwACAgU")))
    assert [call.method for call in sandbox.calls] == ["sendMessage", "sendMessage", "sendVoice"]


async def test_a_letter_that_cannot_be_written_is_our_mistake(
    channel: BotApiChannel, sandbox: Sandbox
) -> None:
    gone = await channel.deliver(letter(buttons=((Face("好", Tap(1, 1, "k" * 41)),),)))
    assert isinstance(gone, Gone)
    assert gone.what == "letter"
    assert not sandbox.calls


def refuse(status: int, description: str, **more: Any) -> Callable[[Sandbox], None]:
    """The service answers so."""
    return lambda sandbox: sandbox.faults.refuse("*", status, description, **more)


def bad(description: str, **more: Any) -> Callable[[Sandbox], None]:
    """The service answers 400."""
    return refuse(400, f"Bad Request: {description}", **more)


def gone(what: str, description: str, family: str = "Bad Request") -> Gone:
    """The service's own words are kept as the reason."""
    return Gone(what, f"{family}: {description}")


IN_THE_CHAT = (
    "chat not found",
    "PEER_ID_INVALID",
    "CHAT_WRITE_FORBIDDEN",
    "CHAT_SEND_PLAIN_FORBIDDEN",
    "not enough rights to send text messages to the chat",
    "not enough rights to create a topic",
    "have no rights to send a message",
    "need administrator rights in the channel chat",
    "group chat was deactivated",
    "group chat was upgraded to a supergroup chat",
)
IN_THE_TOPIC = (
    "message thread not found",
    "TOPIC_DELETED",
    "TOPIC_CLOSED",
    "TOPIC_ID_INVALID",
    "the chat is not a forum",
)
IN_THE_MESSAGE = (
    "message to edit not found",
    "message can't be edited",
    "MESSAGE_ID_INVALID",
    "message identifier is not specified",
    "there is no text in the message to edit",
)
IN_THE_LETTER = (
    'can\'t parse entities: Unsupported start tag "x" at byte offset 0',
    "message is too long",
    "message caption is too long",
    "message text is empty",
    "BUTTON_DATA_INVALID",
    "inline keyboard button text is empty",
    "wrong file identifier/HTTP URL specified",
    "something nobody has seen before",
    "VOICE_MESSAGES_FORBIDDEN",
    "CHAT_SEND_VOICES_FORBIDDEN",
    "not enough rights to send photos to the chat",
)
FORBIDDEN = (
    "bot was blocked by the user",
    "bot was kicked from the supergroup chat",
    "user is deactivated",
    "bot can't initiate conversation with a user",
    "bot is not a member of the supergroup chat",
)
LOST = "HTTP 502 without an answer of the Bot API"
ANSWERS: list[tuple[str, Callable[[Sandbox], None], Delivery]] = [
    *((words, bad(words), gone("chat", words)) for words in IN_THE_CHAT),
    *((words, bad(words), gone("topic", words)) for words in IN_THE_TOPIC),
    *((words, bad(words), gone("message", words)) for words in IN_THE_MESSAGE),
    *((words, bad(words), gone("letter", words)) for words in IN_THE_LETTER),
    *((words, refuse(403, f"Forbidden: {words}"), gone("chat", words, "Forbidden")) for words in FORBIDDEN),
    ("not modified", bad("message is not modified: specified new message content …"), Delivered(77)),
    (
        "moved",
        bad("group chat was upgraded to a supergroup chat", migrate_to=-1001000000009),
        Moved(-1001000000009),
    ),
    (
        "too many, with a time",
        refuse(429, "Too Many Requests: retry after 7", retry_after=7),
        TryLater("Too Many Requests: retry after 7", timedelta(seconds=7)),
    ),
    (
        "too many, the time only in words",
        refuse(429, "Too Many Requests: retry after 8"),
        TryLater("Too Many Requests: retry after 8", timedelta(seconds=8)),
    ),
    (
        "too many, without a time",
        refuse(429, "Too Many Requests"),
        TryLater("Too Many Requests"),
    ),
    ("token revoked", refuse(401, "Unauthorized"), Stopped("Unauthorized")),
    ("token unknown", refuse(404, "Not Found"), Stopped("Not Found")),
    ("conflict", refuse(409, "Conflict: …"), Stopped("Conflict: …")),
    ("too large", refuse(413, "Request Entity Too Large"), Gone("letter", "Request Entity Too Large")),
    ("server error", refuse(500, "Internal Server Error"), Unknown("Internal Server Error")),
    ("bad gateway", lambda sandbox: sandbox.faults.html_502("*"), Unknown(LOST)),
    (
        "bad gateway after the effect",
        lambda sandbox: sandbox.faults.html_502("*", after_effect=True),
        Unknown(LOST),
    ),
]


async def test_every_answer_is_judged(channel: BotApiChannel, sandbox: Sandbox) -> None:
    judged = {}
    for name, script, _ in ANSWERS:
        script(sandbox)
        judged[name] = await channel.deliver(letter("改", edits=77))
    assert judged == {name: expected for name, _, expected in ANSWERS}
    assert len(judged) == len(ANSWERS)


async def test_half_an_answer_leaves_it_open(channel: BotApiChannel, sandbox: Sandbox) -> None:
    sandbox.faults.truncate("sendMessage")
    assert isinstance(await channel.deliver(letter()), Unknown)
    assert len(sandbox.chat(WANG.id).messages) == 1


@pytest.mark.parametrize("after_effect", [True, False])
async def test_a_connection_cut_while_waiting_leaves_it_open(
    channel: BotApiChannel, sandbox: Sandbox, after_effect: bool
) -> None:
    """From here both look the same: only the sandbox knows whether the message is there."""
    sandbox.faults.reset("sendMessage", after_effect=after_effect)
    assert isinstance(await channel.deliver(letter()), Unknown)
    assert len(sandbox.chat(WANG.id).messages) == after_effect
    assert isinstance(await channel.deliver(letter()), Delivered)


async def test_an_answer_that_never_comes_leaves_it_open(
    channel: BotApiChannel, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (aiogram, ptb):
        monkeypatch.setattr(module, "TOTAL", 0.2)
    sandbox.faults.hang("sendMessage")
    assert isinstance(await channel.deliver(letter()), Unknown)
    sandbox.faults.release()


async def test_a_long_poll_may_take_longer_than_a_call(
    channel: BotApiChannel, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (aiogram, ptb):
        monkeypatch.setattr(module, "TOTAL", 0.2)
    got = asyncio.Event()

    async def handle(batch: Sequence[Incoming]) -> None:
        got.set()

    with capture_logs() as logs:
        async with listening(channel, handle):
            await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates"))
            sandbox.faults.hang("sendMessage")
            await channel.deliver(letter())  # longer than a call may take
            await sandbox.user(WANG.id).say("您好")
            await got.wait()
    assert logs == []


async def test_what_certainly_never_left_is_tried_again(kind: str, base: str) -> None:
    """Nobody listens; no such host; no TLS there."""
    for nowhere in ("http://127.0.0.1:1", "http://nobody.invalid", base.replace("http:", "https:")):
        channel = CLASSES[kind](TOKEN, nowhere)
        assert isinstance(await channel.deliver(letter()), TryLater), nowhere
        await channel.close()


async def test_one_connection_carries_all(kind: str, sandbox: Sandbox) -> None:
    """Letters to one after the other, toasts and questions: nobody shakes hands anew."""
    ends = set()

    @web.middleware
    async def note(request: web.Request, handler: Any) -> web.StreamResponse:
        assert request.transport is not None
        ends.add(request.transport.get_extra_info("peername"))
        answer: web.StreamResponse = await handler(request)
        return answer

    sandbox.app.middlewares.append(note)
    channel = CLASSES[kind](TOKEN, await sandbox.start())
    await channel.open()
    for _ in range(5):
        assert isinstance(await channel.deliver(letter()), Delivered)
        await channel.toast("1", "", alert=False)
    await channel.close()
    await sandbox.stop()
    assert len(ends) == 1


async def test_a_press_comes_back_and_is_answered(channel: BotApiChannel, sandbox: Sandbox) -> None:
    got: list[Incoming] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.extend(batch)

    card = await channel.deliver(letter(buttons=FACES))
    assert isinstance(card, Delivered)
    async with listening(channel, handle):
        await sandbox.user(WANG.id).press(None, card.message_id, "改期")
        await sandbox.wait_for(lambda: got)
    (press,) = got
    assert (press.event, press.tap, press.card) == (Pressed("move"), FACES[0][1].tap, card.message_id)
    await channel.toast(press.press_id, "已收到", alert=False)
    (answered,) = sandbox.calls_of("answerCallbackQuery")
    assert answered.status == 200


async def test_a_press_too_old_to_answer_is_no_error(channel: BotApiChannel, sandbox: Sandbox) -> None:
    with capture_logs() as logs:
        await channel.toast("4242", "", alert=False)
        assert logs == []
        sandbox.faults.html_502("answerCallbackQuery")
        await channel.toast("4242", "", alert=False)
    assert [log["event"] for log in logs] == ["press not answered"]
