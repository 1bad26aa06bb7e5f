"""All tables in one place, for migrations."""

from storage import (
    absences,
    appointments,
    audit,
    bays,
    complaints,
    conversations,
    copies,
    customers,
    dead_letters,
    discounts,
    inbox,
    orders,
    outbox,
    people,
    places,
    settlements,
    timers,
)
from storage.schema import METADATA

__all__ = [
    "METADATA",
    "absences",
    "appointments",
    "audit",
    "bays",
    "complaints",
    "conversations",
    "copies",
    "customers",
    "dead_letters",
    "discounts",
    "inbox",
    "orders",
    "outbox",
    "people",
    "places",
    "settlements",
    "timers",
]
