"""The store file: YAML that the store's own people edit, read into `domain.store.Store`."""

import difflib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from bot import store_checks
from domain.store import Store

_TEMPLATE = Path(__file__).with_name("store_template.yaml")
_REFERENCE = "不支持以「*」开头的引用，请直接写出内容；要写星号本身请加引号。"
_BROKEN = "格式不对，请检查缩进、冒号后的空格、括号和引号是否成对，不要用制表符。"
_NULL = "tag:yaml.org,2002:null"

Place = tuple[str | int, ...]


class StoreFileError(Exception):
    """The store file cannot be used: `lines` hold a Chinese sentence each: file, line, key and cure."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def load_store(path: Path) -> Store:
    """Read and check the store file. Raises StoreFileError that lists everything wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise StoreFileError(
            [f"找不到门店文件 {path}，请先运行 python bot.py init 生成，再按说明填写。"]
        ) from None
    except UnicodeDecodeError:
        raise StoreFileError([f"{path} 不是 UTF-8 编码，请用 UTF-8 重新保存。"]) from None
    except OSError as reason:
        raise StoreFileError([f"读不了门店文件 {path}（{reason.strerror}），请检查路径和权限。"]) from reason
    return read_store(text, path.name)


def read_store(text: str, file_name: str = "store.yaml") -> Store:
    """The store that this YAML describes. Raises StoreFileError, naming `file_name`."""
    root = _parse(text, file_name)
    try:
        store = _File.model_validate({"store": _plain(root)}).store
    except ValidationError as wrong:
        found = [(_place(error), _sentence(error)) for error in wrong.errors()]
    else:
        found = store_checks.problems(store)
        if not found:
            return store
    found.sort(key=lambda problem: _line_of(root, problem[0]))
    raise StoreFileError([_told(file_name, root, place, sentence) for place, sentence in found])


def template() -> str:
    """The commented store file that `init` writes: a lively store with every figure at its default."""
    return _TEMPLATE.read_text(encoding="utf-8")


def write_template(path: Path) -> None:
    """Write the commented store file. Raises StoreFileError rather than overwrite what is there."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        raise StoreFileError([f"{path} 已经存在，没有改动；想重新生成请先把它改名或移走。"]) from None
    except OSError as reason:
        raise StoreFileError([f"写不了 {path}（{reason.strerror}），请检查文件夹和权限。"]) from reason


class _File(BaseModel):
    # A model around the plain dataclasses: its configuration holds for all of them.
    model_config = ConfigDict(extra="forbid")

    store: Store


class _AllText(yaml.SafeLoader):
    """Every value is text until the field says what it is: 12:00 is a time, not the number 720."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse references, one that contains itself would never end, and names that are no words."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem=_REFERENCE, problem_mark=mark)
        node = super().compose_node(parent, index)
        if isinstance(parent, yaml.MappingNode) and index is None and not isinstance(node, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(problem=_BROKEN, problem_mark=node.start_mark if node else None)
        return node


_AllText.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == _NULL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _parse(text: str, file_name: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=_AllText)
    except yaml.MarkedYAMLError as reason:
        mark = reason.problem_mark or reason.context_mark
        where = f" 第 {mark.line + 1} 行" if mark else ""
        cure = reason.problem if reason.problem == _REFERENCE else _BROKEN
        raise StoreFileError([f"{file_name}{where}：{cure}"]) from None
    except yaml.YAMLError:
        raise StoreFileError([f"{file_name}：含有不能识别的字符，请用 UTF-8 重新保存。"]) from None
    except RecursionError:  # brackets within brackets, without end
        raise StoreFileError([f"{file_name}：{_BROKEN}"]) from None
    if not isinstance(root, yaml.MappingNode):
        raise StoreFileError(
            [f"{file_name}：是空的或格式不对，请运行 python bot.py init 另外生成一份对照填写。"]
        )
    if twice := list(_repeated_keys(root)):
        raise StoreFileError(
            [f"{file_name} 第 {line} 行：「{key}」写了两次，请只保留一处。" for line, key in twice]
        )
    return root


def _repeated_keys(node: yaml.Node) -> "list[tuple[int, str]]":
    found: list[tuple[int, str]] = []
    seen: set[str] = set()
    for key, value in _children(node):
        if isinstance(node, yaml.MappingNode):
            if key.value in seen:
                found.append((key.start_mark.line + 1, key.value))
            seen.add(str(key.value))
        found += _repeated_keys(value)
    return found


def _children(node: yaml.Node) -> "list[tuple[yaml.Node, yaml.Node]]":
    if isinstance(node, yaml.MappingNode):
        return list(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [(each, each) for each in node.value]
    return []


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each) for each in node.value]
    return None if node.tag == _NULL else node.value


