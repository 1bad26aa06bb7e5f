"""A question of Mr Wang's that waits at the front desk (Q2)."""

from __future__ import annotations

from typing import Any

from domain.customer_questions import CustomerQuestion
from storage import customer_questions
from storage.engine import Unit

QUESTION = "ZX261123-901"


async def wonder(door: Any, unit: Unit, person: int, text: str = "冬天要换防冻液吗？车牌粤B12345") -> None:
    """He asks it now, anew where it was answered before."""
    question = CustomerQuestion(QUESTION, text, door.clock.now(), person, 1, "王先生", "+8613812345678")
    await customer_questions.keep(unit, question)
