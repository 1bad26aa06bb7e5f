"""Every button of every step, pressed by those who must not and in ways in which it must not (R2, R3, R4, R5).

Callback data comes from the person's own device and says whatever that person wants it to. What a step decides about
values of its own is tried in test_forged_values.py.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from dialogs.catalogue import DIALOGS
from dialogs.core import Pressed, Said
from service.ports import Sender, Tap
from storage import audit
from storage.audit import AUDIT
from storage.conversations import CONVERSATIONS, OVER
from tests.faults.tally import LONG
from tests.hostile.forgers import BY_THE_WAY, FORGERS, IN_VAIN, arrive, give_every_role, kept, not_theirs
from tests.service.front_door import GROUP, LI, WANG, FrontDoor
from tests.service.stages import ADVISOR, BOSS, STAGES, WAITING, keys_shown, stand_at

if TYPE_CHECKING:
    from service.ports import Incoming
    from tests.faults.tally import Tally

NOT_YOURS, EXPIRED, OVERTAKEN = "不归您操作", "已过期", "已经处理"
BY_DIALOG = sorted({dialog for dialog, _ in WAITING})
every_dialog = pytest.mark.parametrize("dialog", BY_DIALOG)


def stages_of(dialog: str) -> list[tuple[str, str]]:
    """Its steps that wait for an answer."""
    return [stage for stage in WAITING if stage[0] == dialog]


async def lines_since(door: FrontDoor, last: int) -> list[Any]:
    """What was written down after line `last`."""
    return await door.rows(select(AUDIT).where(AUDIT.c.id > last).order_by(AUDIT.c.id))


async def last_line(door: FrontDoor) -> int:
    """The number of the newest line."""
    return int((await door.rows(select(func.max(AUDIT.c.id)).select_from(AUDIT)))[0][0] or 0)


def press(door: FrontDoor, who: Sender, tap: Tap | None, chat: int) -> Incoming:
    """A press with data of `who`'s own making."""
    pressed = Pressed(tap.key, tap.value) if tap else Pressed("")
    return door.update(who, pressed, tap=tap, card=55, chat_id=chat)


# ---------------------------------------------------------------- the wrong people


@every_dialog
async def test_r2_who_has_not_the_right_changes_nothing(shop: FrontDoor, dialog: str, tally: Tally) -> None:
    """At every step, each of its buttons: a kind word each, a line in the audit log each, and nothing else at all."""
    presses = 0
    for stage in stages_of(dialog):
        row = await stand_at(shop, *stage)
        queue = STAGES[stage].queue
        keys = keys_shown(shop, row.id) | DIALOGS[dialog].authority.keys() | {"never_written"}
        forgers = await arrive(shop, dialog, queue)
        before, line, toasts = await kept(shop, but=IN_VAIN), await last_line(shop), len(shop.post.toasts)
        forged = [
            (forger, press(shop, forger.who, Tap(row.id, row.turn, key), chat))
            for forger in forgers
            for key in not_theirs(forger, dialog, keys)
            for chat in ((GROUP, forger.who.user_id) if queue else (forger.who.user_id,))
        ]
        assert await shop.bring(*(update for _, update in forged)) == []
        assert {heard.text for heard in shop.post.toasts[toasts:] if NOT_YOURS not in heard.text} == set()
        assert len(shop.post.toasts) - toasts == len(forged)
        assert await kept(shop, but=IN_VAIN) == before
        lines = await lines_since(shop, line)
        assert {(each.action, each.conversation_id, each.subject) for each in lines} == {
            ("refused_press", row.id, row.subject)
        }
        assert Counter(each.person_id for each in lines) == Counter(forger.person for forger, _ in forged)
        assert {forger.kind for forger, _ in forged} == set(FORGERS)
        presses += len(forged)
    tally("presses by whoever has not the right", cases=presses, updates=presses)


# ---------------------------------------------------------------- the wrong ways, by the right people


@every_dialog
async def test_r2_the_right_person_in_the_wrong_way_changes_nothing(
    shop: FrontDoor, dialog: str, tally: Tally
) -> None:
    """A number that no conversation has, an older turn and a younger one, by somebody who holds every role."""
    presses = 0
    for who in (BOSS, ADVISOR, WANG):
        await give_every_role(shop, who)
    for stage in stages_of(dialog):
        row = await stand_at(shop, *stage)
        who = BOSS if STAGES[stage].queue else ADVISOR if STAGES[stage].staff else WANG
        keys = sorted(keys_shown(shop, row.id))[: None if LONG else 2]
        nowhere = [Tap(number, row.turn, key) for key in keys for number in (0, row.id + 1, 2**63 - 1)]
        turns = [
            Tap(row.id, turn, key) for key in keys for turn in (0, row.turn - 1, row.turn + 1, 2**31 - 1)
        ]
        before = await kept(shop, but=BY_THE_WAY)
        turns = [tap for tap in turns if 0 <= tap.turn != row.turn]
        toasts, line = len(shop.post.toasts), await last_line(shop)
        await shop.bring(*(press(shop, who, tap, who.user_id) for tap in (*nowhere, *turns)))
        heard = [each.text for each in shop.post.toasts[toasts:]]
        assert len(heard) == len(nowhere) + len(turns)
        assert [text for text in heard if EXPIRED not in text and OVERTAKEN not in text] == []
        said = Counter(each.action for each in await lines_since(shop, line))
        late = {"late_press": len(turns)} if row.queue else {}
        assert said == Counter({"forged_press": len(nowhere)} | late)
        presses += len(heard)
        assert await kept(shop, but=BY_THE_WAY) == before
        now = next(one for one in await shop.conversations() if one.id == row.id)
        assert (now.step, now.status) == (row.step, row.status)
        shop.clock.advance(audit.AN_HOUR)  # of so many attempts only the first would be kept
    tally("presses with another turn or number", cases=presses, updates=presses)


