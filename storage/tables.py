"""All tables in one place, for migrations."""

from storage import (
    absences,
    appointments,
    audit,
    bays,
    conversations,
    copies,
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
    "absences",
    "appointments",
    "audit",
    "bays",
    "conversations",
    "copies",
    "customers",
    "dead_letters",
    "inbox",
    "outbox",
    "people",
    "places",
    "timers",
]
