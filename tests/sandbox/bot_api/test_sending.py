"""What the service answers to messages, edits and deletions: the cases a bot must tell apart."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import FormData

from tests.sandbox.bot_api.raw_bot import LI, OLD_GROUP, PNG, SHY, WANG, WORKSHOP, RawBot

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.clock import FakeClock


def buttons(*data: str) -> dict[str, Any]:
    return {
        "inline_keyboard": [[{"text": f"按钮{at}", "callback_data": value}] for at, value in enumerate(data)]
    }


async def test_a_text_arrives_parsed_with_its_buttons(sandbox: Sandbox, bot: RawBot) -> None:
    sent = await bot.ok(
        "sendMessage",
        chat_id=WANG.id,
        text="<b>您好</b>，王先生",
        parse_mode="HTML",
        reply_markup=buttons("yes"),
    )
    seen = sandbox.user(WANG.id).chat.messages[-1]
    assert (seen.id, seen.text) == (sent["message_id"], "您好，王先生")
    assert seen.entities == [{"type": "bold", "offset": 0, "length": 2}]
    assert seen.buttons == [[{"text": "按钮0", "callback_data": "yes"}]]


@pytest.mark.parametrize(
    ("params", "status", "description"),
    [
        ({"chat_id": 999, "text": "x"}, 400, "Bad Request: chat not found"),
        ({"text": "x"}, 400, "Bad Request: chat_id is empty"),
        ({"chat_id": WANG.id, "text": "  \n "}, 400, "Bad Request: message text is empty"),
        ({"chat_id": WANG.id, "text": "x" * 4097}, 400, "Bad Request: message is too long"),
        ({"chat_id": WANG.id, "text": "😀" * 2049}, 400, "Bad Request: message is too long"),
        (
            {"chat_id": WANG.id, "text": "价<u", "parse_mode": "HTML"},
            400,
            "Bad Request: can't parse entities: Unclosed start tag at byte offset 3",
        ),
        (
            {"chat_id": WANG.id, "text": "*x*", "parse_mode": "MarkdownV2"},
            400,
            "Bad Request: unsupported parse_mode (this server reads HTML only)",
        ),
        (
            {"chat_id": WANG.id, "text": "x", "message_thread_id": 7},
            400,
            "Bad Request: message thread not found",
        ),
        (
            {"chat_id": WANG.id, "text": "x", "reply_parameters": {"message_id": 77}},
            400,
            "Bad Request: message to be replied not found",
        ),
        (
            {"chat_id": SHY.id, "text": "x"},
            403,
            "Forbidden: bot can't initiate conversation with a user",
        ),
    ],
)
async def test_refusals_of_send_message(
    bot: RawBot, params: dict[str, Any], status: int, description: str
) -> None:
    assert await bot.refused("sendMessage", **params) == (status, description)


async def test_callback_data_is_limited_to_64_bytes_not_characters(bot: RawBot) -> None:
    await bot.ok("sendMessage", chat_id=WANG.id, text="x", reply_markup=buttons("约" * 21 + "x"))
    refused = await bot.refused("sendMessage", chat_id=WANG.id, text="x", reply_markup=buttons("约" * 22))
    assert refused == (400, "Bad Request: BUTTON_DATA_INVALID")


async def test_4096_counts_after_the_markup_is_read(bot: RawBot) -> None:
    await bot.ok("sendMessage", chat_id=WANG.id, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML")


async def test_a_blocked_bot_hears_403_until_it_is_unblocked(sandbox: Sandbox, bot: RawBot) -> None:
    await sandbox.user(WANG.id).block()
    assert await bot.refused("sendMessage", chat_id=WANG.id, text="x") == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    await sandbox.user(WANG.id).unblock()
    await bot.ok("sendMessage", chat_id=WANG.id, text="x")
    ranks = [u["my_chat_member"]["new_chat_member"]["status"] for u in await bot.updates()]
    assert ranks == ["kicked", "member"]


async def test_pressing_start_opens_the_chat(sandbox: Sandbox, bot: RawBot) -> None:
    await sandbox.user(SHY.id).say("/start")
    await bot.ok("sendMessage", chat_id=SHY.id, text="欢迎")


async def test_a_bot_thrown_out_of_a_group_hears_403(sandbox: Sandbox, bot: RawBot) -> None:
    sandbox.set_bot_status(WORKSHOP.id, "kicked", by=LI.id)
    assert await bot.refused("sendMessage", chat_id=WORKSHOP.id, text="x") == (
        403,
        "Forbidden: bot was kicked from the supergroup chat",
    )


async def test_an_upgraded_group_names_its_successor(sandbox: Sandbox, bot: RawBot) -> None:
    sandbox.upgrade_group(OLD_GROUP.id, -1001000000501, by=LI.id)
    status, body = await bot.call("sendMessage", chat_id=OLD_GROUP.id, text="x")
    assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": -1001000000501})
    await bot.ok("sendMessage", chat_id=-1001000000501, text="x")
    to, joined, came_from = await bot.updates()
    assert to["message"]["migrate_to_chat_id"] == -1001000000501
    assert joined["my_chat_member"]["chat"]["id"] == -1001000000501
    assert joined["my_chat_member"]["old_chat_member"]["status"] == "left"
    assert came_from["message"]["migrate_from_chat_id"] == OLD_GROUP.id


async def test_an_edit_that_changes_nothing_is_refused(bot: RawBot) -> None:
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="一", reply_markup=buttons("a"))
    where = {"chat_id": WANG.id, "message_id": sent["message_id"]}
    status, description = await bot.refused("editMessageText", **where, text="一", reply_markup=buttons("a"))
    assert status == 400
    assert description.startswith("Bad Request: message is not modified")
    edited = await bot.ok("editMessageText", **where, text="一", reply_markup=buttons("b"))
    assert edited["reply_markup"] == buttons("b")


async def test_an_edit_without_buttons_takes_them_away(sandbox: Sandbox, bot: RawBot) -> None:
    sent = await bot.ok("sendMessage", chat_id=WANG.id, text="一", reply_markup=buttons("a"))
    await bot.ok("editMessageText", chat_id=WANG.id, message_id=sent["message_id"], text="二")
    seen = sandbox.chat(WANG.id).messages[-1]
    assert (seen.text, seen.buttons, "edit_date" in seen.raw) == ("二", [], True)


async def test_only_the_bots_own_existing_messages_can_be_edited(sandbox: Sandbox, bot: RawBot) -> None:
    theirs = await sandbox.user(WANG.id).say("您好")
    refused = await bot.refused("editMessageText", chat_id=WANG.id, message_id=theirs.id, text="x")
    assert refused == (400, "Bad Request: message can't be edited")
    refused = await bot.refused("editMessageText", chat_id=WANG.id, message_id=99, text="x")
    assert refused == (400, "Bad Request: message to edit not found")


async def test_deleting_ends_after_48_hours(sandbox: Sandbox, bot: RawBot, clock: FakeClock) -> None:
    old = await bot.ok("sendMessage", chat_id=WANG.id, text="旧")
    clock.advance(timedelta(hours=48, seconds=1))
    new = await bot.ok("sendMessage", chat_id=WANG.id, text="新")
    refused = await bot.refused("deleteMessage", chat_id=WANG.id, message_id=old["message_id"])
    assert refused == (400, "Bad Request: message can't be deleted for everyone")
    await bot.ok("deleteMessage", chat_id=WANG.id, message_id=new["message_id"])
    refused = await bot.refused("deleteMessage", chat_id=WANG.id, message_id=new["message_id"])
    assert refused == (400, "Bad Request: message to delete not found")
    assert [m.text for m in sandbox.chat(WANG.id).messages] == ["旧"]


async def test_a_photo_can_be_uploaded_sent_again_and_downloaded(bot: RawBot) -> None:
    form = FormData(
        {"chat_id": str(WANG.id), "photo": "attach://one", "caption": "<i>左前门</i>", "parse_mode": "HTML"}
    )
    form.add_field("one", PNG, filename="door.png", content_type="image/png")
    async with bot.session.post(f"{bot.url}/sendPhoto", data=form) as answer:
        sent = (await answer.json())["result"]
    size = sent["photo"][-1]
    assert (size["width"], size["height"], sent["caption"]) == (2, 3, "左前门")
    again = await bot.ok("sendPhoto", chat_id=LI.id, photo=size["file_id"])
    assert again["photo"] == sent["photo"]
    file = await bot.ok("getFile", file_id=size["file_id"])
    async with bot.session.get(bot.url.replace("/bot", "/file/bot") + "/" + file["file_path"]) as answer:
        assert await answer.read() == PNG


async def test_a_photo_must_be_a_picture_and_a_file_id_of_its_kind(bot: RawBot) -> None:
    form = FormData({"chat_id": str(WANG.id)})
    form.add_field("photo", b"no picture", filename="x.png")
    async with bot.session.post(f"{bot.url}/sendPhoto", data=form) as answer:
        assert (answer.status, (await answer.json())["description"]) == (
            400,
            "Bad Request: IMAGE_PROCESS_FAILED",
        )
    form = FormData({"chat_id": str(WANG.id)})
    form.add_field("document", b"PDF", filename="x.pdf")
    async with bot.session.post(f"{bot.url}/sendDocument", data=form) as answer:
        file_id = (await answer.json())["result"]["document"]["file_id"]
    refused = await bot.refused("sendPhoto", chat_id=WANG.id, photo=file_id)
    assert refused == (400, "Bad Request: can't use file of type Document as Photo")


async def test_a_photo_over_ten_megabytes_is_too_large(bot: RawBot) -> None:
    form = FormData({"chat_id": str(WANG.id)})
    form.add_field("photo", BytesIO(PNG + bytes(10 * 1024 * 1024)), filename="x.png")
    async with bot.session.post(f"{bot.url}/sendPhoto", data=form) as answer:
        assert (answer.status, (await answer.json())["description"]) == (413, "Request Entity Too Large")


async def test_a_copy_hides_where_it_came_from_and_a_forward_tells(sandbox: Sandbox, bot: RawBot) -> None:
    said = await sandbox.user(WANG.id).say("刹车有异响")
    where = {"chat_id": WORKSHOP.id, "from_chat_id": WANG.id, "message_id": said.id}
    copied = await bot.ok("copyMessage", **where)
    forwarded = await bot.ok("forwardMessage", **where)
    assert sandbox.chat(WORKSHOP.id).message(copied["message_id"]).raw["text"] == "刹车有异响"  # type: ignore[union-attr]
    assert "forward_origin" not in sandbox.chat(WORKSHOP.id).log[copied["message_id"]].raw
    assert forwarded["forward_origin"]["sender_user"]["id"] == WANG.id


async def test_parameters_come_as_json_form_or_query(sandbox: Sandbox, bot: RawBot) -> None:
    await bot.ok("sendMessage", chat_id=WANG.id, text="json")
    async with bot.session.post(f"{bot.url}/sendMessage", data={"chat_id": "101", "text": "form"}) as answer:
        assert answer.status == 200
    async with bot.session.get(
        f"{bot.url}/SENDMESSAGE", params={"chat_id": "101", "text": "query"}
    ) as answer:
        assert answer.status == 200
    assert [m.text for m in sandbox.chat(WANG.id).messages] == ["json", "form", "query"]


async def test_wrong_token_and_wrong_method(bot: RawBot) -> None:
    assert await RawBot(bot.session, bot.base, "4200:guess").refused("getMe") == (401, "Unauthorized")
    assert await bot.refused("sendTelepathy") == (404, "Not Found")


async def test_a_contact_can_only_be_asked_for_in_private(sandbox: Sandbox, bot: RawBot) -> None:
    keyboard = {"keyboard": [[{"text": "发送手机号", "request_contact": True}]]}
    refused = await bot.refused("sendMessage", chat_id=WORKSHOP.id, text="x", reply_markup=keyboard)
    assert refused == (400, "Bad Request: phone number can be requested in private chats only")
    await bot.ok("sendMessage", chat_id=WANG.id, text="x", reply_markup=keyboard)
    assert sandbox.chat(WANG.id).reply_keyboard == keyboard
    await bot.ok("sendMessage", chat_id=WANG.id, text="x", reply_markup={"remove_keyboard": True})
    assert sandbox.chat(WANG.id).reply_keyboard is None
