"""The intake: what waits is handled together; what cannot be handled spoils nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

import service.intake
from dialogs.catalogue import DIALOGS
from dialogs.core import Dialog, Event, Said, Turn, Wake, Woke, ask
from dialogs.facts import Facts
from dialogs.front_desk import FRONT_DESK
from service.couriers import Couriers
from service.desk import Desk
from service.ports import Sender, Unknown
from storage import conversations
from storage.dead_letters import DEAD_LETTERS
from storage.engine import Books
from storage.places import PLACES
from tests.clock import FakeClock
from tests.service.front_door import GROUP, LI, LONG, WANG, FrontDoor, open_door, texts
from tests.service.stages import open_shop

PEOPLE = [Sender(1_000 + number, f"客户{number}") for number in range(40)]


def _trips(state: Any, event: Event, facts: Facts) -> Turn:
    """A front desk with a bug in it: one word makes it stumble."""
    match event:
        case Said("轰"):
            raise ZeroDivisionError("a bug")
        case Said("晚点轰"):
            return ask(state, Wake("silence_nudge", facts.now + timedelta(minutes=1)))
        case Woke():
            raise ZeroDivisionError("a bug in a timer")
    return FRONT_DESK.first(state, event, facts)


TRIPPING = Dialog("front_desk", FRONT_DESK.state, steps=(_trips,), needs=FRONT_DESK.needs, lasting=True)
STUMBLING = dict(DIALOGS) | {"front_desk": TRIPPING}


async def test_what_waits_is_handled_in_one_transaction(door: FrontDoor) -> None:
    """Forty people's messages that came while one was handled: one commit for all of them."""
    async with asyncio.timeout(LONG):
        await asyncio.gather(*(door.intake.put([door.update(who, Said("咨询"))]) for who in PEOPLE))
    assert door.points.count("after_commit") == 1
    await door.quiet()
    assert len(door.post.letters) == len(PEOPLE)


