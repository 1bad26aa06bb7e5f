"""What an event answers to a question of a sheet: a press, typed words, a voice message, a photo (F3, F5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs.core import MEDIA, Event, Pressed, Said, SentMedia
from domain.answer_reading import read_answer
from domain.bad_answers import is_bad
from domain.questionnaires import NO, RATINGS, YES, Answer, Paper, Question, QuestionKind

if TYPE_CHECKING:
    from dialogs.facts import Facts

MOST_MEDIA = 20  # photos and voice messages that one answer keeps


def taken(
    paper: Paper, question: Question, event: Event, facts: Facts, ticked: tuple[str, ...] = ()
) -> Answer | None:
    """The answer that `event` gives to `question`; None where it gives none.

    `ticked`: what is chosen so far of several options. What was sent before to the same question belongs to the answer.
    """
    given = _given(question, event, ticked)
    if given is None:
        return None
    if isinstance(event, Said) and _says_other_things(question, given, facts):
        return None
    if question.required and given.is_skipped and question.kind is not QuestionKind.INFORMATION:
        return None
    before = paper.answers.get(question.id)
    if before is None or before.is_skipped:
        return _judged(question, given, facts)
    # 跳过 takes nothing back that was given already, and what was sent stays with what is chosen now.
    return before if given.is_skipped else _judged(question, replace(given, media=before.media), facts)


def sent(paper: Paper, question: Question, event: SentMedia, facts: Facts) -> Answer | None:
    """The answer with what was just sent added to it: kept, while more may come. None where it cannot be kept."""
    if question.kind is QuestionKind.INFORMATION or event.kind not in MEDIA or not event.file_id:
        return None
    before = paper.answers.get(question.id) or Answer(question.id)
    media = (*before.media, (event.kind, event.file_id))[-MOST_MEDIA:]
    text = "\n".join(filter(None, (before.text, event.caption)))
    return _judged(question, replace(before, media=media, text=text), facts)


def ticks(question: Question, event: Event, ticked: tuple[str, ...]) -> tuple[str, ...] | None:
    """What is ticked after `event`, in the order of the options; None where it ticks nothing."""
    match event:
        case Pressed("tick", code) if question.kind is QuestionKind.MULTIPLE and code in _codes(question):
            now = set(ticked) ^ {code}
            return tuple(each for each in _codes(question) if each in now)
        case _:
            return None


def filled(paper: Paper, answer: Answer) -> Paper:
    """The paper with `answer` on it."""
    return replace(paper, answers={**paper.answers, answer.question: answer})


def _given(question: Question, event: Event, ticked: tuple[str, ...]) -> Answer | None:
    match event:
        case Pressed("answer", code) if code in _codes(question) and not _is_ticked(question):
            return Answer(question.id, (code,))
        case Pressed("ticked") if ticked and _is_ticked(question):
            return Answer(question.id, ticked)
        case Pressed("skip"):
            return Answer(question.id)
        case Pressed("read") if question.kind is QuestionKind.INFORMATION:
            return Answer(question.id)
        case Said(text):
            return _said(question, text)
        case _:
            return None


def _said(question: Question, text: str) -> Answer | None:
    """What the words choose, or else the words themselves."""
    return read_answer(question, text) or Answer(question.id, text=text.strip())


def _says_other_things(question: Question, given: Answer, facts: Facts) -> bool:
    """Words that choose nothing are no answer where something is to be chosen; plain anger always is one (F5)."""
    loose = bool(given.text) and not given.codes and question.kind is not QuestionKind.TEXT
    return loose and not is_bad(question, given, facts.store.follow_ups)


def _judged(question: Question, given: Answer, facts: Facts) -> Answer:
    bad = given.bad or is_bad(question, given, facts.store.follow_ups)
    return replace(given, bad=bad, at=facts.now, by=0)


def _is_ticked(question: Question) -> bool:
    return question.kind is QuestionKind.MULTIPLE


def _codes(question: Question) -> tuple[str, ...]:
    match question.kind:
        case QuestionKind.RATING:
            return RATINGS
        case QuestionKind.YES_NO:
            return YES, NO
        case _:
            return tuple(option.code for option in question.options)
