"""Questionnaires 回访问卷: what is asked in one follow-up, as the store writes it (F3).

A questionnaire is a list: its questions come in their order, each with at most one simple condition, and nothing ever
jumps. scripts_zh/questionnaires.py reads them from files; here is what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.people import Queue

RATINGS = ("1", "2", "3", "4", "5")
YES, NO = "yes", "no"


class FollowUpEvent(StrEnum):
    """What a follow-up comes after (F1)."""

    LEFT = "left"  # a repaired car has left the shop
    HANDED_OVER = "handed_over"  # a new car was handed over
    CONSULTED = "consulted"  # somebody asked for advice
    OWNER_CLASS = "owner_class"  # somebody came to an owners' class


class QuestionKind(StrEnum):
    """How a question is answered (F3)."""

    RATING = "rating"  # 1 (worst) to 5 (best)
    SINGLE = "single"  # one of the options
    MULTIPLE = "multiple"  # any of the options
    YES_NO = "yes_no"
    TEXT = "text"  # words or a voice message
    PHOTO = "photo"
    INFORMATION = "information"  # nothing is asked: advice, a date, an event; it is only read

    @property
    def is_chosen(self) -> bool:
        """Whether the answer is one of a few codes."""
        return self in (QuestionKind.RATING, QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.YES_NO)


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer: its code (kept with the answer) and what the customer reads."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to `question`: chosen `codes`, words, media as (kind, file); none of them: it was skipped.

    `bad`: it asks for amends (F5). `by`: the colleague who entered it on the phone (0: the customer).
    """

    question: str
    codes: tuple[str, ...] = ()
    text: str = ""
    media: tuple[tuple[str, str], ...] = ()
    bad: bool = False
    at: datetime | None = None
    by: int = 0

    @property
    def is_skipped(self) -> bool:
        """Whether the question was passed over, or only read."""
        return not (self.codes or self.text or self.media)

    @property
    def rating(self) -> int | None:
        """The rating that was given; None where it is none."""
        return int(self.codes[0]) if len(self.codes) == 1 and self.codes[0] in RATINGS else None


@dataclass(frozen=True, slots=True)
class Condition:
    """When a question is asked: by the answer to `question`, of this sheet or (`earlier`) of the one it comes after.

    Exactly one of the others is set: `codes` (one of them was chosen), `at_most` or `at_least` (a rating), `bad`,
    `answered` (with anything but a skip; False: it was left open).
    """

    question: str
    earlier: bool = False
    codes: tuple[str, ...] = ()
    at_most: int | None = None
    at_least: int | None = None
    bad: bool | None = None
    answered: bool | None = None

    def holds(self, answers: Mapping[str, Answer], earlier: Mapping[str, Answer]) -> bool:
        """Whether it is met by the answers given so far."""
        answer = (earlier if self.earlier else answers).get(self.question)
        if self.answered is not None:
            return (answer is not None and not answer.is_skipped) == self.answered
        if answer is None:
            return False
        if self.bad is not None:
            return answer.bad == self.bad
        if self.codes:
            return bool(set(self.codes) & set(answer.codes))
        rating = answer.rating
        if rating is None:
            return False
        return rating <= self.at_most if self.at_most is not None else rating >= (self.at_least or 0)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `id` is kept with the answers; `text` may pipe known facts in (`{{ car }}`, `{{ answers.id }}`).

    Bad are (F5): ratings up to `bad_at_most` (None: the store's figure), the codes in `bad_codes`, and words that
    complain. `topic`: what a complaint from it is about (C5; "": read from the words). `required`: cannot be skipped.
    `asks_back`: the words are a question of the customer's, for an advisor to answer (Q2).
    """

    id: str
    kind: QuestionKind
    text: str
    options: tuple[Option, ...] = ()
    when: Condition | None = None
    bad_at_most: int | None = None
    bad_codes: frozenset[str] = frozenset()
    topic: str = ""
    required: bool = False
    asks_back: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """When a sheet is due: between `earliest` and `latest` after `event`, or after the sheet `after` has ended (F1)."""

    earliest: timedelta
    latest: timedelta
    event: FollowUpEvent | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One sheet. `version` changes with its content; `source` is that content, kept with the answers to it.

    `told`: desks that hear of every bad answer besides (C5).
    """

    id: str
    title: str
    version: str
    start: Start
    opening: str
    closing: str
    questions: tuple[Question, ...]
    told: tuple[Queue, ...] = ()
    source: str = field(default="", repr=False, compare=False)

    def question(self, wanted: str) -> Question | None:
        """The question with this id; None when this version has none."""
        return next((each for each in self.questions if each.id == wanted), None)


@dataclass(frozen=True, slots=True)
class Paper:
    """A questionnaire in somebody's hands: with their answers so far, and those to the sheet it comes after."""

    questionnaire: Questionnaire
    answers: Mapping[str, Answer] = field(default_factory=dict)
    earlier: Mapping[str, Answer] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that are asked by the answers given so far, in their order."""
        return tuple(
            each
            for each in self.questionnaire.questions
            if each.when is None or each.when.holds(self.answers, self.earlier)
        )

    @property
    def next(self) -> Question | None:
        """The first question that is asked and has no answer yet; None: it is filled in."""
        return next((each for each in self.asked if each.id not in self.answers), None)

    def before(self, question: str) -> Question | None:
        """The question asked right before this one; None at the first."""
        asked = self.asked
        place = next((place for place, each in enumerate(asked) if each.id == question), 0)
        return asked[place - 1] if place else None

    @property
    def is_needless(self) -> bool:
        """Whether there is nothing to ask, but things to read: a second contact without anything bad or open (F6)."""
        return all(each.kind is QuestionKind.INFORMATION for each in self.asked)
