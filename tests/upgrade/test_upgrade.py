"""What the release before left in the middle of everything goes on, and the two releases can work side by side."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bot.opening import ready_books
from dialogs.catalogue import DIALOGS
from service.ports import Sender
from storage import upgrade
from storage.conversations import OVER
from storage.engine import Books
from tests.faults.tally import LONG
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN
from tests.upgrade.old_books import Shape, Shown, bring_to, kept, load, shape
from tests.upgrade.write_books import BOOKED, COMPLAINING, HALF_WAY, UNDER_WAY, UNHEARD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clock import FakeClock

NOT_YOURS = "不归您操作"
A_MONTH = timedelta(days=31)
MOST_PRESSES = 8


# ---------------------------------------------------------------- everything goes on


async def test_nothing_is_lost_on_the_way(books: Books) -> None:
    """Every row is there, at the present revision."""
    wanted = Counter(table for table, _ in kept().rows)
    async with books.glance() as unit:
        found = {table: (await unit.rows(text(f"SELECT count(*) FROM {table}")))[0][0] for table in wanted}
    assert found == wanted
    assert await upgrade.revision(books) == upgrade.HEAD


async def test_letters_on_their_way_arrive(shop: FrontDoor) -> None:
    """SENDING: once more, for nobody knows; PENDING behind it; RETRY when it is time."""
    assert {row["state"] for table, row in kept().rows if table == "outbox"} >= {
        "sending",
        "pending",
        "retry",
    }
    await shop.look()
    mine = [letter.text for letter in shop.post.to(UNDER_WAY)]
    assert ["示范路" in mine[0], "想了解什么" in mine[1]] == [True, True]
    assert shop.post.to(UNHEARD) == []
    await shop.pass_time(timedelta(hours=1))
    assert "示范路" in texts(shop.post.to(UNHEARD))


def rounds() -> list[list[Shown]]:
    """Every button once: in each round one of each conversation, since a press changes what the next one meets."""
    by_talk: dict[int, list[Shown]] = {}
    for button in kept().shown:
        by_talk.setdefault(button.tap.conversation, []).append(button)
    return [[button for button in each if button] for each in zip_longest(*by_talk.values())]


TRIED = rounds() if LONG else rounds()[:1]


@pytest.mark.parametrize("buttons", TRIED, ids=lambda each: f"{len(each)} buttons")
async def test_every_button_works_or_says_that_it_is_past(shop: FrontDoor, buttons: list[Shown]) -> None:
    """Never silence, never an error: something is said, shown over the button, or goes on in the books."""
    silent = []
    for button in buttons:
        letters, turns = len(shop.post.letters), await _turns(shop)
        told = await _press(shop, button)
        if not told and len(shop.post.letters) == letters and await _turns(shop) == turns:
            silent.append(button)
    assert silent == []


async def _turns(shop: FrontDoor) -> list[tuple[int, int]]:
    return [(row.id, row.turn) for row in await shop.conversations()]


async def _press(shop: FrontDoor, button: Shown) -> str:
    """Whoever may press it does; what was shown over it."""
    people = [Sender(button.chat, "客")] if button.chat > 0 else [BOSS, FOREMAN, ADVISOR]
    told = ""
    for who in people:
        await shop.tap(who, button.tap, card=button.message, chat=button.chat)
        told = shop.post.toasts[-1].text
        if NOT_YOURS not in told:
            break
    return told


async def test_whoever_goes_on_gets_on(shop: FrontDoor) -> None:
    """From the first button of each conversation to the next and the next: words where words are wanted."""
    first = {button.tap.conversation: button for button in reversed(kept().shown)}
    for number in sorted(first)[:: 1 if LONG else 4]:
        button: Shown | None = first[number]
        for _ in range(MOST_PRESSES):
            if button is None:
                break
            await _press(shop, button)
            if button.chat > 0:
                await shop.say(Sender(button.chat, "客户"), "明天下午三点")
            button = _newest(shop, number)
        assert [row.error for row in await shop.dead()] == []


def _newest(shop: FrontDoor, number: int) -> Shown | None:
    """The first button that this release has shown last in that conversation."""
    cards = sorted(shop.post.faces.items(), key=lambda each: each[1].id, reverse=True)
    for (chat, message), letter in cards:
        for face in (face for row in letter.buttons for face in row):
            if face.tap.conversation == number:
                return Shown(chat, message, face.tap)
    return None


async def test_every_timer_fires_and_whoever_is_silent_is_left_in_peace(
    shop: FrontDoor, clock: FakeClock
) -> None:
    """A month passes and nobody does anything: no timer is left overdue, every form has ended by itself."""
    planned = {row.id for row in await shop.timers()}
    end = clock.now() + A_MONTH
    while (soonest := (await shop.timers())[:1]) and soonest[0].due_at <= end:
        clock.set(max(clock.now(), soonest[0].due_at))
        await shop.look()
        assert [row.error for row in await shop.dead()] == []
    clock.set(end)
    await shop.look()
    timers = await shop.timers()
    assert all(row.due_at > clock.now() for row in timers)
    assert planned & {row.id for row in timers} < planned
    left = {row.dialog for row in await shop.conversations() if row.status != OVER}
    waiting = {name for name in left if not (DIALOGS[name].patient or DIALOGS[name].lasting)}
    assert {name for name in waiting if not DIALOGS[name].open_ended} == set()


# ---------------------------------------------------------------- people go on where they were


async def test_half_a_booking_is_finished(shop: FrontDoor) -> None:
    """With the button that the old release showed for a day."""
    who = Sender(HALF_WAY, "客户")
    [tomorrow] = [each for each in kept().shown if (each.chat, each.tap.value) == (HALF_WAY, "2026-11-24")]
    await _press(shop, tomorrow)
    await shop.press(who, ":")
    assert "预约成功" in texts(await shop.press(who, "confirm"))


async def test_whoever_has_booked_is_reminded_and_may_confirm(shop: FrontDoor, clock: FakeClock) -> None:
    """At the second that the old release had planned."""
    who = Sender(BOOKED, "客户")
    [mine] = [
        row for row in await shop.conversations("appointment") if row.person_id == (await shop.person(who)).id
    ]
    [planned] = [
        row for row in await shop.timers() if (row.conversation_id, row.name) == (mine.id, "reminder_4h")
    ]
    clock.set(planned.due_at)
    await shop.look()
    [reminder] = shop.post.to(BOOKED)
    await shop.press(who, reminder.buttons[0][0].label)
    [form] = [row for row in await shop.appointments() if row.plate.endswith(str(BOOKED))]
    assert form.state == "confirmed"


async def test_the_alarms_of_an_open_complaint_ring(shop: FrontDoor, clock: FakeClock) -> None:
    """Nobody accepts it: the levels above hear of it, and its customer is answered at any time."""
    clock.advance(timedelta(days=1))
    assert "超时" in texts(await shop.look())
    assert await shop.say(Sender(COMPLAINING, "陈女士"), "你们处理得怎么样了？")


async def test_the_discount_is_decided(shop: FrontDoor) -> None:
    asked = [each for each in kept().shown if each.chat == GROUP and each.tap.key == "approve"]
    assert asked
    told = await _press(shop, asked[-1])
    assert NOT_YOURS not in told
    rows = await shop.rows(text("SELECT state FROM discounts"))
    assert {row.state for row in rows} != {"asked"}


@pytest.mark.parametrize("words", ["预约服务", "咨询", "我的预约", "维修进度", "投诉建议", "取消"])
async def test_every_word_of_the_menu_is_answered_wherever_somebody_was(shop: FrontDoor, words: str) -> None:
    for user in (BOOKED, HALF_WAY, COMPLAINING, WANG.user_id):
        assert await shop.say(Sender(user, "客户"), words)


# ---------------------------------------------------------------- side by side with the release before


@pytest.fixture(params=["sqlite", "postgres"])
async def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Empty books at the present revision."""
    if request.param == "sqlite":
        opened = Books(f"sqlite+aiosqlite:///{tmp_path / 'bare.db'}", synchronous="OFF")
        yield opened
        await opened.close()
        return
    postgres = request.getfixturevalue("postgres")
    name = postgres.create()
    opened = Books(postgres.url(name))
    yield opened
    await opened.close()
    postgres.drop(name)


