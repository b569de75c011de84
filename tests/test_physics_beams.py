"""Beams against closed forms: focal width, side lobes, depth of field, grating lobes.

Fine-pitch arrays of thin elements in a two-dimensional world, at large F, so that the
paraxial formulas hold; `facts` section 9, checks 1 to 7.
"""

import math

import naive
import numpy as np
import pytest

from physics.elevation import elevation_field
from physics.probe import find_probe
from physics.theory import grating_lobe_angle
from physics.validation import beams
from physics.validation.check import faults
from physics.validation.media import to_db


@pytest.mark.parametrize("case", beams.SENT_WIDTHS, ids=str)
def test_the_sent_focus_is_as_wide_as_the_transform_of_the_aperture(case: tuple) -> None:
    """Full width of |FT aperture| in wavelengths x F: Harris, Proc IEEE 1978;66:51. Check 1."""
    assert not faults([beams.sent_focus(*case)])


@pytest.mark.parametrize("case", beams.TWO_WAY_WIDTHS, ids=str)
def test_the_two_way_focus_is_the_product_of_both_apertures(case: tuple) -> None:
    """0.8859, 1.441 and 1.056 wavelengths x F: zeros of the product of transforms. Checks 2, 3."""
    assert not faults([beams.two_way_focus(*case)])


@pytest.mark.parametrize("case", beams.SIDE_LOBES, ids=str)
def test_side_lobes_have_their_textbook_level(case: tuple) -> None:
    """-13.26 dB (rect) and -31.5 dB (Hann) one way, twice that both ways. Checks 4, 5."""
    assert not faults(beams.side_lobes(*case))


def test_depth_of_field_is_seven_wavelengths_f_squared() -> None:
    """Two-way -6 dB depth of field of a cylindrical focus, 6.95 lambda F^2, 8 %. Check 6."""
    assert not faults([beams.focal_depth()])


@pytest.mark.parametrize(("pitch_mm", "frequency_hz", "printed_deg"), beams.GRATING_LOBES)
def test_grating_lobes_stand_where_the_grating_equation_says(
    pitch_mm: float, frequency_hz: float, printed_deg: float
) -> None:
    """sin(angle) = wavelength / pitch: L11-5v at 7.6 MHz and L14-5/38 at 10 MHz, half a degree.
    Check 7."""
    check = beams.grating_lobe(pitch_mm, frequency_hz)
    assert check.expected == pytest.approx(printed_deg, abs=0.06)
    assert not faults([check])


def test_a_fine_pitch_has_no_grating_lobe() -> None:
    assert math.isnan(grating_lobe_angle(7.54e6, find_probe("L12-3").pitch_m))


@pytest.mark.parametrize("case", beams.SLICES, ids=str)
def test_the_slice_is_as_thick_as_fresnel_says(case: tuple[float, ...]) -> None:
    """Half-amplitude thickness by Fresnel integration, table in `facts` section 2: within 10 %,
    at the focus within 4 %."""
    assert not faults(beams.slice_thickness(*case))


@pytest.mark.parametrize("name", ["L11-5v", "L12-3", "L18-4", "C5-2v"])
def test_four_gaussians_stand_for_the_lens(name: str) -> None:
    """On the axis against direct integration (exact paths, thin lens), over all frequencies of
    the knob: from 0.3 to 0.5 focal lengths within 2.2 dB (where the beam has a dip), to 0.65
    within 0.8 dB, beyond within 0.3 dB."""
    probe = find_probe(name)
    lens = {"height_m": probe.height_m, "elevation_focus_m": probe.elevation_focus_m}
    hz = np.array([probe.low_hz, probe.centre_hz, probe.high_hz])
    part = np.linspace(0.3, 2.5, 45)
    depth = part * probe.elevation_focus_m
    fast = elevation_field(hz, np.zeros(1), depth, **lens)[:, 0]
    slow = np.array([[naive.rayleigh_lens(f, 0.0, z, **lens) for z in depth] for f in hz])
    level, phase = np.abs(to_db(fast) - to_db(slow)), np.abs(np.angle(fast / slow))
    assert level.max() < 2.2
    assert level[:, part >= 0.5].max() < 0.8
    assert level[:, part >= 0.65].max() < 0.3
    assert phase.max() < 0.25
    assert phase[:, part >= 0.65].max() < 0.05


def test_the_lens_beside_the_plane_has_its_path_and_its_slope() -> None:
    """Off the axis the four Gaussians keep amplitude and phase: within 3 % of the axial field."""
    lens = {"height_m": 5e-3, "elevation_focus_m": 18e-3}
    y = np.linspace(0, 1.5e-3, 16)
    fast = elevation_field(np.array([7.6e6]), y, np.array([15e-3, 22e-3]), **lens)[0]
    slow = np.array(
        [[naive.rayleigh_lens(7.6e6, yy, z, **lens) for z in (15e-3, 22e-3)] for yy in y]
    )
    np.testing.assert_allclose(fast, slow, atol=0.03 * np.abs(slow).max())
