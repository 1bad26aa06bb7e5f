"""G1–G3: the workshop is asked, its answer reaches the order's card, and its silence reaches the supervisor by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import Entered, Home, Open, Outcome, Pressed, Said, Say, Tell, Toast
from dialogs.facts import Facts, Who
from dialogs.progress_check import Check, overtaken
from dialogs.promise_form import NewPromise
from domain.people import Queue
from domain.repair_orders import OrderHappening, OrderState
from tests.dialogs.conftest import ADVISOR, MONDAY, STRANGER, WORKSHOP, Desk, rendered, told
from tests.dialogs.promised_order import HALF_PAST_TWO, NUMBER, PARTS, PROMISED, happened, order_in, promised


def check(desk: Desk, state: OrderState = OrderState.IN_WORK) -> Any:
    """The card in the workshop's topic at half past two."""
    desk.now = HALF_PAST_TWO
    desk.order, desk.in_group, desk.home_person = order_in(state), True, 0
    desk.who, desk.colleagues = WORKSHOP, (ADVISOR, WORKSHOP, PARTS)
    return desk.open(Open("progress_check", Check(), Home(queue=Queue.WORKSHOP), NUMBER))


def facts_of(desk: Desk, conversation: Any, who: Who = WORKSHOP) -> Facts:
    return replace(desk.facts(conversation), who=who, queue=Queue.WORKSHOP)


def test_g1_the_card_names_car_items_and_promise_and_hides_the_plate(desk: Desk) -> None:
    card = check(desk)
    for words in ("能按时交车吗？", "粤B·1**45", "更换刹车片", "今天 11月23日 周一 16:00", NUMBER):
        assert words in card.text
    assert "粤B·12345" not in card.text
    assert [(each.key, each.value) for each in card.buttons()] == [
        ("on_time", ""), ("late", "30"), ("late", "60"), ("late", "120"),
        ("other", ""), ("parts", ""), ("contact", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "minutes", "shown"),
    [
        ("on_time", "", 0, "能准时交车"),
        ("late", "30", 30, "要晚 30 分钟"),
        ("late", "60", 60, "要晚 1 小时"),
        ("late", "120", 120, "要晚 2 小时"),
        ("parts", "", 0, "在等配件"),
        ("contact", "", 0, "需要联系客户"),
    ],
)
def test_g2_an_answer_reaches_the_orders_card_and_is_shown_with_its_author(
    desk: Desk, key: str, value: str, minutes: int, shown: str
) -> None:
    card = check(desk).press(key, value)
    assert card.outcome is Outcome.DONE
    assert card.of(Tell) == [
        Tell("order_desk", NUMBER, "progress", {"answer": key, "minutes": minutes}),
    ]
    assert shown in card.text
    assert "赵主管 14:30 回答" in card.text
    assert not card.of(Say)[0].buttons


def test_g2_who_answered_is_said_after_a_new_time_has_ended_the_question(desk: Desk) -> None:
    """The order's card ends every question about the old time in the same turn: the last word must not be lost."""
    effects = check(desk).press("late", "60").effects
    assert [type(each) for each in effects] == [Tell, Say]


@pytest.mark.parametrize(
    "forged", [Pressed("late", "45"), Pressed("late", ""), Pressed("ready"), Said("准时")]
)
def test_r2_what_is_no_answer_of_the_card_changes_nothing(desk: Desk, forged: Any) -> None:
    card = check(desk)
    card.on(forged)
    assert card.outcome is Outcome.STAY
    assert not card.of(Tell)
    assert card.text == "请点卡片上的按钮。"


def test_g2_another_time_is_chosen_in_private_and_the_card_waits(desk: Desk) -> None:
    card = check(desk)
    card.press("other")
    form = card.opened("promise_form")
    assert (form.state, form.home, form.subject) == (NewPromise(), Home(person=WORKSHOP.person_id), NUMBER)
    assert [toast.script for toast in card.of(Toast)] == ["progress_check/go_private"]
    assert card.outcome is Outcome.STAY
    assert card.on(told("over")).outcome is Outcome.DONE


def test_g3_after_the_silence_the_supervisor_is_named_and_told_privately(desk: Desk) -> None:
    card = check(desk)
    card.on(told("again"))
    first, again, line = card.of(Say)
    assert (first.in_place, first.buttons) == (True, ())
    assert again.fresh
    assert "请赵主管看一下" in rendered("progress_check", again)
    assert line.to == Home(person=WORKSHOP.person_id)
    assert "粤B·12345" in rendered("progress_check", line)
    assert card.press("on_time").of(Tell)[0].words["answer"] == "on_time"


def test_g3_an_absent_supervisor_is_replaced_by_the_substitute(desk: Desk) -> None:
    """R4: the line goes to who stands in."""
    card = check(desk)
    away = replace(WORKSHOP, absent_until=MONDAY + timedelta(days=1), substitute=PARTS.person_id)
    desk.colleagues = (ADVISOR, away, PARTS)
    card.on(told("again"))
    assert "请孙经理看一下" in card.text
    assert [say.to for say in card.of(Say)[2:]] == [Home(person=PARTS.person_id)]


def test_g3_an_old_card_that_is_pressed_later_still_names_the_supervisor(desk: Desk) -> None:
    card = check(desk)
    card.on(told("again")).on(Entered())
    assert "请赵主管看一下" in card.text
    assert len(card.of(Say)) == 1  # nobody is told a second time


def test_g1_a_question_that_is_settled_loses_its_buttons(desk: Desk) -> None:
    card = check(desk)
    desk.order = order_in(OrderState.IN_WORK, promised(PROMISED + timedelta(hours=1), "parts"))
    card.on(told("over"))
    assert card.outcome is Outcome.DONE
    assert card.of(Say)[0].in_place
    assert "17:00" in card.text
    assert not card.of(Say)[0].buttons


@pytest.mark.parametrize("state", [OrderState.READY, OrderState.CANCELLED, OrderState.SETTLED])
@pytest.mark.parametrize("key", ["on_time", "other"])
def test_g1_nothing_is_answered_for_a_car_that_is_not_in_work_any_more(
    desk: Desk, state: OrderState, key: str
) -> None:
    card = check(desk)
    desk.order = order_in(state)
    card.press(key)
    assert card.outcome is Outcome.DONE
    assert not card.of(Tell)
    assert not card.of(Open)
    assert "不用再回答" in card.text


@pytest.mark.parametrize(
    ("who", "may"),
    [(WORKSHOP, True), (ADVISOR, True), (PARTS, False), (STRANGER, False), (Who(), False)],
)
def test_r2_workshop_and_front_desk_may_press_every_button_and_nobody_else(
    desk: Desk, who: Who, may: bool
) -> None:
    card = check(desk)
    rows = DIALOGS["progress_check"].authority
    for button in card.buttons():
        assert rows[button.key](Check(), facts_of(desk, card, who)) is may


def test_g2_of_two_who_answer_together_the_second_reads_who_was_quicker(desk: Desk) -> None:
    card = check(desk)
    asked = happened(OrderHappening.ASKED)
    answered = happened(OrderHappening.PROGRESS, WORKSHOP, answer="on_time")
    desk.order = order_in(OrderState.IN_WORK, asked)
    assert overtaken(Check(), facts_of(desk, card), "parts") is None
    desk.order = order_in(OrderState.IN_WORK, asked, answered)
    toast = overtaken(Check(), facts_of(desk, card), "parts")
    assert toast == Toast("progress_check/taken", {"seen_by": "赵主管"})
