"""Finding free times: 12 bays × 60 days with 5,000 bookings, from the stored masks and by a naive search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import insert

from benchmarks.database import both
from benchmarks.report import Measured, Sheet
from bot.store_file import read_store
from domain.calendar import StoreCalendar
from domain.slots import Offer, Schedule
from domain.store import Bay, Service, Store
from storage import upgrade
from storage.bays import BAY_DAYS, taken
from storage.engine import Books

if TYPE_CHECKING:
    from benchmarks.course import Place

BAYS, DAYS, BOOKINGS = 12, 60, 5_000
ROUNDS = 50
NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # eight o'clock in the store
LENGTHS = (30, 30, 60, 60, 60)  # minutes of the bookings

Booking = tuple[str, datetime, datetime]
"""A bay, and from when to when it is taken."""


def workshop(store: Store) -> Store:
    """The store with twelve general bays and sixty days ahead."""
    bays = tuple(Bay(id=f"G{number}", kind="general", name=f"{number}") for number in range(1, BAYS + 1))
    return replace(store, bays=bays, booking=replace(store.booking, horizon_days=DAYS))


def booked(
    store: Store, calendar: StoreCalendar, service: Service
) -> tuple[dict[tuple[str, date], int], list[Booking]]:
    """Five thousand bookings that lie where there was room, as masks and as a list."""
    random, masks = Random(5_000), dict[tuple[str, date], int]()
    bookings: list[Booking] = []
    empty = Schedule(store, calendar, {})
    starts = [
        offer.start
        for ahead in range(DAYS)
        for offer in empty.offers(service, NOW.date() + timedelta(days=ahead), NOW)
    ]
    for _ in range(200_000):
        if len(bookings) == BOOKINGS:
            return masks, bookings
        bay, start, minutes = random.choice(store.bays).id, random.choice(starts), random.choice(LENGTHS)
        cells = empty.mask_for(start, minutes)
        if any(masks.get((bay, day), 0) & mask for day, mask in cells.items()):
            continue
        for day, mask in cells.items():
            masks[bay, day] = masks.get((bay, day), 0) | mask
        bookings.append((bay, start, empty.end_of(start, minutes)))
    return masks, bookings


def all_offers(schedule: Schedule, service: Service) -> list[Offer]:
    """Every free time of sixty days."""
    days = (NOW.date() + timedelta(days=ahead) for ahead in range(DAYS))
    return [offer for day in days for offer in schedule.offers(service, day, NOW)]


def naive(
    store: Store, calendar: StoreCalendar, service: Service, bookings: Sequence[Booking]
) -> list[tuple[datetime, int]]:
    """The same as it is written at first: every bay and every start, against every booking of the bay."""
    empty, found = Schedule(store, calendar, {}), []
    for offer in all_offers(empty, service):
        end = empty.end_of(offer.start, service.minutes)
        free = sum(
            not any(at == bay.id and start < end and offer.start < until for at, start, until in bookings)
            for bay in store.bays
        )
        if free:
            found.append((offer.start, free))
    return found


async def measure(place: Place) -> Measured:
    """From the rows to the offers, from masks that were read already, and naively; all must find the same."""
    store = workshop(read_store((place.folder / "store.yaml").read_text(encoding="utf-8")))
    calendar = StoreCalendar.of(store)
    service = next(one for one in store.services if one.code == "minor")
    masks, bookings = booked(store, calendar, service)
    schedule = Schedule(store, calendar, masks)
    expected = [(offer.start, offer.free) for offer in all_offers(schedule, service)]
    began = perf_counter()
    slowly = naive(store, calendar, service, bookings)
    slow = 1000 * (perf_counter() - began)
    if slowly != expected:
        raise RuntimeError("The naive search finds other times: one of the two is wrong.")
    rows = [["", "all of 60 days, ms", "the next five, ms"]]
    everything = _timed(lambda: all_offers(Schedule(store, calendar, masks), service))
    five = _timed(lambda: Schedule(store, calendar, masks).nearest(service, NOW, NOW, 5))
    rows.append(["stored masks, in memory", f"{everything:.2f}", f"{five:.3f}"])
    for name, urls in (await both(place.postgres, place.folder, "slots", [BOOKINGS])).items():
        read = await _read(Books(urls[BOOKINGS]), masks)
        rows.append(
            [f"… and reading them from {name}", f"{everything + read[0]:.2f}", f"{five + read[1]:.3f}"]
        )
    rows.append(["naive search in Python", f"{slow:.0f}", "–"])
    load = (
        f"{BAYS} bays, {DAYS} days, {len(bookings):,} bookings, {len(expected):,} times found; medians of {ROUNDS}, "
        "the naive search once"
    )
    return Measured(Sheet("free slots", "Free times", rows, load), {"slots": everything, "next_five": five})


def _timed(work: Callable[[], object]) -> float:
    """The median in milliseconds."""
    took = []
    for _ in range(ROUNDS):
        began = perf_counter()
        work()
        took.append(perf_counter() - began)
    return 1000 * median(took)


async def _read(books: Books, masks: dict[tuple[str, date], int]) -> tuple[float, float]:
    """Milliseconds to read the masks of sixty days, and those of the two that the next five lie on."""
    await upgrade.upgrade(books)
    async with books.unit() as unit:
        rows = [{"bay": bay, "day": day, "mask": mask} for (bay, day), mask in masks.items()]
        await unit.run_many(insert(BAY_DAYS), rows)
    took: tuple[list[float], list[float]] = [], []
    first = NOW.date()
    for _ in range(ROUNDS):
        for times, days in zip(took, (DAYS, 1), strict=True):
            async with books.glance() as unit:
                began = perf_counter()
                await taken(unit, first, first + timedelta(days=days))
                times.append(perf_counter() - began)
    await books.close()
    return 1000 * median(took[0]), 1000 * median(took[1])
