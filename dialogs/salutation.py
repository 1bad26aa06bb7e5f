"""先生 or 女士: pressed, typed, or passed over, wherever a form asks for it."""

from __future__ import annotations

from dialogs.core import Event, Pressed, Said
from domain.names import Salutation, read_salutation


def salutation_in(event: Event) -> str | None:
    """The salutation that `event` answers with, "" for 跳过; None where it is no answer."""
    match event:
        case Pressed("sir"):
            return Salutation.MR.value
        case Pressed("madam"):
            return Salutation.MS.value
        case Pressed("skip"):
            return ""
        case Said(text) if said := read_salutation(text):
            return said.value
        case _:
            return None
