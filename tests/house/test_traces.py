"""Nothing of anybody's machine, and no secret, travels with the project."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import files, text_of

# Each pattern is written so that it does not match itself.
SECRETS = {
    "a bot token": r"\b\d{8,10}:A[A][\w-]{33}\b",
    "a private key": r"BEGIN [A-Z ]*PRIVATE[ ]KEY",
    "a cloud or repository key": r"\b(?:AKI[A][0-9A-Z]{16}|gh[pos]_[A-Za-z0-9]{36})\b",
}
PLACES = {
    "a folder of one machine": r"(?<![\w.}])/(?:[w]ork|[r]oot|[h]ome/\w+|[U]sers/\w+)/",
    "a package index": r"pypi[.](?:org|python)|python[h]osted|npmj[s]|[-]-(?:extra-)?index-[u]rl",
}
FRAME = {"Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock", ".ci/run", ".ci/lock.py"}


def _found(pattern: str) -> list[str]:
    return [
        f"{path}: {hit[0]}"
        for path in files()
        if (text := text_of(path))
        for hit in re.finditer(pattern, text)
    ]


@pytest.mark.parametrize("what", SECRETS)
def test_no_secret_in_the_tree(what: str) -> None:
    assert _found(SECRETS[what]) == []


@pytest.mark.parametrize("what", PLACES)
def test_no_machine_and_no_index_is_named(what: str) -> None:
    assert _found(PLACES[what]) == []


def test_the_patterns_find_what_they_are_for() -> None:
    assert re.search(SECRETS["a bot token"], "BOT_TOKEN=123456789:" + "A" * 35)
    assert re.search(SECRETS["a private key"], "-----BEGIN RSA PRIVATE" + " KEY-----")
    assert re.search(PLACES["a folder of one machine"], "cd /" + "home/li/desk")
    assert re.search(PLACES["a package index"], "--index" + "-url x")


def test_the_frame_names_no_address() -> None:
    """Every reader's own package index serves the packages."""
    named = {path.as_posix(): text_of(path) or "" for path in files() if path.as_posix() in FRAME}
    assert named.keys() == FRAME
    assert [path for path, text in named.items() if ":/" + "/" in text] == []
