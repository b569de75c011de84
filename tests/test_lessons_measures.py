"""Measures read the right echoes and nothing but them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from lesson_fakes import REGION_NAMES, SPECKLE_DB, fake_frame

from lessons import echo_measures
from lessons.echo_measures import level_below_best_db
from lessons.lesson import Patch, Reading
from lessons.measures import read
from lessons.sight import Sight
from physics.geometry import Pose
from physics.receive import tgc_curve_db
from physics.settings import ScanSettings

TENDON = Patch("tendon", "tendon", "tendon")
MUSCLE = Patch("muscle", "muscle", "muscle")


def level_db(frame, patch, region_names):
    return echo_measures.level_db(Sight(frame, region_names), patch)


def own_db(frame):
    depth_m, f_hz = frame.settings.depth_m, frame.settings.frequency_hz
    return tgc_curve_db(frame.sample_z_m, frequency_hz=f_hz, depth_m=depth_m, tgc_db=(0,) * 8)


def test_level_is_that_of_the_region_alone():
    frame = fake_frame({"tendon": -30.0, "muscle": -45.0})
    assert level_db(frame, TENDON, REGION_NAMES) == pytest.approx(-30.0, abs=0.01)
    assert level_db(frame, MUSCLE, REGION_NAMES) == pytest.approx(-45.0, abs=0.01)


def speckle(frame, rng):
    """The frame with fully developed speckle of mean power 1 after compensation."""
    iq = rng.normal(size=(*frame.iq.shape, 2)) @ [1, 1j] / math.sqrt(2)
    return replace(frame, iq=(iq * 10 ** (-own_db(frame) / 20)).astype(np.complex64))


def test_level_of_speckle_is_its_mean_power(rng):
    frame = speckle(fake_frame(), rng)
    # 10^5 independent samples: 0.02 dB
    assert level_db(frame, MUSCLE, REGION_NAMES) == pytest.approx(0.0, abs=0.1)


def test_a_few_bright_lines_do_not_sway_the_level(rng):
    """Septa 40 dB above the speckle in 2 % of the muscle: the mean would rise by 23 dB."""
    frame = speckle(fake_frame(), rng)
    iq = frame.iq.copy()
    iq[:, ::50] *= 100
    assert level_db(replace(frame, iq=iq), MUSCLE, REGION_NAMES) == pytest.approx(0.0, abs=0.2)


def test_tissues_at_different_depths_compare_as_on_the_screen(rng):
    """Losses of 0.5 dB/cm/MHz, which the scanner makes up for by itself, make no difference."""
    frame = speckle(fake_frame(), rng)
    shallow = Patch("shallow", "shallow", "muscle", z_m=(2e-3, 8e-3))
    deep = Patch("deep", "deep", "muscle", z_m=(25e-3, 35e-3))
    levels = [level_db(frame, patch, REGION_NAMES) for patch in (shallow, deep)]
    assert levels == pytest.approx([0.0, 0.0], abs=0.1)


def test_a_later_region_cuts_a_hole_into_an_earlier_one():
    frame = fake_frame({"tendon": 60.0, "muscle": -45.0})
    around = Patch("around", "muscle round it", "muscle", z_m=(16e-3, 20e-3))
    assert math.isnan(level_db(frame, around, REGION_NAMES))


@pytest.mark.parametrize("rock_deg", [-10, 0, 10])
def test_a_window_stays_with_the_tissue_when_the_probe_moves(rock_deg):
    """A bright block 2 mm wide is met by a window on it, wherever the probe stands."""
    pose = Pose(slide_m=3e-3, rock_rad=math.radians(rock_deg))
    frame = fake_frame(pose=pose)
    x, z = pose.to_body(frame.line_x_m[:, None], frame.sample_z_m[None, :])
    block = (abs(x - 1e-3) < 2e-3) & (abs(z - 18e-3) < 2e-3)
    levels = np.where(block, 20.0, -60.0) - own_db(frame) - SPECKLE_DB
    frame = replace(frame, iq=(10 ** (levels / 20)).astype(np.complex64))
    on_it = Patch("on", "on", "tendon", x_m=(-0.5e-3, 2.5e-3), z_m=(16.5e-3, 19.5e-3))
    beside = Patch("off", "off", "tendon", x_m=(3.5e-3, 6e-3), z_m=(16.5e-3, 19.5e-3))
    assert level_db(frame, on_it, REGION_NAMES) == pytest.approx(20.0, abs=0.01)
    assert level_db(frame, beside, REGION_NAMES) == pytest.approx(-60.0, abs=0.01)


def test_a_patch_out_of_the_picture_has_no_level():
    frame = fake_frame(settings=ScanSettings(depth_m=0.014, focus_m=0.01))
    assert math.isnan(level_db(frame, TENDON, REGION_NAMES))  # the picture ends above it
    sliver = Patch("sliver", "sliver", "tendon", x_m=(18.95e-3, 30e-3))
    assert math.isnan(level_db(fake_frame(), sliver, REGION_NAMES))


def test_gain_and_tgc_change_no_level():
    loud = ScanSettings(gain_db=30.0, tgc_db=(20.0,) * 8)
    level = level_db(fake_frame({"tendon": -30.0}), TENDON, REGION_NAMES)
    assert level_db(fake_frame({"tendon": -30.0}, settings=loud), TENDON, REGION_NAMES) == level


def test_drop_below_the_best():
    assert level_below_best_db(-30.0, -20.0) == 10.0
    assert level_below_best_db(-30.0, -50.0) == 0.0  # the new best
    assert math.isnan(level_below_best_db(math.nan, -20.0))


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("level_db", -30.0), ("level_below_best_db", 10.0), ("level_difference_db", 15.0)],
)
def test_read_applies_the_named_measure(measure, expected):
    sight = Sight(fake_frame({"tendon": -30.0, "muscle": -45.0}), REGION_NAMES)
    reading = Reading("r", "r", measure, TENDON, MUSCLE)
    assert read(reading, sight, -20.0) == pytest.approx(expected, abs=0.01)


def test_a_picture_of_another_phantom_is_refused():
    with pytest.raises(ValueError, match=r"2 regions.*phantom.*3.*another phantom"):
        level_db(fake_frame(), TENDON, ("a", "tendon", "c"))
