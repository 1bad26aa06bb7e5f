"""Take the pictures of the documents again: `python -m docs.camera` plays the demo in a browser and photographs it.

Needs Chromium and a font with Chinese. Names of stories take their pictures alone: `python -m docs.camera visit`.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import Locator, Page, async_playwright

from bot.clocks import ShiftedClock, WallClock
from bot.demo import demo_store, on_stage
from docs.play import CHEN, GROUP, LI, WANG, WU, XU, ZHAO, ZHOU, Play

PICTURES = Path(__file__).parent / "pictures"
PORT = 8097
PAGE = f"http://127.0.0.1:{PORT}/"
MONDAY = datetime(2026, 11, 23, 9, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
"""When every story begins: an ordinary day, the example store open, and hours of it left."""

SAID = "我要投诉！上周你们换的刹车片还是响，修了两次都没修好"
ANSWER = "王先生，经查是刹车片批次问题。已为您免费更换并路试，质保延长一年。给您添麻烦了，非常抱歉。"
OURS, FLEET = "粤B·1**45", "粤B·5**A2"
SEEN = 0xFC  # bits of a colour; the two lowest are not seen, and cost a third of the file


@asynccontextmanager
async def demo() -> AsyncIterator[None]:
    """The demo as the example store file has it, on books of its own."""
    with tempfile.TemporaryDirectory() as folder:
        clock = ShiftedClock(MONDAY - WallClock().now())
        store = demo_store(Path(folder) / "store.yaml")
        async with on_stage(clock, store, f"sqlite+aiosqlite:///{folder}/demo.sqlite3", PORT):
            yield


async def photograph(what: Page | Locator, name: str) -> None:
    """Keep `what` as docs/pictures/`name`.png."""
    shot = Image.open(io.BytesIO(await what.screenshot())).convert("RGB")
    light = shot.point([255 if value == 255 else value & SEEN for value in range(256)] * 3)
    light.save(PICTURES / f"{name}.png", optimize=True)


async def booking(play: Play) -> None:
    """The page in the middle of a booking, the card to confirm, and the workshop's answer."""
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("hint").get_by_role("button").click()
    await play.newcomer_books()
    await play.phone(GROUP).get_by_test_id("topic").filter(has_text="车间").click()
    await play.regular_chooses()
    await photograph(play.page, "page")
    await play.press(WANG, "10:00", "请核对预约单")
    await photograph(play.phone(WANG), "confirm")
    await play.press(WANG, "确认预约", "预约成功")
    await play.seen(GROUP, "粤B")
    await play.press(GROUP, "收到", "已")
    await photograph(play.phone(GROUP), "workshop")


async def shop(play: Play) -> None:
    """What colleagues do in their own chats, and why a message is there."""
    await play.say(ZHAO, "/propose 粤B12345 空调系统清洗 明天11:00", "建议")
    await play.seen(WANG, "空调")
    await photograph(play.phone(ZHAO), "propose")
    await play.press(WANG, "接受", "预约成功")
    await play.phone(WANG).get_by_test_id("message").last.hover()
    await play.phone(WANG).get_by_test_id("why").last.click()
    await play.page.wait_for_timeout(900)
    await photograph(play.phone(WANG), "why")
    await play.page.keyboard.press("Escape")


async def later(play: Play) -> None:
    """Time passes: the reminder, and what is planned after it."""
    for _ in range(14):
        await play.page.get_by_role("button", name="跳到下一个提醒").click()
        await play.page.wait_for_timeout(1500)
        if await play.phone(WANG).get_by_role("button", name="确认到店").count():
            break
    await play.page.set_viewport_size({"width": 1440, "height": 810})
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("plan-toggle").click()
    await play.page.wait_for_timeout(1500)
    await photograph(play.page, "plan")


async def mobile(play: Play) -> None:
    """The page on a telephone."""
    assert play.page.context.browser is not None
    page = await play.page.context.browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    await page.goto(PAGE)
    await page.wait_for_timeout(1500)
    await photograph(page, "mobile")
    await page.close()


