"""The documents are true: links lead somewhere, what they name exists, drawings and examples are the code's own."""

from __future__ import annotations

import re
import shutil
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from PIL import Image
from typer.main import get_command

import bot.opening  # noqa: F401 - brings every table
from bot.run import app
from bot.settings import Settings, load_settings
from dialogs.catalogue import DIALOGS
from dialogs.core import Dialog, Entered, Event, Outcome, Pressed, Record, Said, Say
from dialogs.facts import Facts
from dialogs.patterns import Response, Standing, respond
from docs import camera, diagrams
from docs.chain import CLOSED
from domain.complaints import Step
from domain.people import Queue, Role
from scripts_zh.inspection import faults
from scripts_zh.rendering import Scripts
from scripts_zh.wording import filters
from service.gates import GATES
from storage import states
from storage.outbox import LetterState
from storage.schema import METADATA
from tests.dialogs.conftest import CALENDAR, MONDAY, STORE, STRANGER, ZONE
from tests.house.tree import ROOT, files

if TYPE_CHECKING:
    from collections.abc import Iterator

READMES = ("README.md", "README.zh-CN.md")
PAGES = [path for path in files() if path.suffix == ".md"]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
HEAVIEST = 400_000  # bytes of a picture


@cache
def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str, first: str) -> Iterator[str]:
    """The first cells of the table whose heading begins with `first`."""
    table = text[text.index(f"\n| {first}") :].strip().split("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield line.split("|")[1].strip()


# ---------------------------------------------------------------- links and pictures


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_link_leads_somewhere(path: Path) -> None:
    here = (ROOT / path).parent
    links = [link for link in LINK.findall(page(str(path))) if "://" not in link]
    assert [link for link in links if not (here / link).exists()] == []


def test_every_page_of_the_documents_can_be_reached() -> None:
    """From the README, along links; a link to a folder shows what is in it."""
    seen: set[Path] = set()
    open_ends = [ROOT / name for name in READMES]
    while open_ends:
        at = open_ends.pop().resolve()
        if at in seen:
            continue
        seen.add(at)
        if at.is_dir() and (ROOT / "docs") in at.parents:
            open_ends += at.glob("*.md")
        elif at.suffix == ".md" and at.exists():
            open_ends += [
                at.parent / link for link in LINK.findall(at.read_text("utf-8")) if "://" not in link
            ]
    assert [str(path) for path in PAGES if (ROOT / path).resolve() not in seen] == []


def test_pictures_are_real_and_light() -> None:
    found = sorted(camera.PICTURES.glob("*.png"))
    assert [file.name for file in found if file.stat().st_size > HEAVIEST] == []
    for file in found:
        with Image.open(file) as picture:
            picture.verify()
    taken = set(re.findall(r'photograph\([^"]*"(\w+)"\)', (ROOT / "docs/camera.py").read_text("utf-8")))
    assert {file.stem for file in found} == taken


def test_every_picture_is_shown() -> None:
    shown = {Path(link).name for path in PAGES for link in LINK.findall(page(str(path)))}
    pictures = [path for path in files() if path.parts[0] == "docs" and path.suffix in (".png", ".svg")]
    assert [str(path) for path in pictures if path.name not in shown] == []


# ---------------------------------------------------------------- what is named exists


@pytest.mark.parametrize("name", READMES)
def test_the_readme_names_every_command(name: str) -> None:
    commands: Any = get_command(app)
    named = {
        word for cell in rows(page(name), "`python bot.py …`") for word in re.findall(r"`([\w-]+)", cell)
    }
    assert named == set(commands.commands)
    options = {option for each in commands.commands.values() for one in each.params for option in one.opts}
    assert set(re.findall(r"(?<![\w-])(--\w+)", page(name))) <= options


@pytest.mark.parametrize("name", READMES)
def test_the_readme_names_every_setting(name: str) -> None:
    settings = list(rows(page(name), "setting |" if name == "README.md" else "设置 |"))
    assert [each.strip("`") for each in settings] == [field.upper() for field in Settings.model_fields]


def test_the_example_of_the_settings_names_every_one_and_is_accepted() -> None:
    """Uncommented as it stands it can be started with; what it calls a default is the default."""
    named = dict(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", page(".env.example"), re.MULTILINE))
    assert list(named) == [field.upper() for field in Settings.model_fields]
    webhook = {"WEBHOOK_URL": named.pop("WEBHOOK_URL"), "WEBHOOK_SECRET": "s3cret"}
    assert load_settings(named, None, token_required=False) == load_settings({}, None, token_required=False)
    assert load_settings(webhook, None, token_required=False).by_webhook


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z][\w-]*):", page("Makefile"), re.MULTILINE))
    named = {
        word for path in PAGES for word in re.findall(r"(?:`|^)make ([a-z]+)", page(str(path)), re.MULTILINE)
    }
    assert {"demo", "test", "check", "bench", "diagrams"} <= named
    assert named - targets == set()


