"""The imaging chain, as data: which stage looks at which knob.

`B_MODE` is the one place where the graph stands. The pipeline runs it, a frozen picture
asks it what may still be turned, and the window asks it what to light up.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import fft

from physics.acquire import SubBands, acquire, plan_sub_bands, pulse_weights, range_spectra
from physics.beams import (
    Beams,
    LineClass,
    LineLayout,
    combine,
    element_table,
    lay_out_lines,
    receive_weights,
    sum_over_elements,
    transmit_weights,
)
from physics.constants import MACHINE_SPEED_M_S
from physics.display import log_compress, scan_convert
from physics.echo_grid import write_points
from physics.echoes import synthesise_echoes
from physics.elevation import elevation_weights
from physics.frame import Frame
from physics.geometry import Pose, line_positions
from physics.medium import Slice
from physics.pipeline import Pipeline, Source, Stage
from physics.probe import Probe
from physics.pulse import band_edges, gaussian_spectrum
from physics.rays import Rays, loss_in_bands, trace
from physics.receive import NOISE_FLOOR_DB, amplify, listen, make_noise, tgc_curve_db
from physics.settings import ScanSettings, check_for_probe
from physics.survey import Survey, survey
from physics.theory import frame_rate_hz

BANDWIDTH = 0.5
"""Two-way bandwidth at -6 dB of the pulse, of its frequency: about two cycles. Chosen for
teaching, within what broadband probes can do (physics/probes.toml)."""
N_RANGE = 2048
"""Range samples of the echo grid, whatever the depth: 20 um at 40 mm."""
N_OUT = 1024
"""Samples of a finished line."""
N_ROW = 800
"""Rows of the picture."""
_TAIL_M = 3e-3
"""Range kept below the picture, so that a pulse at its edge is whole."""
_REACH_M = 2.5e-3
"""How far beside it a line hears."""
_COLUMN_M = 70e-6
"""Largest distance between columns of the echo grid."""
_SLICE_M = 0.2e-3
"""Grid of the slice: boundaries and fibres are interpolated between its points."""
_CLIP_STEP = 3
"""Lines at the array's ends share a beam in groups of this many elements."""
_BAND_FLOOR_DB = 26.0
_BAND_SPACING_HZ = 2.0e6
_REFERENCE_M = 20e-3
"""Depth of the mirror that levels refer to."""


@dataclass(frozen=True)
class Grid:
    """Everything about places that follows from the probe and the depth."""

    layout: LineLayout
    line_u: np.ndarray
    n_range: int
    range_step_m: float
    node_m: np.ndarray
    """Depths at which beams are computed."""
    x0_m: float
    n_x: int
    n_z: int
    """The slice's grid: x0 + i * 0.2 mm, j * 0.2 mm."""

    @property
    def column_m(self) -> np.ndarray:
        return self.layout.columns.u


def lay_out(probe: Probe, *, depth_m: float) -> Grid:
    """Lines, columns, ranges and beam nodes of one probe and depth."""
    line_u = line_positions(probe)
    layout = lay_out_lines(
        probe,
        line_u,
        per_pitch=math.ceil(probe.pitch_m / _COLUMN_M),
        reach_u=_REACH_M,
        clip_step=_CLIP_STEP,
    )
    total = depth_m + _TAIL_M
    columns = layout.columns.u
    n_x = math.ceil((columns[-1] - columns[0]) / _SLICE_M) + 2
    return Grid(
        layout=layout,
        line_u=line_u,
        n_range=N_RANGE,
        range_step_m=total / N_RANGE,
        node_m=_depth_nodes(total),
        x0_m=0.5 * float(columns[0] + columns[-1]) - 0.5 * (n_x - 1) * _SLICE_M,
        n_x=n_x,
        # slow tissue (fat) needs less depth than range, fast tissue more
        n_z=math.ceil(1.12 * total / _SLICE_M) + 2,
    )


def _depth_nodes(deepest_m: float) -> np.ndarray:
    """Depths at which beams are computed: dense near the face, where they change fast."""
    z = [0.4e-3]
    while z[-1] < deepest_m:
        z.append(z[-1] + float(np.clip(0.06 * z[-1], 0.15e-3, 1.0e-3)))
    return np.array(z)


