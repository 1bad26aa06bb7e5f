"""The page in a real browser: what the bot says is seen, and what people do reaches the bot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from tests.sandbox.open_page import CHEN, LI, STAFF, WANG, ZHAO

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.open_page import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def inline(*rows: list[str]) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": t, "callback_data": f"data {t}"} for t in row] for row in rows]}


async def test_a_message_appears_on_its_own_phone_only(shop: Shop) -> None:
    number = await shop.say(WANG, "王先生，您的车<b>可以取了</b>。\n谢谢合作！", parse_mode="HTML")
    bubble = shop.message(WANG, number)
    await expect(bubble.locator("b")).to_have_text("可以取了")
    await expect(bubble.locator(".words")).to_have_text(
        "王先生，您的车可以取了。\n谢谢合作！", use_inner_text=True
    )
    await expect(bubble.locator("time")).to_have_text(
        "10:00"
    )  # store time, though the browser is in New York
    await expect(shop.phone(CHEN).get_by_test_id("message")).to_have_count(0)


async def test_an_edit_keeps_its_place_and_says_so(shop: Shop) -> None:
    first = await shop.say(WANG, "请选一天", reply_markup=inline(["今天", "明天"]))
    await shop.say(WANG, "另一条")
    await expect(shop.phone(WANG).get_by_test_id("message")).to_have_count(2)
    await shop.bot(
        "editMessageText", chat_id=WANG, message_id=first, text="请选时间", reply_markup=inline(["9:00"])
    )
    bubble = shop.phone(WANG).get_by_test_id("message").first
    await expect(bubble.locator(".words")).to_have_text("请选时间")
    await expect(bubble.get_by_role("button", name="9:00")).to_be_visible()
    await expect(bubble.locator(".edited")).to_have_text("已编辑")
    await expect(bubble).to_have_class(re.compile("flash"))
    await expect(shop.phone(WANG).get_by_test_id("message")).to_have_count(2)


async def test_an_answer_quotes_what_it_answers(shop: Shop) -> None:
    asked = await shop.say(WANG, "几点来取车？")
    number = await shop.say(WANG, "五点可以", reply_parameters={"message_id": asked})
    await expect(shop.message(WANG, number).locator(".quote")).to_contain_text("几点来取车？")
    await expect(shop.message(WANG, asked).locator(".quote")).to_have_count(0)


async def test_a_deleted_message_goes_away(shop: Shop) -> None:
    number = await shop.say(WANG, "发错了")
    await expect(shop.message(WANG, number)).to_be_visible()
    await shop.bot("deleteMessage", chat_id=WANG, message_id=number)
    await expect(shop.message(WANG, number)).to_have_count(0)


async def test_a_press_reaches_the_bot_and_waits_for_its_answer(shop: Shop) -> None:
    number = await shop.say(WANG, "确认预约吗？", reply_markup=inline(["确认", "取消"]))
    button = shop.message(WANG, number).get_by_role("button", name="确认")
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    query = await shop.update("callback_query")
    assert (query["from"]["id"], query["data"], query["message"]["message_id"]) == (WANG, "data 确认", number)
    await shop.bot("answerCallbackQuery", callback_query_id=query["id"], text="已为您留好工位")
    await expect(shop.phone(WANG).get_by_test_id("toast")).to_have_text("已为您留好工位")
    await expect(button).not_to_have_attribute("aria-busy", "true")


async def test_an_alert_stays_until_it_is_acknowledged(shop: Shop) -> None:
    number = await shop.say(ZHAO, "优惠申请", reply_markup=inline(["同意", "驳回"]))
    await shop.message(ZHAO, number).get_by_role("button", name="同意").click()
    query = await shop.update("callback_query")
    await shop.bot("answerCallbackQuery", callback_query_id=query["id"], text="超出权限", show_alert=True)
    alert = shop.phone(ZHAO).get_by_role("alertdialog")
    await expect(alert).to_contain_text("超出权限")
    await alert.get_by_role("button", name="好").click()
    await expect(alert).to_have_count(0)


async def test_an_untouched_chat_offers_start(shop: Shop) -> None:
    phone = shop.phone(LI)
    await expect(phone.get_by_test_id("empty")).to_contain_text("李静还没有")
    await phone.get_by_role("button", name="开始", exact=True).click()
    message = await shop.update("message")
    assert (message["text"], message["from"]["id"]) == ("/start", LI)
    await expect(phone.get_by_test_id("start")).to_be_hidden()
    await expect(phone.get_by_test_id("input")).to_be_visible()


async def test_enter_sends_but_not_while_chinese_is_being_composed(shop: Shop) -> None:
    await shop.say(WANG, "您好")
    box = shop.phone(WANG).get_by_test_id("input")
    await box.fill("明天下午三点")
    enter = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true})"
    await box.evaluate(f"box => box.dispatchEvent({enter})")
    await expect(box).to_have_value("明天下午三点")
    await box.press("Shift+Enter")
    await box.press_sequentially("保养")
    await box.press("Enter")
    assert (await shop.update("message"))["text"] == "明天下午三点\n保养"
    await expect(box).to_have_value("")


async def test_the_contact_button_shares_ones_own_number(shop: Shop) -> None:
    button = {"text": "分享手机号", "request_contact": True}
    keyboard = {"keyboard": [[button], [{"text": "咨询"}]], "input_field_placeholder": "请按下面的按钮"}
    await shop.say(WANG, "请留个电话", reply_markup=keyboard)
    phone = shop.phone(WANG)
    await expect(phone.get_by_test_id("input")).to_have_attribute("placeholder", "请按下面的按钮")
    await phone.get_by_role("button", name="分享手机号").click()
    message = await shop.update("message")
    assert message["contact"]["user_id"] == message["from"]["id"] == WANG
    await expect(phone.get_by_test_id("contact-card")).to_contain_text("王建国")
    await phone.get_by_role("button", name="咨询").click()
    assert (await shop.update("message"))["text"] == "咨询"
    await shop.say(WANG, "好的", reply_markup={"remove_keyboard": True})
    await expect(phone.get_by_test_id("reply-keyboard")).to_be_hidden()


async def test_somebody_elses_card_can_be_shared_too(shop: Shop) -> None:
    """A shared contact counts only if it is one's own: the page must be able to try the other."""
    await shop.say(WANG, "请留个电话")
    await shop.phone(WANG).get_by_test_id("attach").click()
    await shop.phone(WANG).get_by_role("button", name="分享别人的名片").click()
    assert "user_id" not in (await shop.update("message"))["contact"]


