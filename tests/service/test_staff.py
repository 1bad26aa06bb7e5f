"""Colleagues through the front door: away and back, invitations in chat, their menu, leaving (R2–R5)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dialogs.core import Pressed
from dialogs.staff_desk import MENU
from domain.people import Role
from service.ports import Sender, Tap
from storage import people
from storage.audit import AUDIT
from storage.outbox import OUTBOX
from storage.people import INVITATIONS
from tests.clock import MONDAY_TEN
from tests.overheard import overhear
from tests.service.front_door import GROUP, LI, WANG, FrontDoor, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, stand_at

MANAGER, CLERK, NEWCOMER = Sender(4, "敏", "赵"), Sender(5, "洁", "郑"), Sender(21, "小林", "林")
CLOSING = timedelta(hours=8)  # from Monday ten o'clock


async def hire(door: FrontDoor, who: Sender, *roles: Role) -> int:
    """Make `who` a colleague."""
    await door.say(who, "/menu")
    number: int = (await door.person(who)).id
    async with door.house.books.unit() as unit:
        for role in roles:
            await people.give_role(unit, number, role, door.clock.now())
    return number


async def now(door: FrontDoor, who: Sender) -> people.Person:
    """`who` as they are at this moment."""
    async with door.house.books.glance() as unit:
        number = (await door.person(who)).id
        return (await people.load(unit, door.clock.now(), ids=[number]))[0]


async def details(door: FrontDoor, action: str) -> dict[str, Any]:
    """The particulars of the last audit line of `action`."""
    found = await door.rows(select(AUDIT).where(AUDIT.c.action == action).order_by(AUDIT.c.id))
    said: dict[str, Any] = json.loads(found[-1].details)
    return said


async def go_away(door: FrontDoor, who: Sender, until: str, substitute: str) -> list[Any]:
    """`who` is away from now on; everything that is said when the substitute has been chosen."""
    await door.say(who, "不在岗")
    await door.press(who, until)
    return await door.press(who, substitute)


def to(letters: list[Any], who: Sender) -> str:
    """What of `letters` went to `who`."""
    return texts([letter for letter in letters if letter.chat_id == who.user_id])


# ---------------------------------------------------------------- away and back (R4)


async def test_the_substitute_acts_until_the_absence_is_over(both: FrontDoor) -> None:
    """R4: roles, words to everybody concerned, and the card of the managers, from begin to end."""
    said = await go_away(both, FOREMAN, "today", "小敏")
    assert "由小敏代班" in to(said, FOREMAN)
    assert "您现在不在岗" in to(said, FOREMAN)
    assert "请您为铁军代班" in to(said, ADVISOR)
    card = texts([letter for letter in said if letter.chat_id == GROUP])
    assert "铁军不在岗" in card
    assert Role.WORKSHOP_SUPERVISOR in (await now(both, ADVISOR)).roles
    assert (await now(both, FOREMAN)).absent_until is not None
    await stand_at(both, "bay_notice", "announce")
    assert await both.press(ADVISOR, "got_it", chat=GROUP), "the foreman's button"
    over = await both.pass_time(CLOSING)
    assert "欢迎回来" in to(over, FOREMAN)
    assert "到此结束" in to(over, ADVISOR)
    assert "铁军已经回岗" in texts([letter for letter in over if letter.chat_id == GROUP])
    assert (await now(both, ADVISOR)).roles == {Role.ADVISOR}
    assert {"absence.named", "absence.began", "absence.ended"} <= set(await both.audit())
    assert {row.status for row in await both.conversations("away", "stand_in")} == {"over"}
    assert not [row for row in await both.timers() if row.name in ("begins", "ends")]


async def test_who_is_back_earlier_presses_one_button(both: FrontDoor) -> None:
    """R4: 不在岗 while one is away shows the card again."""
    await go_away(both, FOREMAN, "week", "小敏")
    [card] = await both.say(FOREMAN, "不在岗")
    assert "您现在不在岗" in card.text
    said = await both.press(FOREMAN, "returned")
    assert "欢迎回来" in to(said, FOREMAN)
    assert "到此结束" in to(said, ADVISOR)
    assert (await now(both, ADVISOR)).roles == {Role.ADVISOR}
    assert (await now(both, FOREMAN)).absent_until is None
    again = await both.say(FOREMAN, "不在岗")
    assert "到什么时候" in texts(again)


async def test_an_absence_in_the_future_begins_by_itself(both: FrontDoor) -> None:
    """R4: exactly at its time, in the books and in words."""
    await both.say(FOREMAN, "不在岗")
    await both.say(FOREMAN, "明天上午九点到后天下午六点")
    planned = await both.press(FOREMAN, "小敏")
    assert "已安排不在岗" in to(planned, FOREMAN)
    assert "请您为铁军代班" in to(planned, ADVISOR)
    assert (await now(both, ADVISOR)).roles == {Role.ADVISOR}
    early = await both.pass_time(timedelta(hours=23) - timedelta(seconds=1))
    assert not to(early, ADVISOR)
    assert (await now(both, ADVISOR)).roles == {Role.ADVISOR}
    begun = await both.pass_time(timedelta(seconds=1))
    assert "您现在不在岗" in to(begun, FOREMAN)
    assert "从：现在" in to(begun, ADVISOR)
    assert Role.WORKSHOP_SUPERVISOR in (await now(both, ADVISOR)).roles
    over = await both.pass_time(timedelta(hours=33))
    assert "欢迎回来" in to(over, FOREMAN)
    assert (await now(both, ADVISOR)).roles == {Role.ADVISOR}


async def test_an_absence_that_passed_while_the_house_was_closed_leaves_nothing_behind(
    shop: FrontDoor,
) -> None:
    """R4: begin and end are found together."""
    await shop.say(FOREMAN, "不在岗")
    await shop.say(FOREMAN, "明天上午九点到明天下午五点")
    await shop.press(FOREMAN, "小敏")
    await shop.pass_time(timedelta(days=3))
    assert {row.status for row in await shop.conversations("away", "stand_in")} == {"over"}
    assert not [row for row in await shop.timers() if row.name in ("begins", "ends")]


async def test_a_plan_is_called_off(shop: FrontDoor) -> None:
    """R4: before it begins; the substitute hears it."""
    await shop.say(FOREMAN, "不在岗")
    await shop.press(FOREMAN, "later")
    await shop.press(FOREMAN, "at_opening")
    await shop.press(FOREMAN, "today")
    await shop.press(FOREMAN, "小敏")
    said = await shop.press(FOREMAN, "取消这次安排")
    assert "已经取消" in to(said, FOREMAN)
    assert "不用您代班了" in to(said, ADVISOR)
    await shop.pass_time(timedelta(days=2))
    assert "absence.began" not in await shop.audit()


async def test_a_manager_exchanges_the_substitute_from_the_group(both: FrontDoor) -> None:
    """R4: whoever was proposed is relieved, somebody else acts; only managers may."""
    await hire(both, CLERK, Role.FOLLOW_UP_CLERK)
    await go_away(both, FOREMAN, "today", "小敏")
    assert await both.press(CLERK, "exchange", chat=GROUP) == []
    assert "不归您操作" in both.post.toasts[-1].text
    await both.press(BOSS, "exchange", chat=GROUP)
    assert "小敏" not in [face.label for face in buttons(both)], "who stands in already is no choice"
    said = await both.press(BOSS, "建国", chat=GROUP)
    assert "到此结束" in to(said, ADVISOR)
    assert "请您为铁军代班" in to(said, BOSS)
    assert "代班：建国" in to(said, FOREMAN)
    assert (await now(both, ADVISOR)).roles == {Role.ADVISOR}
    assert Role.WORKSHOP_SUPERVISOR in (await now(both, BOSS)).roles
    assert (await details(both, "absence.substitute"))["substitute"] == (await both.person(BOSS)).id


async def test_a_manager_takes_notice_of_what_a_colleague_proposed(shop: FrontDoor) -> None:
    """R4: 知道了 is gone then, 换人 stays; it is written down."""
    await go_away(shop, FOREMAN, "today", "小敏")  # the foreman is a manager: nobody need take notice
    assert "知道了" not in str([face.label for face in buttons(shop)])
    await shop.press(FOREMAN, "returned")
    await go_away(shop, ADVISOR, "today", "铁军")
    assert "知道了" in str([face.label for face in buttons(shop)])
    [card] = await shop.press(BOSS, "seen", chat=GROUP)
    assert "建国已知悉" in card.text
    assert "待经理知悉" not in card.text
    assert "知道了" not in str([face.label for face in buttons(shop)])
    assert "absence.seen" in await shop.audit()


def buttons(door: FrontDoor) -> list[Any]:
    """The buttons of the newest card in the group."""
    newest = max((number for chat, number in door.post.faces if chat == GROUP))
    return [face for row in door.post.faces[GROUP, newest].buttons for face in row]


async def test_a_manager_says_it_for_a_colleague(shop: FrontDoor) -> None:
    """R4, R2: the colleague hears it too; nobody else may."""
    assert "经理权限" in texts(await shop.say(ADVISOR, "/absent 铁军"))
    await shop.say(BOSS, "/absent 铁军")
    await shop.press(BOSS, "tomorrow")
    said = await shop.press(BOSS, "小敏")
    assert "已登记铁军不在岗" in to(said, BOSS)
    assert "您现在不在岗" in to(said, FOREMAN)
    assert "没有找到唯一的" in texts(await shop.say(BOSS, "/absent 铁"))
    assert "已经登记了不在岗" in texts(await shop.say(BOSS, "/absent 铁军"))


async def test_who_is_away_then_cannot_stand_in(shop: FrontDoor) -> None:
    """R4: neither somebody else who is away, nor in a circle; asked again kindly."""
    await hire(shop, MANAGER, Role.AFTER_SALES_MANAGER)
    await shop.say(FOREMAN, "不在岗")
    await shop.say(FOREMAN, "明天上午九点到后天下午六点")
    await shop.press(FOREMAN, "小敏")
    await shop.say(MANAGER, "不在岗")
    await shop.press(MANAGER, "week")
    assert "那段时间也不在岗" in to(await shop.press(MANAGER, "铁军"), MANAGER)
    await shop.say(MANAGER, "取消")
    await shop.say(ADVISOR, "不在岗")
    await shop.press(ADVISOR, "week")
    assert "正好由您代班" in to(await shop.press(ADVISOR, "铁军"), ADVISOR)
    assert "由建国代班" in to(await shop.press(ADVISOR, "建国"), ADVISOR)
    await shop.say(FOREMAN, "不在岗")
    await shop.press(FOREMAN, "three_days")
    assert "已经登记过不在岗" in to(await shop.press(FOREMAN, "建国"), FOREMAN)


async def test_when_the_substitute_leaves_the_managers_name_another(both: FrontDoor) -> None:
    """R3, R4: roles end at once, the colleague stays away, and somebody has to be named."""
    await go_away(both, FOREMAN, "week", "小敏")
    await both.say(ADVISOR, "/leave")
    said = await both.press(ADVISOR, "leaves")
    assert (await now(both, ADVISOR)).roles == frozenset()
    away = await now(both, FOREMAN)
    assert (away.absent_until is not None, away.substitute) == (True, 0)
    assert "还没有人代班" in texts([letter for letter in said if letter.chat_id == GROUP])
    assert "经理正在安排" in to(said, FOREMAN)
    await both.press(BOSS, "exchange", chat=GROUP)
    assert "请您为铁军代班" in to(await both.press(BOSS, "建国", chat=GROUP), BOSS)


async def test_when_the_planned_substitute_has_left_the_managers_hear_it_at_the_begin(
    shop: FrontDoor,
) -> None:
    """R4"""
    await shop.say(FOREMAN, "不在岗")
    await shop.say(FOREMAN, "明天上午九点到后天下午六点")
    await shop.press(FOREMAN, "小敏")
    await shop.say(ADVISOR, "/leave")
    await shop.press(ADVISOR, "leaves")
    begun = await shop.pass_time(timedelta(hours=23))
    assert "还没有人代班" in texts([letter for letter in begun if letter.chat_id == GROUP])
    assert not to(begun, ADVISOR)


async def test_who_leaves_while_away_takes_the_card_along(shop: FrontDoor) -> None:
    """R3: nothing rings for them any more."""
    await go_away(shop, FOREMAN, "week", "小敏")
    await shop.say(FOREMAN, "/leave")
    await shop.press(FOREMAN, "leaves")
    assert {row.status for row in await shop.conversations("away", "stand_in")} == {"over"}
    assert (await now(shop, ADVISOR)).roles == {Role.ADVISOR}
    assert not to(await shop.pass_time(timedelta(days=8)), FOREMAN)


async def test_a_role_that_is_given_back_in_the_same_breath_counts_no_more(shop: FrontDoor) -> None:
    """R2, R4: 我回来了 and the substitute's press arrive together; the press comes second."""
    await go_away(shop, FOREMAN, "week", "小敏")
    job = await stand_at(shop, "bay_notice", "announce")
    away = await shop.conversation("away")
    back = shop.update(FOREMAN, Pressed("returned"), tap=Tap(away.id, away.turn, "returned"), card=55)
    press = shop.update(
        ADVISOR, Pressed("got_it"), tap=Tap(job.id, job.turn, "got_it"), card=56, chat_id=GROUP
    )
    await shop.bring(back, press)
    assert (await shop.conversation("bay_notice")).turn == job.turn
    assert "refused_press" in await shop.audit()


