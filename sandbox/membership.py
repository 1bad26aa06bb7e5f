"""Bot API methods about chats and who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers import bad_request

if TYPE_CHECKING:
    from sandbox.chats import Chat
    from sandbox.exchange import Exchange
    from sandbox.parameters import Parameters

Json = dict[str, Any]
ADMIN_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_pin_messages", "can_manage_topics",
)  # fmt: skip


def get_chat(ex: Exchange, p: Parameters) -> Json:
    """getChat."""
    chat = _known(ex, p)
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    full = chat.json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if chat.pinned is not None and (pinned := chat.message(chat.pinned)) is not None:
        full["pinned_message"] = pinned.raw
    return full


def get_chat_member(ex: Exchange, p: Parameters) -> Json:
    """getChatMember."""
    chat = _known(ex, p)
    user_id = p.needed_number("user_id", "user_id is not specified")
    if user_id == ex.bot_id:
        return member(ex.bot, chat.bot_status)
    if user_id not in ex.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member(ex.people[user_id].json(), chat.members.get(user_id, "left"))


def get_chat_administrators(ex: Exchange, p: Parameters) -> list[Json]:
    """getChatAdministrators; other bots would be left out, this one is named."""
    chat = _known(ex, p)
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    found = [
        member(ex.people[user].json(), rank)
        for user, rank in chat.members.items()
        if rank in ("creator", "administrator")
    ]
    return found + ([member(ex.bot, "administrator")] if chat.bot_status == "administrator" else [])


def leave_chat(ex: Exchange, p: Parameters) -> bool:
    """leaveChat."""
    chat = ex.chat(p.text("chat_id"))
    if chat.private:
        raise bad_request("chat can't be left")
    set_bot_status(ex, ex.writable(chat), ex.bot, "left")
    return True


def _known(ex: Exchange, p: Parameters) -> Chat:
    """A chat the bot may ask about: a group it is in, or somebody who once pressed start."""
    chat = ex.chat(p.text("chat_id"))
    if not chat.private:
        return ex.writable(chat)
    if not chat.started:
        raise bad_request("chat not found")
    return chat


def set_bot_status(ex: Exchange, chat: Chat, by: Json, status: str) -> None:
    """Make the bot a member, administrator, "left" or "kicked", and tell it by my_chat_member."""
    old = member(ex.bot, chat.bot_status)
    chat.bot_status = status
    ex.member_changed(chat, by, old, member(ex.bot, status))
    was_in, is_in = (rank in ("member", "administrator") for rank in (old["status"], status))
    if is_in and not was_in:
        ex.post(chat, by, {"new_chat_members": [ex.bot]})
    elif was_in and not is_in:
        ex.post(chat, by, {"left_chat_member": ex.bot})


def member(user: Json, status: str) -> Json:
    """The Bot API's ChatMember object of this status."""
    answer: Json = {"status": status, "user": user}
    if status == "creator":
        return answer | {"is_anonymous": False}
    if status == "administrator":
        rights = dict.fromkeys(ADMIN_RIGHTS, True)
        return answer | {"can_be_edited": False, "is_anonymous": False} | rights
    if status == "kicked":
        return answer | {"until_date": 0}
    return answer
