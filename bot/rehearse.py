"""`python bot.py rehearse FILE`: a questionnaire played in the terminal, nothing is sent or kept (F3)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from io import TextIOWrapper
from pathlib import Path

import typer

from bot.settings import SettingsError, load_settings
from bot.store_file import StoreFileError, load_store
from domain.answer_reading import label_of, read_answer
from domain.bad_answers import is_bad
from domain.customer_questions import is_question
from domain.follow_ups import FollowUpFigures
from domain.intents import Intent, find_command
from domain.piping import KNOWN_FACTS, piped, words_of
from domain.questionnaires import NO, YES, Answer, Option, Paper, Question, QuestionKind, Questionnaire
from scripts_zh.phrases import phrase
from scripts_zh.questionnaire_file import EVENTS
from scripts_zh.questionnaires import FOLDER, read_sheet
from scripts_zh.routing import routing_rules

GROUP = "rehearsal"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_BETWEEN = re.compile(r"\W+")
_HINTS: Mapping[QuestionKind, str] = {
    QuestionKind.RATING: "rating_hint",
    QuestionKind.SINGLE: "choice_hint",
    QuestionKind.YES_NO: "choice_hint",
    QuestionKind.MULTIPLE: "choices_hint",
    QuestionKind.TEXT: "text_hint",
    QuestionKind.PHOTO: "photo_hint",
    QuestionKind.INFORMATION: "read_hint",
}


def rehearse(file: Path, figures: FollowUpFigures) -> None:
    """Ask every question of the sheet in `file` (or of that name), as a customer would be. Raises UnreadableSheet."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    shipped = FOLDER / f"{file.stem}.yaml"
    sheet, before = read_sheet(shipped if not file.exists() and file.parent == Path() else file)
    for line in _heading(sheet):
        typer.echo(line)
    earlier: dict[str, Answer] = {}
    known = {name: phrase(GROUP, f"sample_{name}") for name in KNOWN_FACTS}
    if before is not None:
        _tell("earlier", title=before.title)
        first = Rehearsal(Paper(before, earlier), known, figures, is_earlier=True)
        first.play()
        if first.stopped:
            return
        _tell("earlier_done", title=sheet.title)
    play = Rehearsal(Paper(sheet, {}, earlier), known, figures)
    if play.paper.is_needless:
        play.tell_conditions("", earlier=True)
        _tell("needless")
        return
    play.play()
    for line in play.summary():
        typer.echo(line)


def figures_of() -> FollowUpFigures:
    """The store's figures, where it has a store file already; otherwise the usual ones."""
    try:
        return load_store(load_settings(token_required=False).store_file).follow_ups
    except (SettingsError, StoreFileError):
        return FollowUpFigures()


