"""Piping: known facts and earlier answers put into the words of a questionnaire (F3).

Only `{{ name }}`, `{{ answers.ID }}` and `{{ earlier.ID }}` are replaced; there is no logic, and what somebody wrote is
never read as a template again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from domain.questionnaires import NO, YES, Answer, Paper, Question

KNOWN_FACTS = ("address", "plate", "work", "advisor", "store", "date")
"""What may be piped besides answers: 王女士, 琼A12345, what was done, names of advisor and store, the event's day."""

ANSWERS, EARLIER = "answers", "earlier"
LONGEST_PIPED = 60
"""Signs of one answer that are quoted; the rest is left out."""

_PLACE = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)\s*\}\}", re.ASCII)
_GAP = "\ue000"  # where nothing was known: a sign of no language, taken out again at the end
_EMPTY_PAIR = re.compile(rf"(?:（{_GAP}+）|「{_GAP}+」|“{_GAP}+”|《{_GAP}+》|【{_GAP}+】|\({_GAP}+\))")
_GAP_FIRST = re.compile(rf"(?:(?<=[。！？!?：:\n])|\A)(\s*){_GAP}+[，、；：,;:]\s*")
_GAP_BETWEEN = re.compile(rf"[，、,]\s*{_GAP}+(?=\s*(?:[，。、！？；：,.!?;:\n]|\Z))")
_GAP_AMONG_SPACES = re.compile(rf" {_GAP}+(?= )|(?:(?<=\n)|\A){_GAP}+ ")


def pipes(text: str) -> tuple[str, ...]:
    """What `text` pipes in, each once and in order: `address`, `answers.runs_well`, `earlier.overall`."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def unpiped(text: str) -> str:
    """`text` without its places: what remains of `{{` or `}}` is a mistake of whoever wrote it."""
    return _PLACE.sub("", text)


def piped(text: str, words: Mapping[str, str]) -> str:
    """`text` with its places filled from `words` (by `address`, `answers.runs_well` …).

    What is unknown or empty leaves nothing behind, neither a lonely comma nor empty brackets.
    """

    def word(place: re.Match[str]) -> str:
        known = " ".join(words.get(place[1], "").replace(_GAP, "").split())
        return known or _GAP

    filled = _PLACE.sub(word, text)
    if _GAP not in filled:
        return filled
    filled = _EMPTY_PAIR.sub(_GAP, filled)
    filled = _GAP_FIRST.sub(r"\1", filled)
    filled = _GAP_BETWEEN.sub("", filled)
    filled = _GAP_AMONG_SPACES.sub("", filled)
    return filled.replace(_GAP, "")


def words_of(paper: Paper, known: Mapping[str, str]) -> dict[str, str]:
    """All that `paper` may pipe: the `known` facts, its answers and those of the sheet before, in words.

    The labels of an earlier sheet are not at hand: where a chosen answer to it is piped, its code stands for it, which
    the reader of sheets allows for ratings and free text alone.
    """
    words = dict(known)
    for question, answer in paper.earlier.items():
        words[f"{EARLIER}.{question}"] = in_words(None, answer)
    for question, answer in paper.answers.items():
        words[f"{ANSWERS}.{question}"] = in_words(paper.questionnaire.question(question), answer)
    return words


def in_words(question: Question | None, answer: Answer) -> str:
    """What was answered, as it may be quoted: labels, the number of a rating, the beginning of somebody's words."""
    if answer.codes:
        labels = {YES: "是", NO: "否"} | {
            each.code: each.label for each in (question.options if question else ())
        }
        return "、".join(labels.get(code, code) for code in answer.codes)
    text = " ".join(answer.text.split())
    return text if len(text) <= LONGEST_PIPED else f"{text[:LONGEST_PIPED]}…"
