"""The open shop in which the hostile try their luck, and the tally of what they tried."""

from __future__ import annotations

from tests.faults.conftest import nursery
from tests.faults.tally import tally
from tests.service.conftest import (
    _quiet_log,
    books,
    both,
    door,
    lite,
    lite_books,
    postgres_books,
    postgres_template,
    shop,
    shop_template,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "_quiet_log",
    "books",
    "both",
    "door",
    "lite",
    "lite_books",
    "nursery",
    "postgres_books",
    "postgres_template",
    "shop",
    "shop_template",
    "sqlite_template",
    "sqlite_url",
    "tally",
]
