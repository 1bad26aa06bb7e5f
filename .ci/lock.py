"""Writes requirements.lock and requirements-dev.lock from the ranges in pyproject.toml: `make lock`.

pip itself resolves (nothing else is needed); we keep name, version and the hashes of the wheels for every
machine in TARGETS, and drop where they were found, so that each reader's own package index serves them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
GLIBC = ("2_5", "2_12", "2_17", "2_24", "2_26", "2_27", "2_28", "2_31", "2_34")
MACHINES = {
    ("linux", "x86_64"): (
        "manylinux1_x86_64",
        "manylinux2014_x86_64",
        *(f"manylinux_{v}_x86_64" for v in GLIBC),
    ),
    ("linux", "aarch64"): ("manylinux2014_aarch64", *(f"manylinux_{v}_aarch64" for v in GLIBC)),
    ("darwin", "arm64"): tuple(f"macosx_{major}_0_arm64" for major in (11, 12, 13, 14)),
}
TARGETS = tuple(product(PYTHONS, MACHINES))
HEADER = """\
# {what}
# Exact versions, hashes of the wheels for Python {pythons} on Linux (x86-64, ARM) and macOS (ARM).
# Made from the ranges in pyproject.toml; renew with `make lock`, never by hand.
"""


@dataclass
class Pin:
    """One package at one version, with the requirements it brings and the hashes of its wheels."""

    name: str
    version: str
    requires: list[Requirement]
    hashes: set[str] = field(default_factory=set)


def resolve(
    wanted: list[str], python: str, platforms: tuple[str, ...], *options: str
) -> Iterator[dict[str, Any]]:
    """What pip would install for that machine; pip's own message on standard error when it finds nothing."""
    with tempfile.TemporaryDirectory() as folder:
        report, listed = Path(folder, "report.json"), Path(folder, "wanted.txt")
        listed.write_text("\n".join(wanted), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}"]
        command += ["--target", folder]  # nothing is put there; older pips insist on it for other machines
        command += [f"--platform={platform}" for platform in platforms]
        subprocess.run([*command, *options, "--report", str(report), "-r", str(listed)], check=True)
        yield from json.loads(report.read_text(encoding="utf-8"))["install"]


def pins_for(wanted: list[str]) -> dict[str, Pin]:
    """Every package that `wanted` needs, by canonical name, with the hashes for all TARGETS."""
    first_python, first_machine = TARGETS[0]
    pins: dict[str, Pin] = {}
    for found in resolve(wanted, first_python, MACHINES[first_machine]):
        metadata = found["metadata"]
        requires = [Requirement(line) for line in metadata.get("requires_dist", [])]
        name = canonicalize_name(metadata["name"])
        pins[name] = Pin(name, metadata["version"], requires)
    exact = [f"{pin.name}=={pin.version}" for pin in pins.values()]
    for python, machine in TARGETS:
        for found in resolve(exact, python, MACHINES[machine], "--no-deps"):
            digest = found["download_info"]["archive_info"]["hashes"]["sha256"]
            pins[canonicalize_name(found["metadata"]["name"])].hashes.add(digest)
    return pins


def closure(wanted: list[str], pins: dict[str, Pin], python: str, machine: tuple[str, str]) -> set[str]:
    """The names that `wanted` needs on one target. LookupError when the lock would lack one of them."""
    system, processor = machine
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    environment |= {"sys_platform": system, "platform_system": system.title(), "platform_machine": processor}
    extras: dict[str, set[str]] = defaultdict(set)
    waiting = [Requirement(line) for line in wanted]
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name not in pins:
            raise LookupError(
                f"{name} is needed on Python {python}, {system} {processor}: name it in pyproject.toml"
            )
        fresh = {"", *asked.extras} - extras[name]
        extras[name] |= fresh
        waiting += [
            need
            for need in pins[name].requires
            if any(
                need.marker is None or need.marker.evaluate({**environment, "extra": extra})
                for extra in fresh
            )
            and fresh
        ]
    return set(extras)


def write(path: Path, what: str, pins: list[Pin], above: str = "") -> None:
    """One lock file, packages in alphabetical order."""
    lines = [HEADER.format(what=what, pythons=", ".join(PYTHONS)) + above]
    for pin in sorted(pins, key=lambda each: each.name):
        hashes = (f"    --hash=sha256:{digest}" for digest in sorted(pin.hashes))
        lines.append(" \\\n".join([f"{pin.name}=={pin.version}", *hashes]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Both locks, in one resolution, so that they can never disagree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    running, developing = project["dependencies"], project["optional-dependencies"]["dev"]
    pins = pins_for(running + developing)
    needed = set[str]()
    for python, machine in TARGETS:
        needed |= closure(running, pins, python, machine)
        closure(running + developing, pins, python, machine)
    write(ROOT / "requirements.lock", "What the bot needs to run.", [pins[name] for name in needed])
    others = [pin for name, pin in pins.items() if name not in needed]
    above = "-r requirements.lock\n"
    write(ROOT / "requirements-dev.lock", "What tests, checks and benchmarks need besides.", others, above)


if __name__ == "__main__":
    main()
