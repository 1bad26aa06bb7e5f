"""追加项目: what else the car needs, put into words that the customer can decide on (X1).

Filled in by advisor or workshop in their own chat, read back as the customer will read it, and told to the order's
card, which asks the customer at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any

from dialogs.additional_work import question_words
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
    SentMedia,
    Turn,
    Woke,
    ask,
    ask_again,
    done,
    stay,
    then,
)
from dialogs.facts import ORDER
from dialogs.keyboard import in_rows
from dialogs.order_moves import entry, noted, order_words, tell_desk, workshop_or_front_desk
from domain.handover_times import before_closing, meant, times_of_day, typed_time, why_not
from domain.intents import Intent, find_intent
from domain.order_line import LONGEST_NAME, read_price
from domain.pickup import standing_promise
from domain.repair_orders import OrderEntry, OrderHappening
from domain.spelling import tells_something

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialogs.core import Step
    from dialogs.facts import Facts

CANCEL = (Button("cancel"),)
LONGEST_WHY = 300
MOST_SERVICES = 12
PICTURES = frozenset({"photo", "video", "document"})
FURTHEST = timedelta(days=90)
LATER = (timedelta(hours=1), timedelta(hours=2))
TEN_MINUTES = timedelta(minutes=10)
NOON = 12
MINUTE_OF_VALUE = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class WorkForm:
    """What is filled in so far. No `until`, once `timed`: the hand-over stays as it is; no `photo`, once `pictured`."""

    item: str = ""
    why: str = ""
    price: Decimal | None = None
    timed: bool = False
    until: datetime | None = None
    safety: bool | None = None
    pictured: bool = False
    photo: tuple[str, str] | None = None


def while_possible(step: Step) -> Step:
    """The step as long as work can be added: the customer has signed, and nothing is paid yet."""

    @wraps(step)
    def guarded(form: WorkForm, event: Event, facts: Facts) -> Turn:
        order = facts.order
        if order is None or not order.state.is_promised:
            words = {"number": facts.subject, "state": order.state.value if order else ""}
            return done(Say("work_form/impossible", words, kind=Kind.STAFF))
        return stay() if isinstance(event, Woke) else step(form, event, facts)

    return guarded


# ---------------------------------------------------------------- line by line


@while_possible
def name_item(form: WorkForm, event: Event, facts: Facts) -> Turn:
    """What is to be done: one of the store's services that say what they are, by their price, or typed."""
    priced = [each for each in facts.store.services if each.price is not None]
    services = {each.code: each.name for each in priced[:MOST_SERVICES]}
    buttons = [Button("service", code, words={"name": name}) for code, name in services.items()]
    rows = in_rows(buttons, 2, CANCEL)
    match event:
        case Entered():
            return ask(form, _card("work_form/ask_item", form, facts, rows))
        case Pressed("service", code) if code in services:
            return onward(replace(form, item=services[code][:LONGEST_NAME]), facts)
        case Said(text) if tells_something(text) and len(_one_line(text)) <= LONGEST_NAME:
            return onward(replace(form, item=_one_line(text)), facts)
        case Said():
            return ask(form, _card("work_form/ask_item_again", form, facts, rows))
        case _:
            return ask_again(form, _card("work_form/ask_item", form, facts, rows))


@while_possible
def tell_why(form: WorkForm, event: Event, facts: Facts) -> Turn:
    """Why, in words that somebody who knows nothing of cars understands."""
    question = _card("work_form/ask_why", form, facts, (CANCEL,))
    match event:
        case Entered():
            return ask(form, question)
        case Said(text) if tells_something(text) and len(text.strip()) <= LONGEST_WHY:
            return onward(replace(form, why=text.strip()), facts)
        case Said():
            return ask(form, _card("work_form/ask_why_again", form, facts, (CANCEL,)))
        case _:
            return ask_again(form, question)


@while_possible
def tell_price(form: WorkForm, event: Event, facts: Facts) -> Turn:
    """At what price, parts and labour together."""
    match event:
        case Entered():
            return ask(form, _card("work_form/ask_price", form, facts, (CANCEL,)))
        case Said(text) if (price := read_price(text)) is not None and price > 0:
            return onward(replace(form, price=price), facts)
        case _:
            return ask_again(form, _card("work_form/ask_price_again", form, facts, (CANCEL,)))


