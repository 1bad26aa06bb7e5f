"""The project's files, as git sees them: what is committed or would be, nothing that is ignored."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("bot", "dialogs", "domain", "scripts_zh", "service", "storage", "sandbox")


@cache
def files() -> tuple[Path, ...]:
    """Every file, relative to the root."""
    command = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted({Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()}))


def text_of(path: Path) -> str | None:
    """The file's text, or None where it is a picture or the like."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def python_of(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file below `rooms` (without rooms: everywhere), parsed."""
    for path in files():
        if path.suffix == ".py" and (not rooms or path.parts[0] in rooms):
            yield path, ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))
