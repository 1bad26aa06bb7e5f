"""Bot API methods for the topics of a forum group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers import bad_request
from sandbox.chats import TOPIC_COLOUR

if TYPE_CHECKING:
    from sandbox.chats import Chat, Topic
    from sandbox.exchange import Exchange
    from sandbox.parameters import Parameters

Json = dict[str, Any]
LONGEST_NAME = 128  # characters; Bot API, createForumTopic


def create_forum_topic(ex: Exchange, p: Parameters) -> Json:
    """createForumTopic."""
    chat = _forum(ex, p)
    name = _name(p)
    topic = ex.open_topic(chat, name, ex.bot)
    return {"message_thread_id": topic.thread, "name": name, "icon_color": TOPIC_COLOUR}


def edit_forum_topic(ex: Exchange, p: Parameters) -> bool:
    """editForumTopic."""
    chat, topic = _topic(ex, p)
    name = _name(p) if p.has("name") else topic.name
    if name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    ex.post(chat, ex.bot, {"forum_topic_edited": {"name": name}}, topic.thread)
    ex.topics_changed(chat)
    return True


def close_forum_topic(ex: Exchange, p: Parameters) -> bool:
    """closeForumTopic."""
    return _set_closed(ex, p, closed=True)


def reopen_forum_topic(ex: Exchange, p: Parameters) -> bool:
    """reopenForumTopic."""
    return _set_closed(ex, p, closed=False)


def delete_forum_topic(ex: Exchange, p: Parameters) -> bool:
    """deleteForumTopic: the topic goes with all its messages."""
    drop(ex, *_topic(ex, p))
    return True


def drop(ex: Exchange, chat: Chat, topic: Topic) -> None:
    """Take a topic away, whoever deletes it."""
    topic.deleted = True
    for message in chat.messages:
        if message.thread == topic.thread:
            ex.remove(chat, message)
    ex.topics_changed(chat)


def _set_closed(ex: Exchange, p: Parameters, *, closed: bool) -> bool:
    chat, topic = _topic(ex, p)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    service = "forum_topic_closed" if closed else "forum_topic_reopened"
    ex.post(chat, ex.bot, {service: {}}, topic.thread)
    return True


def _forum(ex: Exchange, p: Parameters) -> Chat:
    chat = ex.writable(ex.chat(p.text("chat_id")))
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad_request("not enough rights to create a topic")
    return chat


def _topic(ex: Exchange, p: Parameters) -> tuple[Chat, Topic]:
    chat = _forum(ex, p)
    topic = ex.topic(chat, p.needed_number("message_thread_id", "message thread not found"))
    if topic is None:
        raise bad_request("message thread not found")
    return chat, topic


def _name(p: Parameters) -> str:
    name = (p.text("name") or "").strip()
    if not name:
        raise bad_request("topic name must be non-empty")
    if len(name) > LONGEST_NAME:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    return name
