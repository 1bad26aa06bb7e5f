"""Tell whoever waits that something changed: tests that wait for a state, and open pages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Seen = TypeVar("Seen")


class Bell:
    """Rings after every change. Plain code may ring it; only waiting needs `await`."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._pages: set[asyncio.Queue[dict[str, Any] | None]] = set()

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return len(self._pages)

    def ring(self) -> None:
        """Let everybody who waits look again."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait_for(self, predicate: Callable[[], Seen], timeout: float) -> Seen:
        """Wait until `predicate()` is true and return what it returned.

        `timeout` is in seconds of real time; TimeoutError when it passes.
        """
        async with asyncio.timeout(timeout):
            while not (seen := predicate()):
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.add(future)
                try:
                    await future
                finally:
                    self._waiting.discard(future)
        return seen

    def tell_pages(self, event: dict[str, Any]) -> None:
        """Send one event to every open page, and ring."""
        for page in self._pages:
            page.put_nowait(event)
        self.ring()

    def open_page(self) -> asyncio.Queue[dict[str, Any] | None]:
        """A queue of page events; None in it means that the sandbox closes."""
        page: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._pages.add(page)
        return page

    def close_page(self, page: asyncio.Queue[dict[str, Any] | None]) -> None:
        """The page went away."""
        self._pages.discard(page)

    def close(self) -> None:
        """Let every open page go."""
        for page in self._pages:
            page.put_nowait(None)
