"""Complaints 投诉 as on paper: what they are about, the steps of the chain, and everything that happened (C1–C10).

A complaint is its history. Who owns a step, when it is due and whether it is over is read from the entries
(domain/complaint_chain.py), never kept beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.people import Queue


class Category(StrEnum):
    """What a complaint is about (C2)."""

    SERVICE = "service"
    PRODUCT = "product"
    PRICE = "price"
    OTHER = "other"


class ComplaintKind(StrEnum):
    """Whether it names a target, grumbles in general, or is about something beside this visit (C2 ①②③)."""

    VALID = "valid"  # 有效投诉
    GRUMBLE = "grumble"  # 客户抱怨
    OTHER_FAULT = "other_fault"  # 相关投诉①: another fault than this repair
    VEHICLE = "vehicle"  # 相关投诉②: the vehicle itself
    UNRELATED = "unrelated"  # 相关投诉③: other


class Severity(StrEnum):
    """How grave it is (C2); 重大 goes to the after-sales manager at once (C9)."""

    MINOR = "minor"
    NORMAL = "normal"
    MAJOR = "major"


class Origin(StrEnum):
    """From where it was captured (C1)."""

    CUSTOMER = "customer"  # menu or free words
    CALLER = "caller"  # staff, on behalf of a caller or visitor
    FOLLOW_UP = "follow_up"  # a low rating or words in a questionnaire (F5)


class Cause(StrEnum):
    """Why it came to it (C8)."""

    ABILITY = "ability"
    KNOWLEDGE = "knowledge"
    PROCESS = "process"
    PARTS = "parts"
    PRODUCT = "product"


class Loss(StrEnum):
    """What the store lost by it (C11): nothing, a hidden loss 隐性损失, or a visible one 显性损失."""

    NONE = "none"
    HIDDEN = "hidden"
    VISIBLE = "visible"


class Step(StrEnum):
    """The steps of the chain (C4), in their order."""

    INTAKE = "intake"  # the form lies in the front-desk supervisor's queue until it is accepted
    HANDLING = "handling"  # the supervisor's first handling
    DISPATCH = "dispatch"  # the after-sales manager sends it to the departments
    DEPARTMENT = "department"  # a department works out its result
    SUMMARY = "summary"  # the after-sales manager sums up and answers the customer


class ComplaintState(StrEnum):
    """Where a complaint stands as a whole."""

    OPEN = "open"
    CLOSED = "closed"  # answered; the customer may still say 满意 or 不满意 (C10)


class Happening(StrEnum):
    """What an entry of the history says."""

    CAPTURED = "captured"
    WORDS = "words"  # the customer's words: details text
    MEDIA = "media"  # details kind, file_id
    CLASSIFIED = "classified"  # details topic, category, kind, severity, department; by a person: confirmed
    BEGUN = "begun"  # a leg begins: details minutes, business
    ACCEPTED = "accepted"  # `person` owns the leg from now on
    RELEASED = "released"  # nobody owns it
    HANDED_OVER = "handed_over"  # details to, to_name own it; by `person`
    CONTACTED = "contacted"  # the customer was called or written to
    PAUSED = "paused"  # waiting for the customer: details reason
    RESUMED = "resumed"
    REPORTED = "reported"  # details cause, responsible, solution, contact, loss: the form of the leg (C8)
    ENDED = "ended"  # the leg is done
    WARNED = "warned"  # 75 % of its time are over (C6)
    BREACHED = "breached"  # its time is over: the next level knows
    RAISED = "raised"  # the general manager knows
    MANAGER_ASKED = "manager_asked"  # 一键找店长
    MAJOR = "major"  # it is 重大: the after-sales manager was told at once (C9)
    CLOSED = "closed"  # details answer: what the customer was told
    SATISFIED = "satisfied"
    REOPENED = "reopened"  # 不满意


ALARMS = (Happening.WARNED, Happening.BREACHED, Happening.RAISED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a complaint's history. `leg` names the leg it belongs to ("" for the whole case)."""

    at: datetime
    happening: Happening
    leg: str = ""
    person: int = 0
    who: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Classification:
    """What a complaint is about (C2) and which department it concerns (C5). `topic` is a code of routing.yaml."""

    topic: str = "other"
    category: Category = Category.OTHER
    kind: ComplaintKind = ComplaintKind.GRUMBLE
    severity: Severity = Severity.NORMAL
    department: Queue = Queue.FRONT_DESK


@dataclass(frozen=True, slots=True)
class Complainant:
    """Who complains: person in the chat and file (0: none), and how to reach them; groups see it masked (A3)."""

    person: int = 0
    customer: int = 0
    name: str = ""
    phone: str = ""
    plate: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint with its whole history, oldest entry first."""

    number: str
    origin: Origin
    by: Complainant
    opened_at: datetime
    state: ComplaintState = ComplaintState.OPEN
    classification: Classification = Classification()
    confirmed: bool = False  # a person has confirmed or corrected the classification
    history: tuple[Entry, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Everything the customer said, in order."""
        return tuple(str(each.details["text"]) for each in self.of(Happening.WORDS))

    @property
    def media(self) -> tuple[tuple[str, str], ...]:
        """Photos, voices and videos kept with it: (kind, file)."""
        return tuple((each.details["kind"], each.details["file_id"]) for each in self.of(Happening.MEDIA))

    def of(self, *happenings: Happening) -> tuple[Entry, ...]:
        """The entries of these sorts, oldest first."""
        return tuple(entry for entry in self.history if entry.happening in happenings)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier complaint of the same person or car (C12), as whoever handles the new one sees it."""

    number: str
    opened_at: datetime
    category: Category
    state: ComplaintState


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFigures:
    """Figures of C4–C11. `*_hours` is the time of each step; a step in `business_hours` counts working time only (C7).

    `warn_share` and `general_manager_share` are parts of the step's time (C6); `pause_reminder_hours`: so often the
    owner of a paused step is reminded; the limits are shares of the vehicles served in a month, `deduction`
    yuan for each case above them (C11). `self_check_at`: when everything is looked through every night, store time.
    """

    intake_hours: int = 2
    handling_hours: int = 12
    dispatch_hours: int = 12
    department_hours: int = 12
    summary_hours: int = 12
    business_hours: tuple[Step, ...] = ()
    warn_share: Decimal = Decimal("0.75")
    general_manager_share: Decimal = Decimal("1.25")
    pause_reminder_hours: int = 24
    hidden_loss_limit: Decimal = Decimal("0.02")
    grumble_limit: Decimal = Decimal("0.03")
    major_limit: Decimal = Decimal("0.01")
    deduction: Decimal = Decimal(50)
    self_check_at: time = time(23, 30)

    def hours_of(self, step: Step) -> int:
        """How long `step` may take."""
        hours: int = getattr(self, f"{step.value}_hours")
        return hours

    @property
    def pause_reminder(self) -> timedelta:
        """How long a pause may last before its owner is reminded, again and again."""
        return timedelta(hours=self.pause_reminder_hours)


PREFIX = "TS"
"""How the number of a complaint begins."""


def complaint_number(captured_on: datetime, conversation: int) -> str:
    """The number on the form: TS, the day (store time), and the conversation that captured it: so it is unique."""
    return f"{PREFIX}{captured_on:%y%m%d}-{conversation:03d}"
