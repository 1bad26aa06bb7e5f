"""Books at HEAD of either kind, and the nursery in which programs are born."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.program import Nursery
from tests.faults.tally import LONG, tally
from tests.storage.conftest import postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["postgres_template", "sqlite_template", "sqlite_url", "tally"]

collect_ignore = [] if LONG else ["test_postgres_disk.py"]  # who runs `make test` need not be root


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Libraries are loaded once for all programs of this session."""
    opened = Nursery()
    yield opened
    opened.close()
