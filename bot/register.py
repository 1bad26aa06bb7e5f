"""`python bot.py register`: the appointment register 预约登记表 as a CSV file that Excel opens (B7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from bot.opening import closed_house
from bot.settings import Settings
from bot.spreadsheet import write_table
from domain.plates import Plate
from domain.store import Store
from scripts_zh.phrases import phrase
from storage import appointments

COLUMNS = (
    "number", "made_at", "name", "salutation", "phone", "plate", "model", "service", "starts_at", "minutes", "bay",
    "state", "deposit", "source", "benefits", "acknowledged_at", "description",
)  # fmt: skip


async def export(settings: Settings, store: Store, first: datetime, days: int, target: Path) -> None:
    """Write the forms of `days` days from `first` (store time) to `target`. Raises CannotOpen."""
    async with closed_house(settings, store) as house:
        begin = first.replace(tzinfo=house.calendar.zone)
        async with house.books.glance() as unit:
            forms = await appointments.register(unit, begin, begin + timedelta(days=days))
        rows = [_row(store, form) for form in forms]
    write_table(target, [phrase("register", column) for column in COLUMNS], rows)
    typer.echo(phrase("cli", "register_written", count=len(rows), path=target))


def _row(store: Store, form: Mapping[str, Any]) -> list[str]:
    services = {service.code: service.name for service in store.services}
    bays = {bay.id: bay.name for bay in store.bays}
    shown = dict(form) | {
        "service": services.get(form["service"], form["service"]),
        "bay": bays.get(form["bay"], form["bay"]),
        "plate": Plate(form["plate"]).display,
        "state": phrase("appointment_state", form["state"]),
        "source": phrase("appointment_source", form["source"]),
        "benefits": phrase("register", "yes" if form["benefits"] else "no"),
    }
    return [_cell(shown[column], store) for column in COLUMNS]


def _cell(value: Any, store: Store) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(store.zone):%Y-%m-%d %H:%M}"
    return str(value)
