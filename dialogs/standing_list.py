"""A list that stands in a chat: a colleague has one of each sort, and a new one takes the place of the old."""

from __future__ import annotations

from typing import Any

from dialogs.core import HERE, Home, Open, Tell

NEWER = "newer"
"""What the old list (or card) is told when a new one is on its way: it ends."""


def list_anew(dialog: str, subject: str, listed: Any = None, home: Home = HERE) -> tuple[Tell, Open]:
    """The old list of `dialog` about `subject` goes, a new one that remembers `listed` comes to `home`."""
    return Tell(dialog, subject, NEWER), Open(dialog, listed, home, subject)
