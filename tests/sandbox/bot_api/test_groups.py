"""Groups and their topics: what the bot hears there, and how topics come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox import GroupChat, NotPossible, Sandbox
from tests.sandbox.bot_api.raw_bot import LI, OLD_GROUP, PEOPLE, SHY, TOKEN, WANG, WORKSHOP, RawBot

if TYPE_CHECKING:
    from tests.clock import FakeClock


async def test_a_topic_is_opened_written_to_renamed_closed_and_deleted(sandbox: Sandbox, bot: RawBot) -> None:
    topic = await bot.ok("createForumTopic", chat_id=WORKSHOP.id, name="返修")
    where = {"chat_id": WORKSHOP.id, "message_thread_id": topic["message_thread_id"]}
    sent = await bot.ok("sendMessage", **where, text="请查看")
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic["message_thread_id"], True)
    await bot.ok("editForumTopic", **where, name="返修单")
    assert await bot.refused("editForumTopic", **where, name="返修单") == (
        400,
        "Bad Request: TOPIC_NOT_MODIFIED",
    )
    await bot.ok("closeForumTopic", **where)
    with pytest.raises(NotPossible, match="话题已关闭"):
        await sandbox.user(WANG.id).say("x", WORKSHOP.id, topic["message_thread_id"])
    await bot.ok("deleteForumTopic", **where)
    assert await bot.refused("sendMessage", **where, text="x") == (
        400,
        "Bad Request: message thread not found",
    )
    assert [t.name for t in sandbox.chat(WORKSHOP.id).open_topics] == ["预约", "投诉"]
    assert not [m for m in sandbox.chat(WORKSHOP.id).messages if m.thread == topic["message_thread_id"]]


async def test_what_people_write_in_a_topic_says_so(sandbox: Sandbox, bot: RawBot) -> None:
    (thread, *_) = sandbox.chat(WORKSHOP.id).topics
    await sandbox.user(LI.id).say("收到", WORKSHOP.id, thread)
    (update,) = await bot.updates()
    assert update["message"]["message_thread_id"] == thread
    assert update["message"]["is_topic_message"] is True
    assert update["message"]["chat"] == {
        "id": WORKSHOP.id, "type": "supergroup", "title": "车间", "is_forum": True,
    }  # fmt: skip


async def test_topics_need_a_forum_and_an_administrator(sandbox: Sandbox, bot: RawBot) -> None:
    refused = await bot.refused("createForumTopic", chat_id=OLD_GROUP.id, name="x")
    assert refused == (400, "Bad Request: the chat is not a forum")
    sandbox.set_bot_status(WORKSHOP.id, "member", by=LI.id)
    refused = await bot.refused("createForumTopic", chat_id=WORKSHOP.id, name="x")
    assert refused == (400, "Bad Request: not enough rights to create a topic")


async def test_as_a_plain_member_the_bot_hears_only_what_is_meant_for_it(
    sandbox: Sandbox, bot: RawBot
) -> None:
    sandbox.set_bot_status(WORKSHOP.id, "member", by=LI.id)
    own = await bot.ok("sendMessage", chat_id=WORKSHOP.id, text="哪位接车？")
    li = sandbox.user(LI.id)
    await li.say("午饭吃什么", WORKSHOP.id)
    await li.say("/today", WORKSHOP.id)
    await li.say("@service_desk_bot 在吗", WORKSHOP.id)
    await li.say("我来", WORKSHOP.id, reply_to=own["message_id"])
    heard = [u["message"]["text"] for u in await bot.updates() if "message" in u]
    assert heard == ["/today", "@service_desk_bot 在吗", "我来"]
    sandbox.set_bot_status(WORKSHOP.id, "administrator", by=LI.id)
    await li.say("午饭吃什么", WORKSHOP.id)
    assert (await bot.updates())[-1]["message"]["text"] == "午饭吃什么"


async def test_members_and_strangers(bot: RawBot) -> None:
    ranks = [
        (await bot.ok("getChatMember", chat_id=WORKSHOP.id, user_id=user))["status"]
        for user in (LI.id, WANG.id, SHY.id, 4200)
    ]
    assert ranks == ["creator", "member", "left", "administrator"]
    refused = await bot.refused("getChatMember", chat_id=WORKSHOP.id, user_id=999)
    assert refused == (400, "Bad Request: PARTICIPANT_ID_INVALID")
    admins = await bot.ok("getChatAdministrators", chat_id=WORKSHOP.id)
    assert [admin["user"]["id"] for admin in admins] == [LI.id, 4200]


async def test_who_is_not_in_a_group_cannot_write_there(sandbox: Sandbox) -> None:
    with pytest.raises(NotPossible, match="不在这个聊天里"):
        await sandbox.user(SHY.id).say("x", WORKSHOP.id)


async def test_leaving_ends_writing(bot: RawBot) -> None:
    await bot.ok("leaveChat", chat_id=WORKSHOP.id)
    refused = await bot.refused("sendMessage", chat_id=WORKSHOP.id, text="x")
    assert refused == (403, "Forbidden: bot is not a member of the supergroup chat")


def test_a_group_of_people_without_phones_is_refused_at_the_start(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="add a PhoneOwner"):
        Sandbox(PEOPLE, [GroupChat(-1, "空", members=(5,))], token=TOKEN, clock=clock.now)
    with pytest.raises(ValueError, match="123456:letters"):
        Sandbox(PEOPLE, [], token="no-number", clock=clock.now)
