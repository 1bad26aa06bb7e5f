"""Updates that claim what is not so: foreign contacts, forwarded words, tokens of others, other bots, other groups."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.updates import decode
from dialogs.core import EditedText, SharedContact
from domain.people import Role
from service.invitations import hash_of, new_secret
from service.ports import Sender, Tap
from storage import people, places
from storage.audit import AUDIT
from tests.bot.channels.recorded_updates import MEANING, recorded
from tests.faults.tally import LONG
from tests.hostile.forgers import BY_THE_WAY, IN_VAIN, kept
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOSS, FORMS, name_of, stand_at

if TYPE_CHECKING:
    from tests.faults.tally import Tally

OTHER_GROUP = -100_777


# ---------------------------------------------------------------- who wrote it


@pytest.mark.parametrize("name", ["anonymous_administrator", "another_bot", "channel_post", "linked_channel"])
@pytest.mark.parametrize("claim", ["/bind", "/dismiss 铁军", "/start Zx81", "预约服务", "投诉"])
async def test_r2_nobody_whom_one_could_hold_to_account_is_heard(
    shop: FrontDoor, name: str, claim: str
) -> None:
    """Channels, other bots, anonymous administrators: noted as seen, and nothing else, whatever they write."""
    update = copy.deepcopy(recorded(name))
    kind = "channel_post" if "channel_post" in update else "message"
    update[kind] |= {"text": claim}
    before = await kept(shop, but=("inbox", "people"))
    assert await shop.bring(decode(update | {"update_id": 901})) == []
    assert await kept(shop, but=("inbox", "people")) == before


async def test_b15_a_forwarded_word_is_the_word_of_whoever_forwards_it(shop: FrontDoor) -> None:
    """R2: a manager's /invite, forwarded by a customer, is the customer's."""
    update = copy.deepcopy(recorded("forwarded"))
    update["message"] |= {"text": "/invite", "from": _user(LI), "chat": {"id": LI.user_id, "type": "private"}}
    update["message"]["forward_origin"] = {"type": "user", "sender_user": _user(BOSS), "date": 1}
    said = await shop.bring(decode(update | {"update_id": 902}))
    assert "邀请" not in texts(said).replace("邀请链接", "")
    assert (await shop.audit())[-1] == "command.refused"
    assert await shop.conversations("invitation") == []


@pytest.mark.parametrize("stage", FORMS if LONG else FORMS[::8], ids=name_of)
async def test_an_edited_message_changes_nothing_of_the_trade(
    shop: FrontDoor, stage: tuple[str, str]
) -> None:
    """What was confirmed stands: a later wording of an old message is no answer."""
    await stand_at(shop, *stage)
    before = await kept(shop, but=BY_THE_WAY)
    for text in ("确认", "取消", "/bind", "13900000000", "粤B99999", "明天下午三点"):
        await shop.event(WANG, EditedText(text))
    assert await kept(shop, but=BY_THE_WAY) == before


def _user(who: Sender) -> dict[str, Any]:
    return {"id": who.user_id, "is_bot": False, "first_name": who.first_name, "last_name": who.last_name}


DATA = (
    *(
        "",
        ".",
        "..",
        ":",
        "1",
        "1.1",
        "1.1.",
        "1.1.got_it",
        "1.1:got_it",
        "01.1.got_it:",
        "1.01.got_it:",
    ),
    *(
        "-1.1.got_it:",
        "+1.1.got_it:",
        "1.-1.got_it:",
        "1 .1.got_it:",
        "1.1.got_it:\n",
        "\n1.1.got_it:",
    ),
    *(
        "zzzzzzzzzzzzz.1.got_it:",
        "1.zzzzzz.got_it:",
        "A.1.got_it:",
        "1.1.收到:",
        "１.１.got_it:",
        "1.1.got_it:٣",
        "\ud83d",
    ),
    *(
        "1.1." + "x" * 41 + ":",
        "1.1.a:" + "x" * 60,
        "1" * 64,
        "x" * 5_000,
        "null",
        '{"conversation": 1}',
        "1.1.got_it:" * 9,
    ),
)


@pytest.mark.parametrize("data", DATA)
async def test_r2_data_that_we_never_wrote_is_no_press(shop: FrontDoor, data: str) -> None:
    """Cut, lengthened, spelt otherwise, garbage: 已过期, a line in the audit log without a word of it, no effect."""
    row = await stand_at(shop, "bay_notice", "announce")
    assert (row.id, row.turn) == (1, 1)
    query = copy.deepcopy(recorded("pressed"))
    query["callback_query"] |= {"from": _user(BOSS), "data": data}
    before = await kept(shop, but=IN_VAIN)
    assert await shop.bring(decode(query | {"update_id": 905})) == []
    assert shop.post.toasts[-1].text
    assert await kept(shop, but=IN_VAIN) == before
    (*_, line) = await _audit(shop)
    assert (line.action, line.details) == ("forged_press", "{}")


# ---------------------------------------------------------------- whose number it is


def contact(phone: str, **more: Any) -> dict[str, Any]:
    """An update in which Mr Wang shares a contact."""
    update = copy.deepcopy(recorded("own_contact"))
    update["message"] |= {"from": _user(WANG), "chat": {"id": WANG.user_id, "type": "private"}}
    update["message"]["contact"] = {"phone_number": phone, "first_name": "伟", **more}
    return update


OTHERS = (None, LI.user_id, str(WANG.user_id), -WANG.user_id, [WANG.user_id], float(WANG.user_id) + 0.5)


@pytest.mark.parametrize("more", [{}, {"vcard": "BEGIN:VCARD"}, *({"user_id": number} for number in OTHERS)])
def test_a_contact_that_the_service_does_not_vouch_for(more: dict[str, Any]) -> None:
    """A card of the address book, of somebody else, with a number that only looks the same."""
    incoming = decode(contact("13900139000", **more))
    assert incoming.event == SharedContact("13900139000", own=False)


async def test_a3_somebody_elses_number_is_not_kept(shop: FrontDoor) -> None:
    """Asked for the number, a customer shares a friend's contact: it is asked again, and is nowhere in the books."""
    await stand_at(shop, "booking", "tell_phone")
    said = await shop.bring(decode(contact("13900139000", user_id=LI.user_id) | {"update_id": 903}))
    assert "13900139000" not in texts(said)
    row = await shop.conversation("booking")
    assert (row.step, "13900139000" in row.state) == ("tell_phone", False)


