"""Dead letters that somebody asked for: handled once more by the normal door, once, by whichever process is quicker."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot import buttons
from bot.channels.updates import decode
from dialogs.catalogue import DIALOGS
from dialogs.core import Dialog, Event, Pressed, Said, Turn, Wake, Woke, ask
from dialogs.facts import Facts
from dialogs.front_desk import FRONT_DESK
from service.clockwork import REPLAYS_AT_ONCE
from service.desk import Desk
from service.ports import Letter, Sender
from storage import dead_letters
from storage.conversations import CONVERSATIONS, OVER
from storage.dead_letters import DEAD_LETTERS, DeadLetterState
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, open_door, texts
from tests.service.stages import open_shop

KEPT, ASKED = DeadLetterState.KEPT, DeadLetterState.ASKED
REPLAYED, LET_GO = DeadLetterState.REPLAYED, DeadLetterState.LET_GO


def _trips(state: Any, event: Event, facts: Facts) -> Turn:
    """A front desk with a bug in it: what it is told about addresses makes it stumble, at once or a minute later."""
    match event:
        case Said("地址") | Pressed():
            raise ZeroDivisionError("a bug")
        case Said("晚点"):
            return ask(state, Wake("silence_nudge", facts.now + timedelta(minutes=1)))
        case Woke():
            raise ZeroDivisionError("a bug in a timer")
    return FRONT_DESK.first(state, event, facts)


def _mended(state: Any, event: Event, facts: Facts) -> Turn:
    """The next release: the timer does what it was set for."""
    return ask(state) if isinstance(event, Woke) else FRONT_DESK.first(state, event, facts)


def _with(step: Any) -> dict[str, Dialog]:
    step.__name__ = FRONT_DESK.first.__name__  # steps are kept by name
    desk = Dialog("front_desk", FRONT_DESK.state, steps=(step,), needs=FRONT_DESK.needs, lasting=True)
    return dict(DIALOGS) | {"front_desk": desk}


TRIPPING, MENDED = _with(_trips), _with(_mended)


def message(number: int, who: Sender, text: str) -> dict[str, Any]:
    """An update as the service sends it."""
    person = {"id": who.user_id, "is_bot": False, "first_name": who.first_name}
    chat = {"id": who.user_id, "type": "private"}
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 0, "from": person, "chat": chat, "text": text},
    }


async def write(door: FrontDoor, number: int, who: Sender, text: str) -> list[Letter]:
    """`who` writes `text`, by way of the channel's own decoder."""
    return await door.bring(decode(message(number, who, text)))


async def decide(door: FrontDoor, state: DeadLetterState, *numbers: int) -> set[int]:
    """An operator decides about dead letters (all of them when none is named)."""
    wanted = numbers or [row.id for row in await door.dead()]
    async with door.house.books.unit() as unit:
        return await dead_letters.decide(unit, wanted, state, None)


async def states(door: FrontDoor) -> list[str]:
    return [row.state for row in await door.dead()]


async def test_after_the_bug_is_mended_the_person_is_answered_once(books: Books, clock: FakeClock) -> None:
    """The text that nobody could read gets its answer with the next look; asked for once more, nothing happens."""
    async with open_door(books, clock, dialogs=TRIPPING) as door:
        await open_shop(door)
        assert "出了点问题" in texts(await write(door, 900, LI, "地址"))
    async with open_door(books, clock) as door:
        assert await door.look() == []  # nobody has asked yet
        assert len(await decide(door, ASKED)) == 1
        assert await decide(door, ASKED) == set()  # asked for already
        clock.advance(timedelta(hours=1))
        [answer] = [letter for letter in await door.look() if letter.chat_id == LI.user_id]
        assert "示范路" in answer.text
        [dead] = await door.dead()
        assert (dead.state, dead.settled_at) == (REPLAYED, clock.now())
        assert await decide(door, ASKED) == set()  # what is settled stays so
        assert await door.look() == []
        assert await write(door, 900, LI, "地址") == []  # nor does it come again from outside
        assert "replayed" in await door.audit()


