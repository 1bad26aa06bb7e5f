"""The Bot API by way of aiogram."""

from __future__ import annotations

import json
from typing import Final

import aiohttp
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp.payload import BytesPayload

from bot.channels.answers import ApiAnswer, no_answer, read_answer
from bot.channels.bot_api import BotApiChannel, checked_token
from bot.channels.polling import Pause, rest
from bot.webhook import WebhookPlace
from service.measures import Measures

TOTAL: Final = 20  # seconds for one call, long polls excepted
CONNECT: Final = 5  # seconds until a connection stands
QUEUE: Final = 10  # seconds for getting one out of the pool, connecting included
CONNECTIONS: Final = 100

# What aiohttp raises before a request has left.
_NOT_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class AiogramChannel(BotApiChannel):
    """Channel over aiogram. Raises ChannelError when `token` cannot be one."""

    def __init__(
        self,
        token: str,
        api_base: str,
        place: WebhookPlace | None = None,
        pause: Pause = rest,
        measures: Measures | None = None,
    ) -> None:
        """`api_base` serves ``{api_base}/bot{token}/{method}``; `place`: updates by webhook, else long polling."""
        super().__init__(AiogramWire(checked_token(token), api_base), place, pause, measures)


class AiogramWire:
    """aiogram's session as transport: calls and answers stay plain values, no models are built.

    Its `make_request` would build a model of every call and raise one of a dozen exceptions that lose the status.
    """

    def __init__(self, token: str, api_base: str) -> None:
        """Connects with the first call."""
        self._token = token
        self._api = TelegramAPIServer(
            base=f"{api_base}/bot{{token}}/{{method}}", file=f"{api_base}/file/bot{{token}}/{{path}}"
        )
        self._session = AiohttpSession(api=self._api, limit=CONNECTIONS)

    async def call(self, method: str, parameters: dict[str, str | int | bool], wait: int = 0) -> ApiAnswer:
        """See `Wire`."""
        # JSON costs a quarter less per message than a form.
        body = BytesPayload(json.dumps(parameters).encode(), content_type="application/json")
        patience = aiohttp.ClientTimeout(total=TOTAL + wait, connect=QUEUE, sock_connect=CONNECT)
        try:
            session = await self._session.create_session()
            where = self._api.api_url(self._token, method)
            async with session.post(where, data=body, timeout=patience) as response:
                return read_answer(response.status, await response.text())
        except (aiohttp.ClientError, OSError, UnicodeDecodeError) as error:  # TimeoutError is one
            return no_answer(error, reached=not isinstance(error, _NOT_SENT))

    async def close(self) -> None:
        """See `Wire`."""
        await self._session.close()
