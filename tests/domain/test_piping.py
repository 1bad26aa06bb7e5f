"""Piping of known facts and earlier answers into a questionnaire's words (F3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.piping import KNOWN_FACTS, LONGEST_PIPED, in_words, piped, pipes, unpiped, words_of
from domain.questionnaires import Answer, Option, Paper, Question, QuestionKind, Questionnaire, Start

KNOWN = {"address": "王女士", "plate": "琼A12345", "store": "星海店", "answers.noise": "过坎时响"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ address }}，您好！", "王女士，您好！"),
        ("{{address}}的{{  plate  }}", "王女士的琼A12345"),
        ("您说「{{ answers.noise }}」", "您说「过坎时响」"),
        ("没有要填的", "没有要填的"),
        ("{{ address | upper }}", "{{ address | upper }}"),
        ("{% if plate %}", "{% if plate %}"),
        ("{{ answers.a.b }}", "{{ answers.a.b }}"),
    ],
)
def test_f3_known_facts_and_answers_are_put_in_and_nothing_else(text: str, said: str) -> None:
    assert piped(text, KNOWN) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ x }}，您好！", "您好！"),
        ("您好！{{ x }}，请问满意吗？", "您好！请问满意吗？"),
        ("您好！\n{{ x }}，请问满意吗？", "您好！\n请问满意吗？"),
        ("{{ x }}{{ y }}，您好！", "您好！"),
        ("您好，{{ x }}！", "您好！"),
        ("您好，{{ x }}", "您好"),
        ("爱车（{{ x }}）出厂了", "爱车出厂了"),
        ("您说「{{ answers.x }}」，谢谢", "您说，谢谢"),
        ("换了、{{ x }}、洗车", "换了、洗车"),
        ("车 {{ x }} 好了", "车 好了"),
        ("{{ x }} 好了", "好了"),
        ("爱车{{ x }}用着还好吗？", "爱车用着还好吗？"),
        ("{{ x }}", ""),
    ],
)
def test_f3_what_is_not_known_leaves_no_broken_punctuation(text: str, said: str) -> None:
    assert piped(text, {"y": "  \n "}) == said


def test_what_somebody_wrote_is_no_template() -> None:
    assert piped("{{ answers.a }}", {"answers.a": "{{ plate }}", "plate": "琼A"}) == "{{ plate }}"
    assert piped("您说：{{ answers.a }}。", {"answers.a": "一行\n\n两行  三"}) == "您说：一行 两行 三。"


@given(st.text(), st.dictionaries(st.sampled_from(("address", "answers.a")), st.text()))
def test_any_text_is_piped_and_none_left_in(text: str, words: dict[str, str]) -> None:
    said = piped(f"{text}{{{{ address }}}}{{{{ answers.a }}}}", words)
    for word in words.values():
        assert " ".join(word.replace("\ue000", "").split()) in said
    assert "\ue000" not in said or "\ue000" in text


def test_what_a_text_pipes_is_listed_once_each() -> None:
    text = "{{ address }}{{ answers.a }}{{ earlier.b_2 }}{{ address }}{{ 3 }}{{ a-b }}"
    assert pipes(text) == ("address", "answers.a", "earlier.b_2")
    assert unpiped(text) == "{{ 3 }}{{ a-b }}"


def test_answers_are_put_into_words() -> None:
    choice = Question(
        "parts", QuestionKind.MULTIPLE, "哪里？", (Option("brake", "刹车"), Option("light", "灯光"))
    )
    asked = Questionnaire("s", "t", "v", Start(timedelta(0), timedelta(1)), "o", "c", (choice,))
    answers = {"parts": Answer("parts", ("brake", "light")), "gone": Answer("gone", ("old",))}
    earlier = {"overall": Answer("overall", ("3",)), "words": Answer("words", text="慢")}
    words = words_of(Paper(asked, answers, earlier), {"address": "王女士"})
    assert words == {
        "address": "王女士",
        "answers.parts": "刹车、灯光",
        "answers.gone": "old",
        "earlier.overall": "3",
        "earlier.words": "慢",
    }
    assert [in_words(None, Answer("a", (code,))) for code in ("yes", "no")] == ["是", "否"]
    assert in_words(None, Answer("a")) == ""
    assert in_words(None, Answer("a", text="长" * LONGEST_PIPED)) == "长" * LONGEST_PIPED
    assert in_words(None, Answer("a", text="长" * 99)) == "长" * LONGEST_PIPED + "…"


def test_the_known_facts_are_the_agreed_ones() -> None:
    assert set(KNOWN_FACTS) == {"address", "plate", "work", "advisor", "store", "date"}
