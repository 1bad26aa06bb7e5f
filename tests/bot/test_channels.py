"""What a channel promises, held against both libraries over HTTP."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot.channels import aiogram, ptb
from bot.channels.aiogram import AiogramChannel
from bot.channels.ptb import PtbChannel
from bot.webhook import WebhookPlace
from dialogs.core import Pressed, Said
from sandbox import GroupChat, PhoneOwner, Sandbox
from service.ports import (
    ChannelError,
    Delivered,
    Delivery,
    Face,
    Gone,
    Incoming,
    Key,
    Keyboard,
    Letter,
    Moved,
    Sender,
    Stopped,
    Tap,
    TryLater,
    Unknown,
)
from tests.bot.test_channels_updates import MEANING, meaning, recorded
from tests.house.tree import ROOT
from tests.sandbox.bot_api_spec import bot_api_spec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from bot.channels.bot_api import BotApiChannel
    from tests.clock import FakeClock

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


@pytest.fixture
def sandbox(clock: FakeClock) -> Sandbox:
    """Two people, one who never wrote, and a staff group with topics; `base` starts it."""
    return Sandbox((WANG, LI, SHY), (WORKSHOP,), token=TOKEN, clock=clock.now, pauses=(0.0,))


@pytest.fixture
async def base(sandbox: Sandbox) -> AsyncIterator[str]:
    """The started sandbox's address."""
    yield await sandbox.start()
    await sandbox.stop()


@pytest.fixture
def pauses() -> Pauses:
    """How long the channel would have waited."""
    return Pauses()


@pytest.fixture(params=CLASSES)
def kind(request: pytest.FixtureRequest) -> str:
    """Each library in turn."""
    return str(request.param)


@pytest.fixture
async def channel(kind: str, base: str, pauses: Pauses) -> AsyncIterator[BotApiChannel]:
    """A channel to the sandbox."""
    channel = CLASSES[kind](TOKEN, base, pause=pauses)
    yield channel
    await channel.close()


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


# ---------------------------------------------------------------- open


async def test_it_says_who_the_bot_is(channel: BotApiChannel) -> None:
    assert await channel.open() == Sender(4200, "售后服务台", "", "service_desk_bot")


async def test_a_wrong_token_is_said_in_one_sentence(kind: str, base: str) -> None:
    channel = CLASSES[kind]("4200:another-one", base)
    with pytest.raises(ChannelError, match=r"^BOT_TOKEN 不被 Telegram 接受，.*再启动。$") as raised:
        await channel.open()
    assert raised.value.__cause__ is None
    await channel.close()


@pytest.mark.parametrize("token", ["", "4200", "4200:", "abc:def", "4200:a b", "4200:a/../b", "４200:abc"])
def test_what_cannot_be_a_token_is_refused_at_once(kind: str, token: str) -> None:
    with pytest.raises(ChannelError, match="BOT_TOKEN 的格式不对"):
        CLASSES[kind](token, "http://localhost")


async def test_a_service_out_of_reach_is_said_in_one_sentence(kind: str) -> None:
    channel = CLASSES[kind](TOKEN, "http://127.0.0.1:1")
    with pytest.raises(ChannelError, match=r"^连不上 Telegram.*BOT_API_BASE。$"):
        await channel.open()
    await channel.close()


def test_capabilities(kind: str) -> None:
    can = CLASSES[kind].capabilities
    assert (can.edits, can.topics, can.buttons, can.longest_text) == (True, True, True, 4096)