# ---------------------------------------------------------------- invitations (R3)


async def test_a_manager_brings_in_a_colleague_by_chat(both: FrontDoor) -> None:
    """R3, R5: link and command, once; the secret is nowhere in the books once the message has arrived."""
    await both.say(BOSS, "邀请同事")
    [card] = await both.press(BOSS, "服务顾问")
    secret = card.text.partition("/start ")[2].partition("</code>")[0]
    assert len(secret) >= 20
    [row] = await both.rows(select(INVITATIONS))
    boss = await both.person(BOSS)
    assert (row.role, row.issued_by, row.expires_at - row.created_at) == (
        "advisor",
        boss.id,
        timedelta(hours=24),
    )
    assert secret not in row.token_hash
    lines = await both.rows(select(AUDIT).where(AUDIT.c.action == "staff.invited"))
    assert [(line.person_id, row.token_hash.startswith(line.subject)) for line in lines] == [(boss.id, True)]
    assert secret not in str([(line.subject, line.details) for line in await both.rows(select(AUDIT))])
    assert secret not in str([letter.payload for letter in await both.rows(select(OUTBOX))])
    welcome = await both.say(NEWCOMER, f"/start {secret}")
    assert "岗位已经生效" in texts(welcome)
    assert welcome[-1].keyboard is not None
    assert "不在岗" in str(welcome[-1].keyboard)
    assert (await now(both, NEWCOMER)).roles == {Role.ADVISOR}
    assert "已经用过" in texts(await both.say(LI, f"/start {secret}"))


