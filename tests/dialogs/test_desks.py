"""The front desk, my appointments, and the commands of colleagues (B1, B3, B7, B14, B15, O5, Q1, R2, R3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dialogs.core import Open, Outcome, Pressed, Record, Say, SentMedia, Tell
from dialogs.effects import BindGroup, Join, OptOut, Reserve
from dialogs.facts import Who
from domain.appointments import AppointmentState, Source
from domain.people import Queue, Role

ZONE = ZoneInfo("Asia/Shanghai")
ADVISOR = Who(person_id=11, first_name="林顾问", roles=frozenset({Role.ADVISOR}))
MANAGER = Who(person_id=13, first_name="周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))


def test_a_newcomer_is_introduced_to_the_house(empty_file: Any) -> None:
    """B14, A3: once; the menu keyboard comes with it."""
    front = empty_file.begin("front_desk").say("/start")
    assert "远航汽车" in front.text
    assert "征得您同意" in front.text
    assert [each.keyboard for each in front.of(Say)] == ["menu", ""]
    assert "征得您同意" not in front.say("/start").text


def test_a_newcomer_who_just_says_hello_is_introduced_too(empty_file: Any) -> None:
    """B14."""
    assert "征得您同意" in empty_file.begin("front_desk").say("你好").text


def test_a_known_customer_is_greeted_by_name(desk: Any) -> None:
    assert "王先生，您好" in desk.begin("front_desk").say("/start").text


@pytest.mark.parametrize(
    ("typed", "dialog"),
    [
        ("预约服务", "booking"),
        ("明天下午三点做个小保养", "booking"),
        ("周六上午有空吗", "booking"),
        ("粤B12345", "booking"),
        ("大保养", "booking"),
        ("维修进度", "my_appointments"),
        ("我的预约", "my_appointments"),
        ("我想改期", "my_appointments"),
        ("取消", "my_appointments"),
        ("退订预约", "my_appointments"),
    ],
)
def test_wishes_lead_to_their_procedure(desk: Any, typed: str, dialog: str) -> None:
    """B15."""
    assert [each.dialog for each in desk.begin("front_desk").say(typed).of(Open)] == [dialog]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("你们几点开门", "08:30"),
        ("地址在哪里", "创业路"),
        ("电话多少", "0755-86001234"),
        ("小保养多少钱", "¥398"),
        ("有救援吗", "0755-86009999"),
        ("需要带什么", "行驶证"),
        ("咨询", "想了解什么"),
        ("谢谢", "不客气"),
        ("你好", "您好"),
        ("菜单", "想办点什么"),
    ],
)
def test_questions_are_answered_at_once(desk: Any, typed: str, words: str) -> None:
    """Q1."""
    assert words in desk.begin("front_desk").say(typed).text


@pytest.mark.parametrize(("typed", "out"), [("退订", True), ("恢复订阅", False)])
def test_care_stops_and_comes_back_at_a_word(desk: Any, typed: str, out: bool) -> None:
    """F2, K5: at once, without any colleague."""
    assert desk.begin("front_desk").say(typed).of(OptOut) == [OptOut(out)]


@pytest.mark.parametrize("typed", ["转人工", "我到店了"])
def test_some_wishes_are_for_a_person(desk: Any, typed: str) -> None:
    assert desk.begin("front_desk").say(typed).outcome is Outcome.HAND_OVER


@pytest.mark.parametrize("typed", ["asdf", "😀", "{{ 7*7 }}", "<b>x</b>", "。。。", "a" * 900])
def test_never_silence(desk: Any, typed: str) -> None:
    """B15: a helpful question with the menu."""
    front = desk.begin("front_desk").say(typed)
    assert front.outcome is Outcome.ASK_AGAIN
    assert {"book", "human"} <= {each.key for each in front.buttons()}


def test_a_picture_out_of_the_blue_is_answered(desk: Any) -> None:
    assert desk.begin("front_desk").on(SentMedia("photo")).outcome is Outcome.ASK_AGAIN


def test_an_invitation_makes_a_colleague(desk: Any) -> None:
    """R3."""
    front = desk.begin("front_desk").say("/start Zx81")
    assert front.of(Join) == [Join("Zx81")]
    assert "岗位已经生效" in front.text


@pytest.mark.parametrize("reason", ["unknown", "used", "expired"])
def test_an_invitation_that_is_no_good(desk: Any, reason: str) -> None:
    """R3."""
    desk.bad_token = reason
    front = desk.begin("front_desk").say("/start Zx81")
    assert "邀请" in front.text
    assert front.of(Record) == [Record("invitation.refused", details={"reason": reason})]


def test_every_appointment_shows_its_own_card(desk: Any, booked: Callable[[str], Any]) -> None:
    """B9: the list tells each appointment to show itself."""
    number = booked("后天下午三点小保养").opened("appointment").subject
    shown = desk.open(desk.begin("front_desk").say("我的预约").opened("my_appointments"))
    assert [(each.dialog, each.subject, each.news) for each in shown.of(Tell)] == [
        ("appointment", number, "show")
    ]
    progress = desk.open(desk.begin("front_desk").say("维修进度").opened("my_appointments"))
    assert "还没有进厂" in progress.text  # O5: honest


@pytest.mark.parametrize(
    ("typed", "words"), [("我的预约", "没有预约"), ("改期", "没有可以改期"), ("维修进度", "没有查到")]
)
def test_nothing_booked_is_said_plainly(desk: Any, typed: str, words: str) -> None:
    opened = desk.begin("front_desk").say(typed).opened("my_appointments")
    assert words in desk.open(opened).text


def test_commands_are_for_colleagues(desk: Any) -> None:
    """R2: polite, recorded, nothing done."""
    for command in (
        "/bind",
        "/propose 粤B12345 小保养 明天10:00",
        "/walkin 粤B12345 小保养 14:00",
        "/register",
    ):
        staff = desk.begin("staff_desk").say(command)
        assert "只有本店同事" in staff.text
        assert [each.action for each in staff.of(Record)] == ["command.refused"]
        assert not staff.of(Open)


def test_only_a_manager_binds_a_group(desk: Any) -> None:
    """R2."""
    desk.who, desk.in_group = ADVISOR, True
    assert not desk.begin("staff_desk").say("/bind").of(BindGroup)
    desk.who = MANAGER
    bound = desk.begin("staff_desk").say("/bind@our_bot")
    assert bound.of(BindGroup)
    assert [each.to.queue for each in bound.of(Say)] == [Queue.FRONT_DESK, None]
    desk.in_group = False
    assert not desk.begin("staff_desk").say("/bind").of(BindGroup)


def proposed(desk: Any, command: str = "/propose 粤B12345 小保养 明天10:00") -> Any:
    desk.who, desk.sought = ADVISOR, desk.customer
    return desk.begin("staff_desk").say(command)


def test_the_shop_proposes_and_the_customer_accepts(desk: Any) -> None:
    """B1: with a button; the colleague hears it."""
    opened = proposed(desk).opened("proposal")
    assert opened.home.person == 3
    offer = desk.open(opened)
    assert "明天 11月24日 周二 10:00" in offer.text
    assert not desk.appointments  # nothing without an answer
    offer.press("accept")
    (appointment,) = desk.appointments.values()
    assert appointment.source is Source.SHOP
    assert {each.dialog for each in offer.of(Open)} == {"appointment", "bay_notice"}
    assert [each.to.person for each in offer.of(Say) if each.script == "proposal/answer"] == [11]


def test_another_time_leads_to_booking_and_no_thanks_is_fine(desk: Any) -> None:
    """B1."""
    offer = desk.open(proposed(desk).opened("proposal")).press("other_time")
    booking = desk.open(offer.opened("booking"))
    assert booking.step == "choose_day"
    assert "客户想换个时间" in offer.text
    assert "不需要" in desk.open(proposed(desk).opened("proposal")).press("no_thanks").text


def test_a_proposal_taken_by_somebody_quicker(desk: Any) -> None:
    """B4."""
    offer = desk.open(proposed(desk).opened("proposal"))
    desk.full_for_others = 1
    offer.press("accept")
    assert {each.key for each in offer.buttons()} == {"other_time", "no_thanks"}
    assert not offer.of(Open)


def test_a_proposal_accepted_too_late(desk: Any) -> None:
    """B3."""
    offer = desk.open(proposed(desk).opened("proposal"))
    desk.now = datetime(2026, 11, 24, 9, 0, tzinfo=ZONE)
    offer.press("accept")
    assert not desk.appointments
    assert "来不及" in offer.text


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/propose", "请写明"),
        ("/propose 粤B12345 小保养 明天", "请写明"),
        ("/propose 粤B12345 小保养 周日10:00", "休息"),
        ("/propose 粤B12345 小保养 今天10:00", "/walkin"),
        ("/walkin 粤B12345 小保养", "请写明"),
        ("/walkin 粤B12345 小保养 周日10:00", "休息"),
        ("/help", "工作指令"),
        ("/dance", "没有这个指令"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(desk: Any, command: str, words: str) -> None:
    said = proposed(desk, command)
    assert words in said.text
    assert not said.of(Open)


def test_a_plate_without_a_file_or_a_chat(desk: Any) -> None:
    desk.who = ADVISOR
    assert "还没有客户档案" in desk.begin("staff_desk").say("/propose 粤B99999 小保养 明天10:00").text
    desk.sought = replace(desk.customer, person_id=None)
    assert "138 0013 8000" in desk.begin("staff_desk").say("/propose 粤B12345 小保养 明天10:00").text


def test_a_walk_in_may_come_too_soon_and_has_no_benefits(desk: Any) -> None:
    """B3: less than three hours ahead; in the books as a walk-in of the car's owner."""
    opened = proposed(desk, "/walkin 粤B12345 小保养 10:30").opened("walk_in")
    entered = desk.open(opened)
    (reserve,) = entered.of(Reserve)
    assert (reserve.source, reserve.customer, reserve.start.hour) == (Source.WALK_IN, 7, 10)
    assert "无预约优惠" in entered.text
    assert {each.dialog for each in entered.of(Open)} == {"appointment", "bay_notice"}