def cut_slice(medium: Any, pose: Pose, grid: Grid) -> Slice:
    """The medium under the probe."""
    return medium.slice(
        pose, x0_m=grid.x0_m, dx_m=_SLICE_M, n_x=grid.n_x, dz_m=_SLICE_M, n_z=grid.n_z
    )


def pulse_spectrum(centre_hz: float) -> Callable[[np.ndarray], np.ndarray]:
    """Two-way spectrum of the scanner's pulse at one setting of the frequency knob.

    A broadband scanner shapes its burst and its receive filter so that echoes centre on the
    frequency of the knob, without axial side lobes. Taken as equally sensitive over the
    whole range of the knob.
    """
    return lambda frequency_hz: gaussian_spectrum(frequency_hz, centre_hz, BANDWIDTH)


def cut_bands(probe: Probe, grid: Grid) -> SubBands:
    """Sub-bands of everything the probe can send and hear, at least four.

    They do not move with the frequency knob: that only weights them anew, so beams are kept.
    """
    low, _ = _edges(probe.low_hz)
    _, high = _edges(probe.high_hz)
    return plan_sub_bands(
        low,
        high,
        max(4, math.ceil((high - low) / _BAND_SPACING_HZ) + 1),
        carrier_hz=probe.centre_hz,
        step_m=grid.range_step_m,
        n_range=grid.n_range,
        n_out=N_OUT,
    )


def _edges(centre_hz: float) -> tuple[float, float]:
    return band_edges(pulse_spectrum(centre_hz), 2 * centre_hz, _BAND_FLOOR_DB)


def find_span(bands: SubBands, *, frequency_hz: float) -> tuple[int, int]:
    """First and last + 1 of the sub-bands that a pulse of this frequency needs."""
    low, high = _edges(frequency_hz)
    spacing = bands.frequency_hz[1] - bands.frequency_hz[0]
    needed = np.flatnonzero(
        (bands.frequency_hz > low - 0.5 * spacing) & (bands.frequency_hz < high + 0.5 * spacing)
    )
    return int(needed[0]), int(needed[-1]) + 1


def shape_pulse(bands: SubBands, span: tuple[int, int], *, frequency_hz: float) -> np.ndarray:
    """Weights that make the sub-bands the pulse of this frequency."""
    return pulse_weights(bands.part(span), pulse_spectrum(frequency_hz))


@dataclass(frozen=True)
class Reception:
    """Receive fields of every line class, and what they do to noise."""

    fields: list[np.ndarray]
    weight_sum: np.ndarray
    """float64 [n_class, n_node]: sum of the element weights."""
    noise_gain: np.ndarray
    """float64 [n_class, n_node]: root of the summed squared weights over their sum."""


def tabulate_elements(probe: Probe, grid: Grid, bands: SubBands) -> np.ndarray:
    """Field of one element at every depth, offset and frequency (see physics.beams)."""
    layout = grid.layout
    n_side = layout.reach_element * layout.columns.per_pitch + layout.n_tap + 1
    return element_table(
        probe,
        bands.frequency_hz,
        grid.node_m,
        step=layout.columns.step,
        n_side=n_side,
        planar=False,
    )


def transmit_fields(
    probe: Probe,
    grid: Grid,
    bands: SubBands,
    span: tuple[int, int],
    table: np.ndarray,
    *,
    focus_m: float,
    tx_f_number: float,
    tx_apodisation: str,
) -> list[np.ndarray]:
    """Transmitted field of every line class."""
    reach = math.ceil(focus_m / (2 * tx_f_number) / probe.pitch_m) + 1
    fields: dict[LineClass, np.ndarray] = {}
    table = np.ascontiguousarray(table[:, :, slice(*span)])
    kinds = [kind.within(reach) for kind in grid.layout.classes]
    for kind in kinds:
        if kind in fields:
            continue
        weights = transmit_weights(
            probe,
            bands.frequency_hz[slice(*span)],
            kind,
            reach_element=grid.layout.reach_element,
            focus_m=focus_m,
            f_number=tx_f_number,
            apodisation=tx_apodisation,
        )
        fields[kind] = sum_over_elements(table, weights[None], kind, grid.layout)
    return [fields[kind] for kind in kinds]


