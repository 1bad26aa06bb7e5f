"""Updates as the messaging service sent them (tests/bot/updates), and what each of them means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dialogs.core import (
    ChatBlocked,
    EditedText,
    GroupLeft,
    GroupMoved,
    Pressed,
    Said,
    SentMedia,
    SharedContact,
)
from service.ports import Incoming, Sender, Tap

RECORDED = Path(__file__).parents[1] / "updates"
WANG = Sender(101, "王", "建国", "wang_jianguo")
LI = Sender(102, "李娜")
WORKSHOP = -1001000000001


def recorded(name: str) -> dict[str, Any]:
    """The update of that name as it came."""
    update: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return update


def _private(event: Any, **more: Any) -> Incoming:
    return Incoming(0, WANG, 101, event, **more)


def _workshop(event: Any, sender: Sender | None = LI, **more: Any) -> Incoming:
    return Incoming(
        0, sender, WORKSHOP, event, in_group=True, **{"group_has_topics": True, "thread_id": None, **more}
    )


MEANING = {
    "text": _private(Said("明天下午三点可以吗？")),
    "text_with_nul_and_half_an_emoji": _private(Said("刹车异响 \ufffd 请看 🚗")),
    "text_of_nothing_but_nul": _private(SentMedia("other")),
    "command": _private(Said("/start Zk3x")),
    "forwarded": _private(Said("您的保养已到期"), forwarded=True),
    "own_contact": _private(SharedContact("8613800138000", own=True)),
    "contact_of_somebody_else": _private(SharedContact("8613900139000", own=False)),
    "contact_without_account": _private(SharedContact("13700137000", own=False)),
    "photo": _private(SentMedia("photo", "AgACAgUAAxkBAAIBlarge", "左前门划痕")),
    "photo_of_an_album": _private(SentMedia("photo", "AgACAgUAAxkBAAIBlarge")),
    "voice": _private(SentMedia("voice", "AwACAgUvoice")),
    "video": _private(SentMedia("video", "BAACAgUvideo", "发动机异响")),
    "document": _private(SentMedia("document", "BQACAgUdoc")),
    "sticker": _private(SentMedia("sticker", "CAACAgUsticker")),
    "location": _private(SentMedia("location")),
    "venue": _private(SentMedia("location")),
    "animation": _private(SentMedia("animation", "CgACAgUgif")),
    "audio": _private(SentMedia("audio", "CQACAgUaudio")),
    "dice": _private(SentMedia("other")),
    "round_video": _private(SentMedia("video_note", "DQACAgUnote")),
    "edited_text": _private(EditedText("下午四点可以吗？")),
    "edited_caption": _private(EditedText("右前门")),
    "moving_location": _private(None),
    "pressed": _private(
        Pressed("day", "2026-11-24"),
        tap=Tap(12345, 7, "day", "2026-11-24"),
        press_id="434001122334455",
        card=44,
    ),
    "pressed_in_a_topic": _workshop(
        Pressed("got_it"), tap=Tap(10, 1, "got_it"), press_id="434001122334456", card=45, thread_id=12
    ),
    "pressed_on_an_old_message": _private(
        Pressed("yes"), tap=Tap(12345, 2, "yes"), press_id="434001122334457", card=3
    ),
    "pressed_with_forged_data": _private(Pressed(""), press_id="434001122334458", card=46),
    "pressed_without_message": _private(Pressed(""), press_id="434001122334459"),
    "blocked": _private(ChatBlocked(blocked=True)),
    "came_back": _private(ChatBlocked(blocked=False)),
    "added_to_a_group": _workshop(None),
    "removed_from_the_group": _workshop(GroupLeft()),
    "group_moved": Incoming(0, LI, -501, GroupMoved(-1001000000009), in_group=True),
    "group_moved_seen_from_the_new_one": Incoming(0, None, -1001000000009, None, in_group=True),
    "in_a_topic": _workshop(Said("工位已留"), thread_id=12),
    "reply_in_a_group": _workshop(Said("收到"), group_has_topics=False),
    "topic_made": _workshop(None, thread_id=62),
    "somebody_joined": _workshop(None),
    "another_bot": _workshop(None, None),
    "anonymous_administrator": _workshop(None, None),
    "linked_channel": _workshop(None, Sender(777000, "Telegram")),
    "channel_post": Incoming(0, None, 0, None),
    "poll_closed": Incoming(0, None, 0, None),
    "message_without_chat": Incoming(0, None, 0, None),
}


def meaning(incoming: Incoming) -> Incoming:
    """`incoming` without what differs from run to run."""
    names = [name for name in Incoming.__slots__ if name not in ("update_id", "raw")]
    return Incoming(update_id=0, raw={}, **{name: getattr(incoming, name) for name in names})
