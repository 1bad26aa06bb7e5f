"""Listens to what is said to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.postgres_driver import PostgresLink
from storage.sqlite_driver import SqliteFile

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

BY = ("fetch", "fetch_many", "execute", "execute_many")
"""The ways by which statements reach a connection; those about the transaction itself go by others."""


def overhear(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement from now on, in the order in which they are executed."""
    heard: list[str] = []
    for kind in (SqliteFile, PostgresLink):
        for way in BY:
            monkeypatch.setattr(kind, way, _overheard(getattr(kind, way), heard))
    return heard


def _overheard(execute: Callable[..., Any], heard: list[str]) -> Callable[..., Any]:
    def listening(link: Any, sql: str, values: Any) -> Any:
        heard.append(sql)
        return execute(link, sql, values)

    return listening
