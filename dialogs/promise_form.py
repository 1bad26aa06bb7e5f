"""A new hand-over time: the reason that the customer reads, the time, both read back before they leave (G2, P3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Record,
    Rows,
    Said,
    Say,
    Turn,
    ask,
    ask_again,
    done,
    then,
)
from dialogs.facts import COLLEAGUES, ORDER
from dialogs.keyboard import in_rows
from dialogs.order_moves import order_words, tell_desk
from domain.handover_times import (
    NotThen,
    before_closing,
    handover_times,
    meant,
    nearest,
    times_of_day,
    typed_time,
    why_not,
)
from domain.intents import Intent, find_intent
from domain.people import is_staff
from domain.pickup import standing_promise
from domain.spelling import tells_something

if TYPE_CHECKING:
    from dialogs.core import Step
    from dialogs.facts import Facts
    from domain.moments import Moment

REASONS = ("longer", "parts", "found", "bays")  # of `change_reason` in phrases.yaml
LONGEST_REASON = 100  # signs; it is read on a phone, between the old time and the new one
LATER = (30, 60, 120)  # minutes
MORNING_TIMES = 2
MINUTE_OF_VALUE = "%Y-%m-%dT%H:%M"
CANCEL = (Button("cancel"),)


@dataclass(frozen=True, slots=True)
class NewPromise:
    """What is filled in so far. `reason`: the code of a usual one, or typed words. `before`: the time it was read back
    against; `sure`: an earlier time than promised was meant."""

    reason: str = ""
    at: datetime | None = None
    before: datetime | None = None
    sure: bool = False


def while_promised(step: Step) -> Step:
    """The step as long as a promised time counts for this order: else there is none to change."""

    @wraps(step)
    def guarded(form: NewPromise, event: Event, facts: Facts) -> Turn:
        order = facts.order
        if order is None or not order.state.is_promised:
            words = {"number": facts.subject, "state": order.state if order else ""}
            return done(Say("promise_form/over", words, kind=Kind.STAFF))
        return step(form, event, facts)

    return guarded


@while_promised
def tell_reason(form: NewPromise, event: Event, facts: Facts) -> Turn:
    """Why; in a usual word or in own ones, as the customer will read it."""
    buttons = [Button("reason", reason, reason) for reason in REASONS]
    question = _card("promise_form/ask_reason", form, facts, *in_rows(buttons, 2), CANCEL)
    match event:
        case Entered() if form.reason:
            return onward(form, facts)
        case Entered():
            return ask(form, question)
        case Pressed("reason", reason) if reason in REASONS:
            return onward(replace(form, reason=reason), facts)
        case Said(text) if not tells_something(text):
            return ask(form, _card("promise_form/reason_please", form, facts, *question.buttons))
        case Said(text) if len(written := " ".join(text.split())) > LONGEST_REASON:
            left_out = len(written) - LONGEST_REASON
            return ask(
                form, _card("promise_form/too_long", form, facts, *question.buttons, left_out=left_out)
            )
        case Said(text):
            return onward(replace(form, reason=" ".join(text.split())), facts)
        case _:
            return ask_again(form, question)


@while_promised
def tell_time(form: NewPromise, event: Event, facts: Facts) -> Turn:
    """When; by button, or typed: 下午五点, 明天上午, 晚半小时."""
    question = _card("promise_form/ask_time", form, facts, *_usual_times(facts))
    match event:
        case Entered():
            return ask(form, question)
        case Pressed("at", value) if at := _minute(value, facts):
            return _chosen(form, at, facts)
        case Said(text) if moment := typed_time(text, facts.now, _standing(facts) or facts.now):
            return _said(form, moment, facts)
        case _:
            return ask_again(form, _card("promise_form/time_again", form, facts, *question.buttons))


@while_promised
def weigh_earlier(form: NewPromise, event: Event, facts: Facts) -> Turn:
    """Earlier than promised: the customer will come early, so it is asked once more."""
    rows = (Button("sure"), Button("change_time")), CANCEL
    question = _card("promise_form/earlier", form, facts, *rows)
    match event:
        case Entered():
            return ask(form, question)
        case Pressed("sure"):
            return onward(replace(form, sure=True), facts)
        case Pressed("change_time"):
            return then(tell_time, replace(form, at=None))
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return onward(replace(form, sure=True), facts)
        case _:
            return ask_again(form, question)


@while_promised
def check(form: NewPromise, event: Event, facts: Facts) -> Turn:
    """Old time, new time and reason are read back: the customer gets them at once."""
    match event:
        case Entered():
            read = replace(form, before=_standing(facts))
            return ask(read, _read_back(read, facts))
        case Pressed("send"):
            return _sent(form, facts)
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return _sent(form, facts)
        case Pressed("change_time"):
            return then(tell_time, replace(form, at=None, sure=False))
        case Pressed("change_reason"):
            return then(tell_reason, replace(form, reason=""))
        case _:
            return ask_again(form, _read_back(form, facts))


# ---------------------------------------------------------------- the way from line to line


def onward(form: NewPromise, facts: Facts) -> Turn:
    """Go on with what is still missing."""
    if not form.reason:
        return then(tell_reason, form)
    if form.at is None:
        return then(tell_time, form)
    promised = _standing(facts)
    return then(weigh_earlier if promised and form.at < promised and not form.sure else check, form)


def _said(form: NewPromise, moment: Moment, facts: Facts) -> Turn:
    """A time; of a day, or a part of one, the hours at which the shop is open."""
    if moment.grain == "minute":
        return _chosen(form, meant(moment, facts.now, facts.calendar, _furthest(facts)), facts)
    whole = moment.grain == "day"
    since = 0 if whole else moment.start.hour
    until = 24 if whole or moment.end is None or not moment.end.hour else moment.end.hour
    day = moment.start.date()
    free = [each for each in times_of_day(day, facts.calendar, since, until) if _open(each, facts)]
    if not free:
        last = before_closing(day, facts.calendar) or moment.start.replace(hour=12)
        return _refused(form, last if whole else moment.start, facts)
    rows = in_rows((_button(each, facts) for each in free), 3, CANCEL)
    return ask(form, _card("promise_form/times", form, facts, *rows, day=day))


def _chosen(form: NewPromise, at: datetime, facts: Facts) -> Turn:
    """A time that can be had and is another than the promised one, or a kind no with what is near."""
    at = at.replace(second=0, microsecond=0)
    if not _open(at, facts):
        return _refused(form, at, facts)
    if at == _standing(facts):
        return ask(form, _card("promise_form/same", form, facts, *_usual_times(facts)))
    return onward(replace(form, at=at, sure=False), facts)


def _refused(form: NewPromise, wanted: datetime, facts: Facts) -> Turn:
    """Why not, and the nearest times; part of a day that is open without a full hour left counts as past."""
    reason = why_not(wanted, facts.now, facts.calendar, _furthest(facts)) or NotThen.PAST
    offers = nearest(wanted, facts.now, facts.calendar, _furthest(facts))
    rows = in_rows((_button(each, facts) for each in offers), 1, CANCEL)
    words = {"wanted": wanted, "reason": reason.value}
    return ask(form, _card("promise_form/refused", form, facts, *rows, **words))


def _sent(form: NewPromise, facts: Facts) -> Turn:
    """The order's card takes it from here, unless time or promise have moved while it was read."""
    assert form.at is not None
    if not is_staff(facts.who.roles):
        return done(Say("staff_desk/not_staff"), Record("command.refused"))
    if not _open(form.at, facts):
        return then(tell_time, replace(form, at=None, sure=False), _card("promise_form/passed", form, facts))
    promised = _standing(facts)
    if promised == form.at:
        return done(_card("promise_form/already", form, facts))
    if promised != form.before:
        moved = onward(replace(form, sure=False), facts)
        return replace(moved, effects=(_card("promise_form/moved", form, facts), *moved.effects))
    told = tell_desk(facts.subject, "promised", at=form.at, reason=form.reason)
    return done(told, _card("promise_form/sent", form, facts))


