"""A questionnaire's YAML, node by node: every value with its line, every mistake a Chinese sentence with the cure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import NamedTuple

import yaml

MOST_SIGNS = 60_000  # of a file; the longest sheet has a tenth of it
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")
_NOTHING = "tag:yaml.org,2002:null"


class Fault(NamedTuple):
    """A mistake: its line (0: the file as a whole) and the sentence."""

    line: int
    sentence: str


class Nodes:
    """Reads values out of YAML nodes; what is wrong is collected in `faults`, so that a store sees it all at once.

    A value that cannot be read counts as missing, and `is_whole` is false from then on.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.is_whole = True

    def root(self, text: str) -> yaml.Node | None:
        """The sheet as YAML reads it; None when it is none."""
        if len(text) > MOST_SIGNS:
            return self._unreadable(
                0, f"文件太大了（{len(text)} 字），一份问卷请控制在 {MOST_SIGNS} 字以内。"
            )
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            return self._unreadable(mark.line + 1 if mark else 0, _cure(error, text, mark))
        except yaml.YAMLError:
            return self._unreadable(0, "里面有不能显示的字符，请删掉后用 UTF-8 重新保存。")
        except RecursionError:
            return self._unreadable(0, "括号套得太深，请对照 docs/how-to/write-a-questionnaire.md 重写。")
        if node is None:
            return self._unreadable(0, "文件是空的，请写上问卷，或删掉这个文件。")
        return node

    def mistake(self, node: yaml.Node | int, sentence: str) -> None:
        """Something that has to be mended, though the value can be read."""
        self.faults.append(Fault(node if isinstance(node, int) else line_of(node), sentence))

    def missing(self, node: yaml.Node | int, sentence: str) -> None:
        """Something without which there is no sheet."""
        self.mistake(node, sentence)
        self.is_whole = False

    def _unreadable(self, line: int, sentence: str) -> yaml.Node | None:
        self.missing(line, sentence)
        return None

    def entries(
        self, node: yaml.Node, what: str, known: Collection[str], needed: Collection[str] = ()
    ) -> dict[str, yaml.Node]:
        """What a mapping holds, by its keys; twice the same, unknown and missing ones are told."""
        found = {key.value: value for key, value in self.pairs(node, what, ()) if key.value in known}
        if not isinstance(node, yaml.MappingNode):
            return {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value not in known:
                self.mistake(key, f"{what}没有「{_shown(key)}」这一项，{_near(_shown(key), known)}")
        for key_needed in needed:
            if key_needed not in found:
                self.missing(node, f"{what}缺少 {key_needed}，请补上。")
        return found

    def pairs(
        self, node: yaml.Node, what: str, example: Collection[str]
    ) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
        """Keys and values of a mapping in their order, each key once."""
        if not isinstance(node, yaml.MappingNode):
            cure = f"，例如「{'、'.join(example)}」" if example else "，每项占一行"
            self.missing(node, f"{what}要写成「名称: 内容」的样子，冒号后面空一格{cure}。")
            return []
        found: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in found:
                first = line_of(found[key.value][0])
                self.mistake(key, f"{what}的「{key.value}」写了两次（第 {first} 行已经有了），请只留一处。")
            else:
                found[key.value] = key, value
        return list(found.values())

    def words(self, node: yaml.Node | None, what: str, most: int) -> str:
        """One text of 1 to `most` signs, without blanks around it."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.missing(node, f"{what}要写成一句话；句子里有冒号或大括号时，请给整句加上引号。")
            return ""
        text = "" if node.tag == _NOTHING else node.value.strip()
        if not text:
            self.missing(node, f"{what}是空的，请写上内容。")
        elif len(text) > most:
            self.mistake(node, f"{what}有 {len(text)} 字，太长了，请缩到 {most} 字以内。")
        return text

    def number(self, node: yaml.Node | None, what: str, least: int, most: int) -> int | None:
        """A whole number; None where there is none."""
        if node is None:
            return None
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        if re.fullmatch(r"\d{1,6}", text, re.ASCII) and least <= int(text) <= most:
            return int(text)
        self.missing(node, f"{what} 写的是「{_shown(node)}」，请写 {least} 到 {most} 的整数。")
        return None

    def flag(self, node: yaml.Node | None, what: str) -> bool | None:
        """True or false; None where nothing is written."""
        if node is None:
            return None
        text = node.value.lower() if isinstance(node, yaml.ScalarNode) else ""
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        self.missing(node, f"{what} 写的是「{_shown(node)}」，请写 true（是）或 false（否）。")
        return None

    def codes(
        self, node: yaml.Node | None, what: str, example: str = "[partly, unclear]"
    ) -> tuple[tuple[str, int], ...]:
        """Codes with their lines, of a list or a single one."""
        if node is None:
            return ()
        each = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not each or not all(isinstance(one, yaml.ScalarNode) and one.value for one in each):
            self.missing(node, f"{what}要写成列表，例如 {example}；用不着就删去。")
            return ()
        codes = [one.value for one in each]
        for place, one in enumerate(each):
            if one.value in codes[:place]:
                self.mistake(one, f"{what}里「{one.value}」写了两次，请只留一处。")
        return tuple({one.value: line_of(one) for one in each}.items())

    def choice(self, node: yaml.Node | None, what: str, known: Mapping[str, str]) -> str:
        """One of the `known` codes (with what each means); "" where it is none of them."""
        if node is None:
            return ""
        if isinstance(node, yaml.ScalarNode) and node.value in known:
            return str(node.value)
        of = "、".join(f"{code}（{meaning}）" for code, meaning in known.items())
        self.missing(node, f"{what} 写的是「{_shown(node)}」，请从这些里选：{of}。")
        return ""


def line_of(node: yaml.Node) -> int:
    """The line a value begins in, counted from 1."""
    return int(node.start_mark.line) + 1


def _shown(node: yaml.Node) -> str:
    text = node.value if isinstance(node, yaml.ScalarNode) else "…"
    return text if len(text) <= 30 else f"{text[:30]}…"


def _near(key: str, known: Collection[str]) -> str:
    close = get_close_matches(key, known, 1)
    return f"是不是想写「{close[0]}」？" if close else f"请删去，可以写的有 {'、'.join(known)}。"


def _cure(error: yaml.MarkedYAMLError, text: str, mark: yaml.Mark | None) -> str:
    """What most probably is the matter with a file that YAML cannot read."""
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    problem = f"{error.context or ''} {error.problem or ''}"
    if "\t" in line:
        return "不能用 Tab 键缩进，请改成空格。"
    if "mapping values" in problem:
        return "这一行有两个冒号，或上一行缩进不对；句子里有英文冒号时，请给整句加上引号。"
    if "undefined alias" in problem or "anchor" in problem or "cannot start any token" in problem:
        return "以 *、&、@、% 或反引号开头的内容，请给整句加上引号。"
    if "single document" in problem:
        return "一个文件只能写一份问卷，请去掉「---」，把另一份另存一个文件。"
    return "格式不对，请检查缩进、冒号后的空格、括号和引号是否成对；以 { 开头的句子要加上引号。"