async def complaint(play: Play) -> None:
    """A complaint is filed, accepted and handled: the customer's phone, the card, the form."""
    await fresh_page(play)
    await play.open(CHEN)
    await play.say(WANG, SAID, "投诉已登记")
    await play.attach_photo(WANG, "负责人看得到")
    await play.say(WANG, "谢谢", "都记下了")
    await play.topic("前台", "陈晓")
    await play.press(GROUP, "接单", "负责人：陈晓")
    await play.seen(WANG, "由 陈晓 负责")
    await play.look_at(WANG, "投诉进度单")
    await photograph(play.phone(WANG), "sheet")
    await photograph(play.phone(GROUP), "card")
    await play.press(GROUP, "联系客户", "负责人：陈晓")
    await play.seen(CHEN, "的联系方式")
    await play.press(CHEN, "已联系上", "记在投诉单上了")
    await photograph(play.phone(CHEN), "contact")
    await play.press(GROUP, "填写处理", "负责人：陈晓")
    await play.report(
        CHEN, "今天下午电话联系，客户希望尽快返工", "先安排路试复查，再定是否更换", promise=True, loss=""
    )
    await photograph(play.phone(CHEN), "form")
    await play.press(CHEN, "提交", "处理单已提交")
    await play.press(GROUP, "转售后经理", "已完成")


async def dispatched(play: Play) -> None:
    """The after-sales manager dispatches, sums up and closes; the customer is asked."""
    await play.topic("售后经理", "赵敏")
    await play.press(GROUP, "接单", "负责人：赵敏")
    await play.press(GROUP, "派单", "请选择要派给哪些部门")
    await play.press(GROUP, "配件部", "请选择要派给哪些部门")
    await photograph(play.phone(GROUP), "dispatch")
    await play.press(GROUP, "确定派单", "已完成")
    await departments(play)
    await play.topic("售后经理", "赵敏")
    await play.press(GROUP, "填写处理", "负责人：赵敏")
    await play.report(ZHAO, "今天下午电话告知处理结果", ANSWER, promise=False, loss="显性损失")
    await play.press(ZHAO, "提交", "处理单已提交")
    await photograph(play.phone(GROUP), "summary")
    await play.press(GROUP, "结案", "汇总答复已完成")
    await play.seen(WANG, "有答复了")
    await play.look_at(WANG, "这样处理您满意吗")
    await photograph(play.phone(WANG), "verdict")


async def departments(play: Play) -> None:
    """Workshop and parts return their results."""
    for chat, topic, who in ((ZHOU, "车间", "周强"), (WU, "配件", "吴芳")):
        await play.open(chat)
        await play.topic(topic, who)
        await play.press(GROUP, "接单", f"负责人：{who}")
        await play.press(GROUP, "填写处理", f"负责人：{who}")
        await play.report(
            chat, "车辆返厂时当面说明", "同批次刹车片材质偏硬，建议免费更换", promise=True, loss="隐性损失"
        )
        await play.press(chat, "提交", "处理单已提交")
        await play.press(GROUP, "反馈结果", "已完成")
        await play.put_away(chat)


async def callers(play: Play) -> None:
    """A caller's complaint that nobody accepts, and a customer who is answered in writing."""
    await play.menu(CHEN, "代客投诉", "我来找档案")
    await play.say(CHEN, "粤B88K66", "是这位客户吗")
    await play.press(CHEN, "就是这位", "发生了什么")
    await play.say(CHEN, "约了九点，等了一个半小时才接车，没有人解释", "记下了")
    await play.press(CHEN, "说完了", "请核对投诉登记")
    await photograph(play.phone(CHEN), "caller")
    await play.press(CHEN, "✅ 登记", "前由前台主管接单")
    await play.say(WANG, "转人工", "已经请服务顾问接手")
    await play.topic("前台", "陈晓")
    await play.seen(GROUP, "客户请求人工服务")
    await photograph(play.phone(GROUP), "call")
    await play.press(GROUP, "在这里答复", "陈晓 来联系客户")
    await play.seen(CHEN, "署您的名字")
    await play.say(CHEN, "王先生您好，新刹车片已到货，您周二上午方便过来吗？", "已发给王先生")
    await play.seen(WANG, "新刹车片已到货")
    await photograph(play.phone(WANG), "answer")


