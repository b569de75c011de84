"""The scanner's beams for one position of its knobs: stages of the imaging chain.

physics.beams and physics.acquire hold the physics; here the knobs meet them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

from physics.acquire import SubBands, plan_sub_bands, pulse_weights
from physics.apodisation import without_side_lobes
from physics.beams import (
    Beams,
    LineClass,
    aperture_weights,
    combine,
    element_table,
    receive_weights,
    sum_over_elements,
    transmit_weights,
)
from physics.constants import MACHINE_SPEED_M_S
from physics.diverging_beams import diverging_field
from physics.elevation import elevation_weights
from physics.harmonic import PULSE_POWER, growth_m, pulse_scale, second_harmonic
from physics.probe import Probe
from physics.pulse import pulse_edges, pulse_spectrum
from physics.scan_grid import Grid, Ranges
from physics.speed import shown_m
from physics.zones import Zones

_BAND_SPACING_HZ = 2.0e6


def cut_bands(probe: Probe, ranges: Ranges) -> SubBands:
    """Sub-bands of everything the probe can send and hear, at least four.

    They do not move with the frequency knob: that only weights them anew, so beams are kept.
    """
    low, _ = pulse_edges(probe.low_hz)
    _, high = pulse_edges(probe.high_hz)
    # finished lines carry the band on either side of the probe's centre, and a tenth more
    half_band = max(high - probe.centre_hz, probe.centre_hz - low)
    length_s = 2 * ranges.n_range * ranges.range_step_m / MACHINE_SPEED_M_S
    return plan_sub_bands(
        low,
        high,
        max(4, math.ceil((high - low) / _BAND_SPACING_HZ) + 1),
        carrier_hz=probe.centre_hz,
        step_m=ranges.range_step_m,
        n_range=ranges.n_range,
        n_out=fft.next_fast_len(math.ceil(2.2 * half_band * length_s)),
        smooth=True,
        real=True,
    )


def find_span(bands: SubBands, *, frequency_hz: float) -> tuple[int, int]:
    """First and last + 1 of the sub-bands that a pulse of this frequency needs."""
    low, high = pulse_edges(frequency_hz)
    spacing = bands.frequency_hz[1] - bands.frequency_hz[0]
    needed = np.flatnonzero(
        (bands.frequency_hz > low - 0.5 * spacing) & (bands.frequency_hz < high + 0.5 * spacing)
    )
    return int(needed[0]), int(needed[-1]) + 1


def shape_pulse(
    probe: Probe,
    bands: SubBands,
    span: tuple[int, int],
    *,
    frequency_hz: float,
    harmonic: str = "off",
) -> np.ndarray:
    """Weights that make the sub-bands the pulse of this frequency."""
    spectrum = pulse_spectrum(frequency_hz)
    if harmonic == "on":
        scale = pulse_scale(probe, frequency_hz)
        return pulse_weights(bands.part(span), lambda hz: scale * spectrum(hz) ** PULSE_POWER)
    return pulse_weights(bands.part(span), spectrum)


@dataclass(frozen=True)
class Reception:
    """Receive fields of every line class, and what they do to noise."""

    fields: list[np.ndarray]
    weight_sum: np.ndarray
    """float64 [n_class, n_node]: sum of the element weights."""
    noise_gain: np.ndarray
    """float64 [n_class, n_node]: root of the summed squared weights over their sum."""


def tabulate_elements(
    probe: Probe, grid: Grid, bands: SubBands, speed_m_s: float = MACHINE_SPEED_M_S
) -> np.ndarray:
    """Field of one element at every depth, offset and frequency (see physics.beams), in a medium
    of this speed."""
    return _tabulate(probe, grid, bands.frequency_hz, speed_m_s)


def tabulate_senders(
    probe: Probe,
    grid: Grid,
    bands: SubBands,
    speed_m_s: float,
    table: np.ndarray,
    *,
    harmonic: str,
) -> np.ndarray:
    """The same at the frequencies that are sent: half those that are heard, in harmonic mode."""
    if harmonic == "off":
        return table
    return _tabulate(probe, grid, bands.frequency_hz / 2, speed_m_s)


def _tabulate(probe: Probe, grid: Grid, frequency_hz: np.ndarray, speed_m_s: float) -> np.ndarray:
    layout = grid.layout
    if math.isfinite(grid.lines.apex_m):  # physics.diverging_beams needs no table
        return np.empty((2, 0, frequency_hz.size, 0), np.float32)
    n_side = layout.reach_element * layout.columns.per_pitch + layout.n_tap + 1
    return element_table(
        probe,
        frequency_hz,
        grid.node_m,
        step=layout.columns.step,
        n_side=n_side,
        planar=False,
        steer_rad=grid.lines.steer_rad,
        speed_m_s=speed_m_s,
    )


def transmit_fields(
    probe: Probe,
    grid: Grid,
    bands: SubBands,
    span: tuple[int, int],
    table: np.ndarray,
    speed_m_s: float,
    zones: Zones,
    *,
    tx_f_number: float,
    tx_apodisation: str,
    side_lobes: str = "on",
    harmonic: str = "off",
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
) -> list[list[np.ndarray]]:
    """Of each zone: transmitted field of every line class, or the harmonic that it makes, in a
    medium of this speed (that of the table), at the nodes that the zone needs."""
    return [
        _transmit_to(
            focus_m,
            probe,
            grid,
            bands.frequency_hz[slice(*span)] / (2 if harmonic == "on" else 1),
            grid.node_m[nodes],
            np.ascontiguousarray(table[:, nodes, slice(*span)]),
            speed_m_s,
            tx_f_number=tx_f_number,
            tx_apodisation=without_side_lobes(tx_apodisation, side_lobes),
            harmonic=harmonic,
            machine_speed_m_s=machine_speed_m_s,
        )
        for focus_m, nodes in zip(
            zones.focus_m, _nodes_of(zones, grid, machine_speed_m_s), strict=True
        )
    ]


def _nodes_of(zones: Zones, grid: Grid, machine_speed_m_s: float) -> list[slice]:
    """The nodes about the depths that each zone is shown at."""
    node_m = shown_m(grid.node_m, machine_speed_m_s)
    return [
        slice(
            max(int(np.searchsorted(node_m, above)) - 1, 0), int(np.searchsorted(node_m, below)) + 1
        )
        for above, below in zones.extent_m
    ]


def _transmit_to(
    focus_m: float,
    probe: Probe,
    grid: Grid,
    sent_hz: np.ndarray,
    node_m: np.ndarray,
    table: np.ndarray,
    speed_m_s: float,
    *,
    tx_f_number: float,
    tx_apodisation: str,
    harmonic: str,
    machine_speed_m_s: float,
) -> list[np.ndarray]:
    """The same for one focus. table : at these nodes and the frequencies sent."""
    reach = math.ceil(focus_m / (2 * tx_f_number) / probe.pitch_m) + 1
    fields: dict[LineClass, np.ndarray] = {}
    kinds = [kind.within(reach) for kind in grid.layout.classes]
    for kind in kinds:
        if kind in fields:
            continue
        if math.isfinite(grid.lines.apex_m):
            q, focus = _elements_about(grid), np.array([focus_m])
            weight = aperture_weights(probe, kind, q, focus, tx_f_number, tx_apodisation)
            weight = weight * kind.working(q)
            fields[kind] = diverging_field(
                probe,
                sent_hz,
                node_m,
                np.repeat(weight, node_m.size, axis=0),
                np.full(node_m.size, focus_m),
                kind,
                grid.layout,
                grid.lines.apex_m,
                speed_m_s=speed_m_s,
                machine_speed_m_s=machine_speed_m_s,
            )
            width = float(weight.sum())
        else:
            weights = transmit_weights(
                probe,
                sent_hz,
                kind,
                reach_element=grid.layout.reach_element,
                focus_m=focus_m,
                f_number=tx_f_number,
                apodisation=tx_apodisation,
                steer_rad=grid.lines.steer_rad,
                speed_m_s=machine_speed_m_s,
            )
            fields[kind] = sum_over_elements(table, weights[None], kind, grid.layout)
            width = float(np.abs(weights[0]).sum())
        if harmonic == "on":
            growth = growth_m(
                sent_hz,
                node_m,
                focus_m=focus_m,
                aperture_m=max(width, 1.0) * probe.pitch_m,
                probe=probe,
            )
            fields[kind] = second_harmonic(fields[kind], growth)
    return [fields[kind] for kind in kinds]


def _elements_about(grid: Grid) -> np.ndarray:
    """Elements that may take part, counted from a line's nearest one."""
    return np.arange(-grid.layout.reach_element, grid.layout.reach_element + 1)


