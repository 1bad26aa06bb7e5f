"""不在岗: until when, from when, and who stands in (R4). By oneself, or by a manager for a colleague."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from dialogs.absence import Absence, chosen, named, subject_of, substitute_buttons
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Home,
    Kind,
    Open,
    Pressed,
    Record,
    Refused,
    Rows,
    Said,
    Say,
    Turn,
    ask,
    ask_again,
    done,
    then,
)
from dialogs.effects import Replace
from dialogs.facts import COLLEAGUES, Who
from dialogs.stand_in import StandIn
from domain.people import MANAGERS, Queue
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.moments import Moment

DAYS = {"today": 1, "tomorrow": 2, "three_days": 3, "week": 7}  # the first one counts
LENGTHS = {"一天": 1, "两天": 2, "三天": 3, "四天": 4, "五天": 5, "一周": 7, "一个星期": 7, "两周": 14}
LONGEST = timedelta(days=365)
CANCEL = (Button("cancel"),)
_TO = re.compile(r"到|至|—|~|-")
_BACK = re.compile(r"回")


@dataclass(frozen=True, slots=True)
class AbsenceForm:
    """What is known so far. `person` 0: whoever fills it in. No `begins`: from now on."""

    person: int = 0
    name: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


# ---------------------------------------------------------------- when


def tell_until(form: AbsenceForm, event: Event, facts: Facts) -> Turn:
    """Until when; from now on unless something else is said."""
    match event:
        case Entered() if form.name and not form.person:
            return _by_name(form, facts)
        case Entered():
            return ask(form, Say("absence/until", _words(form, facts), _until_buttons(form, facts)))
        case Pressed("later"):
            return then(tell_begin, form)
        case Pressed(key) if key in DAYS:
            return _until(form, _closing(_day(form, facts) + timedelta(days=DAYS[key] - 1), facts), facts)
        case Said(text):
            return _said_until(form, text, facts)
        case _:
            return ask_again(form, _until_again(form, facts))


def _by_name(form: AbsenceForm, facts: Facts) -> Turn:
    """A manager has typed whom it is about."""
    found = named(form.name, facts)
    if found is None:
        names = tuple(sorted(each.first_name for each in facts.colleagues))
        return done(Say("absence/who", {"name": form.name, "names": names}, kind=Kind.STAFF))
    if found.absent_until is not None:
        words = {"name": found.first_name, "ends": found.absent_until, "now": facts.now}
        return done(Say("absence/away_already", words, kind=Kind.STAFF))
    return then(tell_until, replace(form, person=found.person_id, name=found.first_name))


def _said_until(form: AbsenceForm, text: str, facts: Facts) -> Turn:
    if length := LENGTHS.get(text.strip()):
        return _until(form, _closing(_day(form, facts) + timedelta(days=length - 1), facts), facts)
    moment = _time(text, facts)
    if moment is None:
        return ask_again(form, _until_again(form, facts))
    if moment.grain == "minute" and moment.end is not None:
        return _until(replace(form, begins=moment.start), moment.end, facts)
    for mark in _TO.finditer(text):
        first, last = (_time(part, facts) for part in (text[: mark.start()], text[mark.end() :]))
        if first and last:
            begins = _begin_of(first, facts)
            return _until(replace(form, begins=begins), _end_of(last, text, begins, facts), facts)
    return _until(form, _end_of(moment, text, form.begins or facts.now, facts), facts)


def _until(form: AbsenceForm, ends: datetime, facts: Facts) -> Turn:
    begins = max(form.begins or facts.now, facts.now)
    if not begins < ends <= begins + LONGEST:
        return ask_again(form, _until_again(form, facts))
    return then(choose_substitute, replace(form, ends=ends))


def tell_begin(form: AbsenceForm, event: Event, facts: Facts) -> Turn:
    """From when, if not from now on."""
    match event:
        case Entered():
            opening = Button("at_opening", words=_words(form, facts) | {"begins": _next_opening(facts)})
            return ask(form, Say("absence/begin", _words(form, facts), ((opening,), CANCEL)))
        case Pressed("at_opening"):
            return then(tell_until, replace(form, begins=_next_opening(facts)))
        case Said(text) if (moment := _time(text, facts)) and _begin_of(moment, facts) > facts.now:
            return then(tell_until, replace(form, begins=_begin_of(moment, facts)))
        case _:
            return ask_again(form, Say("absence/begin_again", _words(form, facts), (CANCEL,)))


def _time(text: str, facts: Facts) -> Moment | None:
    return understand(text, facts.now).moment


def _begin_of(moment: Moment, facts: Facts) -> datetime:
    """A day begins when the store opens."""
    if moment.grain == "day":
        spans = facts.calendar.open_spans(moment.start.date())
        return spans[0].start if spans else moment.start
    return _in_working_hours(moment, facts.now)


def _end_of(moment: Moment, text: str, begins: datetime, facts: Facts) -> datetime:
    """A day ends when the store closes; who is back that day is back when it opens."""
    if moment.grain == "day":
        if _BACK.search(text):
            return _begin_of(moment, facts)
        last = moment.end - timedelta(seconds=1) if moment.end else moment.start
        return _closing(last.date(), facts)
    if moment.grain == "daypart" and moment.end is not None:
        return moment.end
    return _in_working_hours(moment, begins)


def _in_working_hours(moment: Moment, after: datetime) -> datetime:
    """明天3点 is the afternoon; 5点 is the one that is still to come."""
    other = moment.other_reading
    if other is not None and (moment.start <= after or moment.start.time() < time(7)) and other > after:
        return other
    return moment.start


def _closing(day: date, facts: Facts) -> datetime:
    spans = facts.calendar.open_spans(day)
    return spans[-1].end if spans else datetime.combine(day, time(23, 59), facts.now.tzinfo)


def _next_opening(facts: Facts) -> datetime:
    return facts.calendar.next_opening(facts.now)


def _day(form: AbsenceForm, facts: Facts) -> date:
    return (form.begins or facts.now).date()


def _until_buttons(form: AbsenceForm, facts: Facts) -> Rows:
    later = form.begins is not None
    today = _closing(_day(form, facts), facts) > (form.begins or facts.now)
    first = [Button("today", label="same_day" if later else "")] if today else []
    first.append(Button("tomorrow", label="next_day" if later else ""))
    last = CANCEL if later else (Button("later"), *CANCEL)
    return tuple(first), (Button("three_days"), Button("week")), last


def _until_again(form: AbsenceForm, facts: Facts) -> Say:
    return Say("absence/until_again", _words(form, facts), _until_buttons(form, facts))


# ---------------------------------------------------------------- who


def choose_substitute(form: AbsenceForm, event: Event, facts: Facts) -> Turn:
    """Who stands in: by button, or by name."""
    match event:
        case Refused(_, "twice" | "over" as reason):
            again = replace(form, begins=None, ends=None)
            return then(tell_until, again, Say("absence/cannot", _words(form, facts) | {"reason": reason}))
        case Refused(_, reason):
            return _substitutes(form, facts, Say("absence/cannot", _words(form, facts) | {"reason": reason}))
        case Entered():
            return _substitutes(form, facts, Say("absence/substitute", _words(form, facts)))
        case Pressed("substitute", number) if found := chosen(number, facts):
            return _named(form, found, facts)
        case Said(text) if found := named(text, facts):
            return _named(form, found, facts)
        case _:
            rows = (*substitute_buttons(_absent(form, facts), facts), CANCEL)
            return ask_again(form, Say("absence/substitute_again", _words(form, facts), rows))


def _substitutes(form: AbsenceForm, facts: Facts, question: Say) -> Turn:
    rows = substitute_buttons(_absent(form, facts), facts)
    if not rows:
        return done(Say("absence/nobody", _words(form, facts), keyboard="staff"))
    return ask(form, replace(question, buttons=(*rows, CANCEL)))


def _named(form: AbsenceForm, substitute: Who, facts: Facts) -> Turn:
    """It takes effect at once; where no manager named the substitute, the managers are asked to look at it."""
    assert form.ends is not None
    manager = not MANAGERS.isdisjoint(facts.who.roles)
    absent = _absent(form, facts)
    if absent.person_id != facts.who.person_id and not manager:
        refused = Record("absence.refused", subject_of(absent.person_id))
        return done(Say("staff_desk/managers_only", kind=Kind.STAFF), refused)
    absence = Absence(
        absent.person_id,
        form.name or absent.first_name,
        max(form.begins or facts.now, facts.now).replace(microsecond=0),
        form.ends,
        substitute.person_id,
        substitute.first_name,
    )
    subject = subject_of(absence.person)
    details = {"person": absence.person, "substitute": absence.substitute}
    times = {"begins": absence.begins, "ends": absence.ends}
    card = StandIn(absence, by=facts.who.first_name, proposed=not manager)
    words = _words(form, facts) | {"begins": absence.begins, "substitute": substitute.first_name}
    return done(
        Replace(absence.person, absence.substitute, absence.begins, absence.ends),
        Say("absence/named", words, kind=Kind.STAFF),
        Record("absence.named", subject, details | times),
        Open("away", absence, Home(person=absence.person), subject),
        Open("stand_in", card, Home(queue=Queue.AFTER_SALES), subject),
    )


def _absent(form: AbsenceForm, facts: Facts) -> Who:
    """Whom it is about."""
    person = form.person or facts.home_person
    return facts.colleague(person) or Who(person, form.name or facts.who.first_name)


def _words(form: AbsenceForm, facts: Facts) -> dict[str, Any]:
    about = form.name if form.person else ""
    return {"name": about, "begins": form.begins, "ends": form.ends, "now": facts.now}


ABSENCE = Dialog(
    "absence",
    AbsenceForm,
    steps=(tell_until, tell_begin, choose_substitute),
    needs=frozenset({COLLEAGUES}),
)
