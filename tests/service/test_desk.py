"""The desk: each update once, only those who may, and nobody blocked by what cannot be read."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from dialogs.catalogue import DIALOGS
from dialogs.core import (
    Dialog,
    Entered,
    Event,
    GroupMoved,
    Refused,
    Said,
    Say,
    Turn,
    ask,
    ask_again,
    done,
)  # fmt: skip
from dialogs.effects import Mark
from dialogs.facts import Facts
from domain.appointments import AppointmentState
from domain.people import Queue
from service.ports import Sender, Tap
from storage.conversations import CONVERSATIONS, OPEN, OVER, RESTING
from storage.engine import Books
from storage.places import PLACES
from tests.clock import FakeClock
from tests.service.front_door import GROUP, LI, LONG, WANG, FrontDoor, open_door, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, open_shop, stand_at
from tests.service.tidiness import assert_house_is_in_order  # fmt: skip

# ---------------------------------------------------------------- each update once


async def test_the_same_update_counts_once(both: FrontDoor) -> None:
    """Twice in one batch, again in the next, again after it was answered: one answer."""
    same = both.update(WANG, Said("咨询"), update_id=77)
    assert len(await both.bring(same, same)) == 1
    assert await both.bring(same) == []
    assert await both.bring(both.update(WANG, Said("投诉建议"), update_id=77)) == []


async def test_two_processes_that_get_the_same_update_handle_it_once(
    postgres_url: str, clock: FakeClock
) -> None:
    """Both are handed the same updates at the same moment: one answers each of them."""
    first, second = (Books(postgres_url, pool_size=10) for _ in range(2))
    async with open_door(first, clock) as left, open_door(second, clock) as right:
        for number in range(1, 6):
            same = [
                left.update(Sender(700 + each), Said("咨询"), update_id=10 * number + each)
                for each in range(5)
            ]
            async with asyncio.timeout(LONG):
                await asyncio.gather(left.bring(*same), right.bring(*reversed(same)))
        assert len(left.post.letters) + len(right.post.letters) == 25
        assert await left.dead() == []
    await first.close()
    await second.close()


# ---------------------------------------------------------------- who may what


async def test_a_stranger_is_met_once_and_answered(door: FrontDoor) -> None:
    """Two first messages of the same stranger in one batch: one person, two answers (B14)."""
    said = await door.bring(door.update(LI, Said("/start")), door.update(LI, Said("咨询")))
    assert len(said) == 3  # welcome, introduction, questions
    assert (await door.person(LI)).first_name == "娜"


async def test_what_colleagues_say_in_the_group_is_not_ours(both: FrontDoor) -> None:
    """Talk and pictures in a group are ignored; a command of a colleague is answered in private."""
    assert await both.say(ADVISOR, "预约服务", chat_id=GROUP) == []
    assert await both.say(LI, "我要投诉", chat_id=GROUP) == []
    said = await both.say(ADVISOR, "/help@desk_bot", chat_id=GROUP)
    assert [letter.chat_id for letter in said] == [ADVISOR.user_id]
    assert await both.conversations("front_desk") == []


async def test_a_staff_command_is_for_staff(both: FrontDoor) -> None:
    """R2: a customer's command in the group gets a polite no and is written down; the group stays bound."""
    said = await both.say(LI, "/bind", chat_id=-4)
    assert [letter.chat_id for letter in said] == [LI.user_id]
    assert "command.refused" in await both.audit()
    assert {row.chat_id for row in await both.rows(PLACES.select())} == {GROUP}


async def test_help_shows_colleagues_their_commands_and_everybody_else_the_menu(both: FrontDoor) -> None:
    """R2: in private too; the customers' menu stays one key away for a colleague."""
    for command in ("/help", "/menu"):
        [commands] = await both.say(ADVISOR, command)
        assert "/propose" in commands.text
        assert "客户菜单" in commands.text
    [menu] = await both.say(LI, "/help")
    assert "请问想办点什么" in menu.text
    assert "/propose" not in menu.text


async def test_only_the_right_role_may_press_a_staff_card(both: FrontDoor) -> None:
    """R2: neither a customer nor an advisor may acknowledge for the workshop; the foreman may."""
    await stand_at(both, "bay_notice", "announce")
    for who in (WANG, ADVISOR):
        assert await both.press(who, "got_it", chat=GROUP) == []
        assert "不归您操作" in both.post.toasts[-1].text
    assert (await both.audit()).count("refused_press") == 2
    assert not (await both.appointments())[0].acknowledged_at
    await both.press(FOREMAN, "got_it", chat=GROUP)
    assert (await both.appointments())[0].acknowledged_at
    assert "bay.acknowledged" in await both.audit()


