"""Holds a JSON value or a call against the machine-readable Bot API.

The specification is not part of the product. It is looked for beside the project; without it, whoever asks
is skipped with a named reason.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SPEC_FILE = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "bot_api_spec.json"
Json = dict[str, Any]
_CONSTANT = re.compile(r'(?:always|must be) "?([a-z_]+)"?$')
_PLAIN: dict[str, Any] = {"Integer": int, "String": str, "Boolean": bool, "Float": (int, float)}


class BotApiSpec:
    """The Bot API's methods and types. Every check returns a list of complaints, empty when all is well."""

    def __init__(self, spec: Json) -> None:
        self.methods: Json = spec["methods"]
        self.types: Json = spec["types"]

    def check(self, value: Any, kinds: str | Iterable[str], where: str = "value") -> list[str]:
        """Hold `value` against one kind ("Message", "Array of Update", "Integer") or several alternatives."""
        alternatives = [kinds] if isinstance(kinds, str) else list(kinds)
        complaints = [self._check_one(value, kind, where) for kind in alternatives]
        return min(complaints, key=len)

    def check_result(self, method: str, result: Any) -> list[str]:
        """Hold what a method returned against what it promises."""
        return self.check(result, self.methods[method]["returns"], method)

    def check_call(self, method: str, params: Mapping[str, Any], files: Iterable[str] = ()) -> list[str]:
        """Hold the parameters of a call, as they were sent over HTTP, against the method's fields.

        `files` are the names under which uploads came.
        """
        if method not in self.methods:
            return [f"{method}: no such method"]
        fields = {field["name"]: field for field in self.methods[method].get("fields", [])}
        sent_files = set(files)
        complaints = [f"{method}: no parameter {name}" for name in params if name not in fields]
        for name, field in fields.items():
            if name in params:
                value = _as_sent(params[name], field["types"])
                complaints += self.check(value, field["types"], f"{method}.{name}")
            elif field["required"] and name not in sent_files:
                complaints.append(f"{method}: {name} is missing")
        return complaints

    def _check_one(self, value: Any, kind: str, where: str) -> list[str]:
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{where}: not an array"]
            inner = kind.removeprefix("Array of ")
            return [
                line for at, item in enumerate(value) for line in self.check(item, inner, f"{where}[{at}]")
            ]
        if kind in _PLAIN:
            right = isinstance(value, _PLAIN[kind]) and (kind == "Boolean" or not isinstance(value, bool))
            return [] if right else [f"{where}: {value!r} is no {kind}"]
        if kind == "InputFile":
            return [] if isinstance(value, str) else [f"{where}: no file"]
        described = self.types[kind]
        if "subtypes" in described:
            return self.check(value, described["subtypes"], where)
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no {kind}"]
        return self._check_fields(value, described.get("fields", []), f"{where}<{kind}>")

    def _check_fields(self, value: Json, fields: list[Json], where: str) -> list[str]:
        known = {field["name"]: field for field in fields}
        complaints = [f"{where}: no field {name}" for name in value if name not in known]
        for name, field in known.items():
            if name in value:
                complaints += self.check(value[name], field["types"], f"{where}.{name}")
                constant = _CONSTANT.search(field["description"])
                if constant and isinstance(value[name], str) and value[name] != constant[1]:
                    complaints.append(f"{where}.{name}: {value[name]!r} where {constant[1]!r} is due")
            elif field["required"]:
                complaints.append(f"{where}: {name} is missing")
        return complaints


def _as_sent(value: Any, kinds: list[str]) -> Any:
    """Form fields arrive as text: read a number, a boolean or an object where the field is one."""
    if not isinstance(value, str) or "String" in kinds or "InputFile" in kinds:
        return value
    try:
        return json.loads(value.lower() if kinds == ["Boolean"] else value)
    except ValueError:
        return value


@cache
def _load() -> BotApiSpec:
    return BotApiSpec(json.loads(SPEC_FILE.read_text(encoding="utf-8")))


def bot_api_spec() -> BotApiSpec:
    """The specification; skips the test that asks when the file is not there."""
    if not SPEC_FILE.is_file():
        pytest.skip("no machine-readable Bot API beside the project (../shared/data/bot_api_spec.json)")
    return _load()