async def test_no_transaction_takes_more_than_its_fill(
    door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood is cut into batches; all of it is handled, in order."""
    monkeypatch.setattr(service.intake, "MOST_AT_ONCE", 10)
    async with asyncio.timeout(LONG):
        await asyncio.gather(*(door.intake.put([door.update(who, Said("咨询"))]) for who in PEOPLE))
    assert door.points.count("after_commit") == 4


async def test_a_flood_of_fifty_messages_of_one_person(door: FrontDoor) -> None:
    """Fifty at once: fifty answers, in order, nothing lost, nothing broken."""
    said = await door.bring(
        *(door.update(LI, Said("咨询" if number % 2 else "地址")) for number in range(50))
    )
    assert [("想了解什么" in letter.text) for letter in said] == [bool(number % 2) for number in range(50)]


async def test_receipts_wait_a_moment_for_company(door: FrontDoor) -> None:
    """Receipts of many letters cost one transaction, and never an update's answer."""
    await door.bring(*(door.update(who, Said("咨询")) for who in PEOPLE))
    assert {row.state for row in await door.outbox()} == {"sent"}
    assert door.points.count("after_commit") <= 3  # updates; receipts; the one by which the test waits


async def test_receipts_that_rode_along_do_not_hurry_younger_ones(
    door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At thirty updates a second every receipt finds company: what an older one waited for costs no transaction."""
    ripe: list[Callable[[], object]] = []
    loop = asyncio.get_running_loop()
    later = loop.call_later

    def call_later(delay: float, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
        if delay == service.intake.RECEIPT_LINGER:
            ripe.append(lambda: callback(*args))
            return later(LONG, int)
        return later(delay, callback, *args)

    monkeypatch.setattr(loop, "call_later", call_later)
    await door.say(WANG, "你好")
    await door.intake.put([door.update(LI, Said("咨询"))])
    await door.intake.couriers.calm()
    commits = door.points.count("after_commit")
    for older in ripe[:-1]:
        older()
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert door.points.count("after_commit") == commits
    ripe[-1]()
    async with asyncio.timeout(LONG):
        while door.points.count("after_commit") == commits:  # noqa: ASYNC110 - the intake tells nobody
            await asyncio.sleep(0)


async def test_one_update_that_fails_spoils_no_other(books: Books, clock: FakeClock) -> None:
    """A bug at one person's message: kept as a dead letter, kindly answered, staff told; the others are served."""
    async with open_door(books, clock, dialogs=STUMBLING) as door:
        await open_shop(door)
        three = [
            door.update(WANG, Said("地址")),
            door.update(LI, Said("轰")),
            door.update(WANG, Said("咨询")),
        ]
        said = await door.bring(*three)
        assert "示范路" in texts([one for one in said if one.chat_id == WANG.user_id])
        assert "想了解什么" in texts([one for one in said if one.chat_id == WANG.user_id])
        assert "出了点问题" in texts([one for one in said if one.chat_id == LI.user_id])
        assert f"U{three[1].update_id}" in texts([one for one in said if one.chat_id == GROUP])
        [dead] = await door.dead()
        assert (dead.source, dead.reference) == ("update", str(three[1].update_id))
        assert "a bug" in dead.error
        assert await door.bring(three[1]) == []  # it comes no more
        assert "想了解什么" in texts(await door.say(LI, "咨询"))


async def test_a_stranger_whose_first_message_fails_is_not_left_in_silence(
    books: Books, clock: FakeClock
) -> None:
    """Never silence: even somebody we do not know yet hears that something went wrong, and staff hear it too."""
    async with open_door(books, clock, dialogs=STUMBLING) as door:
        await open_shop(door)
        said = await door.say(LI, "轰")
        assert {letter.chat_id for letter in said} == {LI.user_id, GROUP}


@pytest.mark.parametrize("text", ["\x00", "车\x00牌", "\ud83d"], ids=["nul", "nul inside", "half a sign"])
async def test_signs_that_no_database_holds(both: FrontDoor, text: str) -> None:
    """In a name they are left out; in a message they are answered, one way or the other, and block nobody."""
    odd = Sender(55, f"小{text}明", "", "")
    assert await both.say(odd, "咨询")
    said = await both.bring(both.update(odd, Said(text), raw={"message": {"text": text}}))
    assert [one for one in said if one.chat_id == odd.user_id]
    assert "想了解什么" in texts(await both.say(odd, "咨询"))
    async with both.house.books.unit() as unit:  # dead letters are in order here
        await unit.run(DEAD_LETTERS.delete())


async def test_a_number_that_no_database_holds_is_buried(both: FrontDoor) -> None:
    """A poison update is kept as a dead letter and confirmed; it does not come again for ever."""
    poison = both.update(WANG, Said("/bind"), chat_id=-(2**70), raw={"odd": True})
    async with both.house.books.unit() as unit:
        await unit.run(PLACES.delete())
    assert await both.bring(poison) is not None
    assert "想了解什么" in texts(await both.say(WANG, "咨询"))


async def test_a_timer_that_fails_is_put_off_and_at_last_kept(books: Books, clock: FakeClock) -> None:
    """Tried five times, ever more slowly; then a dead letter, and staff are told."""
    async with open_door(books, clock, dialogs=STUMBLING) as door:
        await open_shop(door)
        await door.say(LI, "晚点轰")
        waits = []
        while timers := await door.timers():
            waits.append(timers[0].due_at - clock.now())
            clock.set(timers[0].due_at)
            await door.look()
        assert [wait.total_seconds() / 60 for wait in waits] == [1, 1, 2, 4, 8]
        [dead] = await door.dead()
        assert dead.source == "timer"
        assert f"T{dead.reference}" in texts(door.post.to(GROUP))
        assert "想了解什么" in texts(await door.say(LI, "咨询"))


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """While this list is not empty, every transaction of the desk fails as if the database had gone."""
    troubles: list[str] = []
    handle = Desk.handle

    async def handle_or_fail(desk: Desk, *args: Any, **more: Any) -> Any:
        if troubles:
            troubles.append("again")
            raise OperationalError("select", {}, ConnectionError("gone"))
        return await handle(desk, *args, **more)

    monkeypatch.setattr(Desk, "handle", handle_or_fail)
    monkeypatch.setattr(service.intake, "RECEIPTS_AGAIN_AFTER", 0.01)
    return troubles


async def test_a_database_in_trouble_is_no_fault_of_the_update(lite: FrontDoor, failing: list[str]) -> None:
    """Tried three times, then the channel is told and does not confirm: the update comes again."""
    update = lite.update(LI, Said("咨询"))
    failing.append("gone")
    with pytest.raises(OperationalError):
        await lite.intake.put([update])
    assert len(failing) == 1 + 1 + 3  # the batch, then three times alone
    failing.clear()
    assert "想了解什么" in texts(await lite.bring(update))
    assert await lite.dead() == []


async def test_receipts_are_written_when_the_database_is_back(lite: FrontDoor, failing: list[str]) -> None:
    """What was delivered while the database was away is not forgotten, and is not tried in a mad rush."""
    lite.post.closed[LI.user_id] = asyncio.Event()
    async with asyncio.timeout(LONG):
        await lite.intake.put([lite.update(LI, Said("咨询"))])
        await lite.post.arrived.wait()
        failing.append("gone")
        lite.intake.timers_due()  # timers are read again at the next tick, this one must not end the house
        lite.post.closed[LI.user_id].set()
        while not lite.noted:
            lite._news.clear()
            await lite._news.wait()
        with pytest.raises(OperationalError):
            await lite.intake.put([lite.update(WANG, Said("咨询"))])  # by now the receipt was tried, too
        assert len(failing) < 12
        failing.clear()
        await lite.quiet()
        while lite.intake._unwritten:
            await lite.quiet()
        await lite.quiet()
    assert [row.state for row in await lite.outbox()] == ["sent"]


async def test_a_courier_without_database_tries_later(
    lite: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card to change cannot be looked up just now: the letter is put off, the couriers go on."""

    async def gone(couriers: Couriers, row: object) -> int | None:
        raise OperationalError("select", {}, ConnectionError("gone"))

    with monkeypatch.context() as trouble:
        trouble.setattr(Couriers, "_message", gone)
        await lite.say(LI, "咨询")
    assert [row.state for row in await lite.outbox()] == ["retry"]
    assert len(await lite.pass_time(timedelta(seconds=2))) == 1


async def test_what_is_written_after_the_couriers_stopped_is_left_to_the_next_start(
    books: Books, clock: FakeClock
) -> None:
    """The last messages are still taken in; their answers wait for whoever opens the house next."""
    async with open_door(books, clock) as door:
        door.intake.couriers.stop()
        await asyncio.sleep(0)
        async with asyncio.timeout(LONG):
            await door.intake.put([door.update(LI, Said("咨询"))])
        assert door.post.letters == []
    async with open_door(books, clock) as next_day:
        assert len(await next_day.pass_time(next_day.house.lease)) == 1


async def test_stopping_finishes_what_waits(books: Books, clock: FakeClock) -> None:
    """Asked to stop with messages and receipts waiting: both are in the books when it has stopped."""
    async with open_door(books, clock) as door:
        door.post.will_answer(LI.user_id, Unknown("reset"))
        async with asyncio.timeout(LONG):
            waiting = asyncio.gather(*(door.intake.put([door.update(who, Said("咨询"))]) for who in PEOPLE))
            await asyncio.sleep(0)
            door.intake.stop()
            await waiting
    async with books.glance() as unit:
        assert len(await unit.rows(conversations.CONVERSATIONS.select())) == len(PEOPLE)
