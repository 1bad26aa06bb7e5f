"""Number plates as customers type them: ` 沪 a·12345 `, 粤ＢＤ１２３４５, 京A-1234学 (B15, A3)."""

import re

from domain.moments.wording import half_width

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_TRADITIONAL = str.maketrans("滬雲遼魯蘇贛晉陝閩貴粵寧瓊", "沪云辽鲁苏赣晋陕闽贵粤宁琼")
_LETTER = "[A-HJ-NP-Z]"  # I and O are never used: they look like 1 and 0
_SIGN = "[A-HJ-NP-Z0-9]"
_ENDS = "学警挂港澳使领"
_ENERGY = "[A-HJK]"  # D and F families: pure electric A–E, other new energy F–K
_DOT = r"[ ·•・‧∙.\-_\t]{0,3}"
_GAP = r"[ ·•・‧∙.\-_\t]{0,2}"
_FLAGS = re.ASCII | re.IGNORECASE


def _spaced(*signs: str) -> str:
    return _GAP.join(signs)


_SERIAL = "|".join(
    (
        _spaced(_ENERGY, _SIGN, "[0-9]", "[0-9]", "[0-9]", "[0-9]"),  # new energy, small vehicles
        _spaced(*["[0-9]"] * 5) + _ENERGY,  # new energy, large vehicles
        _spaced(*[_SIGN] * 4, f"[{_ENDS}]"),
        _spaced(*[_SIGN] * 5),
    )
)
_TYPED = re.compile(
    rf"(?P<province>[{_PROVINCES}]){_DOT}(?P<city>{_LETTER}){_DOT}(?P<serial>{_SERIAL})(?![A-Z0-9点时:号月日])",
    _FLAGS,
)
_NORMAL = re.compile(rf"[{_PROVINCES}]{_LETTER}(?:{_SERIAL})", re.ASCII)
_DECORATION = re.compile(r"[^0-9A-Z" + _ENDS + "]")


class Plate(str):
    """A number plate in normal form (沪A12345): a string, so that it compares and is stored as one.

    Raises ValueError for a string that is not in normal form; typed text goes through `find_plate`.
    """

    __slots__ = ()

    def __new__(cls, normal: str) -> "Plate":
        """Take a plate that is already in normal form."""
        if not (
            _NORMAL.fullmatch(normal) and _has_figures(normal[2:]) and not _DECORATION.search(normal[1:])
        ):
            raise ValueError(f"{normal!r} is no number plate; it looks like 沪A12345 or 沪AD12345.")
        return super().__new__(cls, normal)

    @property
    def is_new_energy(self) -> bool:
        """Whether it is one of the eight-character plates of new-energy vehicles."""
        return len(self) == 8

    @property
    def display(self) -> str:
        """As it is printed on the metal: 沪A·12345."""
        return f"{self[:2]}·{self[2:]}"

    @property
    def masked(self) -> str:
        """For groups (A3): first sign and last two of the serial stay, so that staff recognise it: 沪A·1**45."""
        serial = self[2:]
        return f"{self[:2]}·{serial[0]}{'*' * (len(serial) - 3)}{serial[-2:]}"


def find_plate(text: str) -> Plate | None:
    """The first number plate in a text, however it is spaced, dotted, cased or full width; None without one."""
    found = locate_plate(text)
    return found[0] if found else None


def locate_plate(text: str) -> tuple[Plate, int, int] | None:
    """The first number plate with the place in the text where it stands (begin, stop)."""
    for found in _TYPED.finditer(half_width(text).translate(_TRADITIONAL)):
        serial = _DECORATION.sub("", found["serial"].upper())
        if _has_figures(serial):
            return Plate(found["province"] + found["city"].upper() + serial), found.start(), found.end()
    return None


def _has_figures(serial: str) -> bool:
    """A serial holds at least two figures: five letters in a row are a word, not a plate."""
    return sum(sign.isdigit() for sign in serial) >= 2
