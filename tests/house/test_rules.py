"""A rule number in code leads to a rule in the book."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from functools import cache

import pytest

from tests.house.tree import ROOT, python_of

BOOK = ROOT.parent / "shared" / "RULEBOOK.md"
NUMBER = re.compile(r"(?<![\w`/.-])[A-Z][1-9]\d?(?![\w-])")  # `T34` in backticks is something else


@cache
def _rules() -> frozenset[str]:
    if not BOOK.is_file():
        pytest.skip("The rulebook is not beside this clone (../shared/RULEBOOK.md).")
    return frozenset(re.findall(r"^- ([A-Z]\d+)\b", BOOK.read_text(encoding="utf-8"), re.MULTILINE))


def _prose(source: str) -> str:
    """Comments and docstrings: where code speaks of rules."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    words = [token.string for token in tokens if token.type == tokenize.COMMENT]
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            words.append(node.value.value)
    return "\n".join(words)


def test_the_book_is_read_whole() -> None:
    assert {"R1", "B15", "O5", "P8", "D7", "F7", "C12", "K5", "W1"} <= _rules()


def test_every_rule_number_in_code_is_in_the_book() -> None:
    unknown = [
        f"{path}: {number}"
        for path, _ in python_of()
        for number in NUMBER.findall(_prose((ROOT / path).read_text(encoding="utf-8")))
        if number not in _rules()
    ]
    assert unknown == []
