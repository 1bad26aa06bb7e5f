"""Colleagues' own dialogs about complaints through the front door: taken down, found, reported on (C1, C4, C8)."""

from __future__ import annotations

from typing import Any

from dialogs.complaint_moves import Held
from dialogs.complaint_report import Report
from dialogs.core import Entered, Home, SentMedia
from domain.complaints import Happening
from domain.people import Queue
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import Occasion
from service.play import Play
from storage import complaints, customers
from storage.conversations import OPEN, OVER
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOSS, PLATE, REPORTED, REPORTED_LEG
from tests.service.tidiness import assert_house_is_in_order

NUMBER = "+8613912345678"
WORDS = ("喷漆有色差，我要投诉你们车间", "说好取消维修的，也没人给我回个电话，要找真人客服")
CONTACT = "今天打个电话过来，客户说要找客服经理，取消这次维修"
"""What people report of others asks nothing of us."""


async def take_down(door: FrontDoor, sought: str) -> Any:
    """An advisor takes down what a caller with a file says; what is said when it is filed."""
    await door.say(ADVISOR, "代客投诉")
    await door.say(ADVISOR, sought)
    await door.press(ADVISOR, "就是这位")
    for words in WORDS:
        await door.say(ADVISOR, words)
    await door.event(ADVISOR, SentMedia("photo", "f1"))
    await door.press(ADVISOR, "说完了")
    return await door.press(ADVISOR, "登记")


async def the_complaint(door: FrontDoor) -> Any:
    """The complaint that the newest card is about."""
    subject = (await door.conversation("complaint_desk")).subject
    async with door.house.books.glance() as unit:
        return await complaints.load(unit, subject)


async def test_c1_a_caller_is_found_by_plate_and_the_complaint_lies_at_the_front_desk(
    shop: FrontDoor,
) -> None:
    """Words of complaint belong to the form; the customer who has a chat hears of it, the group reads it masked."""
    said = await take_down(shop, f"车主 {PLATE}")
    filed = await the_complaint(shop)
    assert filed.number in texts([one for one in said if one.chat_id == ADVISOR.user_id])
    assert filed.by.person == (await shop.person(WANG)).id
    assert (filed.words, filed.media) == (WORDS, (("photo", "f1"),))
    card = next(one for one in said if one.chat_id == GROUP)
    assert filed.number in card.text
    assert PLATE not in card.text
    assert [one for one in said if one.chat_id == WANG.user_id]
    assert (await shop.conversation("caller_complaint")).status == OVER
    await assert_house_is_in_order(shop)


async def test_c1_a_caller_is_found_by_phone(shop: FrontDoor) -> None:
    async with shop.house.books.unit() as unit:
        await customers.open_file(
            unit, None, shop.clock.now(), name="李梅", surname="李", salutation="女士", phone=NUMBER
        )
    await take_down(shop, "139 1234 5678")
    filed = await the_complaint(shop)
    assert (filed.by.name, filed.by.phone, filed.by.person) == ("李女士", NUMBER, 0)
    await assert_house_is_in_order(shop)


async def test_c4_the_list_of_work_brings_the_card(shop: FrontDoor) -> None:
    """What waits at one's desks is a press away; a second list takes the place of the first."""
    await take_down(shop, PLATE)
    number = (await the_complaint(shop)).number
    await shop.say(BOSS, "我的待办")
    said = texts(await shop.say(BOSS, "我的待办"))
    assert "等人接单" in said
    assert number in said
    assert [row.status for row in await shop.conversations("my_work")] == [OVER, OPEN]
    brought = await shop.press(BOSS, number)
    assert [letter.chat_id for letter in brought] == [BOSS.user_id]
    await shop.press(BOSS, "accept")
    assert (await the_complaint(shop)).of(Happening.ACCEPTED)
    own = texts(await shop.say(BOSS, "我的待办"))
    assert own.index("由您负责") < own.index(number)
    await assert_house_is_in_order(shop)


async def test_c4_a_customer_has_no_list_of_work(shop: FrontDoor) -> None:
    for word in ("我的待办", "代客投诉"):
        await shop.say(WANG, word)
    assert await shop.conversations("my_work", "caller_complaint") == []


async def test_c8_the_form_reaches_the_history(shop: FrontDoor) -> None:
    """Filled in by whoever has the step, beside the card at the department's desk."""
    async with shop.house.books.unit() as unit:
        ledger = Ledger(unit, shop.clock.now())
        person = await shop.person(WANG)
        play = Play(shop.house, ledger, Briefing(unit, shop.house, ledger.now))
        owner = Occasion(person=(await ledger.person(person.id)))
        desk = await play.begin("complaint_desk", Home(queue=Queue.WORKSHOP), Held(REPORTED_LEG), REPORTED)
        form = await play.begin("complaint_report", Home(person=person.id), Report(REPORTED_LEG), REPORTED)
        for conversation in (desk, form):
            await play.event(conversation, Entered(), owner)
        letters = await ledger.flush()
    shop.intake.couriers.take(letters)
    await shop.quiet()
    await shop.say(WANG, CONTACT)
    await shop.press(WANG, "流程")
    await shop.say(WANG, "赵师傅")
    await shop.say(WANG, "周三免费返工")
    await shop.press(WANG, "skip")
    await shop.press(WANG, "隐性损失")
    said = await shop.press(WANG, "提交")
    assert "反馈结果" in texts([one for one in said if one.chat_id == WANG.user_id])
    async with shop.house.books.glance() as unit:
        complaint = await complaints.load(unit, REPORTED)
    assert complaint is not None
    (entry,) = complaint.of(Happening.REPORTED)
    assert (entry.leg, entry.details["loss"]) == (REPORTED_LEG, "hidden")
    assert (entry.details["contact"], entry.details["solution"]) == (CONTACT, "周三免费返工")
    await assert_house_is_in_order(shop)
