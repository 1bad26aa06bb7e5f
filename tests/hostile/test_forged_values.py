"""Values that no button ever offered, pressed by the very person whose card it is (R2, R5).

Somebody who may press 确认 of their own form, or dispatches complaints by right, still may not name a bay, a price, a
person or a time that the card has not offered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialogs.catalogue import DIALOGS
from tests.faults.tally import LONG
from tests.hostile.forgers import give_every_role
from tests.hostile.nasty import VALUES
from tests.hostile.page import turn_to
from tests.service.front_door import WANG, FrontDoor
from tests.service.stages import ADVISOR, BOSS, WAITING

if TYPE_CHECKING:
    from tests.faults.tally import Tally

BY_DIALOG = sorted({dialog for dialog, _ in WAITING})
ANYWHERE = {"cancel", "back", "human"}
MOMENTS = {"at", "slot", "offer", "day", "time", "until"}
"""What these stand for might as well have been typed: any time that can be had is as good as those that were offered,
and is judged in the same way."""
POSSIBLE = {"2026-11-25", "2026-11-25T10:00", "2026-11-24T03:17"}
SAME_DEED = {
    *(("follow_up", key) for key in ("begin", "go_on", "later", "not_now", "stop")),
    *(("booking", "days"), ("moving", "days")),
}
"""What may be said at any question of one's own questionnaire, and 换日子, which only leads back."""
AS_OTHER = {("complaint_words", "topic")}
"""What is none of the topics counts as 其他 (C2)."""


@pytest.mark.parametrize("dialog", BY_DIALOG)
async def test_r2_what_was_not_offered_is_not_taken(shop: FrontDoor, dialog: str, tally: Tally) -> None:
    """Nothing of the trade is done, no other dialog begins, and the step stays where it is."""
    presses, taken = 0, []
    for who in (BOSS, ADVISOR, WANG):
        await give_every_role(shop, who)
    for stage in [each for each in WAITING if each[0] == dialog]:
        page = await turn_to(shop, stage)
        for key, offered in page.offered.items():
            for value in VALUES if offered != {""} and (dialog, key) not in AS_OTHER else ():
                if value in offered or (key in MOMENTS and value in POSSIBLE):
                    continue
                response = page.press(key, value)
                list(page.shown(response))
                if page.goes_on(response) or page.does(response):
                    taken.append((*stage, key, value, page.does(response)))
                presses += 1
    tally("values that no button offered", cases=presses, updates=presses)
    assert taken == []


@pytest.mark.parametrize("dialog", BY_DIALOG if LONG else BY_DIALOG[::2])
async def test_r2_a_button_that_the_step_does_not_show(shop: FrontDoor, dialog: str, tally: Tally) -> None:
    """Every key that any step of the dialog has, at the steps that do not show it."""
    presses, taken = 0, []
    for who in (BOSS, ADVISOR, WANG):
        await give_every_role(shop, who)
    pages = [await turn_to(shop, each) for each in WAITING if each[0] == dialog]
    values: dict[str, set[str]] = {key: {""} for key in DIALOGS[dialog].authority}
    for page in pages:
        for key, offered in page.offered.items():
            values.setdefault(key, set()).update(offered)
    for page in pages:
        for key in values.keys() - page.offered.keys() - ANYWHERE - MOMENTS:
            for value in values[key] if (dialog, key) not in SAME_DEED else ():
                response = page.press(key, value)
                list(page.shown(response))
                if page.goes_on(response) or page.does(response):
                    taken.append((*page.stage, key, value, page.does(response)))
                presses += 1
    tally("buttons that the step does not show", cases=presses, updates=presses)
    assert taken == []
