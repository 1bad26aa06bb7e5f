"""The occasion of an event: who acted, over which card, where. A timer's occasion is empty."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.facts import Who
from storage.people import Person


@dataclass(frozen=True, slots=True)
class Occasion:
    """`press_id` and `card` belong to a press; `chat_id` is where it happened."""

    person: Person | None = None
    press_id: str = ""
    card: int = 0
    chat_id: int = 0
    in_group: bool = False
    group_has_topics: bool = False

    @property
    def who(self) -> Who:
        """Who acted, as dialogs are told; nobody when a timer is due."""
        one = self.person
        return Who(one.id, one.first_name, one.username, one.roles) if one else Who()


NOBODY = Occasion()
