"""Measures of picture, output, wires and places give what closed forms say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from lesson_fakes import REGION_NAMES, fake_frame

from lessons import display_measures as display
from lessons import echo_measures as echo
from lessons.lesson import Patch, Reading, Wire
from lessons.measures import MEASURES, NEEDS, read
from lessons.sight import Sight
from physics.geometry import Pose
from physics.settings import ScanSettings

TENDON = Patch("tendon", "tendon", "tendon")
MUSCLE = Patch("muscle", "muscle", "muscle")
TOP = Patch("top", "top", "muscle", z_m=(1e-3, 13e-3))
PIN, DEEP_PIN = Wire("pin", "pin", 2e-3, 10e-3), Wire("deep", "deep pin", 2e-3, 30e-3)


def sight(frame) -> Sight:
    return Sight(frame, REGION_NAMES)


def pictured(grey_of, frame=None) -> Sight:
    """A picture whose grey is a function of x and z (m) in the body."""
    frame = frame or fake_frame()
    frame = replace(frame, picture=np.zeros((400, 380), np.uint8))
    x, z = frame.place_of(np.arange(400)[:, None], np.arange(380)[None, :])
    body = frame.pose.to_body(*np.broadcast_arrays(x, z))
    grey = np.broadcast_to(grey_of(*body), (400, 380))
    return sight(replace(frame, picture=grey.astype(np.uint8)))


def in_tendon(x, z):
    return (z > 15e-3) & (z < 21e-3)


@pytest.mark.parametrize("rock_deg", [0, 8])
def test_grey_is_that_of_the_tissue_wherever_the_probe_stands(rock_deg):
    frame = fake_frame(pose=Pose(rock_rad=math.radians(rock_deg)))
    seen = pictured(lambda x, z: np.where(in_tendon(x, z), 200, 50), frame)
    assert display.mean_grey(seen, TENDON) == 200
    assert display.grey_difference(seen, TENDON, MUSCLE) == 150


def test_spread_of_a_flat_tone_is_0_and_of_two_tones_half_their_distance():
    assert display.grey_spread(pictured(lambda x, z: np.full_like(x * z, 90)), TENDON) == 0
    halves = pictured(lambda x, z: np.where(x > 0, 160, 100))
    assert display.grey_spread(halves, TENDON) == pytest.approx(30, abs=0.1)


def test_shares_of_white_and_black_are_counted():
    seen = pictured(lambda x, z: np.where(x > 0, 255, 0))
    assert display.saturated_percent(seen, TENDON) == pytest.approx(50, abs=1)
    assert display.black_percent(seen, TENDON) == pytest.approx(50, abs=1)


def test_contrast_to_noise_of_two_normal_distributions(rng):
    """CNR = |difference| / sqrt(s1^2 + s2^2); the overlap of two equal normals a distance of two
    standard deviations apart is 2 Phi(-1) = 0.317."""
    noise = rng.normal(0, 20, (400, 380))
    seen = pictured(lambda x, z: np.clip(np.where(in_tendon(x, z), 140, 100) + noise, 0, 255))
    assert display.cnr(seen, TENDON, MUSCLE) == pytest.approx(40 / math.hypot(20, 20), abs=0.05)
    assert display.gcnr(seen, TENDON, MUSCLE) == pytest.approx(1 - 0.317, abs=0.02)


def test_patches_that_are_alike_or_apart_have_a_gcnr_of_0_or_1(rng):
    assert display.gcnr(pictured(lambda x, z: 100 + 0 * x), TENDON, MUSCLE) == 0
    apart = pictured(lambda x, z: np.where(in_tendon(x, z), 200, 50))
    assert display.gcnr(apart, TENDON, MUSCLE) == 1


def test_slope_of_grey_and_of_level_along_depth():
    seen = pictured(lambda x, z: 200 - 40 * (z * 100))
    assert display.grey_slope_per_cm(seen, TOP) == pytest.approx(-40, abs=1)
    frame = fake_frame()
    falling = np.broadcast_to(10 ** (-6 * frame.sample_z_m * 100 / 20), frame.iq.shape)
    seen = sight(replace(frame, envelope=falling.astype(np.float32)))
    assert display.brightness_slope_db_per_cm(seen, TOP) == pytest.approx(-6, abs=0.05)
    shallow = Patch("s", "s", "muscle", z_m=(1e-3, 3e-3))
    assert math.isnan(display.brightness_slope_db_per_cm(seen, shallow))


def test_speckle_has_a_ratio_of_1_91(rng):
    """Mean over standard deviation of a Rayleigh distribution: sqrt(pi / (4 - pi))."""
    frame = fake_frame()
    envelope = np.abs(rng.normal(size=(*frame.iq.shape, 2)) @ [1, 1j]).astype(np.float32)
    seen = sight(replace(frame, envelope=envelope))
    expected = math.sqrt(math.pi / (4 - math.pi))
    assert display.speckle_snr(seen, MUSCLE) == pytest.approx(expected, abs=0.02)


def test_contrast_of_the_received_signal():
    seen = sight(fake_frame())
    x, z = seen.places_m()
    envelope = np.where(in_tendon(x, z), 0.5, 0.05).astype(np.float32)
    seen = sight(replace(fake_frame(), envelope=envelope))
    assert display.contrast_db(seen, TENDON, MUSCLE) == pytest.approx(20, abs=0.01)


def test_places_in_the_picture_are_shares_of_what_is_shown():
    """The tendon lies 15 to 21 mm deep; the picture shows 40, or 10 to 30 mm."""
    seen = sight(fake_frame(settings=ScanSettings(depth_m=0.04, focus_m=0.025)))
    assert display.fills_percent(seen, TENDON) == pytest.approx(15, abs=0.6)
    assert display.deep_edge_percent(seen, TENDON) == pytest.approx(52.5, abs=0.6)
    assert display.place_down_percent(seen, TENDON) == pytest.approx(45, abs=0.6)
    assert display.place_across_percent(seen, TENDON) == pytest.approx(50, abs=0.6)
    assert display.focus_distance_mm(seen, TENDON) == pytest.approx(7, abs=0.11)
    zoomed = replace(fake_frame(), top_m=10e-3, bottom_m=30e-3, foci_m=(5e-3, 20e-3))
    assert display.fills_percent(sight(zoomed), TENDON) == pytest.approx(30, abs=1.1)
    assert display.focus_distance_mm(sight(zoomed), TENDON) == pytest.approx(2, abs=0.11)


@pytest.mark.parametrize(("slope_deg", "steer_deg", "expected"), [(0, 0, 0), (6, 0, 6), (6, -6, 0)])
def test_angle_between_beam_and_fibre(slope_deg, steer_deg, expected):
    frame = fake_frame()
    medium, slope = frame.medium, math.tan(math.radians(slope_deg))
    x, z = medium.x_m[:, None], medium.z_m[None, :]
    medium = replace(medium, along_m=(x + 0 * z)[None], across_m=(z - slope * x)[None])
    lines = replace(frame.lines, steer_rad=math.radians(steer_deg))
    seen = sight(replace(frame, medium=medium, lines=lines))
    assert display.fibre_angle_deg(seen, TENDON) == pytest.approx(expected, abs=0.05)


def test_a_fibre_that_runs_across_the_plane_counts_by_its_lean():
    frame = fake_frame()
    flat = np.zeros_like(frame.medium.distance_m[:1])
    lean = flat + math.tan(math.radians(9))
    z = flat + frame.medium.z_m
    medium = replace(frame.medium, along_m=flat, across_m=z, fibre_lean=lean)
    seen = sight(replace(frame, medium=medium))
    assert display.fibre_angle_deg(seen, TENDON) == pytest.approx(9, abs=0.05)


@pytest.mark.parametrize(
    ("down_deg", "steer_deg", "expected"), [(0, 0, 90), (40, 0, 50), (40, 20, 30), (0, -20, 70)]
)
def test_angle_between_beam_and_vessel(down_deg, steer_deg, expected):
    """Of a tube of 6 mm whose axis goes down to the right; a place that is not in it has none."""
    frame, down = fake_frame(), math.radians(down_deg)
    medium = frame.medium
    x, z = medium.x_m[:, None], medium.z_m[None, :] - 18e-3
    tube = np.abs(z * math.cos(down) - x * math.sin(down)) - 3e-3
    distance = np.stack([np.full_like(tube, 1.0)] * len(medium.distance_m))
    distance[REGION_NAMES.index(TENDON.region)] = tube
    lines = replace(frame.lines, steer_rad=math.radians(steer_deg))
    seen = sight(replace(frame, medium=replace(medium, distance_m=distance), lines=lines))
    assert display.vessel_angle_deg(seen, TENDON) == pytest.approx(expected, abs=0.5)


def with_wires(stretch: float = 1.0):
    """Two wires, whose echoes are Gaussian: half as high 0.4 mm aside and 0.15 mm along."""
    frame = fake_frame({"muscle": -300.0, "tendon": -300.0})
    x, z = sight(frame).places_m()
    echoes = np.zeros(frame.iq.shape)
    for wire in (PIN, DEEP_PIN):
        aside, along = (x - wire.x_m) / 0.4e-3, (z - stretch * wire.z_m) / 0.15e-3
        echoes += 0.5 ** (aside**2 + along**2)
    medium = replace(
        frame.medium,
        point_x_m=np.array([2e-3, 2e-3]),
        point_z_m=np.array([10e-3, 30e-3]),
        point_strength=np.ones(2),
    )
    return replace(frame, iq=echoes.astype(np.complex64), medium=medium)


def test_width_of_a_wire_at_minus_6_db():
    """Half the amplitude is -6.02 dB; lines lie 0.2 mm apart, samples 0.04 mm."""
    seen = sight(with_wires())
    assert echo.lateral_width_mm(seen, PIN) == pytest.approx(0.8, abs=0.05)
    assert echo.axial_width_mm(seen, PIN) == pytest.approx(0.3, abs=0.01)


def test_error_of_a_distance():
    assert echo.distance_error_percent(sight(with_wires()), DEEP_PIN, PIN) == pytest.approx(0.0)
    longer = sight(with_wires(1.03))
    assert echo.distance_error_percent(longer, DEEP_PIN, PIN) == pytest.approx(3, abs=0.3)


def test_a_wire_is_found_where_a_wrong_speed_puts_it():
    """1640 m/s believed, 1450 m/s true: 13 % too deep."""
    frame = with_wires(1640 / 1450)
    wrong = replace(frame, settings=replace(frame.settings, machine_speed_m_s=1640.0))
    assert echo.distance_error_percent(sight(wrong), DEEP_PIN, PIN) == pytest.approx(13.1, abs=0.3)


def test_a_wire_that_is_not_in_the_picture_has_no_width():
    shallow = replace(with_wires(), bottom_m=20e-3)
    assert math.isnan(echo.axial_width_mm(sight(shallow), DEEP_PIN))
    elsewhere = Wire("other", "other", 12e-3, 10e-3)
    assert math.isnan(echo.axial_width_mm(sight(with_wires()), elsewhere))


def noisy(rng, noise_db: float, fall_db_per_cm: float = 0.0):
    """Speckle of 0 dB at the face that falls with depth, and noise of one level."""
    frame = fake_frame()
    own = rng.normal(size=(*frame.iq.shape, 2)) @ [1, 1j] / math.sqrt(2)
    noise = rng.normal(size=(*frame.iq.shape, 2)) @ [1, 1j] / math.sqrt(2) * 10 ** (noise_db / 20)
    own *= 10 ** (-fall_db_per_cm * frame.sample_z_m * 100 / 20)
    both = (own + noise).astype(np.complex64)
    return sight(replace(frame, iq=both, noise=noise.astype(np.complex64)))


def test_signal_to_noise_is_echoes_with_noise_re_noise(rng):
    seen = noisy(rng, -10.0)
    expected = 10 * math.log10(1 + 10)
    assert echo.signal_to_noise_db(seen, MUSCLE) == pytest.approx(expected, abs=0.1)


def test_penetration_ends_where_echo_and_noise_is_1_4_times_the_noise(rng):
    """sqrt(1 + s^2) = 1.4 where the echo lies 0.18 dB below the noise: at 20.2 dB, 20.2 mm deep."""
    seen = noisy(rng, -20.0, fall_db_per_cm=10.0)
    whole = Patch("w", "w", "muscle", z_m=(1e-3, 39e-3))
    hole = Patch("t", "t", "tendon")
    depth = max(echo.penetration_mm(seen, patch) for patch in (whole, hole))
    assert depth == pytest.approx(20.0, abs=1.2)
    assert math.isnan(echo.penetration_mm(sight(fake_frame()), whole))  # noise is not known


def test_spacing_of_repeats():
    """Echoes every 1.6 mm that fade by 3 dB each."""
    frame = fake_frame()
    z = frame.sample_z_m
    level = -3 * z / 1.6e-3 + 30 * np.exp(-(((z + 0.8e-3) % 1.6e-3 - 0.8e-3) ** 2) / 0.02e-6)
    iq = np.broadcast_to(10 ** (level / 20), frame.iq.shape).astype(np.complex64)
    seen = sight(replace(frame, iq=iq))
    assert echo.repeat_spacing_mm(seen, TOP) == pytest.approx(1.6, abs=0.05)


def test_nothing_that_repeats_has_no_spacing(rng):
    frame = fake_frame()
    iq = rng.normal(size=(*frame.iq.shape, 2)) @ [1, 1j]
    seen = sight(replace(frame, iq=iq.astype(np.complex64)))
    assert math.isnan(echo.repeat_spacing_mm(seen, Patch("b", "b", "muscle", z_m=(1e-3, 14e-3))))


def test_a_shadow_is_positive_and_enhancement_negative():
    seen = sight(fake_frame({"tendon": -20.0, "muscle": -8.0}))
    assert echo.shadow_db(seen, TENDON, MUSCLE) == pytest.approx(12, abs=0.1)
    assert echo.shadow_db(seen, MUSCLE, TENDON) == pytest.approx(-12, abs=0.1)


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_says_what_it_is_and_is_nan_without_its_target(name):
    measure = MEASURES[name]
    assert measure.meaning
    assert measure.source
    assert set(measure.needs) <= set(NEEDS)
    away = Patch("away", "away", "tendon", x_m=(40e-3, 50e-3))
    far = Wire("far", "far", 40e-3, 10e-3)
    targets = {"patch": away, "re_patch": away, "wire": far, "re_wire": far}
    value = read(Reading("r", "r", name, **targets), sight(fake_frame()))
    assert math.isnan(value) == bool(measure.needs)


def test_what_the_machine_says_is_read_as_it_is():
    frame = fake_frame(settings=ScanSettings(power_db=-6))
    values = [read(Reading("r", "r", n), sight(frame)) for n in ("mi", "frame_rate_hz", "power_db")]
    assert values == [frame.output.mi, 50.0, -6.0]


def test_gain_moves_what_is_displayed_and_received_and_nothing_else():
    """One table says which knobs a measure may follow: the names of `reads` are kept."""
    reads = {name: measure.reads for name, measure in MEASURES.items()}
    assert reads["mean_grey"] == reads["gcnr"] == reads["saturated_percent"] == "picture"
    assert reads["contrast_db"] == reads["brightness_slope_db_per_cm"] == "received"
    assert reads["level_db"] == reads["signal_to_noise_db"] == reads["lateral_width_mm"] == "echo"
