"""Pulses and loss through the sub-band synthesis, against the closed forms of a Gaussian pulse.

One column of echoes and one line that hears it equally at all frequencies: what is left is
the pulse and what loss makes of it; `facts` section 9, checks 8 to 10.
"""

import math

import numpy as np
import pytest

from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.point_echoes import image_points
from physics.probe import find_probe
from physics.pulse import band_edges, burst_spectrum, gaussian_spectrum, probe_response
from physics.settings import ScanSettings
from physics.theory import two_way_loss_db
from physics.validation import pulse
from physics.validation.check import faults
from physics.validation.media import to_db
from physics.validation.pulse import STEP_M, gaussian, one_line


@pytest.mark.parametrize(("frequency_mhz", "bandwidth"), pulse.BANDS)
def test_axial_resolution_is_the_pulse_length_over_two(
    frequency_mhz: float, bandwidth: float
) -> None:
    """(c / 2) 0.8825 / band for a Gaussian band at half amplitude, 3 %. Check 8."""
    assert not faults(pulse.length(frequency_mhz, bandwidth))


@pytest.mark.parametrize("depth_mm", pulse.DEPTHS_MM)
def test_attenuation_pulls_the_centre_frequency_down(depth_mm: float) -> None:
    """f0 - sigma^2 beta 2z: a Gaussian times exp(-2 beta f z) is a shifted Gaussian: 3 %.
    Check 9."""
    check = pulse.downshift(depth_mm)
    assert check.expected < 9.6  # something is tested
    assert not faults([check])


def test_a_narrow_band_falls_by_twice_alpha_f_a_centimetre() -> None:
    """2 alpha f z, 1 %. Check 10."""
    assert not faults([pulse.narrow_band_loss()])


def test_a_wide_band_falls_less_because_it_shifts_down() -> None:
    """2 alpha z at the frequency half way down, 5 %. Check 10."""
    check = pulse.wide_band_loss()
    assert check.expected < 0.95 * two_way_loss_db(0.5, 10e6, 15e-3)  # the shift matters here
    assert not faults([check])


@pytest.mark.parametrize("depth_mm", [12.0, 25.0])
def test_loss_changes_a_point_echo_by_the_same_factor_at_every_frequency_of_the_band(
    depth_mm: float,
) -> None:
    """Spectrum with loss over spectrum without: 2 alpha f z, whatever the beam does. 2 %: loss
    is taken at the sample's depth, and a pulse is 0.3 mm long."""
    alpha, frequency = 0.5, 7.6e6
    depth = np.arange(depth_mm - 2.5, depth_mm + 2.5, 0.01) * 1e-3
    hz = np.fft.fftfreq(depth.size, 1e-5) * MACHINE_SPEED_M_S / 2 + frequency
    amplitude = {}
    for loss in (0.0, alpha):
        iq = image_points(
            np.zeros(1),
            np.array([depth_mm * 1e-3]),
            np.ones(1),
            probe=find_probe("L11-5v"),
            settings=ScanSettings(frequency_hz=frequency, rx_apodisation="hann"),
            line_u=np.array([0.0]),
            sample_z_m=depth,
            attenuation_db_cm_mhz=loss,
            planar=True,
        )
        amplitude[loss] = np.abs(np.fft.fft(iq[0]))
    strong = amplitude[alpha] > 0.1 * amplitude[alpha].max()
    drop = to_db(amplitude[0.0][strong]) - to_db(amplitude[alpha][strong])
    slope = np.polyfit(hz[strong], drop, 1)[0]
    assert slope == pytest.approx(two_way_loss_db(alpha, 1.0, depth_mm * 1e-3), rel=0.02)


def test_a_point_is_seen_at_its_own_depth_at_every_place_between_the_samples() -> None:
    """The carrier phase is exact: moving a point by 1/8 wavelength turns the IQ by 90 degrees."""
    f = 8e6
    quarter = MACHINE_SPEED_M_S / f / 8
    phase = []
    for i in range(5):
        depth, iq = one_line(
            20e-3 + i * quarter, gaussian(f, 0.6 * f), carrier_hz=f, band_hz=(2e6, 14e6)
        )
        phase.append(np.angle(iq[np.abs(iq).argmax()]))
        assert depth[np.abs(iq).argmax()] == pytest.approx(20e-3 + i * quarter, abs=STEP_M)
    turned = np.diff(np.unwrap(phase))
    np.testing.assert_allclose(turned, -np.pi / 2, atol=0.02)


def test_the_burst_and_the_probe_have_the_shape_of_must() -> None:
    """Burst: |sinc(T (f - fc)) - sinc(T (f + fc))|; response exp(-(|f - fc| / h)^p), p = ln 126 /
    ln(2 / B), h = B fc / 2 / ln(2)^(1/p): half amplitude at fc (1 +- B/2), 2^-126 at 0 Hz."""
    fc, bandwidth = 7.6e6, 0.77
    edges = np.array([fc * (1 - bandwidth / 2), fc * (1 + bandwidth / 2)])
    np.testing.assert_allclose(probe_response(edges, fc, bandwidth), 0.5, rtol=1e-12)
    np.testing.assert_allclose(probe_response(edges, fc, bandwidth, "one-way"), np.sqrt(0.5))
    assert probe_response(np.array([1e-3]), fc, bandwidth)[0] == pytest.approx(2.0**-126, rel=1e-4)
    f = np.linspace(1e6, 14e6, 50)
    t = np.linspace(-0.5 / fc, 0.5 / fc, 4001)
    direct = [
        abs(np.trapezoid(np.sin(2 * np.pi * fc * t) * np.exp(-2j * np.pi * x * t), t)) for x in f
    ]
    np.testing.assert_allclose(burst_spectrum(f, fc, 1.0), 2 * fc * np.array(direct), atol=1e-3)


@pytest.mark.parametrize("floor_db", [6.0, 26.0, 45.0])
def test_the_band_edges_are_where_the_spectrum_crosses_the_floor(floor_db: float) -> None:
    """For the Gaussian of half width 50 %: f0 +- 0.25 f0 sqrt(floor / 6.02)."""
    f0 = 8e6
    low, high = band_edges(lambda f: gaussian_spectrum(f, f0, 0.5), 2 * f0, floor_db)
    half = 0.25 * f0 * math.sqrt(floor_db / -HALF_AMPLITUDE_DB)
    assert low == pytest.approx(f0 - half, abs=17e3)  # the search steps by 16 kHz
    assert high == pytest.approx(f0 + half, abs=17e3)


def test_the_shaped_pulse_is_the_gaussian_of_the_closed_forms() -> None:
    f = np.linspace(1e6, 16e6, 100)
    np.testing.assert_allclose(gaussian_spectrum(f, 8e6, 0.5), gaussian(8e6, 4e6)(f), rtol=1e-12)
