"""A disk of a few megabytes, which can be filled to the last byte; only where one may mount (root)."""

from __future__ import annotations

import errno
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 160  # megabytes: an empty server takes a third of it


class SmallDisk:
    """What lies in `folder` shares so little room that somebody else can take all of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Not a byte more fits in."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for chunk in (b"\0" * 1_048_576, b"\0" * 512):
                try:
                    while ballast.write(chunk) == len(chunk):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def make_room(self) -> None:
        """As before."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mounted at `folder` for the block. Skips the test where nobody may mount."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a disk of our own needs the right to mount (root)")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", folder], check=True)