def receive_fields(
    probe: Probe,
    grid: Grid,
    bands: SubBands,
    table: np.ndarray,
    speed_m_s: float = MACHINE_SPEED_M_S,
    *,
    rx_f_number: float,
    rx_apodisation: str,
    side_lobes: str = "on",
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
) -> Reception:
    """Receive sensitivity of every line class."""
    rx_apodisation = without_side_lobes(rx_apodisation, side_lobes)
    fields, weight_sum, noise_gain = [], [], []
    for kind in grid.layout.classes:
        weights, amplitude = receive_weights(
            probe,
            bands.frequency_hz,
            kind,
            reach_element=grid.layout.reach_element,
            range_m=shown_m(grid.node_m, machine_speed_m_s),
            f_number=rx_f_number,
            apodisation=rx_apodisation,
            steer_rad=grid.lines.steer_rad,
            speed_m_s=machine_speed_m_s,
        )
        if math.isfinite(grid.lines.apex_m):
            field = diverging_field(
                probe,
                bands.frequency_hz,
                grid.node_m,
                amplitude * kind.working(_elements_about(grid)),
                shown_m(grid.node_m, machine_speed_m_s),
                kind,
                grid.layout,
                grid.lines.apex_m,
                speed_m_s=speed_m_s,
                machine_speed_m_s=machine_speed_m_s,
            )
        else:
            field = sum_over_elements(table, weights, kind, grid.layout)
        fields.append(field)
        total = np.maximum(amplitude.sum(axis=1), 1e-3)
        weight_sum.append(total)
        noise_gain.append(np.sqrt((amplitude**2).sum(axis=1)) / total)
    return Reception(fields, np.array(weight_sum), np.array(noise_gain))


