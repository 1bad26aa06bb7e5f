"""Couriers: order per chat, no chat delays another, and what becomes of a letter after each answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from dialogs.core import Button, ChatBlocked, Home, Kind, Said, Say, Told
from domain.people import Queue
from domain.store import SendingFigures
from service.briefing import Briefing
from service.cards import SHOW_AGAIN
from service.drafting import Drafting
from service.ledger import Ledger
from service.limits import UNSTEADY, Limits, Window
from service.play import Play
from service.ports import Delivered, Delivery, Gone, Letter, Moved, Stopped, TryLater, Unknown
from service.receipts import LONGEST_PAUSE, REPEAT_AFTER, UNTIL_SOMEBODY_LOOKED, of_delivery, pause
from storage import people, places
from storage.engine import Books
from storage.outbox import NO_STAFF_GROUP, OUTBOX, LetterState
from storage.places import PLACES
from tests.clock import MONDAY_TEN, FakeClock
from tests.service.front_door import GROUP, LI, LONG, UNHURRIED, WANG, FrontDoor, open_door, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, open_shop, stand_at

CHAT = WANG.user_id
WORKSHOP = Home(queue=Queue.WORKSHOP)
BUTTONS = ((Button("in_work"),),)


async def write(door: FrontDoor, *words: str, kind: Kind = Kind.NOTICE, to: Home | None = None) -> None:
    """Let the front desk write a letter of each of `words`, without being asked; return before they are brought."""
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        ledger.know(await people.load(unit, ledger.now, user_ids=[CHAT]))
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        mine = ledger.by_user[CHAT].id
        conversation = await play.begin("front_desk", Home(person=mine))
        for each in words:
            say = Say("shared/undeliverable", {"name": "王先生", "phone": "", "text": each}, kind=kind)
            await play.drafting.say(say if to is None else _addressed(say, to), conversation)
        letters = await ledger.flush()
    door.intake.couriers.take(letters)


def _addressed(say: Say, home: Home) -> Say:
    return Say(say.script, say.words, to=home, kind=say.kind)


async def states(door: FrontDoor) -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in await door.outbox()]


def bodies(letters: list[Letter]) -> list[str]:
    return [letter.text.rpartition("<blockquote>")[2].removesuffix("</blockquote>") for letter in letters]


# ---------------------------------------------------------------- order


async def test_what_follows_a_letter_that_was_put_off_waits_behind_it(shop: FrontDoor) -> None:
    """429: nothing goes to this chat before retry_after, not even what is written later; then all in order."""
    shop.post.will_answer(CHAT, TryLater("Too Many Requests", timedelta(seconds=30)))
    await write(shop, "一", "二", "三")
    await shop.quiet()
    await write(shop, "四")
    await shop.quiet()
    assert bodies(shop.post.to(CHAT)) == ["一"]
    waiting = [(row.state, row.due_at) for row in await shop.outbox()]
    soon = MONDAY_TEN + timedelta(seconds=30)
    assert waiting == [("retry", soon), ("pending", soon), ("pending", soon), ("pending", soon)]
    assert await shop.pass_time(timedelta(seconds=29)) == []
    assert bodies(await shop.pass_time(timedelta(seconds=1))) == ["一", "二", "三", "四"]
    assert {row.state for row in await shop.outbox()} == {"sent"}


async def test_a_slow_chat_delays_no_other(shop: FrontDoor) -> None:
    """One chat hangs; another one's letters arrive meanwhile."""
    shop.post.closed[CHAT] = asyncio.Event()
    await write(shop, "慢")
    async with asyncio.timeout(LONG):
        await shop.post.arrived.wait()
        await shop.intake.put([shop.update(LI, Said("你好"))])
        while not shop.post.to(LI.user_id):
            shop.post.arrived.clear()
            await shop.post.arrived.wait()
    assert [row.state for row in await shop.outbox() if row.chat_id == CHAT] == ["sending"]
    shop.post.closed.pop(CHAT).set()
    await shop.quiet()
    assert {row.state for row in await shop.outbox()} == {"sent"}