async def presence(play: Play) -> None:
    """An invitation, an alarm, the list of work, an absence, the self-check."""
    await play.menu(ZHAO, "邀请同事", "担任什么岗位")
    await play.press(ZHAO, "服务顾问", "的邀请")
    await photograph(play.phone(ZHAO), "invite")
    await play.page.get_by_role("button", name="＋1 小时").click()
    await play.page.wait_for_timeout(2500)
    await play.page.get_by_role("button", name="＋1 小时").click()
    await play.seen(ZHAO, "已超时")
    await play.look_at(ZHAO, "🚨 投诉")
    await photograph(play.phone(ZHAO), "alarm")
    await play.menu(CHEN, "我的待办", "等人接单")
    await photograph(play.phone(CHEN), "work")
    await play.menu(CHEN, "不在岗", "到什么时候")
    await play.press(CHEN, "三天", "请谁代班")
    await play.press(CHEN, "郑洁", "您现在不在岗")
    await photograph(play.phone(CHEN), "away")
    await play.say(ZHAO, "/selfcheck", "正在逐单核对")
    await play.seen(ZHAO, "计时和负责人都正常")
    await photograph(play.phone(ZHAO), "selfcheck")


async def fresh_page(play: Play) -> None:
    """The page without its hints, 王建国's and the staff's keyboards shown."""
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("hint").get_by_role("button").click()
    await play.put_away(LI)
    await play.phone(WANG).get_by_test_id("start").click()
    await play.seen(WANG, "王先生")
    await play.say(ZHAO, "/menu", "常用的在下面的按钮里")
    await play.open(CHEN)
    await play.say(CHEN, "/menu", "常用的在下面的按钮里")
    await play.look_at(CHEN, "工作指令")
    await photograph(play.phone(CHEN), "menu")


# ---------------------------------------------------------------- a visit


async def reception(play: Play) -> None:
    """接车开单 on the advisor's phone, the order to sign on the customer's."""
    await visit_page(play)
    await play.menu(CHEN, "接车开单", "到店的是哪辆车")
    await play.say(CHEN, "粤B12345", "维修项目")
    await play.press(CHEN, "小保养", "¥398")
    await play.say(CHEN, "换前刹车片 680 副厂", "¥680，副厂件")
    await play.press(CHEN, "选好了", "承诺什么时候交车")
    await play.say(CHEN, "今天15:00", "里程表")
    await play.say(CHEN, "45678公里 半箱油 钥匙3号 行驶证", "照片或视频")
    await play.attach_photo(CHEN, "收到 1 个")
    await play.press(CHEN, "拍好了", "有什么毛病")
    await play.say(CHEN, "刹车时有异响", "请核对维修单")
    await play.look_at(CHEN, "请核对维修单")
    await photograph(play.phone(CHEN), "reception")
    await play.press(CHEN, "确认开单", "维修单已开")
    await play.look_at(WANG, "请核对维修单")
    await photograph(play.phone(WANG), "order")
    await play.press(WANG, "✅ 确认", "请您留意")
    await play.press(WANG, "我知道，确认", "交车承诺卡")


async def in_work(play: Play) -> None:
    """The card in the workshop, and additional work for the customer to decide on."""
    await play.topic("车间", "周强")
    await play.press_about(GROUP, OURS, "开工", f"{OURS} · 维修中")
    await play.look_at(GROUP, f"{OURS} · 维修中")
    await photograph(play.phone(GROUP), "repair")
    await play.press_about(GROUP, OURS, "追加项目", f"{OURS} · 维修中")
    await play.seen(ZHOU, "要追加什么项目")
    await play.say(ZHOU, "更换刹车油", "为什么要做")
    await play.say(ZHOU, "刹车油含水量超标，踩刹车会变软，刹车距离变长", "多少钱")
    await play.say(ZHOU, "380", "什么时候能交车")
    await play.press(ZHOU, "晚 1 小时", "行车安全")
    await play.press(ZHOU, "⚠️ 是", "有照片或视频吗")
    await play.attach_photo(ZHOU, "您看可以吗")
    await play.press(ZHOU, "就这样发给客户", "已发给王先生")
    await play.seen(WANG, "请您决定")
    await photograph(play.phone(WANG), "additional")
    await play.press(WANG, "✅ 同意", "您已同意追加")
    await play.menu(CHEN, "在修车辆", "🔴 已过交车时间")
    await play.look_at(CHEN, "🔴 已过交车时间")
    await photograph(play.phone(CHEN), "cars")


