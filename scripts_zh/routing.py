"""routing.yaml, where the store says which words of a complaint mean what (C2, C5), read and compiled.

Every mistake is a Chinese sentence that names the file, the topic and the cure.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from domain.complaint_routing import FALLBACK, Keyword, RoutingRules, Topic
from domain.complaints import Category, ComplaintKind, Severity
from domain.people import Queue
from domain.spelling import plain_spelling

FILE = Path(__file__).with_name("routing.yaml")
MOST_WEIGHT = 9
_PARTS = ("sure_from", "enough", "topics", "kinds", "severities")
_TOPIC_PARTS = frozenset({"name", "category", "department", "kind", "keywords"})
_CODE = re.compile(r"[a-z][a-z_]{1,30}")
_REFUSED = re.compile(r"[*+^$\\]|\(\?|\)\{")
_OPEN_ENDED = re.compile(r"\{\d*,\}")
_LONGEST_GAP = re.compile(r"\{(?:\d+,)?(\d{3,}|[3-9]\d)\}")

_BROKEN = "格式不对，请检查缩进、冒号后的空格、括号和引号是否成对。"

Code = TypeVar("Code", bound=StrEnum)


class RoutingFileError(Exception):
    """routing.yaml cannot be used: `lines` hold a Chinese sentence each, with the cure."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@cache
def routing_rules() -> RoutingRules:
    """The store's rules, read and compiled once per process. Raises RoutingFileError."""
    return load_rules(FILE)