@pytest.mark.parametrize(
    "tap", [None, Tap(999_999, 0, "confirm"), Tap(-5, 3, "x" * 30)], ids=["unreadable", "no such", "odd"]
)
async def test_a_forged_press_changes_nothing(both: FrontDoor, tap: Tap | None) -> None:
    """Callback data that we never gave out: 已过期, one audit line, nothing else."""
    before = await both.conversations()
    assert await both.tap(LI, tap, card=3) == []
    assert "已过期" in both.post.toasts[-1].text
    assert await both.audit() == ["forged_press"]
    assert await both.conversations() == before


async def test_every_press_is_answered(both: FrontDoor) -> None:
    """The spinner stops: one toast per press, empty where nothing has to be said."""
    await both.say(LI, "/start")
    await both.press(LI, "questions")
    assert [heard.text for heard in both.post.toasts] == [""]


async def test_the_group_that_became_a_supergroup_is_followed(both: FrontDoor) -> None:
    """GroupMoved: the cards go to the new chat from now on, and its topics are made."""
    await both.bring(both.update(None, GroupMoved(-100_7), chat_id=GROUP))
    assert {row.chat_id for row in await both.rows(PLACES.select())} == {-100_7}
    assert len([letter for letter in both.post.to(-100_7) if letter.new_topic]) == len(Queue)


async def test_bind_makes_topics_and_shows_what_was_told_in_private(door: FrontDoor) -> None:
    """Without a staff group the foreman has the job; after /bind by a manager it lies in its topic too."""
    await open_shop(door)
    async with door.house.books.unit() as unit:
        await unit.run(PLACES.delete())
    await stand_at(door, "bay_notice", "announce")
    letter, copy = await door.outbox("bay_notice/job")
    assert (letter.state, letter.reason) == ("dropped", "told_privately")
    assert copy.chat_id == FOREMAN.user_id
    await door.say(ADVISOR, "/bind", chat_id=GROUP, group_has_topics=True)
    assert not door.post.to(GROUP)
    await door.say(BOSS, "/bind", chat_id=GROUP, group_has_topics=True)
    await door.pass_time(timedelta(seconds=1))
    threads = {row.queue: row.thread_id for row in await door.rows(PLACES.select())}
    assert len(set(threads.values())) == len(Queue)
    [job] = [
        letter
        for letter in door.post.to(GROUP)
        if "新" in letter.text and not letter.new_topic and letter.buttons
    ]
    assert job.thread_id == threads["workshop"]
    await door.say(BOSS, "/bind", chat_id=GROUP, group_has_topics=True)
    assert len([letter for letter in door.post.to(GROUP) if letter.new_topic]) == len(Queue)


# ---------------------------------------------------------------- what no release can read


@pytest.mark.parametrize("change", [
    {"step": "never_was"}, {"dialog": "never_was"}, {"state": '{"name": [1]}'}, {"state": "not json"},
    {"version": 99}, {"version": 0},
], ids=str)  # fmt: skip
async def test_what_cannot_be_read_is_handed_over_and_blocks_nobody(
    both: FrontDoor, change: dict[str, Any]
) -> None:
    """Unknown dialog, step or state: a person takes over, and the next message starts afresh."""
    begun = await stand_at(both, "booking", "tell_name")
    await _change(both, begun.id, **change)
    said = await both.say(WANG, "王先生")
    assert "服务顾问接手" in texts(said)
    assert "没法继续" in texts(said)
    assert (await both.conversations())[0].status == OVER
    assert "想了解什么" in texts(await both.say(WANG, "咨询"))
    await assert_house_is_in_order(both)


@pytest.mark.parametrize("change", [{"step": "never_was"}, {"state": "not json"}], ids=str)
async def test_a_front_desk_that_cannot_be_read_is_replaced(both: FrontDoor, change: dict[str, Any]) -> None:
    """What lasts for ever must not be unreadable for ever."""
    await both.say(WANG, "你好")
    desk = await both.conversation("front_desk")
    await _change(both, desk.id, **change)
    assert "服务顾问接手" in texts(await both.say(WANG, "咨询"))
    assert "想了解什么" in texts(await both.say(WANG, "咨询"))


async def test_an_old_trail_that_cannot_be_read_only_loses_the_way_back(both: FrontDoor) -> None:
    """返回 after a release that changed the state: the question itself is asked again."""
    begun = await stand_at(both, "booking", "tell_phone")
    await _change(both, begun.id, trail=json.dumps([["tell_name", {"name": [1]}]]))
    assert "手机号" in texts(await both.say(WANG, "返回"))


async def _change(door: FrontDoor, conversation: int, **changes: Any) -> None:
    async with door.house.books.unit() as unit:
        await unit.run(update(CONVERSATIONS).where(CONVERSATIONS.c.id == conversation).values(**changes))


@dataclass(frozen=True, slots=True)
class Renamed:
    """What version 3 of a dialog remembers."""

    nickname: str = ""


def greet(state: Renamed, event: Event, facts: Facts) -> Turn:
    match event:
        case Said():
            return done(Say("shared/undeliverable", {"name": state.nickname, "phone": "", "text": ""}))
        case _:
            return ask(state, Say("shared/menu"))


