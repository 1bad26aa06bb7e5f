"""The card of one leg of a complaint in its queue's topic: accept it, work on it, pass it on (C4–C8).

Whose it is, when it is due and what was reported is read from the complaint's history at every event; whoever may
press what is in the rows below (R2). One card per case and step: every change edits it, on every copy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialogs.complaint_alarms import overdue, ring, timers
from dialogs.complaint_card import card, last_face, materials, shown, words_of
from dialogs.complaint_contact import Contact
from dialogs.complaint_moves import (
    Held,
    closed,
    customer_hears,
    dispatched,
    entry,
    handed_up,
    is_major,
    managers_hear,
    noted,
    present,
    privately,
    returned,
    somebody,
)
from dialogs.complaint_report import Report
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
from domain.complaint_chain import Leg, beginning, leg_called, leg_name
from domain.complaint_ladder import may_own, owners
from domain.complaint_routing import with_topic
from domain.complaints import ALARMS, Complaint, Entry, Happening, Severity, Step
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
            reminded = privately("complaint_desk/still_waiting", words, _responsible(leg, facts))
            return stay(*reminded, *timers(leg, facts))
        case Told(news, words):
            return _told(held, complaint, leg, news, words, facts)
        case _:
            return stay(Toast("complaint_desk/press_please"))


def _pressed(held: Held, complaint: Complaint, leg: Leg, pressed: Pressed, facts: Facts) -> Turn:
    """A button that the card really shows, pressed by somebody who may (the rows below)."""
    match pressed:
        case Pressed("dispatch" | "hand_over" | "pause" | "classify" as face):
            return _changed(replace(held, face=face, chosen=_proposed(complaint, face)), complaint, facts)
        case Pressed("back"):
            return _changed(replace(held, face="", chosen=()), complaint, facts)
        case Pressed("department", queue):
            return _changed(replace(held, chosen=_toggled(held.chosen, queue)), complaint, facts)
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
            return _owned(held, complaint, leg, key, value, facts)
        case _:
            return _moved_on(held, complaint, leg, pressed.key, facts)


def _owned(held: Held, complaint: Complaint, leg: Leg, key: str, value: str, facts: Facts) -> Turn:
    """Who owns the step changes, or its clock stands still and goes on."""
    match key:
        case "accept":
            return _accepted(held, complaint, leg, facts)
        case "to":
            return _handed_over(held, complaint, leg, int(value), facts)
        case "release":
            released = entry(Happening.RELEASED, facts, leg.name)
            also = _waits_again(complaint, leg, facts)
            return _noted(replace(held, face=""), complaint, facts, released, news="waiting", also=also)
        case "because" if not leg.pause:
            paused = entry(Happening.PAUSED, facts, leg.name, reason=value)
            return _noted(replace(held, face=""), complaint, facts, paused, news="paused")
        case "go_on" if leg.pause:
            return _noted(held, complaint, facts, entry(Happening.RESUMED, facts, leg.name), news="resumed")
        case _:
            return stay(Toast("complaint_desk/press_please"))


def _moved_on(held: Held, complaint: Complaint, leg: Leg, key: str, facts: Facts) -> Turn:
    """The step is done; without its form only a department may say that it is not theirs (C8)."""
    if key in ("hand_up", "result", "close") and not leg.report:
        return stay(Toast("complaint_desk/report_first", alert=True))
    match key:
        case "hand_up":
            return _over(complaint, leg, facts, handed_up(complaint, leg, facts))
        case "send":
            return _dispatched(held, complaint, leg, facts)
        case "result":
            return _over(complaint, leg, facts, returned(complaint, leg, facts))
        case "decline":
            return _over(complaint, leg, facts, returned(complaint, leg, facts, declined=True))
        case "close":
            return _over(complaint, leg, facts, closed(complaint, leg, facts))
        case _:
            return stay(Toast("complaint_desk/press_please"))


# ---------------------------------------------------------------- whose it is


def _accepted(held: Held, complaint: Complaint, leg: Leg, facts: Facts) -> Turn:
    """接单: whoever presses first owns it. The form accepted, the supervisor's own handling begins (C4.1, C4.2)."""
    accepted = entry(Happening.ACCEPTED, facts, leg.name)
    if leg.step is not Step.INTAKE:
        return _noted(held, complaint, facts, accepted, news="accepted")
    following = leg_name(Step.HANDLING, Queue.FRONT_DESK, leg.round)
    missed, rung = overdue(complaint, leg, facts)
    entries = (
        accepted,
        entry(Happening.ENDED, facts, leg.name),
        entry(Happening.BEGUN, facts, following, **beginning(Step.HANDLING, facts.store.complaints)),
        entry(Happening.ACCEPTED, facts, following),
    )
    turn = _noted(Held(following), noted(complaint, *missed), facts, *entries, news="accepted")
    return replace(turn, effects=(*rung, *turn.effects))  # what should have rung before still does (C6)


