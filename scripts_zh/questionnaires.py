"""followup/*.yaml, where the store writes its questionnaires (F3), read and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from domain.questionnaires import (
    Condition,
    FollowUpEvent,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Start,
)

FOLDER = Path(__file__).with_name("followup")


class UnreadableSheet(Exception):
    """A questionnaire cannot be used: `lines` hold a Chinese sentence each, with file, line and cure."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@cache
def questionnaires() -> Mapping[str, Questionnaire]:
    """The store's sheets by id. Raises UnreadableSheet."""
    found = [from_source(json.dumps(yaml.safe_load(path.read_text("utf-8")), ensure_ascii=False, sort_keys=True))
             for path in sorted(FOLDER.glob("*.yaml"))]  # fmt: skip
    return {sheet.id: sheet for sheet in found}


def from_source(source: str) -> Questionnaire:
    """A sheet from its content as it was kept (`Questionnaire.source`). Raises UnreadableSheet."""
    body: dict[str, Any] = json.loads(source)
    start = body["start"]
    return Questionnaire(
        body["id"],
        body["title"],
        sha256(source.encode()).hexdigest()[:8],
        Start(
            timedelta(hours=start["from_hours"]),
            timedelta(hours=start["until_hours"]),
            FollowUpEvent(start["event"]) if "event" in start else None,
            start.get("after", ""),
        ),
        body["opening"],
        body["closing"],
        tuple(_question(each) for each in body["questions"]),
        source=source,
    )


def _question(each: dict[str, Any]) -> Question:
    options = tuple(Option(str(code), str(label)) for code, label in each.get("options", {}).items())
    when = each.get("when")
    condition = None
    if when:
        earlier = when["question"].startswith("earlier.")
        condition = Condition(
            when["question"].removeprefix("earlier."),
            earlier,
            tuple(when.get("is", ())),
            when.get("at_most"),
            when.get("at_least"),
            when.get("bad"),
            when.get("answered"),
        )
    return Question(
        each["id"],
        QuestionKind(each["kind"]),
        each["text"],
        options,
        condition,
        each.get("bad_at_most"),
        frozenset(each.get("bad", ())),
        each.get("topic", ""),
        each.get("required", False),
        each.get("asks_back", False),
    )
