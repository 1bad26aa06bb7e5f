"""What a colleague types of an order: items with prices, the notes of the car, or all of it in one line (O1).

Pure reading, tolerant of the order of things, full width, 元 and 块. Nothing is guessed that is not read back later.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.moments import Moment, understand_moment
from domain.moments.wording import half_width, tidy
from domain.order_cells import MOST_KILOMETRES, MOST_YUAN
from domain.plates import Plate, locate_plate
from domain.repair_orders import Arrival, PartsOrigin

MOST_ITEMS = 20
"""Lines of one order; things noted of one car."""

LONGEST_NAME = 40
"""Characters of an item or of a thing in the car."""

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
_SUM = rf"(?:[¥￥]|rmb)?(?P<sum>[+-]?{_NUMBER}(?:e\+?[0-9]+)?)(?P<wan>万)?(?P<unit>元整?|圆整?|块钱?|rmb)?"
_PRICE = re.compile(_SUM, re.IGNORECASE | re.ASCII)
_GLUED = re.compile(rf"(?P<name>.*[\u3400-\u9fff)])(?P<price>{_SUM})", re.IGNORECASE | re.ASCII)
_TOTAL = re.compile(
    rf"(?:一共|总共|共计?|合计|总计|总价|总额|共)[:是]?(?P<price>{_SUM})", re.IGNORECASE | re.ASCII
)
_MARK = re.compile(r"(?<![0-9])\s*[:=]\s*(?=[¥￥+\-0-9])")  # 小保养:398
_GROUPED = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_PARTING = re.compile(r"[、,;|\n\r]+")
_NUMBERING = re.compile(r"(?:^|(?<=[\n\r;,、]))\s*[0-9]{1,2}[.、)](?![0-9])")
_ORIGINS = {
    PartsOrigin.CUSTOMER: r"(?:客户|车主|顾客)?自[备带](?:配?件|零件)?",
    PartsOrigin.AFTERMARKET: r"(?:用)?副厂(?:配?件)?",
    PartsOrigin.GENUINE: r"(?:用)?(?:正厂|原厂)(?:配?件)?",
}
_ORIGIN = {origin: re.compile(words) for origin, words in _ORIGINS.items()}
_ORIGIN_ALONE = re.compile(rf"\(?(?:{'|'.join(_ORIGINS.values())})\)?")
_ORIGIN_IN_BRACKETS = re.compile(rf"\((?:{'|'.join(_ORIGINS.values())})\)")
_BEFORE_TIME = re.compile(r"(?:承诺|预计|约定|交车|取车|提车|时间|大概|大约|最晚|约|于|在|到|:)+\Z")
_AFTER_TIME = re.compile(r"\A(?:[之以]?前|左右|交车|取车|提车|交付|完工|能取|可取|来取)+")

_WAY = re.compile(
    rf"(?:公里数?|里程数?|已行驶|行驶)[:是]?(?P<first>{_NUMBER})(?P<first_wan>万)?(?:公里|千米|km)?"
    rf"|(?P<way>{_NUMBER})(?P<wan>万)?(?:公里|千米|km)(?!首?保|[大小]保)",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"钥匙(?:牌|号码?|编号)?[:是#]?第?(?P<key>[0-9A-Za-z][0-9A-Za-z-]{0,11})(?:号牌?)?|(?P<plain>[0-9]{1,4})号钥匙"
)
_KEY_ALONE = re.compile(r"第?(?P<key>[0-9A-Za-z][0-9A-Za-z-]{0,11})号?牌?")
_LEVELS = {
    "空": 0, "见底": 0, "四分之一": 2, "1/4": 2, "一半": 4, "半": 4, "二分之一": 4, "1/2": 4,
    "四分之三": 6, "3/4": 6, "满": 8,
} | {f"{eighths}/8": eighths for eighths in range(9)}  # fmt: skip
_LEVEL = "|".join(sorted(_LEVELS, key=len, reverse=True))
_FUEL = re.compile(
    rf"(?:油箱|油量|油表|汽油|(?<![\u3400-\u9fff])油)(?:还?剩|是|有|:)?(?P<level>{_LEVEL})(?:箱|格)?(?![\u3400-\u9fff])"
    rf"|(?P<first>{_LEVEL})(?:箱油?|油)(?![\u3400-\u9fff])"
)
_FUEL_ALONE = re.compile(rf"(?P<level>{_LEVEL})(?:箱|格|油|的|了)*")
_HEADING = re.compile(r"\A(?:随车)?(?:证件|物品|单据)(?:有|是)?:|\A随车(?:有|:)")
_FRACTIONS = str.maketrans({"¼": "1/4", "½": "1/2", "¾": "3/4"})


class LineFault(StrEnum):
    """Why typed items cannot be taken as they are."""

    PRICE = "price"  # negative, huge, parts of a fen, or a price without an item
    LONG = "long"  # a name of more than LONGEST_NAME characters
    MANY = "many"  # more than MOST_ITEMS
    NOTHING = "nothing"  # no item at all


class WrongLine(ValueError):
    """Typed items that cannot be taken: `fault` says why, `words` where."""

    def __init__(self, fault: LineFault, words: str = "") -> None:
        super().__init__(fault.value)
        self.fault, self.words = fault, words[:LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is to be done; `price` in yuan and `origin` None where they were not said."""

    name: str
    price: Decimal | None = None
    origin: PartsOrigin | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A whole order in one line. `total` is a sum that belongs to no single item; `arrival` has no things in it."""

    plate: Plate | None = None
    wishes: tuple[Wish, ...] = ()
    moment: Moment | None = None
    total: Decimal | None = None
    arrival: Arrival = field(default_factory=Arrival)


# ---------------------------------------------------------------- prices and items


def read_price(text: str) -> Decimal | None:
    """The sum in yuan that the whole text is: 398, １，２８０元, ¥1.2万; None for anything else, negative or huge."""
    found = _PRICE.fullmatch("".join(half_width(text).split()))
    return _yuan(found) if found else None


def read_wishes(text: str, known: Collection[str] = ()) -> tuple[Wish, ...]:
    """Items one per line or parted by 、，；, each with its price behind it (or in front, where there is one only).

    `known` names are items of their own also where only a blank parts them. Raises WrongLine.
    """
    wishes, sums = _wishes(_plain(text), known)
    if len(wishes) == len(sums) == 1 and wishes[0].price is None:
        return (replace(wishes[0], price=sums[0]),)
    if sums:
        raise WrongLine(LineFault.PRICE, f"{sums[0]}")
    if not wishes:
        raise WrongLine(LineFault.NOTHING)
    return wishes


def read_order_line(text: str, now: datetime, known: Collection[str] = ()) -> OrderLine:
    """Plate, items, promised time, sum, mileage, fuel and key in any order; `now` is aware store time.

    A sum apart from the items is the price of the only one without price, else the total. Raises WrongLine.
    """
    line, rest = OrderLine(), text.translate(_FRACTIONS)
    if found := locate_plate(rest):
        line, rest = replace(line, plate=found[0]), f"{rest[: found[1]]}\n{rest[found[2] :]}"
    arrival, rest = _notes(_plain(rest))
    moment, rest = _without_moment(rest, now)
    rest, total = _without_total(rest)
    wishes, sums = _wishes(rest, known)
    if total is not None:
        sums = (*sums, total)
    unpriced = [wish for wish in wishes if wish.price is None]
    if len(sums) > 1:
        raise WrongLine(LineFault.PRICE, f"{sums[1]}")
    if sums and len(unpriced) == 1 and (total is None or len(wishes) == 1):
        wishes = tuple(replace(wish, price=sums[0]) if wish.price is None else wish for wish in wishes)
        sums = ()
    return replace(line, wishes=wishes, moment=moment, total=sums[0] if sums else None, arrival=arrival)


def plain_name(name: str) -> str:
    """A service's name as people type it: without what stands in brackets behind it."""
    return half_width(name).partition("(")[0].strip()


