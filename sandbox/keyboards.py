"""Buttons under a message and under the text field: what the service accepts of `reply_markup`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers import bad_request

if TYPE_CHECKING:
    from sandbox.parameters import Parameters

LARGEST_DATA = 64  # bytes of callback_data, as the Bot API documents
MOST_BUTTONS = 100
ACTIONS = ("callback_data", "url", "web_app", "login_url", "switch_inline_query",
           "switch_inline_query_current_chat", "copy_text", "pay")  # fmt: skip

Json = dict[str, Any]


def read_markup(p: Parameters) -> Json | None:
    """The checked `reply_markup` of a call, None when there is none. 400 as the service words it."""
    markup = p.tree("reply_markup")
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = [[_inline_button(button) for button in row] for row in _rows(markup["inline_keyboard"])]
        return {"inline_keyboard": [row for row in rows if row]}
    if "keyboard" in markup:
        rows = [[_reply_button(button) for button in row] for row in _rows(markup["keyboard"])]
        return {**markup, "keyboard": rows}
    if markup.get("remove_keyboard") is True or markup.get("force_reply") is True:
        return dict(markup)
    raise bad_request("can't parse reply keyboard markup JSON object")


def read_inline(p: Parameters) -> Json | None:
    """The `reply_markup` of an edit: only inline buttons can be there."""
    markup = read_markup(p)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup if markup and markup["inline_keyboard"] else None


def _rows(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse keyboard: array of arrays of buttons expected")
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return rows


def _inline_button(given: Any) -> Json:
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    button: Json = {name: value for name, value in given.items() if value is not None}
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if not any(action in button for action in ACTIONS):
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    if data is not None and not (isinstance(data, str) and 0 < len(data.encode()) <= LARGEST_DATA):
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not str(url).startswith(("http://", "https://", "tg://")):
        raise bad_request("BUTTON_URL_INVALID")
    return button


def _reply_button(button: Any) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("keyboard button text must be non-empty")
    return {name: value for name, value in button.items() if value is not None}
