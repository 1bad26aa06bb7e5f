"""From a script and plain words to the text that is sent: the only place that fills in wordings.

A script is ``<dialog>/<name>.j2``: Telegram's HTML (b, i, code, blockquote), in which every word is escaped.
Labels of buttons and the keyboards' keys are plain text and are not escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound

from scripts_zh.wording import filters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo
    from pathlib import Path

SHARED = "shared"


class ScriptMissing(LookupError):
    """A dialog names a wording that scripts_zh/ does not have. The message says which, and where to add it."""


@dataclass(frozen=True, slots=True)
class KeyFace:
    """One key of a reply keyboard; `asks_contact` shares the person's own number."""

    label: str
    asks_contact: bool = False


@dataclass(frozen=True, slots=True)
class KeyboardFace:
    """A reply keyboard as keyboards.yaml describes it; with no rows the present one is taken away."""

    rows: tuple[tuple[KeyFace, ...], ...] = ()
    placeholder: str = ""
    once: bool = False


class Scripts:
    """All wordings of one store, compiled when first used and kept.

    `zone` is the store's time zone: every time that reaches a script is shown in it. With `auto_reload` an
    edited script is read again at its next use.
    """

    def __init__(self, folder: Path, zone: tzinfo, *, auto_reload: bool = False) -> None:
        self._folder = folder
        self._auto_reload = auto_reload
        loader = FileSystemLoader(folder)
        # autoescape is said outright: Jinja's choice by file name would leave .html.j2 unescaped.
        self._html = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=auto_reload,
        )
        self._plain = Environment(autoescape=False, undefined=StrictUndefined, trim_blocks=True)  # noqa: S701
        for environment in (self._html, self._plain):
            environment.filters.update(filters(zone))
            environment.globals.clear()  # no script needs range or lipsum, and every filling-in would copy them
        self._texts: dict[str, Template] = {}
        self._labels: dict[tuple[str, str], Template | str] = {}
        self._timers: dict[tuple[str, str], tuple[Template, Template]] = {}
        self._lists: dict[str, dict[str, Any]] = {}

    @property
    def environment(self) -> Environment:
        """What scripts are read with: filters and syntax, for checks."""
        return self._html

    def text(self, script: str, words: Mapping[str, Any]) -> str:
        """The message `script` filled with `words`, as HTML without blank ends.

        Raises ScriptMissing for a script nobody wrote and jinja2.UndefinedError for a word that is not there.
        """
        template = None if self._auto_reload else self._texts.get(script)
        if template is None:
            try:
                template = self._texts[script] = self._html.get_template(f"{script}.j2")
            except TemplateNotFound:
                raise ScriptMissing(f"There is no script {script}: write scripts_zh/{script}.j2.") from None
        return template.render(words).strip()

    def label(self, dialog: str, key: str, words: Mapping[str, Any]) -> str:
        """What the button `key` of `dialog` says: its buttons.yaml, else the shared one. Raises ScriptMissing."""
        label = self._labels.get((dialog, key))
        if label is None or self._auto_reload:
            label = self._labels[dialog, key] = self._find_label(dialog, key)
        return label if isinstance(label, str) else label.render(words).strip()

    def keyboard(self, name: str) -> KeyboardFace:
        """The reply keyboard `name` of shared/keyboards.yaml. Raises ScriptMissing."""
        entry = self._yaml(f"{SHARED}/keyboards.yaml").get(name)
        if entry is None:
            raise ScriptMissing(f"There is no keyboard {name}: add it to scripts_zh/shared/keyboards.yaml.")
        rows = tuple(tuple(_key(each) for each in row) for row in entry.get("rows", ()))
        return KeyboardFace(rows, entry.get("placeholder", ""), entry.get("once", False))

    def timer(self, dialog: str, name: str, words: Mapping[str, Any]) -> tuple[str, str]:
        """What the timer `name` of `dialog` will do, and why, for staff; plain text. Raises ScriptMissing.

        A timer that comes in several (reminder_24h, reminder_4h) may have one entry for all (reminder).
        """
        if (dialog, name) not in self._timers or self._auto_reload:
            timers = self._yaml("timers.yaml")
            own = timers.get(dialog, {})
            entry = own.get(name) or own.get(name.rpartition("_")[0]) or timers[SHARED].get(name)
            if entry is None:
                raise ScriptMissing(
                    f"The timer {dialog}/{name} has no words: add it to scripts_zh/timers.yaml."
                )
            self._timers[dialog, name] = (
                self._plain.from_string(entry["what"]),
                self._plain.from_string(entry["why"]),
            )
        what, why = self._timers[dialog, name]
        return what.render(words).strip(), why.render(words).strip()

    def names(self) -> tuple[str, ...]:
        """All scripts as dialogs name them, in order: ``booking/ask_name`` …"""
        return tuple(
            sorted(name.removesuffix(".j2") for name in self._html.list_templates(extensions=["j2"]))
        )

    def button_keys(self, dialog: str) -> frozenset[str]:
        """The buttons that have a label of the dialog's own."""
        return frozenset(self._yaml(f"{dialog}/buttons.yaml"))

    def timer_names(self) -> frozenset[tuple[str, str]]:
        """Every (dialog, timer) that timers.yaml has words for."""
        return frozenset(
            (dialog, name) for dialog, all_ in self._yaml("timers.yaml").items() for name in all_
        )

    def _find_label(self, dialog: str, key: str) -> Template | str:
        for folder in (dialog, SHARED):
            label = self._yaml(f"{folder}/buttons.yaml").get(key)
            if label is not None:
                return self._plain.from_string(str(label)) if "{" in str(label) else str(label)
        raise ScriptMissing(
            f"The button {dialog}/{key} has no label: add it to scripts_zh/{dialog}/buttons.yaml."
        )

    def _yaml(self, name: str) -> dict[str, Any]:
        if name not in self._lists or self._auto_reload:
            file = self._folder / name
            self._lists[name] = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
        return self._lists[name] or {}


def _key(entry: str | Mapping[str, Any]) -> KeyFace:
    if isinstance(entry, str):
        return KeyFace(entry)
    return KeyFace(entry["label"], entry.get("asks_contact", False))
