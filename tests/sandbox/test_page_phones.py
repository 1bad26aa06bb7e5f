"""More phones than the page shows, what people attach, and a group that goes wrong: in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from tests.sandbox.bot_api.raw_bot import PNG
from tests.sandbox.open_page import LI, STAFF, WANG, WU, ZHAO

if TYPE_CHECKING:
    from playwright.async_api import FilePayload, Locator

    from tests.sandbox.open_page import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def attached(shop: Shop, kind: str) -> dict[str, Any]:
    """Press a line of the attach menu; what the bot hears."""
    await shop.phone(WANG).get_by_test_id("attach").click()
    await shop.phone(WANG).locator(f"[data-attach='{kind}']").click()
    message: dict[str, Any] = await shop.update("message")
    return message


async def group_act(shop: Shop, act: str) -> Locator:
    """Open the group's menu and press a line once."""
    await shop.phone(STAFF).get_by_test_id("group-menu").click()
    line = shop.phone(STAFF).locator(f"[data-act='{act}']")
    await line.click()
    return line


async def test_samples_are_sent_and_shown_as_what_they_are(shop: Shop) -> None:
    """C2: a complaint comes with photos, voice, video and files; the page has something of each to send."""
    await shop.say(WANG, "请说说情况")
    photo = await attached(shop, "photo")
    assert (photo["photo"][-1]["width"], photo["photo"][-1]["height"]) == (640, 480)
    await expect(shop.message(WANG, photo["message_id"]).locator("img")).to_have_js_property("complete", True)
    voice = await attached(shop, "voice")
    assert voice["voice"]["duration"] == 3
    await expect(shop.message(WANG, voice["message_id"]).get_by_test_id("voice")).to_contain_text("0:03")
    paper = await attached(shop, "document")
    name = paper["document"]["file_name"]
    await expect(shop.message(WANG, paper["message_id"]).get_by_test_id("document")).to_contain_text(name)
    place = await attached(shop, "location")
    await expect(shop.message(WANG, place["message_id"])).to_contain_text("22.5431, 114.0579")
    sticker = await attached(shop, "sticker")
    await expect(shop.message(WANG, sticker["message_id"])).to_contain_text("👍")


async def test_a_video_is_a_tile_that_plays_large(shop: Shop) -> None:
    await shop.say(WANG, "请拍一段")
    video = await attached(shop, "video")
    assert (video["video"]["duration"], video["video"]["mime_type"]) == (1, "video/webm")
    tile = shop.message(WANG, video["message_id"]).get_by_test_id("video")
    await expect(tile).to_contain_text("0:01")
    await tile.click()
    player = shop.page.get_by_test_id("lightbox").locator("video")
    await expect(player).to_have_js_property("videoWidth", 320)
    await shop.page.get_by_test_id("lightbox").get_by_role("button", name="关闭").click()
    await expect(player).to_have_count(0)


async def test_several_chosen_photos_are_an_album(shop: Shop) -> None:
    await shop.say(WANG, "请拍几张")
    photos: list[FilePayload] = [
        {"name": f"{n}.png", "mimeType": "image/png", "buffer": PNG} for n in range(2)
    ]
    await shop.phone(WANG).get_by_test_id("photo-file").set_input_files(photos)
    first, second = await shop.update("message"), await shop.update("message")
    assert first["media_group_id"] == second["media_group_id"]
    await expect(shop.phone(WANG).locator(".in-album")).to_have_count(2)


async def test_what_the_bot_sends_on_has_its_words_and_buttons(shop: Shop) -> None:
    await shop.say(WANG, "请说说情况")
    voice = await attached(shop, "voice")
    keys = {"inline_keyboard": [[{"text": "接单", "callback_data": "take"}]]}
    sent = await shop.bot(
        "sendVoice", chat_id=ZHAO, voice=voice["voice"]["file_id"], caption="客户原声", reply_markup=keys
    )
    bubble = shop.message(ZHAO, sent["message_id"])
    await expect(bubble.get_by_test_id("voice")).to_be_visible()
    await expect(bubble.locator(".words")).to_have_text("客户原声")
    await bubble.get_by_test_id("inline-button").click()
    assert (await shop.update("callback_query"))["data"] == "take"


