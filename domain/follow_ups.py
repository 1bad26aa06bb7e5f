"""Follow-ups 跟踪回访: one planned contact with a customer, from the plan to what came of it (F1–F7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from domain.questionnaires import Answer, FollowUpEvent


class FollowUpState(StrEnum):
    """Where a follow-up stands."""

    PLANNED = "planned"  # 待回访
    INVITED = "invited"  # 已发送: the customer has been asked and has not begun
    ANSWERING = "answering"  # 填写中
    ANSWERED = "answered"  # 已完成, in the chat or on the phone
    EXPIRED = "expired"  # 未答复: it was asked and not finished in time; answers given so far count
    TO_CALL = "to_call"  # 待致电: nobody can be asked in the chat
    UNREACHED = "unreached"  # 联系不上: called as often as the store does
    SKIPPED = "skipped"  # 未进行: `reason` says why

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self in (
            FollowUpState.PLANNED,
            FollowUpState.INVITED,
            FollowUpState.ANSWERING,
            FollowUpState.TO_CALL,
        )


class Hindrance(StrEnum):
    """Why a customer is not to be asked now (F2)."""

    OPTED_OUT = "opted_out"  # 退订, for good
    OWN_CAR = "own_car"  # a colleague's, or the house's own
    COMPLAINT = "complaint"  # one of theirs is open: it goes first
    UNREACHABLE = "unreachable"  # not in the chat, or they blocked it: they are called
    CONTACTED = "contacted"  # they heard from us today already (K5)


NOTHING_TO_ASK, DECLINED, TOO_LATE = "nothing_to_ask", "declined", "too_late"
"""Further reasons of a follow-up that is SKIPPED: nothing was bad or open (F6), 不方便 for good, the time is over."""
NO_MORE = "no_more"
"""As DECLINED, by somebody without a chat who wants none ever again: the file is OPTED_OUT from then on (F2)."""


class CallOutcome(StrEnum):
    """What came of a call that a colleague made (F4)."""

    REACHED = "reached"  # 已接通
    NO_ANSWER = "no_answer"  # 无人接听
    CALL_AGAIN = "call_again"  # 改天再打
    WRONG_NUMBER = "wrong_number"  # 号码有误
    REFUSED = "refused"  # 不愿接受回访


@dataclass(frozen=True, slots=True)
class CallMade:
    """One line of the record of calls 跟踪服务电话记录表 (F4): when, who called, what came of it."""

    at: datetime
    by: int
    by_name: str
    outcome: CallOutcome
    note: str = ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One contact. `subject`: the repair order it comes after ("": none); `after`: the follow-up before it (F6).

    `work`: what was done, in words. `questionnaire` and `version` name its sheet; the version is fixed once the
    customer has been asked. `due_at`: when they are (next) asked; `latest_at`: the end of the time for it.
    `person_id` 0: not in the chat. `call_at`: a customer who is called wants it not before. `caller`: the colleague who
    has taken the call (0: nobody), at `taken_at`.
    """

    number: str
    questionnaire: str
    event: FollowUpEvent
    customer_id: int
    occurred_at: datetime
    due_at: datetime
    latest_at: datetime
    version: str = ""
    subject: str = ""
    after: str = ""
    person_id: int = 0
    address: str = ""
    phone: str = ""
    plate: str = ""
    work: str = ""
    advisor: int = 0
    advisor_name: str = ""
    state: FollowUpState = FollowUpState.PLANNED
    reason: str = ""
    nudges: int = 0
    invited_at: datetime | None = None
    ended_at: datetime | None = None
    call_at: datetime | None = None
    by_phone: bool = False
    complaint: str = ""
    caller: int = 0
    taken_at: datetime | None = None
    answers: tuple[Answer, ...] = ()
    calls: tuple[CallMade, ...] = ()

    def held_by(self, now: datetime, figures: FollowUpFigures) -> int:
        """Who is calling this customer now; 0 where nobody is, or whoever took it let it lie (`call_minutes`)."""
        fresh = self.taken_at is not None and now < self.taken_at + figures.call_kept
        return self.caller if fresh else 0

    @property
    def by_question(self) -> Mapping[str, Answer]:
        """The answers by the question's id."""
        return {answer.question: answer for answer in self.answers}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpFigures:
    """Figures of F1–F7, hours unless the name says otherwise.

    `from_time`–`until_time`: when customers are asked, store time (F2). `nudge_after` without an answer a nudge leaves,
    at most `nudges`, never less than `nudge_gap` after the last message; `expires_days` after the first question it is
    over. `later`: 稍后. `rest_minutes` of silence: the sheet waits to be taken up again. `bad_at_most` of 5 opens a
    complaint (F5). `calls` that reached nobody end it; `recall` apart. `question_days`: an unanswered question goes to
    the supervisor (F5). `results_from`: so many answers until those who were rated see them. `call_minutes`: a call
    that was taken and then left lying is free for others.
    """

    from_time: time = time(9)
    until_time: time = time(20)
    nudge_after: int = 24
    nudge_gap: int = 24
    nudges: int = 2
    expires_days: int = 6
    later: int = 3
    rest_minutes: int = 30
    bad_at_most: int = 3
    calls: int = 3
    recall: int = 4
    question_days: int = 2
    results_from: int = 5
    call_minutes: int = 60

    @property
    def rest_after(self) -> timedelta:
        """Silence after which the sheet rests."""
        return timedelta(minutes=self.rest_minutes)

    @property
    def call_kept(self) -> timedelta:
        """How long a call that somebody has taken is theirs alone."""
        return timedelta(minutes=self.call_minutes)


PREFIX = "HF"
"""How the number of a follow-up begins."""


def follow_up_number(planned_on: datetime, conversation: int, place: int) -> str:
    """HF, the day (store time), the conversation that planned it, and its `place` among those planned together."""
    return f"{PREFIX}{planned_on:%y%m%d}-{conversation:03d}.{place}"
