"""What the page sends with a request: numbers, words, files; a person is told in Chinese what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web
from multidict import MultiMapping

from sandbox.parameters import Upload
from sandbox.phones import NotPossible

if TYPE_CHECKING:
    from collections.abc import Mapping


async def read_form(request: web.Request) -> Mapping[str, Any]:
    """The fields of a request, sent as JSON or as a form. NotPossible when they are neither."""
    if request.content_type != "application/json":
        return await request.post()
    try:
        form = await request.json()
    except ValueError:
        form = None
    if not isinstance(form, dict):
        raise NotPossible("请求格式不对：需要一个 JSON 对象。")
    return form


def number(form: Mapping[str, Any], name: str) -> int:
    """A whole number that must be there."""
    try:
        return int(form[name])
    except (KeyError, TypeError, ValueError):
        raise NotPossible(f"请求不完整：缺少数字「{name}」。") from None


def words(form: Mapping[str, Any], name: str) -> str:
    """A text that must be there; it may be empty."""
    value = form.get(name)
    if not isinstance(value, str):
        raise NotPossible(f"请求不完整：缺少文字「{name}」。")
    return value


def fraction(form: Mapping[str, Any], name: str) -> float:
    """A number that must be there."""
    try:
        return float(form[name])
    except (KeyError, TypeError, ValueError):
        raise NotPossible(f"请求不完整：缺少数字「{name}」。") from None


def files(form: Mapping[str, Any]) -> list[Upload]:
    """The files of a form, in the order of their choosing; [] for a form in JSON."""
    if not isinstance(form, MultiMapping):
        return []
    found = [file for file in form.getall("file", []) if isinstance(file, web.FileField)]
    return [Upload(file.filename, file.content_type, file.file.read()) for file in found]


def thread(form: Mapping[str, Any]) -> int | None:
    """The topic, None for the general one."""
    return None if form.get("thread") in (None, "", "null") else number(form, "thread")
