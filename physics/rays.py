"""What the medium does to sound on its way: travel time and loss.

Travel time is taken along each ray (physics.paths) with the true speed of every tissue; the
scanner, which believes in 1540 m/s, writes an echo at the *apparent* range
zeta = c0 t / 2.

Loss is the mean over a fan of sub-beams that leave different parts of the aperture and
meet at the echo: a thing that covers part of the aperture casts a half shadow. One-way
amplitude along a sub-beam: exp(-int alpha ds) prod sqrt(1 - R^2).
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from physics.apodisation import apodisation_weights, without_side_lobes
from physics.constants import DB_PER_NEPER, MACHINE_SPEED_M_S
from physics.kernel import kernel
from physics.medium import Slice
from physics.parallel import run_split
from physics.paths import Paths
from physics.probe import Probe
from physics.survey import MAX_REGIONS, Survey, split_cell

N_SUB_BEAM = 21
"""Sub-beams in the fan: enough for a shadow's edge to be within 1/40 of the aperture."""

_STRONG = 0.95
"""A surface that lets less than this amplitude pass is a strong one (R > 0.31)."""
PER_LAW = 64
"""Exponents are kept in whole 64ths."""
_ENDED = 1e-4
"""Amplitude left where a ray ends."""
_NOTHING = 1e-15
"""One-way amplitude that is as good as none; smaller numbers would be slow to handle."""


@dataclass(frozen=True)
class Way:
    """How far sound has come at the points of a grid of rays, and what is left of it.

    begin : int32 [n_x], first step of each ray that counts.
    apparent_m : float32 [n_x, n_z], apparent range.
    log_loss : float32 [n_x, n_z], natural log of the two-way amplitude factor at the lower of
        the two traced frequencies.
    """

    begin: np.ndarray
    apparent_m: np.ndarray
    log_loss: np.ndarray


@dataclass(frozen=True)
class Rays:
    """On the slice's grid.

    apparent_m : float32 [n_x, n_z]; apparent range of the grid point straight below.
    log_loss : float32 [2, n_x, n_z]; natural log of the two-way amplitude factor at
        `loss_hz` (two frequencies), by *apparent* range j * dz.
    depth_log_loss : float32 [n_x, n_z]; the same at the lower frequency, by depth.
    law : uint8 [n_x, n_z]; exponent p of echo amplitude ~ f ** p, in 64ths, by apparent range.
    even_loss : float32 [n_x]; log of the factor between the two frequencies per metre of
        apparent range, in the mean down to the first strong surface: for sound that stays
        above it.
    """

    apparent_m: np.ndarray
    log_loss: np.ndarray
    depth_log_loss: np.ndarray
    loss_hz: tuple[float, float]
    law: np.ndarray
    even_loss: np.ndarray

    @property
    def way(self) -> Way:
        """Straight to every point."""
        begin = np.zeros(len(self.apparent_m), np.int32)
        return Way(begin, self.apparent_m, self.depth_log_loss)


def way_on(legs: Paths, rays: Rays, before: Paths, gain: np.ndarray) -> Way:
    """The way on from the surfaces where rays were thrown aside (physics.paths.mirrored).

    before, rays : the rays up to there. gain : float64 [n_x] of them all, two-way amplitude that
    the surface leaves.
    """
    medium, found = legs.medium, legs.found
    n_x, n_z = found.region.shape
    rates = _rates(medium, rays.loss_hz)
    sums = np.empty((3, n_x, n_z), np.float32)
    run_split(_add_up, n_x, medium.distance_m, found.lowest, found.highest, rates,
              np.float32(medium.dz_m), sums)  # fmt: skip
    leg = np.arange(n_x)
    ray = leg + round((legs.fan.x0_m - before.fan.x0_m) / before.fan.ray_m)
    hit = before.hit[:, ray]
    begin = np.minimum(legs.begin, n_z - 1)
    at = np.clip(hit[4] / medium.dz_m, 0, n_z - 1)
    step = np.minimum(at.astype(int), n_z - 2)
    # the part of the cell above the surface is all of the region before it
    rate_before = rates[0][hit[6].astype(int)]
    ahead = rays.apparent_m[ray, step] + (at - step) * medium.dz_m * rate_before
    lead = (begin * medium.dz_m - hit[4]) * rates[0][found.region[leg, begin]]
    start = sums[:, leg, begin][:, :, None]
    apparent = (ahead + lead)[:, None] + sums[0] - start[0]
    kept = np.log(np.maximum(legs.passed, 1e-4)).cumsum(axis=1)
    left = np.log(np.maximum(gain[ray], 1e-30)) + rays.depth_log_loss[ray, np.maximum(step - 1, 0)]
    log_loss = left[:, None] - 2 * (sums[1] - start[1]) + 2 * kept
    return Way(legs.begin, apparent.astype(np.float32), log_loss.astype(np.float32))


