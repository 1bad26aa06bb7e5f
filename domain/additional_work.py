"""Additional work 追加维修项目 that waits for the customer: when they are reminded, when somebody calls (X1–X3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from domain.repair_orders import OrderEntry, OrderHappening, RepairOrder, VisitFigures, state_of


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A proposed item without an answer: `remind` the customer then, the advisor must `call` then (X2).

    None where that has happened or is not wanted: who asked for a call (请来电) is not reminded but called at once.
    A moment may be past: then it is done at once.
    """

    item: str
    asked_at: datetime
    remind: datetime | None
    call: datetime | None


def open_questions(order: RepairOrder, figures: VisitFigures) -> tuple[OpenQuestion, ...]:
    """The items that wait for 同意 or 不同意, in the order they were proposed; none once the visit is paid or over.

    Silence is never consent: nothing but the customer's answer closes a question (X2). An item that is proposed
    again (another price, say) is asked anew. Moments in the zone of the entry they count from.
    """
    waiting: dict[str, OpenQuestion] = {}
    for entry in order.history:
        item = str(entry.details.get("item", ""))
        if entry.happening in (OrderHappening.AGREED, OrderHappening.REFUSED, OrderHappening.PROPOSED):
            waiting.pop(item, None)
        if entry.happening is OrderHappening.PROPOSED:
            waiting[item] = _asked(item, entry, figures)
        elif item in waiting:
            waiting[item] = _after(waiting[item], entry)
    return tuple(waiting.values()) if state_of(order.history).is_promised else ()


def _asked(item: str, entry: OrderEntry, figures: VisitFigures) -> OpenQuestion:
    remind, call = (
        (entry.at.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(entry.at.tzinfo)
        for minutes in (figures.work_reminder_minutes, figures.work_call_minutes)
    )
    return OpenQuestion(item, entry.at, remind, call)


def _after(question: OpenQuestion, entry: OrderEntry) -> OpenQuestion:
    match entry.happening:
        case OrderHappening.WORK_REMINDED:
            return replace(question, remind=None)
        case OrderHappening.CALL_WANTED:
            # Once the task is there a second press makes no second one.
            return replace(question, remind=None, call=entry.at if question.call else None)
        case OrderHappening.CALL_TASK:
            return replace(question, remind=None, call=None)
    return question
