"""Write to somebody through the bot: a colleague to a customer in the store's name, or the customer back (Q2, C8).

The text lies in the message and in the letter that brings it; neither the audit log nor the history of a case has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    MEDIA,
    Button,
    Dialog,
    Effect,
    Entered,
    Event,
    Home,
    Kind,
    Open,
    Pressed,
    Record,
    Said,
    Say,
    SentMedia,
    Tell,
    Turn,
    ask,
    ask_again,
    done,
    hand_over,
    stay,
)
from dialogs.facts import COLLEAGUES, CUSTOMER_FILE, QUESTION
from dialogs.order_moves import tell_desk
from dialogs.question_moves import DESK as QUESTION_DESK
from domain.customer_questions import PREFIX as QUESTION_PREFIX
from domain.people import is_staff, who_acts_for
from domain.repair_orders import PREFIX
from domain.spelling import visible_signs

if TYPE_CHECKING:
    from dialogs.facts import Facts

SHORTEST_ANSWER = 2  # signs: one alone tells a customer nothing; of customers 好 is enough
MOST_MEDIA = 10  # as many as an album has
LONGEST_MESSAGE = 3000  # captions and words together; what the service lets through is 4096


@dataclass(frozen=True, slots=True)
class Writing:
    """To whom, as they are called. `staff`: a colleague writes; `leg`: of the complaint that it is about.

    `media` and `text` (their captions) are what was sent so far; the words that follow end it. `first`: the answer to
    a question, of no use once somebody else has answered it (Q2).
    """

    to: int = 0
    to_name: str = ""
    leg: str = ""
    staff: bool = True
    media: tuple[tuple[str, str], ...] = ()
    text: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What `by`, whose name is `by_name`, wrote. `to_staff`: a colleague reads it; `leg` as in Writing."""

    by: int = 0
    by_name: str = ""
    text: str = ""
    media: tuple[tuple[str, str], ...] = ()
    to_staff: bool = False
    leg: str = ""


def write(writing: Writing, event: Event, facts: Facts) -> Turn:
    """Words send it at once; photos and the like are gathered until words or 发送 follow."""
    match event:
        case Entered():
            return _asked(writing, facts)
        case Said(text) if _too_little(writing, text):
            return stay(_say("writing/too_short", writing))
        case Said(text) if len(_together(writing.text, text)) > LONGEST_MESSAGE:
            return stay(Say("shared/too_long"))
        case Said(text):
            return _sent(replace(writing, text=_together(writing.text, text)), facts)
        case SentMedia(kind, file, caption) if kind in MEDIA and file:
            return _gathered(writing, (kind, file), caption)
        case Pressed("send") if writing.media:
            return _sent(writing, facts)
        case _:
            return ask_again(writing, _question(writing))


def _asked(writing: Writing, facts: Facts) -> Turn:
    """Ask for the words; where a colleague is away or gone, whoever stands in reads them, or the desk does (R4)."""
    reader = _reader(writing, facts)
    if reader is None:
        return hand_over("reply")
    return ask(reader, _question(reader))


def _reader(writing: Writing, facts: Facts) -> Writing | None:
    """The same, to whoever acts for the colleague now; None when nobody does."""
    if writing.staff:
        return writing
    person = who_acts_for(writing.to, facts.colleagues)
    found = facts.colleague(person)
    if found is None:
        return None
    return replace(writing, to=person, to_name=found.first_name)


def _gathered(writing: Writing, sent: tuple[str, str], caption: str) -> Turn:
    """One card counts them, however many come."""
    text = _together(writing.text, caption)
    if len(writing.media) == MOST_MEDIA or len(text) > LONGEST_MESSAGE:
        return ask(
            writing, _say("writing/enough", writing, ((Button("send"), Button("cancel")),), in_place=True)
        )
    more = replace(writing, media=(*writing.media, sent), text=text)
    return ask(more, replace(_question(more), in_place=True))


def _sent(writing: Writing, facts: Facts) -> Turn:
    if writing.staff and not is_staff(facts.who.roles):
        return done(_say("writing/not_staff", writing), Record("message.refused", facts.subject))
    if writing.first and facts.question is not None and facts.question.answered_at is not None:
        words = {"name": writing.to_name, "who": facts.question.owner_name, "text": writing.text}
        return done(Say("writing/answered_already", words, kind=Kind.STAFF))
    reader = _reader(writing, facts)
    if reader is None:
        return hand_over("reply")
    message = Message(
        facts.home_person,
        _name_of(writing, facts),
        writing.text,
        writing.media,
        not writing.staff,
        writing.leg,
    )
    record = Record("message.sent", facts.subject, {"to": reader.to, "media": len(writing.media)})
    sent = Open("message", message, Home(person=reader.to), facts.subject)
    return done(_say("writing/sent", reader), sent, record, *_contacted(writing, facts))


def _contacted(writing: Writing, facts: Facts) -> tuple[Effect, ...]:
    """Whoever handles a complaint was in touch with the customer (C8), the owner of a car has heard of it, or a
    question is answered (Q2)."""
    if writing.staff and writing.leg:
        return (Tell("complaint_desk", facts.subject, "contacted", {"leg": writing.leg, "how": "message"}),)
    if writing.staff and facts.subject.startswith(PREFIX):
        return (tell_desk(facts.subject, "wrote"),)
    if writing.staff and facts.subject.startswith(QUESTION_PREFIX):
        return (Tell(QUESTION_DESK, facts.subject, "answered", {"text": writing.text, "how": "message"}),)
    return ()


def _name_of(writing: Writing, facts: Facts) -> str:
    known = facts.customer.address if facts.customer else ""
    return facts.who.first_name if writing.staff or not known else known


def _too_little(writing: Writing, text: str) -> bool:
    """Nothing that can be seen (blanks, signs without width), or of a colleague one sign alone."""
    return visible_signs(text) < (SHORTEST_ANSWER if writing.staff and not writing.media else 1)


def _together(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())


def _question(writing: Writing) -> Say:
    ways = (Button("send"), Button("cancel")) if writing.media else (Button("cancel"),)
    return _say("writing/ask", writing, (ways,))


def _say(
    script: str, writing: Writing, buttons: tuple[tuple[Button, ...], ...] = (), *, in_place: bool = False
) -> Say:
    words: dict[str, Any] = {
        "name": writing.to_name,
        "staff": writing.staff,
        "media": len(writing.media),
        "text": writing.text,
        "leg": writing.leg,
    }
    kind = Kind.STAFF if writing.staff else Kind.ANSWER
    return Say(script, words, buttons, kind=kind, in_place=in_place)


WRITING = Dialog(
    "writing", Writing, steps=(write,), needs=frozenset({COLLEAGUES, CUSTOMER_FILE, QUESTION}), relays=True
)
