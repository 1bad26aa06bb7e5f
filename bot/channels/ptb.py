"""The Bot API by way of python-telegram-bot."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import httpx
import telegram
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.channels.answers import ApiAnswer, no_answer, read_answer
from bot.channels.bot_api import BotApiChannel, checked_token
from bot.channels.polling import Pause, rest
from bot.webhook import WebhookPlace
from service.measures import Measures

TOTAL: Final = 20  # seconds for one call, long polls excepted
CONNECT: Final = 5  # seconds until a connection stands
QUEUE: Final = 10  # seconds for getting one out of the pool
CONNECTIONS: Final = 100

# What httpx raises before a request has left.
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class PtbChannel(BotApiChannel):
    """Channel over python-telegram-bot. Raises ChannelError when `token` cannot be one."""

    def __init__(
        self,
        token: str,
        api_base: str,
        place: WebhookPlace | None = None,
        pause: Pause = rest,
        measures: Measures | None = None,
    ) -> None:
        """`api_base` serves ``{api_base}/bot{token}/{method}``; `place`: updates by webhook, else long polling."""
        super().__init__(PtbWire(checked_token(token), api_base), place, pause, measures)


class PtbWire:
    """python-telegram-bot's bot and request as transport: calls and answers stay plain values."""

    def __init__(self, token: str, api_base: str) -> None:
        """Connects with the first call."""
        for chatty in ("httpx", "httpcore", "telegram"):  # they log addresses, and the token is part of them
            logging.getLogger(chatty).setLevel(logging.WARNING)
        self._request = _Request(
            connection_pool_size=CONNECTIONS,
            connect_timeout=CONNECT,
            pool_timeout=QUEUE,
            read_timeout=TOTAL,
            write_timeout=TOTAL,
            httpx_kwargs={
                "trust_env": False
            },  # as aiogram: a proxy of the machine is no way to a local address
        )
        self._bot = _Bot(
            token,
            base_url=f"{api_base}/bot",
            base_file_url=f"{api_base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    async def call(self, method: str, parameters: dict[str, str | int | bool], wait: int = 0) -> ApiAnswer:
        """See `Wire`."""
        try:
            async with asyncio.timeout(TOTAL + wait):
                return await self._bot.answer(method, parameters, TOTAL + wait)
        except _Refused as refused:
            return refused.answer
        except TelegramError as error:
            cause = error.__cause__ or error
            return no_answer(cause, reached=not isinstance(cause, _NOT_SENT))
        except TimeoutError as error:
            return no_answer(error, reached=True)

    async def close(self) -> None:
        """See `Wire`."""
        await self._request.shutdown()


class _Bot(telegram.Bot):
    """`Bot.do_api_request` warns about every method it knows; what it does is used without it."""

    __slots__ = ()

    async def answer(self, method: str, parameters: dict[str, Any], seconds: float) -> ApiAnswer:
        """Call `method`. Raises `_Refused` with the answer when the service refuses, TelegramError without one."""
        answer: ApiAnswer = await self._post(method, parameters, read_timeout=seconds)
        return answer


class _Refused(TelegramError):
    """Carries a refusal past the library, which would keep its words but lose its status."""

    def __init__(self, answer: ApiAnswer) -> None:
        super().__init__(answer.description)
        self.answer = answer


class _Request(HTTPXRequest):
    """Hands over every answer as it came; judging it is the business of `bot/channels/answers.py`."""

    __slots__ = ()

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Status and body of a success. Raises `_Refused` for everything else."""
        status, payload = await super().do_request(*args, **kwargs)
        if status != 200:
            raise _Refused(read_answer(status, payload))
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer in the place where the library looks for the result."""
        return {"result": read_answer(200, payload)}
