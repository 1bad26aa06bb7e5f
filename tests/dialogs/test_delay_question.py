"""P3, R4: whoever is in charge is asked for reason and new time, until somebody has answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import Home, Open, Outcome, Pressed, Said, Say, Tell
from dialogs.delay_question import Asked
from dialogs.facts import Who
from dialogs.promise_form import NewPromise
from domain.repair_orders import OrderEntry, OrderHappening, OrderState
from tests.dialogs.conftest import ADVISOR, STRANGER, WORKSHOP, Desk, told
from tests.dialogs.promised_order import (
    HALF_PAST_TWO,
    NUMBER,
    PARTS,
    PROMISED,
    SUPERVISOR,
    happened,
    order_in,
    promised,
)


def question(desk: Desk, *more: OrderEntry) -> Any:
    """As the advisor is asked, half an hour before the customer would hear of a delay."""
    desk.now, desk.order = HALF_PAST_TWO, order_in(OrderState.IN_WORK, *more)
    desk.who, desk.home_person = ADVISOR, ADVISOR.person_id
    desk.colleagues = (ADVISOR, WORKSHOP, SUPERVISOR)
    return desk.open(Open("delay_question", Asked(PROMISED), Home(person=ADVISOR.person_id), NUMBER))


def test_p3_the_question_says_until_when_it_can_be_answered(desk: Desk) -> None:
    card = question(desk)
    assert "粤B·12345" in card.text
    assert "王先生" in card.text
    assert "今天 11月23日 周一 15:00 要通知客户接车" in card.text
    assert "15:00 前没有回答，客户会先收到一条如实的说明" in card.text
    assert [(each.key, each.value) for each in card.buttons()] == [
        ("on_time", ""), ("fill", ""), ("reason", "parts"), ("reason", "found"), ("reason", "bays"),
    ]  # fmt: skip


def test_p3_a_customer_who_has_heard_of_the_delay_already_is_not_announced_again(desk: Desk) -> None:
    delayed = happened(OrderHappening.DELAYED, promise=PROMISED.isoformat(), reason="")
    card = question(desk, delayed)
    assert "如实的说明" not in card.text
    assert "请告诉我原因和新时间" in card.text


@pytest.mark.parametrize(("answer", "said"), [("parts", "车间说：在等配件"), ("on_time", "车间说：能准时")])
def test_g2_what_the_workshop_said_is_told_to_who_has_to_promise(desk: Desk, answer: str, said: str) -> None:
    heard = happened(OrderHappening.PROGRESS, WORKSHOP, answer=answer)
    assert said in question(desk, heard).text
    # Said before the time was promised once more, it is about nothing that counts now.
    assert "车间说" not in question(desk, heard, promised(PROMISED)).text


def test_p3_on_time_is_told_to_the_orders_card_and_shown_after_it(desk: Desk) -> None:
    card = question(desk).press("on_time")
    assert card.of(Tell) == [Tell("order_desk", NUMBER, "on_time")]
    assert [type(each) for each in card.effects] == [Tell, Say]
    assert card.outcome is Outcome.DONE
    assert "能准时" in card.text
    assert "15:00 还没点的话，客户会先收到一条如实的说明" in card.text


@pytest.mark.parametrize(
    ("key", "value", "state"),
    [
        ("fill", "", NewPromise()),
        ("reason", "parts", NewPromise("parts")),
        ("reason", "found", NewPromise("found")),
        ("reason", "bays", NewPromise("bays")),
    ],
)
def test_p3_the_form_opens_with_the_reason_and_the_question_waits(
    desk: Desk, key: str, value: str, state: NewPromise
) -> None:
    card = question(desk)
    for _ in range(2):  # a second press, after 取消, opens it again
        card.press(key, value)
        opened = card.opened("promise_form")
        assert (opened.state, opened.home, opened.subject) == (state, Home(), NUMBER)
        assert card.outcome is Outcome.STAY
    desk.order = order_in(OrderState.IN_WORK, promised(PROMISED + timedelta(hours=1), "parts"))
    desk.who = SUPERVISOR
    card.on(told("over"))
    assert card.outcome is Outcome.DONE
    assert "何主管已处理" in card.text
    assert "新的交车时间：<b>今天 11月23日 周一 17:00</b>" in card.text
    assert card.of(Say)[0].in_place


def test_p3_an_unanswered_question_ends_with_the_notice(desk: Desk) -> None:
    """Nobody acted: nobody is named."""
    card = question(desk)
    desk.who = Who()
    card.on(told("over"))
    assert "已处理" not in card.text
    assert "承诺交车：今天 11月23日 周一 16:00" in card.text


@pytest.mark.parametrize(
    "after",
    [
        order_in(OrderState.READY),
        order_in(OrderState.CANCELLED),
        order_in(OrderState.IN_WORK, promised(PROMISED + timedelta(hours=1))),
    ],
    ids=["ready", "cancelled", "promised anew"],
)
@pytest.mark.parametrize("key", ["on_time", "fill"])
def test_p3_a_press_on_a_question_about_an_old_promise_changes_nothing(
    desk: Desk, after: Any, key: str
) -> None:
    card = question(desk)
    desk.order = after
    card.press(key)
    assert card.outcome is Outcome.DONE
    assert not card.of(Tell)
    assert not card.of(Open)


@pytest.mark.parametrize("event", [Pressed("reason", "weather"), Pressed("send"), Said("等配件")])
def test_r2_what_is_no_button_of_the_card_changes_nothing(desk: Desk, event: Any) -> None:
    card = question(desk)
    card.on(event)
    assert card.outcome is Outcome.STAY
    assert not card.of(Open)
    assert card.text == "请点卡片上的按钮。"


def test_r2_only_who_is_in_charge_may_press(desk: Desk) -> None:
    """R3, R4: the front desk, its managers, whoever has the order; not who has left or works elsewhere."""
    card = question(desk)
    rows = DIALOGS["delay_question"].authority

    def may(who: Who) -> set[bool]:
        facts = replace(desk.facts(card), who=who)
        return {rows[each.key](Asked(PROMISED), facts) for each in card.buttons()}

    assert may(ADVISOR) == may(SUPERVISOR) == {True}
    assert may(PARTS) == may(STRANGER) == {False}
    desk.colleagues = (WORKSHOP, SUPERVISOR)
    assert may(replace(ADVISOR, roles=frozenset())) == {False}
    # A colleague of another desk who stands in for the advisor has the order now.
    away = replace(ADVISOR, absent_until=PROMISED, substitute=PARTS.person_id)
    desk.colleagues = (away, PARTS)
    assert may(PARTS) == {True}
