"""Who may import whom, and who may ask for the time."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib

import pytest

from tests.house.tree import PRODUCT, ROOT, python_of

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
ASKING = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}


def test_the_rooms_import_as_agreed() -> None:
    command = "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo', '--no-cache'])"
    run = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in run.stdout, run.stdout + run.stderr
    assert run.returncode == 0


def _asks_for_the_time(node: ast.AST) -> bool:
    """datetime.now(…), datetime.datetime.now(…), date.today() and the like."""
    if not isinstance(node, ast.Attribute):
        return False
    owner = node.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return (name, node.attr) in ASKING


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("datetime.now(UTC)", True),
        ("datetime.datetime.utcnow()", True),
        ("date.today()", True),
        ("clock.now()", False),
        ("self.clock.now()", False),
    ],
)
def test_asking_for_the_time_is_recognised(line: str, asks: bool) -> None:
    assert any(map(_asks_for_the_time, ast.walk(ast.parse(line)))) is asks


def test_domain_and_dialogs_never_ask_for_the_time() -> None:
    """A procedure that is told the time can be tried at any time."""
    asked = [
        f"{path}:{node.lineno}"
        for path, module in python_of("domain", "dialogs")
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and _asks_for_the_time(node)
    ]
    assert asked == []


def test_nobody_takes_a_naive_time() -> None:
    """Without a zone, Shanghai's ten o'clock is another moment on another machine."""
    naive = [
        f"{path}:{node.lineno}"
        for path, module in python_of(*PRODUCT, "benchmarks", "tests")
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and _asks_for_the_time(node.func)
        and not node.args
        and not node.keywords
        if isinstance(node.func, ast.Attribute) and node.func.attr != "time"
    ]
    assert naive == []