def load_rules(path: Path) -> RoutingRules:
    """Read and compile the rules in `path`. Raises RoutingFileError that lists everything wrong with it."""
    where = f"{path.parent.name}/{path.name}"
    try:
        read = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Plain)  # noqa: S506  (it is a SafeLoader)
    except FileNotFoundError:
        raise RoutingFileError([f"找不到 {where}，请从安装包里恢复这个文件。"]) from None
    except UnicodeDecodeError:
        raise RoutingFileError([f"{where}：不是 UTF-8 编码，请用 UTF-8 重新保存。"]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" 第 {mark.line + 1} 行" if mark else ""
        raise RoutingFileError([f"{where}{line}：{_BROKEN}"]) from None
    except RecursionError:  # brackets within brackets, without end
        raise RoutingFileError([f"{where}：{_BROKEN}"]) from None
    reading = _Reading(where)
    rules = reading.rules(read)
    if reading.faults or rules is None:
        raise RoutingFileError(reading.faults)
    return rules


class _Plain(yaml.SafeLoader):
    """Without references: a few lines of them could stand for more than any memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """As it stands there."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem=_BROKEN, problem_mark=mark)
        return super().compose_node(parent, index)


class _Reading:
    """One pass over the file; what is wrong is collected, so that the store sees everything at once."""

    def __init__(self, where: str) -> None:
        self.faults: list[str] = []
        self._where = where

    def rules(self, read: Any) -> RoutingRules | None:
        """The rules; None, with `faults`, when there is no file to speak of."""
        if not isinstance(read, dict):
            self._fault("应当有 " + "、".join(_PARTS) + " 几部分，请对照安装包里的原文件。")
            return None
        for part in (part for part in read if part not in _PARTS):
            self._fault(f"没有「{part}」这一项，请删去，或改成 {'、'.join(_PARTS)} 之一。")
        topics = tuple(self._topic(code, entry) for code, entry in self._section(read, "topics").items())
        if FALLBACK not in [topic.code for topic in topics]:
            self._fault(f"topics 里要保留「{FALLBACK}」（其他），说不清的投诉归到这里。")
        return RoutingRules(
            topics=topics,
            kinds=self._lists(read, "kinds", ComplaintKind),
            severities=self._lists(read, "severities", Severity),
            sure_from=self._share(read.get("sure_from")),
            enough=self._count(read.get("enough")),
        )

    def _fault(self, sentence: str) -> None:
        self.faults.append(f"{self._where}：{sentence}")

    def _section(self, read: dict[Any, Any], part: str) -> dict[Any, Any]:
        section = read.get(part)
        if isinstance(section, dict) and section:
            return section
        self._fault(f"缺少 {part}，请对照安装包里的原文件补上。")
        return {}

    def _topic(self, code: Any, entry: Any) -> Topic:
        about = f"话题 {code} "
        if not _CODE.fullmatch(str(code)):
            self._fault(f"话题代号「{code}」要用小写英文字母和下划线，例如 workshop_quality。")
        if not isinstance(entry, dict):
            self._fault(f"{about}要写 name、category、department 和 keywords。")
            entry = {}
        for key in sorted(str(key) for key in entry if key not in _TOPIC_PARTS):
            self._fault(f"{about}没有「{key}」这一项，可以写 {'、'.join(sorted(_TOPIC_PARTS))}。")
        name = str(entry.get("name") or "")
        if not 0 < len(name) <= 20:
            self._fault(f"{about}的 name 要有 1 到 20 个字，按钮上显示的就是它。")
        kind = entry.get("kind")
        return Topic(
            code=str(code),
            name=name,
            category=self._code_of(Category, entry.get("category"), f"{about}的 category", Category.OTHER),
            department=self._code_of(
                Queue, entry.get("department"), f"{about}的 department", Queue.FRONT_DESK
            ),
            keywords=self._keywords(entry.get("keywords") or {}, about),
            kind=None if kind is None else self._code_of(ComplaintKind, kind, f"{about}的 kind", None),
        )

    def _lists(
        self, read: dict[Any, Any], part: str, codes: type[Code]
    ) -> tuple[tuple[Code, tuple[Keyword, ...]], ...]:
        """The word lists of a part that has one for each of some codes."""
        found = []
        for key, lists in self._section(read, part).items():
            code = self._code_of(codes, key, f"{part} 里的「{key}」", None)
            keywords = self._keywords(lists, f"{part} 里的 {key} ")
            if code is not None:
                found.append((code, keywords))
        return tuple(found)

    def _code_of(self, codes: type[Code], value: Any, what: str, otherwise: Code | None) -> Any:
        try:
            return codes(value)
        except ValueError:
            self._fault(f"{what} 写的是「{value}」，请从这些里选：{'、'.join(codes)}。")
            return otherwise

    def _keywords(self, lists: Any, about: str) -> tuple[Keyword, ...]:
        """Lists of words by their weight."""
        if not isinstance(lists, dict):
            self._fault(f"{about}的关键词要按分数分组，例如「3: [没修好, 越修越坏]」。")
            return ()
        found: list[Keyword] = []
        for weight, words in lists.items():
            if type(weight) is not int or not 1 <= weight <= MOST_WEIGHT:
                self._fault(f"{about}的分数「{weight}」要写 1 到 {MOST_WEIGHT} 的整数。")
            elif not isinstance(words, list):
                self._fault(f"{about}的 {weight} 分关键词要写成列表，例如「{weight}: [没修好, 越修越坏]」。")
            else:
                found += (
                    Keyword(pattern, weight) for word in words if (pattern := self._pattern(word, about))
                )
        return tuple(found)

    def _pattern(self, word: Any, about: str) -> re.Pattern[str] | None:
        """A keyword compiled: words, | between those that mean the same, .{0,6} for a gap, ( )? and [ ]."""
        said = f"{about}的关键词「{word}」"
        if not isinstance(word, str):
            self._fault(f"{said}读不成文字，请在两头加上引号。")
            return None
        if wrong := _REFUSED.search(_OPEN_ENDED.sub("+", word)):
            self._fault(f"{said}里不能用「{wrong[0]}」，中间隔几个字请写 .{{0,6}}。")
            return None
        if _LONGEST_GAP.search(word):
            self._fault(f"{said}里隔得太远，请写 29 个字以内，例如 .{{0,6}}。")
            return None
        try:
            pattern = re.compile(plain_spelling(word))
        except re.error:
            self._fault(f"{said}写法有误，请检查括号是否成对、「?」和「{{}}」前面是否有字。")
            return None
        if pattern.search(""):
            self._fault(f"{said}会匹配任何话，请检查「|」前后是否都有字。")
            return None
        return pattern

    def _share(self, value: Any) -> Decimal:
        if type(value) in (int, float) and 0 < value <= 1:
            return Decimal(str(value))
        self._fault(f"sure_from 写的是「{value}」，请写 0 到 1 之间的小数，例如 0.6。")
        return Decimal(1)

    def _count(self, value: Any) -> int:
        if type(value) is int and 1 <= value <= 2 * MOST_WEIGHT:
            return value
        self._fault(f"enough 写的是「{value}」，请写 1 到 {2 * MOST_WEIGHT} 的整数，例如 3。")
        return 1
