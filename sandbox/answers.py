"""What the Bot API answers when it refuses, word for word as bots know it.

A method raises `Refused`; the server turns it into ``{"ok": false, "error_code": …, "description": …}``.
"""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A Bot API call that was not carried out.

    `status` is the HTTP status and error_code, `description` the text after the family's name is added,
    `retry_after` seconds to wait (429 only), `migrate_to` the supergroup that replaced a basic group.
    """

    def __init__(
        self, status: int, description: str, *, retry_after: int | None = None, migrate_to: int | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to

    def body(self) -> dict[str, Any]:
        """The JSON that goes over the wire."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        parameters: dict[str, int] = {}
        if self.retry_after is not None:
            parameters["retry_after"] = self.retry_after
        if self.migrate_to is not None:
            parameters["migrate_to_chat_id"] = self.migrate_to
        if parameters:
            body["parameters"] = parameters
        return body


def bad_request(what: str) -> Refused:
    """400: the request makes no sense as it stands; sending it again will not help."""
    return Refused(400, f"Bad Request: {what}")


def forbidden(what: str) -> Refused:
    """403: the chat does not want this bot."""
    return Refused(403, f"Forbidden: {what}")


def conflict(what: str) -> Refused:
    """409: two ways of fetching updates at once."""
    return Refused(409, f"Conflict: {what}")


def unauthorized() -> Refused:
    """401: nobody has this token."""
    return Refused(401, "Unauthorized")


def not_found() -> Refused:
    """404: no such method or file."""
    return Refused(404, "Not Found")


def too_large() -> Refused:
    """413: the upload is over the service's limit."""
    return Refused(413, "Request Entity Too Large")


def too_many(retry_after: int) -> Refused:
    """429: wait `retry_after` seconds, then send again."""
    return Refused(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def upgraded(migrate_to: int) -> Refused:
    """400: the basic group lives on as the supergroup `migrate_to`."""
    return Refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to=migrate_to)


def not_modified() -> Refused:
    """400: an edit that changes neither content nor buttons."""
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message"
    )


def query_too_old() -> Refused:
    """400: the tap was answered too late, or never happened."""
    return bad_request("query is too old and response timeout expired or query ID is invalid")
