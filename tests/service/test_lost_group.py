"""Without a staff group, and with colleagues out of reach: nothing is lost, and what is shown works (R2, R3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialogs.catalogue import DIALOGS
from dialogs.core import (
    ChatBlocked,
    Dialog,
    Entered,
    Event,
    GroupLeft,
    Home,
    Kind,
    Told,
    Turn,
    ask,
)
from dialogs.facts import Facts
from domain.people import Queue, Role
from service import cards, consequences
from service.briefing import Briefing
from service.invitations import hash_of
from service.ledger import Ledger
from service.play import Play
from service.ports import Gone, Sender, TryLater
from service.receipts import Outcome
from storage import people, places
from storage.engine import Books
from storage.outbox import NO_STAFF_GROUP, LetterState, Receipt
from storage.people import STAFF_ROLES
from storage.places import PLACES
from tests.clock import FakeClock
from tests.service.card_stage import (
    CASE,
    FRONT_DESK_TOPIC,
    MINUTE,
    OTHER_GROUP,
    SECOND,
    Job,
    copies_kept,
    copy_to,
    in_play,
    lay,
    line,
    number_of,
    shown,
    tell,
    unbind,
    words_of,
)
from tests.service.front_door import GROUP, WANG, FrontDoor, open_door, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, open_shop
from tests.storage.rows import is_waited_for

# ---------------------------------------------------------------- no staff group


async def test_without_a_staff_group_those_on_duty_get_cards_that_work(desk: FrontDoor) -> None:
    """Never bound: the front desk's advisor gets the card and the line; a press on it changes it there."""
    await unbind(desk)
    assert [letter.chat_id for letter in await lay(desk)] == [ADVISOR.user_id]
    line = await tell(desk, "line", words="来电了", to=Home(queue=Queue.WORKSHOP))
    assert [(letter.chat_id, words_of(letter.text)) for letter in line] == [(FOREMAN.user_id, "来电了")]
    await desk.press(ADVISOR, "take")
    assert shown(desk, ADVISOR.user_id) == [("小敏接了", True)]
    [change] = await tell(desk, "change", words="乙")
    assert (change.chat_id, change.edits) == (ADVISOR.user_id, number_of(desk, ADVISOR.user_id))
    await tell(desk, "settle")
    assert shown(desk, ADVISOR.user_id) == [("办好了", False)]
    assert desk.post.to(GROUP) == []


async def test_where_nobody_is_on_duty_the_general_manager_hears_of_it(desk: FrontDoor) -> None:
    """No parts manager: the general manager gets the card, and may press it. The advisor blocked us: so for theirs."""
    await unbind(desk)
    assert [letter.chat_id for letter in await lay(desk, queue=Queue.PARTS)] == [BOSS.user_id]
    await desk.press(BOSS, "take")
    assert shown(desk, BOSS.user_id) == [("建国接了", True)]
    await desk.event(ADVISOR, ChatBlocked(True))
    assert [letter.chat_id for letter in await lay(desk)] == [BOSS.user_id]


async def test_where_there_is_nobody_at_all_it_waits_for_a_group(desk: FrontDoor) -> None:
    """Held as long as there is neither group nor colleague; /bind brings it, once."""
    await unbind(desk)
    for who in (ADVISOR, BOSS, FOREMAN):
        await desk.event(who, ChatBlocked(True))
    assert await lay(desk) == []
    assert [(row.state, row.reason) for row in await desk.outbox()] == [("held", NO_STAFF_GROUP)]
    await desk.event(BOSS, ChatBlocked(False))
    await desk.say(BOSS, "/bind", chat_id=OTHER_GROUP)
    await desk.pass_time(MINUTE)
    assert shown(desk, OTHER_GROUP).count(("甲", True)) == 1


async def test_who_joins_gets_what_waited_for_want_of_anybody(desk: FrontDoor) -> None:
    """R3: no group and no colleague; the first one who comes gets the live card and the line."""
    await unbind(desk)
    async with desk.house.books.unit() as unit:
        await unit.run(STAFF_ROLES.delete())
        await people.invite(
            unit, hash_of("first"), Role.GENERAL_MANAGER, desk.clock.now(), MINUTE + desk.clock.now()
        )
    await lay(desk)
    await tell(desk, "change", words="乙")
    await tell(desk, "line", words="来电了", to=Home(queue=Queue.WORKSHOP))
    await desk.say(BOSS, "/start first")
    await desk.pass_time(SECOND)
    assert {("乙", True), ("来电了", False)} <= set(shown(desk, BOSS.user_id))
    assert ("甲", True) not in shown(desk, BOSS.user_id)
    await desk.press(BOSS, "take")
    assert ("建国接了", True) in shown(desk, BOSS.user_id)


