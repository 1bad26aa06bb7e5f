"""What alembic runs for every command. The connection comes from storage/upgrade.py, transaction included."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from storage.schema import Instant, Money
from storage.tables import METADATA


def _plain(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """In a revision our own types are written as what they are kept as: the revision outlives the code."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Money):
        return "sa.BigInteger()"
    return False


def _run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        render_item=_plain,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite changes a table by making it anew
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
