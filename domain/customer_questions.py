"""Questions of customers 咨询 that the bot cannot answer: an advisor does, through the bot (Q2, F5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CustomerQuestion:
    """One question. `follow_up`: the follow-up in which it was asked ("": they asked by themselves).

    `owner` 0: nobody has taken it. `promised`: the customer was told that we look into it. It is open until
    `answered_at`.
    """

    number: str
    text: str
    asked_at: datetime
    person_id: int = 0
    customer_id: int = 0
    address: str = ""
    phone: str = ""
    follow_up: str = ""
    owner: int = 0
    owner_name: str = ""
    promised: bool = False
    answered_at: datetime | None = None
    answer: str = ""


PREFIX = "ZX"
"""How the number of a question begins."""


def question_number(asked_on: datetime, conversation: int) -> str:
    """ZX, the day (store time), and the conversation in which it was asked."""
    return f"{PREFIX}{asked_on:%y%m%d}-{conversation:03d}"