async def questions(play: Play) -> None:
    """Time passes: the advisor is asked for a new time, the workshop how it goes."""
    await play.jump_until(CHEN, "粤B·12345（王先生），车还没好")
    await photograph(play.phone(CHEN), "delay")
    await play.jump_until(GROUP, f"车辆：{OURS}")
    await photograph(play.phone(GROUP), "progress")
    await play.press_about(GROUP, OURS, "晚 30 分", "要晚 30 分钟")
    await play.seen(WANG, "的交车时间有变化")
    await play.look_at(WANG, "交车承诺卡")
    await photograph(play.phone(WANG), "promise")


async def handed_over(play: Play) -> None:
    """The checklist, and the notice at its time."""
    await play.press_about(GROUP, OURS, "待检验", f"{OURS} · 待检验")
    await play.topic("车间", "陈晓")
    await play.press_about(GROUP, OURS, "🏁 可交车", "请逐项打勾")
    boxes = play.phone(GROUP).get_by_test_id("inline-button").filter(has_text="☐")
    for _ in range(2):
        await boxes.first.click()
        await play.page.wait_for_timeout(1300)
    await play.look_at(GROUP, "请逐项打勾")
    await photograph(play.phone(GROUP), "checklist")
    while await boxes.count():
        await boxes.first.click()
        await play.page.wait_for_timeout(1300)
    await play.press_about(GROUP, OURS, "确认可交车", f"{OURS} · 可交车")
    await play.jump_until(WANG, "您的车可以取了")
    await play.look_at(WANG, "您的车可以取了")
    await photograph(play.phone(WANG), "pickup")


async def visit_page(play: Play) -> None:
    """王建国, the group, advisor and workshop side by side, on phones tall enough for whole cards."""
    await play.page.set_viewport_size({"width": 1600, "height": 1100})
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("hint").get_by_role("button").click()
    await play.put_away(LI, ZHAO)
    await play.open(CHEN)
    await play.open(ZHOU)
    for chat, greeting in ((WANG, "王先生"), (ZHOU, "同事")):
        await play.phone(chat).get_by_test_id("start").click()
        await play.seen(chat, greeting)
    await play.say(CHEN, "/menu", "常用的在下面的按钮里")


# ---------------------------------------------------------------- a discount


async def billed(play: Play) -> None:
    """A fleet's bill with the arithmetic of its terms; a discount on top of them is refused."""
    await discount_page(play)
    await play.press_about(CHEN, FLEET, "结算单", "点一行可以修改")
    await play.press(CHEN, "1. 小保养", "要改什么")
    await play.press(CHEN, "拆出配件", "其中配件多少钱")
    await play.say(CHEN, "260", "配件：¥247")
    await play.look_at(CHEN, "🧾 结算单")
    await photograph(play.phone(CHEN), "bill")
    await play.press(CHEN, "✅ 确认结算单", "结算单已保存")
    await play.press_about(CHEN, FLEET, "申请优惠", "申请多少")
    await play.press(CHEN, "3%", "为什么申请")
    await play.press(CHEN, "消费金额大", "请核对")
    await play.press(CHEN, "📤 提交", "等待审批")
    await play.seen(ZHAO, "优惠申请 3%")
    await play.press(ZHAO, "❌ 驳回", "为什么不同意")
    await play.press(ZHAO, "已享协议价", "未同意优惠 3%")


