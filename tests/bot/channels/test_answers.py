"""Whatever comes back for a letter, it is judged and nothing is raised."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.answers import REFUSALS, classify, read_answer
from bot.channels.cures import cure
from service.ports import Delivered, Delivery, Gone, Letter, Stopped, TryLater, Unknown

LETTER = Letter(1, 101, "您好")
EDIT = Letter(1, 101, "您好", edits=77)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "ok",
                    "result",
                    "error_code",
                    "description",
                    "parameters",
                    "retry_after",
                    "migrate_to_chat_id",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=8,
)


@given(status=st.integers(100, 599), body=anything.map(json.dumps) | st.binary(max_size=30))
def test_any_answer_is_judged(status: int, body: str | bytes) -> None:
    answer = read_answer(status, body)
    assert isinstance(classify(LETTER, answer), get_args(Delivery))
    assert cure(answer).endswith("。")


@given(status=st.sampled_from([200, 302, 408, 500, 502, 503, 504]), page=st.text(max_size=30))
def test_a_page_that_may_hide_a_delivery_is_never_sent_again_at_once(status: int, page: str) -> None:
    """Who cannot know whether it was delivered says so."""
    assert isinstance(classify(LETTER, read_answer(status, f"<html>{page}")), Unknown)


@pytest.mark.parametrize(
    ("status", "judged"),
    [
        (400, TryLater("HTTP 400 without an answer of the Bot API")),
        (401, TryLater("HTTP 401 without an answer of the Bot API")),
        (403, TryLater("HTTP 403 without an answer of the Bot API")),
        (407, TryLater("HTTP 407 without an answer of the Bot API")),
        (413, Gone("letter", "HTTP 413 without an answer of the Bot API")),
        (429, TryLater("HTTP 429 without an answer of the Bot API")),
    ],
)
def test_a_proxy_that_refuses_speaks_for_nobody(status: int, judged: Delivery) -> None:
    """Its 403 does not say that a customer has blocked us, nor its 401 that the token is wrong."""
    assert classify(LETTER, read_answer(status, "<html>squid</html>")) == judged


@pytest.mark.parametrize(
    ("result", "number"),
    [
        ({"message_id": 5, "message_thread_id": 3}, 5),
        ({"message_thread_id": 9, "name": "前台"}, 9),
        (True, 77),
        (None, 77),
    ],
)
def test_what_was_delivered_has_a_number(result: Any, number: int) -> None:
    assert classify(EDIT, read_answer(200, json.dumps({"ok": True, "result": result}))) == Delivered(number)


def _refusal(status: int, description: str, **parameters: int) -> str:
    return json.dumps(
        {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    )


@pytest.mark.parametrize(
    ("seconds", "after"),
    [(1, timedelta(seconds=1)), (86_400, timedelta(days=1)), (0, None), (-5, None), (10**12, None)],
)
def test_the_service_says_how_long_to_wait(seconds: int, after: timedelta | None) -> None:
    answer = read_answer(429, _refusal(429, "Too Many Requests", retry_after=seconds))
    assert classify(LETTER, answer) == TryLater("Too Many Requests", after)


def test_an_error_dressed_as_success_is_no_delivery() -> None:
    assert classify(
        LETTER, read_answer(200, _refusal(403, "Forbidden: bot was blocked by the user"))
    ) == Gone("chat", "Forbidden: bot was blocked by the user")


def test_only_an_edit_can_be_unmodified() -> None:
    answer = read_answer(400, _refusal(400, "Bad Request: message is not modified"))
    assert classify(EDIT, answer) == Delivered(77)
    assert isinstance(classify(LETTER, answer), Gone)


@pytest.mark.parametrize("status", [402, 405, 410, 422])
def test_another_refusal_of_the_service_is_our_mistake(status: int) -> None:
    assert classify(LETTER, read_answer(status, _refusal(status, "?"))) == Gone("letter", "?")


def test_no_refusal_is_hidden_behind_a_wider_one() -> None:
    """The first match decides: a phrase that holds an earlier one of another kind would never be reached."""
    hidden = [
        (phrase, earlier)
        for at, (phrase, what) in enumerate(REFUSALS)
        for earlier, other in REFUSALS[:at]
        if earlier in phrase and other != what
    ]
    assert hidden == []
    assert all(phrase == phrase.lower() for phrase, _ in REFUSALS)


def test_a_stop_names_its_cure() -> None:
    for status, words in ((401, "BOT_TOKEN"), (404, "BOT_TOKEN"), (409, "停掉其中一个")):
        answer = read_answer(status, _refusal(status, "…"))
        assert isinstance(classify(LETTER, answer), Stopped)
        assert words in cure(answer)
