"""Updates on their way to the bot: kept in order, given out by long polling, forgotten when too old."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.answers import conflict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.parameters import Parameters

Json = dict[str, Any]

TAP_LIVES = timedelta(seconds=150)  # a button tap that nobody fetched is lost, as measured at Telegram
UPDATE_LIVES = timedelta(hours=24)  # the Bot API's documented limit for everything else
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}  # Bot API, allowed_updates
POLLED_WITH_WEBHOOK = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
)
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True)
class Pending:
    """An update that the bot has not confirmed yet."""

    update_id: int
    kind: str
    chat_id: int
    made_at: datetime
    json: Json

    @property
    def dies_at(self) -> datetime:
        """When it is lost if nobody fetched it."""
        return self.made_at + (TAP_LIVES if self.kind == "callback_query" else UPDATE_LIVES)


class UpdateQueue:
    """All updates of one bot. `webhook_set` closes the polling side."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._pending: dict[int, Pending] = {}
        self._next_death: datetime | None = None
        self._last_id = 0
        self._poll: asyncio.Future[str | None] | None = None
        self.allowed: list[str] = []
        self.webhook_set = False
        self.on_new: Callable[[Pending], None] | None = None

    def __len__(self) -> int:
        self._forget_old()
        return len(self._pending)

    def waiting(self) -> list[Pending]:
        """What the bot has not confirmed yet, oldest first."""
        self._forget_old()
        return list(self._pending.values())

    def add(self, kind: str, chat_id: int, payload: Json) -> int | None:
        """Queue an update and return its id; None when the bot did not ask for this kind."""
        if kind not in self.allowed if self.allowed else kind in NOT_BY_DEFAULT:
            return None
        self._last_id += 1
        update = {"update_id": self._last_id, kind: payload}
        pending = Pending(self._last_id, kind, chat_id, self._now(), update)
        self._pending[self._last_id] = pending
        death = pending.dies_at
        self._next_death = death if self._next_death is None else min(self._next_death, death)
        if self.on_new is not None:
            self.on_new(pending)
        self._wake(None)
        return self._last_id

    def confirm(self, update_id: int) -> None:
        """Delivered by webhook: gone from the queue."""
        self._pending.pop(update_id, None)

    def alive(self, pending: Pending) -> bool:
        """Whether the update is still waiting (not confirmed, not dropped, not too old)."""
        self._forget_old()
        return pending.update_id in self._pending

    def drop_all(self) -> None:
        """drop_pending_updates of setWebhook and deleteWebhook."""
        self._pending.clear()

    def interrupt(self, why: str) -> None:
        """End the poll that waits, if any, with 409 "Conflict: `why`"."""
        self._wake(why)

    def close(self) -> None:
        """The server goes down: the poll that waits ends with nothing."""
        self._wake(None)

    async def fetch(self, p: Parameters) -> list[Json]:
        """getUpdates: confirm everything below `offset`, then wait up to `timeout` seconds for more.

        409 when a webhook is set, or when another getUpdates starts while this one waits.
        """
        if self.webhook_set:
            raise conflict(POLLED_WITH_WEBHOOK)
        self._wake(OTHER_POLLER)
        if p.has("allowed_updates"):
            self.allowed = [str(kind) for kind in p.items("allowed_updates")]
        offset = p.number("offset") or 0
        limit = min(max(p.number("limit") or 100, 1), 100)
        self._confirm_below(offset)
        timeout = min(max(p.number("timeout") or 0, 0), 50)
        if not self._pending and timeout:
            await self._wait(timeout)
        self._forget_old()
        return [pending.json for pending in itertools.islice(self._pending.values(), limit)]

    async def _wait(self, timeout: float) -> None:
        poll: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._poll = poll
        try:
            async with asyncio.timeout(timeout):
                why = await poll
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None
        if why is not None:
            raise conflict(why)

    def _wake(self, why: str | None) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(why)

    def _confirm_below(self, offset: int) -> None:
        self._forget_old()
        if offset < 0:
            offset = next(iter(list(self._pending)[offset:]), 0)
        for update_id in list(itertools.takewhile(lambda waiting: waiting < offset, self._pending)):
            del self._pending[update_id]

    def _forget_old(self) -> None:
        now = self._now()
        if self._next_death is None or now <= self._next_death:
            return
        self._pending = {
            number: waiting for number, waiting in self._pending.items() if now <= waiting.dies_at
        }
        self._next_death = min((waiting.dies_at for waiting in self._pending.values()), default=None)
