"""Every press is judged by person, role, case and state at the moment when it is made (R2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from dialogs.authority import anyone_of_staff, managers
from dialogs.catalogue import DIALOGS
from dialogs.core import Pressed
from domain.people import Role, serves
from service.briefing import Briefing
from service.ports import Sender, Tap
from storage import people
from storage.audit import AUDIT
from storage.conversations import CONVERSATIONS
from tests.overheard import overhear
from tests.service.front_door import GROUP, LI, WANG, FrontDoor
from tests.service.stages import ADVISOR, AT_QUEUES, BOSS, FOREMAN, STAGES, keys_shown, name_of, stand_at
from tests.service.tidiness import assert_house_is_in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

ELSEWHERE = Sender(31, "远", "林")
NEVER_WRITTEN = (
    "never_written"  # comes from somebody's own device: it may say anything, and is not written down
)
every_queue_stage = pytest.mark.parametrize("stage", AT_QUEUES, ids=name_of)


# ---------------------------------------------------------------- who is refused


async def give(door: FrontDoor, who: Sender, *roles: Role) -> None:
    """Make `who` known, with `roles` and no others."""
    await door.say(who, "/menu")
    person = (await door.person(who)).id
    async with door.house.books.unit() as unit:
        await people.take_roles(unit, person)
        for role in roles:
            await people.give_role(unit, person, role, door.clock.now())


async def assert_refused(door: FrontDoor, who: Sender, row: Any, keys: Iterable[str], *chats: int) -> None:
    """Each press: a kind toast, one line in the audit log, and nothing else at all."""
    assert keys
    for key, chat in ((key, chat) for key in keys for chat in chats):
        written_before = len(await door.audit())
        assert await door.tap(who, Tap(row.id, row.turn, key), card=55, chat=chat) == []
        assert "不归您操作" in door.post.toasts[-1].text, key
        lines = (await door.rows(select(AUDIT).order_by(AUDIT.c.id)))[written_before:]
        person = (await door.person(who)).id
        assert [(line.action, line.person_id, line.conversation_id, line.subject) for line in lines] == [
            ("refused_press", person, row.id, row.subject)
        ]
        assert json.loads(lines[0].details) == ({"button": key} if key != NEVER_WRITTEN else {})
    now = next(one for one in await door.conversations() if one.id == row.id)
    assert (now.turn, now.state, now.status) == (row.turn, row.state, row.status)
    await assert_house_is_in_order(door)


@every_queue_stage
@pytest.mark.parametrize("who", [LI, WANG], ids=["stranger", "customer"])
async def test_r2_nobody_from_outside_presses_at_a_queue(
    shop: FrontDoor, stage: tuple[str, str], who: Sender
) -> None:
    """Neither in the group nor with what a private copy of the card holds."""
    row = await stand_at(shop, *stage)
    await assert_refused(shop, who, row, DIALOGS[stage[0]].authority, GROUP, who.user_id)


@every_queue_stage
async def test_r3_who_was_dismissed_presses_nothing_any_more(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """The card was shown while the role was there; the role is gone."""
    row = await stand_at(shop, *stage)
    await give(shop, BOSS)
    await assert_refused(shop, BOSS, row, DIALOGS[stage[0]].authority, GROUP, BOSS.user_id)


@every_queue_stage
async def test_r2_the_wrong_desk_is_refused(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """A colleague of another desk (a manager, unless any manager may); what any colleague may press is left out."""
    queue, desks = STAGES[stage].queue, shop.house.store.staff.desks
    assert queue is not None
    rows = DIALOGS[stage[0]].authority
    clerks, heads = (Role.FOLLOW_UP_CLERK, Role.ADVISOR), (Role.PARTS_MANAGER, Role.SALES_MANAGER)
    candidates = clerks if managers in rows.values() else heads
    role = next(one for one in candidates if not serves((one,), queue, desks))
    row = await stand_at(shop, *stage)
    await give(shop, ELSEWHERE, role)
    keys = [key for key, permit in rows.items() if permit is not anyone_of_staff]
    await assert_refused(shop, ELSEWHERE, row, keys, GROUP, ELSEWHERE.user_id)


@every_queue_stage
async def test_r2_a_button_without_a_row_is_nobodys(shop: FrontDoor, stage: tuple[str, str]) -> None:
    """What somebody forgot to allow is forbidden, to the general manager too."""
    row = await stand_at(shop, *stage)
    await assert_refused(shop, BOSS, row, [NEVER_WRITTEN], GROUP)


async def test_r2_in_a_private_chat_only_its_person_presses_and_a_row_has_to_hold(shop: FrontDoor) -> None:
    """An advisor has a card that would dismiss a colleague: not theirs to decide, and not a manager's to press."""
    row = await stand_at(shop, "departure", "sign_off")
    await assert_refused(shop, ADVISOR, row, ["leaves", "stays"], ADVISOR.user_id)
    await assert_refused(shop, BOSS, row, ["leaves", "stays"], BOSS.user_id)
    await give(shop, ADVISOR, Role.FRONT_DESK_MANAGER)
    await shop.press(ADVISOR, "leaves")
    assert "staff.left" in await shop.audit()


