"""Booking end to end: the real bot, over HTTP, on a local Telegram; every message where and when the rulebook says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.demo_cast import GROUP_ID, KNOWN, NEWCOMER
from domain.appointments import AppointmentState
from domain.people import Queue
from storage import appointments, audit, bays

if TYPE_CHECKING:
    from domain.appointments import Appointment
    from sandbox.chats import Message
    from tests.e2e.play import Performance

ZHAO, CHEN, ZHOU = 201, 203, 204  # after-sales manager, advisor, workshop supervisor
STORE = ZoneInfo("Asia/Shanghai")


async def booked(show: Performance) -> str:
    """王建国 books 小保养 for Wednesday 10:00 with five presses; the number of the form."""
    await show.say(KNOWN, "预约服务", "想做什么")
    await show.press(KNOWN, "小保养", "想哪天来")
    await show.press(KNOWN, "后天", "请选到店时间")
    await show.press(KNOWN, "10:00", "请核对预约单")
    card = await show.press(KNOWN, "确认预约", "预约成功")
    return next(line for line in card.text.splitlines() if line.startswith("单号")).removeprefix("单号：")


async def form(show: Performance, number: str) -> Appointment:
    async with show.stage.premises.house.books.glance() as unit:
        found = await appointments.by_number(unit, number)
    assert found is not None
    return found


async def test_a_known_customer_books_with_five_presses_and_one_card(show: Performance) -> None:
    """B2, B4: 预约服务, service, day, time, 确认; after the first answer everything happens in one message."""
    await show.say(KNOWN, "预约服务", "想做什么")
    first = show.last_seen(KNOWN)
    await show.press(KNOWN, "小保养", "想哪天来")
    await show.press(KNOWN, "后天", "请选到店时间")
    await show.press(KNOWN, "10:00", "请核对预约单")
    card = await show.press(KNOWN, "确认预约", "预约成功")
    assert (card.id, show.last_seen(KNOWN)) == (first, first)


async def test_back_asks_the_question_before_with_what_was_known_then(show: Performance) -> None:
    """B4: 返回 on every card but the first; the bay that was held is free at once, and held again on the way back."""
    assert "返回" not in labels(await show.say(KNOWN, "预约服务", "想做什么"))
    assert "返回" in labels(await show.press(KNOWN, "小保养", "想哪天来"))
    await show.press(KNOWN, "返回", "想做什么")
    await show.press(KNOWN, "大保养", "想哪天来")
    assert "返回" in labels(await show.press(KNOWN, "后天", "请选到店时间"))
    card = await show.press(KNOWN, "10:00", "请核对预约单")
    assert "返回" not in labels(card)  # 改时间 and 换服务 lead back there
    number = "YY" + card.text.partition("YY")[2][:10]
    assert (await form(show, number)).state is AppointmentState.HELD
    assert "大保养" in (await show.say(KNOWN, "返回", "请选到店时间")).text
    assert (await form(show, number)).state is AppointmentState.RELEASED
    await show.say(KNOWN, "10:00", "请核对预约单")
    await show.press(KNOWN, "改时间", "想哪天来")
    assert (await form(show, number)).state is AppointmentState.RELEASED
    assert "大保养" in (await show.press(KNOWN, "返回", "请核对预约单")).text
    assert (await form(show, number)).state is AppointmentState.HELD
    await show.press(KNOWN, "确认预约", "预约成功")


def labels(message: Message) -> list[str]:
    return [button["text"] for row in message.buttons for button in row]


async def test_the_other_channel_books_just_the_same(show_by_ptb: Performance) -> None:
    """CHANNEL=ptb: same dialogs, same cards, edited in place."""
    number = await booked(show_by_ptb)
    await show_by_ptb.reads_in(Queue.WORKSHOP, number)


async def test_the_other_database_books_just_the_same(show_on_postgres: Performance) -> None:
    """PostgreSQL: same rows, same timers."""
    number = await booked(show_on_postgres)
    start = (await form(show_on_postgres, number)).starts_at
    await show_on_postgres.at(start - timedelta(hours=24))
    await show_on_postgres.reads(KNOWN, "到店提醒")


async def test_the_workshop_is_told_in_the_same_second_and_acknowledges(show: Performance) -> None:
    """B6, R2, R5, A3."""
    number = await booked(show)
    notice = await show.reads_in(Queue.WORKSHOP, number)
    assert "粤B12345" not in notice.text
    assert "粤B·12345" not in notice.text
    await show.press_in_group(CHEN, notice, "收到")  # an advisor does not answer for the workshop
    await show.sandbox.wait_for(lambda: show.sandbox.calls_of("answerCallbackQuery"), 5)
    assert not (await form(show, number)).acknowledged
    label = next(b["text"] for row in notice.buttons for b in row if "收到" in b["text"])
    await show.press_in_group(ZHOU, notice, label)
    seen = await show.reads_in(Queue.WORKSHOP, "周强")
    assert seen.id == notice.id
    assert (await form(show, number)).acknowledged
    async with show.stage.premises.house.books.glance() as unit:
        written = [line.action for line in await audit.about(unit, number)]
    assert "refused_press" in written


async def test_an_unacknowledged_notice_is_repeated(show: Performance) -> None:
    """B6."""
    number = await booked(show)
    await show.reads_in(Queue.WORKSHOP, number)
    before = len([m for m in show.in_topic(Queue.WORKSHOP) if number in m.text])
    await show.later(timedelta(minutes=15))
    await show.sandbox.wait_for(
        lambda: len([m for m in show.in_topic(Queue.WORKSHOP) if number in m.text]) > before, 5
    )


async def test_reminders_come_at_their_minute_and_the_customer_confirms(show: Performance) -> None:
    """B8: 24 h before, and 4 h before moved out of the quiet hours, never later."""
    number = await booked(show)
    start = (await form(show, number)).starts_at
    await show.at(start - timedelta(hours=24, seconds=1))
    assert not [m for m in show.sandbox.chat(KNOWN).messages if "到店提醒" in m.text]
    await show.at(start - timedelta(hours=24))
    await show.reads(KNOWN, "到店提醒")
    await show.press(KNOWN, "确认到店", "恭候")
    assert (await form(show, number)).state is AppointmentState.CONFIRMED
    quiet_begins = start.astimezone(STORE).replace(hour=21, minute=0) - timedelta(days=1)
    await show.at(quiet_begins - timedelta(minutes=10, seconds=1))
    assert not [m for m in show.sandbox.chat(KNOWN).messages if "到店提醒" in m.text]
    await show.at(quiet_begins - timedelta(minutes=10))
    await show.reads(KNOWN, "到店提醒")


async def test_moving_frees_the_bay_and_replans_everything(show: Performance) -> None:
    """B9: the old bay is free in the same transaction, the workshop hears it, no reminder of the old time is left."""
    number = await booked(show)
    before = await form(show, number)
    await show.say(KNOWN, "我的预约", "您的预约")
    await show.press(KNOWN, "改期", "")
    await show.reads(KNOWN, "哪天")
    await show.press(KNOWN, "11/27", "请选到店时间")
    await show.press(KNOWN, "返回", "哪天")
    await show.press(KNOWN, "11/27", "请选到店时间")
    await show.press(KNOWN, "14:00", "")
    await show.reads(KNOWN, "14:00")
    await show.press(KNOWN, "确认", "")
    await show.reads_in(Queue.WORKSHOP, "改")
    after = await form(show, number)
    assert after.starts_at == before.starts_at.replace(day=27) + timedelta(hours=4)
    async with show.stage.premises.house.books.glance() as unit:
        taken = await bays.taken(unit, before.starts_at.date(), after.starts_at.date())
    cell = 1 << 20  # 10:00 on a grid of half hours
    others = [mask for (bay, day), mask in taken.items() if (bay, day.day) == (before.bay, 25)]
    assert not any(mask & cell for mask in others)
    await show.at(before.starts_at - timedelta(hours=24))
    assert not [m for m in show.sandbox.chat(KNOWN).messages if "到店提醒" in m.text]


async def test_cancelling_asks_once_and_tells_the_workshop(show: Performance) -> None:
    """B9."""
    number = await booked(show)
    await show.say(KNOWN, "我的预约", "您的预约")
    await show.press(KNOWN, "取消预约", "确定")
    button = show.button(KNOWN, "确定")[1]
    await show.press(KNOWN, button, "已")
    await show.reads_in(Queue.WORKSHOP, "取消")
    assert (await form(show, number)).state is AppointmentState.CANCELLED
    start = (await form(show, number)).starts_at
    await show.at(start + timedelta(hours=1))
    assert not [m for m in show.sandbox.chat(KNOWN).messages if "到店提醒" in m.text]


async def test_who_does_not_come_is_asked_about_and_kindly_offered_another_time(show: Performance) -> None:
    """B10."""
    number = await booked(show)
    start = (await form(show, number)).starts_at
    await show.at(start + timedelta(minutes=30))
    card = await show.reads_in(Queue.FRONT_DESK, number)
    label = next(b["text"] for row in card.buttons for b in row if "未到" in b["text"])
    await show.press_in_group(CHEN, card, label)
    offer = await show.reads(KNOWN, "重新")
    assert offer.buttons
    assert (await form(show, number)).state is AppointmentState.NO_SHOW


async def test_a_newcomer_agrees_first_and_types_the_rest(show: Performance) -> None:
    """A3, B14, B15: nothing personal before consent; noisy plate, typed time, read back before it counts."""
    await show.say(NEWCOMER, "/start", "我可以帮您")
    await show.press(NEWCOMER, "预约服务", "同意")
    await show.press(NEWCOMER, "同意", "称呼")
    await show.say(NEWCOMER, "李女士", "手机号")
    before = show.last_seen(NEWCOMER)
    await show.sandbox.user(NEWCOMER).share_contact(own=False)
    await show.reads(NEWCOMER, "不是您本人的", after=before)
    await show.sandbox.user(NEWCOMER).share_contact(own=True)
    await show.reads(NEWCOMER, "车牌")
    await show.say(NEWCOMER, " 沪 a·１２３４５ ", "沪A·12345")
    await show.press(NEWCOMER, "跳过", "想做什么")
    card = await show.say(NEWCOMER, "周四上午十点半做个小保养", "请核对预约单")
    assert "11月26日 周四 10:30" in card.text
    await show.press(NEWCOMER, "确认预约", "预约成功")


async def test_parts_worth_a_thousand_wait_for_their_deposit(show: Performance) -> None:
    """B5: half of the price; released with a notice when unpaid after 24 h."""
    await show.say(KNOWN, "预约服务", "想做什么")
    await show.press(KNOWN, "更换轮胎", "想哪天来")
    await show.press(KNOWN, "11/27", "请选到店时间")
    await show.press(KNOWN, "10:00", "订金")
    await show.press(KNOWN, "确认预约", "订金")
    owed = await show.reads_in(Queue.SETTLEMENT, "订金")
    assert owed.buttons
    number = next(line for line in owed.text.splitlines() if "YY" in line).partition("YY")[2][:10]
    assert (await form(show, f"YY{number}")).state is AppointmentState.AWAITING_DEPOSIT
    await show.later(timedelta(hours=24))
    await show.reads(KNOWN, "还没有收到")
    assert (await form(show, f"YY{number}")).state is AppointmentState.RELEASED


async def test_the_shop_proposes_and_the_customer_accepts(show: Performance) -> None:
    """B1."""
    await show.sandbox.user(CHEN).say("/propose 粤B12345 小保养 周五10:00", chat=GROUP_ID)
    await show.reads(KNOWN, "11月27日")
    await show.press(KNOWN, "接受", "")
    await show.reads(KNOWN, "预约成功")
    await show.reads_in(Queue.WORKSHOP, "小保养")


async def test_who_left_presses_nothing_any_more(show: Performance) -> None:
    """R3, R2: leaving revokes at once; the card in the group refuses the next press."""
    number = await booked(show)
    notice = await show.reads_in(Queue.WORKSHOP, number)
    await show.say(ZHAO, "/dismiss 周强", "确定让周强离岗")
    await show.press(ZHAO, "确定离岗", "已经全部失效")
    await show.reads(ZHOU, "岗位已经失效")
    await show.press_in_group(ZHOU, notice, "收到")
    await show.sandbox.wait_for(lambda: show.sandbox.calls_of("answerCallbackQuery")[1:], 5)
    assert not (await form(show, number)).acknowledged


async def test_a_stranger_cannot_use_staff_commands(show: Performance) -> None:
    """R2."""
    await show.sandbox.user(KNOWN).say("/propose 粤B12345 小保养 周五10:00")
    answer = await show.reads(KNOWN, "只有本店同事")
    assert not answer.buttons
