"""The page's JSON and event stream, without a browser."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientResponse, FormData

from sandbox import Planned, Sandbox
from tests.sandbox.bot_api.raw_bot import GROUPS, LI, PEOPLE, PNG, TOKEN, WANG, WORKSHOP, RawBot

if TYPE_CHECKING:
    from datetime import datetime

    from tests.clock import FakeClock

KEYBOARD = {"inline_keyboard": [[{"text": "确认", "callback_data": "ok"}]]}


class Diary:
    """A program with one plan; moving its time moves the test's clock."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    def now(self) -> datetime:
        return self.clock.now()

    async def plan(self) -> list[Planned]:
        return [Planned(self.now() + timedelta(hours=4), "到店提醒", "到店前 4 小时", "王建国")]

    async def why(self, chat_id: int, message_id: int) -> list[str]:
        return [f"{chat_id} 的第 {message_id} 条"]

    async def shift(self, delta: timedelta) -> None:
        self.clock.advance(delta)

    async def jump_to_next(self) -> None:
        self.clock.advance(timedelta(hours=4))


@pytest.fixture
def sandbox(clock: FakeClock) -> Sandbox:
    return Sandbox(PEOPLE, GROUPS, token=TOKEN, clock=clock.now, control=Diary(clock))


async def post(bot: RawBot, path: str, **form: Any) -> dict[str, Any]:
    async with bot.session.post(f"{bot.base}/page/{path}", json=form) as answer:
        found: dict[str, Any] = await answer.json()
        assert found["ok"] == (answer.status == 200)
        return found


async def get(bot: RawBot, path: str) -> dict[str, Any]:
    async with bot.session.get(f"{bot.base}/page/{path}") as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def event(stream: ClientResponse) -> dict[str, Any]:
    while not (line := (await stream.content.readline()).decode()).startswith("data: "):
        assert line, "the stream ended"
    found: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return found


async def test_the_state_names_phones_topics_and_who_may_act(bot: RawBot) -> None:
    state = await get(bot, "state")
    assert state["bot"] == {"name": "售后服务台", "username": "service_desk_bot"}
    phones = {phone["chat"]: phone for phone in state["phones"]}
    wang, workshop = phones[WANG.id], phones[WORKSHOP.id]
    assert (wang["kind"], wang["role"], wang["owner"]["phone"]) == ("private", "客户", "8613800138000")
    assert workshop["acting"] == [{"id": LI.id, "name": "李娜"}, {"id": WANG.id, "name": "王 建国"}]
    assert [topic["name"] for topic in workshop["topics"]] == ["综合", "预约", "投诉"]
    assert (wang["topics"], workshop["owner"]) == ([], None)


async def test_a_conversation_on_the_page(sandbox: Sandbox, bot: RawBot) -> None:
    async with bot.session.get(f"{bot.base}/page/stream") as stream:
        await sandbox.wait_for(lambda: sandbox.exchange.bell.pages)
        assert (await post(bot, "say", user=WANG.id, chat=WANG.id, text="您好 <b>"))["ok"]
        said = await event(stream)
        assert (said["kind"], said["chat"], said["message"]["html"]) == ("message", WANG.id, "您好 &lt;b&gt;")
        sent = await bot.ok(
            "sendMessage", chat_id=WANG.id, text="<b>对吗？</b>", parse_mode="HTML", reply_markup=KEYBOARD
        )
        asked = (await event(stream))["message"]
        assert (asked["from_bot"], asked["html"]) == (True, "<b>对吗？</b>")
        assert asked["buttons"] == [[{"text": "确认", "data": "ok", "url": None}]]
        assert await event(stream) == {"kind": "plan"}
        await post(bot, "press", user=WANG.id, chat=WANG.id, message=sent["message_id"], data="ok")
        tap = (await bot.updates())[-1]["callback_query"]
        await bot.ok("answerCallbackQuery", callback_query_id=tap["id"], text="好的")
        assert (await event(stream))["text"] == "好的"
        await bot.ok("editMessageText", chat_id=WANG.id, message_id=sent["message_id"], text="已确认")
        edited = await event(stream)
        assert (edited["kind"], edited["message"]["text"]) == ("edited", "已确认")
        assert await event(stream) == {"kind": "plan"}
        await bot.ok("deleteMessage", chat_id=WANG.id, message_id=sent["message_id"])
        assert await event(stream) == {"kind": "deleted", "chat": WANG.id, "id": sent["message_id"]}


