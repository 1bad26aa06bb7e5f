"""Notes: what a house test lets pass but wants somebody to look at, printed before pytest's closing line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

NOTES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOTES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if notes := config.stash[NOTES]:
        terminalreporter.section("worth a look")
        for note in notes:
            terminalreporter.line(note)


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Takes one line for the summary."""
    return request.config.stash[NOTES].append
