"""Bot API methods that put a new message into a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers import bad_request
from sandbox.entities import read_html, trim, units, with_found
from sandbox.keyboards import read_markup
from sandbox.parameters import Parameters

if TYPE_CHECKING:
    from sandbox.chats import Chat, Message
    from sandbox.exchange import Exchange

Json = dict[str, Any]

# Bot API: 1-4096 and 0-1024 "characters after entities parsing". Counted in UTF-16 units, the stricter
# reading, so that what passes here passes at Telegram as well.
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LARGEST_ALBUM = 10  # messages; Bot API, sendMediaGroup
CONTENT = ("text", "entities", "caption", "caption_entities", "photo", "voice", "video", "document",
           "sticker", "location", "contact")  # fmt: skip
ACTIONS = {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
           "upload_document", "choose_sticker", "find_location", "record_video_note",
           "upload_video_note"}  # fmt: skip


def send_message(ex: Exchange, p: Parameters) -> Json:
    """sendMessage."""
    chat, thread = destination(ex, p)
    return _post(ex, p, chat, thread, read_text(p))


def send_photo(ex: Exchange, p: Parameters) -> Json:
    """sendPhoto."""
    return _send_file(ex, p, "photo")


def send_voice(ex: Exchange, p: Parameters) -> Json:
    """sendVoice."""
    return _send_file(ex, p, "voice")


def send_video(ex: Exchange, p: Parameters) -> Json:
    """sendVideo."""
    return _send_file(ex, p, "video")


def send_document(ex: Exchange, p: Parameters) -> Json:
    """sendDocument."""
    return _send_file(ex, p, "document")


def send_media_group(ex: Exchange, p: Parameters) -> list[Json]:
    """sendMediaGroup: 2-10 photos, videos or documents, sent together or not at all."""
    chat, thread = destination(ex, p)
    media = p.items("media")
    if not 2 <= len(media) <= LARGEST_ALBUM:
        raise bad_request("there must be from 2 to 10 messages to send as an album")
    contents = []
    for item in map(_album_item, media):
        file = ex.files.sent(p, "", item.values["type"], item.values.get("media"))
        contents.append({file.kind: file.json()} | read_caption(item))
    album = {"media_group_id": f"{chat.instance[:10]}{chat.last_id}"}
    reply_to = reply_target(chat, p)
    return [ex.post(chat, ex.bot, content | album, thread, reply_to).raw for content in contents]


def copy_message(ex: Exchange, p: Parameters) -> Json:
    """copyMessage: the content again, without a trace of where it came from."""
    chat, thread = destination(ex, p)
    content = _content(_source(ex, p, "message to copy not found"))
    if p.text("caption") is not None and "text" not in content:
        content.pop("caption_entities", None)
        content |= read_caption(p)
    return {"message_id": _post(ex, p, chat, thread, content)["message_id"]}


def forward_message(ex: Exchange, p: Parameters) -> Json:
    """forwardMessage."""
    chat, thread = destination(ex, p)
    source = _source(ex, p, "message to forward not found")
    origin = source.raw.get("forward_origin") or {
        "type": "user", "date": source.raw["date"], "sender_user": source.raw["from"],
    }  # fmt: skip
    return ex.post(chat, ex.bot, _content(source) | {"forward_origin": origin}, thread).raw


def send_chat_action(ex: Exchange, p: Parameters) -> bool:
    """sendChatAction."""
    destination(ex, p)
    if p.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def destination(ex: Exchange, p: Parameters) -> tuple[Chat, int | None]:
    """Where a call wants to write: chat and forum topic. 400 or 403 when it cannot."""
    chat = ex.writable(ex.chat(p.text("chat_id")))
    topic = ex.topic(chat, p.number("message_thread_id"))
    if topic is None:
        return chat, None
    if topic.closed and chat.bot_status != "administrator":
        raise bad_request("TOPIC_CLOSED")
    return chat, topic.thread


def read_text(p: Parameters) -> Json:
    """`text` with its formatting, as message fields. 400 when it is empty, too long or unreadable."""
    text, entities = _formatted(p.text("text") or "", p.text("parse_mode"), p.items("entities"))
    if not text:
        raise bad_request("message text is empty")
    if units(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def reply_target(chat: Chat, p: Parameters) -> Message | None:
    """The message that is replied to. 400 when it is gone, unless the call allows that."""
    reply = p.fields("reply_parameters")
    message_id = Parameters(reply).number("message_id") or p.number("reply_to_message_id")
    if message_id is None:
        return None
    message = chat.message(message_id)
    if message is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message


def _send_file(ex: Exchange, p: Parameters, kind: str) -> Json:
    chat, thread = destination(ex, p)
    caption = read_caption(p)
    file = ex.files.sent(p, kind, kind, p.text(kind))
    return _post(ex, p, chat, thread, {kind: file.json()} | caption)


def _post(ex: Exchange, p: Parameters, chat: Chat, thread: int | None, content: Json) -> Json:
    markup = read_markup(p) or {}
    reply_to = reply_target(chat, p)
    keys = [button for row in markup.get("keyboard", []) for button in row]
    if not chat.private and any(key.get("request_contact") for key in keys):
        raise bad_request("phone number can be requested in private chats only")
    if markup.get("inline_keyboard"):
        content = content | {"reply_markup": markup}
    message = ex.post(chat, ex.bot, content, thread, reply_to)
    if "keyboard" in markup:
        ex.show_keyboard(chat, markup)
    elif "remove_keyboard" in markup:
        ex.show_keyboard(chat, None)
    return message.raw


def read_caption(p: Parameters) -> Json:
    """`caption` with its formatting, as message fields; {} without one. 400 when too long or unreadable."""
    text, found = _formatted(p.text("caption") or "", p.text("parse_mode"), p.items("caption_entities"))
    if units(text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": found} if found else {})


def _album_item(item: Any) -> Parameters:
    if not isinstance(item, dict) or item.get("type") not in ("photo", "video", "document"):
        raise bad_request("wrong media type in sendMediaGroup")
    return Parameters(item)


def _formatted(text: str, parse_mode: str | None, entities: list[Json]) -> tuple[str, list[Json]]:
    mode = (parse_mode or "").lower()
    if mode == "html":
        text, entities = read_html(text)
    elif mode:
        raise bad_request("unsupported parse_mode (this server reads HTML only)")
    if not all(map(_is_entity, entities)):
        raise bad_request("can't parse MessageEntity")
    text, entities = trim(text, entities)
    return text, with_found(text, entities)


def _is_entity(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return False
    return all(type(value.get(name)) is int and value[name] >= 0 for name in ("offset", "length"))


def _source(ex: Exchange, p: Parameters, refusal: str) -> Message:
    chat = ex.chat(p.text("from_chat_id"))
    message = chat.message(p.needed_number("message_id", "message identifier is not specified"))
    if message is None:
        raise bad_request(refusal)
    return message


def _content(message: Message) -> Json:
    content = {name: message.raw[name] for name in CONTENT if name in message.raw}
    if not content:
        raise bad_request("message can't be copied")
    return content
