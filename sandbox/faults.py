"""Faults for tests: the next call of a method goes wrong in a way that was seen in the wild."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from sandbox.answers import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Way = Literal["refuse", "empty", "html", "truncate", "reset", "hang"]
GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


@dataclass
class Fault:
    """One scripted fault: `times` calls of `method` ("*" is any), in `chat` only when given.

    `after_effect` says that the method does its work first, and only the answer goes wrong.
    """

    way: Way
    method: str
    chat: int | None
    times: int
    after_effect: bool
    refusal: Refused | None = None


class Faults:
    """The script of faults; each is used up in the order in which they were written."""

    def __init__(self) -> None:
        self._script: list[Fault] = []
        self._released = asyncio.Event()

    @property
    def left(self) -> int:
        """How many faults have not happened yet."""
        return sum(fault.times for fault in self._script)

    def refuse(
        self,
        method: str,
        status: int,
        description: str,
        *,
        retry_after: int | None = None,
        migrate_to: int | None = None,
        chat: int | None = None,
        times: int = 1,
    ) -> None:
        """Answer with this error instead of doing the work."""
        refusal = Refused(status, description, retry_after=retry_after, migrate_to=migrate_to)
        self._script.append(Fault("refuse", method, chat, times, after_effect=False, refusal=refusal))

    def html_502(
        self, method: str, *, chat: int | None = None, times: int = 1, after_effect: bool = False
    ) -> None:
        """Answer with a gateway's HTML page."""
        self._script.append(Fault("html", method, chat, times, after_effect))

    def empty_500(
        self, method: str, *, chat: int | None = None, times: int = 1, after_effect: bool = False
    ) -> None:
        """Answer 500 and nothing else."""
        self._script.append(Fault("empty", method, chat, times, after_effect))

    def truncate(self, method: str, *, chat: int | None = None, times: int = 1) -> None:
        """Do the work, and answer 200 with half of the JSON."""
        self._script.append(Fault("truncate", method, chat, times, after_effect=True))

    def reset(self, method: str, *, after_effect: bool, chat: int | None = None, times: int = 1) -> None:
        """Cut the connection without an answer."""
        self._script.append(Fault("reset", method, chat, times, after_effect))

    def hang(
        self, method: str, *, after_effect: bool = False, chat: int | None = None, times: int = 1
    ) -> None:
        """Say nothing until `release()`, then cut the connection."""
        self._script.append(Fault("hang", method, chat, times, after_effect))

    def release(self) -> None:
        """Let every hanging call go."""
        self._released.set()
        self._released = asyncio.Event()

    def clear(self) -> None:
        """Forget the rest of the script."""
        self._script.clear()
        self.release()

    def take(self, method: str, chat: int | None) -> Fault | None:
        """The fault for this call, used up once; None when all is well."""
        for fault in self._script:
            if fault.method.lower() in ("*", method.lower()) and fault.chat in (None, chat):
                fault.times -= 1
                if fault.times <= 0:
                    self._script.remove(fault)
                return fault
        return None

    async def answer(
        self, fault: Fault, request: web.Request, work: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        """What the bot sees instead of the answer of `work`."""
        if fault.refusal is not None:
            return web.json_response(fault.refusal.body(), status=fault.refusal.status)
        done = await work() if fault.after_effect else None
        if fault.way == "empty":
            return web.Response(status=500)
        if fault.way == "html":
            return web.Response(status=502, text=GATEWAY, content_type="text/html")
        if fault.way == "truncate" and done is not None and isinstance(done.body, bytes):
            half = done.body[: len(done.body) // 2]
            return web.Response(status=done.status, body=half, content_type="application/json")
        if fault.way == "hang":
            await self._released.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=502)
