"""What customers really send: nothing much, thirty photos, ten messages, at the wrong moment (C1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.demo_cast import KNOWN, NEWCOMER
from domain.complaints import Happening
from domain.people import Queue
from storage.appointments import APPOINTMENTS
from storage.complaints import COMPLAINTS
from tests.e2e.complaint_case import CHEN, Case, dead_letters, read, recorded
from tests.e2e.test_bad_input import PIXEL, rows

if TYPE_CHECKING:
    from tests.e2e.play import Performance

THAT_IS_ALL = "好的，都记下了。有进展我马上告诉您，也可以随时点「补充说明」。"


async def cases(show: Performance) -> int:
    """How many complaints are in the books."""
    return len(await rows(show, select(COMPLAINTS)))


async def gathered(show: Performance) -> None:
    """The few seconds are over in which messages are taken together."""
    await show.heard()
    await show.later(timedelta(seconds=5))


async def test_results_that_say_nothing(show: Performance) -> None:
    """C8: one sign, dots or a sticker are no result; without a result nothing goes on."""
    case = Case(show)
    await case.file()
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    assert await case.tap(CHEN, Queue.FRONT_DESK, "转售后经理") == "请先点「填写处理」，填好再继续。"
    assert await case.tap(CHEN, Queue.FRONT_DESK, "填写处理") == "请看我发给您的私信。"
    for said in ("好", "。。。", "？", "1", "😀"):
        await show.say(CHEN, said, "还需要一两句话")
    await show.say(CHEN, "电话联系过王先生，他在家", "原因")
    await show.press(CHEN, "流程", "责任人")
    await show.say(CHEN, "周", "")
    await show.press(CHEN, "周强", "处理方案")
    await show.say(CHEN, "换", "还需要一两句话")
    complaint = await case.kept()
    assert not complaint.of(Happening.REPORTED)
    assert await case.tap(CHEN, Queue.FRONT_DESK, "转售后经理") == "请先点「填写处理」，填好再继续。"
    assert [leg.leg for leg in complaint.of(Happening.ENDED)] == ["intake.front_desk.1"]


async def everything_is_kept(show: Performance) -> None:
    """Thirty photos, voice, video and a file: one case, a handful of answers, all of it before its owner."""
    case, phone = Case(show), show.sandbox.user(KNOWN)
    await case.file()
    await phone.send_album([PIXEL] * 30, "里外都拍了")
    await phone.send_voice(b"OggS")
    await phone.send_video(b"\x00\x00\x00\x18ftypmp42")
    await gathered(show)
    answers = read(show, KNOWN)
    assert answers[3:] == [f"✅ 已补充到投诉单 {case.number}（新增 33 条，共 32 份附件），负责人看得到。"]
    await phone.send_document(b"%PDF-1.4", "工单.pdf")
    await gathered(show)
    assert read(show, KNOWN)[4:] == [
        f"✅ 已补充到投诉单 {case.number}（新增 34 条，共 33 份附件），负责人看得到。"
    ]
    assert await cases(show) == 1
    await case.press(CHEN, Queue.FRONT_DESK, "接单", "负责人：陈晓")
    await case.tap(CHEN, Queue.FRONT_DESK, "查看材料")
    shown = [m for m in show.sandbox.chat(CHEN).messages if m.from_bot]
    assert sum("photo" in m.raw for m in shown) == 30
    assert [sum(kind in m.raw for m in shown) for kind in ("voice", "video", "document")] == [1, 1, 1]
    assert "附件：33 份" in case.card(Queue.FRONT_DESK).text
    assert "里外都拍了" in "".join(m.text for m in shown)
    assert len(await recorded(show, "materials.opened", case.number)) == 1


async def test_thirty_photos_a_voice_and_a_video(show: Performance) -> None:
    """C1: one case, one answer to all of them, and 查看材料 shows every one; that is written down (A3)."""
    await everything_is_kept(show)


async def test_thirty_photos_by_another_channel(show_by_ptb: Performance) -> None:
    """The same."""
    await everything_is_kept(show_by_ptb)


async def test_ten_messages_in_a_row(show: Performance) -> None:
    """C1: who writes line by line, in a breath, has one case and few answers; numbers stay out of the group (A3)."""
    said = [
        "我要投诉",
        "上周换的刹车片又响了",
        "修了两次都没修好",
        "师傅态度还不好",
        "等了三个小时没人理",
        "车牌粤B12345",
        "电话13800001001",
        "你们到底管不管",
        "我很生气",
        "今天必须给个说法",
    ]
    for line in said:
        await show.sandbox.user(KNOWN).say(line)
    await show.reads(KNOWN, "投诉已登记")
    await gathered(show)
    assert await cases(show) == 1
    case = Case(show)
    case.filed_as(await show.reads(KNOWN, "投诉已登记"))
    complaint = await case.kept()
    assert set(said[2:]) <= set("\n".join(complaint.words).split("\n"))
    assert [line[:4] for line in read(show, KNOWN)] == [
        "王先生，",
        "📝 投诉",
        "📋 投诉",
        "还有要补",
        "✅ 已补",
    ]
    assert "师傅态度还不好" in case.card(Queue.FRONT_DESK).text


async def test_in_the_middle_of_booking(show: Performance) -> None:
    """C1: it interrupts the form; when all is said the form goes on where it was, and can be finished."""
    await show.say(KNOWN, "预约服务", "想做什么")
    await show.press(KNOWN, "小保养", "想哪天来")
    case, before = Case(show), len(await rows(show, select(APPOINTMENTS)))
    await case.file()
    await show.press(KNOWN, "说完了", "我们接着刚才的")
    assert THAT_IS_ALL in read(show, KNOWN)
    await show.say(KNOWN, "后天上午十点", "请核对预约单")
    await show.press(KNOWN, "确认预约", "预约成功")
    assert len(await rows(show, select(APPOINTMENTS))) == before + 1
    assert await cases(show) == 1


async def test_a_complaint_under_a_photo(show: Performance) -> None:
    """C1: 投诉 may stand under the first of twelve photos; all of them and the words are one case."""
    await show.sandbox.user(KNOWN).send_album([PIXEL] * 12, "我要投诉，换完刹车片还是响")
    await gathered(show)
    case = Case(show)
    case.filed_as(await show.reads(KNOWN, "投诉已登记"))
    complaint = await case.kept()
    assert (complaint.words, len(complaint.media)) == (("我要投诉，换完刹车片还是响",), 12)
    assert len(read(show, KNOWN)) == 4
    assert await cases(show) == 1


async def test_a_complaint_under_a_photo_in_the_middle_of_booking(show: Performance) -> None:
    """C1: it interrupts as words do, the form goes on; the next such photo is kept with the open case."""
    await show.say(KNOWN, "预约服务", "想做什么")
    await show.press(KNOWN, "小保养", "想哪天来")
    await show.sandbox.user(KNOWN).send_photo(PIXEL, "我要投诉，你们把我的车门刮花了")
    case = Case(show)
    case.filed_as(await show.reads(KNOWN, "投诉已登记"))
    await show.heard()
    await show.press(KNOWN, "说完了", "我们接着刚才的")
    await show.sandbox.user(KNOWN).send_photo(PIXEL, "投诉！后门也刮花了")
    await gathered(show)
    complaint = await case.kept()
    assert (complaint.words[-1], len(complaint.media)) == ("投诉！后门也刮花了", 2)
    await show.press(KNOWN, "说完了", "我们接着刚才的")
    await show.say(KNOWN, "后天上午十点", "请核对预约单")
    assert await cases(show) == 1


async def test_somebody_who_never_wrote_before(show: Performance) -> None:
    """C1, C3: the very first words are a complaint: filed at once, and we ask for the number to call."""
    case = Case(show)
    await case.file("洗车把我的后视镜刮花了，我要投诉", NEWCOMER)
    assert "方便电话沟通的话，请把手机号发给我" in (await show.reads(NEWCOMER, "投诉已登记")).text
    await show.sandbox.user(NEWCOMER).say("13800001002")
    await gathered(show)
    complaint = await case.kept()
    assert (complaint.by.name, complaint.by.phone) == ("李娜", "+8613800001002")
    assert "李娜，138****1002" in case.card(Queue.FRONT_DESK).text


async def test_the_wish_and_then_silence(show: Performance) -> None:
    """C1: who says 投诉 and nothing more is called: a card lies at the front desk, and no case is open."""
    await show.say(KNOWN, "投诉", "请说说发生了什么")
    await show.later(timedelta(hours=1))
    called = await show.reads_in(Queue.FRONT_DESK, "客户要投诉或提建议，请尽快联系")
    assert "王先生" in called.text
    assert "138****1001" in called.text
    assert "已经请服务顾问接手" in read(show, KNOWN)[-1]
    assert await cases(show) == 0


async def test_thanks_and_ordinary_talk_afterwards(show: Performance) -> None:
    """C1: 谢谢 ends it; a question about opening hours is answered; neither goes into the case or opens another."""
    case = Case(show)
    await case.file()
    words = (await case.kept()).words
    await show.say(KNOWN, "我的投诉怎么样了", "投诉进度单")
    await show.say(KNOWN, "谢谢", THAT_IS_ALL)
    await show.say(KNOWN, "你们几点关门", "营业时间")
    await show.say(KNOWN, "好的", "")
    await show.say(KNOWN, "我的投诉怎么样了", "投诉进度单")
    await gathered(show)
    assert (await case.kept()).words == words
    assert await cases(show) == 1
    assert await dead_letters(show) == []
