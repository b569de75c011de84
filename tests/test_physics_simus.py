"""`image_points` against SIMUS: point targets, fields, slice thickness and speckle pictures of
`shared/reference`, and, for what is not on file, the slow twin of its equations (`naive`).

What is compared, and how, stands in `physics.validation.simus`. Some -20 dB widths lie on a
shoulder of the profile: 1 dB more or less changes them twofold. They agree because the profiles
do, to 0.02 dB there; three of 430 beside the axis do not (`ON_THE_THRESHOLD`).
"""

import math
from collections.abc import Iterable
from pathlib import Path

import naive
import numpy as np
import pytest

from physics.point_echoes import image_points
from physics.probe import find_probe
from physics.settings import ScanSettings
from physics.validation import simus, simus_maps
from physics.validation.check import faults
from physics.validation.simus import (
    APODISATIONS,
    CONVEX,
    LINEAR,
    ON_THE_THRESHOLD,
    POINTS,
    TOLERANCE_20,
    near,
)
from physics.validation.simus_maps import FIELDS

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "reference"
needs_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the reference data are not here: there is no folder {FOLDER}"
)


def check_targets(name: str, apodisation: str, targets: Iterable[int], reach: float) -> None:
    """Widths, profiles and levels of these targets; the three on the threshold are excused."""
    found = simus.target_checks(FOLDER, [name], [apodisation], {name: targets}, "", reach)
    assert not faults(check for check in found if not check.excused)


@needs_files
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", POINTS)
def test_targets_on_the_axis_agree(name: str, apodisation: str) -> None:
    """Widths at -6 dB within 4 %, at -20 dB within 8 %, lateral and axial, all targets;
    profiles within 1.5 dB rms; levels within 1 dB."""
    check_targets(name, apodisation, simus.reference(FOLDER, name).on_axis, near(name))


@needs_files
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", [LINEAR[9], CONVEX[1]])
def test_targets_beside_the_axis_agree(name: str, apodisation: str) -> None:
    """The same for the first target on each side and one far out, with clipped apertures."""
    n_target = simus.reference(FOLDER, name).n_target
    check_targets(name, apodisation, [t for t in (5, 11, 13, 18) if t < n_target], near(name))


@needs_files
@pytest.mark.slow
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", POINTS)
def test_all_targets_agree_over_the_whole_profile(name: str, apodisation: str) -> None:
    """Every target, every line of the file (6 mm or 9 degrees to either side)."""
    check_targets(name, apodisation, range(simus.reference(FOLDER, name).n_target), math.inf)


@needs_files
@pytest.mark.parametrize("apodisation", APODISATIONS)
def test_attenuation_takes_as_much_from_every_target(apodisation: str) -> None:
    """Peak with 0.5 dB/cm/MHz over peak without, all on-axis targets, within 0.7 dB."""
    assert not faults([simus.loss_check(FOLDER, apodisation)])


@needs_files
@pytest.mark.xfail(reason="lateral -20 dB width 16 to 19 % over: on the threshold", strict=True)
@pytest.mark.parametrize("case", ON_THE_THRESHOLD)
def test_widths_of_profiles_on_the_threshold(case: tuple[str, str, int]) -> None:
    """Three of 430 beside the axis: which side of -20 dB the minimum lies on, decides.
    Neither exact delays nor linear interpolation of the channels nor finer steps bring it over."""
    error = simus.compared(FOLDER, *case, near(case[0])).width["lateral", -20.0]
    assert abs(error) <= TOLERANCE_20


@needs_files
@pytest.mark.parametrize("case", ON_THE_THRESHOLD)
def test_profiles_on_the_threshold_agree_all_the_same(case: tuple[str, str, int]) -> None:
    """Every line above -22 dB within 0.03 dB."""
    assert simus.compared(FOLDER, *case, near(case[0])).top_db < 0.03


@needs_files
def test_an_on_axis_target_is_seen_alike_from_both_sides() -> None:
    """What allows one side to be computed."""
    ref = simus.reference(FOLDER, LINEAR[8])
    line_u = np.array([-1.5e-3, -0.6e-3, -0.15e-3, 0.15e-3, 0.6e-3, 1.5e-3])
    envelope = ref.image("hann", int(ref.on_axis[2]), line_u)
    np.testing.assert_allclose(envelope, envelope[::-1], atol=1e-4 * envelope.max())


@needs_files
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("world", ["2d", "3d"])
def test_the_two_way_field_agrees(world: str, apodisation: str) -> None:
    """Within 1 dB rms above -30 dB; the column on the line and every sixth beside it."""
    assert not faults([simus_maps.field_check(FOLDER, FIELDS[4], world, apodisation, 6)])


@needs_files
@pytest.mark.slow
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("world", ["2d", "3d"])
@pytest.mark.parametrize("name", FIELDS)
def test_all_two_way_fields_agree(name: str, world: str, apodisation: str) -> None:
    assert not faults([simus_maps.field_check(FOLDER, name, world, apodisation, 1)])


