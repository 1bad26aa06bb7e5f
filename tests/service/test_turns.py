"""Turns to send: the same contract whether one process counts in memory or several in the books."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, update

from domain.store import SendingFigures
from service import neighbours
from service import turns as turns_to_send
from service.letters import payload
from service.limits import UNSTEADY
from service.receipts import WAITS
from service.turns import AGAIN, ARRIVAL, LOST, Answer, OwnTurns, SharedTurns, Step, Turns
from storage import bell as bells
from storage.bell import Bell
from storage.outbox import OUTBOX, LetterState
from storage.sending_windows import SENDING_WINDOWS, THE_BOT
from tests.clock import MONDAY_TEN, FakeClock
from tests.service.front_door import LONG, WANG, open_door
from tests.service.stages import open_shop, stand_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from storage.engine import Books

FIGURES = SendingFigures()
GO = Answer(0)
CHAT, GROUP = 7, -9


@dataclass
class Hand:
    """The hand of a stopwatch: seconds."""

    moment: float = 1_000.0

    def __call__(self) -> float:
        return self.moment


@dataclass
class Desk:
    """One process: its turns, and its bell where there are others."""

    turns: Turns
    bell: Bell | None = None
    letters: int = field(default=100)

    async def ask(self, chat: int = CHAT, step: Step = Step.CHAT) -> Answer:
        return await self.turns.ask(chat, self.letters, step)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "BEAT", 0.05)
    monkeypatch.setattr(bells, "LULL", 0.01)
    monkeypatch.setattr(bells, "GONE", 0.1)
    # A machine that stands still for seconds must not look like a bell that is lost.
    monkeypatch.setattr(bells, "PATIENCE", LONG)
    monkeypatch.setitem(bells.SETTINGS, "idle_in_transaction_session_timeout", f"{1000 * LONG:.0f}")
    monkeypatch.setattr(turns_to_send, "ARRIVAL", 0.0)


@asynccontextmanager
async def process(books: Books, clock: FakeClock, hand: Hand, name: str) -> AsyncIterator[Desk]:
    bell = Bell(books, name)
    async with bell.attended():
        yield Desk(SharedTurns(bell, FIGURES, clock, name, hand), bell)


async def until(what: Callable[[], bool]) -> None:
    """Beats go by."""
    async with asyncio.timeout(LONG):
        while not what():
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.01)


@pytest.fixture
async def pair(postgres_books: Books, clock: FakeClock, hand: Hand) -> AsyncIterator[tuple[Desk, Desk]]:
    """Two processes that know of each other."""
    async with (
        process(postgres_books, clock, hand, "left") as left,
        process(postgres_books, clock, hand, "right") as right,
    ):
        assert left.bell is not None
        await until(lambda: left.bell is not None and bool(left.bell.others))
        yield left, right


@pytest.fixture(params=["in memory", "in the books"])
async def desk(request: pytest.FixtureRequest, clock: FakeClock, hand: Hand, pair: tuple[Desk, Desk]) -> Desk:
    """Either implementation."""
    return Desk(OwnTurns(FIGURES, clock, hand)) if request.param == "in memory" else pair[0]


# ---------------------------------------------------------------- the contract


async def test_five_at_once_and_then_one_waits_for_its_chat(desk: Desk, hand: Hand) -> None:
    """1/s to a chat, five at once (Bot API); whoever has waited for the chat asks for the bot's turn alone."""
    assert [await desk.ask() for _ in range(5)] == [GO] * 5
    waits = await desk.ask()
    assert waits.wait == pytest.approx(5 + UNSTEADY)
    assert waits.then is Step.BOT
    hand.moment += waits.wait
    assert await desk.ask(step=Step.BOT) == GO
    assert await desk.ask() == GO, "the first five are forgotten"


