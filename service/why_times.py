"""Moments, lengths and shares as the stories of `why` tell them: to the second, in store time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scripts_zh.phrases import phrase
from scripts_zh.wording import lasting, written_day

if TYPE_CHECKING:
    from datetime import tzinfo
    from decimal import Decimal

GROUP = "why_times"
INSTANT = timedelta(seconds=1)  # what is nearer than this to its moment is on time


def moment(at: datetime, zone: tzinfo) -> str:
    """11月23日 周一 10:00, with seconds where there are some."""
    local = at.astimezone(zone)
    return f"{written_day(local.date())} {_clock(local)}"


def from_to(begins: datetime, ends: datetime, zone: tzinfo) -> tuple[str, str]:
    """Both moments; the second without its day when it is the same."""
    first, second = begins.astimezone(zone), ends.astimezone(zone)
    same_day = first.date() == second.date()
    return moment(begins, zone), _clock(second) if same_day else moment(ends, zone)


def length(of: timedelta) -> str:
    """12 小时, 1 小时 30 分钟 5 秒: to the second, what is less is left out."""
    minutes, seconds = divmod(of // timedelta(seconds=1), 60)
    if not seconds:
        return lasting(minutes)
    rest = phrase(GROUP, "seconds", seconds=seconds)
    return phrase(GROUP, "length", minutes=lasting(minutes), seconds=rest) if minutes else rest


def lateness(by: timedelta, late: str = "late", early: str = "early") -> str:
    """How much later than its moment something happened; `late` and `early` are phrases of ours."""
    if abs(by) < INSTANT:
        return phrase(GROUP, "on_time")
    return phrase(GROUP, late if by > timedelta(0) else early, length=length(abs(by)))


def percent(share: Decimal) -> str:
    """75 for 0.75, 12.5 for 0.125."""
    return f"{(share * 100).normalize():f}"


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
