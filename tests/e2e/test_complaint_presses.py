"""Buttons of a complaint pressed twice, together, too late, or by the wrong hands: one owner, a kind word (R2, C4)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from bot.demo_cast import GROUP_ID, KNOWN, NEWCOMER
from domain.complaints import Happening
from domain.people import Queue
from tests.e2e.complaint_case import (
    CHEN,
    SUN,
    WU,
    ZHAO,
    ZHENG,
    ZHOU,
    Case,
    dead_letters,
    read,
    recorded,
    toast,
)

if TYPE_CHECKING:
    from sandbox.chats import Message
    from tests.e2e.play import Performance

NOT_YOURS = "这个按钮不归您操作，已为您保持原样。"
EXPIRED = "这张卡片已过期，请看最新的消息。"


async def joins_the_front_desk(show: Performance, who: int) -> None:
    """赵敏 invites `who` as another front-desk supervisor, all in chat (R3)."""
    await show.say(ZHAO, "邀请同事", "请这位新同事担任什么岗位")
    link = await show.press(ZHAO, "前台主管", "前台主管的邀请")
    invitation = re.search(r"/start \S+", link.text)
    assert invitation is not None
    await show.say(who, invitation.group(), "岗位已经生效")


def data_of(message: Message, words: str) -> str:
    """What the button with `words` on it says to the bot."""
    buttons = (each for row in message.buttons for each in row)
    return str(next(each["callback_data"] for each in buttons if words in each["text"]))


async def together(show: Performance, card: Message, *hands: int) -> list[str]:
    """Each of `hands` presses 接单 of `card` before the bot has answered anybody; what each of them reads over it."""
    data = data_of(card, "接单")
    queries = [await show.sandbox.user(hand).press(GROUP_ID, card.id, data) for hand in hands]
    return [await toast(show, query) for query in queries]


async def owned_once(case: Case, name: str) -> None:
    """The books know of one acceptance of each leg, and the card of one owner."""
    complaint = await case.kept()
    accepted = complaint.of(Happening.ACCEPTED)
    assert [(each.leg, each.who) for each in accepted] == [
        ("intake.front_desk.1", name),
        ("handling.front_desk.1", name),
    ]
    assert f"负责人：{name}" in case.card(Queue.FRONT_DESK).text


async def test_a_double_press(show: Performance) -> None:
    """The second of two presses of the same hand changes nothing."""
    case = Case(show)
    await case.file()
    await together(show, case.card(Queue.FRONT_DESK), CHEN, CHEN)
    await owned_once(case, "陈晓")
    assert [line for line in case.log() if "负责" in line] == [
        "23日 10:00 王建国｜您的投诉 N 由 陈晓 负责，最晚 今天 11月23日 周一 22:00 前给您答复。"
    ]


async def simultaneously(show: Performance) -> None:
    """Two supervisors press in the same breath: one owns it, the other reads who."""
    await joins_the_front_desk(show, WU)
    case = Case(show)
    await case.file()
    first, second = await together(show, case.card(Queue.FRONT_DESK), WU, CHEN)
    await owned_once(case, "吴芳")
    assert (first, second) == ("", "吴芳 已经接单了。")


async def test_two_supervisors_at_the_same_instant(show: Performance) -> None:
    """C4: accept is atomic."""
    await simultaneously(show)


async def test_two_supervisors_at_the_same_instant_on_postgresql(show_on_postgres: Performance) -> None:
    """C4: accept is atomic."""
    await simultaneously(show_on_postgres)


async def test_two_supervisors_at_the_same_instant_by_another_channel(show_by_ptb: Performance) -> None:
    """C4: accept is atomic."""
    await simultaneously(show_by_ptb)


# ---------------------------------------------------------------- too late


async def refused(case: Case, who: int, message: Message, data: str, expect: str, chat: int | None) -> None:
    """`who` sends `data` from `message` in `chat`: they read `expect`, and nothing is different afterwards."""
    show, before = case.show, await case.kept()
    seen = {queue: [m.text for m in show.in_topic(queue)] for queue in Queue}
    told = read(show, KNOWN)
    query = await show.sandbox.user(who).press_forged(data, chat, message.id)
    assert await toast(show, query) == expect
    assert await case.kept() == before
    assert {queue: [m.text for m in show.in_topic(queue)] for queue in Queue} == seen
    assert read(show, KNOWN) == told


async def test_after_the_step_moved_on(show: Performance) -> None:
    """The card of a step that is done has no buttons; who pressed one a moment before reads that it is over."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    card = case.card(Queue.FRONT_DESK)
    late = {words: data_of(card, words) for words in ("填写处理", "转售后经理", "联系客户", "转交")}
    await case.press(CHEN, Queue.FRONT_DESK, "转售后经理", "已完成")
    assert not next(m for m in show.in_topic(Queue.FRONT_DESK) if m.id == card.id).buttons
    for data in late.values():
        await refused(case, CHEN, card, data, EXPIRED, GROUP_ID)


