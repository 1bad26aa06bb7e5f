"""What the service asks of the outside world: a clock, and a channel that brings updates and takes letters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from dialogs.core import Event, Media


class Clock(Protocol):
    """Where everybody asks for the time."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""


# ---------------------------------------------------------------- in


@dataclass(frozen=True, slots=True)
class Sender:
    """Who caused an update, as the messaging service names them; `user_id` is the number that counts (R2)."""

    user_id: int
    first_name: str = ""
    last_name: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True)
class Tap:
    """What a pressed button carried: the conversation, the turn in which it was shown, key and value."""

    conversation: int
    turn: int
    key: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update, decoded. The channel decides nothing: `event` says what came, `tap` where a press belongs.

    `update_id` identifies it for dedupe. `event` is None for updates nobody needs (they are only noted as seen).
    A press whose data we cannot read has `event` Pressed("") and no `tap`. `press_id` is what `Channel.toast` answers;
    `card` the message whose button was pressed. `raw` is the whole update for the dead letters.
    """

    update_id: int
    sender: Sender | None
    chat_id: int
    event: Event | None
    thread_id: int | None = None
    in_group: bool = False
    group_has_topics: bool = False
    tap: Tap | None = None
    press_id: str = ""
    card: int = 0
    forwarded: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)


Handle = Callable[[Sequence[Incoming]], Awaitable[None]]
"""Takes updates; returns when all of them are committed (or dead-lettered): only then may they be confirmed."""

# ---------------------------------------------------------------- out


@dataclass(frozen=True, slots=True)
class Face:
    """An inline button as it is sent: its label and what a press will carry."""

    label: str
    tap: Tap


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a reply keyboard; `asks_contact` shares the person's own number."""

    label: str
    asks_contact: bool = False


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A reply keyboard below the input; with no rows it is taken away."""

    rows: tuple[tuple[Key, ...], ...] = ()
    placeholder: str = ""
    once: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to deliver: a new message, or with `edits` the new face of message `edits`.

    `text` is HTML, escaped; below `media` it may be empty. `new_topic` asks for a forum topic of that name
    instead of a message.
    """

    id: int
    chat_id: int
    text: str
    thread_id: int | None = None
    buttons: tuple[tuple[Face, ...], ...] = ()
    keyboard: Keyboard | None = None
    edits: int | None = None
    media: Media | None = None
    new_topic: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """It is there, as message (or topic) `message_id`."""

    message_id: int


@dataclass(frozen=True, slots=True)
class TryLater:
    """Certainly not delivered; never before `after` has passed (None: our own pause)."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """It can never be delivered. `what`: chat (blocked, kicked, unknown), topic, message, or letter (our mistake)."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The group is now the chat `chat_id`."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether it was delivered (the answer was lost on the way)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The service does not accept us any more (token revoked, say): sending stops until a person has looked."""

    reason: str


Delivery = Delivered | TryLater | Gone | Moved | Unknown | Stopped


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do, so that a poorer one can be served with plain text."""

    edits: bool = True
    topics: bool = True
    buttons: bool = True
    longest_text: int = 4096
    press_lifetime: timedelta = timedelta(seconds=150)


class Channel(Protocol):
    """A messaging service. Implementations: bot/channels/aiogram.py, bot/channels/ptb.py."""

    capabilities: Capabilities

    async def open(self) -> Sender:
        """Connect; says who the bot is. Raises ChannelError with the cure when the token is wrong."""

    async def listen(self, handle: Handle) -> None:
        """Bring updates to `handle` until cancelled; confirm them only after it has returned."""

    async def deliver(self, letter: Letter) -> Delivery:
        """Send one letter; never raises for anything that the service or the network does."""

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        """Answer a press so that its spinner stops; `text` may be empty. A press too old to answer is no error."""

    async def close(self) -> None:
        """Let go of all connections."""


class ChannelError(Exception):
    """The messaging service cannot be used. The message says why and what to do."""


class ChannelAway(ChannelError):
    """It cannot be reached just now: the same start may succeed in a moment."""
