"""A visit from 接车开单 to 一路平安 on the local Telegram: every message, place and second (O, X, G, P)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.demo_cast import GROUP_ID, KNOWN
from domain.people import Queue
from domain.pickup import promises
from domain.repair_orders import OrderHappening, OrderState
from tests.e2e.complaint_case import CHEN, ZHOU, dead_letters
from tests.e2e.test_bad_input import PIXEL
from tests.e2e.visit_case import HUANG, STORE, ZHANG, Visit
from tests.e2e.visit_minutes import BLOCKED, LATE, ON_TIME, WITHOUT_CHAT

if TYPE_CHECKING:
    from tests.e2e.play import Performance

UNTIL_FOLLOW_UPS = timedelta(hours=19)
"""After a car has left nothing rings for so long; then the follow-ups begin (F1)."""
LAST_CARD = """🚗 交车承诺卡　粤B·12345

✅ 已进厂 · ✅ 已修完 · ✅ 已检验 · ✅ 可交车
✅ 已出厂

服务顾问：陈晓

时间变化
· 11月24日 周二 11:00 → 12:00：更换刹车油
· 11月24日 周二 12:00 → 12:30：维修时间比预计长

追加项目
· 更换刹车油 ¥380：您已同意

预估合计：¥1,458
维修单："""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in the store."""
    return datetime(2026, 11, day, hour, minute, tzinfo=STORE)


async def received(visit: Visit) -> None:
    """陈晓 fills in the whole form on his phone, photos of the car included (O1)."""
    show = visit.show
    await show.say(CHEN, "接车开单", "车牌")
    await show.say(CHEN, "粤B12345", "维修项目")
    await show.press(CHEN, "小保养", "¥398")
    await show.say(CHEN, "换前刹车片 680 副厂", "¥680，副厂件")
    await show.press(CHEN, "选好了", "什么时候交车")
    await show.say(CHEN, "明天11:00", "里程")
    await show.say(CHEN, "45678公里 半箱油 钥匙3号 行驶证", "照片")
    await show.sandbox.user(CHEN).send_album([PIXEL, PIXEL])
    await show.reads(CHEN, "收到 2 个")
    await show.press(CHEN, "拍好了", "毛病")
    await show.say(CHEN, "刹车有异响", "请核对维修单")
    await visit.confirm()


async def signed(visit: Visit) -> None:
    """The customer reads what is not guaranteed, and signs on the phone (O2)."""
    form = visit.newest(KNOWN, "请核对维修单")
    assert "里程：45,678 公里\n油量：半箱\n钥匙：3\n随车物品：行驶证\n车况照片：2 份，已存档" in form
    await visit.show.press(KNOWN, "✅ 确认", "本店不对该配件提供质量担保")
    await visit.show.press(KNOWN, "我知道，确认", "交车承诺卡")
    await visit.show.heard()
    await visit.press(ZHOU, "开工", "· 维修中")


async def additional_work_agreed(visit: Visit) -> None:
    """周强 proposes with photo, a new time and a word about safety; the answer moves the promise at once (X1, X3)."""
    show = visit.show
    await visit.propose("更换刹车油", "刹车油含水量超标，刹车会变软", "380", "晚 1 小时", "⚠️ 是")
    await show.sandbox.user(ZHOU).send_photo(PIXEL)
    await show.reads(ZHOU, "您看可以吗")
    await show.press(ZHOU, "就这样发给客户", "已发给")
    question = await show.reads(KNOWN, "请您决定")
    assert "这项关系到行车安全" in question.text
    assert "费用：¥380（同意后全单预计 ¥1,458）" in question.text
    assert (
        "交车时间：同意后改为 明天 11月24日 周二 12:00（现在约定 明天 11月24日 周二 11:00）" in question.text
    )
    await show.at(at(23, 10, 50))
    await show.press(KNOWN, "✅ 同意", "您已同意追加")
    await show.heard()


async def the_whole_visit_on_time(show: Performance) -> None:
    """Every step by its hour, and nothing rings that need not."""
    visit = Visit(show, "粤B·12345", "粤B·1**45", "王")
    await received(visit)
    assert visit.log() == ON_TIME[0]
    await show.at(at(23, 10, 5))
    await signed(visit)
    assert visit.log() == ON_TIME[1]
    await show.at(at(23, 10, 40))
    await additional_work_agreed(visit)
    assert visit.log() == ON_TIME[2]
    await show.at(at(23, 15, 55))
    await show.press(CHEN, "直接发送", "已发给客户")
    await show.heard()
    assert visit.log() == ON_TIME[3]
    await show.at(at(24, 9, 40))
    await visit.press(ZHOU, "晚 30 分", "要晚 30 分钟")
    assert visit.log() == ON_TIME[4]
    await show.at(at(24, 10, 50))
    await visit.get_ready()
    assert "车间接车：11/23 周一 10:00" in visit.newest(GROUP_ID, "粤B·1**45 · 可交车")
    await show.at(at(24, 11, 35))
    assert visit.log() == ON_TIME[5]
    await fetched(visit)
    assert visit.log() == ON_TIME[6]
    await in_the_books(visit)