def _plain(text: str) -> str:
    """Half width, sums in one piece, no numbering; the price set apart where a colon stands before it."""
    typed = _GROUPED.sub(lambda found: found[0].replace(",", ""), text)
    return _MARK.sub(" ", _NUMBERING.sub("\n", half_width(typed)))


def _wishes(text: str, known: Collection[str]) -> tuple[tuple[Wish, ...], tuple[Decimal, ...]]:
    """The items, and the sums that stand with none of them."""
    heard = _Heard(known)
    for part in _PARTING.split(text):
        for word in _words(part):
            heard.word(word)
        heard.close()
    if len(heard.wishes) > MOST_ITEMS:
        raise WrongLine(LineFault.MANY, heard.wishes[MOST_ITEMS].name)
    return tuple(heard.wishes), tuple(heard.sums)


class _Heard:
    """What was read so far, word by word: whole items, sums without one, and the item that is being named."""

    def __init__(self, known: Collection[str]) -> None:
        self.wishes: list[Wish] = []
        self.sums: list[Decimal] = []
        self._known = known
        self._names: list[str] = []
        self._origin: PartsOrigin | None = None

    def word(self, word: str) -> None:
        if price := _PRICE.fullmatch(word):
            self._price(_must(price))
        elif _ORIGIN_ALONE.fullmatch(word):
            self._said_origin(_origin(word))
        elif any(sign.isalnum() for sign in word):
            if self._names and (word in self._known or " ".join(self._names) in self._known):
                self.close()
            self._names.append(word)

    def close(self, price: Decimal | None = None) -> None:
        """The item that is being named is complete."""
        if self._names:
            self.wishes.append(_wish(self._names, price, self._origin))
        self._names, self._origin = [], None

    def _price(self, price: Decimal) -> None:
        if self._names:
            self.close(price)
        else:
            self.sums.append(price)

    def _said_origin(self, origin: PartsOrigin | None) -> None:
        """Before the price, or behind it: 刹车片 850 副厂."""
        if self._names or not self.wishes or self.wishes[-1].origin is not None:
            self._origin = origin
        else:
            self.wishes[-1] = replace(self.wishes[-1], origin=origin)


