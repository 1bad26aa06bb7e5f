"""Any sheet, any answers in any order: it always ends politely, and what is kept is what was given (F3, F4)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.core import Entered, Outcome, Pressed, Said, SentMedia, Woke
from dialogs.effects import FileComplaint, NoteFollowUp
from domain.follow_ups import FollowUpState, Hindrance
from domain.questionnaires import (
    NO,
    RATINGS,
    YES,
    Answer,
    Condition,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
)
from tests.dialogs.conftest import Conversation, Desk
from tests.dialogs.follow_up_books import FollowUpBooks
from tests.dialogs.follow_up_case import BOSS, CHECK, CUSTOMER, NOBODY, NUMBER, SECOND, SUPERVISOR, contact

K = QuestionKind
MOST_TIMERS = 40
"""So many timers in a row, without a word from the customer, end any follow-up."""

ANSWERING = frozenset({"begin", "go_on", "answer", "tick", "ticked", "skip", "read", "on", "confirm"})
SELDOM = 11
"""From this on of twelve, a button is pressed that leads elsewhere."""

STORIES = ("师傅很细心，讲得也明白", "空调比以前凉快多了", "周末人多，停车要绕一圈", "第二次来")
"""What a contented customer writes: no number, no option, nothing to complain about."""

NOISE = ("哈哈哈", "😀", "嗯哼哼", "<b>{{ x }}</b>")
MEDIA = (("voice", "V"), ("photo", "P"), ("video", "F"))


def _codes(question: Question) -> tuple[str, ...]:
    match question.kind:
        case K.RATING:
            return RATINGS
        case K.YES_NO:
            return YES, NO
        case _:
            return tuple(each.code for each in question.options)


@st.composite
def conditions(draw: st.DrawFn, before: list[Question]) -> Condition | None:
    """One simple condition on a question before it, or on a sheet before this one."""
    if draw(st.booleans()):
        return None
    if not before or draw(st.integers(0, 3)) == 0:
        return Condition("then", earlier=True, bad=draw(st.booleans()))
    on = draw(st.sampled_from(before))
    ways: list[dict[str, Any]] = [{"answered": draw(st.booleans())}, {"bad": False}]
    if on.kind is K.RATING:
        ways += [{"at_most": 4}, {"at_least": 4}]
    if codes := _codes(on):
        ways.append({"codes": (draw(st.sampled_from(codes)),)})
    return Condition(on.id, **draw(st.sampled_from(ways)))


@st.composite
def sheets(draw: st.DrawFn) -> Questionnaire:
    """One to seven questions of any kind."""
    questions: list[Question] = []
    for place in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(list(K)))
        options: tuple[Option, ...] = ()
        if kind in (K.SINGLE, K.MULTIPLE):
            options = tuple(
                Option(f"o{each}", f"第{place}题选项{each}") for each in range(draw(st.integers(1, 4)))
            )
        question = Question(
            f"q{place}",
            kind,
            f"问题{place}？",
            options,
            draw(conditions(before=questions)),
            draw(st.sampled_from((None, 0, 0, 1))),
            topic=draw(st.sampled_from(("", "workshop_quality"))),
            required=draw(st.booleans()),
            asks_back=kind is K.TEXT and draw(st.booleans()),
        )
        if kind.is_chosen and kind is not K.RATING and draw(st.booleans()):
            question = replace(question, bad_codes=frozenset({draw(st.sampled_from(_codes(question)))}))
        questions.append(question)
    return replace(CHECK, questions=tuple(questions), opening="您好！", closing="非常感谢合作！")


@dataclass
class Customer:
    """Somebody who does whatever they like, and remembers what they answered."""

    desk: Desk
    sheet: Questionnaire
    card: Conversation
    gave: dict[str, Answer] = field(default_factory=dict)
    ticked: set[str] = field(default_factory=set)
    at: str = ""
    bad: bool = False

    @property
    def asked(self) -> Question | None:
        """The question that lies before them, as they read it."""
        shown = self.card.said[-1] if self.card.said else None
        for say in reversed(self.card.said):
            if say.to.queue is None:
                shown = say
                break
        if self.card.step != "question" or shown is None or shown.script != "follow_up/question":
            return None
        return next(each for each in self.sheet.questions if each.text == shown.words["text"])

    def press(self, place: int) -> None:
        """Any of the buttons that are there."""
        shown = self.card.buttons()
        if not shown or self.card.step in ("planned", "to_call"):
            return
        willing = [each for each in shown if each.key in ANSWERING] if place < SELDOM else []
        button, asked = (willing or shown)[place % len(willing or shown)], self.asked
        if asked is not None:
            self._remember(asked, button.key, button.value)
        self.card.on(Pressed(button.key, button.value))

    def _remember(self, asked: Question, key: str, value: str) -> None:
        match key:
            case "answer":
                self._give(asked, Answer(asked.id, (value,)))
            case "tick":
                self.ticked ^= {value}
            case "ticked":
                self._give(
                    asked, Answer(asked.id, tuple(each for each in _codes(asked) if each in self.ticked))
                )
            case "skip" | "read":
                self._give(asked, Answer(asked.id))
            case _:
                pass

    def _give(self, asked: Question, answer: Answer) -> None:
        before = self.gave.get(asked.id, Answer(asked.id))
        self.gave[asked.id] = replace(answer, media=before.media)
        most = 3 if asked.bad_at_most is None else asked.bad_at_most
        low = asked.kind is K.RATING and answer.codes and int(answer.codes[0]) <= most
        self.bad = bool(low or set(answer.codes) & asked.bad_codes)

    def say(self, place: int) -> None:
        """Words: an answer to a free question, a rating in figures, or nothing that anybody could read."""
        asked, words = self.asked, (*STORIES, *NOISE, "4分", "跳过")[place % 10]
        if asked is None or not self.card.step:
            return
        before = self.gave.get(asked.id)
        if asked.kind is K.TEXT and (words != "跳过" or asked.required):
            self._give(asked, Answer(asked.id, text=words))
        elif asked.kind is K.RATING and words == "4分":
            self._give(asked, Answer(asked.id, ("4",)))
        elif (
            words == "跳过"
            and (asked.kind is K.INFORMATION or not asked.required)
            and not (before and not before.is_skipped)
        ):
            self._give(asked, Answer(asked.id))
        elif asked.kind in (K.SINGLE, K.MULTIPLE, K.YES_NO):
            words = NOISE[place % len(NOISE)]
        self.card.on(Said(words))

    def send(self, place: int) -> None:
        """A voice message, a photo, a film."""
        asked, (kind, file) = self.asked, MEDIA[place % len(MEDIA)]
        if asked is None:
            return
        file = f"{file}{place}"
        if asked.kind is not K.INFORMATION:
            before = self.gave.get(asked.id, Answer(asked.id))
            self.gave[asked.id] = replace(before, media=(*before.media, (kind, file))[-20:])
        self.card.on(SentMedia(kind, file))

    def wait(self) -> None:
        """Nobody does anything until the next timer."""
        if not self.card.timers:
            return
        name = min(self.card.timers, key=lambda each: self.card.timers[each])
        self.desk.now = max(self.desk.now, self.card.timers.pop(name))
        self.desk.who = NOBODY
        self.card.on(Woke(name))
        self.desk.who = CUSTOMER

    def look(self) -> None:
        """An old card is pressed: the present one is shown again."""
        self.card.on(Entered())

    def read(self) -> None:
        """What is ticked belongs to the question that is asked; it stays while the card rests."""
        asked = self.asked
        if asked is not None and asked.id != self.at:
            before = self.gave.get(asked.id)
            self.at, self.ticked = asked.id, set(before.codes) if before else set()


DOINGS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "press",
                "press",
                "press",
                "press",
                "press",
                "press",
                "press",
                "say",
                "send",
                "wait",
                "look",
                "hindered",
            )
        ),
        st.integers(0, 11),
    ),
    min_size=10,
    max_size=40,
)


@settings(max_examples=250, deadline=None)
@given(sheet=sheets(), doings=DOINGS, earlier_was_bad=st.booleans())
def test_it_always_ends_politely_and_keeps_exactly_what_was_given(
    sheet: Questionnaire, doings: list[tuple[str, int]], earlier_was_bad: bool
) -> None:
    shop = Desk(who=NOBODY, colleagues=(BOSS, SUPERVISOR))
    shop.questionnaires = {each.id: each for each in (sheet, SECOND)}
    earlier = {"then": Answer("then", ("1",), bad=earlier_was_bad)}
    shop.follow_ups = FollowUpBooks(contact(), sheet, earlier)
    needless = shop.follow_ups.paper is not None and shop.follow_ups.paper.is_needless
    customer = Customer(shop, sheet, shop.begin("follow_up", None, NUMBER).on(Entered()))
    customer.wait()
    for doing, place in doings:
        if not customer.card.step:
            break
        match doing:
            case "press":
                customer.press(place)
            case "say":
                customer.say(place)
            case "send":
                customer.send(place)
            case "wait":
                customer.wait()
            case "look":
                customer.look()
            case "hindered":
                reasons = (None, None, None, *Hindrance)
                shop.follow_ups = replace(shop.follow_ups, hindrance=reasons[place % len(reasons)])
        customer.read()
        assert_kept(customer)
        if customer.bad:
            assert customer.card.step == ""
            assert len(customer.card.of(FileComplaint)) == 1
    if needless:
        assert customer.card.step == ""
    for _ in range(MOST_TIMERS):
        if not customer.card.step:
            break
        customer.wait()
    assert_over(customer)


def assert_kept(customer: Customer) -> None:
    """The books hold the given answers: no other, no less, each as it was given last."""
    follow_up = customer.desk.follow_ups.follow_up
    assert follow_up is not None
    kept = {each.question: (each.codes, each.text, each.media) for each in follow_up.answers}
    assert kept == {each.question: (each.codes, each.text, each.media) for each in customer.gave.values()}


def assert_over(customer: Customer) -> None:
    """It ended by itself, without a timer, with a last word on the card where there was one."""
    follow_up, card = customer.desk.follow_ups.follow_up, customer.card
    assert follow_up is not None
    assert (card.step, card.timers, card.outcome) == ("", {}, Outcome.DONE)
    assert not follow_up.state.is_open
    assert follow_up.ended_at == customer.desk.now
    assert follow_up.nudges <= 2
    if follow_up.state is FollowUpState.ANSWERED and not follow_up.reason and not follow_up.complaint:
        assert card.text.endswith("✅ 非常感谢合作！")
    assert any(isinstance(each, NoteFollowUp) for each in card.effects)
    if follow_up.invited_at is not None and follow_up.state is not FollowUpState.EXPIRED:
        assert card.texts or follow_up.reason
    assert customer.desk.now - contact().due_at < timedelta(days=120)
    assert_kept(customer)