async def fetched(visit: Visit) -> None:
    """准时到, 已结算, 已出厂, and nobody is bothered afterwards (P4, P7)."""
    notice = visit.newest(KNOWN, "您的车可以取了")
    assert "取车时间：今天 11月24日 周二 12:30" in notice
    assert notice.endswith("谢谢合作！")
    await visit.show.press(KNOWN, "准时到", "今天 11月24日 周二 12:30 等您来取车")
    await visit.show.at(at(24, 12, 30))
    await visit.leave()
    assert visit.newest(KNOWN, "一路平安").endswith("王先生，祝一路平安！欢迎下次光临！")
    assert visit.newest(KNOWN, "交车承诺卡") == LAST_CARD + visit.number
    await visit.show.later(UNTIL_FOLLOW_UPS)


async def in_the_books(visit: Visit) -> None:
    """The history says what the phones said, with the persons; nothing is left to ring."""
    order = await visit.kept()
    assert order.state is OrderState.LEFT
    assert [each.at.astimezone(STORE) for each in promises(order)] == [at(24, 11), at(24, 12), at(24, 12, 30)]
    assert len(order.of(OrderHappening.NOTICED)) == 1
    assert order.of(OrderHappening.DELAYED) == ()
    assert [each.who for each in order.of(OrderHappening.MOVED)] == [
        "",
        "周强",
        "周强",
        "陈晓",
        "吴芳",
        "陈晓",
    ]
    assert await visit.timers_left() == 0
    assert await dead_letters(visit.show) == []


async def test_the_whole_visit_on_time(show: Performance) -> None:
    """O1–O3, X1, X3, G1, G2, P1, P2, P4, P7: from the form with its photos to the farewell."""
    await the_whole_visit_on_time(show)


async def test_the_whole_visit_by_the_other_channel(show_by_ptb: Performance) -> None:
    """The same."""
    await the_whole_visit_on_time(show_by_ptb)


async def test_the_whole_visit_on_postgresql(show_on_postgres: Performance) -> None:
    """The same."""
    await the_whole_visit_on_time(show_on_postgres)


async def test_late_at_every_step(show: Performance) -> None:
    """X2, G3, P3, P4: silence is never consent; the customer hears of the delay when the notice would have been due."""
    visit = Visit(show, "粤B·D12345", "粤B·D***45", "张")
    await visit.open_in_one_line("/order 粤BD12345 车机黑屏检查 今天17:00 260")
    await show.at(at(23, 10, 5))
    await show.press(ZHANG, "✅ 确认", "交车承诺卡")
    await show.heard()
    assert visit.log() == LATE[0]
    await show.at(at(23, 10, 40))
    await visit.propose("更换蓄电池", "蓄电池电压偏低，冷车可能打不着火", "680", "不影响交车", "否")
    await show.press(ZHOU, "跳过", "您看可以吗")
    await show.press(ZHOU, "就这样发给客户", "已发给")
    await show.at(at(23, 11, 30))
    assert visit.log() == LATE[1]
    await show.at(at(23, 16, 40))
    assert visit.log() == LATE[2]
    assert len([each for each in show.in_topic(Queue.WORKSHOP) if visit.has(each, "✅ 准时")]) == 1
    assert "原因：维修比预计的多花了时间，还没有做完" in visit.newest(ZHANG, "赶不上约定的")
    assert "也没有人给出原因和新时间" in visit.newest(CHEN, "🚨 张女士")
    await visit.press(ZHOU, "开工", "· 维修中")
    await visit.get_ready()
    await show.at(at(23, 17, 15))
    assert visit.log() == LATE[3]
    assert f"维修单：{visit.number}" in visit.newest(GROUP_ID, "还没有回复接车通知")
    await visit.leave()
    await show.later(UNTIL_FOLLOW_UPS)
    assert visit.log() == LATE[4]
    order = await visit.kept()
    assert (order.agreed, order.state) == ((), OrderState.LEFT)
    assert await visit.timers_left() == 0


