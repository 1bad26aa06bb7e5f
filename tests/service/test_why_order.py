"""P1–P8, G1, G3, X2: why a visit's customer hears when they do, in words that staff understand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.opening import make_house
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, RepairOrder
from scripts_zh.phrases import groups
from service.house import House
from service.why import explain
from service.why_order import RICHER, VARIANTS, lines
from storage import orders
from storage.engine import Books
from tests.clock import FakeClock
from tests.domain.played_visit import Visit, order_of
from tests.service.front_door import FrontDoor, demo_store

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of November 2026, store time; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=SHANGHAI)


NINE, FIVE = at(23, 9), at(23, 17)


@cache
def clock() -> FakeClock:
    return FakeClock()


@cache
def house() -> House:
    """The store that `init` writes: lunch from 12 to 13, shut from 17:30 to 8:30."""
    return make_house(demo_store(), Books("sqlite+aiosqlite:///:memory:"), clock(), 1, lambda point: None)


def told(order: RepairOrder, now: datetime = NINE) -> list[str]:
    clock().set(now)
    return lines(order, house())


def entry(moment: datetime, happening: OrderHappening, who: str = "", **details: Any) -> OrderEntry:
    return OrderEntry(moment, happening, 5 if who else 0, who, details)


def moved(moment: datetime, state: OrderState) -> OrderEntry:
    return entry(moment, OrderHappening.MOVED, "李明", state=state.value)


def begun(promised: datetime = FIVE, *more: OrderEntry) -> RepairOrder:
    """Opened and signed on Monday at nine, in work from then on."""
    return order_of(
        at(23, 9),
        entry(at(23, 9), OrderHappening.OPENED, "李明"),
        entry(at(23, 9), OrderHappening.PROMISED, "李明", at=promised.isoformat()),
        entry(at(23, 9), OrderHappening.CONFIRMED, how="phone"),
        moved(at(23, 9), OrderState.IN_SHOP),
        *more,
    )


def section(written: list[str], title: str) -> list[str]:
    """The lines under a heading."""
    start = written.index(title) + 1
    rest = [place for place, line in enumerate(written) if place >= start and line.startswith("【")]
    return written[start : rest[0] if rest else None]


def test_the_whole_story_of_a_visit() -> None:
    """The workshop answers, the new time is told two minutes late, the notice goes in its second."""
    six, five = at(23, 18), at(23, 17)
    order = begun(
        five,
        entry(at(23, 15, 15), OrderHappening.ASKED),
        entry(at(23, 15, 20), OrderHappening.PROGRESS, "赵主管", answer="late", reason="longer"),
        entry(at(23, 15, 20), OrderHappening.PROMISED, "赵主管", at=six.isoformat(), reason="longer"),
        entry(at(23, 15, 22), OrderHappening.TOLD, promise=six.isoformat()),
        moved(at(23, 16), OrderState.READY),
        entry(at(23, 17), OrderHappening.NOTICED, promise=six.isoformat(), early=False),
    )
    assert told(order, at(23, 17, 1)) == [
        "维修单 JC261123-001，11月23日 周一 09:00 开单，现在「可交车」",
        "【经过】",
        "　11月23日 周一 09:00 李明：开单",
        "　11月23日 周一 09:00 李明：约定 11月23日 周一 17:00 交车",
        "　11月23日 周一 09:00 客户在手机上确认了维修单",
        "　11月23日 周一 09:00 李明：状态改为「已进厂」",
        "　11月23日 周一 15:15 询问车间进度，准时",
        "　11月23日 周一 15:20 赵主管：回答要晚一些",
        "　11月23日 周一 15:20 赵主管：约定 11月23日 周一 18:00 交车（维修时间比预计长）",
        "　11月23日 周一 15:22 告诉客户约定 11月23日 周一 18:00 交车，比时间点晚 2 分钟",
        "　11月23日 周一 16:00 李明：状态改为「可交车」",
        "　11月23日 周一 17:00 发出接车通知（约定 11月23日 周一 18:00），准时",
        "【约定】",
        "　约定 11月23日 周一 18:00 交车，11月23日 周一 15:20 定下（维修时间比预计长）",
        "　计划用时从 11月23日 周一 09:00 起共 9 小时，昼夜连续计时",
        "　不到 48 小时，提前 1 小时通知客户（P1）：11月23日 周一 17:00",
        "【接下来】",
        "　→ 11月23日 周一 17:30 客户没有答复接车通知，请前台打电话（P4）",
    ]


def test_p1_two_days_have_the_long_lead() -> None:
    promise = section(told(begun(at(25, 17))), "【约定】")
    assert promise[1:] == [
        "　计划用时从 11月23日 周一 09:00 起共 56 小时，昼夜连续计时",
        "　满 48 小时，提前 4 小时通知客户（P1）：11月25日 周三 13:00",
    ]


def test_p8_a_notice_that_would_come_when_the_shop_is_shut() -> None:
    promise = section(told(begun(at(24, 9))), "【约定】")
    assert promise[2:] == [
        "　不到 48 小时，提前 1 小时通知客户（P1）：11月24日 周二 08:00",
        "　11月24日 周二 08:00 不营业，改在之前最后一次关门时：11月23日 周一 17:30（P8）",
    ]


def test_p1_a_car_that_comes_later_counts_from_its_arrival() -> None:
    promised = entry(at(22, 16), OrderHappening.PROMISED, at=at(24, 17).isoformat())
    assert section(told(order_of(at(22, 16), promised)), "【约定】")[1].startswith(
        "　计划用时从 11月22日 周日 16:00 起共 49 小时"
    )
    arrived = order_of(at(22, 16), promised, moved(at(23, 9), OrderState.IN_SHOP))
    assert section(told(arrived), "【约定】")[1].startswith("　计划用时从 11月23日 周一 09:00 起共 32 小时")


def test_what_is_to_come_is_told_soonest_first_and_what_was_missed_says_so() -> None:
    """G1, X2, P3, P1 and the silent visit, each with its rule; at three the reminders should have gone."""
    item = "刹车片"
    proposed = entry(
        at(23, 13), OrderHappening.PROPOSED, "李明", item=item, price="680", until=at(23, 17, 30).isoformat()
    )
    coming = section(told(begun(at(23, 17), proposed), at(23, 13, 20)), "【接下来】")
    assert coming == [
        "　→ 11月23日 周一 13:15 提醒客户答复追加项目「刹车片」（X2），已过 5 分钟，还没有执行",
        "　→ 11月23日 周一 13:30 请前台打电话确认追加项目「刹车片」（X2）",
        "　→ 11月23日 周一 15:15 询问车间进度：计划工时用到 75%（G1）",
        "　→ 11月23日 周一 15:30 请负责人说明原因和新时间（P3）",
        "　→ 11月23日 周一 16:00 发接车通知；到时还不能交车，就发延误通知（P1、P3）",
        "　→ 11月23日 周一 17:00 提醒负责人：客户从 11月23日 周一 13:00 起，4 小时营业时间没有收到消息",
        "　追加项目「刹车片」11月23日 周一 13:00 提出，等客户答复",
    ]
    history = section(told(begun(at(23, 17), proposed)), "【经过】")
    assert history[-1].endswith("李明：提出追加项目「刹车片」，¥680，交车改到 11月23日 周一 17:30")


def test_g3_asked_once_more() -> None:
    order = begun(at(23, 17), entry(at(23, 15, 15), OrderHappening.ASKED))
    assert "　→ 11月23日 周一 15:30 车间没有回答，再问一次，并请车间主管过问（G3）" in told(order)
    again = begun(at(23, 17), *(entry(at(23, 15, minute), OrderHappening.ASKED) for minute in (15, 31)))
    assert told(again)[7] == "　11月23日 周一 15:31 询问车间进度，比时间点晚 1 分钟"


def test_p6_the_button_ahead_of_its_time() -> None:
    noticed = entry(at(23, 15), OrderHappening.NOTICED, "李明", promise=at(23, 17).isoformat(), early=True)
    order = begun(at(23, 17), moved(at(23, 14), OrderState.READY), noticed)
    assert (
        "　11月23日 周一 15:00 李明：按按钮提前发出接车通知（约定 11月23日 周一 17:00），比时间点早 1 小时"
        in told(order)
    )


def test_x2_reminder_call_and_answer_by_phone() -> None:
    about = {"item": "雨刮"}
    order = begun(
        at(23, 17),
        entry(at(23, 10), OrderHappening.PROPOSED, "李明", **about, price="88.5", until=""),
        entry(at(23, 10, 15), OrderHappening.WORK_REMINDED, **about),
        entry(at(23, 10, 31), OrderHappening.CALL_TASK, **about),
        entry(at(23, 10, 40), OrderHappening.REFUSED, "李明", **about, how="phone"),
    )
    assert section(told(order), "【经过】")[4:] == [
        "　11月23日 周一 10:00 李明：提出追加项目「雨刮」，¥88.50",
        "　11月23日 周一 10:15 提醒客户答复追加项目「雨刮」，准时",
        "　11月23日 周一 10:31 请前台打电话确认追加项目「雨刮」，比时间点晚 1 分钟",
        "　11月23日 周一 10:40 李明：登记客户在电话里不同意追加项目「雨刮」",
    ]


def test_silent_visits_are_judged_by_the_last_word() -> None:
    order = begun(at(24, 17), entry(at(23, 14, 0, 5), OrderHappening.NUDGED))
    assert "　11月23日 周一 14:00:05 提醒负责人：客户很久没有收到消息，比时间点晚 5 秒" in told(order)


@pytest.mark.parametrize("state", [OrderState.AWAITING, OrderState.SETTLED, OrderState.CANCELLED])
def test_where_nothing_is_planned_that_is_said(state: OrderState) -> None:
    order = order_of(at(23, 9), entry(at(23, 9), OrderHappening.OPENED), moved(at(23, 9), state))
    written = told(order)
    assert section(written, "【约定】") == ["　还没有约定交车时间"]
    assert section(written, "【接下来】") == ["　没有定好时间的事"]


def test_a_visit_that_is_run_by_its_plan_is_on_time_throughout() -> None:
    """Every moment is judged by the history before it alone."""
    played = Visit(house().calendar, at(23, 9), at(24, 11))
    played.run_until(at(23, 16))
    played.promise(at(24, 16))
    played.run_until(at(24, 14))
    played.move(OrderState.READY)
    played.run_until(at(25, 12))
    history = section(told(played.order), "【经过】")
    judged = [line for line in history if "准时" in line or "比时间点" in line]
    assert len(judged) == len(history) - 4, "two promises and two moves are nobody's plan"
    assert all(line.endswith("，准时") for line in judged)


def test_moments_are_told_in_store_time_whatever_zone_they_were_kept_in() -> None:
    order = begun(at(23, 17), entry(at(23, 15, 15), OrderHappening.ASKED))
    kept = tuple(replace(each, at=each.at.astimezone(UTC)) for each in order.history)
    there = replace(order, history=kept, opened_at=order.opened_at.astimezone(UTC))
    assert told(there) == told(order)


def test_every_word_that_a_story_may_need_is_there() -> None:
    words = set(groups()["why_order"])
    answers = {
        OrderHappening.PROGRESS: ("on_time", "late", "parts", "contact"),
        OrderHappening.ANSWERED: ("on_time", "late", "change"),
    }
    for happening in OrderHappening:
        plain = {f"{happening.value}_{answer}" for answer in answers.get(happening, ())}
        assert (plain or {happening.value}) <= words
    assert {f"{happening.value}_{detail}" for happening, (detail, _) in VARIANTS.items()} <= words
    assert {f"{happening.value}_more" for happening in RICHER} <= words


async def test_the_command_tells_it_masked(shop: FrontDoor) -> None:
    """A3: a plate or number that somebody typed as a reason is blotted out; small letters are understood."""
    order = begun(
        at(23, 17),
        entry(at(23, 10), OrderHappening.PROMISED, "李明", at=at(23, 16).isoformat(),
              reason="客户 13812345678 要早取"),
    )  # fmt: skip
    order = replace(order, state=OrderState.IN_SHOP)
    async with shop.house.books.unit() as unit:
        await orders.file(unit, order, at(23, 16))
        await orders.note(unit, order.number, order.history)
    written = await explain(shop.house, "jc261123-001")
    assert written[0].startswith("维修单 JC261123-001")
    assert "138****5678" in "\n".join(written)
    assert "13812345678" not in "\n".join(written)
