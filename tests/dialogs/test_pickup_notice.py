"""The pickup notice and the customer's own time for fetching the car (P1, P4, P5, P6, P8, B15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import Entered, Kind, Open, Outcome, Pressed, Say, Tell, Toast, Told
from dialogs.pickup import Notice
from dialogs.pickup_time import PickupTime
from domain.repair_orders import OrderState
from domain.settlement import Line, LineKind, Settlement
from tests.dialogs.bill_books import BillBooks
from tests.dialogs.conftest import ADVISOR, MONDAY, STRANGER, Conversation, Desk
from tests.dialogs.promised_order import NUMBER, PROMISED, order_in, promised

NOON = MONDAY.replace(hour=12)
READY = order_in(OrderState.READY)


@pytest.fixture
def desk() -> Desk:
    """Noon on Monday; the car is ready and promised for four."""
    return Desk(now=NOON, order=READY, colleagues=(ADVISOR,))


def notice_of(desk: Desk, *, early: bool = False) -> Conversation:
    return desk.begin("pickup", Notice(PROMISED, early), NUMBER).on(Entered())


def answers(conversation: Conversation) -> list[Any]:
    return [each.words["answer"] for each in conversation.of(Tell) if each.news == "answered"]


def keys(conversation: Conversation) -> list[str]:
    return [each.key for each in conversation.buttons()]


# ---------------------------------------------------------------- the notice


def test_p4_the_notice_says_all_that_is_needed_and_ends_politely(desk: Desk) -> None:
    notice = notice_of(desk)
    for words in (
        *("王先生，您好！", "粤B·12345", "取车时间：<b>今天 11月23日 周一 16:00</b>"),
        *("营业到：今天 11月23日 周一 17:30", "¥680", "身份证件", "创业路 8 号", "林顾问", NUMBER),
    ):
        assert words in notice.text
    assert notice.text.endswith("谢谢合作！")
    assert "提前" not in notice.text
    assert keys(notice) == ["on_time", "late", "change"]
    assert (notice.said[0].kind, notice.said[0].fresh) == (Kind.NOTICE, True)


def test_d7_where_there_is_a_bill_the_notice_names_what_is_due(desk: Desk) -> None:
    """To the fen, also once it is answered; without one the estimate says that it is none."""
    assert "费用合计：¥680，以结算单为准" in notice_of(desk).text
    lines = (Line("更换刹车片", LineKind.LABOUR, Decimal("680.35")),)
    desk.bills = BillBooks(Settlement(NUMBER, 1, lines, fleet=True))
    notice = notice_of(desk)
    assert "费用合计：¥476.25\n" in notice.text
    assert "费用合计 ¥476.25\n" in notice.press("on_time").text


def test_p6_ahead_of_time_it_says_so(desk: Desk) -> None:
    notice = notice_of(desk, early=True)
    assert "提前竣工" in notice.text
    assert "比约定的 今天 11月23日 周一 16:00 提前，<b>现在就可以来取</b>" in notice.text
    assert "取车时间：" not in notice.text
    assert notice.text.endswith("谢谢合作！")


def test_p3_a_car_that_got_ready_late_can_be_fetched_now(desk: Desk) -> None:
    desk.now = PROMISED + timedelta(minutes=20)
    notice = notice_of(desk)
    assert "让您久等了，<b>现在就可以来取</b>" in notice.text
    assert "取车时间：" not in notice.text


@pytest.mark.parametrize(
    ("now", "at", "early", "closing"),
    [
        (NOON, PROMISED, False, "今天 11月23日 周一 17:30"),
        (
            MONDAY.replace(hour=17, minute=30),
            PROMISED + timedelta(hours=17),
            False,
            "明天 11月24日 周二 17:30",
        ),
        (NOON, PROMISED + timedelta(hours=24), True, "今天 11月23日 周一 17:30"),  # P6: come at once
        (MONDAY.replace(hour=18), PROMISED, False, "明天 11月24日 周二 17:30"),
        (NOON, MONDAY.replace(hour=17, minute=30), False, "今天 11月23日 周一 17:30"),
        (NOON, datetime(2026, 11, 29, 10, tzinfo=MONDAY.tzinfo), False, "11月30日 周一 17:30"),  # a Sunday
    ],
)
def test_p8_it_says_until_when_the_shop_is_open_on_the_day_that_counts(
    desk: Desk, now: datetime, at: datetime, early: bool, closing: str
) -> None:
    desk.now = now
    desk.order = order_in(OrderState.READY, promised(at.astimezone(UTC)))
    notice = desk.begin("pickup", Notice(at, early), NUMBER).on(Entered())
    assert f"营业到：{closing}" in notice.text


# ---------------------------------------------------------------- its answers


def test_p4_on_time_is_told_once_and_thanked_in_place(desk: Desk) -> None:
    notice = notice_of(desk).press("on_time")
    assert answers(notice) == ["on_time"]
    assert "今天 11月23日 周一 16:00 等您来取车" in notice.text
    # Not worth a call where it does not arrive.
    assert [(say.in_place, say.buttons, say.kind) for say in notice.said] == [(True, (), Kind.ANSWER)]
    for key in ("on_time", "late"):
        notice.on(Pressed(key))
        assert not notice.of(Tell)
        assert not notice.of(Say)
        assert "已经收到您的答复" in notice.text


def test_p4_late_hears_until_when_we_are_open_and_may_choose_another_time(desk: Desk) -> None:
    notice = notice_of(desk).press("late")
    assert answers(notice) == ["late"]
    assert "我们营业到 <b>今天 11月23日 周一 17:30</b>" in notice.text
    assert keys(notice) == ["change"]
    notice.on(Pressed("late"))
    assert not notice.of(Tell)


@pytest.mark.parametrize("first", ["late", "change"])
def test_p4_another_time_is_asked_for_and_told_once(desk: Desk, first: str) -> None:
    notice = notice_of(desk).press(first)
    if first == "late":
        notice.press("change")
    assert answers(notice) == ["change"]
    assert notice.opened("pickup_time") == Open("pickup_time", PickupTime(PROMISED), subject=NUMBER)
    assert "原定的时间照旧" in notice.text
    notice.press("change")  # given up in the middle: the button is still there
    assert not answers(notice)
    assert notice.opened("pickup_time")


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (READY, "谢谢合作！"),
        (order_in(OrderState.SETTLED), "谢谢合作！"),
        (order_in(OrderState.IN_WORK), "请看最新的消息"),
        (order_in(OrderState.READY, promised(PROMISED + timedelta(days=1))), "请看最新的消息"),
    ],
)
@pytest.mark.parametrize("answer", ["", "on_time", "late", "change"])
def test_p5_when_it_is_over_the_buttons_go_in_place(desk: Desk, order: Any, says: str, answer: str) -> None:
    notice = desk.begin("pickup", Notice(PROMISED, answer=answer), NUMBER).on(Entered())
    desk.order = order
    notice.on(Told("over"))
    assert notice.outcome is Outcome.DONE
    assert says in notice.text
    assert [(say.in_place, say.buttons) for say in notice.said] == [(True, ())]


@pytest.mark.parametrize(
    "order",
    [
        order_in(OrderState.IN_WORK),
        order_in(OrderState.SETTLED),
        order_in(OrderState.READY, promised(PROMISED + timedelta(days=1))),
    ],
)
@pytest.mark.parametrize("key", ["on_time", "late", "change"])
def test_p5_an_answer_to_a_notice_that_does_not_hold_is_none(desk: Desk, order: Any, key: str) -> None:
    notice = notice_of(desk)
    desk.order = order
    notice.on(Pressed(key))
    assert notice.outcome is Outcome.DONE
    assert not notice.of(Tell)
    assert not notice.of(Open)
    assert [each.script for each in notice.of(Toast)] == ["pickup/over_already"]


def test_p5_an_old_button_shows_the_present_face(desk: Desk) -> None:
    """The engine enters the step again; nothing is told a second time."""
    notice = notice_of(desk).press("late").on(Entered())
    assert "我们营业到" in notice.text
    assert notice.said[0].fresh
    assert not notice.of(Tell)


# ---------------------------------------------------------------- another time


def form_of(desk: Desk) -> Conversation:
    return desk.begin("pickup_time", PickupTime(PROMISED), NUMBER).on(Entered())


def offered(form: Conversation) -> list[str]:
    return [each.value for each in form.buttons() if each.key == "at"]


def test_p5_a_time_on_a_button_is_read_back_and_told_as_a_moment(desk: Desk) -> None:
    form = form_of(desk)
    assert offered(form) == [
        *(f"2026-11-23T{hour}:00" for hour in (13, 14, 15, 16, 17)),
        *("2026-11-24T08:30", "2026-11-24T14:00", "2026-11-25T08:30", "2026-11-25T14:00"),
    ]
    form.press("at", "2026-11-24T14:00")
    assert "改为：<b>明天 11月24日 周二 14:00</b>" in form.text
    assert not form.of(Tell)
    form.press("confirm")
    assert form.outcome is Outcome.DONE
    assert form.of(Tell) == [
        Tell("order_desk", NUMBER, "pickup_changed", {"at": MONDAY.replace(day=24, hour=14)})
    ]
    assert "明天 11月24日 周二 14:00</b> 等您来取" in form.text


def test_p8_after_closing_only_open_days_are_offered(desk: Desk) -> None:
    desk.now = datetime(2026, 11, 28, 18, tzinfo=MONDAY.tzinfo)  # Saturday evening, Sunday is shut
    assert offered(form_of(desk)) == [
        *("2026-11-30T08:30", "2026-11-30T14:00", "2026-12-01T08:30", "2026-12-01T14:00")
    ]


@pytest.mark.parametrize(
    ("typed", "day", "hour", "minute"),
    [
        ("明天下午三点", 24, 15, 0),
        ("三点半", 23, 15, 30),
        ("9点", 24, 9, 0),
        ("周六上午10:15", 28, 10, 15),
        ("后天午休12点半", 25, 12, 30),  # P8: somebody is there in the break
        ("两小时后", 23, 14, 0),
    ],
)
def test_b15_a_time_may_be_typed(desk: Desk, typed: str, day: int, hour: int, minute: int) -> None:
    form = form_of(desk).say(typed).say("好的")
    assert form.of(Tell)[0].words["at"] == MONDAY.replace(day=day, hour=hour, minute=minute)


def test_b15_of_a_day_the_hours_are_shown_and_a_bare_time_is_one_of_them(desk: Desk) -> None:
    form = form_of(desk).say("明天下午")
    assert offered(form) == [f"2026-11-24T{hour}:00" for hour in (13, 14, 15, 16, 17)]
    form.say("三点")
    assert "明天 11月24日 周二 15:00" in form.text
    form.press("other_time").say("周末")  # the first day of it that is open
    assert offered(form)[0] == "2026-11-28T09:00"
    form.press("at", "2026-11-28T09:00").say("一小时后")
    assert "今天 11月23日 周一 13:00" in form.text


@pytest.mark.parametrize(
    ("typed", "words", "first"),
    [
        ("今天早上九点", "已经过去了", "2026-11-23T13:00"),
        ("昨天", "11月22日 周日 已经过去了", "2026-11-23T13:00"),
        ("晚上九点", "不在营业时间里", "2026-11-23T17:00"),
        ("周日上午十点", "11月29日 周日（门店休息）不营业", "2026-11-28T17:00"),
        ("周日", "11月29日 周日（门店休息）不营业", "2026-11-28T17:00"),
        ("12月20日上午十点", "14 天以内", "2026-12-07T11:00"),
        ("12月20日", "14 天以内", "2026-12-07T11:00"),
    ],
)
def test_p8_a_time_that_cannot_be_had_is_refused_kindly(
    desk: Desk, typed: str, words: str, first: str
) -> None:
    form = form_of(desk).say(typed)
    assert form.outcome is Outcome.ASK  # understood: nobody is sent to a person for it
    assert words in form.text
    assert offered(form)[0] == first
    assert not form.of(Tell)


def test_p8_a_public_holiday_is_named(desk: Desk) -> None:
    desk.now = datetime(2026, 12, 30, 10, tzinfo=MONDAY.tzinfo)
    form = form_of(desk).say("后天上午十点")
    assert "1月1日 周五（元旦" in form.text
    assert offered(form)


def test_p8_late_in_the_day_today_has_no_hours_left(desk: Desk) -> None:
    desk.now = MONDAY.replace(hour=17, minute=10)
    form = form_of(desk).say("今天")
    assert "今天剩下的时间已经不多了" in form.text
    assert offered(form) == ["2026-11-24T09:00", "2026-11-24T10:00", "2026-11-24T11:00"]


def test_p5_a_time_that_passed_before_it_was_confirmed_is_asked_for_again(desk: Desk) -> None:
    form = form_of(desk).press("at", "2026-11-23T13:00")
    desk.now = MONDAY.replace(hour=13)
    form.press("confirm")
    assert not form.of(Tell)
    assert "已经过去了" in form.text
    assert offered(form)[0] == "2026-11-23T14:00"


@pytest.mark.parametrize("no", ["other_time", "不是"])
def test_b15_the_time_read_back_may_be_wrong(desk: Desk, no: str) -> None:
    form = form_of(desk).press("at", "2026-11-23T13:00")
    form = form.press(no) if no == "other_time" else form.say(no)
    assert "什么时候方便来取" in form.text
    form.press("at", "2026-11-23T14:00").say("还是明天十点吧")
    assert "明天 11月24日 周二 10:00" in form.text
    assert form.say("晚上十点").step == "tell_time"  # refused from where it was read back
    assert form.say("看不懂的话").outcome is Outcome.ASK_AGAIN


@pytest.mark.parametrize(
    "typed", ["哈哈", "9999年12月31日23:59", "1900年1月1日", "下个月", "25点", "<b>{{ x }}</b>", "粤B12345"]
)
@pytest.mark.parametrize("confirming", [False, True])
def test_b15_any_words_are_answered(desk: Desk, typed: str, confirming: bool) -> None:
    form = form_of(desk)
    if confirming:
        form.press("at", "2026-11-23T13:00")
    form.say(typed)
    assert form.text
    assert not form.of(Tell)


@pytest.mark.parametrize("value", ["", "明天", "9999-12-31T23:59", "2026-11-23T03:00", "2026-02-30T10:00"])
def test_p8_a_forged_time_is_no_time(desk: Desk, value: str) -> None:
    form = form_of(desk).on(Pressed("at", value))
    assert form.step == "tell_time"
    assert form.text
    assert not form.of(Tell)


@pytest.mark.parametrize("order", [None, order_in(OrderState.IN_WORK), order_in(OrderState.LEFT)])
@pytest.mark.parametrize("begun", [False, True])
def test_p5_a_car_that_is_not_ready_any_more_needs_no_time(desk: Desk, order: Any, begun: bool) -> None:
    if begun:
        form = form_of(desk).press("at", "2026-11-23T13:00")
        desk.order = order
        form.press("confirm")
    else:
        desk.order = order
        form = form_of(desk)
    assert form.outcome is Outcome.DONE
    assert not form.of(Tell)
    assert "请看最新的消息" in form.text


def test_p5_the_desk_makes_the_time_its_promise_and_ends_the_notice(desk: Desk) -> None:
    """Both sides, played with the order's own card."""
    notice = notice_of(desk).press("change")
    form = desk.open(notice.opened("pickup_time")).press("at", "2026-11-24T14:00").press("confirm")
    told = form.of(Tell)[0]
    desk.home_person, desk.who = 0, STRANGER
    desk.order = replace(READY, person_id=3)
    hub = desk.begin("order_desk", None, NUMBER).on(Entered()).on(Told(told.news, told.words))
    assert ("pickup", "over") in [(each.dialog, each.news) for each in hub.of(Tell)]
    assert "请看最新的消息" in notice.on(Told("over")).text
    assert notice.outcome is Outcome.DONE
