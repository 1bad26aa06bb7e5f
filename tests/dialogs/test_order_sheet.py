"""The customer's card of a visit: signing, declining, how it goes, what is said on its own (O1, O2, O5, P3, P7, G2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import Entered, Home, Kind, Open, Outcome, Pressed, Say, Tell, Toast, Told
from dialogs.facts import MY_ORDERS
from dialogs.order_moves import order_words
from domain.repair_orders import (
    Arrival,
    Estimate,
    Item,
    OrderEntry,
    OrderHappening,
    OrderState,
    PartsOrigin,
    RepairOrder,
    state_of,
)
from domain.store import Service, ServiceGroup
from tests.dialogs.conftest import ADVISOR, MONDAY, SCRIPTS, STORE, STRANGER, Conversation, Desk, rendered

NUMBER = "JC261123-041"
FIVE, SIX = MONDAY.replace(hour=17), MONDAY.replace(hour=18)
ADVISED = MONDAY + timedelta(minutes=30)
AFTERMARKET = Item("前刹车片", Decimal("320.50"), Estimate.BY_SYMPTOM, PartsOrigin.AFTERMARKET)
OWN_OIL = Item("机油", Decimal(0), origin=PartsOrigin.CUSTOMER)
SERVICED = Item("小保养", Decimal(398), Estimate.FIXED)
GUARANTEE = "本店不对该配件提供质量担保"
SIGNING = {"sign", "sign_knowing", "refuse", "refuse_surely", "look_again"}


def entry(happening: OrderHappening, **details: Any) -> OrderEntry:
    return OrderEntry(ADVISED, happening, ADVISOR.person_id, ADVISOR.first_name, details)


def moved(*states: OrderState) -> tuple[OrderEntry, ...]:
    return tuple(entry(OrderHappening.MOVED, state=state.value) for state in states)


def promised(at: datetime, reason: str = "") -> OrderEntry:
    return entry(OrderHappening.PROMISED, at=at.isoformat(), reason=reason)


def proposed(item: str, price: str) -> OrderEntry:
    return entry(OrderHappening.PROPOSED, item=item, price=price, why="磨损", until="", safety=False)


DELAYED = entry(OrderHappening.DELAYED, promise=FIVE.isoformat(), reason="parts", late=False)
SIGNED = (entry(OrderHappening.CONFIRMED), *moved(OrderState.IN_SHOP))
IN_WORK = (*SIGNED, *moved(OrderState.IN_WORK))
INSPECTED = (*IN_WORK, *moved(OrderState.INSPECTION))
READY = (*INSPECTED, *moved(OrderState.READY))
SETTLED = (*READY, *moved(OrderState.SETTLED))
LEFT = (*SETTLED, *moved(OrderState.LEFT))
CANCELLED = moved(OrderState.CANCELLED)


def order_of(*more: OrderEntry, **fields: Any) -> RepairOrder:
    """Mr Wang's order, promised for five in the afternoon and not signed unless `more` says so."""
    history = (entry(OrderHappening.OPENED), promised(FIVE), *more)
    known: dict[str, Any] = {
        "number": NUMBER,
        "plate": "粤B12345",
        "customer_id": 7,
        "person_id": 3,
        "address": "王先生",
        "phone": "+8613800138000",
        "advisor": ADVISOR.person_id,
        "advisor_name": ADVISOR.first_name,
        "opened_at": MONDAY,
        "items": (SERVICED,),
    }
    return RepairOrder(**(known | fields), history=history, state=state_of(history))


def sheet_of(desk: Desk, order: RepairOrder) -> Conversation:
    """The customer's card, shown for the first time."""
    desk.order = order
    return desk.begin("order_sheet", None, NUMBER).on(Entered())


def told(sheet: Conversation, order: RepairOrder, news: str, **words: Any) -> Conversation:
    sheet.desk.order = order
    return sheet.on(Told(news, words))


def news_to_desk(sheet: Conversation) -> list[str]:
    return [each.news for each in sheet.of(Tell) if each.dialog == "order_desk"]


def keys(sheet: Conversation) -> list[str]:
    return [each.key for each in sheet.buttons()]