async def test_a_press_is_handled_by_the_turn_that_it_was_made_in(books: Books, clock: FakeClock) -> None:
    """R2: it goes through the same judgement as any press; one that comes too late only shows what is there."""
    async with open_door(books, clock, dialogs=TRIPPING) as door:
        await open_shop(door)
        await door.say(WANG, "咨询")
        card, face = door.face("", WANG.user_id)
        await door.bring(decode(_press(901, WANG, card, buttons.encode(face.tap))))
        await door.bring(decode(_press(902, LI, card, buttons.encode(face.tap))))
        assert [row.source for row in await door.dead()] == ["update"]  # Li's was refused at the door
    async with open_door(books, clock) as door:
        await decide(door, ASKED)
        said = await door.look()
        assert {letter.chat_id for letter in said} == {WANG.user_id}
        assert await states(door) == [REPLAYED]


def _press(number: int, who: Sender, card: int, data: str) -> dict[str, Any]:
    shown = message(number, who, "")["message"] | {"message_id": card}
    return {
        "update_id": number,
        "callback_query": {"id": f"P{number}", "from": shown["from"], "message": shown, "data": data},
    }


async def test_what_fails_again_is_kept_with_the_new_error(books: Books, clock: FakeClock) -> None:
    """Never a loop: it waits for the next decision. Neither the person nor staff are told a second time."""
    async with open_door(books, clock, dialogs=TRIPPING) as door:
        await open_shop(door)
        await write(door, 900, LI, "地址")
        async with books.unit() as unit:
            await unit.run(DEAD_LETTERS.update().values(error="the old error"))
        for times in (1, 2):
            await decide(door, ASKED)
            assert await door.look() == []
            assert await door.look() == []
            [dead] = await door.dead()
            assert (dead.state, dead.settled_at, "a bug" in dead.error) == (KEPT, None, True)
            assert (await door.audit()).count("replay_failed") == times
        assert "想了解什么" in texts(await write(door, 901, LI, "咨询"))


async def test_what_was_let_go_is_not_handled_any_more(books: Books, clock: FakeClock) -> None:
    async with open_door(books, clock, dialogs=TRIPPING) as door:
        await open_shop(door)
        await write(door, 900, LI, "地址")
        await decide(door, ASKED)
        await decide(door, LET_GO)
        assert await decide(door, ASKED) == set()
        assert await door.look() == []
        assert await states(door) == [LET_GO]


@pytest.fixture
async def failed_timer(books: Books, clock: FakeClock) -> None:
    """A timer that failed five times and was given up."""
    async with open_door(books, clock, dialogs=TRIPPING) as door:
        await open_shop(door)
        await write(door, 900, LI, "晚点")
        while timers := await door.timers():
            clock.set(timers[0].due_at)
            await door.look()
        assert [row.source for row in await door.dead()] == ["timer"]


@pytest.mark.usefixtures("failed_timer")
async def test_a_timer_is_set_again_and_fires(books: Books, clock: FakeClock) -> None:
    woken: list[Event] = []

    def wakes(state: Any, event: Event, facts: Facts) -> Turn:
        woken.append(event)
        return ask(state)

    async with open_door(books, clock, dialogs=TRIPPING) as door:
        await decide(door, ASKED)
        assert await door.look() == []  # not mended yet
        assert (await states(door), await door.timers()) == ([KEPT], [])
    clock.advance(timedelta(hours=1))
    async with open_door(books, clock, dialogs=_with(wakes)) as door:
        await decide(door, ASKED)
        await door.look()
        await door.look()
        assert woken == [Woke("silence_nudge", late=True)]
        assert (await states(door), await door.timers()) == ([REPLAYED], [])


@pytest.mark.usefixtures("failed_timer")
async def test_a_timer_that_was_set_anew_meanwhile_is_left_alone(books: Books, clock: FakeClock) -> None:
    async with open_door(books, clock, dialogs=TRIPPING) as door:
        await write(door, 901, LI, "晚点")
        [planned] = await door.timers()
        await decide(door, ASKED)
        await door.look()
        assert await states(door) == [REPLAYED]
        assert [row.due_at for row in await door.timers()] == [planned.due_at]


