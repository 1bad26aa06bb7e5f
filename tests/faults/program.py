"""The real program in its own process, started, killed and stopped by a test."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 60.0  # seconds of real time until a test gives up: a machine may be busy with other tests


class Nursery:
    """Starts programs (tests/faults/nursery.py)."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair()
        command = [sys.executable, str(Path(__file__).with_name("nursery.py")), str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        theirs.close()

    def order(
        self,
        environment: Mapping[str, str],
        log: Path,
        *,
        fresh: bool = False,
        command: Sequence[str] = ("bot.py", "run"),
    ) -> int:
        """Start a program that writes to `log`; the reading end of the pipe on which its number and end arrive."""
        news, ends = os.pipe()
        with log.open("ab") as file:
            told = {"environment": dict(environment), "fresh": fresh, "command": list(command)}
            socket.send_fds(self._orders, [json.dumps(told).encode()], [ends, file.fileno()])
        os.close(ends)
        return news

    def close(self) -> None:
        """No more programs."""
        self._orders.close()
        self._process.wait()


@dataclass
class Program:
    """One running program. `exit` answers how it ended: 0, or minus the signal."""

    news: int
    log: Path
    _lines: list[int] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: bool = False

    def __post_init__(self) -> None:
        asyncio.get_running_loop().add_reader(self.news, self._read)

    def _read(self) -> None:
        told = os.read(self.news, 100)
        if told:
            self._lines += map(int, told.split())
        else:
            asyncio.get_running_loop().remove_reader(self.news)
            os.close(self.news)
            self._closed = True
        self._changed.set()

    async def _until(self, lines: int, *, closed: bool = False) -> list[int]:
        async with asyncio.timeout(PATIENCE):
            while len(self._lines) < lines or closed > self._closed:
                self._changed.clear()
                await self._changed.wait()
        return self._lines

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return len(self._lines) == 2

    async def number(self) -> int:
        """Its process."""
        return (await self._until(1))[0]

    async def exit(self) -> int:
        """Wait until it has ended."""
        return (await self._until(2))[1]

    async def kill(self) -> None:
        """As a power cut would; it may have died by itself in this very moment."""
        with suppress(ProcessLookupError):
            os.kill((await self._until(1))[0], signal.SIGKILL)
        assert await self.exit() == -signal.SIGKILL

    async def stop(self) -> None:
        """Politely, and it has to go politely."""
        os.kill((await self._until(1))[0], signal.SIGTERM)
        assert await self.exit() == 0, self.log.read_text(encoding="utf-8")

    async def abandon(self) -> None:
        """The test is over, however it went."""
        if not self.is_over:
            await self.kill()
        await self._until(2, closed=True)
