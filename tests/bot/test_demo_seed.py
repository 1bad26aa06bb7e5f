"""The demo's store is lively at every hour of every day: forms ahead, and something near that happens by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.demo_seed import seed
from bot.opening import make_house, ready_books
from bot.store_file import read_store, template
from storage import timers
from storage.appointments import APPOINTMENTS
from storage.engine import Books
from tests.clock import FakeClock

ZONE = ZoneInfo("Asia/Shanghai")
LIVELY = 50  # appointments within the next open days


@pytest.mark.parametrize(
    "opened",
    [
        datetime(2026, 11, 23, 10, tzinfo=ZONE),
        datetime(2026, 11, 23, 3, tzinfo=ZONE),
        datetime(2026, 11, 23, 20, 55, tzinfo=ZONE),
        datetime(2026, 11, 22, 12, tzinfo=ZONE),  # a Sunday
        datetime(2026, 10, 1, 10, tzinfo=ZONE),  # the first of seven closed days
        datetime(2026, 10, 1, 3, tzinfo=ZONE),
        datetime(2027, 2, 17, 10, tzinfo=ZONE),
    ],
    ids=str,
)
async def test_something_happens_soon_whenever_the_demo_is_opened(opened: datetime, sqlite_url: str) -> None:
    """Nothing is overdue at the opening, and nothing was written down in the future (B7, B8)."""
    books, store = Books(sqlite_url), read_store(template(), "store.yaml")
    await ready_books(books)
    house = make_house(store, books, FakeClock(opened), 1, lambda point: None)
    await seed(house)
    async with books.glance() as unit:
        due = await timers.next_due(unit)
        forms = await unit.rows(select(APPOINTMENTS))
    await books.close()
    assert due is not None
    assert opened < due <= opened + timedelta(hours=12)
    ahead = [form for form in forms if form.starts_at > opened]
    assert len(ahead) >= LIVELY
    assert max(form.made_at for form in forms) <= opened