def test_a_walk_in_when_everything_is_taken(desk: Any) -> None:
    """B4: the colleague sees what is near."""
    opened = proposed(desk, "/walkin 粤B12345 小保养 10:30").opened("walk_in")
    desk.fill(desk.now.date())
    entered = desk.open(opened)
    assert "已经约满" in entered.text
    assert not desk.appointments


def test_the_register_shows_the_week(desk: Any, booked: Callable[[str], Any]) -> None:
    """B7; plates masked (A3)."""
    desk.who = ADVISOR
    opened = desk.begin("staff_desk").say("/register").opened("register")
    assert "还没有预约" in desk.open(opened).text
    booked("后天下午三点小保养")
    text = desk.open(opened).text
    assert "15:00 粤B·1**45 小保养 车间未收到" in text
    (number,) = desk.appointments
    desk.appointments[number] = replace(desk.appointments[number], state=AppointmentState.CANCELLED)
    assert "还没有预约" in desk.open(opened).text


def test_a_full_register_still_fits_into_one_message(desk: Any, booked: Callable[[str], Any]) -> None:
    """B7: rendering refuses more than 4096 characters; what is left out is counted."""
    booked("后天下午三点小保养")
    (one,) = desk.appointments.values()
    desk.appointments = {str(each): one for each in range(200)}
    desk.who = ADVISOR
    text = desk.open(desk.begin("staff_desk").say("/register").opened("register")).text
    assert "另有 120 个预约没有列出" in text


def test_a_question_button_and_the_menu_buttons(desk: Any) -> None:
    front = desk.begin("front_desk").say("咨询").press("hours").press("rescue")
    assert "救援" in front.text
    assert front.press("human").outcome is Outcome.HAND_OVER
    for key, dialog in (("book", "booking"), ("mine", "my_appointments"), ("progress", "my_appointments")):
        assert desk.begin("front_desk").on(Pressed(key)).of(Open)[0].dialog == dialog