async def test_an_edit_finds_the_message_its_letter_became(shop: FrontDoor) -> None:
    """A card is changed in place though only its letter's number was known; by heart or from the books."""
    begun = await stand_at(shop, "bay_notice", "announce")
    card = next(number for (chat, number), one in shop.post.faces.items() if chat == GROUP)
    shop.intake.couriers._became.clear()  # as after a restart
    await _tell(shop, begun.subject, "cancelled")
    edits = [letter.edits for letter in shop.post.to(GROUP)]
    assert edits == [None, card, None]


async def _tell(door: FrontDoor, subject: str, news: str) -> None:
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        for each in await ledger.about("bay_notice", subject):
            await play.event(each, Told(news))
        letters = await ledger.flush()
    door.intake.couriers.take(letters)
    await door.quiet()


# ---------------------------------------------------------------- one card, two processes


async def _lay(door: FrontDoor, *, changed: bool = False) -> list[dict[str, Any]]:
    """A card at the workshop is written, or changed in place; the letters, in nobody's hands yet."""
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        held = await ledger.about("order_desk", "JC261123-777")
        card = held[0] if held else await play.begin("order_desk", WORKSHOP, subject="JC261123-777")
        await play.drafting.say(Say("order_desk/press_please", {}, BUTTONS, in_place=changed), card)
        return await ledger.flush()


async def test_a_change_waits_for_a_card_that_another_process_has_in_hand(
    postgres_books: Books, clock: FakeClock
) -> None:
    """It would be a second card beside the first, and the first would never change."""
    async with open_door(postgres_books, clock) as one, open_door(postgres_books, clock) as other:
        await open_shop(one)
        gate = one.post.closed[GROUP] = asyncio.Event()
        one.intake.couriers.take(await _lay(one))
        await one.post.arrived.wait()
        other.intake.couriers.take(await _lay(other, changed=True))
        await other.quiet()
        assert other.post.to(GROUP) == []
        gate.set()
        await one.quiet()
        [card] = [number for chat, number in one.post.faces if chat == GROUP]
        assert [letter.edits for letter in await other.pass_time(timedelta(seconds=1))] == [card]


async def test_a_change_that_another_process_has_overtaken_is_not_brought(
    postgres_books: Books, clock: FakeClock
) -> None:
    """It waited its turn behind another message, and would show what was before."""
    async with open_door(postgres_books, clock) as one, open_door(postgres_books, clock) as other:
        await open_shop(one)
        one.intake.couriers.take(await _lay(one))
        await one.quiet()
        gate = one.post.closed[GROUP] = asyncio.Event()
        one.post.arrived.clear()
        for _ in range(2):  # the first is under way, the second waits behind it
            one.intake.couriers.take(await _lay(one, changed=True))
            await one.post.arrived.wait()
        other.intake.couriers.take(await _lay(other, changed=True))
        await other.quiet()
        gate.set()
        await one.quiet()
        assert [row.state for row in await one.outbox("order_desk/press_please")][-2:] == ["dropped", "sent"]


async def test_a_card_that_was_changed_since_is_not_brought_again(
    postgres_books: Books, clock: FakeClock
) -> None:
    """A process died that had brought it and had not written that down; it was changed meanwhile."""
    async with open_door(postgres_books, clock) as one:
        await open_shop(one)
        letters = await _lay(one)
        one.intake.couriers.take(letters)
        await one.quiet()
        one.intake.couriers.take(await _lay(one, changed=True))
        await one.quiet()
        async with postgres_books.unit() as unit:
            lost = update(OUTBOX).where(OUTBOX.c.id == letters[0]["id"])
            await unit.run(lost.values(state="sending", lease_until=clock.now()))
        assert await one.pass_time(timedelta(minutes=1)) == []


async def test_an_edit_of_a_message_that_is_gone_becomes_a_new_message(shop: FrontDoor) -> None:
    """The customer deleted the card: the next screen comes as a new message, and is known by its number."""
    await stand_at(shop, "booking", "choose_day")
    shop.post.will_answer(CHAT, Gone("message", "message to edit not found"))
    said = await shop.press(WANG, "明天")
    assert [letter.edits is None for letter in said] == [False, True]
    [row] = await shop.outbox("slot_picker/times")
    assert (row.state, row.message_id) == (
        "sent",
        max(number for chat, number in shop.post.faces if chat == CHAT),
    )


