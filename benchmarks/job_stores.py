"""The same timers as others keep them: APScheduler's SQLAlchemy job store, and procrastinate on PostgreSQL."""

from __future__ import annotations

import asyncio
import pickle
import sys
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.reminders import pulse

if TYPE_CHECKING:
    from benchmarks.course import Place
    from benchmarks.database import Costs

FIRED = 100
COMPARED = 10_000  # pending, of which the issue speaks
SCHEDULER, PROCRASTINATE = "APScheduler on SQLite", "procrastinate on PostgreSQL"
CLAIM, FIRE = f"claim {FIRED} due, with the commits", f"claim and fire {FIRED} due"
STALL = "longest stall of the loop meanwhile"
LATER = timedelta(days=30)
FEW = 3  # rounds; they take seconds among many
MOST_PICKLED = 100_000  # of APScheduler's jobs: it makes an object of each
SHORT_OF_IT = 100_000  # among more of them procrastinate is asked once

_fired = asyncio.Queue[int]()


async def remind(number: int) -> None:
    """What all of them do: nothing that could take long."""
    _fired.put_nowait(number)


async def measure(place: Place) -> dict[str, Costs]:
    """Median milliseconds of each, in stores of their own; a library that fails is left out and named."""
    costs: dict[str, dict[str, dict[int, float]]] = {SCHEDULER: {}, PROCRASTINATE: {}}
    try:
        for size in (one for one in place.course.store_sizes if one <= MOST_PICKLED):
            file = f"sqlite:///{place.folder}/jobs-{size}.sqlite3"
            _add(costs[SCHEDULER], await _ask_scheduler(file, size), size)
        for size in place.course.store_sizes:
            url = await place.postgres.database(f"jobs_{size}")
            _add(costs[PROCRASTINATE], await _ask_procrastinate(url, size), size)
    except Exception as error:  # ours were measured already: they are not to be lost by it
        print(f"{PROCRASTINATE if costs[SCHEDULER] else SCHEDULER} is left out: {error!r}", file=sys.stderr)
    return dict(costs)


def _add(costs: dict[str, dict[int, float]], found: dict[str, float], size: int) -> None:
    for what, milliseconds in found.items():
        costs.setdefault(what, {})[size] = milliseconds


async def _all_fired() -> None:
    for _ in range(FIRED):
        await _fired.get()


def _strewn(size: int, turn: int) -> range:
    """A hundred numbers all over `size`."""
    return range(1 + turn, size + 1, size // FIRED)[:FIRED]


# ---------------------------------------------------------------- APScheduler


async def _ask_scheduler(url: str, size: int) -> dict[str, float]:
    store = SQLAlchemyJobStore(engine=create_engine(url))
    scheduler = AsyncIOScheduler(timezone="UTC", jobstores={"default": store})
    scheduler.start(paused=True)
    await asyncio.sleep(0)
    jobs = [_job(scheduler, number) for number in range(1, size + 1)]
    with store.engine.begin() as connection:
        connection.execute(store.jobs_t.insert(), [_row(job) for job in jobs])
    took: dict[str, list[float]] = {CLAIM: [], FIRE: [], STALL: []}
    for turn in range(FEW):
        due = [jobs[number - 1] for number in _strewn(size, turn)]
        for job in due:
            job._modify(next_run_time=datetime.now(UTC))  # noqa: SLF001 - a due moment, as time would bring it
            store.update_job(job)
        with pulse() as felt:
            await asyncio.sleep(0.01)
            began = perf_counter()
            scheduler.resume()  # looks at what is due in the next turn of the loop
            await _all_fired()
            took[FIRE].append(perf_counter() - began)
        scheduler.pause()
        took[STALL].append(felt.longest)
        took[CLAIM].append(felt.longest)  # the look is one stall: it does not give way before it has done all
        for job in due:
            job._modify(next_run_time=datetime.now(UTC) + LATER)  # noqa: SLF001
            store.add_job(job)
    scheduler.shutdown(wait=False)
    store.engine.dispose()
    return {what: 1000 * median(each) for what, each in took.items()}


def _job(scheduler: AsyncIOScheduler, number: int) -> Any:
    at = datetime.now(UTC) + LATER
    return Job(
        scheduler,
        id=str(number),
        name="remind",
        func="benchmarks.job_stores:remind",
        args=(number,),
        kwargs={},
        trigger=DateTrigger(at),
        executor="default",
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
        next_run_time=at,
    )


def _row(job: Any) -> dict[str, Any]:
    state = pickle.dumps(job.__getstate__(), pickle.HIGHEST_PROTOCOL)
    return {"id": job.id, "next_run_time": job.next_run_time.timestamp(), "job_state": state}


# ---------------------------------------------------------------- procrastinate


async def _ask_procrastinate(url: str, size: int) -> dict[str, float]:
    import procrastinate  # needs libpq, which only this comparison does

    connector = procrastinate.PsycopgConnector(conninfo=_conninfo(url))
    app = procrastinate.App(connector=connector)
    app.task(name="remind")(remind)
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    took: dict[str, list[float]] = {FIRE: [], STALL: []}
    async with app.open_async(), engine.connect() as books:
        await app.schema_manager.apply_schema_async()
        await books.execute(text("SET session_replication_role = replica"))  # no history for what only waits
        await books.execute(text(_DEFER), {"size": size, "at": datetime.now(UTC) + LATER})
        await books.execute(text("SET session_replication_role = origin"))
        await books.execute(text("VACUUM ANALYZE procrastinate_jobs"))
        for turn in range(1 if size >= SHORT_OF_IT else FEW):
            await books.execute(text(_DUE), {"numbers": list(_strewn(size, turn))})
            with pulse() as felt:
                began = perf_counter()
                await app.run_worker_async(
                    wait=False, concurrency=FIRED, install_signal_handlers=False, listen_notify=False
                )
                await _all_fired()
                took[FIRE].append(perf_counter() - began)
            took[STALL].append(felt.longest)
    await engine.dispose()
    return {what: 1000 * median(each) for what, each in took.items()}


_DEFER = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)
SELECT 'default', 'remind', jsonb_build_object('number', n), CAST(:at AS timestamptz)
FROM generate_series(1, CAST(:size AS integer)) AS n
"""
_DUE = "UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 minute' WHERE id = ANY(:numbers)"


def _conninfo(url: str) -> str:
    """The same place for libpq."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
