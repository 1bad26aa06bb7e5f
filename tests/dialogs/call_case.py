"""A customer without a chat who waits for a call, the sheet they are asked, and who calls (F4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dialogs.facts import Who
from domain.follow_ups import FollowUp, FollowUpState
from domain.people import Role
from domain.questionnaires import FollowUpEvent, Option, Question, Questionnaire, Start
from domain.questionnaires import QuestionKind as Kind
from tests.dialogs.conftest import MONDAY

CLERK = Who(31, "陈跟踪", roles=frozenset({Role.FOLLOW_UP_CLERK}))
SUN = Who(12, "孙顾问", roles=frozenset({Role.ADVISOR}))
DAY = timedelta(days=1)

SHEET = Questionnaire(
    "check_48h",
    "用车回访",
    "v1",
    Start(timedelta(hours=20), timedelta(hours=48), FollowUpEvent.LEFT),
    "{{ address }}您好，您的{{ plate }}用着还顺手吗？",
    "非常感谢合作！",
    (
        Question("runs_well", Kind.YES_NO, "车子开起来正常吗？", bad_codes=frozenset({"no"})),
        Question("washed", Kind.RATING, "洗车满意吗？"),
        Question("liked", Kind.MULTIPLE, "喜欢什么？", (Option("tea", "茶水"), Option("wifi", "网络"))),
        Question("tip", Kind.INFORMATION, "下次保养约在半年后。"),
        Question("wishes", Kind.TEXT, "还有什么想问的吗？", asks_back=True),
    ),
)


def waiting(place: int, **changes: Any) -> FollowUp:
    """Mr Wang's contact, which waits for a call."""
    known: dict[str, Any] = {
        "number": f"HF261123-001.{place}",
        "questionnaire": SHEET.id,
        "event": FollowUpEvent.LEFT,
        "customer_id": 7,
        "occurred_at": MONDAY - 2 * DAY,
        "due_at": MONDAY,
        "latest_at": MONDAY + DAY,
        "address": "王先生",
        "phone": "+8613800138000",
        "plate": "粤B12345",
        "work": "小保养",
        "advisor": SUN.person_id,
        "advisor_name": SUN.first_name,
        "state": FollowUpState.TO_CALL,
    }
    return FollowUp(**(known | changes))
