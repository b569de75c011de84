"""`insonate validate`: what is measured, what is written, and what is refused."""

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from cli_fakes import CommandLine
from PIL import Image

from physics.validation.check import (
    Curve,
    Figure,
    Panel,
    Pictures,
    Section,
    about,
    at_least,
    at_most,
    between,
    short_of,
)
from simulator import charts, validate_command, validation_report

GOOD = about("a width", 2.02, 2.0, rel=0.02, unit="mm", number=7, source="a book")
BAD = at_most("an error", 3.0, 2.0, unit="dB")
KNOWN = short_of(BAD, "the grid is coarse", worst=2.0)
CHART = Figure(
    "lines",
    "Two lines.",
    (Panel("a < b", "x", "y", (Curve(np.arange(3), np.arange(3) ** 2, "m & n"),)),),
)


@pytest.fixture
def insonate(capsys, monkeypatch, tmp_path) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    return CommandLine(capsys)


def measures(monkeypatch, *found: Section) -> None:
    """Let these sections be all that is measured."""
    sections = [lambda quick, one=one: one for one in found]
    monkeypatch.setattr(validation_report, "sections", lambda reference: sections)


def files(folder: Path = Path()) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if ".state" not in p.parts)


# --- checks -------------------------------------------------------------------------------------


def test_a_check_holds_up_to_its_limit_and_knows_how_much_of_it_is_used() -> None:
    assert GOOD.holds
    assert GOOD.strain == pytest.approx(0.5)
    assert (BAD.holds, BAD.excused, KNOWN.excused) == (False, False, True)
    assert at_least("p", 0.02, 0.01).strain == pytest.approx(0.5)
    assert at_most("a level", -33.0, -30.0).strain == pytest.approx(30 / 33)
    assert at_most("a level", -20.0, -30.0).strain > 1
    assert at_most("a level", 1.0, -30.0).strain == math.inf
    assert between("an angle", 7.0, 2.0, 7.0).strain == pytest.approx(1.0)
    assert not about("nothing", math.nan, 1.0, rel=0.1).holds
    assert not short_of(BAD, "why", worst=0.99 * BAD.strain).excused  # worse than documented
    with pytest.raises(ValueError, match="either rel or abs_"):
        about("a width", 1.0, 1.0)


def test_the_summary_shows_the_one_closest_to_its_limit_and_hides_no_shortfall() -> None:
    near = about("a width", 2.039, 2.0, rel=0.02, number=7, source="a book")
    rows = validation_report.summary([GOOD, near, KNOWN, short_of(near, "why", worst=2.0)])
    assert [(check.measured, n) for check, n in rows] == [(2.039, 2), (2.039, 1), (3.0, 1)]


# --- figures ------------------------------------------------------------------------------------


def test_a_chart_is_well_formed_and_shows_its_words() -> None:
    name, content = charts.draw(CHART)
    assert name == "lines.svg"
    root = ElementTree.fromstring(content.decode("utf-8"))
    words = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"a < b", "x", "y", "m & n", "0", "1", "2"} <= words


def test_pictures_stand_side_by_side(tmp_path) -> None:
    grey = np.tile(np.arange(100, dtype=np.uint8), (50, 1))
    name, content = charts.draw(Figure("two", "", Pictures((("a", grey), ("b", grey)), 1.0)))
    (tmp_path / name).write_bytes(content)
    with Image.open(tmp_path / "two.png") as sheet:
        assert sheet.width > 2 * charts.PICTURE_H
        assert sheet.height > charts.PICTURE_H


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-80, 2), (1450, 1600), (-1e-3, 4e-3)])
def test_ticks_are_a_few_round_numbers_within_the_ends(low: float, high: float) -> None:
    found = charts.ticks(low, high)
    assert 2 <= found.size <= 7
    assert found.min() >= low - 1e-12
    assert found.max() <= high + 1e-12


# --- the command --------------------------------------------------------------------------------


def test_a_quick_run_measures_and_writes_a_page_whose_figures_are_there(insonate):
    """Through the engine itself."""
    status, out, err = insonate("validate", "--out", "report", "--quick")
    assert status == 0, err
    page = Path("report/validation.md").read_text(encoding="utf-8")
    assert "0 failed" in out
    assert "FAILS" not in page
    shown = set(re.findall(r"\]\((validation/[^)]+)\)", page))
    assert shown
    assert {name for name in files(Path("report")) if "." in name} == {"validation.md", *shown}
    assert ("left out" in page) == (validate_command.find_reference(None) is None)


def test_a_known_shortfall_is_shown_in_red_with_its_reason_and_is_no_failure(insonate, monkeypatch):
    measures(monkeypatch, Section("One", "", [GOOD, KNOWN], [CHART]))
    assert insonate("validate", "--out", "report").status == 0
    page = Path("report/validation.md").read_text(encoding="utf-8")
    assert "🔴 **falls short** (1)" in page
    assert "(1) The grid is coarse." in page
    assert "1 short of it as documented" in page


def test_a_claim_that_fails_is_named_and_the_exit_status_is_1(insonate, monkeypatch):
    measures(monkeypatch, Section("One", "", [GOOD, BAD]))
    status, _, err = insonate("validate", "--out", "report")
    assert status == 1
    assert "not as claimed: an error" in err
    assert "❌ **FAILS**" in Path("report/validation.md").read_text(encoding="utf-8")


def test_without_the_peers_data_the_page_says_so_and_how_to_get_them(insonate, monkeypatch):
    monkeypatch.setattr(validate_command, "BESIDE_THE_PROJECT", Path("nowhere"))
    measures(monkeypatch, Section("One", "", [GOOD]))
    assert validation_report.LEFT_OUT in insonate("validate", "--out", "report").out
    assert validation_report.LEFT_OUT in Path("report/validation.md").read_text(encoding="utf-8")


def test_a_new_report_takes_the_place_of_the_old_one_and_leaves_other_files(insonate, monkeypatch):
    measures(monkeypatch, Section("One", "", [GOOD], [CHART]))
    Path("report/validation").mkdir(parents=True)
    for name in ("notes.md", "validation/old.svg"):
        Path("report", name).touch()
    assert insonate("validate", "--out", "report").status == 0
    assert files(Path("report")) == [
        "notes.md",
        "validation",
        "validation.md",
        "validation/lines.svg",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "--out"),
        ("--out nowhere/report", "no folder"),
        ("--out file", "not a folder"),
        ("--out taken", "'thesis.doc'"),
        ("--out /proc/report", "cannot write the report"),
        ("--out report --reference nowhere", "--reference 'nowhere' is not a folder"),
        ("--out report --reference taken", "does not hold all of the peer's data"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(insonate, monkeypatch, arguments, says):
    measures(monkeypatch, Section("One", "", [GOOD]))
    Path("file").touch()
    Path("taken/validation").mkdir(parents=True)
    Path("taken/validation/thesis.doc").touch()
    before = files()
    assert says in insonate.refused("validate", *arguments.split())
    assert files() == before


def test_what_is_interrupted_leaves_nothing_behind(insonate, monkeypatch):
    def stop(quick: bool) -> Section:
        raise KeyboardInterrupt

    monkeypatch.setattr(validation_report, "sections", lambda reference: [stop])
    assert insonate("validate", "--out", "report").status == 130
    assert files() == []
