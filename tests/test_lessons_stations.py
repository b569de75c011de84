"""OSCE stations: every sheet has its 25 marks, and the program's 14 follow from what was done."""

import math
import re
from dataclasses import replace
from importlib import resources

import pytest

from lessons.content_check import check_content
from lessons.question_rules import BRITISH
from lessons.station_marking import (
    ImageSaved,
    KnobTurned,
    LevelSeen,
    Measurement,
    ProbeMoved,
    awarded,
    events_between,
    mark_station,
    shown_pose,
    target_level_db,
)
from lessons.station_sheet import sheet_html
from lessons.stations import OF_THE_PROGRAM, SHEET, build_station, load_station, station_names
from phantoms import load_phantom
from phantoms.checked import ContentError, parse_toml

NAMES = station_names()
BEST_DB, DARK_DB = -62.0, -75.0
every = pytest.mark.parametrize("name", NAMES)


def source(name: str) -> str:
    folder = resources.files("lessons").joinpath("osce")
    return folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def dressed(station):
    """Events that turn probe and knobs of the start into those of the model scene."""
    events = events_between(10.0, station.start, station.model)
    return [event for event in events if not isinstance(event, ProbeMoved)]


def size_mm(station) -> float:
    rule = next(a.rule for a in station.awards if a.key == "record 1")
    return (rule.low + rule.high) / 2


def good_run(station):
    """What an excellent candidate does."""
    pose = shown_pose(station.model)
    moved = [ProbeMoved(100.0, part, value) for part, value in pose.items()]
    return [
        *dressed(station),
        ProbeMoved(30.0, "rock_deg", pose["rock_deg"] - 10),
        ProbeMoved(31.0, "tilt_deg", pose["tilt_deg"] - 10),
        LevelSeen(35.0, DARK_DB),
        ImageSaved(40.0, DARK_DB),
        *moved,
        LevelSeen(110.0, BEST_DB),
        Measurement(120.0, "distance", size_mm(station)),
        ImageSaved(130.0, BEST_DB - 1.0, n_label=1),
    ]


def marks(given) -> dict[str, int]:
    return {one.award.key: one.marks for one in given}


def test_there_are_six_stations_or_more():
    assert len(NAMES) >= 6


@every
def test_a_sheet_has_25_marks_of_which_the_program_gives_14(name):
    station = load_station(name)
    assert station.name == name
    assert sum(award.marks for award in station.awards) == 25
    for part, (_, wanted) in SHEET.items():
        assert sum(a.marks for a in station.awards if a.part == part) == wanted
    by_program = [award for award in station.awards if award.part in OF_THE_PROGRAM]
    assert sum(award.marks for award in by_program) == 14
    assert all(award.rule for award in by_program)
    assert station.minutes == 8


@every
def test_who_does_nothing_gets_no_mark_from_the_program(name):
    assert sum(marks(mark_station(load_station(name), [])).values()) == 0


@every
def test_who_only_stores_the_picture_found_keeps_most_of_its_faults(name):
    station = load_station(name)
    stored = mark_station(station, [ImageSaved(5.0, DARK_DB)])
    assert sum(marks(stored).values()) <= 4
    assert marks(stored)["depth 1"] == marks(stored)["gain 1"] == marks(stored)["focus 1"] == 0


@every
def test_an_excellent_run_earns_all_14(name):
    station = load_station(name)
    assert {
        key: n for key, n in marks(mark_station(station, good_run(station))).items() if not n
    } == {}


@every
def test_the_log_is_read_by_its_order_and_marking_it_twice_gives_the_same(name):
    station = load_station(name)
    run = good_run(station)
    assert mark_station(station, run) == mark_station(station, iter(run))


def test_what_happens_after_time_is_up_does_not_count():
    station = load_station("biceps_short_axis")
    late = [replace(event, at_s=event.at_s + station.limit_s) for event in good_run(station)]
    assert sum(marks(mark_station(station, late)).values()) == 0


def test_settings_count_in_the_last_picture_stored():
    station = load_station("biceps_short_axis")
    run = good_run(station)
    spoilt = [*run, KnobTurned(140.0, "gain_db", 30.0)]
    assert marks(mark_station(station, spoilt))["gain 1"] == 2  # turned, but not stored
    spoilt += [ImageSaved(150.0, BEST_DB)]
    assert marks(mark_station(station, spoilt))["gain 1"] == 0


