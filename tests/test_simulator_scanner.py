"""The scanner's model: knob ranges by probe, freeze, and where the probe may go."""

import math
from dataclasses import fields

import pytest
from window_fakes import PHANTOMS, fake_chain

from physics.settings import KNOBS, ScanSettings
from simulator.models.scanner import Scanner

ACT_IN_FREEZE = {
    "gain_db",
    "tgc_db",
    "dynamic_range_db",
    "speckle_reduction",
    "rejection_db",
    "edge_enhancement",
    "grey_map",
}
"""All that is done to echoes which are in; persistence needs echoes that are still to come."""


@pytest.fixture
def scanner(qapp):
    scanner = Scanner("block", load_phantom=PHANTOMS.__getitem__)
    scanner.set_chain(fake_chain())
    return scanner


def test_a_phantom_brings_its_probe_its_place_and_its_knobs(scanner, qtbot):
    with qtbot.waitSignals([scanner.phantom_changed, scanner.changed]):
        scanner.load_phantom("wires")
    assert scanner.probe.name == "L18-4"
    assert scanner.pose == PHANTOMS["wires"].start_pose
    assert scanner.settings.display("focus_mm") == pytest.approx(18)


def test_the_request_is_what_the_scanner_shows(scanner):
    request = scanner.request()
    assert (request.phantom, request.probe) == ("block", "L12-3")
    assert (request.pose, request.settings) == (scanner.pose, scanner.settings)


@pytest.mark.parametrize(
    ("probe", "name", "low", "high"),
    [
        ("L12-3", "frequency_mhz", 4, 12),
        ("L18-4", "frequency_mhz", 6, 18),
        ("L12-3", "depth_mm", 10, 60),
        ("L18-4", "depth_mm", 10, 45),
        ("L18-4", "gain_db", KNOBS["gain_db"].low, KNOBS["gain_db"].high),
    ],
)
def test_knobs_go_as_far_as_the_probe_allows(scanner, probe, name, low, high):
    scanner.set_probe(probe)
    assert scanner.knob_range(name) == pytest.approx((low, high))


def test_harmonics_are_sent_at_half_the_frequency_so_the_knob_moves_up_to_where_that_goes(scanner):
    scanner.turn(frequency_mhz=5)
    scanner.turn(harmonic="on")
    assert scanner.settings.display("frequency_mhz") == pytest.approx(8)
    assert scanner.knob_range("frequency_mhz") == pytest.approx((8, 12))


def test_another_probe_takes_the_nearest_settings_it_can_follow(scanner):
    scanner.turn(frequency_mhz=4, depth_mm=60)
    scanner.set_probe("L18-4")
    assert scanner.settings.display("frequency_mhz") == pytest.approx(6)
    assert scanner.settings.display("depth_mm") == pytest.approx(45)


def test_the_focus_stays_within_the_picture(scanner):
    scanner.turn(depth_mm=15)
    assert scanner.settings.display("focus_mm") == pytest.approx(15)
    assert scanner.knob_range("focus_mm")[1] == pytest.approx(15)


def test_a_value_out_of_range_is_a_mistake_and_changes_nothing(scanner):
    before = scanner.settings
    with pytest.raises(ValueError, match="gain_db is 99"):
        scanner.turn(gain_db=99)
    assert scanner.settings == before


def test_saying_the_same_again_is_no_change(scanner, qtbot):
    with qtbot.assertNotEmitted(scanner.changed):
        scanner.turn(gain_db=scanner.settings.gain_db)
        scanner.move(slide_m=scanner.pose.slide_m)


def test_the_probe_stops_at_the_ends_of_its_range(scanner):
    scanner.move(slide_m=1.0, rock_rad=-math.pi, press_m=1.0)
    assert scanner.pose.slide_m == pytest.approx(15e-3)
    assert scanner.pose.rock_rad == pytest.approx(-0.25)
    assert scanner.pose.press_m == pytest.approx(4e-3)
    scanner.move(press_m=-1.0)
    assert scanner.pose.press_m == 0.0
    scanner.move(standoff_m=-1.0)
    assert scanner.pose.standoff_m == 0
    scanner.move(standoff_m=1.0)
    assert scanner.pose.standoff_m == 20e-3
    with pytest.raises(ValueError, match="nan"):
        scanner.move(slide_m=math.nan)


