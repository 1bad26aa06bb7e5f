"""Whatever people do in whatever order, a complaint is never forgotten and never exposed (C4, C6, C10, A3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.catalogue import DIALOGS
from dialogs.complaint import Account
from dialogs.complaint_contact import Contact
from dialogs.complaint_report import Report
from dialogs.complaint_words import Words
from dialogs.core import EditedText, Home, Pressed, Said, SentMedia, SharedContact, Told, Woke
from dialogs.facts import Who
from domain.complaint_chain import open_legs
from domain.complaints import Happening, Step
from tests.dialogs.complaint_case import (
    CHEN,
    FENG,
    NOBODY,
    REPORT,
    STAFF,
    WANG,
    Case,
    Talk,
    assert_in_order,
    assert_nothing_unmasked,
    at_handling,
    closed,
    present,
)
from tests.dialogs.conftest import Desk

RAW = ("粤B12345", "13800138000", "粤BD99999", "13900139000", "13700137000", "粤A8888学", "13600136000")
FIRST = "车牌粤B12345，电话138 0013 8000，你们喷的漆有色差，前台还不理人"
TEXTS = (
    "我的另一台车粤B·D99999也是这样",
    "打 139-0013-9000 找我",
    "你们叫粤A8888学过来评理，13600136000",
    "好的",
    "还是没修好，太敷衍了",
)
SOLUTION = "给粤BD99999返工，联系13700137000"
FORM = REPORT | {
    "contact": "打了13900139000",
    "responsible": "张师傅13700137000",
    "solution": SOLUTION,
    "promise": "周三打138 0013 8000",
}
KEYS = (
    "accept", "fill", "hand_up", "dispatch", "department", "send", "result", "decline", "close", "pause", "because",
    "go_on", "contact", "look", "hand_over", "to", "release", "classify", "right", "topic", "severity", "back", "x",
)  # fmt: skip
VALUES = ("", "workshop", "parts", "boardroom", "33", "999", "-1", "reply", "x", "major", "price", "gone")

pick = st.integers(0, 60)
moves = st.one_of(
    st.tuples(st.just("onward"), pick),
    st.tuples(st.just("onward"), pick),
    st.tuples(st.just("press"), st.tuples(pick, pick, pick)),
    st.tuples(st.just("press"), st.tuples(pick, pick, pick)),
    st.tuples(st.just("owner_presses"), st.tuples(pick, pick)),
    st.tuples(st.just("forge"), st.tuples(pick, pick, st.sampled_from(KEYS), st.sampled_from(VALUES))),
    st.tuples(st.just("waits"), st.tuples(pick, pick)),
    st.tuples(st.just("customer"), st.tuples(pick, pick)),
    st.tuples(st.just("form"), st.tuples(pick, pick)),
    st.tuples(st.just("time"), st.sampled_from((0.02, 0.3, 1, 1.6, 5, 9, 13, 26))),
    st.tuples(st.just("standstill"), st.sampled_from((1, 3, 11, 20, 50))),
    st.tuples(st.just("away"), st.tuples(pick, pick)),
    st.tuples(st.just("back_again"), pick),
)


def of(things: Any, number: int) -> Any:
    """One of `things`, however many there are."""
    return things[number % len(things)]


@dataclass
class Walk:
    """One way through a case: every move is something that people or time can really do."""

    case: Case

    @property
    def cards(self) -> list[Talk]:
        return self.case.of("complaint_desk")

    @property
    def everybody(self) -> tuple[Who, ...]:
        return (*self.case.desk.colleagues, WANG)

    def colleague(self, person: int) -> Who:
        return next((each for each in self.case.desk.colleagues if each.person_id == person), NOBODY)

    def do(self, move: str, given_: Any) -> None:
        deed: Callable[[Any], None] = getattr(self, move)
        deed(given_)

    def onward(self, number: int) -> None:
        """What takes a card further, done by whoever may."""
        if not self.cards:
            return self.customer((3, number))
        card = of(self.cards, number)
        leg = self.case.leg(card.conversation.state.leg)
        if card.conversation.state.face:
            self.case.press(FENG, card, "back")
        if not leg.owner:
            able = [who for who in present(self.case) if self.may(who, card, "accept")]
            self.case.press(of(able, number), card, "accept")
            return None
        owner = self.colleague(leg.owner)
        if leg.step is not Step.DISPATCH and not leg.report:
            told = Told("reported", {"leg": leg.name, "report": FORM})
            return self.case.on(card, told, owner)
        if leg.step is Step.DISPATCH or (leg.step is Step.SUMMARY and number % 3 == 0):
            self.case.press(owner, card, "dispatch")
            if number % 2:
                self.case.press(owner, card, "department", of(("parts", "sales", "front_desk"), number))
            self.case.press(owner, card, "send")
            return None
        ending = {Step.HANDLING: "hand_up", Step.DEPARTMENT: "result", Step.SUMMARY: "close"}[leg.step]
        self.case.press(owner, card, ending)
        return None

    def may(self, who: Who, card: Talk, key: str) -> bool:
        self.case.desk.who, self.case.desk.home_person = who, 0
        facts = self.case.desk.facts(card.conversation)
        return DIALOGS["complaint_desk"].authority[key](card.conversation.state, facts)

    def press(self, numbers: tuple[int, int, int]) -> None:
        """Anybody presses anything that is shown on any card."""
        if self.cards:
            card = of(self.cards, numbers[1])
            button = of(card.buttons, numbers[2])
            self.case.press(of(self.everybody, numbers[0]), card, button.key, button.value)

    def owner_presses(self, numbers: tuple[int, int]) -> None:
        """Whoever has the case presses anything."""
        if self.cards:
            card = of(self.cards, numbers[0])
            button = of(card.buttons, numbers[1])
            owner = self.colleague(self.case.leg(card.conversation.state.leg).owner)
            self.case.press(owner, card, button.key, button.value)

    def waits(self, numbers: tuple[int, int]) -> None:
        """The owner waits for the customer, or goes on."""
        if not self.cards:
            return
        card = of(self.cards, numbers[0])
        owner = self.colleague(self.case.leg(card.conversation.state.leg).owner)
        shown = {each.key for each in card.buttons}
        if "go_on" in shown:
            self.case.press(owner, card, "go_on")
        elif "pause" in shown and self.case.press(owner, card, "pause"):
            self.case.press(owner, card, "because", of(("reply", "visit", "papers"), numbers[1]))

    def forge(self, wanted: tuple[int, int, str, str]) -> None:
        """A press of something that is not shown: nothing of it reaches the history."""
        if not self.cards:
            return
        card = of(self.cards, wanted[1])
        before = self.case.complaint
        if (wanted[2], wanted[3]) not in {(each.key, each.value) for each in card.buttons}:
            self.case.tap(of(self.everybody, wanted[0]), card, Pressed(wanted[2], wanted[3]))
            assert self.case.complaint == before

    def form(self, numbers: tuple[int, int]) -> None:
        """A form comes in from anybody, perhaps of a step that is over; or a call was made."""
        legs = [each.leg for each in self.case.complaint.history if each.happening is Happening.BEGUN]
        news = of(("reported", "contacted"), numbers[0])
        words = {"leg": of(legs, numbers[0]), "report": FORM, "how": "phone"}
        for card in self.cards:
            self.case.on(card, Told(news, words), of(self.everybody, numbers[1]))

    def customer(self, numbers: tuple[int, int]) -> None:
        """The customer presses their sheet, says more, sends a photo."""
        talks = [talk for talk in self.case.talks if talk.open and talk.home.person == WANG.person_id]
        if not talks:
            return
        words = [talk for talk in talks if talk.conversation.dialog == "complaint_words"]
        if words and numbers[0] % 3 == 0:
            said = of((*map(Said, TEXTS), SentMedia("photo", "f1", "粤B12345")), numbers[1])
            self.case.on(words[-1], said, WANG)
        elif (sheet := talks[0]).buttons:
            button = of(sheet.buttons, numbers[1])
            self.case.press(WANG, sheet, button.key, button.value)

    def time(self, hours: float) -> None:
        self.case.later(hours=hours)

    def standstill(self, hours: float) -> None:
        """Nothing rings for a while; then people act before the first timer does, or after."""
        self.case.desk.now += timedelta(hours=hours)

    def away(self, numbers: tuple[int, int]) -> None:
        """Somebody is away, with or without a substitute; one general manager is always there."""
        person, to = of(STAFF[:-2], numbers[0]), of((*STAFF, None), numbers[1])
        known = self.colleague(person.person_id)
        if (
            known.absent_until is None
            and to != person
            and (to is None or self.colleague(to.person_id) in present(self.case))
        ):
            self.case.gone(known, to and self.colleague(to.person_id))

    def back_again(self, number: int) -> None:
        person = of(STAFF, number)
        known = self.colleague(person.person_id)
        back = replace(known, absent_until=None, substitute=0)
        self.case.desk.colleagues = tuple(
            back if each == known else each for each in self.case.desk.colleagues
        )


@given(walk=st.lists(moves, min_size=10, max_size=50))
def test_c4_c6_whatever_happens_every_case_is_somebodys_and_every_alarm_rings_once(
    walk: list[Any],
) -> None:
    """Open ⇔ an open leg; each with one card, one owner at most and exactly its alarms; history only grows; A3."""
    desk = Desk(customer=None, who=replace(WANG, first_name="小王13600136000"))
    case = Case(desk)
    case.file(FIRST)
    known = case.complaint
    for move, given_ in walk:
        Walk(case).do(move, given_)
        assert case.complaint.history[: len(known.history)] == known.history
        known = case.complaint
        assert_in_order(case)
    case.later(days=3)
    assert_in_order(case)
    for leg in open_legs(case.complaint.history):
        waits = leg.pause is not None
        assert waits or {"warned", "breached", "raised"} == set(leg.alarms)
    assert_nothing_unmasked(case, *RAW)


# ---------------------------------------------------------------- any event at the customer's and the owner's own talks


STATES: dict[str, tuple[Any, ...]] = {
    "complaint": (Account(), Account("喷漆有色差", doubtful=True), Account(asks_state=True)),
    "complaint_words": (Words(), Words(asked=True, heard="车窗漏水"), Words(unsure=True, topics=("parts",))),
    "complaint_sheet": (None,),
    "complaint_contact": (
        Contact("handling.front_desk.1", "王先生", "+8613800138000", "粤B12345", 3),
        Contact(),
    ),
    "complaint_report": (Report("handling.front_desk.1"),),
}
ANY_KEY = (*KEYS, "yes", "no", "add", "state", "another", "cancel", "that_is_all", "more", "boss", "satisfied",
           "dissatisfied", "write", "reached", "not_reached", "edit", "afresh", "cause", "responsible", "skip", "loss",
           "submit", "change")  # fmt: skip
any_event = st.one_of(
    st.builds(Said, st.sampled_from((*TEXTS, "取消", "投诉怎么样了", "<b>{{ x }}</b>", "😀", "确认"))),
    st.builds(Said, st.text(min_size=1, max_size=40)),
    st.builds(Pressed, st.sampled_from(ANY_KEY), st.sampled_from((*VALUES, "process", "hidden", "cause"))),
    st.builds(
        SentMedia, st.sampled_from(("photo", "voice", "sticker", "location")), st.sampled_from(("", "f1"))
    ),
    st.just(EditedText("改了")),
    st.builds(SharedContact, st.sampled_from(("13800138000", "x")), st.booleans()),
    st.builds(
        Told, st.sampled_from(("accepted", "closed", "show", "breached", "strange")), st.just({"who": "陈晓"})
    ),
    st.builds(Woke, st.sampled_from(("gathered", "enough", "put_away", "nobody_forgotten", "other"))),
    st.integers(0, 20),
)


@pytest.mark.parametrize("dialog", sorted(STATES))
@given(
    place=st.sampled_from((at_handling, closed)),
    number=pick,
    events=st.lists(any_event, max_size=12),
)
def test_no_event_breaks_a_talk_about_a_complaint_or_stays_unanswered(
    dialog: str, place: Callable[[Desk], Case], number: int, events: list[Any]
) -> None:
    """Forms, sheets and cards in a private chat: no error, never silent to a person, the case stays in order."""
    case = place(Desk())
    who = WANG if dialog in ("complaint", "complaint_words", "complaint_sheet") else CHEN
    talk = case.begin(
        dialog, of(STATES[dialog], number), Home(person=who.person_id), who, case.complaint.number
    )
    for event in events:
        if not talk.open:
            break
        before, heard = case.complaint, len(case.heard) + len(case.toasts)
        if isinstance(event, int):
            if not talk.buttons:
                continue
            button = of(talk.buttons, event)
            event = Pressed(button.key, button.value)
        case.on(talk, event, who)
        gathering = any("gathered" in words.conversation.timers for words in case.of("complaint_words"))
        answered = gathering or len(case.heard) + len(case.toasts) > heard
        assert answered or isinstance(event, Told | Woke), f"silent on {event}"
        if case.complaint.number != before.number:
            break  # another case: the desk in memory keeps the books of one
        assert case.complaint.history[: len(before.history)] == before.history
        assert_in_order(case)
