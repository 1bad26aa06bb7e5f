"""Updates by webhook: the service posts them to us, and our 200 confirms them.

The answer is 200 only after `handle` has returned, and 503 only when it raised: the service then brings the
update again, and holds back that chat until it is accepted.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.channels.cures import NO_SECRET, cannot_listen
from bot.channels.updates import decode
from service.ports import ChannelError, Handle, Incoming

_log = structlog.get_logger(__name__)

MOST_BYTES: Final = 1024 * 1024  # of one update
ARRIVES_WITHIN: Final = 10.0  # seconds that the body of an update may take; what stalls is brought again
PATIENCE: Final = 3.0  # seconds that a request under way has when we stop; cancelled, it has as many again
MOST_CONNECTIONS: Final = 100  # that the service may open at once (max_connections)
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (a header's name)


@dataclass(frozen=True, slots=True)
class WebhookPlace:
    """Where updates arrive: the public `url`, the `secret` that proves the sender, and where we listen.

    `port` 0 takes a free one.
    """

    url: str
    secret: str = field(repr=False)
    host: str
    port: int


class Batches:
    """Updates that arrive while others are being handled wait, and are then handled together.

    `handle` is never called a second time before it has returned, exactly as with long polling.
    """

    def __init__(self, handle: Handle) -> None:
        """`handle` gets each batch."""
        self._handle = handle
        self._waiting: list[tuple[Incoming, asyncio.Future[bool]]] = []
        self._turn = asyncio.Lock()

    async def handled(self, incoming: Incoming) -> bool:
        """Wait until `incoming` was handled; whether it is committed."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((incoming, done))
        async with self._turn:
            if not done.done():  # else the one before took it along
                await self._handle_waiting()
        return done.result()

    async def _handle_waiting(self) -> None:
        batch, self._waiting = self._waiting, []
        good = False
        try:
            await self._handle([incoming for incoming, _ in batch])
            good = True
        except Exception:
            _log.exception("updates not handled, the service will bring them again", updates=len(batch))
        finally:  # also when this request is cancelled: the others must not wait for ever
            for _, done in batch:
                done.set_result(good)


class Webhook:
    """A web server that takes updates at the path of `place.url`, and answers GET /healthz."""

    def __init__(self, place: WebhookPlace, handle: Handle) -> None:
        """Raises ChannelError when there is no secret: anybody could then pose as the service."""
        if not place.secret:
            raise ChannelError(NO_SECRET)
        self._place = place
        self._secret = place.secret.encode()
        self._batches = Batches(handle)
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_get("/healthz", _healthz)
        app.router.add_post(urlsplit(place.url).path or "/", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=PATIENCE)

    def parameters(self, wanted: Sequence[str]) -> dict[str, str | int | bool]:
        """What setWebhook is told."""
        return {
            "url": self._place.url,
            "secret_token": self._place.secret,
            "allowed_updates": json.dumps(list(wanted)),
            "max_connections": MOST_CONNECTIONS,
        }

    async def start(self) -> int:
        """Begin to listen; the port. Raises ChannelError when somebody else listens there."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._place.host, self._place.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ChannelError(
                cannot_listen(self._place.host, self._place.port, str(error.strerror))
            ) from None
        return int(self._runner.addresses[0][1])

    async def served(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Stop listening; requests that are being handled are answered first, unless that takes too long."""
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=401)
        try:
            async with asyncio.timeout(ARRIVES_WITHIN):
                body = await request.read()  # more than MOST_BYTES: aiohttp answers 413
            incoming = decode(json.loads(body))
        except TimeoutError:
            return web.Response(status=408)
        except (ValueError, AttributeError, RecursionError, web.RequestPayloadError):
            return web.Response(status=400)
        return web.Response(status=200 if await self._batches.handled(incoming) else 503)


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")
