"""`insonate osce`, `pack` and `progress`: files whole or not at all, faults in one sentence."""

import csv
import json
from datetime import UTC, datetime

import pytest
from cli_fakes import CommandLine, home_in

from lessons.progress import ProgressStore, Review
from lessons.progress_file import progress_path
from lessons.stations import station_names
from simulator.render_command import start_request
from simulator.scene_file import read_scene, write_scene

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def insonate(capsys, monkeypatch, tmp_path) -> CommandLine:
    home_in(monkeypatch, tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys)


@pytest.fixture
def scene(tmp_path):
    path = tmp_path / "tear.insonate"
    with path.open("wb") as file:
        write_scene(file, start_request("supraspinatus_articular_tear", None, "long"))
    return path


def test_stations_are_listed_a_line_each(insonate):
    outcome = insonate("osce")
    assert [line.split()[0] for line in outcome.out.splitlines()] == list(station_names())


@pytest.mark.parametrize(("ending", "begins"), [("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>")])
def test_a_sheet_is_written_as_pdf_or_html(insonate, tmp_path, ending, begins):
    out = tmp_path / f"sheet.{ending}"
    outcome = insonate("osce", "biceps_short_axis", "--out", out, "--code", "AB12")
    assert (outcome.status, outcome.err) == (0, "")
    content = out.read_bytes()
    assert content.startswith(begins)
    assert len(content) > 4000


def test_a_sheet_that_cannot_be_made_is_refused_in_one_sentence(insonate, tmp_path):
    assert "biceps_short_axis" in insonate.refused("osce", "biceps", "--out", "a.pdf")
    assert "--out FILE.pdf" in insonate.refused("osce", "biceps_short_axis")
    assert "ends in .pdf" in insonate.refused("osce", "biceps_short_axis", "--out", "a.doc")
    assert "name of a station" in insonate.refused("osce", "--out", "a.pdf")
    assert "come after it" in insonate.refused("--smoke", "osce")
    assert {path.name for path in tmp_path.iterdir()} == {"home"}


def test_a_pack_is_made_checked_and_opened(insonate, scene, tmp_path):
    made = insonate(
        "pack", "make", "--title", "Unit 1", "--scene", scene, "--out", "a.insonate-pack"
    )
    assert (made.status, made.out) == (0, "'Unit 1' holds 1 scene and 0 questions.\n")
    assert insonate("pack", "check", "a.insonate-pack").out == made.out
    opened = insonate("pack", "open", "a.insonate-pack", "--out", "unit1")
    assert opened.status == 0
    assert read_scene(tmp_path / "unit1" / "tear.insonate") == read_scene(scene)
    assert "insonate --scene 'unit1/tear.insonate'" in opened.out
    again = insonate.refused("pack", "open", "a.insonate-pack", "--out", "unit1")
    assert "there already" in again


def test_a_pack_that_cannot_be_made_or_read_leaves_nothing_behind(insonate, scene, tmp_path):
    (tmp_path / "bad.insonate").write_text("{}")
    (tmp_path / "bad.toml").write_text("[[")
    make = ("pack", "make", "--title", "x", "--out", "a.insonate-pack")
    before = {path.name for path in tmp_path.iterdir()}
    assert "bad.insonate" in insonate.refused(*make, "--scene", "bad.insonate")
    assert "TOML" in insonate.refused(*make, "--items", "bad.toml")
    assert "cannot be read" in insonate.refused(*make, "--items", "none.toml")
    assert "empty" in insonate.refused(*make)
    assert "two files" in insonate.refused(*make, "--scene", scene, "--scene", scene)
    assert "no class pack" in insonate.refused("pack", "check", scene)
    assert "no class pack" in insonate.refused("pack", "open", scene, "--out", "unit1")
    assert {path.name for path in tmp_path.iterdir()} == before


def test_progress_is_shown_exported_and_deleted(insonate, tmp_path):
    assert "0 due, 10 new ones today" in insonate("progress", "show").out
    with ProgressStore(progress_path(), lambda: NOON) as store:
        store.record(Review("lo4_gain_and_mi", "LO4", NOON, True, 1))
    assert insonate("progress", "export", "--out", "all.json").status == 0
    assert json.loads((tmp_path / "all.json").read_text())["review"][0]["item"] == "lo4_gain_and_mi"
    assert insonate("progress", "export", "--out", "answers.csv").status == 0
    assert insonate("progress", "results", "--out", "r.csv", "--code", "AB12").status == 0
    with (tmp_path / "r.csv").open() as file:
        assert [row["student_code"] for row in csv.DictReader(file)] == ["AB12"]
    assert "--yes" in insonate.refused("progress", "delete")
    assert insonate("progress", "delete", "--yes").status == 0
    with ProgressStore(progress_path(), lambda: NOON) as store:
        assert store.reviews() == ()


def test_what_keeps_progress_from_being_read_is_one_sentence(insonate, tmp_path):
    insonate("progress", "show")
    progress_path().write_bytes(b"not ours" * 200)
    outcome = insonate("progress", "show")
    assert outcome.status == 0
    assert "put aside" in outcome.err
    assert "3 to 20 letters" in insonate.refused(
        "progress", "results", "--out", "r.csv", "--code", "Anna Maria"
    )
    assert not (tmp_path / "r.csv").exists()