def _handed_over(held: Held, complaint: Complaint, leg: Leg, person: int, facts: Facts) -> Turn:
    """转交: another colleague who may own the step has it from now on, and hears so."""
    to = somebody(person, facts)
    if to is None or not may_own(to.roles, leg.step, leg.queue):
        return stay(Toast("complaint_desk/cannot_own"))
    handed = entry(Happening.HANDED_OVER, facts, leg.name, to=to.person_id, to_name=to.first_name)
    words = {"number": complaint.number, "who": facts.who.first_name}
    told = Say("complaint_desk/handed_to_you", words, to=Home(person=to.person_id), kind=Kind.STAFF)
    return _noted(replace(held, face=""), complaint, facts, handed, news="accepted", also=(told,))


def _moved(held: Held, complaint: Complaint, leg: Leg, words: Mapping[str, Any], facts: Facts) -> Turn:
    """The owner is away or gone: their substitute has it, or nobody until somebody accepts it (R3, R4)."""
    to = somebody(int(words.get("to", 0)), facts)
    if leg.owner != words["person"]:
        return stay()
    held = replace(held, face="", chosen=())  # what the card asked its former owner is asked no more
    if to is None or not may_own(to.roles, leg.step, leg.queue):
        released = entry(Happening.RELEASED, facts, leg.name)
        also = _waits_again(complaint, leg, facts)
        return _noted(held, complaint, facts, released, news="waiting", also=also)
    handed = entry(Happening.HANDED_OVER, facts, leg.name, to=to.person_id, to_name=to.first_name)
    moved = card(held, noted(complaint, handed), facts, to=to.person_id)
    return _noted(held, complaint, facts, handed, news="accepted", also=(moved,))


def _waits_again(complaint: Complaint, leg: Leg, facts: Facts) -> tuple[Say, ...]:
    """The changed card alone rings nobody: a line at the desk says that somebody has to accept it anew (R3)."""
    words = words_of(complaint, leg, facts)
    return (Say("complaint_desk/waits_again", words, kind=Kind.STAFF, fresh=True),)


def _is_fit(leg: Leg, facts: Facts) -> bool:
    """Whether whoever has the step may own it by the roles they hold now."""
    who = somebody(leg.owner, facts)
    return who is not None and may_own(who.roles, leg.step, leg.queue)


# ---------------------------------------------------------------- what is known of it


