"""`understand` says for any text what a complaint would be taken for (C2, C5)."""

from __future__ import annotations

import io
import json
from datetime import datetime

import pytest

from bot.reading import STORE_ZONE, read, read_lines

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=STORE_ZONE)


def test_c2_c5_a_complaint_is_read_with_its_department() -> None:
    assert read("投诉你们的喷漆有色差", NOW)["complaint"] == {
        "topic": "paint_body",
        "category": "service",
        "kind": "valid",
        "severity": "normal",
        "department": "workshop",
        "confidence": 1.0,
        "matched": ["色差", "喷漆", "漆"],
    }


@pytest.mark.parametrize("text", ["叫你们店长出来", "态度太差了"])
def test_c1_a_call_for_the_manager_or_plain_anger_is_read_as_one(text: str) -> None:
    assert read(text, NOW)["complaint"]["department"] == "front_desk"


@pytest.mark.parametrize("text", ["喷漆有色差", "谢谢经理", ""])
def test_c2_any_text_is_proposed_something(text: str) -> None:
    """Whether it is a complaint is said by the intent; so that the store can tune routing.yaml with any words."""
    answer = read(text, NOW)
    assert answer["intent"] != "complaint"
    assert (answer["complaint"]["topic"] == "other") == (text != "喷漆有色差")


def test_b15_what_was_read_before_is_read_as_before() -> None:
    answer = read("下周三上午十点半做保养，车牌粤B12345", NOW)
    assert list(answer) == ["start", "end", "grain", "plate", "phone", "intent", "complaint"]
    assert (answer["start"], answer["plate"], answer["intent"]) == (
        "2026-11-25T10:30:00",
        "粤B12345",
        "booking",
    )


def test_line_by_line_too() -> None:
    written = io.StringIO()
    read_lines([json.dumps({"id": 1, "text": "投诉，等了三个小时"})], written)
    assert json.loads(written.getvalue())["complaint"]["topic"] == "waiting"