@while_possible
def choose_time(form: WorkForm, event: Event, facts: Facts) -> Turn:
    """When the car is handed over if the customer agrees."""
    rows = in_rows((Button("unchanged"), *_offers(facts)), 2, CANCEL)
    match event:
        case Entered():
            return ask(form, _card("work_form/ask_time", form, facts, rows))
        case Pressed("unchanged"):
            return onward(replace(form, timed=True, until=None), facts)
        case Pressed("until", value):
            until: datetime | None = _of_value(value, facts)
        case Said(text):
            until = _typed(text, facts)
        case _:
            until = None
    if until is None:
        return ask_again(form, _card("work_form/ask_time_again", form, facts, rows))
    if reason := _fault(until, facts):
        words = {"reason": reason, "wanted": until}
        return ask(form, _card("work_form/not_then", form, facts, rows, **words))
    # The time that is promised already is no new one.
    new = until if _promised(facts) != until else None
    return onward(replace(form, timed=True, until=new), facts)


@while_possible
def weigh_safety(form: WorkForm, event: Event, facts: Facts) -> Turn:
    """Whether it is about safety: the customer reads so, and a no is read back to them (X1, X3)."""
    question = _card("work_form/ask_safety", form, facts, ((Button("safety"), Button("no_safety")), CANCEL))
    match event:
        case Entered():
            return ask(form, question)
        case Pressed("safety"):
            return onward(replace(form, safety=True), facts)
        case Pressed("no_safety"):
            return onward(replace(form, safety=False), facts)
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return onward(replace(form, safety=True), facts)
        case Said(text) if find_intent(text) is Intent.DECLINE:
            return onward(replace(form, safety=False), facts)
        case _:
            return ask_again(form, question)


@while_possible
def send_photo(form: WorkForm, event: Event, facts: Facts) -> Turn:
    """A picture or film of it, where there is one."""
    question = _card("work_form/ask_photo", form, facts, ((Button("skip"),), CANCEL))
    match event:
        case Entered():
            return ask(form, question)
        case SentMedia(kind, file) if kind in PICTURES and file:
            return onward(replace(form, pictured=True, photo=(kind, file)), facts)
        case Pressed("skip"):
            return onward(replace(form, pictured=True, photo=None), facts)
        case Said(text) if find_intent(text) is Intent.DECLINE:
            return onward(replace(form, pictured=True, photo=None), facts)
        case _:
            return ask_again(form, question)


@while_possible
def check(form: WorkForm, event: Event, facts: Facts) -> Turn:
    """Read back in the very words that the customer gets; each line can be changed alone."""
    match event:
        case Entered():
            return ask(form, _read_back(form, facts))
        case Pressed("send"):
            return _sent(form, facts)
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return _sent(form, facts)
        case Pressed("change", name) if name in _EMPTY:
            return onward(replace(form, **_EMPTY[name][1]), facts)
        case SentMedia(kind, file) if kind in PICTURES and file:
            # An album comes picture by picture: the last one counts, and one card shows it.
            last = replace(form, photo=(kind, file))
            return ask(last, replace(_read_back(last, facts), in_place=True))
        case _:
            return ask_again(form, _read_back(form, facts))


# ---------------------------------------------------------------- the way from line to line

_EMPTY: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "item": ("change_item", {"item": ""}),
    "why": ("change_why", {"why": ""}),
    "price": ("change_price", {"price": None}),
    "until": ("change_until", {"timed": False, "until": None}),
    "safety": ("change_safety", {"safety": None}),
    "photo": ("change_photo", {"pictured": False, "photo": None}),
}
"""The label of each line's button, and how the line is emptied when it is pressed."""


def onward(form: WorkForm, facts: Facts) -> Turn:
    """Go on with the first line that is still empty."""
    lines = (
        (form.item, name_item),
        (form.why, tell_why),
        (form.price, tell_price),
        (form.timed, choose_time),
        (form.safety is not None, weigh_safety),
        (form.pictured, send_photo),
    )
    return then(next((step for filled, step in lines if not filled), check), form)


def _sent(form: WorkForm, facts: Facts) -> Turn:
    """The order's card asks the customer; a time that has become impossible meanwhile is asked for anew."""
    if not workshop_or_front_desk(form, facts):
        refused = Record("order.work_refused", facts.subject)
        return done(Say("work_form/not_yours", _words(form, facts), kind=Kind.STAFF), refused)
    if form.until and (reason := _fault(form.until, facts)):
        gone = _card("work_form/not_then", form, facts, (), reason=reason, wanted=form.until)
        return then(choose_time, replace(form, timed=False, until=None), gone)
    proposed = tell_desk(
        facts.subject,
        "proposed",
        item=form.item,
        price=form.price,
        why=form.why,
        until=form.until,
        safety=form.safety,
        photo=form.photo,
    )
    return done(proposed, _card("work_form/sent", form, facts, ()))


