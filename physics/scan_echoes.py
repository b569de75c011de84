"""The medium's echoes as this probe hears them: stages of the imaging chain."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import fft

from physics.acquire import SubBands, acquire, range_spectra
from physics.beams import Beams
from physics.bounces import Surfaces, write_bounces
from physics.constants import MACHINE_SPEED_M_S
from physics.echo_grid import write_real_points
from physics.echoes import TABULATED_HZ, synthesise_echoes
from physics.elevation import elevation_weights
from physics.harmonic import lose_boundaries_thrice
from physics.looks import Look
from physics.medium import Slice
from physics.parallel import run_split
from physics.paths import Fan, Paths, follow, mirror_gain, mirrored
from physics.probe import Probe
from physics.rays import Rays, Way, loss_in_bands, trace, way_on
from physics.scan_beams import (
    cut_bands,
    find_span,
    form_beams,
    receive_fields,
    shape_pulse,
    tabulate_elements,
    transmit_fields,
)
from physics.scan_grid import Grid, find_ranges, find_reach, lay_out
from physics.scan_lines import ScanLines
from physics.settings import ScanSettings
from physics.slice_thickness import lean_gain, plane_weights
from physics.survey import Survey
from physics.wavefronts import GUARD_M, advance
from physics.zones import Zones

REFERENCE_M = 20e-3
"""Depth of the mirror that levels refer to."""


def sheet_gain_by_depth(probe: Probe, grid: Grid) -> np.ndarray:
    """Coherent over incoherent elevation weight at the slice's depths, at the probe's centre
    frequency: float32 [n_z]."""
    return _sheet_gain(probe, grid.n_z, grid.step_m)


@lru_cache(maxsize=4)
def _sheet_gain(probe: Probe, n_z: int, step_m: float) -> np.ndarray:
    table = elevation_weights(probe)
    depth = np.maximum(np.arange(n_z) * step_m, 0.5e-3)
    frequency = np.array([probe.centre_hz])
    coherent = table.at(table.coherent, frequency, depth)[0]
    return (coherent / table.at(table.incoherent, frequency, depth)[0]).astype(np.float32)


def sheet_by_depth(probe: Probe, grid: Grid, look: Look) -> np.ndarray:
    """What a perfect sheet adds to one column at the slice's depths, as long as columns are
    there: float32 [n_z]."""
    lines = grid.lines_for(look)
    width_m = grid.layout.columns.step * lines.metre_per_u
    sheet = probe.centre_hz / MACHINE_SPEED_M_S * width_m
    spread = 1 + lines.curvature_per_m * grid.ray_length_m
    return (sheet_gain_by_depth(probe, grid) * sheet * spread).astype(np.float32)


def follow_rays(medium: Slice, found: Survey, grid: Grid, look: Look, *, refraction: str) -> Paths:
    """Rays that leave the face as this look's lines do."""
    lines = grid.lines_for(look)
    x, z = lines.place(grid.ray_u, np.zeros(grid.n_x))
    angle = lines.angle(grid.ray_u)
    fan = Fan(
        start=np.stack([x, z - medium.z0_m, angle]),
        x0_m=grid.x0_m,
        ray_m=grid.ray_m,
        n_step=grid.n_z,
        step_m=grid.step_m,
        spread=1 + lines.curvature_per_m * grid.ray_length_m,
        lean=0.0 if lines.is_convex else float(np.abs(np.sin(angle)).max()),
        face_per_m=1 / lines.radius_m,
    )
    return follow(medium, found, fan, refraction=refraction)


def trace_rays(
    paths: Paths,
    probe: Probe,
    grid: Grid,
    look: Look,
    *,
    tx_f_number: float,
    rx_f_number: float,
    tx_apodisation: str,
    rx_apodisation: str,
    side_lobes: str,
) -> Rays:
    """Time and loss along them."""
    lines = grid.lines_for(look)
    return trace(
        paths,
        probe,
        tx_f_number=tx_f_number,
        rx_f_number=rx_f_number,
        tx_apodisation=tx_apodisation,
        rx_apodisation=rx_apodisation,
        side_lobes=side_lobes,
        curvature_per_m=lines.curvature_per_m,
        lean=math.sin(lines.steer_rad),
    )


def _spread_of_directions(medium: Slice) -> np.ndarray:
    """rms spread of the fibres' directions in every region, and last of surfaces: rad.

    Fibres wander across the plane as they do in it (physics.echoes): 0.73 wave / length.
    """
    t = medium.tissues
    spread = 0.73 * t.fibre_wave_m / np.maximum(t.fibre_wave_length_m, 0.1e-3)
    return np.append(spread[medium.region_tissue], 0.0)