def test_every_command_line_that_is_named_exists() -> None:
    commands: Any = get_command(app)
    named = {word for path in PAGES for word in re.findall(r"bot\.py (\w[\w-]*)", page(str(path)))}
    assert named - set(commands.commands) == set()


def test_the_architecture_names_all_states_gates_and_killing_points() -> None:
    text = page("docs/architecture.md")
    assert {cell.strip("`") for cell in rows(text, "state")} == {state.value for state in LetterState}
    assert {kind for cell in rows(text, "kind") for kind in cell.split(", ")} == {
        kind.value for kind in GATES
    }
    sources = "\n".join(
        page(str(path)) for path in files() if path.parts[0] == "service" and path.suffix == ".py"
    )
    points = set(re.findall(r'reached\("(\w+)"\)', sources))
    assert set(re.findall(r"`(\w+)`", text[text.index("`KILL_AT") : text.index("`tests/faults/`")])) == points


def test_the_glossary_knows_every_table_role_and_topic() -> None:
    text = page("docs/glossary.md")
    words = set(re.findall(r"`(\w+)`", text))
    assert {table for table in METADATA.tables if table != "alembic_version"} - words == set()
    phrases = yaml.safe_load(page("scripts_zh/phrases.yaml"))
    for role in Role:
        assert f"| {phrases['role'][role.value]} | `{role.value}` |" in text
    for queue in Queue:
        assert f"`{queue.value}`" in text
        assert phrases["queue"][queue.value] in text


def test_every_filter_is_explained() -> None:
    text = page("docs/how-to/add-a-wording.md")
    named = {word for cell in rows(text, "filter") for word in re.findall(r"`(\w+)", cell)}
    assert named == set(filters(ZONE))


# ---------------------------------------------------------------- drawings


