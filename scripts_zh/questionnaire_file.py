"""One file of followup/: read into a questionnaire, with the lines to which later checks can point (F3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import yaml

from domain.people import Queue
from domain.questionnaires import (
    RATINGS,
    Condition,
    FollowUpEvent,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Start,
)
from scripts_zh.phrases import phrase
from scripts_zh.questionnaire_nodes import Fault, Nodes, line_of

LONGEST_TITLE, LONGEST_TEXT = 20, 300
LONGEST_LABEL, LONGEST_TICKED = 20, 18  # a ticked box adds a mark and a blank
MOST_QUESTIONS, MOST_OPTIONS, MOST_HOURS = 12, 8, 24 * 90
SHEET_ID = re.compile(r"[a-z][a-z0-9_]{1,23}", re.ASCII)
QUESTION_ID = re.compile(r"[a-z][a-z0-9_]{0,15}", re.ASCII)
CODE = re.compile(r"[a-z][a-z0-9_]{0,11}", re.ASCII)

PARTS = ("id", "title", "start", "told", "opening", "closing", "questions")
START_PARTS = ("event", "after", "from_hours", "until_hours", "from_days", "until_days")
WHEN_PARTS = ("question", "is", "at_most", "at_least", "bad", "answered")
QUESTION_PARTS = (
    *("id", "kind", "text", "options", "when", "bad", "bad_at_most", "topic", "required", "asks_back"),
)
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        FollowUpEvent.LEFT.value: "维修车辆出厂",
        FollowUpEvent.HANDED_OVER.value: "新车交付",
        FollowUpEvent.CONSULTED.value: "咨询",
        FollowUpEvent.OWNER_CLASS.value: "车主课堂",
    }
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        QuestionKind.RATING.value: "打分",
        QuestionKind.SINGLE.value: "单选",
        QuestionKind.MULTIPLE.value: "多选",
        QuestionKind.YES_NO.value: "是或否",
        QuestionKind.TEXT.value: "文字或语音",
        QuestionKind.PHOTO.value: "照片",
        QuestionKind.INFORMATION.value: "只读的话",
    }
)


@dataclass(slots=True)
class Draft:
    """What a file says: `where` names it, `lines` tell where each part begins.

    `partial` is all that could be read; it is the `sheet` only where nothing is missing.
    """

    where: str
    name: str
    partial: Questionnaire | None = None
    sheet: Questionnaire | None = None
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_draft(path: Path) -> Draft:
    """Read one file; nothing is raised, all that is wrong with it alone is in `faults`."""
    draft = Draft(f"{path.parent.name}/{path.name}", path.stem)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        draft.faults.append(Fault(0, "不是 UTF-8 编码，请用 UTF-8 重新保存。"))
    except OSError:
        draft.faults.append(Fault(0, "打不开这个文件，请检查路径和权限。"))
    else:
        if path.suffix != ".yaml":
            draft.faults.append(Fault(0, "文件名要以 .yaml 结尾，请改名。"))
        _SheetReading(draft).read(text)
    return draft


class _SheetReading:
    """One pass over one file."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._nodes = Nodes()

    def read(self, text: str) -> None:
        """Fill the draft."""
        root = self._nodes.root(text)
        self._draft.partial = self._sheet(root) if root is not None else None
        self._draft.sheet = self._draft.partial if self._nodes.is_whole else None
        self._draft.faults += self._nodes.faults

    def _line(self, part: str, node: yaml.Node | None) -> None:
        if node is not None:
            self._draft.lines[part] = line_of(node)

    def _sheet(self, root: yaml.Node) -> Questionnaire:
        nodes = self._nodes
        parts = nodes.entries(root, "问卷", PARTS, ("title", "start", "opening", "closing", "questions"))
        for part, node in parts.items():
            self._line(part, node)
        return Questionnaire(
            self._id(parts.get("id")),
            nodes.words(parts.get("title"), "title（问卷名称）", LONGEST_TITLE),
            "",
            self._start(parts["start"]) if "start" in parts else Start(timedelta(0), timedelta(0)),
            nodes.words(parts.get("opening"), "opening（开头的话）", LONGEST_TEXT),
            nodes.words(parts.get("closing"), "closing（结束的话）", LONGEST_TEXT),
            self._questions(parts["questions"]) if "questions" in parts else (),
            self._told(parts.get("told")),
        )

    def _id(self, node: yaml.Node | None) -> str:
        name = self._draft.name
        if not SHEET_ID.fullmatch(name):
            cure = "请用小写英文字母、数字和下划线，以字母开头，2 到 24 个字符，例如 check_48h.yaml。"
            self._nodes.mistake(0, f"文件名就是问卷代号，{cure}")
        if node is not None and getattr(node, "value", None) != name:
            self._nodes.mistake(node, f"id 要和文件名一样，请写 id: {name}，或把文件改名；不写 id 也可以。")
        return name

    def _start(self, node: yaml.Node) -> Start:
        nodes = self._nodes
        parts = nodes.entries(node, "start ", START_PARTS)
        if parts and ("event" in parts) == ("after" in parts):
            cure = "请写 event（什么事之后，如 event: left）或 after（哪份问卷之后），只写一个。"
            nodes.missing(node, f"start 说不清问卷什么时候开始，{cure}")
        in_hours = {"from_hours", "until_hours"} & parts.keys()
        in_days = {"from_days", "until_days"} & parts.keys()
        if parts and (len(in_hours), len(in_days)) not in ((2, 0), (0, 2)):
            cure = "请写 from_hours 和 until_hours，或 from_days 和 until_days，例如 from_days: 3, until_days: 7。"
            nodes.missing(node, f"start 说不清隔多久，{cure}")
        unit, hours = ("days", 24) if in_days else ("hours", 1)
        most = MOST_HOURS // hours
        first = nodes.number(parts.get(f"from_{unit}"), f"from_{unit}", 0, most)
        last = nodes.number(parts.get(f"until_{unit}"), f"until_{unit}", 1, most)
        if first is not None and last is not None and first >= last:
            nodes.mistake(parts[f"until_{unit}"], f"until_{unit} 要比 from_{unit}（{first}）大，请改大一些。")
        event = nodes.choice(parts.get("event"), "event", EVENTS)
        return Start(
            timedelta(hours=(first or 0) * hours),
            timedelta(hours=(last or 0) * hours),
            FollowUpEvent(event) if event else None,
            nodes.words(parts.get("after"), "after", 24),
        )

    def _told(self, node: yaml.Node | None) -> tuple[Queue, ...]:
        desks = {queue.value: phrase("queue", queue.value) for queue in Queue}
        found = []
        for code, line in self._nodes.codes(node, "told（还要告诉谁）", "[customer_care]"):
            if code in desks:
                found.append(Queue(code))
            else:
                known = "、".join(f"{desk}（{name}）" for desk, name in desks.items())
                self._nodes.mistake(line, f"told 里没有「{code}」这个部门，请从这些里选：{known}。")
        return tuple(found)

    def _questions(self, node: yaml.Node) -> tuple[Question, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._nodes.missing(node, "questions 要列出题目，每题以「- id: 代号」开头。")
            return ()
        if len(node.value) > MOST_QUESTIONS:
            self._nodes.mistake(
                node.value[MOST_QUESTIONS],
                f"共有 {len(node.value)} 题，太多了，请删到 {MOST_QUESTIONS} 题以内。",
            )
        found = tuple(self._question(each, f"questions.{place}") for place, each in enumerate(node.value))
        first: dict[str, int] = {}
        for place, question in enumerate(found):
            line = self._draft.lines.get(f"questions.{place}.id", line_of(node))
            if question.id and question.id in first:
                begun = first[question.id]
                self._nodes.mistake(line, f"题目代号「{question.id}」和第 {begun} 行的重复，请换一个代号。")
            first.setdefault(question.id, line)
        return found

    def _question(self, node: yaml.Node, place: str) -> Question:
        nodes = self._nodes
        parts = nodes.entries(node, "题目", QUESTION_PARTS, ("id", "kind", "text"))
        self._line(place, node)
        for part, each in parts.items():
            self._line(f"{place}.{part}", each)
        code = nodes.words(parts.get("id"), "题目的 id", 99)
        about = f"题目 {code} 的"
        if code and not QUESTION_ID.fullmatch(code):
            cure = "请用小写英文字母、数字和下划线，以字母开头，16 个字符以内，例如 overall。"
            nodes.mistake(parts["id"], f"题目代号「{code}」不能用，{cure}")
        kind = nodes.choice(parts.get("kind"), f"{about} kind", KINDS)
        bad = nodes.codes(parts.get("bad"), f"{about} bad")
        return Question(
            code,
            QuestionKind(kind) if kind else QuestionKind.TEXT,
            nodes.words(parts.get("text"), f"{about} text", LONGEST_TEXT),
            self._options(parts.get("options"), about, _longest_label(kind)),
            self._when(parts["when"], about) if "when" in parts else None,
            nodes.number(parts.get("bad_at_most"), f"{about} bad_at_most", 1, len(RATINGS) - 1),
            frozenset(each for each, _ in bad),
            nodes.words(parts.get("topic"), f"{about} topic", 40),
            bool(nodes.flag(parts.get("required"), f"{about} required")),
            bool(nodes.flag(parts.get("asks_back"), f"{about} asks_back")),
        )

    def _options(self, node: yaml.Node | None, about: str, longest: int) -> tuple[Option, ...]:
        if node is None:
            return ()
        found: list[Option] = []
        example = ("clear: 清楚了", "partly: 还有点疑问")
        for key, value in self._nodes.pairs(node, f"{about} options ", example):
            if not CODE.fullmatch(key.value):
                cure = "请用小写英文字母、数字和下划线，以字母开头，12 个字符以内，例如 partly。"
                self._nodes.mistake(key, f"{about}选项代号「{key.value}」不能用，{cure}")
            label = self._nodes.words(value, f"{about}选项 {key.value} 的文字", longest)
            if label and label in [each.label for each in found]:
                self._nodes.mistake(value, f"{about}选项「{label}」重复了，请换个说法。")
            found.append(Option(key.value, label))
        if found and not 2 <= len(found) <= MOST_OPTIONS:
            self._nodes.mistake(
                node, f"{about} options 有 {len(found)} 个选项，请写 2 到 {MOST_OPTIONS} 个。"
            )
        return tuple(found)

    def _when(self, node: yaml.Node, about: str) -> Condition:
        nodes = self._nodes
        what = f"{about} when"
        parts = nodes.entries(node, f"{what} ", WHEN_PARTS, ("question",))
        tests = [part for part in WHEN_PARTS[1:] if part in parts]
        if "question" in parts and len(tests) != 1:
            cure = "请在 is（选了哪项）、at_most（最多几分）、at_least（最少几分）、bad（不满意）、answered（答过）"
            nodes.missing(node, f"{what} 要有一个条件，只能一个，{cure}里写一个。")
        wanted = nodes.words(parts.get("question"), f"{what} 的 question", 40)
        return Condition(
            wanted.removeprefix("earlier."),
            wanted.startswith("earlier."),
            tuple(code for code, _ in nodes.codes(parts.get("is"), f"{what} 的 is")),
            nodes.number(parts.get("at_most"), f"{what} 的 at_most", 1, len(RATINGS) - 1),
            nodes.number(parts.get("at_least"), f"{what} 的 at_least", 2, len(RATINGS)),
            nodes.flag(parts.get("bad"), f"{what} 的 bad"),
            nodes.flag(parts.get("answered"), f"{what} 的 answered"),
        )


def _longest_label(kind: str) -> int:
    return LONGEST_TICKED if kind == QuestionKind.MULTIPLE.value else LONGEST_LABEL