def receive_fields(
    probe: Probe,
    grid: Grid,
    bands: SubBands,
    table: np.ndarray,
    *,
    rx_f_number: float,
    rx_apodisation: str,
) -> Reception:
    """Receive sensitivity of every line class."""
    fields, weight_sum, noise_gain = [], [], []
    for kind in grid.layout.classes:
        weights, amplitude = receive_weights(
            probe,
            bands.frequency_hz,
            kind,
            reach_element=grid.layout.reach_element,
            range_m=grid.node_m,
            f_number=rx_f_number,
            apodisation=rx_apodisation,
        )
        fields.append(sum_over_elements(table, weights, kind, grid.layout))
        total = np.maximum(amplitude.sum(axis=1), 1e-3)
        weight_sum.append(total)
        noise_gain.append(np.sqrt((amplitude**2).sum(axis=1)) / total)
    return Reception(fields, np.array(weight_sum), np.array(noise_gain))


def form_beams(
    probe: Probe,
    grid: Grid,
    bands: SubBands,
    span: tuple[int, int],
    transmit: list[np.ndarray],
    reception: Reception,
) -> Beams:
    """Two-way beams: the elevation weights are in, and the scanner's own evening-out of its
    growing receive aperture (division by the sum of the weights)."""
    frequency_hz = bands.frequency_hz[slice(*span)]
    table = elevation_weights(probe)
    elevation = table.at(table.incoherent, frequency_hz, grid.node_m)
    factor = [elevation / weight_sum for weight_sum in reception.weight_sum]
    receive = [np.ascontiguousarray(field[:, :, slice(*span)]) for field in reception.fields]
    return combine(
        grid.layout, frequency_hz, transmit, receive, factor, grid.node_m, bands.decimated_m
    )


def sheet_gain_by_depth(probe: Probe, grid: Grid) -> np.ndarray:
    """Coherent over incoherent elevation weight at the slice's depths, at the probe's centre
    frequency: float32 [n_z]."""
    table = elevation_weights(probe)
    depth = np.maximum(np.arange(grid.n_z) * _SLICE_M, 0.5e-3)
    frequency = np.array([probe.centre_hz])
    coherent = table.at(table.coherent, frequency, depth)[0]
    return (coherent / table.at(table.incoherent, frequency, depth)[0]).astype(np.float32)


def write_echoes(
    medium: Slice, found: Survey, rays: Rays, probe: Probe, grid: Grid, seed: int
) -> np.ndarray:
    """Texture, boundaries and wires on the echo grid."""
    gain = sheet_gain_by_depth(probe, grid)
    echoes = synthesise_echoes(
        medium,
        found,
        rays,
        column_m=grid.column_m,
        range_step_m=grid.range_step_m,
        n_range=grid.n_range,
        carrier_hz=probe.centre_hz,
        sheet_gain=gain,
        seed=seed,
    )
    if medium.point_x_m.size:
        depth = np.arange(grid.n_z) * _SLICE_M
        i = np.clip((medium.point_x_m - grid.x0_m) / _SLICE_M, 0, grid.n_x - 1).astype(int)
        apparent = np.array(
            [
                np.interp(z, depth, rays.apparent_m[k])
                for k, z in zip(i, medium.point_z_m, strict=True)
            ]
        )
        lost = np.array(
            [
                np.interp(z, depth, np.exp(rays.depth_log_loss[k]))
                for k, z in zip(i, medium.point_z_m, strict=True)
            ]
        )
        strength = medium.point_strength * lost * np.interp(medium.point_z_m, depth, gain)
        write_points(
            echoes,
            grid.layout.columns,
            grid.range_step_m,
            probe.centre_hz,
            medium.point_x_m,
            apparent,
            strength,
        )
    return echoes


def loss_of_bands(rays: Rays, bands: SubBands, span: tuple[int, int]) -> np.ndarray:
    """Loss on the way, for every sub-band."""
    return loss_in_bands(
        rays,
        dz_m=_SLICE_M,
        range_m=bands.decimated_m,
        frequency_hz=bands.frequency_hz[slice(*span)],
        law_hz=bands.carrier_hz,
    )


def hear(
    spectra: np.ndarray,
    pulse: np.ndarray,
    loss: np.ndarray,
    beams: Beams,
    bands: SubBands,
    span: tuple[int, int],
    probe: Probe,
) -> np.ndarray:
    """IQ of every line, re the reference mirror: complex64 [line, sample]."""
    return acquire(spectra, pulse, loss, beams, bands.part(span)) * np.float32(
        1.0 / mirror_level(probe)
    )


