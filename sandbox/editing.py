"""Bot API methods that change or delete messages, and the answer to a button tap."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.answers import bad_request, not_modified
from sandbox.keyboards import read_inline
from sandbox.sending import read_caption, read_text

if TYPE_CHECKING:
    from sandbox.chats import Chat, Message
    from sandbox.exchange import Exchange
    from sandbox.parameters import Parameters

Json = dict[str, Any]

DELETABLE_FOR = timedelta(hours=48)  # Bot API, deleteMessage
LONGEST_TOAST = 200  # characters; Bot API, answerCallbackQuery
FILES = ("photo", "voice", "video", "document")


def edit_message_text(ex: Exchange, p: Parameters) -> Json:
    """editMessageText. Without reply_markup the buttons go away, as at Telegram."""
    chat, message = _own_message(ex, p)
    content = read_text(p)
    if "text" not in message.raw:
        raise bad_request("there is no text in the message to edit")
    return _edit(ex, chat, message, p, content, ("text", "entities"))


def edit_message_caption(ex: Exchange, p: Parameters) -> Json:
    """editMessageCaption."""
    chat, message = _own_message(ex, p)
    if not any(kind in message.raw for kind in FILES):
        raise bad_request("there is no caption in the message to edit")
    return _edit(ex, chat, message, p, read_caption(p), ("caption", "caption_entities"))


def edit_message_reply_markup(ex: Exchange, p: Parameters) -> Json:
    """editMessageReplyMarkup."""
    chat, message = _own_message(ex, p)
    return _edit(ex, chat, message, p, {}, ())


def delete_message(ex: Exchange, p: Parameters) -> bool:
    """deleteMessage: within 48 hours; other people's messages only as an administrator."""
    chat = ex.writable(ex.chat(p.text("chat_id")))
    message = chat.message(p.needed_number("message_id", "message identifier is not specified"))
    if message is None:
        raise bad_request("message to delete not found")
    age = timedelta(seconds=ex.unix_now() - message.raw["date"])
    foreign = not message.from_bot and not chat.private and chat.bot_status != "administrator"
    if foreign or (age > DELETABLE_FOR and chat.bot_status != "administrator"):
        raise bad_request("message can't be deleted for everyone")
    ex.remove(chat, message)
    return True


def delete_messages(ex: Exchange, p: Parameters) -> bool:
    """deleteMessages: 1-100 at once; those that are not there are passed over."""
    chat = ex.writable(ex.chat(p.text("chat_id")))
    wanted = p.numbers("message_ids")
    if not 1 <= len(wanted) <= 100:
        raise bad_request("message identifiers are not specified")
    for message_id in wanted:
        message = chat.message(message_id)
        if message is not None:
            ex.remove(chat, message)
    return True


def answer_callback_query(ex: Exchange, p: Parameters) -> bool:
    """answerCallbackQuery: ends the button's waiting sign, with a toast or an alert if there is text."""
    text = p.text("text") or ""
    if len(text) > LONGEST_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    ex.answer_tap(p.text("callback_query_id") or "", text, p.flag("show_alert"))
    return True


def pin_chat_message(ex: Exchange, p: Parameters) -> bool:
    """pinChatMessage."""
    chat = ex.writable(ex.chat(p.text("chat_id")))
    message = chat.message(p.needed_number("message_id", "message identifier is not specified"))
    if message is None:
        raise bad_request("message to pin not found")
    if not chat.private and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    chat.pinned = message.id
    pinned = {k: v for k, v in message.raw.items() if k != "reply_to_message"}
    ex.post(chat, ex.bot, {"pinned_message": pinned}, message.thread)
    return True


def unpin_chat_message(ex: Exchange, p: Parameters) -> bool:
    """unpinChatMessage."""
    chat = ex.writable(ex.chat(p.text("chat_id")))
    if chat.pinned is None or p.number("message_id") not in (None, chat.pinned):
        raise bad_request("message to unpin not found")
    chat.pinned = None
    return True


def _own_message(ex: Exchange, p: Parameters) -> tuple[Chat, Message]:
    if p.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = ex.writable(ex.chat(p.text("chat_id")))
    message = chat.message(p.needed_number("message_id", "message identifier is not specified"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot or "forward_origin" in message.raw:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(
    ex: Exchange, chat: Chat, message: Message, p: Parameters, content: Json, replaced: tuple[str, ...]
) -> Json:
    markup = read_inline(p)
    if markup is not None:
        content = content | {"reply_markup": markup}
    fields = (*replaced, "reply_markup")
    if {name: message.raw[name] for name in fields if name in message.raw} == content:
        raise not_modified()
    ex.change(chat, message, content | {"edit_date": ex.unix_now()}, fields)
    return message.raw