def test_recentre_goes_back_to_the_start(scanner):
    scanner.move(slide_m=0.01, rock_rad=0.1, standoff_m=5e-3)
    scanner.recentre()
    assert scanner.pose == scanner.phantom.start_pose


def test_resetting_a_knob_gives_the_phantoms_value(scanner):
    scanner.turn(frequency_mhz=12)
    scanner.reset_knob("frequency_mhz")
    assert scanner.settings.display("frequency_mhz") == pytest.approx(8)


def test_tgc_sliders_are_turned_one_by_one(scanner):
    scanner.turn_tgc(3, -7.0)
    assert scanner.settings.tgc_db == (0, 0, 0, -7, 0, 0, 0, 0)


def test_in_freeze_only_what_follows_the_stored_echoes_acts(scanner):
    scanner.set_frozen(True)
    acting = {name for name in KNOBS if scanner.acts_now(name)}
    assert acting == ACT_IN_FREEZE


def test_the_freeze_rule_is_the_same_before_the_engine_is_known(qapp):
    scanner = Scanner("block", load_phantom=PHANTOMS.__getitem__)
    scanner.set_frozen(True)
    acting = {name for name in KNOBS if scanner.acts_now(name)}
    assert acting == ACT_IN_FREEZE


def test_other_turns_in_freeze_act_afterwards(scanner):
    scanner.set_frozen(True)
    before = scanner.request()
    scanner.turn(focus_mm=30, gain_db=5)
    scanner.move(slide_m=0.0)
    frozen = scanner.request()
    changed = {f.name for f in fields(ScanSettings)
               if getattr(frozen.settings, f.name) != getattr(before.settings, f.name)}  # fmt: skip
    assert changed == {"gain_db"}
    assert frozen.pose == before.pose
    assert scanner.waits("focus_mm")
    assert scanner.pose_waits
    assert not scanner.waits("gain_db")

    scanner.set_frozen(False)
    assert scanner.request().settings.display("focus_mm") == pytest.approx(30)
    assert scanner.request().pose.slide_m == 0.0
    assert not scanner.waits("focus_mm")


def test_noise_stands_still_in_freeze(scanner):
    scanner.set_frozen(True)
    before = scanner.request()
    scanner.next_noise()
    assert scanner.request() == before
    scanner.set_frozen(False)
    scanner.next_noise()
    assert scanner.request().noise_seed == before.noise_seed + 1


def test_each_run_of_the_scanner_is_an_acquisition_of_its_own(scanner):
    """Persistence must not blend what was there before the freeze, or another phantom."""
    seen = [scanner.request().acquisition]
    scanner.turn(gain_db=5)
    scanner.next_noise()
    scanner.set_frozen(True)
    assert scanner.request().acquisition == seen[0]
    for change in (
        lambda: scanner.set_frozen(False),
        lambda: scanner.load_phantom("wires"),
        lambda: scanner.set_probe("L12-3"),
    ):
        change()
        seen.append(scanner.request().acquisition)
    assert len(set(seen)) == len(seen)


def test_a_new_phantom_or_probe_ends_the_freeze(scanner):
    scanner.set_frozen(True)
    scanner.load_phantom("wires")
    assert not scanner.frozen
    scanner.set_frozen(True)
    scanner.set_probe("L12-3")
    assert not scanner.frozen


def test_a_standard_view_puts_probe_and_knobs_there():
    scanner = Scanner("biceps_groove")
    assert scanner.view_name == "short"
    scanner.turn(depth_mm=30)
    scanner.take_view("long")
    assert scanner.pose == scanner.phantom.views["long"].pose
    assert scanner.settings.display("depth_mm") == 35
    scanner.move(turn_rad=9.0, slide_y_m=1.0, tilt_rad=0.1)
    assert scanner.pose.turn_rad == pytest.approx(math.pi / 2)
    assert scanner.pose.slide_y_m == pytest.approx(12e-3)
    scanner.recentre()
    assert scanner.pose == scanner.phantom.views["long"].pose