class Rehearsal:
    """One sheet in the operator's hands. `is_earlier`: only for the answers, so that it goes on after a bad one."""

    def __init__(
        self, paper: Paper, known: Mapping[str, str], figures: FollowUpFigures, *, is_earlier: bool = False
    ) -> None:
        self.paper = paper
        self.stopped = False
        self._answers = paper.answers if isinstance(paper.answers, dict) else dict(paper.answers)
        self._known = known
        self._figures = figures
        self._is_earlier = is_earlier

    def play(self) -> None:
        """From the opening words to the closing ones, a bad answer or the end of what is typed."""
        if not self._is_earlier:
            self.tell_conditions("", earlier=True)
            self._say(self.paper.questionnaire.opening)
        while (question := self.paper.next) is not None:
            if not self._ask(question):
                return
        if not self._is_earlier:
            self._say(f"\n{self.paper.questionnaire.closing}")

    def _ask(self, question: Question) -> bool:
        """One question until it is answered; whether there is more to ask."""
        for line in self._card(question):
            typer.echo(line)
        while (typed := _typed()) is not None:
            if find_command(typed) is Intent.BACK:
                self._go_back(question)
                return True
            answer = self._read(question, typed)
            if answer is not None:
                return self._take(question, answer)
            _tell("not_understood" if typed else "needed", text=typed)
        _tell("stopped")
        self.stopped = True
        return False

    def _go_back(self, question: Question) -> None:
        before = self.paper.before(question.id)
        if before is None:
            _tell("at_first")
        else:
            del self._answers[before.id]

    def _read(self, question: Question, typed: str) -> Answer | None:
        if not typed:
            return None if question.required else Answer(question.id)
        if question.kind is QuestionKind.PHOTO:
            return read_answer(question, typed) or Answer(question.id, media=(("photo", typed),))
        return _numbered(question, typed) or read_answer(question, typed)

    def _take(self, question: Question, answer: Answer) -> bool:
        answer = replace(answer, bad=is_bad(question, answer, self._figures))
        self._answers[question.id] = answer
        if question.kind is QuestionKind.INFORMATION:
            _tell("read")
        elif answer.is_skipped:
            _tell("skipped")
        else:
            _tell("taken", answer=self._in_words(question, answer))
        if answer.bad and self._is_earlier:
            _tell("bad_earlier")
        elif answer.bad:
            rules = routing_rules()
            topic = rules.topic(question.topic).name if question.topic else phrase(GROUP, "topic_from_words")
            _tell("bad", topic=topic)
            self._tell_desks()
            return False
        self.tell_conditions(question.id, earlier=False)
        return True

    def tell_conditions(self, question: str, *, earlier: bool) -> None:
        """Which questions are asked or not because of the answer to `question`, or of the sheet before."""
        for each in self.paper.questionnaire.questions:
            if each.when is None or each.when.earlier != earlier:
                continue
            if earlier or each.when.question == question:
                holds = each.when.holds(self.paper.answers, self.paper.earlier)
                _tell("asked_now" if holds else "not_asked", id=each.id, text=self._piped(each.text))

    def summary(self) -> Iterator[str]:
        """What was answered and what follows from it."""
        asked = [
            each for each in self.paper.questionnaire.questions if each.kind is not QuestionKind.INFORMATION
        ]
        given = {each.id: self._answers[each.id] for each in asked if each.id in self._answers}
        skipped = sum(answer.is_skipped for answer in given.values())
        counts = {"answered": len(given) - skipped, "skipped": skipped, "unasked": len(asked) - len(given)}
        yield phrase(GROUP, "summary", **counts)
        for question in asked:
            if question.id in given and not given[question.id].is_skipped:
                words = self._in_words(question, given[question.id])
                yield phrase(GROUP, "summary_line", id=question.id, answer=words)
        bad = next((code for code, answer in given.items() if answer.bad), "")
        yield phrase(GROUP, "summary_complaint", id=bad) if bad else phrase(GROUP, "summary_no_complaint")
        questions = sum(
            each.asks_back and not answer.bad and bool(answer.text) and is_question(answer.text)
            for each in asked
            if (answer := given.get(each.id)) is not None
        )
        if questions:
            yield phrase(GROUP, "summary_questions", count=questions)

    def _card(self, question: Question) -> Iterator[str]:
        counted = [each for each in self.paper.asked if each.kind is not QuestionKind.INFORMATION]
        if question.kind is QuestionKind.INFORMATION:
            yield phrase(GROUP, "information", id=question.id)
        else:
            place = counted.index(question) + 1
            yield phrase(GROUP, "question", place=place, count=len(counted), id=question.id)
        yield self._piped(question.text)
        for number, option in enumerate(_options(question), 1):
            yield phrase(GROUP, "option", number=number, label=option.label)
        yield phrase(GROUP, _HINTS[question.kind])
        if question.required:
            yield phrase(GROUP, "required")
        if question.asks_back:
            yield phrase(GROUP, "asks_back")
        yield from self._complaints(question)

    def _complaints(self, question: Question) -> Iterator[str]:
        """Which answers would open a complaint."""
        if question.kind is QuestionKind.RATING:
            most = question.bad_at_most or self._figures.bad_at_most
            yield phrase(GROUP, "bad_ratings", most=most)
        elif question.kind is QuestionKind.TEXT:
            yield phrase(GROUP, "bad_words")
        labels = [option.label for option in _options(question) if option.code in question.bad_codes]
        if labels:
            yield phrase(GROUP, "bad_codes", answers=phrase(GROUP, "between").join(labels))

    def _tell_desks(self) -> None:
        desks = [phrase("queue", queue.value) for queue in self.paper.questionnaire.told]
        if desks:
            _tell("told", desks=phrase(GROUP, "between").join(desks))

    def _in_words(self, question: Question, answer: Answer) -> str:
        return label_of(question, answer) or phrase(GROUP, "photo")

    def _piped(self, text: str) -> str:
        return piped(text, words_of(self.paper, self._known))

    def _say(self, text: str) -> None:
        start = "\n" if text.startswith("\n") else ""
        typer.echo(start + phrase(GROUP, "customer", text=self._piped(text.strip())))


def _heading(sheet: Questionnaire) -> Iterator[str]:
    yield phrase(GROUP, "title", title=sheet.title, id=sheet.id, version=sheet.version)
    window = {"first": _span(sheet.start.earliest), "last": _span(sheet.start.latest)}
    if sheet.start.event is not None:
        yield phrase(GROUP, "starts_after_event", event=EVENTS[sheet.start.event.value], **window)
    else:
        yield phrase(GROUP, "starts_after_sheet", sheet=sheet.start.after, **window)
    yield phrase(GROUP, "how")


def _span(span: timedelta) -> str:
    if span % _DAY:
        return phrase(GROUP, "hours", count=span // _HOUR)
    return phrase(GROUP, "days", count=span // _DAY)


def _options(question: Question) -> tuple[Option, ...]:
    if question.kind is QuestionKind.YES_NO:
        return Option(YES, phrase(GROUP, YES)), Option(NO, phrase(GROUP, NO))
    return question.options


def _numbered(question: Question, typed: str) -> Answer | None:
    """The options whose numbers were typed, and nothing else."""
    options = _options(question)
    words = [each for each in _BETWEEN.split(typed) if each]
    if not words or not all(each.isascii() and each.isdigit() and len(each) < 3 for each in words):
        return None
    if not all(1 <= int(each) <= len(options) for each in words):
        return None
    codes = tuple(dict.fromkeys(options[int(each) - 1].code for each in words))
    return Answer(question.id, codes) if len(codes) == 1 or question.kind is QuestionKind.MULTIPLE else None


def _typed() -> str | None:
    """The next line; None when nothing more comes."""
    typer.echo(phrase(GROUP, "prompt"), nl=False)
    line = sys.stdin.readline()
    if not line:
        typer.echo()
        return None
    if not sys.stdin.isatty():
        typer.echo(line.strip())
    return line.strip()


def _tell(key: str, **words: object) -> None:
    typer.echo(phrase(GROUP, key, **words))