def card_text(sheet: Conversation) -> str:
    return next(rendered("order_sheet", say) for say in sheet.said if say.script == "order_sheet/card")


# ---------------------------------------------------------------- signing (O1, O2)


def test_o2_the_form_shows_everything_that_is_signed(desk: Desk) -> None:
    arrival = Arrival(52000, 4, "A12", ("行驶证", "雨伞"), (("photo", "p1"),))
    order = order_of(items=(SERVICED, AFTERMARKET, OWN_OIL), fault="刹车<有>异响", arrival=arrival)
    sheet = sheet_of(desk, order)
    for words in (
        *("JC261123-041", "粤B·12345", "小保养　一口价 ¥398　正厂件", "前刹车片　约 ¥320.50　副厂件"),
        *("机油　客户自备", "合计：<b>¥718.50</b>", "承诺交车：<b>今天 11月23日 周一 17:00</b>", "林顾问"),
        *("刹车&lt;有&gt;异响", "52,000 公里", "油量：半箱", "A12", "行驶证、雨伞", "1 份"),
    ):
        assert words in sheet.text
    assert sheet.text.count(GUARANTEE) == 2
    assert keys(sheet) == ["sign", "refuse", "call"]
    assert (sheet.said[0].kind, sheet.said[0].fresh) == (Kind.NOTICE, True)


def test_o2_what_was_not_noted_on_arrival_is_not_mentioned(desk: Desk) -> None:
    text = sheet_of(desk, order_of()).text
    assert GUARANTEE not in text
    assert not any(words in text for words in ("里程", "油量", "钥匙", "随车", "照片", "故障"))


def test_o4_a_very_long_order_from_another_system_still_fits_into_one_message(desk: Desk) -> None:
    """`rendered` refuses what the messaging service would."""
    items = tuple(replace(AFTERMARKET, name=f"{place}号" + "配件" * 100) for place in range(120))
    work = [proposed(f"{place}号" + "项目" * 100, "80") for place in range(60)]
    sheet = sheet_of(desk, order_of(items=items, fault="响" * 2000)).press("sign")
    assert "共 120 项" in sheet.text
    sheet.press("look_again")
    assert "共 120 项" in sheet.text
    reasons = [promised(FIVE + timedelta(hours=hour), "因" * 900) for hour in range(1, 40)]
    assert told(sheet, order_of(*IN_WORK, *work, *reasons, items=items), "promised").text


def test_o2_confirming_signs_and_the_form_becomes_the_living_card(desk: Desk) -> None:
    sheet = sheet_of(desk, order_of()).press("sign")
    assert news_to_desk(sheet) == ["signed"]
    assert "交车承诺卡" in sheet.text
    assert "🚗 已进厂" in sheet.text
    assert "已确认，谢谢王先生" in sheet.text
    assert keys(sheet) == ["call"]
    assert [(say.in_place, say.fresh) for say in sheet.said] == [(True, False)]


def test_o1_parts_without_a_guarantee_are_confirmed_on_their_own(desk: Desk) -> None:
    sheet = sheet_of(desk, order_of(items=(SERVICED, AFTERMARKET, OWN_OIL))).press("sign")
    assert not news_to_desk(sheet)
    assert f"前刹车片（副厂件）：{GUARANTEE}" in sheet.text
    assert f"机油（客户自备）：{GUARANTEE}" in sheet.text
    assert "小保养" not in sheet.text
    assert "承诺交车" not in sheet.text
    assert [SCRIPTS.label("order_sheet", key, {}) for key in keys(sheet)] == ["我知道，确认", "再想想"]
    assert "请核对维修单" in sheet.press("look_again").text
    sheet.press("sign").press("sign_knowing")
    assert news_to_desk(sheet) == ["signed"]
    assert [dict(tell.words) for tell in sheet.of(Tell)] == [{"no_guarantee": True}]


def test_o2_a_decline_is_asked_back_once_and_can_be_thought_over(desk: Desk) -> None:
    sheet = sheet_of(desk, order_of()).press("refuse")
    assert "确定这次不修了吗" in sheet.text
    assert not news_to_desk(sheet)
    sheet.press("look_again")
    assert not news_to_desk(sheet)
    assert keys(sheet) == ["sign", "refuse", "call"]