@pytest.mark.usefixtures("failed_timer")
async def test_a_timer_wakes_no_conversation_that_is_over(books: Books, clock: FakeClock) -> None:
    async with open_door(books, clock, dialogs=TRIPPING) as door:
        async with books.unit() as unit:
            await unit.run(CONVERSATIONS.update().values(status=OVER))
        await decide(door, ASKED)
        assert await door.look() == []
        assert (await states(door), await door.timers()) == ([REPLAYED], [])


@pytest.mark.parametrize("payload", ["{}", "nonsense", '{"update_id": "x"}'])
async def test_what_cannot_be_read_is_kept_with_the_reason(
    books: Books, clock: FakeClock, payload: str
) -> None:
    async with open_door(books, clock) as door:
        async with books.unit() as unit:
            await dead_letters.keep(unit, clock.now(), "update", "1", payload, "")
        await decide(door, ASKED)
        await door.look()
        [dead] = await door.dead()
        assert (dead.state, "Error" in dead.error) == (KEPT, True)


async def test_a_database_in_trouble_leaves_it_asked_for(
    books: Books, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_door(books, clock) as door:
        async with books.unit() as unit:
            await dead_letters.keep(unit, clock.now(), "update", "1", "{}", "the first error")
        await decide(door, ASKED)

        async def gone(*_: object) -> None:
            raise OperationalError("select", {}, ConnectionError("gone"))

        with monkeypatch.context() as trouble:
            trouble.setattr(Desk, "_replay", gone)
            await door.look()
        [dead] = await door.dead()
        assert (dead.state, dead.error) == (ASKED, "the first error")


async def test_many_are_handled_one_by_one_and_nobody_waits_for_all(books: Books, clock: FakeClock) -> None:
    """More than one look takes; whoever writes meanwhile comes in between."""
    many = REPLAYS_AT_ONCE + 20
    async with open_door(books, clock, dialogs=TRIPPING) as door:
        await open_shop(door)
        await door.bring(*(decode(message(1000 + one, LI, "地址")) for one in range(many)))
        assert len(await door.dead()) == many
    async with open_door(books, clock) as door:
        await decide(door, ASKED)
        await door.clockwork.look()
        await door.intake.put([decode(message(5000, WANG, "咨询"))])
        for _ in range(REPLAYS_AT_ONCE):
            await door.intake.put([])  # a transaction each
        await door.quiet()
        assert (await states(door)).count(REPLAYED) == REPLAYS_AT_ONCE
        chats = [row.chat_id for row in await door.outbox() if row.script.startswith("front_desk/")]
        assert chats.index(WANG.user_id) < 3  # in between, not behind all of them
        while ASKED in await states(door):
            await door.look()
        await door.quiet()
        answered = [letter for letter in door.post.to(LI.user_id) if "示范路" in letter.text]
        assert (len(answered), set(await states(door))) == (many, {REPLAYED})


async def test_two_processes_handle_each_of_them_once(postgres_books: Books, clock: FakeClock) -> None:
    """Both look at the same moment: every row has one of them, every person one answer."""
    crowd = [Sender(5_000 + one, f"客户{one}") for one in range(30)]
    async with open_door(postgres_books, clock, dialogs=TRIPPING) as door:
        await open_shop(door)
        await door.bring(*(decode(message(1000 + number, who, "地址")) for number, who in enumerate(crowd)))
    second = Books(str(postgres_books.url.render_as_string(hide_password=False)))
    try:
        async with AsyncExitStack() as both:
            doors = [
                await both.enter_async_context(open_door(one, clock)) for one in (postgres_books, second)
            ]
            await decide(doors[0], ASKED)
            while ASKED in await states(doors[0]):
                await asyncio.gather(*(door.look() for door in doors))
            await asyncio.gather(*(door.quiet() for door in doors))
            letters = [letter for door in doors for letter in door.post.letters]
            told = sorted(letter.chat_id for letter in letters if letter.chat_id != GROUP)
            assert told == sorted(who.user_id for who in crowd)
            async with second.glance() as unit:
                rows = await unit.rows(select(DEAD_LETTERS.c.state))
            assert {row.state for row in rows} == {REPLAYED}
    finally:
        await second.close()