def _rates(medium: Slice, loss_hz: tuple[float, float]) -> np.ndarray:
    """Apparent range per metre, and loss in nepers per metre at two frequencies, by region:
    float32 [3, n_region]."""
    tissues = medium.tissues
    nepers = [
        tissues.attenuation_db_m * (hz * 1e-6) ** tissues.attenuation_power / DB_PER_NEPER
        for hz in loss_hz
    ]
    rates = np.stack([MACHINE_SPEED_M_S / tissues.speed_m_s, *nepers])
    return rates[:, medium.region_tissue].astype(np.float32)


def trace(
    paths: Paths,
    probe: Probe,
    *,
    tx_f_number: float,
    rx_f_number: float,
    tx_apodisation: str,
    rx_apodisation: str,
    side_lobes: str = "on",
    curvature_per_m: float = 0.0,
    lean: float = 0.0,
) -> Rays:
    """Add up time and loss on all ways. `curvature_per_m`: how fast rays part (their distance
    grows as 1 + curvature x length); `lean`: sine of their angle to the face's normal."""
    tx_apodisation, rx_apodisation = (
        without_side_lobes(name, side_lobes) for name in (tx_apodisation, rx_apodisation)
    )
    medium, found = paths.medium, paths.found
    n_x, n_z = found.region.shape
    loss_hz = (0.6 * probe.low_hz, 1.3 * probe.high_hz)
    sums = np.empty((3, n_x, n_z), np.float32)
    run_split(
        _add_up, n_x, medium.distance_m, found.lowest, found.highest, _rates(medium, loss_hz),
        np.float32(medium.dz_m), sums,
    )  # fmt: skip
    apparent = sums[0]
    depth_loss = _mean_over_fan(
        medium,
        found.region,
        paths.passed,
        sums,
        probe,
        _fan(
            (tx_f_number, rx_f_number),
            (tx_apodisation, rx_apodisation),
            n_z,
            medium.dz_m,
            curvature_per_m,
            lean,
        ),
    )
    log_loss = np.empty_like(depth_loss)
    law = np.empty((n_x, n_z), np.uint8)
    run_split(
        _by_apparent_range, n_x, depth_loss, apparent, _frequency_law(medium, found), ~found.cut,
        np.float32(medium.dz_m), log_loss, law,
    )  # fmt: skip
    strong = paths.passed < _STRONG
    last = np.where(strong.any(axis=1), strong.argmax(axis=1), n_z) - 1
    at = np.arange(n_x), np.maximum(last, 1)
    even = (depth_loss[1][at] - depth_loss[0][at]) / np.maximum(apparent[at], medium.dz_m)
    return Rays(apparent, log_loss, depth_loss[0], loss_hz, law, even)


def _frequency_law(medium: Slice, found: Survey) -> np.ndarray:
    """Exponent p of echo amplitude ~ f ** p at every grid point, in 64ths: uint8 [n_x, n_z].

    Half the backscatter's exponent; half a power more for fibres, because they are heard
    coherently over a beam whose width goes as 1 / f, and half a power for boundaries: a
    sheet's strength goes as f, its coherent elevation weight as 1 / sqrt(f). Wires likewise.
    """
    tissues = medium.tissues
    power = tissues.backscatter_power / 2
    power = power + 0.5 * (tissues.fibrous_per_m_sr > tissues.diffuse_per_m_sr)
    whole = np.rint(PER_LAW * np.clip(power, 0, 3.9)).astype(np.uint8)
    law = whole[medium.region_tissue][found.region]
    law[found.cut] = PER_LAW // 2
    for x, z in zip(medium.point_x_m, medium.point_z_m, strict=True):
        i, j = round((x - medium.x0_m) / medium.dx_m), round(z / medium.dz_m)
        if 0 <= i < law.shape[0] and 0 <= j < law.shape[1]:
            law[max(i - 2, 0) : i + 3, max(j - 1, 0) : j + 2] = PER_LAW // 2
    return law


