"""The Bot API by way of aiogram."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import Response, TelegramMethod
from aiohttp.payload import BytesPayload, Payload

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
    """aiogram's bot and session as transport: calls and answers stay plain values, no models are built."""

    def __init__(self, token: str, api_base: str) -> None:
        """Connects with the first call."""
        server = TelegramAPIServer(
            base=f"{api_base}/bot{{token}}/{{method}}", file=f"{api_base}/file/bot{{token}}/{{path}}"
        )
        self._bot = Bot(token, session=_Session(api=server, limit=CONNECTIONS))

    async def call(self, method: str, parameters: dict[str, str | int | bool], wait: int = 0) -> ApiAnswer:
        """See `Wire`."""
        timeout: Any = aiohttp.ClientTimeout(total=TOTAL + wait, connect=QUEUE, sock_connect=CONNECT)
        try:
            answer: ApiAnswer = await self._bot(_method(method)(**parameters), request_timeout=timeout)
        except TelegramNetworkError as error:
            cause = error.__cause__ or error
            return no_answer(cause, reached=not isinstance(cause, _NOT_SENT))
        except (OSError, UnicodeDecodeError) as error:
            return no_answer(error, reached=True)
        return answer

    async def close(self) -> None:
        """See `Wire`."""
        await self._bot.session.close()


class _Session(AiohttpSession):
    """Hands over every answer as it came; aiogram would raise one of a dozen exceptions, and lose its status."""

    def check_response(
        self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str
    ) -> Response[Any]:
        """Wrap what came back; judging it is the business of `bot/channels/answers.py`."""
        return Response.model_construct(ok=True, result=read_answer(status_code, content))

    def build_form_data(self, bot: Bot, method: TelegramMethod[Any]) -> Payload:  # type: ignore[override]
        """The parameters as JSON, which costs a quarter less per message than a form."""
        return BytesPayload(json.dumps(method.model_extra).encode(), content_type="application/json")


@cache
def _method(name: str) -> type[TelegramMethod[Any]]:
    """An aiogram method that takes any parameters and returns what came."""
    body = {"__returning__": dict, "__api_method__": name, "__module__": __name__}
    return type(name, (TelegramMethod[Any],), body)
