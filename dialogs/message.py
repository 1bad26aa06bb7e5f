"""A message at whoever it is for, with 回复: the customer sees one conversation (Q2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dialogs.authority import anyone_of_staff
from dialogs.complaint_words import Words
from dialogs.core import (
    HERE,
    Button,
    Dialog,
    Effect,
    Entered,
    Event,
    Kind,
    Media,
    Open,
    Pressed,
    Say,
    Toast,
    Turn,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.facts import COMPLAINT
from dialogs.writing import Message, Writing
from domain.complaints import ComplaintState

if TYPE_CHECKING:
    from dialogs.facts import Facts

REPLY_WITHIN = timedelta(
    days=7
)  # then 回复 is put away: cards that wait for ever would slow down every press


def bring(message: Message, event: Event, facts: Facts) -> Turn:
    """Show it, what was sent with it first; 回复 asks for an answer as often as they like."""
    match event:
        case Entered():
            closes = Wake("put_away", facts.now + REPLY_WITHIN, {"number": facts.subject})
            return ask(message, *_media(message, facts), _card(message, facts), closes)
        case Pressed("reply"):
            return stay(_reply(message, facts))
        case Woke("put_away"):
            return done()
        case _:
            return stay(Toast("message/press_please"))


def _reply(message: Message, facts: Facts) -> Open:
    """A customer's answer about an open complaint belongs to the case (C8); every other one goes back to the writer."""
    case = facts.complaint
    if case is not None and case.state is ComplaintState.OPEN and not message.to_staff:
        return Open("complaint_words", Words(asked=True), HERE, facts.subject)
    back = Writing(message.by, message.by_name, message.leg, staff=message.to_staff)
    return Open("writing", back, HERE, facts.subject)


def _card(message: Message, facts: Facts) -> Say:
    """To a customer as a notice: whoever cannot be reached here is called (Q2)."""
    buttons = ((Button("reply"),),)
    words = {
        "name": message.by_name,
        "text": message.text,
        "media": len(message.media),
        "store": facts.store,
    }
    if message.to_staff:
        return Say("message/from_customer", words, buttons, kind=Kind.STAFF, fresh=True)
    return Say("message/from_store", words, buttons, kind=Kind.NOTICE, fresh=True)


def _media(message: Message, facts: Facts) -> tuple[Effect, ...]:
    """Each as what it was; only the card below them is worth a call if it cannot be delivered."""
    words = {"name": message.by_name, "staff": message.to_staff, "store": facts.store}
    return tuple(
        Say("message/medium", words, fresh=True, media=Media(kind, file)) for kind, file in message.media
    )


def may_reply(message: Message, facts: Facts) -> bool:
    """The customer; of the house whoever still belongs to it (R2)."""
    return not message.to_staff or anyone_of_staff(message, facts)


MESSAGE = Dialog(
    "message",
    Message,
    steps=(bring,),
    needs=frozenset({COMPLAINT}),
    authority={"reply": may_reply},
    patient=True,
)