async def test_the_release_before_can_write_into_the_present_tables(bare: Books) -> None:
    """In a rolling upgrade it does: it names only the columns that it knows."""
    await upgrade.upgrade(bare)
    await load(bare)


async def test_every_statement_of_the_release_before_can_still_be_said(books: Books) -> None:
    """As it was said, to the tables as they are now."""
    statements = kept().said["postgresql" if books.is_postgres else "sqlite"]
    assert len(statements) > 60
    refused = {}
    for statement in statements:
        try:
            await _prepare(books, statement)
        except Exception as error:
            refused[statement] = error
    assert refused == {}


async def _prepare(books: Books, statement: str) -> None:
    async with books.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if books.is_postgres:
            await driver.prepare(statement)
        else:
            await driver.execute(f"EXPLAIN {statement}", [None] * statement.count("?"))


async def test_a_statement_about_what_is_gone_would_be_noticed(books: Books) -> None:
    """The test above can fail."""
    async with books.unit() as unit:
        await unit.run(text("ALTER TABLE customers RENAME COLUMN surname TO family_name"))
    with pytest.raises(Exception, match="surname"):
        await test_every_statement_of_the_release_before_can_still_be_said(books)


async def _shape_at(books: Books, revision: str) -> Shape:
    await bring_to(books, revision)
    return await shape(books)


