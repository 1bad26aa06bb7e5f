"""自检: every night, and whenever a manager asks, each complaint is held against its plan; managers read the result.

The looking itself takes long and happens outside (service/self_check.py), while this conversation waits at
`look_through`: so it is done again after a restart, and reported once however many processes look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dialogs.core import (
    Dialog,
    Effect,
    Entered,
    Event,
    Home,
    Kind,
    Say,
    Told,
    Turn,
    Wake,
    Woke,
    ask,
    stay,
    then,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dialogs.facts import Facts


@dataclass(frozen=True, slots=True)
class Watch:
    """When the next nightly check is planned, whether the one wanted now is that, and who asked in private."""

    planned: datetime | None = None
    nightly: bool = False
    asked: tuple[int, ...] = ()


def rest(watch: Watch, event: Event, facts: Facts) -> Turn:
    """Until the night, or until somebody asks."""
    match event:
        case Entered() if watch.planned is None:
            return ask(*_planned(watch, facts))
        case Entered():
            return ask(watch)
        case Told("opened"):
            return _opened(watch, facts)
        case Woke("nightly"):
            again, *effects = _planned(watch, facts)
            return then(look_through, replace(again, nightly=True), *effects)
        case Told("wanted", words):
            return then(look_through, _asked(watch, words))
        case _:
            return stay()


def look_through(watch: Watch, event: Event, facts: Facts) -> Turn:
    """The check is wanted: its result is brought to this step."""
    match event:
        case Entered():
            return ask(watch)
        case Told("examined", words):
            said = (Home(), *(Home(person=person) for person in watch.asked))
            reports = (Say("self_check/report", words, to=home, kind=Kind.STAFF, fresh=True) for home in said)
            return then(rest, Watch(watch.planned), *reports)
        case Told("opened"):
            return _opened(watch, facts)
        case Woke("nightly"):
            again, *effects = _planned(watch, facts)
            return ask(replace(again, nightly=True), *effects)
        case Told("wanted", words):
            return ask(_asked(watch, words))
        case _:
            return stay()


def _opened(watch: Watch, facts: Facts) -> Turn:
    """The bot has started: the store may want another time by now. What came due meanwhile rings by itself."""
    overdue = watch.planned is not None and watch.planned <= facts.now
    return stay() if overdue else ask(*_planned(watch, facts))


def _asked(watch: Watch, words: Mapping[str, Any]) -> Watch:
    person = int(words["person"])
    return replace(watch, asked=tuple(dict.fromkeys((*watch.asked, person)))) if person else watch


def _planned(watch: Watch, facts: Facts) -> tuple[Watch, Effect]:
    """The next night, in store time."""
    at = datetime.combine(facts.now.date(), facts.store.complaints.self_check_at, facts.now.tzinfo)
    if at <= facts.now:
        at = datetime.combine(at.date() + timedelta(days=1), at.time(), at.tzinfo)
    return replace(watch, planned=at), Wake("nightly", at)


SELF_CHECK = Dialog("self_check", Watch, steps=(rest, look_through), patient=True, lasting=True)
