"""The wordings as they are on disk: all named and used, well punctuated, safe against what people type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import pytest
import yaml

from dialogs.catalogue import DIALOGS
from scripts_zh import phrases
from scripts_zh.rendering import ScriptMissing, Scripts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "scripts_zh"
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
SCRIPTS = Scripts(FOLDER, ZONE)
FILES = sorted(FOLDER.rglob("*.j2")) + sorted(FOLDER.glob("*/buttons.yaml"))
SOURCES = "\n".join(
    file.read_text("utf-8") for room in ("dialogs", "service") for file in (ROOT / room).glob("*.py")
)
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,!?;:]|[,!?;][\u4e00-\u9fff]|\.\.\.")
TAGS = re.compile(r"</?(\w+)")


def named(pattern: str) -> set[str]:
    return set(re.findall(pattern, SOURCES))


def test_every_script_that_is_named_is_there() -> None:
    written = set(SCRIPTS.names())
    missing = {
        name
        for name in named(r'"([a-z_]+/[a-z_]+)"')
        if name.split("/")[0] in (*DIALOGS, "slot_picker", "shared")
    }
    assert missing - written == {
        "shared/topic"
    }  # no wording: the outbox marks by it that a topic is asked for


def test_every_script_is_used() -> None:
    """A procedure's wording that nobody says is dead; the shared ones belong to the engine."""
    used = named(r'"([a-z_]+/[a-z_]+)"')
    families = named(r'f"([a-z_]+/[a-z_]*)\{')
    dead = [
        name
        for name in SCRIPTS.names()
        if not name.startswith("shared/") and name not in used and not any(map(name.startswith, families))
    ]
    assert dead == []


def test_every_button_has_a_label_and_every_label_a_button() -> None:
    shared = SCRIPTS.button_keys("shared")
    for name in DIALOGS:
        for key in SCRIPTS.button_keys(name):
            assert f'"{key}"' in SOURCES, f"{name}/{key} is a label without a button"
    every = shared.union(*(SCRIPTS.button_keys(name) for name in DIALOGS))
    keys = named(r'Button\("([a-z_]+)"') | named(r'label="([a-z_]+)"')
    # These are always labelled otherwise: earlier_days, because_reply, colleague, change_cause, keep …
    assert keys - every - {"days", "because", "to", "change", "reason", "on"} == set()


