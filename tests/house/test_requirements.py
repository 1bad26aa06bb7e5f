"""The locks, the ranges in pyproject.toml and docs/libraries.md tell one story."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RANGES = {
    "requirements.lock": PROJECT["dependencies"],
    "requirements-dev.lock": PROJECT["optional-dependencies"]["dev"],
}
PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.M
)


def _pins(lock: str) -> dict[str, str]:
    return {pin["name"]: pin["version"] for pin in PIN.finditer((ROOT / lock).read_text(encoding="utf-8"))}


@pytest.mark.parametrize("lock", RANGES)
def test_the_lock_keeps_to_the_ranges(lock: str) -> None:
    pins = _pins("requirements.lock") | _pins(lock)
    for asked in map(Requirement, RANGES[lock]):
        version = pins.get(canonicalize_name(asked.name), "nothing")
        assert version != "nothing", f"{asked.name} is not in {lock}: make lock"
        assert asked.specifier.contains(version), (
            f"{lock} has {asked.name} {version}, not {asked.specifier}: make lock"
        )


@pytest.mark.parametrize("lock", RANGES)
def test_every_line_of_a_lock_is_exact_and_hashed(lock: str) -> None:
    rest = PIN.sub("", (ROOT / lock).read_text(encoding="utf-8"))
    others = [line for line in rest.splitlines() if line and not line.startswith("#")]
    assert others == ([] if lock == "requirements.lock" else ["-r requirements.lock"])


def test_no_package_is_locked_twice() -> None:
    assert _pins("requirements.lock").keys() & _pins("requirements-dev.lock").keys() == set()


def test_every_library_is_justified() -> None:
    page = (ROOT / "docs/libraries.md").read_text(encoding="utf-8")
    justified = {canonicalize_name(name) for name in re.findall(r"^\| `([\w.-]+)` \| \S", page, re.M)}
    assert justified == {
        canonicalize_name(Requirement(line).name) for lines in RANGES.values() for line in lines
    }
