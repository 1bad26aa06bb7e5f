"""The container file and the example of compose, as far as that is possible without a container engine.

Their steps are replayed in an empty folder. The long form (FAULTS=long) also makes the virtual environment there, from
the lock and its hashes.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.run import app
from bot.settings import Settings
from tests.deploy.places import DEPLOY, ROOT
from tests.faults.tally import LONG
from tests.house.tree import PRODUCT

Steps = list[tuple[str, str]]


def steps() -> Steps:
    """The instructions of the container file, with their words."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def told(instruction: str) -> list[str]:
    return [words for name, words in steps() if name == instruction]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What COPY puts into the image, below a folder."""
    for words in told("COPY"):
        source, target = words.split()
        place = tmp_path / target.lstrip("/")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, place)
    (tmp_path / "var/lib/desk").mkdir(parents=True)
    return tmp_path


def _bot(image: Path, python: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, str(image / "opt/desk/bot.py"), *words],
        cwd=image / "var/lib/desk",
        env={"PATH": "", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_image_has_every_room_and_the_bot_starts_in_it(image: Path) -> None:
    """Nothing of this folder but what was copied: a store is made, and its books put away."""
    assert {path.name for path in (image / "opt/desk").iterdir()} == {"bot.py", "requirements.lock", *PRODUCT}
    for words in (["init"], ["backup", "--into", "backups"]):
        done = _bot(image, sys.executable, *words)
        assert done.returncode == 0, done.stdout + done.stderr
    refused = _bot(image, sys.executable, *json.loads(told("CMD")[-1]))
    assert (refused.returncode, "BOT_TOKEN" in refused.stderr) == (2, True)


def test_the_steps_can_be_done(image: Path) -> None:
    """Each RUN in order, in the long form; the user is not made."""
    for words in told("RUN"):
        line = words.replace("/opt/desk", str(image / "opt/desk"))
        program, *rest = shlex.split(line)
        if program == "useradd":
            assert rest[-1] == told("USER")[0]
            continue
        if program == "python":
            program = sys.executable
        if not LONG:
            if rest[0] == "install":
                assert "--require-hashes" in rest
                assert Path(rest[-1]).is_file()
            continue
        done = subprocess.run([program, *rest], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    if LONG:
        python = json.loads(told("ENTRYPOINT")[0])[0].replace("/opt/desk", str(image / "opt/desk"))
        assert _bot(image, python, "init").returncode == 0
        assert _bot(image, python, "check").returncode == 0


def test_it_runs_as_nobody_in_particular() -> None:
    """Nothing after USER needs more; what it writes is below its own folder; it is told to stop as systemd does it."""
    order = [name for name, _ in steps()]
    assert told("USER") == ["desk"]
    assert order.index("USER") > max(number for number, name in enumerate(order) if name in ("RUN", "COPY"))
    assert told("WORKDIR") == told("VOLUME") == ["/var/lib/desk"]
    assert told("STOPSIGNAL") == ["SIGTERM"]


def test_its_settings_and_its_health_are_ours() -> None:
    settings = dict(pair.split("=") for words in told("ENV") for pair in words.split())
    assert settings.keys() - {"PYTHONDONTWRITEBYTECODE"} <= {name.upper() for name in Settings.model_fields}
    [health] = told("HEALTHCHECK")
    program = json.loads(health.split("CMD ")[1])
    assert f"http://{settings['STATUS_LISTEN']}/healthz" in program[2]
    compile(program[2], "health", "exec")
    assert program[0] == json.loads(told("ENTRYPOINT")[0])[0]


# ---------------------------------------------------------------- compose


def compose() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))[
        "services"
    ]
    return services


def test_compose_starts_what_there_is() -> None:
    services, commands = compose(), get_command(app).commands  # type: ignore[attr-defined]
    ours = {name: service for name, service in services.items() if service["image"] == "desk"}
    assert ours.keys() == {"migrate", "desk"}
    for service in ours.values():
        assert service["environment"].keys() <= {name.upper() for name in Settings.model_fields}
        assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
        assert (ROOT / service["build"]["dockerfile"]).is_file()
        assert service.get("command", ["run"])[0] in commands
    for service in services.values():
        assert service.get("depends_on", {}).keys() <= services.keys()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            known = source.startswith("./") and (
                source in ("./store.yaml", "./backups") or (DEPLOY / source).exists()
            )
            assert known or source == "books"


def test_compose_runs_two_bots_that_wait_for_the_tables() -> None:
    desk = compose()["desk"]
    assert desk["deploy"]["replicas"] == 2
    assert desk["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert int(desk["stop_grace_period"].removesuffix("s")) > 10


def test_the_loop_of_backups_is_a_program(tmp_path: Path) -> None:
    """One round of it, with a dump that only leaves a file."""
    shell, option, loop = compose()["backup"]["entrypoint"]
    (tmp_path / "pg_dump").write_text('#!/bin/sh\nfor word; do :; done\n: > "${word#--file=}"\n')
    (tmp_path / "pg_dump").chmod(0o755)
    (tmp_path / "backups").mkdir()
    once = loop.replace("/dump.sh", str(DEPLOY / "postgresql/dump.sh")).replace(
        "/backups", str(tmp_path / "backups")
    )
    once = once.replace("sleep 600", "exit 0")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [shell, option, once], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [file.suffix for file in (tmp_path / "backups").iterdir()] == [".dump"]
