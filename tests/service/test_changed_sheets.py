"""The store changes its questionnaires while customers are in the middle of them: nobody is stuck, nothing lost (F3).

The sheets are kept in tests/scripts_zh/sheets/: `first.yaml` is the one that customers begin, the others are what the
store made of it later, or what an earlier release has kept in its books.
"""

from __future__ import annotations

import pytest
from sqlalchemy import update

from domain.follow_up_figures import month_of
from domain.follow_ups import NOTHING_TO_ASK, FollowUpState
from scripts_zh.questionnaires import from_source
from service.ports import Sender
from storage import follow_ups
from storage.conversations import OVER
from storage.engine import Books
from storage.follow_ups import FOLLOW_UPS, SHEETS
from tests.clock import FakeClock
from tests.service.changed_sheets import (
    BEGINS,
    COMES_LATER,
    HOUR,
    INVITED,
    contact,
    furnish,
    house_with,
    leave,
    sheets,
    shown,
    source,
    until_asked,
)
from tests.service.follow_up_year_books import close_complaints
from tests.service.front_door import FrontDoor

CHANGES = ("removed", "renamed", "retyped", "options", "reused", "reordered", "added")
ALL_ANSWERS = {
    "overall": ("5",),
    "waited": ("short",),
    "runs_well": ("yes",),
    "liked": ("wash",),
    "wishes": (),
}


async def begin(door: FrontDoor) -> None:
    """One customer has answered two questions of the first version, another one has been invited only."""
    await furnish(door)
    await leave(door, BEGINS)
    await leave(door, INVITED)
    await until_asked(door, BEGINS, days=2)
    await door.press(BEGINS, "begin")
    await press(door, BEGINS, "answer", "5")
    await press(door, BEGINS, "answer", "short")
    if not door.post.to(INVITED.user_id):
        await until_asked(door, INVITED, days=2)


async def press(door: FrontDoor, who: Sender, key: str, value: str = "") -> None:
    """`who` presses this button of what lies before them."""
    for message, letter in sorted(
        ((number, letter) for (chat, number), letter in door.post.faces.items() if chat == who.user_id),
        key=lambda each: each[1].id,
        reverse=True,
    ):
        for face in (face for row in letter.buttons for face in row):
            if face.tap.key == key and value in ("", face.tap.value):
                await door.tap(who, face.tap, card=message)
                return
    raise AssertionError(f"no button {key} {value} in {shown(door, who)}")


async def finish(door: FrontDoor, who: Sender) -> None:
    """The rest of the first version."""
    await press(door, who, "answer", "yes")
    await press(door, who, "tick", "wash")
    await press(door, who, "ticked")
    await press(door, who, "skip")


async def reopen(door_before: FrontDoor, door: FrontDoor) -> None:
    """What lay in the chats lies there still."""
    door.post.faces.update(door_before.post.faces)


@pytest.mark.parametrize("change", [*CHANGES, ""], ids=[*CHANGES, "deleted"])
async def test_f3_who_was_asked_finishes_their_version(books: Books, clock: FakeClock, change: str) -> None:
    """Those who began it, and those who were only invited; every answer stands as it was given."""
    async with house_with(books, clock, "first") as before:
        await begin(before)
    async with house_with(books, clock, *filter(None, [change])) as door:
        await reopen(before, door)
        await finish(door, BEGINS)
        assert "第一版到此结束" in shown(door, BEGINS).text
        await press(door, INVITED, "begin")
        await press(door, INVITED, "answer", "5")
        await press(door, INVITED, "answer", "short")
        await finish(door, INVITED)
        for who in (BEGINS, INVITED):
            ended = await contact(door, who)
            assert ended.state is FollowUpState.ANSWERED
            assert ended.version == sheets("first")["check_48h"].version
            assert {each.question: each.codes for each in ended.answers} == ALL_ANSWERS
        assert {row.status for row in await door.conversations("follow_up")} == {OVER}


@pytest.mark.parametrize("change", CHANGES)
async def test_f3_who_had_not_been_asked_gets_the_new_one(
    books: Books, clock: FakeClock, change: str
) -> None:
    async with house_with(books, clock, "first") as door:
        await furnish(door)
        await leave(door, COMES_LATER)
    async with house_with(books, clock, change) as door:
        invitation = await until_asked(door, COMES_LATER, days=2)
        assert "第二版" in invitation.text
        await door.press(COMES_LATER, "begin")
        new = sheets(change)["check_48h"]
        assert new.questions[0].text in shown(door, COMES_LATER).text
        assert (
            (await contact(door, COMES_LATER)).version == new.version != sheets("first")["check_48h"].version
        )


async def test_f3_a_sheet_that_is_gone_is_not_asked(books: Books, clock: FakeClock) -> None:
    """Who had not been asked yet hears nothing at all."""
    async with house_with(books, clock, "first") as door:
        await furnish(door)
        await leave(door, COMES_LATER)
    async with house_with(books, clock) as door:
        assert await door.pass_time(72 * HOUR) == []
        ended = await contact(door, COMES_LATER)
        assert (ended.state, ended.reason) == (FollowUpState.SKIPPED, NOTHING_TO_ASK)
        assert [timer.name for timer in await door.timers()] == []


async def test_f3_a_sheet_that_an_earlier_release_kept_can_be_finished(
    books: Books, clock: FakeClock
) -> None:
    """With things in it that no present release knows."""
    async with house_with(books, clock, "first") as before:
        await begin(before)
        await keep_instead(before, "kept_by_an_earlier_release.json")
    async with house_with(books, clock, "renamed") as door:
        await reopen(before, door)
        await press(door, INVITED, "begin")
        assert "旧版：整体感受怎么样？" in shown(door, INVITED).text
        await press(door, INVITED, "answer", "5")
        await press(door, INVITED, "answer", "yes")
        assert "旧版到此结束" in shown(door, INVITED).text
        ended = await contact(door, INVITED)
        assert {each.question: each.codes for each in ended.answers} == {
            "overall": ("5",),
            "runs_well": ("yes",),
        }


