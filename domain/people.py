"""People of the house: roles, the desks they serve, who may bring in somebody new, who stands in for whom (R1–R4)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, TypeVar


class Role(StrEnum):
    """What somebody is in the house (R1). One person may hold several; the value is what storage keeps."""

    CUSTOMER = "customer"
    ADVISOR = "advisor"
    FOLLOW_UP_CLERK = "follow_up_clerk"
    FRONT_DESK_SUPERVISOR = "front_desk_supervisor"
    BUSINESS_SUPERVISOR = "business_supervisor"
    AFTER_SALES_MANAGER = "after_sales_manager"
    WORKSHOP_SUPERVISOR = "workshop_supervisor"
    PARTS_MANAGER = "parts_manager"
    FRONT_DESK_MANAGER = "front_desk_manager"
    CUSTOMER_CARE_MANAGER = "customer_care_manager"
    SETTLEMENT_MANAGER = "settlement_manager"
    SALES_MANAGER = "sales_manager"
    GENERAL_MANAGER = "general_manager"


class Queue(StrEnum):
    """A desk that work is handed to: one topic of the staff group each."""

    FRONT_DESK = "front_desk"
    AFTER_SALES = "after_sales"
    WORKSHOP = "workshop"
    PARTS = "parts"
    CUSTOMER_CARE = "customer_care"
    SETTLEMENT = "settlement"
    SALES = "sales"
    ESCALATION = "escalation"


STAFF_ROLES: frozenset[Role] = frozenset(Role) - {Role.CUSTOMER}

MANAGERS: frozenset[Role] = frozenset(
    {
        Role.AFTER_SALES_MANAGER,
        Role.PARTS_MANAGER,
        Role.FRONT_DESK_MANAGER,
        Role.CUSTOMER_CARE_MANAGER,
        Role.SETTLEMENT_MANAGER,
        Role.SALES_MANAGER,
        Role.GENERAL_MANAGER,
        # The workshop's head is a department manager in all but the title (R1).
        Role.WORKSHOP_SUPERVISOR,
    }
)

SERVES: Mapping[Queue, tuple[Role, ...]] = MappingProxyType(
    {
        Queue.FRONT_DESK: (Role.ADVISOR, Role.FRONT_DESK_SUPERVISOR, Role.FRONT_DESK_MANAGER),
        Queue.AFTER_SALES: (Role.AFTER_SALES_MANAGER, Role.BUSINESS_SUPERVISOR),
        Queue.WORKSHOP: (Role.WORKSHOP_SUPERVISOR,),
        Queue.PARTS: (Role.PARTS_MANAGER,),
        Queue.CUSTOMER_CARE: (Role.FOLLOW_UP_CLERK, Role.CUSTOMER_CARE_MANAGER),
        Queue.SETTLEMENT: (Role.SETTLEMENT_MANAGER, Role.BUSINESS_SUPERVISOR),
        Queue.SALES: (Role.SALES_MANAGER,),
        Queue.ESCALATION: (Role.AFTER_SALES_MANAGER, Role.GENERAL_MANAGER),
    }
)
"""Who serves which desk unless the store file says otherwise; the first named is asked first."""


class Colleague(Protocol):
    """What has to be known of a member of staff: roles of their own, until when they are away (None: present), and
    the number of whoever stands in meanwhile (0: nobody)."""

    @property
    def person_id(self) -> int: ...
    @property
    def own_roles(self) -> frozenset[Role]: ...
    @property
    def absent_until(self) -> datetime | None: ...
    @property
    def substitute(self) -> int: ...


Anyone = TypeVar("Anyone", bound=Colleague)


def may_invite(role: Role) -> bool:
    """Whether this role may issue an invitation to staff (R3: managers only)."""
    return role in MANAGERS


def may_be_invited(own_roles: Collection[Role], roles: Collection[Role]) -> tuple[Role, ...]:
    """The roles that a colleague with `roles` may give by an invitation, in the order of the house (R3).

    A general manager is made by a general manager alone; whoever merely stands in for one (`own_roles`) is none.
    """
    if not any(may_invite(role) for role in roles):
        return ()
    top = Role.GENERAL_MANAGER
    return tuple(role for role in Role if role in STAFF_ROLES and (role is not top or top in own_roles))


def is_staff(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles may use staff commands and buttons at all (R2)."""
    return not STAFF_ROLES.isdisjoint(roles)


def serves(roles: Collection[Role], queue: Queue, desks: Mapping[Queue, tuple[Role, ...]] = SERVES) -> bool:
    """Whether one of these roles serves the desk; the general manager may act at every desk (R1, R2)."""
    return Role.GENERAL_MANAGER in roles or any(role in roles for role in desks.get(queue, ()))


def who_acts_for(person: int, colleagues: Iterable[Colleague]) -> int:
    """Who does the work of `person` now: themselves, their substitute, the substitute's own one … (R4).

    0 when nobody does: the line of substitutes ends in a circle, or with somebody who has left.
    """
    staff = {each.person_id: each for each in colleagues}
    asked: set[int] = set()
    while person in staff and person not in asked:
        if staff[person].absent_until is None:
            return person
        asked.add(person)
        person = staff[person].substitute
    return 0


def present_holders(colleagues: Collection[Colleague], roles: Iterable[Role]) -> tuple[int, ...]:
    """Whom to tell now of what concerns `roles`: whoever holds one, the role named first in front (R1, R4).

    Instead of somebody absent their substitute; where none of them is there the general manager (or who stands
    in); and where not even they are, the general managers all the same: somebody has to hear of it.
    """
    return (
        _present(colleagues, roles)
        or _present(colleagues, (Role.GENERAL_MANAGER,))
        or tuple(each.person_id for each in colleagues if Role.GENERAL_MANAGER in each.own_roles)
    )


def _present(colleagues: Collection[Colleague], roles: Iterable[Role]) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for role in roles:
        for each in colleagues:
            if role in each.own_roles and (person := who_acts_for(each.person_id, colleagues)):
                found[person] = None
    return tuple(found)


def closest_first(
    person: Colleague, colleagues: Iterable[Anyone], desks: Mapping[Queue, tuple[Role, ...]] = SERVES
) -> tuple[Anyone, ...]:
    """The others who are present, as substitutes of `person`: same role first, then same desk, then the rest (R4)."""
    shared = {role for roles in desks.values() if not person.own_roles.isdisjoint(roles) for role in roles}

    def distance(other: Anyone) -> tuple[bool, bool, int]:
        no_role, no_desk = (other.own_roles.isdisjoint(roles) for roles in (person.own_roles, shared))
        return no_role, no_desk, other.person_id

    others = (each for each in colleagues if each.person_id != person.person_id)
    return tuple(sorted((each for each in others if each.absent_until is None), key=distance))
