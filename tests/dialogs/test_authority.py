"""The permits: which roles each of them lets through (R1, R2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dialogs.authority import (
    anyone_of_staff,
    at_desk,
    at_own_desk,
    at_own_desk_or_after_sales,
    either,
    holders,
    managers,
)
from dialogs.call import Call
from dialogs.core import Permit
from dialogs.departure import DEPARTURE, Departure
from dialogs.facts import Facts, Who
from domain.people import MANAGERS, SERVES, STAFF_ROLES, Queue, Role
from domain.store import StaffFigures

BOSS = Role.GENERAL_MANAGER


def seen_by(desk: Any, *roles: Role, person: int = 11, queue: Queue | None = None) -> Facts:
    """What a permit is told when somebody with `roles` presses at `queue`."""
    desk.who = Who(person, "林", roles=frozenset(roles))
    facts: Facts = desk.facts(desk.begin("call", Call()))
    return replace(facts, queue=queue)


def let_through(permit: Permit, desk: Any, queue: Queue | None) -> set[Role]:
    return {role for role in Role if permit(None, seen_by(desk, role, queue=queue))}


@pytest.mark.parametrize(("permit", "queue", "allowed"), [
    (holders(Role.ADVISOR, Role.PARTS_MANAGER), Queue.SALES, {Role.ADVISOR, Role.PARTS_MANAGER}),
    (at_desk(Queue.PARTS), Queue.SALES, {Role.PARTS_MANAGER, BOSS}),
    (at_own_desk, Queue.SALES, {Role.SALES_MANAGER, BOSS}),
    (at_own_desk, None, set()),
    (at_own_desk_or_after_sales, Queue.WORKSHOP, {Role.WORKSHOP_SUPERVISOR, Role.AFTER_SALES_MANAGER, BOSS}),
    (either(at_own_desk, holders(Role.ADVISOR)), Queue.PARTS, {Role.PARTS_MANAGER, Role.ADVISOR, BOSS}),
    (managers, None, MANAGERS),
    (anyone_of_staff, None, STAFF_ROLES),
], ids=["holders", "at_desk", "at_own_desk", "nowhere", "or after sales", "either", "managers", "staff"])  # fmt: skip
def test_r2_whom_a_permit_lets_through(
    desk: Any, permit: Permit, queue: Queue | None, allowed: set[Role]
) -> None:
    assert let_through(permit, desk, queue) == allowed
    assert not permit(None, seen_by(desk, queue=queue)), "somebody without a role"


def test_r1_one_of_several_roles_is_enough(desk: Any) -> None:
    assert managers(None, seen_by(desk, Role.ADVISOR, Role.PARTS_MANAGER))


def test_r1_the_store_file_says_who_serves_a_desk(desk: Any) -> None:
    """A store whose parts desk is served by its advisors."""
    staff = StaffFigures(desks={**SERVES, Queue.PARTS: (Role.ADVISOR,)})
    desk.store = replace(desk.store, staff=staff)
    assert let_through(at_own_desk, desk, Queue.PARTS) == {Role.ADVISOR, BOSS}
    assert let_through(at_desk(Queue.PARTS), desk, None) == {Role.ADVISOR, BOSS}


@pytest.mark.parametrize("key", ["leaves", "stays"])
def test_r3_one_leaves_by_oneself_or_by_a_manager(desk: Any, key: str) -> None:
    permit, about_me = DEPARTURE.authority[key], Departure("林", person=11)
    assert permit(about_me, seen_by(desk))
    assert not permit(about_me, seen_by(desk, Role.ADVISOR, person=12))
    assert permit(about_me, seen_by(desk, Role.AFTER_SALES_MANAGER, person=12))
