"""Presses on a discount's card that must not count: each is refused, changes nothing, and is in the audit (R2, R5).

"Must be shown" 3 of the discounts: forged, replayed and expired presses, and presses after the role was withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dialogs.core import Home, Pressed
from domain.people import Queue, Role
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import NOBODY
from service.play import Play
from service.ports import Sender, Tap
from storage import absences, people
from storage.audit import AUDIT
from storage.discounts import DISCOUNTS
from storage.settlements import SETTLEMENTS
from tests.service.bill_stage import BILLED_ORDER, bill
from tests.service.front_door import GROUP, LI, WANG, FrontDoor
from tests.service.stages import ADVISOR, BOSS, FOREMAN

CHEN, ZHOU = Sender(41, "晨", "陈"), Sender(42, "平", "周")
MANAGERS = ((CHEN, Role.BUSINESS_SUPERVISOR), (ZHOU, Role.AFTER_SALES_MANAGER))
KEYS = "approve", "other", "step", "refuse", "because", "back"
TEN_MINUTES = timedelta(minutes=10)


@dataclass
class Counter:
    """A request of 5 % by Mr Wang: its card in the group, and a copy with the business supervisor (D1)."""

    door: FrontDoor

    async def ask(self, share: str) -> None:
        """Mr Wang asks on his own card."""
        await self.door.press(WANG, "ask_discount")
        await self.door.say(WANG, share)
        await self.door.press(WANG, "skip")
        await self.door.press(WANG, "submit")

    async def tap(self, key: str, value: str = "", *, later: int = 0) -> Tap:
        """What a button of the card carries now."""
        card = await self.door.conversation("discount_desk")
        return Tap(card.id, card.turn + later, key, value)

    async def kept(self) -> list[Any]:
        """Bills, requests, and where the card is."""
        card = await self.door.conversation("discount_desk")
        tables = [await self.door.rows(select(table)) for table in (SETTLEMENTS, DISCOUNTS)]
        return [*tables, (card.turn, card.state, card.status)]

    async def refused(
        self, who: Sender, tap: Tap | None, action: str = "refused_press", toast: str = "", chat: int = 0
    ) -> None:
        """`who` sends `tap` from the group and from their own chat (or from `chat` alone): one line each, no effect."""
        for place in (chat,) if chat else (GROUP, who.user_id):
            before, written = await self.kept(), len(await self.door.audit())
            await self.door.tap(who, tap, card=55, chat=place)
            assert await self.kept() == before, (who.first_name, tap, place)
            lines = (await self.door.rows(select(AUDIT).order_by(AUDIT.c.id)))[written:]
            person = (await self.door.person(who)).id
            assert [(line.action, line.person_id) for line in lines] == [(action, person)], (tap, place)
            assert toast in self.door.post.toasts[-1].text

    async def all_refused(self, who: Sender, keys: Iterable[str] = KEYS, **more: Any) -> None:
        """Whatever the card could ever show."""
        for key in keys:
            await self.refused(who, await self.tap(key, "0.05" if key == "step" else ""), **more)


@pytest.fixture
async def unasked(shop: FrontDoor) -> Counter:
    """Mr Wang's car is ready, its bill of 1000 yuan is before him."""
    for who, role in MANAGERS:
        await join(shop, who, role)
    await shop.say(LI, "/menu")
    now = shop.clock.now()
    async with shop.house.books.unit() as unit:
        ledger = Ledger(unit, now)
        ledger.know(await people.load(unit, now, user_ids=[WANG.user_id]))
        wang = ledger.by_user[WANG.user_id].id
        await bill(shop, unit, BILLED_ORDER, person=wang)
        play = Play(shop.house, ledger, Briefing(unit, shop.house, now))
        await play.begin("order_desk", Home(queue=Queue.WORKSHOP), None, BILLED_ORDER, NOBODY)
        await play.begin("order_sheet", Home(person=wang), None, BILLED_ORDER, NOBODY)
        letters = await ledger.flush()
    shop.intake.couriers.take(letters)
    await shop.quiet()
    return Counter(shop)


@pytest.fixture
async def counter(unasked: Counter) -> Counter:
    """Mr Wang asks for 5 % off."""
    await unasked.ask("5%")
    return unasked