@pytest.mark.parametrize(
    ("price", "note"), [(Decimal(150), "检测费 ¥150，请在前台结清"), (None, "检测费请在前台结清")]
)
def test_o2_a_decline_ends_courteously_with_the_diagnosis_fee(
    desk: Desk, price: Decimal | None, note: str
) -> None:
    check = Service(
        code="check", name="诊断", group=ServiceGroup.DIAGNOSIS, bay_kind="repair", minutes=60, price=price
    )
    desk.store = replace(STORE, services=(check,))
    sheet = sheet_of(desk, order_of()).press("refuse").press("refuse_surely")
    assert news_to_desk(sheet) == ["declined"]
    assert note in sheet.text
    assert "谢谢您专程来一趟" in sheet.text
    said = sheet.text
    declined = order_of(entry(OrderHappening.DECLINED), *CANCELLED)
    told(sheet, declined, "cancelled")
    assert sheet.outcome is Outcome.DONE
    assert sheet.text == said  # the same face once more, no second message
    assert [(say.in_place, say.buttons) for say in sheet.said] == [(True, ())]


@pytest.mark.parametrize("history", [SIGNED, IN_WORK, READY, SETTLED, (entry(OrderHappening.CONFIRMED),)])
@pytest.mark.parametrize("key", sorted(SIGNING))
def test_o2_a_signature_that_comes_too_late_changes_nothing(
    desk: Desk, history: tuple[OrderEntry, ...], key: str
) -> None:
    """Signed on paper meanwhile, or pressed twice: the card shows what stands, without buttons to sign."""
    sheet = sheet_of(desk, order_of())
    desk.order = order_of(*history)
    sheet.on(Pressed(key))
    assert not sheet.of(Tell)
    assert [each.script for each in sheet.of(Toast)] == ["order_sheet/changed"]
    assert keys(sheet) == ["call"]


@pytest.mark.parametrize("history", [LEFT, CANCELLED])
@pytest.mark.parametrize("key", ["sign", "refuse_surely", "call"])
def test_o2_a_visit_that_is_over_has_no_buttons(
    desk: Desk, history: tuple[OrderEntry, ...], key: str
) -> None:
    sheet = sheet_of(desk, order_of())
    desk.order = order_of(*history)
    sheet.on(Pressed(key))
    assert not sheet.of(Tell)
    assert sheet.said[0].buttons == ()


def test_o2_the_desk_takes_the_signature_and_the_decline(desk: Desk) -> None:
    """Both sides of the visit, played with the order's own card."""
    desk.colleagues = (ADVISOR,)
    sheet = sheet_of(desk, order_of()).press("sign")
    desk.home_person = 0
    hub = desk.begin("order_desk", None, NUMBER).on(Entered())
    hub.on(Told("signed"))
    assert desk.order is not None
    assert desk.order.state is OrderState.IN_SHOP
    assert desk.order.is_signed
    desk.order = order_of()
    sheet = sheet_of(desk, order_of()).press("refuse").press("refuse_surely")
    hub = desk.begin("order_desk", None, NUMBER).on(Entered()).on(Told("declined"))
    assert [each.news for each in hub.of(Tell) if each.dialog == "order_sheet"] == ["cancelled"]
    assert sheet.on(Told("cancelled")).outcome is Outcome.DONE


# ---------------------------------------------------------------- wanting a call


@pytest.mark.parametrize("history", [(), IN_WORK, READY])
def test_o5_a_call_is_asked_for_once_however_often_it_is_pressed(
    desk: Desk, history: tuple[OrderEntry, ...]
) -> None:
    sheet = sheet_of(desk, order_of(*history)).press("call")
    assert news_to_desk(sheet) == ["call_wanted"]
    assert "已经请林顾问给您打电话" in sheet.text
    sheet.press("call")
    assert not sheet.of(Tell)
    assert "请稍候" in sheet.text
    desk.now += timedelta(minutes=15)
    assert news_to_desk(sheet.press("call")) == ["call_wanted"]


