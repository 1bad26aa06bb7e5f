"""Messaging services behind one port: updates in, letters out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings
    from service.measures import Measures
    from service.ports import Channel


def open_channel(settings: Settings, measures: Measures | None = None) -> Channel:
    """The channel that CHANNEL names, not connected yet. Raises ChannelError when the token cannot be one.

    `measures` is told of every call. Only the library that is used is imported: each takes seconds.
    """
    from bot.webhook import WebhookPlace

    place = None
    if settings.by_webhook:
        secret = settings.webhook_secret.get_secret_value()
        place = WebhookPlace(settings.webhook_url, secret, settings.listen_host, settings.listen_port)
    token = settings.bot_token.get_secret_value()
    if settings.channel == "ptb":
        from bot.channels.ptb import PtbChannel

        return PtbChannel(token, settings.bot_api_base, place, measures=measures)
    from bot.channels.aiogram import AiogramChannel

    return AiogramChannel(token, settings.bot_api_base, place, measures=measures)