def test_one_tgc_slider_out_of_line_is_a_band():
    station = load_station("biceps_short_axis")
    band = KnobTurned(125.0, "tgc_db", (0.0, 0.0, -12.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    run = sorted([*good_run(station), band], key=lambda event: event.at_s)
    assert marks(mark_station(station, run))["gain 2"] == 0


def test_levels_compare_only_between_pictures_with_the_same_knobs():
    station = load_station("biceps_short_axis")
    run = [
        *dressed(station),
        ProbeMoved(30.0, "tilt_deg", 0.0),
        ImageSaved(40.0, BEST_DB, n_label=1),
        KnobTurned(50.0, "frequency_mhz", 15.0),
        ImageSaved(60.0, DARK_DB),  # darker, but for the frequency
    ]
    assert marks(mark_station(station, run))["technique 1"] == 0
    run[-2] = KnobTurned(50.0, "gain_db", 3.0)  # gain changes no level
    assert marks(mark_station(station, run))["technique 1"] == 1


def test_a_picture_that_was_bright_by_luck_does_not_earn_what_angling_earns():
    station = load_station("biceps_short_axis")
    run = [*dressed(station), ImageSaved(40.0, BEST_DB)]
    assert marks(mark_station(station, run))["technique 2"] == 0


def test_a_target_out_of_view_is_neither_bright_nor_dark():
    station = load_station("biceps_short_axis")
    moves = [
        ProbeMoved(30.0, "tilt_deg", 8.0),
        LevelSeen(31.0, BEST_DB),
        ImageSaved(40.0, math.nan),
    ]
    found = marks(mark_station(station, [*dressed(station), *moves]))
    assert found["technique 1"] == found["technique 2"] == 0


def test_veins_are_told_from_arteries_by_pressure():
    station = load_station("forearm_veins")
    light = [*dressed(station), ProbeMoved(30.0, "press_mm", 0.0), ImageSaved(40.0)]
    assert [marks(mark_station(station, light))[f"technique {i}"] for i in (1, 2, 3)] == [1, 0, 1]


# --- against the engine ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in NAMES if n != "forearm_veins"])
def test_the_model_scene_is_bright_and_the_start_is_dark_in_computed_pictures(name):
    from simulator.renderer import Renderer, Request

    station = load_station(name)
    regions = load_phantom(station.phantom).region_names
    renderer = Renderer()

    def level(pose) -> float:
        scene = station.model
        return target_level_db(
            station,
            renderer.render_settled(
                Request(station.phantom, scene.probe, pose, scene.settings, seed=1, noise_seed=1)
            ),
            regions,
        )

    part = "tilt_rad" if "biceps" in name else "rock_rad"
    around = [
        level(replace(station.model.pose, **{part: math.radians(angle)}))
        for angle in range(-16, 17, 4)
    ]
    model, start = level(station.model.pose), level(station.start.pose)
    assert model >= max(around) - 3.0
    assert start <= max(model, *around) - 6.0


# --- files and the sheet --------------------------------------------------------------------------


@every
def test_words_are_british(name):
    words = re.findall(r"[a-z]+", source(name).lower())
    assert [word for word in words if BRITISH.get(word, word) != word] == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "marks = 2",
            "marks = 3",
            "line 4, depth: the awards give 3 marks; they must give 2|depth",
        ),
        ('part = "focus"', 'part = "depth"', "depth: the awards give|the lines of a sheet are"),
        ('knob = "focus_mm"', 'knob = "focus_cm"', "focus_mm"),
        ('region = "biceps_tendon"', 'region = "biceps"', "biceps_tendon"),
        ("tilt_deg = -10", "yaw_deg = -10", "tilt_deg"),
        ('phantom = "biceps_groove"', 'phantom = "biceps"', "biceps_groove"),
        ("depth_mm = 58", "depth_mm = 70", "60"),
        ("rule = { kind", "rule = { sort", "kind"),
    ],
)
def test_a_station_that_is_wrong_is_refused_in_a_sentence(old, new, message):
    text = source("biceps_short_axis")
    assert old in text
    with pytest.raises(ContentError, match=message) as caught:
        build_station(parse_toml(text.replace(old, new, 1).encode(), "x.toml"), "x.toml")
    assert str(caught.value).startswith("x.toml: ")
    assert "\n" not in str(caught.value)


def test_a_wrong_station_is_found_by_the_check_of_content(tmp_path):
    for folder in ("content", "bank", "osce"):
        (tmp_path / folder).mkdir()
    text = source("biceps_short_axis")
    (tmp_path / "osce" / "a.toml").write_text(text.replace("focus_mm", "focus_cm"), "utf-8")
    (tmp_path / "osce" / "b.toml").write_text(text, "utf-8")
    found = [fault for fault in check_content(tmp_path).faults if "/osce/" in fault]
    assert len(found) == 2
    assert "focus_mm" in found[0]
    assert "b.toml: name: found 'biceps_short_axis'" in found[1]


@every
def test_the_sheet_shows_every_award_and_model_answer(name):
    station = load_station(name)
    html = sheet_html(station)
    assert 'lang="en-GB"' in html
    for award in station.awards:
        assert award.text.replace("&", "&amp;").replace("'", "&#x27;") in html
    assert html.count("\N{BALLOT BOX} / ") == len(station.awards) + 1
    assert html.count("<li><b>") == len(station.viva)


def test_the_programs_marks_stand_on_the_sheet_and_the_total_waits_for_the_examiner():
    station = load_station("biceps_short_axis")
    own = awarded(mark_station(station, good_run(station)))
    html = sheet_html(station, own, student_code="A<b>")
    assert "A&lt;b&gt;" in html
    assert html.count("\N{BALLOT BOX} / ") == len(station.awards) - len(own) + 1
    examiner = {award.key: award.marks for award in station.awards if award.key not in own}
    whole = sheet_html(station, awarded(mark_station(station, good_run(station)), examiner))
    assert "25 / 25" in whole
