"""People of the house: roles, the desks they serve, and who may bring in somebody new (R1–R3)."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType


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


def may_invite(role: Role) -> bool:
    """Whether this role may issue an invitation to staff (R3: managers only)."""
    return role in MANAGERS


def is_staff(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles may use staff commands and buttons at all (R2)."""
    return not STAFF_ROLES.isdisjoint(roles)


def serves(roles: Collection[Role], queue: Queue, desks: Mapping[Queue, tuple[Role, ...]] = SERVES) -> bool:
    """Whether one of these roles serves the desk; the general manager may act at every desk (R1, R2)."""
    return Role.GENERAL_MANAGER in roles or any(role in roles for role in desks.get(queue, ()))
