"""How days, times, money, plates and phone numbers are written in our messages: the scripts' filters."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from domain.phones import Phone
from domain.plates import Plate
from domain.privacy import masked
from scripts_zh.phrases import groups, phrase

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, tzinfo
    from decimal import Decimal

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
NEAR_DAYS = ("今天", "明天", "后天")


def filters(zone: tzinfo) -> dict[str, Callable[..., Any]]:
    """The filters by name; times are shown in `zone`, the store's."""

    def clock(moment: datetime | time) -> str:
        """15:00, of a moment (in store time) or of a plain time of day."""
        shown = moment.astimezone(zone) if isinstance(moment, datetime) else moment
        return f"{shown.hour:02}:{shown.minute:02}"

    def day(moment: datetime | date) -> str:
        """11月24日 周二, of a moment (in store time) or of a plain day."""
        return written_day(_day_of(moment, zone))

    def when(moment: datetime, now: datetime) -> str:
        """明天 11月24日 周二 15:00; the first word only for today and the two days after it."""
        return f"{day_seen_from(_day_of(moment, zone), _day_of(now, zone))} {clock(moment)}"

    def near_day(moment: datetime | date, now: datetime) -> str:
        """明天 11月24日 周二."""
        return day_seen_from(_day_of(moment, zone), _day_of(now, zone))

    def short_day(moment: datetime | date, now: datetime) -> str:
        """明天 周二 or 11/24 周二: what fits on a button."""
        shown, today = _day_of(moment, zone), _day_of(now, zone)
        ahead = (shown - today).days
        first = NEAR_DAYS[ahead] if 0 <= ahead < len(NEAR_DAYS) else f"{shown.month}/{shown.day}"
        return f"{first} {WEEKDAYS[shown.weekday()]}"

    return {
        "clock": clock,
        "day": day,
        "when": when,
        "near_day": near_day,
        "short_day": short_day,
        "money": money,
        "plate": plate,
        "phone": phone,
        "masked_plate": masked_plate,
        "masked_phone": masked_phone,
        "masked": masked,
        "lasting": lasting,
        "named": named,
        "because": because,
        "percent": percent,
        "fold": fold,
    }


def _day_of(moment: datetime | date, zone: tzinfo) -> date:
    # A datetime is a date too, so ask for what only a moment has.
    return moment.astimezone(zone).date() if hasattr(moment, "astimezone") else moment


def written_day(day: date) -> str:
    """11月24日 周二."""
    return f"{day.month}月{day.day}日 {WEEKDAYS[day.weekday()]}"


def day_seen_from(day: date, today: date) -> str:
    """The day with 今天, 明天 or 后天 before it where that says more."""
    ahead = (day - today).days
    near = f"{NEAR_DAYS[ahead]} " if 0 <= ahead < len(NEAR_DAYS) else ""
    return near + written_day(day)


def money(yuan: Decimal) -> str:
    """¥1,280 or ¥12.50: 分 are written only where there are some."""
    return f"¥{yuan:,.0f}" if yuan == yuan.to_integral_value() else f"¥{yuan:,.2f}"


def percent(share: Decimal) -> str:
    """5% or 12.5%, of the share that is taken off."""
    return f"{(share * 100).normalize():f}%"


def fold(share: Decimal) -> str:
    """9.5 折, of the share that is taken off: what is left is named, in tenths."""
    return f"{((1 - share) * 10).normalize():f} 折"


def plate(normal: str) -> str:
    """粤B·12345, as it is printed on the metal."""
    return f"{normal[:2]}·{normal[2:]}"


def masked_plate(normal: str) -> str:
    """粤B·1**45: who has the car before them still recognises it, nobody else does (A3)."""
    try:
        return Plate(normal).masked
    except ValueError:
        return "***"


def phone(number: str) -> str:
    """138 1234 5678."""
    try:
        return Phone(number).display
    except ValueError:
        return number


def masked_phone(number: str) -> str:
    """138****5678 (A3)."""
    try:
        return Phone(number).masked
    except ValueError:
        return "****"


def named(value: str, group: str) -> str:
    """The Chinese word for one of our codes, from `group` of phrases.yaml: ``about.category|named("category")``."""
    return phrase(group, str(value))


def because(reason: str, group: str = "change_reason") -> str:
    """Why: one of the usual reasons by its code, from `group` of phrases.yaml, or the words that somebody typed."""
    return groups()[group].get(reason, reason)


def lasting(minutes: int) -> str:
    """1 小时 30 分钟."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} 小时"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} 分钟")
    return " ".join(parts)