@pytest.mark.parametrize("dialog", BY_DIALOG if LONG else BY_DIALOG[::3])
async def test_r5_after_it_is_over_nothing_counts(shop: FrontDoor, dialog: str, tally: Tally) -> None:
    """Each button of each step, by whoever might have pressed it a moment ago: kindly too late, written down."""
    presses = 0
    for who in (BOSS, ADVISOR, WANG):
        await give_every_role(shop, who)
    for stage in stages_of(dialog):
        row = await stand_at(shop, *stage)
        who = BOSS if STAGES[stage].queue else ADVISOR if STAGES[stage].staff else WANG
        keys = sorted(keys_shown(shop, row.id) | DIALOGS[dialog].authority.keys())
        async with shop.house.books.unit() as unit:
            over = update(CONVERSATIONS).where(CONVERSATIONS.c.id == row.id)
            await unit.run(over.values(status=OVER))
        before, line, toasts = await kept(shop, but=IN_VAIN), await last_line(shop), len(shop.post.toasts)
        taps = [press(shop, who, Tap(row.id, row.turn, key), who.user_id) for key in keys]
        assert await shop.bring(*taps) == []
        heard = [each.text for each in shop.post.toasts[toasts:]]
        assert len(heard) == len(taps)
        assert all(heard), "never silence"
        assert await kept(shop, but=IN_VAIN) == before
        said = Counter(each.action for each in await lines_since(shop, line))
        assert said == Counter({"late_press": len(taps)} if row.queue else {})
        presses += len(taps)
    tally("presses after it is over", cases=presses, updates=presses)


async def test_data_that_says_nothing(shop: FrontDoor) -> None:
    """What the channel could not read: a press without a conversation. Written down, and without any words of it."""
    line = await last_line(shop)
    for who in (WANG, LI, BOSS):
        assert await shop.tap(who, None) == []
        assert EXPIRED in shop.post.toasts[-1].text
    lines = await lines_since(shop, line)
    assert [(each.action, each.subject, each.details) for each in lines] == [("forged_press", "", "{}")] * 3


# ---------------------------------------------------------------- floods


async def test_a_flood_of_refused_presses_does_not_fill_the_books(shop: FrontDoor) -> None:
    """R5: so many of one person's in an hour, the last of them says so; others' are kept; an hour later again."""
    row = await stand_at(shop, "bay_notice", "announce")
    await shop.say(WANG, "/menu")
    line = await last_line(shop)
    for round_ in range(3):
        keys = [f"{round_}-{number}" for number in range(100)]
        await shop.bring(*(press(shop, LI, Tap(row.id, row.turn, key), LI.user_id) for key in keys))
    await shop.tap(WANG, Tap(row.id, row.turn, "got_it"), chat=GROUP)
    lines = await lines_since(shop, line)
    li, wang = (await shop.person(LI)).id, (await shop.person(WANG)).id
    assert Counter(each.person_id for each in lines) == {li: audit.MOST_ATTEMPTS, wang: 1}
    told = [json.loads(each.details) for each in lines if each.person_id == li]
    assert told[-1] == {"and_more": True}
    assert told[:-1] == [{}] * (audit.MOST_ATTEMPTS - 1), "what a forger writes is nobody's to read"
    shop.clock.advance(audit.AN_HOUR)
    await shop.tap(LI, Tap(row.id, row.turn, "got_it"), chat=GROUP)
    assert len(await lines_since(shop, line)) == audit.MOST_ATTEMPTS + 2


async def test_a_flood_of_staff_commands_and_invitations(shop: FrontDoor) -> None:
    """R2, R3: the same for commands of a stranger and for tokens that they try."""
    line = await last_line(shop)
    for number in range(audit.MOST_ATTEMPTS):
        await shop.bring(*(shop.update(LI, Said(text)) for text in ("/bind", f"/start {number:022d}")))
    lines = await lines_since(shop, line)
    assert {each.action for each in lines} == {"command.refused", "invitation.refused"}
    assert len(lines) == audit.MOST_ATTEMPTS
    assert "0000" not in "".join(each.details for each in lines)