async def test_only_a_general_manager_makes_a_general_manager(shop: FrontDoor) -> None:
    """R3: no button for others, and a forged one is refused and written down."""
    await hire(shop, MANAGER, Role.AFTER_SALES_MANAGER)
    await shop.say(MANAGER, "邀请同事")
    with pytest.raises(AssertionError, match="no button"):
        shop.face("总经理", MANAGER.user_id)
    row = await shop.conversation("invitation")
    [said] = await shop.tap(MANAGER, Tap(row.id, row.turn, "role", "general_manager"), card=55)
    assert "只能由总经理" in said.text
    assert await shop.rows(select(INVITATIONS)) == []
    assert "invitation.refused" in await shop.audit()
    await shop.say(BOSS, "邀请同事")
    assert "总经理的邀请" in texts(await shop.press(BOSS, "总经理"))


async def test_no_invitation_by_whoever_is_no_manager(shop: FrontDoor) -> None:
    """R3, R2: nor by one who is none any more when the button is pressed."""
    assert "经理权限" in texts(await shop.say(ADVISOR, "邀请同事"))
    number = await hire(shop, MANAGER, Role.AFTER_SALES_MANAGER, Role.ADVISOR)
    await shop.say(MANAGER, "邀请同事")
    async with shop.house.books.unit() as unit:
        await people.take_roles(unit, number)
        await people.give_role(unit, number, Role.ADVISOR, MONDAY_TEN)
    assert await shop.press(MANAGER, "服务顾问") == []
    assert "不归您操作" in shop.post.toasts[-1].text
    assert await shop.rows(select(INVITATIONS)) == []


