"""What the medium does to sound on its way: travel time and loss. Straight rays.

Travel time is taken straight down each column with the true speed of every tissue; the
scanner, which believes in 1540 m/s, writes an echo at the *apparent* range
zeta = c0 t / 2.

Loss is the mean over a fan of sub-beams that leave different parts of the aperture and
meet at the echo: a thing that covers part of the aperture casts a half shadow. One-way
amplitude along a sub-beam: exp(-int alpha ds) prod sqrt(1 - R^2).
"""

import math
from dataclasses import dataclass

import numpy as np

from physics.apodisation import apodisation_weights
from physics.constants import DB_PER_NEPER, MACHINE_SPEED_M_S
from physics.kernel import kernel
from physics.medium import Slice
from physics.parallel import run_split
from physics.probe import Probe
from physics.survey import MAX_REGIONS, Survey, split_cell

N_SUB_BEAM = 21
"""Sub-beams in the fan: enough for a shadow's edge to be within 1/40 of the aperture."""

_STRIDE = 2
"""The mean over the fan is taken at every second depth, and interpolated between them ..."""
_STEP_NP = 0.15
"""... unless it changes by more than this at a boundary: a surface must not be dimmed by what
is lost on passing it."""
_ZIGZAG = 3
"""Steps within which a sub-beam that grazes a boundary may cross it back for free."""


@dataclass(frozen=True)
class Rays:
    """On the slice's grid.

    apparent_m : float32 [n_x, n_z]; apparent range of the grid point straight below.
    log_loss : float32 [2, n_x, n_z]; natural log of the two-way amplitude factor at
        `loss_hz` (two frequencies), by *apparent* range j * dz.
    depth_log_loss : float32 [n_x, n_z]; the same at the lower frequency, by depth.
    law : float32 [n_x, n_z]; exponent p of echo amplitude ~ f ** p, by apparent range.
    """

    apparent_m: np.ndarray
    log_loss: np.ndarray
    depth_log_loss: np.ndarray
    loss_hz: tuple[float, float]
    law: np.ndarray


