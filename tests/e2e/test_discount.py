"""A discount from 申请优惠 to the last press on the local Telegram: every message, place and second (D1–D5, D7)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.demo_cast import GROUP_ID, KNOWN
from domain.discounts import Discount, DiscountState
from domain.people import Queue, Role
from domain.repair_orders import OrderState
from storage import discounts
from tests.e2e.complaint_case import CHEN, SUN, WU, ZHAO, ZHENG, ZHOU, dead_letters, recorded, toast
from tests.e2e.discount_minutes import ASKED_ANEW, DECIDED, SILENCE
from tests.e2e.test_complaint_presses import NOT_YOURS, data_of
from tests.e2e.test_visit import UNTIL_FOLLOW_UPS, at
from tests.e2e.visit_case import CHECKLIST, Visit

if TYPE_CHECKING:
    from sandbox.chats import Message
    from tests.e2e.play import Performance

BILL = """🧾 结算单　粤B·12345

1. 小保养（机油、机滤）（工时）¥398
2. 刹车片（配件）¥360

应付：¥758
"""
GRANTED = """🎉 优惠批下来了　粤B·12345

1. 小保养（机油、机滤）（工时）¥378.10
　　原价 ¥398，再减 ¥19.90
2. 刹车片（配件）¥342
　　原价 ¥360，再减 ¥18

原价合计：¥758
为您申请到的优惠 5%：−¥37.90
应付：¥720.10
"""
CARD = """
⏳ 等业务主管审批，10:35 提出
应付：¥758 → ¥720.10，少收 ¥37.90
申请人：客户本人，原因：老客户

工时：¥398
配件：¥360
小保养（机油、机滤）：¥398 × 0.95 = ¥378.10
刹车片：¥360 × 0.95 = ¥342

原价 ¥758，底价 ¥544.80，最多还能优惠 20%

客户：王先生
已有优惠：无
其他消费：¥0，已给优惠 ¥0