async def join(door: FrontDoor, who: Sender, role: Role) -> None:
    """A new colleague."""
    await door.say(who, "/menu")
    async with door.house.books.unit() as unit:
        [person] = await people.load(unit, door.clock.now(), user_ids=[who.user_id])
        await people.give_role(unit, person.id, role, door.clock.now())


# ---------------------------------------------------------------- the wrong hands


@pytest.mark.parametrize(
    "who", [WANG, LI, ADVISOR, FOREMAN], ids=["customer", "stranger", "advisor", "foreman"]
)
async def test_r2_nobody_else_presses(counter: Counter, who: Sender) -> None:
    """Neither who asks, nor who might have asked for them, in the group or with what a private copy holds."""
    await counter.all_refused(who, toast="不归您操作")


async def test_d4_a_supervisor_cannot_grant_above_their_limit(unasked: Counter) -> None:
    """同意 is not theirs on a card above their limit; a step above it is refused by the card itself."""
    counter = unasked
    await counter.ask("20%")
    await counter.refused(CHEN, await counter.tap("approve"), toast="不归您操作")
    await counter.door.press(ZHOU, "other", chat=GROUP)
    step = await counter.tap("step", "0.15")
    await counter.refused(CHEN, step, "discount.beyond_limit", "请上一级来批")
    await counter.door.press(CHEN, "3%", chat=GROUP)
    assert "discount.granted" in await counter.door.audit()


# ---------------------------------------------------------------- forged


@pytest.mark.parametrize(
    "value",
    ["0.07", "0.05", "0.4", "-0.05", "1.5", "5", "0", "NaN", "Infinity", "abc", "", "5E-2", "0.080", "٠.٠٨"],
)
async def test_d2_a_share_that_was_not_offered(counter: Counter, value: str) -> None:
    """Not a step of the store's, what was asked anyway, above every limit, no share, no number, written otherwise."""
    await counter.door.press(CHEN, "other")
    await counter.refused(CHEN, await counter.tap("step", value))
    await counter.refused(BOSS, await counter.tap("step", value))


@pytest.mark.parametrize(
    ("key", "value"),
    [("approve", "0.4"), ("step", "0.03"), ("because", "margin"), ("back", ""), ("refuse", "margin"), ("granted", ""),
     ("", "")],
)  # fmt: skip
async def test_d2_a_button_that_the_card_does_not_show(counter: Counter, key: str, value: str) -> None:
    """A value that the button never had, a button of another face, one that never was."""
    await counter.refused(BOSS, await counter.tap(key, value))


async def test_d2_a_reason_that_was_not_offered(counter: Counter) -> None:
    await counter.door.press(CHEN, "refuse")
    for reason in ("", "because", "<b>", "margin "):
        await counter.refused(CHEN, await counter.tap("because", reason))


async def test_r2_the_data_of_another_conversation(counter: Counter) -> None:
    """The customer's own card, the order's card, a conversation that never was, data that cannot be read."""
    door = counter.door
    sheet, order = await door.conversation("order_sheet"), await door.conversation("order_desk")
    for row in (sheet, order):
        await counter.refused(CHEN, Tap(row.id, row.turn, "approve"), toast="不归您操作")
    await counter.refused(CHEN, Tap(sheet.id, sheet.turn, "ask_discount"), toast="不归您操作")
    for nothing in (Tap(999_999, 1, "approve"), None):
        await counter.refused(CHEN, nothing, "forged_press", "已过期")


# ---------------------------------------------------------------- replayed, expired


async def test_d3_an_update_that_comes_twice_is_one_press(counter: Counter) -> None:
    door, tap = counter.door, await counter.tap("approve")
    press = door.update(CHEN, Pressed("approve"), tap=tap, card=55)
    await door.bring(press, press)
    before, lines = await counter.kept(), await door.audit()
    assert lines.count("discount.granted") == 1
    assert await door.bring(press) == []
    assert (await counter.kept(), await door.audit()) == (before, lines)


async def test_d3_a_button_of_an_earlier_turn_or_a_later_one(counter: Counter) -> None:
    """The data of a card as it was, or as it may become, by somebody who may press what it shows now."""
    await counter.door.press(CHEN, "other")
    for later in (-1, 1, 40):
        for key in ("approve", "step", "refuse"):
            tap = await counter.tap(key, "0.03" if key == "step" else "", later=later)
            await counter.refused(ZHOU, tap, "late_press", "已过期", chat=ZHOU.user_id)