async def test_after_the_role_was_taken_away(show: Performance) -> None:
    """R2, R3: 孙立 lets 陈晓 go; what lay under 陈晓's thumb works no more, and that is written down."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    card = case.card(Queue.FRONT_DESK)
    late = [data_of(card, words) for words in ("填写处理", "转售后经理", "联系客户", "等客户")]
    await show.say(SUN, "/dismiss 陈晓", "确定让陈晓离岗吗")
    await show.press(SUN, "确定离岗", "陈晓的岗位已经全部失效")
    await show.heard()
    for data in late:
        await refused(case, CHEN, card, data, NOT_YOURS, GROUP_ID)
    lines = await recorded(show, "refused_press", case.number)
    assert [json.loads(line.details)["button"] for line in lines] == ["fill", "hand_up", "contact", "pause"]
    assert len({line.person_id for line in lines}) == 1


async def test_after_it_was_handed_over(show: Performance) -> None:
    """转交: 郑洁 has it; 陈晓 reads that the buttons are hers no more, 郑洁 and the customer that it is 郑洁."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await case.press(CHEN, Queue.FRONT_DESK, "转交", "转交给哪位同事")
    await case.press(CHEN, Queue.FRONT_DESK, "郑洁", "负责人：郑洁")
    await show.heard()
    assert read(show, ZHENG)[-1] == f"🔁 陈晓 把投诉 {case.number} 转交给您，请到「我的待办」里打开。"
    assert read(show, KNOWN)[-1].startswith(f"您的投诉 {case.number} 由 郑洁 负责")
    card = case.card(Queue.FRONT_DESK)
    for words in ("填写处理", "转售后经理", "联系客户", "转交"):
        await refused(case, CHEN, card, data_of(card, words), NOT_YOURS, GROUP_ID)
    assert len(await recorded(show, "refused_press", case.number)) == 4
    assert [each.details["to_name"] for each in (await case.kept()).of(Happening.HANDED_OVER)] == ["郑洁"]


# ---------------------------------------------------------------- the wrong hands


async def test_colleagues_of_other_desks(show: Performance) -> None:
    """R2: the workshop cannot accept at the front desk, and of another's case not even the number can be opened."""
    case = Case(show)
    await case.file()
    card = case.card(Queue.FRONT_DESK)
    await refused(case, ZHOU, card, data_of(card, "接单"), NOT_YOURS, GROUP_ID)
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    card = case.card(Queue.FRONT_DESK)
    for words in ("联系客户", "填写处理", "核对分类"):
        await refused(case, ZHOU, card, data_of(card, words), NOT_YOURS, GROUP_ID)
    assert len(await recorded(show, "refused_press", case.number)) == 4
    assert await recorded(show, "phone.opened") == []


