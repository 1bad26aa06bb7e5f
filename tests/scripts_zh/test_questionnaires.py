"""The store's questionnaires as shipped and as a store writes them, and the page that says how (F3, F6)."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from bot import checkup
from bot.run import main
from domain.people import Queue
from domain.piping import KNOWN_FACTS
from domain.questionnaires import (
    Answer,
    Condition,
    FollowUpEvent,
    Option,
    Paper,
    Question,
    QuestionKind,
    Start,
)
from scripts_zh import questionnaires as sheets
from scripts_zh.phrases import phrase
from scripts_zh.questionnaire_file import (
    EVENTS,
    KINDS,
    LONGEST_LABEL,
    LONGEST_TEXT,
    LONGEST_TICKED,
    LONGEST_TITLE,
    MOST_HOURS,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    PARTS,
    QUESTION_PARTS,
    START_PARTS,
    WHEN_PARTS,
)
from scripts_zh.questionnaires import (
    UnreadableSheet,
    from_source,
    load_sheets,
    questionnaires,
    read_sheet,
)
from scripts_zh.routing import RoutingFileError
from tests.scripts_zh.sheet_files import GOOD, LATER, told, written

# ---------------------------------------------------------------- the shipped sheets


def test_f1_every_event_has_its_sheets() -> None:
    found = questionnaires()
    started = {name: sheet.start.event for name, sheet in found.items() if sheet.start.event}
    assert started == {
        "check_48h": FollowUpEvent.LEFT,
        "satisfaction": FollowUpEvent.LEFT,
        "new_car_24h": FollowUpEvent.HANDED_OVER,
        "new_car_72h": FollowUpEvent.HANDED_OVER,
        "new_car_week": FollowUpEvent.HANDED_OVER,
        "consultation": FollowUpEvent.CONSULTED,
        "owner_class": FollowUpEvent.OWNER_CLASS,
    }
    assert found["second_contact"].start.after == "satisfaction"
    windows = {
        name: (sheet.start.earliest // timedelta(hours=1), sheet.start.latest // timedelta(hours=1))
        for name, sheet in found.items()
    }
    assert windows["check_48h"][1] == 48
    assert windows["satisfaction"] == (72, 168)
    assert windows["second_contact"] == (168, 336)
    assert windows["new_car_24h"][1] == 24
    assert windows["new_car_week"][1] == 168
    assert windows["consultation"] == (24, 48)


def test_f3_the_satisfaction_sheet_ends_with_the_houses_words() -> None:
    sheet = questionnaires()["satisfaction"]
    assert sheet.closing.endswith("非常感谢合作！")
    kinds = [question.kind for question in sheet.questions]
    assert kinds.count(QuestionKind.RATING) == 5
    assert QuestionKind.TEXT in kinds
    assert QuestionKind.INFORMATION in kinds


def test_f6_a_second_contact_asks_nobody_who_had_nothing_to_say_against_it() -> None:
    sheet = questionnaires()["second_contact"]
    first = questionnaires()["satisfaction"]
    fine = {each.id: Answer(each.id, ("5",)) for each in first.questions if each.kind is QuestionKind.RATING}
    assert Paper(sheet, {}, fine).is_needless
    bad = fine | {"manners": Answer("manners", ("2",), bad=True)}
    assert [each.id for each in Paper(sheet, {}, bad).asked] == ["treated_now"]
    unfinished = {"overall": Answer("overall", ("4",))}
    assert [each.id for each in Paper(sheet, {}, unfinished).asked] == ["rest"]


def test_the_shipped_sheets_are_kept_and_read_again() -> None:
    for sheet in questionnaires().values():
        assert from_source(sheet.source) == sheet
        assert len(sheet.version) == 8


def test_they_are_read_once() -> None:
    assert questionnaires() is questionnaires()


# ---------------------------------------------------------------- what is read


def test_every_part_of_a_sheet_is_read(tmp_path: Path) -> None:
    found = load_sheets(written(tmp_path, satisfaction=GOOD, second=LATER))
    sheet = found["satisfaction"]
    assert (sheet.id, sheet.title, sheet.told) == ("satisfaction", "满意度回访", (Queue.CUSTOMER_CARE,))
    assert sheet.start == Start(timedelta(days=3), timedelta(days=7), FollowUpEvent.LEFT)
    assert sheet.questions == (
        Question("overall", QuestionKind.RATING, "整体感受怎么样？", bad_at_most=2, topic="workshop_quality"),
        Question(
            "reason",
            QuestionKind.SINGLE,
            "您打了{{ answers.overall }}分，主要因为什么？",
            (Option("speed", "速度"), Option("price", "价格")),
            Condition("overall", at_most=4),
            bad_codes=frozenset({"price"}),
        ),
        Question(
            "wishes",
            QuestionKind.TEXT,
            "还有什么想说的？",
            when=Condition("reason", codes=("speed",)),
            required=True,
            asks_back=True,
        ),
        Question("advice", QuestionKind.INFORMATION, "请记得每月看一次胎压。"),
    )
    later = found["second"]
    assert later.start == Start(timedelta(days=1), timedelta(days=2), after="satisfaction")
    assert later.questions[0].when == Condition("overall", earlier=True, bad=True)
    assert later.questions[0].bad_codes == {"no"}


def test_an_empty_folder_asks_nothing(tmp_path: Path) -> None:
    assert load_sheets(tmp_path) == {}


def test_every_kind_and_condition_can_be_written(tmp_path: Path) -> None:
    text = """
