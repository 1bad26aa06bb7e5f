"""Who takes part in the sandbox: people with a phone, and group chats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PhoneOwner:
    """A person with a phone on the page.

    `role` is the Chinese label that the page shows (客户, 服务顾问, 店长 …); `phone` the number as Telegram
    gives it in a shared contact; `started` says that the person pressed start before the story begins
    (a bot may not write first). `on_page` false: their phone is not among those that the page shows first; it can
    be taken out of the picker.
    """

    id: int
    first_name: str
    last_name: str | None = None
    phone: str | None = None
    role: str = "客户"
    username: str | None = None
    started: bool = False
    on_page: bool = True

    @property
    def name(self) -> str:
        """The full name as other people see it."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    def json(self) -> dict[str, Any]:
        """The Bot API's User object."""
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        user["language_code"] = "zh-hans"
        return user


@dataclass(frozen=True)
class GroupChat:
    """A group with the bot in it.

    `members` are user ids; `topics` names of forum topics that exist from the start (only with `forum`);
    `basic` makes an old-style group that can still be upgraded (negative id without the -100 prefix).
    """

    id: int
    title: str
    members: tuple[int, ...] = ()
    role: str = "员工群"
    forum: bool = False
    topics: tuple[str, ...] = field(default=())
    basic: bool = False
    bot_is_admin: bool = True