async def test_customers_and_forged_data(show: Performance) -> None:
    """R2: who complained, a stranger, and data that nobody gave out: a kind word, an audit line, no change."""
    case = Case(show)
    await case.file()
    card, sheet = case.card(Queue.FRONT_DESK), show.button(KNOWN, "一键找店长")[0]
    await show.say(NEWCOMER, "/start", "")
    for who in (KNOWN, NEWCOMER):
        mine = show.sandbox.chat(who).messages[-1]
        await refused(case, who, mine, data_of(card, "接单"), NOT_YOURS, None)
    mine = next(m for m in reversed(show.sandbox.chat(NEWCOMER).messages) if m.from_bot)
    await refused(case, NEWCOMER, mine, data_of(sheet, "一键找店长"), NOT_YOURS, None)
    assert len(await recorded(show, "refused_press", case.number)) == 3
    forged = await recorded(show, "forged_press")
    for data in ("garbage", "", "zzzz.1.accept:", "接单", "c.1.accept"):
        await refused(case, CHEN, card, data, EXPIRED, GROUP_ID)
    assert len(await recorded(show, "forged_press")) == len(forged) + 5
    assert await dead_letters(show) == []


async def test_a_value_that_the_card_does_not_offer(show: Performance) -> None:
    """Somebody who may press forges what is on the button: 总经理 is no department, 重大 was not asked for."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    card = case.card(Queue.FRONT_DESK)
    genuine = data_of(card, "填写处理")
    for forged in ("severity:major", "department:escalation", "send:", "close:", "to:999"):
        data = genuine.rpartition(".")[0] + "." + forged
        await refused(case, CHEN, card, data, "请点卡片上的按钮。", GROUP_ID)
    assert await dead_letters(show) == []


# ---------------------------------------------------------------- twice


async def twice(case: Case, who: int, chat: int, message: Message, words: str) -> None:
    """`who` presses the same button two times before the bot has answered."""
    phone, data = case.show.sandbox.user(who), data_of(message, words)
    queries = [await phone.press(None if chat == who else chat, message.id, data) for _ in range(2)]
    for query in queries:
        await toast(case.show, query)


async def test_everything_pressed_twice(show: Performance) -> None:
    """One dispatch, one answer, one reopening, one call for the manager, however often a thumb comes down."""
    case = Case(show)
    await case.file()
    await twice(case, KNOWN, KNOWN, show.button(KNOWN, "一键找店长")[0], "一键找店长")
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await case.report(CHEN, Queue.FRONT_DESK, "先安抚客户，安排路试复查", loss=False, promise=True)
    await twice(case, CHEN, GROUP_ID, case.card(Queue.FRONT_DESK), "转售后经理")
    await case.press(ZHAO, Queue.AFTER_SALES, "接单", "负责人：赵敏")
    await case.press(ZHAO, Queue.AFTER_SALES, "派单", "请选择要派给哪些部门")
    await twice(case, ZHAO, GROUP_ID, case.card(Queue.AFTER_SALES), "确定派单")
    await case.press(ZHOU, Queue.WORKSHOP, "接单", "负责人：周强")
    await twice(case, ZHOU, GROUP_ID, case.card(Queue.WORKSHOP), "不属于本部门")
    await case.report(ZHAO, Queue.AFTER_SALES, "已免费更换刹车片并路试", loss=True, promise=False)
    await twice(case, ZHAO, GROUP_ID, case.card(Queue.AFTER_SALES), "结案")
    await twice(case, KNOWN, KNOWN, show.button(KNOWN, "不满意")[0], "不满意")
    complaint = await case.kept()
    once = (Happening.MANAGER_ASKED, Happening.CLOSED, Happening.REOPENED)
    assert [len(complaint.of(each)) for each in once] == [1, 1, 1]
    legs = [each.leg for each in complaint.of(Happening.BEGUN)]
    assert legs == [
        "intake.front_desk.1",
        "handling.front_desk.1",
        "dispatch.after_sales.1",
        "department.workshop.1",
        "summary.after_sales.1",
        "dispatch.after_sales.2",
    ]
    assert read(show, SUN).count("📣 客户要找店长：投诉 " + case.number) == 1
    assert sum("有答复了" in line for line in read(show, KNOWN)) == 1
    assert await dead_letters(show) == []
