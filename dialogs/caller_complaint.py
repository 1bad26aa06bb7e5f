"""代客投诉: a colleague writes down what a caller or visitor complains about (C1, C2).

Whom it is about is looked up by plate or phone, or asked for; a complaint is taken down in any case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.authority import anyone_of_staff
from dialogs.complaint_opening import opened
from dialogs.core import (
    MEDIA,
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Record,
    Rows,
    Said,
    Say,
    SentMedia,
    SharedContact,
    Turn,
    Woke,
    ask,
    ask_again,
    done,
    stay,
    then,
)
from dialogs.effects import FileComplaint
from dialogs.facts import COLLEAGUES, ROUTING, SOUGHT
from dialogs.keyboard import in_rows
from dialogs.salutation import salutation_in
from domain.complaint_chain import next_answer
from domain.complaint_routing import propose, with_topic
from domain.complaints import Classification, Complainant, Origin, Severity, complaint_number
from domain.intents import Intent, find_intent
from domain.names import PersonName, read_name
from domain.people import is_staff
from domain.phones import find_phone
from domain.plates import find_plate
from domain.spelling import tells_something

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.customers import Customer

CANCEL = (Button("cancel"),)
THAT_IS_ALL = frozenset({Intent.CONFIRM, Intent.DECLINE})


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known so far. `person` and `customer` are 0 without a file; `topic` and `severity` are "" as proposed.

    `plate` and `phone` are the caller's; `plates` and `file_phone` are what the file that was found says.
    """

    person: int = 0
    customer: int = 0
    name: str = ""
    surname: str = ""
    salutation: str = ""
    salutation_asked: bool = False
    phone: str = ""
    phone_asked: bool = False
    plate: str = ""
    plates: tuple[str, ...] = ()
    file_phone: str = ""
    said: tuple[str, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    told_all: bool = False
    topic: str = ""
    severity: str = ""

    @property
    def address(self) -> str:
        """How the caller is spoken of: 王先生; the whole name while the salutation is unknown."""
        if not self.salutation and self.surname == self.name:
            return PersonName(self.surname, self.name).address() if self.name else ""
        return f"{self.surname or self.name}{self.salutation}" if self.salutation else self.name


def look_up(caller: Caller, event: Event, facts: Facts) -> Turn:
    """Plate or phone lead to the file; nobody has to have one."""
    rows: Rows = ((Button("skip"), Button("cancel")),)
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(caller, _card("caller_complaint/ask_whom", caller, rows))
        case Pressed("skip"):
            return then(tell_name, caller)
        case Said(text) if (plate := find_plate(text)) or find_phone(text):
            told = replace(caller, plate=str(plate or ""), phone=str(find_phone(text) or ""))
            if facts.sought is None:
                return onward(told, _card("caller_complaint/no_file", told))
            return then(recognise, _from_file(told, facts.sought))
        case _:
            return ask_again(caller, _card("caller_complaint/ask_whom_again", caller, rows))


def recognise(caller: Caller, event: Event, facts: Facts) -> Turn:
    """The file that was found: is it the caller's?"""
    question = _card("caller_complaint/found", caller, ((Button("theirs"), Button("not_theirs")), CANCEL))
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(caller, question)
        case Pressed("theirs"):
            return onward(_theirs(caller))
        case Pressed("not_theirs"):
            return onward(Caller(plate=caller.plate, phone=caller.phone))
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return onward(_theirs(caller))
        case Said(text) if find_intent(text) is Intent.DECLINE:
            return onward(Caller(plate=caller.plate, phone=caller.phone))
        case _:
            return ask_again(caller, question)


def tell_name(caller: Caller, event: Event, facts: Facts) -> Turn:
    """Name, best with 先生 or 女士."""
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(caller, _card("caller_complaint/ask_name", caller, (CANCEL,)))
        case Said(text) if name := read_name(text):
            salutation = str(name.salutation or "")
            return onward(replace(caller, name=name.full, surname=name.surname, salutation=salutation))
        case _:
            return ask_again(caller, _card("caller_complaint/ask_name_again", caller, (CANCEL,)))


def tell_salutation(caller: Caller, event: Event, facts: Facts) -> Turn:
    """先生 or 女士, so that whoever calls back does not speak to them wrongly."""
    rows: Rows = ((Button("sir"), Button("madam")), (Button("skip"), Button("cancel")))
    question = _card("caller_complaint/ask_salutation", caller, rows)
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(caller, question)
        case _ if (said := salutation_in(event)) is not None:
            return onward(replace(caller, salutation=said, salutation_asked=True))
        case _:
            return ask_again(caller, question)


def tell_phone(caller: Caller, event: Event, facts: Facts) -> Turn:
    """Where to call back; without a number nobody can."""
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(
                caller, _card("caller_complaint/ask_phone", caller, ((Button("skip"), Button("cancel")),))
            )
        case SharedContact(text) | Said(text) if phone := find_phone(text):
            return onward(replace(caller, phone=str(phone)))
        case Pressed("skip"):
            sure: Rows = ((Button("no_phone"),), CANCEL)
            return ask(caller, _card("caller_complaint/sure_no_phone", caller, sure))
        case Pressed("no_phone"):
            return onward(replace(caller, phone_asked=True))
        case _:
            return ask_again(
                caller,
                _card("caller_complaint/ask_phone_again", caller, ((Button("skip"), Button("cancel")),)),
            )


def hear(caller: Caller, event: Event, facts: Facts) -> Turn:
    """What happened, in as many messages and photos as it takes; ten messages are one complaint."""
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(caller, _listening(caller))
        case Pressed("that_is_all") if caller.said:
            return onward(replace(caller, told_all=True))
        case Said(text) if caller.said and find_intent(text) in THAT_IS_ALL:
            return onward(replace(caller, told_all=True))
        case Said(text) if tells_something(text):
            return _heard(replace(caller, said=(*caller.said, text.strip())))
        case Said():
            return ask(caller, _card("caller_complaint/say_more", caller, _enough(caller)))
        case SentMedia(kind, file, caption) if kind in MEDIA and file:
            said = (*caller.said, caption.strip()) if tells_something(caption) else caller.said
            return _heard(replace(caller, said=said, media=(*caller.media, (kind, file))), in_place=True)
        case _:
            return ask_again(caller, _listening(caller))


def check(caller: Caller, event: Event, facts: Facts) -> Turn:
    """Everything is read back with the proposed topic and severity; the colleague confirms or corrects them (C2)."""
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(caller, _read_back(caller, facts))
        case Pressed("file"):
            return _filed(caller, facts)
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return _filed(caller, facts)
        case Pressed("change_topic"):
            return then(choose_topic, caller)
        case Pressed("change_severity"):
            return then(choose_severity, caller)
        case Pressed("more"):
            return then(hear, replace(caller, told_all=False))
        case _:
            return ask_again(caller, _read_back(caller, facts))


def choose_topic(caller: Caller, event: Event, facts: Facts) -> Turn:
    """What it is about, in the words of the store's list (C5)."""
    topics = {topic.code: topic.name for topic in facts.routing.topics}
    buttons = [Button("topic", code, words={"name": name}) for code, name in topics.items()]
    question = _card("caller_complaint/ask_topic", caller, (*in_rows(buttons, 2), CANCEL))
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(caller, question)
        case Pressed("topic", code) if code in topics:
            return then(check, replace(caller, topic=code))
        case _:
            return ask_again(caller, question)


def choose_severity(caller: Caller, event: Event, facts: Facts) -> Turn:
    """轻微, 一般 or 重大 (C2, C9)."""
    buttons = tuple(Button("severity", each.value, words={"severity": each.value}) for each in Severity)
    question = _card("caller_complaint/ask_severity", caller, (buttons, CANCEL))
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(caller, question)
        case Pressed("severity", value) if value in set(Severity):
            return then(check, replace(caller, severity=value))
        case _:
            return ask_again(caller, question)


# ---------------------------------------------------------------- the way from field to field


def onward(caller: Caller, *effects: Say) -> Turn:
    """Go on with the first field that is still empty."""
    empty = (
        (not caller.name, tell_name),
        (not caller.salutation and not caller.salutation_asked, tell_salutation),
        (not caller.phone and not caller.phone_asked, tell_phone),
        (not caller.told_all, hear),
    )
    step = next((step for missing, step in empty if missing), check)
    return then(step, caller, *effects)


def _from_file(told: Caller, file: Customer) -> Caller:
    return replace(
        told,
        person=file.person_id or 0,
        customer=file.id,
        name=file.name,
        surname=file.surname,
        salutation=file.salutation,
        salutation_asked=bool(file.name),
        plates=tuple(str(vehicle.plate) for vehicle in file.vehicles),
        file_phone=file.phone,
    )


def _theirs(caller: Caller) -> Caller:
    """What was typed just now counts more than what the file knows."""
    only_plate = caller.plates[0] if len(caller.plates) == 1 else ""
    return replace(caller, phone=caller.phone or caller.file_phone, plate=caller.plate or only_plate)


def _heard(caller: Caller, *, in_place: bool = False) -> Turn:
    """A line for every message, but the pictures of an album only count up on the same card."""
    return ask(caller, replace(_listening(caller), in_place=in_place))


def _about(caller: Caller, facts: Facts) -> Classification:
    """What the words seem to be about, as the colleague corrected it."""
    about = propose(caller.said, facts.routing).classification
    if caller.topic:
        about = with_topic(about, facts.routing.topic(caller.topic))
    return replace(about, severity=Severity(caller.severity)) if caller.severity else about


def _filed(caller: Caller, facts: Facts) -> Turn:
    """The complaint gets its number; a colleague has confirmed what it is about (C2, C4)."""
    if not is_staff(facts.who.roles):
        return done(Say("staff_desk/not_staff"), Record("command.refused"))
    number = complaint_number(facts.now, facts.conversation)
    by = Complainant(caller.person, caller.customer, caller.address, caller.phone, caller.plate)
    about = _about(caller, facts)
    effects = opened(number, Origin.CALLER, by, caller.said, caller.media, about, facts, confirmed=True)
    filed = next(effect for effect in effects if isinstance(effect, FileComplaint))
    words = {
        "number": number,
        "due": next_answer(filed.complaint.history, facts.calendar),
        "now": facts.now,
        "about": about,
    }
    return done(*effects, Say("caller_complaint/filed", words, kind=Kind.STAFF))


# ---------------------------------------------------------------- what is shown


def _card(script: str, caller: Caller, rows: Rows = ()) -> Say:
    return Say(script, {"caller": caller}, rows, kind=Kind.STAFF)


def _listening(caller: Caller) -> Say:
    script = "caller_complaint/heard" if caller.said or caller.media else "caller_complaint/ask_words"
    return _card(script, caller, _enough(caller))


def _enough(caller: Caller) -> Rows:
    return ((Button("that_is_all"),), CANCEL) if caller.said else (CANCEL,)


def _read_back(caller: Caller, facts: Facts) -> Say:
    about = _about(caller, facts)
    words: dict[str, Any] = {
        "caller": caller,
        "about": about,
        "topic": facts.routing.topic(about.topic).name,
        "said": "\n".join(caller.said),
    }
    rows: Rows = (
        (Button("file"),),
        (Button("change_topic"), Button("change_severity")),
        (Button("more"), Button("cancel")),
    )
    return Say("caller_complaint/check", words, rows, kind=Kind.STAFF)


CALLER_COMPLAINT = Dialog(
    "caller_complaint",
    Caller,
    steps=(
        look_up,
        recognise,
        tell_name,
        tell_salutation,
        tell_phone,
        hear,
        check,
        choose_topic,
        choose_severity,
    ),
    needs=frozenset({SOUGHT, ROUTING, COLLEAGUES}),
    authority={"file": anyone_of_staff},
    serves=Intent.COMPLAINT,
    relays=True,
)
