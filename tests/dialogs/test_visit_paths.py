"""Whatever people do in whatever order: a visit's clock fits its history, and nobody hears twice or too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from dialogs.core import EditedText, Pressed, Said, SentMedia
from dialogs.facts import Who
from domain.repair_orders import OrderHappening, OrderState
from tests.dialogs.conftest import Desk
from tests.dialogs.visit_case import (
    EVERYBODY,
    LIN,
    STAFF,
    SUN,
    WANG,
    Talk,
    VisitCase,
    assert_in_order,
    grown,
    in_work,
    is_over,
    left,
    ready,
    signed,
)

FORMS = ("promise_form", "work_form", "pickup_time", "writing")
LINES = (
    "粤B12345 小保养 今天17:00 398",
    "粤B12345 小保养 今天10:00 398",
    "粤B12345 大保养 明天上午11点 1280",
    "粤B12345 变速箱维修 11月27日15:00 3600 副厂",
)
TEXTS = (
    "今天下午四点",
    "明天上午十点",
    "晚半小时",
    "11月28日 16:00",
    "昨天",
    "前刹车片磨到底了",
    "480",
    "确认",
    "取消",
    "😀",
    "<b>{{ x }}</b>",
)
AHEAD = ("12月1日 10:00", "12月2日 09:00", "12月3日 16:30")  # later than anything a walk comes to
KEYS = ("in_work", "ready", "all_ready", "early", "left", "settled", "cancel_sure", "tick", "to", "phone_yes", "sign",
        "agree", "on_time", "late", "change", "reason", "send", "x")  # fmt: skip
VALUES = ("", "checked", "0", "7", "-1", "31", "30", "parts", "2026-11-27T15:00", "x")

pick = st.integers(0, 60)
moves = st.one_of(
    st.tuples(st.just("onward"), pick),
    st.tuples(st.just("onward"), pick),
    st.tuples(st.just("onward"), pick),
    st.tuples(st.just("press"), st.tuples(pick, pick, pick)),
    st.tuples(st.just("press"), st.tuples(pick, pick, pick)),
    st.tuples(st.just("fill"), st.tuples(pick, pick)),
    st.tuples(st.just("fill"), st.tuples(pick, pick)),
    st.tuples(st.just("say"), st.tuples(pick, pick)),
    st.tuples(st.just("proposes"), st.tuples(pick, pick)),
    st.tuples(st.just("promises"), pick),
    st.tuples(st.just("customer"), st.tuples(pick, pick)),
    st.tuples(st.just("customer"), st.tuples(pick, pick)),
    st.tuples(st.just("forge"), st.tuples(pick, pick, st.sampled_from(KEYS), st.sampled_from(VALUES))),
    st.tuples(st.just("time"), st.sampled_from((0.02, 0.2, 0.3, 0.6, 1, 3, 8, 16))),
    st.tuples(st.just("standstill"), st.sampled_from((0.3, 1, 4, 20))),
)
walks = st.lists(moves, min_size=8, max_size=45)


def of(things: Any, number: int) -> Any:
    """One of `things`, however many there are."""
    return things[number % len(things)]


@dataclass
class Walk:
    """One way through a visit: every move is something that people or time can really do."""

    case: VisitCase

    @property
    def talks(self) -> list[Talk]:
        """What shows something to press, and what waits for words."""
        return [talk for talk in self.case.talks if talk.open and talk.dialog != "staff_desk"]

    def do(self, move: str, given_: Any) -> None:
        deed: Callable[[Any], None] = getattr(self, move)
        deed(given_)

    def onward(self, number: int) -> None:
        """What takes the car further, by whoever may."""
        case, state = self.case, self.case.order.state
        if is_over(case.order):
            return
        if case.hub.conversation.state.face:
            case.press(LIN, case.hub, "back")
        match state:
            case OrderState.AWAITING if case.of("order_sheet") and number % 2:
                self.shown(WANG, case.one("order_sheet"), "sign", "sign_knowing", "look_again")
            case OrderState.AWAITING:
                case.step(LIN, "in_shop", "signed_on_paper")
            case OrderState.INSPECTION:
                case.ready()
            case _:
                usual = {
                    OrderState.IN_SHOP: "in_work",
                    OrderState.IN_WORK: "inspection",
                    OrderState.READY: "settled",
                    OrderState.SETTLED: "left",
                }
                case.step(SUN if state.is_in_work else LIN, usual[state])

    def shown(self, who: Who, talk: Talk, *keys: str) -> None:
        """The first of these buttons that is there."""
        there = [key for key in keys if any(button.key == key for button in talk.buttons)]
        if there:
            self.case.press(who, talk, there[0])

    def offered(self, key: str) -> bool:
        """Whether the order's card has this button now."""
        return not is_over(self.case.order) and any(each.key == key for each in self.case.hub.buttons)

    def proposes(self, numbers: tuple[int, int]) -> None:
        """Additional work is proposed to the end, with or without a later hand-over."""
        if self.offered("propose") and not self.case.of("work_form"):
            item, until = of(("前刹车片", "后刹车片"), numbers[0]), of(("", "", *AHEAD), numbers[1])
            self.case.propose(item, until, safety=numbers[1] % 2 == 0)

    def promises(self, number: int) -> None:
        """The advisor promises another time, as far as it can be promised."""
        if self.offered("new_time") and not self.case.of("promise_form"):
            self.case.promise(of(AHEAD, number))

    def customer(self, numbers: tuple[int, int]) -> None:
        """The customer answers whatever they are asked, the newest question more often."""
        asked = [talk for talk in self.talks if talk.home.person == WANG.person_id and talk.buttons]
        if asked:
            talk = asked[-1] if numbers[0] % 3 else of(asked, numbers[0])
            button = of(talk.buttons, numbers[1])
            self.case.press(WANG, talk, button.key, button.value)

    def press(self, numbers: tuple[int, int, int]) -> None:
        """Anybody presses anything that is shown anywhere."""
        if able := [talk for talk in self.talks if talk.buttons]:
            talk = of(able, numbers[0])
            button = of(talk.buttons, numbers[1])
            who = self.reader(talk) or of(EVERYBODY, numbers[2])
            self.case.press(who, talk, button.key, button.value)

    def fill(self, numbers: tuple[int, int]) -> None:
        """Whoever has a form open presses one of its buttons; the usual way on is pressed more often."""
        if forms := [talk for talk in self.talks if talk.dialog in FORMS and talk.buttons]:
            talk = of(forms, numbers[0])
            ways = [each for each in talk.buttons if each.key != "cancel"] or talk.buttons
            button = of(ways, numbers[1])
            who = self.reader(talk)
            assert who is not None
            self.case.press(who, talk, button.key, button.value)

    def say(self, numbers: tuple[int, int]) -> None:
        """Whoever has a form open types something into it, or sends a photo."""
        if forms := [talk for talk in self.talks if talk.dialog in FORMS]:
            talk = of(forms, numbers[0])
            who = self.reader(talk)
            assert who is not None
            words = of((*map(Said, TEXTS), SentMedia("photo", "f1"), EditedText("改了")), numbers[1])
            self.case.on(talk, words, who)

    def forge(self, given_: tuple[int, int, str, str]) -> None:
        """Somebody sends the data of a button that may not be there."""
        place, who, key, value = given_
        if self.talks:
            self.case.tap(of(EVERYBODY, who), of(self.talks, place), Pressed(key, value))

    def time(self, hours: float) -> None:
        self.case.later(hours=hours)

    def standstill(self, hours: float) -> None:
        """Nothing rings for a while; then people act before the first timer does, or after."""
        self.case.desk.now += timedelta(hours=hours)

    def reader(self, talk: Talk) -> Who | None:
        """Whose private chat it is."""
        return next((each for each in EVERYBODY if each.person_id == talk.home.person), None)