业务主管权限 10%，本月优惠额度还剩 ¥20,000"""


class Counter(Visit):
    """王建国's car, inspected and billed; who asks for a discount, and who decides it with which taps."""

    def __init__(self, show: Performance) -> None:
        super().__init__(show, "粤B·12345", "粤B·1**45", "王")
        self.taps: list[str] = []

    async def billed(self) -> None:
        """郑洁 is a business supervisor too; at 10:30 the car is inspected, 陈晓 writes its bill (D1)."""
        await joins_as_supervisor(self.show, ZHENG)
        await self.open_in_one_line("/order 粤B12345 小保养 今天17:00 398")
        await self.show.press(KNOWN, "✅ 确认", "交车承诺卡")
        await self.show.heard()
        await self.press(ZHOU, "开工", "· 维修中")
        await self.press(ZHOU, "待检验", "· 待检验")
        await self.show.at(at(23, 10, 30))
        self.log()
        await self.adds("刹车片 配件 360")

    async def adds(self, line: str) -> None:
        """陈晓 opens the bill from the order's card, types a line and confirms."""
        await self.press(CHEN, "结算单", "· 待检验")
        await self.show.reads(CHEN, "🧾 结算单")
        await self.show.say(CHEN, line, "🧾 结算单")
        await self.show.press(CHEN, "✅ 确认结算单", "结算单已保存")
        await self.show.heard()

    async def asked_by_customer(self, share: str, reason: str) -> None:
        """申请优惠 on the customer's own bill (D1)."""
        await self.show.press(KNOWN, "🏷 申请优惠", "您希望优惠多少")
        await self.show.press(KNOWN, share, "方便说说原因吗")
        await self.show.press(KNOWN, reason, "请核对")
        await self.show.press(KNOWN, "📤 提交", "正在请示，请稍等片刻")
        await self.show.heard()

    async def asked_by_advisor(self, typed: str, reason: str) -> None:
        """申请优惠 on the order's card, for the customer at the counter (D1)."""
        await self.press(CHEN, "申请优惠", "· 待检验")
        await self.show.reads(CHEN, "申请多少")
        await self.show.say(CHEN, typed, "为什么申请")
        await self.show.press(CHEN, reason, "请核对")
        await self.show.press(CHEN, "📤 提交", "等待审批")
        await self.show.heard()

    def live(self, who: int) -> Message:
        """The newest card of a request in the private chat of `who`."""
        seen = self.show.sandbox.chat(who).messages
        return [m for m in seen if m.text.startswith("🏷 优惠申请")][-1]

    def in_topic(self) -> Message:
        """The newest card in the after-sales topic."""
        return self.show.in_topic(Queue.AFTER_SALES)[-1]

    async def taps_button(self, who: int, button: str, card: Message, chat: int | None = None) -> str:
        """`who` presses `button` of `card`; what is shown over it, when all has been done."""
        self.taps.append(button)
        query = await self.show.sandbox.user(who).press(chat, card.id, data_of(card, button))
        return await toast(self.show, query)

    async def decides(self, who: int, *buttons: str) -> None:
        """`who` presses one button after the other on the card in their own chat, and is not contradicted."""
        for button in buttons:
            assert await self.taps_button(who, button, self.live(who)) == ""

    async def presses_late(self, who: int, data: str, card: Message, chat: int | None = None) -> str:
        """`who` sends what a button of `card` said before it was decided; what is shown, and nothing changes."""
        before = await self.requests()
        query = await self.show.sandbox.user(who).press_forged(data, chat, card.id)
        shown = await toast(self.show, query)
        assert await self.requests() == before
        return shown

    async def paid_and_gone(self) -> None:
        """The advisor's checklist (P2), 已结算, 已出厂."""
        await self.press(CHEN, "可交车", "请逐项打勾")
        for _ in CHECKLIST:
            await self.press(CHEN, "☐", "☑")
        await self.press(CHEN, "确认可交车", "· 可交车")
        await self.leave()

    async def requests(self) -> list[Discount]:
        """What was asked on the order, as it is in the books."""
        async with self.show.stage.premises.house.books.glance() as unit:
            return await discounts.of_order(unit, self.number)

    def copies(self) -> list[str]:
        """The newest faces of cards of requests about this car: in the topic and with the managers, equal ones once."""
        chats = [self.show.sandbox.chat(each).messages for each in (ZHAO, ZHENG, SUN)]
        seen = [*self.show.in_topic(Queue.AFTER_SALES)[-1:], *(m for chat in chats for m in chat[-1:])]
        return list(dict.fromkeys(m.text for m in seen if self.number in m.text))


async def joins_as_supervisor(show: Performance, who: int) -> None:
    """赵敏 invites `who` as another business supervisor, all in chat (R3)."""
    await show.say(ZHAO, "邀请同事", "请这位新同事担任什么岗位")
    link = await show.press(ZHAO, "业务主管", "业务主管的邀请")
    invitation = re.search(r"/start \S+", link.text)
    assert invitation is not None
    await show.say(who, invitation.group(), "岗位已经生效")


# ---------------------------------------------------------------- granted, refused, paid


async def asked_and_granted(counter: Counter) -> None:
    """9.5 折 at 10:35: one card with its copies; one tap at 10:38, and everybody reads the same (D1, D2, D7)."""
    show = counter.show
    await show.at(at(23, 10, 35))
    await counter.asked_by_customer("9.5 折", "老客户")
    assert counter.log() == DECIDED[1]
    head = f"🏷 优惠申请 5%（9.5 折）· 粤B·1**45　{counter.number}\n"
    assert counter.in_topic().text == counter.live(ZHAO).text == counter.live(ZHENG).text == head + CARD
    assert "⏳ 正在为您请示优惠 5%（业务主管），请稍候。" in counter.newest(KNOWN, "🧾")
    others, data = counter.live(ZHENG), data_of(counter.live(ZHENG), "同意 5%")
    await show.at(at(23, 10, 38))
    await counter.decides(ZHAO, "✅ 同意 5%")
    assert counter.log() == DECIDED[2]
    assert counter.newest(KNOWN, "🎉").startswith(GRANTED)
    assert counter.copies() == [
        f"✅ 已同意优惠 5%\n粤B·1**45　{counter.number}\n\n"
        "申请 5%，应付 ¥758 → ¥720.10，少收 ¥37.90\n赵敏，今天 11月23日 周一 10:38"
    ]
    assert await counter.presses_late(ZHENG, data, others) == "赵敏已经同意 5% 了。"
    assert counter.log() == []