async def test_an_unused_invitation_is_taken_back(both: FrontDoor) -> None:
    """R3, R5"""
    secrets = []
    for role in ("服务顾问", "配件经理"):
        await both.say(BOSS, "邀请同事")
        [card] = await both.press(BOSS, role)
        secrets.append(card.text.partition("/start ")[2].partition("</code>")[0])
        both.clock.advance(timedelta(minutes=1))
    await both.say(BOSS, "邀请同事")
    [listed] = await both.press(BOSS, "unused")
    assert "1. 服务顾问" in listed.text
    assert "建国发出" in listed.text
    [left] = await both.press(BOSS, "作废 1 服务顾问")
    assert "服务顾问" not in left.text
    assert "配件经理" in left.text
    assert "invitation.revoked" in await both.audit()
    assert "已经过期" in texts(await both.say(NEWCOMER, f"/start {secrets[0]}"))
    assert "岗位已经生效" in texts(await both.say(NEWCOMER, f"/start {secrets[1]}"))


async def test_what_a_departed_manager_gave_out_is_worthless(both: FrontDoor) -> None:
    """R3: leaving revokes at once, the invitations too."""
    await hire(both, MANAGER, Role.AFTER_SALES_MANAGER)
    await both.say(MANAGER, "邀请同事")
    [card] = await both.press(MANAGER, "服务顾问")
    secret = card.text.partition("/start ")[2].partition("</code>")[0]
    await both.say(BOSS, "/dismiss 敏")
    left = await both.press(BOSS, "leaves")
    assert "岗位已经失效" in to(left, MANAGER)
    assert "已经过期" in texts(await both.say(NEWCOMER, f"/start {secret}"))
    assert (await now(both, NEWCOMER)).roles == frozenset()


