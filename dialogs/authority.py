"""Who may press a button (R1, R2): the rows that dialogs put into their `authority`, as the trade names them.

A permit looks at the dialog's state and at `facts.who`, who pressed it just now; it is asked at every press, so a
role that was taken away, a hand-over or an absence counts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.people import MANAGERS, Role, is_staff, serves

if TYPE_CHECKING:
    from dialogs.core import Permit
    from dialogs.facts import Facts
    from domain.people import Queue


def holders(*roles: Role) -> Permit:
    """Whoever holds one of `roles`. The general manager only if named."""

    def permit(state: Any, facts: Facts) -> bool:
        return not facts.who.roles.isdisjoint(roles)

    return permit


def at_desk(queue: Queue) -> Permit:
    """Whoever serves the desk `queue` by the store file; the general manager serves every desk."""

    def permit(state: Any, facts: Facts) -> bool:
        return serves(facts.who.roles, queue, facts.store.staff.desks)

    return permit


def at_own_desk(state: Any, facts: Facts) -> bool:
    """Whoever serves the desk at which this conversation lies; nobody where it lies at none."""
    return facts.queue is not None and at_desk(facts.queue)(state, facts)


def managers(state: Any, facts: Facts) -> bool:
    """Whoever manages a department or the house."""
    return not MANAGERS.isdisjoint(facts.who.roles)


def anyone_of_staff(state: Any, facts: Facts) -> bool:
    """Any colleague, whatever their desk."""
    return is_staff(facts.who.roles)


def either(*permits: Permit) -> Permit:
    """Whoever one of `permits` lets through."""

    def permit(state: Any, facts: Facts) -> bool:
        return any(each(state, facts) for each in permits)

    return permit


at_own_desk_or_after_sales = either(at_own_desk, holders(Role.AFTER_SALES_MANAGER))
"""Front desk, workshop, settlement: the after-sales manager, who answers for all of them, may act there too."""
