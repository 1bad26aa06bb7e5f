"""Reading the dialogs' code: what the drawings are taken from."""

from __future__ import annotations

import ast
import inspect
import textwrap
from enum import EnumType
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts_zh"


@cache
def source_of(function: FunctionType) -> ast.FunctionDef:
    """The function as a tree."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def meant(node: ast.AST, function: FunctionType) -> Any:
    """What a name, ``module.name`` or ``Enum.NAME`` means inside `function`; None for anything else."""
    match node:
        case ast.Name(id=name):
            return function.__globals__.get(name)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            owner = function.__globals__.get(name)
            return getattr(owner, attribute, None) if isinstance(owner, ModuleType | EnumType) else None
    return None


@cache
def labels_of(folder: str) -> dict[str, str]:
    """Button labels of a dialog."""
    file = SCRIPTS / folder / "buttons.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8")) or {} if file.exists() else {}


def button_label(dialog: str, key: str) -> str:
    """What is written on the button; its key where the label is put together."""
    label = str(labels_of(dialog).get(key) or labels_of("shared").get(key) or key)
    return key if "{" in label else label