async def test_without_a_chat_everything_is_a_call_with_its_words(show: Performance) -> None:
    """O2, X1, P1, P5: who never wrote to us is signed in on paper and called, the words to read out on the card."""
    visit = Visit(show, "粤B·66K88", "粤B·6**88", "田")
    await show.say(CHEN, "/order 粤B66K88 空调不制冷检查 今天17:00 300", "怎么称呼")
    await show.say(CHEN, "田先生", "手机号")
    await show.say(CHEN, "13900005566", "请核对维修单")
    await visit.confirm()
    await show.at(at(23, 10, 5))
    await visit.press(CHEN, "已进厂", "签字")
    await visit.press(CHEN, "已签字", "· 已进厂")
    await visit.press(ZHOU, "开工", "· 维修中")
    assert visit.log() == WITHOUT_CHAT[0]
    await show.at(at(23, 10, 40))
    await asked_on_the_phone(visit)
    assert visit.log() == WITHOUT_CHAT[1]
    await show.at(at(23, 14))
    await promised_anew(visit)
    assert visit.log() == WITHOUT_CHAT[2]
    await show.at(at(23, 14, 30))
    await visit.get_ready()
    await show.at(at(23, 17))
    assert visit.log() == WITHOUT_CHAT[3]
    notice = visit.newest(GROUP_ID, "您的车可以取了")
    assert "取车时间：今天 11月23日 周一 17:20" in notice
    assert notice.endswith("请确认是否准时来取，谢谢合作！")
    await visit.leave()
    await show.later(UNTIL_FOLLOW_UPS)
    assert visit.log() == WITHOUT_CHAT[4]
    said = [message.text for message in show.sandbox.chat(GROUP_ID).messages if message.from_bot]
    assert not [text for text in said if "66K88" in text or "5566" in text.replace("139****5566", "")]


async def asked_on_the_phone(visit: Visit) -> None:
    """The question is a call; what the customer answers is written down on the card (X1, X2)."""
    show = visit.show
    await visit.propose("加注制冷剂", "制冷剂只剩一半，空调吹不出冷风", "380", "不影响交车", "否")
    await show.press(ZHOU, "跳过", "您看可以吗")
    await show.press(ZHOU, "就这样发给客户", "已请前台打电话问「加注制冷剂」")
    await show.heard()
    task = visit.newest(GROUP_ID, "请您决定")
    assert "原因：制冷剂只剩一半，空调吹不出冷风\n费用：¥380（同意后全单预计 ¥680）" in task
    await show.at(at(23, 11))
    await visit.press(CHEN, "登记电话答复", "如实登记")
    await visit.press(CHEN, "同意 加注制冷剂", "追加：加注制冷剂 ¥380")
    assert "陈晓电话确认" in visit.newest(GROUP_ID, "客户同意追加")


async def promised_anew(visit: Visit) -> None:
    """The new time with its reason is a call at once (P5)."""
    show = visit.show
    await visit.press(CHEN, "改交车时间", "· 维修中")
    await show.reads(CHEN, "为什么改时间")
    await show.press(CHEN, "等配件", "新的交车时间")
    await show.say(CHEN, "今天17:20", "请核对")
    await show.press(CHEN, "发出", "已登记，请前台打电话告诉客户")
    await show.heard()
    task = visit.newest(GROUP_ID, "交车时间有变化")
    assert "现在：今天 11月23日 周一 17:20\n原因：等配件到货" in task


async def test_a_customer_who_blocked_us_is_called_once(show: Performance) -> None:
    """P4: a notice that cannot arrive is one call with its words, and the half hour brings no second one."""
    visit = Visit(show, "粤B·3Q7M9", "粤B·3**M9", "黄")
    await visit.open_in_one_line("/order 粤B3Q7M9 更换雨刮片 今天15:00 180")
    await show.at(at(23, 10, 5))
    await show.press(HUANG, "✅ 确认", "交车承诺卡")
    await show.heard()
    await visit.press(ZHOU, "开工", "· 维修中")
    await show.at(at(23, 10, 10))
    await show.sandbox.user(HUANG).block()
    await show.heard()
    await visit.get_ready()
    visit.log()
    await show.at(at(23, 15))
    assert visit.log() == BLOCKED[0]
    assert "取车时间：今天 11月23日 周一 15:00" in visit.newest(GROUP_ID, "您的车可以取了")
    await visit.press(CHEN, "我来联系", "陈晓 来联系客户", Queue.FRONT_DESK)
    await visit.press(CHEN, "已联系", "陈晓 已联系客户", Queue.FRONT_DESK)
    await visit.leave()
    await show.later(UNTIL_FOLLOW_UPS)
    assert visit.log() == BLOCKED[1]
    order = await visit.kept()
    assert len(order.of(OrderHappening.NOTICED)) == len(order.of(OrderHappening.CALL_TASK)) == 1
    assert await visit.timers_left() == 0