def _words(part: str) -> list[str]:
    """小保养398元 is two words, 5W30 and 2条 are one."""
    words: list[str] = []
    for word in part.split():
        glued = _GLUED.fullmatch(word)
        sure = glued and (glued["unit"] or glued["name"].endswith(")") or len(glued["sum"].lstrip("+-")) > 1)
        if glued and sure:
            words += [glued["name"], glued["price"]]
        else:
            words.append(word)
    return words


def _wish(names: list[str], price: Decimal | None, origin: PartsOrigin | None) -> Wish:
    said = " ".join(names)
    name = _ORIGIN_IN_BRACKETS.sub("", said).strip() or said
    if len(name) > LONGEST_NAME:
        raise WrongLine(LineFault.LONG, name)
    return Wish(name, price, origin or _origin(said))


def _origin(words: str) -> PartsOrigin | None:
    return next((origin for origin, pattern in _ORIGIN.items() if pattern.search(words)), None)


def _must(found: re.Match[str]) -> Decimal:
    if (yuan := _yuan(found)) is None:
        raise WrongLine(LineFault.PRICE, found[0])
    return yuan


def _yuan(found: re.Match[str]) -> Decimal | None:
    """Exact to the fen; None when it is negative, huge, or divides a fen."""
    if len(found["sum"]) > 15:
        return None
    said, unit = Decimal(found["sum"].replace(",", "")), 10_000 if found["wan"] else 1
    if said.is_signed() or said >= MOST_YUAN / unit:  # not multiplied yet: 1e400400400 is a number too
        return None
    sum_ = said * unit
    cents = sum_.quantize(Decimal("0.01"))
    return cents if cents == sum_ else None


def _without_total(text: str) -> tuple[str, Decimal | None]:
    found = _TOTAL.search(text)
    return (
        (text, None) if found is None else (f"{text[: found.start()]}\n{text[found.end() :]}", _must(found))
    )


