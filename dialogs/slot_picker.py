"""Choosing a day and a time: the two cards, typed times, and a kind no with the nearest three offers (B3, B4, B11).

Booking, moving and the shop's own proposal all ask for a time here, in the same words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from dialogs.core import Button, Event, Pressed, Said, Say
from dialogs.keyboard import in_rows
from domain.moments import Moment
from domain.slots import Busy, DayOffer, Offer, Refusal
from domain.store import Service
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.facts import Facts

DAYS_AT_ONCE = 10
MINUTE_OF_VALUE = "%Y-%m-%dT%H:%M"
NOT_AT_ALL = frozenset({Refusal.PAST, Refusal.CLOSED_DAY, Refusal.OUTSIDE_HOURS, Refusal.BREAK})
"""Reasons for which the other half of the dial is tried when an hour was said without 上午 or 下午."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A start that may be booked now."""

    start: datetime


@dataclass(frozen=True, slots=True)
class DayChosen:
    """A day whose times are wanted; between `since` and `until` o'clock when a part of the day was named."""

    day: date
    since: int = 0
    until: int = 24


@dataclass(frozen=True, slots=True)
class OtherDays:
    """The day card from the `skip`-th day on."""

    skip: int = 0


@dataclass(frozen=True, slots=True)
class Declined:
    """A time or day that cannot be had; the answer names the reason and the nearest offers to `wanted`.

    `whole_day`: no time of that day was named, `wanted` is its noon.
    """

    reason: Refusal
    wanted: datetime
    whole_day: bool = False


Choice = Chosen | DayChosen | OtherDays | Declined

# ---------------------------------------------------------------- what was chosen


def choice(event: Event, service: Service, facts: Facts, seen: date | None = None) -> Choice | None:
    """What a press or typed words choose; None when they choose no time. `seen`: the day whose times are shown."""
    match event:
        case Pressed("day", value):
            return _day_pressed(value, service, facts)
        case Pressed("slot" | "offer", value):
            return _slot_pressed(value, service, facts)
        case Pressed("days", value):
            return OtherDays(int(value) if re.fullmatch("[0-9]{1,3}", value) else 0)
        case Said(text):
            moment = understand(text, facts.now).moment
            return (
                moment_chosen(moment, service, facts, seen) if moment and of_our_age(moment.start) else None
            )
        case _:
            return None


def moment_chosen(moment: Moment, service: Service, facts: Facts, seen: date | None = None) -> Choice:
    """What the time that somebody typed comes to: a free start, a day to choose from, or a reason against it (B3)."""
    if moment.grain != "minute":
        return _stretch_chosen(moment, service, facts, seen)
    readings = [moment.start] + ([moment.other_reading] if moment.other_reading else [])
    if seen and not moment.day_was_said and not moment.words.endswith("后"):
        readings = [datetime.combine(seen, each.timetz()) for each in readings]
    reasons = [(facts.schedule.is_bookable(service, each, facts.now), each) for each in readings]
    reason, start = next((each for each in reasons if each[0] not in NOT_AT_ALL), reasons[0])
    return Declined(reason, start) if reason else Chosen(start)


def _stretch_chosen(moment: Moment, service: Service, facts: Facts, seen: date | None) -> Choice:
    first = moment.start.date()
    if moment.grain == "daypart":
        day = seen if seen and not moment.day_was_said else first
        until = moment.end.hour if moment.end and moment.end.hour else 24
        return day_chosen(DayChosen(day, moment.start.hour, until), service, facts)
    last = (moment.end - timedelta(days=1)).date() if moment.end else first
    for offer in _days(service, facts, last):
        if offer.day >= first and offer.starts:
            return DayChosen(offer.day)
    return day_chosen(DayChosen(first), service, facts)


def day_chosen(chosen: DayChosen, service: Service, facts: Facts) -> Choice:
    """The day itself, or why nothing can be had on it."""
    noon = datetime.combine(chosen.day, datetime.min.time(), facts.now.tzinfo) + timedelta(hours=12)
    if chosen.day < facts.now.date():
        return Declined(Refusal.PAST, noon, whole_day=True)
    offer = next((each for each in _days(service, facts, chosen.day) if each.day == chosen.day), None)
    if offer is None:
        return Declined(Refusal.BEYOND_HORIZON, noon, whole_day=True)
    return Declined(offer.refusal, noon, whole_day=True) if offer.refusal else chosen


