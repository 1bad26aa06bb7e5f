"""Chats of the local Telegram: private ones and groups, their members, topics and messages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.people import GroupChat, PhoneOwner

Json = dict[str, Any]
SERVICE = (
    "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
    "pinned_message", "new_chat_members", "left_chat_member", "migrate_to_chat_id", "migrate_from_chat_id",
)  # fmt: skip
TOPIC_COLOUR = 0x6FB9F0  # one of the six colours the Bot API allows


@dataclass
class Message:
    """One message. `raw` is the Bot API's Message object, replaced and never changed in place."""

    raw: Json
    from_bot: bool
    deleted: bool = False

    @property
    def id(self) -> int:
        """message_id, unique in its chat."""
        return int(self.raw["message_id"])

    @property
    def thread(self) -> int | None:
        """The forum topic it is in, None for General or a chat without topics."""
        return self.raw.get("message_thread_id")

    @property
    def service(self) -> str | None:
        """The field that makes it a service message, None for an ordinary one."""
        return next((name for name in SERVICE if name in self.raw), None)

    @property
    def text(self) -> str:
        """Plain text or caption, "" when it has neither."""
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        """Entities of text or caption."""
        return list(self.raw.get("entities") or self.raw.get("caption_entities") or [])

    @property
    def buttons(self) -> list[list[Json]]:
        """Rows of inline buttons, as the bot sent them."""
        markup: Json = self.raw.get("reply_markup") or {}
        return list(markup.get("inline_keyboard", []))

    @property
    def sender_id(self) -> int:
        """User id of who wrote it."""
        return int(self.raw["from"]["id"])


@dataclass
class Topic:
    """A forum topic; `thread` is the id of the message that opened it."""

    thread: int
    name: str
    closed: bool = False
    deleted: bool = False


@dataclass
class Chat:
    """A chat with everything in it.

    `bot_status` is the bot's member status ("member", "administrator", "left", "kicked"); in a private chat
    `started` says that the person pressed start and `blocked` that the person blocked the bot. `deleted` is
    said of a group that its owner deleted.
    """

    id: int
    type: str
    title: str
    role: str
    owner: PhoneOwner | None = None
    forum: bool = False
    members: dict[int, str] = field(default_factory=dict)
    bot_status: str = "member"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    deleted: bool = False
    migrated_to: int | None = None
    topics: dict[int, Topic] = field(default_factory=dict)
    reply_keyboard: Json | None = None
    pinned: int | None = None
    log: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0

    @property
    def private(self) -> bool:
        """Whether this is one person's chat with the bot."""
        return self.type == "private"

    @property
    def messages(self) -> list[Message]:
        """What can be seen in the chat, oldest first (deleted ones are gone)."""
        return [message for message in self.log.values() if not message.deleted]

    @property
    def open_topics(self) -> list[Topic]:
        """Topics that were not deleted, in the order of their making."""
        return [topic for topic in self.topics.values() if not topic.deleted]

    @property
    def instance(self) -> str:
        """chat_instance of callback queries: the same for the same chat, and not its id."""
        return str(int.from_bytes(hashlib.sha256(str(self.id).encode()).digest()[:7], "big"))

    def message(self, message_id: int | None) -> Message | None:
        """The message of this id, None when there is none or it was deleted."""
        found = self.log.get(message_id) if message_id is not None else None
        return None if found is None or found.deleted else found

    def json(self) -> Json:
        """The Bot API's Chat object."""
        chat: Json = {"id": self.id, "type": self.type}
        if self.owner is None:
            chat["title"] = self.title
        else:
            user = self.owner.json()
            chat |= {name: user[name] for name in ("first_name", "last_name", "username") if name in user}
        if self.forum:
            chat["is_forum"] = True
        return chat


def private_chat(owner: PhoneOwner) -> Chat:
    """The chat between one person and the bot."""
    return Chat(
        id=owner.id, type="private", title=owner.name, role=owner.role, owner=owner,
        members={owner.id: "member"}, started=owner.started,
    )  # fmt: skip


def group_chat(group: GroupChat) -> Chat:
    """A group as the story begins; its first member owns it."""
    ranks = {user: "creator" if place == 0 else "member" for place, user in enumerate(group.members)}
    return Chat(
        id=group.id, type="group" if group.basic else "supergroup", title=group.title, role=group.role,
        forum=group.forum, members=ranks, bot_status="administrator" if group.bot_is_admin else "member",
    )  # fmt: skip
