"""The reader of time words against cases of public suites (B15): 95 % right, at most two wrong.

The cases are not part of the project; the test runs where the file is present.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from domain.moments import understand_moment

CASES = Path(__file__).parents[2].parent / "shared" / "data" / "datetime_zh.jsonl"
STORE = ZoneInfo("Asia/Shanghai")
DAYPART_TOLERANCE = timedelta(hours=4)  # suites disagree about when 下午 or 今晚 begins

Verdict = Literal["right", "wrong", "not understood"]


def judge(case: dict[str, str]) -> Verdict:
    moment = understand_moment(case["text"], datetime.fromisoformat(case["reference"]).replace(tzinfo=STORE))
    if moment is None:
        return "not understood"
    read, expected = moment.start.replace(tzinfo=None), case["expected_start"]
    if expected.startswith("T"):
        wanted = datetime.combine(read.date(), datetime.fromisoformat(f"2000-01-01{expected}").time())
    else:
        wanted = datetime.fromisoformat(expected)
    match case["match"]:
        case "day":
            right = read == wanted and moment.grain == "day"
        case "daypart":
            right = read.date() == wanted.date() and abs(read - wanted) <= DAYPART_TOLERANCE
        case "clock":
            right = read.time() == wanted.time()
        case _:
            right = read.replace(second=0) == wanted.replace(second=0)
    return "right" if right else "wrong"


@pytest.mark.skipif(not CASES.exists(), reason="the public time-word cases (datetime_zh.jsonl) are not here")
def test_b15_public_suites_are_understood() -> None:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    verdicts = [(case["text"], judge(case)) for case in cases]
    wrong = [text for text, verdict in verdicts if verdict == "wrong"]
    right = [text for text, verdict in verdicts if verdict == "right"]
    assert len(wrong) <= 2, wrong
    assert len(right) >= 0.95 * len(cases), [text for text, verdict in verdicts if verdict != "right"]