@pytest.mark.parametrize("file", diagrams.drawn(), ids=lambda path: path.name)
def test_the_drawing_is_that_of_the_code(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == diagrams.drawn()[file], "run `make diagrams`"


def test_a_drawing_shows_what_the_code_does() -> None:
    drawing = diagrams.steps_drawing(DIALOGS["booking"])
    ways = {(way.source, way.target): way.label for way in drawing.ways}
    assert {box.name for box in drawing.boxes} >= {step.__name__ for step in DIALOGS["booking"].steps}
    assert ways["confirm", "choose_day"] == "改时间"
    assert "确认预约" in ways["confirm", "over"]
    house = {(way.source, way.target): way.label for way in diagrams.house_drawing().ways}
    assert house["booking", "bay_notice"] == "begins"
    assert house["moving", "bay_notice"] == "tells moved"


def test_the_drawing_of_the_chain_shows_what_the_buttons_do() -> None:
    """C4, C10: every step leads on by its button; the customer's 不满意 leads back to the dispatch."""
    ways = {(way.source, way.target): way.label for way in diagrams.chain_drawing().ways}
    steps = [*Step, CLOSED]
    assert [pair for pair in pairwise(steps) if pair not in ways] == []
    assert "转售后经理" in ways[Step.HANDLING, Step.DISPATCH]
    assert "再派单" in ways[Step.SUMMARY, Step.DEPARTMENT]
    assert "不满意" in ways[CLOSED, Step.DISPATCH]


@pytest.mark.parametrize("guide", ["docs/guides/staff.md", "docs/guides/staff.zh-CN.md"])
def test_the_staff_guide_names_every_button_and_key(guide: str) -> None:
    """Whatever a colleague can press on the card of a complaint or of a car, and every key of their menu."""
    cards = ("complaint_desk", "complaint_contact", "order_desk", "progress_check", "silent_visit")
    pairs = [
        pair
        for card in cards
        for pair in yaml.safe_load(page(f"scripts_zh/{card}/buttons.yaml")).items()
        if pair[0] not in {"right", "classified"}  # they stand on a question that explains itself
    ]
    fixed = {label for key, label in pairs if "{" not in label and not key.startswith("because")}
    keys = yaml.safe_load(page("scripts_zh/shared/keyboards.yaml"))["staff"]["rows"]
    text = page(guide)
    assert {each for each in fixed | set(chain.from_iterable(keys)) if each not in text} == set()


# ---------------------------------------------------------------- the example of a dialog


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rooms that a dialog lives in, with the files of the example written into them."""
    folder = tmp_path_factory.mktemp("example")
    for room in ("dialogs", "service", "scripts_zh"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    blocks = re.findall(r"```\w+ file=(\S+)\n(.*?)```", page("docs/how-to/add-a-dialog.md"), re.DOTALL)
    assert len(blocks) == 6
    for name, text in blocks:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def loan_car(example: Path) -> Iterator[Dialog]:
    spec = spec_from_file_location("loan_car_example", example / "dialogs/loan_car.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module.LOAN_CAR
    del sys.modules[spec.name]


class Played:
    """The example, played as the engine plays it; every word is really filled in."""

    def __init__(self, dialog: Dialog, folder: Path) -> None:
        self.dialog, self.scripts = dialog, Scripts(folder / "scripts_zh", ZONE)
        self.standing: Standing | None = Standing(dialog.first.__name__, dialog.state())

    def on(self, event: Event) -> tuple[Response, str]:
        assert self.standing is not None
        facts = Facts(MONDAY, STORE, STRANGER, 7, CALENDAR, home_person=3, loaded=self.dialog.needs)
        response = respond(self.dialog, self.standing, event, facts, {})
        self.standing = response.standing
        if self.standing is not None:
            kept = states.write(self.standing.state)
            assert states.read(self.dialog, kept, self.dialog.version) == self.standing.state
        said = [effect for effect in response.effects if isinstance(effect, Say)]
        labels = [
            self.scripts.label(self.dialog.name, button.key, button.words)
            for say in said
            for row in say.buttons
            for button in row
        ]
        return response, "\n".join([*(self.scripts.text(say.script, say.words) for say in said), *labels])


def test_the_example_of_a_dialog_runs(loan_car: Dialog, example: Path) -> None:
    played = Played(loan_car, example)
    assert "用几天" in played.on(Entered())[1]
    assert "用几天" in played.on(Said("嗯？"))[1]
    assert "用 2 天，对吗" in played.on(Pressed("days", "2"))[1]
    assert "用几天" in played.on(Pressed("back"))[1]
    assert "用 1 天，对吗" in played.on(Said("1"))[1]
    response, words = played.on(Pressed("reserve"))
    assert response.outcome is Outcome.DONE
    assert "已为您登记代步车，1 天" in words
    assert "请联系客户" in words
    assert [effect.action for effect in response.effects if isinstance(effect, Record)] == ["loan_car.wanted"]


def test_what_every_dialog_can_do_the_example_can_too(loan_car: Dialog, example: Path) -> None:
    played = Played(loan_car, example)
    played.on(Entered())
    assert played.on(Said("取消"))[0].outcome is Outcome.DONE
    played = Played(loan_car, example)
    played.on(Entered())
    assert played.on(Said("人工"))[0].outcome is Outcome.HAND_OVER


def test_the_words_of_the_example_pass_the_check(example: Path) -> None:
    folder = example / "scripts_zh"
    assert list(faults(Scripts(folder, ZONE), folder)) == []
