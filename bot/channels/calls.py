"""A letter becomes a call of the Bot API: a method and its parameters. One table for both channels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from bot import buttons
from bot.channels.updates import clean
from service.ports import Face, Key, Keyboard, Letter

LONGEST_TOAST: Final = 200  # characters, answerCallbackQuery
LONGEST_TOPIC: Final = 128  # characters, createForumTopic

_MEDIA: Final = {
    "photo": ("sendPhoto", "photo"),
    "voice": ("sendVoice", "voice"),
    "video": ("sendVideo", "video"),
    "video_note": ("sendVideoNote", "video_note"),
    "audio": ("sendAudio", "audio"),
    "document": ("sendDocument", "document"),
    "animation": ("sendAnimation", "animation"),
}
"""A file is sent again only as what it was: the service refuses a voice as a document, and so on."""

_NO_PREVIEW: Final = '{"is_disabled":true}'


@dataclass(frozen=True, slots=True)
class Call:
    """One call; what is nested in `parameters` is JSON text, which the Bot API takes in forms and in JSON alike."""

    method: str
    parameters: dict[str, str | int | bool]


def call_for(letter: Letter) -> Call:
    """How `letter` is delivered.

    An edit that brings media or a reply keyboard is sent as a new message, because a text that stands there
    cannot take them; an edit without text changes the buttons only. Raises ValueError for buttons that cannot be sent.
    """
    if letter.new_topic:
        return Call(
            "createForumTopic", {"chat_id": letter.chat_id, "name": clean(letter.new_topic)[:LONGEST_TOPIC]}
        )
    if letter.edits is not None and letter.keyboard is None and letter.media is None:
        return _edit(letter, letter.edits)
    return _new(letter)


def _new(letter: Letter) -> Call:
    parameters: dict[str, str | int | bool] = {"chat_id": letter.chat_id}
    if letter.thread_id is not None:
        parameters["message_thread_id"] = letter.thread_id
    if letter.silent:
        parameters["disable_notification"] = True
    if letter.buttons:
        parameters["reply_markup"] = _inline(letter.buttons)
    elif letter.keyboard is not None:
        parameters["reply_markup"] = _reply(letter.keyboard)
    if letter.media is not None:
        method, name = _MEDIA[letter.media.kind]
        if letter.text:
            parameters |= {"caption": clean(letter.text), "parse_mode": "HTML"}
        return Call(method, {**parameters, name: letter.media.file_id})
    words = {"text": clean(letter.text), "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
    return Call("sendMessage", {**parameters, **words})


def _edit(letter: Letter, message_id: int) -> Call:
    parameters: dict[str, str | int | bool] = {"chat_id": letter.chat_id, "message_id": message_id}
    if letter.buttons:
        parameters["reply_markup"] = _inline(letter.buttons)
    if not letter.text:
        return Call("editMessageReplyMarkup", parameters)
    words = {"text": clean(letter.text), "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
    return Call("editMessageText", {**parameters, **words})


def toast_call(press_id: str, text: str, *, alert: bool) -> Call:
    """How a press is answered; a toast longer than the service takes is cut."""
    if len(text) > LONGEST_TOAST:
        text = text[: LONGEST_TOAST - 1] + "…"
    parameters: dict[str, str | int | bool] = {"callback_query_id": press_id}
    if text:
        parameters["text"] = text
    if alert:
        parameters["show_alert"] = True
    return Call("answerCallbackQuery", parameters)


def _inline(rows: tuple[tuple[Face, ...], ...]) -> str:
    keyboard = [
        [{"text": face.label, "callback_data": buttons.encode(face.tap)} for face in row] for row in rows
    ]
    return _json({"inline_keyboard": keyboard})


def _reply(keyboard: Keyboard) -> str:
    if not keyboard.rows:
        return '{"remove_keyboard":true}'
    markup: dict[str, Any] = {
        "keyboard": [[_key(key) for key in row] for row in keyboard.rows],
        "resize_keyboard": True,
        "one_time_keyboard": keyboard.once,
    }
    if keyboard.placeholder:
        markup["input_field_placeholder"] = keyboard.placeholder[:64]
    return _json(markup)


def _key(key: Key) -> dict[str, Any]:
    return {"text": key.label, "request_contact": True} if key.asks_contact else {"text": key.label}


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
