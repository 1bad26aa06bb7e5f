"""改时间: when the customer comes for the car, by button or typed, read back before it is promised (P4, P5, P8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Pressed,
    Rows,
    Said,
    Say,
    Turn,
    ask,
    ask_again,
    done,
    then,
)
from dialogs.facts import ORDER
from dialogs.keyboard import in_rows
from dialogs.order_moves import tell_desk
from dialogs.slot_picker import MINUTE_OF_VALUE, of_our_age
from domain.handover_times import NotThen, meant, nearest, times_of_day, why_not
from domain.intents import Intent, find_command
from domain.repair_orders import OrderState
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.moments import Moment

FURTHEST = timedelta(days=14)  # longer than that nobody's car can stand in the yard
AFTERNOON = 14  # o'clock: what is offered of a later day besides its opening
LATER_DAYS = 2
NOON = time(12)
CANCEL = (Button("cancel"),)
_FROM_NOW = "后"  # 两小时后 counts from now, whatever day was spoken of


@dataclass(frozen=True, slots=True)
class PickupTime:
    """The promised time that does not suit, and what the customer wants instead.

    `at`: the time to confirm; where one is still asked for, that which could not be had (`whole_day`: its day).
    `day`: whose hours are shown, those from `since` to before `until` o'clock.
    """

    promise: datetime
    at: datetime | None = None
    whole_day: bool = False
    day: date | None = None
    since: int = 0
    until: int = 24


def tell_time(form: PickupTime, event: Event, facts: Facts) -> Turn:
    """When will you come? Any time of the next days, the hours of one day, or others than the one refused."""
    if not _is_ready(facts):
        return done(Say("pickup_time/over", _words(form, facts)))
    match event:
        case Entered() if form.at is not None:
            return ask(form, _refusal(form, form.at, facts))
        case Entered() if form.day is not None:
            return ask(form, _hours_card(form, form.day, facts))
        case Entered():
            return ask(form, Say("pickup_time/when", _words(form, facts), _ways(facts)))
        case _:
            return _chosen(form, event, facts) or ask_again(
                form, Say("pickup_time/again", _words(form, facts), _ways(facts))
            )


def confirm(form: PickupTime, event: Event, facts: Facts) -> Turn:
    """Read it back; with 确认 the shop keeps the car until then (P5)."""
    if not _is_ready(facts):
        return done(Say("pickup_time/over", _words(form, facts)))
    match event:
        case Entered():
            return ask(form, Say("pickup_time/confirm", _words(form, facts), _read_back()))
        case Pressed("confirm"):
            return _settled(form, facts)
        case Said(text) if find_command(text) is Intent.CONFIRM:
            return _settled(form, facts)
        case Pressed("other_time"):
            return then(tell_time, PickupTime(form.promise))
        case Said(text) if find_command(text) is Intent.DECLINE:
            return then(tell_time, PickupTime(form.promise))
        case _:
            return _chosen(form, event, facts) or ask_again(
                form, Say("pickup_time/confirm_again", _words(form, facts), _read_back())
            )


def _settled(form: PickupTime, facts: Facts) -> Turn:
    if form.at is None or _why_not(form.at, facts):
        return then(tell_time, form)
    told = tell_desk(facts.subject, "pickup_changed", at=form.at)
    return done(Say("pickup_time/thanks", _words(form, facts)), told)


# ---------------------------------------------------------------- what was chosen


def _chosen(form: PickupTime, event: Event, facts: Facts) -> Turn | None:
    """What a button or typed words lead to; None where they name no time."""
    match event:
        case Pressed("at", value) if at := _pressed(value, facts):
            return _wanted(form, at, facts)
        case Said(text) if (moment := understand(text, facts.now).moment) and of_our_age(moment.start):
            return _said(form, moment, facts)
        case _:
            return None


def _pressed(value: str, facts: Facts) -> datetime | None:
    try:
        at = datetime.strptime(value, MINUTE_OF_VALUE).replace(tzinfo=facts.calendar.zone)
    except ValueError:
        return None
    return at if of_our_age(at) else None


def _said(form: PickupTime, moment: Moment, facts: Facts) -> Turn:
    """A time of day without a day is one of the day whose times are shown."""
    if moment.grain != "minute":
        return _day_said(form, moment, facts)
    if form.day and not moment.day_was_said and not moment.words.endswith(_FROM_NOW):
        on_that_day = datetime.combine(form.day, moment.start.timetz())
        moment = replace(moment, start=on_that_day, day_was_said=True)
    return _wanted(form, meant(moment, facts.now, facts.calendar, FURTHEST), facts)


def _day_said(form: PickupTime, moment: Moment, facts: Facts) -> Turn:
    """Of 明天下午 or 周三 the full hours are shown; of several days those of the first that has any."""
    part = moment.grain == "daypart"
    end = moment.end or moment.start + timedelta(days=1)
    since, until = (moment.start.hour, end.hour or 24) if part else (0, 24)
    first = moment.start.date()
    days = 1 if part else min(max((end.date() - first).days, 1), FURTHEST.days + 1)
    for day in (first + timedelta(days=ahead) for ahead in range(days)):
        if _hours(day, since, until, facts):
            return then(tell_time, PickupTime(form.promise, day=day, since=since, until=until))
    wanted = moment.start if part else datetime.combine(first, NOON, facts.now.tzinfo)
    return then(tell_time, PickupTime(form.promise, wanted, whole_day=not part))


def _wanted(form: PickupTime, at: datetime, facts: Facts) -> Turn:
    """Read it back, or say why not; both from what the form holds then."""
    wanted = PickupTime(form.promise, at)
    return then(tell_time if _why_not(at, facts) else confirm, wanted)


def _hours(day: date, since: int, until: int, facts: Facts) -> tuple[datetime, ...]:
    every = times_of_day(day, facts.calendar, since, until)
    return tuple(each for each in every if _why_not(each, facts) is None)


def _why_not(at: datetime, facts: Facts) -> NotThen | None:
    return why_not(at, facts.now, facts.calendar, FURTHEST)


def _is_ready(facts: Facts) -> bool:
    return facts.order is not None and facts.order.state is OrderState.READY


# ---------------------------------------------------------------- what is asked


def _refusal(form: PickupTime, wanted: datetime, facts: Facts) -> Say:
    """A kind no, with the nearest times that can be had."""
    offers = nearest(wanted, facts.now, facts.calendar, FURTHEST)
    words = _words(form, facts) | {
        "reason": (_why_not(wanted, facts) or NotThen.PAST).value,
        "wanted": wanted,
        "whole_day": form.whole_day,
        "days": FURTHEST.days,
        "kind": facts.calendar.day_label(wanted.astimezone(facts.calendar.zone).date()),
        "any_offer": bool(offers),
    }
    return Say("pickup_time/not_then", words, in_rows((_button(each, facts) for each in offers), 1, CANCEL))


def _hours_card(form: PickupTime, day: date, facts: Facts) -> Say:
    hours = _hours(day, form.since, form.until, facts)
    buttons = (_button(each, facts, label="hour") for each in hours)
    return Say("pickup_time/hours", _words(form, facts), in_rows(buttons, 4, CANCEL))


def _ways(facts: Facts) -> Rows:
    """Today's full hours; of the next open days the opening and the early afternoon."""
    today = _hours(facts.now.date(), 0, 24, facts)
    hours = [_button(each, facts, label="today") for each in today]
    later = [_button(each, facts) for each in _later(facts)]
    return (*in_rows(hours, 3), *in_rows(later, 2), CANCEL)


def _later(facts: Facts) -> tuple[datetime, ...]:
    calendar, found, opening = facts.calendar, list[datetime](), facts.now
    for _ in range(LATER_DAYS):
        opening = calendar.next_opening(datetime.combine(opening.date(), time.max, calendar.zone))
        found += [opening, *times_of_day(opening.date(), calendar, AFTERNOON)[:1]]
    return tuple(each for each in found if not _why_not(each, facts))


def _read_back() -> Rows:
    return ((Button("confirm"), Button("other_time")), CANCEL)


def _button(at: datetime, facts: Facts, *, label: str = "") -> Button:
    return Button("at", f"{at:{MINUTE_OF_VALUE}}", label, {"start": at, "now": facts.now})


def _words(form: PickupTime, facts: Facts) -> dict[str, Any]:
    order = facts.order
    return {
        "number": facts.subject,
        "address": order.address if order else "",
        "plate": order.plate if order else "",
        "before": form.promise,
        "start": form.at,
        "day": form.day,
        "store": facts.store,
        "now": facts.now,
    }


PICKUP_TIME = Dialog("pickup_time", PickupTime, steps=(tell_time, confirm), needs=frozenset({ORDER}))