# ---------------------------------------------------------------- what became of it

ROW: dict[str, Any] = {"id": 5, "attempts": 0, "script": "x/y", "queue": "", "chat_id": 7, "thread_id": None}
ROW |= {"person_id": 3}
TABLE: list[tuple[Delivery, int, str, timedelta | None]] = [
    (Delivered(9), 0, "sent", None),
    (TryLater("busy", timedelta(seconds=40)), 0, "retry", timedelta(seconds=40)),
    (TryLater("502"), 0, "retry", timedelta(seconds=1)),
    (TryLater("502"), 3, "retry", timedelta(seconds=8)),
    (TryLater("502"), 99, "retry", LONGEST_PAUSE),
    (Stopped("token revoked"), 0, "retry", UNTIL_SOMEBODY_LOOKED),
    (Moved(-77), 0, "retry", timedelta(0)),
    (Unknown("connection lost"), 0, "retry", REPEAT_AFTER),
    (Unknown("connection lost"), 1, "unknown", None),
    (Gone("chat", "blocked"), 0, "failed", None),
    (Gone("letter", "can't parse entities"), 0, "failed", None),
    (Gone("message", "not found"), 0, "failed", None),
]


@pytest.mark.parametrize(("delivery", "tries", "state", "due"), TABLE, ids=lambda each: type(each).__name__)
def test_every_answer_has_its_state(
    delivery: Delivery, tries: int, state: str, due: timedelta | None
) -> None:
    """The one table: what each answer makes of a letter, and when it is due again."""
    outcome = of_delivery(ROW | {"attempts": tries}, delivery, MONDAY_TEN)
    assert outcome.receipt.state.value == state
    assert outcome.receipt.due_at == (MONDAY_TEN + due if due is not None else None)
    assert (outcome.undeliverable is not None) == (state in ("failed", "unknown"))
    assert outcome.holds_up == (state == "retry")


@pytest.mark.parametrize("what", ["topic", "chat"])
def test_a_lost_topic_or_staff_group_holds_the_letter(what: str) -> None:
    """What belongs to the staff group is never lost: it waits for a topic, or for the next /bind."""
    outcome = of_delivery(ROW | {"queue": "workshop", "person_id": None}, Gone(what, "gone"), MONDAY_TEN)
    assert outcome.receipt.state is LetterState.HELD
    assert outcome.receipt.reason == {"topic": "no_topic:workshop", "chat": NO_STAFF_GROUP}[what]
    assert not outcome.holds_up


def test_our_own_pause_doubles_up_to_five_minutes() -> None:
    """1, 2, 4 … seconds, never more than five minutes."""
    assert [pause(tries).total_seconds() for tries in (0, 1, 2, 3, 4, 500)] == [1, 2, 4, 8, 10, 10]


async def test_unknown_is_said_once_more_and_then_a_colleague_is_told(both: FrontDoor) -> None:
    """The answer was lost twice: at most one repetition, then UNKNOWN and a phone task with the text."""
    both.post.will_answer(CHAT, Unknown("reset"), Unknown("reset"))
    await write(both, "请来取车")
    await both.quiet()
    again = await both.pass_time(REPEAT_AFTER)
    assert bodies([one for one in again if one.chat_id == CHAT]) == ["请来取车"]
    assert "请打电话告知客户" in texts([one for one in again if one.chat_id == GROUP])
    assert "请来取车" in texts([one for one in again if one.chat_id == GROUP])
    assert (await both.outbox())[0].state == "unknown"
    assert await both.pass_time(timedelta(days=2)) == []


async def test_a_blocked_customer_becomes_a_phone_task(both: FrontDoor) -> None:
    """Blocked: the notice has failed, the front desk hears its text and the number, nothing else is tried."""
    both.post.will_answer(CHAT, Gone("chat", "bot was blocked by the user"))
    await write(both, "工位已释放")
    await both.quiet()
    [task] = both.post.to(GROUP)
    assert "工位已释放" in task.text
    assert "王先生" in task.text
    assert not (await both.person(WANG)).reachable
    assert "undeliverable" in await both.audit()
    await write(both, "再来一条")
    await both.quiet()
    assert (await states(both))[-1] == ("dropped", "chat_unreachable")
    assert len(both.post.to(CHAT)) == 1