@pytest.mark.parametrize("kept", ["kept_and_unreadable.json", ""], ids=["unreadable", "not_kept_at_all"])
@pytest.mark.parametrize("does", ["presses", "writes", "nothing"])
async def test_f3_a_sheet_that_nobody_can_read_any_more_ends_politely(
    books: Books, clock: FakeClock, kept: str, does: str
) -> None:
    """Thanks and an end, whatever they do; what they had answered is kept."""
    async with house_with(books, clock, "first") as before:
        await begin(before)
        await keep_instead(before, kept)
    async with house_with(books, clock, "renamed") as door:
        await reopen(before, door)
        if does == "presses":
            await press(door, BEGINS, "answer", "yes")
        elif does == "writes":
            await door.say(BEGINS, "挺好的")
        if does != "nothing":
            assert "谢谢" in shown(door, BEGINS).text or "感谢" in shown(door, BEGINS).text
            assert not shown(door, BEGINS).buttons
        await door.pass_time(10 * 24 * HOUR)
        ended = await contact(door, BEGINS)
        assert not ended.state.is_open
        assert {each.question: each.codes for each in ended.answers} == {
            "overall": ("5",),
            "waited": ("short",),
        }
        assert {row.status for row in await door.conversations("follow_up")} == {OVER}
        assert [timer.name for timer in await door.timers()] == []


async def keep_instead(door: FrontDoor, name: str) -> None:
    """The books have this content where the first version was; nothing at all for "" (a backup lost it)."""
    version = sheets("first")["check_48h"].version
    this = SHEETS.c.version == version
    async with door.house.books.unit() as unit:
        if name:
            await unit.run(update(SHEETS).where(this).values(source=source(name), version="of2019"))
        else:
            await unit.run(SHEETS.delete().where(this))
        await unit.run(update(FOLLOW_UPS).where(FOLLOW_UPS.c.version == version).values(version="of2019"))


@pytest.mark.parametrize("change", ["satisfaction_renamed", ""], ids=["renamed", "deleted"])
async def test_f6_the_second_contact_asks_about_the_answers_that_were_given(
    books: Books, clock: FakeClock, change: str
) -> None:
    """Whatever became of the first sheet meanwhile: its answers are looked up by the ids that they were given to."""
    async with house_with(books, clock, "satisfaction", "second_contact") as door:
        await is_dissatisfied(door)
    async with house_with(books, clock, *filter(None, [change]), "second_contact") as door:
        await close_complaint(door)
        await until_asked(door, BEGINS, days=16)
        await door.press(BEGINS, "begin")
        assert "现在车子恢复正常了吗" in shown(door, BEGINS).text
        await press(door, BEGINS, "answer", "yes")
        ended = await contact(door, BEGINS, "second_contact")
        assert (ended.state, ended.by_question["fixed_now"].codes) == (FollowUpState.ANSWERED, ("yes",))


async def test_f6_a_second_contact_about_what_was_never_asked_is_left_out(
    books: Books, clock: FakeClock
) -> None:
    async with house_with(books, clock, "satisfaction", "second_contact") as door:
        await is_dissatisfied(door)
    async with house_with(books, clock, "satisfaction_renamed", "second_contact_renamed") as door:
        await close_complaint(door)
        brought = await door.pass_time(20 * 24 * HOUR)
        assert [letter.text for letter in brought if letter.chat_id == BEGINS.user_id] == []
        ended = await contact(door, BEGINS, "second_contact")
        assert (ended.state, ended.reason) == (FollowUpState.SKIPPED, NOTHING_TO_ASK)


async def is_dissatisfied(door: FrontDoor) -> None:
    """They rate the repair 2 of 5."""
    await furnish(door)
    await leave(door, BEGINS)
    await until_asked(door, BEGINS)
    await door.press(BEGINS, "begin")
    await press(door, BEGINS, "answer", "2")


async def close_complaint(door: FrontDoor) -> None:
    assert await close_complaints(door.house, BEGINS.user_id, door.clock.now()) == 1


async def test_f7_versions_are_counted_apart(books: Books, clock: FakeClock) -> None:
    """The same id with another meaning: its ratings are those of the version that was asked."""
    async with house_with(books, clock, "first") as before:
        await begin(before)
        await finish(before, BEGINS)
        await leave(before, COMES_LATER)
    async with house_with(books, clock, "retyped") as door:
        await until_asked(door, COMES_LATER, days=2)
        await door.press(COMES_LATER, "begin")
        await press(door, COMES_LATER, "skip")
        await press(door, COMES_LATER, "answer", "short")
        await press(door, COMES_LATER, "answer", "4")
        now = door.clock.now()
        async with books.glance() as unit:
            found = await follow_ups.of_events(unit, now - 200 * HOUR, now)
            kept = [await follow_ups.sheet(unit, each.questionnaire, each.version) for each in found]
        known = {
            (each.questionnaire, each.version): from_source(text or "")
            for each, text in zip(found, kept, strict=True)
        }
        figures = month_of(found, known, now, 5)
        ratings = {
            each.version: sum(result.number for result in [each.results.ratings])
            for each in figures.by_version
        }
        old, new = sheets("first")["check_48h"].version, sheets("retyped")["check_48h"].version
        assert ratings == {old: 1, new: 1}
