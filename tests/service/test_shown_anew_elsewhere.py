"""A card that was deleted in the chat is said anew once, whichever process finds that out."""

from __future__ import annotations

from itertools import count

from dialogs.catalogue import DIALOGS
from service.ports import Gone
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.card_stage import CASE, lay, tell, words_of
from tests.service.front_door import GROUP, open_door
from tests.service.stages import open_shop

DELETED = Gone("message", "Bad Request: message to edit not found")


async def test_a_deleted_card_is_said_anew_once(postgres_url: str, clock: FakeClock) -> None:
    """Who brought it still knows it by the number of the message that was deleted."""
    mine = dict(DIALOGS) | {"call": CASE}
    first, second = Books(postgres_url), Books(postgres_url)
    async with open_door(first, clock, dialogs=mine) as left, open_door(second, clock, dialogs=mine) as right:
        await open_shop(left)
        await lay(left)
        right.post._numbers = count(500)
        right.post.will_answer(GROUP, DELETED)
        await tell(right, "change", words="乙")
        left.post.will_answer(GROUP, DELETED)
        await tell(left, "change", words="丙")
        (said,) = [
            each for each in left.post.to(GROUP) if words_of(each.text) == "丙" and each.edits in (None, 500)
        ]
        assert said.edits == 500
    await first.close()
    await second.close()
