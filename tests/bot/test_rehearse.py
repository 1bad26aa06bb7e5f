"""`python bot.py rehearse`: a questionnaire played in the terminal, driven here by what is typed (F3)."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.rehearse import figures_of, rehearse
from domain.follow_ups import FollowUpFigures
from domain.questionnaires import QuestionKind
from scripts_zh.questionnaires import FOLDER, UnreadableSheet, questionnaires

Play = Callable[..., str]
ROOT = Path(__file__).parents[2]
SHEET = """
title: 试写的问卷
start: {event: left, from_hours: 20, until_days: 2}
opening: "{{ address }}，您好！"
closing: 谢谢{{ address }}！
told: [workshop]
questions:
  - {id: noise, kind: yes_no, text: 有异响吗？, bad: [yes], topic: workshop_quality}
  - {id: parts, kind: multiple, text: 看了哪里？, options: {brake: 刹车, light: 灯光, tyre: 轮胎}}
  - {id: which, kind: text, text: "{{ answers.parts }}怎么样？", when: {question: parts, answered: true}}
  - {id: form, kind: photo, text: 方便的话，请拍一张单据。}
  - {id: tip, kind: information, text: 记得看胎压。}
  - {id: rate, kind: rating, text: 整体怎么样？, required: true}
  - {id: ask, kind: text, text: 想问什么？, asks_back: true}