def test_o5_outside_opening_hours_no_call_is_promised_at_once(desk: Desk) -> None:
    desk.now = MONDAY.replace(hour=21)
    assert "开门后就给您打电话" in sheet_of(desk, order_of(*IN_WORK)).press("call").text


# ---------------------------------------------------------------- the living card (O5)


@pytest.mark.parametrize(
    ("history", "line"),
    [
        (SIGNED, "🚗 已进厂 · ▫️ 维修 · ▫️ 检验 · ▫️ 交车"),
        (IN_WORK, "✅ 已进厂 · 🔧 维修中 · ▫️ 检验 · ▫️ 交车"),
        (INSPECTED, "✅ 已进厂 · ✅ 已修完 · 🔍 检验中 · ▫️ 交车"),
        ((*INSPECTED, *moved(OrderState.IN_WORK)), "✅ 已进厂 · 🔧 维修中 · ▫️ 检验 · ▫️ 交车"),
        (READY, "✅ 已进厂 · ✅ 已修完 · ✅ 已检验 · ✅ 可交车"),
        (SETTLED, "✅ 已结算"),
    ],
)
def test_o5_the_stages_are_shown_as_they_are(desk: Desk, history: tuple[OrderEntry, ...], line: str) -> None:
    """Edited silently; work that inspection sends back is under way again."""
    sheet = told(sheet_of(desk, order_of()), order_of(*history), "moved")
    assert line in sheet.text.splitlines()
    # Not worth a call where it does not arrive.
    assert [(say.in_place, say.fresh, say.kind) for say in sheet.said] == [(True, False, Kind.ANSWER)]
    assert "林顾问" in sheet.text


def test_g2_every_change_of_the_promise_is_there_with_its_reason(desk: Desk) -> None:
    changes = (
        promised(SIX, "parts"),
        promised(SIX, "parts"),  # said twice, one change
        promised(FIVE + timedelta(days=1), "师傅<临时>请假"),
        replace(DELAYED, details={"promise": "", "reason": ""}),
        promised(FIVE + timedelta(days=1), "longer"),
    )
    text = told(sheet_of(desk, order_of()), order_of(*IN_WORK, *changes), "moved").text
    assert [line for line in text.splitlines() if line.startswith("· ")] == [
        "· 11月23日 周一 17:00 → 18:00：等配件到货",
        "· 11月23日 周一 18:00 → 11月24日 周二 17:00：师傅&lt;临时&gt;请假",
        "· 11月24日 周二 17:00 赶不上了，抱歉",
        "· 仍按 11月24日 周二 17:00：维修时间比预计长",
    ]
    assert "承诺交车：<b>11月24日 周二 17:00</b>" in text


def test_p3_a_delay_notice_that_named_the_new_time_is_no_change_of_its_own(desk: Desk) -> None:
    late = replace(DELAYED, details={"promise": FIVE.isoformat(), "reason": "parts", "to": SIX.isoformat()})
    text = told(sheet_of(desk, order_of()), order_of(*IN_WORK, promised(SIX, "parts"), late), "moved").text
    assert text.count("· 11月23日") == 1
    assert "承诺交车：<b>11月23日 周一 18:00</b>" in text


def test_p3_after_a_delay_notice_the_old_time_is_called_promised_no_more(desk: Desk) -> None:
    text = told(sheet_of(desk, order_of()), order_of(*IN_WORK, DELAYED), "moved").text
    assert "原定交车：<b>11月23日 周一 17:00</b>" in text
    assert "现在看要晚一些" in text
    assert "承诺交车" not in text


def test_x3_additional_work_is_there_with_price_and_answer(desk: Desk) -> None:
    work = (
        proposed("雨刮", "80"),
        entry(OrderHappening.AGREED, item="雨刮"),
        proposed("轮胎", "900"),
        entry(OrderHappening.REFUSED, item="轮胎"),
        proposed("电瓶", "500"),
    )
    sheet = told(sheet_of(desk, order_of()), order_of(*IN_WORK, *work), "moved")
    for line in ("· 雨刮 ¥80：您已同意", "· 轮胎 ¥900：按您的意思不做", "· 电瓶 ¥500：等您答复"):
        assert line in sheet.text.splitlines()
    assert "预估合计：¥478" in sheet.text
    settled = order_of(*READY, *work, *moved(OrderState.SETTLED))
    assert "电瓶" not in told(sheet, settled, "moved").text  # nobody waits for an answer any more