async def asked_again_and_refused(counter: Counter) -> None:
    """The customer has their answer; the advisor tries 8 % at 10:40, 郑洁 refuses with a reason (D2)."""
    show = counter.show
    await show.at(at(23, 10, 40))
    _, label = show.button(KNOWN, "")
    assert label == "📞 有事找顾问"
    await counter.asked_by_advisor("九二折", "老客户")
    assert counter.log() == DECIDED[3]
    assert "最多可优惠到 20%" in counter.in_topic().text
    assert "已有优惠：已批 5%\n" in counter.in_topic().text
    await show.at(at(23, 10, 43))
    await counter.decides(ZHENG, "❌ 驳回", "毛利不足")
    assert counter.log() == DECIDED[4]
    assert "王先生，为您申请的 8% 优惠" in counter.newest(KNOWN, "没能批下来")
    assert "现在的价格已经很接近成本了，请您多谅解。\n\n应付：¥720.10。" in counter.newest(
        KNOWN, "没能批下来"
    )
    assert "未同意优惠 8%" in counter.in_topic().text
    assert "原因：毛利不足" in counter.in_topic().text
    assert "应付 ¥720.10 不变，请跟客户好好解释。\n郑洁，10:43" in counter.newest(CHEN, "没有批")


async def decided_and_paid(show: Performance) -> None:
    """The whole way, until the car has left."""
    counter = Counter(show)
    await counter.billed()
    assert counter.log() == DECIDED[0]
    assert counter.newest(KNOWN, "🧾").startswith(BILL)
    await asked_and_granted(counter)
    await asked_again_and_refused(counter)
    assert counter.taps == ["✅ 同意 5%", "❌ 驳回", "毛利不足"]
    await show.at(at(23, 11))
    await counter.paid_and_gone()
    await show.later(UNTIL_FOLLOW_UPS)
    assert counter.log() == DECIDED[5]
    first, second = await counter.requests()
    assert (first.state, first.decided_name, first.granted) == (
        DiscountState.GRANTED,
        "赵敏",
        Decimal("0.05"),
    )
    assert (second.state, second.decided_name, second.refusal) == (DiscountState.REFUSED, "郑洁", "margin")
    assert (first.amount, second.amount) == (Decimal("37.90"), Decimal(0))
    assert (await counter.kept()).state is OrderState.LEFT
    assert len(await recorded(show, "discount.granted")) == len(await recorded(show, "discount.refused")) == 1
    assert await counter.timers_left() == 0
    assert await dead_letters(show) == []


async def test_granted_in_one_tap_the_next_refused_in_two(show: Performance) -> None:
    """D1, D2, D3, D7: from the bill to the farewell, which says what was really paid."""
    await decided_and_paid(show)


async def test_the_same_by_the_other_channel(show_by_ptb: Performance) -> None:
    """D1, D2, D3, D7."""
    await decided_and_paid(show_by_ptb)


async def test_the_same_on_postgresql(show_on_postgres: Performance) -> None:
    """D1, D2, D3, D7."""
    await decided_and_paid(show_on_postgres)


# ---------------------------------------------------------------- above the limit, and asked anew


async def raised(counter: Counter) -> None:
    """15 % is beyond a business supervisor: the after-sales manager at once, the general manager after ten minutes."""
    show = counter.show
    await show.at(at(23, 10, 35))
    await counter.asked_by_advisor("八五折", "等待时间长")
    assert counter.log() == ASKED_ANEW[1]
    assert "⏳ 等售后服务经理审批，10:35 提出" in counter.in_topic().text
    assert "⏳ 正在为您请示优惠 15%（售后服务经理），请稍候。" in counter.newest(KNOWN, "🧾")
    assert await counter.taps_button(ZHENG, "✅ 同意 15%", counter.in_topic(), GROUP_ID) == NOT_YOURS
    await show.at(at(23, 10, 44))
    assert counter.log() == []
    await show.at(at(23, 10, 45))
    assert counter.log() == ASKED_ANEW[2]
    assert "⏳ 等总经理审批，10:35 提出" in counter.live(ZHAO).text
    assert "⏳ 正在为您请示优惠 15%（总经理），请稍候。" in counter.newest(KNOWN, "🧾")


