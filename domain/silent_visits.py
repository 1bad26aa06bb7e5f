"""A silent visit: the car is in work and its customer has not heard anything for hours; the advisor is reminded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from domain.repair_orders import OrderHappening, RepairOrder, VisitFigures, state_of

if TYPE_CHECKING:
    from domain.calendar import StoreCalendar


def nudge_due(order: RepairOrder, figures: VisitFigures, calendar: StoreCalendar) -> datetime | None:
    """When the advisor is reminded: `silent_hours` of working time after the last word to the customer.

    A reminder that led to nothing counts like a word, so that the next one comes as much later. None while no work
    goes on: before signing, and when the car is ready. In store time. Raises NeverOpen as the calendar does.
    """
    if not state_of(order.history).is_in_work:
        return None
    nudged = order.of(OrderHappening.NUDGED)
    since = [order.last_word_at or order.opened_at, *(entry.at for entry in nudged[-1:])]
    last = max(moment.astimezone(UTC) for moment in since)
    return calendar.add_business_time(last, timedelta(hours=figures.silent_hours))
