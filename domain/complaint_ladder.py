"""Who owns a step of the chain, which departments there are, and who hears of it when its time runs out (C4–C6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from domain.complaints import Happening, Step
from domain.people import Queue, Role

DEPARTMENTS: Mapping[Queue, tuple[Role, ...]] = MappingProxyType(
    {
        Queue.WORKSHOP: (Role.WORKSHOP_SUPERVISOR,),
        Queue.PARTS: (Role.PARTS_MANAGER,),
        Queue.FRONT_DESK: (Role.FRONT_DESK_MANAGER, Role.FRONT_DESK_SUPERVISOR),
        Queue.CUSTOMER_CARE: (Role.CUSTOMER_CARE_MANAGER,),
        Queue.SETTLEMENT: (Role.SETTLEMENT_MANAGER,),
        Queue.SALES: (Role.SALES_MANAGER,),
    }
)
"""The departments a complaint may be dispatched to, and who returns their result."""

_SUPERVISOR = (Role.FRONT_DESK_SUPERVISOR, Role.FRONT_DESK_MANAGER)
_AFTER_SALES = (Role.AFTER_SALES_MANAGER,)
_TOP = (Role.GENERAL_MANAGER,)

QUEUE_OF: Mapping[Step, Queue] = MappingProxyType(
    {
        Step.INTAKE: Queue.FRONT_DESK,
        Step.HANDLING: Queue.FRONT_DESK,
        Step.DISPATCH: Queue.AFTER_SALES,
        Step.SUMMARY: Queue.AFTER_SALES,
    }
)
"""Where the card of a step lies; a department's lies in its own topic."""


def owners(step: Step, queue: Queue) -> tuple[Role, ...]:
    """The roles that own `step` at `queue`."""
    if step is Step.DEPARTMENT:
        return DEPARTMENTS.get(queue, _AFTER_SALES)
    return _SUPERVISOR if step in (Step.INTAKE, Step.HANDLING) else _AFTER_SALES


def may_own(roles: Collection[Role], step: Step, queue: Queue) -> bool:
    """Whether somebody with `roles` may own it; the general manager may own everything."""
    return Role.GENERAL_MANAGER in roles or not set(owners(step, queue)).isdisjoint(roles)


def level(alarm: Happening, step: Step, queue: Queue) -> tuple[Role, ...]:
    """Who hears of `alarm` when nobody owns the step (a warning), of its breach, and then (C6)."""
    if alarm is Happening.WARNED:
        return owners(step, queue)
    if alarm is Happening.BREACHED and step not in (Step.DISPATCH, Step.SUMMARY):
        return _AFTER_SALES
    return _TOP
