"""X1: the form in which additional work is put into words, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.additional_work import Question
from dialogs.core import (
    Open,
    Outcome,
    Pressed,
    Said,
    Say,
    SentMedia,
    SharedContact,
    Tell,
    Woke,
)
from dialogs.facts import Who
from dialogs.order_moves import noted
from dialogs.work_form import WorkForm
from domain.people import Role
from domain.repair_orders import OrderEntry, OrderHappening, OrderState
from tests.dialogs.conftest import MONDAY, Conversation, Desk
from tests.dialogs.test_additional_work import FIVE, LIN, NUMBER, an_order

ITEM, WHY = "更换前刹车片", "前刹车片只剩 2 毫米，刹车距离会变长"
ZHAO = Who(12, "赵主管", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))
POSSIBLE = [OrderState.IN_SHOP, OrderState.IN_WORK, OrderState.INSPECTION, OrderState.READY]
IMPOSSIBLE = [OrderState.AWAITING, OrderState.SETTLED, OrderState.LEFT, OrderState.CANCELLED]


@pytest.fixture
def office(desk: Desk) -> Desk:
    """Advisor Lin at nine; Mr Wang's car is promised for five."""
    desk.who, desk.home_person, desk.order = LIN, LIN.person_id, an_order()
    return desk


def form(desk: Desk) -> Conversation:
    return desk.open(Open("work_form", WorkForm(), subject=NUMBER))


def at_price(desk: Desk) -> Conversation:
    return form(desk).say(ITEM).say(WHY)


def at_time(desk: Desk) -> Conversation:
    return at_price(desk).say("380")


def filled(desk: Desk, *, safety: bool = True) -> Conversation:
    """Everything answered, up to the page that is read back."""
    page = at_time(desk).press("unchanged").press("safety" if safety else "no_safety")
    return page.press("skip")


def note(desk: Desk, happening: OrderHappening, **details: Any) -> None:
    assert desk.order is not None
    desk.order = noted(desk.order, OrderEntry(desk.now, happening, details=details))


def proposed(page: Conversation) -> dict[str, Any]:
    (tell,) = page.of(Tell)
    assert (tell.dialog, tell.subject, tell.news) == ("order_desk", NUMBER, "proposed")
    assert page.outcome is Outcome.DONE
    return dict(tell.words)


def offered(page: Conversation) -> list[str]:
    return [each.value for each in page.buttons() if each.key == "until"]


# ---------------------------------------------------------------- the way through


@pytest.mark.parametrize("state", POSSIBLE)
def test_x1_the_form_reaches_the_order(office: Desk, state: OrderState) -> None:
    office.order = an_order(state)
    page = at_time(office).press("until", "2026-11-24T12:00").press("safety")
    page.on(SentMedia("photo", "f1")).press("send")
    assert proposed(page) == {
        "item": ITEM,
        "price": Decimal("380.00"),
        "why": WHY,
        "until": datetime.fromisoformat("2026-11-24T12:00:00+08:00"),
        "safety": True,
        "photo": ("photo", "f1"),
    }
    assert "王先生" in page.text


def test_x1_what_is_read_back_is_what_the_customer_reads(office: Desk) -> None:
    """Word for word, also where an item that was agreed to is proposed at another price."""
    note(
        office, OrderHappening.PROPOSED, item=ITEM, price="300", why="旧", until="", safety=False, photo=None
    )
    note(office, OrderHappening.AGREED, item=ITEM)
    page = form(office).say(ITEM)
    assert "客户已经同意过（¥300）" in page.text
    page.say(WHY).say("380").say("明天上午十点").press("safety").press("skip")
    shown = page.text
    words = proposed(page.press("send"))
    until = words.pop("until").isoformat()
    note(office, OrderHappening.PROPOSED, **words | {"price": str(words["price"]), "until": until})
    question = office.open(Open("additional_work", Question(ITEM), subject=NUMBER))
    assert shown == question.text
    assert "全单预计 ¥778" in shown


def test_x1_a_service_of_the_store_is_one_press(office: Desk) -> None:
    page = form(office)
    # What is priced only after a look says nothing that a customer could agree to.
    assert [each.value for each in page.buttons() if each.key == "service"] == ["minor", "major", "gearbox"]
    page.press("service", "gearbox")
    assert (page.step, page.state.item) == ("tell_why", "变速箱维修")


