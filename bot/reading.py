"""`python bot.py understand`: what the bot reads in a message, for one text or a whole chat history."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from bot.clocks import WallClock
from domain.complaint_routing import propose
from domain.understanding import understand
from scripts_zh.phrases import phrase
from scripts_zh.routing import routing_rules

STORE_ZONE = ZoneInfo("Asia/Shanghai")


def read_text(text: str, now: str) -> str:
    """What is read in `text` at `now` (ISO, store time; empty: at present), as indented JSON."""
    return json.dumps(read(text, moment(now)), ensure_ascii=False, indent=2)


def read_lines(source: Iterable[str], target: TextIO) -> None:
    """Lines ``{"id", "text", "now"}`` → one JSON object per line; a line that is none gets an ``error``."""
    for line in source:
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            answer = {"id": asked.get("id")} | read(str(asked["text"]), moment(asked.get("now") or ""))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            answer = {"id": None, "error": f"{type(error).__name__}: {error}"}
        target.write(json.dumps(answer, ensure_ascii=False) + "\n")


def moment(text: str) -> datetime:
    """ISO text as an aware moment; without a zone it is store time. Raises ValueError with a clear sentence."""
    if not text:
        return WallClock().now().astimezone(STORE_ZONE)
    try:
        read_as = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(phrase("cli", "time_wrong", text=text)) from None
    return read_as.replace(tzinfo=STORE_ZONE) if read_as.tzinfo is None else read_as


def read(text: str, now: datetime) -> dict[str, Any]:
    """What is read in `text`; start and end are store time without zone."""
    found = understand(text, now)
    when = found.moment
    return {
        "start": _iso(when.start) if when else None,
        "end": _iso(when.end) if when else None,
        "grain": when.grain if when else None,
        "plate": str(found.plate) if found.plate else None,
        "phone": str(found.phone) if found.phone else None,
        "intent": found.intent.value if found.intent else None,
        "complaint": complaint(text),
    }


def complaint(text: str) -> dict[str, Any]:
    """What a complaint with these words would be taken for (C2, C5). Raises RoutingFileError."""
    proposal = propose(text, routing_rules())
    read_as = proposal.classification
    return {
        "topic": read_as.topic,
        "category": read_as.category.value,
        "kind": read_as.kind.value,
        "severity": read_as.severity.value,
        "department": read_as.department.value,
        "confidence": float(proposal.confidence),
        "matched": list(proposal.matched),
    }


def _iso(when: datetime | None) -> str | None:
    return when.replace(tzinfo=None).isoformat() if when else None
