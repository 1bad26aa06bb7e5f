"""Chinese phone numbers as customers type them: +86 138-1234-5678, ０２１－６２３４５６７８ (B15, A3)."""

import re

from domain.moments.wording import half_width

_GAP = r"[ \-.]{1,2}"
_COUNTRY = rf"(?:\(?(?:\+|00)?86\)?(?:{_GAP})?)?"
_MOBILE = (
    rf"1[3-9]\d(?:\d{{8}}|{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{8}}"
    rf"|{_GAP}\d{{3}}{_GAP}\d{{5}}|\d{{4}}{_GAP}\d{{4}})"
)
_AREA = r"(?:0?10|0?2[0-57-9]|0?[3-9]\d{2})"
_LANDLINE = rf"\(?(?P<area>{_AREA})\)?(?:{_GAP})?(?P<local>[2-8]\d{{6,7}}|[2-8]\d{{2,3}}{_GAP}\d{{4}})"
_EDGE_BEFORE = r"(?<![0-9A-Za-z.+])(?<![0-9A-Za-z]-)"
_EDGE_AFTER = r"(?![0-9Xx])"
_TYPED = re.compile(
    rf"{_EDGE_BEFORE}(?:{_COUNTRY}(?P<mobile>{_MOBILE})|(?P<country>\(?(?:\+|00)86\)?(?:{_GAP})?)?{_LANDLINE})"
    rf"{_EDGE_AFTER}",
    re.ASCII,
)
_NOT_A_DIGIT = re.compile(r"\D")
_NORMAL = re.compile(r"\+86(?:1[3-9][0-9]{9}|(?P<area>10|2[0-57-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})")


class Phone(str):
    """A Chinese phone number in international form (+8613812345678): a string, stored as one.

    Raises ValueError for a string that is not in that form; typed text goes through `find_phone`.
    """

    __slots__ = ()

    def __new__(cls, normal: str) -> "Phone":
        """Take a number that is already in international form."""
        if not _NORMAL.fullmatch(normal):
            raise ValueError(f"{normal!r} is no Chinese phone number; it looks like +8613812345678.")
        return super().__new__(cls, normal)

    @property
    def is_mobile(self) -> bool:
        """Whether it is a mobile number (text messages reach it)."""
        return len(self) == 14 and self[3] == "1"

    @property
    def display(self) -> str:
        """As people write it: 138 1234 5678, 021-62345678."""
        if self.is_mobile:
            return f"{self[3:6]} {self[6:10]} {self[10:]}"
        area = self._area()
        return f"0{area}-{self[3 + len(area) :]}"

    @property
    def masked(self) -> str:
        """For groups (A3): 138****5678, 021-****5678."""
        return f"{self[3:6]}****{self[-4:]}" if self.is_mobile else f"0{self._area()}-****{self[-4:]}"

    def _area(self) -> str:
        found = _NORMAL.fullmatch(self)
        return found["area"] if found and found["area"] else ""


def find_phone(text: str) -> Phone | None:
    """The first phone number in a text; digits inside a longer run (identity card, VIN) are none."""
    found = locate_phone(text)
    return found[0] if found else None


def locate_phone(text: str) -> tuple[Phone, int, int] | None:
    """The first phone number with the place in the text where it stands (begin, stop)."""
    for found in _TYPED.finditer(half_width(text)):
        if found["mobile"]:
            national = _NOT_A_DIGIT.sub("", found["mobile"])
        elif found["country"] or found["area"].startswith("0"):
            national = found["area"].lstrip("0") + _NOT_A_DIGIT.sub("", found["local"])
        else:
            continue
        return Phone("+86" + national), found.start(), found.end()
    return None