# ---------------------------------------------------------------- what is said on its own


@pytest.mark.parametrize(
    ("new", "reason", "expected"),
    [
        (SIX, "parts", ["原定：今天 11月23日 周一 17:00", "18:00</b>", "原因：等配件到货", "请您谅解"]),
        (FIVE - timedelta(hours=2), "", ["15:00</b>", "早一些拿到车"]),
    ],
)
def test_g2_a_new_time_comes_in_plain_words_and_then_on_the_card(
    desk: Desk, new: datetime, reason: str, expected: list[str]
) -> None:
    sheet = sheet_of(desk, order_of())
    told(sheet, order_of(*IN_WORK, promised(new, reason)), "promised", reason=reason)
    assert [(say.script, say.kind, say.fresh, say.in_place) for say in sheet.said] == [
        ("order_sheet/promised", Kind.NOTICE, True, False),
        ("order_sheet/card", Kind.ANSWER, False, True),
    ]
    line = rendered("order_sheet", sheet.said[0])
    assert all(words in line for words in expected)
    assert ("原因" in line) == bool(reason)


def test_p3_the_same_time_after_a_delay_is_settled_and_no_change(desk: Desk) -> None:
    sheet = told(sheet_of(desk, order_of()), order_of(*IN_WORK, DELAYED, promised(FIVE, "found")), "promised")
    line = rendered("order_sheet", sheet.said[0])
    assert "交车时间定下来了" in line
    assert "原定" not in line


@pytest.mark.parametrize(
    ("words", "expected", "never"),
    [
        (
            {"late": False},
            ["赶不上约定的 今天 11月23日 周一 17:00", "等配件到货", "一确定就告诉您"],
            "新的交车时间",
        ),
        ({"late": True}, ["没能在约定的 今天 11月23日 周一 17:00 交车"], "赶不上"),
        ({"late": False, "reason": ""}, ["维修比预计的多花了时间"], "等配件"),
        ({"late": False, "due": SIX}, ["新的交车时间：<b>今天 11月23日 周一 18:00</b>"], "核实"),
    ],
)
def test_p3_the_delay_notice_apologises_and_says_why(
    desk: Desk, words: dict[str, Any], expected: list[str], never: str
) -> None:
    sheet = told(sheet_of(desk, order_of()), order_of(*IN_WORK, DELAYED), "delayed", **words)
    line = rendered("order_sheet", sheet.said[0])
    assert (sheet.said[0].kind, sheet.said[0].fresh) == (Kind.NOTICE, True)
    assert "抱歉" in line
    assert all(part in line for part in expected)
    assert never not in line
    assert "赶不上了，抱歉" in card_text(sheet)


@pytest.mark.parametrize(
    ("history", "hour", "expected", "never"),
    [
        ((), 9, "还在等您确认", "不变"),
        (SIGNED, 9, "正在安排工位", "抱歉"),
        (IN_WORK, 9, "承诺的交车时间不变：<b>今天 11月23日 周一 17:00</b>", "抱歉"),
        (IN_WORK, 18, "已经过了，非常抱歉", "不变"),
        ((*IN_WORK, DELAYED), 9, "要晚一些，非常抱歉", "不变"),
        ((*IN_WORK, DELAYED, promised(FIVE)), 9, "不变", "抱歉"),
        (READY, 18, "已经好了，可以来取车", "抱歉"),
        (SETTLED, 18, "随时可以开走", "抱歉"),
    ],
)
def test_o5_the_status_line_is_honest(
    desk: Desk, history: tuple[OrderEntry, ...], hour: int, expected: str, never: str
) -> None:
    desk.now = MONDAY.replace(hour=hour)
    sheet = told(sheet_of(desk, order_of()), order_of(*history), "word")
    line = rendered("order_sheet", sheet.said[0])
    assert expected in line
    assert never not in line
    assert sheet.said[0].kind is Kind.NOTICE


