"""The promised hand-over time of 接车开单: what is offered, what was typed, and why it cannot be had (O1, P8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dialogs.core import Button, Kind, Rows, Say
from dialogs.keyboard import in_rows
from dialogs.order_form_items import CANCEL
from dialogs.slot_picker import MINUTE_OF_VALUE
from domain.handover_times import NotThen, before_closing, meant, nearest, times_of_day, why_not
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from dialogs.order_form_fields import OrderForm
    from domain.moments import Moment

FURTHEST = timedelta(days=365)
SOONEST = timedelta(hours=1)
"""Nothing is offered sooner; whoever means it can type it."""

MOST_TODAY = 4


def time_said(text: str, facts: Facts) -> Moment | None:
    """The time in what the colleague typed; None without one."""
    return understand(text, facts.now).moment


def time_meant(moment: Moment, facts: Facts) -> datetime | None:
    """The exact time that was meant, whether it can be had or not; None for a day or a part of one."""
    if moment.grain != "minute":
        return None
    return meant(moment, facts.now, facts.calendar, FURTHEST)


def can_be_had(wanted: datetime, facts: Facts) -> bool:
    """Whether the car may be promised for then: not past, somebody is in the shop, within a year."""
    return why_not(wanted, facts.now, facts.calendar, FURTHEST) is None


def time_pressed(value: str, facts: Facts) -> datetime | None:
    """What a button stood for; None for what none of ours did."""
    try:
        return datetime.strptime(value, MINUTE_OF_VALUE).replace(tzinfo=facts.calendar.zone)
    except ValueError:
        return None


# ---------------------------------------------------------------- what is shown


def promise_card(form: OrderForm, facts: Facts, script: str = "order_form/ask_promise") -> Say:
    """Some hours of today and its last one, and the same of the next open day."""
    return _card(script, form, facts, _offered(facts))


def day_card(form: OrderForm, moment: Moment, facts: Facts) -> Say:
    """The hours of the day, or part of it, that was typed without an hour; why not, where there are none."""
    until = moment.end.hour if moment.grain == "daypart" and moment.end else 0
    first = moment.start
    if first.date() > facts.now.date() + FURTHEST or first.year < facts.now.year:
        return refused_card(form, first, facts)
    hours = times_of_day(first.date(), facts.calendar, first.hour, until or 24)
    times = tuple(each for each in hours if can_be_had(each, facts))
    return _card("order_form/ask_hour", form, facts, times) if times else refused_card(form, first, facts)


def refused_card(form: OrderForm, wanted: datetime, facts: Facts) -> Say:
    """Why not then, with the nearest times that can be had."""
    reason = why_not(wanted, facts.now, facts.calendar, FURTHEST) or NotThen.PAST
    offers = nearest(wanted, facts.now, facts.calendar, FURTHEST)
    shown = _card("order_form/not_then", form, facts, () if reason is NotThen.TOO_FAR else offers)
    day_off = facts.calendar.day_label(wanted.date()) if reason is NotThen.SHUT_DAY else ""
    words = {**shown.words, "reason": reason.value, "start": wanted, "kind": day_off}
    return replace(shown, words=words)


def _offered(facts: Facts) -> tuple[datetime, ...]:
    today = facts.now.date()
    calendar = facts.calendar
    following = calendar.next_opening(datetime.combine(today, datetime.max.time(), facts.now.tzinfo)).date()
    hours = [each for each in times_of_day(today, calendar) if each >= facts.now + SOONEST]
    found = {*hours[:MOST_TODAY], *times_of_day(following, calendar)[1::3]}
    found |= {last for day in (today, following) if (last := before_closing(day, calendar))}
    return tuple(sorted(each for each in found if can_be_had(each, facts)))


def _card(script: str, form: OrderForm, facts: Facts, times: tuple[datetime, ...]) -> Say:
    buttons = (
        Button("time", f"{each:{MINUTE_OF_VALUE}}", words={"start": each, "now": facts.now}) for each in times
    )
    rows: Rows = in_rows(buttons, 2, CANCEL)
    return Say(script, {"form": form, "now": facts.now}, rows, kind=Kind.STAFF)
