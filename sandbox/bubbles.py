"""What the page shows of a message: one chat bubble as JSON, its formatting as safe HTML."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from sandbox.chats import Chat, Message

Json = dict[str, Any]

TAGS = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "expandable_blockquote": "blockquote",
}  # fmt: skip

SERVICE_WORDS = {
    "forum_topic_created": "话题「{}」已创建",
    "forum_topic_edited": "话题已改名为「{}」",
    "forum_topic_closed": "话题已关闭",
    "forum_topic_reopened": "话题已重新打开",
    "pinned_message": "置顶了一条消息",
    "new_chat_members": "机器人加入了本群",
    "left_chat_member": "机器人离开了本群",
    "migrate_to_chat_id": "本群已升级为超级群",
    "migrate_from_chat_id": "本群由普通群升级而来",
}


def to_html(text: str, entities: list[Json]) -> str:
    """`text` with its entities as well-formed HTML: b i u s code pre blockquote, a, span.tg-spoiler only."""
    encoded = text.encode("utf-16-le")
    edges = {0, len(encoded) // 2}
    for entity in entities:
        edges |= {entity["offset"], entity["offset"] + entity["length"]}
    ordered = sorted(edge for edge in edges if edge <= len(encoded) // 2)
    out: list[str] = []
    open_now: list[Json] = []
    for start, end in zip(ordered, [*ordered[1:], ordered[-1]], strict=True):
        here = [e for e in entities if e["offset"] <= start < e["offset"] + e["length"]]
        same = _shared(open_now, here)
        piece = encoded[start * 2 : end * 2].decode("utf-16-le", "replace")
        out += [_tag(entity, encoded)[1] for entity in reversed(open_now[same:])]
        out += [_tag(entity, encoded)[0] for entity in here[same:]]
        out.append(html.escape(piece))
        open_now = here
    return "".join(out)


def _shared(before: list[Json], now: list[Json]) -> int:
    same = 0
    while same < min(len(before), len(now)) and before[same] is now[same]:
        same += 1
    return same


def _tag(entity: Json, encoded: bytes) -> tuple[str, str]:
    kind = entity["type"]
    if kind in TAGS:
        return f"<{TAGS[kind]}>", f"</{TAGS[kind]}>"
    if kind == "spoiler":
        return '<span class="tg-spoiler">', "</span>"
    if kind in ("text_link", "url"):
        inside = encoded[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2]
        url = entity.get("url") or inside.decode("utf-16-le", "replace")
        if urlsplit(url).scheme in ("http", "https", "tg", "tel", "mailto"):
            return f'<a href="{html.escape(url)}" rel="noopener noreferrer" target="_blank">', "</a>"
    return "", ""


def bubble(message: Message) -> Json:
    """The page's Message object."""
    raw = message.raw
    sender: Json = raw["from"]
    return {
        "id": message.id,
        "thread": message.thread,
        "from_bot": message.from_bot,
        "sender": " ".join(filter(None, (sender["first_name"], sender.get("last_name")))),
        "sender_id": sender["id"],
        "date": _iso(raw["date"]),
        "edited": _iso(raw.get("edit_date")),
        "html": to_html(message.text, message.entities),
        "text": message.text,
        "reply_to": (raw.get("reply_to_message") or {}).get("message_id"),
        "forwarded": "forward_origin" in raw,
        "photo": _file(raw["photo"][-1]) if "photo" in raw else None,
        "voice": _recording(raw.get("voice")),
        "video": _recording(raw.get("video")),
        "album": raw.get("media_group_id"),
        "document": _document(raw.get("document")),
        "sticker": raw["sticker"].get("emoji", "🙂") if "sticker" in raw else None,
        "contact": raw.get("contact"),
        "location": raw.get("location"),
        "service": _service(message),
        "buttons": [
            [{"text": b["text"], "data": b.get("callback_data"), "url": b.get("url")} for b in row]
            for row in message.buttons
        ],
    }


def keyboard_view(keyboard: Json | None) -> Json | None:
    """The page's view of a reply keyboard."""
    if keyboard is None:
        return None
    rows = [
        [{"text": b["text"], "request_contact": bool(b.get("request_contact"))} for b in row]
        for row in keyboard["keyboard"]
    ]
    return {"rows": rows, "placeholder": keyboard.get("input_field_placeholder")}


def topics_view(chat: Chat) -> list[Json]:
    """The topics of a group for the page; [] when it has none."""
    if not chat.forum:
        return []
    return [{"thread": None, "name": "综合"}] + [
        {"thread": t.thread, "name": t.name} for t in chat.open_topics
    ]


def _file(value: Json | None) -> str | None:
    return f"/page/file/{value['file_id']}" if value else None


def _document(value: Json | None) -> Json | None:
    return {"name": value["file_name"], "url": _file(value), "bytes": value["file_size"]} if value else None


def _recording(value: Json | None) -> Json | None:
    return {"url": _file(value), "seconds": value["duration"]} if value else None


def _iso(seconds: int | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None


def _service(message: Message) -> str | None:
    """Chinese line for a service message, None for an ordinary one."""
    if message.service is None:
        return None
    value = message.raw[message.service]
    name = value.get("name", "") if isinstance(value, dict) else ""
    return SERVICE_WORDS[message.service].format(name)
