"""The sandbox itself: a local Telegram that starts, serves one bot and several phones, and stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from sandbox import groups as group_acts
from sandbox.bot_api import BotApi, Call
from sandbox.exchange import Exchange
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.page import PageApi
from sandbox.phones import Phone
from sandbox.webhook import PAUSES, Webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sandbox.chats import Chat
    from sandbox.control import Control
    from sandbox.people import GroupChat, PhoneOwner

Seen = TypeVar("Seen")
LARGEST_REQUEST = 60 * 1024 * 1024  # bytes; above the 50 MB of a file, so that the 413 is the method's own


class Sandbox:
    """A Bot API server and a page with the phones of `people` and the `groups` they are in.

    `token` is the bot's ("123:anything"); `clock` gives the sandbox's aware time: message dates, expiry and
    rate limits follow it, waiting (long polls, webhook pauses) is in real time. `control` is the program
    behind the page's time machine. `limits` switches 429 on. `pauses` are seconds between webhook tries;
    `first` names the chats that the page shows first, from left to right.
    ValueError when the token has no bot id in front.
    """

    def __init__(
        self,
        people: Sequence[PhoneOwner],
        groups: Sequence[GroupChat],
        *,
        token: str,
        clock: Callable[[], datetime],
        control: Control | None = None,
        limits: bool = False,
        bot_name: str = "售后服务台",
        bot_username: str = "service_desk_bot",
        pauses: Sequence[float] = PAUSES,
        first: Sequence[int] = (),
    ) -> None:
        number, _, secret = token.partition(":")
        if not (number.isdigit() and secret):
            raise ValueError('A bot token looks like "123456:letters"; give the sandbox one of that form.')
        bot = {"id": int(number), "is_bot": True, "first_name": bot_name, "username": bot_username}
        self.exchange = Exchange(people, groups, bot, clock)
        self.faults = Faults()
        self.webhook = Webhook(self.exchange.queue, clock, self.exchange.bell.ring, pauses)
        self._api = BotApi(self.exchange, self.webhook, token, self.faults, Limits() if limits else None)
        self._phones = {owner.id: Phone(self.exchange, owner) for owner in people}
        self.page = PageApi(self.exchange, self._phones, control, first)
        self.app = web.Application(client_max_size=LARGEST_REQUEST, middlewares=[_own_page_only])
        self.app.add_routes([*self._api.routes(), *self.page.routes()])
        self.app.on_shutdown.append(self._close)
        self._runner: web.AppRunner | None = None

    @property
    def calls(self) -> Sequence[Call]:
        """Every Bot API request so far, oldest first."""
        return self._api.calls

    def calls_of(self, method: str, chat: int | None = None) -> list[Call]:
        """The requests for one method, about one chat when given."""
        return [call for call in self.calls if call.method == method and chat in (None, call.chat_id)]

    def user(self, user_id: int) -> Phone:
        """The phone of this person. KeyError when there is none."""
        return self._phones[user_id]

    def chat(self, chat_id: int) -> Chat:
        """The chat of this id, to be read. KeyError when there is none."""
        return self.exchange.chats[chat_id]

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen and return the base address; port 0 takes a free one."""
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound = self._runner.addresses[0][1]
        return f"http://{host}:{bound}"

    async def stop(self) -> None:
        """Stop listening: open pages, polls and hanging faults are let go."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def wait_for(self, predicate: Callable[[], Seen], timeout: float = 5.0) -> Seen:
        """Wait until `predicate()` is true and return its value; TimeoutError after `timeout` real seconds.

        It is looked at again after every message, edit, tap, toast and Bot API call.
        """
        return await self.exchange.bell.wait_for(predicate, timeout)

    def set_bot_status(self, group: int, status: str, by: int | None = None) -> None:
        """A person makes the bot "administrator" or "member" of a group, or puts it out ("left", "kicked")."""
        group_acts.set_bot_status(self.exchange, group, status, by)

    def remove_bot(self, group: int, by: int | None = None) -> None:
        """A person throws the bot out of a group; `by` is its owner when left out, here and below."""
        group_acts.remove_bot(self.exchange, group, by)

    def add_bot(self, group: int, by: int | None = None, *, admin: bool = True) -> None:
        """A person takes the bot back, and makes it an administrator if `admin`."""
        group_acts.add_bot(self.exchange, group, by, admin=admin)

    def delete_group(self, group: int, by: int | None = None, *, told: bool = True) -> None:
        """A person deletes the group; the bot gets my_chat_member, or (not `told`) only refusals."""
        group_acts.delete_group(self.exchange, group, by, told=told)

    def delete_topic(self, group: int, thread: int) -> None:
        """A person deletes a topic; the bot is not told."""
        group_acts.delete_topic(self.exchange, group, thread)

    def set_topics(self, group: int, on: bool) -> None:
        """A person switches the topics of a supergroup off or on; the bot is not told."""
        group_acts.set_topics(self.exchange, group, on)

    def upgrade_group(self, group: int, new_id: int | None = None, by: int | None = None) -> Chat:
        """A basic group becomes the supergroup `new_id`; the bot gets both service messages."""
        return group_acts.upgrade_group(self.exchange, group, new_id, by)

    async def _close(self, _: web.Application) -> None:
        self.exchange.bell.close()
        self.exchange.queue.close()
        self.faults.release()
        await self.webhook.close()


@web.middleware
async def _own_page_only(request: web.Request, handler: Any) -> web.StreamResponse:
    """Another web site open in the same browser must not press buttons here."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="只有沙盒自己的页面可以操作。")
    answer: web.StreamResponse = await handler(request)
    return answer
