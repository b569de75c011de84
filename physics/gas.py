"""Ring-down of gas: bubbles that go on sounding after the pulse has passed.

Fluid caught between bubbles resonates, and sends for many microseconds what the scanner takes for
echoes of ever deeper things: a streak behind the gas (Avruch and Cooperberg, J Ultrasound Med
1985;4:21), solid or in parallel bands (Feldman, Katyal and Blackwood, RadioGraphics
2009;29:1179). Each resonance is an exponentially decaying sinusoid; a cluster has many, so
together they are

    g(s) = R A 10^(-30 dB / 20) e^(-t / tau) n(s - s0),     t = 2 (s - s0) / c0,  s > s0

behind a surface at s0 with the reflection R, where A is left of the sound: n is random, white and
one for each region of gas. tau is the tissue's `ringing_s`; the level at the start, re the echo of
the gas itself, is chosen for teaching.

The sound goes there and back once, however late: loss and beam are those of the gas, not of the
depth at which it is shown. Simplified: the receive focus, which moves on meanwhile, is not.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import fft

from physics.acquire import SubBands, acquire_still, range_spectra
from physics.beams import Beams
from physics.constants import MACHINE_SPEED_M_S
from physics.looks import Look
from physics.parallel import N_THREAD
from physics.paths import Paths
from physics.probe import Probe
from physics.pulse import gaussian_sigma_hz
from physics.rays import PER_LAW, Rays, loss_in_bands
from physics.scan_echoes import Echoes, facing, mirror_level, set_out, sheet_by_depth, silence_end
from physics.scan_grid import Grid
from physics.wavefronts import advance

FIRST_DB = -30.0
"""rms level at its start re the mirror echo of the gas, for a pulse of the probe's frequency."""
_ABOVE = 2
"""Steps above the gas where no sub-beam has passed it yet (physics.echoes)."""


@dataclass(frozen=True)
class Source:
    """The ringing columns of one region of gas.

    column : int [n], place_m, slope_m : float [n], apparent range of the gas and what it gains
    within the column. strength : float [n], of the gas's own echo. decay_s : tau.
    """

    region: int
    column: np.ndarray
    place_m: np.ndarray
    slope_m: np.ndarray
    strength: np.ndarray
    decay_s: float


def resonate(
    echoes: Echoes,
    paths: Paths,
    rays: Rays,
    pulse: np.ndarray,
    beams: Beams,
    bands: SubBands,
    span: tuple[int, int],
    probe: Probe,
    grid: Grid,
    look: Look,
    seed: int,
) -> np.ndarray | None:
    """IQ of every line from ringing gas, re the reference mirror: complex64 [line, sample]; None
    where there is none."""
    total: np.ndarray | None = None
    lines, part = grid.lines_for(look), bands.part(span)
    ahead = lines.ahead_m(lines.u)
    for source in find_gas(echoes, paths, rays, probe, grid, look):
        written = _write(source, probe, grid, seed)
        silence_end(written, grid)
        heard = acquire_still(
            set_out(range_spectra(written), grid, look, grid.column_u[source.column]),
            source.column,
            _loss(source, rays, bands, span, grid),
            pulse,
            facing(beams, grid, look),
            float(np.median(source.place_m)),
            part,
            ahead if ahead.any() else None,
        )
        total = heard if total is None else total + heard
    return None if total is None else total * np.float32(1.0 / mirror_level(probe))


def find_gas(
    echoes: Echoes, paths: Paths, rays: Rays, probe: Probe, grid: Grid, look: Look
) -> list[Source]:
    """The first surface of a ringing tissue in each column, region by region."""
    medium, region = paths.medium, paths.found.region
    decay_s = medium.tissues.ringing_s[medium.region_tissue]
    if not decay_s.any():
        return []
    rings = decay_s > 0
    count, place = echoes.surfaces.count, echoes.surfaces.place
    gas = np.full(count.size, -1)
    which = np.zeros(count.size, int)
    column = np.flatnonzero(rings[region].any(axis=1)[grid.nearest_ray])
    ray = grid.nearest_ray[column]
    for n in range(int(count[column].max(initial=0))):
        zeta = place[column, n, 0]
        step = (rays.apparent_m[ray] < zeta[:, None]).sum(axis=1)
        above, here, below = (
            region[ray, np.clip(step + k, 0, region.shape[1] - 1)] for k in (-1, 0, 1)
        )
        entered = np.where(rings[here], here, below)
        hit = (n < count[column]) & (gas[column] < 0) & rings[entered] & ~rings[above]
        gas[column[hit]], which[column[hit]] = entered[hit], n
    at = place[np.arange(count.size), which]
    by_depth = sheet_by_depth(probe, grid, look)
    step = np.minimum((at[:, 0] / grid.step_m).astype(int), by_depth.size - 1)
    strength = np.abs(at[:, 1]) * at[:, 2] * at[:, 4] * by_depth[step]
    return [
        Source(
            region=int(r),
            column=np.flatnonzero(gas == r),
            place_m=at[gas == r, 0].astype(float),
            slope_m=at[gas == r, 3].astype(float),
            strength=strength[gas == r].astype(float),
            decay_s=float(decay_s[r]),
        )
        for r in np.unique(gas[gas >= 0])
    ]


def _write(source: Source, probe: Probe, grid: Grid, seed: int) -> np.ndarray:
    """The columns' ringing on the echo grid: float32 [n, n_range]."""
    n, step = 2 * grid.n_range, grid.range_step_m
    sigma_m = MACHINE_SPEED_M_S / (4 * np.pi * gaussian_sigma_hz(probe.centre_hz))
    white = 10 ** (FIRST_DB / 20) / np.sqrt(np.sqrt(np.pi) * sigma_m / step)
    course = white * np.random.default_rng((source.region, seed)).standard_normal(n)
    course[grid.n_range :] = 0.0  # or it would come round to before the gas
    course *= np.exp(-np.arange(n) * step / (0.5 * MACHINE_SPEED_M_S * source.decay_s))
    turns = np.arange(n // 2 + 1) / (n * step)  # cycles per metre
    spectra = np.tile(fft.rfft(course).astype(np.complex64), (source.column.size, 1))
    spectra = advance(spectra, source.place_m, n * step)
    smear = source.strength[:, None] * np.sinc(np.outer(source.slope_m, turns))
    spectra *= smear.astype(np.float32)
    ringing = fft.irfft(spectra, n, axis=1, workers=N_THREAD)[:, : grid.n_range]
    return np.ascontiguousarray(ringing)


def _loss(
    source: Source, rays: Rays, bands: SubBands, span: tuple[int, int], grid: Grid
) -> np.ndarray:
    """Loss of every sub-band just above the gas: float32 [n_band, n]; like `loss_in_bands`."""
    ray = grid.nearest_ray[source.column]
    step = (source.place_m / grid.step_m).astype(int) - _ABOVE
    there = rays.log_loss[:, ray, np.clip(step, 0, rays.log_loss.shape[2] - 1)]
    loss = loss_in_bands(
        replace(
            rays,
            log_loss=np.repeat(there[:, :, None], 2, axis=2),
            law=np.full((ray.size, 2), PER_LAW // 2, np.uint8),
        ),
        dz_m=grid.step_m,
        range_m=np.zeros(1),
        frequency_hz=bands.frequency_hz[slice(*span)],
        law_hz=bands.carrier_hz,
    )
    return loss[:, :, 0]
