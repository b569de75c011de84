"""Any list of point scatterers through the engine's beams: for comparison with other simulators.

Conventions: time zero is such that a point at range s appears at s; apertures by
F-number without renormalisation; the probe's response follows the transmit frequency.
"""

import math
from dataclasses import replace

import numpy as np
from scipy import fft
from scipy.interpolate import CubicSpline

from physics.acquire import (
    SubBands,
    acquire,
    moment_weights,
    plan_sub_bands,
    pulse_weights,
    range_spectra,
)
from physics.beams import (
    Beams,
    LineLayout,
    combine,
    element_table,
    lay_out_lines,
    range_moment,
    receive_weights,
    sum_over_elements,
    transmit_weights,
)
from physics.constants import MACHINE_SPEED_M_S
from physics.echo_grid import write_points
from physics.elevation import elevation_field
from physics.probe import Probe
from physics.pulse import band_edges, pulse_echo_spectrum
from physics.settings import ScanSettings

_BAND_FLOOR_DB = 45.0
_BAND_SPACING = 0.05
"""Spacing of the sub-bands, of the transmit frequency."""
_REACH_M = 6.5e-3
"""How far beside it a line hears: echoes farther off are below -60 dB."""
_ELEVATION_STEP_M = 0.1e-3
_TAIL_M = 3e-3


def image_points(
    x_m: np.ndarray,
    z_m: np.ndarray,
    amplitude: np.ndarray,
    *,
    probe: Probe,
    settings: ScanSettings,
    line_u: np.ndarray,
    sample_z_m: np.ndarray,
    y_m: np.ndarray | None = None,
    attenuation_db_cm_mhz: float = 0.0,
    planar: bool = False,
) -> np.ndarray:
    """IQ of point scatterers at 1540 m/s: complex64 [n_line, n_sample], demodulated at the
    transmit frequency.

    x_m, z_m, amplitude, y_m : float[n_point]; z from the face (from the chord, on a convex
    array). line_u : lateral line positions, m or rad. sample_z_m : range along the line, m.
    `planar`: a two-dimensional world, no elevation lens, y_m ignored.
    """
    transmit_hz = settings.frequency_hz
    pulse = {
        "transmit_hz": transmit_hz,
        "n_cycle": 1.0,
        "centre_hz": transmit_hz,
        "bandwidth": probe.bandwidth,
    }
    low, high = band_edges(**pulse, floor_db=_BAND_FLOOR_DB)
    n_band = max(4, math.ceil((high - low) / (_BAND_SPACING * transmit_hz)) + 1)
    wavelength = MACHINE_SPEED_M_S / transmit_hz
    step = wavelength / 16
    deepest = float(np.max(sample_z_m)) + _TAIL_M
    n_range = fft.next_fast_len(math.ceil((deepest + _TAIL_M) / step))
    bands = plan_sub_bands(
        low, high, n_band, carrier_hz=transmit_hz, step_m=step, n_range=n_range, n_out=n_range
    )
    # a sine burst: its echo is in quadrature to the carrier
    weight = -1j * pulse_weights(bands, lambda f: pulse_echo_spectrum(f, **pulse))
    arc = probe.radius_m if probe.is_convex else 1.0
    per_pitch = max(2, math.ceil(probe.pitch_m / (wavelength / 9)))
    u, s = _to_line_frame(probe, np.asarray(x_m, float), np.asarray(z_m, float))
    layout = lay_out_lines(
        probe,
        line_u,
        per_pitch=per_pitch,
        reach_u=_REACH_M / arc,
        widest_m=max(
            settings.focus_m / (2 * settings.tx_f_number),
            (deepest + _TAIL_M) / (2 * settings.rx_f_number),
        ),
    )
    node = _depth_nodes(max(0.5e-3, s.min() - _TAIL_M), min(s.max(), deepest) + _TAIL_M, wavelength)
    fields = _fields(probe, settings, layout, bands.frequency_hz, node, planar)
    amplitude = np.asarray(amplitude, float)
    iq = np.zeros((line_u.size, bands.n_out), np.complex64)
    loss = 10 ** (
        -2 * attenuation_db_cm_mhz * (bands.frequency_hz[:, None] * 1e-6) * (node[None, :] * 100) / 20
    )
    for y, share in _planes(None if planar else y_m, amplitude):
        factor = loss.astype(complex)
        if not planar:
            lens = elevation_field(
                bands.frequency_hz,
                np.array([y]),
                node,
                height_m=probe.height_m,
                elevation_focus_m=probe.elevation_focus_m,
            )
            factor = factor * lens[:, 0] ** 2
        grid = np.zeros((layout.columns.n, bands.n_range), np.complex64)
        write_points(grid, layout.columns, step, transmit_hz, u, s, share)
        spectra = range_spectra(grid)
        beams, moment = _two_way(layout, bands, fields, factor, node)
        iq += acquire(spectra, weight, None, beams, bands)
        iq += acquire(spectra, moment_weights(bands, weight), None, moment, bands)
    return CubicSpline(bands.out_m, iq, axis=1)(sample_z_m).astype(np.complex64)


