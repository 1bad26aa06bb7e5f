"""Why was this sent, held, dropped, and why is that planned: the story of a letter or a timer, for staff."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialogs.core import Kind
from service.ports import Gone, TryLater
from service.why import explain, explain_message
from storage.people import STAFF_ROLES
from storage.places import PLACES
from tests.service.front_door import WANG, FrontDoor
from tests.service.stages import stand_at
from tests.service.test_gates import NIGHT, write


async def story(door: FrontDoor, script: str = "") -> str:
    return "\n".join(await explain(door.house, f"M{(await door.outbox(script))[-1].id}"))


async def test_a_letter_that_was_sent(both: FrontDoor) -> None:
    """Who wrote it, which gates it passed, when it arrived as which message; the same story by message."""
    await both.say(WANG, "咨询")
    told = await story(both)
    for words in (
        "当面答复",
        "话术 front_desk/questions",
        "「front_desk」",
        "对方能否收到",
        "已送达",
        "11-23 10:00:00",
    ):
        assert words in told
    [row] = await both.outbox()
    assert "\n".join(await explain_message(both.house, WANG.user_id, row.message_id)) == told
    assert f"消息编号 {row.message_id}" in told


async def test_a_letter_that_is_held(both: FrontDoor) -> None:
    """The gate's reason and when it will be tried again; without a date where somebody has to act first."""
    both.clock.set(NIGHT)
    await write(both, Kind.REMINDER)
    told = await story(both)
    for words in ("暂时留住", "免打扰时间", "下一次尝试：11-24 08:00:00"):
        assert words in told
    async with both.house.books.unit() as unit:
        await unit.run(PLACES.delete())
        await unit.run(STAFF_ROLES.delete())
    await stand_at(both, "bay_notice", "announce")
    told = await story(both, "bay_notice/job")
    assert "请在员工群里发送 /bind" in told
    assert "下一次尝试" not in told


async def test_a_letter_that_was_dropped_or_failed(both: FrontDoor) -> None:
    """退订 or stale, in words; what the service said, in its own."""
    both.post.will_answer(WANG.user_id, TryLater("busy", timedelta(hours=2)), Gone("letter", "can't parse"))
    await write(both, Kind.REMINDER, expires_in=timedelta(hours=1))
    assert "busy" in await story(both)
    await both.pass_time(timedelta(hours=2))
    told = await story(both)
    assert "不再发送" in told
    assert "已经过了有用的时间" in told
    await write(both, Kind.ANSWER)
    told = await story(both)
    assert "无法送达，因为can't parse" in told


async def test_a_letter_that_changed_a_card(both: FrontDoor) -> None:
    """An edit says so."""
    await stand_at(both, "booking", "choose_day")
    await both.press(WANG, "明天")
    assert "更新的是同一张卡片" in await story(both)


async def test_a_timer(both: FrontDoor) -> None:
    """What it will do, when, since when, and why."""
    await stand_at(both, "booking", "choose_day")
    [timer] = [row for row in await both.timers() if row.name == "silence_nudge"]
    lines = await explain(both.house, f"T{timer.id}")
    assert timer.what in lines[0]
    assert "11-23 10:10:00（11-23 10:00:00 定下）" in lines[1]
    assert timer.why in lines[2]


@pytest.mark.parametrize("what", ["", "M", "T", "M999", "T999", "X1", "M-1", "M١x", "消息"])
async def test_what_nobody_knows(lite: FrontDoor, what: str) -> None:
    """One clear line with the cure."""
    [line] = await explain(lite.house, what)
    assert "找不到" in line
    assert "M12" in line


async def test_a_message_that_is_not_ours(lite: FrontDoor) -> None:
    """A message that somebody else wrote."""
    [line] = await explain_message(lite.house, 7, 12345)
    assert "不是机器人发的" in line
