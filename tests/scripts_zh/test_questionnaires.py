"""The store's questionnaires: as shipped, what is said about every mistake, and how a version is kept (F3, F6)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import checkup
from domain.people import Queue
from domain.piping import KNOWN_FACTS, pipes
from domain.questionnaires import (
    Answer,
    Condition,
    FollowUpEvent,
    Option,
    Paper,
    Question,
    QuestionKind,
    Questionnaire,
    Start,
)
from scripts_zh import questionnaires as sheets
from scripts_zh import routing
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
    source_of,
    with_version,
)

GOOD = """# a comment
title: 满意度回访
start: {event: left, from_days: 3, until_days: 7}
told: [customer_care]
opening: "{{ address }}，您好！"
closing: 非常感谢合作！
questions:
  - id: overall
    kind: rating
    text: 整体感受怎么样？
    bad_at_most: 2
    topic: workshop_quality
  - id: reason
    kind: single
    text: 您打了{{ answers.overall }}分，主要因为什么？
    options: {speed: 速度, price: 价格}
    when: {question: overall, at_most: 4}
    bad: [price]
  - id: wishes
    kind: text
    text: 还有什么想说的？
    when: {question: reason, is: [speed]}
    required: true
    asks_back: true
  - id: advice
    kind: information
    text: 请记得每月看一次胎压。
"""
LATER = """
title: 再次关怀
start: {after: satisfaction, from_hours: 24, until_hours: 48}
opening: 您好！
closing: 谢谢您！
questions:
  - id: now
    kind: yes_no
    text: 上次打了{{ earlier.overall }}分，现在好些了吗？
    when: {question: earlier.overall, bad: true}
    bad: [no]
