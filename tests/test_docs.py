"""The documents say what the program has: knobs, stages, commands, and files that are there."""

import re
import shlex
from pathlib import Path

import pytest

from lessons.measures import MEASURES
from physics.imaging_chain import B_MODE
from physics.settings import KNOBS, ScanSettings
from simulator import cli

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows_of(text: str) -> dict[str, list[str]]:
    """Cells of every table row that begins with `name` in backquotes."""
    rows = {}
    for line in text.splitlines():
        if found := re.match(r"\| `(\w+)` \|", line):
            rows[found[1]] = [cell.strip() for cell in line.strip("|").split("|")]
    return rows


def section(text: str, heading: str) -> str:
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def quoted_commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", text_of("README.md"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("uv run ") for line in lines if re.match(r"(uv run )?insonate", line)]


def test_the_knobs_table_is_that_of_the_program() -> None:
    """Every knob with its range and default, in docs/model.md."""
    rows = rows_of(section(text_of("docs/model.md"), "Knobs"))
    assert list(rows) == list(KNOBS)
    for name, knob in KNOBS.items():
        _, shown_range, shown_default, _ = rows[name]
        if knob.choices:
            assert shown_range == ", ".join(knob.choices)
        else:
            assert f"{knob.low:g} to {knob.high:g}" in shown_range, name
        default = ScanSettings().display(name)
        default = default[0] if isinstance(default, tuple) else default
        assert shown_default == (default if isinstance(default, str) else f"{default:g}"), name


def test_the_stage_table_is_the_chain() -> None:
    """Every stage of B_MODE with what it takes and the knobs it sees, in docs/architecture.md."""
    rows = rows_of(section(text_of("docs/architecture.md"), "The chain"))
    assert list(rows) == [stage.name for stage in B_MODE]
    for stage in B_MODE:
        _, _, takes, knobs = rows[stage.name]
        assert takes == ", ".join(stage.inputs), stage.name
        assert re.findall(r"\w+", knobs) == list(stage.knobs), stage.name


def test_the_table_of_measures_is_that_of_the_program() -> None:
    """Every measure with unit, what it needs, reads and means, in CONTRIBUTING.md."""
    rows = rows_of(section(text_of("CONTRIBUTING.md"), "Measures"))
    assert list(rows) == list(MEASURES)
    for name, measure in MEASURES.items():
        _, unit, needs, reads, meaning, source = rows[name]
        assert unit == measure.unit or (unit, measure.unit) == ("-", ""), name
        assert needs == (", ".join(measure.needs) or "nothing"), name
        assert (reads, meaning) == (measure.reads, measure.meaning), name
        assert source.replace("|", "") == measure.source.replace("|", ""), name


def test_the_sections_that_the_code_refers_to_are_there() -> None:
    headings = re.findall(r"^#+ (.+)$", text_of("docs/model.md"), re.MULTILINE)
    for package in ("physics", "phantoms", "lessons"):
        for path in (ROOT / package).rglob("*.py"):
            named = re.findall(r'docs/model\.md,\s+"([^"]+)"', path.read_text(encoding="utf-8"))
            assert set(named) <= set(headings), path.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "#", "figure:")):
            assert (document.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("command", quoted_commands())
def test_commands_quoted_in_the_readme_are_understood(command: str) -> None:
    arguments = shlex.split(command)[1:]
    cli._make_parser().parse_args(cli.join_signed_values(arguments))