def test_every_timer_has_words() -> None:
    words = {"number": "YY1", "start": NOW, "name": "陈晓", "substitute": "赵敏", "step": "intake"}
    words |= {"item": "更换刹车片", "promise": NOW}
    for dialog, name in sorted(SCRIPTS.timer_names()):
        assert all(SCRIPTS.timer(dialog, name, words))
    assert (
        SCRIPTS.timer("appointment", "reminder_4h", {"number": "YY1", "start": NOW})[0]
        == "提醒客户到店（11月23日 周一 09:00）"
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_chinese_punctuation_and_a_polite_you(file: Path) -> None:
    text = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>|^[\w ]+:|#.*$", "", file.read_text("utf-8"), flags=re.M)
    assert not HALF_WIDTH.search(text), HALF_WIDTH.search(text)
    assert "你" not in text
    assert set(TAGS.findall(file.read_text("utf-8"))) <= {"b", "i", "code", "blockquote"}


def test_no_logic_beyond_if_and_lists() -> None:
    for file in FOLDER.rglob("*.j2"):
        statements = re.findall(r"\{%-?\s*(\w+)", file.read_text("utf-8"))
        assert set(statements) <= {"if", "elif", "else", "endif", "for", "endfor"}, file


def test_fixed_labels_fit_on_a_phone() -> None:
    for file in FOLDER.glob("*/buttons.yaml"):
        for key, label in yaml.safe_load(file.read_text("utf-8")).items():
            assert "{" in str(label) or len(str(label)) <= 20, key


def test_what_people_type_is_escaped(tmp_path: Path) -> None:
    """Also in .html.j2, where Jinja's usual choice by name would not."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.j2").write_text("<b>{{ name }}</b>")
    (tmp_path / "a" / "c.html.j2").write_text("{{ name }}")
    scripts = Scripts(tmp_path, ZONE)
    assert scripts.text("a/b", {"name": "<i>&{{ x }}"}) == "<b>&lt;i&gt;&amp;{{ x }}</b>"
    assert scripts.text("a/c.html", {"name": "<i>"}) == "&lt;i&gt;"


def test_labels_are_plain_text(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "buttons.yaml").write_text('car: "{{ name }}"')
    assert Scripts(tmp_path, ZONE).label("a", "car", {"name": "A & B"}) == "A & B"


def test_a_missing_word_or_script_is_an_error_that_names_the_cure() -> None:
    with pytest.raises(jinja2.UndefinedError):
        SCRIPTS.text("booking/agree", {})
    with pytest.raises(ScriptMissing, match=r"scripts_zh/booking/nowhere\.j2"):
        SCRIPTS.text("booking/nowhere", {})
    with pytest.raises(ScriptMissing, match=r"booking/nobody"):
        SCRIPTS.label("booking", "nobody", {})
    with pytest.raises(ScriptMissing):
        SCRIPTS.keyboard("nowhere")
    with pytest.raises(ScriptMissing):
        SCRIPTS.timer("booking", "never", {})


def test_an_edited_script_is_read_again_when_asked_to(tmp_path: Path) -> None:
    import os

    (tmp_path / "a").mkdir()
    script = tmp_path / "a" / "b.j2"
    script.write_text("一")
    scripts, frozen = Scripts(tmp_path, ZONE, auto_reload=True), Scripts(tmp_path, ZONE)
    assert (scripts.text("a/b", {}), frozen.text("a/b", {})) == ("一", "一")
    script.write_text("二")
    os.utime(script, (1, 1))
    assert (scripts.text("a/b", {}), frozen.text("a/b", {})) == ("二", "一")


@dataclass(frozen=True)
class Case:
    written: str
    words: dict[str, Any]
    shown: str


def cases() -> Iterator[Case]:
    moment = datetime(2026, 11, 24, 7, 0, tzinfo=ZoneInfo("UTC"))
    yield Case("{{ x|day }}", {"x": moment}, "11月24日 周二")
    yield Case("{{ x|day }}", {"x": date(2026, 11, 29)}, "11月29日 周日")
    yield Case("{{ x|clock }}", {"x": moment}, "15:00")
    yield Case("{{ x|when(now) }}", {"x": moment, "now": NOW}, "明天 11月24日 周二 15:00")
    yield Case("{{ x|near_day(now) }}", {"x": date(2026, 11, 25), "now": NOW}, "后天 11月25日 周三")
    yield Case("{{ x|near_day(now) }}", {"x": date(2026, 11, 22), "now": NOW}, "11月22日 周日")
    yield Case("{{ x|short_day(now) }}", {"x": date(2026, 12, 1), "now": NOW}, "12/1 周二")
    yield Case("{{ x|money }}", {"x": Decimal(1280)}, "¥1,280")
    yield Case("{{ x|money }}", {"x": Decimal("12.5")}, "¥12.50")
    yield Case("{{ x|plate }}", {"x": "粤B12345"}, "粤B·12345")
    yield Case("{{ x|masked_plate }}", {"x": "粤B12345"}, "粤B·1**45")
    yield Case("{{ x|masked_plate }}", {"x": "whatever"}, "***")
    yield Case("{{ x|phone }}", {"x": "+8613800138000"}, "138 0013 8000")
    yield Case("{{ x|phone }}", {"x": "0755-1"}, "0755-1")
    yield Case("{{ x|masked_phone }}", {"x": "+8613800138000"}, "138****8000")
    yield Case("{{ x|masked_phone }}", {"x": "1234"}, "****")
    yield Case("{{ x|lasting }}", {"x": 90}, "1 小时 30 分钟")
    yield Case("{{ x|lasting }}", {"x": 120}, "2 小时")
    yield Case("{{ x|lasting }}", {"x": 0}, "0 分钟")
    yield Case("{{ x|percent }}", {"x": Decimal("0.05")}, "5%")
    yield Case("{{ x|percent }}", {"x": Decimal("0.1000")}, "10%")
    yield Case("{{ x|percent }}", {"x": Decimal("0.125")}, "12.5%")
    yield Case("{{ x|fold }}", {"x": Decimal("0.05")}, "9.5 折")
    yield Case("{{ x|fold }}", {"x": Decimal("0.30")}, "7 折")


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.shown)
def test_how_things_are_written(tmp_path: Path, case: Case) -> None:
    (tmp_path / "a.j2").write_text(case.written)
    assert Scripts(tmp_path, ZONE).text("a", case.words) == case.shown


def test_the_menu_keyboard() -> None:
    menu = SCRIPTS.keyboard("menu")
    words = [key.label for row in menu.rows for key in row]
    assert words[:4] == ["预约服务", "维修进度", "投诉建议", "咨询"]
    assert SCRIPTS.keyboard("contact").rows[0][0].asks_contact
    assert SCRIPTS.keyboard("none").rows == ()


@pytest.mark.parametrize("script", ["shared/hand_over_staff", "shared/undeliverable", "call/taken"])
def test_a_card_in_the_group_shows_no_whole_plate_or_phone(script: str) -> None:
    """A3: whoever takes the call reads the rest in their private chat."""
    said = "我是13812345678，车牌粤B12345"
    words = {
        "name": "王先生",
        "phone": "+8613812345678",
        "said": said,
        "text": said,
        "reason": "human",
        "who": "陈晓",
        "number": "JC261123-041",
    }
    shown = SCRIPTS.text(script, words)
    assert "138****5678" in shown
    assert "12345" not in shown
    assert "粤B12345" in SCRIPTS.text("call/number", words)


def test_no_group_of_phrases_is_written_twice() -> None:
    """The later one would silently be taken, within a file and from one file to the next."""
    texts = ((FOLDER / name).read_text("utf-8") for name in phrases.FILES)
    groups = [group for text in texts for group in re.findall(r"^(\w+):", text, re.MULTILINE)]
    assert sorted(groups) == sorted(set(groups))
