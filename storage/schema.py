"""What all tables share: one catalogue, UTC instants, whole fen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    MetaData,
    Text,
    bindparam,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RowId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only


_OFFSET = "+00:00"  # of UTC; SQLite's texts do not say so


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept as UTC. Refuses naive datetimes, which would be somebody's guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Aware → UTC. SQLite has no moments: it keeps a text, in UTC and without saying so."""
        return _to_text if dialect.name == "sqlite" else _aware_in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """What was kept → aware UTC. SQLite keeps a text, which is read here in one go."""
        return _from_text if dialect.name == "sqlite" else _aware_in_utc


def _aware_in_utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"The moment {moment} has no time zone: use aware datetimes.")
    return moment.astimezone(UTC)


def _to_text(moment: datetime | None) -> str | None:
    utc = _aware_in_utc(moment)
    return None if utc is None else utc.isoformat(" ", "microseconds")[: -len(_OFFSET)]


def _from_text(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(f"{kept}{_OFFSET}")


class Numbers(TypeDecorator[Collection[int]]):
    """Whole numbers handed over as one value: an array, or where there is none the text of a JSON list."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database takes."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger))

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        """Numbers → what the database takes."""
        numbers = list(value or ())
        return f"[{','.join(map(str, numbers))}]" if dialect.name == "sqlite" else numbers


class _Among(FunctionElement[Any]):
    inherit_cache = True  # no Boolean: SQLite has none, and would be asked for "… = 1", past every index


def among(column: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Whether `column` is one of the numbers that are handed over as `name`, however many there are.

    With IN the text of the statement would be another one for every count, and made and prepared anew.
    """
    return _Among(column, bindparam(name, type_=Numbers))


@compiles(_Among, "sqlite")
def _among_in_sqlite(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, numbers = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608 - names of ours only


@compiles(_Among, "postgresql")
def _among_in_postgres(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, numbers = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} = ANY ({numbers})"


class Money(TypeDecorator[Decimal]):
    """An amount in yuan, kept as whole fen so that sums are exact on every database (D7)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Yuan → fen; refuses fractions of a fen."""
        if value is None:
            return None
        fen = value * 100
        if fen != fen.to_integral_value():
            raise ValueError(f"{value} yuan is not a whole number of fen: round it by the rule that made it.")
        return int(fen)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Fen → yuan with two places."""
        return None if value is None else Decimal(value).scaleb(-2)


class Share(TypeDecorator[Decimal]):
    """A share such as 0.05 for 5 %, kept as whole hundredths of a percent so that it is exact on every database."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """0.05 → 500; refuses what is finer than a hundredth of a percent."""
        if value is None:
            return None
        parts = value * 10_000
        if parts != parts.to_integral_value():
            raise ValueError(f"The share {value} is finer than a hundredth of a percent: round it.")
        return int(parts)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """500 → 0.05, without noughts at its end."""
        return None if value is None else Decimal(value).scaleb(-4).normalize() + 0
