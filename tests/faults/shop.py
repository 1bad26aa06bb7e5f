"""A small shop for fault tests: open every day, never quiet; a customer we know, a foreman, a stranger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from bot.store_file import read_store
from domain.people import Role
from storage import customers, people, places

if TYPE_CHECKING:
    from pathlib import Path

    from domain.store import Store
    from storage.engine import Books

WANG, LI, ZHANG = 101, 102, 301
GROUP = -1009
WANGS_PLATE, LIS_PLATE = "粤B12345", "粤B54321"

HOURS = "{opens: 00:30, closes: 23:30}"  # a workshop that is asked again within 15 minutes, at any hour of the test
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STORE_FILE = f"""
name: 申浦汽车4S店
address: 上海市浦东新区示范路88号
phones: [021-5555 0100]
rescue_phone: 021-5555 0120
time_zone: Asia/Shanghai
hours: {{{", ".join(f"{day}: {HOURS}" for day in DAYS)}}}
national_holidays: false
special_days: []
bays:
  - {{id: G1, kind: general, name: 机电1号工位}}
  - {{id: G2, kind: general, name: 机电2号工位}}
services:
  - {{code: minor, name: 小保养, group: 保养, bay_kind: general, minutes: 60, price: 398}}
  - {{code: quick, name: 快修, group: 维修, bay_kind: general, minutes: 30, price: 98}}
quiet: {{starts: 21:00, ends: 21:00}}
sending: {{bot_per_second: 100000, chat_per_second: 100000, chat_burst: 1000, group_per_minute: 1000000}}
"""


@cache
def store() -> Store:
    """The shop as the program reads it."""
    return read_store(STORE_FILE)


def write_store_file(folder: Path) -> Path:
    """The shop's file in `folder`."""
    path = folder / "store.yaml"
    path.write_text(STORE_FILE, encoding="utf-8")
    return path


def in_some_days(days: int = 5, hour: int = 10, now: datetime | None = None) -> datetime:
    """A start that anybody may book, store time."""
    today = (now or datetime.now(UTC)).astimezone(store().zone)
    return (today + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)


async def open_shop(books: Books, now: datetime) -> None:
    """Wang's file is there with consent and a car; Zhang runs the workshop; the staff group is bound."""
    async with books.unit() as unit:
        wanted = [(WANG, "建国"), (ZHANG, "师傅")]
        blank = {"username": "", "reachable": True, "opted_out": False, "first_seen": now}
        await people.meet(unit, [{"user_id": user, "first_name": name} | blank for user, name in wanted])
        known = {person.user_id: person.id for person in await people.load(unit, now, user_ids=[WANG, ZHANG])}
        words = {"name": "王建国", "surname": "王", "salutation": "先生", "phone": "13800138000"}
        file = await customers.open_file(unit, known[WANG], now, consent_at=now, **words)
        await customers.keep_vehicle(unit, file, WANGS_PLATE, "朗逸", now)
        await people.give_role(unit, known[ZHANG], Role.WORKSHOP_SUPERVISOR, now)
        await places.bind(unit, GROUP, has_topics=False)