async def decided(play: Play) -> None:
    """王建国 asks on his own bill; the card of whoever decides, one tap, and what he reads."""
    await play.press_about(CHEN, OURS, "结算单", "合计：¥398")
    await play.say(CHEN, "刹车片 配件 360\n更换刹车片 工时 120", "合计：¥878")
    await play.press(CHEN, "✅ 确认结算单", "结算单已保存")
    await play.press(WANG, "🏷 申请优惠", "您希望优惠多少")
    await play.press(WANG, "9.5 折", "方便说说原因吗")
    await play.press(WANG, "老客户", "请核对")
    await play.press(WANG, "📤 提交", "正在请示")
    await play.seen(ZHAO, "优惠申请 5%")
    await play.look_at(ZHAO, "优惠申请 5%")
    await photograph(play.phone(ZHAO), "discount_card")
    await play.press(ZHAO, "✅ 同意 5%", "已同意优惠 5%")
    await play.seen(WANG, "优惠批下来了")
    await play.look_at(WANG, "优惠批下来了")
    await photograph(play.phone(WANG), "discount_granted")


async def discount_page(play: Play) -> None:
    """王建国, the group, 赵敏 and 陈晓 side by side; his car is inspected."""
    await play.page.set_viewport_size({"width": 1600, "height": 1000})
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("hint").get_by_role("button").click()
    await play.put_away(LI)
    await play.open(CHEN)
    await play.phone(WANG).get_by_test_id("start").click()
    await play.seen(WANG, "王先生")
    await play.say(CHEN, "/order 粤B12345 小保养 今天17:00 398", "请核对维修单")
    await play.press(CHEN, "确认开单", "维修单已开")
    await play.press(WANG, "✅ 确认", "交车承诺卡")
    await play.topic("车间", "周强")
    await play.press_about(GROUP, OURS, "开工", f"{OURS} · 维修中")
    await play.press_about(GROUP, OURS, "待检验", f"{OURS} · 待检验")


# ---------------------------------------------------------------- a follow-up


async def asked(play: Play) -> None:
    """许经理 is asked some days after the visit; a 2 for the work becomes a complaint at the front desk."""
    await play.page.set_viewport_size({"width": 1600, "height": 900})
    await play.page.goto(PAGE)
    await play.page.get_by_test_id("hint").get_by_role("button").click()
    await play.put_away(LI, WANG)
    await play.open(XU)
    await play.open(CHEN)
    await play.jump_until(XU, "想听听您的真实感受")
    await play.look_at(XU, "想听听您的真实感受")
    await photograph(play.phone(XU), "follow_up_invite")
    await play.press(XU, "开始", "整体感受怎么样")
    await play.press(XU, "4", "质量怎么样")
    await photograph(play.phone(XU), "follow_up_question")
    await play.press(XU, "2 不太满意", "已经登记为投诉")
    await play.topic("前台", "陈晓")
    await play.seen(GROUP, "质量怎么样")
    await play.look_at(XU, "已经登记为投诉")
    await photograph(play.phone(XU), "follow_up_sorry")


async def rung(play: Play) -> None:
    """回访名单 on the advisor's phone, and the call that came of it."""
    await play.say(CHEN, "/calls", "回访名单")
    await play.press(CHEN, "1. ", "打完请点结果")
    await photograph(play.phone(CHEN), "follow_up_call")


STORIES = {
    "booking": (booking, shop, later, mobile),
    "complaint": (complaint, dispatched, callers, presence),
    "discount": (billed, decided),
    "follow_up": (asked, rung),
    "visit": (reception, in_work, questions, handed_over),
}
"""Each on a demo of its own."""


async def main(wanted: Sequence[str]) -> None:
    """The pictures of the stories that are `wanted`, of all when there are none. Raises KeyError for another name."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for scenes in [STORIES[name] for name in wanted or STORIES]:
            page = await browser.new_page(viewport={"width": 1600, "height": 900}, locale="zh-CN")
            page.set_default_timeout(20_000)
            async with demo():
                for scene in scenes:
                    await scene(Play(page))
            await page.close()
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