# ---------------------------------------------------------------- the new hand-over time


def _typed(text: str, facts: Facts) -> datetime | None:
    """A day alone is shortly before its closing, a part of the day its end."""
    moment = typed_time(text, facts.now, _promised(facts) or facts.now)
    if moment is None:
        return None
    if moment.grain == "minute":
        return meant(moment, facts.now, facts.calendar, FURTHEST).replace(second=0)
    closing = before_closing(moment.start.date(), facts.calendar)
    if moment.grain == "day" or moment.end is None or closing is None:
        return closing or moment.start
    return min(moment.end, closing)


def _of_value(value: str, facts: Facts) -> datetime | None:
    try:
        return datetime.strptime(value, MINUTE_OF_VALUE).replace(tzinfo=facts.now.tzinfo)
    except ValueError:
        return None


def _fault(until: datetime, facts: Facts) -> str:
    """Why it cannot be promised ("": it can); sooner than what stands would be no consequence of more work."""
    if reason := why_not(until, facts.now, facts.calendar, FURTHEST):
        return reason.value
    promised = _promised(facts)
    return "before" if promised and until < promised else ""


def _promised(facts: Facts) -> datetime | None:
    promise = standing_promise(facts.order) if facts.order else None
    return promise.at if promise else None


def _offers(facts: Facts) -> tuple[Button, ...]:
    """An hour or two later, shortly before closing, and noon and evening of the next open day."""
    base = _base(facts)
    after = facts.calendar.next_opening(base.replace(hour=23, minute=59)).date()
    noon = next((each for each in times_of_day(after, facts.calendar, NOON)), None)
    ends = (before_closing(base.date(), facts.calendar), noon, before_closing(after, facts.calendar))
    wanted = [base + length for length in LATER] + [each for each in ends if each]
    times = sorted({each for each in wanted if each > base and not _fault(each, facts)})
    return tuple(_offer(each, base, facts) for each in times)


def _offer(until: datetime, base: datetime, facts: Facts) -> Button:
    """晚 1 小时（16:00）, where that is an hour after the promised time; else the day and the clock."""
    is_later = base == _promised(facts) and until - base in LATER
    words = {"start": until, "now": facts.now, "minutes": (until - base) // timedelta(minutes=1)}
    return Button("until", f"{until:{MINUTE_OF_VALUE}}", "later" if is_later else "", words)


def _base(facts: Facts) -> datetime:
    """What "later" counts from, in store time: the promised time; once that has passed, now, to ten minutes."""
    promised = _promised(facts)
    if promised is not None and promised > facts.now:
        return promised.astimezone(facts.calendar.zone)
    now = facts.now.replace(second=0, microsecond=0)
    return now + timedelta(minutes=-now.minute % (TEN_MINUTES // timedelta(minutes=1)))


# ---------------------------------------------------------------- what is shown


def _read_back(form: WorkForm, facts: Facts) -> Say:
    """The customer's message itself, with the colleague's buttons below it."""
    assert facts.order is not None
    proposed = _proposed(form, facts)
    after = noted(facts.order, proposed)
    changes = [Button("change", name, label) for name, (label, _) in _EMPTY.items()]
    rows = ((Button("send"),), *in_rows(changes, 2), CANCEL)
    words = question_words(proposed, after, facts)
    return Say("additional_work/question", words, rows, kind=Kind.STAFF)


def _proposed(form: WorkForm, facts: Facts) -> OrderEntry:
    """The entry that this form becomes."""
    return entry(
        OrderHappening.PROPOSED,
        facts,
        item=form.item,
        price=str(form.price),
        why=form.why,
        until=form.until.isoformat() if form.until else "",
        safety=bool(form.safety),
    )


def _card(script: str, form: WorkForm, facts: Facts, rows: Rows, **words: Any) -> Say:
    return Say(script, _words(form, facts) | words, rows, kind=Kind.STAFF)


def _words(form: WorkForm, facts: Facts) -> dict[str, Any]:
    assert facts.order is not None
    agreed = {each.name: each.price for each in facts.order.agreed}
    return order_words(facts.order, facts) | {"item": form.item, "before": agreed.get(form.item)}


def _one_line(text: str) -> str:
    return " ".join(text.split())


WORK_FORM = Dialog(
    "work_form",
    WorkForm,
    steps=(name_item, tell_why, tell_price, choose_time, weigh_safety, send_photo, check),
    needs=frozenset({ORDER}),
    relays=True,
)