async def test_a_group_gets_twenty_a_minute(desk: Desk) -> None:
    """And nobody else waits with it."""
    assert [await desk.ask(GROUP) for _ in range(20)] == [GO] * 20
    waits = await desk.ask(GROUP)
    assert waits.wait == pytest.approx(60 + UNSTEADY)
    assert waits.then is Step.BOT
    assert await desk.ask() == GO


async def test_the_bot_sends_thirty_a_second(desk: Desk, hand: Hand) -> None:
    """Those that ask together are told together: thirty now, thirty a second later."""
    answers = await asyncio.gather(*(desk.ask(chat) for chat in range(1, 71)))
    assert sorted(answer.wait for answer in answers) == pytest.approx(
        [0] * 30 + [1 + UNSTEADY] * 30 + [2 * (1 + UNSTEADY)] * 10
    )
    assert {answer.then for answer in answers} == {Step.GO}
    hand.moment += 4
    assert await desk.ask() == GO


async def test_a_closed_chat_is_put_off(desk: Desk, clock: FakeClock) -> None:
    """429: nothing before retry_after; the others go on."""
    until_then = clock.now() + timedelta(seconds=30)
    desk.turns.close(CHAT, until_then)
    assert await desk.ask() == Answer(put_off=until_then)
    assert await desk.ask(8) == GO
    clock.advance(timedelta(seconds=30))
    assert await desk.ask() == GO


# ---------------------------------------------------------------- several processes


async def test_both_count_together(pair: tuple[Desk, Desk]) -> None:
    """Whichever sends: five to a chat, thirty in all."""
    left, right = pair
    assert [await one.ask() for one in (left, right, left, right, left)] == [GO] * 5
    assert (await right.ask()).wait > 5
    others = await asyncio.gather(*(one.ask(chat) for chat in range(10, 30) for one in pair))
    assert sum(answer == GO for answer in others) == 25


async def test_what_one_heard_closes_the_chat_for_the_other(
    pair: tuple[Desk, Desk], clock: FakeClock
) -> None:
    left, right = pair
    until_then = clock.now() + timedelta(seconds=30)
    left.turns.close(CHAT, until_then)
    await left.turns.adapt()
    assert await right.ask() == Answer(put_off=until_then)


async def test_who_joins_waits_until_the_others_have_written_down_what_they_sent(
    postgres_books: Books, clock: FakeClock, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns_to_send, "ARRIVAL", ARRIVAL)
    async with process(postgres_books, clock, hand, "left") as left:
        assert await left.ask() == GO, "nobody else is there"
        async with process(postgres_books, clock, hand, "right") as right:
            answer = await right.ask()
            assert ARRIVAL / 2 < answer.wait <= ARRIVAL
            assert answer.then is Step.CHAT


async def test_who_is_alone_counts_in_memory_and_hands_over(
    postgres_books: Books, clock: FakeClock, hand: Hand
) -> None:
    """Alone: not one row is written. Somebody comes: what was sent is counted, and back again."""

    async def rows() -> dict[int, str]:
        async with postgres_books.glance() as unit:
            return {row.scope: row.turns for row in await unit.rows(select(SENDING_WINDOWS))}

    async with process(postgres_books, clock, hand, "left") as left:
        assert left.bell is not None
        assert not left.turns.is_alone, "nobody has looked yet whether a dead process has letters in hand"
        assert await left.ask() == GO
        await left.turns.adapt(strangers=True)
        assert not left.turns.is_alone
        await left.turns.adapt(strangers=False)
        await until(lambda: left.turns.is_alone)
        before = await rows()
        assert [await left.ask() for _ in range(3)] == [GO] * 3
        left.turns.close(8, closed := clock.now() + timedelta(seconds=9))
        assert await rows() == before
        async with process(postgres_books, clock, hand, "right") as right:
            await until(lambda: left.bell is not None and bool(left.bell.others))
            await left.turns.adapt()
            assert await right.ask(8) == Answer(put_off=closed)
            assert await right.ask() == GO, "the fifth"
            assert (await right.ask()).wait > 5, "the sixth"
            assert not left.turns.is_alone
        await until(lambda: left.bell is not None and left.bell.is_alone)
        await left.turns.adapt(strangers=False)
        await until(lambda: left.turns.is_alone)
        assert (await left.ask()).wait > 5, "the seventh"
        assert await left.ask(8) == Answer(put_off=closed)


