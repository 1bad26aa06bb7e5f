"""A visit played step by step on a simulated clock: what is due is done and written down, and nothing else is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.calendar import StoreCalendar
from domain.pickup import plan, standing_promise
from domain.repair_orders import (
    OrderEntry,
    OrderHappening,
    OrderState,
    RepairOrder,
    VisitFigures,
    state_of,
)

FIGURES = VisitFigures()
WORDS = (OrderHappening.TOLD, OrderHappening.NOTICED, OrderHappening.DELAYED)


def order_of(opened_at: datetime, *history: OrderEntry) -> RepairOrder:
    return RepairOrder(
        number="JC261123-001",
        plate="粤B12345",
        customer_id=1,
        person_id=2,
        address="王女士",
        advisor=5,
        advisor_name="李明",
        opened_at=opened_at,
        state=state_of(history),
        history=history,
    )


class Visit:
    """A signed order whose car is in the shop, with its first promise; `now` is the clock (UTC)."""

    def __init__(self, calendar: StoreCalendar, arrived: datetime, promised: datetime) -> None:
        self.calendar, self.now = calendar, arrived.astimezone(UTC)
        self.latest = self.now
        self.order = order_of(arrived)
        self.add(OrderHappening.PROMISED, at=promised.isoformat())
        self.heard, self.last_word = promised.astimezone(UTC), OrderHappening.TOLD
        self.move(OrderState.IN_SHOP)

    @property
    def state(self) -> OrderState:
        return state_of(self.order.history)

    def add(self, happening: OrderHappening, **details: Any) -> None:
        entry = OrderEntry(self.now, happening, 5, "李明", details)
        self.order = order_of(self.order.opened_at, *self.order.history, entry)
        if happening in WORDS:
            self.heard, self.last_word = datetime.fromisoformat(details["promise"]).astimezone(UTC), happening

    def move(self, state: OrderState) -> None:
        self.add(OrderHappening.MOVED, state=state.value)

    def promise(self, at: datetime) -> None:
        self.add(OrderHappening.PROMISED, at=at.isoformat(), reason="等件")

    def set_back(self, by: timedelta) -> None:
        """The clock was wrong; what is done at once waits until it has caught up with what was written down."""
        self.latest = max(self.latest, self.now)
        self.now -= by

    def coming(self) -> list[tuple[datetime, str]]:
        """What is planned, soonest first."""
        planned = plan(self.order, FIGURES, self.calendar)
        return sorted((moment, name) for name, moment in planned.moments.items()) if planned else []

    def run_until(self, end: datetime) -> None:
        """The clock runs: everything is done in its second."""
        while True:
            self._assert_heard()
            coming = self.coming()
            stops = [moment for moment, _ in coming[:1]] + ([self.heard] if self.heard > self.now else [])
            moment = min(stops, default=end)
            if moment >= end and not (coming and coming[0][0] <= end):
                break
            self.now = max(self.now, moment.astimezone(UTC))
            if coming and coming[0][0] <= self.now:
                self._do(coming[0][1])
        self.now = max(self.now, end.astimezone(UTC))
        self._assert_heard()

    def sleep_until(self, end: datetime) -> None:
        """The clock stands still, nothing is done; it comes back at `end`."""
        self.now = max(self.now, end.astimezone(UTC))

    def _do(self, name: str) -> None:
        promise = standing_promise(self.order)
        assert promise is not None
        about = {"promise": promise.at.isoformat()}
        match name:
            case "news":
                self.add(OrderHappening.TOLD, **about)
            case "progress" | "again":
                self.add(OrderHappening.ASKED)
            case "ask":
                self.add(OrderHappening.ADVISOR_ASKED)
            case "notice":
                ready = self.state is OrderState.READY
                self.add(OrderHappening.NOTICED if ready else OrderHappening.DELAYED, **about)
            case "unanswered":
                self.add(OrderHappening.CALL_TASK, **about)
            case _:
                raise AssertionError(name)
        assert len(self.order.history) < 500, "It never comes to an end."

    def _assert_heard(self) -> None:
        """Issue 4: the customer hears of a new time before the old one has passed, always."""
        caught_up = self.now >= self.latest
        if self.state.is_in_work and caught_up and self.heard <= self.now and not self._due():
            assert self.last_word is OrderHappening.DELAYED

    def _due(self) -> bool:
        """Whether something is done in this very second."""
        return any(moment <= self.now for moment, _ in self.coming())


def replaced(entry: OrderEntry, zone: Any) -> OrderEntry:
    """The same entry as written down by a process in another zone."""
    details = {
        key: datetime.fromisoformat(value).astimezone(zone).isoformat()
        if key in ("at", "promise", "to")
        else value
        for key, value in entry.details.items()
    }
    return replace(entry, at=entry.at.astimezone(zone), details=details)
