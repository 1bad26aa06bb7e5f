"""The telephone exchange in the middle: who is there, which chats exist, and how a message is posted.

Both sides use it: the Bot API methods for the bot, the phones for people. It has no HTTP in it.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.answers import bad_request, forbidden, query_too_old, upgraded
from sandbox.bell import Bell
from sandbox.bubbles import bubble, keyboard_view, topics_view
from sandbox.chats import TOPIC_COLOUR, Chat, Message, Topic, group_chat, private_chat
from sandbox.files import FileRoom
from sandbox.updates import UpdateQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sandbox.people import GroupChat, PhoneOwner

Json = dict[str, Any]

# The Bot API only says that an answer "may fail" when late. Bots see the refusal from some tens of seconds
# on; a minute is late enough for a slow bot and early enough for a test that waits too long.
QUERY_LIVES = timedelta(seconds=60)
NUMBER = re.compile(r"-?[0-9]{1,19}")
NO_RIGHT_TO_WRITE = {
    "left": "bot is not a member of the {} chat",
    "kicked": "bot was kicked from the {} chat",
}


@dataclass
class Query:
    """A button tap: answered at most once with an effect."""

    user_id: int
    chat_id: int
    made_at: datetime
    answered: bool = False


class Exchange:
    """State of one local Telegram with one bot in it."""

    def __init__(
        self,
        people: Sequence[PhoneOwner],
        groups: Sequence[GroupChat],
        bot: Json,
        clock: Callable[[], datetime],
    ) -> None:
        self.bot = bot
        self.now = clock
        self.bell = Bell()
        self.files = FileRoom()
        self.queue = UpdateQueue(clock)
        self.people = {owner.id: owner for owner in people}
        self.chats = {owner.id: private_chat(owner) for owner in people}
        self.queries: dict[str, Query] = {}
        self.commands: dict[str, list[Json]] = {}
        self._private_ids = itertools.count(1)  # private chats and basic groups share one row of message ids
        self._query_ids = itertools.count(1)
        for group in groups:
            self._add_group(group)

    @property
    def bot_id(self) -> int:
        """The bot's user id."""
        return int(self.bot["id"])

    def unix_now(self) -> int:
        """The sandbox's time as the Bot API writes dates."""
        return int(self.now().timestamp())

    def chat(self, chat_id: str | None) -> Chat:
        """The chat of a `chat_id` parameter (number or @username). 400 when there is none."""
        if not chat_id:
            raise bad_request("chat_id is empty")
        if chat_id.startswith("@"):
            name = chat_id[1:].lower()
            found = [c for c in self.chats.values() if c.owner and (c.owner.username or "").lower() == name]
            chat = found[0] if found else None
        else:
            chat = self.chats.get(int(chat_id)) if NUMBER.fullmatch(chat_id) else None
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise upgraded(chat.migrated_to)
        return chat

    def writable(self, chat: Chat) -> Chat:
        """The same chat, if the bot may write there. 403 with the reason if not."""
        if chat.deactivated:
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if chat.private and not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.deleted and chat.type == "group":
            raise forbidden("the group chat was deleted")
        if chat.bot_status in NO_RIGHT_TO_WRITE:
            raise forbidden(NO_RIGHT_TO_WRITE[chat.bot_status].format(chat.type))
        return chat

    def topic(self, chat: Chat, thread: int | None) -> Topic | None:
        """The forum topic of a `message_thread_id`; None for General. 400 when it is unknown or deleted.

        The service words a deleted topic like one that never was (telegram-bot-api#854).
        """
        if thread is None:
            return None
        topic = chat.topics.get(thread)
        if not chat.forum or topic is None or topic.deleted:
            raise bad_request("message thread not found")
        return topic

    def post(
        self,
        chat: Chat,
        sender: Json,
        content: Json,
        thread: int | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Put a message into a chat: the page sees it, and the bot too if it is for the bot."""
        raw: Json = {
            "message_id": self._next_id(chat),
            "from": sender,
            "chat": chat.json(),
            "date": self.unix_now(),
        }
        if thread is not None:
            raw |= {"message_thread_id": thread, "is_topic_message": True}
        if reply_to is not None:
            raw["reply_to_message"] = {k: v for k, v in reply_to.raw.items() if k != "reply_to_message"}
        message = Message(raw | content, from_bot=sender["id"] == self.bot_id)
        chat.log[message.id] = message
        if not message.from_bot and self._bot_hears(chat, message):
            self.queue.add("message", chat.id, message.raw)
        self._tell_page("message", chat, message)
        return message

    def change(self, chat: Chat, message: Message, content: Json, remove: Sequence[str] = ()) -> None:
        """Edit a message in place; `remove` names fields that go away."""
        message.raw = {k: v for k, v in message.raw.items() if k not in remove} | content
        if not message.from_bot and self._bot_hears(chat, message):
            self.queue.add("edited_message", chat.id, message.raw)
        self._tell_page("edited", chat, message)

    def remove(self, chat: Chat, message: Message) -> None:
        """Delete a message for everybody."""
        message.deleted = True
        self.bell.tell_pages({"kind": "deleted", "chat": chat.id, "id": message.id})

    def tap(self, user: PhoneOwner, chat: Chat, message: Message, data: str) -> str:
        """Queue a callback query and return its id."""
        query_id = f"{chat.instance[:8]}{next(self._query_ids):010d}"
        self.queries[query_id] = Query(user.id, chat.id, self.now())
        query: Json = {
            "id": query_id,
            "from": user.json(),
            "chat_instance": chat.instance,
            "message": message.raw,
            "data": data,
        }
        if message.deleted:
            query["message"] = {"chat": chat.json(), "message_id": message.id, "date": 0}
        self.queue.add("callback_query", chat.id, query)
        self.bell.ring()
        return query_id

    def answer_tap(self, query_id: str, text: str, alert: bool) -> None:
        """End the waiting sign of a press, with a toast if there is text. 400 when it is too old or never was."""
        query = self.queries.get(query_id)
        if query is None or self.now() - query.made_at > QUERY_LIVES:
            raise query_too_old()
        if not query.answered:
            toast: Json = {"kind": "toast", "user": query.user_id, "chat": query.chat_id, "text": text}
            self.bell.tell_pages(toast | {"alert": alert})
        query.answered = True

    def show_keyboard(self, chat: Chat, keyboard: Json | None) -> None:
        """Change the reply keyboard of a chat."""
        chat.reply_keyboard = keyboard
        event = {"kind": "keyboard", "chat": chat.id, "reply_keyboard": keyboard_view(keyboard)}
        self.bell.tell_pages(event)

    def open_topic(self, chat: Chat, name: str, maker: Json) -> Topic:
        """Open a forum topic; its service message gives it its thread id."""
        thread = chat.last_id + 1
        topic = chat.topics[thread] = Topic(thread, name)
        created = {"forum_topic_created": {"name": name, "icon_color": TOPIC_COLOUR}}
        self.post(chat, maker, created, thread)
        self.topics_changed(chat)
        return topic

    def topics_changed(self, chat: Chat) -> None:
        """Tell the pages which topics a group has now."""
        self.bell.tell_pages({"kind": "topic", "chat": chat.id, "topics": topics_view(chat)})

    def member_changed(self, chat: Chat, by: Json, old: Json, new: Json) -> None:
        """Queue my_chat_member: somebody changed what the bot is in a chat."""
        change = {"chat": chat.json(), "from": by, "date": self.unix_now()}
        self.queue.add("my_chat_member", chat.id, change | {"old_chat_member": old, "new_chat_member": new})
        self.bell.ring()

    def _add_group(self, group: GroupChat) -> None:
        if unknown := set(group.members) - self.people.keys():
            raise ValueError(
                f"Group {group.title} has members without a phone: add a PhoneOwner for {unknown}."
            )
        chat = self.chats[group.id] = group_chat(group)
        for name in group.topics:
            chat.last_id += 1
            chat.topics[chat.last_id] = Topic(chat.last_id, name)

    def _next_id(self, chat: Chat) -> int:
        chat.last_id = chat.last_id + 1 if chat.type == "supergroup" else next(self._private_ids)
        return chat.last_id

    def _tell_page(self, kind: str, chat: Chat, message: Message) -> None:
        if self.bell.pages:
            self.bell.tell_pages({"kind": kind, "chat": chat.id, "message": bubble(message)})
        else:
            self.bell.ring()

    def _bot_hears(self, chat: Chat, message: Message) -> bool:
        """Privacy mode: a plain member of a group only gets commands, mentions and answers to itself."""
        if chat.private or chat.bot_status == "administrator":
            return not chat.blocked
        if chat.bot_status != "member":
            return False
        answered: Json = message.raw.get("reply_to_message", {}).get("from", {})
        called = message.text.startswith("/") or f"@{self.bot['username']}".lower() in message.text.lower()
        return called or answered.get("id") == self.bot_id or message.service is not None
