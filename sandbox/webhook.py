"""Webhook delivery: updates go to the bot's own web address, in order within each chat."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.answers import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sandbox.parameters import Parameters
    from sandbox.updates import Pending, UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (a header's name)
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)  # seconds of real time between tries; the last one repeats
ANSWER_WITHIN = ClientTimeout(total=60)

Json = dict[str, Any]


class Webhook:
    """Delivers what the queue holds while an address is set.

    One delivery at a time per chat; an answer other than 2xx is tried again after a growing pause, and holds
    back only its own chat. A method call in the body of the bot's answer is not carried out: bots that need
    to know what became of a message do not send it that way.
    """

    def __init__(
        self,
        queue: UpdateQueue,
        now: Callable[[], datetime],
        ring: Callable[[], None],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._ring = ring
        self._queue = queue
        self._now = now
        self._pauses = tuple(pauses)
        self._hurry = asyncio.Event()
        self._chats: dict[int, asyncio.Queue[Pending]] = {}
        self._couriers: set[asyncio.Task[None]] = set()
        self._session: ClientSession | None = None
        self.url = ""
        self.secret = ""
        self.broken: list[BaseException] = []
        self.last_error: tuple[int, str] | None = None
        queue.on_new = self._take

    def set(self, p: Parameters) -> bool:
        """setWebhook; an empty url removes it. 400 for an address or a secret the service would refuse."""
        url = p.text("url")
        secret = p.text("secret_token") or ""
        if url is None:
            raise bad_request("url is not specified")
        if url and not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", url):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        if p.has("allowed_updates"):
            self._queue.allowed = [str(kind) for kind in p.items("allowed_updates")]
        if p.flag("drop_pending_updates"):
            self._queue.drop_all()
        self._stop_couriers()
        self.url, self.secret, self.last_error = url, secret, None
        self._queue.webhook_set = bool(url)
        if url:
            self._queue.interrupt("terminated by setWebhook request")
            for pending in self._queue.waiting():
                self._take(pending)
        return True

    def info(self) -> Json:
        """getWebhookInfo."""
        info: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue),
        }
        if self.last_error is not None:
            info["last_error_date"], info["last_error_message"] = self.last_error
        if self._queue.allowed:
            info["allowed_updates"] = self._queue.allowed
        return info

    async def close(self) -> None:
        """Stop delivering; what was not delivered stays in the queue."""
        self.url = ""
        couriers = list(self._couriers)
        self._stop_couriers()
        await asyncio.gather(*couriers, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self.broken:
            raise self.broken[0]

    def _stop_couriers(self) -> None:
        for courier in self._couriers:
            courier.cancel()
        self._chats.clear()

    def retry_now(self) -> None:
        """End the present pauses: what failed is tried again at once."""
        self._hurry.set()
        self._hurry = asyncio.Event()

    def _courier_ended(self, courier: asyncio.Task[None]) -> None:
        self._couriers.discard(courier)
        if not courier.cancelled() and (error := courier.exception()) is not None:
            self.broken.append(error)

    def _take(self, pending: Pending) -> None:
        if not self.url:
            return
        waiting = self._chats.get(pending.chat_id)
        if waiting is None:
            waiting = self._chats[pending.chat_id] = asyncio.Queue()
            courier = asyncio.get_running_loop().create_task(self._serve(waiting))
            self._couriers.add(courier)
            courier.add_done_callback(self._courier_ended)
        waiting.put_nowait(pending)

    async def _serve(self, waiting: asyncio.Queue[Pending]) -> None:
        while True:
            pending = await waiting.get()
            tries = 0
            while self._queue.alive(pending) and not await self._deliver(pending):
                await self._pause(self._pauses[min(tries, len(self._pauses) - 1)])
                tries += 1

    async def _deliver(self, pending: Pending) -> bool:
        if self._session is None:
            self._session = ClientSession(timeout=ANSWER_WITHIN)
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers[SECRET_HEADER] = self.secret
        body = json.dumps(pending.json, ensure_ascii=False).encode()
        try:
            async with self._session.post(
                self.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.read()
                status = answer.status
        except (ClientError, TimeoutError, OSError) as error:
            return self._failed(f"Connection failed: {error}")
        if not 200 <= status < 300:
            return self._failed(f"Wrong response from the webhook: {status} {answer.reason}")
        self._queue.confirm(pending.update_id)
        self._ring()
        return True

    def _failed(self, why: str) -> bool:
        self.last_error = (int(self._now().timestamp()), why)
        self._ring()
        return False

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return
