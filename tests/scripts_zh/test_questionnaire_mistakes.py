"""What is said about every mistake in a questionnaire: file, line and cure (F3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.piping import pipes
from scripts_zh.questionnaires import UnreadableSheet, from_source, load_sheets
from tests.scripts_zh.sheet_files import GOOD, LATER, told, written

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
    ('"{{ address }}，您好！"', '"您好}}"', "大括号的写法不对"),
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


def line_with(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


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
