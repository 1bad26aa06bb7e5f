"""The least Bot API that a bot can work with, light enough that the bot is what is measured.

It knows no rules and refuses nothing (sandbox/ does): it hands out updates, numbers messages, and tells its
`watcher` of everything the bot says. Written on a bare asyncio protocol, some 15 times cheaper than the bots.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from itertools import count
from time import perf_counter
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl

from benchmarks.hooks import Hooks

TOKEN = "424242:bench-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
ME = {"id": 424242, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
MOST_UPDATES = 100

# Never the same number again: bots keep what they have seen from one start to the next.
_UPDATES, _MESSAGES = count(1), count(1)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Watcher(Protocol):
    """Told what the bot does; `at` is the moment its request had arrived (perf_counter, seconds)."""

    def said(self, chat: int, message: int, parameters: dict[str, Any], at: float) -> None:
        """A new message, or a new face of message `message`."""

    def press_answered(self, press: str, at: float) -> None:
        """A press was answered."""


class Allowance(Protocol):
    """How much a bot may say."""

    def refuses(self, chat: int, at: float) -> int:
        """0, or the seconds after which something may be said to `chat` again."""


class LocalApi:
    """Updates go in by `send`, what the bot says comes out at `watcher`.

    `delay`: seconds of network, by which every answer comes later. `allowance`: who says too much gets a 429.
    """

    def __init__(self, *, delay: float = 0.0, allowance: Allowance | None = None) -> None:
        self.watcher: Watcher | None = None
        self.first_word: asyncio.Event = asyncio.Event()
        self.hooks = Hooks()
        self.refused = 0
        self._delay = delay
        self._allowance = allowance
        self._updates: deque[dict[str, Any]] = deque()
        self._poller: tuple[_Connection, int] | None = None
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self.hooks.close()
        self._server.close()

    @property
    def base(self) -> str:
        """What BOT_API_BASE is set to."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def send(self, update: dict[str, Any]) -> None:
        """Something happened: hand it to the bot that waits for it, or keep it for the next who asks."""
        update = {"update_id": next(_UPDATES), **update}
        if self.hooks:
            self.hooks.post(update)
            return
        self._updates.append(update)
        if self._poller is not None:
            # A moment later, so that what happens together is handed out together.
            asyncio.get_running_loop().call_soon(self._hand_out)

    def new_message(self) -> int:
        """The number of the next message."""
        return next(_MESSAGES)

    def called(self, connection: _Connection, method: str, parameters: dict[str, Any]) -> None:
        """Answer one call of the bot."""
        at = perf_counter()
        match method:
            case "getUpdates":
                self._poll(
                    connection, int(parameters.get("offset") or 0), int(parameters.get("timeout") or 0)
                )
                return
            case "sendMessage" | "editMessageText":
                chat = int(parameters["chat_id"])
                if wait := self._allowance.refuses(chat, at) if self._allowance else 0:
                    self.refused += 1
                    self._answer(connection, _too_many(wait))
                    return
                message = int(parameters.get("message_id") or self.new_message())
                result: Any = _message(message, chat)
                self._tell(message, parameters, at)
            case "answerCallbackQuery":
                result = True
                if self.watcher is not None:
                    self.watcher.press_answered(str(parameters["callback_query_id"]), at)
            case "setWebhook":
                result = True
                self.hooks.set(str(parameters["url"]), str(parameters.get("secret_token", "")))
            case "getMe":
                result = ME
            case _:
                result = True
        self._answer(connection, _ok(result))

    def _answer(self, connection: _Connection, answer: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, connection.answer, answer)
        else:
            connection.answer(answer)

    def _poll(self, connection: _Connection, offset: int, timeout: int) -> None:
        """What there is at once; else the bot waits, at most `timeout` seconds, for what comes."""
        poller = self._poller = connection, offset
        self._hand_out()
        if self._poller is poller:
            asyncio.get_running_loop().call_later(timeout, self._nothing_new, poller)

    def _nothing_new(self, poller: tuple[_Connection, int]) -> None:
        if self._poller is poller:
            self._poller = None
            self._answer(poller[0], _ok([]))

    def lost(self, connection: _Connection) -> None:
        """The bot closed a connection."""
        if self._poller is not None and self._poller[0] is connection:
            self._poller = None

    def _tell(self, message: int, parameters: dict[str, Any], at: float) -> None:
        self.first_word.set()
        if self.watcher is not None:
            self.watcher.said(int(parameters["chat_id"]), message, parameters, at)

    def _hand_out(self) -> None:
        if self._poller is None:
            return
        connection, offset = self._poller
        while self._updates and self._updates[0]["update_id"] < offset:
            self._updates.popleft()  # confirmed
        if self._updates:
            self._poller = None
            waiting = [self._updates[i] for i in range(min(MOST_UPDATES, len(self._updates)))]
            self._answer(connection, _ok(waiting))


class _Connection(asyncio.Protocol):
    """Just enough HTTP/1.1: one request after the other, each with a Content-Length."""

    def __init__(self, api: LocalApi) -> None:
        self._api = api
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._api.lost(self)

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        head, end, rest = self._waiting.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if not end or len(rest) < length:
            return
        self._waiting = rest[length:]
        path = head.split(b" ", 2)[1].decode()
        self._api.called(self, path.rpartition("/")[2].partition("?")[0], _parameters(rest[:length]))

    def answer(self, answer: bytes) -> None:
        """Send the answer to the request that waits."""
        assert self._transport is not None
        self._transport.write(answer)


def _ok(result: Any) -> bytes:
    return _http("200 OK", {"ok": True, "result": result})


def _too_many(wait: int) -> bytes:
    words = f"Too Many Requests: retry after {wait}"
    refusal = {"ok": False, "error_code": 429, "description": words, "parameters": {"retry_after": wait}}
    return _http("429 Too Many Requests", refusal)


def _http(status: str, content: Any) -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _parameters(body: bytes) -> dict[str, Any]:
    if body.startswith(b"{"):
        read: dict[str, Any] = json.loads(body)
        return read
    return dict(parse_qsl(body.decode()))


def _message(message: int, chat: int) -> dict[str, Any]:
    return {"message_id": message, "date": 1, "chat": {"id": chat, "type": "private"}, "text": "…"}