@needs_files
@pytest.mark.parametrize("name", FIELDS)
def test_slice_thickness_agrees(name: str) -> None:
    """One-way -6 dB thickness of the transmitted field in the plane x = 0, at every depth at
    which the map holds it: within 10 %."""
    n_depth = np.load(FOLDER / f"{name}.npz")["z_elev"].size
    assert len(list(simus_maps.slice_widths(FOLDER, name))) > 0.4 * n_depth
    assert not faults([simus_maps.slice_check(FOLDER, name)])


@needs_files
@pytest.mark.parametrize(("world", "apodisation"), [("2d", "rect"), ("3d", "hann")])
def test_speckle_and_cyst_agree_speckle_for_speckle(world: str, apodisation: str) -> None:
    """Correlation of the envelopes 0.985, 1.5 dB rms over the top 40 dB, contrast within 3 dB
    and gCNR within 0.03, on every fifth line."""
    assert not faults(simus_maps.cyst_checks(simus_maps.Cyst(FOLDER, world, 5), apodisation))


@needs_files
@pytest.mark.slow
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("world", ["2d", "3d"])
def test_whole_pictures_of_the_cyst_agree(world: str, apodisation: str) -> None:
    """All lines, and the figures that the files state."""
    assert not faults(simus_maps.cyst_checks(simus_maps.Cyst(FOLDER, world, 1), apodisation))


ELSEWHERE = {
    "another probe, focused near, F/1": (
        "L12-3v", 9e6, 12e-3, (2.0, 1.0), "hann", 1.1e-3, (1.3e-3, 0.0, 9e-3), 0.5, False
    ),
    "another probe, focused deep, at its end": (
        "L12-3v", 9e6, 28e-3, (3.0, 2.5), "tukey", -17e-3, (-16.5e-3, 0.0, 24e-3), 0.0, False
    ),
    "beside the plane, deep": (
        "L12-3v", 9e6, 12e-3, (2.0, 1.5), "rect", 3.02e-3, (3.4e-3, 1.2e-3, 30e-3), 0.0, False
    ),
    "beside the plane, near": (
        "L12-3", 12e6, 12e-3, (1.5, 1.0), "rect", 0.0, (0.1e-3, 0.7e-3, 5e-3), 0.0, False
    ),
    "planar, large F-number": (
        "L11-5v", 6e6, 30e-3, (4.0, 4.0), "hamming", -2e-3, (-1e-3, 0.0, 18e-3), 0.0, True
    ),
    "convex, slanted, beside the plane": (
        "C5-2v", 3e6, 60e-3, (3.0, 2.0), "hann", 0.2, (19.71e-3, 1e-3, 42.92e-3), 0.3, False
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ELSEWHERE)
def test_what_is_not_on_file_agrees_with_the_slow_twin(case: str) -> None:
    """Complex IQ of one line, as PyMUST's equations have it: within 1 % of its peak."""
    name, frequency, focus, f_number, apodisation, u, point, loss, planar = ELSEWHERE[case]
    probe = find_probe(name)
    settings = ScanSettings(
        frequency_hz=frequency, focus_m=focus, tx_f_number=f_number[0], rx_f_number=f_number[1],
        rx_apodisation=apodisation,
    )  # fmt: skip
    x, y, z = point
    to_chord = probe.radius_m - probe.apothem_m if probe.is_convex else 0.0
    depth = math.hypot(x, z + probe.radius_m) - probe.radius_m if probe.is_convex else z
    sample = depth + np.arange(-1e-3, 2e-3, 0.02e-3)
    expected = naive.simus_line(
        probe, settings, u=u, sample_m=sample, point=point, planar=planar,
        attenuation_db_cm_mhz=loss,
    )  # fmt: skip
    (iq,) = image_points(
        np.array([x]), np.array([z + to_chord]), np.ones(1), y_m=np.array([y]), probe=probe,
        settings=settings, line_u=np.array([u]), sample_z_m=sample, planar=planar,
        attenuation_db_cm_mhz=loss,
    )  # fmt: skip
    np.testing.assert_allclose(iq, expected, atol=0.01 * np.abs(expected).max())


def test_many_points_are_the_sum_of_their_echoes(rng: np.random.Generator) -> None:
    """Whatever is recorded together: 40 points over 30 mm, off the plane too."""
    x, y, z = (rng.uniform(*span, 40) * 1e-3 for span in ((-3, 3), (-1, 1), (4, 34)))
    strength = rng.normal(size=40)
    common = {
        "probe": find_probe("L12-3"),
        "settings": ScanSettings(frequency_hz=8e6),
        "line_u": np.array([-1e-3, 0.4e-3]),
        "sample_z_m": np.arange(3e-3, 36e-3, 0.1e-3),
    }
    together = image_points(x, z, strength, y_m=y, **common)
    alone = [
        image_points(x[i : i + 1], z[i : i + 1], strength[i : i + 1], y_m=y[i : i + 1], **common)
        for i in range(40)
    ]
    np.testing.assert_allclose(together, sum(alone), atol=2e-3 * np.abs(together).max())