@dataclass(frozen=True)
class Echoes:
    """What the medium sends back.

    direct : float32 [n_column, n_range], of sound that met one thing only.
    surfaces : those it met.
    """

    direct: np.ndarray
    surfaces: Surfaces


def slant_of(grid: Grid, lines: ScanLines) -> np.ndarray | None:
    """Sine of the columns' angle to the face's normal; None where they are perpendicular to it."""
    if lines.is_plain or lines.is_convex:
        return None
    return np.sin(lines.angle(grid.column_u))


def silence_end(echoes: np.ndarray, grid: Grid) -> None:
    """Nothing where physics.wavefronts goes round the end of the range."""
    echoes[:, grid.n_range - round(GUARD_M / grid.range_step_m) :] = 0.0


def write_echoes(
    paths: Paths, rays: Rays, probe: Probe, grid: Grid, look: Look, seed: int
) -> Echoes:
    """Texture, boundaries and wires on the echo grid."""
    lines = grid.lines_for(look)
    echoes, surfaces = _write_medium(paths, rays.way, probe, grid, look, seed)
    if slant_of(grid, lines) is not None:
        silence_end(echoes, grid)
    return Echoes(echoes, surfaces)


def _write_medium(
    paths: Paths, way: Way, probe: Probe, grid: Grid, look: Look, seed: int
) -> tuple[np.ndarray, Surfaces]:
    """Texture and boundaries along rays that have come this way."""
    medium, depth_m = paths.medium, grid.ray_length_m
    lines = grid.lines_for(look)
    planes = np.zeros((medium.plane_y_m.size, grid.n_z), np.float32)
    if medium.plane_y_m.size:
        planes = plane_weights(probe, medium.plane_y_m, depth_m)
    leaning = np.ones((1, 1, 1), np.float32)
    if medium.fibre_lean.size or medium.surface_lean.size:
        leaning = lean_gain(probe, _spread_of_directions(medium), depth_m)
    sheet_gain = sheet_gain_by_depth(probe, grid)
    echoes, surfaces = synthesise_echoes(
        medium,
        paths.found,
        way,
        column_m=grid.column_m,
        range_step_m=grid.range_step_m,
        n_range=grid.n_range,
        carrier_hz=probe.centre_hz,
        sheet_gain=sheet_gain,
        plane_weight=planes,
        lean_gain=leaning,
        seed=seed,
        slant=slant_of(grid, lines),
        spread=1 + lines.curvature_per_m * depth_m if lines.curvature_per_m else None,
    )
    _write_wires(echoes, medium, way, probe, grid, lines, sheet_gain)
    return echoes, surfaces


def _write_wires(
    echoes: np.ndarray,
    medium: Slice,
    way: Way,
    probe: Probe,
    grid: Grid,
    lines: ScanLines,
    sheet_gain: np.ndarray,
) -> None:
    """Add the wires to the echoes, at the apparent range and with the loss of their place."""
    if not medium.point_x_m.size:
        return
    step = medium.point_z_m / grid.step_m
    ray = np.rint((medium.point_x_m - medium.x0_m) / grid.ray_m)
    ray = np.clip(ray, 0, len(way.begin) - 1).astype(int)
    at = np.clip(step.astype(int), 0, grid.n_z - 2)
    apparent, log_loss = (
        field[ray, at] + (step - at) * (field[ray, at + 1] - field[ray, at])
        for field in (way.apparent_m, way.log_loss)
    )
    strength = medium.point_strength * np.exp(log_loss)
    strength *= np.interp(apparent, grid.ray_length_m, sheet_gain)
    strength *= np.sqrt(probe.centre_hz / TABULATED_HZ)
    place = medium.point_x_m / lines.metre_per_u
    write_real_points(echoes, grid.layout.columns, grid.range_step_m, place, apparent, strength)