@pytest.mark.parametrize("decision", [("approve",), ("other", "step"), ("refuse", "毛利不足")])
async def test_d3_after_the_decision(counter: Counter, decision: tuple[str, ...]) -> None:
    """Every press after it reads who decided: with the data of then, of before, and of whoever decided."""
    door, early = counter.door, [await counter.tap(key) for key in ("approve", "other", "refuse")]
    for label in decision:
        await door.press(CHEN, label)
    now = [await counter.tap(key) for key in KEYS]
    for who in (CHEN, ZHOU, BOSS):
        for tap in (*early, *now):
            await counter.refused(who, tap, "late_press", "晨已经")


async def test_d2_after_the_bill_has_changed(counter: Counter) -> None:
    """The card of the old version is over; its buttons do not decide about the new one."""
    door, old = counter.door, await counter.tap("approve")
    await door.press(BOSS, "🧾 结算单", chat=GROUP)
    await door.press(BOSS, "1. 更换刹车片")
    await door.press(BOSS, "拆出配件")
    await door.say(BOSS, "360")
    await door.press(BOSS, "确认结算单")
    new = await counter.tap("approve")
    assert new.conversation != old.conversation
    for who in (CHEN, ZHOU, BOSS):
        await counter.refused(who, old, "late_press", "已作废")


async def test_d2_back_in_the_workshop_and_after_the_visit_has_ended(counter: Counter) -> None:
    """Nothing is decided on a car that is being worked on again; cancelled before anybody decided: withdrawn."""
    door = counter.door
    early = [await counter.tap(key) for key in ("approve", "other", "refuse")]
    await door.press(BOSS, "rework", chat=GROUP)
    for who in (CHEN, ZHOU, BOSS):
        for tap in early:
            await counter.refused(who, tap, toast="检验后再批")
    await door.press(BOSS, "cancel_order", chat=GROUP)
    await door.press(BOSS, "cancel_sure", chat=GROUP)
    assert "discount.withdrawn" in await door.audit()
    for who in (CHEN, ZHOU, BOSS):
        for tap in early:
            await counter.refused(who, tap, "late_press", "申请已撤回")


# ---------------------------------------------------------------- after the role was withdrawn


async def test_r3_who_was_dismissed(counter: Counter) -> None:
    """/dismiss: what lies under their thumb works no more, in the group and on their copy, nor on a decided card."""
    door = counter.door
    await door.say(BOSS, "/dismiss 晨")
    await door.press(BOSS, "leaves")
    await counter.all_refused(CHEN, toast="不归您操作")
    await door.press(ZHOU, "approve", chat=GROUP)
    await counter.all_refused(CHEN, toast="不归您操作")


async def test_r4_who_stood_in_until_a_moment_ago(counter: Counter) -> None:
    """The foreman decides for the supervisor while she is away, and not a minute longer."""
    door, now = counter.door, counter.door.clock.now()
    chen, foreman = (await door.person(CHEN)).id, (await door.person(FOREMAN)).id
    async with door.house.books.unit() as unit:
        await absences.write(unit, chen, foreman, now, now + TEN_MINUTES, chen)
    await door.press(CHEN, "refuse", chat=GROUP)
    before = await counter.kept()
    await door.tap(FOREMAN, await counter.tap("back"), card=55, chat=GROUP)
    assert await counter.kept() != before
    door.clock.advance(TEN_MINUTES)
    await counter.all_refused(FOREMAN, toast="不归您操作")


async def test_r3_dismissed_and_pressed_in_the_same_batch(counter: Counter) -> None:
    door = counter.door
    await door.say(CHEN, "/leave")
    leaving, card = await door.conversation("departure"), await counter.tap("approve")
    before = (await counter.kept())[:2]
    taps = Tap(leaving.id, leaving.turn, "leaves"), card
    await door.bring(*(door.update(CHEN, Pressed(tap.key), tap=tap, card=55) for tap in taps))
    assert (await counter.kept())[:2] == before
    assert (await door.audit())[-2:] == ["staff.left", "refused_press"]
