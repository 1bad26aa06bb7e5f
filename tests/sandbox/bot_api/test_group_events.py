"""A group that goes wrong under the bot: what it is told, and what its calls are answered (R5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox import NotPossible
from tests.sandbox.bot_api.raw_bot import LI, OLD_GROUP, WANG, WORKSHOP, RawBot

if TYPE_CHECKING:
    from sandbox import Sandbox

HERE: dict[str, Any] = {"chat_id": WORKSHOP.id}
NO_THREAD = (400, "Bad Request: message thread not found")


async def changes(bot: RawBot) -> list[tuple[str, str, int]]:
    """Every my_chat_member so far: from which status to which, and by whom."""
    told = [update["my_chat_member"] for update in await bot.updates() if "my_chat_member" in update]
    return [(t["old_chat_member"]["status"], t["new_chat_member"]["status"], t["from"]["id"]) for t in told]


async def test_a_bot_thrown_out_is_told_refused_and_can_come_back(sandbox: Sandbox, bot: RawBot) -> None:
    sandbox.remove_bot(WORKSHOP.id, by=WANG.id)
    kicked = (403, "Forbidden: bot was kicked from the supergroup chat")
    for method, more in (
        ("sendMessage", {"text": "x"}),
        ("getChat", {}),
        ("createForumTopic", {"name": "x"}),
    ):
        assert await bot.refused(method, **HERE, **more) == kicked
    with pytest.raises(NotPossible, match="已经不在群里"):
        sandbox.remove_bot(WORKSHOP.id)
    sandbox.add_bot(WORKSHOP.id)
    await bot.ok("sendMessage", **HERE, text="我回来了")
    assert await changes(bot) == [
        ("administrator", "kicked", WANG.id),
        ("kicked", "member", LI.id),
        ("member", "administrator", LI.id),
    ]
    with pytest.raises(NotPossible, match="已经在群里"):
        sandbox.add_bot(WORKSHOP.id)


async def test_who_was_thrown_out_hears_nothing(sandbox: Sandbox, bot: RawBot) -> None:
    sandbox.remove_bot(WORKSHOP.id)
    await sandbox.user(LI.id).say("/today", WORKSHOP.id)
    assert [list(update)[1] for update in await bot.updates()] == ["my_chat_member"]


@pytest.mark.parametrize(
    ("group", "answer"),
    [
        (WORKSHOP.id, "Forbidden: bot is not a member of the supergroup chat"),
        (OLD_GROUP.id, "Forbidden: the group chat was deleted"),
    ],
)
@pytest.mark.parametrize("told", [True, False])
async def test_a_deleted_group_takes_no_messages(
    sandbox: Sandbox, bot: RawBot, group: int, answer: str, told: bool
) -> None:
    before = sandbox.chat(group).bot_status
    sandbox.delete_group(group, told=told)
    assert await changes(bot) == ([(before, "left", LI.id)] if told else [])
    assert await bot.refused("sendMessage", chat_id=group, text="x") == (403, answer)
    with pytest.raises(NotPossible, match="本群已解散"):
        await sandbox.user(LI.id).say("还在吗", group)
    with pytest.raises(NotPossible, match="本群已解散"):
        sandbox.add_bot(group)


async def test_a_deleted_topic_is_noticed_only_when_the_bot_writes_there(
    sandbox: Sandbox, bot: RawBot
) -> None:
    thread = next(iter(sandbox.chat(WORKSHOP.id).topics))
    card = await bot.ok("sendMessage", **HERE, message_thread_id=thread, text="投诉单")
    sandbox.delete_topic(WORKSHOP.id, thread)
    assert await bot.updates() == []
    assert await bot.refused("sendMessage", **HERE, message_thread_id=thread, text="x") == NO_THREAD
    edit = await bot.refused("editMessageText", **HERE, message_id=card["message_id"], text="y")
    assert edit == (400, "Bad Request: message to edit not found")
    with pytest.raises(NotPossible, match="话题已经不在了"):
        sandbox.delete_topic(WORKSHOP.id, thread)


async def test_topics_can_be_switched_off_and_on(sandbox: Sandbox, bot: RawBot) -> None:
    thread = next(iter(sandbox.chat(WORKSHOP.id).topics))
    sandbox.set_topics(WORKSHOP.id, on=False)
    assert await bot.refused("sendMessage", **HERE, message_thread_id=thread, text="x") == NO_THREAD
    not_a_forum = (400, "Bad Request: the chat is not a forum")
    assert await bot.refused("createForumTopic", **HERE, name="x") == not_a_forum
    sent = await bot.ok("sendMessage", **HERE, text="没有话题也行")
    assert "is_forum" not in sent["chat"]
    sandbox.set_topics(WORKSHOP.id, on=True)
    again = await bot.ok("sendMessage", **HERE, message_thread_id=thread, text="又有了")
    assert again["chat"]["is_forum"] is True
    with pytest.raises(NotPossible, match="请先升级"):
        sandbox.set_topics(OLD_GROUP.id, on=True)


async def test_an_upgraded_group_lives_on_with_its_people(sandbox: Sandbox, bot: RawBot) -> None:
    new = sandbox.upgrade_group(OLD_GROUP.id)
    assert new.id < -1_000_000_000_000
    await sandbox.user(LI.id).say("/today", new.id)
    status, body = await bot.call("sendMessage", chat_id=OLD_GROUP.id, text="x")
    assert (status, body["parameters"]["migrate_to_chat_id"]) == (400, new.id)
    with pytest.raises(NotPossible, match="请到新群里操作"):
        sandbox.remove_bot(OLD_GROUP.id)
