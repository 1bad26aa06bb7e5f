"""Why does a visit's customer hear when they do: its history, its promise and what is still to come, for staff.

(P1–P8, G1, G3, X2.) Whether something happened on time is read by planning anew from the history before it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domain.additional_work import open_questions
from domain.pickup import notice_due, plan, planned_work, standing_promise
from domain.repair_orders import OrderHappening, OrderState, state_of
from domain.silent_visits import nudge_due
from scripts_zh.phrases import phrase
from scripts_zh.wording import because, money
from service.why_times import INSTANT, lateness, length, moment, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.repair_orders import OrderEntry, RepairOrder
    from service.house import House

GROUP = "why_order"
VARIANTS = {
    OrderHappening.CONFIRMED: ("how", "paper"),
    OrderHappening.AGREED: ("how", "phone"),
    OrderHappening.REFUSED: ("how", "phone"),
    OrderHappening.NOTICED: ("early", True),
}
"""Entries that are told otherwise when this detail has this value."""

RICHER = {
    OrderHappening.PROMISED: "reason",
    OrderHappening.PROPOSED: "until",
    OrderHappening.CALL_TASK: "item",
    OrderHappening.TOLD: "promise",
    OrderHappening.DELAYED: "reason",
}
"""Entries that tell more when they have this detail."""


def lines(order: RepairOrder, house: House) -> list[str]:
    """The story of `order` in store time. Raises NeverOpen when the store never opens to count its time."""
    zone = house.calendar.zone
    state = phrase("order_state", state_of(order.history).value)
    title = _say("title", number=order.number, at=moment(order.opened_at, zone), state=state)
    told = [title, _say("history")]
    told += [_happened(order, place, house) for place in range(len(order.history))]
    return [*told, *_promise(order, house), *_coming(order, house)]


# ---------------------------------------------------------------- what happened


def _happened(order: RepairOrder, place: int, house: House) -> str:
    """One entry, and how far from its moment it came."""
    entry = order.history[place]
    at = moment(entry.at, house.calendar.zone)
    key = "line_by" if entry.who else "line"
    line = _say(key, at=at, who=entry.who, what=_what(entry, house))
    due = _was_due(_before(order, place), entry, house)
    if due is None:
        return line
    return _say("judged", line=line, late=lateness(entry.at.astimezone(UTC) - due.astimezone(UTC)))


def _before(order: RepairOrder, place: int) -> RepairOrder:
    history = order.history[:place]
    return replace(order, history=history, state=state_of(history))


def _was_due(before: RepairOrder, entry: OrderEntry, house: House) -> datetime | None:
    """When what this entry tells of was due by all that had happened until then; None: it was not planned."""
    figures, calendar = house.store.visits, house.calendar
    if entry.happening is OrderHappening.NUDGED:
        return nudge_due(before, figures, calendar)
    if (item := entry.details.get("item")) is not None:
        asked = next((each for each in open_questions(before, figures) if each.item == item), None)
        moments = {"work_reminded": asked.remind, "call_task": asked.call} if asked else {}
        return moments.get(entry.happening.value)
    planned = plan(before, figures, calendar)
    if planned is None:
        return None
    match entry.happening:
        case OrderHappening.TOLD if entry.details.get("promise"):
            return planned.news
        case OrderHappening.ASKED:
            return planned.progress or planned.again
        case OrderHappening.ADVISOR_ASKED:
            return planned.ask
        case OrderHappening.NOTICED | OrderHappening.DELAYED:
            return planned.notice
        case OrderHappening.CALL_TASK:
            return planned.unanswered
    return None


def _what(entry: OrderEntry, house: House) -> str:
    """What happened, in words; particulars that an entry lacks are left out."""
    details, key = entry.details, entry.happening.value
    detail, value = VARIANTS.get(entry.happening, ("", None))
    if detail and details.get(detail) == value:
        key += f"_{detail}"
    if details.get(RICHER.get(entry.happening, "")):
        key += "_more"
    if "answer" in details:
        key += f"_{details['answer']}"
    return _say(key, **_words(entry, house))


def _words(entry: OrderEntry, house: House) -> dict[str, Any]:
    details, zone = entry.details, house.calendar.zone
    moments = {
        name: moment(datetime.fromisoformat(details[name]), zone)
        for name in ("at", "promise", "until")
        if details.get(name)
    }
    price = money(Decimal(details["price"])) if "price" in details else ""
    state = phrase("order_state", details["state"]) if "state" in details else ""
    told = {"item": details.get("item", ""), "reason": because(str(details.get("reason", "")))}
    return {"price": price, "state": state, "promise": ""} | told | moments


# ---------------------------------------------------------------- the promise


def _promise(order: RepairOrder, house: House) -> Iterator[str]:
    """The time that stands, and how the moment of its notice comes about (P1, P8)."""
    yield _say("promise")
    promise, planned = standing_promise(order), planned_work(order)
    if promise is None or planned is None:
        yield _say("no_promise")
        return
    zone, figures = house.calendar.zone, house.store.visits
    key = "standing_more" if promise.reason else "standing"
    times = {"promise": moment(promise.at, zone), "made": moment(promise.made_at, zone)}
    yield _say(key, reason=because(promise.reason), **times)
    begins = promise.at.astimezone(UTC) - planned
    yield _say("planned", begins=moment(begins, zone), length=length(planned))
    lead = figures.lead(planned)
    long = planned >= timedelta(hours=figures.long_work_hours)
    ahead = promise.at.astimezone(UTC) - lead
    counted = {"hours": figures.long_work_hours, "lead": length(lead), "at": moment(ahead, zone)}
    yield _say("lead_long" if long else "lead_short", **counted)
    due = notice_due(promise.at, planned, figures, house.calendar)
    if due.astimezone(UTC) != ahead:
        yield _say("closed_then", at=moment(ahead, zone), due=moment(due, zone))


# ---------------------------------------------------------------- what is to come


def _coming(order: RepairOrder, house: House) -> Iterator[str]:
    """Everything that is planned, soonest first; what should have happened by now says so."""
    yield _say("coming")
    now, zone = house.clock.now().astimezone(UTC), house.calendar.zone
    planned = sorted((at.astimezone(UTC), what) for at, what in _planned(order, house))
    for at, what in planned:
        line = _say("due", at=moment(at, zone), what=what)
        passed = now - at
        yield _say("passed", line=line, length=length(passed)) if passed >= INSTANT else line
    for question in open_questions(order, house.store.visits):
        yield _say("open_question", item=question.item, at=moment(question.asked_at, zone))
    if not planned:
        yield _say("nothing")


def _planned(order: RepairOrder, house: House) -> Iterator[tuple[datetime, str]]:
    figures, calendar = house.store.visits, house.calendar
    ready = state_of(order.history) is OrderState.READY
    promised = plan(order, figures, calendar)
    for name, at in promised.moments.items() if promised else ():
        key = f"plan_{name}_ready" if name == "notice" and ready else f"plan_{name}"
        yield at, _say(key, percent=percent(figures.progress_share))
    for question in open_questions(order, figures):
        if question.remind:
            yield question.remind, _say("plan_remind", item=question.item)
        if question.call:
            yield question.call, _say("plan_call", item=question.item)
    if (nudge := nudge_due(order, figures, calendar)) is not None:
        since = moment(order.last_word_at or order.opened_at, calendar.zone)
        yield nudge, _say("plan_silence", since=since, hours=figures.silent_hours)


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)
