"""Buttons laid out below a card."""

from collections.abc import Iterable

from dialogs.core import Button, Rows


def in_rows(buttons: Iterable[Button], width: int, *last: tuple[Button, ...]) -> Rows:
    """Buttons `width` to a row, then the rows of `last` that are not empty."""
    every = tuple(buttons)
    rows = tuple(every[begin : begin + width] for begin in range(0, len(every), width))
    return rows + tuple(row for row in last if row)