def form_beams(
    probe: Probe,
    grid: Grid,
    bands: SubBands,
    span: tuple[int, int],
    zones: Zones,
    transmit: Sequence[list[np.ndarray]],
    reception: Reception,
    *,
    harmonic: str = "off",
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
) -> Beams:
    """Two-way beams: the elevation weights are in, and the scanner's own evening-out of its
    growing receive aperture (division by the sum of the weights).

    Each depth has the beam of the zone it belongs to. What is heard of a depth is a sum through
    the beam there, so this is what cutting the echoes themselves gives, up to a pulse length.
    """
    frequency_hz = bands.frequency_hz[slice(*span)]
    table = elevation_weights(probe, harmonic == "on")
    elevation = table.at(table.incoherent, frequency_hz, grid.node_m)
    factor = [elevation / weight_sum for weight_sum in reception.weight_sum]
    receive = [np.ascontiguousarray(field[:, :, slice(*span)]) for field in reception.fields]
    depth_m, layout = bands.decimated_m, grid.layout
    if zones.n == 1:
        return combine(layout, frequency_hz, transmit[0], receive, factor, grid.node_m, depth_m)
    shape = (len(layout.classes), frequency_hz.size, layout.n_tap, depth_m.size)
    joined = Beams(frequency_hz, layout, np.zeros(shape, np.float32), np.zeros(shape, np.float32))
    shares = zones.share(shown_m(depth_m, machine_speed_m_s)).astype(np.float32)
    nodes_of = _nodes_of(zones, grid, machine_speed_m_s)
    for fields, share, nodes in zip(transmit, shares, nodes_of, strict=True):
        kept = np.flatnonzero(share)
        part = slice(kept[0], kept[-1] + 1)
        beams = combine(
            layout,
            frequency_hz,
            fields,
            [np.ascontiguousarray(field[:, nodes]) for field in receive],
            [gain[:, nodes] for gain in factor],
            grid.node_m[nodes],
            depth_m[part],
        )
        joined.real[..., part] += share[part] * beams.real
        joined.imag[..., part] += share[part] * beams.imag
    return joined
