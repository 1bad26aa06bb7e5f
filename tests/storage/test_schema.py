"""Moments are aware UTC, money is whole fen and a share is exact on either database (D7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select, text
from sqlalchemy.exc import StatementError

from storage.schema import Instant, Money, RowId, Share

if TYPE_CHECKING:
    from storage.engine import Books

NOTES = Table(
    "notes",
    MetaData(),
    Column("id", RowId, primary_key=True),
    Column("at", Instant),
    Column("paid", Money),
    Column("off", Share),
)
SHANGHAI = timezone(timedelta(hours=8))


async def _kept(books: Books, **values: Any) -> Any:
    async with books.engine.begin() as connection:
        await connection.run_sync(NOTES.create)
    async with books.unit() as unit:
        await unit.run(insert(NOTES).values(**values))
    async with books.glance() as unit:
        return await unit.one(select(NOTES))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 10, 0, 0, 123_456, tzinfo=SHANGHAI),
        datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 30, tzinfo=SHANGHAI),
    ],
)
async def test_a_moment_comes_back_as_utc_to_the_microsecond(books: Books, moment: datetime) -> None:
    row = await _kept(books, at=moment)
    assert row.at == moment
    assert row.at.tzinfo is UTC


async def test_nothing_stays_nothing(books: Books) -> None:
    row = await _kept(books, at=None, paid=None, off=None)
    assert (row.at, row.paid, row.off) == (None, None, None)


async def test_a_naive_moment_is_refused(books: Books) -> None:
    with pytest.raises(StatementError, match="no time zone: use aware datetimes"):
        await _kept(books, at=datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001


@pytest.mark.parametrize("amount", ["0", "0.01", "0.10", "-19.99", "1234567890123.45"])
async def test_money_is_exact_to_the_fen(books: Books, amount: str) -> None:
    """D7"""
    row = await _kept(books, paid=Decimal(amount))
    assert row.paid == Decimal(amount)
    assert row.paid.as_tuple().exponent == -2


async def test_the_database_sums_whole_fen(books: Books) -> None:
    """D7: 0.10 ten times is 1.00, not 0.9999…"""
    await _kept(books, paid=Decimal("0.10"))
    async with books.unit() as unit:
        await unit.run_many(insert(NOTES), [{"paid": Decimal("0.10")} for _ in range(9)])
        row = await unit.one(text("SELECT sum(paid) AS fen FROM notes"))
        assert row is not None
        assert row.fen == 100


@pytest.mark.parametrize("amount", ["0.005", "19.999", "NaN"])
async def test_parts_of_a_fen_are_refused(books: Books, amount: str) -> None:
    with pytest.raises(StatementError, match="not a whole number of fen"):
        await _kept(books, paid=Decimal(amount))


@pytest.mark.parametrize(
    ("share", "written"),
    [
        ("0", "0"),
        ("0.05", "0.05"),
        ("0.0500", "0.05"),
        ("0.1", "0.1"),
        ("0.0001", "0.0001"),
        ("0.9999", "0.9999"),
        ("1", "1"),
    ],
)
async def test_a_share_is_exact(books: Books, share: str, written: str) -> None:
    """It comes back without noughts at its end, so that 5 % is one and the same button value wherever it was."""
    row = await _kept(books, off=Decimal(share))
    assert str(row.off) == written


@pytest.mark.parametrize("share", ["0.00001", "0.05005", "NaN"])
async def test_a_finer_share_is_refused(books: Books, share: str) -> None:
    with pytest.raises(StatementError, match="finer than a hundredth of a percent"):
        await _kept(books, off=Decimal(share))
