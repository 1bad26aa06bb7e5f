"""An update of the Bot API, as plain JSON, becomes an `Incoming`. Decides nothing: says what came and from where.

Both channels decode here. Neither library's models are built for incoming updates: they cost several times as
much as all of the work below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog

from bot import buttons
from dialogs.core import (
    ChatBlocked,
    EditedText,
    Event,
    GroupLeft,
    GroupMoved,
    Pressed,
    Said,
    SentMedia,
    SharedContact,
)
from service.ports import Incoming, Sender

_log = structlog.get_logger(__name__)

WANTED: Final = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update we ask for (allowed_updates)."""

_FILES: Final = ("animation", "voice", "video", "video_note", "audio", "document", "sticker")
"""Asked for in this order: an animation comes with a `document` for old clients."""
_OTHER_CONTENT: Final = (
    "dice",
    "game",
    "poll",
    "story",
    "checklist",
    "paid_media",
    "live_photo",
    "rich_message",
)
_GROUPS: Final = ("group", "supergroup")
_LARGEST: Final = 2**63 - 1  # what the books count with

Json = Mapping[str, Any]


def decode(update: Json) -> Incoming:
    """`update` as it came → what happened. What nobody needs, and what makes no sense, has the event None.

    Raises ValueError when there is not even an update_id: then it is no update at all.
    """
    update_id = update.get("update_id")
    if type(update_id) is not int or abs(update_id) > _LARGEST:
        raise ValueError("This is no update: it has no update_id.")
    try:
        return _decoded(update, update_id)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # One malformed update must not stop those behind it; the service never sends one.
        _log.warning("update makes no sense, noted as seen", update_id=update_id, error=error)
        return Incoming(update_id, None, 0, None, raw=update)


def _decoded(update: Json, update_id: int) -> Incoming:
    if "message" in update:
        return _message(update, update_id, update["message"], edited=False)
    if "callback_query" in update:
        return _press(update, update_id, update["callback_query"])
    if "edited_message" in update:
        return _message(update, update_id, update["edited_message"], edited=True)
    if "my_chat_member" in update:
        return _membership(update, update_id, update["my_chat_member"])
    return Incoming(update_id, None, 0, None, raw=update)


def _message(update: Json, update_id: int, message: Json, *, edited: bool) -> Incoming:
    chat = message["chat"]
    sender = _sender(message.get("from"))
    # A channel's post or an anonymous administrator: nobody whom we could hold to account (R2).
    nobody = sender is None or "sender_chat" in message or chat["type"] == "channel"
    event: Event | None = None
    if "migrate_to_chat_id" in message:
        event = GroupMoved(_whole(message["migrate_to_chat_id"]))
    elif not nobody and sender is not None:
        event = _new_wording(message) if edited else _content(message, sender)
    return Incoming(
        update_id,
        sender,
        _whole(chat["id"]),
        event,
        thread_id=_thread(message),
        in_group=chat["type"] in _GROUPS,
        group_has_topics=chat.get("is_forum") is True,
        forwarded="forward_origin" in message or "forward_date" in message,
        raw=update,
    )


def _content(message: Json, sender: Sender) -> Event | None:
    """What a person sent; None for what the service itself reports (somebody joined, a topic was made)."""
    text = message.get("text")
    if text is not None:
        said = clean(text).strip()
        return Said(said) if said else SentMedia("other")
    caption = clean(message.get("caption", "")).strip()
    if "contact" in message:
        contact = message["contact"]
        return SharedContact(clean(contact["phone_number"]), own=contact.get("user_id") == sender.user_id)
    if "photo" in message:
        sizes = message["photo"]
        largest = max(sizes, key=lambda size: size.get("width", 0) * size.get("height", 0))
        return SentMedia("photo", clean(largest["file_id"]), caption)
    for kind in _FILES:
        if kind in message:
            return SentMedia(kind, clean(message[kind]["file_id"]), caption)
    if "location" in message:  # a venue has one too
        return SentMedia("location", "", caption)
    for kind in _OTHER_CONTENT:
        if kind in message:
            content = message[kind]
            file_id = content.get("file_id", "") if isinstance(content, Mapping) else ""
            return SentMedia("other", clean(file_id), caption)
    return None


def _new_wording(message: Json) -> EditedText | None:
    text = clean(message.get("text", message.get("caption", ""))).strip()
    return EditedText(text) if text else None  # a live location that moved has no words


def _press(update: Json, update_id: int, query: Json) -> Incoming:
    sender = _sender(query["from"])
    message = query.get("message") or {}  # may be an inaccessible one: chat, message_id and date 0 only
    chat = message.get("chat", {})
    tap = buttons.decode(clean(query.get("data", "")))
    return Incoming(
        update_id,
        sender,
        _whole(chat["id"]) if chat else _whole(query["from"]["id"]),
        None if sender is None else Pressed(tap.key, tap.value) if tap else Pressed(""),
        thread_id=_thread(message),
        in_group=chat.get("type") in _GROUPS,
        group_has_topics=chat.get("is_forum") is True,
        tap=tap,
        press_id=clean(query["id"]),
        card=_whole(message.get("message_id", 0)),
        raw=update,
    )


def _membership(update: Json, update_id: int, change: Json) -> Incoming:
    chat = change["chat"]
    sender = _sender(change["from"])
    event: Event | None = None
    status = change["new_chat_member"]["status"]
    if chat["type"] == "private" and sender is not None:
        event = ChatBlocked(status == "kicked")
    elif chat["type"] in _GROUPS and status in ("kicked", "left"):
        event = GroupLeft()
    return Incoming(
        update_id,
        sender,
        _whole(chat["id"]),
        event,
        in_group=chat["type"] in _GROUPS,
        group_has_topics=chat.get("is_forum") is True,
        raw=update,
    )


def _sender(user: Json | None) -> Sender | None:
    """The person behind an update; None for bots and for nobody."""
    if user is None or user.get("is_bot") is True:
        return None
    return Sender(
        _whole(user["id"]),
        clean(user.get("first_name", "")),
        clean(user.get("last_name", "")),
        clean(user.get("username", "")),
    )


def _thread(message: Json) -> int | None:
    """The forum topic of a message; a mere reply has a thread as well, but is in no topic."""
    return _whole(message["message_thread_id"]) if message.get("is_topic_message") is True else None


def _whole(number: object) -> int:
    if type(number) is not int or abs(number) > _LARGEST:
        raise TypeError("A number was expected that a database can hold.")
    return number


def clean(text: str) -> str:
    """`text` as a database and a messaging service take it: no NUL, no lone surrogates (they become U+FFFD)."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
