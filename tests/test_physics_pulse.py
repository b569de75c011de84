"""Pulses and loss through the sub-band synthesis, against the closed forms of a Gaussian pulse.

One column of echoes and one line that hears it equally at all frequencies: what is left is
the pulse and what loss makes of it; `facts` section 9, checks 8 to 10.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from media import full_width, to_db

from physics.acquire import acquire, plan_sub_bands, pulse_weights, range_spectra
from physics.beams import Beams, lay_out_lines
from physics.constants import DB_PER_NEPER, HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.echo_grid import write_points
from physics.point_echoes import image_points
from physics.probe import find_probe
from physics.pulse import band_edges, burst_spectrum, gaussian_spectrum, probe_response
from physics.settings import ScanSettings
from physics.theory import axial_width, centroid_after, two_way_loss_db

STEP_M = 10e-6
N_RANGE = 6000


def gaussian(centre_hz: float, band_hz: float) -> Callable[[np.ndarray], np.ndarray]:
    """Gaussian amplitude spectrum of half-amplitude width `band_hz`."""
    sigma = band_hz / (2 * math.sqrt(2 * math.log(2)))
    return lambda f: np.exp(-0.5 * ((f - centre_hz) / sigma) ** 2)


def one_line(
    depth_m: float,
    spectrum: Callable[[np.ndarray], np.ndarray],
    *,
    carrier_hz: float,
    band_hz: tuple[float, float],
    attenuation_db_cm_mhz: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Range, m, and IQ of one echo seen by a line with a single, even tap."""
    bands = plan_sub_bands(
        *band_hz,
        24,
        carrier_hz=carrier_hz,
        step_m=STEP_M,
        n_range=N_RANGE,
        n_out=N_RANGE,
        smooth=True,
    )
    layout = replace(
        lay_out_lines(find_probe("L12-3"), np.zeros(1), per_pitch=1, reach_u=0.0), n_tap=1
    )
    grid = np.zeros((layout.columns.n, N_RANGE), np.complex64)
    u = layout.columns.u
    for column in range(u.size):  # the same in every column, so that it is in the one heard
        write_points(
            grid, layout.columns, STEP_M, carrier_hz, u[column : column + 1],
            np.array([depth_m]), np.ones(1),
        )  # fmt: skip
    shape = (len(layout.classes), bands.frequency_hz.size, 1, bands.n_decimated)
    beams = Beams(
        bands.frequency_hz, layout, np.ones(shape, np.float32), np.zeros(shape, np.float32)
    )
    nepers = (
        2 * attenuation_db_cm_mhz * bands.frequency_hz[:, None] * 1e-6 * bands.decimated_m * 100
    ) / DB_PER_NEPER
    loss = np.exp(-nepers)[:, None, :].astype(np.float32)
    iq = acquire(range_spectra(grid), loss, pulse_weights(bands, spectrum), beams, bands)
    return bands.out_m, iq[0]


def spectrum_of(iq: np.ndarray, carrier_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies, Hz, and amplitude of the line's spectrum."""
    hz = np.fft.fftfreq(iq.size, 1.0 / iq.size) * MACHINE_SPEED_M_S / (2 * iq.size * STEP_M)
    return carrier_hz + hz, np.abs(np.fft.fft(iq))


@pytest.mark.parametrize(
    ("frequency_mhz", "bandwidth"), [(5.0, 0.7), (7.5, 0.77), (10.0, 0.7), (12.0, 0.6)]
)
def test_axial_resolution_is_the_pulse_length_over_two(
    frequency_mhz: float, bandwidth: float
) -> None:
    """(c / 2) 0.8825 / band for a Gaussian band at half amplitude. Check 8.

    3 %: the band is cut at -60 dB and joined from 24 pieces.
    """
    f = frequency_mhz * 1e6
    band = bandwidth * f
    depth, iq = one_line(
        20e-3, gaussian(f, band), carrier_hz=f, band_hz=(f - 1.3 * band, f + 1.3 * band)
    )
    near = np.abs(depth - 20e-3) < 1e-3
    width = full_width(depth[near], to_db(iq[near]), HALF_AMPLITUDE_DB)
    assert width == pytest.approx(axial_width(band), rel=0.03)
    assert depth[np.abs(iq).argmax()] == pytest.approx(20e-3, abs=STEP_M)


@pytest.mark.parametrize("depth_mm", [10.0, 20.0, 30.0])
def test_attenuation_pulls_the_centre_frequency_down(depth_mm: float) -> None:
    """f0 - sigma^2 beta 2z: a Gaussian times exp(-2 beta f z) is a shifted Gaussian. Check 9.

    3 % of the shifted frequency; 10 MHz, 50 %, 0.5 dB/cm/MHz.
    """
    f, band, loss = 10e6, 5e6, 0.5
    sigma = band / 2.3548
    _, iq = one_line(
        depth_mm * 1e-3,
        gaussian(f, band),
        carrier_hz=f,
        band_hz=(1e6, 18e6),
        attenuation_db_cm_mhz=loss,
    )
    hz, amplitude = spectrum_of(iq, f)
    centroid = np.sum(hz * amplitude) / np.sum(amplitude)
    closed = centroid_after(f, sigma, loss, depth_mm * 1e-3)
    assert f - closed > 0.4e6  # something is tested
    assert centroid == pytest.approx(closed, rel=0.03)


def test_a_narrow_band_falls_by_twice_alpha_f_a_centimetre() -> None:
    """2 alpha f z. Check 10, 1 %: with a band of 4 % the downshift is below 0.1 %."""
    f, alpha = 7.5e6, 0.5
    level = {}
    for depth_mm in (15.0, 35.0):
        _, iq = one_line(
            depth_mm * 1e-3,
            gaussian(f, 0.04 * f),
            carrier_hz=f,
            band_hz=(0.92 * f, 1.08 * f),
            attenuation_db_cm_mhz=alpha,
        )
        level[depth_mm] = to_db(iq).max()
    drop = level[15.0] - level[35.0]
    assert drop == pytest.approx(two_way_loss_db(alpha, f, 20e-3), rel=0.01)


def test_a_wide_band_falls_less_because_it_shifts_down() -> None:
    """Peak of a Gaussian pulse after loss: exp(-2 beta f0 z + (2 beta z sigma)^2 / 2), the
    closed form of "2 alpha z at the frequency half way down". Check 10, 5 %."""
    f, band, alpha = 10e6, 5e6, 0.5
    sigma = band / 2.3548
    level = {}
    for depth in (5e-3, 20e-3):
        _, iq = one_line(
            depth,
            gaussian(f, band),
            carrier_hz=f,
            band_hz=(1e6, 18e6),
            attenuation_db_cm_mhz=alpha,
        )
        level[depth] = to_db(iq).max()
    at_half_way = 0.5 * (
        centroid_after(f, sigma, alpha, 5e-3) + centroid_after(f, sigma, alpha, 20e-3)
    )
    closed = two_way_loss_db(alpha, at_half_way, 15e-3)
    assert closed < 0.95 * two_way_loss_db(alpha, f, 15e-3)  # the shift matters here
    assert level[5e-3] - level[20e-3] == pytest.approx(closed, rel=0.05)


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
