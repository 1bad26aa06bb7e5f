"""R1–R4: who is who, who serves which desk, who may invite, who is present."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from domain.people import (
    SERVES,
    Queue,
    Role,
    closest_first,
    is_staff,
    may_be_invited,
    may_invite,
    present_holders,
    serves,
)


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


# ---------------------------------------------------------------- R4: who is present


@dataclass(frozen=True)
class Staff:
    person_id: int
    own_roles: frozenset[Role]
    absent_until: datetime | None = None
    substitute: int = 0


def staff(person: int, *roles: Role, away: int | None = None) -> Staff:
    """A colleague; `away`: the substitute."""
    return Staff(person, frozenset(roles), None if away is None else TOMORROW, away or 0)


TOMORROW = datetime(2026, 11, 24, 10, tzinfo=UTC)
BOSS = staff(9, Role.GENERAL_MANAGER)
ANN, BEN = staff(1, Role.ADVISOR), staff(2, Role.FRONT_DESK_SUPERVISOR)


def test_r4_everybody_at_the_desk_hears_of_it_the_first_role_first() -> None:
    assert present_holders((BEN, ANN, BOSS), SERVES[Queue.FRONT_DESK]) == (1, 2)
    turned = {Queue.FRONT_DESK: (Role.FRONT_DESK_SUPERVISOR, Role.ADVISOR)}
    assert present_holders((BEN, ANN, BOSS), turned[Queue.FRONT_DESK]) == (2, 1)


def test_r4_instead_of_who_is_away_their_substitute_hears_of_it() -> None:
    foreman, clerk = staff(3, Role.WORKSHOP_SUPERVISOR, away=4), staff(4, Role.FOLLOW_UP_CLERK)
    assert present_holders((foreman, clerk, BOSS), SERVES[Queue.WORKSHOP]) == (4,)
    away = staff(4, Role.FOLLOW_UP_CLERK, away=2)
    assert present_holders((foreman, away, BEN, BOSS), SERVES[Queue.WORKSHOP]) == (2,), (
        "the substitute's own one"
    )


def test_r4_who_is_both_at_the_desk_and_stands_in_is_told_once() -> None:
    assert present_holders((staff(1, Role.ADVISOR, away=2), BEN), SERVES[Queue.FRONT_DESK]) == (2,)


@pytest.mark.parametrize(
    "desk",
    [
        (staff(3, Role.WORKSHOP_SUPERVISOR, away=0),),
        (staff(3, Role.WORKSHOP_SUPERVISOR, away=77),),
        (staff(3, Role.WORKSHOP_SUPERVISOR, away=4), staff(4, Role.ADVISOR, away=3)),
        (),
    ],
    ids=["nobody stands in", "the substitute has left", "a circle", "nobody holds the role"],
)
def test_r4_where_nobody_of_the_desk_is_there_the_general_manager_hears_of_it(
    desk: tuple[Staff, ...],
) -> None:
    assert present_holders((*desk, BOSS), SERVES[Queue.WORKSHOP]) == (9,)
    assert present_holders((*desk, staff(9, Role.GENERAL_MANAGER, away=1), ANN), SERVES[Queue.WORKSHOP]) == (
        1,
    )
    lonely = staff(9, Role.GENERAL_MANAGER, away=0)
    assert present_holders((*desk, lonely), SERVES[Queue.WORKSHOP]) == (9,), "somebody has to hear of it"


def test_r4_the_closest_colleagues_are_proposed_first() -> None:
    far, absent = staff(5, Role.SALES_MANAGER), staff(6, Role.ADVISOR, away=1)
    other_advisor = staff(7, Role.ADVISOR)
    shown = closest_first(ANN, (far, BEN, absent, ANN, other_advisor))
    assert [each.person_id for each in shown] == [7, 2, 5], (
        "same role, same desk, the rest; nobody who is away"
    )


def test_r3_only_a_general_manager_makes_a_general_manager() -> None:
    """Whoever stands in for one for three days does not make one for good."""
    own, lent = {Role.ADVISOR}, {Role.ADVISOR, Role.GENERAL_MANAGER}
    assert may_be_invited(own, own) == ()
    assert Role.GENERAL_MANAGER not in may_be_invited(own, lent)
    assert Role.AFTER_SALES_MANAGER in may_be_invited(own, lent)
    assert Role.GENERAL_MANAGER in may_be_invited(lent, lent)
    assert Role.CUSTOMER not in may_be_invited(lent, lent)