""".replace("until_days: 2", "until_hours: 48")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trial.yaml"
    path.write_text(SHEET, encoding="utf-8")
    return path


def played(
    file: Path, *typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    rehearse(file, FollowUpFigures())
    return capsys.readouterr().out


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Play:
    return lambda file, *typed: played(file, *typed, monkeypatch=monkeypatch, capsys=capsys)


def test_a_sheet_is_played_to_its_closing_words(play: Play, file: Path) -> None:
    said = play(file, "没有", "1、3", "挺好", "单据照片", "", "5", "保养多少钱")
    for words in (
        "【预演】试写的问卷（trial，版本 ",
        "开始：维修车辆出厂之后 20 小时到 2 天",
        "客户会看到：王女士，您好！",
        "第 1 题，共 5 题 [noise]",
        "第 3 题，共 6 题 [which]",
        "转投诉：是",
        "✔ 否",
        "✔ 刹车、轮胎",
        "→ 条件成立，会问 [which] 刹车、轮胎怎么样？",
        "✔ 照片",
        "转投诉：3 分及以下",
        "这题必须回答",
        "客户会看到：谢谢王女士！",
        "【小结】回答 6 题，跳过 0 题，没问到 0 题",
        "[parts] 刹车、轮胎",
        "不会生成投诉",
        "会转给顾问 1 个问题",
    ):
        assert words in said, words


def test_a_condition_that_does_not_hold_is_told_and_its_question_left_out(play: Play, file: Path) -> None:
    said = play(file, "2", "", "", "", "4", "")
    assert "→ 条件不成立，不问 [which]" in said
    assert said.count("→") == 1
    assert "\n【小结】回答 2 题，跳过 3 题，没问到 1 题" in said


def test_f5_a_bad_answer_ends_it_with_its_complaint(play: Play, file: Path) -> None:
    said = play(file, "1")
    assert "⚠ 这个回答会生成投诉，话题：维修质量。问卷到此结束" in said
    assert "同时告诉：车间" in said
    assert "谢谢王女士" not in said
    assert "会生成 1 单投诉（题目 noise）" in said


def test_words_that_complain_are_told_too(play: Play, file: Path) -> None:
    said = play(file, "没有", "1", "修得太差了，我要投诉")
    assert "话题：按客户的话判断" in said


def test_kind_words_are_no_question(play: Play, file: Path) -> None:
    assert "会转给顾问" in play(file, "没有", "", "", "", "5", "怎么连蓝牙？").split("【小结】")[1]
    assert "会转给顾问" not in play(file, "没有", "", "", "", "5", "都挺好的").split("【小结】")[1]


def test_what_cannot_be_read_is_asked_again_and_required_is_not_skipped(play: Play, file: Path) -> None:
    said = play(file, "谁知道呢", "否", "", "", "", "", "9", "5", "")
    assert "看不懂「谁知道呢」，请再答一次" in said
    assert "看不懂「9」，请再答一次" in said
    assert "这题必须回答，不能跳过，请再答一次" in said
    assert "回答 2 题" in said


def test_going_back_asks_again(play: Play, file: Path) -> None:
    said = play(file, "返回", "2", "1 2", "返回", "3", "", "", "", "5", "")
    assert "已经是第一题了" in said
    assert "✔ 刹车、灯光" in said
    assert said.count("[parts]\n") == 2
    assert "[parts] 轮胎" in said


@pytest.mark.parametrize("typed", [(), ("2",), ("2", "1", "好")])
def test_the_end_of_what_is_typed_ends_it_politely(play: Play, file: Path, typed: tuple[str, ...]) -> None:
    said = play(file, *typed)
    assert "预演提前结束" in said
    assert "【小结】" in said
    assert "谢谢王女士" not in said


def test_f6_the_sheet_before_is_answered_first(play: Play) -> None:
    file = FOLDER / "second_contact.yaml"
    said = play(file, "5", "2", "5", "5", "5", "", "", "是")
    assert "看上一份「满意度回访」的回答来问" in said
    assert "这个回答当时就会生成投诉" in said
    assert "条件成立，会问 [fixed_now]" in said
    assert "条件不成立，不问 [treated_now]" in said
    assert "第 1 题，共 1 题 [fixed_now]" in said
    assert "不会生成投诉" in said


def test_f6_where_nothing_was_bad_or_open_nothing_is_sent(play: Play) -> None:
    said = play(FOLDER / "second_contact.yaml", "5", "5", "5", "5", "5", "", "")
    assert "没有要问的，这份问卷不会发给客户" in said
    assert "【小结】" not in said
    assert "预演提前结束" in play(FOLDER / "second_contact.yaml", "5")


@pytest.mark.parametrize("name", sorted(questionnaires()))
def test_every_shipped_sheet_can_be_played_by_its_name(play: Play, name: str) -> None:
    said = play(Path(name), *["5", "1"] * 20)
    assert f"（{name}，版本 {questionnaires()[name].version}）" in said


def test_a_broken_sheet_is_told_instead(play: Play, file: Path) -> None:
    file.write_text(SHEET.replace("yes_no", "star"), encoding="utf-8")
    with pytest.raises(UnreadableSheet, match="kind 写的是「star」"):
        play(file)


def test_the_stores_figures_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert figures_of() == FollowUpFigures()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(questionnaires())),
    st.lists(st.sampled_from(["", "1", "5", "2 3", "好", "没有", "是", "返回", "投诉", "？"]), max_size=40),
)
def test_f3_whatever_is_typed_it_ends_politely(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, typed: list[str]
) -> None:
    said = played(Path(name), *typed, monkeypatch=monkeypatch, capsys=capsys)
    assert "【小结】" in said or "不会发给客户" in said or "预演提前结束" in said
    assert "{{" not in said


def test_it_is_a_command_that_needs_neither_store_nor_token(tmp_path: Path) -> None:
    def bot(*words: str, feed: bytes) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, str(ROOT / "bot.py"), *words]
        return subprocess.run(
            command,
            cwd=tmp_path,
            input=feed,
            capture_output=True,
            timeout=60,
            check=False,
            env={"PATH": "", "LANG": "C.UTF-8"},
        )

    done = bot("rehearse", "check_48h", feed="是\n\n没有\n".encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert "不会生成投诉" in done.stdout.decode()
    assert bot("rehearse", "check_48h", feed=b"\xff\xfe\n").returncode == 0
    missing = bot("rehearse", "nothing.yaml", feed=b"")
    assert missing.returncode == 2
    assert "打不开这个文件" in missing.stderr.decode()
    assert b"Traceback" not in missing.stderr


def test_the_kinds_are_all_played() -> None:
    shipped = {question.kind for sheet in questionnaires().values() for question in sheet.questions}
    assert set(QuestionKind) - shipped == {QuestionKind.PHOTO}  # which the sheet above asks for
