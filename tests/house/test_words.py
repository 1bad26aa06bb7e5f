"""What people read lives in scripts_zh/, where the store can change it without a release."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT, python_of

ROOMS = ("bot", "dialogs", "service", "storage")
CHINESE = re.compile("[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")
ALLOWED = tomllib.loads((ROOT / "tests/house/chinese_in_code.toml").read_text(encoding="utf-8"))


def _chinese_in(module: ast.Module) -> list[tuple[int, str]]:
    """Line and text of each Chinese literal that is no docstring."""
    spoken = (node.value for node in ast.walk(module) if isinstance(node, ast.Expr))
    docstrings = {id(value) for value in spoken if isinstance(value, ast.Constant)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if CHINESE.search(node.value)
    ]


def test_a_chinese_literal_is_recognised() -> None:
    module = ast.parse('"""预约"""\ndef f(name):\n    "交车"\n    return f"{name}，您好" + "ok"  # 回访\n')
    assert _chinese_in(module) == [(4, "，您好")]


@pytest.mark.parametrize("room", ROOMS)
def test_no_chinese_words_in_code(room: str) -> None:
    found = [
        f"{path}:{line} {words!r}"
        for path, module in python_of(room)
        if path.as_posix() not in ALLOWED
        for line, words in _chinese_in(module)
    ]
    assert found == [], (
        "move the words to scripts_zh/, or name the file and the reason in chinese_in_code.toml"
    )


def test_every_exception_is_still_needed() -> None:
    modules = {path.as_posix(): module for path, module in python_of(*ROOMS)}
    assert [path for path in ALLOWED if path not in modules or not _chinese_in(modules[path])] == []


def test_every_exception_has_a_reason() -> None:
    assert [
        path for path, reason in ALLOWED.items() if len(reason.split()) < 5 or not Path(path).suffix
    ] == []
