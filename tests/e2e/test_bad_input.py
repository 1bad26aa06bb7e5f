"""Bad input, end to end: one kind answer each, nothing lost, nothing changed that should not be (B15, R2, A1, A3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.demo_cast import KNOWN, NEWCOMER, REGULARS
from storage.appointments import APPOINTMENTS
from storage.audit import AUDIT
from storage.conversations import CONVERSATIONS
from storage.dead_letters import DEAD_LETTERS

if TYPE_CHECKING:
    from sandbox.chats import Message
    from sandbox.phones import Phone
    from tests.e2e.play import Performance

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fea7356f0f0000000049454e44ae426082"
)

JUNK: dict[str, tuple[Callable[[Phone], Awaitable[object]], str]] = {
    "sticker": (lambda phone: phone.send_sticker("🚗"), "表情收到啦"),
    "voice": (lambda phone: phone.send_voice(b"OggS"), "听不了语音"),
    "photo": (lambda phone: phone.send_photo(PIXEL), "看不了"),
    "location": (lambda phone: phone.send_location(22.5, 114.0), "位置收到了"),
    "too long": (lambda phone: phone.say("长" * 3_000), "太长"),
    "forwarded": (lambda phone: phone.send_forwarded("哈哈哈哈"), ""),
    "emoji": (lambda phone: phone.say("😀👍🏻"), ""),
    "markup": (lambda phone: phone.say("<b>&{{ 7*7 }}"), ""),
}


async def rows(show: Performance, statement: Any) -> list[Any]:
    async with show.stage.premises.house.books.glance() as unit:
        return await unit.rows(statement)


def from_bot(show: Performance, user: int) -> list[Message]:
    return [message for message in show.sandbox.chat(user).messages if message.from_bot]


async def test_junk_in_the_middle_of_a_form(show: Performance) -> None:
    """Every kind of junk at a question gets exactly one answer; then the form goes on where it was."""
    await show.say(KNOWN, "预约服务", "想做什么")
    await show.press(KNOWN, "小保养", "想哪天来")
    for kind, (send, expect) in JUNK.items():
        last, count = show.last_seen(KNOWN), len(from_bot(show, KNOWN))
        await send(show.sandbox.user(KNOWN))
        answer = await show.reads(KNOWN, expect, after=last)
        assert "49" not in answer.text, kind
        assert len(from_bot(show, KNOWN)) == count + 1, kind
    await show.say(KNOWN, "后天上午十点", "请核对预约单")
    assert await rows(show, select(DEAD_LETTERS)) == []


async def test_an_edited_message_is_not_taken_for_an_answer(show: Performance) -> None:
    """An old message changed: please say it anew; the form keeps what it had."""
    await show.say(KNOWN, "预约服务", "想做什么")
    await show.press(KNOWN, "小保养", "想哪天来")
    mine = await show.sandbox.user(KNOWN).say("哦哦哦哦")
    last = (await show.reads(KNOWN, "", after=mine.id)).id
    await show.sandbox.user(KNOWN).edit(mine.id, "后天上午十点")
    await show.reads(KNOWN, "重新发一条", after=last)


async def test_times_that_cannot_be_had(show: Performance) -> None:
    """Past, closed, night, beyond the horizon: a kind no with the nearest offers, and nothing is held."""
    await show.say(KNOWN, "预约服务", "想做什么")
    await show.press(KNOWN, "小保养", "想哪天来")
    before = len(await rows(show, select(APPOINTMENTS)))
    for said in ("昨天上午十点", "明天凌晨三点", "明年八月一号上午十点", "今天十点半"):
        answer = await show.say(KNOWN, said, "")
        assert answer.buttons, said
    assert len(await rows(show, select(APPOINTMENTS))) == before


async def test_a_plate_of_somebody_else(show: Performance) -> None:
    """A1: it is for an advisor to look into, and tells nothing about its owner."""
    plate = next(iter(_plates(show)))
    await show.say(NEWCOMER, "/start", "我可以帮您")
    await show.say(NEWCOMER, "预约服务", "征得您的同意")
    await show.press(NEWCOMER, "同意", "称呼")
    await show.say(NEWCOMER, "李女士", "手机号")
    last = show.last_seen(NEWCOMER)
    await show.sandbox.user(NEWCOMER).share_contact(own=False)
    await show.reads(NEWCOMER, "", after=last)
    last = show.last_seen(NEWCOMER)
    await show.sandbox.user(NEWCOMER).share_contact()
    await show.reads(NEWCOMER, "车牌", after=last)
    answer = await show.say(NEWCOMER, plate, "顾问")
    assert "王" not in answer.text


def _plates(show: Performance) -> list[str]:
    return [plate for regular in REGULARS if regular.user_id == KNOWN for plate, _ in regular.cars]


async def test_forged_old_and_doubled_presses(show: Performance) -> None:
    """R2: data nobody gave out, a month-old button, somebody else's button, two taps: a word over it, no change."""
    before = len(await rows(show, select(APPOINTMENTS)))
    await show.say(KNOWN, "预约服务", "想做什么")
    await show.press(KNOWN, "小保养", "想哪天来")
    await show.press(KNOWN, "后天", "请选到店时间")
    await show.press(KNOWN, "10:00", "请核对预约单")
    card, label = show.button(KNOWN, "确认预约")
    data = next(each["callback_data"] for row in card.buttons for each in row if each["text"] == label)
    await show.say(NEWCOMER, "/start", "")
    stranger = show.sandbox.user(NEWCOMER)
    for forged in (data, "garbage", "", "zzzz.1.confirm:", "1.99.paid:"):
        await _answered(show, lambda: stranger.press_forged(forged))  # noqa: B023 - awaited at once
    written = {row.action for row in await rows(show, select(AUDIT))}
    assert {"refused_press", "forged_press"} <= written
    await show.press(KNOWN, "确认预约", "预约成功")
    for _ in range(2):
        await _answered(show, lambda: show.sandbox.user(KNOWN).press_forged(data, message_id=card.id))
    await show.later(timedelta(days=30))
    await _answered(show, lambda: show.sandbox.user(KNOWN).press_forged(data, message_id=card.id))
    assert len(await rows(show, select(APPOINTMENTS))) == before + 1
    assert await rows(show, select(DEAD_LETTERS)) == []


async def _answered(show: Performance, press: Callable[[], Awaitable[object]]) -> None:
    before = len(show.sandbox.calls_of("answerCallbackQuery"))
    await press()
    await show.sandbox.wait_for(lambda: len(show.sandbox.calls_of("answerCallbackQuery")) > before, 10)


async def test_a_flood_of_fifty_messages(show: Performance) -> None:
    """Fifty messages in one breath: fifty answers, one conversation, nothing lost."""
    before = len(from_bot(show, KNOWN))
    for _ in range(50):
        await show.sandbox.user(KNOWN).say("咨询")
    await show.sandbox.wait_for(lambda: len(from_bot(show, KNOWN)) == before + 50, 10)
    desks = [row for row in await rows(show, select(CONVERSATIONS)) if row.dialog == "front_desk"]
    assert len(desks) == len({row.person_id for row in desks})
    assert await rows(show, select(DEAD_LETTERS)) == []
