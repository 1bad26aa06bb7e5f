"""Every Bot API method that the sandbox serves, by name, and those about the bot itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import editing, membership, sending, topics
from sandbox.answers import bad_request
from sandbox.files import LARGEST_DOWNLOAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.exchange import Exchange
    from sandbox.parameters import Parameters

Json = dict[str, Any]


def get_me(ex: Exchange, _: Parameters) -> Json:
    """getMe."""
    return ex.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


def get_file(ex: Exchange, p: Parameters) -> Json:
    """getFile: where a file can be downloaded, up to 20 MB."""
    file = ex.files.by_id(p.text("file_id") or "")
    if len(file.data) > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
        "file_path": file.path,
    }


def set_my_commands(ex: Exchange, p: Parameters) -> bool:
    """setMyCommands, per scope and language."""
    commands = p.items("commands")
    if not p.has("commands"):
        raise bad_request("commands is not specified")
    for command in commands:
        if not isinstance(command, dict) or not (command.get("command") and command.get("description")):
            raise bad_request("BOT_COMMAND_INVALID")
    ex.commands[_scope(p)] = commands
    return True


def get_my_commands(ex: Exchange, p: Parameters) -> list[Json]:
    """getMyCommands."""
    return ex.commands.get(_scope(p), [])


def delete_my_commands(ex: Exchange, p: Parameters) -> bool:
    """deleteMyCommands."""
    ex.commands.pop(_scope(p), None)
    return True


def accept(_: Exchange, __: Parameters) -> bool:
    """What changes nothing that can be seen here: descriptions and names of the bot, logOut, close."""
    return True


def _scope(p: Parameters) -> str:
    scope = p.fields("scope")
    parts = (scope.get("type", "default"), scope.get("chat_id", ""), scope.get("user_id", ""))
    return "/".join(map(str, (*parts, p.text("language_code") or "")))


SENDING: Mapping[str, Callable[[Exchange, Parameters], Any]] = {
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendVoice": sending.send_voice,
    "sendVideo": sending.send_video,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "copyMessage": sending.copy_message,
    "forwardMessage": sending.forward_message,
}
METHODS: Mapping[str, Callable[[Exchange, Parameters], Any]] = {
    **SENDING,
    "getMe": get_me,
    "getFile": get_file,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": accept,
    "setMyDescription": accept,
    "setMyShortDescription": accept,
    "setChatMenuButton": accept,
    "logOut": accept,
    "close": accept,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
    "pinChatMessage": editing.pin_chat_message,
    "unpinChatMessage": editing.unpin_chat_message,
    "createForumTopic": topics.create_forum_topic,
    "editForumTopic": topics.edit_forum_topic,
    "closeForumTopic": topics.close_forum_topic,
    "reopenForumTopic": topics.reopen_forum_topic,
    "deleteForumTopic": topics.delete_forum_topic,
    "getChat": membership.get_chat,
    "getChatMember": membership.get_chat_member,
    "getChatAdministrators": membership.get_chat_administrators,
    "leaveChat": membership.leave_chat,
}