def trace(
    medium: Slice,
    found: Survey,
    probe: Probe,
    *,
    tx_f_number: float,
    rx_f_number: float,
    tx_apodisation: str,
    rx_apodisation: str,
) -> Rays:
    """March all rays through the slice."""
    tissues = medium.tissues
    of_region = medium.region_tissue
    n_x, n_z = found.region.shape
    loss_hz = (0.6 * probe.low_hz, 1.3 * probe.high_hz)
    nepers = [
        tissues.attenuation_db_m * (hz * 1e-6) ** tissues.attenuation_power / DB_PER_NEPER
        for hz in loss_hz
    ]
    rates = np.stack([MACHINE_SPEED_M_S / tissues.speed_m_s, *nepers])[:, of_region]
    sums = np.empty((3, n_x, n_z), np.float32)
    run_split(
        _add_up, n_x, medium.distance_m, found.region, found.plain, rates.astype(np.float32),
        np.float32(medium.dz_m), sums,
    )  # fmt: skip
    apparent = sums[0]
    impedance = tissues.impedance_rayl[of_region].astype(np.float32)
    slope, path_scale, tx, rx = _fan(tx_f_number, rx_f_number, tx_apodisation, rx_apodisation)
    half_face = probe.footprint_m / 2
    half_aperture = probe.n_channel * probe.pitch_m / 2
    through = np.empty((slope.size, 2, n_x, (n_z - 2) // _STRIDE + 2), np.float32)
    run_split(
        _march, slope.size * n_x, found.region, sums, impedance, slope, path_scale,
        np.float32(medium.dx_m), np.float32(medium.dz_m), through,
    )  # fmt: skip
    depth_loss = np.empty((2, n_x, n_z), np.float32)
    run_split(
        _mean_over_fan, n_x, found.plain, through, slope, tx, rx, np.float32(medium.x0_m),
        np.float32(medium.dx_m), np.float32(medium.dz_m), np.float32(half_face),
        np.float32(half_aperture), depth_loss,
    )  # fmt: skip
    log_loss = np.empty_like(depth_loss)
    law = np.empty((n_x, n_z), np.float32)
    run_split(
        _by_apparent_range, n_x, depth_loss, apparent, _frequency_law(medium, found),
        np.float32(medium.dz_m), log_loss, law,
    )  # fmt: skip
    return Rays(apparent, log_loss, depth_loss[0], loss_hz, law)


def _frequency_law(medium: Slice, found: Survey) -> np.ndarray:
    """Exponent p of echo amplitude ~ f ** p at every grid point: float32 [n_x, n_z].

    Half the backscatter's exponent; half a power more for fibres, because they are heard
    coherently over a beam whose width goes as 1 / f, and half a power for boundaries: a
    sheet's strength goes as f, its coherent elevation weight as 1 / sqrt(f). Wires likewise.
    """
    tissues = medium.tissues
    power = tissues.backscatter_power / 2
    power = power + 0.5 * (tissues.fibrous_per_m_sr > tissues.diffuse_per_m_sr)
    law = power[medium.region_tissue][found.region]
    law = np.where(found.plain, law, 0.5).astype(np.float32)
    for x, z in zip(medium.point_x_m, medium.point_z_m, strict=True):
        i, j = round((x - medium.x0_m) / medium.dx_m), round(z / medium.dz_m)
        if 0 <= i < law.shape[0] and 0 <= j < law.shape[1]:
            law[max(i - 2, 0) : i + 3, max(j - 1, 0) : j + 2] = 0.5
    return law


def _fan(tx_f: float, rx_f: float, tx_name: str, rx_name: str) -> tuple[np.ndarray, ...]:
    """Slopes dx/dz of the sub-beams, path length per depth, and the weights of each."""
    widest = max(1 / (2 * tx_f), 1 / (2 * rx_f))
    slope = (np.arange(N_SUB_BEAM) + 0.5) / N_SUB_BEAM * 2 * widest - widest
    tx = apodisation_weights(tx_name, np.abs(slope) * 2 * tx_f)
    rx = apodisation_weights(rx_name, np.abs(slope) * 2 * rx_f)
    as_f32 = (a.astype(np.float32) for a in (slope, np.sqrt(1 + slope**2), tx, rx))
    return tuple(as_f32)


@kernel
def _add_up(first, last, distance, region, plain, rates, dz, sums):
    """sums[q, i, j] = int_0^z rate_q dz down column i, with boundaries at their exact depth."""
    n_region, _, n_z = distance.shape
    above = np.empty(n_region, np.float32)
    below = np.empty(n_region, np.float32)
    starts = np.empty(MAX_REGIONS + 2, np.float32)
    parts = np.empty(MAX_REGIONS + 2, np.int32)
    for i in range(first, last):
        sums[:, i, 0] = 0.0
        for j in range(n_z - 1):
            if plain[i, j]:
                starts[0], starts[1] = 0.0, 1.0
                parts[0] = region[i, j]
                n_part = 1
            else:
                for r in range(n_region):
                    above[r] = distance[r, i, j]
                    below[r] = distance[r, i, j + 1]
                n_part = split_cell(above, below, starts, parts)
            for q in range(sums.shape[0]):
                step = np.float32(0.0)
                for p in range(n_part):
                    step += rates[q, parts[p]] * (starts[p + 1] - starts[p])
                sums[q, i, j + 1] = sums[q, i, j] + dz * step


@kernel
def _march(first, last, region, sums, impedance, slope, path_scale, dx, dz, through):
    """One-way amplitude along sub-beam `flat // n_x` that leaves the face at column flat % n_x.

    sums : integrals straight down the columns (`_add_up`); a slanting sub-beam takes each
    step's share from the column it is in, times the longer way. through : at every
    _STRIDE-th depth and the last; amplitudes, because neighbouring sub-beams are averaged.
    """
    n_x, n_z = region.shape
    for flat in range(first, last):
        s = flat // n_x
        v = flat % n_x
        low = np.float32(0.0)
        high = np.float32(0.0)
        step = slope[s] * dz / dx
        longer = path_scale[s]
        through[s, 0, v, 0] = 1.0
        through[s, 1, v, 0] = 1.0
        previous = region[v, 0]
        before = previous
        crossed, lost = -_ZIGZAG - 1, np.float32(0.0)
        for j in range(1, n_z):
            x = min(max(v - step * (j - 0.5) + 0.5, 0.0), n_x - 1.0)
            i = int(x)
            here = region[i, j - 1]
            low += longer * (sums[1, i, j] - sums[1, i, j - 1])
            high += longer * (sums[2, i, j] - sums[2, i, j - 1])
            if here != previous:
                if here == before and j - crossed <= _ZIGZAG:
                    # not a crossing: the grid's staircase beside a steep boundary
                    low -= lost
                    high -= lost
                    lost = np.float32(0.0)
                    crossed = -_ZIGZAG - 1
                else:
                    z1, z2 = impedance[previous], impedance[here]
                    reflection = (z2 - z1) / (z2 + z1)
                    left = max(np.float32(1.0) - reflection * reflection, np.float32(1e-6))
                    lost = np.float32(-0.5 * math.log(left))
                    low += lost
                    high += lost
                    crossed = j
                before, previous = previous, here
            if j % _STRIDE == 0 or j == n_z - 1:
                m = (j + _STRIDE - 1) // _STRIDE
                through[s, 0, v, m] = math.exp(-low)
                through[s, 1, v, m] = math.exp(-high)


@kernel
def _mean_over_fan(
    first, last, plain, through, slope, tx, rx, x0, dx, dz, half_face, half_aperture, out
):
    """Log of (mean transmit amplitude x mean receive amplitude) over the sub-beams."""
    n_slope, _, n_x, n_step = through.shape
    n_z = out.shape[2]
    sums = np.empty((2, 2), np.float32)
    for i in range(first, last):
        x = x0 + i * dx
        for m in range(n_step):
            j = min(m * _STRIDE, n_z - 1)
            sums[:] = 0.0
            norm_tx = np.float32(0.0)
            norm_rx = np.float32(0.0)
            for s in range(n_slope):
                shift = slope[s] * j * dz
                if abs(x + shift) > half_face or abs(shift) > half_aperture:
                    continue
                v = min(max(i + shift / dx, np.float32(0.0)), np.float32(n_x - 1.001))
                k = int(v)
                w = v - np.float32(k)
                for f in range(2):
                    t = through[s, f, k, m] + w * (through[s, f, k + 1, m] - through[s, f, k, m])
                    sums[f, 0] += tx[s] * t
                    sums[f, 1] += rx[s] * t
                norm_tx += tx[s]
                norm_rx += rx[s]
            for f in range(2):
                if norm_tx > 0.0 and norm_rx > 0.0:
                    mean = sums[f, 0] * sums[f, 1] / (norm_tx * norm_rx)
                else:  # beside the face: no sub-beam gets here, take the one straight down
                    mean = through[n_slope // 2, f, i, m] ** 2
                out[f, i, j] = math.log(max(mean, np.float32(1e-30)))
                back = j - (m - 1) * _STRIDE
                if m > 0:
                    before = out[f, i, j - back]
                    change = out[f, i, j] - before
                    at_boundary = not (plain[i, j - back] and plain[i, j - 1])
                    if at_boundary and abs(change) > _STEP_NP:
                        change = np.float32(0.0)
                    for p in range(1, back):
                        out[f, i, j - back + p] = before + change * p / back


@kernel
def _by_apparent_range(first, last, depth_loss, apparent, law_at_depth, dz, log_loss, law):
    """Resample from true depth to apparent range, column by column."""
    n_z = apparent.shape[1]
    for i in range(first, last):
        j = 0
        for m in range(n_z):
            zeta = m * dz
            while j < n_z - 2 and apparent[i, j + 1] < zeta:
                j += 1
            t = (zeta - apparent[i, j]) / (apparent[i, j + 1] - apparent[i, j])
            t = min(max(t, 0.0), 1.0)
            for f in range(2):
                a = depth_loss[f, i, j]
                log_loss[f, i, m] = a + t * (depth_loss[f, i, j + 1] - a)
            law[i, m] = law_at_depth[i, j if t < 0.5 else j + 1]


def loss_in_bands(
    rays: Rays, *, dz_m: float, range_m: np.ndarray, frequency_hz: np.ndarray, law_hz: float
) -> np.ndarray:
    """Amplitude factor for every sub-band, beyond the loss at the lower traced frequency
    (which `physics.echoes` puts into the echoes): float32 [n_band, n_x, n_range], on the slice's
    lateral grid.

    Log loss is linear in frequency between the two traced ones (exact for attenuation ~ f).
    physics.acquire blends neighbouring bands; the factors are lowered so that the loss is
    right on average between them.
    The frequency law of the echoes rides along: (f / law_hz) ** p.
    """
    out = np.empty((frequency_hz.size, rays.law.shape[0], range_m.size), np.float32)
    f_low, f_high = rays.loss_hz
    weight = ((frequency_hz - f_low) / (f_high - f_low)).astype(np.float32)
    log_f = np.log(np.maximum(frequency_hz, 0.2e6) / law_hz).astype(np.float32)
    sample = (range_m / dz_m).astype(np.float32)
    run_split(_fill_loss, out.shape[1], rays.log_loss, rays.law, sample, weight, log_f, out)
    return out


@kernel
def _fill_loss(first, last, log_loss, law, sample, weight, log_f, out):
    n_z = log_loss.shape[2]
    spacing = weight[1] - weight[0]
    for i in range(first, last):
        for m in range(sample.size):
            z = min(max(sample[m], np.float32(0.0)), np.float32(n_z - 1.001))
            j = int(z)
            w = z - np.float32(j)
            here = log_loss[1, i, j] - log_loss[0, i, j]
            below = log_loss[1, i, j + 1] - log_loss[0, i, j + 1]
            more = here + w * (below - here)
            # a blend of two sub-bands lies above the exponential between: by this, on average
            x = np.float32(0.5) * abs(more * spacing)
            sag = math.tanh(x) / x if x > 1e-3 else 1.0
            power = law[i, j if w < 0.5 else j + 1]
            for k in range(weight.size):
                out[k, i, m] = sag * math.exp(weight[k] * more + power * log_f[k])
