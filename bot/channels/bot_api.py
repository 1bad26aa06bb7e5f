"""The channel of the Bot API, whichever library carries it."""

from __future__ import annotations

import re

import structlog

from bot.channels.answers import ApiAnswer, classify
from bot.channels.calls import call_for, toast_call
from bot.channels.cures import MALFORMED_TOKEN, cure, is_our_mistake, refused_webhook
from bot.channels.polling import Patience, Pause, TimedWire, Wire, poll, rest
from bot.channels.updates import WANTED
from bot.webhook import Webhook, WebhookPlace
from service.measures import Measures
from service.ports import Capabilities, ChannelAway, ChannelError, Delivery, Gone, Handle, Letter, Sender

_log = structlog.get_logger(__name__)

_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


class BotApiChannel:
    """Implements `service.ports.Channel` over a `Wire`; long polling, or by webhook when given a `place`."""

    capabilities = Capabilities()

    def __init__(
        self,
        wire: Wire,
        place: WebhookPlace | None = None,
        pause: Pause = rest,
        measures: Measures | None = None,
    ) -> None:
        """`pause` waits between attempts while things go wrong; `measures` is told of every call."""
        self._wire = wire if measures is None else TimedWire(wire, measures)
        self._place = place
        self._pause = pause

    async def open(self) -> Sender:
        """Says who the bot is. Raises ChannelError when the token is wrong or the service out of reach."""
        answer = await self._wire.call("getMe", {})
        if not answer.ok:
            raise (ChannelError if is_our_mistake(answer) else ChannelAway)(cure(answer))
        me = answer.result
        return Sender(me["id"], me.get("first_name", ""), me.get("last_name", ""), me.get("username", ""))

    async def listen(self, handle: Handle) -> None:
        """Bring updates to `handle` until cancelled; they are confirmed after it has returned.

        Bad times are waited for. Raises ChannelError only when the webhook's address is refused.
        """
        if self._place is None:
            await self._insist("deleteWebhook", {})  # it may be left from another time, and excludes polling
            await poll(self._wire, handle, self._pause)
            return
        webhook = Webhook(self._place, handle)
        await webhook.start()
        try:
            await self._insist("setWebhook", webhook.parameters(WANTED))
            await webhook.served()
        finally:
            await webhook.stop()

    async def _insist(self, method: str, parameters: dict[str, str | int | bool]) -> None:
        patience = Patience(self._pause)
        while not (answer := await self._wire.call(method, parameters)).ok:
            if answer.status == 400:
                raise ChannelError(refused_webhook(answer.description))
            _log.warning("cannot begin to listen", reason=answer.description, cure=cure(answer))
            await patience.wait(answer.retry_after or 0)

    async def deliver(self, letter: Letter) -> Delivery:
        """Send one letter and say what became of it."""
        try:
            call = call_for(letter)
        except ValueError as error:
            return Gone("letter", str(error))
        return classify(letter, await self._wire.call(call.method, call.parameters))

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        """Answer a press. It is not tried again: a moment later nobody looks for it any more."""
        call = toast_call(press_id, text, alert=alert)
        answer = await self._wire.call(call.method, call.parameters)
        if not answer.ok and not _too_old(answer):
            _log.warning("press not answered", reason=answer.description)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._wire.close()


def checked_token(token: str) -> str:
    """`token` if it looks like one. Raises ChannelError before a library could quote it in a traceback."""
    if not _TOKEN.fullmatch(token):
        raise ChannelError(MALFORMED_TOKEN)
    return token


def _too_old(answer: ApiAnswer) -> bool:
    return answer.status == 400 and "query is too old" in answer.description.lower()
