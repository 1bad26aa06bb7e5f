"""Why is a complaint due when it is: how each of its deadlines came about, line by line, for staff (C4, C6, C7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
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
from scripts_zh.wording import lasting, written_day

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
            return [_say("captured", number=fact.number, at=_at(fact.at, zone), origin=origin)]
        case Begun():
            return _begun(fact, zone)
        case Counted():
            begins, ends = _from_to(fact.begins, fact.ends, zone)
            length, total = _length(fact.length), _length(fact.total)
            return [_say("counted", begins=begins, ends=ends, length=length, total=total)]
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
        _say(key, at=_at(fact.at, zone), who=fact.who, why=why),
        _say(clock, length=_length(fact.allowance)),
    ]


def _cause(entry: Entry) -> str:
    if entry.happening is Happening.ENDED:
        return _say("cause_ended", step=phrase("complaint_step", entry.leg.split(".")[0]))
    return _say(f"cause_{entry.happening.value}")


def _paused(fact: Paused, zone: tzinfo) -> str:
    pause = fact.pause
    if pause.ends is None or fact.spared is None:
        return _say("pausing", begins=_at(pause.begins, zone), reason=pause.reason)
    begins, ends = _from_to(pause.begins, pause.ends, zone)
    key = "paused" if fact.in_time else "paused_late"
    return _say(key, begins=begins, ends=ends, reason=pause.reason, spared=_length(fact.spared))


def _due(fact: Due | HeldUp, zone: tzinfo) -> str:
    words = {"percent": _percent(fact.share), "alarm": _alarm(fact.alarm)}
    if isinstance(fact, HeldUp):
        return _say("held_up", left=_length(fact.left), **words)
    return _say("due", at=_at(fact.at, zone), length=_length(fact.allowance), **words)


def _rung(fact: Rang | Silent, zone: tzinfo) -> str:
    at, alarm = _at(fact.at, zone), _alarm(fact.alarm)
    if isinstance(fact, Silent):
        return _say("silent", at=at, alarm=alarm)
    if fact.late is None:
        return _say("rang_unplanned", at=at, alarm=alarm)
    return _say("rang", at=at, alarm=alarm, late=_late(fact.late, "late", "early"))


def _ended(fact: Ended, zone: tzinfo) -> str:
    late = _late(fact.late, "overdue", "in_time")
    return _say("ended_by" if fact.who else "ended", at=_at(fact.at, zone), who=fact.who, late=late)


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)


def _alarm(alarm: Happening) -> str:
    return _say(f"alarm_{alarm.value}")


def _late(by: timedelta, late: str, early: str) -> str:
    if abs(by) < timedelta(seconds=1):
        return _say("on_time")
    return _say(late if by > timedelta(0) else early, length=_length(abs(by)))


def _length(length: timedelta) -> str:
    """12 小时, 1 小时 30 分钟 5 秒: to the second, what is less is left out."""
    minutes, seconds = divmod(length // timedelta(seconds=1), 60)
    if not seconds:
        return lasting(minutes)
    rest = _say("seconds", seconds=seconds)
    return _say("length", minutes=lasting(minutes), seconds=rest) if minutes else rest


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}"


def _at(moment: datetime, zone: tzinfo) -> str:
    """11月23日 周一 10:00, with seconds where there are some."""
    local = moment.astimezone(zone)
    return f"{written_day(local.date())} {_clock(local)}"


def _from_to(begins: datetime, ends: datetime, zone: tzinfo) -> tuple[str, str]:
    """Both moments; the second without its day when it is the same."""
    first, second = begins.astimezone(zone), ends.astimezone(zone)
    same_day = first.date() == second.date()
    return _at(begins, zone), _clock(second) if same_day else _at(ends, zone)


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