UPGRADED = Dialog(
    "upgraded", Renamed, steps=(greet,), version=3, formerly={"hello": "greet"},
    upgrades={1: lambda kept: {"nick": kept["n"]}, 2: lambda kept: {"nickname": kept["nick"].upper()}},
)  # fmt: skip


async def test_a_conversation_of_an_older_release_goes_on(books: Books, clock: FakeClock) -> None:
    """State of version 1 under a former step name, its trail too: upgraded step by step, then answered."""
    async with open_door(books, clock, dialogs=dict(DIALOGS) | {"upgraded": UPGRADED}) as door:
        await open_shop(door)
        person = (await door.person(WANG)).id
        async with books.unit() as unit:
            await unit.run(CONVERSATIONS.insert().values(
                dialog="upgraded", step="hello", state='{"n": "xiao wei"}', version=1, person_id=person,
                trail='[["hello", {"n": "a"}]]', asked_at=clock.now(), opened_at=clock.now(),
            ))  # fmt: skip
        assert "XIAO WEI" in texts(await door.say(WANG, "嗯"))
        assert await door.dead() == []


# ---------------------------------------------------------------- refused effects


def insist(state: Renamed, event: Event, facts: Facts) -> Turn:
    """Asks for what cannot be had, `nickname` times (for ever: "stubborn"), then gives in."""
    wish = Mark("YY-none", AppointmentState.CANCELLED, frozenset({AppointmentState.BOOKED}))
    match event:
        case Entered():
            return ask(state, Say("shared/menu"))
        case Refused(_, reason) if state.nickname != "stubborn":
            return ask_again(state, Say("shared/undeliverable", {"name": reason, "phone": "", "text": ""}))
        case _:
            return done(wish, Say("shared/resumed"))


async def test_a_refused_effect_undoes_the_turn_and_the_step_answers(books: Books, clock: FakeClock) -> None:
    """Refused: nothing of the turn remains, the same step hears why; one that insists is buried, not repeated."""
    stubborn = Dialog("insisting", Renamed, steps=(insist,))
    async with open_door(books, clock, dialogs=dict(DIALOGS) | {"insisting": stubborn}) as door:
        await open_shop(door)
        mine = {"dialog": "insisting", "step": "insist", "version": 1, "asked_at": clock.now()}
        mine |= {"person_id": (await door.person(WANG)).id, "opened_at": clock.now()}
        async with books.unit() as unit:
            await unit.run(CONVERSATIONS.insert().values(state='{"nickname": ""}', **mine))
        said = await door.say(WANG, "给我")
        assert "changed" in texts(said)
        assert len(said) == 1
        assert len(await door.appointments()) == 2
        await assert_house_is_in_order(door)
        await _change(door, (await door.conversation("insisting")).id, state='{"nickname": "stubborn"}')
        said = await door.say(WANG, "给我")
        assert "出了点问题" in texts(said)
        [dead] = await door.dead()
        assert "insists" in dead.error


# ---------------------------------------------------------------- one question at a time


async def test_a_card_of_a_resting_procedure_takes_it_up_again(both: FrontDoor) -> None:
    """Booking rests while an appointment is moved; a press on the booking's card goes on with it, the move rests."""
    await stand_at(both, "booking", "choose_service")
    await stand_at(both, "appointment", "keep")
    await both.say(WANG, "我的预约")
    await both.press(WANG, "move")
    assert (await both.conversation("booking")).status == RESTING
    booking = await both.conversation("booking")
    asked = await both.tap(WANG, Tap(booking.id, booking.turn, "service", "minor"), card=100)
    assert "想哪天来" in texts(asked)
    assert (await both.conversation("booking")).status == OPEN
    assert (await both.conversation("moving")).status == RESTING
    await assert_house_is_in_order(both)
    assert "接着刚才的" in texts(await both.say(WANG, "取消"))
    assert (await both.conversation("moving")).status == OPEN
    await both.say(WANG, "取消")
    assert {row.status for row in await both.conversations("booking", "moving")} == {OVER}


async def test_a_held_bay_runs_out_while_its_booking_rests(both: FrontDoor) -> None:
    """B4: the hold is for some minutes, also when the customer looks after something else meanwhile."""
    await stand_at(both, "appointment", "keep")
    await stand_at(both, "booking", "confirm")
    await both.say(WANG, "我的预约")
    await both.press(WANG, "move")
    assert [row.state for row in await both.appointments()].count("held") == 1
    await both.pass_time(both.house.store.booking.hold)
    assert [row.state for row in await both.appointments()].count("held") == 0
    assert (await both.conversation("booking")).status == RESTING
    await assert_house_is_in_order(both)


async def test_a_name_with_markup_is_only_a_name(both: FrontDoor) -> None:
    """`<b>`, `&` and `{{ }}` in a name are shown as they are and never read as markup."""
    odd = Sender(66, "<b>{{ 7*7 }}</b>&", "", "")
    said = await both.say(odd, "人工")
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt;&amp;" in texts(said)
    assert "49" not in texts(said)
