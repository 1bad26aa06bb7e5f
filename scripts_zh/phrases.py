"""Short words outside conversations: the command line's sentences, names of states, reasons and queues."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent


@cache
def _phrases() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "phrases.yaml").read_text(encoding="utf-8"))
    return read


def phrase(group: str, key: str, **words: object) -> str:
    """The phrase `key` of `group`, with `words` put in. Raises LookupError for one that phrases.yaml does not have."""
    try:
        return _phrases()[group][key].format(**words)
    except KeyError as error:
        raise LookupError(
            f"The phrase {group}/{key} (or its word {error}) is missing: mend scripts_zh/phrases.yaml."
        ) from None


def groups() -> dict[str, dict[str, str]]:
    """All phrases by group, for checks."""
    return _phrases()
