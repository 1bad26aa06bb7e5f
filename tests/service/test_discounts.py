"""Discounts in the real house (D1–D5, R2, R5): asked once, decided once, shown everywhere, offered again at start."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import Pressed
from domain.discounts import Discount, DiscountState
from domain.people import Role
from service.desk import PRESSES_KEPT
from service.ports import Sender, Tap
from storage import discounts, people, settlements
from storage.conversations import CONVERSATIONS, OVER
from tests.service.bill_stage import ASKED_ORDER, BILLED_ORDER
from tests.service.card_stage import shown
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, stand_at

OTHER_BOSS, THIRD, FOURTH = (
    Sender(number, name, "郑") for number, name in ((21, "一"), (22, "二"), (23, "三"))
)
A_MOMENT = timedelta(seconds=1)


async def manage(door: FrontDoor, *who: Sender) -> None:
    """They are general managers too."""
    for each in who:
        await door.say(each, "/menu")
        number = (await door.person(each)).id
        async with door.house.books.unit() as unit:
            await people.give_role(unit, number, Role.GENERAL_MANAGER, door.clock.now())


async def asked_on(door: FrontDoor, order: str) -> list[Discount]:
    async with door.house.books.glance() as unit:
        return await discounts.of_order(unit, order)


async def waiting(door: FrontDoor) -> Any:
    """The card of the request on ASKED_ORDER, laid out for whoever may decide."""
    return await stand_at(door, "discount_desk", "attend")


async def offer_again(door: FrontDoor) -> str:
    """The bot starts; what is said then."""
    before = len(door.post.letters)
    door.intake.offer_again()
    await door.quiet()
    return texts(door.post.letters[before:])


# ---------------------------------------------------------------- D1–D3


async def test_d1_d2_from_the_form_to_the_bill(both: FrontDoor) -> None:
    """A customer asks, a manager presses once, and the bill carries it; each step is in the audit log (R5)."""
    await stand_at(both, "discount_form", "choose_share")
    for label in ("9.5 折", "跳过", "提交"):
        await both.press(WANG, label)
    await both.press(BOSS, "同意 5%", chat=BOSS.user_id)
    (request,) = await asked_on(both, BILLED_ORDER)
    assert (request.state, request.granted, request.amount) == (
        DiscountState.GRANTED, Decimal("0.05"), Decimal(50),
    )  # fmt: skip
    async with both.house.books.glance() as unit:
        bill = await settlements.load(unit, BILLED_ORDER)
    assert bill is not None
    assert bill.discount == Decimal("0.05")
    assert [each for each in await both.audit() if each.startswith("discount.")] == [
        "discount.asked",
        "discount.granted",
    ]
    assert "已同意优惠 5%" in texts(both.post.to(GROUP))


async def test_d3_of_four_at_once_one_decides_and_every_copy_shows_it(both: FrontDoor) -> None:
    managers = (BOSS, OTHER_BOSS, THIRD, FOURTH)
    await manage(both, *managers[1:])
    row = await waiting(both)
    presses = [
        both.update(who, Pressed("approve"), tap=Tap(row.id, row.turn, "approve"), card=number, chat_id=who.user_id)
        for who in managers
        for number, _ in [both.face("approve", who.user_id)]
    ]  # fmt: skip
    await both.bring(*presses)
    (request,) = await asked_on(both, ASKED_ORDER)
    assert request.decided_name == BOSS.first_name
    assert [each for each in await both.audit() if each == "discount.granted"] == ["discount.granted"]
    heard = [toast.text for toast in both.post.toasts][-4:]
    assert [f"{BOSS.first_name}已经同意 5% 了" in text for text in heard] == [False, True, True, True]
    for who in managers:
        face, has_buttons = shown(both, who.user_id)[-1]
        assert "已同意优惠 5%" in face
        assert not has_buttons


async def test_d3_a_second_press_after_the_decision_says_who_decided(shop: FrontDoor) -> None:
    row = await waiting(shop)
    _, face = shop.face("refuse", GROUP)
    await shop.press(BOSS, "approve", chat=GROUP)
    await manage(shop, OTHER_BOSS)
    assert await shop.tap(OTHER_BOSS, face.tap, card=77, chat=GROUP) == []
    assert "建国已经同意 5% 了" in shop.post.toasts[-1].text
    assert (await shop.conversation("discount_desk")).id == row.id


@pytest.mark.parametrize("who", [ADVISOR, FOREMAN, WANG])
async def test_r2_nobody_else_decides(shop: FrontDoor, who: Sender) -> None:
    row = await waiting(shop)
    for key in ("approve", "other", "refuse", "step", "because", "back"):
        assert await shop.tap(who, Tap(row.id, row.turn, key), card=77, chat=GROUP) == []
        assert "不归您操作" in shop.post.toasts[-1].text
    assert (await asked_on(shop, ASKED_ORDER))[0].state is DiscountState.OPEN
    assert (await shop.audit())[-6:] == ["refused_press"] * 6


async def test_d5_nobody_answers_until_the_front_desk_is_sent(shop: FrontDoor) -> None:
    """Three more times to the top, then a task for the front desk; the request can still be decided."""
    await waiting(shop)
    ten = timedelta(minutes=shop.house.store.settlement.answer_minutes)
    for time in (1, 2, 3):
        assert f"第 {time} 次提醒" in texts(await shop.pass_time(ten))
    assert "请示总经理" in texts(await shop.pass_time(ten))
    assert await shop.pass_time(timedelta(hours=2)) == []
    await shop.press(BOSS, "approve", chat=BOSS.user_id)
    assert (await asked_on(shop, ASKED_ORDER))[0].state is DiscountState.GRANTED


# ---------------------------------------------------------------- offered again at start


async def test_at_start_an_undecided_card_lies_there_anew_with_its_copies(both: FrontDoor) -> None:
    """A press while the bot was down is lost: whoever looks finds buttons that work, in the group and in private."""
    row = await waiting(both)
    due = [each.due_at for each in await both.timers() if each.conversation_id == row.id]
    before = len(shown(both, GROUP)), len(shown(both, BOSS.user_id))
    both.clock.advance(PRESSES_KEPT)
    said = await offer_again(both)
    assert said.count("优惠申请 5%") == 2
    assert "已移到下面" in said
    assert (len(shown(both, GROUP)), len(shown(both, BOSS.user_id))) == (before[0] + 1, before[1] + 1)
    assert [each.due_at for each in await both.timers() if each.conversation_id == row.id] == due
    await both.press(BOSS, "approve", chat=BOSS.user_id)
    assert (await asked_on(both, ASKED_ORDER))[0].state is DiscountState.GRANTED
    assert "已同意优惠 5%" in shown(both, GROUP)[-1][0]


async def test_at_start_what_was_asked_just_now_stays_where_it_is(shop: FrontDoor) -> None:
    """A press on it cannot have been lost, and a process that dies again and again floods nobody."""
    await waiting(shop)
    shop.clock.advance(PRESSES_KEPT - A_MOMENT)
    assert await offer_again(shop) == ""
    shop.clock.advance(A_MOMENT)
    assert "优惠申请" in await offer_again(shop)
    assert await offer_again(shop) == ""


async def test_at_start_what_is_decided_is_not_offered(shop: FrontDoor) -> None:
    await waiting(shop)
    await shop.press(BOSS, "approve", chat=GROUP)
    shop.clock.advance(timedelta(hours=1))
    assert await offer_again(shop) == ""


async def test_at_start_other_cards_are_left_alone(shop: FrontDoor) -> None:
    await stand_at(shop, "arrival", "look")
    shop.clock.advance(timedelta(minutes=5))
    assert await offer_again(shop) == ""


async def test_at_start_a_press_of_the_old_card_shows_the_present_one(shop: FrontDoor) -> None:
    await waiting(shop)
    number, face = shop.face("approve", GROUP)
    shop.clock.advance(PRESSES_KEPT)
    await offer_again(shop)
    said = await shop.tap(BOSS, face.tap, card=number, chat=GROUP)
    assert "已过期" in shop.post.toasts[-1].text
    assert [(letter.chat_id, bool(letter.edits)) for letter in said] == [(GROUP, False), (BOSS.user_id, True)]
    assert (await asked_on(shop, ASKED_ORDER))[0].state is DiscountState.OPEN


async def test_at_start_what_cannot_be_shown_keeps_nobody_waiting(
    shop: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card stays where it lies; who writes meanwhile is answered."""
    await waiting(shop)
    shop.clock.advance(PRESSES_KEPT)

    def break_down(*_given: Any) -> Any:
        raise RuntimeError("no card")

    monkeypatch.setattr("dialogs.discount_desk.card", break_down)
    shop.intake.offer_again()
    assert await shop.say(WANG, "/menu") != []
    monkeypatch.undo()
    await shop.press(BOSS, "approve", chat=GROUP)
    assert (await asked_on(shop, ASKED_ORDER))[0].state is DiscountState.GRANTED


async def test_a_request_that_cannot_be_read_any_more_becomes_a_call(shop: FrontDoor) -> None:
    row = await waiting(shop)
    async with shop.house.books.unit() as unit:
        change = CONVERSATIONS.update().where(CONVERSATIONS.c.id == row.id)
        await unit.run(change.values(state='{"number": 5'))
    shop.clock.advance(PRESSES_KEPT)
    await offer_again(shop)
    assert (await shop.conversation("discount_desk")).status == OVER
