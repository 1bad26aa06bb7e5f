"""What people do to a group: throw the bot out, take it back, delete or upgrade the group, change its topics.

`by` is the user id of who does it, the group's owner when left out. NotPossible (Chinese, for the page) when the
apps would not offer it. What the bot hears of it is as observed at the real service (telegram-bot-api#266).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import membership, topics
from sandbox.chats import Chat
from sandbox.phones import NotPossible

if TYPE_CHECKING:
    from sandbox.exchange import Exchange

Json = dict[str, Any]
INSIDE = ("member", "administrator")
SUPERGROUP = -1_000_000_000_000  # ids of supergroups lie below; Bot API, Chat.id


def remove_bot(ex: Exchange, group: int, by: int | None = None) -> None:
    """Throw the bot out: my_chat_member says "kicked", its calls are refused with 403."""
    chat = _alive(ex, group)
    if chat.bot_status not in INSIDE:
        raise NotPossible("机器人已经不在群里了。")
    _set_bot_status(ex, chat, "kicked", by)


def add_bot(ex: Exchange, group: int, by: int | None = None, *, admin: bool = True) -> None:
    """Take the bot back: it joins as a member, and is made an administrator a moment later if `admin`."""
    chat = _alive(ex, group)
    if chat.bot_status in INSIDE:
        raise NotPossible("机器人已经在群里了。")
    _set_bot_status(ex, chat, "member", by)
    if admin:
        _set_bot_status(ex, chat, "administrator", by)


def set_bot_status(ex: Exchange, group: int, status: str, by: int | None = None) -> None:
    """Make the bot "administrator", "member", "left" or "kicked" in one step."""
    _set_bot_status(ex, _alive(ex, group), status, by)


def delete_group(ex: Exchange, group: int, by: int | None = None, *, told: bool = True) -> None:
    """Delete the group for everybody; the bot hears that it is out, or (not `told`) only when it writes there."""
    chat = _alive(ex, group)
    old = membership.member(ex.bot, chat.bot_status)
    was_in, chat.bot_status, chat.deleted = chat.bot_status in INSIDE, "left", True
    if told and was_in:
        ex.member_changed(chat, _who(ex, chat, by), old, membership.member(ex.bot, "left"))
    _changed(ex)


def delete_topic(ex: Exchange, group: int, thread: int) -> None:
    """Delete a topic with its messages. Nobody tells the bot: it hears 400 when it writes there."""
    chat = _alive(ex, group)
    topic = chat.topics.get(thread)
    if not chat.forum or topic is None or topic.deleted:
        raise NotPossible("这个话题已经不在了。")
    topics.drop(ex, chat, topic)


def set_topics(ex: Exchange, group: int, on: bool) -> None:
    """Switch topics off (all messages are one stream) or on again. The bot is not told either."""
    chat = _alive(ex, group)
    if chat.type != "supergroup":
        raise NotPossible("普通群没有话题，请先升级为超级群。")
    chat.forum = on
    ex.topics_changed(chat)
    _changed(ex)


def upgrade_group(ex: Exchange, group: int, new_id: int | None = None, by: int | None = None) -> Chat:
    """Turn a basic group into the supergroup `new_id` (one is made up when left out); both say so to the bot."""
    old = _alive(ex, group)
    if old.type != "group":
        raise NotPossible("本群已经是超级群了。")
    owner = _who(ex, old, by)
    new = Chat(
        id=new_id or SUPERGROUP + group, type="supergroup", title=old.title, role=old.role,
        members=dict(old.members), bot_status=old.bot_status,
    )  # fmt: skip
    ex.chats[new.id] = new
    ex.post(old, owner, {"migrate_to_chat_id": new.id})
    old.migrated_to = new.id
    out, inside = (membership.member(ex.bot, status) for status in ("left", new.bot_status))
    ex.member_changed(new, owner, out, inside)
    ex.post(new, owner, {"migrate_from_chat_id": group})
    _changed(ex)
    return new


def _alive(ex: Exchange, group: int) -> Chat:
    chat = ex.chats.get(group)
    if chat is None or chat.private:
        raise NotPossible("没有这个群。")
    if chat.deleted:
        raise NotPossible("本群已解散。")
    if chat.migrated_to is not None:
        raise NotPossible("本群已升级为超级群，请到新群里操作。")
    return chat


def _set_bot_status(ex: Exchange, chat: Chat, status: str, by: int | None) -> None:
    membership.set_bot_status(ex, chat, _who(ex, chat, by), status)
    _changed(ex)


def _who(ex: Exchange, chat: Chat, by: int | None) -> Json:
    owners = [user for user, rank in chat.members.items() if rank == "creator"]
    return ex.people[owners[0] if by is None else by].json()


def _changed(ex: Exchange) -> None:
    """Let every page read again which phones there are, and what the groups are like."""
    ex.bell.tell_pages({"kind": "phones"})
