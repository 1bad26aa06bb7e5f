"""A message between the dialog that said it and the courier who brings it: outbox row ⇄ Letter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from service.ports import Face, Key, Keyboard, Letter, Tap


def payload(
    text: str,
    faces: tuple[tuple[tuple[str, str, str], ...], ...] = (),
    keyboard: Keyboard | None = None,
    photo: str = "",
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
    if photo:
        kept["photo"] = photo
    if new_topic:
        kept["new_topic"] = new_topic
    return json.dumps(kept, ensure_ascii=False)


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
        photo=kept.get("photo", ""),
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