async def test_who_leaves_keeps_a_copy_that_tells_nothing_new(desk: FrontDoor) -> None:
    """R3: the copy loses its buttons with the next change, and is changed no more."""
    await lay(desk)
    await copy_to(desk, ADVISOR)
    async with desk.house.books.unit() as unit:
        await people.take_roles(
            unit, (await people.load(unit, desk.clock.now(), user_ids=[ADVISOR.user_id]))[0].id
        )
    await tell(desk, "change", words="乙")
    await tell(desk, "change", words="丙")
    own = desk.post.to(ADVISOR.user_id)
    assert [(words_of(letter.text), bool(letter.buttons)) for letter in own] == [("甲", True), ("", False)]
    assert await copies_kept(desk) == 0


@pytest.mark.parametrize("how", ["delivery", "update"])
async def test_removed_from_the_group_those_on_duty_hear_within_a_minute(desk: FrontDoor, how: str) -> None:
    """Known from a refused letter or from the update: what waited and every live card comes to the advisor."""
    await lay(desk, "甲", "乙")
    await tell(desk, "settle")
    desk.post.will_answer(GROUP, TryLater("Too Many Requests", 10 * MINUTE))
    await tell(desk, "line", words="等着", to=Home(queue=Queue.WORKSHOP), case=1)
    if how == "update":
        await desk.bring(desk.update(Sender(99), GroupLeft(), chat_id=GROUP))
    else:
        desk.clock.advance(10 * MINUTE)
        desk.post.will_answer(GROUP, Gone("chat", "Forbidden: bot was kicked from the supergroup chat"))
        await desk.look()
    before = desk.clock.now()
    await desk.pass_time(SECOND)
    await desk.pass_time(SECOND)
    assert desk.clock.now() - before < MINUTE
    assert shown(desk, ADVISOR.user_id) == [("甲", True)]
    assert shown(desk, FOREMAN.user_id) == [("等着", False)]
    assert "group.lost" in await desk.audit()
    await desk.press(ADVISOR, "take")
    assert shown(desk, ADVISOR.user_id) == [("小敏接了", True)]
    assert await desk.pass_time(timedelta(days=1)) == []


async def test_two_processes_show_each_card_once(postgres_url: str, clock: FakeClock) -> None:
    """Both look at the same moment, again and again: every card comes to the advisor exactly once."""
    mine = dict(DIALOGS) | {"call": CASE}
    first, second = (Books(postgres_url, pool_size=10) for _ in range(2))
    async with open_door(first, clock, dialogs=mine) as left, open_door(second, clock, dialogs=mine) as right:
        await open_shop(left)
        names = [f"第{number}张" for number in range(12)]
        await lay(left, *names)
        await left.bring(left.update(Sender(99), GroupLeft(), chat_id=GROUP))
        for _ in range(4):
            clock.advance(SECOND)
            await asyncio.gather(left.look(), right.look())
        brought = [*left.post.to(ADVISOR.user_id), *right.post.to(ADVISOR.user_id)]
        assert sorted(words_of(letter.text) for letter in brought) == sorted(names)
        assert await left.dead() == []
    await first.close()
    await second.close()


async def no_topic_yet(desk: FrontDoor) -> None:
    async with desk.house.books.unit() as unit:
        await places.bind(unit, OTHER_GROUP, True)


async def nobody_there(desk: FrontDoor) -> None:
    await unbind(desk)
    for who in (ADVISOR, BOSS, FOREMAN):
        await desk.event(who, ChatBlocked(True))


async def make_the_topic(desk: FrontDoor) -> None:
    sent = Receipt(0, LetterState.SENT, desk.clock.now(), message_id=77)
    made = Outcome(sent, topic_made=("front_desk", OTHER_GROUP))
    await in_play(desk, lambda play: consequences.settle(play, [made]))


async def do_without_topics(desk: FrontDoor) -> None:
    refused = Outcome(Receipt(0, LetterState.FAILED, desk.clock.now()), no_topics=OTHER_GROUP)
    await in_play(desk, lambda play: consequences.settle(play, [refused]))


async def bind_a_group(desk: FrontDoor) -> None:
    await desk.say(BOSS, "/bind", chat_id=OTHER_GROUP)