def write_ghosts(
    space: Slice,
    found: Survey,
    paths: Paths,
    rays: Rays,
    echoes: Echoes,
    probe: Probe,
    grid: Grid,
    look: Look,
    seed: int,
    *,
    multiple_paths: str,
    refraction: str,
) -> np.ndarray | None:
    """Echoes of sound that bounced more than once: float32 [n_column, n_range], or None.

    space, found : the slice in the probe's frame, and its survey.
    """
    if multiple_paths == "off":
        return None
    ghosts = np.zeros_like(echoes.direct)
    lines = grid.lines_for(look)
    slant, width_m = slant_of(grid, lines), grid.layout.columns.step * lines.metre_per_u
    write_bounces(
        echoes.surfaces,
        face_reflection=probe.face_reflection,
        range_step_m=grid.range_step_m,
        sheet_gain=sheet_by_depth(probe, grid, look),
        gain_step_m=grid.step_m,
        out=ghosts,
        ahead_m=None if slant is None else width_m * slant,
    )
    if slant is not None:
        ghosts *= np.sqrt(1 - slant**2).astype(np.float32)[:, None]
    gain = mirror_gain(paths, space, probe.centre_hz)
    legs = mirrored(paths, space, found, gain, refraction=refraction)
    if legs is not None:
        way = way_on(legs, rays, paths, gain)
        ghosts += _write_medium(legs, way, probe, grid, look, seed)[0]
    if slant is not None:
        silence_end(ghosts, grid)
    return ghosts if any(column.any() for column in ghosts) else None


@dataclass(frozen=True)
class Mixture:
    """All that comes back.

    echoes : float32 [n_column, n_range], direct ones and ghosts.
    bounced : float32 [n_x, n_z], by ray and apparent range: the ghosts' part of the energy; None
        if there are no ghosts.
    """

    echoes: np.ndarray
    bounced: np.ndarray | None


