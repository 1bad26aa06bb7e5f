"""A customer complains: 投诉建议, or the words 投诉, 差评, 找经理 anywhere (C1–C3).

It is filed with the first words that say what happened; what follows within some minutes is kept with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.appointment_form import Form
from dialogs.complaint_moves import entry
from dialogs.complaint_opening import first_answer, known_as, opened, with_phone
from dialogs.complaint_words import Words
from dialogs.core import (
    MEDIA,
    Button,
    Dialog,
    Entered,
    Event,
    Open,
    Pressed,
    Record,
    Rows,
    Said,
    Say,
    SentMedia,
    Tell,
    Turn,
    Wake,
    Woke,
    ask,
    ask_again,
    done,
    hand_over,
    then,
)
from dialogs.effects import Note
from dialogs.facts import COLLEAGUES, CUSTOMER_FILE, MY_COMPLAINTS, ROUTING
from domain.complaint_routing import propose
from domain.complaints import Happening, Origin, complaint_number
from domain.intents import Intent, find_intent, has_content, withdraws
from domain.phones import find_phone
from domain.plates import find_plate

if TYPE_CHECKING:
    from dialogs.facts import Facts

WAY_OUT: Rows = ((Button("cancel"),),)
YES_OR_NO: Rows = ((Button("yes"),), (Button("book"), Button("no")))
WHICH: Rows = ((Button("add"), Button("state")), (Button("another"), Button("cancel")))


@dataclass(frozen=True, slots=True)
class Account:
    """What the customer has said before it is filed: the words that led here, `sent` with them (kind, file).

    `doubtful`: they might mean a complaint, we ask; `another`: they said that it is about something new.
    """

    heard: str = ""
    origin: Origin = Origin.CUSTOMER
    doubtful: bool = False
    another: bool = False
    asked_by_name: bool = False  # they typed 投诉 or the like: nobody who does is forgotten
    asks_state: bool = False  # 我的投诉怎么样了
    sent: tuple[tuple[str, str], ...] = ()


def begin(account: Account, event: Event, facts: Facts) -> Turn:
    """Which way it goes: make sure, add it to an open case, file what was said, or ask what happened."""
    if account.doubtful:
        return then(mean, account)
    if account.asks_state and not facts.my_complaints:
        return done(Say("complaint/none_open"))
    if account.asks_state:
        return done(Tell("complaint_sheet", facts.my_complaints[0].number, "show"))
    if account.sent:
        return _sent_along(account, *account.sent[0], "", facts)
    if facts.my_complaints and not account.another:
        return then(choose, account)
    if has_content(account.heard):
        return _filed(account, (account.heard,), (), facts)
    return then(tell, account)


def mean(account: Account, event: Event, facts: Facts) -> Turn:
    """Angry words might be a complaint: ask once (C1)."""
    match event:
        case Pressed("yes"):
            return then(begin, replace(account, doubtful=False))
        case Pressed("no"):
            return done(Say("complaint/not_meant"))
        case Pressed("book"):
            return done(Say("complaint/booked_instead"), Open("booking", Form(heard=account.heard)))
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return then(begin, replace(account, doubtful=False))
        case Said(text) if withdraws(text) or find_intent(text) is Intent.DECLINE:
            return done(Say("complaint/not_meant"))
        case Said(text) if _goes_on(text):
            return then(begin, replace(account, doubtful=False, heard=f"{account.heard}\n{text}"))
        case SentMedia(kind, file, caption) if kind in MEDIA and file:
            return _sent_along(account, kind, file, caption, facts)
        case Entered():
            return ask(account, Say("complaint/meant", _words(account, facts), YES_OR_NO))
        case _:
            return ask_again(account, Say("complaint/meant", _words(account, facts), YES_OR_NO))


def choose(account: Account, event: Event, facts: Facts) -> Turn:
    """A case is open already: is it about that, or about something new (C12)?"""
    if not facts.my_complaints:
        return then(begin, account)
    number = facts.my_complaints[0].number
    match event:
        case Pressed("add"):
            return done(Open("complaint_words", Words(asked=True, heard=_told(account)), subject=number))
        case Pressed("state"):
            return done(Tell("complaint_sheet", number, "show"))
        case Pressed("another"):
            return then(begin, replace(account, another=True))
        case Said(text) if _goes_on(text):
            more = "\n".join(filter(None, (_told(account), text)))
            return done(Open("complaint_words", Words(asked=True, heard=more), subject=number))
        case SentMedia(kind, file, caption) if kind in MEDIA and file:
            return _sent_along(account, kind, file, caption, facts)
        case Entered():
            return ask(account, Say("complaint/open_already", _words(account, facts), WHICH))
        case _:
            return ask_again(account, Say("complaint/open_already", _words(account, facts), WHICH))


def _told(account: Account) -> str:
    """What they said already, if it says what happened."""
    return account.heard if has_content(account.heard) else ""


def tell(account: Account, event: Event, facts: Facts) -> Turn:
    """Ask what happened; words, photo, voice or video file it at once (C1)."""
    match event:
        case Entered():
            asked = Say("complaint/what_happened", _words(account, facts), WAY_OUT)
            return ask(account, asked, *_nobody_forgotten(account, facts))
        case Woke("nobody_forgotten"):
            return hand_over("complaint", Record("complaint.asked_for"))
        case Said(text) if has_content(text):
            return _filed(account, (text,), (), facts)
        case SentMedia(kind, file, caption) if kind in MEDIA and file:
            return _filed(account, (caption,) if caption else (), ((kind, file),), facts)
        case _:
            return ask_again(account, Say("complaint/what_happened_again", _words(account, facts), WAY_OUT))


def _goes_on(text: str) -> bool:
    """Whether the words tell more of it: thanks, a question or another wish is ordinary talk, and opens nothing."""
    return has_content(text) and find_intent(text) in (None, Intent.COMPLAINT)


def _sent_along(account: Account, kind: str, file: str, caption: str, facts: Facts) -> Turn:
    """A photo instead of an answer: who sends one means it, so it is kept with the open case, or files one."""
    said = tuple(text for text in (account.heard, caption) if has_content(text))
    if account.another or not facts.my_complaints:
        return _filed(account, said, ((kind, file),), facts)
    number = facts.my_complaints[0].number
    sent = entry(Happening.MEDIA, facts, kind=kind, file_id=file)
    more = Words(asked=True, heard="\n".join(said), added=1)
    heard = Tell("complaint_desk", number, "added")
    return done(Note(number, (sent,)), heard, Open("complaint_words", more, subject=number))


def _filed(account: Account, said: tuple[str, ...], media: tuple[tuple[str, str], ...], facts: Facts) -> Turn:
    """Number and latest answer leave at once (C3); what else is said within some minutes belongs to it."""
    text = "\n".join(said)
    number = complaint_number(facts.now, facts.conversation)
    by = known_as(facts)
    if phone := find_phone(text):
        by = with_phone(by, str(phone))
    if plate := find_plate(text):
        by = replace(by, plate=str(plate))
    proposal = propose(text, facts.routing)
    effects = opened(number, account.origin, by, said, media, proposal.classification, facts)
    words = _words(account, facts) | {
        "number": number,
        "due": first_answer(known_as(facts), facts),
        "phone": by.phone,
    }
    unsure = not facts.routing.is_sure(proposal)
    more = Open(
        "complaint_words",
        Words(topics=(proposal.classification.topic, *proposal.runners_up) if unsure else (), unsure=unsure),
        subject=number,
    )
    return done(Say("complaint/filed", words, fresh=True, keyboard="menu"), *effects, more)


def _nobody_forgotten(account: Account, facts: Facts) -> tuple[Wake, ...]:
    """Who typed 投诉 or 找经理 and then fell silent is called."""
    if not account.asked_by_name:
        return ()
    return (Wake("nobody_forgotten", facts.now + facts.store.dialogs.nudge_after),)


def _words(account: Account, facts: Facts) -> dict[str, Any]:
    return {
        "address": facts.customer.address if facts.customer else "",
        "said": account.heard,
        "open": facts.my_complaints,
        "store": facts.store,
        "now": facts.now,
    }


COMPLAINING = Dialog(
    "complaint",
    Account,
    steps=(begin, mean, choose, tell),
    needs=frozenset({CUSTOMER_FILE, COLLEAGUES, ROUTING, MY_COMPLAINTS}),
    serves=Intent.COMPLAINT,
    relays=True,  # 你们取消了我的预约 is what happened, no wish of theirs
)