@dataclass(frozen=True)
class _Fan:
    """Sub-beams, [n_sub, n_z] each.

    shift_m : how far beside the place where it left the face a sub-beam is, in the rays' own
        coordinate; half_m : the same half a step before. longer : its way over that along the ray.
    tx, rx : float32, weights of the sub-beams that arrive at each depth.
    """

    shift_m: np.ndarray
    half_m: np.ndarray
    longer: np.ndarray
    tx: np.ndarray
    rx: np.ndarray


@lru_cache(maxsize=4)
def _fan(
    f_numbers: tuple[float, float],
    apodisations: tuple[str, str],
    n_z: int,
    dz_m: float,
    curvature_per_m: float,
    lean: float,
) -> _Fan:
    """Sub-beams that cover both apertures at every depth.

    One that leaves the face with the slope q to the ray there lies q z beside it: in the
    coordinate of rays that part, q z / (1 + curvature z).
    """
    tx_f, rx_f = f_numbers
    j = np.arange(n_z)
    parted = 1 + curvature_per_m * (j * dz_m)
    most = float(parted[-1])
    n = 2 * math.ceil((N_SUB_BEAM * math.sqrt(most) - 1) / 2) + 1
    widest = most * max(1 / (2 * tx_f), 1 / (2 * rx_f))
    slope = (np.arange(n) + 0.5) / n * 2 * widest - widest
    here = slope[:, None] / parted
    tx, rx = (
        apodisation_weights(name, np.abs(here) * 2 * f).astype(np.float32)
        for name, f in zip(apodisations, f_numbers, strict=True)
    )
    return _Fan(
        (slope * dz_m)[:, None] * j / parted,
        (slope * dz_m)[:, None] * (j - 0.5) / parted,
        (np.sqrt(1.0 + here * here + 2.0 * lean * here) - 1.0).astype(np.float32),
        tx,
        rx,
    )


def _mean_over_fan(
    medium: Slice,
    region: np.ndarray,
    passed: np.ndarray,
    sums: np.ndarray,
    probe: Probe,
    fan: _Fan,
) -> np.ndarray:
    """Log of (mean transmit amplitude x mean receive amplitude) over the sub-beams that meet
    at each point: float32 [2, n_x, n_z], for both traced frequencies.

    Steps run down the slice row by row, all columns at once: sub-beams of one slope are moved
    sideways alike.
    """
    n_x, n_z = region.shape
    lost, kept = (np.zeros((2, n_z, n_x), np.float32) for _ in range(2))
    down = np.maximum(passed.T, np.float32(_ENDED))

    def follow_down(first: int, last: int) -> None:  # the step that ends at each point
        rows = slice(max(first, 1), last)
        below = sums[1:, :, max(first, 1) - 1 : last].transpose(0, 2, 1)
        lost[:, rows] = below[:, 1:] - below[:, :-1]
        np.exp(-lost[:, first:last], out=kept[:, first:last])
        kept[:, first:last] *= down[first:last]

    run_split(follow_down, n_z)
    row = np.ascontiguousarray(region.T)
    impedance = medium.tissues.impedance_rayl[medium.region_tissue].astype(np.float32)
    aside = np.ones((n_z, n_x), np.float32)
    aside[:, :-1] = _passed(impedance, row[:, :-1], row[:, 1:])
    out = np.empty((2, n_z, n_x), np.float32)
    run_split(
        _sum_over_fan, 2, lost, kept, aside, fan.shift_m, fan.half_m,
        fan.longer, fan.tx, fan.rx, medium.x0_m, medium.dx_m, probe.footprint_m / 2,
        probe.n_channel * probe.pitch_m / 2, out,
    )  # fmt: skip
    return np.ascontiguousarray(out.transpose(0, 2, 1))