async def test_without_a_bell_nobody_sends(pair: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """The database does not answer: everybody asks again a second later; then it goes on."""
    left, _ = pair

    def lost() -> None:
        raise ConnectionError

    with monkeypatch.context() as trouble:
        trouble.setattr(left.bell, "unit", lost)
        answers = await asyncio.gather(left.ask(), left.ask(8, Step.BOT))
        assert list(answers) == [Answer(LOST, Step.CHAT), Answer(LOST, Step.BOT)]
    assert await left.ask() == GO


# ---------------------------------------------------------------- order of a chat


def letter(
    number: int, state: LetterState, *, courier: str = "", due: float = 0, **more: Any
) -> dict[str, Any]:
    return {
        "id": number, "chat_id": CHAT, "kind": "notice", "script": "shared/menu", "payload": payload(f"{number}"),
        "state": state.value, "due_at": MONDAY_TEN + timedelta(seconds=due), "created_at": MONDAY_TEN,
        "courier": courier, "reason": more.pop("reason", ""), **more,
    }  # fmt: skip


SENDING, RETRY, PENDING = LetterState.SENDING, LetterState.RETRY, LetterState.PENDING
WAITS_A_MOMENT = Answer(AGAIN, Step.CHAT)


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        (letter(99, SENDING, courier="right"), WAITS_A_MOMENT),
        (letter(99, SENDING, courier="left"), GO),  # its own queue knows the order
        (letter(101, SENDING, courier="right"), GO),  # younger: it is that one that waits
        (letter(99, SENDING, courier="right", chat_id=8), GO),
        (letter(99, RETRY, due=30), Answer(put_off=MONDAY_TEN + timedelta(seconds=30))),
        (letter(101, RETRY, due=30), Answer(put_off=MONDAY_TEN + timedelta(seconds=30))),
        (letter(101, RETRY, due=0.5), WAITS_A_MOMENT),
        (letter(99, RETRY, due=-1), WAITS_A_MOMENT),  # somebody is about to collect it
        (letter(101, RETRY, due=-1), GO),
        (letter(99, PENDING, reason=WAITS, due=30), Answer(put_off=MONDAY_TEN + timedelta(seconds=30))),
        (letter(99, PENDING, reason=WAITS), WAITS_A_MOMENT),
        (letter(101, PENDING, reason=WAITS), GO),
        (letter(99, PENDING, due=30), GO),  # it waits for its own time
        (letter(99, LetterState.HELD, due=30), GO),
        (letter(99, LetterState.SENT, message_id=1), GO),
        (letter(99, LetterState.FAILED), GO),
    ],
    ids=lambda each: f"{each['id']} {each['state']} {each['due_at']:%M:%S}" if isinstance(each, dict) else "",
)
async def test_what_goes_first(
    pair: tuple[Desk, Desk], postgres_books: Books, other: dict[str, Any], answer: Answer
) -> None:
    """Older letters that another process has in hand, and whatever was put off; no turn is taken meanwhile."""
    async with postgres_books.unit() as unit:
        await unit.run(insert(OUTBOX).values(**other))
    left, _ = pair
    assert await left.ask() == answer
    if answer != GO:
        async with postgres_books.unit() as unit:
            await unit.run(update(OUTBOX).values(state="sent", message_id=1))
            turns = {row.scope: row.turns for row in await unit.rows(select(SENDING_WINDOWS))}
        assert set(turns) <= {THE_BOT}
        assert await left.ask() == GO