def _day_pressed(value: str, service: Service, facts: Facts) -> Choice | None:
    try:
        return day_chosen(DayChosen(date.fromisoformat(value)), service, facts)
    except ValueError:
        return None


def _slot_pressed(value: str, service: Service, facts: Facts) -> Choice | None:
    try:
        start = datetime.strptime(value, MINUTE_OF_VALUE).replace(tzinfo=facts.now.tzinfo)
    except ValueError:
        return None
    if not of_our_age(start):
        return None
    reason = facts.schedule.is_bookable(service, start, facts.now)
    return Declined(reason, start) if reason else Chosen(start)


def of_our_age(moment: datetime) -> bool:
    """Whether one may reckon with it: years at the ends of the calendar cannot be brought to another time zone."""
    return 1970 <= moment.year < 9999


def _days(service: Service, facts: Facts, last: date) -> tuple[DayOffer, ...]:
    return facts.schedule.days(service, facts.now, max(0, (last - facts.now.date()).days) + 1)


# ---------------------------------------------------------------- what is asked


def day_card(service: Service, facts: Facts, skip: int = 0, last_row: tuple[Button, ...] = ()) -> Say:
    """The days that are open, with how busy each is (B11); closed days are not offered."""
    offered: list[DayOffer] = []
    for count in (skip + 2 * DAYS_AT_ONCE, facts.store.booking.horizon_days + 1):
        offered = [day for day in facts.schedule.days(service, facts.now, count) if day.busy is not None]
        if len(offered) > skip + DAYS_AT_ONCE:
            break
    shown = offered[skip : skip + DAYS_AT_ONCE]
    turning = []
    if skip:
        turning.append(Button("days", str(max(0, skip - DAYS_AT_ONCE)), label="earlier_days"))
    if skip + DAYS_AT_ONCE < len(offered):
        turning.append(Button("days", str(skip + DAYS_AT_ONCE), label="later_days"))
    buttons = [Button("day", f"{day.day}", words={"offer": day, "now": facts.now}) for day in shown]
    words = {"service": service, "any_day": bool(shown)}
    return Say("slot_picker/days", words, in_rows(buttons, 2, tuple(turning), last_row))


def time_card(service: Service, chosen: DayChosen, facts: Facts, last_row: tuple[Button, ...] = ()) -> Say:
    """The free times of a day, three in a row; all of them when the part of the day that was named has none."""
    all_day = facts.schedule.offers(service, chosen.day, facts.now)
    wanted = [offer for offer in all_day if chosen.since <= offer.start.hour < chosen.until]
    buttons = [_slot(offer) for offer in wanted or all_day]
    words = {
        "service": service,
        "day": chosen.day,
        "now": facts.now,
        "any_time": bool(all_day),
        "part_is_full": not wanted,
    }
    return Say(
        "slot_picker/times", words, in_rows(buttons, 3, (Button("days", "0", label="other_day"),), last_row)
    )


def offers_card(service: Service, declined: Declined, facts: Facts, last_row: tuple[Button, ...] = ()) -> Say:
    """The kind no: why this time cannot be had, and the nearest three that can (B3, B4)."""
    offers = facts.schedule.nearest(service, declined.wanted, facts.now)
    buttons = [
        Button("offer", f"{offer.start:{MINUTE_OF_VALUE}}", words={"offer": offer, "now": facts.now})
        for offer in offers
    ]
    words = {
        "reason": declined.reason.value,
        "wanted": declined.wanted,
        "whole_day": declined.whole_day,
        "now": facts.now,
        "service": service,
        "booking": facts.store.booking,
        "any_offer": bool(offers),
    }
    return Say(
        "slot_picker/declined",
        words,
        in_rows(buttons, 1, (Button("days", "0", label="other_day"),), last_row),
    )


def lost(wanted: datetime) -> Declined:
    """Somebody else was quicker (B4)."""
    return Declined(Refusal.FULL, wanted)


def _slot(offer: Offer) -> Button:
    return Button(
        "slot", f"{offer.start:{MINUTE_OF_VALUE}}", words={"offer": offer, "busy": offer.busy is Busy.BUSY}
    )
