"""Smooth surfaces and straight fibres: level and loss with tilt; `facts` section 9, 17 and 20-22.

In the engine nothing knows an angle: what leaves the aperture is lost in the sum over it.
"""

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from media import look, middle_peak, mirror

import physics.echoes
from phantoms import validation as tissue
from phantoms.validation import tendon_in_muscle
from physics.geometry import Pose
from physics.validation import surfaces
from physics.validation.check import faults
from physics.validation.surfaces import equal_apertures


@pytest.mark.parametrize("r", surfaces.REFLECTIONS)
def test_a_plane_between_two_tissues_reflects_their_impedance_step(r: float) -> None:
    """R = (Z2 - Z1) / (Z2 + Z1) at normal incidence, re a perfect mirror. Check 17: 1 %.

    Down to -50 dB. From 0.6 % of density to bone.
    """
    check = surfaces.plane_reflection(r)
    assert check.expected == pytest.approx(r)
    assert not faults([check])


def test_a_soft_tissue_under_a_hard_one_echoes_with_the_opposite_sign() -> None:
    """R changes its sign with the order of the tissues; its phase turns by 180 degrees."""
    peaks = []
    for density in (1500.0, 1000.0 / 1.5):
        frame = look(mirror(20e-3, wall={"density_kg_m3": density}), **equal_apertures(2.0))
        line = frame.iq[frame.iq.shape[0] // 2]
        peaks.append(line[np.abs(line).argmax()])
    assert abs(peaks[1] / peaks[0] + 1) < 0.01


@pytest.mark.parametrize("f_number", surfaces.F_NUMBERS)
def test_a_tilted_plane_fades_as_the_apertures_overlap(f_number: float) -> None:
    """Echo re normal incidence: tri(2 F tan(tilt)). Check 20, at 0.11, and F 2 and 3.

    The triangle is the limit of an aperture much wider than sqrt(wavelength x depth) = 2 mm;
    narrower ones round its tip. A direct sum over elements and plane gives 0.94, 0.90 and
    0.87 at F 2, 3, 4 and 2 degrees where the triangle has 0.86, 0.79 and 0.72. Where the direct
    sum is 0.10 or more off the triangle (2 degrees at F 3, 2 and 4 degrees at F 4) only the
    direct sum is a fair judge.
    """
    direct, triangle, strictly = surfaces.tilt_checks(f_number)
    assert not faults([direct, triangle])
    assert strictly.excused  # 0.06 everywhere, as the data sheet has it, is not met


def test_rocking_the_probe_is_tilting_the_plane() -> None:
    """One and the same to the echoes, left and right."""
    knobs, tilt, depth = equal_apertures(2.0), math.radians(5), 20e-3
    tilted = middle_peak(look(mirror(depth, tilt), **knobs))
    for sign in (1, -1):
        # the plane stays where it was under the middle of the face
        rocked = look(mirror(depth * math.cos(tilt)), pose=Pose(0.0, sign * tilt), **knobs)
        assert middle_peak(rocked) == pytest.approx(tilted, rel=0.02)


@pytest.mark.parametrize("f_number", surfaces.F_NUMBERS)
def test_fibres_fall_to_the_level_of_grains_at_the_angle_of_the_closed_form(
    f_number: float,
) -> None:
    """tan(tilt) = (1 - 10^(-C / 20)) / (2 F) for fibres C = 5.7 dB brighter than grains when met
    squarely: 6.9, 4.6, 3.4 degrees (Crass 1988: 2 to 7). Check 21: 15 %."""
    check = surfaces.iso_echo_angle(f_number)
    assert not faults([check])
    assert 2.0 <= check.measured <= 8.0


@pytest.mark.parametrize("tilt_deg", surfaces.NEEDLE_TILTS_DEG)
def test_a_needle_beyond_the_aperture_is_lost(tilt_deg: float) -> None:
    """A smooth rod echoes nothing back once tan(tilt) > 1 / (2 F): 14 degrees at F 2. Check 22.

    "Lost": 30 dB below the same needle across the beam, into muscle's speckle.
    """
    assert math.tan(math.radians(tilt_deg)) > 1 / (2 * 2.0)
    assert not faults([surfaces.needle(tilt_deg)])


def test_tendon_falls_to_the_level_of_muscle_between_2_and_7_degrees() -> None:
    """Crass 1988 (hock tendon, linear array): brighter than muscle when met squarely, equal at
    2 to 7 degrees, darker beyond; 10 dB below its peak at 12 degrees."""
    assert not faults(tissue.tendon_checks(tissue.tilt_levels()))


def test_muscle_does_not_mind_the_tilt_of_the_tendon() -> None:
    levels = [tendon_in_muscle(math.radians(t))[1] for t in (0, 12)]
    assert levels[1] == pytest.approx(levels[0], abs=0.1)


def test_no_code_weighs_an_echo_by_the_angle_between_beam_and_fibre() -> None:
    """`physics.echoes` knows cos and sin of a carrier's phase (a "turn") and no other function
    of an angle."""
    tree = ast.parse(Path(physics.echoes.__file__).read_text(encoding="utf-8"))
    called = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    angles = ("acos", "arccos", "asin", "arcsin", "atan", "arctan", "tan(", "cosh", "sinh")
    assert not [call for call in called if any(name in call for name in angles)]
    for call in called:
        if call.startswith(("np.cos(", "np.sin(", "math.cos(", "math.sin(")):
            assert "turn" in call, call