def mix(echoes: Echoes, ghosts: np.ndarray | None, grid: Grid) -> Mixture:
    """Direct echoes and ghosts together. How their loss depends on the frequency differs, and is
    told from where each is the stronger (docs/model.md)."""
    if ghosts is None:
        return Mixture(echoes.direct, None)
    per_cell = max(round(grid.step_m / grid.range_step_m), 1)
    column = np.searchsorted(grid.nearest_ray, np.arange(grid.n_x)).clip(max=len(ghosts) - 1)
    place = np.arange(grid.n_z) * (grid.step_m / grid.range_step_m / per_cell) - 0.5
    lower = np.clip(place.astype(int), 0, ghosts.shape[1] // per_cell - 2)
    part = np.clip(place - lower, 0, 1).astype(np.float32)
    bounced = np.empty((grid.n_x, grid.n_z), np.float32)
    both = np.empty_like(ghosts)

    def share_out(first: int, last: int) -> None:
        of = column[first:last]
        direct_power, ghost_power = (_power(f[of], per_cell) for f in (echoes.direct, ghosts))
        share = ghost_power / np.maximum(direct_power + ghost_power, np.finfo(np.float32).tiny)
        np.take(share, lower, axis=1, out=bounced[first:last])
        bounced[first:last] += part * (share[:, lower + 1] - bounced[first:last])

    run_split(share_out, grid.n_x)
    run_split(lambda a, b: np.add(echoes.direct[a:b], ghosts[a:b], out=both[a:b]), len(both))
    return Mixture(both, bounced)


def _power(echoes: np.ndarray, per_cell: int) -> np.ndarray:
    """Energy of every `per_cell` samples and of as many on either side, which the pulse joins:
    [n, n_cell]."""
    n = echoes.shape[1] // per_cell
    cells = echoes[:, : n * per_cell].reshape(-1, n, per_cell)
    alone = np.einsum("ijk,ijk->ij", cells, cells)  # a matrix product waits for BLAS's threads
    power = alone.copy()
    power[:, 1:] += alone[:, :-1]
    power[:, :-1] += alone[:, 1:]
    return power


def all_spectra(mixture: Mixture, grid: Grid, look: Look) -> np.ndarray:
    """Spectrum of every column, set out along the look's wavefronts: complex64
    [n_column, n_bin]. Where lines lean, the end of the range must be silent
    (`physics.wavefronts`)."""
    return set_out(range_spectra(mixture.echoes), grid, look, grid.column_u)


def set_out(spectra: np.ndarray, grid: Grid, look: Look, column_u: np.ndarray) -> np.ndarray:
    """The same of spectra of these columns."""
    ahead = grid.lines_for(look).ahead_m(column_u)
    return advance(spectra, ahead, grid.n_range * grid.range_step_m) if ahead.any() else spectra


def loss_of_bands(
    rays: Rays,
    mixture: Mixture,
    bands: SubBands,
    span: tuple[int, int],
    grid: Grid,
    look: Look,
    *,
    harmonic: str,
) -> np.ndarray:
    """Loss on the way, for every sub-band: float32 [n_band, n_x, n_decimated]."""
    ahead = grid.lines_for(look).ahead_m(grid.ray_u)
    range_m = bands.decimated_m
    if ahead.any():
        range_m = (range_m - ahead[:, None]) % bands.length_m
    loss = loss_in_bands(
        rays,
        dz_m=grid.step_m,
        range_m=range_m,
        frequency_hz=bands.frequency_hz[slice(*span)],
        law_hz=bands.carrier_hz,
        bounced=mixture.bounced,
    )
    if harmonic == "on":
        lose_boundaries_thrice(
            loss, rays, dz_m=grid.step_m, range_m=range_m, bounced=mixture.bounced
        )
    return loss


def hear(
    spectra: np.ndarray,
    pulse: np.ndarray,
    loss: np.ndarray,
    beams: Beams,
    bands: SubBands,
    span: tuple[int, int],
    probe: Probe,
    grid: Grid,
    look: Look,
) -> np.ndarray:
    """IQ of every line, re the reference mirror: complex64 [line, sample]."""
    lines = grid.lines_for(look)
    ahead = lines.ahead_m(lines.u)
    iq = acquire(
        spectra,
        loss,
        pulse,
        facing(beams, grid, look),
        bands.part(span),
        grid.nearest_ray,
        ahead if ahead.any() else None,
    )
    return iq * np.float32(1.0 / mirror_level(probe))


def facing(beams: Beams, grid: Grid, look: Look) -> Beams:
    """The look's beams: those that were computed, or their mirror images."""
    if not grid.mirrors(look):
        return beams
    layout = beams.layout
    mirrored = replace(
        layout,
        line_class=np.ascontiguousarray(layout.line_class[::-1]),
        line_mirrored=np.ones_like(layout.line_mirrored),
    )
    return replace(beams, layout=mirrored)


@lru_cache(maxsize=8)
def mirror_level(probe: Probe) -> float:
    """Echo of a perfect plane mirror 20 mm deep, in the engine's own units.

    With the probe's centre frequency, focused on the mirror, other knobs at default.
    """
    settings = ScanSettings(
        frequency_hz=min(max(probe.centre_hz, probe.low_hz), probe.high_hz), focus_m=REFERENCE_M
    )
    reach = find_reach(probe, Look(), rx_f_number=settings.rx_f_number)
    ranges = find_ranges(probe, depth_m=min(1.5 * REFERENCE_M, probe.max_depth_m))
    grid = lay_out(probe, ranges, reach, Look())
    bands = cut_bands(probe, ranges)
    span = find_span(bands, frequency_hz=settings.frequency_hz)
    pulse = shape_pulse(probe, bands, span, frequency_hz=settings.frequency_hz)
    beams = _beams_for(probe, grid, bands, span, settings)
    gain = np.interp(REFERENCE_M, grid.ray_length_m, sheet_gain_by_depth(probe, grid))
    echoes = np.zeros((grid.column_m.size, grid.n_range), np.float32)
    u = grid.column_u
    width, range_m = grid.layout.columns.step, np.full(u.size, REFERENCE_M)
    if probe.is_convex:
        far = probe.radius_m + REFERENCE_M
        width, range_m = width * far, far / np.cos(u) - probe.radius_m
    per_column = probe.centre_hz / MACHINE_SPEED_M_S * width * gain
    write_real_points(
        echoes,
        grid.layout.columns,
        grid.range_step_m,
        u,
        range_m,
        np.full(u.size, per_column),
    )
    part = bands.part(span)
    law = np.sqrt(part.frequency_hz / probe.centre_hz)  # of sheets, as in physics.rays
    even = np.ones((1, part.n_decimated), np.float32)
    loss = (law[:, None, None] * even).astype(np.float32)
    iq = acquire(range_spectra(echoes), loss, pulse, beams, part)
    line = iq[grid.line_u.size // 2]
    at = int(np.abs(line).argmax())
    # the peak lies between samples: the line is band-limited, so its spectrum tells its course
    place = at + np.linspace(-1, 1, 201)
    turns = fft.fftfreq(line.size)[None, :] * place[:, None]
    return float(np.abs(np.exp(2j * np.pi * turns) @ fft.fft(line)).max() / line.size)


def _beams_for(
    probe: Probe, grid: Grid, bands: SubBands, span: tuple[int, int], settings: ScanSettings
) -> Beams:
    table, zones = tabulate_elements(probe, grid, bands), Zones((settings.focus_m,))
    transmit = transmit_fields(
        probe,
        grid,
        bands,
        span,
        table,
        MACHINE_SPEED_M_S,
        zones,
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
    return form_beams(probe, grid, bands, span, zones, transmit, reception)