"""


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def told(folder: Path, **files: str) -> tuple[str, ...]:
    with pytest.raises(UnreadableSheet) as refused:
        load_sheets(written(folder, **files))
    return refused.value.lines


def line_with(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


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


# ---------------------------------------------------------------- mistakes

LONG = "很长" * 151
MISTAKES = [
    ("title: 满意度回访", "title: ''", "title（问卷名称）是空的，请写上内容"),
    ("title: 满意度回访", f"title: {'长' * 21}", "有 21 字，太长了，请缩到 20 字以内"),
    ("title: 满意度回访", "title: [满意度]", "要写成一句话"),
    ("title: 满意度回访", "title: 问{{ plate }}", "title 里不能填入"),
    ("title: 满意度回访", "title: 满意度回访\ntitle: 二", "「title」写了两次（第 2 行"),
    ("told: [customer_care]", "colour: red", "没有「colour」这一项，请删去，可以写的有 id、title"),
    ("told: [customer_care]", "titel: red", "是不是想写「title」"),
    ("told: [customer_care]", "id: other", "id 要和文件名一样，请写 id: satisfaction"),
    ("told: [customer_care]", "told: [garage]", "没有「garage」这个部门，请从这些里选：front_desk（前台）"),
    ("told: [customer_care]", "told: []", "told（还要告诉谁）要写成列表，例如 [customer_care]"),
    ("told: [customer_care]", "told: [parts, parts]", "「parts」写了两次"),
    ("event: left", "event: gone", "event 写的是「gone」，请从这些里选：left（维修车辆出厂）"),
    ("event: left, ", "", "说不清问卷什么时候开始，请写 event"),
    ("event: left", "event: left, after: second", "只写一个"),
    ("event: left", "after: nothing", "问卷「nothing」不存在"),
    ("event: left", "after: satisfaction", "问卷「satisfaction」不存在"),
    ("from_days: 3, ", "", "说不清隔多久，请写 from_hours 和 until_hours"),
    ("from_days: 3, ", "from_hours: 3, ", "说不清隔多久"),
    ("from_days: 3", "from_days: three", "from_days 写的是「three」，请写 0 到 90 的整数"),
    ("until_days: 7", "until_days: 3", "until_days 要比 from_days（3）大"),
    ("start: {event: left, from_days: 3, until_days: 7}", "start: left", "start 要写成「名称: 内容」的样子"),
    ('"{{ address }}，您好！"', '"{{ adress }}，您好！"', "没有 {{ adress }} 这个内容可填，可以写 address"),
    ('"{{ address }}，您好！"', '"{{ answers.overall }}分"', "引用的题目 overall 前面没有"),
    ('"{{ address }}，您好！"', '"{{ earlier.x }}，您好！"', "这份问卷没有写 after"),
    ('"{{ address }}，您好！"', '"{% if x %}您好！"', "大括号的写法不对"),
    ('"{{ address }}，您好！"', '"{{ address|upper }}，您好！"', "大括号的写法不对"),
    ('"{{ address }}，您好！"', '"你好！"', "请用「您」称呼客户"),
    ('"{{ address }}，您好！"', '"您好!请问"', "半角标点「好!」"),
    ('"{{ address }}，您好！"', '"<b>您好</b>"', "格式标记"),
    ('"{{ address }}，您好！"', '"您好，请给五星好评！"', "讨要或暗示分数"),
    ('"{{ address }}，您好！"', "{{ address }}，您好！", "格式不对"),
    ("closing: 非常感谢合作！", f"closing: {LONG}", "有 302 字，太长了"),
    ("closing: 非常感谢合作！\n", "", "问卷缺少 closing，请补上"),
    ("id: overall", "id: Overall", "题目代号「Overall」不能用，请用小写英文字母"),
    ("id: overall", f"id: {'a' * 17}", "16 个字符以内"),
    ("id: wishes", "id: overall", "题目代号「overall」和第 8 行的重复"),
    ("  - id: overall\n    kind", "  - kind", "题目缺少 id，请补上"),
    ("kind: rating", "kind: stars", "题目 overall 的 kind 写的是「stars」，请从这些里选：rating（打分）"),
    ("    bad_at_most: 2", "    bad: [no]", "打分题请写 bad_at_most"),
    ("bad_at_most: 2", "bad_at_most: 5", "请写 1 到 4 的整数"),
    ("bad_at_most: 2", "colour: 2", "题目没有「colour」这一项"),
    ("bad_at_most: 2", "asks_back: true", "不是 text，客户没法写问题"),
    ("bad_at_most: 2", "required: perhaps", "请写 true（是）或 false（否）"),
    ("bad_at_most: 2", "options: {a: 好, b: 坏}", "题目 overall 不是选择题，请删去 options"),
    ("topic: workshop_quality", "topic: workshop", "routing.yaml 里没有话题「workshop」，请从这些里选"),
    ("    options: {speed: 速度, price: 价格}\n", "", "是选择题，请写 options"),
    ("{speed: 速度, price: 价格}", "{speed: 速度}", "有 1 个选项，请写 2 到 8 个"),
    ("{speed: 速度, price: 价格}", "[速度, 价格]", "要写成「名称: 内容」的样子"),
    ("{speed: 速度, price: 价格}", "{speed: 速度, price: 速度}", "选项「速度」重复了"),
    ("{speed: 速度, price: 价格}", "{speed: 速度, speed: 价格, price: 钱}", "「speed」写了两次"),
    ("{speed: 速度, price: 价格}", "{speed: 速度, 价格: 价格}", "选项代号「价格」不能用"),
    ("{speed: 速度, price: 价格}", "{speed: 速度, 3: 价格}", "选项代号「3」不能用"),
    ("{speed: 速度, price: 价格}", f"{{speed: 速度, price: {'价' * 21}}}", "请缩到 20 字以内"),
    ("{speed: 速度, price: 价格}", "{speed: 速度, price: '{{ plate }}'}", "是按钮上的字，不能填入"),
    ("{speed: 速度, price: 价格}", "{speed: 速度, price: 给5分}", "讨要或暗示分数"),
    ("bad: [price]", "bad: [money]", "bad 里没有「money」这个回答，可以写 speed、price"),
    ("bad: [price]", "bad: [speed, price]", "每个回答都算不满意"),
    ("bad: [price]", "bad_at_most: 3", "不是打分题，请删去 bad_at_most"),
    ("at_most: 4}", "at_most: 4, bad: true}", "要有一个条件，只能一个"),
    ("{question: overall, at_most: 4}", "{question: overall}", "要有一个条件，只能一个"),
    ("{question: overall, at_most: 4}", "{at_most: 4}", "缺少 question"),
    (
        "{question: overall, at_most: 4}",
        "{question: wishes, answered: true}",
        "「wishes」前面没有，可以写 overall",
    ),
    ("{question: overall, at_most: 4}", "{question: earlier.x, answered: true}", "这份问卷没有写 after"),
    ("{question: overall, at_most: 4}", "{question: overall, is: [6]}", "「6」不是 overall 的回答"),
    ("{question: overall, at_most: 4}", "{question: overall, at_most: 5}", "请写 1 到 4 的整数"),
    ("{question: reason, is: [speed]}", "{question: reason, at_most: 3}", "reason 不是打分题"),
    ("{question: reason, is: [speed]}", "{question: reason, is: [speed, price]}", "全部回答"),
    ("{question: reason, is: [speed]}", "{question: wishes, answered: true}", "「wishes」前面没有"),
    ("    required: true\n", "    topic: nothing\n", "没有话题「nothing」"),
    ("text: 请记得每月看一次胎压。", "text: 请记得。\n    required: true", "不用回答，请删去 required"),
    ("text: 请记得每月看一次胎压。", "text: 请记得。\n    topic: price", "不会变成投诉，请删去 topic"),
    ("text: 请记得每月看一次胎压。", "text: 胎压\n    when: {question: wishes, is: [a]}", "请改用 answered"),
]


@pytest.mark.parametrize(("before", "after", "words"), MISTAKES)
def test_f3_a_mistake_is_told_with_file_line_and_cure(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    assert GOOD.count(before) == 1
    text = GOOD.replace(before, after)
    lines = told(tmp_path, satisfaction=text)
    [found] = [line for line in lines if words in line][:1] or [""]
    assert found, lines
    place = GOOD[: GOOD.index(before)].count("\n") + 1
    number = int(found.split(" 第 ")[1].split(" 行：")[0]) if " 第 " in found.split("：")[0] else 0
    assert found.startswith(f"{tmp_path.name}/satisfaction.yaml 第 ")
    if "缺少" not in found and "请写 options" not in found:
        assert place <= number <= place + 1 + after.count("\n"), found
    assert any(cure in found for cure in ("请", "可以写", "是不是", "要写成"))


def test_every_mistake_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = (
        GOOD.replace("event: left", "event: gone").replace("您好！", "你好,请给好评").replace("speed:", "速:")
    )
    lines = told(tmp_path, satisfaction=text, second=LATER.replace("title: 再次关怀", "titel: 再次关怀"))
    numbers = [int(line.split(" 第 ")[1].split(" 行")[0]) for line in lines if "satisfaction" in line]
    assert numbers == sorted(numbers)
    assert len(numbers) == 5
    assert any("second.yaml" in line and "是不是想写「title」" in line for line in lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "文件是空的"),
        ("# nothing\n", "文件是空的"),
        ("- a\n- b\n", "第 1 行：问卷要写成「名称: 内容」的样子"),
        ("title:\n\t- a", "第 2 行：不能用 Tab 键缩进"),
        ("title: 提醒: 您好", "第 1 行：这一行有两个冒号"),
        ("title: *name", "第 1 行：以 *、&、@、% 或反引号开头的内容"),
        ("title: @name", "第 1 行：以 *、&、@、% 或反引号开头的内容"),
        ("title: 一\n---\ntitle: 二", "第 2 行：一个文件只能写一份问卷"),
        ("title: '一", "格式不对"),
        ("title: \x07", "不能显示的字符"),
        ("[" * 3000, "括号套得太深"),
        ("a" * 60_001, "文件太大了"),
        ("&a [*a]", "问卷要写成"),
        ("? [a]\n: b\n", "没有「…」这一项"),
    ],
)
def test_what_is_no_sheet_at_all(tmp_path: Path, text: str, words: str) -> None:
    lines = told(tmp_path, broken=text)
    assert any(words in line for line in lines), lines
    assert all("broken.yaml" in line for line in lines)


def test_files_are_named_after_their_sheet(tmp_path: Path) -> None:
    assert "文件名就是问卷代号" in told(tmp_path, **{"Bad Name": GOOD})[0]
    other = tmp_path / "other"
    other.mkdir()
    (other / "satisfaction.yml").write_text(GOOD, encoding="utf-8")
    assert "要以 .yaml 结尾" in told(other, satisfaction=GOOD)[0]
    gbk = tmp_path / "gbk"
    gbk.mkdir()
    (gbk / "satisfaction.yaml").write_bytes(GOOD.encode("gbk"))
    assert "不是 UTF-8 编码" in told(gbk)[0]


def test_the_id_may_be_written_when_it_is_the_files_name(tmp_path: Path) -> None:
    text = GOOD.replace("# a comment", "id: satisfaction")
    assert load_sheets(written(tmp_path, satisfaction=text))["satisfaction"].id == "satisfaction"


def test_too_many_questions(tmp_path: Path) -> None:
    more = "".join(f"  - {{id: q{number}, kind: text, text: 第{number}题}}\n" for number in range(9))
    [line] = told(tmp_path, satisfaction=GOOD + more)
    assert "共有 13 题，太多了，请删到 12 题以内" in line
    assert f"第 {line_with(GOOD + more, 'q8')} 行" in line


def test_a_sheet_asks_something(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("  - id: overall")] + GOOD[GOOD.index("  - id: advice") :]
    assert "没有一道要回答的题" in told(tmp_path, satisfaction=text)[0]
    head = GOOD[: GOOD.index("questions:")]
    assert "questions 要列出题目" in told(tmp_path, satisfaction=f"{head}questions: []\n")[0]


def test_ticked_labels_leave_room_for_their_mark(tmp_path: Path) -> None:
    text = GOOD.replace("kind: single", "kind: multiple").replace("速度, price", f"{'速' * 19}, price")
    assert "请缩到 18 字以内" in told(tmp_path, satisfaction=text)[0]


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
    sheets._topics.cache_clear()
    monkeypatch.setattr(sheets, "ROUTING", tmp_path / "routing.yaml")
    try:
        assert load_sheets(written(tmp_path, satisfaction=GOOD.replace("workshop_quality", "anything")))
    finally:
        sheets._topics.cache_clear()
    assert routing.FILE.exists()


def test_check_reports_the_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checkup._questionnaires() == checkup.Finding(phrase("cli", "check_questionnaires"))
    monkeypatch.setattr(sheets, "FOLDER", written(tmp_path, satisfaction=GOOD.replace("event: left", "x: y")))
    assert any("没有「x」这一项" in line for line in checkup._questionnaires().faults)


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


# ---------------------------------------------------------------- versions


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


@given(st.text(max_size=200))
def test_any_text_is_a_sheet_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "any.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(UnreadableSheet):
        load_sheets(folder)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 30), st.text(max_size=6))
def test_a_damaged_sheet_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, place: int, length: int, instead: str
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    text = GOOD[:place] + instead + GOOD[place + length :]
    (folder / "satisfaction.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        sheet = load_sheets(folder)["satisfaction"]
    except UnreadableSheet:
        return
    assert from_source(sheet.source) == sheet
    assert "answers.overall" not in pipes(sheet.opening)