async def test_a_phone_off_the_page_is_counted_and_taken_out(shop: Shop) -> None:
    """A colleague whose phone is not shown gets a private card: the picker tells, and opens it."""
    tab = shop.page.locator(f"[data-tab='{WU}']")
    await expect(shop.phone(WU)).to_be_hidden()
    await expect(tab).to_have_attribute("aria-pressed", "false")
    number = await shop.say(WU, "请处理")
    await expect(tab.get_by_test_id("phone-unread")).to_have_text("1")
    await tab.click()
    await expect(shop.message(WU, number)).to_be_in_viewport()
    await expect(tab).to_have_attribute("aria-pressed", "true")
    await expect(tab.get_by_test_id("phone-unread")).to_have_count(0)
    beside = "e => e.previousElementSibling.dataset.chat"
    assert await shop.phone(WU).evaluate(beside) == str(STAFF)


async def test_a_phone_is_put_away_and_stays_so(shop: Shop) -> None:
    await shop.phone(LI).get_by_test_id("put-away").click()
    await expect(shop.phone(LI)).to_be_hidden()
    await shop.page.locator(f"[data-tab='{WU}']").click()
    await shop.page.reload()
    await expect(shop.phone(WU)).to_be_visible()
    await expect(shop.phone(LI)).to_be_hidden()


async def test_the_bot_is_thrown_out_and_taken_back(shop: Shop) -> None:
    note = shop.phone(STAFF).get_by_test_id("group-note")
    await expect(note).to_be_hidden()
    await group_act(shop, "remove_bot")
    assert (await shop.update("my_chat_member"))["new_chat_member"]["status"] == "kicked"
    await expect(note).to_contain_text("机器人不在群里")
    await group_act(shop, "add_bot")
    await expect(note).to_be_hidden()
    statuses = [(await shop.update("my_chat_member"))["new_chat_member"]["status"] for _ in range(2)]
    assert statuses == ["member", "administrator"]


async def test_a_topic_is_deleted_and_topics_are_switched_off(shop: Shop) -> None:
    topic = (await shop.bot("createForumTopic", chat_id=STAFF, name="车间"))["message_thread_id"]
    tab = shop.phone(STAFF).locator(f"[data-thread='{topic}']")
    await tab.click()
    line = await group_act(shop, "delete_topic")
    await expect(line).to_have_text("再按一次确认")
    await expect(tab).to_have_count(1)
    await line.click()
    await expect(tab).to_have_count(0)
    await group_act(shop, "topics_off")
    await expect(shop.phone(STAFF).get_by_role("tab")).to_have_count(0)
    number = await shop.say(STAFF, "没有话题也行")
    await expect(shop.message(STAFF, number)).to_be_visible()
    await group_act(shop, "topics_on")
    await expect(shop.phone(STAFF).get_by_role("tab")).to_have_count(1)


async def test_a_deleted_group_says_so_and_takes_nothing(shop: Shop) -> None:
    await (await group_act(shop, "delete")).click()
    await expect(shop.phone(STAFF).get_by_test_id("group-note")).to_have_text("本群已解散")
    await expect(shop.phone(STAFF).get_by_test_id("input")).to_be_hidden()
    await expect(shop.phone(STAFF).get_by_test_id("group-menu")).to_be_hidden()


async def test_a_group_that_becomes_a_supergroup_keeps_its_place(shop: Shop) -> None:
    shop.sandbox.chat(STAFF).type = "group"
    await shop.page.reload()
    await group_act(shop, "upgrade")
    new = (await shop.update("message"))["migrate_to_chat_id"]
    await expect(shop.phone(new)).to_be_visible()
    await expect(shop.phone(STAFF)).to_have_count(0)
    number = await shop.say(new, "大家好")
    await expect(shop.message(new, number)).to_be_visible()