# ---------------------------------------------------------------- the promised time


def _without_moment(text: str, now: datetime) -> tuple[Moment | None, str]:
    """The time that was promised, and the text without it; items that stood between day and hour stay."""
    commas = re.sub(r"\s", ",", text)  # blanks beside Chinese signs would vanish, and places with them
    neat = tidy(commas)
    moment = understand_moment(neat, now)
    if moment is not None and moment.grain != "minute":  # 更换5号电池 今天17:00
        alone = (understand_moment(word, now) for word in neat.split(","))
        moment = next((each for each in alone if each is not None and each.grain == "minute"), moment)
    if moment is None or (begin := neat.find(moment.words)) < 0:
        return None, text
    stop = begin + len(moment.words)
    kept = text if len(neat) == len(text) else neat
    between = (word for word in re.split(r"[\s,]+", kept[begin:stop]) if word)
    items = "\n".join(word for word in between if understand_moment(word, now) is None)
    before, after = _BEFORE_TIME.sub("", kept[:begin].rstrip()), _AFTER_TIME.sub("", kept[stop:].lstrip())
    return moment, f"{before}\n{items}\n{after}"


# ---------------------------------------------------------------- the car


def read_mileage(text: str) -> int | None:
    """Whole kilometres, with or without unit: 12345, １.２万公里; None for anything else or an impossible way."""
    plain = "".join(half_width(text).split())
    found = _WAY.fullmatch(plain) or _WAY.fullmatch(f"{plain}km")
    return _kilometres(found) if found else None


def read_fuel(text: str) -> int | None:
    """Eighths of the tank: 半箱, 3/4, 满, 油量1/8; None when the text says anything else."""
    plain = "".join(half_width(text.translate(_FRACTIONS)).split())
    found = _FUEL_ALONE.fullmatch(plain) or _FUEL.fullmatch(plain)
    return _LEVELS[found["level"] or found["first"]] if found else None


def read_key(text: str) -> str:
    """The number on the key's tag: 3, A-12, 钥匙3号; "" when the text is none."""
    plain = "".join(half_width(text).split())
    if alone := _KEY_ALONE.fullmatch(plain):
        return alone["key"]
    found = _KEY.fullmatch(plain)
    return found["key"] or found["plain"] if found else ""


def read_arrival(text: str) -> Arrival:
    """What one line says of the car: 12345公里 半箱油 钥匙3号 行驶证、备胎; what is left are things in the car."""
    arrival, rest = _notes(_plain(text.translate(_FRACTIONS)))
    return replace(arrival, items=read_things(rest))


def read_things(text: str) -> tuple[str, ...]:
    """Documents and things in the car, parted by blanks or 、，; each once, at most MOST_ITEMS."""
    words = re.split(r"[\s、,;|]+", half_width(text))
    plain = (_HEADING.sub("", word).strip(".。:")[:LONGEST_NAME] for word in words)
    return tuple(dict.fromkeys(word for word in plain if word))[:MOST_ITEMS]


def _notes(text: str) -> tuple[Arrival, str]:
    """Mileage, fuel and key, and the text without them."""
    arrival = Arrival()
    if (way := _WAY.search(text)) and (kilometres := _kilometres(way)) is not None:
        arrival, text = replace(arrival, mileage=kilometres), _cut(text, way)
    if key := _KEY.search(text):
        arrival, text = replace(arrival, key=key["key"] or key["plain"]), _cut(text, key)
    if fuel := _FUEL.search(text):
        arrival, text = replace(arrival, fuel=_LEVELS[fuel["level"] or fuel["first"]]), _cut(text, fuel)
    return arrival, text


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]}\n{text[found.end() :]}"


def _kilometres(found: re.Match[str]) -> int | None:
    said = (found["way"] or found["first"]).replace(",", "")
    if len(said) > 12:
        return None
    way = Decimal(said) * (10_000 if found["wan"] or found["first_wan"] else 1)
    return int(way) if way <= MOST_KILOMETRES else None
