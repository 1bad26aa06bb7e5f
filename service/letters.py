"""A message between the dialog that said it and the courier who brings it: outbox row ⇄ Letter."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from dialogs.core import Media
from service.ports import Face, Key, Keyboard, Letter, Tap

TAG = re.compile(r"<[^<>]+>")


def payload(
    text: str,
    faces: tuple[tuple[tuple[str, str, str], ...], ...] = (),
    keyboard: Keyboard | None = None,
    media: Media | None = None,
    new_topic: str = "",
) -> str:
    """What an outbox row keeps: the words, and per button its label, key and value."""
    kept: dict[str, Any] = {"text": text}
    if faces:
        kept["buttons"] = faces
    if keyboard is not None:
        kept["keyboard"] = {
            "rows": [[[key.label, key.asks_contact] for key in row] for row in keyboard.rows],
            "placeholder": keyboard.placeholder,
            "once": keyboard.once,
        }
    if media is not None:
        kept["media"] = [media.kind, media.file_id]
    if new_topic:
        kept["new_topic"] = new_topic
    return json.dumps(kept, ensure_ascii=False)


LONGEST_CAPTION = 1024  # characters below media; the service refuses more
NO_CAPTION = frozenset({"video_note"})  # what takes no words below it


def goes_below(media: Media, text: str) -> bool:
    """Whether `text` (HTML) can stand below `media`; otherwise it is a message of its own."""
    shown = html.unescape(TAG.sub("", text))
    return media.kind not in NO_CAPTION and len(shown.encode("utf-16-le")) // 2 <= LONGEST_CAPTION


def without_buttons(kept: str) -> str:
    """A payload that shows the same and can be pressed no more."""
    return json.dumps(
        {name: part for name, part in json.loads(kept).items() if name != "buttons"}, ensure_ascii=False
    )


def has_buttons(kept: str) -> bool:
    """Whether a payload can be pressed."""
    return "buttons" in json.loads(kept)


def words_of(row: Mapping[str, Any]) -> str:
    """The words of a letter without its marks, to be read out on the phone."""
    return plain(json.loads(row["payload"])["text"])


def plain(text: str) -> str:
    """A filled-in script without its marks."""
    return html.unescape(TAG.sub("", text))


def letter(row: Mapping[str, Any], *, edits: int | None = None) -> Letter:
    """An outbox row as the courier takes it to the channel; `edits` is the message it gives a new face."""
    kept = json.loads(row["payload"])
    return Letter(
        id=row["id"],
        chat_id=row["chat_id"],
        thread_id=row["thread_id"],
        text=kept["text"],
        buttons=_faces(kept.get("buttons", ()), row["conversation_id"] or 0, row["turn"]),
        keyboard=_keyboard(kept.get("keyboard")),
        edits=edits,
        media=Media(*kept["media"]) if "media" in kept else None,
        new_topic=kept.get("new_topic", ""),
    )


def _faces(kept: Any, conversation: int, turn: int) -> tuple[tuple[Face, ...], ...]:
    return tuple(
        tuple(Face(label, Tap(conversation, turn, key, value)) for label, key, value in row) for row in kept
    )


def _keyboard(kept: Any) -> Keyboard | None:
    if kept is None:
        return None
    rows = tuple(tuple(Key(label, asks) for label, asks in row) for row in kept["rows"])
    return Keyboard(rows, kept["placeholder"], kept["once"])
