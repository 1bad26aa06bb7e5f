"""X1–X3: the customer's question about additional work, the answers, and what silence leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.additional_work import Question
from dialogs.core import (
    Entered,
    Event,
    Kind,
    Open,
    Outcome,
    Pressed,
    Record,
    Said,
    Say,
    Tell,
    Toast,
    Told,
    Woke,
)
from dialogs.facts import Who
from dialogs.order_moves import noted
from domain.additional_work import open_questions
from domain.people import Role
from domain.repair_orders import Item, OrderEntry, OrderHappening, OrderState, RepairOrder, VisitFigures
from tests.dialogs.conftest import MONDAY, STORE, Conversation, Desk, told

NUMBER, BRAKES, WIPERS = "JC261123-007", "更换前刹车片", "更换雨刮片"
FIVE = MONDAY.replace(hour=17)
LIN = Who(11, "林顾问", roles=frozenset({Role.ADVISOR}))
WRITTEN = {
    "agreed": (OrderHappening.AGREED,),
    "refused": (OrderHappening.REFUSED,),
    "work_call": (OrderHappening.CALL_WANTED, OrderHappening.CALL_TASK),
    "work_reminded": (OrderHappening.WORK_REMINDED,),
    "work_silent": (OrderHappening.CALL_TASK,),
}


def an_order(state: OrderState = OrderState.IN_WORK) -> RepairOrder:
    """Mr Wang's car, signed for at eight, promised for five."""
    at = MONDAY - timedelta(hours=1)
    items = (Item("小保养", Decimal(398)),)
    opened = RepairOrder(NUMBER, "粤B12345", 7, 3, "王先生", 11, "林顾问", at, items=items)
    return noted(
        opened,
        OrderEntry(at, OrderHappening.OPENED),
        OrderEntry(at, OrderHappening.PROMISED, details={"at": FIVE.isoformat(), "reason": ""}),
        OrderEntry(at, OrderHappening.CONFIRMED),
        OrderEntry(at, OrderHappening.MOVED, details={"state": state.value}),
    )


class Shop:
    """The order's card as far as the question needs it: it writes down what it is told, and answers as it does."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.order = an_order()
        self.told: list[tuple[str, str]] = []
        self.cards: dict[int, list[str]] = {}

    def note(self, happening: OrderHappening, **details: Any) -> None:
        assert self.desk.order is not None
        self.desk.order = noted(self.desk.order, OrderEntry(self.desk.now, happening, details=details))

    def propose(self, item: str = BRAKES, **other: Any) -> Conversation:
        details = {
            "item": item,
            "price": "380.00",
            "why": "刹车片只剩 2 毫米，刹车距离会变长",
            "until": "",
            "safety": False,
            "photo": None,
        } | other
        self.note(OrderHappening.PROPOSED, **details)
        talk = self.desk.open(Open("additional_work", Question(item), subject=NUMBER))
        self._lay(talk)
        return talk

    def on(self, talk: Conversation, event: Event) -> Conversation:
        """The event, and what the order's card does with what it is told in the same transaction."""
        talk.on(event)
        self._lay(talk)
        first = talk.effects, list(talk.texts)
        for tell in talk.of(Tell):
            assert (tell.dialog, tell.subject) == ("order_desk", NUMBER)
            item = tell.words["item"]
            self.told.append((tell.news, item))
            for happening in WRITTEN[tell.news]:
                self.note(happening, item=item)
            if tell.news in ("agreed", "refused"):
                talk.on(told("answered", item=item, answer=tell.news))
                self._lay(talk)
        talk.texts = first[1] + [text for text in talk.texts if text not in first[1]]
        return talk

    def press(self, talk: Conversation, key: str) -> Conversation:
        assert key in self.cards[talk.id]
        return self.on(talk, Pressed(key))

    def _lay(self, talk: Conversation) -> None:
        """Which buttons the customer can press now: a line without any leaves those above it as they are."""
        for say in talk.of(Say):
            if say.buttons or say.in_place:
                self.cards[talk.id] = [button.key for row in say.buttons for button in row]

    def at(self, talk: Conversation, moment: datetime) -> Conversation:
        """Time passes; every timer that is due by then wakes the question, the earliest first."""
        while due := sorted((at, name) for name, at in talk.timers.items() if at <= moment):
            self.desk.now = max(self.desk.now, due[0][0])
            del talk.timers[due[0][1]]
            self.on(talk, Woke(due[0][1]))
        self.desk.now = moment
        return talk