title: 回访
start: {event: owner_class, from_hours: 0, until_hours: 1}
opening: 您好！
closing: 谢谢！
questions:
  - {id: a, kind: rating, text: 一？}
  - {id: b, kind: multiple, text: 二？, options: {x: 甲, y: 乙, z: 丙}, bad: z}
  - {id: c, kind: yes_no, text: 三？, when: {question: a, at_least: 4}}
  - {id: d, kind: photo, text: 四？, when: {question: b, bad: yes}}
  - {id: e, kind: text, text: 五？, when: {question: d, answered: false}}
  - {id: f, kind: text, text: 六？, when: {question: c, is: yes}}
  - {id: g, kind: text, text: 七？, when: {question: a, is: ["4", 5]}}
"""
    questions = load_sheets(written(tmp_path, each=text))["each"].questions
    assert [question.kind.value for question in questions] == [
        *("rating", "multiple", "yes_no", "photo", "text", "text", "text")
    ]
    assert [question.when for question in questions] == [
        None,
        None,
        Condition("a", at_least=4),
        Condition("b", bad=True),
        Condition("d", answered=False),
        Condition("c", codes=("yes",)),
        Condition("a", codes=("4", "5")),
    ]


# ---------------------------------------------------------------- sheets after sheets


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("\n    when: {question: earlier.overall, bad: true}", "", "要看上一份问卷的回答再问"),
        ("earlier.overall, bad: true", "earlier.gone, bad: true", "「earlier.gone」上一份问卷里没有"),
        ("earlier.overall, bad: true", "earlier.advice, answered: true", "可以写 earlier.overall"),
        ("earlier.overall, bad: true", "earlier.reason, at_most: 3", "earlier.reason 不是打分题"),
        ("{{ earlier.overall }}", "{{ earlier.gone }}", "问卷 satisfaction 里没有"),
        ("{{ earlier.overall }}", "{{ earlier.reason }}", "是选择题，不能引用"),
        (
            "上次打了{{ earlier.overall }}分，现在好些了吗？",
            "整体感受，怎么样",
            "题目 overall 一样，不要重复问",
        ),
        ("id: now", "id: overall", "在问卷 satisfaction 里用过了"),
        ("opening: 您好！", 'opening: "{{ earlier.advice }}您好！"', "问卷 satisfaction 里没有"),
    ],
)
def test_f6_a_second_contact_only_asks_on_what_was_bad_or_open_and_never_again(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    assert before in LATER
    lines = told(tmp_path, satisfaction=GOOD, second=LATER.replace(before, after))
    assert any(words in line for line in lines), lines
    assert all(line.startswith(f"{tmp_path.name}/second.yaml 第 ") for line in lines)


def test_sheets_do_not_go_round(tmp_path: Path) -> None:
    lines = told(
        tmp_path,
        second=LATER.replace("after: satisfaction", "after: third"),
        third=LATER.replace("after: satisfaction", "after: second"),
    )
    assert sum("绕回了自己" in line for line in lines) == 2


def test_advice_after_a_sheet_needs_no_condition(tmp_path: Path) -> None:
    text = LATER + "  - {id: tip, kind: information, text: 祝您平安！}\n"
    assert len(load_sheets(written(tmp_path, satisfaction=GOOD, second=text))["second"].questions) == 2


def test_one_file_is_read_with_the_sheet_it_comes_after(tmp_path: Path) -> None:
    written(tmp_path, satisfaction=GOOD, second=LATER, broken="titel: x")
    sheet, before = read_sheet(tmp_path / "second.yaml")
    assert (sheet.id, before.id if before else "") == ("second", "satisfaction")
    assert read_sheet(tmp_path / "satisfaction.yaml")[1] is None
    with pytest.raises(UnreadableSheet, match="打不开这个文件"):
        read_sheet(tmp_path / "gone.yaml")
    written(tmp_path, satisfaction=GOOD.replace("kind: rating", "kind: stars"))
    with pytest.raises(UnreadableSheet, match=r"satisfaction\.yaml 第 9 行"):
        read_sheet(tmp_path / "second.yaml")


def test_topics_are_not_looked_up_while_the_routing_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own mistakes are told once, by the check of the routing."""

    def unreadable() -> NoReturn:
        raise RoutingFileError(["broken"])

    monkeypatch.setattr(sheets, "routing_rules", unreadable)
    assert load_sheets(written(tmp_path, satisfaction=GOOD.replace("workshop_quality", "anything")))