@pytest.mark.parametrize(("mine", "other"), [("ptb", "aiogram"), ("aiogram", "telegram")])
def test_only_the_chosen_library_is_imported(mine: str, other: str) -> None:
    """Each costs seconds at start."""
    code = (
        "import sys; from bot.channels import open_channel; from bot.settings import load_settings; "
        f"env = {{'BOT_TOKEN': '1:a', 'CHANNEL': '{mine}'}}; "
        "channel = open_channel(load_settings(env, None)); "
        f"print(type(channel).__name__, '{other}' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == [CLASSES[mine].__name__, "False"]


# ---------------------------------------------------------------- in


async def test_the_same_updates_mean_the_same(channel: BotApiChannel, sandbox: Sandbox) -> None:
    """Every recorded update of a kind that is asked for, through the library."""
    got: list[Incoming] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.extend(batch)

    names = [name for name in MEANING if recorded(name).keys() & {"channel_post", "poll"} == set()]
    async with listening(channel, handle):
        await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates"))
        for name in names:
            ((_, _), (update_kind, body)) = recorded(name).items()
            sandbox.exchange.queue.add(update_kind, 101, body)
        await sandbox.wait_for(lambda: len(got) == len(names))
    assert {name: meaning(each) for name, each in zip(names, got, strict=True)} == {
        name: MEANING[name] for name in names
    }


async def test_an_update_is_confirmed_only_after_it_was_handled(
    channel: BotApiChannel, sandbox: Sandbox
) -> None:
    entered, may_return = asyncio.Event(), asyncio.Event()

    async def handle(batch: Sequence[Incoming]) -> None:
        entered.set()
        await may_return.wait()

    async with listening(channel, handle):
        await sandbox.user(WANG.id).say("您好")
        await entered.wait()
        asked = len(sandbox.calls_of("getUpdates"))
        for _ in range(5):  # the channel is alive meanwhile, but does not ask for updates
            await channel.deliver(letter())
        assert len(sandbox.calls_of("getUpdates")) == asked
        assert len(sandbox.exchange.queue) == 1
        may_return.set()
        await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0)


async def test_whoever_is_killed_while_handling_gets_it_again(
    channel: BotApiChannel, sandbox: Sandbox
) -> None:
    got: list[int] = []
    entered = asyncio.Event()

    async def handle(batch: Sequence[Incoming]) -> None:
        got.append(batch[0].update_id)
        entered.set()
        if len(got) == 1:
            await asyncio.Event().wait()

    await sandbox.user(WANG.id).say("您好")
    async with listening(channel, handle):
        await entered.wait()
    async with listening(channel, handle):
        await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0)
    assert got == [1, 1]


async def test_what_could_not_be_handled_comes_again(
    channel: BotApiChannel, sandbox: Sandbox, pauses: Pauses
) -> None:
    got: list[list[int]] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.append([each.update_id for each in batch])
        if len(got) < 4:
            raise RuntimeError("the database is away")

    await sandbox.user(WANG.id).say("一")
    await sandbox.user(WANG.id).say("二")
    with capture_logs() as logs:
        async with listening(channel, handle):
            await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0)
    assert got == [[1, 2]] * 4
    assert pauses.seconds == [1, 2, 4]
    assert [log["log_level"] for log in logs] == ["error"] * 3


async def test_bad_times_are_waited_for_and_said(
    channel: BotApiChannel, sandbox: Sandbox, pauses: Pauses
) -> None:
    """Each trouble is logged with its cure; pauses grow to 30 s, never end before retry_after, and start anew."""
    got: list[Incoming] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.extend(batch)

    sandbox.faults.refuse("deleteWebhook", 429, "Too Many Requests: retry after 9", retry_after=9)
    sandbox.faults.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    sandbox.faults.html_502("getUpdates", times=2)
    sandbox.faults.reset("getUpdates", after_effect=False)
    sandbox.faults.truncate("getUpdates", times=2)
    sandbox.faults.refuse("getUpdates", 401, "Unauthorized")
    await sandbox.user(WANG.id).say("您好")
    with capture_logs() as logs:
        async with listening(channel, handle):
            await sandbox.wait_for(lambda: got)
    assert pauses.seconds == [9, 1, 2, 4, 8, 16, 30, 30]
    cures = [log["cure"][:10] for log in logs]
    assert cures[0].startswith("Telegram 暂")
    assert cures[1].startswith("另有一个程序")
    assert cures[-1].startswith("BOT_TOKEN ")
    assert [each.event for each in got] == [Said("您好")]


