"""What the operator reads when the messaging service cannot be used: why, and what to do about it.

These sentences are for the terminal and the log of whoever runs the program, not for customers or staff.
"""

from __future__ import annotations

from typing import Final

from bot.channels.answers import ApiAnswer

MALFORMED_TOKEN: Final = "BOT_TOKEN 的格式不对，请从 @BotFather 重新复制完整的令牌，形如 123456:ABC-DEF。"  # noqa: S105
WRONG_TOKEN: Final = "BOT_TOKEN 不被 Telegram 接受，请向 @BotFather 核对令牌，改正 BOT_TOKEN 后再启动。"  # noqa: S105
OTHER_POLLER: Final = "另有一个程序正用同一个 BOT_TOKEN 收取消息，请停掉其中一个。"
NO_SECRET: Final = "使用 WEBHOOK_URL 时还要设置 WEBHOOK_SECRET，请填写一串随机的英文字母和数字。"  # noqa: S105


def cure(answer: ApiAnswer) -> str:
    """One sentence for an answer that is an error."""
    if not answer.status or not answer.reached:
        return f"连不上 Telegram（{answer.description}），请检查网络和 BOT_API_BASE。"
    if answer.status in (401, 404):
        return WRONG_TOKEN
    if answer.status == 409:
        return OTHER_POLLER
    return f"Telegram 暂时不能服务（{answer.description}），请稍后再试。"


def refused_webhook(description: str) -> str:
    """The service does not want the webhook's address."""
    return f"Telegram 拒绝了 WEBHOOK_URL（{description}），请改正后再启动。"


def cannot_listen(host: str, port: int, why: str) -> str:
    """The webhook's own place is taken or forbidden."""
    return f"不能在 {host}:{port} 上监听（{why}），请修改 WEBHOOK_LISTEN 后再启动。"