def _passed(impedance: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Amplitude left, sqrt(1 - R^2), on the way from one region to another."""
    a, b = impedance[:, None], impedance[None, :]
    table = np.sqrt(np.maximum(1 - ((a - b) / (a + b)) ** 2, 1e-6))
    return np.asarray(table.ravel()[one * np.int16(len(impedance)) + other])


@kernel
def _add_up(first, last, distance, lowest, highest, rates, dz, sums):
    """sums[q, i, j] = int_0^z rate_q dz down column i, with boundaries at their exact depth."""
    n_region, _, n_z = distance.shape
    above = np.empty(n_region, np.float32)
    below = np.empty(n_region, np.float32)
    starts = np.empty(MAX_REGIONS + 2, np.float32)
    parts = np.empty(MAX_REGIONS + 2, np.int32)
    for i in range(first, last):
        sums[:, i, 0] = 0.0
        for j in range(n_z - 1):
            low, high = lowest[i, j], highest[i, j]
            starts[0], starts[1] = 0.0, 1.0
            parts[0] = low
            n_part = 1
            if high > low:
                for r in range(low + 1, high + 1):
                    above[r] = distance[r, i, j]
                    below[r] = distance[r, i, j + 1]
                n_part = split_cell(above, below, low, high, starts, parts)
            for q in range(sums.shape[0]):
                step = np.float32(0.0)
                for p in range(n_part):
                    step += rates[q, parts[p]] * (starts[p + 1] - starts[p])
                sums[q, i, j + 1] = sums[q, i, j] + dz * step


@kernel
def _sum_over_fan(
    first, last, lost, kept, aside, shifts, halves, longers, tx, rx, x0, dx, half_face,
    half_aperture, out,
):  # fmt: skip
    """See `_mean_over_fan`; frequencies first..last.

    A sub-beam that left the face at column v is at column v + shift. `kept` is what one
    step straight down leaves; on the longer way aslant the loss is larger by the same factor.
    `aside` : what a step to the right leaves.
    """
    _, n_z, n_x = lost.shape
    left = np.empty(n_x, np.float32)
    sums = np.empty((2, n_z, n_x), np.float32)
    norm = np.empty((2, n_z, n_x), np.float32)
    for f in range(first, last):
        sums[:] = 0.0
        norm[:] = 0.0
        for s in range(shifts.shape[0]):
            left[:] = 1.0
            before = 0
            for j in range(n_z):
                shift, longer = shifts[s, j], longers[s, j]
                w_tx, w_rx = tx[s, j], rx[s, j]
                if abs(shift) > half_aperture:
                    break
                if j > 0:
                    here = math.floor(halves[s, j] / dx + 0.5)
                    first_v, last_v = max(0, -here), min(n_x, n_x - here)
                    if here != before:  # one column to the side, through what is between
                        o = min(here, before)
                        for v in range(max(0, -o), min(n_x, n_x - o)):
                            left[v] *= aside[j - 1, v + o]
                        before = here
                    step = kept[f, j, first_v + here : last_v + here]
                    more = lost[f, j, first_v + here : last_v + here]
                    beam = left[first_v:last_v]
                    for v in range(beam.size):
                        beam[v] = max(
                            beam[v] * step[v] * (np.float32(1.0) - longer * more[v]),
                            np.float32(_NOTHING),
                        )
                # where they arrive: between two columns, from inside the face
                away = math.floor(shift / dx)
                w = np.float32(shift / dx - away)
                low = math.ceil((-half_face + shift - x0) / dx - 1e-6)
                high = math.floor((half_face + shift - x0) / dx + 1e-6) + 1
                low, high = max(low, away + 1, 0), min(high, n_x + away, n_x)
                if high <= low:
                    continue
                near = left[low - away : high - away]
                far = left[low - away - 1 : high - away - 1]
                sum_tx, sum_rx = sums[0, j, low:high], sums[1, j, low:high]
                norm_tx, norm_rx = norm[0, j, low:high], norm[1, j, low:high]
                for v in range(near.size):
                    t = near[v] + w * (far[v] - near[v])
                    sum_tx[v] += w_tx * t
                    sum_rx[v] += w_rx * t
                    norm_tx[v] += w_tx
                    norm_rx[v] += w_rx
        # beside the face no sub-beam arrives: take what goes straight down
        left[:] = 1.0
        for j in range(n_z):
            for i in range(n_x):
                if j > 0:
                    left[i] = max(left[i] * kept[f, j, i], np.float32(_NOTHING))
                n = norm[0, j, i] * norm[1, j, i]
                mean = sums[0, j, i] * sums[1, j, i] / n if n > 0.0 else left[i] * left[i]
                out[f, j, i] = math.log(mean)


@kernel
def _by_apparent_range(first, last, depth_loss, apparent, law_at_depth, plain, dz, log_loss, law):
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
            here = j if t < 0.5 else j + 1
            law[i, m] = law_at_depth[i, here]
            # in fast media one step of range holds several of depth: none may miss its surface
            near = here - 1
            while near > 0 and apparent[i, near] > zeta - 0.5 * dz:
                if not plain[i, near]:
                    law[i, m] = law_at_depth[i, near]
                near -= 1
            near = here
            while near < n_z - 1 and apparent[i, near] < zeta + 0.5 * dz:
                if not plain[i, near]:
                    law[i, m] = law_at_depth[i, near]
                near += 1


def loss_in_bands(
    rays: Rays,
    *,
    dz_m: float,
    range_m: np.ndarray,
    frequency_hz: np.ndarray,
    law_hz: float,
    bounced: np.ndarray | None = None,
) -> np.ndarray:
    """Amplitude factor for every sub-band, beyond the loss at the lower traced frequency
    (which `physics.echoes` puts into the echoes): float32 [n_band, n_x, n_range], on the slice's
    lateral grid.

    range_m : float64 [n_range], or [n_x, n_range] if it is each column's own.
    bounced : float32 [n_x, n_z], by apparent range as in `Rays`: the part of the echoes that is of
        sound which bounced about above the first strong surface. Its loss grows evenly with
        the way, and its frequency law is that of surfaces. None: nowhere any.

    Log loss is linear in frequency between the two traced ones (exact for attenuation ~ f).
    physics.acquire blends neighbouring bands; the factors are lowered so that the loss is
    right on average between them.
    The frequency law of the echoes rides along: (f / law_hz) ** p.
    """
    more, law = rays.log_loss[1] - rays.log_loss[0], rays.law
    if bounced is not None:
        even = rays.even_loss[:, None] * (np.arange(law.shape[1]) * dz_m).astype(np.float32)
        more = more + bounced * (even - more)
        mixed = law + bounced * (np.float32(PER_LAW // 2) - law)
        law = np.rint(mixed).astype(np.uint8)
    out = np.empty((frequency_hz.size, law.shape[0], range_m.shape[-1]), np.float32)
    f_low, f_high = rays.loss_hz
    weight = ((frequency_hz - f_low) / (f_high - f_low)).astype(np.float32)
    exponent = np.arange(256) / PER_LAW
    power = np.maximum(frequency_hz, 0.2e6)[:, None] / law_hz
    power = (power**exponent).astype(np.float32)
    sample = np.atleast_2d(range_m / dz_m).astype(np.float32)
    run_split(_fill_loss, out.shape[1], more, law, sample, weight, power, out)
    return out


@kernel
def _fill_loss(first, last, log_more, law, sample, weight, power, out):
    """Bands are evenly spaced: from one to the next the loss changes by the same factor."""
    n_z = log_more.shape[1]
    spacing = weight[1] - weight[0]
    for i in range(first, last):
        row = sample[i if sample.shape[0] > 1 else 0]
        for m in range(row.size):
            z = min(max(row[m], np.float32(0.0)), np.float32(n_z - 1.001))
            j = int(z)
            w = z - np.float32(j)
            more = log_more[i, j] + w * (log_more[i, j + 1] - log_more[i, j])
            factor = math.exp(spacing * more)
            # a blend of two sub-bands lies above the exponential between: tanh(x) / x of it, on
            # average, with exp(2 x) the factor between them
            x = np.float32(0.5) * abs(more * spacing)
            loss = math.exp(weight[0] * more)
            if x > 1e-3:
                loss *= (np.float32(1.0) - factor) / ((np.float32(1.0) + factor) * x)
            p = law[i, j if w < 0.5 else j + 1]
            for k in range(weight.size):
                out[k, i, m] = loss * power[k, p]
                loss *= factor
