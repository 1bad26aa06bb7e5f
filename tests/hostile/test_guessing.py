"""What is secret cannot be guessed; what can be guessed opens nothing."""

from __future__ import annotations

import base64
import inspect
from typing import TYPE_CHECKING

import pytest

from bot import webhook
from dialogs.catalogue import DIALOGS
from dialogs.core import Pressed, Said
from domain.people import Role
from service import invitations
from service.ports import Tap
from storage import people
from tests.hostile.forgers import BY_THE_WAY, IN_VAIN, kept
from tests.service.front_door import LI, FrontDoor, texts
from tests.service.stages import BOOKED, CLOSED, OWED, OWN, WAITING, stand_at
from tests.service.visit_stage import PROMISED_ORDER, READY_ORDER

if TYPE_CHECKING:
    from tests.faults.tally import Tally

ENOUGH = 96  # bits


def test_r3_an_invitation_cannot_be_guessed() -> None:
    """Bits of the system's own chance, none of them lost on the way; and never the same again."""
    assert 8 * invitations.TOKEN_BYTES >= ENOUGH
    assert "secrets.token_urlsafe(TOKEN_BYTES)" in inspect.getsource(invitations.new_secret)
    made = {invitations.new_secret() for _ in range(10_000)}
    assert len(made) == 10_000
    raw = [base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4)) for secret in made]
    assert {len(each) for each in raw} == {invitations.TOKEN_BYTES}
    for place in range(8 * invitations.TOKEN_BYTES):
        ones = sum(each[place // 8] >> place % 8 & 1 for each in raw)
        assert 4_500 < ones < 5_500, f"bit {place} is no chance"


def test_r3_what_is_shown_of_an_invitation_does_not_open_it() -> None:
    """Its number, where anybody may read it, is part of the hash; the books have the hash alone."""
    secret = invitations.new_secret()
    token = invitations.token_of(secret, "desk_bot")
    assert token.number not in secret
    assert secret not in invitations.hash_of(secret)
    assert "secret" not in people.INVITATIONS.columns
    assert invitations.hash_of(token.number) != invitations.hash_of(secret)


def test_the_webhook_compares_in_constant_time() -> None:
    """Neither with == nor before the whole secret has been read."""
    source = inspect.getsource(webhook)
    assert "hmac.compare_digest(given, self._secret)" in source
    assert "== self._secret" not in source


async def test_r3_a_thousand_guesses_open_nothing(lite: FrontDoor, tally: Tally) -> None:
    """Near misses of a good token among them; afterwards the good one still works once."""
    now = lite.clock.now()
    good = invitations.new_secret()
    async with lite.house.books.unit() as unit:
        await people.invite(unit, invitations.hash_of(good), Role.ADVISOR, now, now.replace(year=2030))
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    near = [good[:place] + sign + good[place + 1 :] for place in range(len(good)) for sign in signs]
    guesses = [guess for guess in near if guess != good][:1_000]
    for first in range(0, len(guesses), 100):
        await lite.bring(*(lite.update(LI, Said(f"/start {each}")) for each in guesses[first : first + 100]))
    tally("guessed invitation tokens", cases=len(guesses), updates=len(guesses))
    assert await lite.rows(people.STAFF_ROLES.select()) == []
    await lite.say(LI, f"/start {good}")
    assert [row.role for row in await lite.rows(people.STAFF_ROLES.select())] == [Role.ADVISOR.value]


# ---------------------------------------------------------------- numbers are no secrets


@pytest.mark.parametrize(
    "number", [BOOKED, OWED, CLOSED, OWN, PROMISED_ORDER, READY_ORDER, "HF261123-911.2", "ZX261123-901"]
)
async def test_knowing_a_number_gives_nothing(shop: FrontDoor, number: str) -> None:
    """A stranger writes the number of somebody else's case in every way there is: nothing of it is told or changed."""
    before = await kept(shop, but=(*BY_THE_WAY, "people"))
    said = []
    for words in (number, f"我的预约 {number}", f"取消 {number}", f"改期 {number}", f"进度 {number}", f"投诉 {number}",
                  f"/start {number}", f"/order {number}", f"{number} 王先生 车修好了吗"):  # fmt: skip
        said += [letter for letter in await shop.say(LI, words) if letter.chat_id == LI.user_id]
        await shop.say(LI, "取消")
    told = texts(said).replace(number, "")
    assert [secret for secret in ("王先生 ", "王伟", "粤B·1", "粤B·6", "138", "朗逸") if secret in told] == []
    after = await kept(shop, but=(*BY_THE_WAY, "people"))
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"complaints", "complaint_entries", "complaint_legs", "customers"}, (
        "but a complaint of her own"
    )


@pytest.mark.parametrize("dialog", sorted({dialog for dialog, _ in WAITING})[::6])
async def test_r2_conversations_can_be_counted_through(shop: FrontDoor, dialog: str, tally: Tally) -> None:
    """A stranger presses the keys of every conversation from 1 on, in every turn: nothing happens to any of them."""
    for stage in (each for each in WAITING if each[0] == dialog):
        await stand_at(shop, *stage)
    await shop.say(LI, "/menu")
    li = (await shop.person(LI)).id
    before = await kept(shop, but=IN_VAIN)
    keys = sorted({*DIALOGS[dialog].authority, "confirm", "accept", "cancel", "human"})[:6]
    numbers = [row.id for row in await shop.conversations() if row.person_id != li]
    taps = [Tap(number, turn, key) for number in numbers for turn in range(4) for key in keys]
    presses = [shop.update(LI, Pressed(tap.key), tap=tap, card=55) for tap in taps]
    assert await shop.bring(*presses) == []
    assert await kept(shop, but=IN_VAIN) == before
    tally("conversations counted through", cases=len(taps), updates=len(taps))
