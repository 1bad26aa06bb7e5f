"""Sheets of earlier versions, and a house that has them: what the store writes into followup/*.yaml over the years."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from domain.follow_ups import FollowUp
from domain.questionnaires import Questionnaire
from scripts_zh.questionnaires import from_source
from service.ports import Letter, Sender, Tap
from storage import follow_ups
from storage.engine import Books
from storage.follow_ups import FOLLOW_UPS
from tests.clock import FakeClock
from tests.service.follow_up_year import Leaving, Manner, Owner
from tests.service.follow_up_year_books import file_orders, open_books
from tests.service.front_door import GROUP, FrontDoor, open_door
from tests.service.month import STORE_TIME

FOLDER = Path(__file__).parents[1] / "scripts_zh" / "sheets"
PEOPLE = tuple(Owner(number, Manner.ANSWERS, has_two=False) for number in (1, 2, 3))
BEGINS, INVITED, COMES_LATER = (Sender(owner.user, "客") for owner in PEOPLE)
HOUR = timedelta(hours=1)
_numbers = count(1_000)


def source(name: str) -> str:
    """The content of a sheet, as it is kept with the answers."""
    text = (FOLDER / name).read_text("utf-8")
    return (
        text
        if name.endswith(".json")
        else json.dumps(yaml.safe_load(text), ensure_ascii=False, sort_keys=True)
    )


def sheets(*names: str) -> Mapping[str, Questionnaire]:
    """What the store has in its folder: these files."""
    found = [from_source(source(f"{name}.yaml")) for name in names]
    return {sheet.id: sheet for sheet in found}


@asynccontextmanager
async def house_with(books: Books, clock: FakeClock, *names: str) -> AsyncIterator[FrontDoor]:
    """The house, opened with these sheets and nothing else; closed again, whatever waits goes on in the next one."""
    async with open_door(books, clock, questionnaires=sheets(*names)) as door:
        door._updates, door.post._numbers = _numbers, _numbers  # of all houses together: nothing comes twice
        yield door
        assert [row.error for row in await door.dead()] == []


async def furnish(door: FrontDoor) -> None:
    await open_books(door.house.books, PEOPLE, door.clock.now(), "")


async def leave(door: FrontDoor, who: Sender) -> None:
    """Their car leaves now."""
    owner = next(each for each in PEOPLE if each.user == who.user_id)
    now = door.clock.now().astimezone(STORE_TIME)
    visit = Leaving(f"JC{now:%y%m%d}-{owner.number:03d}", owner, owner.plate(0), now)
    advisor = Sender(11, "小敏")
    cards = await file_orders(door.house.books, [visit], now, _numbers, advisor)
    conversation, message = cards[visit.number]
    await door.tap(advisor, Tap(conversation, 1, "left"), card=message, chat=GROUP)


async def until_asked(door: FrontDoor, who: Sender, days: int = 8) -> Letter:
    """Time passes until `who` is sent something that can be pressed."""
    for _ in range(days * 24):
        for brought in await door.pass_time(HOUR):
            if brought.chat_id == who.user_id and brought.buttons and brought.edits is None:
                return brought
    raise AssertionError(f"{who} was not asked in {days} days")


async def contact(door: FrontDoor, who: Sender, sheet: str = "check_48h") -> FollowUp:
    """The newest contact of theirs with this sheet."""
    file = who.user_id - PEOPLE[0].user + 1
    wanted = FOLLOW_UPS.c.customer_id == file, FOLLOW_UPS.c.questionnaire == sheet
    rows = await door.rows(select(FOLLOW_UPS.c.number).where(*wanted).order_by(FOLLOW_UPS.c.occurred_at))
    async with door.house.books.glance() as unit:
        found = await follow_ups.load(unit, rows[-1].number)
    assert found is not None
    return found


def shown(door: FrontDoor, who: Sender) -> Any:
    """What was brought to them last."""
    return door.post.to(who.user_id)[-1]
