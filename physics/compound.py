"""Spatial compounding: the mean of what several looks show of each place.

Each look is an acquisition of its own, so its speckle and noise are its own too, as far as its
angle differs. Amplitudes (detected echoes) are averaged, not the complex echoes: those would
only add up to another beam. Every look is carried to the lines of the middle one, and a place
takes the mean of the looks that see it.
Source: Trahey, Smith and von Ramm, IEEE Trans UFFC 1986;33:257; Entrekin et al., Ultrasound Med
Biol 2001;27:1.
"""

import math
from collections.abc import Sequence

import numpy as np

from physics.acquire import SubBands
from physics.constants import MACHINE_SPEED_M_S
from physics.kernel import kernel
from physics.looks import Look, middle_of
from physics.parallel import run_split
from physics.scan_grid import Grid
from physics.speed import shown_m
from physics.wavefronts import GUARD_M


def compound(
    heard: Sequence[np.ndarray],
    grids: Sequence[Grid],
    looks: Sequence[Look],
    bands: SubBands,
    *,
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
) -> np.ndarray:
    """Mean amplitude of all looks on the middle one's lines: complex64 [line, sample], without
    phase. One look alone is handed on as it is.

    heard : complex64 [line, sample] of each look, before any gain.
    """
    if len(heard) == 1:
        return heard[0]
    out_m = shown_m(bands.out_m, machine_speed_m_s)
    step_m = shown_m(bands.length_m, machine_speed_m_s) / bands.n_out
    x_m, z_m = middle_of(grids).lines_for(middle_of(looks)).place(np.zeros(1), out_m)
    total = np.zeros(heard[0].shape, np.float32)
    seen = np.zeros(heard[0].shape, np.int32)
    for raw, grid, look in zip(heard, grids, looks, strict=True):
        lines = grid.lines_for(look)
        u, range_m = lines.locate(x_m, z_m)
        sample = range_m / step_m
        deepest = (bands.length_m - GUARD_M) / (bands.length_m / bands.n_out)
        run_split(
            _add_look, raw.shape[0], raw, (u / lines.step_u).astype(np.float32),
            sample.astype(np.float32), math.floor(deepest), total, seen,
        )  # fmt: skip
    # below the reach of the steered looks that in the middle still sees
    lone = np.abs(middle_of(heard))
    return np.where(seen > 0, total / np.maximum(seen, 1), lone).astype(np.complex64)


@kernel
def _add_look(first, last, raw, beside, sample, deepest, total, seen):
    """Amplitude of `raw` at the places of lines first..last, bilinear, where it sees them.

    beside : float32 [n_sample], how many lines to the right the place lies among this look's
        lines. sample : float32 [n_sample], its range there in samples.
    """
    n_line, n_sample = raw.shape
    for b in range(first, last):
        for j in range(n_sample):
            x = b + beside[j]
            s = sample[j]
            if x < -0.5 or x > n_line - 0.5 or s > deepest:
                continue
            x = min(max(x, np.float32(0.0)), np.float32(n_line - 1.001))
            s = min(s, np.float32(n_sample - 1.001))
            i, k = int(x), int(s)
            v, w = x - np.float32(i), s - np.float32(k)
            left = abs(raw[i, k]) + w * (abs(raw[i, k + 1]) - abs(raw[i, k]))
            right = abs(raw[i + 1, k]) + w * (abs(raw[i + 1, k + 1]) - abs(raw[i + 1, k]))
            total[b, j] += left + v * (right - left)
            seen[b, j] += 1