def contractions(before: Shape, after: Shape) -> list[str]:
    """What the release before would stumble over: something gone, narrower, or asked of it that it does not know."""
    found = [f"{table}: gone" for table in before if table not in after]
    for table in before.keys() & after.keys():
        old, new = before[table]["columns"], after[table]["columns"]
        found += [f"{table}.{name}: gone" for name in old if name not in new]
        found += [
            f"{table}.{name}: changed"
            for name in old.keys() & new.keys()
            if (str(old[name]["type"]), old[name]["nullable"])
            != (str(new[name]["type"]), new[name]["nullable"])
        ]
        found += [
            f"{table}.{name}: must be given"
            for name in new.keys() - old.keys()
            if not new[name]["nullable"] and new[name]["default"] is None
        ]
        for kind in ("unique", "points"):
            found += [f"{table}: {each} is new" for each in after[table][kind] - before[table][kind]]
    return sorted(found)


async def test_migrations_since_then_only_add(bare: Books) -> None:
    before = await _shape_at(bare, kept().revision)
    assert contractions(before, await _shape_at(bare, upgrade.HEAD)) == []


async def test_a_contraction_would_be_noticed(bare: Books) -> None:
    before = await _shape_at(bare, kept().revision)
    await upgrade.upgrade(bare)
    async with bare.unit() as unit:
        for change in (
            "ALTER TABLE places DROP COLUMN has_topics",
            "ALTER TABLE people ADD COLUMN nickname VARCHAR(9) NOT NULL DEFAULT ''",
            "CREATE UNIQUE INDEX one_each ON vehicles (plate, model)",
            "DROP TABLE copies",
        ):
            await unit.run(text(change))
    assert contractions(before, await shape(bare)) == [
        "copies: gone",
        "places.has_topics: gone",
        "vehicles: ['plate', 'model'] is new",
    ]


async def test_a_process_of_an_old_release_starts_again_on_newer_books(books: Books) -> None:
    """They were brought on by a newer one: nothing is changed, nothing is refused."""
    async with books.unit() as unit:
        await unit.run(text("UPDATE alembic_version SET version_num = '9999'"))
    await ready_books(books)
    await upgrade.upgrade(books)
    assert await upgrade.revision(books) == "9999"
