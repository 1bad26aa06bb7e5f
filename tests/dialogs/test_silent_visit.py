"""Silent visits: the words lie ready for whoever is in charge; what is sent is what they read (R2, A3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialogs.core import Entered, Home, Kind, Open, Outcome, Pressed, Record, Said, Say, Tell, Told
from dialogs.facts import Who
from dialogs.order_moves import noted, order_words
from dialogs.silent_visit import SILENT_VISIT, Draft
from dialogs.writing import Writing
from domain.people import Role
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, RepairOrder
from tests.dialogs.conftest import MONDAY, SCRIPTS

LIN = Who(11, "林顾问", roles=frozenset({Role.ADVISOR}))
NUMBER = "JC261123-001"
PHONE = "+8613800138000"
FIVE = MONDAY.replace(hour=17)
WORD = "order_sheet/word"


def entry(moment: datetime, happening: OrderHappening, **details: Any) -> OrderEntry:
    return OrderEntry(moment, happening, 11, "林顾问", details)


def moved(moment: datetime, state: OrderState) -> OrderEntry:
    return entry(moment, OrderHappening.MOVED, state=state.value)


def order(**changes: Any) -> RepairOrder:
    """Mr Wang's car came at nine and is promised for five; he has heard nothing since he signed."""
    history = (
        entry(MONDAY, OrderHappening.OPENED),
        entry(MONDAY, OrderHappening.PROMISED, at=FIVE.isoformat()),
        entry(MONDAY, OrderHappening.CONFIRMED),
        moved(MONDAY, OrderState.IN_SHOP),
        moved(MONDAY + timedelta(minutes=20), OrderState.IN_WORK),
    )
    bare = RepairOrder(NUMBER, "粤B12345", 7, 3, "王先生", 11, "林顾问", MONDAY, phone=PHONE)
    return replace(noted(bare, *history), **changes)


NO_CHAT = {"person_id": 0}


def reminded(desk: Any, kept: RepairOrder | None = None) -> Any:
    """The advisor is reminded at two: four working hours, lunch left out."""
    desk.order, desk.now = kept or order(), MONDAY.replace(hour=14)
    desk.who, desk.home_person, desk.colleagues, desk.customer = LIN, LIN.person_id, (LIN,), None
    return desk.open(Open("silent_visit", None, Home(person=11), NUMBER))


def keys(card: Any) -> list[str]:
    """The buttons of the message that was said last."""
    return [button.key for row in card.said[-1].buttons for button in row]


def as_customer(desk: Any) -> str:
    """The words as the order's card would send them now."""
    facts = desk.facts(desk.begin("silent_visit", Draft(), NUMBER))
    return SCRIPTS.text(WORD, order_words(desk.order, facts))


def test_silent_says_since_when_and_shows_the_very_words_then_the_ways(desk: Any) -> None:
    card = reminded(desk)
    silent, word, ways = card.texts
    assert silent.startswith("⏳ <b>粤B·12345 王先生</b>已经 4 小时没有收到消息")
    assert "11月23日 周一 09:00" in silent
    assert word == as_customer(desk)
    assert NUMBER in ways
    assert [say.script for say in card.said][1] == WORD
    assert {say.kind for say in card.said} == {Kind.STAFF}
    assert keys(card) == ["send", "write", "not_now"]
    assert card.timers == {}


def test_silent_hours_are_counted_from_the_last_word_not_from_the_last_reminder(desk: Any) -> None:
    told = entry(MONDAY.replace(hour=10), OrderHappening.TOLD)
    nudged = entry(MONDAY.replace(hour=13), OrderHappening.NUDGED)
    card = reminded(desk, noted(order(), told, nudged))
    assert "已经 3 小时" in card.texts[0]
    assert "10:00" in card.texts[0]


def test_silent_sent_with_one_press(desk: Any) -> None:
    card = reminded(desk).press("send")
    assert card.of(Tell) == [Tell("order_desk", NUMBER, "word", {})]
    assert "已发给客户" in card.text
    assert not keys(card)


def test_silent_the_order_ends_it_without_another_word(desk: Any) -> None:
    """The order's card tells every reminder that it is over, in the same moment; the last face stays."""
    card = reminded(desk).press("send").on(Told("over"))
    assert card.outcome is Outcome.DONE
    assert not card.of(Say)


@pytest.mark.parametrize(
    "happened",
    [
        moved(MONDAY.replace(hour=13), OrderState.INSPECTION),
        entry(MONDAY.replace(hour=13), OrderHappening.PROMISED, at=FIVE.replace(hour=18).isoformat()),
        entry(MONDAY.replace(hour=13), OrderHappening.DELAYED, promise=FIVE.isoformat()),
    ],
    ids=["state", "promise", "delay"],
)
def test_silent_only_what_was_read_leaves(desk: Any, happened: OrderEntry) -> None:
    """The visit has gone on meanwhile: the new words are shown, and go with the next press."""
    card = reminded(desk)
    desk.order = noted(desk.order, happened)
    card.press("send")
    assert not card.of(Tell)
    assert "还没有发送" in card.texts[0]
    assert card.texts[1] == as_customer(desk)
    assert card.press("send").of(Tell) == [Tell("order_desk", NUMBER, "word", {})]


