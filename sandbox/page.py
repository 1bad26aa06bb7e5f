"""The JSON and event-stream API of the sandbox's web page."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import forms, groups
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
            web.post("/page/media", self._acting(self._media)),
            web.post("/page/group", self._acting(self._group)),
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
        """Those that were asked for first; a supergroup stands where the group was that became it."""
        chats = self._exchange.chats
        heirs = {chat.id: chats[chat.migrated_to] for chat in chats.values() if chat.migrated_to is not None}
        first = [heirs.get(number, chats[number]) for number in self._first if number in chats]
        rest = [heirs.get(chat.id, chat) for chat in chats.values()]
        return list({chat.id: chat for chat in (*first, *rest)}.values())

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
            "shown": owner is None or owner.on_page,
            "group": None if chat.private else {
                "bot": chat.bot_status, "basic": chat.type == "group", "forum": chat.forum, "deleted": chat.deleted,
            },
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
            chat, message = forms.number(request.query, "chat"), forms.number(request.query, "message")
        except NotPossible as why:
            return _refusal(str(why))
        lines = await self._control.why(chat, message) if self._control else []
        return web.json_response({"lines": lines})

    def _acting(
        self, act: Callable[[Mapping[str, Any]], Awaitable[Json]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                return web.json_response({"ok": True, **await act(await forms.read_form(request))})
            except NotPossible as why:
                return _refusal(str(why))
            except Refused as refused:
                return _refusal(f"无法发送这个文件（{refused.description}）。")

        return handle

    async def _say(self, form: Mapping[str, Any]) -> Json:
        message = await self._user(form).say(
            forms.words(form, "text"), forms.number(form, "chat"), forms.thread(form)
        )
        return {"id": message.id}

    async def _press(self, form: Mapping[str, Any]) -> Json:
        user, data = self._user(form), forms.words(form, "data")
        await user.press(forms.number(form, "chat"), forms.number(form, "message"), data)
        return {}

    async def _contact(self, form: Mapping[str, Any]) -> Json:
        own = form.get("own") is True
        message = await self._user(form).share_contact(own=own, chat=forms.number(form, "chat"))
        return {"id": message.id}

    async def _media(self, form: Mapping[str, Any]) -> Json:
        user, chat, thread = self._user(form), forms.number(form, "chat"), forms.thread(form)
        caption, kind = str(form.get("caption") or ""), form.get("kind")
        files = forms.files(form)
        if kind == "sticker":
            await user.send_sticker(forms.words(form, "emoji"), chat, thread)
        elif kind == "location":
            await user.send_location(
                forms.fraction(form, "latitude"), forms.fraction(form, "longitude"), chat, thread
            )
        elif not files:
            raise NotPossible("请先选择文件。")
        elif kind == "photo" and len(files) > 1:
            await user.send_album([file.data for file in files], caption, chat, thread)
        elif kind == "photo":
            await user.send_photo(files[0].data, caption, chat, thread, files[0].name)
        elif kind == "document":
            await user.send_document(files[0].data, files[0].name, chat, thread, caption=caption)
        elif kind in ("voice", "video"):
            send = user.send_voice if kind == "voice" else user.send_video
            made = {"caption": caption, "content_type": files[0].content_type}
            await send(files[0].data, forms.number(form, "seconds"), chat, thread, **made)
        else:
            raise NotPossible("这里不能发送这种内容。")
        return {}

    async def _group(self, form: Mapping[str, Any]) -> Json:
        group, ex = forms.number(form, "chat"), self._exchange
        acts: dict[str, Callable[[], Any]] = {
            "remove_bot": lambda: groups.remove_bot(ex, group),
            "add_bot": lambda: groups.add_bot(ex, group),
            "topics_on": lambda: groups.set_topics(ex, group, True),
            "topics_off": lambda: groups.set_topics(ex, group, False),
            "delete_topic": lambda: groups.delete_topic(ex, group, forms.number(form, "thread")),
            "upgrade": lambda: groups.upgrade_group(ex, group),
            "delete": lambda: groups.delete_group(ex, group),
        }
        act = acts.get(forms.words(form, "act"))
        if act is None:
            raise NotPossible("群里没有这个操作。")
        act()
        return {}

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
            minutes = forms.number(form, "minutes")
            if not 0 < minutes <= MOST_MINUTES:
                raise NotPossible("时间只能向前拨，一次最多一年。")
            await self._control.shift(timedelta(minutes=minutes))
        self.clock_moved()
        return {"now": self._exchange.now().isoformat()}

    def _user(self, form: Mapping[str, Any]) -> Phone:
        phone = self._phones.get(forms.number(form, "user"))
        if phone is None:
            raise NotPossible("没有这部手机。")
        return phone


def _refusal(why: str) -> web.Response:
    return web.json_response({"ok": False, "error": why}, status=400)
