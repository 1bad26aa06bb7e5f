"""The bot's metrics in Prometheus' form: what `service/measures.py` is told, and how the books stand at the moment.

The names, their meaning and alerts worth having: docs/how-to/watch.md.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dialogs.core import Kind
from service.measures import Measures
from service.ports import Delivered, Delivery, Gone, Incoming, Moved, Stopped, TryLater, Unknown

if TYPE_CHECKING:
    from storage.standing import Standing

QUICK: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)  # seconds
LATE: Final = (0.1, 0.5, 1, 2, 5, 15, 60, 300, 3600, 86_400)  # seconds
SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200)  # updates
MOST_AWAITED: Final = 10_000  # updates and answers whose time runs; older ones are forgotten
ANSWERS: Final = {
    Delivered: "delivered",
    TryLater: "try_later",
    Gone: "gone",
    Moved: "moved",
    Unknown: "unknown",
    Stopped: "stopped",
}


class Metrics(Measures):
    """Counts what it is told. `text` is what a scraper gets."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # when each counter began: nobody asks for it
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._books = _BooksGauges()
        registry.register(self._books)
        self._count(registry)
        self._time(registry)
        self._arrived: dict[int, float] = {}  # update → when it came
        self._awaited: dict[int, float] = {}  # letter that answers → when what it answers came

    def _count(self, registry: CollectorRegistry) -> None:
        self._updates = Counter("desk_updates", "Updates handled.", ["kind"], registry=registry)
        self._redone = Counter(
            "desk_batches_redone", "Batches that failed and were redone one by one.", registry=registry
        )
        self._dead = Counter("desk_dead_letters", "Dead letters written.", ["source"], registry=registry)
        self._deliveries = Counter(
            "desk_deliveries",
            "Letters brought, by what the answer was judged as.",
            ["answer"],
            registry=registry,
        )
        self._toasts = Counter("desk_toasts", "Presses answered.", registry=registry)
        self._calls = Counter(
            "desk_api_calls",
            "Calls of the Bot API by HTTP status (0: none).",
            ["method", "status"],
            registry=registry,
        )
        for source in ("update", "timer"):
            self._dead.labels(source)  # there from the start, so that an increase from nothing is one
        self._answers = {kind: self._deliveries.labels(name) for kind, name in ANSWERS.items()}

    def _time(self, registry: CollectorRegistry) -> None:
        self._batch = Histogram(
            "desk_batch_updates", "Updates in one transaction.", buckets=SIZES, registry=registry
        )
        self._transaction = Histogram(
            "desk_transaction_seconds",
            "From the transaction's begin to its commit.",
            buckets=QUICK,
            registry=registry,
        )
        self._commit = Histogram(
            "desk_update_commit_seconds",
            "From an update's arrival to its commit.",
            buckets=QUICK,
            registry=registry,
        )
        self._answer = Histogram(
            "desk_update_answer_seconds", "From an update's arrival to its answer's delivery.", buckets=QUICK,
            registry=registry,
        )  # fmt: skip
        self._lateness = Histogram(
            "desk_timer_lateness_seconds", "How late timers fired.", buckets=LATE, registry=registry
        )
        self._call = Histogram(
            "desk_api_call_seconds",
            "Duration of Bot API calls.",
            ["method"],
            buckets=QUICK,
            registry=registry,
        )

    # ------------------------------------------------------------ what happens

    def received(self, updates: Sequence[Incoming]) -> None:
        """See `Measures`. An update that comes again has waited since it came first."""
        now = monotonic()
        for update in updates:
            self._arrived.setdefault(update.update_id, now)
        _forget_oldest(self._arrived)

    def committed(
        self,
        updates: Sequence[Incoming],
        letters: Sequence[Mapping[str, Any]],
        toasts: int,
        late: Sequence[timedelta],
        seconds: float,
    ) -> None:
        """See `Measures`."""
        self._transaction.observe(seconds)
        if toasts:
            self._toasts.inc(toasts)
        for each in late:
            self._lateness.observe(max(0.0, each.total_seconds()))
        if not updates:
            return
        self._batch.observe(len(updates))
        for kind, count in Count(_kind(update) for update in updates).items():
            self._updates.labels(kind).inc(count)
        self._await_answers(updates, letters)

    def _await_answers(self, updates: Sequence[Incoming], letters: Sequence[Mapping[str, Any]]) -> None:
        now = monotonic()
        asked: dict[int, float] = {}
        for update in updates:
            came = self._arrived.pop(update.update_id, None)
            if came is not None:
                self._commit.observe(now - came)
                asked.setdefault(update.chat_id, came)
        for row in letters:
            if row["kind"] == Kind.ANSWER.value and (since := asked.pop(row["chat_id"], None)) is not None:
                self._awaited[row["id"]] = since
        _forget_oldest(self._awaited)

    def redone(self) -> None:
        """See `Measures`."""
        self._redone.inc()

    def buried(self, source: str) -> None:
        """See `Measures`."""
        self._dead.labels(source).inc()

    def brought(self, letter: int, answer: Delivery) -> None:
        """See `Measures`."""
        self._answers[type(answer)].inc()
        if isinstance(answer, Delivered) and (since := self._awaited.pop(letter, None)) is not None:
            self._answer.observe(monotonic() - since)

    def called(self, method: str, status: int, seconds: float) -> None:
        """See `Measures`."""
        self._calls.labels(method, str(status)).inc()
        self._call.labels(method).observe(seconds)

    # ------------------------------------------------------------ what is asked

    def text(self, standing: Standing | None) -> bytes:
        """Everything in Prometheus' text form. `standing`: how the books stand, None when they do not answer."""
        self._books.standing = standing
        return generate_latest(self._registry)


class _BooksGauges(Collector):
    """What the books say, as of the last time they were asked."""

    standing: Standing | None = None

    def collect(self) -> Iterator[Metric]:
        standing = self.standing
        yield _gauge("desk_books_up", "Whether the database answered.", standing is not None)
        if standing is None:
            return
        waiting = GaugeMetricFamily("desk_letters_waiting", "Letters that have not left.", labels=["state"])
        for state, count in standing.letters.items():
            waiting.add_metric([state], count)
        yield waiting
        breaches = GaugeMetricFamily(
            "desk_complaint_breaches", "Open steps of complaints past their deadline.", labels=["deadline"]
        )
        breaches.add_metric(["acceptance"], standing.late_acceptances)
        breaches.add_metric(["solution"], standing.late_solutions)
        yield breaches
        yield _gauge(
            "desk_outbox_age_seconds",
            "For how long the oldest letter has been due.",
            standing.outbox_age.total_seconds(),
        )
        yield _gauge("desk_timers_late", "Timers that should have fired.", standing.late_timers)
        yield _gauge("desk_complaints_open", "Complaints that are not closed.", standing.open_complaints)
        yield _gauge("desk_dead_letters_kept", "Dead letters nobody has decided on.", standing.dead_letters)

    def describe(self) -> list[Metric]:
        """Nothing is asked when the collector is registered."""
        return []


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def _kind(update: Incoming) -> str:
    """What came, in a word: said, pressed, … ; other for what nobody needs."""
    return type(update.event).__name__.lower() if update.event is not None else "other"


def _forget_oldest(times: dict[int, float]) -> None:
    while len(times) > MOST_AWAITED:
        del times[next(iter(times))]