async def test_a_notice_to_somebody_who_blocked_us_becomes_a_phone_task_at_once(both: FrontDoor) -> None:
    """What the customer must know is never let go in silence: a colleague phones."""
    await stand_at(both, "appointment", "keep")
    await stand_at(both, "arrival", "look")
    await both.event(WANG, ChatBlocked(True))
    said = await both.press(ADVISOR, "no_show", chat=GROUP)
    assert [letter for letter in said if letter.chat_id == CHAT] == []
    [task] = [letter for letter in said if "请打电话告知客户" in letter.text]
    assert task.chat_id == GROUP
    assert "王先生" in task.text


async def test_whoever_comes_back_is_answered_again(both: FrontDoor) -> None:
    """ChatBlocked, then ChatBlocked(false) or a message: letters leave again."""
    await both.event(WANG, ChatBlocked(True))
    assert not (await both.person(WANG)).reachable
    await both.event(WANG, ChatBlocked(False))
    assert (await both.person(WANG)).reachable
    await both.event(WANG, ChatBlocked(True))
    assert "想了解什么" in texts(await both.say(WANG, "咨询"))
    assert (await both.person(WANG)).reachable


# ---------------------------------------------------------------- the staff group


async def test_a_topic_that_is_gone_is_made_anew_and_nothing_is_lost(both: FrontDoor) -> None:
    """Topic deleted: its letters wait, those of other topics go on, one new topic is made, then they follow."""
    gone = Gone("topic", "message thread not found")
    both.post.will_answer(GROUP, gone, gone)
    before = len(both.post.letters)
    await write(both, "车间一", "车间二", to=Home(queue=Queue.WORKSHOP))
    await write(both, "前台", to=Home(queue=Queue.FRONT_DESK))
    await both.quiet()
    await both.pass_time(timedelta(seconds=1))
    letters = both.post.letters[before:]
    assert [letter.new_topic for letter in letters if letter.new_topic] == ["车间"]
    made = (await both.rows(select(PLACES.c.thread_id).where(PLACES.c.queue == "workshop")))[0].thread_id
    arrived = [(bodies([one])[0], one.thread_id) for one in letters if not one.new_topic]
    assert arrived[-2:] == [("车间一", made), ("车间二", made)]
    assert ("前台", 11) in arrived
    assert {row.state for row in await both.outbox() if row.script != SHOW_AGAIN} == {"sent"}


async def test_a_group_that_moved_is_followed(both: FrontDoor) -> None:
    """migrate_to_chat_id: the letter is brought to the new chat; topics are asked for there once each."""
    both.post.will_answer(GROUP, Moved(-100_42))
    await write(both, "一", "二", to=Home(queue=Queue.WORKSHOP))
    await both.quiet()
    await both.pass_time(timedelta(seconds=1))
    there = both.post.to(-100_42)
    topics = [one.new_topic for one in there if one.new_topic]
    assert len(topics) == len(set(topics)) == len(Queue)
    assert [bodies([one])[0] for one in there if not one.new_topic] == ["一", "二"]
    assert {row.chat_id for row in await both.rows(select(PLACES))} == {-100_42}
    assert {row.state for row in await both.outbox() if row.script != SHOW_AGAIN} == {"sent"}


async def test_a_topic_asked_for_in_the_old_group_is_not_asked_for_ever(both: FrontDoor) -> None:
    """The group moved while topics were being made: the request for the old one ends, the new one gets its topics."""
    async with both.house.books.unit() as unit:
        await places.bind(unit, GROUP, True)
        await unit.run(update(PLACES).values(thread_id=None))
        ledger = Ledger(unit, both.clock.now())
        await Drafting(both.house, ledger).topics()
        letters = await ledger.flush()
    both.post.will_answer(GROUP, Moved(-100_42))
    both.intake.couriers.take(letters)
    await both.quiet()
    await both.pass_time(timedelta(minutes=10))
    assert {row.state for row in await both.outbox("shared/topic")} == {"sent", "dropped"}
    names = [one.new_topic for one in both.post.to(-100_42)]
    assert len(names) == len(set(names)) == len(Queue)
    assert None not in {row.thread_id for row in await both.rows(select(PLACES))}


