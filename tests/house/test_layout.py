"""Where things are, what they are called and how long they may get."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.house.tree import PRODUCT, ROOT, files, python_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

NAMED_BY_THE_USER = {"bot", "dialogs", "scripts_zh", "storage", "tests", "bot.py", "pyproject.toml"}
BESIDE = {
    *("domain", "service", "sandbox", "benchmarks", "deploy", "docs", ".ci"),
    *("Makefile", "requirements.lock", "requirements-dev.lock", "LICENSE"),
    *(".editorconfig", ".gitattributes", ".gitignore", ".env.example"),
}
READ_BY_PEOPLE = {".py", ".js", ".css", ".html", ".j2", ".yaml", ".toml", ".md", ""}
NO_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
FILE_NOTED, FILE_REFUSED = 300, 500
FUNCTION_NOTED, FUNCTION_REFUSED = 45, 60


def test_the_top_level_is_as_agreed() -> None:
    found = {path.parts[0] for path in files()}
    readmes = {name for name in found if re.fullmatch(r"README(\.[\w-]+)?\.md", name)}
    assert found - NAMED_BY_THE_USER - BESIDE - readmes == set()
    assert NAMED_BY_THE_USER - found == set()


def test_no_file_is_too_long(note: Callable[[str], None]) -> None:
    refused = []
    for path in files():
        lines = len((text_of(path) or "").splitlines()) if path.suffix in READ_BY_PEOPLE else 0
        if lines > FILE_REFUSED:
            refused.append(f"{path}: {lines} lines")
        elif lines > FILE_NOTED:
            note(f"{path}: {lines} lines; is it still one noun?")
    assert refused == [], f"more than {FILE_REFUSED} lines: split by the nouns inside"


def test_no_function_is_too_long(note: Callable[[str], None]) -> None:
    refused = []
    for path, module in python_of():
        for node in ast.walk(module):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            said = f"{path}:{node.lineno} {node.name}: {lines} lines"
            if lines > FUNCTION_REFUSED:
                refused.append(said)
            elif lines > FUNCTION_NOTED:
                note(f"{said}; does it fit a screen?")
    assert refused == [], f"more than {FUNCTION_REFUSED} lines"


def test_a_file_is_a_noun_of_the_trade() -> None:
    code = [path for path in files() if path.suffix in {".py", ".js"}]
    assert [str(path) for path in code if NO_NAMES & set(re.split(r"[_\W]", str(path.with_suffix(""))))] == []


def test_tests_are_no_packages() -> None:
    """tests/bot/__init__.py would take `import bot` away from the bot."""
    assert [str(path) for path in files() if path.parts[0] == "tests" and path.name == "__init__.py"] == []


def test_every_room_is_a_package() -> None:
    assert [room for room in PRODUCT if not (ROOT / room / "__init__.py").is_file()] == []


def test_bot_py_only_opens_the_door() -> None:
    """mypy skips bot.py, because the package bot/ has the same name: nothing may live there."""
    assert len(ast.parse((ROOT / "bot.py").read_text(encoding="utf-8")).body) <= 3


def test_the_package_bot_is_found_beside_bot_py() -> None:
    """Every module of bot/, imported in a fresh interpreter that treats warnings as errors."""
    modules = [path.with_suffix("") for path, _ in python_of("bot")]
    names = sorted(".".join(module.parts).removesuffix(".__init__") for module in modules)
    command = [sys.executable, "-W", "error", "-c", f"import {', '.join(names)}"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
