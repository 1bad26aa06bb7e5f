"""What every test may ask for: a clock, a database of either kind, a browser; and how strict this run is.

REQUIRE_ALL=1             a test that would be skipped fails instead, with the reason
HYPOTHESIS_PROFILE=…      quick (default) or thorough
"""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from tests.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytest_plugins = ["tests.postgres"]

REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
_PORTS = count(20_000 + 1_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

settings.register_profile(
    "quick", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under REQUIRE_ALL=1 nothing is skipped quietly."""
    report = yield
    return _not_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that wants to be skipped as a whole."""
    report = yield
    return _not_skipped(report)


def _not_skipped(report: Report) -> Report:
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1 allows no skipped test. {reason}"
    return report


@pytest.fixture
def unused_tcp_port() -> int:
    """Where nobody listens, for a program that starts in a moment.

    Not one of those that the system gives to connections (from 32768 on): in that moment it might.
    """
    for port in _PORTS:
        with socket.socket() as here, suppress(OSError):
            here.bind(("127.0.0.1", port))
            return port
    raise AssertionError("there is no end of numbers")


@pytest.fixture
def clock() -> FakeClock:
    """Monday 10:00 in the store, standing still: clock.now(), clock.advance(timedelta), clock.set(aware)."""
    return FakeClock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file of this test alone (not there yet), as an SQLAlchemy URL for aiosqlite."""
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on either database: an SQLAlchemy URL, empty, this test's own."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium. Skips the test where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("No Chromium on this machine: install the package `chromium` to run the browser tests.")
    return found