@pytest.mark.parametrize(
    ("before", "opens"),
    [
        (no_topic_yet, make_the_topic),
        (no_topic_yet, do_without_topics),
        (nobody_there, bind_a_group),
    ],
)
async def test_a_card_that_is_held_while_its_place_is_made_lies_there_at_once(
    postgres_books: Books,
    clock: FakeClock,
    before: Callable[[FrontDoor], Coroutine[None, None, None]],
    opens: Callable[[FrontDoor], Coroutine[None, None, None]],
) -> None:
    """Two transactions side by side: one holds the card, the other makes the place and releases what waits for it."""
    async with open_door(postgres_books, clock, dialogs=dict(DIALOGS) | {"call": CASE}) as desk:
        await open_shop(desk)
        await before(desk)
        async with postgres_books.unit() as unit:
            ledger = Ledger(unit, clock.now())
            play = Play(desk.house, ledger, Briefing(unit, desk.house, ledger.now))
            card = await play.begin("call", Home(queue=Queue.FRONT_DESK), Job())
            await play.event(card, Entered())
            assert await ledger.flush() == []
            opening = asyncio.create_task(opens(desk))
            await is_waited_for(unit, opening)
        await opening
        await desk.pass_time(timedelta())
        assert shown(desk, OTHER_GROUP).count(("甲", True)) == 1
        assert await desk.dead() == []


async def test_a_change_that_finds_no_group_any_more_arrives_in_private(desk: FrontDoor) -> None:
    """The card lies in a group that is gone; the change that finds that out is what the advisor sees, once."""
    await lay(desk)
    desk.post.will_answer(GROUP, Gone("chat", "Forbidden: bot was kicked from the supergroup chat"))
    await tell(desk, "change", words="乙")
    await desk.pass_time(SECOND)
    await desk.pass_time(MINUTE)
    assert shown(desk, ADVISOR.user_id) == [("乙", True)]


async def test_another_group_is_left_without_a_word(desk: FrontDoor) -> None:
    """We are removed from a group that is not the staff group: nothing changes."""
    await lay(desk)
    assert await desk.bring(desk.update(Sender(99), GroupLeft(), chat_id=OTHER_GROUP)) == []
    assert await desk.pass_time(MINUTE) == []
    assert {row.chat_id for row in await desk.rows(select(PLACES))} == {GROUP}


async def test_a_group_bound_again_shows_the_live_cards(desk: FrontDoor) -> None:
    """/bind in a new group: its topic has the card, the private copy goes on living; bound twice, shown once."""
    await unbind(desk)
    await lay(desk)
    for _ in range(2):
        await desk.say(BOSS, "/bind", chat_id=OTHER_GROUP, group_has_topics=True)
        await desk.pass_time(MINUTE)
    [card] = [letter for letter in desk.post.to(OTHER_GROUP) if letter.buttons]
    threads = {row.queue: row.thread_id for row in await desk.rows(select(PLACES))}
    assert (card.thread_id, words_of(card.text)) == (threads["front_desk"], "甲")
    await desk.press(ADVISOR, "take", chat=OTHER_GROUP)
    assert ("小敏接了", True) in shown(desk, OTHER_GROUP)
    assert shown(desk, ADVISOR.user_id) == [("小敏接了", True)]


async def test_a_topic_made_anew_shows_the_live_cards_of_its_queue(desk: FrontDoor) -> None:
    """The topic was deleted: its card comes in the new one, with its last words; other queues' cards stay."""
    await lay(desk, "丁", queue=Queue.WORKSHOP)
    await lay(desk)
    await tell(desk, "change", words="乙")
    before = len(desk.post.letters)
    desk.post.will_answer(GROUP, Gone("topic", "message thread not found"))
    await tell(desk, "line", words="来电了", to=Home(queue=Queue.FRONT_DESK))
    await desk.pass_time(MINUTE)
    letters = [one for one in desk.post.letters[before + 1 :] if not one.new_topic]
    place = (await desk.rows(select(PLACES).where(PLACES.c.queue == "front_desk")))[0]
    assert place.thread_id != FRONT_DESK_TOPIC
    assert sorted((words_of(one.text), one.thread_id, bool(one.buttons)) for one in letters) == sorted(
        [("来电了", place.thread_id, False), ("乙", place.thread_id, True)]
    )
    [change] = await tell(desk, "change", words="丙")
    assert change.edits == number_of(desk, GROUP)


async def test_a_group_where_no_topic_can_be_made_is_used_without(desk: FrontDoor) -> None:
    """No right to make topics: cards go to the group itself instead of waiting for ever."""
    await unbind(desk)
    async with desk.house.books.unit() as unit:
        await places.bind(unit, GROUP, True)
    await lay(desk)
    desk.post.will_answer(GROUP, *[Gone("chat", "not enough rights to create a topic")] * len(Queue))
    await in_play(desk, lambda play: play.drafting.topics())
    await desk.pass_time(SECOND)
    assert shown(desk, GROUP) == [("甲", True)]
    assert desk.post.to(GROUP)[-1].thread_id is None