async def granted_less(counter: Counter) -> None:
    """同意其他折扣: 孙立 takes 10 % of the steps; the advisor who asked hears both figures (D2)."""
    await counter.show.at(at(23, 10, 50))
    counter.taps.clear()
    await counter.decides(SUN, "同意其他折扣", "10%（9 折）")
    assert counter.taps == ["同意其他折扣", "10%（9 折）"]
    assert counter.log() == ASKED_ANEW[3]
    assert "应付：¥758 → ¥682.20\n孙立，10:50" in counter.newest(CHEN, "优惠已批 10%（申请 15%）")


async def changed_and_asked_anew(counter: Counter) -> None:
    """An approval is for one version: the bill that grew is asked for anew, of the role that had decided (D2)."""
    show = counter.show
    await show.at(at(23, 11))
    await counter.adds("空调滤芯 配件 120")
    assert counter.log() == ASKED_ANEW[4]
    assert "应付：¥878\n\n⏳ 正在为您请示优惠 10%（总经理），请稍候。" in counter.newest(KNOWN, "🧾")
    assert "原来的优惠正按这张新单重新请示。" in counter.newest(CHEN, "结算单已保存")
    assert "应付：¥878 → ¥790.20，少收 ¥87.80\n申请人：陈晓，原因：等待时间长" in counter.live(SUN).text
    first, second = await counter.requests()
    assert (first.version, second.version, second.level) == (1, 2, Role.GENERAL_MANAGER)


async def test_above_the_limit_to_the_general_manager_and_asked_anew(show: Performance) -> None:
    """D2–D5: raised by itself, granted less, asked anew for the changed bill; who comes second reads who decided."""
    counter = Counter(show)
    await counter.billed()
    assert counter.log() == ASKED_ANEW[0]
    await raised(counter)
    await granted_less(counter)
    await changed_and_asked_anew(counter)
    card, data = counter.in_topic(), data_of(counter.in_topic(), "✅ 同意 10%")
    await show.at(at(23, 11, 2))
    await counter.decides(SUN, "✅ 同意 10%")
    assert counter.log() == ASKED_ANEW[5]
    assert await counter.presses_late(ZHAO, data, card, GROUP_ID) == "孙立已经同意 10% 了。"
    assert counter.log() == []
    assert "应付：¥790.20" in counter.newest(KNOWN, "🎉")
    assert [each.state for each in await counter.requests()] == [DiscountState.GRANTED] * 2
    assert len(await recorded(show, "discount.raised")) == 1
    await counter.paid_and_gone()
    await show.later(UNTIL_FOLLOW_UPS)
    assert "本次费用 ¥790.20" in counter.newest(KNOWN, "一路平安")
    assert await counter.timers_left() == 0
    assert await dead_letters(show) == []


# ---------------------------------------------------------------- nobody answers


async def test_silence_at_every_desk(show: Performance) -> None:
    """D5: every ten minutes one role up, three more times at the top, then the front desk goes and asks."""
    counter = Counter(show)
    await counter.billed()
    await show.at(at(23, 10, 35))
    await counter.asked_by_customer("9.5 折", "跳过")
    counter.log()
    await show.at(at(23, 12))
    assert counter.log() == SILENCE[0]
    assert "第 3 次提醒，客户还在等" in counter.live(SUN).text
    await counter.press(CHEN, "可交车", "请逐项打勾")
    for _ in CHECKLIST:
        await counter.press(CHEN, "☐", "☑")
    await counter.press(CHEN, "确认可交车", "· 可交车")
    card = next(m for m in reversed(show.in_topic(Queue.WORKSHOP)) if counter.has(m, "已结算"))
    assert await counter.taps_button(WU, "已结算", card, GROUP_ID) == "优惠还在等审批，有了结果再结算。"
    await counter.decides(ZHENG, "❌ 驳回", "其他原因")
    assert counter.log() == SILENCE[1]
    await counter.leave()
    assert await counter.timers_left() == 0
    assert await dead_letters(show) == []
