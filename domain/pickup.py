"""When the customer hears that the car is ready, or late (P1–P8), and when the shop is asked before (G1, G3, P3).

Everything is computed from the order's history: a promise that was changed plans anew by itself, and nothing has to be
counted down. Moments that come out are aware, in store time; sums are made in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from domain.repair_orders import OrderEntry, OrderHappening, OrderState, RepairOrder, VisitFigures, state_of

if TYPE_CHECKING:
    from domain.calendar import StoreCalendar

_WORDS = (OrderHappening.NOTICED, OrderHappening.DELAYED)  # of one promise: it is kept, it is not
_TALK = (OrderHappening.ASKED, OrderHappening.PROGRESS)  # with the workshop


@dataclass(frozen=True, slots=True)
class Promise:
    """A hand-over time that was promised, when, and why it differs from the one before ("" for the first)."""

    at: datetime
    made_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupPlan:
    """What is still to happen about the standing promise; None where it has happened, or is not wanted.

    `news`: the customer has not heard of this time yet and is told at once. `progress`: the workshop is asked (G1),
    `again`: once more, with its supervisor (G3). `ask`: the advisor is asked for reason and new time (P3).
    `notice`: the pickup notice if the car is ready, the delay notice if not (P1, P3). `unanswered`: the notice was
    not answered, the advisor calls (P4). A moment may be past: then it is done at once.

    Each is over with its entry: `TOLD`, `ASKED`, `ASKED`, `ADVISOR_ASKED`, `NOTICED` or `DELAYED`, `CALL_TASK`.
    """

    promise: Promise
    news: datetime | None = None
    progress: datetime | None = None
    again: datetime | None = None
    ask: datetime | None = None
    notice: datetime | None = None
    unanswered: datetime | None = None

    @property
    def moments(self) -> dict[str, datetime]:
        """What is still to happen, by its name, and when."""
        planned = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "promise"}
        return {name: moment for name, moment in planned.items() if moment is not None}


def promises(order: RepairOrder) -> tuple[Promise, ...]:
    """Every promised time, the standing one last.

    The same time said twice is one promise, so that a second press brings no second notice (P5); unless the customer
    was last told that it will not be kept: then it is promised anew.
    """
    return tuple(promise for _, promise in _made(order))


def standing_promise(order: RepairOrder) -> Promise | None:
    """The time that counts now; None before anything was promised."""
    return next((promise for _, promise in reversed(_made(order))), None)


def last_word(order: RepairOrder) -> OrderHappening | None:
    """NOTICED or DELAYED, whichever the customer heard last about the standing promise; None while neither."""
    made = _made(order)
    if not made:
        return None
    place, promise = made[-1]
    told, _ = _last_told(order.history[place + 1 :], promise)
    return told.happening if told else None


def planned_work(order: RepairOrder) -> timedelta | None:
    """The planned work as P1 measures it: from the car's arrival in the shop to the promised time, by the wall clock.

    Before the car is in the shop it counts from the opening of the order. Nights and days of rest count: the customer
    who is without the car for two days is the one who wants to know four hours ahead. None without a promise.
    """
    promise = standing_promise(order)
    return None if promise is None else promise.at.astimezone(UTC) - _arrived(order)


def is_shop_open(moment: datetime, calendar: StoreCalendar) -> bool:
    """Whether somebody is in the shop: between first opening and last closing of the day, breaks included (P8)."""
    spans = calendar.open_spans(moment.astimezone(calendar.zone).date())
    return bool(spans) and spans[0].start.astimezone(UTC) <= moment < spans[-1].end.astimezone(UTC)


def last_open(moment: datetime, calendar: StoreCalendar) -> datetime:
    """`moment` itself when the shop is open, otherwise the last closing before it (P8); breaks count as open."""
    if is_shop_open(moment, calendar):
        return moment.astimezone(calendar.zone)
    return calendar.previous_closing(moment.astimezone(UTC))


def notice_due(
    promised: datetime, planned: timedelta, figures: VisitFigures, calendar: StoreCalendar
) -> datetime:
    """When the notice of a promise leaves (P1, P8): the lead before it, or the last closing before that moment."""
    return last_open(promised.astimezone(UTC) - figures.lead(planned), calendar)


def progress_due(order: RepairOrder, figures: VisitFigures, calendar: StoreCalendar) -> datetime | None:
    """When the workshop is asked how it goes: after 75 % of the working time from arrival to promise (G1).

    Working time, because nobody can answer at night. None without a promise or working time before it, and when
    that part had passed when the time was promised: who promises so late has just heard from the workshop. Of a
    promise that was made after the workshop had been asked it is 75 % of what was left then, if that is later: who
    has just named a new time is not asked again some minutes after.
    """
    made = _made(order)
    if not made:
        return None
    place, promise = made[-1]
    binds = _binds(order, place)
    due = _share_of_work(_arrived(order), promise.at, figures, calendar)
    if due is None or due.astimezone(UTC) <= binds:
        return None
    asked = any(entry.happening in _TALK for entry in order.history[:place])
    again = _share_of_work(binds, promise.at, figures, calendar) if asked else None
    return max(due, again) if again else due


def _share_of_work(
    begins: datetime, ends: datetime, figures: VisitFigures, calendar: StoreCalendar
) -> datetime | None:
    """When `progress_share` of the working time between two moments is over; None where there is none."""
    working = calendar.business_time(begins, ends)
    return calendar.add_business_time(begins, figures.progress_part(working)) if working else None


def plan(order: RepairOrder, figures: VisitFigures, calendar: StoreCalendar) -> PickupPlan | None:
    """What the standing promise still asks for.

    None without a promise, before the customer has signed, and when the car is settled, has left or is cancelled.
    A delay notice that named no new time has told the promise late: when the car gets ready, its notice goes at once.
    A car that goes back into work after its notice: the advisor is asked at once and the customer told within
    `ask_minutes`, before the promised time. Raises NeverOpen as the calendar does.
    """
    state, made = state_of(order.history), _made(order)
    if not made or not state.is_promised:
        return None
    place, promise = made[-1]
    standing = _Standing(order, place, promise, figures, calendar)
    return standing.ready() if state is OrderState.READY else standing.in_work()


class _Standing:
    """The standing promise of an order, and what has happened since it was made."""

    def __init__(
        self,
        order: RepairOrder,
        place: int,
        promise: Promise,
        figures: VisitFigures,
        calendar: StoreCalendar,
    ) -> None:
        self.order, self.promise, self.since = order, promise, order.history[place + 1 :]
        self.signed = _came_after(order, place)
        self.figures, self.calendar = figures, calendar
        self.binds = _binds(order, place)
        planned = promise.at.astimezone(UTC) - _arrived(order)
        self.due = notice_due(promise.at, planned, figures, calendar)
        self.told, self.after = _last_told(self.since, promise)
        self.begins = self.binds if self.told is None else self._back_in_work(self.told)

    def ready(self) -> PickupPlan:
        """The car waits for its customer: one notice, unless a delay notice took it back (P1, P2, P5, P6)."""
        if self.told is not None and self.told.happening is OrderHappening.NOTICED:
            return PickupPlan(promise=self.promise, news=self._news(), unanswered=self._unanswered())
        ready = self.order.of(OrderHappening.MOVED)[-1].at.astimezone(UTC)
        # Who was told that it will be late hears at once that it is not: no lead to wait for any more.
        notice = ready if self.told is not None else max(self.due, self.binds, ready)
        # A notice that goes at once says the new time itself.
        news = None if notice <= max(self.binds, ready) else self._news()
        return PickupPlan(promise=self.promise, news=news, notice=self._local(notice))

    def in_work(self) -> PickupPlan:
        """The car is not ready: the shop is asked, and by the time of the notice the customer told (G1, G3, P3)."""
        progress, again = self._progress()
        if self.told is not None and self.told.happening is OrderHappening.DELAYED:
            return PickupPlan(promise=self.promise, news=self._news(), progress=progress, again=again)
        late = self._delay_due()
        asked = any(entry.happening is OrderHappening.ADVISOR_ASKED for entry in self.after)
        return PickupPlan(
            promise=self.promise,
            news=self._news(),
            progress=progress,
            again=again,
            ask=None if asked else self._ask(late),
            notice=self._local(late),
        )

    def _delay_due(self) -> datetime:
        """By when the customer hears that the car is late (P3): when the notice is due.

        When even the question to the advisor would come before the promise was made, it is too short for that: the
        workshop has the same share of it as has gone by when it is asked (G1). A delay notice some minutes after
        the promise would be no honest word (docs/decisions/0013).
        """
        question = self.due.astimezone(UTC) - timedelta(minutes=self.figures.ask_minutes)
        if self.told is None and question > self.binds:
            return self.due
        wait = self.figures.progress_part(self.promise.at.astimezone(UTC) - self.begins)
        if self.told is not None:
            wait = min(wait, timedelta(minutes=self.figures.ask_minutes))
        return self._open_hour(self.begins + wait)

    def _open_hour(self, moment: datetime) -> datetime:
        """`moment`, or if the shop is shut then: the closing before, else the opening before the promised time."""
        closing = last_open(moment, self.calendar)
        if closing > self.begins:
            return closing
        opening = self.calendar.next_opening(moment) if moment > self.begins else self.begins
        return opening if opening < self.promise.at.astimezone(UTC) else self.begins

    def _ask(self, late: datetime) -> datetime:
        """30 minutes before the customer would hear of a delay, while somebody is there to answer (P3)."""
        ask = last_open(late.astimezone(UTC) - timedelta(minutes=self.figures.ask_minutes), self.calendar)
        return self._local(max(ask, self.begins))

    def _back_in_work(self, told: OrderEntry) -> datetime:
        """When a car that was ready at the last word went back into work for the last time, in UTC."""
        back, ready = told.at, True
        for entry in self.after:
            if entry.happening is OrderHappening.MOVED:
                was, ready = ready, entry.details["state"] == OrderState.READY.value
                back = entry.at if was and not ready else back
        return back.astimezone(UTC)

    def _progress(self) -> tuple[datetime | None, datetime | None]:
        """When the workshop is asked (G1), and when once more (G3)."""
        talk = [entry for entry in self.since if entry.happening in _TALK]
        asked = [entry for entry in talk if entry.happening is OrderHappening.ASKED]
        if not asked:
            return progress_due(self.order, self.figures, self.calendar), None
        if len(asked) > 1 or talk[-1] is not asked[0]:
            return None, None
        wait = timedelta(minutes=self.figures.progress_answer_minutes)
        return None, self._local(asked[0].at.astimezone(UTC) + wait)

    def _unanswered(self) -> datetime | None:
        """When the advisor calls because the notice was not answered (P4)."""
        over = (OrderHappening.ANSWERED, OrderHappening.CALL_TASK)
        if self.told is None or any(e.happening in over and "item" not in e.details for e in self.after):
            return None
        return self._local(self.told.at.astimezone(UTC) + timedelta(minutes=self.figures.answer_minutes))

    def _news(self) -> datetime | None:
        """When the customer is told of a changed time: at once; None once heard, at the signing or since."""
        heard = self.signed or self.told is not None or any(map(self._says_new_time, self.since))
        return None if heard else self._local(self.promise.made_at)

    def _says_new_time(self, entry: OrderEntry) -> bool:
        if entry.happening is OrderHappening.TOLD:
            return _names(entry, "promise", self.promise.at)
        return entry.happening is OrderHappening.DELAYED and _names(entry, "to", self.promise.at)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.calendar.zone)


def _last_told(
    since: tuple[OrderEntry, ...], promise: Promise
) -> tuple[OrderEntry | None, tuple[OrderEntry, ...]]:
    """The last word to the customer about whether `promise` is kept, if there was one, and what came after."""
    for place in reversed(range(len(since))):
        if since[place].happening in _WORDS and _names(since[place], "promise", promise.at):
            return since[place], since[place + 1 :]
    return None, since


def _arrival(order: RepairOrder) -> OrderEntry | None:
    """The entry with which the signed order's car was in the shop; an imported order may begin in a later state."""
    moved = order.of(OrderHappening.MOVED)
    return next((entry for entry in moved if OrderState(entry.details["state"]).is_promised), None)


