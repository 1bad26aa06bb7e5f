"""Who is measured: programs that are started as their users start them, each in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import yaml

from benchmarks.local_api import TOKEN, LocalApi

HOUSE = Path(__file__).parents[1]
PROGRAMS = HOUSE / "benchmarks" / "programs"
NO_LIMITS = {"bot_per_second": "100000", "chat_per_second": "100000", "chat_burst": "1000"}
READY_WITHIN = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program (`command`, after the interpreter) and what its environment says.

    `ours`: it has the desk's buttons. `behind_webhooks`: so many processes that updates are posted to in turn; 0: one
    process that polls.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ours: bool = False
    behind_webhooks: int = 0


def other(name: str, program: str, **environment: str) -> Contestant:
    """One of benchmarks/programs/."""
    return Contestant(name, (str(PROGRAMS / program),), environment)


def echo(name: str = "bare aiogram echo") -> Contestant:
    """The measure of all things."""
    return other(name, "aiogram_echo.py")


def this_bot(name: str, database: str, behind_webhooks: int = 0, **environment: str) -> Contestant:
    """This bot as `python bot.py run` starts it, its books in `database`."""
    return Contestant(
        name,
        (str(HOUSE / "bot.py"), "run"),
        {"DATABASE_URL": database, "STORE_FILE": "store.yaml", **environment},
        ours=True,
        behind_webhooks=behind_webhooks,
    )


def write_store(folder: Path, *, limits: bool = False) -> None:
    """The store that `init` writes, but open on holidays and, unless `limits`, without those of sending."""
    template = (HOUSE / "bot" / "store_template.yaml").read_text(encoding="utf-8")
    store: dict[str, Any] = yaml.load(template, Loader=yaml.BaseLoader)
    store["national_holidays"] = "false"
    if not limits:
        store["sending"] |= NO_LIMITS
    (folder / "store.yaml").write_text(yaml.safe_dump(store, allow_unicode=True), encoding="utf-8")


async def run_to_the_end(command: tuple[str, ...], folder: Path, environment: Mapping[str, str] = {}) -> None:
    """Run the interpreter on `command`. Raises RuntimeError if it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        env=_environment(environment),
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await process.wait():
        raise RuntimeError(f"{' '.join(command)} ended with exit code {process.returncode}.")


@asynccontextmanager
async def started(
    contestant: Contestant, api: LocalApi, folder: Path, environment: Mapping[str, str] = {}
) -> AsyncIterator[asyncio.subprocess.Process]:
    """One process of the contestant, in `folder`; its log is `folder`/log. It is stopped politely at the end."""
    told = {"BOT_TOKEN": TOKEN, "BOT_API_BASE": api.base, **contestant.environment, **environment}
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *contestant.command,
            cwd=folder,
            env={**os.environ, **told},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


@asynccontextmanager
async def running(contestant: Contestant, api: LocalApi, folder: Path) -> AsyncIterator[list[psutil.Process]]:
    """The contestant at work: all its processes."""
    async with AsyncExitStack() as stack:
        processes = []
        for port in _free_ports(contestant.behind_webhooks) or [0]:
            process = await stack.enter_async_context(started(contestant, api, folder, _webhook(port)))
            processes.append(psutil.Process(process.pid))
        async with asyncio.timeout(READY_WITHIN):
            await api.hooks.until(contestant.behind_webhooks)
        yield processes


def _environment(told: Mapping[str, str]) -> dict[str, str]:
    """Ours with what is `told`; byte code is kept as everywhere, else each start compiles the house anew."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, **told}


def _webhook(port: int) -> dict[str, str]:
    if not port:
        return {}
    return {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/updates",
        "WEBHOOK_LISTEN": f"127.0.0.1:{port}",
        "WEBHOOK_SECRET": "bench",
    }


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