# ---------------------------------------------------------------- tokens


async def test_r3_tokens_that_open_nothing(shop: FrontDoor, tally: Tally) -> None:
    """Used, expired, revoked, guessed, cut, lengthened, in other letters, its hash and its number: a kind no each."""
    now, tokens = shop.clock.now(), {name: new_secret() for name in ("used", "expired", "revoked", "open")}
    async with shop.house.books.unit() as unit:
        for name, secret in tokens.items():
            ends = now - timedelta(seconds=1) if name == "expired" else now + timedelta(days=1)
            await people.invite(unit, hash_of(secret), Role.GENERAL_MANAGER, now - timedelta(days=2), ends)
        assert await people.use_invitation(unit, hash_of(tokens["used"]), 1, now)
        assert await people.revoke_invitation(unit, hash_of(tokens["revoked"])[:12], now)
    good = tokens.pop("open")
    tried = [
        *tokens.values(),
        good[:-1],
        f"{good}x",
        good.swapcase(),
        hash_of(good),
        hash_of(good)[:12],
        good[::-1],
    ]
    tried += [
        "admin",
        "1",
        "0" * 22,
        "%",
        "_" * 22,
        "' OR 1=1 --",
        "../" * 7,
        "A" * 3_000,
        "令牌",
        "\u202e" + good,
    ]
    for secret in tried:
        said = await shop.say(LI, f"/start {secret}")
        assert "邀请" in texts(said), secret
        assert (await shop.audit())[-1] == "invitation.refused"
    assert not any(row.role for row in await _roles(shop, LI))
    await shop.say(LI, f"/start {good}")
    assert [row.role for row in await _roles(shop, LI)] == [Role.GENERAL_MANAGER.value]
    assert "链接已经用过" in texts(await shop.say(WANG, f"/start {good}")) or not await _roles(shop, WANG)
    lines = json.dumps([dict(row._mapping) for row in await _audit(shop)], default=str)
    assert all(secret not in lines for secret in (good, *tokens.values()))
    tally("invitation tokens that open nothing", cases=len(tried) + 1, updates=len(tried) + 1)