# ---------------------------------------------------------------- times


def _standing(facts: Facts) -> datetime | None:
    promise = standing_promise(facts.order) if facts.order else None
    return promise.at if promise else None


def _furthest(facts: Facts) -> timedelta:
    return timedelta(days=facts.store.booking.horizon_days)


def _open(moment: datetime, facts: Facts) -> bool:
    return why_not(moment, facts.now, facts.calendar, _furthest(facts)) is None


def _minute(value: str, facts: Facts) -> datetime | None:
    try:
        return datetime.strptime(value, MINUTE_OF_VALUE).replace(tzinfo=facts.calendar.zone)
    except ValueError:
        return None


def _usual_times(facts: Facts) -> Rows:
    """A little later than promised (than now, where that is past), by closing, and the next open morning."""
    calendar = facts.calendar
    base = max(_standing(facts) or facts.now, _next_five(facts.now)).astimezone(calendar.zone)
    later = [(minutes, base + timedelta(minutes=minutes)) for minutes in LATER]
    shown = [_button(at, facts, "later", minutes=minutes) for minutes, at in later if _open(at, facts)]
    closing = before_closing(base.date(), calendar)
    last: tuple[Button, ...] = ()
    if closing and closing > base and _open(closing, facts) and closing not in dict(later).values():
        last = (_button(closing, facts, "closing"),)
    midnight = datetime.combine(base.date() + timedelta(days=1), time(), calendar.zone)
    mornings = handover_times(midnight - timedelta(seconds=1), calendar, MORNING_TIMES)
    next_day = tuple(_button(at, facts) for at in mornings if _open(at, facts))
    return in_rows(shown, 3, last, next_day, CANCEL)


def _next_five(now: datetime) -> datetime:
    """The next full five minutes: nobody promises 14:23."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=-now.minute % 5)


def _button(at: datetime, facts: Facts, label: str = "time", **words: Any) -> Button:
    at = at.astimezone(facts.calendar.zone)
    return Button("at", f"{at:{MINUTE_OF_VALUE}}", label, words={"due": at, "now": facts.now, **words})


# ---------------------------------------------------------------- what is shown


def _card(script: str, form: NewPromise, facts: Facts, *rows: tuple[Button, ...], **words: Any) -> Say:
    """`promise` is the time that counts until now, `due` the new one."""
    assert facts.order is not None
    said = order_words(facts.order, facts) | {"due": form.at, "reason": form.reason}
    return Say(script, said | words, rows, kind=Kind.STAFF)


def _read_back(form: NewPromise, facts: Facts) -> Say:
    rows = (Button("send"),), (Button("change_time"), Button("change_reason")), CANCEL
    return _card("promise_form/check", form, facts, *rows)


PROMISE_FORM = Dialog(
    "promise_form",
    NewPromise,
    steps=(tell_reason, tell_time, weigh_earlier, check),
    needs=frozenset({ORDER, COLLEAGUES}),
    relays=True,
)
