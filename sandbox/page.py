"""The JSON and event-stream API of the sandbox's web page."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.answers import Refused
from sandbox.bubbles import bubble, keyboard_view, topics_view
from sandbox.phones import NotPossible

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sandbox.chats import Chat
    from sandbox.control import Control
    from sandbox.exchange import Exchange
    from sandbox.phones import Phone

Json = dict[str, Any]
STATIC = Path(__file__).parent / "static"
HEARTBEAT = 15.0  # seconds of real time between signs of life, so that a browser notices a dead server
MOST_MINUTES = 60 * 24 * 366
NO_CONTROL = "这里没有时间机器：沙盒单独运行时没有业务时钟。"


class PageApi:
    """Everything under `/` and `/page/`. Refusals are Chinese sentences for the person at the page."""

    def __init__(
        self,
        exchange: Exchange,
        phones: Mapping[int, Phone],
        control: Control | None,
        first: Sequence[int] = (),
    ) -> None:
        self._exchange = exchange
        self._phones = phones
        self._first = tuple(first)
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """The routes of the page."""
        return [
            web.get("/", self._index),
            web.get("/static/{path:.+}", self._static),
            web.get("/page/state", self._state),
            web.get("/page/stream", self._stream),
            web.get("/page/file/{file_id}", self._file),
            web.get("/page/plan", self._plan),
            web.get("/page/why", self._why),
            web.post("/page/say", self._acting(self._say)),
            web.post("/page/press", self._acting(self._press)),
            web.post("/page/contact", self._acting(self._contact)),
            web.post("/page/photo", self._acting(self._photo)),
            web.post("/page/block", self._acting(self._block)),
            web.post("/page/time", self._acting(self._time)),
        ]

    def clock_moved(self) -> None:
        """Tell the pages the new time, and that the plan may have changed."""
        self._exchange.bell.tell_pages({"kind": "clock", "now": self._exchange.now().isoformat()})
        self._exchange.bell.tell_pages({"kind": "plan"})

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return self._served("index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return self._served(request.match_info["path"])

    def _served(self, name: str) -> web.StreamResponse:
        path = (STATIC / name).resolve()
        if not path.is_relative_to(STATIC) or not path.is_file():
            raise web.HTTPNotFound(text=f"沙盒页面没有这个文件：{name}")
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    async def _state(self, _: web.Request) -> web.Response:
        bot = self._exchange.bot
        return web.json_response(
            {
                "now": self._exchange.now().isoformat(),
                "bot": {"name": bot["first_name"], "username": bot["username"]},
                "phones": [self._phone(chat) for chat in self._in_order()],
            }
        )

    def _in_order(self) -> list[Chat]:
        chats = {
            number: chat
            for number, chat in self._exchange.chats.items()
            if chat.owner is None or chat.owner.on_page
        }
        named = [chats[chat] for chat in self._first if chat in chats]
        return named + [chat for chat in chats.values() if chat.id not in self._first]

    def _phone(self, chat: Chat) -> Json:
        owner = chat.owner
        return {
            "chat": chat.id,
            "title": chat.title,
            "kind": "private" if chat.private else "group",
            "role": chat.role,
            "owner": owner and {
                "id": owner.id, "first_name": owner.first_name, "last_name": owner.last_name,
                "phone": owner.phone,
            },
            "acting": [{"id": user, "name": self._exchange.people[user].name} for user in chat.members],
            "blocked": chat.blocked,
            "topics": topics_view(chat),
            "reply_keyboard": keyboard_view(chat.reply_keyboard),
            "messages": [bubble(message) for message in chat.messages],
        }  # fmt: skip

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        response = web.StreamResponse(headers=headers)
        events = self._exchange.bell.open_page()
        try:
            await response.prepare(request)
            await response.write(b": open\n\n")
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        event = await events.get()
                except TimeoutError:
                    await response.write(b": alive\n\n")
                    continue
                if event is None:
                    return response
                await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())
        except ConnectionResetError:  # the browser left; nothing is lost, it reads the state when it returns
            return response
        finally:
            self._exchange.bell.close_page(events)

    async def _file(self, request: web.Request) -> web.Response:
        try:
            file = self._exchange.files.by_id(request.match_info["file_id"])
        except Refused as refused:
            raise web.HTTPNotFound(text="没有这个文件") from refused
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=file.data, content_type=file.content_type, headers=headers)

    async def _plan(self, _: web.Request) -> web.Response:
        planned = await self._control.plan() if self._control else []
        return web.json_response(
            {
                "plan": [
                    {"due_at": p.due_at.isoformat(), "what": p.what, "why": p.why, "chat": p.chat_title}
                    for p in planned
                ]
            }
        )

    async def _why(self, request: web.Request) -> web.Response:
        try:
            chat, message = _number(request.query, "chat"), _number(request.query, "message")
        except NotPossible as why:
            return _refusal(str(why))
        lines = await self._control.why(chat, message) if self._control else []
        return web.json_response({"lines": lines})

    def _acting(
        self, act: Callable[[Mapping[str, Any]], Awaitable[Json]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                return web.json_response({"ok": True, **await act(await _form(request))})
            except NotPossible as why:
                return _refusal(str(why))
            except Refused as refused:
                return _refusal(f"无法发送这个文件（{refused.description}）。")

        return handle

    async def _say(self, form: Mapping[str, Any]) -> Json:
        message = await self._user(form).say(_words(form, "text"), _number(form, "chat"), _thread(form))
        return {"id": message.id}

    async def _press(self, form: Mapping[str, Any]) -> Json:
        user, data = self._user(form), _words(form, "data")
        await user.press(_number(form, "chat"), _number(form, "message"), data)
        return {}

    async def _contact(self, form: Mapping[str, Any]) -> Json:
        own = form.get("own") is True
        message = await self._user(form).share_contact(own=own, chat=_number(form, "chat"))
        return {"id": message.id}

    async def _photo(self, form: Mapping[str, Any]) -> Json:
        file = form.get("file")
        if not isinstance(file, web.FileField):
            raise NotPossible("请选择一张照片。")
        user, chat, thread = self._user(form), _number(form, "chat"), _thread(form)
        data = file.file.read()
        message = await user.send_photo(data, str(form.get("caption") or ""), chat, thread, file.filename)
        return {"id": message.id}

    async def _block(self, form: Mapping[str, Any]) -> Json:
        user = self._user(form)
        await (user.block() if form.get("blocked") is True else user.unblock())
        return {}

    async def _time(self, form: Mapping[str, Any]) -> Json:
        if self._control is None:
            raise NotPossible(NO_CONTROL)
        if form.get("jump") == "next":
            await self._control.jump_to_next()
        else:
            minutes = _number(form, "minutes")
            if not 0 < minutes <= MOST_MINUTES:
                raise NotPossible("时间只能向前拨，一次最多一年。")
            await self._control.shift(timedelta(minutes=minutes))
        self.clock_moved()
        return {"now": self._exchange.now().isoformat()}

    def _user(self, form: Mapping[str, Any]) -> Phone:
        phone = self._phones.get(_number(form, "user"))
        if phone is None:
            raise NotPossible("没有这部手机。")
        return phone


async def _form(request: web.Request) -> Mapping[str, Any]:
    if request.content_type != "application/json":
        return await request.post()
    try:
        form = await request.json()
    except ValueError:
        form = None
    if not isinstance(form, dict):
        raise NotPossible("请求格式不对：需要一个 JSON 对象。")
    return form


def _number(form: Mapping[str, Any], name: str) -> int:
    try:
        return int(form[name])
    except (KeyError, TypeError, ValueError):
        raise NotPossible(f"请求不完整：缺少数字「{name}」。") from None


def _words(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str):
        raise NotPossible(f"请求不完整：缺少文字「{name}」。")
    return value


def _thread(form: Mapping[str, Any]) -> int | None:
    return None if form.get("thread") in (None, "", "null") else _number(form, "thread")


def _refusal(why: str) -> web.Response:
    return web.json_response({"ok": False, "error": why}, status=400)
