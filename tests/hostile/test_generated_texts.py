"""Thousands of hostile texts in every field: an answer each, nothing injected, nothing that takes for ever (B15).

In `make test` some two hundred per field, in `make faults` fifty thousand (FAULTS=long).
"""

from __future__ import annotations

import random
from time import process_time
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from bot.channels.updates import clean
from dialogs.catalogue import DIALOGS
from dialogs.core import EditedText, Event, Outcome, Said, SentMedia, SharedContact
from tests.faults.tally import LONG
from tests.hostile.generated import hostile_texts
from tests.hostile.page import Page, turn_to
from tests.service.stages import ONLY_TELL, WAITING, name_of

if TYPE_CHECKING:
    from tests.faults.tally import Tally
    from tests.service.front_door import FrontDoor

EACH = 51_000 if LONG else 200  # of a hundred one has nothing left once it is cleaned
SECONDS = 2.0  # of a core that no text may take: whoever sends it must not stop the others
FIELDS = [
    stage
    for stage in WAITING
    if (DIALOGS[stage[0]].hears(stage[1]) or DIALOGS[stage[0]].lasting) and stage[0] not in ONLY_TELL
]
"""Every step that takes what somebody writes, and the two desks that take the rest."""


def event_of(number: int, text: str) -> Event | None:
    """How it comes: mostly written, now and then below a photo, as a change of what was said, as a contact's number."""
    said = clean(text).strip()
    match number % 20:
        case 17:
            return SentMedia("photo", "f1", said)
        case 18:
            return EditedText(said) if said else None
        case 19:
            return SharedContact(said, own=number % 40 == 19)
    return Said(said) if said else None


@pytest.mark.parametrize("dialog", sorted({dialog for dialog, _ in FIELDS}))
async def test_every_field_answers_whatever_it_is_given(shop: FrontDoor, dialog: str, tally: Tally) -> None:
    """No exception, no markup that is not ours, no message that is too long to be sent."""
    for stage in (each for each in FIELDS if each[0] == dialog):
        texts, seconds, slowest = answered(await turn_to(shop, stage))
        tally("hostile texts, in process", cases=texts, updates=texts)
        if LONG:
            assert seconds < SECONDS, f"{seconds:.1f} s for {slowest!r:.100}"


def answered(page: Page) -> tuple[int, float, str]:
    """Give `page` all of it: how many texts, and the seconds of a core that the slowest took, with its words."""
    texts, slowest, where = 0, (0.0, ""), name_of(page.stage)
    for number, text in enumerate(hostile_texts(random.Random(crc32(where.encode())), EACH)):
        if (event := event_of(number, text)) is None:
            continue
        began = process_time()
        try:
            response = page.answer(event)
            told = response.interrupted or list(page.shown(response)) or response.effects
        except Exception as error:
            raise AssertionError(f"{where} on {event!r:.300}") from error
        # Where a dialog is over or hands over, the house speaks.
        is_left = response.standing is None or response.outcome is Outcome.HAND_OVER
        assert told or is_left, f"silence of {where} on {event!r:.300}"
        slowest = max(slowest, (process_time() - began, text))
        texts += 1
    return texts, *slowest