def _arrived(order: RepairOrder) -> datetime:
    """When the work began to count, in UTC: the car is in the shop, or else the order was opened."""
    arrival = _arrival(order)
    return (order.opened_at if arrival is None else arrival.at).astimezone(UTC)


def _came_after(order: RepairOrder, place: int) -> bool:
    """Whether the car came after this entry: what was promised before it was read and signed on arrival."""
    arrival = _arrival(order)
    return any(entry is arrival for entry in order.history[place + 1 :])


def _binds(order: RepairOrder, place: int) -> datetime:
    """From when on the promise of this entry counts, in UTC: it was made, and the car is in the shop."""
    return _arrived(order) if _came_after(order, place) else order.history[place].at.astimezone(UTC)


def _made(order: RepairOrder) -> list[tuple[int, Promise]]:
    """The promises, and behind which entry of the history each one counts."""
    made: list[tuple[int, Promise]] = []
    broken = False
    for place, entry in enumerate(order.history):
        if entry.happening in _WORDS and made and _names(entry, "promise", made[-1][1].at):
            broken = entry.happening is OrderHappening.DELAYED
        elif entry.happening is OrderHappening.PROMISED:
            if made and not broken and _names(entry, "at", made[-1][1].at):
                continue
            at, broken = datetime.fromisoformat(entry.details["at"]), False
            made.append((place, Promise(at, entry.at, str(entry.details.get("reason", "")))))
    return made


def _names(entry: OrderEntry, key: str, moment: datetime) -> bool:
    """Whether the particular `key` of an entry is this moment, in whatever zone it was written down."""
    written = str(entry.details.get(key) or "")
    return bool(written) and datetime.fromisoformat(written).astimezone(UTC) == moment.astimezone(UTC)
