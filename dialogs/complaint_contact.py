"""How to reach whoever complained, for the colleague who has the case (A3, C8)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to reach, for leg `leg`; `person` 0: not in a chat."""

    leg: str = ""
    name: str = ""
    phone: str = ""
    plate: str = ""
    person: int = 0
