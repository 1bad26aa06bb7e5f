"""Where deploy/ puts things on a real machine, and where they are in a test."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def installed(text: str, machine: Path) -> str:
    """`text` of a unit or a command with the places of this checkout, and /etc and /var below `machine`."""
    text = text.replace("/opt/desk/.venv/bin/python", sys.executable).replace("/opt/desk/", f"{ROOT}/")
    for place in ("/var/lib/desk", "/var/backups/desk", "/etc/desk"):
        text = text.replace(place, f"{machine}{place}")
    return text
