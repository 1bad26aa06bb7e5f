"""在修车辆: whose car stands where, which promise is broken, and how a card is fetched (P1, R2, R4, A3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import HERE, Entered, Home, Open, Outcome, Pressed, Say, Tell, Told
from dialogs.facts import CarInShop, Who
from dialogs.in_shop import IN_SHOP_LIST, MOST_LINES, Asked, asked_for
from domain.people import Queue, Role
from domain.repair_orders import OrderState, VisitFigures
from tests.dialogs.conftest import MONDAY, STORE

LIN = Who(11, "林顾问", roles=frozenset({Role.ADVISOR}))
SUN = Who(12, "孙顾问", roles=frozenset({Role.ADVISOR}))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def car(
    place: int,
    due: timedelta | None = HOUR * 5,
    state: OrderState = OrderState.IN_WORK,
    advisor: Who = SUN,
) -> CarInShop:
    promised = None if due is None else MONDAY + due
    number, plate = f"JC261123-{place:03d}", f"粤B{place:05d}"
    return CarInShop(number, plate, "王先生", state, advisor.person_id, advisor.first_name, promised)


def page_of(desk: Any, *cars: CarInShop, who: Who = LIN) -> Any:
    desk.who, desk.home_person, desk.in_shop = who, who.person_id, cars
    desk.colleagues = desk.colleagues or (LIN, SUN)
    return desk.open(Open("in_shop", Asked()))


def in_group(desk: Any, *cars: CarInShop) -> Any:
    """The list at a queue: what the step is told there differs from a private chat by its queue alone."""
    page = page_of(desk, *cars)
    told = desk.facts
    desk.facts = lambda conversation: replace(told(conversation), queue=Queue.WORKSHOP, home_person=0)
    return page.on(Entered())


def lines(page: Any) -> list[str]:
    return [line for line in page.text.splitlines() if " · " in line]


def labels(page: Any) -> list[tuple[str, str]]:
    return [(button.key, button.value) for button in page.buttons()]


def turning(page: Any) -> list[tuple[str, str]]:
    return [each for each in labels(page) if each[0] in ("earlier", "further")]


def test_every_line_says_whose_car_in_which_state_until_when_and_who_is_responsible(desk: Any) -> None:
    page = page_of(desk, car(1), car(2, HOUR * 30, OrderState.INSPECTION), car(3, None, OrderState.AWAITING))
    assert lines(page) == [
        "粤B·00001 王先生 · 维修中 · 今天 周一 14:00 · 孙顾问",
        "粤B·00002 王先生 · 待检验 · 明天 周二 15:00 · 孙顾问",
        "粤B·00003 王先生 · 待确认 · 未定交车时间 · 孙顾问",
    ]
    nobody = replace(car(4), advisor=0, advisor_name="")
    assert lines(page_of(desk, nobody)) == ["粤B·00004 王先生 · 维修中 · 今天 周一 14:00"]


@pytest.mark.parametrize(
    ("due", "mark"),
    [
        (HOUR + MINUTE, "粤"),
        (HOUR, "🟡"),
        (MINUTE, "🟡"),
        (timedelta(0), "🔴"),
        (-HOUR, "🔴"),
    ],
)
def test_p1_yellow_within_the_lead_red_when_the_time_has_come(desk: Any, due: timedelta, mark: str) -> None:
    page = page_of(desk, car(1, due))
    assert lines(page)[0][0] == mark
    assert ("1 台已过交车时间" in page.text) == (mark == "🔴")


def test_p1_the_lead_is_the_stores_own(desk: Any) -> None:
    desk.store = replace(STORE, visits=VisitFigures(short_lead_hours=2))
    assert lines(page_of(desk, car(1, HOUR * 2)))[0].startswith("🟡")


@pytest.mark.parametrize("state", [each for each in OrderState if each.is_open])
def test_a_promise_can_only_break_while_work_goes_on(desk: Any, state: OrderState) -> None:
    """Before the signature none counts; what is ready waits for its customer."""
    late = state in (OrderState.IN_SHOP, OrderState.IN_WORK, OrderState.INSPECTION)
    for due in (-HOUR, MINUTE):
        assert (lines(page_of(desk, car(1, due, state)))[0][0] in "🔴🟡") == late


def test_ones_own_cars_come_first_each_part_by_its_time(desk: Any) -> None:
    page = page_of(
        desk,
        car(1, HOUR),
        car(2, 3 * HOUR, advisor=LIN),
        car(3, None),
        car(4, 2 * HOUR, advisor=LIN),
        car(5, -HOUR),
    )
    assert [number[-1] for key, number in labels(page) if key == "open"] == ["4", "2", "5", "1", "3"]
    assert page.text.index("我的") < page.text.index("00004") < page.text.index("其他同事的")
    assert page.text.index("其他同事的") < page.text.index("00005")


def test_r4_who_stands_in_sees_the_cars_as_their_own(desk: Any) -> None:
    away = replace(SUN, absent_until=MONDAY + timedelta(days=2), substitute=LIN.person_id)
    desk.colleagues = (LIN, away)
    page = page_of(desk, car(1, HOUR, advisor=Who(13, "周顾问")), car(2))
    assert [number[-1] for key, number in labels(page) if key == "open"] == ["2", "1"]
    desk.colleagues = (LIN, SUN)
    assert "我的" not in page_of(desk, car(2)).text


def test_only_mine_and_all_again(desk: Any) -> None:
    page = page_of(desk, car(1), car(2, advisor=LIN))
    assert len(lines(page.press("mine"))) == 1
    assert "其他同事的" not in page.text
    assert "1 台" in page.text
    assert ("mine", "") not in labels(page)
    assert len(lines(page.press("everybody"))) == 2


def test_who_has_no_car_is_offered_no_list_of_their_own(desk: Any) -> None:
    page = page_of(desk, car(1))
    assert [key for key, _ in labels(page)] == ["open", "refresh"]
    assert "其他同事的" not in page.text
    assert len(lines(page.on(Pressed("mine")))) == 1


def test_ones_last_car_has_left_while_only_ones_own_were_shown(desk: Any) -> None:
    page = page_of(desk, car(1), car(2, advisor=LIN)).press("mine")
    desk.in_shop = (car(1),)
    assert len(lines(page.press("refresh"))) == 1
    assert page.state == Asked()


def test_a_long_list_has_pages(desk: Any) -> None:
    page = page_of(desk, *(car(place, HOUR * place) for place in range(1, 31)))
    assert len(lines(page)) == MOST_LINES
    assert "30 台（第 1/3 页）" in page.text
    assert turning(page) == [("further", "1")]
    page.press("further")
    assert turning(page) == [("earlier", "0"), ("further", "2")]
    assert "00013" in lines(page)[0]
    page.press("further")
    assert len(lines(page)) == 6
    assert turning(page) == [("earlier", "1")]


def test_the_heading_stands_over_the_part_that_a_page_shows(desk: Any) -> None:
    own = [car(place, HOUR * place, advisor=LIN) for place in range(1, 14)]
    page = page_of(desk, *own, car(20))
    assert "我的" in page.text
    assert "其他同事的" not in page.text
    page.press("further")
    assert page.text.index("我的") < page.text.index("00013") < page.text.index("其他同事的")


def test_cars_that_left_meanwhile_shorten_the_list(desk: Any) -> None:
    page = page_of(desk, *(car(place) for place in range(1, 31))).press("further").press("further")
    desk.in_shop = (car(1), car(2))
    assert len(lines(page.press("refresh"))) == 2
    assert page.state.page == 0


@pytest.mark.parametrize("number", ["-1", "", "x", "²", "99"])
def test_a_forged_page_breaks_nothing(desk: Any, number: str) -> None:
    page = page_of(desk, *(car(place) for place in range(1, 31)))
    page.on(Pressed("further", number))
    assert page.state.page == (2 if number == "99" else 0)


def test_a_press_brings_the_card_to_who_pressed(desk: Any) -> None:
    page = page_of(desk, car(1), car(2, advisor=LIN)).press("open", "JC261123-001")
    assert page.of(Tell) == [Tell("order_desk", "JC261123-001", "show_to", {"person": LIN.person_id})]
    assert page.outcome is Outcome.STAY
    assert "JC261123-001" in page.text


@pytest.mark.parametrize("number", ["JC261123-001", "", "YY261123-001"])
def test_what_has_left_or_was_never_there_is_not_fetched(desk: Any, number: str) -> None:
    page = page_of(desk, car(1), car(2))
    desk.in_shop = (car(2),)
    page.on(Pressed("open", number))
    assert not page.of(Tell)
    assert len(lines(page)) == 1
    assert "列表已更新" in page.text


def test_an_empty_shop_is_told_warmly(desk: Any) -> None:
    page = page_of(desk)
    assert "没有在修车辆" in page.text
    assert [key for key, _ in labels(page)] == ["refresh"]
    desk.in_shop = (car(1),)
    assert len(lines(page.press("refresh"))) == 1


def test_a3_in_the_group_everybodys_cars_masked(desk: Any) -> None:
    page = in_group(desk, car(12345, HOUR, advisor=LIN), car(2), replace(car(3), address="张 13800138000"))
    assert "粤B·1**45" in page.text
    assert not [one for one in ("12345", "13800138000", "我的") if one in page.text]
    assert [key for key, _ in labels(page)] == ["open", "open", "open", "refresh"]
    assert {button.label for button in page.buttons() if button.key == "open"} == {"open_masked"}
    assert not page.on(Pressed("mine")).of(Say)


def test_in_the_group_whoever_presses_has_the_card(desk: Any) -> None:
    page = in_group(desk, car(1))
    desk.who = SUN
    assert page.press("open").of(Tell)[0].words == {"person": SUN.person_id}


def test_a_new_list_takes_the_place_of_the_old_at_its_own_place(desk: Any) -> None:
    page = page_of(desk, car(1))
    tell, opened = asked_for(desk.facts(page))
    assert (tell.dialog, tell.subject, opened.home) == ("in_shop", opened.subject, HERE)
    assert page.on(Told(tell.news)).outcome is Outcome.DONE
    page = page_of(desk, car(1), who=SUN)
    assert asked_for(desk.facts(page))[0].subject != tell.subject
    desk.in_group = True
    tell, opened = asked_for(desk.facts(page))
    assert (tell.subject, opened.home) == (opened.subject, Home(queue=Queue.WORKSHOP))


@pytest.mark.parametrize("words", ["在修车辆", "/cars", "/cars@desk_bot"])
def test_r2_colleagues_ask_for_it_and_nobody_else(desk: Any, words: str) -> None:
    desk.who = LIN
    staff_desk = desk.begin("staff_desk").say(words)
    assert staff_desk.opened("in_shop").state == Asked()
    desk.who = Who(3, "小王")
    assert not staff_desk.say(words).of(Open)


def test_r2_every_button_is_for_colleagues_alone(desk: Any) -> None:
    page = page_of(desk, car(1))
    assert set(IN_SHOP_LIST.authority) == {"open", "earlier", "further", "mine", "everybody", "refresh"}
    assert all(permit(page.state, desk.facts(page)) for permit in IN_SHOP_LIST.authority.values())
    desk.who = Who(11, "林顾问")
    assert not any(permit(page.state, desk.facts(page)) for permit in IN_SHOP_LIST.authority.values())


def test_the_list_waits_for_ever(desk: Any) -> None:
    assert DIALOGS["in_shop"].patient
    assert page_of(desk, car(1)).timers == {}