async def test_a_group_has_topics_with_unread_counts_and_a_choice_of_who_writes(shop: Shop) -> None:
    topic = (await shop.bot("createForumTopic", chat_id=STAFF, name="车间"))["message_thread_id"]
    group = shop.phone(STAFF)
    number = await shop.say(STAFF, "新预约，请预留工位", message_thread_id=topic)
    tab = group.locator(f"[data-thread='{topic}']")
    await expect(tab.get_by_test_id("topic-unread")).to_have_text("1")
    await expect(shop.message(STAFF, number)).to_have_count(0)
    await tab.click()
    await expect(shop.message(STAFF, number)).to_be_visible()
    await expect(tab.get_by_test_id("topic-unread")).to_have_count(0)
    await group.get_by_test_id("acting").select_option(label="赵<b>敏</b>")
    await group.get_by_test_id("input").fill("收到")
    await group.get_by_test_id("send").click()
    message = await shop.update("message")
    assert (message["from"]["id"], message["message_thread_id"], message["text"]) == (ZHAO, topic, "收到")
    await expect(shop.message(STAFF, message["message_id"])).to_have_class(re.compile(r"\bown\b"))
    await group.get_by_test_id("acting").select_option(value=str(CHEN))
    await expect(shop.message(STAFF, message["message_id"])).to_have_class(re.compile(r"\bother\b"))


async def test_a_photo_is_sent_shown_and_enlarged(shop: Shop, tmp_path: Path) -> None:
    await shop.say(WANG, "请拍一张")
    picture = tmp_path / "dent.png"
    await shop.phone(WANG).screenshot(path=picture)
    await shop.phone(WANG).get_by_test_id("photo-file").set_input_files(picture)
    number = (await shop.update("message"))["message_id"]
    image = shop.message(WANG, number).locator("img")
    await expect(image).to_have_js_property("complete", True)
    assert await image.evaluate("image => image.naturalWidth") > 0
    await image.click()
    await expect(shop.page.get_by_test_id("lightbox").locator("img")).to_be_visible()


async def test_a_refusal_is_shown_and_the_words_are_kept(shop: Shop) -> None:
    await shop.say(WANG, "您好")
    phone = shop.phone(WANG)
    await phone.get_by_test_id("block").click()
    await expect(phone.get_by_test_id("block")).to_have_attribute("aria-pressed", "true")
    await phone.get_by_test_id("input").fill("还在吗")
    await phone.get_by_test_id("send").click()
    await expect(phone.get_by_test_id("toast")).to_contain_text("已停用机器人，请先")
    await expect(phone.get_by_test_id("input")).to_have_value("还在吗")
