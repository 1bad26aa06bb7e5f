"""R1–R3: who is who, who serves which desk, who may invite."""

import pytest

from domain.people import SERVES, Queue, Role, is_staff, may_invite, serves


def test_r1_every_desk_is_served_by_staff_alone() -> None:
    assert set(SERVES) == set(Queue)
    for roles in SERVES.values():
        assert roles
        assert Role.CUSTOMER not in roles


@pytest.mark.parametrize(
    "role", [Role.CUSTOMER, Role.ADVISOR, Role.FOLLOW_UP_CLERK, Role.FRONT_DESK_SUPERVISOR]
)
def test_r3_nobody_below_a_manager_invites(role: Role) -> None:
    assert not may_invite(role)


@pytest.mark.parametrize("role", [Role.GENERAL_MANAGER, Role.AFTER_SALES_MANAGER, Role.WORKSHOP_SUPERVISOR])
def test_r3_managers_invite(role: Role) -> None:
    assert may_invite(role)


def test_r2_a_customer_is_no_staff_but_one_who_is_both_is() -> None:
    assert not is_staff({Role.CUSTOMER})
    assert not is_staff(())
    assert is_staff({Role.CUSTOMER, Role.ADVISOR})


def test_r1_a_desk_is_served_by_its_roles_and_by_the_general_manager() -> None:
    assert serves({Role.WORKSHOP_SUPERVISOR}, Queue.WORKSHOP)
    assert not serves({Role.ADVISOR}, Queue.WORKSHOP)
    assert serves({Role.GENERAL_MANAGER}, Queue.WORKSHOP)
    assert serves({Role.ADVISOR}, Queue.WORKSHOP, {Queue.WORKSHOP: (Role.ADVISOR,)})
