"""The other way in: updates are posted to the addresses that setWebhook named, to each in turn."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

MOST_CONNECTIONS = 100  # to all addresses together, what the service allows a bot
AGAIN_AFTER = 0.5  # seconds until an update that was not accepted is posted again

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Hooks:
    """Every address that was set; an update of a chat is posted when the one before it was accepted."""

    def __init__(self) -> None:
        self._hooks: list[_Hook] = []
        self._turns = cycle(self._hooks)
        self._chats: dict[int, deque[dict[str, Any]]] = {}
        self._came = asyncio.Event()

    def set(self, url: str, secret: str) -> None:
        """One more process takes updates at `url`."""
        if url and all(hook.url != url for hook in self._hooks):
            self._hooks.append(_Hook(url, secret, self))
            self._turns = cycle(self._hooks)
            self._came.set()

    async def until(self, count: int) -> None:
        """Wait until so many have said where they are."""
        while len(self._hooks) < count:
            self._came.clear()
            await self._came.wait()

    def __bool__(self) -> bool:
        return bool(self._hooks)

    @property
    def most_each(self) -> int:
        """Connections to one address."""
        return MOST_CONNECTIONS // len(self._hooks)

    def post(self, update: dict[str, Any]) -> None:
        """Post it, or keep it until its chat's turn has come."""
        chat = _chat(update)
        if chat in self._chats:
            self._chats[chat].append(update)
            return
        self._chats[chat] = deque()
        next(self._turns).post(update)

    def accepted(self, update: dict[str, Any]) -> None:
        """The next of that chat may be posted."""
        waiting = self._chats[_chat(update)]
        if waiting:
            next(self._turns).post(waiting.popleft())
        else:
            del self._chats[_chat(update)]

    def refused(self, update: dict[str, Any]) -> None:
        """It will be posted again, perhaps to another."""
        asyncio.get_running_loop().call_later(AGAIN_AFTER, lambda: next(self._turns).post(update))

    def close(self) -> None:
        """Hang up."""
        for hook in self._hooks:
            hook.close()


def _chat(update: dict[str, Any]) -> int:
    holder = update.get("callback_query", update)
    return int(holder["message"]["chat"]["id"])


class _Hook:
    """One address."""

    def __init__(self, url: str, secret: str, hooks: Hooks) -> None:
        self.url = url
        self.hooks = hooks
        place = urlsplit(url)
        self._host, self._port = place.hostname or "", place.port or 80
        self._head = (
            f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: "
        ).encode()
        self._waiting: deque[dict[str, Any]] = deque()
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._coming = 0

    def post(self, update: dict[str, Any]) -> None:
        if self._idle:
            self._idle.pop().post(update, self._bytes(update))
            return
        self._waiting.append(update)
        if len(self._open) + self._coming < self.hooks.most_each:
            self._coming += 1
            asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(lambda: _Connection(self), self._host, self._port)
        except OSError:
            loop.call_later(AGAIN_AFTER, lambda: loop.create_task(self._connect()))
            return
        self._coming -= 1
        self._open.add(connection)
        self.free(connection)

    def free(self, connection: _Connection) -> None:
        """The connection may carry the next."""
        if self._waiting:
            update = self._waiting.popleft()
            connection.post(update, self._bytes(update))
        else:
            self._idle.append(connection)

    def lost(self, connection: _Connection) -> None:
        """It was closed from the other side."""
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def close(self) -> None:
        for connection in self._open:
            connection.close()

    def _bytes(self, update: dict[str, Any]) -> bytes:
        body = json.dumps(update).encode()
        return self._head + str(len(body)).encode() + b"\r\n\r\n" + body


class _Connection(asyncio.Protocol):
    """One request after the other; of the answers only the status matters."""

    def __init__(self, hook: _Hook) -> None:
        self._hook = hook
        self._update: dict[str, Any] | None = None
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._hook.lost(self)
        if self._update is not None:
            self._hook.hooks.refused(self._update)

    def post(self, update: dict[str, Any], request: bytes) -> None:
        assert self._transport is not None
        self._update = update
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, rest = self._read.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if not end or len(rest) < (int(found[1]) if found else 0):
            return
        self._read = b""
        update, self._update = self._update, None
        assert update is not None
        if head.startswith(b"HTTP/1.1 200"):
            self._hook.hooks.accepted(update)
        else:
            self._hook.hooks.refused(update)
        self._hook.free(self)

    def close(self) -> None:
        if self._transport is not None:
            self._update = None
            self._transport.close()