@pytest.mark.parametrize(
    ("name", "before", "answer", "after"),
    [
        ("item", "name_item", Said("更换后刹车片"), "更换后刹车片"),
        ("why", "tell_why", Said("后刹车片也快磨完了"), "后刹车片也快磨完了"),
        ("price", "tell_price", Said("５８０元"), "¥580"),
        ("until", "choose_time", Said("明天上午十点"), "明天 11月24日 周二 10:00"),
        ("safety", "weigh_safety", Pressed("no_safety"), "不受影响"),
        ("photo", "send_photo", SentMedia("video", "f2"), WHY),
    ],
)
def test_x1_each_line_can_be_changed_alone(
    office: Desk, name: str, before: str, answer: Any, after: str
) -> None:
    page = filled(office).press("change", name)
    assert page.step == before
    page.on(answer)
    assert page.step == "check"
    assert after in page.text
    assert ("关系到行车安全" in page.text) is (name != "safety")
    words = proposed(page.press("send"))
    assert (words["photo"] == ("video", "f2")) is (name == "photo")


def test_x1_an_album_is_one_card_and_its_last_picture_counts(office: Desk) -> None:
    page = at_time(office).press("unchanged").press("no_safety").on(SentMedia("photo", "f1"))
    page.on(SentMedia("photo", "f2"))
    assert [each.in_place for each in page.of(Say)] == [True]
    assert proposed(page.press("send"))["photo"] == ("photo", "f2")


@pytest.mark.parametrize("sent", [SentMedia("voice", "f1"), SentMedia("sticker", "f1"), SentMedia("photo")])
def test_x1_what_shows_nothing_is_no_picture(office: Desk, sent: SentMedia) -> None:
    page = at_time(office).press("unchanged").press("safety").on(sent)
    assert (page.step, page.outcome) == ("send_photo", Outcome.ASK_AGAIN)


def test_x1_typed_words_answer_the_last_questions_too(office: Desk) -> None:
    page = at_time(office).press("unchanged").say("不是").say("没有").say("确认")
    words = proposed(page)
    assert (words["safety"], words["photo"]) == (False, None)


# ---------------------------------------------------------------- nonsense


@pytest.mark.parametrize("text", ["好", "。。。", "123456", "刹" * 41, "👍👍👍"])
def test_x1_an_item_says_what_is_done_in_at_most_forty_signs(office: Desk, text: str) -> None:
    page = form(office)
    for _ in range(3):
        page.say(text)
        assert page.step == "name_item"
        assert "40" in page.text
    assert page.say("刹" * 40).step == "tell_why"


@pytest.mark.parametrize("text", ["坏", "？？？", "  ", "因" * 301])
def test_x1_the_reason_is_required(office: Desk, text: str) -> None:
    page = form(office).say(ITEM)
    for _ in range(3):
        page.say(text)
        assert page.step == "tell_why"
        assert "比如" in page.text
    assert page.say("因" * 300).step == "tell_price"


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("380", "380.00"),
        ("３８０", "380.00"),
        ("380元", "380.00"),
        ("¥1,280.50", "1280.50"),
        ("99块", "99.00"),
        ("0.01", "0.01"),
        ("9999999.99", "9999999.99"),
        ("1.2万", "12000.00"),
    ],
)
def test_x1_a_price_is_exact(office: Desk, text: str, price: str) -> None:
    page = at_price(office).say(text)
    assert page.step == "choose_time"
    assert str(page.state.price) == price


@pytest.mark.parametrize(
    "text",
    ["0", "0.00", "-5", "10000000", "1e99", "380.555", "nan", "inf", "三百吧", "380-400", "约380", "免费", "1,28"],
)  # fmt: skip
def test_x1_a_price_that_is_none_is_asked_for_again(office: Desk, text: str) -> None:
    page = at_price(office).say(text)
    assert (page.step, page.state.price, page.outcome) == ("tell_price", None, Outcome.ASK_AGAIN)
    assert "比如：380" in page.text


# ---------------------------------------------------------------- the new hand-over time


def test_x1_times_are_offered_from_the_standing_promise_on(office: Desk) -> None:
    """17:00 is the last hour of Monday; a promise for noon leaves the afternoon."""
    assert offered(at_time(office)) == ["2026-11-24T12:00", "2026-11-24T17:00"]
    note(office, OrderHappening.PROMISED, at=MONDAY.replace(hour=12).isoformat(), reason="")
    page = at_time(office)
    assert offered(page) == [
        "2026-11-23T13:00",
        "2026-11-23T14:00",
        "2026-11-23T17:00",
        "2026-11-24T12:00",
        "2026-11-24T17:00",
    ]
    assert [each.label for each in page.buttons() if each.key == "until"] == ["later", "later", "", "", ""]


