"""G1–G3, P3, P5 through the real engine: the questions about a promise, the order's card and what each one ends."""

from __future__ import annotations

from typing import Any

from dialogs.core import Home
from domain.people import Queue
from service.briefing import Briefing
from service.ledger import Ledger
from service.occasion import Occasion
from service.play import Play
from storage import people
from storage.conversations import OPEN, OVER
from tests.service.front_door import GROUP, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, FOREMAN, STAGES
from tests.service.visit_stage import PROMISED_ORDER


async def begin(shop: FrontDoor, dialog: str, home: Queue | None = None) -> Any:
    """Begin `dialog` about the promised order, as the order's card does; at `home`, else with the advisor."""
    async with shop.house.books.unit() as unit:
        ledger = Ledger(unit, shop.clock.now())
        ledger.know(await people.load(unit, shop.clock.now(), user_ids=[ADVISOR.user_id]))
        person = ledger.by_user[ADVISOR.user_id]
        play = Play(shop.house, ledger, Briefing(unit, shop.house, ledger.now))
        state = next((stage.state for (name, _), stage in STAGES.items() if name == dialog), None)
        where = Home(queue=home) if home else Home(person=person.id)
        await play.begin(dialog, where, state, PROMISED_ORDER, Occasion(person=person))
        letters = await ledger.flush()
    shop.intake.couriers.take(letters)
    await shop.quiet()
    return await shop.conversation(dialog)


async def asked(shop: FrontDoor) -> None:
    """The order's card in the workshop, the question to the workshop below it, and the one to the advisor."""
    await begin(shop, "order_desk", Queue.WORKSHOP)
    await begin(shop, "delay_question")
    await begin(shop, "progress_check", Queue.WORKSHOP)


async def statuses(shop: FrontDoor) -> dict[str, str]:
    dialogs = ("progress_check", "delay_question", "promise_form")
    return {row.dialog: row.status for row in await shop.conversations(*dialogs)}


def last(said: list[Any], number: int) -> str:
    """What the message `number` shows in the end."""
    return str([letter.text for letter in said if letter.edits == number][-1])


async def test_g2_a_later_time_ends_both_questions_and_each_says_by_whom(shop: FrontDoor) -> None:
    """The order's card ends the very question that was answered: its last words are the answer all the same."""
    await asked(shop)
    check, _ = shop.face("on_time", GROUP)
    question, _ = shop.face("on_time", ADVISOR.user_id)
    said = await shop.press(FOREMAN, "晚 1 小时", chat=GROUP)
    assert "要晚 1 小时" in last(said, check)
    assert f"{FOREMAN.first_name} 10:00 回答" in last(said, check)
    assert f"{FOREMAN.first_name}已处理" in last(said, question)
    assert "周二 11:00" in last(said, question)
    assert await statuses(shop) == {"progress_check": OVER, "delay_question": OVER}


async def test_p3_the_advisors_new_time_ends_both_questions(shop: FrontDoor) -> None:
    """P5: one new promise, however often 发出 is pressed."""
    await asked(shop)
    check, _ = shop.face("on_time", GROUP)
    await shop.press(ADVISOR, "等配件")
    assert (await statuses(shop))["delay_question"] == OPEN
    read_back = await shop.say(ADVISOR, "晚半小时")
    assert "改为：<b>明天 11月24日 周二 10:30</b>" in texts(read_back)
    card, send = shop.face("send", ADVISOR.user_id)
    first = await shop.tap(ADVISOR, send.tap, card=card)
    second = await shop.tap(ADVISOR, send.tap, card=card)
    assert "周二 10:30" in last(first, check)
    assert second == []
    assert await statuses(shop) == {"progress_check": OVER, "delay_question": OVER, "promise_form": OVER}
    assert (await shop.audit()).count("order.promised") == 1


async def test_p3_on_time_ends_the_question_with_its_answer(shop: FrontDoor) -> None:
    await asked(shop)
    question, _ = shop.face("on_time", ADVISOR.user_id)
    said = await shop.press(ADVISOR, "能准时")
    assert "：能准时" in last(said, question)
    assert (await statuses(shop))["delay_question"] == OVER


async def test_r2_a_customer_who_presses_the_workshops_card_changes_nothing(shop: FrontDoor) -> None:
    await asked(shop)
    assert await shop.press(WANG, "准时", chat=GROUP) == []
    assert "refused_press" in await shop.audit()
    assert (await statuses(shop))["progress_check"] == OPEN


async def test_g1_the_second_of_two_answers_changes_nothing(shop: FrontDoor) -> None:
    await asked(shop)
    card, parts = shop.face("parts", GROUP)
    _, on_time = shop.face("on_time", GROUP)
    await shop.tap(FOREMAN, on_time.tap, card=card, chat=GROUP)
    assert await shop.tap(ADVISOR, parts.tap, card=card, chat=GROUP) == []
    assert (await shop.audit()).count("order.progress") == 1
    assert shop.post.toasts[-1].text


async def test_p3_an_order_that_was_cancelled_takes_no_new_time(shop: FrontDoor) -> None:
    await asked(shop)
    await shop.press(ADVISOR, "填原因")
    await shop.press(ADVISOR, "工位排满")
    await shop.press(ADVISOR, "cancel_order", chat=GROUP)
    await shop.press(ADVISOR, "cancel_sure", chat=GROUP)
    said = await shop.say(ADVISOR, "晚半小时")
    assert "已取消，不用再改交车时间了" in texts(said)
    assert "order.promised" not in await shop.audit()
    assert set((await statuses(shop)).values()) == {OVER}
