"""What customers do with a follow-up that they are sent: they press what they see, and type what they would type."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass

from domain.questionnaires import Question, QuestionKind, Questionnaire
from service.ports import Face, Letter
from tests.service.follow_up_year import Manner, Owner

PLACEHOLDER = re.compile(r"\{\{.*?\}\}")
ASKS_BACK_ONE_IN = 9
MOST_PRESSES = 60  # nobody presses longer than that: the card never ends

Deed = Face | str
"""A press, or words that are typed."""


@dataclass(slots=True)
class Hand:
    """The card that lies in somebody's chat just now. `was_bad`: the last press was a bad answer."""

    message: int
    letter: Letter
    was_bad: bool = False

    def face(self, *keys: str, value: str = "") -> Face | None:
        """The first button with one of these keys."""
        for row in self.letter.buttons:
            for face in row:
                if face.tap.key in keys and value in ("", face.tap.value):
                    return face
        return None

    def codes(self, key: str) -> list[str]:
        return [face.tap.value for row in self.letter.buttons for face in row if face.tap.key == key]


def does(owner: Owner, hand: Hand, sheet: Questionnaire | None, nth: int) -> Generator[Deed, None, None]:
    """What they do when our `nth` message about a contact reaches them; each once the one before has been answered."""
    match owner.manner:
        case Manner.ANSWERS:
            yield from _fill_in(owner, hand, sheet)
        case Manner.HALF if nth == 1:
            yield from _fill_in(owner, hand, sheet, questions=1)
        case Manner.LATER if nth == 1:
            yield _must(hand, "later")
        case Manner.ANOTHER_TIME if nth == 1:
            yield _must(hand, "not_now")
            yield _must(hand, "at")
        case Manner.LATER | Manner.ANOTHER_TIME:
            yield from _fill_in(owner, hand, sheet)
        case Manner.NUDGED if nth == 2:
            yield from _fill_in(owner, hand, sheet)
        case Manner.DISSATISFIED:
            yield from _fill_in(owner, hand, sheet, badly=True)
        case Manner.TIRED:
            yield _must(hand, "stop")


def _must(hand: Hand, *keys: str) -> Face:
    face = hand.face(*keys)
    assert face is not None, f"no button {keys} in {hand.letter.text} {hand.letter.buttons}"
    return face


def _fill_in(
    owner: Owner,
    hand: Hand,
    sheet: Questionnaire | None,
    *,
    questions: int = MOST_PRESSES,
    badly: bool = False,
) -> Generator[Deed, None, None]:
    if begin := hand.face("begin", "go_on"):
        yield begin
    for _ in range(questions):
        question = asked(sheet, hand.letter.text)
        if question is None or not hand.letter.buttons:
            return
        before = hand.letter.id
        yield from _answer(owner, hand, question, badly=badly)
        if hand.letter.id == before:
            return


def _answer(owner: Owner, hand: Hand, question: Question, *, badly: bool) -> Generator[Deed, None, None]:
    match question.kind:
        case QuestionKind.INFORMATION:
            yield _must(hand, "read")
        case QuestionKind.MULTIPLE:
            code = _chosen(question, hand.codes("tick"), badly=badly)
            yield _must_be(hand, "tick", code)
            hand.was_bad = code in _bad(question)
            yield _must(hand, "ticked")
        case QuestionKind.TEXT if question.asks_back and owner.number % ASKS_BACK_ONE_IN == 0:
            yield "下次保养大概什么时候做？"
        case QuestionKind.TEXT | QuestionKind.PHOTO:
            yield hand.face("skip") or "都挺好的"
        case _:
            code = _chosen(question, hand.codes("answer"), badly=badly)
            hand.was_bad = code in _bad(question)
            yield _must_be(hand, "answer", code)


def _must_be(hand: Hand, key: str, value: str) -> Face:
    face = hand.face(key, value=value)
    assert face is not None, f"no button {key} {value} in {hand.letter.text} {hand.letter.buttons}"
    return face


def _chosen(question: Question, codes: list[str], *, badly: bool) -> str:
    """The best that is offered, or the worst."""
    bad = _bad(question)
    wanted = [code for code in codes if (code in bad) is badly] or codes
    return wanted[0] if badly else wanted[-1]


def _bad(question: Question) -> set[str]:
    return {"1", "2", "3"} if question.kind is QuestionKind.RATING else set(question.bad_codes)


def asked(sheet: Questionnaire | None, text: str) -> Question | None:
    """The question of `sheet` that the words of a card ask."""
    found: Mapping[int, Question] = {
        len(longest): question
        for question in (sheet.questions if sheet else ())
        if (longest := max(_fixed(question.text), key=len)) in text
    }
    return found[max(found)] if found else None


def _fixed(text: str) -> list[str]:
    """The parts of a question's words that are the same for everybody."""
    return [part.strip() for part in PLACEHOLDER.split(text) if part.strip()]