def test_x1_times_are_offered_from_now_on_when_the_promise_has_passed(office: Desk) -> None:
    note(office, OrderHappening.PROMISED, at=MONDAY.isoformat(), reason="")
    office.now = MONDAY + timedelta(hours=1, minutes=7)
    assert offered(at_time(office))[:2] == ["2026-11-23T11:10", "2026-11-23T12:10"]


def test_x1_a_saturday_evening_offers_monday(office: Desk) -> None:
    office.now = datetime(2026, 11, 28, 17, 10, tzinfo=MONDAY.tzinfo)
    assert offered(at_time(office)) == ["2026-11-30T12:00", "2026-11-30T17:00"]


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("明天上午十点", "2026-11-24T10:00"),
        ("后天3点", "2026-11-25T15:00"),
        ("明天", "2026-11-24T17:00"),
        ("明天上午", "2026-11-24T12:00"),
        ("晚一天", "2026-11-24T17:00"),
    ],
)
def test_x1_a_time_can_be_typed(office: Desk, text: str, until: str) -> None:
    page = at_time(office).say(text)
    assert (page.step, f"{page.state.until:%Y-%m-%dT%H:%M}") == ("weigh_safety", until)


@pytest.mark.parametrize("text", ["今天17:00", "5点", "下午五点"])
def test_x1_the_promised_time_itself_is_no_new_one(office: Desk, text: str) -> None:
    page = at_time(office).say(text)
    assert (page.step, page.state.until) == ("weigh_safety", None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("今天下午四点", "还早"),
        ("昨天下午五点", "已经过了"),
        ("今天晚上八点", "不在营业时间"),
        ("今天17:31", "不在营业时间"),
        ("周日上午十点", "门店休息"),
        ("2030年1月1日上午十点", "太远"),
        ("9999年12月31日晚上11点", "太远"),
    ],
)
def test_x1_a_time_that_cannot_be_is_refused_with_its_reason(office: Desk, text: str, why: str) -> None:
    page = at_time(office)
    for _ in range(3):
        page.say(text)
        assert (page.step, page.state.until) == ("choose_time", None)
        assert why in page.text


@pytest.mark.parametrize("event", [Said("看情况"), Pressed("until", "soon"), SharedContact("", own=False)])
def test_x1_what_is_no_time_is_asked_for_again(office: Desk, event: Any) -> None:
    page = at_time(office).on(event)
    assert (page.step, page.outcome) == ("choose_time", Outcome.ASK_AGAIN)


def test_x1_a_time_that_became_impossible_meanwhile_is_asked_for_anew(office: Desk) -> None:
    """The promise was moved beyond it while the form lay open."""
    page = at_time(office).press("until", "2026-11-24T12:00").press("safety").press("skip")
    note(office, OrderHappening.PROMISED, at=(FIVE + timedelta(days=1)).isoformat(), reason="parts")
    page.press("send")
    assert page.of(Tell) == []
    assert page.step == "choose_time"
    assert "还早" in page.text
    assert page.press("unchanged").step == "check"


# ---------------------------------------------------------------- when, and by whom


@pytest.mark.parametrize("state", IMPOSSIBLE)
def test_x1_nothing_is_added_before_the_signature_or_after_the_settlement(
    office: Desk, state: OrderState
) -> None:
    office.order = an_order(state)
    page = form(office)
    assert page.outcome is Outcome.DONE
    assert NUMBER in page.text


@pytest.mark.parametrize("state", [OrderState.SETTLED, OrderState.CANCELLED])
def test_x1_an_order_that_is_settled_meanwhile_refuses_kindly(office: Desk, state: OrderState) -> None:
    page = filled(office)
    note(office, OrderHappening.MOVED, state=state.value)
    page.press("send")
    assert page.of(Tell) == []
    assert page.outcome is Outcome.DONE
    assert "不能再追加" in page.text


def test_r3_who_has_no_desk_any_more_sends_nothing(office: Desk) -> None:
    page = filled(office)
    office.who = Who(LIN.person_id, "林顾问")
    page.press("send")
    assert page.of(Tell) == []
    assert page.outcome is Outcome.DONE
    assert "没有发给客户" in page.text


def test_x1_the_workshop_may_propose_too(office: Desk) -> None:
    office.who, office.home_person = ZHAO, ZHAO.person_id
    assert proposed(filled(office).press("send"))["item"] == ITEM


def test_x1_a_customer_without_a_chat_is_called(office: Desk) -> None:
    assert office.order is not None
    office.order = replace(office.order, person_id=0)
    assert "已请前台打电话" in filled(office).press("send").text


def test_x1_a_timer_asks_nothing_anew(office: Desk) -> None:
    page = at_time(office)
    assert page.on(Woke("silence_nudge")).outcome is Outcome.STAY
    assert page.texts == []
