"""Reminders by APScheduler's own job store (JOBS), as its manual shows it: each job says one thing to one chat.

PLAN=start:seconds:count plans so many, spread over `seconds` from `start` (epoch); without it what was planned is run.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime

import aiohttp
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

PLANNED = 1  # the chat that is told when all is planned

_session: aiohttp.ClientSession | None = None


async def remind(chat: int) -> None:
    """Say it."""
    assert _session is not None
    url = f"{os.environ['BOT_API_BASE']}/bot{os.environ['BOT_TOKEN']}/sendMessage"
    async with _session.post(url, json={"chat_id": chat, "text": "reminder"}) as answer:
        await answer.read()


async def main() -> None:
    """Work until interrupted."""
    global _session
    _session = aiohttp.ClientSession()
    scheduler = AsyncIOScheduler(
        jobstores={"default": SQLAlchemyJobStore(os.environ["JOBS"])}, timezone="UTC"
    )
    scheduler.start()
    if plan := os.environ.get("PLAN"):
        start, seconds, count = map(float, plan.split(":"))
        for number in range(round(count)):
            at = datetime.fromtimestamp(start + seconds * number / count, UTC)
            scheduler.add_job(
                "__main__:remind", "date", run_date=at, args=(100 + number,), id=f"{start}-{number}"
            )
    await remind(PLANNED)
    await asyncio.Event().wait()


asyncio.run(main())