# ---------------------------------------------------------------- at the moment of the press


async def test_r3_a_role_taken_away_counts_for_the_next_press_of_the_same_batch(shop: FrontDoor) -> None:
    """The foreman leaves and presses 收到 in one breath."""
    card = await stand_at(shop, "bay_notice", "announce")
    await shop.say(FOREMAN, "/leave")
    leaving = await shop.conversation("departure")
    taps = Tap(leaving.id, leaving.turn, "leaves"), Tap(card.id, card.turn, "got_it")
    await shop.bring(*(shop.update(FOREMAN, Pressed(tap.key), tap=tap, card=55) for tap in taps))
    assert "不归您操作" in shop.post.toasts[-1].text
    assert (await shop.audit())[-2:] == ["staff.left", "refused_press"]
    assert (await shop.conversation("bay_notice")).turn == card.turn


async def test_r2_an_old_button_shows_the_present_card_only_to_who_may_press_it(shop: FrontDoor) -> None:
    row = await stand_at(shop, "arrival", "look")
    old = Tap(row.id, row.turn - 1, "arrived")
    assert await shop.tap(FOREMAN, old, card=55, chat=GROUP) == []
    assert "不归您操作" in shop.post.toasts[-1].text
    assert len(await shop.tap(ADVISOR, old, card=55, chat=GROUP)) == 1
    assert "已过期" in shop.post.toasts[-1].text
    await shop.press(ADVISOR, "arrived", chat=GROUP)
    for who, answer in ((FOREMAN, "不归您操作"), (ADVISOR, "已过期")):
        assert await shop.tap(who, Tap(row.id, row.turn + 1, "arrived"), card=55, chat=GROUP) == []
        assert answer in shop.post.toasts[-1].text


async def test_a_card_that_cannot_be_read_is_handed_over_by_its_desk_alone(shop: FrontDoor) -> None:
    """No step runs on it: the press of a colleague of the desk makes a call of it, nobody else's does."""
    row = await stand_at(shop, "bay_notice", "announce")
    async with shop.house.books.unit() as unit:
        change = CONVERSATIONS.update().where(CONVERSATIONS.c.id == row.id)
        await unit.run(change.values(state="not json"))
    assert await shop.press(ADVISOR, "got_it", chat=GROUP) == []
    assert "不归您操作" in shop.post.toasts[-1].text
    await shop.press(FOREMAN, "got_it", chat=GROUP)
    assert (await shop.audit())[-1] == "handed_over"


@pytest.mark.parametrize(
    ("stage", "who", "asked"),
    [*((stage, BOSS, 2) for stage in AT_QUEUES),
     (("departure", "sign_off"), ADVISOR, 2), (("proposal", "offer"), WANG, 1), (("booking", "agree"), WANG, 1)],
    ids=str,
)  # fmt: skip
async def test_a_press_is_judged_without_a_further_statement(
    shop: FrontDoor, monkeypatch: pytest.MonkeyPatch, stage: tuple[str, str], who: Sender, asked: int
) -> None:
    """The permit's facts are those of the step; where there is no row in a private chat, none are loaded for it."""
    statements, cost, facts = overhear(monkeypatch), list[int](), Briefing.facts

    async def counted(*given: Any, **more: Any) -> Any:
        before = len(statements)
        found = await facts(*given, **more)
        cost.append(len(statements) - before)
        return found

    row = await stand_at(shop, *stage)
    if who is ADVISOR:
        await give(shop, who, Role.FRONT_DESK_MANAGER)
    key = sorted(keys_shown(shop, row.id))[0]
    monkeypatch.setattr(Briefing, "facts", counted)
    await shop.tap(who, Tap(row.id, row.turn, key), card=55, chat=GROUP if STAGES[stage].queue else None)
    assert "不归您操作" not in shop.post.toasts[-1].text
    assert len(cost) >= asked
    assert cost[1:asked] == [0] * (asked - 1)
