"""Pulses and loss through the sub-band synthesis beside the closed forms of a Gaussian pulse.

One column of echoes and one line that hears it equally at all frequencies: what is left is
the pulse and what loss makes of it. Checks 8 to 10 of the thirty.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from physics.acquire import acquire, plan_sub_bands, pulse_weights, range_spectra
from physics.beams import Beams, lay_out_lines
from physics.constants import DB_PER_NEPER, HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.echo_grid import write_points
from physics.probe import find_probe
from physics.theory import axial_width, centroid_after, two_way_loss_db
from physics.validation.check import Check, Curve, Figure, Panel, Section, about
from physics.validation.media import full_width, to_db

STEP_M = 10e-6
N_RANGE = 6000
SIGMA_OF_BAND = 1 / 2.3548
"""Standard deviation of a Gaussian amplitude spectrum over its width at half amplitude."""
BANDS = ((5.0, 0.7), (7.5, 0.77), (10.0, 0.7), (12.0, 0.6))
"""Centre, MHz, and width at half amplitude re it."""
DEPTHS_MM = (10.0, 20.0, 30.0)

Spectrum = Callable[[np.ndarray], np.ndarray]


def gaussian(centre_hz: float, band_hz: float) -> Spectrum:
    """Gaussian amplitude spectrum of half-amplitude width `band_hz`."""
    sigma = band_hz / (2 * math.sqrt(2 * math.log(2)))
    return lambda f: np.exp(-0.5 * ((f - centre_hz) / sigma) ** 2)


def one_line(
    depth_m: float,
    spectrum: Spectrum,
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


def length(frequency_mhz: float, bandwidth: float) -> list[Check]:
    """Axial width and place of an echo. 3 %: the band is cut at -60 dB and joined from 24
    pieces."""
    f = frequency_mhz * 1e6
    band = bandwidth * f
    depth, iq = one_line(
        20e-3, gaussian(f, band), carrier_hz=f, band_hz=(f - 1.3 * band, f + 1.3 * band)
    )
    near = np.abs(depth - 20e-3) < 1e-3
    what = f"{frequency_mhz:g} MHz, band {bandwidth:.0%}"
    return [
        about(
            f"axial width at -6 dB, {what}",
            1e3 * full_width(depth[near], to_db(iq[near]), HALF_AMPLITUDE_DB),
            1e3 * axial_width(band),
            rel=0.03, unit="mm", number=8, source="(c / 2) 0.8825 / band of a Gaussian",
        ),
        about(
            f"depth of the echo, {what}", 1e3 * depth[np.abs(iq).argmax()], 20.0,
            abs_=1e3 * STEP_M, unit="mm", number=8, source="time of flight",
        ),
    ]  # fmt: skip


def downshift(depth_mm: float) -> Check:
    """Centre of the spectrum of an echo from this depth: 10 MHz, 50 %, 0.5 dB/cm/MHz."""
    f, band, loss = 10e6, 5e6, 0.5
    _, iq = one_line(
        depth_mm * 1e-3, gaussian(f, band), carrier_hz=f, band_hz=(1e6, 18e6),
        attenuation_db_cm_mhz=loss,
    )  # fmt: skip
    hz, amplitude = spectrum_of(iq, f)
    closed = centroid_after(f, band * SIGMA_OF_BAND, loss, depth_mm * 1e-3)
    return about(
        f"centre frequency after {depth_mm:g} mm of 0.5 dB/cm/MHz (sent: 10 MHz)",
        1e-6 * np.sum(hz * amplitude) / np.sum(amplitude), 1e-6 * closed,
        rel=0.03, unit="MHz", number=9, source="f0 - sigma^2 beta 2z",
    )  # fmt: skip


def _fall(
    depths_m: tuple[float, float], f: float, band: float, band_hz: tuple[float, float]
) -> float:
    level = [
        to_db(one_line(depth, gaussian(f, band), carrier_hz=f, band_hz=band_hz,
                       attenuation_db_cm_mhz=0.5)[1]).max()
        for depth in depths_m
    ]  # fmt: skip
    return float(level[0] - level[1])


def narrow_band_loss() -> Check:
    """1 %: with a band of 4 % the downshift is below 0.1 %."""
    f = 7.5e6
    drop = _fall((15e-3, 35e-3), f, 0.04 * f, (0.92 * f, 1.08 * f))
    return about(
        "loss of a narrow band over 20 mm, 7.5 MHz", drop, two_way_loss_db(0.5, f, 20e-3),
        rel=0.01, unit="dB", number=10, source="2 alpha f z",
    )  # fmt: skip


def wide_band_loss() -> Check:
    """Peak of a Gaussian pulse after loss: exp(-2 beta f0 z + (2 beta z sigma)^2 / 2), which is
    2 alpha z at the frequency half way down."""
    f, band = 10e6, 5e6
    centres = [centroid_after(f, band * SIGMA_OF_BAND, 0.5, depth) for depth in (5e-3, 20e-3)]
    return about(
        "loss of a 50 % band over 15 mm, 10 MHz", _fall((5e-3, 20e-3), f, band, (1e6, 18e6)),
        two_way_loss_db(0.5, 0.5 * sum(centres), 15e-3),
        rel=0.05, unit="dB", number=10, source="2 alpha z at the mean of the shifted centres",
    )  # fmt: skip


def section(quick: bool = False) -> Section:
    """Checks 8 to 10 on one line."""
    checks = [check for case in BANDS[: 1 if quick else None] for check in length(*case)]
    shifts = [downshift(depth) for depth in DEPTHS_MM[: 1 if quick else None]]
    checks += [*shifts, narrow_band_loss(), wide_band_loss()]
    f, band = 10e6, 5e6
    curves = []
    for colour, depth in enumerate((0.0, 30e-3)):
        _, iq = one_line(
            max(depth, 5e-3), gaussian(f, band), carrier_hz=f, band_hz=(1e6, 18e6),
            attenuation_db_cm_mhz=0.5 if depth else 0.0,
        )  # fmt: skip
        hz, amplitude = spectrum_of(iq, f)
        order = np.argsort(hz)
        hz, amplitude = hz[order], amplitude[order] / amplitude.max()
        inside = (hz > 1e6) & (hz < 18e6)
        centre = centroid_after(f, band * SIGMA_OF_BAND, 0.5, depth)
        what = f"{depth * 1e3:g} mm"
        curves += [
            Curve(hz[inside] * 1e-6, gaussian(centre, band)(hz[inside]), f"closed form, {what}",
                  colour=colour),
            Curve(hz[inside][::36] * 1e-6, amplitude[inside][::36], f"engine, {what}",
                  measured=True, colour=colour),
        ]  # fmt: skip
    figure = Figure(
        "pulse",
        "Spectrum of an echo without loss and from 30 mm of 0.5 dB/cm/MHz: the same Gaussian, "
        "shifted down.",
        (Panel("", "frequency, MHz", "amplitude re largest", curves, (0.0, 1.05)),),
    )
    return Section(
        "Pulse and loss",
        "One echo heard by one line: what remains is the pulse, put together from 24 sub-bands, "
        "and what attenuation makes of each of them.",
        checks,
        (figure,),
    )