async def test_removed_from_the_group_what_was_said_to_it_is_told_in_private(both: FrontDoor) -> None:
    """Kicked out: nothing is lost, the foreman hears it; /bind in another group does not say it again."""
    both.post.will_answer(GROUP, Gone("chat", "bot was kicked from the group chat"))
    await write(both, "留工位", to=Home(queue=Queue.WORKSHOP))
    await both.quiet()
    await both.pass_time(timedelta(seconds=1))
    assert bodies(both.post.to(FOREMAN.user_id)) == ["留工位"]
    await both.say(BOSS, "/bind", chat_id=-555)
    await both.pass_time(timedelta(seconds=1))
    assert "留工位" not in bodies(both.post.to(-555))


# ---------------------------------------------------------------- how fast


def test_a_window_lets_so_many_through_and_never_more() -> None:
    """Three within three seconds, whoever waits included; after a rest, three again."""
    window = Window(most=3, seconds=3)
    assert [window.wait(100.0) for _ in range(5)] == [0, 0, 0, 3, 3]
    assert [window.wait(101.5) for _ in range(2)] == [1.5, 4.5]
    assert [window.wait(200.0) for _ in range(4)] == [0, 0, 0, 3]


@given(st.lists(st.floats(0, 5), max_size=80), st.integers(1, 7), st.floats(0.5, 60))
def test_no_stretch_of_time_sees_more_turns_than_the_window_allows(
    pauses: list[float], most: int, seconds: float
) -> None:
    """Exactly what the service counts: within any `seconds` at most `most` (Bot API)."""
    window, moment, turns = Window(most, seconds), 0.0, []
    for rest in pauses:
        moment += rest
        turns.append(moment + window.wait(moment))
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(turns))
    assert all(later - first >= seconds - 1e-6 for first, later in zip(turns, turns[most:], strict=False))


def test_limits_of_chat_group_and_bot() -> None:
    """1/s to a chat, five of them at once; 20/min to a group; 30/s in all (Bot API), counted when they arrive."""
    limits = Limits(SendingFigures())
    assert [limits.wait_for_chat(7, 50.0) for _ in range(6)] == [0] * 5 + [pytest.approx(5 + UNSTEADY)]
    assert limits.wait_for_chat(8, 50.0) == 0
    group = [limits.wait_for_chat(-9, 50.0) for _ in range(22)]
    assert group[:20] == [0] * 20
    assert group[20:] == [pytest.approx(60 + UNSTEADY)] * 2
    bot = [limits.wait_for_bot(50.0) for _ in range(32)]
    assert bot[:30] == [0] * 30
    assert bot[30:] == [pytest.approx(1 + UNSTEADY)] * 2


def test_chats_that_were_idle_are_forgotten() -> None:
    """Ten thousand chats later, the limits remember only who wrote lately; who waits is never forgotten."""
    limits = Limits(UNHURRIED)
    for chat in range(1, 10_002):
        limits.wait_for_chat(chat, 0.0)
    limits.wait_for_chat(99_999, 1_000.0)
    assert len(limits._chats) == 1


async def test_letters_whose_courier_vanished_are_brought_by_another(books: Books, clock: FakeClock) -> None:
    """A process died with a letter in its hands: after its lease another one brings it, once."""
    async with open_door(books, clock) as dying:
        await open_shop(dying)
        async with books.unit() as unit:
            ledger = Ledger(unit, clock.now())
            ledger.know(await people.load(unit, ledger.now, user_ids=[CHAT]))
            play = Play(dying.house, ledger, Briefing(unit, dying.house, clock.now()))
            desk = await play.begin("front_desk", Home(person=ledger.by_user[CHAT].id))
            await play.drafting.say(Say("shared/silence_nudge"), desk)
            await ledger.flush()  # committed, and then the process is gone
        async with open_door(books, clock) as heir:
            assert await heir.pass_time(dying.house.lease - timedelta(seconds=1)) == []
            assert len(await heir.pass_time(timedelta(seconds=1))) == 1
            assert await heir.pass_time(timedelta(days=1)) == []
        assert dying.post.letters == []
        [row] = await dying.outbox()
        assert row.state == "sent"
