"""Any list of point scatterers through the engine's beams: for comparison with other simulators.

Conventions: time zero is such that a point at range s appears at s; apertures by
F-number without renormalisation; the probe's response follows the transmit frequency.
"""

import math
from dataclasses import dataclass, replace

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
"""How far beside it a line hears, at least: with F/2 and F/1.5 at 5 to 10 MHz what is farther
off lies below -60 dB. With large receive F-numbers 3 lambda F."""
_ELEVATION_STEP_M = 0.1e-3
_TAIL_M = 3e-3
_LINES_AT_ONCE = 16
"""Lines at any place share no beams, and the beams of each take up to 0.1 GB."""


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

    def spectrum(frequency_hz: np.ndarray) -> np.ndarray:
        return pulse_echo_spectrum(
            frequency_hz,
            transmit_hz=transmit_hz,
            n_cycle=1.0,
            centre_hz=transmit_hz,
            bandwidth=probe.bandwidth,
        )

    low, high = band_edges(spectrum, 2 * transmit_hz, _BAND_FLOOR_DB)
    n_band = max(4, math.ceil((high - low) / (_BAND_SPACING * transmit_hz)) + 1)
    wavelength = MACHINE_SPEED_M_S / transmit_hz
    step = wavelength / 16
    deepest = float(np.max(sample_z_m)) + _TAIL_M
    n_range = fft.next_fast_len(math.ceil((deepest + _TAIL_M) / step))
    bands = plan_sub_bands(
        low,
        high,
        n_band,
        carrier_hz=transmit_hz,
        step_m=step,
        n_range=n_range,
        n_out=n_range,
    )
    # a sine burst: its echo is in quadrature to the carrier
    weight = -1j * pulse_weights(bands, spectrum)
    u, s = _to_line_frame(probe, np.asarray(x_m, float), np.asarray(z_m, float))
    node = _depth_nodes(max(0.5e-3, s.min() - _TAIL_M), min(s.max(), deepest) + _TAIL_M, wavelength)
    world = _World(
        probe=probe,
        settings=settings,
        bands=bands,
        weight=weight,
        node_m=node,
        loss=10 ** (-attenuation_db_cm_mhz * np.outer(bands.frequency_hz * 1e-6, node * 100) / 10),
        planar=planar,
    )
    planes = list(_planes(None if planar else y_m, np.asarray(amplitude, float)))
    layouts = [
        _lay_out(world, line_u[first : first + _LINES_AT_ONCE])
        for first in range(0, line_u.size, _LINES_AT_ONCE)
    ]
    tables = _tabulate(world, layouts[0])
    iq = np.concatenate([_image_lines(world, layout, tables, u, s, planes) for layout in layouts])
    return CubicSpline(bands.out_m, iq, axis=1)(sample_z_m).astype(np.complex64)


@dataclass(frozen=True)
class _World:
    """What all lines share."""

    probe: Probe
    settings: ScanSettings
    bands: SubBands
    weight: np.ndarray
    node_m: np.ndarray
    loss: np.ndarray
    """float64 [n_band, n_node]: two-way attenuation."""
    planar: bool


def _lay_out(world: _World, line_u: np.ndarray) -> LineLayout:
    """Some lines on a lattice fine enough for the highest frequency."""
    probe, settings = world.probe, world.settings
    wavelength = MACHINE_SPEED_M_S / settings.frequency_hz
    return lay_out_lines(
        probe,
        line_u,
        per_pitch=max(2, math.ceil(probe.pitch_m / (wavelength / 9))),
        reach_u=max(_REACH_M, 3 * wavelength * settings.rx_f_number)
        / (probe.radius_m if probe.is_convex else 1.0),
        widest_m=max(
            settings.focus_m / (2 * settings.tx_f_number),
            world.node_m[-1] / (2 * settings.rx_f_number),
        ),
    )


def _tabulate(world: _World, layout: LineLayout) -> tuple[np.ndarray, np.ndarray]:
    """Field of one element, and its change with the echo's range; the same for all lines."""
    n_side = layout.reach_element * layout.columns.per_pitch + layout.n_tap + 1
    step, hz = layout.columns.step, world.bands.frequency_hz
    table = element_table(
        world.probe, hz, world.node_m, step=step, n_side=n_side, planar=world.planar
    )
    return table, range_moment(table, world.probe, hz, world.node_m, step=step)


def _image_lines(
    world: _World,
    layout: LineLayout,
    tables: tuple[np.ndarray, np.ndarray],
    u: np.ndarray,
    range_m: np.ndarray,
    planes: list[tuple[float, np.ndarray]],
) -> np.ndarray:
    """IQ of some lines on the engine's own range grid: complex64 [n_line, n_range]."""
    probe, bands, node = world.probe, world.bands, world.node_m
    fields = _fields(world, layout, tables)
    iq = np.zeros((layout.line_class.size, bands.n_out), np.complex64)
    for y, share in planes:
        factor = world.loss.astype(complex)
        if not world.planar:
            lens = elevation_field(
                bands.frequency_hz,
                np.array([y]),
                node,
                height_m=probe.height_m,
                elevation_focus_m=probe.elevation_focus_m,
            )
            factor = factor * lens[:, 0] ** 2
        grid = np.zeros((layout.columns.n, bands.n_range), np.complex64)
        here = share != 0
        lattice = (layout.columns, bands.step_m, bands.carrier_hz)
        write_points(grid, *lattice, u[here], range_m[here], share[here])
        spectra = range_spectra(grid)
        beams, moment = _two_way(layout, bands, fields, factor, node)
        iq += acquire([(spectra, None)], world.weight, beams, bands)
        iq += acquire([(spectra, None)], moment_weights(bands, world.weight), moment, bands)
    return iq


def _fields(
    world: _World, layout: LineLayout, tables: tuple[np.ndarray, np.ndarray]
) -> tuple[list[np.ndarray], ...]:
    """Transmit and receive fields of every line class, and how each changes with the echo's
    range: (transmit, receive, transmit moment, receive moment)."""
    probe, settings, frequency_hz = world.probe, world.settings, world.bands.frequency_hz
    table, moment = tables
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
            range_m=world.node_m,
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
