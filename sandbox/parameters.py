"""The parameters of a Bot API call, however the library sends them: query, form, multipart or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.answers import bad_request, too_large

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    content_type: str
    data: bytes


class Parameters:
    """Typed reading of one call's parameters. Every reader raises 400 when a value has the wrong kind."""

    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> None:
        self.values = dict(values)
        self.uploads = dict(uploads or {})

    def has(self, name: str) -> bool:
        """Whether the call carries this parameter at all, as value or as file."""
        return self.values.get(name) is not None or name in self.uploads

    def text(self, name: str) -> str | None:
        """A String; numbers are taken as written, as the service does."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            return json.dumps(value)
        raise bad_request(f'field "{name}" must be of type String')

    def number(self, name: str) -> int | None:
        """An Integer, also when it was sent as digits."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError):
            raise bad_request(f'field "{name}" must be of type Integer') from None

    def needed_number(self, name: str, refusal: str) -> int:
        """An Integer that must be there; `refusal` is the 400 text when it is not."""
        value = self.number(name)
        if value is None:
            raise bad_request(refusal)
        return value

    def flag(self, name: str) -> bool:
        """A Boolean; absent is false."""
        value = self.values.get(name)
        return value is True or str(value).lower() in ("true", "1", "yes")

    def tree(self, name: str) -> Any:
        """An object or array, JSON-serialised or (in a JSON body) as it is. None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f'can\'t parse JSON object in "{name}"') from None

    def fields(self, name: str) -> dict[str, Any]:
        """An object; empty when absent."""
        value = self.tree(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad_request(f'field "{name}" must be an Object')
        return value

    def numbers(self, name: str) -> list[int]:
        """An array of Integers; empty when absent."""
        try:
            return [int(value) for value in self.items(name)]
        except (TypeError, ValueError, OverflowError):
            raise bad_request(f'field "{name}" must be an Array of Integer') from None

    def items(self, name: str) -> list[Any]:
        """An array; empty when absent."""
        value = self.tree(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f'field "{name}" must be of type Array')
        return value


async def read_parameters(request: web.Request) -> Parameters:
    """Read query and body of one HTTP request. 400 for broken JSON, 413 for an upload over the limit."""
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            values.update(_object(await request.text()))
        elif request.method == "POST":
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    uploads[name] = Upload(value.filename, value.content_type, value.file.read())
                else:
                    values[name] = value if isinstance(value, str) else bytes(value).decode()
    except web.HTTPRequestEntityTooLarge:
        raise too_large() from None
    return Parameters(values, uploads)


def _object(body: str) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("JSON body must be an object")
    return value
