"""What else the customer has to say about a complaint: ten messages in a row are one case (C1, C2, C8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dialogs.complaint_moves import entry
from dialogs.core import (
    MEDIA,
    Button,
    Dialog,
    Entered,
    Event,
    Pressed,
    Rows,
    Said,
    Say,
    SentMedia,
    Tell,
    Toast,
    Told,
    Turn,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.effects import Classify, KeepPhone, Note
from dialogs.facts import COMPLAINT, ROUTING
from dialogs.keyboard import in_rows
from domain.complaint_routing import with_topic
from domain.complaints import ComplaintState, Entry, Happening
from domain.intents import Intent, asks_about_complaint, find_command
from domain.phones import find_phone

if TYPE_CHECKING:
    from dialogs.core import Effect
    from dialogs.facts import Facts
    from domain.complaints import Complaint

MOST_TOPICS = 4
GATHERED_AFTER = timedelta(seconds=3)  # one answer to a handful of photos
THAT_IS_ALL: Rows = ((Button("that_is_all"),),)
CLOSING = frozenset({Intent.THANKS, Intent.CONFIRM, Intent.DECLINE, Intent.CANCEL, Intent.BACK})


@dataclass(frozen=True, slots=True)
class Words:
    """`asked`: the customer pressed 补充, so we ask; `unsure`: which of `topics` it is about, they may say.

    `heard` is what they said already; `added` counts what came since, `told` how much of it the desk knows of.
    """

    asked: bool = False
    heard: str = ""
    unsure: bool = False
    topics: tuple[str, ...] = ()
    added: int = 0
    told: int = 0


def listen(words: Words, event: Event, facts: Facts) -> Turn:  # noqa: C901 - a line per sort of message
    """Everything is kept until some minutes were silent, or the customer says that this was all."""
    complaint = facts.complaint
    if complaint is None or complaint.state is ComplaintState.CLOSED:
        return done() if isinstance(event, Woke | Told) else done(Say("complaint_words/closed_already"))
    number = {"number": complaint.number}
    match event:
        case Entered() if words.heard:
            return _kept(replace(words, heard=""), complaint, facts, _said(words.heard, facts))
        case Entered() if words.unsure:
            return ask(words, Say("complaint_words/which", number, _topics(words, facts)), _enough(facts))
        case Entered() if words.asked:
            return ask(words, Say("complaint_words/go_on", number, THAT_IS_ALL), _enough(facts))
        case Entered():
            return ask(words, Say("complaint_words/more", buttons=THAT_IS_ALL), _enough(facts))
        case Pressed("topic", code):
            return _chosen(words, complaint, code, facts)
        case Pressed("that_is_all"):
            return _finished(words, complaint)
        case Said(text) if asks_about_complaint(text):
            return stay(Tell("complaint_sheet", complaint.number, "show"))
        case Said(text) if words.added + len(complaint.words) and find_command(text) in CLOSING:
            return _finished(words, complaint)
        case Said(text):
            return _kept(words, complaint, facts, _said(text, facts))
        case SentMedia(kind, file, caption) if kind in MEDIA and file:
            sent = entry(Happening.MEDIA, facts, kind=kind, file_id=file)
            return _kept(words, complaint, facts, sent, *((_said(caption, facts),) if caption else ()))
        case Woke("gathered"):
            shown = number | {"added": words.added, "media": len(complaint.media)}
            kept = Say("complaint_words/kept", shown, THAT_IS_ALL, in_place=words.asked)
            return ask(replace(words, told=words.added), kept, _told(complaint))
        case Woke("enough"):
            return done()
        case _:
            return stay(Toast("complaint_words/cannot_keep"), Say("complaint_words/cannot_keep"))


def _kept(words: Words, complaint: Complaint, facts: Facts, *entries: Entry) -> Turn:
    phone = next((find_phone(str(each.details.get("text", ""))) for each in entries), None)
    called: tuple[Effect, ...] = (KeepPhone(complaint.number, str(phone)),) if phone else ()
    gathered = Wake("gathered", facts.now + GATHERED_AFTER, {"number": complaint.number})
    more = replace(words, added=words.added + len(entries))
    return ask(more, Note(complaint.number, entries), *called, gathered, _enough(facts))


def _finished(words: Words, complaint: Complaint) -> Turn:
    """说完了, perhaps in the same breath as the last words: the desk hears of those now."""
    last = (_told(complaint),) if words.added > words.told else ()
    return done(Say("complaint_words/thanks", {"number": complaint.number}), *last)


def _chosen(words: Words, complaint: Complaint, code: str, facts: Facts) -> Turn:
    """The customer says what it is about; a colleague still confirms it (C2)."""
    topic = facts.routing.topic(code)
    said = Note(complaint.number, (entry(Happening.CLASSIFIED, facts, topic=topic.code, by_customer=True),))
    heard = Say("complaint_words/which_noted", {"name": topic.name})
    chosen = replace(words, unsure=False)
    if complaint.confirmed:  # a colleague was quicker, and knows what else was said
        return ask(chosen, said, heard)
    about = Classify(complaint.number, with_topic(complaint.classification, topic))
    return ask(chosen, about, said, Tell("complaint_desk", complaint.number, "classified"), heard)


def _said(text: str, facts: Facts) -> Entry:
    return entry(Happening.WORDS, facts, text=text)


def _told(complaint: Complaint) -> Tell:
    return Tell("complaint_desk", complaint.number, "added")


def _enough(facts: Facts) -> Wake:
    return Wake("enough", facts.now + facts.store.dialogs.nudge_after, {"number": facts.subject})


def _topics(words: Words, facts: Facts) -> Rows:
    codes = [code for code in words.topics if code != "other"][:MOST_TOPICS]
    known = codes or [topic.code for topic in facts.routing.topics if topic.code != "other"][:MOST_TOPICS]
    buttons = [Button("topic", code, "topic", {"name": facts.routing.topic(code).name}) for code in known]
    rows = in_rows(buttons, 2)
    return *rows, (Button("topic", "other", "topic_other"), *THAT_IS_ALL[0])


COMPLAINT_WORDS = Dialog(
    "complaint_words",
    Words,
    steps=(listen,),
    needs=frozenset({COMPLAINT, ROUTING}),
    serves=Intent.COMPLAINT,
    open_ended=True,
)
