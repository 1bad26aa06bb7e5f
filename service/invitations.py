"""Secrets of invitations (R3): made here, and kept as a hash only."""

from __future__ import annotations

import hashlib
import secrets

from dialogs.facts import Token

TOKEN_BYTES = 16  # 128 bits: guessing is hopeless
NUMBER_LENGTH = 12  # of the hash: enough to tell invitations apart, useless for joining


def new_secret() -> str:
    """What nobody can guess, in signs that a start link may hold."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(secret: str) -> str:
    """What is kept of an invitation's secret: whoever reads the database cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def number_of(token_hash: str) -> str:
    """How an invitation is named where anybody may read it."""
    return token_hash[:NUMBER_LENGTH]


def token_of(secret: str, bot_name: str) -> Token:
    """The secret with its number, and with the link where the bot's name is known."""
    link = f"https://t.me/{bot_name}?start={secret}" if bot_name else ""
    return Token(secret, number_of(hash_of(secret)), link)