def test_o5_asked_for_the_card_comes_anew_below_the_status_line(desk: Desk) -> None:
    sheet = told(sheet_of(desk, order_of()), order_of(*IN_WORK), "show")
    assert [(say.script, say.fresh) for say in sheet.said] == [
        ("order_sheet/word", True),
        ("order_sheet/card", True),
    ]
    assert keys(sheet) == ["call"]
    again = told(sheet_of(desk, order_of()), order_of(), "show")
    assert keys(again) == ["sign", "refuse", "call"]


def test_p7_the_farewell(desk: Desk) -> None:
    sheet = told(sheet_of(desk, order_of()), order_of(*LEFT), "left")
    assert sheet.outcome is Outcome.DONE
    assert sheet.text.endswith("王先生，祝一路平安！欢迎下次光临！")
    assert "¥398" in sheet.text
    assert "过两天我们会问问车开得怎么样" in sheet.text
    assert [(say.script, say.in_place, say.buttons) for say in sheet.said] == [
        ("order_sheet/card", True, ()),
        ("order_sheet/farewell", False, ()),
    ]
    nameless = told(sheet_of(desk, order_of()), order_of(*LEFT, address=""), "left").text
    assert nameless.splitlines()[-1] == "祝一路平安！欢迎下次光临！"


def test_o3_a_cancelled_order_is_said_and_the_card_ends(desk: Desk) -> None:
    sheet = told(sheet_of(desk, order_of()), order_of(*SIGNED, *CANCELLED), "cancelled")
    assert sheet.outcome is Outcome.DONE
    assert "已经取消" in sheet.text
    assert [say.buttons for say in sheet.said] == [(), ()]


@pytest.mark.parametrize(
    ("script", "more"),
    [
        ("order_sheet/promised", {"reason": "parts", "before": FIVE}),
        ("order_sheet/delayed", {"reason": "", "due": None, "late": True}),
        ("order_sheet/word", {}),
        ("pickup/notice", {"early": False, "ends": SIX, "bill": None}),
    ],
)
def test_p1_who_has_no_chat_can_be_read_the_same_words(desk: Desk, script: str, more: dict[str, Any]) -> None:
    """Complete without a card: who it is for, which car, which order or whom to ask."""
    desk.order = order_of(*READY, promised(SIX, "parts"), person_id=0)
    facts = desk.facts(desk.begin("order_sheet", None, NUMBER))
    home = Home(customer=7)
    said = rendered("order_sheet", Say(script, order_words(desk.order, facts) | more, to=home))
    assert "王先生" in said
    assert "粤B·12345" in said
    assert "18:00" in said or "可以来取车" in said


# ---------------------------------------------------------------- 维修进度 (O5)


@pytest.mark.parametrize("typed", ["维修进度", "我的车好了吗", "车修得怎么样了", "几点能取车"])
def test_o5_asking_for_the_car_shows_every_car_in_the_shop(desk: Desk, typed: str) -> None:
    desk.my_orders = (NUMBER, "JC261123-042")
    opened = desk.begin("front_desk").say(typed).opened("my_appointments")
    shown = desk.open(opened)
    assert shown.of(Tell) == [Tell("order_sheet", number, "show") for number in desk.my_orders]
    assert not shown.of(Say)
    desk.my_orders = ()
    assert "没有查到您在修的车" in desk.open(opened).text


def test_o5_the_front_desk_loads_no_orders_for_every_message() -> None:
    assert MY_ORDERS in DIALOGS["my_appointments"].needs
    assert MY_ORDERS not in DIALOGS["front_desk"].needs


def test_an_order_that_is_gone_ends_its_card(desk: Desk) -> None:
    desk.who = STRANGER
    sheet = desk.begin("order_sheet", None, NUMBER).on(Entered())
    assert sheet.outcome is Outcome.DONE
    assert not sheet.of(Say)
    assert not sheet.of(Open)