async def test_a_photo_can_be_sent_and_seen(bot: RawBot) -> None:
    form = FormData({"user": str(WANG.id), "chat": str(WANG.id), "kind": "photo", "caption": "左前门"})
    form.add_field("file", PNG, filename="门.png", content_type="image/png")
    async with bot.session.post(f"{bot.base}/page/media", data=form) as answer:
        assert (await answer.json())["ok"] is True
    phones = (await get(bot, "state"))["phones"]
    (message,) = next(phone for phone in phones if phone["chat"] == WANG.id)["messages"]
    async with bot.session.get(bot.base + message["photo"]) as answer:
        assert await answer.read() == PNG
    assert message["text"] == "左前门"


@pytest.mark.parametrize(
    ("path", "form", "error"),
    [
        ("say", {"user": WANG.id, "chat": WANG.id, "text": " "}, "不能发送空白消息。"),
        ("say", {"user": WANG.id, "chat": LI.id, "text": "x"}, "您不在这个聊天里。"),
        ("say", {"user": 9, "chat": 9, "text": "x"}, "没有这部手机。"),
        ("press", {"user": WANG.id, "chat": WANG.id, "message": 7, "data": "x"}, "这条消息已经不在了。"),
        ("time", {"minutes": -5}, "时间只能向前拨，一次最多一年。"),
        ("media", {"user": WANG.id, "chat": WANG.id, "kind": "photo"}, "请先选择文件。"),
        ("group", {"chat": WANG.id, "act": "delete"}, "没有这个群。"),
        ("group", {"chat": WORKSHOP.id, "act": "upgrade"}, "本群已经是超级群了。"),
        ("group", {"chat": WORKSHOP.id, "act": "bake"}, "群里没有这个操作。"),
    ],
)
async def test_refusals_are_chinese_sentences(
    bot: RawBot, path: str, form: dict[str, Any], error: str
) -> None:
    assert await post(bot, path, **form) == {"ok": False, "error": error}


async def test_an_incomplete_request_is_refused(bot: RawBot) -> None:
    refused = await post(bot, "say", user=WANG.id, chat=WANG.id)
    assert refused["error"] == "请求不完整：缺少文字「text」。"
    refused = await post(bot, "press", user=WANG.id, chat=WANG.id, message="三", data="x")
    assert refused["error"] == "请求不完整：缺少数字「message」。"
    async with bot.session.post(f"{bot.base}/page/say", json=[1]) as answer:
        assert (await answer.json())["error"] == "请求格式不对：需要一个 JSON 对象。"


async def test_the_time_machine_moves_the_clock_and_tells_the_page(sandbox: Sandbox, bot: RawBot) -> None:
    async with bot.session.get(f"{bot.base}/page/stream") as stream:
        await sandbox.wait_for(lambda: sandbox.exchange.bell.pages)
        moved = await post(bot, "time", minutes=10)
        assert moved == {"ok": True, "now": "2026-11-23T02:10:00+00:00"}
        assert await event(stream) == {"kind": "clock", "now": "2026-11-23T02:10:00+00:00"}
        assert await event(stream) == {"kind": "plan"}
    assert (await post(bot, "time", jump="next"))["now"] == "2026-11-23T06:10:00+00:00"
    assert await get(bot, "plan") == {
        "plan": [
            {
                "due_at": "2026-11-23T10:10:00+00:00",
                "what": "到店提醒",
                "why": "到店前 4 小时",
                "chat": "王建国",
            }
        ]
    }
    assert await get(bot, f"why?chat={WANG.id}&message=3") == {"lines": [f"{WANG.id} 的第 3 条"]}


async def test_blocking_and_contacts_from_the_page(sandbox: Sandbox, bot: RawBot) -> None:
    await post(bot, "contact", user=WANG.id, chat=WANG.id, own=True)
    await post(bot, "contact", user=WANG.id, chat=WANG.id, own=False)
    await post(bot, "block", user=WANG.id, blocked=True)
    refused = await post(bot, "say", user=WANG.id, chat=WANG.id, text="x")
    assert refused["error"] == "您已停用机器人，请先重新启用。"
    owners = [update["message"]["contact"].get("user_id") for update in (await bot.updates())[:2]]
    assert (owners, sandbox.chat(WANG.id).blocked) == ([WANG.id, None], True)


async def test_another_web_site_cannot_press_buttons_here(bot: RawBot) -> None:
    form = {"user": WANG.id, "chat": WANG.id, "text": "x"}
    for origin, status in (("https://evil.example", 403), (bot.base, 200)):
        headers = {"Origin": origin}
        async with bot.session.post(f"{bot.base}/page/say", json=form, headers=headers) as answer:
            assert answer.status == status


async def test_files_outside_the_static_folder_are_not_served(bot: RawBot) -> None:
    async with bot.session.get(f"{bot.base}/static/%2e%2e/page.py") as answer:
        assert answer.status == 404
