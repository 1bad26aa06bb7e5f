"""A whole booking through the real house, on either database (B1–B6)."""

from __future__ import annotations

from domain.appointments import AppointmentState
from tests.service.front_door import WANG, FrontDoor, texts


async def test_a_new_customer_books_and_the_workshop_is_told(door: FrontDoor) -> None:
    """B2–B6, A3: consent, name, phone, plate, service, day, time, 确认; then the workshop's notice is written."""
    await door.say(WANG, "预约服务")
    await door.press(WANG, "同意")
    await door.say(WANG, "王先生")
    await door.share(WANG, "13812345678")
    await door.say(WANG, " 粤Ｂ·12345 ")
    await door.press(WANG, "跳过")
    await door.press(WANG, "小保养")
    await door.press(WANG, "明天")
    await door.press(WANG, "09:00")
    booked = await door.press(WANG, "confirm")
    assert "预约成功" in texts(booked)
    [form] = await door.appointments()
    assert (form.state, form.plate) == (AppointmentState.BOOKED.value, "粤B12345")
    [notice] = await door.outbox("bay_notice/job")
    assert (notice.state, notice.reason) == ("held", "no_staff_group")
