"""A bot reduced to its HTTP calls, and the cast that the sandbox tests play with."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox import GroupChat, PhoneOwner

if TYPE_CHECKING:
    from aiohttp import ClientSession

TOKEN = "4200:sandbox-token"
WANG = PhoneOwner(101, "王", "建国", phone="8613800138000", username="wang_jianguo", started=True)
LI = PhoneOwner(102, "李娜", role="服务顾问", started=True)
SHY = PhoneOwner(103, "赵敏")
WORKSHOP = GroupChat(-1001000000001, "车间", members=(LI.id, WANG.id), forum=True, topics=("预约", "投诉"))
OLD_GROUP = GroupChat(-501, "早会", members=(LI.id,), basic=True)
PEOPLE = (WANG, LI, SHY)
GROUPS = (WORKSHOP, OLD_GROUP)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAD0lEQVR4nGP4z8DAAMEMACf0AgEGrSTvAAAAAElFTkSuQmCC"
)
"""Two by three pixels."""


class RawBot:
    """Calls methods by JSON, and says what came back."""

    def __init__(self, session: ClientSession, base: str, token: str = TOKEN) -> None:
        self.session = session
        self.base = base
        self.url = f"{base}/bot{token}"

    async def call(self, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
        """HTTP status and body of one call."""
        async with self.session.post(f"{self.url}/{method}", json=params) as answer:
            return answer.status, await answer.json()

    async def ok(self, method: str, **params: Any) -> Any:
        """The result of a call that must be carried out."""
        status, body = await self.call(method, **params)
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Error code and description of a call that must be refused."""
        status, body = await self.call(method, **params)
        assert not body["ok"], body
        assert body["error_code"] == status
        return status, body["description"]

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """getUpdates."""
        found: list[dict[str, Any]] = await self.ok("getUpdates", **params)
        return found
