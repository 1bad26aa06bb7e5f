"""Names and words that look like templates or markup, from customers, colleagues and the store's own files; and files
that are made to hang or to take over whoever reads them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot.store_file import StoreFileError, load_store, template
from domain.store import Store
from scripts_zh.questionnaire_file import read_draft
from scripts_zh.questionnaires import UnreadableSheet, read_sheet
from scripts_zh.routing import RoutingFileError, load_rules
from storage.appointments import APPOINTMENTS
from storage.customers import CUSTOMERS, VEHICLES
from storage.orders import REPAIR_ORDERS
from storage.people import PEOPLE
from tests.faults.tally import LONG
from tests.hostile.nasty import TEMPLATES
from tests.hostile.page import as_read
from tests.service.front_door import FrontDoor, demo_store
from tests.service.stages import WAITING, stand_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.tally import Tally

SUM = "{{ 1337*7 }}{% if 1 %}<u>x</u>{% endif %}{{ ''.__class__ }}"
WORKED_OUT = ("9359", "&lt;class", "<class")
"""What would be read if anything had been worked out."""


def spoilt(value: Any) -> Any:
    """A part of the store with every name in it made hostile."""
    if is_dataclass(value) and not isinstance(value, type):
        changes = {each.name: spoilt(getattr(value, each.name)) for each in fields(value)}
        named = {name: _hostile(name, changed) for name, changed in changes.items()}
        return replace(value, **named)
    if isinstance(value, tuple):
        return tuple(spoilt(each) for each in value)
    return value


def _hostile(name: str, value: Any) -> Any:
    wanted = name in ("name", "address", "procedure", "rescue_scope", "scope", "text")
    return f"{SUM}{value}" if wanted and isinstance(value, str) else value


async def test_no_name_is_worked_out_wherever_it_is_shown(shop: FrontDoor, tally: Tally) -> None:
    """A store, a customer, a colleague, a car and an order with such names: every card of every step shows them as
    they were typed."""
    store: Store = spoilt(demo_store())
    object.__setattr__(shop.house, "store", store)
    async with shop.house.books.unit() as unit:
        await unit.run(update(PEOPLE).values(first_name=SUM, username="<u>x"))
        await unit.run(update(CUSTOMERS).values(name=SUM[:60], surname="<u>", salutation="女士"))
        await unit.run(update(VEHICLES).values(model=SUM[:40]))
        await unit.run(update(REPAIR_ORDERS).values(address=SUM[:64], advisor_name=SUM, fault=SUM))
        await unit.run(update(APPOINTMENTS).values(description=SUM))
    shown = 0
    for stage in WAITING if LONG else WAITING[::2]:
        await stand_at(shop, *stage)
    for letter in shop.post.letters:
        if letter.text:
            text = as_read(letter.text)
            assert [sign for sign in WORKED_OUT if sign in text] == [], text
            shown += "{{ 1337" in text
        labels = [face.label for row in letter.buttons for face in row]
        assert [label for label in labels if any(sign in label for sign in WORKED_OUT)] == []
    assert shown > 10, "the names have to be seen somewhere"
    tally("names that look like templates", cases=len(shop.post.letters))


@pytest.mark.parametrize("words", TEMPLATES)
def test_f3_a_sheet_cannot_reach_beyond_its_facts(tmp_path: Path, words: str) -> None:
    """What a store writes into a questionnaire is filled in by name alone; anything else is a mistake with its line."""
    sheet = tmp_path / "evil.yaml"
    sheet.write_text(SHEET.replace("WORDS", words.replace("'", "''")), encoding="utf-8")
    draft = read_draft(sheet)
    if "{{ address }}" not in words and "{" in words:
        with pytest.raises(UnreadableSheet, match=r"evil\.yaml"):
            read_sheet(sheet)
    assert draft.partial is None or words in draft.partial.opening


SHEET = """
id: evil
title: 回访
start: {event: left, from_days: 3, until_days: 7}
opening: 'WORDS'
questions:
  - {id: overall, kind: rating, text: 您觉得怎么样？}
closing: 谢谢合作！
"""

# ---------------------------------------------------------------- files


def _doubled(times: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, times)]
    return "\n".join(lines)


FILES = {
    "laughs": _doubled(12),
    "laughs where a name belongs": f"{_doubled(12)}\ntopics: {{other: {{name: *a11, keywords: *a11}}}}",
    "a circle": "a: &a [*a]",
    "a circle of topics": "topics: &t {other: *t}",
    "itself merged": "a: &a {<<: *a}",
    "brackets": "[" * 1_500,
    "braces": "{a: " * 1_500,
    "a call": "!!python/object/apply:os.system ['exit 7']",
    "a call inside": "topics: !!python/object/new:os.system ['exit 7']",
    "a module": "name: !!python/name:os.system",
    "a tag of its own": "!evil x",
    "binary": "name: !!binary AAAA",
    "a list as a name": "? [a]\n: b",
    "a mapping as a name": "? {a: b}\n: c",
    "NUL": "a: \x00",
    "bell": "a: \x07",
    "two files": "a: 1\n---\nb: 2",
    "another version": "%YAML 9.9\n---\na: 1",
    "nothing": "",
    "a word": "x",
    "a number": "7",
    "dates as names": "2026-01-01: x",
}


@pytest.mark.parametrize("name", FILES)
def test_no_file_hangs_or_takes_over_its_reader(tmp_path: Path, name: str) -> None:
    """store.yaml, routing.yaml and a questionnaire: each mistake a sentence, never a trace, never a call."""
    file = tmp_path / "evil.yaml"
    file.write_text(FILES[name], encoding="utf-8")
    with pytest.raises(StoreFileError, match=r"evil\.yaml"):
        load_store(file)
    with pytest.raises(RoutingFileError, match=r"evil\.yaml"):
        load_rules(file)
    draft = read_draft(file)
    assert draft.sheet is None
    assert draft.faults
    assert all(fault.sentence for fault in draft.faults)


def test_the_shipped_store_is_still_read(tmp_path: Path) -> None:
    """What refuses the hostile lets the honest through."""
    file = tmp_path / "store.yaml"
    file.write_text(template(), encoding="utf-8")
    assert load_store(file).name == demo_store().name