async def test_polling_takes_over_from_a_webhook(channel: BotApiChannel, sandbox: Sandbox) -> None:
    sandbox.exchange.queue.webhook_set = True

    async def handle(batch: Sequence[Incoming]) -> None: ...

    async with listening(channel, handle):
        poll = (await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates")))[0]
    assert sandbox.calls[0].method == "deleteWebhook"
    assert poll.status != 409


# ---------------------------------------------------------------- out


FACES = ((Face("确认到店", Tap(12345, 7, "coming", "B1024")), Face("改期", Tap(12345, 7, "move"))),)


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
        letter("照片", photo="AgACAgU", buttons=FACES),
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


async def test_an_edit_with_a_keyboard_or_photo_is_a_new_message(
    channel: BotApiChannel, sandbox: Sandbox
) -> None:
    await channel.deliver(letter("卡片"))
    await channel.deliver(letter("菜单", edits=1, keyboard=Keyboard(((Key("预约"),),))))
    await channel.deliver(letter("照片", edits=1, photo="AgACAgU"))
    assert [call.method for call in sandbox.calls] == ["sendMessage", "sendMessage", "sendPhoto"]


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


# ---------------------------------------------------------------- by webhook


@pytest.fixture
def place(unused_tcp_port: int) -> WebhookPlace:
    """Where the channel listens."""
    url = f"http://127.0.0.1:{unused_tcp_port}/updates"
    return WebhookPlace(url, "s3cret_-", "127.0.0.1", unused_tcp_port)


async def test_a_webhook_brings_the_same_updates(
    kind: str, base: str, sandbox: Sandbox, place: WebhookPlace, pauses: Pauses
) -> None:
    """What was not handled is brought again; setWebhook is tried until it is accepted."""
    got: list[Incoming] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.extend(batch)
        if len(got) < 3:
            raise RuntimeError("the database is away")

    channel = CLASSES[kind](TOKEN, base, place, pauses)
    sandbox.faults.html_502("setWebhook", times=2)
    await sandbox.user(WANG.id).say("您好")
    with capture_logs():
        async with listening(channel, handle):
            await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0 or None)
    await channel.close()
    assert [each.event for each in got] == [Said("您好")] * 3
    assert pauses.seconds == [1, 2]
    spec = bot_api_spec()
    assert [line for call in sandbox.calls for line in spec.check_call(call.method, call.params)] == []


async def test_a_refused_webhook_is_said_in_one_sentence(
    kind: str, base: str, sandbox: Sandbox, place: WebhookPlace
) -> None:
    channel = CLASSES[kind](TOKEN, base, place)

    async def handle(batch: Sequence[Incoming]) -> None: ...

    sandbox.faults.refuse(
        "setWebhook", 400, "Bad Request: bad webhook: HTTPS url must be provided for webhook"
    )
    with pytest.raises(ChannelError, match=r"^Telegram 拒绝了 WEBHOOK_URL（.*），请改正后再启动。$"):
        await channel.listen(handle)
    await channel.close()


# ---------------------------------------------------------------- presses


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


# ---------------------------------------------------------------- secrets


async def test_the_token_is_never_said(
    kind: str, base: str, pauses: Pauses, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in logs, refusals or reasons, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    for library in ("httpx", "telegram", "telegram.Bot", "aiogram"):
        logging.getLogger(library).setLevel(logging.NOTSET)
    said: list[str] = []
    for address in (base, f"{base}/elsewhere", "http://127.0.0.1:1", "http://[bad", "ftp://x", "http://"):
        channel = CLASSES[kind](TOKEN, address, pause=pauses)
        with capture_logs() as logs:
            said.append(repr(await channel.deliver(letter())))
            await channel.toast("1", "", alert=False)
            try:
                said.append(repr(await channel.open()))
            except ChannelError as error:
                said += [str(error), repr(error.__cause__), repr(error.__context__)]
        said.append(repr(logs))
        await channel.close()
    everything = "\n".join([*said, caplog.text, *capfd.readouterr()])
    assert "never-to-be-seen" not in everything
    assert "连不上 Telegram" in everything
