"""What a dialog remembers ⇄ JSON text, with upgrades: state written by any past release must load."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from dialogs.core import Dialog


class UnreadableState(Exception):
    """The stored state does not fit the dialog any more: add an upgrade for its version to the dialog."""


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def write(state: Any) -> str:
    """A state dataclass as JSON text."""
    return _adapter(type(state)).dump_json(state).decode()


def read(dialog: Dialog, text: str, version: int) -> Any:
    """JSON text of `version` as the dialog's present state. Raises UnreadableState."""
    if version == dialog.version:
        try:
            return _adapter(dialog.state).validate_json(text)
        except ValueError as error:
            raise UnreadableState(f"{dialog.name} v{version}: {error}") from error
    if version > dialog.version:
        raise UnreadableState(f"{dialog.name} v{version} was written by a newer release than this one.")
    for step in range(version, dialog.version):
        if step not in dialog.upgrades:
            raise UnreadableState(f"{dialog.name} has no upgrade from version {step} to {step + 1}.")
    try:
        remembered = json.loads(text)
        for step in range(version, dialog.version):
            remembered = dialog.upgrades[step](remembered)
        return _adapter(dialog.state).validate_python(remembered)
    except (ValueError, LookupError, TypeError) as error:
        raise UnreadableState(f"{dialog.name} v{version} upgraded: {error!r}") from error