async def _roles(shop: FrontDoor, who: Sender) -> list[Any]:
    number = (await shop.person(who)).id
    return await shop.rows(people.STAFF_ROLES.select().where(people.STAFF_ROLES.c.person_id == number))


async def _audit(shop: FrontDoor) -> list[Any]:
    return await shop.rows(AUDIT.select())


# ---------------------------------------------------------------- groups


@pytest.mark.parametrize("who", [LI, WANG, ADVISOR], ids=["stranger", "customer", "advisor"])
async def test_r2_a_second_group_does_not_become_the_staff_group(shop: FrontDoor, who: Sender) -> None:
    """Only a manager moves the desk; in their own group, anybody else gets a polite no, and no card ever."""
    before = await kept(shop, but=(*BY_THE_WAY, "people"))
    for text in ("/bind", "/bind@desk_bot", "/BIND", "/bind 前台"):
        said = await shop.say(who, text, chat_id=OTHER_GROUP, group_has_topics=True)
        assert [letter for letter in said if letter.chat_id == OTHER_GROUP and letter.buttons] == []
        assert (await shop.audit())[-1] == "command.refused"
    update = copy.deepcopy(recorded("added_to_a_group"))
    assert await shop.bring(decode(update | {"update_id": 904})) == []
    assert await kept(shop, but=(*BY_THE_WAY, "people")) == before
    async with shop.house.books.glance() as unit:
        assert {place.chat_id for place in (await places.load(unit)).values()} == {GROUP}


async def test_r2_commands_in_a_foreign_group_tell_it_nothing(shop: FrontDoor) -> None:
    """A colleague commands where others read along: what is theirs alone goes to their own chat."""
    for text in ("/register", "/cars", "/calls", "/ratings", "/questions", "/order", "/invite", "/selfcheck"):
        said = await shop.say(BOSS, text, chat_id=OTHER_GROUP)
        assert {letter.chat_id for letter in said} <= {BOSS.user_id, GROUP}, text


async def test_a_card_that_was_carried_elsewhere(shop: FrontDoor) -> None:
    """The group's card pressed in another group by who may press it: it counts, and nothing is said or changed there.

    By anybody else it is refused there as everywhere.
    """
    row = await stand_at(shop, "bay_notice", "announce")
    tap = Tap(row.id, row.turn, "got_it")
    before = await kept(shop, but=IN_VAIN)
    assert await shop.tap(LI, tap, card=77, chat=OTHER_GROUP) == []
    assert "不归您操作" in shop.post.toasts[-1].text
    assert await kept(shop, but=IN_VAIN) == before
    said = await shop.tap(BOSS, tap, card=77, chat=OTHER_GROUP)
    assert said
    assert {letter.chat_id for letter in said} <= {GROUP, BOSS.user_id, WANG.user_id}
    assert [letter for letter in said if letter.edits == 77] == []


def test_every_recorded_update_has_been_thought_of() -> None:
    """The kinds of update that may lie are among those that are recorded."""
    assert {"another_bot", "anonymous_administrator", "channel_post", "forwarded", "own_contact"} <= set(
        MEANING
    )
