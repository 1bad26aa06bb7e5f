"""A customer who is asked after a visit: what they read, message by message, and what is in the books (F1–F6)."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.demo_cast import KNOWN
from domain.follow_ups import FollowUp
from storage import follow_ups
from storage.conversations import CONVERSATIONS
from storage.follow_ups import FOLLOW_UPS
from storage.timers import TIMERS
from tests.e2e.complaint_case import ZHOU
from tests.e2e.test_visit import at
from tests.e2e.visit_case import STORE, Visit

if TYPE_CHECKING:
    from tests.e2e.play import Performance

LEFT = at(23, 11)
SAID = {"sendMessage": "🔔", "editMessageText": "✏️"}
"""What rings, and what is changed in place."""


class Aftercare(Visit):
    """王建国's car, which left on Monday at eleven; from then on only the follow-ups are told."""

    def __init__(self, show: Performance) -> None:
        super().__init__(show, "粤B·12345", "粤B·1**45", "王")
        self.told = 0

    async def repaired(self) -> None:
        """One line at reception, the signature on the phone, the work, the farewell (F1)."""
        await self.open_in_one_line("/order 粤B12345 小保养 今天17:00 398")
        await self.show.press(KNOWN, "✅ 确认", "交车承诺卡")
        await self.show.heard()
        await self.press(ZHOU, "开工", "· 维修中")
        await self.get_ready()
        await self.show.at(LEFT)
        await self.leave()
        await self.show.heard()
        self.told = len(self.show.sandbox.calls)

    def read(self) -> list[str]:
        """What the customer's phone has shown since the last look, a line each: rung, or changed in place."""
        calls = list(self.show.sandbox.calls)
        new, self.told = calls[self.told :], len(calls)
        shown = [each for each in new if each.method in SAID and each.chat_id == KNOWN]
        return [f"{SAID[each.method]} {_line(str(each.params['text']))}" for each in shown]

    async def contact(self, sheet: str) -> FollowUp:
        """The contact with this questionnaire as it is in the books."""
        async with self.show.stage.premises.house.books.glance() as unit:
            rows = await unit.rows(select(FOLLOW_UPS.c.number).where(FOLLOW_UPS.c.questionnaire == sheet))
            found = [await follow_ups.load(unit, row.number) for row in rows]
        (contact,) = (each for each in found if each and each.plate in self.plate.replace("·", ""))
        return contact

    async def comes_due(self, sheet: str) -> datetime:
        """Let time pass until the customer is asked; a convenient moment, store time (F2)."""
        due = (await self.contact(sheet)).due_at.astimezone(STORE)
        assert time(9) <= due.time() < time(20)
        await self.show.at(due)
        await self.show.heard()
        return due

    async def presses(self, button: str, expect: str) -> None:
        """The customer presses the newest button that says so."""
        await self.show.press(KNOWN, button, expect)
        await self.show.heard()

    async def says(self, text: str, expect: str) -> None:
        """The customer types; the answer takes the question's place, or comes as a new message."""
        seen = {(each.id, each.text) for each in self.show.sandbox.chat(KNOWN).messages}
        await self.show.sandbox.user(KNOWN).say(text)
        await self.show.reads(KNOWN, expect, seen=seen)
        await self.show.heard()

    async def waits(self) -> int:
        """How many timers of follow-ups with this customer are still set."""
        async with self.show.stage.premises.house.books.glance() as unit:
            numbers = await unit.rows(
                select(FOLLOW_UPS.c.number).where(FOLLOW_UPS.c.plate == self.plate.replace("·", ""))
            )
            about = select(CONVERSATIONS.c.id).where(
                CONVERSATIONS.c.subject.in_([row.number for row in numbers])
            )
            return len(await unit.rows(select(TIMERS).where(TIMERS.c.conversation_id.in_(about))))


def _line(text: str) -> str:
    """The line by which a reader knows the message: of a numbered question the question."""
    lines = [line for line in re.sub(r"</?\w+>", "", text).splitlines() if line.strip()]
    return lines[1] if lines[0].startswith("第") and len(lines) > 1 else lines[0]
