"""Sending windows: when the bot, and each chat, was last written to, shared by all processes of one bot.

The service counts per bot and per chat, whichever of our processes sends. Only PostgreSQL has several.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from storage.schema import METADATA, Instant

THE_BOT = 0
"""The scope of the bot as a whole; every other scope is a chat."""

SENDING_WINDOWS = Table(
    "sending_windows",
    METADATA,
    Column("scope", BigInteger, primary_key=True, autoincrement=False),
    Column("turns", Text, nullable=False),  # JSON: the last turns, milliseconds since 1970 by the database's clock
    Column("closed_until", Instant),  # the service has said 429: nothing before that
)
