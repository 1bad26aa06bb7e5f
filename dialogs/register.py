"""The appointment register 预约登记表 of today and the six days after it, for colleagues (B7)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from dialogs.core import Dialog, Event, Kind, Say, Turn, done
from dialogs.facts import REGISTER
from domain.appointments import AppointmentState

if TYPE_CHECKING:
    from dialogs.facts import Facts

MOST_LINES = 80  # what one message holds
GONE = frozenset({AppointmentState.HELD, AppointmentState.CANCELLED, AppointmentState.RELEASED})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Nothing has to be remembered: the register is shown at once."""


def show(wanted: Wanted, event: Event, facts: Facts) -> Turn:
    """Day by day, plates masked: a message is easily passed on (A3)."""
    names = {service.code: service.name for service in facts.store.services}
    kept = [each for each in facts.register if each.state not in GONE]
    lines = [(each, names.get(each.service, each.service)) for each in kept[:MOST_LINES]]
    if not lines:
        return done(Say("register/empty", kind=Kind.STAFF))
    zone = facts.now.tzinfo
    by_day = groupby(lines, key=lambda line: line[0].starts_at.astimezone(zone).date())
    days = tuple((day, tuple(rows)) for day, rows in by_day)
    words = {"days": days, "now": facts.now, "left_out": len(kept) - len(lines)}
    return done(Say("register/table", words, kind=Kind.STAFF))


REGISTER_SHEET = Dialog("register", Wanted, steps=(show,), needs=frozenset({REGISTER}), patient=True)