@given(line=st.sampled_from(LINES), walk=walks)
def test_o_p_whatever_happens_a_visits_clock_fits_its_history_and_nobody_hears_twice_or_too_late(
    line: str, walk: list[Any]
) -> None:
    """Open ⇔ a card; its timers are exactly the plan's; notices once; late is said in time; nothing is left behind."""
    case = VisitCase(Desk()).open(line)
    known = case.order.history
    assert_in_order(case)
    for move, given_ in walk:
        Walk(case).do(move, given_)
        assert grown(known, case.order)
        known = case.order.history
        assert_in_order(case)
    case.later(days=9)
    assert_in_order(case)
    event(case.order.state.value)


@given(start=st.sampled_from((signed, in_work, ready)), walk=walks)
def test_p_x_the_same_from_the_middle_of_a_visit(start: Callable[[Desk], VisitCase], walk: list[Any]) -> None:
    """Deeper into the visit, where answers to notices and additional work are at home."""
    case = start(Desk())
    for move, given_ in walk:
        Walk(case).do(move, given_)
        assert_in_order(case)
    case.later(days=9)
    assert_in_order(case)


# ---------------------------------------------------------------- some ways by name


def test_p1_p4_p7_a_visit_as_it_should_go() -> None:
    """Six messages to the customer: the order, the notice at its minute, farewell; the rest is in their card."""
    case = left(Desk())
    assert [each.script for each in case.read(WANG)] == [
        "order_sheet/form",
        "pickup/notice",
        "order_sheet/farewell",
    ]
    (notice,) = case.read(WANG, "pickup/notice")
    assert f"{notice.at:%H:%M}" == "16:00"
    assert_in_order(case)


def test_p3_g2_late_the_customer_hears_it_and_then_the_new_time_and_then_that_it_is_ready() -> None:
    case = in_work(Desk())
    case.later(hours=7.1)
    assert [f"{each.at:%H:%M}" for each in case.read(WANG, "order_sheet/delayed")] == ["16:00"]
    assert [f"{each.at:%H:%M}" for each in case.read(LIN, "delay_question/card")] == ["15:30"]
    case.promise("明天上午十点")
    (told,) = case.read(WANG, "order_sheet/promised")
    assert "10:00" in told.text
    case.step(SUN, "inspection")
    case.ready()
    case.later(days=1)
    assert [f"{each.at:%d %H:%M}" for each in case.read(WANG, "pickup/notice")] == ["24 09:00"]
    assert_in_order(case)


def test_x3_additional_work_moves_the_promise_and_its_notice() -> None:
    """The answer is in the workshop's topic in the same second."""
    case = in_work(Desk())
    case.propose(until="明天上午十点")
    assert "10:00" in case.read(WANG, "additional_work/question")[0].text
    case.press(WANG, case.one("additional_work"), "agree")
    agreed = case.order.of(OrderHappening.AGREED)[0].at
    assert [each.at for each in case.heard if each.script == "order_desk/work_answered"][:1] == [agreed]
    assert f"{case.hub.conversation.timers['notice']:%d %H:%M}" == "24 09:00"
    assert case.read(WANG, "order_sheet/promised") == []
    assert_in_order(case)


def test_r2_nobody_else_presses_the_cards_of_a_visit() -> None:
    """The customer's own card is theirs, the shop's cards are the shop's."""
    case = in_work(Desk())
    history = case.order.history
    for who in (WANG, Who(99, "路人")):
        for button in case.hub.buttons:
            assert not case.tap(who, case.hub, Pressed(button.key, button.value)), button.key
    for who in STAFF:
        assert not case.tap(who, case.one("order_sheet"), Pressed("call"))
    assert case.order.history == history
