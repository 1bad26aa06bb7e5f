"""The Bot API over HTTP: `/bot{token}/{method}` and `/file/bot{token}/{path}`."""

from __future__ import annotations

import hmac
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.answers import Refused, not_found, unauthorized
from sandbox.exchange import NUMBER
from sandbox.faults import Faults
from sandbox.methods import METHODS, SENDING
from sandbox.parameters import Parameters, read_parameters

if TYPE_CHECKING:
    from sandbox.exchange import Exchange
    from sandbox.limits import Limits
    from sandbox.webhook import Webhook

Json = dict[str, Any]
QUEUE_METHODS = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")
NAMES = {name.lower(): name for name in (*METHODS, *QUEUE_METHODS)}
SPEAKING = frozenset({*SENDING, "editMessageText"})
CALLS_KEPT = 100_000


@dataclass
class Call:
    """One request the bot made.

    `params` are the parameters as sent, `files` names of uploaded ones; `received` is the monotonic time in
    seconds; `status` and `answer` stay None until (or unless) an answer was made.
    """

    method: str
    params: Json
    files: tuple[str, ...]
    received: float
    status: int | None = None
    answer: Json | None = None

    @property
    def chat_id(self) -> int | None:
        """The chat the call is about, when it names one by number."""
        value = str(self.params.get("chat_id", ""))
        return int(value) if NUMBER.fullmatch(value) else None


class BotApi:
    """Takes Bot API requests, keeps a log of them, and lets faults and limits have their say."""

    def __init__(
        self, exchange: Exchange, webhook: Webhook, token: str, faults: Faults, limits: Limits | None
    ) -> None:
        self._exchange = exchange
        self._webhook = webhook
        self._token = token
        self._faults = faults
        self._limits = limits
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)

    def routes(self) -> list[web.RouteDef]:
        """The routes of the service."""
        return [
            web.get("/file/bot{token}/{path:.+}", self._download),
            web.route("*", "/bot{token}/{method}", self._call),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        received = time.monotonic()
        try:
            if not self._knows(request.match_info["token"]):
                raise unauthorized()
            method = NAMES.get(request.match_info["method"].lower())
            if method is None:
                raise not_found()
            p = await read_parameters(request)
        except Refused as refused:
            return web.json_response(refused.body(), status=refused.status)
        call = Call(method, p.values, tuple(p.uploads), received)
        self.calls.append(call)
        self._exchange.bell.ring()
        fault = self._faults.take(method, call.chat_id)

        async def work() -> web.Response:
            return await self._work(call, p)

        answer = await work() if fault is None else await self._faults.answer(fault, request, work)
        call.status = answer.status
        if answer.status == 200 and method in SPEAKING:  # a bot that speaks has often planned something too
            self._exchange.bell.tell_pages({"kind": "plan"})
        self._exchange.bell.ring()
        return answer

    async def _work(self, call: Call, p: Parameters) -> web.Response:
        try:
            call.answer = {"ok": True, "result": await self._result(call.method, p)}
            status = 200
        except Refused as refused:
            call.answer, status = refused.body(), refused.status
        return web.json_response(call.answer, status=status)

    async def _result(self, method: str, p: Parameters) -> Any:
        if method == "getUpdates":
            return await self._exchange.queue.fetch(p)
        if method == "setWebhook":
            return self._webhook.set(p)
        if method == "deleteWebhook":
            drop = {"drop_pending_updates": p.flag("drop_pending_updates")}
            return self._webhook.set(Parameters(drop | {"url": ""}))
        if method == "getWebhookInfo":
            return self._webhook.info()
        if self._limits is not None and method in SENDING:
            self._limits.take(self._exchange.chat(p.text("chat_id")), self._exchange.now())
        return METHODS[method](self._exchange, p)

    async def _download(self, request: web.Request) -> web.Response:
        try:
            if not self._knows(request.match_info["token"]):
                raise unauthorized()
            file = self._exchange.files.by_path(request.match_info["path"])
        except Refused as refused:
            return web.json_response(refused.body(), status=refused.status)
        return web.Response(body=file.data, content_type=file.content_type)

    def _knows(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())
