"""Statements made ready: the text that a driver takes, and what becomes of values on their way there and back.

SQLAlchemy writes the text and knows the types. Executing by it costs some 0.25 ms a statement, most of it for
finding out again each time what was known the last time; that is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakSet

from sqlalchemy import Row
from sqlalchemy.engine import Dialect, result_tuple
from sqlalchemy.exc import StatementError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import LRUCache

REMEMBERED = 500  # texts; the busiest path has some dozens, the whole house a few hundred

UNFIT = (ArithmeticError, LookupError, TypeError, ValueError)  # what the types of our columns raise

Parameters = Mapping[str, Any]
Conversion = Callable[[Any], Any]


class Text:
    """One text of SQL, shared by all statements that differ in values only."""

    def __init__(self, compiled: SQLCompiler, columns: Sequence[TypeEngine[Any]], dialect: Dialect) -> None:
        """`columns`: the types of what it returns."""
        self.compiled = compiled
        self.sql = compiled.string
        self.order = tuple(compiled.positiontup or ())
        self.writes = {name: _to_driver(bind.type, dialect) for name, bind in compiled.binds.items()}
        self.varies = bool(compiled.post_compile_params or compiled.literal_execute_params)
        self._reads = [
            (index, read) for index, each in enumerate(columns) if (read := _from_driver(each, dialect))
        ]
        self._row: Callable[[Sequence[Any]], Row[Any]] | None = None

    def rows(self, names: Sequence[str], found: Sequence[Sequence[Any]]) -> list[Row[Any]]:
        """What the driver found, as rows with the types of their columns."""
        if not found:
            return []
        row = self._row = self._row or result_tuple(names)
        if not self._reads:
            return [row(tuple(each)) for each in found]
        rows = []
        for each in found:
            values = list(each)
            for index, read in self._reads:
                values[index] = read(values[index])
            rows.append(row(values))
        return rows


class Ready:
    """A statement that only waits for its parameters."""

    def __init__(self, text: Text, literals: Parameters) -> None:
        """`literals`: the values that are written into the statement itself."""
        self.text = text
        self._literals = literals
        self._template: list[Any] = []
        self._gaps: list[tuple[int, str, Conversion | None]] = []
        for index, name in enumerate(() if text.varies else text.order):
            write = text.writes[name]
            value = literals.get(name)
            self._template.append(write(value) if write else value)
            if name not in literals:
                self._gaps.append((index, name, write))

    def filled(self, parameters: Parameters) -> tuple[str, list[Any]]:
        """The text and the values in its order. Raises StatementError for a value that its column cannot hold."""
        try:
            if self.text.varies:
                return self._expanded(parameters)
            values = self._template.copy()
            for index, name, write in self._gaps:
                value = parameters[name]
                values[index] = write(value) if write else value
        except UNFIT as error:
            raise refused(error) from error
        return self.text.sql, values

    def _expanded(self, parameters: Parameters) -> tuple[str, list[Any]]:
        """With one place for each member of a list, as IN takes them."""
        state = self.text.compiled.construct_expanded_state({**self._literals, **parameters})
        values = []
        for name in state.positiontup or ():
            value = state.parameters[name]
            write = state.processors.get(name) or self.text.writes.get(name)
            values.append(write(value) if write else value)
        return state.statement, values


class Statements:
    """Makes statements ready for `dialect`: once for each text, and for each statement that comes more than once.

    One that comes again lives in a module; the others are written for one occasion and would only fill the memory.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: LRUCache[Any, SQLCompiler] = LRUCache(REMEMBERED)
        self._texts: LRUCache[SQLCompiler, Text] = LRUCache(REMEMBERED)
        self._ready: LRUCache[Any, dict[tuple[str, ...], Ready]] = LRUCache(REMEMBERED)
        self._came_once: WeakSet[Any] = WeakSet()

    def ready(self, statement: Any, parameters: Parameters) -> Ready:
        """`statement`, to be filled with `parameters` or others of the same names. Raises StatementError."""
        known, names = self._ready.get(statement, {}), tuple(parameters)
        if (ready := known.get(names)) is not None:
            return ready
        try:
            ready = self._make(statement, names)
        except UNFIT as error:
            raise refused(error) from error
        if statement in self._came_once:
            self._ready[statement] = known | {names: ready}
        else:
            self._came_once.add(statement)
        return ready

    def _make(self, statement: Any, names: tuple[str, ...]) -> Ready:
        columns = [column.type for column in getattr(statement, "exported_columns", ())]
        # SQLAlchemy's own way to a compiled text that is kept for all statements of the same shape.
        compiled, extracted, *_ = statement._compile_w_cache(  # noqa: SLF001
            self._dialect,
            compiled_cache=self._compiled,
            column_keys=list(names),
            for_executemany=not columns,  # else a plain INSERT asks for the number of its row as well
        )
        text = self._texts.get(compiled)
        if text is None:
            text = self._texts[compiled] = Text(compiled, columns, self._dialect)
        asked = {name for name, bind in compiled.binds.items() if bind.required} | set(names)
        given = compiled.construct_params(dict.fromkeys(asked), extracted_parameters=extracted)
        literals = {name: value for name, value in given.items() if name not in asked}
        for column in compiled.insert_prefetch:
            literals[column.key] = column.default.arg
        return Ready(text, literals)


def refused(error: Exception) -> StatementError:
    """`error` of a value, as SQLAlchemy would tell of it."""
    return StatementError(str(error), None, None, error, hide_parameters=True)


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> Conversion | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> Conversion | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
