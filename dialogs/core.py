"""The words every procedure is written in: what happens (events), what follows (effects), how a step ends (turns).

A step is a pure function ``step(state, event, facts) -> Turn``. It asks its own question when it is
``Entered`` and takes its own answer afterwards; it ends in `ask`, `ask_again`, `then`, `stay`, `done` or
`hand_over`. Nothing here or in any dialog reads a clock, a database or a messaging service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from domain.intents import Intent
from domain.people import Queue

if TYPE_CHECKING:
    from dialogs.facts import Facts

# ---------------------------------------------------------------- events: what happened


@dataclass(frozen=True, slots=True)
class Entered:
    """The step has just been reached (or is reached again): ask the question. `came_back`: by 返回."""

    came_back: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A person wrote `text` (never empty, at most what the channel lets through)."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A person pressed the button `key` of the present card; `value` is what the button stood for."""

    key: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A person shared a phone number with the contact button; `own` only if the service vouches it is theirs."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class SentMedia:
    """A person sent something that is not text: `kind` is one of `MEDIA`, or sticker, location or other.

    Pictures of an album come one by one, and only one of them has the caption.
    """

    kind: str
    file_id: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class EditedText:
    """A person changed a message that was sent earlier; `text` is its new wording."""

    text: str


@dataclass(frozen=True, slots=True)
class Woke:
    """The timer `name` of this conversation is due. `late` is true when it is handled well after its time."""

    name: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Another conversation says that `news` happened; `words` are the particulars."""

    news: str
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """`effect` could not be applied, nothing of the turn happened; `reason` is a word the step may match on."""

    effect: Effect
    reason: str


@dataclass(frozen=True, slots=True)
class ChatBlocked:
    """The person blocked the bot (or, with `blocked` false, came back)."""

    blocked: bool


@dataclass(frozen=True, slots=True)
class GroupMoved:
    """The staff group became a supergroup and is now the chat `new_chat_id`."""

    new_chat_id: int


@dataclass(frozen=True, slots=True)
class GroupLeft:
    """We are no member of the group any more: removed, or it is gone."""


Event = (
    Entered
    | Said
    | Pressed
    | SharedContact
    | SentMedia
    | EditedText
    | Woke
    | Told
    | Refused
    | ChatBlocked
    | GroupMoved
    | GroupLeft
)

# ---------------------------------------------------------------- effects every dialog knows


class Kind(StrEnum):
    """What sort of message this is; decides which gates it passes (service/gates.py)."""

    ANSWER = "answer"  # to somebody who just wrote or pressed
    NOTICE = "notice"  # the customer must know it: pickup, changed time, released hold
    REMINDER = "reminder"  # about something agreed; never at night, worthless once late
    CARE = "care"  # nice to have: opt-out and daily cap count
    STAFF = "staff"  # to the staff group or a colleague


@dataclass(frozen=True, slots=True)
class Home:
    """Where a conversation lives: the private chat of `person`, or the staff group's topic `queue`.

    A message may also go to the customer of the file `customer`: into their chat, and where they have none to the
    front desk as a call to make, with the text ready.
    """

    person: int | None = None
    queue: Queue | None = None
    customer: int | None = None


HERE = Home()  # the conversation's own home


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button. Its label is the entry `label` (default: `key`) of the dialog's buttons.yaml with `words`.

    `key` and `value` together stay within 40 ASCII bytes, so that the callback data stays within 64 (BOT API).
    """

    key: str
    value: str = ""
    label: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse at once what could never be delivered."""
        if len(self.key) + len(self.value) > 40 or not (self.key + self.value).isascii():
            raise ValueError(f"Button {self.key}={self.value} must fit 40 ASCII bytes: shorten its value.")


Rows = tuple[tuple[Button, ...], ...]

MEDIA = frozenset({"photo", "voice", "video", "video_note", "audio", "document", "animation"})
"""Kinds of media that can be kept by their `file_id` and sent again, each only as what it was (C1)."""


@dataclass(frozen=True, slots=True)
class Media:
    """Something that a person once sent, to be sent again: one of the kinds `MEDIA`, as the service keeps it."""

    kind: str
    file_id: str

    def __post_init__(self) -> None:
        """Refuse at once what could never be delivered."""
        if self.kind not in MEDIA or not self.file_id:
            raise ValueError(f"A {self.kind} cannot be sent again: keep only {', '.join(sorted(MEDIA))}.")


@dataclass(frozen=True, slots=True)
class Say:
    """A message: the script `script` (``<dialog>/<name>``) filled with `words`.

    After a press, the first message that a turn says at home takes the place of the card that was pressed;
    `fresh` asks for a new message, `in_place` changes the present card without a press too. `keyboard` names
    a reply keyboard (menu, contact, none) of
    scripts_zh/shared/keyboards.yaml and excludes `buttons`. `expires_at`: worthless afterwards (gate "stale").
    `media` is a new message: with the words below it, or before them where they are a card or too long for that.
    `copy`, for a conversation at a queue: the message is a further card of it in the private chat of `to`. From
    then on it shows what the card at the queue shows, and its buttons work; an older copy there loses its own.
    """

    script: str
    words: Mapping[str, Any] = field(default_factory=dict)
    buttons: Rows = ()
    to: Home = HERE
    kind: Kind = Kind.ANSWER
    fresh: bool = False
    in_place: bool = False
    keyboard: str = ""
    expires_at: datetime | None = None
    media: Media | None = None
    copy: bool = False

    def __post_init__(self) -> None:
        """Refuse a copy that would lie nowhere."""
        if self.copy and self.to.person is None:
            raise ValueError(f"The copy {self.script} needs a person: say it to=Home(person=…).")


@dataclass(frozen=True, slots=True)
class Toast:
    """A short word over the button that was pressed; nothing remains of it. Without a press it is not shown."""

    script: str
    words: Mapping[str, Any] = field(default_factory=dict)
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Wake:
    """Wake this conversation at `at` (aware) with ``Woke(name)``. A second `Wake` of the same name moves it.

    `words` fill the timer's entry in scripts_zh/timers.yaml, which tells staff what is planned and why.
    """

    name: str
    at: datetime
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unwake:
    """The timer `name` of this conversation is not needed any more. (An ended conversation loses all of its timers.)"""

    name: str


@dataclass(frozen=True, slots=True)
class Open:
    """Begin the dialog `dialog` at `home` with `state`, about `subject` (an appointment's number, say).

    It is entered in the same transaction. With ``interrupt`` the present conversation rests until it is over.
    """

    dialog: str
    state: Any
    home: Home = HERE
    subject: str = ""
    interrupt: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell every open conversation of `dialog` about `subject` that `news` happened, in the same transaction."""

    dialog: str
    subject: str
    news: str
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TellWork:
    """Tell every open conversation about work that `person` owns that `news` happened (R3, R4)."""

    person: int
    news: str
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the append-only audit log (R5): who did `action` to `subject`. No phone, plate or free text in it."""

    action: str
    subject: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


class TradeEffect:
    """Base of the effects that change the store's books; they are in dialogs/effects.py."""

    __slots__ = ()


Effect = Say | Toast | Wake | Unwake | Open | Tell | TellWork | Record | TradeEffect

# ---------------------------------------------------------------- turns: how a step ends


class Outcome(StrEnum):
    """What the engine does after a step."""

    ASK = "ask"
    ASK_AGAIN = "ask_again"
    THEN = "then"
    STAY = "stay"
    DONE = "done"
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class Turn:
    """How a step ended: the outcome, the state to remember, the effects in the order they happen."""

    outcome: Outcome
    state: Any = None
    effects: tuple[Effect, ...] = ()
    step: Step | None = None
    reason: str = ""


Step = Callable[[Any, Any, "Facts"], Turn]


def ask(state: Any, *effects: Effect) -> Turn:
    """The question is asked; the next event comes back to this step with `state`."""
    return Turn(Outcome.ASK, state, effects)


def ask_again(state: Any, *effects: Effect) -> Turn:
    """The answer was not understood. The second time in a row the engine offers a person instead (B15)."""
    return Turn(Outcome.ASK_AGAIN, state, effects)


def then(step: Step, state: Any, *effects: Effect) -> Turn:
    """Go on with `step` at once; it is Entered in the same transaction."""
    return Turn(Outcome.THEN, state, effects, step=step)


def stay(*effects: Effect) -> Turn:
    """Nothing changes: same step, same state, and the card that is shown stays valid."""
    return Turn(Outcome.STAY, None, effects)


def done(*effects: Effect) -> Turn:
    """The procedure is over; its timers end with it."""
    return Turn(Outcome.DONE, None, effects)


def hand_over(reason: str, *effects: Effect) -> Turn:
    """A person takes it from here: staff are told with `reason` (a word of scripts_zh/shared), the customer too."""
    return Turn(Outcome.HAND_OVER, None, effects, reason=reason)


# ---------------------------------------------------------------- dialogs


Permit = Callable[[Any, "Facts"], bool]  # the dialog's state, the facts; `facts.who` is who pressed


@dataclass(frozen=True, slots=True)
class Dialog:
    """One procedure: its name, what it remembers, its steps (the first is the way in).

    `needs`: which facts are loaded before its steps run (dialogs/facts.py). `authority`: per button key, who may
    press it (dialogs/authority.py); at a staff queue a key without a row is refused, in a private chat the person
    it is held with needs none (R2). `overtaken`: what is said over a button of this key that came too late, because
    somebody was quicker; None for 已过期. `cancelled`: what has to be undone
    when the person says 取消, 返回 or nothing any more (effects only). `patient`: it is never closed by silence
    and takes no free text (cards that wait for a press). `lasting`: it is never over. `open_ended`: whatever
    the person says or sends belongs to it until its own timer ends it. `serves`: the wish it is there for; words of
    that wish do not interrupt it. `relays`: what is typed is for somebody else to read, so that only a message that
    is nothing but 取消, 返回 or 人工 is meant for us.
    `answers_for_news`: what could not be delivered to the customer about its subject is told to it as
    ``Told("unreachable", {text, person})``, instead of asking the front desk to call.
    `offered_again`: a card that must not wait for a press that was lost while the bot was down: its step is Entered
    anew, by nobody, when the bot starts.
    `listens_in`: steps of a patient dialog that take free text all the same, like a form; silence is its own affair.
    `is_care`: it is what somebody may not want (K5): 退订 is answered by its own step, and not by the front desk.
    `formerly`: old step names → present ones. `upgrades`: for version n of the
    stored state, how it becomes version n + 1.
    """

    name: str
    state: type
    steps: tuple[Step, ...]
    version: int = 1
    needs: frozenset[str] = frozenset()
    authority: Mapping[str, Permit] = field(default_factory=dict)
    overtaken: Callable[[Any, Facts, str], Toast | None] | None = None
    cancelled: Callable[[Any, Facts], tuple[Effect, ...]] | None = None
    patient: bool = False
    lasting: bool = False
    open_ended: bool = False
    serves: Intent | None = None
    relays: bool = False
    answers_for_news: bool = False
    offered_again: bool = False
    listens_in: frozenset[str] = frozenset()
    is_care: bool = False
    formerly: Mapping[str, str] = field(default_factory=dict)
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)

    def step(self, name: str) -> Step | None:
        """The step called `name` (or formerly so); None when no release ever had it."""
        wanted = self.formerly.get(name, name)
        return next((step for step in self.steps if step.__name__ == wanted), None)

    def hears(self, step: str) -> bool:
        """Whether free text belongs to it while `step` waits."""
        return step in self.listens_in or not (self.patient or self.lasting)

    @property
    def first(self) -> Step:
        """The way in."""
        return self.steps[0]


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one event did to a conversation. `step` is the step that waits now ('' when it is over)."""

    outcome: Outcome
    step: str
    state: Any
    effects: tuple[Effect, ...]
    reason: str = ""


MOST_STEPS = 20  # a chain of `then` longer than this is a circle


def advance(step: Step, state: Any, event: Event, facts: Facts) -> Advanced:
    """Run `step` on `event`, follow every `then`, and say where the conversation waits now.

    Raises RecursionError when the steps lead in a circle.
    """
    effects: list[Effect] = []
    for _ in range(MOST_STEPS):
        turn = step(state, event, facts)
        effects += turn.effects
        if turn.outcome is Outcome.THEN:
            assert turn.step is not None
            step, state, event = turn.step, turn.state, Entered()
            continue
        over = turn.outcome in (Outcome.DONE, Outcome.HAND_OVER)
        kept = state if turn.outcome is Outcome.STAY else turn.state
        name = "" if over else step.__name__
        return Advanced(turn.outcome, name, None if over else kept, tuple(effects), turn.reason)
    raise RecursionError(
        f"The steps after {step.__name__} lead in a circle: end one of them with ask or done."
    )
