"""State written by any past release loads, or says that it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dialogs.core import Dialog
from domain.people import Queue
from storage import states
from storage.states import UnreadableState
from tests.clock import MONDAY_TEN


@dataclass(frozen=True)
class Remembered:
    plate: str = ""
    minutes: int = 0
    starts_at: datetime | None = None
    deposit: Decimal = Decimal(0)
    days: tuple[date, ...] = ()
    queue: Queue | None = None


def _step(*_: Any) -> Any: ...


def _dialog(version: int = 1, **upgrades: Any) -> Dialog:
    steps: Mapping[int, Any] = {int(name[1:]): step for name, step in upgrades.items()}
    return Dialog("booking", Remembered, (_step,), version=version, upgrades=steps)


FULL = Remembered("沪A12345", 90, MONDAY_TEN, Decimal("0.10"), (date(2026, 11, 23),), Queue.WORKSHOP)


@pytest.mark.parametrize("state", [Remembered(), FULL])
def test_what_is_remembered_comes_back(state: Remembered) -> None:
    assert states.read(_dialog(), states.write(state), 1) == state


def test_state_of_the_first_release_is_upgraded_step_by_step() -> None:
    dialog = _dialog(
        3,
        v1=lambda old: {"plate": old["number_plate"], "hours": old["hours"]},
        v2=lambda old: {
            "plate": old["plate"],
            "minutes": old["hours"] * 60,
            "starts_at": "2026-11-23T10:00:00+08:00",
        },
    )
    read = states.read(dialog, '{"number_plate": "沪A12345", "hours": 2}', 1)
    assert read == Remembered("沪A12345", 120, MONDAY_TEN)
    assert states.read(dialog, '{"plate": "沪A12345", "hours": 1}', 2).minutes == 60


@pytest.mark.parametrize("text", ["", "{", "[]", '{"minutes": "ninety"}', '{"queue": "nowhere"}'])
def test_what_does_not_fit_is_unreadable(text: str) -> None:
    for dialog, version in ((_dialog(), 1), (_dialog(2, v1=lambda old: old), 1)):
        with pytest.raises(UnreadableState, match="booking"):
            states.read(dialog, text, version)


def test_a_missing_upgrade_is_named() -> None:
    with pytest.raises(UnreadableState, match="no upgrade from version 2 to 3"):
        states.read(_dialog(3, v1=lambda old: old), "{}", 1)


def test_an_upgrade_that_finds_something_else_is_unreadable() -> None:
    with pytest.raises(UnreadableState, match="number_plate"):
        states.read(_dialog(2, v1=lambda old: {"plate": old["number_plate"]}), "{}", 1)


def test_state_of_a_newer_release_is_not_guessed() -> None:
    """After a release was taken back."""
    with pytest.raises(UnreadableState, match="newer release"):
        states.read(_dialog(), "{}", 2)
