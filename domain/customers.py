"""The customer and vehicle file 客户档案 as far as the desk needs it in a conversation (A1, A2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle, one file (A1). `plate` is in normal form."""

    id: int
    plate: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who we talk to. Everything personal is empty until it was told to us; `consent_at` comes before it (A3)."""

    id: int
    person_id: int | None
    name: str = ""
    surname: str = ""
    salutation: str = ""  # 先生, 女士 or nothing
    phone: str = ""
    tier: str = ""  # regular (empty), vip, fleet (B13)
    consent_at: datetime | None = None
    vehicles: tuple[Vehicle, ...] = ()
    usual: tuple[str, ...] = ()  # codes of the services booked most often, first the most frequent

    @property
    def address(self) -> str:
        """How we speak to them: 王先生; the whole name while the salutation is unknown."""
        return f"{self.surname}{self.salutation}" if self.salutation else self.name
