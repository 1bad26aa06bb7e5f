"""The same form by python-telegram-bot's ConversationHandler, kept by its pickle persistence."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import Application, ConversationHandler, MessageHandler, PicklePersistence, filters

QUESTIONS = ("name", "phone", "plate", "service")


def take(step: int) -> Callable[[Update, Any], Coroutine[Any, Any, int]]:
    """The handler that takes the answer to question `step` - 1 and asks question `step`, or reads it all."""

    async def handler(update: Update, context: Any) -> int:
        assert update.message is not None
        if step > 0:
            context.user_data[QUESTIONS[step - 1]] = update.message.text
        if step < len(QUESTIONS):
            await update.message.reply_text(f"{QUESTIONS[step]}?")
            return step
        await update.message.reply_text(" ".join(str(context.user_data[key]) for key in QUESTIONS))
        return ConversationHandler.END

    return handler


def main() -> None:
    """Poll until interrupted."""
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(os.environ["BOT_API_BASE"] + "/bot")
        .persistence(PicklePersistence("conversations.pickle"))
        .build()
    )
    form: Any = ConversationHandler(
        entry_points=[MessageHandler(filters.TEXT, take(0))],
        states={step: [MessageHandler(filters.TEXT, take(step + 1))] for step in range(len(QUESTIONS))},
        fallbacks=[],
        name="form",
        persistent=True,
    )
    application.add_handler(form)
    application.run_polling()


main()