async def test_many_cards_are_shown_in_several_transactions(
    desk: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than so many at once; the rest follows, nothing is lost and nothing comes twice."""
    monkeypatch.setattr(cards, "AT_ONCE", 7)
    names = [f"第{number}张" for number in range(20)]
    await lay(desk, *names)
    await desk.bring(desk.update(Sender(99), GroupLeft(), chat_id=GROUP))
    rounds = []
    for _ in range(5):
        desk.clock.advance(SECOND)
        rounds.append(len(await desk.look()))
    assert rounds == [7, 7, 6, 0, 0]
    assert sorted(words for words, _ in shown(desk, ADVISOR.user_id)) == sorted(names)


@pytest.mark.parametrize("known", [True, False])
async def test_the_last_copy_lost_without_a_group_is_shown_to_somebody_else(
    desk: FrontDoor, known: bool
) -> None:
    """The only advisor blocks the bot while there is no group: the general manager gets the card."""
    await unbind(desk)
    await lay(desk, "乙")
    if known:
        await desk.event(ADVISOR, ChatBlocked(True))
    else:
        desk.post.will_answer(ADVISOR.user_id, Gone("chat", "bot was blocked by the user"))
        await tell(desk, "change", words="乙")
    await desk.pass_time(SECOND)
    assert ("乙", True) in shown(desk, BOSS.user_id)
    await desk.press(BOSS, "take")
    assert ("建国接了", True) in shown(desk, BOSS.user_id)


# ---------------------------------------------------------------- colleagues out of reach


@pytest.mark.parametrize("known", [True, False])
async def test_what_a_colleague_cannot_read_is_told_at_the_desk(desk: FrontDoor, known: bool) -> None:
    """Blocked before or only found out now: the desk's topic has the words, with the name, and no call card."""
    await lay(desk)
    if known:
        await desk.event(BOSS, ChatBlocked(True))
    else:
        desk.post.will_answer(BOSS.user_id, Gone("chat", "bot was blocked by the user"))
    boss = (await desk.person(BOSS)).id
    said = await tell(desk, "line", words="快到时限，粤B12345", to=Home(person=boss))
    [told] = [letter for letter in said if letter.chat_id == GROUP]
    assert told.thread_id == FRONT_DESK_TOPIC
    assert "建国收不到" in told.text
    assert "快到时限" in told.text
    assert "12345" not in told.text  # A3
    assert len(await desk.conversations("call")) == 1


async def test_what_is_about_no_desk_is_told_to_the_managers(both: FrontDoor) -> None:
    """An answer in a colleague's own chat that never arrives: the topic of escalations has it."""
    both.post.will_answer(ADVISOR.user_id, Gone("chat", "bot was blocked by the user"))
    await both.say(ADVISOR, "/help")
    [told] = both.post.to(GROUP)
    threads = {row.queue: row.thread_id for row in await both.rows(select(PLACES))}
    assert told.thread_id == threads["escalation"]
    assert "小敏收不到" in told.text


async def test_a_complaint_hears_that_its_customer_is_out_of_reach(books: Books, clock: FakeClock) -> None:
    """C8: the complaint's own card is told, instead of a call card beside it; without one there is the call card."""

    def hear(job: Job, event: Event, facts: Facts) -> Turn:
        match event:
            case Told("unreachable", {"text": text, "person": person}):
                return ask(job, line(f"{person}:{text}", kind=Kind.STAFF, fresh=True))
            case _:
                return ask(job, line("投诉单", kind=Kind.STAFF))

    heard = Dialog("complaint_desk", Job, steps=(hear,), patient=True, answers_for_news=True)
    async with open_door(books, clock, dialogs=dict(DIALOGS) | {"complaint_desk": heard}) as door:
        await open_shop(door)
        wang = await door.person(WANG)

        async def notice(play: Play, subject: str) -> None:
            mine = await play.begin("front_desk", Home(person=wang.id), subject=subject)
            await play.drafting.say(line("有进展了", kind=Kind.NOTICE), mine)

        async def open_case(play: Play) -> None:
            case = await play.begin("complaint_desk", Home(queue=Queue.AFTER_SALES), Job(), "TS261123-001")
            await play.event(case, Entered())

        await in_play(door, open_case)
        door.post.will_answer(WANG.user_id, Gone("chat", "bot was blocked by the user"))
        await in_play(door, lambda play: notice(play, "TS261123-001"))
        assert f"{wang.id}:" in texts(door.post.to(GROUP))
        assert "有进展了" in texts(door.post.to(GROUP))
        assert await door.conversations("call") == []
        await door.event(WANG, ChatBlocked(False))
        door.post.will_answer(WANG.user_id, Gone("chat", "bot was blocked by the user"))
        await in_play(door, lambda play: notice(play, "TS261123-002"))
        assert len(await door.conversations("call")) == 1