# ---------------------------------------------------------------- the menu (R2)


async def test_the_words_of_the_staff_menu_are_for_staff(shop: FrontDoor) -> None:
    """R2: a customer who types 不在岗 talks to the front desk like anybody."""
    assert "到什么时候" in texts(await shop.say(ADVISOR, "不在岗"))
    said = texts(await shop.say(WANG, "不在岗"))
    assert "到什么时候" not in said
    assert [row.person_id for row in await shop.conversations("staff_desk")] == [
        (await shop.person(ADVISOR)).id
    ]


@pytest.mark.parametrize("word", ["/help", "/menu", "员工菜单"])
async def test_the_menu_of_staff_comes_with_help(shop: FrontDoor, word: str) -> None:
    """R2: the keys below the input field; the customers' menu and the way back are on it."""
    [menu] = await shop.say(ADVISOR, word)
    assert menu.keyboard is not None
    keys = [key.label for row in menu.keyboard.rows for key in row]
    assert {"我的待办", "不在岗", "邀请同事", "预约登记", "客户菜单"} <= set(keys)
    [customers] = await shop.say(ADVISOR, "客户菜单")
    assert customers.keyboard is not None
    shown = [key.label for row in customers.keyboard.rows for key in row]
    assert shown == [*shop.house.menu, "员工菜单"], "what customers see, and the way back"


async def test_a_word_of_the_staff_menu_interrupts_and_the_procedure_goes_on(shop: FrontDoor) -> None:
    """As the customers' words do: the colleague books for themselves, looks at the register, books on."""
    await shop.say(ADVISOR, "预约服务")
    asked = shop.post.letters[-1].text
    said = await shop.say(ADVISOR, "预约登记")
    assert "预约" in said[0].text
    assert said[-1].text == asked
    rested = await shop.say(ADVISOR, "不在岗")
    assert "到什么时候" in rested[-1].text
    resumed = await shop.say(ADVISOR, "取消")
    assert resumed[-1].text == asked
    assert (await shop.conversation("booking")).status == "open"


async def test_every_word_that_the_staff_desk_knows_is_on_a_key(shop: FrontDoor) -> None:
    assert set(MENU) <= set(shop.house.staff_menu)


# ---------------------------------------------------------------- what it costs


async def test_absences_cost_no_statement_of_their_own(
    both: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4: who acts for whom is read with the person, in one statement."""
    counted = overhear(monkeypatch)

    async def cost(who: Sender, text: str) -> int:
        counted.clear()
        await both.say(who, text)
        return len(counted)

    await both.say(ADVISOR, "/help")
    await both.say(WANG, "你好")
    before = [await cost(ADVISOR, "/help"), await cost(WANG, "谢谢")]
    await go_away(both, FOREMAN, "week", "小敏")
    after = [await cost(ADVISOR, "/help"), await cost(WANG, "谢谢")]
    assert before == after
    assert sum("absences" in each for each in counted) == sum("staff_roles" in each for each in counted)
