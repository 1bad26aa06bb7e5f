"""What the operator reads when the messaging service cannot be used: why, and what to do about it.

These sentences are for the terminal and the log of whoever runs the program, not for customers or staff.
"""

from __future__ import annotations

from typing import Final

from bot.channels.answers import ApiAnswer
from scripts_zh.phrases import phrase

MALFORMED_TOKEN: Final = phrase("channel", "malformed_token")
WRONG_TOKEN: Final = phrase("channel", "wrong_token")
OTHER_POLLER: Final = phrase("channel", "other_poller")
NO_SECRET: Final = phrase("channel", "no_secret")


def cure(answer: ApiAnswer) -> str:
    """One sentence for an answer that is an error."""
    if not answer.status or not answer.reached:
        return phrase("channel", "unreachable", why=answer.description)
    if answer.status in (401, 404):
        return WRONG_TOKEN
    if answer.status == 409:
        return OTHER_POLLER
    return phrase("channel", "out_of_order", why=answer.description)


def is_our_mistake(answer: ApiAnswer) -> bool:
    """Whether asking once more is useless until somebody has mended a setting."""
    return answer.reached and answer.status in (401, 404, 409)


def refused_webhook(description: str) -> str:
    """The service does not want the webhook's address."""
    return phrase("channel", "refused_webhook", why=description)


def cannot_listen(host: str, port: int, why: str, setting: str = "WEBHOOK_LISTEN") -> str:
    """The place that `setting` names is taken or forbidden."""
    return phrase("channel", "cannot_listen", host=host, port=port, why=why, setting=setting)
