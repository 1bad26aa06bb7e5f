"""What an answer of the Bot API means for the letter it answers. One table for both channels.

Each channel hands over what came back as an `ApiAnswer`, whichever way its library says so; it is judged here
and nowhere else. The question that counts is whether the letter can be there already: only what is certain
not to have been delivered may be sent again without a second thought.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from service.ports import Delivered, Delivery, Gone, Letter, Moved, Stopped, TryLater, Unknown


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What came back for one call.

    `status`: HTTP status (0: no answer at all). `reached`: false when the request certainly never got through
    to the service. `description`: the service's own words, or the name of the error; never the token.
    `retry_after`: seconds. `migrate_to`: the supergroup's chat id.
    """

    ok: bool
    status: int = 0
    result: Any = None
    description: str = ""
    retry_after: int | None = None
    migrate_to: int | None = None
    reached: bool = True


def read_answer(status: int, body: str | bytes) -> ApiAnswer:
    """The answer in an HTTP response; a page of a proxy instead of JSON counts as what its status says."""
    try:
        answer = json.loads(body)
        ok = answer["ok"]
    except (ValueError, TypeError, KeyError, RecursionError):
        # Refused in front of the service (413 and 429 mean the same wherever they come from).
        refused = 400 <= status < 500 and status not in (408, 413, 429)
        words = f"HTTP {status} without an answer of the Bot API"
        return ApiAnswer(False, status, description=words, reached=not refused)
    if ok is True:
        return ApiAnswer(True, status, answer.get("result"))
    description = str(answer.get("description", ""))
    parameters = answer.get("parameters")
    return ApiAnswer(
        False,
        _number(answer, "error_code") or status,
        description=description,
        retry_after=_number(parameters, "retry_after") or _seconds(description),
        migrate_to=_number(parameters, "migrate_to_chat_id"),
    )


def no_answer(error: BaseException, *, reached: bool) -> ApiAnswer:
    """Nothing came back. Only the kind of error is told: its words may hold the address, and that the token."""
    return ApiAnswer(False, description=type(error).__name__, reached=reached)


def _number(values: Any, name: str) -> int | None:
    """A whole number of at most 52 bits, as the Bot API promises; None for anything else."""
    number = values.get(name) if isinstance(values, dict) else None
    return number if type(number) is int and abs(number) < 2**52 else None


def _seconds(description: str) -> int | None:
    named = re.search(r"retry after ([0-9]{1,6})", description, re.IGNORECASE)
    return int(named[1]) if named else None


# Looked up in this order, in lower case; a 400 that is not here is our own mistake.
REFUSALS: Final[tuple[tuple[str, str], ...]] = (
    # a medium that is not wanted: whoever refuses it still reads
    ("voice_messages_forbidden", "letter"),
    ("chat_send_plain_forbidden", "chat"),
    ("chat_send_", "letter"),
    ("not enough rights to send text", "chat"),
    ("not enough rights to send", "letter"),
    # the chat: nobody there, or no right to write
    ("chat not found", "chat"),
    ("user not found", "chat"),
    ("bot was blocked", "chat"),
    ("bot was kicked", "chat"),
    ("bot is not a member", "chat"),
    ("user is deactivated", "chat"),
    ("group chat was deactivated", "chat"),
    ("group chat was upgraded", "chat"),  # without saying to which: with it, it has moved
    ("can't initiate conversation", "chat"),
    ("can't send messages to bots", "chat"),
    ("not enough rights", "chat"),
    ("no rights to send", "chat"),
    ("administrator rights", "chat"),
    ("chat_admin_required", "chat"),
    ("chat_restricted", "chat"),
    ("_forbidden", "chat"),  # CHAT_WRITE_FORBIDDEN and its family
    ("channel_private", "chat"),
    ("peer_id_invalid", "chat"),
    ("user_is_blocked", "chat"),
    ("input_user_deactivated", "chat"),
    # the topic
    ("message thread not found", "topic"),
    ("topic_deleted", "topic"),
    ("topic_closed", "topic"),
    ("topic_id_invalid", "topic"),
    ("topic closed", "topic"),
    ("chat is not a forum", "topic"),
    # the message that was to be changed
    ("message to edit not found", "message"),
    ("message can't be edited", "message"),
    ("message_id_invalid", "message"),
    ("message_edit_time_expired", "message"),
    ("message identifier is not specified", "message"),
    ("there is no text in the message", "message"),
    ("there is no caption in the message", "message"),
)


def classify(letter: Letter, answer: ApiAnswer) -> Delivery:
    """What became of `letter`, by what the service answered. Never raises."""
    if answer.ok:
        return Delivered(_message_id(letter, answer.result))
    if not answer.reached:
        return TryLater(answer.description)
    if answer.migrate_to is not None:
        return Moved(answer.migrate_to)
    if answer.status in (420, 429):
        return TryLater(answer.description, _pause(answer.retry_after))
    if answer.status in (401, 404, 409):
        return Stopped(answer.description)
    if answer.status == 403:
        return Gone("chat", answer.description)
    if answer.status == 400:
        return _refused(letter, answer.description)
    if 400 < answer.status < 500 and answer.status != 408:
        return Gone("letter", answer.description)
    return Unknown(answer.description)  # 5xx, a page instead of JSON, silence: it may have been carried out


def _pause(seconds: int | None) -> timedelta | None:
    """What the service asks for; more than ten days is no figure to wait for."""
    return timedelta(seconds=seconds) if seconds and 0 < seconds < 864_000 else None


def _refused(letter: Letter, description: str) -> Delivery:
    words = description.lower()
    if "message is not modified" in words and letter.edits is not None:
        return Delivered(letter.edits)
    what = next((what for phrase, what in REFUSALS if phrase in words), "letter")
    return Gone(what, description)


def _message_id(letter: Letter, result: Any) -> int:
    """The new message or topic; an answer of bare `true` is about the message that was edited."""
    if isinstance(result, dict):
        number = result.get("message_id", result.get("message_thread_id"))
        if isinstance(number, int):
            return number
    return letter.edits or 0