@pytest.mark.parametrize(
    ("mine", "answer"),
    [
        (letter(100, SENDING, courier="left"), GO),
        (letter(100, SENDING, courier="left", chat_id=8), GO),  # the group moved, say
        (letter(100, SENDING, courier="right"), Answer(is_elsewhere=True)),
        (letter(100, LetterState.SENT, message_id=1), Answer(is_elsewhere=True)),
    ],
    ids=["ours", "ours elsewhere", "theirs", "sent"],
)
async def test_who_was_taken_for_dead_does_not_send_what_is_not_its_own_any_more(
    pair: tuple[Desk, Desk], postgres_books: Books, mine: dict[str, Any], answer: Answer
) -> None:
    """It stood still, and another process has its letters."""
    async with postgres_books.unit() as unit:
        await unit.run_many(insert(OUTBOX), [mine | {"message_id": mine.get("message_id")}])
    assert await pair[0].ask() == answer


async def test_a_letter_that_is_elsewhere_is_not_brought(postgres_books: Books, clock: FakeClock) -> None:
    """The next one of that chat is."""
    ours, theirs = Bell(postgres_books, "left"), Bell(postgres_books, "right")
    async with (
        ours.attended(),
        theirs.attended(),
        open_door(postgres_books, clock, bell=ours, courier="left") as door,
    ):
        await until(lambda: bool(ours.others))
        rows = [letter(9_001, SENDING, courier="right"), letter(9_002, SENDING, courier="left")]
        async with postgres_books.unit() as unit:
            await unit.run_many(insert(OUTBOX), rows)
            found = await unit.records(select(OUTBOX).order_by(OUTBOX.c.id))
            await unit.run(update(OUTBOX).where(OUTBOX.c.id == 9_001).values(state="sent", message_id=1))
        door.intake.couriers.take(found)
        await door.quiet()
        assert [each.text for each in door.post.to(CHAT)] == ["9002"]


# ---------------------------------------------------------------- heirs, and what is rung


async def test_what_comes_due_soon_is_told_to_the_others(postgres_books: Books, clock: FakeClock) -> None:
    """A letter that is tried again in two seconds. What is due in minutes the others find by themselves."""
    ours, theirs = Bell(postgres_books, "left"), Bell(postgres_books, "right")
    heard: list[Any] = []
    theirs.on_ring(heard.append)
    async with (
        ours.attended(),
        theirs.attended(),
        open_door(postgres_books, clock, bell=ours, courier="left") as door,
    ):
        await open_shop(door)
        await until(lambda: bool(ours.others))
        await stand_at(door, "booking", "tell_name")  # sets a timer in ten minutes
        assert heard == []
        door.intake._comes_due(soon := clock.now() + timedelta(seconds=2))
        await until(lambda: bool(heard))
        assert heard == [soon]


async def test_the_letters_of_a_dead_process_are_inherited(
    postgres_books: Books, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bell is gone: not at once, but long before its lease is out. Who has a bell keeps what it has."""
    ours, theirs = Bell(postgres_books, "left"), Bell(postgres_books, "right")
    async with ours.attended(), open_door(postgres_books, clock, bell=ours, courier="left") as door:
        await open_shop(door)
        until_then, wang = clock.now() + timedelta(seconds=30), (await door.person(WANG)).id
        rows = [
            letter(9_001, SENDING, courier="right", person_id=wang, lease_until=until_then),
            letter(9_002, SENDING, courier="dead", person_id=wang, lease_until=until_then),
        ]
        async with postgres_books.unit() as unit:
            await unit.run_many(insert(OUTBOX), rows)
        async with theirs.attended():
            await until(lambda: bool(ours.others))
            assert await door.look() == []
            monkeypatch.setattr(neighbours, "GONE", 0.0)
            await door.clockwork.look()
            states = {row.id: (row.state, row.courier) for row in await door.outbox() if row.id > 9_000}
            assert states == {9_001: ("sending", "right"), 9_002: ("sending", "left")}
        await until(lambda: not ours.others)
        await door.clockwork.look()
        await door.quiet()
        assert [each.text for each in door.post.to(WANG.user_id)[-2:]] == ["9001", "9002"]
