"""`python bot.py discounts`: every decision of a month about a discount, and what they come to (R5, D2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.opening import closed_house
from bot.spreadsheet import write_table
from domain.discount_figures import NO_REASON, TYPED, Decision, MonthOfDiscounts, Total, month_of
from domain.privacy import masked
from scripts_zh.phrases import groups, phrase
from scripts_zh.wording import because, lasting, masked_plate, money, percent
from storage import complaint_queries, discounts, settlements

if TYPE_CHECKING:
    from bot.settings import Settings
    from domain.discounts import Discount
    from domain.store import Store
    from storage.engine import Unit

GROUP = "discount_figures"
REASONS, REFUSALS = "discount_reason", "discount_refusal"
AT_ONCE = 1_000
COLUMNS = (
    *("number", "order", "plate", "tier", "total", "asked", "asked_by", "asked_at", "reason"),
    *("result", "granted", "amount", "who", "when", "minutes", "refusal"),
)


async def tell_month(
    settings: Settings, store: Store, first: datetime, last: datetime, table: Path | None
) -> None:
    """Print the decisions from `first` up to `last` and their totals, and write `table`. Raises CannotOpen."""
    async with closed_house(settings, store) as house, house.books.glance() as unit:
        await complaint_queries.stand_still(unit)
        month = await decided_between(unit, store, first, last)
    page = Page(store)
    for line in page.lines(month, first):
        typer.echo(line)
    if table is not None:
        write_table(table, [_say(f"column_{each}") for each in COLUMNS], list(page.cells(month)))
        typer.echo(_say("written", path=table))


async def decided_between(unit: Unit, store: Store, first: datetime, last: datetime) -> MonthOfDiscounts:
    """What was decided from `first` up to `last`, and what was asked before `last` and waits until today."""
    decided = await discounts.decided(unit, first, last)
    waiting = [each for each in await discounts.open_requests(unit) if each.asked_at < last]
    numbers = list({each.order for each in (*decided, *waiting)})
    bills: dict[str, tuple[str, int]] = {}
    for start in range(0, len(numbers), AT_ONCE):
        bills |= await settlements.as_they_stand(unit, numbers[start : start + AT_ONCE])
    return month_of(decided, waiting, bills, groups()[REASONS], store.settlement.goodwill_month)


@dataclass(frozen=True, slots=True)
class Page:
    """The month as the store reads it: its times, its names of customer tiers; nothing that a bystander may not read
    (A3).
    """

    store: Store

    def lines(self, month: MonthOfDiscounts, first: datetime) -> Iterator[str]:
        """For reading: every decision, the totals, the goodwill, what still waits."""
        when = {"year": first.year, "month": first.month}
        if month.decisions:
            yield _say("title", told=_told(month.total), **when)
            yield from (self._decided(each) for each in month.decisions)
        else:
            yield _say("none", **when)
        yield from _totals("by_manager", month.by_manager)
        yield from _totals("by_reason", month.by_reason, _reason_named)
        yield from _totals("by_tier", month.by_tier, self._tier)
        yield _say("goodwill" if month.left >= 0 else "goodwill_over", **_goodwill(month))
        if month.waiting:
            yield _say("section", name=_say("waiting"))
            yield from (self._waiting(each, plate) for each, plate in month.waiting)

    def cells(self, month: MonthOfDiscounts) -> Iterator[Sequence[str]]:
        """For a spreadsheet: a row for every decision, then one for all that still waits; money and minutes plain."""
        for each in month.decisions:
            asked = self._asked_cells(each.discount, each.plate)
            yield [*asked, *self._decision_cells(each)]
        for waiting, plate in month.waiting:
            yield [*self._asked_cells(waiting, plate), _say("result_open"), *[""] * 6]

    def _decided(self, each: Decision) -> str:
        discount = each.discount
        words = self._words(discount, each.plate) | {
            "who": discount.decided_name,
            "when": self._time(discount.decided_at),
            "length": lasting(each.minutes),
            "granted": percent(discount.granted),
            "amount": money(discount.amount),
            "refusal": _given(discount.refusal, REFUSALS),
        }
        return _say("refused" if not each.is_granted else "void" if each.is_void else "granted", **words)

    def _waiting(self, discount: Discount, plate: str) -> str:
        level = phrase("role", discount.level.value)
        return _say("asked", level=level, **self._words(discount, plate))

    def _words(self, discount: Discount, plate: str) -> dict[str, str]:
        reason = discount.reason and _say("because", reason=_given(discount.reason, REASONS))
        return {
            "number": discount.number,
            "order": discount.order,
            "plate": masked_plate(plate),
            "tier": self._tier(discount.tier),
            "asked": percent(discount.asked),
            "total": money(discount.total),
            "asked_by": _asked_by(discount),
            "asked_at": self._time(discount.asked_at),
            "because": reason,
        }

    def _asked_cells(self, discount: Discount, plate: str) -> list[str]:
        words = self._words(discount, plate) | {
            "total": f"{discount.total:f}",
            "asked_at": self._stamp(discount.asked_at),
            "reason": _given(discount.reason, REASONS),
        }
        return [words[column] for column in COLUMNS[: COLUMNS.index("result")]]

    def _decision_cells(self, each: Decision) -> list[str]:
        discount = each.discount
        result = "refused" if not each.is_granted else "void" if each.is_void else "granted"
        return [
            _say(f"result_{result}"),
            percent(discount.granted) if each.is_granted else "",
            f"{each.amount:.2f}",
            discount.decided_name,
            self._stamp(discount.decided_at),
            str(each.minutes),
            _given(discount.refusal, REFUSALS),
        ]

    def _tier(self, code: str) -> str:
        return next((each.name for each in self.store.tiers if each.code == code), code) or _say("no_tier")

    def _time(self, moment: datetime | None) -> str:
        return f"{moment.astimezone(self.store.zone):%m-%d %H:%M}" if moment else ""

    def _stamp(self, moment: datetime | None) -> str:
        return f"{moment.astimezone(self.store.zone):%Y-%m-%d %H:%M}" if moment else ""


# ---------------------------------------------------------------- words


def _totals(
    section: str, totals: Sequence[Total], named: Callable[[str], str] = lambda name: name
) -> Iterator[str]:
    if totals:
        yield _say("section", name=_say(section))
        yield from (_say("total", name=named(each.name), told=_told(each)) for each in totals)


def _told(total: Total) -> str:
    """同意 3 笔，优惠 ¥120；驳回 1 笔；等待中位数 4 分钟: what is nought is not said."""
    counted = {"told_granted": total.granted, "told_void": total.void, "told_refused": total.refused}
    parts = [_say(key, count=count, amount=money(total.amount)) for key, count in counted.items() if count]
    return _say("next").join((*parts, _say("told_minutes", length=lasting(total.minutes))))


def _goodwill(month: MonthOfDiscounts) -> dict[str, str]:
    return {
        "goodwill": money(month.goodwill),
        "used": money(month.total.amount),
        "left": money(abs(month.left)),
    }


def _reason_named(code: str) -> str:
    return {NO_REASON: _say("no_reason"), TYPED: _say("typed")}.get(code) or phrase(REASONS, code)


def _given(reason: str, group: str) -> str:
    """A usual reason by its code, or typed words in one line, plates and phone numbers masked."""
    return " ".join(masked(because(reason, group)).split())


def _asked_by(discount: Discount) -> str:
    return discount.asked_name if discount.asked_by else phrase("role", "customer")


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)