@pytest.fixture
def shop(desk: Desk) -> Shop:
    return Shop(desk)


def after(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


# ---------------------------------------------------------------- X1: what the customer reads


def test_x1_the_question_says_what_why_price_total_and_time(shop: Shop) -> None:
    talk = shop.propose(until=(FIVE + timedelta(hours=1)).isoformat(), safety=True)
    for words in ("王先生", "粤B·12345", BRAKES, "刹车片只剩 2 毫米", "¥380", "¥778", "18:00", "17:00"):
        assert words in talk.text
    assert "这项关系到行车安全" in talk.text
    assert shop.cards[talk.id] == ["agree", "refuse", "call"]
    (say,) = talk.of(Say)
    assert (say.kind, say.fresh, say.media) == (Kind.NOTICE, True, None)


def test_x1_an_ordinary_item_without_a_new_time_says_so(shop: Shop) -> None:
    text = shop.propose().text
    assert "不受影响，仍是 今天 11月23日 周一 17:00" in text
    assert "安全" not in text


def test_x1_a_new_time_that_the_standing_promise_has_overtaken_moves_nothing(shop: Shop) -> None:
    later = FIVE + timedelta(days=1)
    shop.note(OrderHappening.PROMISED, at=later.isoformat(), reason="parts")
    assert "不受影响，仍是 明天 11月24日 周二 17:00" in shop.propose(until=FIVE.isoformat()).text


@pytest.mark.parametrize("kind", ["photo", "video", "document"])
def test_x1_the_photo_comes_with_the_question_once(shop: Shop, kind: str) -> None:
    talk = shop.propose(photo=[kind, "f1"])
    (say,) = talk.of(Say)
    assert (say.media.kind, say.media.file_id) == (kind, "f1")
    (again,) = talk.on(Entered()).of(Say)  # an old button was pressed
    assert (again.media, again.fresh) == (None, False)


# ---------------------------------------------------------------- X2, X3: an explicit answer


def test_x3_agreed_reaches_the_order_and_stays_readable_with_its_time(shop: Shop) -> None:
    talk = shop.propose(until=(FIVE + timedelta(hours=1)).isoformat())
    shop.desk.now = after(5)
    shop.press(talk, "agree")
    assert shop.told == [("agreed", BRAKES)]
    for words in ("您已同意追加", BRAKES, "¥380", "09:05", "全单预计：¥778", "18:00"):
        assert words in talk.text
    (say,) = talk.of(Say)
    assert say.in_place
    assert not say.buttons
    assert talk.outcome is Outcome.DONE
    assert talk.timers == {}


def test_x3_an_ordinary_item_is_refused_at_once(shop: Shop) -> None:
    talk = shop.propose()
    shop.press(talk, "refuse")
    assert shop.told == [("refused", BRAKES)]
    assert "这次不做" in talk.text
    assert "09:00" in talk.text
    assert "安全" not in talk.text
    assert talk.outcome is Outcome.DONE


def test_x3_a_safety_item_is_read_back_before_it_is_refused(shop: Shop) -> None:
    talk = shop.propose(safety=True)
    shop.press(talk, "refuse")
    assert shop.told == []
    for words in (BRAKES, "您确定暂时不做吗", "安全隐患"):
        assert words in talk.text
    assert [each.action for each in talk.of(Record)] == ["order.safety_read_back"]
    assert open_questions(shop.desk.order, VisitFigures())  # type: ignore[arg-type]
    shop.press(talk, "refuse_surely")
    assert shop.told == [("refused", BRAKES)]
    assert "这项关系到行车安全" in talk.text


def test_x3_after_the_read_back_it_can_be_done_after_all(shop: Shop) -> None:
    talk = shop.propose(safety=True)
    shop.press(shop.press(talk, "refuse"), "agree")
    assert shop.told == [("agreed", BRAKES)]
    assert "您已同意追加" in talk.text


def test_x2_the_read_back_alone_is_no_answer(shop: Shop) -> None:
    """Silence after 不同意 to a safety item: reminded and called as if nothing had been pressed."""
    talk = shop.press(shop.propose(safety=True), "refuse")
    shop.at(talk, after(30))
    assert [news for news, _ in shop.told] == ["work_reminded", "work_silent"]


def test_x1_a_call_is_wanted_and_it_can_still_be_answered(shop: Shop) -> None:
    talk = shop.press(shop.propose(), "call")
    assert shop.told == [("work_call", BRAKES)]
    assert "林顾问会尽快给您打电话" in talk.text
    assert shop.cards[talk.id] == ["agree", "refuse"]
    assert talk.timers == {}
    shop.at(talk, after(60))
    assert shop.told == [("work_call", BRAKES)]
    shop.press(talk, "agree")
    assert shop.told[-1] == ("agreed", BRAKES)


def test_x1_a_call_that_is_wanted_after_closing_comes_when_the_shop_opens(shop: Shop) -> None:
    talk = shop.propose()
    shop.desk.now = MONDAY.replace(hour=17, minute=40)
    assert "明天 11月24日 周二 08:30 营业后" in shop.press(talk, "call").text


def test_x1_a_second_press_makes_no_second_call(shop: Shop) -> None:
    """After the silence a call is planned already; 请来电 says so and makes no other one."""
    talk = shop.at(shop.propose(), after(30))
    before = list(shop.told)
    shop.press(talk, "call")
    assert shop.told == before
    assert [each.script for each in talk.of(Toast)] == ["additional_work/call_planned"]
    assert talk.outcome is Outcome.STAY


def test_x3_a_colleague_who_heard_the_answer_on_the_phone_ends_it(shop: Shop) -> None:
    talk = shop.propose()
    shop.desk.now, shop.desk.who = after(20), LIN
    shop.note(OrderHappening.AGREED, item=BRAKES, how="phone")
    talk.on(told("answered", item=BRAKES, answer="agreed"))
    assert "您已同意追加" in talk.text
    assert "09:20（电话）" in talk.text
    assert talk.outcome is Outcome.DONE


@pytest.mark.parametrize("news", ["answered", "over"])
def test_x3_news_about_another_item_is_not_for_this_one(shop: Shop, news: str) -> None:
    talk = shop.propose()
    talk.on(told(news, item=WIPERS, answer="agreed"))
    assert talk.outcome is not Outcome.DONE
    assert talk.of(Say) == []
    assert set(talk.timers) == {"remind", "call"}


@pytest.mark.parametrize("words", [{}, {"item": BRAKES}])
def test_x3_over_takes_the_buttons_away(shop: Shop, words: dict[str, str]) -> None:
    talk = shop.propose()
    talk.on(told("over", **words))
    assert talk.outcome is Outcome.DONE
    assert BRAKES in talk.text
    (say,) = talk.of(Say)
    assert say.in_place
    assert not say.buttons


# ---------------------------------------------------------------- presses that come too late


@pytest.mark.parametrize("key", ["agree", "refuse", "refuse_surely", "call"])
@pytest.mark.parametrize("state", [OrderState.SETTLED, OrderState.LEFT, OrderState.CANCELLED])
def test_x2_a_press_after_the_visit_was_settled_changes_nothing(
    shop: Shop, key: str, state: OrderState
) -> None:
    talk = shop.propose(safety=True)
    shop.note(OrderHappening.MOVED, state=state.value)
    shop.on(talk, Pressed(key))
    assert shop.told == []
    assert talk.of(Say) == []
    assert talk.texts == ["这一项已经有结果，不用再选了。"]
    assert talk.outcome is Outcome.STAY
    assert talk.timers == {}


@pytest.mark.parametrize("answer", [OrderHappening.AGREED, OrderHappening.REFUSED])
@pytest.mark.parametrize("key", ["agree", "refuse"])
def test_x3_the_first_answer_counts(shop: Shop, answer: OrderHappening, key: str) -> None:
    talk = shop.propose()
    shop.note(answer, item=BRAKES)
    shop.on(talk, Pressed(key))
    assert shop.told == []
    assert [each.script for each in talk.of(Toast)] == ["additional_work/not_open"]


@pytest.mark.parametrize("key", ["agree", "refuse", "call"])
def test_x2_consent_counts_for_the_price_that_was_read(shop: Shop, key: str) -> None:
    """Proposed again at another price: the older message agrees to nothing, the newer one does."""
    old = shop.propose(price="380")
    new = shop.propose(price="980")
    shop.on(old, Pressed(key))
    assert shop.told == []
    assert [each.script for each in old.of(Toast)] == ["additional_work/not_open"]
    shop.press(new, "agree")
    assert shop.told == [("agreed", BRAKES)]
    assert "¥980" in new.text


def test_x3_an_agreed_item_at_a_new_price_is_not_counted_twice(shop: Shop) -> None:
    shop.press(shop.propose(price="380"), "agree")
    assert "全单预计 ¥1,378" in shop.propose(price="980").text


def test_x3_two_items_are_answered_each_for_itself(shop: Shop) -> None:
    brakes, wipers = shop.propose(), shop.propose(WIPERS, price="120")
    shop.press(wipers, "agree")
    assert "全单预计：¥518" in wipers.text
    shop.press(brakes, "refuse")
    assert shop.told == [("agreed", WIPERS), ("refused", BRAKES)]


def test_x2_words_and_unknown_keys_are_no_consent(shop: Shop) -> None:
    talk = shop.propose()
    for event in (Said("同意"), Pressed("yes"), Told("moved")):
        shop.on(talk, event)
        assert talk.outcome is Outcome.STAY
        assert talk.of(Say) == []
    assert shop.told == []


# ---------------------------------------------------------------- X2: silence


def test_x2_reminded_after_15_minutes_called_after_30_to_the_second(shop: Shop) -> None:
    talk = shop.propose(safety=True)
    assert talk.timers == {"remind": after(15), "call": after(30)}
    shop.at(talk, after(15) - timedelta(seconds=1))
    assert shop.told == []
    shop.at(talk, after(15))
    assert shop.told == [("work_reminded", BRAKES)]
    question, reminder = talk.of(Say)
    assert (question.in_place, question.buttons) == (True, ())
    assert (reminder.kind, reminder.fresh, reminder.script) == (Kind.NOTICE, True, "additional_work/remind")
    assert shop.cards[talk.id] == ["agree", "refuse", "call"]
    assert "关系到行车安全" in talk.text
    shop.at(talk, after(30) - timedelta(seconds=1))
    assert len(shop.told) == 1
    shop.at(talk, after(30))
    assert shop.told[1:] == [("work_silent", BRAKES)]
    assert "会给您打电话" in talk.text
    assert talk.outcome is Outcome.STAY  # the reminder's buttons still count
    shop.at(talk, after(600))
    assert len(shop.told) == 2
    shop.press(talk, "agree")
    assert shop.told[-1] == ("agreed", BRAKES)


def test_x2_after_a_night_of_standstill_the_customer_is_called_and_not_reminded_too(shop: Shop) -> None:
    talk = shop.propose()
    shop.desk.now = after(300)
    shop.on(talk, Woke("remind", late=True))
    assert shop.told == [("work_silent", BRAKES)]
    assert talk.timers == {}
    shop.on(talk, Woke("call", late=True))
    assert len(shop.told) == 1
    assert talk.of(Say) == []


def test_x2_a_timer_that_wakes_too_soon_is_set_again(shop: Shop) -> None:
    """The store's figures were changed meanwhile: the history and the figures of now decide."""
    talk = shop.propose()
    shop.desk.store = replace(STORE, visits=VisitFigures(work_reminder_minutes=20, work_call_minutes=40))
    shop.desk.now = after(15)
    del talk.timers["remind"]
    shop.on(talk, Woke("remind"))
    assert shop.told == []
    assert talk.timers == {"remind": after(20), "call": after(40)}


def test_x2_a_late_consent_promises_no_time_that_has_passed(shop: Shop) -> None:
    """The new hand-over time was 17:30; the customer reads the reminder's facts after that."""
    talk = shop.propose(until=(FIVE + timedelta(minutes=30)).isoformat())
    shop.desk.now = FIVE + timedelta(hours=1)
    shop.press(talk, "call")
    assert "需要重新约定" in talk.text
    assert "17:30" not in talk.text


def test_x2_nothing_was_proposed_and_nothing_is_asked(shop: Shop) -> None:
    talk = shop.desk.open(Open("additional_work", Question(BRAKES), subject=NUMBER))
    assert talk.outcome is Outcome.DONE
    assert talk.texts == []