def test_silent_the_promise_passes_before_the_press(desk: Any) -> None:
    """The words that were shown said that it stands."""
    card = reminded(desk)
    desk.now = FIVE
    assert not card.press("send").of(Tell)
    assert card.texts[1] == as_customer(desk)
    assert card.press("send").of(Tell)


@pytest.mark.parametrize("key", ["send", "write", "not_now"])
@pytest.mark.parametrize("state", [OrderState.READY, OrderState.SETTLED, OrderState.CANCELLED])
def test_silent_nothing_is_sent_once_the_work_is_over(desk: Any, key: str, state: OrderState) -> None:
    card = reminded(desk)
    desk.order = noted(desk.order, moved(desk.now, state))
    card.press(key)
    assert card.outcome is Outcome.DONE
    assert "已失效" in card.text
    assert not card.of(Tell)
    assert not card.of(Open)


def test_silent_own_words_go_to_the_customer_and_the_order_hears_of_it(desk: Any) -> None:
    card = reminded(desk).press("write")
    assert card.outcome is Outcome.STAY
    opened = card.opened("writing")
    assert (opened.state, opened.subject) == (Writing(3, "王先生"), NUMBER)
    writing = desk.open(opened).on(Said("王先生，零件刚到，正在装。"))
    assert writing.of(Tell) == [Tell("order_desk", NUMBER, "wrote", {})]
    message = writing.opened("message")
    desk.home_person = 3
    assert desk.open(message).text == "💬 <b>远航汽车 · 林顾问</b>\n王先生，零件刚到，正在装。"


@pytest.mark.parametrize(
    ("writing", "subject"),
    [(Writing(11, "林顾问", staff=False), NUMBER), (Writing(3, "王先生"), "YY261123-001")],
    ids=["the customer's answer", "an appointment"],
)
def test_q2_no_other_writing_counts_as_a_word_about_the_car(
    desk: Any, writing: Writing, subject: str
) -> None:
    desk.who, desk.home_person, desk.colleagues = LIN, LIN.person_id, (LIN,)
    desk.order = order()
    assert not desk.begin("writing", writing, subject).on(Entered()).say("好的，谢谢您").of(Tell)


def test_silent_not_now_leaves_it_until_the_next_time(desk: Any) -> None:
    card = reminded(desk).press("not_now")
    assert card.outcome is Outcome.DONE
    assert "再提醒您" in card.text
    assert not card.of(Tell)


def test_silent_over_for_all_who_were_asked(desk: Any) -> None:
    card = reminded(desk).on(Told("over"))
    assert card.outcome is Outcome.DONE
    assert "已失效" in card.text
    assert card.of(Say)[0].in_place


# ---------------------------------------------------------------- who has no chat


def test_silent_who_has_no_chat_is_called_with_the_words_before_ones_eyes(desk: Any) -> None:
    card = reminded(desk, order(**NO_CHAT))
    assert card.texts[1] == as_customer(desk)
    assert keys(card) == ["call", "not_now"]
    card.press("call")
    number = next(say for say in card.of(Say) if say.script == "call/number")
    assert number.to == Home(person=11)
    assert "138 0013 8000" in card.text
    assert [record.action for record in card.of(Record)] == ["phone.opened"]
    assert not card.of(Tell), "a number that was looked at is no word to the customer"


def test_silent_a_call_that_was_made_counts_as_a_word(desk: Any) -> None:
    card = reminded(desk, order(**NO_CHAT)).press("call").press("said")
    assert card.of(Tell) == [Tell("order_desk", NUMBER, "wrote", {})]
    assert "已电话告诉客户" in card.text
    assert card.on(Told("over")).outcome is Outcome.DONE


def test_silent_without_chat_and_number_it_is_said_openly(desk: Any) -> None:
    card = reminded(desk, order(**NO_CHAT, phone=""))
    assert "没有留电话" in card.text
    assert keys(card) == ["said", "not_now"]


@pytest.mark.parametrize(
    ("kept", "forged"), [(order(), "call"), (order(), "said"), (order(**NO_CHAT), "send"),
                         (order(**NO_CHAT), "write"), (order(), "else")]
)  # fmt: skip
def test_r2_a_button_that_is_not_shown_does_nothing(desk: Any, kept: RepairOrder, forged: str) -> None:
    card = reminded(desk, kept).on(Pressed(forged))
    assert card.outcome is Outcome.STAY
    assert not [one for kind in (Tell, Open, Say, Record) for one in card.of(kind)]


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (LIN, True),
        (Who(11, "林顾问", roles=frozenset({Role.PARTS_MANAGER})), True),
        (Who(11, "林顾问"), False),
        (Who(12, "孙顾问", roles=frozenset({Role.ADVISOR})), True),
        (Who(13, "何主管", roles=frozenset({Role.FRONT_DESK_SUPERVISOR})), True),
        (Who(14, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER})), True),
        (Who(15, "赵主管", roles=frozenset({Role.WORKSHOP_SUPERVISOR})), False),
        (Who(3, "小王"), False),
    ],
)
def test_r2_the_front_desk_and_above_and_who_was_asked(desk: Any, who: Who, allowed: bool) -> None:
    card = reminded(desk)
    desk.who = who
    found = {permit(card.state, desk.facts(card)) for permit in SILENT_VISIT.authority.values()}
    assert found == {allowed}