@lru_cache(maxsize=8)
def mirror_level(probe: Probe) -> float:
    """Echo of a perfect plane mirror 20 mm deep, in the engine's own units.

    With the probe's centre frequency, focused on the mirror, other knobs at default.
    """
    settings = ScanSettings(
        frequency_hz=min(max(probe.centre_hz, probe.low_hz), probe.high_hz), focus_m=_REFERENCE_M
    )
    grid = lay_out(probe, depth_m=min(1.5 * _REFERENCE_M, probe.max_depth_m))
    bands = cut_bands(probe, grid)
    span = find_span(bands, frequency_hz=settings.frequency_hz)
    pulse = shape_pulse(bands, span, frequency_hz=settings.frequency_hz)
    beams = _beams_for(probe, grid, bands, span, settings)
    gain = np.interp(_REFERENCE_M, np.arange(grid.n_z) * _SLICE_M, sheet_gain_by_depth(probe, grid))
    echoes = np.zeros((grid.column_m.size, grid.n_range), np.complex64)
    per_column = probe.centre_hz / MACHINE_SPEED_M_S * grid.layout.columns.step * gain
    u = grid.column_m
    write_points(
        echoes,
        grid.layout.columns,
        grid.range_step_m,
        probe.centre_hz,
        u,
        np.full(u.size, _REFERENCE_M),
        np.full(u.size, per_column),
    )
    iq = acquire(range_spectra(echoes), pulse, None, beams, bands.part(span))
    return float(np.abs(iq[grid.line_u.size // 2]).max())


def _beams_for(
    probe: Probe, grid: Grid, bands: SubBands, span: tuple[int, int], settings: ScanSettings
) -> Beams:
    table = tabulate_elements(probe, grid, bands)
    transmit = transmit_fields(
        probe,
        grid,
        bands,
        span,
        table,
        focus_m=settings.focus_m,
        tx_f_number=settings.tx_f_number,
        tx_apodisation=settings.tx_apodisation,
    )
    reception = receive_fields(
        probe,
        grid,
        bands,
        table,
        rx_f_number=settings.rx_f_number,
        rx_apodisation=settings.rx_apodisation,
    )
    return form_beams(probe, grid, bands, span, transmit, reception)


def add_noise(
    noise_seed: int,
    grid: Grid,
    bands: SubBands,
    reception: Reception,
    *,
    frequency_hz: float,
) -> np.ndarray:
    """Noise of every line: complex64 [line, sample], re the reference mirror."""
    middle = reception.noise_gain[grid.layout.line_class[grid.line_u.size // 2]]
    reference = np.interp(_REFERENCE_M, grid.node_m, middle)
    by_class = np.stack(
        [np.interp(bands.out_m, grid.node_m, gain / reference) for gain in reception.noise_gain]
    )
    level = 10 ** (NOISE_FLOOR_DB / 20) * by_class[grid.layout.line_class]
    hz = bands.carrier_hz + fft.fftfreq(bands.n_out, 1 / bands.n_out) * bands.bin_hz
    # the receive filter is half of the two-way spectrum
    passband = np.where(hz > 0, np.sqrt(pulse_spectrum(frequency_hz)(hz)), 0.0)
    return make_noise(
        (grid.line_u.size, bands.n_out),
        passband=passband.astype(np.float32),
        level=level.astype(np.float32),
        seed=noise_seed,
    )


@dataclass(frozen=True)
class Received:
    """The echoes as amplified."""

    envelope: np.ndarray
    """float32 [line, sample], after gain."""
    curve_db: np.ndarray
    """float32 [sample]: time-gain curve."""


def apply_gain(
    raw: np.ndarray,
    bands: SubBands,
    *,
    frequency_hz: float,
    depth_m: float,
    gain_db: float,
    tgc_db: tuple[float, ...],
) -> Received:
    """The receiver's amplifiers."""
    curve = tgc_curve_db(bands.out_m, frequency_hz=frequency_hz, depth_m=depth_m, tgc_db=tgc_db)
    return Received(amplify(raw, gain_db=gain_db, curve_db=curve), curve)


def compress(received: Received, *, dynamic_range_db: float) -> np.ndarray:
    """Grey level of every sample."""
    return log_compress(received.envelope, dynamic_range_db=dynamic_range_db)


def convert(grey: np.ndarray, grid: Grid, bands: SubBands, *, depth_m: float) -> np.ndarray:
    """The picture."""
    return scan_convert(
        grey, line_x_m=grid.line_u, sample_z_m=bands.out_m, depth_m=depth_m, n_row=N_ROW
    )


B_MODE: tuple[Stage, ...] = (
    Stage("layout", lay_out, ("probe",), ("depth_m",)),
    Stage("slice", cut_slice, ("medium", "pose", "layout")),
    Stage("survey", survey, ("slice",)),
    Stage("rays", trace, ("slice", "survey", "probe"),
          ("tx_f_number", "rx_f_number", "tx_apodisation", "rx_apodisation")),
    Stage("echoes", write_echoes, ("slice", "survey", "rays", "probe", "layout", "seed")),
    Stage("spectra", range_spectra, ("echoes",)),
    Stage("bands", cut_bands, ("probe", "layout")),
    Stage("elements", tabulate_elements, ("probe", "layout", "bands")),
    Stage("reception", receive_fields, ("probe", "layout", "bands", "elements"),
          ("rx_f_number", "rx_apodisation")),
    Stage("span", find_span, ("bands",), ("frequency_hz",), by_value=True),
    Stage("transmit", transmit_fields, ("probe", "layout", "bands", "span", "elements"),
          ("focus_m", "tx_f_number", "tx_apodisation")),
    Stage("beams", form_beams, ("probe", "layout", "bands", "span", "transmit", "reception")),
    Stage("loss", loss_of_bands, ("rays", "bands", "span")),
    Stage("pulse", shape_pulse, ("bands", "span"), ("frequency_hz",)),
    Stage("acquire", hear, ("spectra", "pulse", "loss", "beams", "bands", "span", "probe")),
    Stage("noise", add_noise, ("noise_seed", "layout", "bands", "reception"),
          ("frequency_hz",)),
    Stage("listen", listen, ("acquire", "noise"), ("power_db",)),
    Stage("receive", apply_gain, ("listen", "bands"),
          ("frequency_hz", "depth_m", "gain_db", "tgc_db")),
    Stage("detect", compress, ("receive",), ("dynamic_range_db",)),
    Stage("scan_convert", convert, ("detect", "layout", "bands"), ("depth_m",)),
)  # fmt: skip
"""B-mode. A stage that names a knob is the only code that can see it."""


class BModeChain:
    """Makes B-mode frames, running only the stages that a change touches."""

    def __init__(self) -> None:
        self.pipeline = Pipeline(B_MODE)

    def render(
        self,
        *,
        medium: Any,
        medium_key: Any,
        probe: Probe,
        pose: Pose,
        settings: ScanSettings,
        seed: int = 1,
        noise_seed: int = 1,
    ) -> Frame:
        """One frame. `medium` has the method `slice(pose, *, x0_m, dx_m, n_x, dz_m, n_z)`.

        Raises ValueError if the probe cannot do these settings.
        """
        check_for_probe(settings, probe)
        values = self.pipeline.run(
            settings,
            {
                "medium": Source(medium_key, medium),
                "probe": Source(probe, probe),
                "pose": Source(pose, pose),
                "seed": Source(seed, seed),
                "noise_seed": Source(noise_seed, noise_seed),
            },
        )
        grid, bands, received = values["layout"], values["bands"], values["receive"]
        shown = bands.out_m <= settings.depth_m
        half_line = probe.pitch_u / 2
        return Frame(
            picture=values["scan_convert"],
            left_m=float(grid.line_u[0] - half_line),
            right_m=float(grid.line_u[-1] + half_line),
            bottom_m=settings.depth_m,
            iq=values["listen"][:, shown],
            envelope=received.envelope[:, shown],
            line_x_m=grid.line_u,
            sample_z_m=bands.out_m[shown],
            tgc_curve_db=received.curve_db[shown],
            probe=probe,
            settings=settings,
            pose=pose,
            medium=values["slice"],
            frame_rate_hz=frame_rate_hz(grid.line_u.size, settings.depth_m),
            ran=tuple(self.pipeline.ran),
            milliseconds=dict(self.pipeline.milliseconds),
        )
