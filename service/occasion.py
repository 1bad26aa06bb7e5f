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
        return who_is(self.person) if self.person else Who()


def who_is(person: Person) -> Who:
    """A person of the books, as dialogs are told."""
    return Who(
        person.id,
        person.first_name,
        person.username,
        person.roles,
        person.roles - person.own_roles,
        person.absent_until,
        person.substitute,
    )


NOBODY = Occasion()
