"""What people do on their phones: write, press, share, block. Used by tests and by the page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.entities import trim, units, with_found
from sandbox.membership import member
from sandbox.parameters import Upload
from sandbox.sending import LARGEST_ALBUM, LONGEST_CAPTION, LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.chats import Chat, Message
    from sandbox.exchange import Exchange
    from sandbox.people import PhoneOwner

Json = dict[str, Any]
STRANGER: Json = {"phone_number": "8613900009999", "first_name": "路人"}


class NotPossible(Exception):
    """The phone does not let its owner do this; the text says why, in Chinese, for the page."""


class Phone:
    """One person's phone. `chat` is the chat id, the own private chat with the bot when left out.

    Every acting method raises NotPossible when a real phone would not offer it.
    """

    def __init__(self, exchange: Exchange, owner: PhoneOwner) -> None:
        self._exchange = exchange
        self.owner = owner

    @property
    def chat(self) -> Chat:
        """The private chat with the bot."""
        return self._exchange.chats[self.owner.id]

    async def say(
        self, text: str, chat: int | None = None, thread: int | None = None, reply_to: int | None = None
    ) -> Message:
        """Write a text. Long ones are cut into several messages, as the apps do; the last is returned."""
        kept, _ = trim(text, [])
        if not kept:
            raise NotPossible("不能发送空白消息。")
        parts = [kept[at : at + LONGEST_TEXT] for at in range(0, len(kept), LONGEST_TEXT)]
        return [self._send(self._text(part), chat, thread, reply_to) for part in parts][-1]

    async def press(self, chat: int | None, message_id: int, button: str) -> str:
        """Press the inline button of this text, or of this callback data; the query id is returned."""
        place = self._open_place(chat)
        message = place.message(message_id)
        if message is None:
            raise NotPossible("这条消息已经不在了。")
        buttons = [b for row in message.buttons for b in row]
        found = [b for b in buttons if b["text"] == button] or [
            b for b in buttons if b.get("callback_data") == button
        ]
        if not found:
            names = "、".join(b["text"] for b in buttons) or "无"
            raise NotPossible(f"这条消息上没有「{button}」按钮（现有：{names}）。")
        if "callback_data" not in found[0]:
            raise NotPossible(f"「{button}」是链接按钮，请直接打开链接。")
        return self._exchange.tap(self.owner, place, message, found[0]["callback_data"])

    async def press_forged(self, data: str, chat: int | None = None, message_id: int | None = None) -> str:
        """Send callback data that no button carries, or that stood on a message now gone.

        On `message_id`, deleted ones included; on the bot's latest message when left out.
        """
        place = self._open_place(chat)
        wanted = [m for m in place.log.values() if m.from_bot and message_id in (None, m.id)]
        if not wanted:
            raise NotPossible("这里还没有机器人发来的消息。")
        return self._exchange.tap(self.owner, place, wanted[-1], data)

    async def share_contact(self, own: bool = True, chat: int | None = None) -> Message:
        """Share one's own contact (with user_id), or somebody else's."""
        if not own:
            return self._send({"contact": dict(STRANGER)}, chat)
        if not self.owner.phone:
            raise NotPossible("这部手机没有登记号码。")
        contact: Json = {"phone_number": self.owner.phone, "first_name": self.owner.first_name}
        if self.owner.last_name:
            contact["last_name"] = self.owner.last_name
        return self._send({"contact": contact | {"user_id": self.owner.id}}, chat)

    async def send_photo(
        self,
        data: bytes,
        caption: str = "",
        chat: int | None = None,
        thread: int | None = None,
        name: str = "photo.jpg",
    ) -> Message:
        """Send a picture (PNG, JPEG or GIF bytes). Refused (400) when it is none."""
        return self._send(self._file("photo", Upload(name, "image/jpeg", data), caption), chat, thread)

    async def send_album(
        self,
        photos: Sequence[bytes],
        caption: str = "",
        chat: int | None = None,
        thread: int | None = None,
        *,
        videos: Sequence[bytes] = (),
    ) -> list[Message]:
        """Choose several pictures and videos at once; the caption is the first one's.

        They leave as the apps send them: at most ten share a media_group_id, one that is left over goes alone.
        """
        files = [self._file("photo", Upload("photo.jpg", "image/jpeg", data), "") for data in photos]
        files += [self._file("video", Upload("video.mp4", "video/mp4", data), "") for data in videos]
        if not files:
            raise NotPossible("请先选择照片。")
        files[0] |= self._caption(caption)
        sent: list[Message] = []
        for at in range(0, len(files), LARGEST_ALBUM):
            album = files[at : at + LARGEST_ALBUM]
            place = self._open_place(chat)
            group = {"media_group_id": f"{place.instance[:10]}{self.owner.id}{place.last_id}"}
            shared = group if len(album) > 1 else {}
            sent += [self._send(file | shared, chat, thread) for file in album]
        return sent

    async def send_voice(
        self,
        data: bytes,
        seconds: int = 3,
        chat: int | None = None,
        thread: int | None = None,
        *,
        caption: str = "",
        content_type: str = "audio/ogg",
    ) -> Message:
        """Send a voice message of so many seconds."""
        upload = Upload("voice.ogg", content_type, data)
        return self._send(self._file("voice", upload, caption, seconds), chat, thread)

    async def send_video(
        self,
        data: bytes,
        seconds: int = 3,
        chat: int | None = None,
        thread: int | None = None,
        *,
        caption: str = "",
        name: str = "video.mp4",
        content_type: str = "video/mp4",
    ) -> Message:
        """Send a video of so many seconds."""
        upload = Upload(name, content_type, data)
        return self._send(self._file("video", upload, caption, seconds), chat, thread)

    async def send_document(
        self, data: bytes, name: str, chat: int | None = None, thread: int | None = None, *, caption: str = ""
    ) -> Message:
        """Send a file."""
        upload = Upload(name, "application/octet-stream", data)
        return self._send(self._file("document", upload, caption), chat, thread)

    async def send_sticker(
        self, emoji: str = "👍", chat: int | None = None, thread: int | None = None
    ) -> Message:
        """Send a sticker."""
        file = self._exchange.files.keep("sticker", Upload("sticker.webp", "image/webp", emoji.encode()))
        shown = {"width": 512, "height": 512, "emoji": emoji}
        return self._send({"sticker": file.json() | shown}, chat, thread)

    async def send_location(
        self, latitude: float, longitude: float, chat: int | None = None, thread: int | None = None
    ) -> Message:
        """Send a place."""
        return self._send({"location": {"latitude": latitude, "longitude": longitude}}, chat, thread)

    async def send_forwarded(self, text: str, author: str = "路人", chat: int | None = None) -> Message:
        """Forward a text that somebody (whose account stays hidden) wrote elsewhere."""
        origin = {"type": "hidden_user", "date": self._exchange.unix_now(), "sender_user_name": author}
        return self._send(self._text(text) | {"forward_origin": origin}, chat)

    async def edit(self, message_id: int, text: str, chat: int | None = None) -> None:
        """Change one's own text message."""
        place = self._place(chat)
        message = place.message(message_id)
        if message is None or message.sender_id != self.owner.id or "text" not in message.raw:
            raise NotPossible("只能修改自己发出的文字消息。")
        content = self._text(text) | {"edit_date": self._exchange.unix_now()}
        self._exchange.change(place, message, content, ("text", "entities"))

    async def block(self) -> None:
        """Block the bot: it may not write any more."""
        self._set_blocked(True)

    async def unblock(self) -> None:
        """Let the bot write again."""
        self._set_blocked(False)

    def _set_blocked(self, blocked: bool) -> None:
        if self.chat.blocked == blocked:
            return
        self.chat.blocked = blocked
        ranks = ("member", "kicked") if blocked else ("kicked", "member")
        old, new = (member(self._exchange.bot, rank) for rank in ranks)
        self._exchange.member_changed(self.chat, self.owner.json(), old, new)

    def _place(self, chat: int | None) -> Chat:
        place = self._exchange.chats.get(self.owner.id if chat is None else chat)
        if place is None or self.owner.id not in place.members:
            raise NotPossible("您不在这个聊天里。")
        return place

    def _open_place(self, chat: int | None) -> Chat:
        place = self._place(chat)
        if place.blocked:
            raise NotPossible("您已停用机器人，请先重新启用。")
        if place.deleted:
            raise NotPossible("本群已解散。")
        if place.migrated_to is not None:
            raise NotPossible("本群已升级为超级群，请在新群里发言。")
        return place

    def _send(
        self, content: Json, chat: int | None, thread: int | None = None, reply_to: int | None = None
    ) -> Message:
        place = self._open_place(chat)
        topic = place.topics.get(thread) if thread is not None else None
        if thread is not None and (topic is None or topic.deleted or not place.forum):
            raise NotPossible("这个话题已经不在了。")
        if topic is not None and topic.closed and place.members[self.owner.id] == "member":
            raise NotPossible("这个话题已关闭。")
        if place.private:
            place.started = True
        answered = place.message(reply_to)
        sent = self._exchange.post(place, self.owner.json(), content, thread, answered)
        if place.reply_keyboard and place.reply_keyboard.get("one_time_keyboard"):
            self._exchange.show_keyboard(place, None)
        return sent

    def _text(self, text: str) -> Json:
        kept, _ = trim(text, [])
        found = with_found(kept, [])
        return {"text": kept} | ({"entities": found} if found else {})

    def _file(self, kind: str, upload: Upload, caption: str, seconds: int = 0) -> Json:
        file = self._exchange.files.keep(kind, upload, seconds)
        return {kind: file.json()} | self._caption(caption)

    def _caption(self, text: str) -> Json:
        kept, _ = trim(text, [])
        if units(kept) > LONGEST_CAPTION:
            raise NotPossible(f"说明文字太长，最多 {LONGEST_CAPTION} 个字。")
        found = with_found(kept, [])
        return ({"caption": kept} if kept else {}) | ({"caption_entities": found} if found else {})
