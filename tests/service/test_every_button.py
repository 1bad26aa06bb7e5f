"""A meta-test: no button at a staff queue without an authorisation row, and no row without its button (R2)."""

from __future__ import annotations

import ast
import inspect
import re
import sys

import pytest

from dialogs.catalogue import DIALOGS
from service.ports import Tap
from tests.house.tree import python_of
from tests.service.front_door import GROUP, WANG, FrontDoor
from tests.service.stages import (
    ADVISOR,
    AT_QUEUES,
    BOSS,
    FACES,
    OWN_LEGS,
    STAFF,
    STAGES,
    UNACCEPTED,
    WAITING,
    keys_shown,
    name_of,
    stand_at,
)

QUEUE_DIALOGS = sorted({name for name, _ in AT_QUEUES})
FORMS_ONLY = {
    "dialogs.core",
    "dialogs.patterns",
}  # what they add is added to forms, never to a card at a desk


# ---------------------------------------------------------------- the buttons that there are


def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[module]))


def _calls(tree: ast.Module, name: str) -> list[ast.Call]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if isinstance(call.func, ast.Name) and call.func.id == name]


def _modules(dialog: str) -> set[str]:
    """Where a dialog is written: its steps' files, and what they share with others that is no dialog itself."""
    waiting, known = {step.__module__ for step in DIALOGS[dialog].steps}, set[str]()
    while waiting:
        module = waiting.pop()
        known.add(module)
        for node in ast.walk(_tree(module)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dialogs"):
                names = {node.module or "", *(f"{node.module}.{each.name}" for each in node.names)}
                shared = {one for one in names & sys.modules.keys() if not _calls(_tree(one), "Dialog")}
                waiting |= shared - known - FORMS_ONLY
    return known


def written(dialog: str) -> set[str]:
    """The key of every Button that stands in the dialog's source."""
    buttons = [call for module in _modules(dialog) for call in _calls(_tree(module), "Button")]
    keys = [call.args[0] if call.args else call.keywords[0].value for call in buttons]
    return {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


async def shown(door: FrontDoor, stage: tuple[str, str]) -> tuple[set[str], set[str]]:
    """What the stage shows and what follows each of its buttons: keys of its dialog, keys at queues without a row."""
    who = BOSS if STAGES[stage].queue else ADVISOR if STAGES[stage].staff else WANG
    for key in sorted(keys_shown(door, (await stand_at(door, *stage)).id)):
        row = await stand_at(door, *stage)
        tap = next(
            face.tap
            for letter in reversed(door.post.letters)
            for faces in letter.buttons
            for face in faces
            if face.tap.key == key and face.tap.conversation == row.id
        )
        await door.tap(who, tap, card=55, chat=GROUP if STAGES[stage].queue else None)
    begun, own, without = {row.id: row for row in await door.conversations()}, set[str](), set[str]()
    for letter in door.post.letters:
        for tap in (face.tap for faces in letter.buttons for face in faces):
            talk = begun[tap.conversation]
            own |= {tap.key} if talk.dialog == stage[0] else set()
            if talk.person_id is None and tap.key not in DIALOGS[talk.dialog].authority:
                without.add(f"{talk.dialog}.{tap.key}")
    return own, without


# ---------------------------------------------------------------- rows and buttons belong together


def test_r2_every_dialog_that_lies_at_a_queue_is_among_the_stages() -> None:
    """What is opened at a queue anywhere in the source is tried here."""
    calls = [
        node
        for _, tree in python_of("dialogs", "service")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and re.search(r"\b(?:Open|begin)$", ast.unparse(node.func))
    ]
    texts = [ast.unparse(call) for call in calls]
    at_queues = [text for text in texts if re.search(r"Home\(queue=", text)]
    found = {name for text in at_queues for name in re.findall(r"""(?:Open|begin)\(\s*["'](\w+)["']""", text)}
    assert found >= {"call", "bay_notice"}, "the pattern has to find what is opened"
    assert found - set(QUEUE_DIALOGS) == set()


@pytest.mark.parametrize("dialog", QUEUE_DIALOGS)
def test_r2_every_button_that_is_written_for_a_queue_has_a_row(dialog: str) -> None:
    assert written(dialog)
    assert written(dialog) - DIALOGS[dialog].authority.keys() == set()


@pytest.mark.parametrize("stage", WAITING, ids=name_of)
async def test_r2_every_button_that_is_shown_at_a_queue_has_a_row(
    shop: FrontDoor, stage: tuple[str, str]
) -> None:
    """Every stage of every dialog, and whatever its buttons open elsewhere."""
    own, without = await shown(shop, stage)
    assert without == set()
    if stage in AT_QUEUES:
        assert own


@pytest.mark.parametrize("dialog", sorted(name for name, each in DIALOGS.items() if each.authority))
async def test_r2_every_row_belongs_to_a_button(shop: FrontDoor, dialog: str) -> None:
    keys = written(dialog)
    if DIALOGS[dialog].authority.keys() - keys:  # keys that are put together are seen in play
        for stage in [one for one in WAITING if one[0] == dialog]:
            keys |= (await shown(shop, stage))[0]
    assert DIALOGS[dialog].authority.keys() - keys == set()


@pytest.mark.parametrize("stage", AT_QUEUES, ids=name_of)
async def test_r2_every_button_of_a_card_can_be_pressed_by_somebody(
    shop: FrontDoor, stage: tuple[str, str]
) -> None:
    """A row that lets nobody through would be a dead button."""
    for key in keys_shown(shop, (await stand_at(shop, *stage)).id):
        answers = []
        for who, _ in STAFF:
            row = await stand_at(shop, *stage)
            await shop.tap(who, Tap(row.id, row.turn, key), card=55, chat=GROUP)
            answers.append(shop.post.toasts[-1].text)
        assert not all("不归您操作" in answer for answer in answers), key


@pytest.mark.parametrize("leg", OWN_LEGS)
async def test_r2_every_button_of_a_complaint_at_every_step_has_a_row_and_somebody_who_may_press_it(
    shop: FrontDoor, leg: str
) -> None:
    """Each leg of the chain, and each question that its card may ask; before it is accepted only what it is about."""
    for face in ("", *FACES) if leg != UNACCEPTED else ("", "classify"):
        row = await stand_at(shop, "complaint_desk", "attend", leg=leg, face=face)
        keys = keys_shown(shop, row.id)
        assert keys
        assert keys <= DIALOGS["complaint_desk"].authority.keys()
        for key in keys - {"accept"}:
            await shop.tap(BOSS, Tap(row.id, row.turn - 1, key), card=55, chat=GROUP)
            assert "不归您操作" not in shop.post.toasts[-1].text, (face, key)
