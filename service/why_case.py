"""Why is a complaint due when it is: how each of its deadlines came about, line by line, for staff (C4, C6, C7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.complaint_story import (
    Begun,
    Captured,
    Counted,
    Due,
    Ended,
    HeldUp,
    Line,
    Paused,
    Rang,
    Silent,
    story,
)
from domain.complaints import Happening
from scripts_zh.phrases import phrase
from service.why_times import from_to, lateness, length, moment, percent

if TYPE_CHECKING:
    from datetime import tzinfo

    from domain.complaints import Complaint, Entry
    from service.house import House

GROUP = "why_case"


def lines(complaint: Complaint, house: House) -> list[str]:
    """The story of `complaint` in store time. Raises NeverOpen when the store never opens to count its time."""
    zone = house.calendar.zone
    facts = story(complaint, house.calendar, house.store.complaints)
    return [sentence for fact in facts for sentence in _sentences(fact, zone)]


def _sentences(fact: Line, zone: tzinfo) -> list[str]:
    match fact:
        case Captured():
            origin = _say(f"origin_{fact.origin.value}")
            return [_say("captured", number=fact.number, at=moment(fact.at, zone), origin=origin)]
        case Begun():
            return _begun(fact, zone)
        case Counted():
            begins, ends = from_to(fact.begins, fact.ends, zone)
            counted = {"length": length(fact.length), "total": length(fact.total)}
            return [_say("counted", begins=begins, ends=ends, **counted)]
        case Paused():
            return [_paused(fact, zone)]
        case Due() | HeldUp():
            return [_due(fact, zone)]
        case Rang() | Silent():
            return [_rung(fact, zone)]
        case Ended():
            return [_ended(fact, zone)]


def _begun(fact: Begun, zone: tzinfo) -> list[str]:
    leg = fact.leg
    step, queue = phrase("complaint_step", leg.step.value), phrase("queue", leg.queue.value)
    title = _say("leg_again" if leg.round > 1 else "leg", step=step, queue=queue, round=leg.round)
    why = _cause(fact.cause) if fact.cause else ""
    key = "begun" + ("_by" if fact.who else "") + ("_because" if why else "")
    clock = "clock_business" if leg.business else "clock_wall"
    return [
        title,
        _say(key, at=moment(fact.at, zone), who=fact.who, why=why),
        _say(clock, length=length(fact.allowance)),
    ]


def _cause(entry: Entry) -> str:
    if entry.happening is Happening.ENDED:
        return _say("cause_ended", step=phrase("complaint_step", entry.leg.split(".")[0]))
    return _say(f"cause_{entry.happening.value}")


def _paused(fact: Paused, zone: tzinfo) -> str:
    pause = fact.pause
    if pause.ends is None or fact.spared is None:
        return _say("pausing", begins=moment(pause.begins, zone), reason=pause.reason)
    begins, ends = from_to(pause.begins, pause.ends, zone)
    key = "paused" if fact.in_time else "paused_late"
    return _say(key, begins=begins, ends=ends, reason=pause.reason, spared=length(fact.spared))


def _due(fact: Due | HeldUp, zone: tzinfo) -> str:
    words = {"percent": percent(fact.share), "alarm": _alarm(fact.alarm)}
    if isinstance(fact, HeldUp):
        return _say("held_up", left=length(fact.left), **words)
    return _say("due", at=moment(fact.at, zone), length=length(fact.allowance), **words)


def _rung(fact: Rang | Silent, zone: tzinfo) -> str:
    at, alarm = moment(fact.at, zone), _alarm(fact.alarm)
    if isinstance(fact, Silent):
        return _say("silent", at=at, alarm=alarm)
    if fact.late is None:
        return _say("rang_unplanned", at=at, alarm=alarm)
    return _say("rang", at=at, alarm=alarm, late=lateness(fact.late))


def _ended(fact: Ended, zone: tzinfo) -> str:
    late = lateness(fact.late, "overdue", "in_time")
    return _say("ended_by" if fact.who else "ended", at=moment(fact.at, zone), who=fact.who, late=late)


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)


def _alarm(alarm: Happening) -> str:
    return _say(f"alarm_{alarm.value}")