def _told(
    held: Held, complaint: Complaint, leg: Leg, news: str, words: Mapping[str, Any], facts: Facts
) -> Turn:
    """What the form, the contact card, the customer or the service say about this case."""
    match news:
        case "reported" if words["leg"] == leg.name and facts.who.person_id == leg.owner:
            report = entry(Happening.REPORTED, facts, leg.name, **words["report"])
            return _noted(held, complaint, facts, report)
        case "contacted" if words["leg"] == leg.name:
            contacted = entry(Happening.CONTACTED, facts, leg.name, how=words["how"])
            return _noted(held, complaint, facts, contacted)
        case "added":
            return _added(held, complaint, leg, facts)
        case "owner_gone":
            return _moved(held, complaint, leg, words, facts)
        case "stood_in" if not _is_fit(leg, facts):
            return _moved(held, complaint, leg, words, facts)
        case "show_to" if words["leg"] == leg.name:
            return stay(card(held, complaint, facts, to=int(words["person"])))
        case "unreachable":
            unread = {"number": complaint.number, "text": words["text"], "phone": complaint.by.phone}
            return stay(*privately("complaint_desk/unreachable", unread, _responsible(leg, facts)))
        case "classified" | "moved_on":
            return _changed(held, complaint, facts)
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
        return _noted(held, complaint, facts, resumed, news="resumed", also=also)
    return _changed(held, complaint, facts, *also)


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
    return _changed(
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
    return _over(complaint, leg, facts, dispatched(complaint, leg, queues, facts))


def _over(complaint: Complaint, leg: Leg, facts: Facts, moves: tuple[Effect, ...]) -> Turn:
    """The leg is done: its card says by whom and when. What should have rung before still does (C6)."""
    missed, effects = overdue(complaint, leg, facts)
    ended = next(each for each in moves if isinstance(each, Note))
    record = Record("complaint.moved", complaint.number, {"leg": leg.name})
    after = noted(complaint, *missed, *ended.entries)
    return done(*effects, *moves, record, last_face(after, leg.name, facts))


def _noted(
    held: Held,
    complaint: Complaint,
    facts: Facts,
    *entries: Entry,
    news: str = "",
    also: tuple[Effect, ...] = (),
) -> Turn:
    """Write `entries`; the card shows them, its timers follow, and the customer's sheet too."""
    after = noted(complaint, *entries)
    leg = leg_called(held.leg, after.history)
    told = (customer_hears(complaint, news, leg.owner_name if leg else ""),) if news else ()
    record = Record(
        f"complaint.{entries[0].happening.value}",
        complaint.number,
        {"leg": entries[0].leg, **_ids(entries[0])},
    )
    return _changed(held, after, facts, Note(complaint.number, entries), record, *told, *also)


def _ids(first: Entry) -> dict[str, Any]:
    """Of the details only what is no free text: the audit log keeps no words of people (R5)."""
    return {key: value for key, value in first.details.items() if key in ("to", "reason", "how")}


def _changed(held: Held, complaint: Complaint, facts: Facts, *effects: Effect) -> Turn:
    leg = leg_called(held.leg, complaint.history)
    assert leg is not None
    return ask(held, *effects, card(held, complaint, facts), *timers(leg, facts))


def _proposed(complaint: Complaint, face: str) -> tuple[str, ...]:
    return (complaint.classification.department.value,) if face == "dispatch" else ()


def _toggled(chosen: tuple[str, ...], queue: str) -> tuple[str, ...]:
    return tuple(each for each in chosen if each != queue) if queue in chosen else (*chosen, queue)


def _responsible(leg: Leg, facts: Facts) -> tuple[int, ...]:
    """Its owner; while it has none, everybody there who may own it."""
    return (leg.owner,) if leg.owner else present(facts, *owners(leg.step, leg.queue))


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


# ---------------------------------------------------------------- who may


def _leg(held: Held, facts: Facts) -> Leg | None:
    return leg_called(held.leg, facts.complaint.history) if facts.complaint else None


def may_accept(held: Held, facts: Facts) -> bool:
    """Whoever's role owns the step at this desk."""
    leg = _leg(held, facts)
    return leg is not None and may_own(facts.who.roles, leg.step, leg.queue)


def there_to_accept(held: Held, facts: Facts) -> bool:
    """Those, unless they are away: an open step has an owner who is there (R4)."""
    return facts.who.absent_until is None and may_accept(held, facts)


def owner(held: Held, facts: Facts) -> bool:
    """Whoever accepted it (or got it handed over), as long as they may own it."""
    leg = _leg(held, facts)
    return leg is not None and leg.owner == facts.who.person_id and may_accept(held, facts)


def owner_or_level(held: Held, facts: Facts) -> bool:
    """The owner, the after-sales manager, the general manager."""
    above = {Role.AFTER_SALES_MANAGER, Role.GENERAL_MANAGER}
    return owner(held, facts) or not above.isdisjoint(facts.who.roles)


def whoever_may_act(held: Held, facts: Facts) -> bool:
    """Those, and while nobody has it whoever may accept it: a question left on the card must not hide 接单."""
    leg = _leg(held, facts)
    return owner_or_level(held, facts) or (leg is not None and not leg.owner and may_accept(held, facts))


def overtaken(held: Held, facts: Facts, key: str) -> Toast | None:
    """Of two who press 接单 together one owns it; the other reads who (C4)."""
    leg = _leg(held, facts)
    if key != "accept" or leg is None or not leg.owner:
        return None
    return Toast("complaint_desk/taken", {"who": leg.owner_name})


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
)
