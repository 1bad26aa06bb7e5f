"""All tables in one place, for migrations."""

from storage import (
    appointments,
    audit,
    bays,
    conversations,
    customers,
    dead_letters,
    inbox,
    outbox,
    people,
    places,
    timers,
)
from storage.schema import METADATA

__all__ = [
    "METADATA",
    "appointments",
    "audit",
    "bays",
    "conversations",
    "customers",
    "dead_letters",
    "inbox",
    "outbox",
    "people",
    "places",
    "timers",
]