def test_check_reports_the_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checkup._questionnaires() == checkup.Finding(phrase("cli", "check_questionnaires"))
    monkeypatch.setattr(sheets, "FOLDER", written(tmp_path, satisfaction=GOOD.replace("event: left", "x: y")))
    assert any("没有「x」这一项" in line for line in checkup._questionnaires().faults)


def test_the_bot_does_not_start_with_a_broken_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def typed(*words: str) -> object:
        monkeypatch.setattr(sys, "argv", ["bot.py", *words])
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code

    monkeypatch.chdir(tmp_path)
    broken = tmp_path / "followup"
    broken.mkdir()
    assert typed("init") == 0
    monkeypatch.setattr(sheets, "FOLDER", written(broken, trial=GOOD.replace("kind: rating", "kind: star")))
    questionnaires.cache_clear()
    try:
        assert typed("selfcheck") == 2
    finally:
        questionnaires.cache_clear()
    told_there = capsys.readouterr().err
    assert "followup/trial.yaml 第 9 行：题目 overall 的 kind 写的是「star」" in told_there
    assert "Traceback" not in told_there


# ---------------------------------------------------------------- the page about them

PAGE = (Path(__file__).parents[2] / "docs/how-to/write-a-questionnaire.md").read_text(encoding="utf-8")


def test_the_examples_of_the_page_can_be_asked(tmp_path: Path) -> None:
    examples = dict(re.findall(r"```yaml file=(\w+)\.yaml\n(.*?)```", PAGE, re.DOTALL))
    found = load_sheets(written(tmp_path, **examples))
    assert set(found) == {"tyre_change", "tyres_again"}


@pytest.mark.parametrize(
    "parts", [PARTS, START_PARTS, QUESTION_PARTS, WHEN_PARTS, tuple(KINDS), tuple(EVENTS)]
)
def test_the_page_names_everything_that_can_be_written(parts: tuple[str, ...]) -> None:
    assert [part for part in (*parts, *KNOWN_FACTS) if not re.search(rf"\b{part}\b", PAGE)] == []


def test_the_page_gives_the_limits() -> None:
    said = (
        f"1 to {MOST_QUESTIONS}, in this order",
        f"`options` (2 to {MOST_OPTIONS}, code and label)",
        f"labels of up to {LONGEST_TICKED} signs",
        f"Labels have up to {LONGEST_LABEL} signs",
        f"texts, `opening` and `closing` up to {LONGEST_TEXT}",
        f"# up to {LONGEST_TITLE} signs",
        f"up to {MOST_HOURS // 24} days",
    )
    assert [words for words in said if words not in PAGE] == []
