"""Short words outside conversations: the command line's sentences, names of states, reasons and queues."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
LOADER = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # the first one is ten times as fast, every start waits for it
FILES = ("phrases.yaml", "figures.yaml", "why.yaml", "rehearsal.yaml")


@cache
def _phrases() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = {}
    for name in FILES:
        read |= yaml.load((FOLDER / name).read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - both are safe
    return read


def phrase(group: str, key: str, **words: object) -> str:
    """The phrase `key` of `group`, with `words` put in. Raises LookupError for one that nobody wrote."""
    try:
        return _phrases()[group][key].format(**words)
    except KeyError as error:
        raise LookupError(
            f"The phrase {group}/{key} (or its word {error}) is missing: mend scripts_zh/{' or '.join(FILES)}."
        ) from None


def groups() -> dict[str, dict[str, str]]:
    """All phrases by group, for checks."""
    return _phrases()
