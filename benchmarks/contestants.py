"""Who is measured: programs that are started as their users start them, each in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import yaml

from benchmarks.local_api import TOKEN, LocalApi

HOUSE = Path(__file__).parents[1]
NO_LIMITS = {"bot_per_second": "100000", "chat_per_second": "100000", "chat_burst": "1000"}


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program (`command`, after the interpreter) and what its environment says. `ours`: it has the desk's buttons."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ours: bool = True


def echo(name: str) -> Contestant:
    """The bare aiogram echo."""
    return Contestant(name, (str(HOUSE / "benchmarks" / "bare_echo.py"),), ours=False)


def this_bot(name: str, database: str, **environment: str) -> Contestant:
    """This bot as `python bot.py run` starts it, its books in `database`."""
    return Contestant(
        name,
        (str(HOUSE / "bot.py"), "run"),
        {"DATABASE_URL": database, "STORE_FILE": "store.yaml", **environment},
    )


def write_store(folder: Path) -> None:
    """The store that `init` writes, but open on holidays and without sending limits, else these are measured."""
    template = (HOUSE / "bot" / "store_template.yaml").read_text(encoding="utf-8")
    store: dict[str, Any] = yaml.load(template, Loader=yaml.BaseLoader)
    store["national_holidays"] = "false"
    store["sending"] |= NO_LIMITS
    (folder / "store.yaml").write_text(yaml.safe_dump(store, allow_unicode=True), encoding="utf-8")


async def run_to_the_end(command: tuple[str, ...], folder: Path, environment: Mapping[str, str] = {}) -> None:
    """Run the interpreter on `command`. Raises RuntimeError if it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await process.wait():
        raise RuntimeError(f"{' '.join(command)} ended with exit code {process.returncode}.")


@asynccontextmanager
async def running(contestant: Contestant, api: LocalApi, folder: Path) -> AsyncIterator[psutil.Process]:
    """The contestant at work, in `folder`; its log is `folder`/log."""
    environment = {**os.environ, "BOT_TOKEN": TOKEN, "BOT_API_BASE": api.base, **contestant.environment}
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *contestant.command, cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