def _place(error: ErrorDetails) -> Place:
    # The first step is the model around the store; "[key]" marks an unknown name in a mapping.
    return tuple(step for step in error["loc"][1:] if step != "[key]")


def _line_of(root: yaml.Node, place: Place) -> int:
    """The line of the file where this place is, or where it would belong."""
    line, node = root.start_mark.line + 1, root
    for step in place:
        below = _step(node, step)
        if below is None:
            break
        line, node = below
    return line


def _told(file_name: str, root: yaml.Node, place: Place, sentence: str) -> str:
    dotted = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
    return f"{file_name} 第 {_line_of(root, place)} 行 {dotted}：{sentence}"


def _step(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    return None


_SENTENCES = {
    "missing": "缺少这一项，请补上。",
    "int_parsing": "应填整数，请改正。",
    "int_from_float": "应填整数，请改正。",
    "int_type": "应填整数，请改正。",
    "decimal_parsing": "应填数字，请改正。",
    "finite_number": "应填数字，请改正。",
    "decimal_type": "应填数字，请改正。",
    "bool_parsing": "只能填 true（是）或 false（否）。",
    "bool_type": "只能填 true（是）或 false（否）。",
    "time_parsing": "应写成 08:30 这样的 24 小时制时间。",
    "time_type": "应写成 08:30 这样的 24 小时制时间。",
    "date_from_datetime_parsing": "应写成 2027-02-06 这样的日期。",
    "date_from_datetime_inexact": "应写成 2027-02-06 这样的日期。",
    "date_parsing": "应写成 2027-02-06 这样的日期。",
    "date_type": "应写成 2027-02-06 这样的日期。",
    "string_type": "应填一段文字，请改正。",
    "tuple_type": "应是一个列表，每行以「- 」开头，或写成 [甲, 乙]。",
    "mapping_type": "应是若干行「名称: 内容」，请对照 init 生成的样本改正。",
    "dataclass_type": "应是若干行「名称: 内容」，请对照 init 生成的样本改正。",
}


def _sentence(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind == "unexpected_keyword_argument":
        return _unknown_key(_place(error))
    if kind == "enum":
        known = error["ctx"]["expected"].replace(" or ", ", ").replace("'", "").replace(", ", "、")
        return f"「{error['input']}」不认识，只能是：{known}。"
    return _SENTENCES.get(kind, "填写不正确，请对照 init 生成的样本改正。")


def _unknown_key(place: Place) -> str:
    known = _keys_at(place[:-1])
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    if near:
        return f"没有这一项，您是不是想写 {near[0]}？"
    return f"没有这一项，请删去；这里可以写：{'、'.join(known)}。"


def _keys_at(place: Place) -> list[str]:
    """Names that may stand at this place of the file, found by walking the dataclasses' types."""
    kind: Any = Store
    for step in place:
        kind = _record(kind)
        if isinstance(step, str):
            kind = get_type_hints(kind).get(step)
    record = _record(kind)
    return [each.name for each in fields(record)] if is_dataclass(record) else []


def _record(kind: Any) -> Any:
    """The dataclass inside `X | None` or `tuple[X, ...]`, or what it was given."""
    while get_origin(kind) is not None:
        kind = next((each for each in get_args(kind) if each not in (type(None), Ellipsis)), None)
    return kind