def _fields(
    probe: Probe,
    settings: ScanSettings,
    layout: LineLayout,
    frequency_hz: np.ndarray,
    node_m: np.ndarray,
    planar: bool,
) -> tuple[list[np.ndarray], ...]:
    """Transmit and receive fields of every line class, and how each changes with the echo's
    range: (transmit, receive, transmit moment, receive moment)."""
    n_side = layout.reach_element * layout.columns.per_pitch + layout.n_tap + 1
    step = layout.columns.step
    table = element_table(probe, frequency_hz, node_m, step=step, n_side=n_side, planar=planar)
    moment = range_moment(table, probe, frequency_hz, node_m, step=step)
    fields: tuple[list[np.ndarray], ...] = ([], [], [], [])
    for kind in layout.classes:
        sent = transmit_weights(
            probe,
            frequency_hz,
            kind,
            reach_element=layout.reach_element,
            focus_m=settings.focus_m,
            f_number=settings.tx_f_number,
            apodisation=settings.tx_apodisation,
        )[None]
        heard, _ = receive_weights(
            probe,
            frequency_hz,
            kind,
            reach_element=layout.reach_element,
            range_m=node_m,
            f_number=settings.rx_f_number,
            apodisation=settings.rx_apodisation,
        )
        for place, (source, weights) in enumerate(
            ((table, sent), (table, heard), (moment, sent), (moment, heard))
        ):
            fields[place].append(sum_over_elements(source, weights, kind, layout))
    return fields


def _two_way(
    layout: LineLayout,
    bands: SubBands,
    fields: tuple[list[np.ndarray], ...],
    factor: np.ndarray,
    node_m: np.ndarray,
) -> tuple[Beams, Beams]:
    """Two-way beams for an echo at the sample's own range, and their change with its range.

    While one echo's pulse passes, the receive focus moves on: the second term, times
    (s - s0), is what that does (first order).
    """
    transmit, receive, transmit_moment, receive_moment = fields
    factors = [factor] * len(layout.classes)

    def beams(tx: list[np.ndarray], rx: list[np.ndarray]) -> Beams:
        return combine(layout, bands.frequency_hz, tx, rx, factors, node_m, bands.decimated_m)

    first, second = beams(transmit_moment, receive), beams(transmit, receive_moment)
    moment = replace(first, real=first.real + second.real, imag=first.imag + second.imag)
    return beams(transmit, receive), moment


def _depth_nodes(first_m: float, last_m: float, wavelength_m: float) -> np.ndarray:
    """Depths at which beams are computed: dense near the face, where they change fast."""
    z = [first_m]
    while z[-1] < last_m or len(z) < 2:
        z.append(z[-1] + float(np.clip(0.01 * z[-1], wavelength_m / 4, 0.2e-3)))
    return np.array(z)


def _to_line_frame(probe: Probe, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not probe.is_convex:
        return x, z
    along = z + probe.apothem_m
    return np.arctan2(x, along), np.hypot(x, along) - probe.radius_m


def _planes(y_m, amplitude):
    """Elevation planes with each point's share in them: (|y|, amplitude[n_point])."""
    if y_m is None or not np.any(y_m):
        yield 0.0, amplitude
        return
    position = np.abs(np.asarray(y_m, float)) / _ELEVATION_STEP_M
    lower = np.floor(position)
    for plane in np.unique(np.concatenate([lower, lower + 1])):
        share = amplitude * np.maximum(0.0, 1.0 - np.abs(position - plane))
        if np.any(share):
            yield plane * _ELEVATION_STEP_M, share
