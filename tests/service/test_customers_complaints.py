"""A customer complains through the front door: in the middle of anything, in any number of messages (C1, C8, A3)."""

from __future__ import annotations

import pytest

from dialogs.core import SentMedia
from domain.complaints import Complaint, Happening
from domain.people import Role
from service.ports import Tap
from storage import complaints, people
from storage.conversations import OPEN, OVER, RESTING
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, texts
from tests.service.stages import BOSS, FORMS, name_of, stand_at
from tests.service.tidiness import assert_house_is_in_order

WENT_WRONG = "我要投诉！上周换的刹车片又响了，车牌粤B12345，电话13812345678"
FORMS_OF_OTHERS = [
    stage for stage in FORMS if not stage[0].startswith(("complaint", "caller_complaint", "writing"))
]


async def filed(door: FrontDoor) -> list[Complaint]:
    """The complaints of Mr Wang that are in the books, the newest last."""
    me = (await door.person(WANG)).id
    async with door.house.books.glance() as unit:
        numbers = [each.number for each in await complaints.of_person(unit, me)]
        found = [await complaints.load(unit, number) for number in numbers]
    return sorted((each for each in found if each), key=lambda each: each.opened_at)


@pytest.mark.parametrize("stage", FORMS_OF_OTHERS, ids=name_of)
async def test_c1_in_the_middle_of_anything_and_then_that_goes_on(
    shop: FrontDoor, stage: tuple[str, str]
) -> None:
    """The plain wish interrupts every form of every dialog; when all is said the interrupted question comes again."""
    begun = await stand_at(shop, *stage)
    asked = shop.post.letters[-1].text
    said = await shop.say(WANG, WENT_WRONG)
    assert "投诉已登记" in texts([one for one in said if one.chat_id == WANG.user_id])
    (complaint,) = await filed(shop)
    assert complaint.words == (WENT_WRONG,)
    group = texts([one for one in shop.post.letters if one.chat_id == GROUP and complaint.number in one.text])
    assert "13812345678" not in group.replace(" ", "")
    assert "粤B12345" not in group.replace("·", "")
    row = (await shop.conversations(stage[0]))[-1]
    assert row.status in (OPEN, RESTING)
    resumed = await shop.say(WANG, "好的")
    assert resumed[-1].text == asked
    now = (await shop.conversations(stage[0]))[-1]
    assert (now.id, now.step, now.status) == (begun.id, begun.step, OPEN)
    await assert_house_is_in_order(shop)


@pytest.mark.parametrize("step", ["tell", "mean", "choose"])
async def test_c1_cancelled_nothing_is_filed_and_the_booking_goes_on(shop: FrontDoor, step: str) -> None:
    await stand_at(shop, "booking", "choose_service")
    asked = shop.post.letters[-1].text
    if step == "choose":
        await shop.say(WANG, WENT_WRONG)
        await shop.say(WANG, "好的")
    before = len(await filed(shop))
    await shop.say(WANG, "投诉" if step != "mean" else "投诉建议")
    said = await shop.say(WANG, "取消")
    assert "已经取消" in said[0].text
    assert said[-1].text == asked
    assert len(await filed(shop)) == before
    await assert_house_is_in_order(shop)


async def test_c1_a_word_of_command_inside_the_story_is_part_of_the_story(shop: FrontDoor) -> None:
    """取消 alone ends it; that the store cancelled something is what they complain about."""
    await shop.say(WANG, "投诉")
    said = await shop.say(WANG, "昨天你们取消了我的预约")
    assert "投诉已登记" in texts(said)
    (complaint,) = await filed(shop)
    assert complaint.words == ("昨天你们取消了我的预约",)
    await assert_house_is_in_order(shop)


async def test_c1_who_typed_it_and_fell_silent_is_called(shop: FrontDoor) -> None:
    await shop.say(WANG, "我要投诉")
    said = await shop.pass_time(shop.house.store.dialogs.nudge_after)
    assert [one.chat_id for one in said if one.chat_id == GROUP]
    assert (await shop.conversation("complaint")).status == OVER
    assert "complaint.asked_for" in await shop.audit()
    await assert_house_is_in_order(shop)


async def test_c1_ten_messages_and_thirty_photos_are_one_case_and_two_answers(shop: FrontDoor) -> None:
    said = await shop.say(WANG, WENT_WRONG)
    (complaint,) = await filed(shop)
    before = len(shop.post.to(WANG.user_id))
    for number in range(10):
        await shop.say(WANG, f"还有第 {number} 件事")
    await shop.bring(*(shop.update(WANG, SentMedia("photo", f"f{number}")) for number in range(30)))
    await shop.pass_time(shop.house.store.dialogs.nudge_after / 2)
    kept = shop.post.to(WANG.user_id)[before:]
    assert ["新增 40 条" in one.text for one in kept] == [True]
    (complaint,) = await filed(shop)
    assert (len(complaint.words), len(complaint.media)) == (11, 30)
    assert len(await shop.conversations("complaint_desk")) == 1
    assert said
    await assert_house_is_in_order(shop)


async def accept(door: FrontDoor) -> Tap:
    """The newest 接单 in the group."""
    return door.face("accept", GROUP)[1].tap


async def test_r2_presses_after_a_hand_over_and_after_a_role_was_taken_away(shop: FrontDoor) -> None:
    """Li is a supervisor, then not any more: nothing she presses counts, and each try is in the audit log."""
    await shop.say(LI, "/menu")
    person = (await shop.person(LI)).id
    async with shop.house.books.unit() as unit:
        await people.give_role(unit, person, Role.FRONT_DESK_SUPERVISOR, shop.clock.now())
    await shop.say(WANG, WENT_WRONG)
    tap = await accept(shop)
    await shop.tap(LI, tap, card=55, chat=GROUP)
    await shop.tap(BOSS, tap, card=55, chat=GROUP)
    (complaint,) = await filed(shop)
    assert [each.person for each in complaint.of(Happening.ACCEPTED)] == [person, person]
    async with shop.house.books.unit() as unit:
        await people.take_roles(unit, person)
    refused_before = (await shop.audit()).count("refused_press")
    desk = await shop.conversation("complaint_desk")
    for key in ("fill", "hand_up", "contact", "release"):
        assert await shop.tap(LI, Tap(desk.id, desk.turn, key), card=55, chat=GROUP) == []
        assert "不归您操作" in shop.post.toasts[-1].text
    assert (await shop.audit()).count("refused_press") == refused_before + 4
    assert (await filed(shop))[0].history == complaint.history
    await assert_house_is_in_order(shop)


async def test_c1_from_the_menu_by_voice_alone(shop: FrontDoor) -> None:
    said = await shop.say(WANG, "投诉建议")
    assert "请说说发生了什么" in texts(said)
    said = await shop.event(WANG, SentMedia("voice", "v1"))
    assert "投诉已登记" in texts(said)
    assert (await filed(shop))[0].media == (("voice", "v1"),)
    await assert_house_is_in_order(shop)
