"""What a button carries: a conversation, its turn, a key and a value in at most 64 bytes of callback data.

Written ``<conversation>.<turn>.<key>:<value>``, the numbers in base 36. Callback data comes back from the
person's own device and can be forged: nothing here says that a press is allowed (R2), only what it means.
"""

from __future__ import annotations

import re
from typing import Final

from service.ports import Tap

MOST_BYTES: Final = 64  # callback_data, Bot API
MOST_WORD_BYTES: Final = (
    40  # key and value together: leaves room for the largest numbers and three separators
)
MOST_CONVERSATION: Final = 2**63 - 1  # a 64-bit row number: 13 digits
MOST_TURN: Final = 2**31 - 1  # a 32-bit counter: 6 digits

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_NUMBER: Final = r"(0|[1-9a-z][0-9a-z]{0,12})"  # one spelling per number: no leading zeros
_WRITTEN: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.([ -9;-~]{{0,40}}):([ -~]{{0,40}})")


def encode(tap: Tap) -> str:
    """Callback data for `tap`: ASCII, at most 64 bytes.

    Raises ValueError when key and value exceed 40 printable ASCII bytes, the key holds a colon, or a number
    is negative or larger than the database can count.
    """
    data = f"{_base36(tap.conversation)}.{_base36(tap.turn)}.{tap.key}:{tap.value}"
    if _read(data) != (tap.conversation, tap.turn, tap.key, tap.value):
        raise ValueError(
            f"Button {tap.key}={tap.value} cannot be sent: use at most {MOST_WORD_BYTES} printable ASCII bytes, "
            "no colon in the key, and numbers that the database has given out."
        )
    return data


def decode(data: str) -> Tap | None:
    """What `data` stands for; None for anything that `encode` has not written. Never raises."""
    found = _read(data)
    return None if found is None else Tap(*found)


def _read(data: str) -> tuple[int, int, str, str] | None:
    written = _WRITTEN.fullmatch(data)
    if written is None:
        return None
    conversation, turn = int(written[1], 36), int(written[2], 36)
    key, value = written[3], written[4]
    if conversation > MOST_CONVERSATION or turn > MOST_TURN or len(key) + len(value) > MOST_WORD_BYTES:
        return None
    return conversation, turn, key, value


def _base36(number: int) -> str:
    if number < 0:
        return "-"
    digits = ""
    while number >= 36:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return _DIGITS[number] + digits
