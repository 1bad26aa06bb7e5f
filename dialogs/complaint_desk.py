"""The card of one leg of a complaint in its queue's topic: accept it, work on it, pass it on (C4–C8).

Whose it is, when it is due and what was reported is read from the complaint's history at every event; whoever may
press what is in the rows below (R2). One card per case and step: every change edits it, on every copy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialogs.complaint_alarms import ring, timers
from dialogs.complaint_card import card, materials, shown
from dialogs.complaint_contact import Contact
from dialogs.complaint_moves import (
    Held,
    closed,
    dispatched,
    entry,
    handed_up,
    is_major,
    managers_hear,
    noted,
    privately,
    returned,
)
from dialogs.complaint_owner import (
    is_fit,
    moved,
    overtaken,
    owned,
    owner,
    owner_or_level,
    there_to_accept,
    whoever_may_act,
)
from dialogs.complaint_report import Report
from dialogs.complaint_turns import changed, over, responsible, written
from dialogs.core import (
    Dialog,
    Effect,
    Entered,
    Event,
    Home,
    Kind,
    Open,
    Pressed,
    Record,
    Say,
    Toast,
    Told,
    Turn,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.effects import Classify, Note
from dialogs.facts import COLLEAGUES, COMPLAINT, ROUTING
from domain.complaint_chain import Leg, leg_called
from domain.complaint_routing import with_topic
from domain.complaints import ALARMS, Complaint, Entry, Happening, Severity
from domain.people import Queue, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialogs.facts import Facts

_ALARM_NAMES = frozenset(alarm.value for alarm in ALARMS)


def attend(held: Held, event: Event, facts: Facts) -> Turn:
    """What may happen to a card, from 接单 to the last word of its step."""
    complaint = facts.complaint
    leg = leg_called(held.leg, complaint.history) if complaint else None
    if complaint is None or leg is None or not leg.is_open:
        return done()
    match event:
        case Entered():
            return ask(held, card(held, complaint, facts, fresh=True), *timers(leg, facts))
        case Pressed(key, value) if (key, value) in shown(held, complaint, facts):
            return _pressed(held, complaint, leg, event, facts)
        case Woke(name, late) if name in _ALARM_NAMES:
            return ring(held, complaint, leg, Happening(name), facts, late=late)
        case Woke("pause_reminder") if leg.pause:
            words = {"number": complaint.number, "reason": leg.pause.reason, "since": leg.pause.begins}
            reminded = privately("complaint_desk/still_waiting", words, responsible(leg, facts))
            return stay(*reminded, *timers(leg, facts))
        case Told(news, words):
            return _told(held, complaint, leg, news, words, facts)
        case _:
            return stay(Toast("complaint_desk/press_please"))


def _pressed(held: Held, complaint: Complaint, leg: Leg, pressed: Pressed, facts: Facts) -> Turn:
    """A button that the card really shows, pressed by somebody who may (the rows below)."""
    match pressed:
        case Pressed("dispatch" | "hand_over" | "pause" | "classify" as face):
            return changed(replace(held, face=face, chosen=_proposed(complaint, face)), complaint, facts)
        case Pressed("back"):
            return changed(replace(held, face="", chosen=()), complaint, facts)
        case Pressed("department", queue):
            return changed(replace(held, chosen=_toggled(held.chosen, queue)), complaint, facts)
        case Pressed("right" | "topic" | "severity" as key, value):
            return _classified(held, complaint, key, value, facts)
        case Pressed("contact"):
            return stay(*_contact(complaint, leg, facts))
        case Pressed("look"):
            return stay(*materials(complaint, facts))
        case Pressed("fill"):
            form = Open("complaint_report", Report(leg.name), _private(facts), complaint.number)
            return stay(form, Toast("complaint_desk/go_private"))
        case Pressed("accept" | "to" | "release" | "because" | "go_on" as key, value):
            return owned(held, complaint, leg, key, value, facts)
        case _:
            return _moved_on(held, complaint, leg, pressed.key, facts)


def _moved_on(held: Held, complaint: Complaint, leg: Leg, key: str, facts: Facts) -> Turn:
    """The step is done; without its form only a department may say that it is not theirs (C8)."""
    if key in ("hand_up", "result", "close") and not leg.report:
        return stay(Toast("complaint_desk/report_first", alert=True))
    match key:
        case "hand_up":
            return over(complaint, leg, facts, handed_up(complaint, leg, facts))
        case "send":
            return _dispatched(held, complaint, leg, facts)
        case "result":
            return over(complaint, leg, facts, returned(complaint, leg, facts))
        case "decline":
            return over(complaint, leg, facts, returned(complaint, leg, facts, declined=True))
        case "close":
            return over(complaint, leg, facts, closed(complaint, leg, facts))
        case _:
            return stay(Toast("complaint_desk/press_please"))


# ---------------------------------------------------------------- what is known of it


def _told(
    held: Held, complaint: Complaint, leg: Leg, news: str, words: Mapping[str, Any], facts: Facts
) -> Turn:
    """What the form, the contact card, the customer or the service say about this case."""
    match news:
        case "reported" if words["leg"] == leg.name and facts.who.person_id == leg.owner:
            report = entry(Happening.REPORTED, facts, leg.name, **words["report"])
            return written(held, complaint, facts, report)
        case "contacted" if words["leg"] == leg.name:
            contacted = entry(Happening.CONTACTED, facts, leg.name, how=words["how"])
            return written(held, complaint, facts, contacted)
        case "added":
            return _added(held, complaint, leg, facts)
        case "owner_gone":
            return moved(held, complaint, leg, words, facts)
        case "stood_in" if not is_fit(leg, facts):
            return moved(held, complaint, leg, words, facts)
        case "show_to" if words["leg"] == leg.name:
            return stay(card(held, complaint, facts, to=int(words["person"])))
        case "unreachable":
            unread = {"number": complaint.number, "text": words["text"], "phone": complaint.by.phone}
            return stay(*privately("complaint_desk/unreachable", unread, responsible(leg, facts)))
        case "classified":
            return changed(held, complaint, facts)
        case _:
            return stay()


def _added(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Turn:
    """The customer said more: the clock runs again if it waited for that, and the owner reads it at once."""
    last = complaint.words[-1] if complaint.words else ""
    words = {"number": complaint.number, "said": last, "media": len(complaint.media)}
    also: tuple[Effect, ...] = ()
    if leg.owner:
        also = (Say("complaint_desk/added", words, to=Home(person=leg.owner), kind=Kind.STAFF),)
    if leg.pause:
        resumed = Entry(facts.now, Happening.RESUMED, leg.name, 0, "", {})
        return written(held, complaint, facts, resumed, news="resumed", also=also)
    return changed(held, complaint, facts, *also)


def _classified(held: Held, complaint: Complaint, key: str, value: str, facts: Facts) -> Turn:
    """A person confirms or corrects what the bot proposed (C2); 重大 goes up at once (C9)."""
    before = complaint.classification
    match key:
        case "topic":
            about = with_topic(before, facts.routing.topic(value))
        case "severity":
            about = replace(before, severity=Severity(value))
        case _:
            about = before
    after = replace(complaint, classification=about, confirmed=True)
    details = {"topic": about.topic, "severity": about.severity.value, "proposed": before.topic}
    entries = [entry(Happening.CLASSIFIED, facts, "", **details)]
    effects: list[Effect] = [Classify(complaint.number, about, confirmed=True)]
    if is_major(after):
        entries.append(entry(Happening.MAJOR, facts))
        effects += managers_hear(
            "complaint_desk/major", {"number": complaint.number}, facts, Role.AFTER_SALES_MANAGER
        )
    record = Record("complaint.classified", complaint.number, details)
    return changed(
        replace(held, face=""),
        noted(after, *entries),
        facts,
        Note(complaint.number, tuple(entries)),
        *effects,
        record,
    )


# ---------------------------------------------------------------- handing it on


def _dispatched(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Turn:
    if not held.chosen:
        return stay(Toast("complaint_desk/choose_first", alert=True))
    queues = tuple(Queue(each) for each in held.chosen)
    return over(complaint, leg, facts, dispatched(complaint, leg, queues, facts))


def _proposed(complaint: Complaint, face: str) -> tuple[str, ...]:
    return (complaint.classification.department.value,) if face == "dispatch" else ()


def _toggled(chosen: tuple[str, ...], queue: str) -> tuple[str, ...]:
    return tuple(each for each in chosen if each != queue) if queue in chosen else (*chosen, queue)


def _private(facts: Facts) -> Home:
    return Home(person=facts.who.person_id)


def _contact(complaint: Complaint, leg: Leg, facts: Facts) -> tuple[Effect, ...]:
    """联系客户: number and plate unmasked, in the private chat of who pressed; that is written down (A3)."""
    by = complaint.by
    contact = Contact(leg.name, by.name, by.phone, by.plate, by.person)
    return (
        Open("complaint_contact", contact, _private(facts), complaint.number),
        Record("phone.opened", complaint.number),
        Toast("complaint_desk/go_private"),
    )


COMPLAINT_DESK = Dialog(
    "complaint_desk",
    Held,
    steps=(attend,),
    needs=frozenset({COMPLAINT, COLLEAGUES, ROUTING}),
    authority={
        "accept": there_to_accept,
        **dict.fromkeys(
            ("fill", "hand_up", "dispatch", "department", "send", "result", "decline", "close"), owner
        ),
        **dict.fromkeys(("pause", "because", "go_on"), owner),
        **dict.fromkeys(("contact", "look", "hand_over", "to", "release"), owner_or_level),
        **dict.fromkeys(("classify", "right", "topic", "severity"), owner_or_level),
        "back": whoever_may_act,
    },
    overtaken=overtaken,
    patient=True,
    answers_for_news=True,
)
