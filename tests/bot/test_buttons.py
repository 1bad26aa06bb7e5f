"""What a button carries comes back whole, and what was never written is not read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import MOST_CONVERSATION, MOST_TURN, decode, encode
from dialogs.core import Button
from service.ports import Tap

printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
words = st.tuples(
    st.text(printable, max_size=40).map(lambda key: key.replace(":", "_")), st.text(printable, max_size=40)
).filter(lambda pair: len(pair[0]) + len(pair[1]) <= 40)
taps = st.builds(
    lambda conversation, turn, word: Tap(conversation, turn, *word),
    st.integers(0, MOST_CONVERSATION),
    st.integers(0, MOST_TURN),
    words,
)


@given(taps)
def test_a_tap_comes_back_whole(tap: Tap) -> None:
    data = encode(tap)
    assert decode(data) == tap
    assert data.isascii()


def test_the_largest_button_fits_64_bytes() -> None:
    data = encode(Tap(MOST_CONVERSATION, MOST_TURN, "k" * 20, "v" * 20))
    assert len(data.encode()) <= 64


def test_it_is_written_shortly() -> None:
    assert encode(Tap(12345, 7, "day", "2026-11-24")) == "9ix.7.day:2026-11-24"


@given(st.text(max_size=70))
def test_anything_may_come_back(data: str) -> None:
    """Forged data is either nothing or exactly what we ourselves would have written."""
    tap = decode(data)
    assert tap is None or encode(tap) == data


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "yes",
        "1.2.yes",
        "1.2:yes",
        "01.2.yes:",
        "1.02.yes:",
        "-1.2.yes:",
        "A.2.yes:",
        "１.2.yes:",
        "1.2.好:",
        "1.2.yes:\n",
        "1.2.yes:1\n",
        " 1.2.yes:",
        "1y2p0ij32e8e8.0.k:",  # one conversation more than there can be
        "0.zik0zk.k:",  # one turn more than there can be
        "1.2." + "k" * 21 + ":" + "v" * 20,
        "1" * 5000 + ".2.yes:",
    ],
)
def test_what_we_never_wrote_is_not_read(forged: str) -> None:
    assert decode(forged) is None


@pytest.mark.parametrize(
    "tap",
    [
        Tap(-1, 0, "k"),
        Tap(0, -36, "k"),
        Tap(MOST_CONVERSATION + 1, 0, "k"),
        Tap(0, MOST_TURN + 1, "k"),
        Tap(1, 1, "k" * 41),
        Tap(1, 1, "k", "v" * 40),
        Tap(1, 1, "a:b"),
        Tap(1, 1, "好"),
        Tap(1, 1, "k", "a\nb"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_once(tap: Tap) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        encode(tap)


def test_every_button_a_dialog_may_make_can_be_sent() -> None:
    """The limit of dialogs/core.py is the limit here."""
    button = Button("slot", "v" * 36)
    assert decode(encode(Tap(1, 1, button.key, button.value))) == Tap(1, 1, button.key, button.value)
