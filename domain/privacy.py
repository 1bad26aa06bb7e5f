"""What a group may read of what people wrote: plates and phone numbers blotted out (A3)."""

from domain.phones import locate_phone
from domain.plates import locate_plate


def masked(text: str) -> str:
    """`text` with every plate and phone number in its masked form; the rest as it was."""
    done, rest = "", text
    while found := _first(rest):
        shown, begin, stop = found
        done, rest = done + rest[:begin] + shown, rest[stop:]
    return done + rest


def _first(text: str) -> tuple[str, int, int] | None:
    """Masked form and place of the plate or phone number that comes first."""
    found = []
    if plate := locate_plate(text):
        found.append((plate[0].masked, plate[1], plate[2]))
    if phone := locate_phone(text):
        found.append((phone[0].masked, phone[1], phone[2]))
    return min(found, key=lambda each: each[1], default=None)
