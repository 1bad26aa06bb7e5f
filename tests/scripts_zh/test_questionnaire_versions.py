"""What a questionnaire's version is made of, and how earlier versions are read again (F3)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people import Queue
from domain.questionnaires import (
    Condition,
    FollowUpEvent,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Start,
)
from scripts_zh.questionnaires import (
    UnreadableSheet,
    from_source,
    load_sheets,
    source_of,
    with_version,
)
from tests.scripts_zh.sheet_files import GOOD, written


def test_a_version_changes_with_the_content_alone(tmp_path: Path) -> None:
    first = load_sheets(written(tmp_path, satisfaction=GOOD))["satisfaction"]
    same = [
        GOOD.replace("# a comment\n", "# another\n\n"),
        GOOD.replace("from_days: 3, until_days: 7", "until_hours: 168, from_hours: 72"),
        GOOD.replace("closing: 非常感谢合作！", "closing: >\n  非常感谢合作！\n"),
        GOOD.replace("    required: true\n    asks_back: true", "    asks_back: yes\n    required: yes"),
        GOOD.replace("    bad_at_most: 2\n", "    required: false\n    bad_at_most: 2\n"),
    ]
    for text in same:
        assert load_sheets(written(tmp_path, satisfaction=text))["satisfaction"] == first
    changed = [
        GOOD.replace("感受怎么样", "感觉怎么样"),
        GOOD.replace("bad_at_most: 2", "bad_at_most: 1"),
        GOOD.replace("{speed: 速度, price: 价格}", "{price: 价格, speed: 速度}"),
        GOOD.replace("until_days: 7", "until_days: 6"),
        GOOD.replace("told: [customer_care]\n", ""),
        GOOD.replace("    required: true\n", ""),
    ]
    versions = {load_sheets(written(tmp_path, satisfaction=text))["satisfaction"].version for text in changed}
    assert len(versions | {first.version}) == len(changed) + 1


def test_a_sheet_of_an_earlier_version_is_read_though_it_breaks_a_newer_rule() -> None:
    body = {
        "id": "satisfaction",
        "title": "一个比现在允许的长得多的名称，当时没有人数过它有几个字",
        "start": {"event": "birthday", "from_hours": 20, "until_hours": 48},
        "told": ["garage", "parts"],
        "opening": "你好,请给五星好评 {{ nickname }}",
        "closing": "",
        "colour": "red",
        "questions": [
            {"id": "How", "kind": "single", "text": "?", "options": {"1": "好", "b": "长" * 40}},
            {"id": "why", "kind": "text", "text": "?", "when": {"question": "gone", "answered": True}},
            {"id": "far", "kind": "text", "text": "?", "topic": "abolished", "mood": 3},
        ],
    }
    source = json.dumps(body, ensure_ascii=False)
    sheet = from_source(source)
    assert [question.id for question in sheet.questions] == ["How", "why", "far"]
    assert sheet.questions[0].options == (Option("1", "好"), Option("b", "长" * 40))
    assert (sheet.told, sheet.start.event) == ((Queue.PARTS,), None)
    assert sheet.source == source


@pytest.mark.parametrize(
    "source",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"id": "a"}',
        '{"id": "a", "questions": 3}',
        '{"id": "a", "questions": ["b"]}',
        '{"id": "a", "questions": [{"id": "q", "kind": "star", "text": "?"}]}',
        '{"id": "a", "questions": [{"id": "q", "kind": "text", "options": 3}]}',
        '{"id": "a", "questions": [{"id": "q", "kind": "text", "when": {"at_most": 3}}]}',
        '{"id": "a", "questions": [], "start": {"from_hours": "soon"}}',
    ],
)
def test_what_cannot_be_made_out_is_told(source: str) -> None:
    with pytest.raises(UnreadableSheet):
        from_source(source)


CODES = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True)
WORDS = st.text(min_size=1, max_size=30).map(str.strip).filter(bool)
CONDITIONS = st.builds(
    lambda question, earlier, test: Condition(question, earlier, **test),
    CODES,
    st.booleans(),
    st.one_of(
        st.builds(lambda codes: {"codes": tuple(codes)}, st.lists(CODES, min_size=1, max_size=3)),
        st.integers(1, 4).map(lambda most: {"at_most": most}),
        st.integers(2, 5).map(lambda least: {"at_least": least}),
        st.booleans().map(lambda bad: {"bad": bad}),
        st.booleans().map(lambda answered: {"answered": answered}),
    ),
)
QUESTIONS = st.builds(
    Question,
    CODES,
    st.sampled_from(QuestionKind),
    WORDS,
    st.lists(st.builds(Option, CODES, WORDS), max_size=8).map(tuple),
    st.none() | CONDITIONS,
    st.none() | st.integers(1, 4),
    st.frozensets(CODES, max_size=3),
    CODES | st.just(""),
    st.booleans(),
    st.booleans(),
)
HOURS = st.integers(0, 2000).map(lambda hours: timedelta(hours=hours))
SHEETS = st.builds(
    Questionnaire,
    CODES,
    WORDS,
    st.just(""),
    st.builds(Start, HOURS, HOURS, st.none() | st.sampled_from(FollowUpEvent), CODES | st.just("")),
    WORDS,
    WORDS,
    st.lists(QUESTIONS, max_size=6).map(tuple),
    st.lists(st.sampled_from(Queue), unique=True).map(tuple),
)


@given(SHEETS)
def test_any_sheet_is_kept_and_read_again_as_it_was(sheet: Questionnaire) -> None:
    kept = with_version(sheet)
    again = from_source(kept.source)
    assert again == kept
    assert (again.source, source_of(again)) == (kept.source, kept.source)


@given(SHEETS, SHEETS)
def test_different_sheets_have_different_versions(one: Questionnaire, other: Questionnaire) -> None:
    assert (with_version(one).version == with_version(other).version) == (one == other)
