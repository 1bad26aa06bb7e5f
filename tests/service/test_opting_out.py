"""退订: one word is enough, it holds for good, and what the customer needs still comes (F2, K5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from dialogs.core import Home, Kind, Say
from service.briefing import Briefing
from service.ledger import Ledger
from service.play import Play
from storage import people
from storage.engine import Books
from tests.clock import MONDAY_TEN, FakeClock
from tests.service.front_door import GROUP, WANG, FrontDoor, open_door, texts

EVENING = MONDAY_TEN + timedelta(hours=10)  # 20:00 in the store: too late for a follow-up
NINE = MONDAY_TEN + timedelta(hours=23)  # 9:00 of the next day


async def write(door: FrontDoor, kind: Kind) -> str:
    """Write Mr Wang one letter of `kind`; what became of it."""
    now = door.clock.now()
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, now)
        ledger.know(await people.load(unit, now, user_ids=[WANG.user_id]))
        play = Play(door.house, ledger, Briefing(unit, door.house, now))
        desk = await play.begin("front_desk", Home(person=ledger.by_user[WANG.user_id].id))
        await play.drafting.say(Say("front_desk/thanks", kind=kind), desk)
        letters = await ledger.flush()
    door.intake.couriers.take(letters)
    await door.quiet()
    row = (await door.outbox("front_desk/thanks"))[-1]
    return str(row.reason or row.state)


async def test_one_word_at_the_desk_is_enough_and_no_colleague_is_bothered(both: FrontDoor) -> None:
    """K5: it says what stops, what goes on, and how to come back."""
    before = len(both.post.to(GROUP))
    said = texts(await both.say(WANG, "退订"))
    assert "已为您退订" in said
    assert "接车通知" in said
    assert "恢复订阅" in said
    assert (await both.person(WANG)).opted_out
    assert "care.opted_out" in await both.audit()
    assert len(both.post.to(GROUP)) == before
    assert await write(both, Kind.CARE) == "opted_out"
    assert [await write(both, kind) for kind in (Kind.ANSWER, Kind.NOTICE, Kind.REMINDER)] == ["sent"] * 3


async def test_whoever_wants_to_come_back_says_so(both: FrontDoor) -> None:
    """K5: and only they; other words and visits change nothing."""
    await both.say(WANG, "退订")
    for ordinary in ("你好", "不要退订", "营业时间", "我的预约", "/start"):
        await both.say(WANG, ordinary)
        assert (await both.person(WANG)).opted_out, ordinary
    assert "已经恢复" in texts(await both.say(WANG, "恢复订阅"))
    assert not (await both.person(WANG)).opted_out
    assert await write(both, Kind.CARE) == "sent"


@pytest.mark.parametrize("words", ["不要退订", "退订预约", "我没有退订"])
async def test_what_only_looks_like_it_changes_nothing(shop: FrontDoor, words: str) -> None:
    await shop.say(WANG, words)
    assert not (await shop.person(WANG)).opted_out


async def test_a_doubt_is_asked_about(shop: FrontDoor) -> None:
    """怎么退订: one press does it, another leaves everything as it was."""
    assert "您是想退订" in texts(await shop.say(WANG, "怎么退订"))
    assert not (await shop.person(WANG)).opted_out
    assert "一切照旧" in texts(await shop.press(WANG, "暂不退订"))
    assert not (await shop.person(WANG)).opted_out
    await shop.say(WANG, "怎么退订")
    assert "已为您退订" in texts(await shop.press(WANG, "opt_out"))
    assert (await shop.person(WANG)).opted_out


async def in_a_booking(door: FrontDoor) -> None:
    await door.say(WANG, "预约服务")


async def in_a_complaint(door: FrontDoor) -> None:
    await door.say(WANG, "我要投诉")


@pytest.mark.parametrize("begin", [in_a_booking, in_a_complaint])
async def test_it_is_heard_in_the_middle_of_anything(
    shop: FrontDoor, begin: Callable[[FrontDoor], Awaitable[None]]
) -> None:
    """The form that is open asks its question again; its words are not taken for the answer."""
    await begin(shop)
    open_before = [
        (row.dialog, row.step, row.state) for row in await shop.conversations() if row.status == "open"
    ]
    said = texts(await shop.say(WANG, "退订"))
    assert "已为您退订" in said
    assert (await shop.person(WANG)).opted_out
    assert [
        (row.dialog, row.step, row.state) for row in await shop.conversations() if row.status == "open"
    ] == (open_before)


async def test_a_letter_kept_for_the_morning_is_let_go_when_they_opt_out_at_night(both: FrontDoor) -> None:
    """Asked again when it is due: the last word counts."""
    both.clock.set(EVENING)
    assert await write(both, Kind.CARE) == "quiet_hours"
    await both.say(WANG, "退订")
    assert await both.pass_time(NINE - EVENING) == []
    assert [(row.state, row.reason) for row in await both.outbox("front_desk/thanks")] == [
        ("dropped", "opted_out")
    ]


async def test_it_holds_for_good(books: Books, clock: FakeClock) -> None:
    """F2: after a restart, and years later, whoever unsubscribed is left in peace."""
    async with open_door(books, clock) as door:
        await door.say(WANG, "退订")
    for later in (timedelta(minutes=1), timedelta(days=365), timedelta(days=3650)):
        clock.advance(later)
        async with open_door(books, clock) as door:
            await door.say(WANG, "你好")
            assert await write(door, Kind.CARE) == "opted_out"
            assert await write(door, Kind.NOTICE) == "sent"
