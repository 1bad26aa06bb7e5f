"""Recorded updates are understood, and no broken one stops the others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.updates import clean, decode
from tests.bot.channels.recorded_updates import MEANING, RECORDED, meaning, recorded


def test_every_recorded_update_has_a_meaning() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == MEANING.keys()


@pytest.mark.parametrize("name", MEANING)
def test_what_an_update_means(name: str) -> None:
    """R2: a person is the numeric id; bots, channels and anonymous administrators are nobody."""
    update = recorded(name)
    incoming = decode(update)
    assert meaning(incoming) == MEANING[name]
    assert (incoming.update_id, incoming.raw) == (update["update_id"], update)


def test_what_is_no_update_is_refused() -> None:
    for broken in ({}, {"update_id": "7"}, {"update_id": True}):
        with pytest.raises(ValueError, match="update_id"):
            decode(broken)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["from", "chat", "id", "type", "text", "photo", "contact", "message", "data"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(
    kind=st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member"]), body=json_values
)
def test_a_malformed_update_stops_nobody(kind: str, body: Any) -> None:
    incoming = decode({"update_id": 5, kind: body})
    assert incoming.update_id == 5


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in _places(each, (*path, key)))]


@pytest.mark.parametrize("wrong", [None, "x", -1, [], {}, 1.5, True])
def test_a_recorded_update_with_one_wrong_value_stops_nobody(wrong: Any) -> None:
    for name in MEANING:
        for *way, last in filter(None, _places(recorded(name))):
            update = recorded(name)
            place: Any = update
            for step in way:
                place = place[step]
            place[last] = wrong
            update["update_id"] = 5
            assert decode(update).update_id == 5


@given(st.text(st.characters(), max_size=20))
def test_clean_text_can_be_stored_and_sent(text: str) -> None:
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned) == cleaned
