"""Two transactions side by side (PostgreSQL, READ COMMITTED): one is in the midst of it while the other is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dialogs.core import Event, Pressed
from domain.people import Role
from domain.repair_orders import OrderHappening
from service import order_import
from service.briefing import Briefing
from service.desk import PRESSES_KEPT, Desk
from service.invitations import hash_of
from service.ledger import Ledger
from service.order_import import written
from service.order_list import Meaning, compared
from service.play import Play
from service.ports import Sender
from storage import complaints, people, subjects
from storage.absences import ABSENCES
from storage.customers import CUSTOMERS
from storage.engine import Books, Unit
from storage.follow_ups import FOLLOW_UPS
from storage.orders import ORDER_ENTRIES
from storage.people import STAFF_ROLES
from tests.clock import FakeClock
from tests.service.bill_stage import ASKED_ORDER, BILLED_ORDER, bill
from tests.service.front_door import GROUP, FrontDoor, open_door
from tests.service.stages import ADVISOR, BOSS, FOREMAN, OWN, PLATE, open_shop, stand_at
from tests.service.test_order_import import TUESDAY, row
from tests.storage.rows import is_waited_for

SECOND_BOSS, NEWCOMER = Sender(31, "丽", "钱"), Sender(21, "小林", "林")
CLERK = Sender(32, "静", "何")


@pytest.fixture
async def side(postgres_books: Books, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    async with open_door(postgres_books, clock) as opened:
        await open_shop(opened)
        yield opened
        assert [row.error for row in await opened.dead()] == []


@asynccontextmanager
async def in_hand(door: FrontDoor, who: Sender, event: Event, **more: Any) -> AsyncIterator[Unit]:
    """Another process handles what `who` does; all is done but the commit, which comes at the end of the block."""
    async with door.house.books.unit() as unit:
        ledger = Ledger(unit, door.clock.now())
        play = Play(door.house, ledger, Briefing(unit, door.house, ledger.now))
        await Desk(door.house)._arrive(play, [door.update(who, event, **more)])
        letters = await ledger.flush()
        yield unit
    door.intake.couriers.take(letters)
    await door.quiet()


def tapped(door: FrontDoor, label: str, chat: int) -> tuple[Pressed, dict[str, Any]]:
    message, face = door.face(label, chat)
    return Pressed(face.tap.key, face.tap.value), {"tap": face.tap, "card": message, "chat_id": chat}


async def hire(door: FrontDoor, who: Sender, role: Role) -> int:
    await door.say(who, "/menu")
    number: int = (await door.person(who)).id
    async with door.house.books.unit() as unit:
        await people.give_role(unit, number, role, door.clock.now())
    return number


async def the_card(door: FrontDoor) -> Any:
    """A complaint whose form waits at the front desk to be accepted."""
    return await stand_at(door, "complaint_desk", "attend", leg="intake.front_desk.1")


async def owners(door: FrontDoor) -> set[int]:
    async with door.house.books.glance() as unit:
        found = await unit.rows(
            select(complaints.COMPLAINT_LEGS.c.owner_id).where(
                complaints.COMPLAINT_LEGS.c.number == OWN, complaints.COMPLAINT_LEGS.c.open.is_(True)
            )
        )
    return {one.owner_id for one in found if one.owner_id}


@pytest.mark.parametrize("how", ["dismiss", "absent"])
async def test_who_accepts_while_a_manager_sends_them_away_does_not_keep_the_case(
    side: FrontDoor, how: str
) -> None:
    """R3, R4: what they accept in that very moment moves too; it does not lie with who is gone."""
    clerk = await hire(side, CLERK, Role.FRONT_DESK_SUPERVISOR)
    await the_card(side)
    press, more = tapped(side, "accept", GROUP)
    await side.say(BOSS, f"/{how} 静")
    if how == "absent":
        await side.press(BOSS, "week")
    async with in_hand(side, CLERK, press, **more) as unit:
        leaving = asyncio.create_task(side.press(BOSS, "leaves" if how == "dismiss" else "小敏"))
        await is_waited_for(unit, leaving)
    await leaving
    assert {"staff.left", "absence.began"} & set(await side.audit())
    assert clerk not in await owners(side)


async def test_who_accepts_in_a_borrowed_role_while_its_owner_returns_does_not_keep_the_case(
    side: FrontDoor,
) -> None:
    """R4: whoever stood in may not go on with it, and nobody else could accept it."""
    await side.say(FOREMAN, "不在岗")
    await side.press(FOREMAN, "week")
    await side.press(FOREMAN, "小敏")
    await stand_at(side, "complaint_desk", "attend")
    await side.press(BOSS, "hand_over", chat=GROUP)
    await side.press(BOSS, "release", chat=GROUP)
    press, more = tapped(side, "accept", GROUP)
    async with in_hand(side, ADVISOR, press, **more) as unit:
        returning = asyncio.create_task(side.press(FOREMAN, "returned"))
        await is_waited_for(unit, returning)
    await returning
    assert "absence.ended" in await side.audit()
    assert (await side.person(ADVISOR)).id not in await owners(side)


async def test_who_is_handed_a_case_while_they_leave_does_not_keep_it(side: FrontDoor) -> None:
    """R3: the same where a colleague hands it over."""
    clerk = await hire(side, CLERK, Role.FRONT_DESK_SUPERVISOR)
    await stand_at(side, "complaint_desk", "attend", leg="handling.front_desk.1")
    await side.press(BOSS, "hand_over", chat=GROUP)
    press, more = tapped(side, "静", GROUP)
    await side.say(CLERK, "/leave")
    async with in_hand(side, BOSS, press, **more) as unit:
        leaving = asyncio.create_task(side.press(CLERK, "leaves"))
        await is_waited_for(unit, leaving)
    await leaving
    assert clerk not in {one.person_id for one in await side.rows(select(STAFF_ROLES))}
    assert clerk not in await owners(side)


async def test_who_leaves_and_accepts_in_one_breath_has_left(side: FrontDoor) -> None:
    """R3: two taps of one person, each with another process: the second waits, and finds them gone."""
    clerk = await hire(side, CLERK, Role.FRONT_DESK_SUPERVISOR)
    await the_card(side)
    accept, more = tapped(side, "accept", GROUP)
    await side.say(CLERK, "/leave")
    leave, private = tapped(side, "leaves", CLERK.user_id)
    async with in_hand(side, CLERK, leave, **private) as unit:
        accepting = asyncio.create_task(side.event(CLERK, accept, **more))
        assert await is_waited_for(unit, accepting)
    await accepting
    assert clerk not in await owners(side)


async def test_an_invitation_of_who_leaves_is_worthless(side: FrontDoor) -> None:
    """R3: the manager who makes it in that moment has left."""
    await hire(side, SECOND_BOSS, Role.AFTER_SALES_MANAGER)
    await side.say(BOSS, "/dismiss 丽")
    await side.say(SECOND_BOSS, "/invite")
    press, more = tapped(side, "服务顾问", SECOND_BOSS.user_id)
    async with in_hand(side, SECOND_BOSS, press, **more) as unit:
        leaving = asyncio.create_task(side.press(BOSS, "leaves"))
        await is_waited_for(unit, leaving)
    await leaving
    async with side.house.books.glance() as unit:
        assert await people.open_invitations(unit, side.clock.now()) == []


async def test_an_invitation_is_revoked_or_used_but_not_both(side: FrontDoor) -> None:
    """R3: the manager was told that it is worthless."""
    now = side.clock.now()
    async with side.house.books.unit() as unit:
        await people.invite(unit, hash_of("token"), Role.GENERAL_MANAGER, now, now + timedelta(days=1))
    async with side.house.books.unit() as unit:
        later = now + timedelta(milliseconds=5)
        assert await people.revoke_invitation(unit, hash_of("token")[:12], later)
        joining = asyncio.create_task(side.say(NEWCOMER, "/start token"))
        await is_waited_for(unit, joining)
    await joining
    assert len(await side.rows(select(STAFF_ROLES))) == 3


@pytest.mark.parametrize("how", ["circle", "twice", "gone"])
async def test_two_absences_that_do_not_go_together_are_not_both_registered(
    side: FrontDoor, how: str
) -> None:
    """R4: whoever comes second is told why not."""
    await hire(side, SECOND_BOSS, Role.AFTER_SALES_MANAGER)
    await side.say(FOREMAN, "不在岗")
    await side.press(FOREMAN, "today")
    press, more = tapped(side, "小敏", FOREMAN.user_id)
    if how == "circle":
        await side.say(ADVISOR, "不在岗")
        await side.press(ADVISOR, "today")
        second = ADVISOR, "铁军"
    elif how == "twice":
        await side.say(BOSS, "/absent 铁军")
        await side.press(BOSS, "week")
        second = BOSS, "丽"
        side.clock.advance(timedelta(seconds=2))
    else:
        await side.say(BOSS, "/dismiss 小敏")
        second = BOSS, "leaves"
    async with in_hand(side, FOREMAN, press, **more) as unit:
        other = asyncio.create_task(side.press(*second))
        await is_waited_for(unit, other)
    await other
    found = await side.rows(select(ABSENCES))
    if how == "gone":
        staff = {one.person_id for one in await side.rows(select(STAFF_ROLES))}
        assert {one.substitute_id for one in found} <= staff
    else:
        assert len(found) == 1


async def test_an_event_that_two_colleagues_enter_at_once_is_followed_up_once(side: FrontDoor) -> None:
    """F1: the second one is told that it is planned already."""
    await hire(side, CLERK, Role.FOLLOW_UP_CLERK)
    for who in (ADVISOR, CLERK):
        await side.say(who, "/followup 粤B12345 新车 今天上午九点")
    press, more = tapped(side, "plan", CLERK.user_id)
    before = len(await side.rows(select(FOLLOW_UPS)))
    async with in_hand(side, CLERK, press, **more) as unit:
        planned = len(await unit.rows(select(FOLLOW_UPS))) - before
        other = asyncio.create_task(side.press(ADVISOR, "plan"))
        await is_waited_for(unit, other)
    await other
    assert planned
    assert len(await side.rows(select(FOLLOW_UPS))) - before == planned


async def test_a_list_that_is_imported_twice_at_once_tells_the_new_time_once(side: FrontDoor) -> None:
    """O4: two processes bring the same list with another time for a car that is here."""
    house, wang = side.house, {"plate": PLATE, "phone": "+8613812345678", "customer": "王伟先生"}
    await written(house, [(2, row(**wang))])
    number = (await side.conversation("order_desk")).subject
    later = [(2, row(**wang, promised=TUESDAY))]
    async with house.books.unit() as unit:
        [line] = await compared(unit, house, later)
        await subjects.lock(unit, [number])
        await order_import._written(unit, house, line, ())
        other = asyncio.create_task(written(house, later))
        assert await is_waited_for(unit, other)
    assert [each.meaning for each in await other] == [Meaning.UNCHANGED]
    noted = await side.rows(select(ORDER_ENTRIES).where(ORDER_ENTRIES.c.number == number))
    assert sum(each.happening == OrderHappening.PROMISED for each in noted) == 2


async def test_a_newcomer_of_two_orders_at_once_gets_one_file(side: FrontDoor) -> None:
    """A1: two advisors open an order each for cars of one family, who left the same number."""

    async def other_car() -> None:
        async with side.house.books.unit() as unit:
            await bill(side, unit, ASKED_ORDER)

    async with side.house.books.unit() as unit:
        await bill(side, unit, BILLED_ORDER)
        other = asyncio.create_task(other_car())
        await is_waited_for(unit, other)
    await other
    found = await side.rows(select(CUSTOMERS).where(CUSTOMERS.c.phone == "+8613612345678"))
    assert len(found) == 1


async def test_two_processes_that_start_at_once_offer_a_card_again_once(side: FrontDoor) -> None:
    """D5: the machine starts anew with both; whoever decides gets the undecided card once."""
    await stand_at(side, "discount_desk", "attend")
    side.clock.advance(PRESSES_KEPT + timedelta(seconds=1))
    before = len(side.post.letters)
    async with side.house.books.unit() as unit:
        ledger = Ledger(unit, side.clock.now())
        play = Play(side.house, ledger, Briefing(unit, side.house, ledger.now))
        await Desk(side.house)._offer_again(unit, play)
        letters = await ledger.flush()
        side.intake.offer_again()
        other = asyncio.create_task(side.intake.settled())
        await is_waited_for(unit, other)
    side.intake.couriers.take(letters)
    await other
    await side.quiet()
    own = [one for one in side.post.letters[before:] if one.chat_id == BOSS.user_id and not one.edits]
    assert len(own) == 1
