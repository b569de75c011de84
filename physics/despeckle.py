"""Speckle reduction: the adaptive filter of Lee, on the envelope before compression."""

import math

import numpy as np

from physics.kernel import kernel
from physics.parallel import run_split

WINDOWS = ((1, 1), (3, 3), (3, 11), (5, 13), (7, 19))
"""Lines and samples of the window of each level. A speckle is about 2 lines by 3 samples.
Chosen for teaching."""

SPECKLE_VARIATION = 4 / math.pi - 1
"""Square of standard deviation over mean of the envelope of fully developed speckle (Rayleigh)."""

_LEAST_VARIANCE = 1e-30
"""Guards a division; the square of -300 dB re full scale."""


def reduce_speckle(envelope: np.ndarray, *, speckle_reduction: float) -> np.ndarray:
    """Envelope with speckle averaged where nothing but speckle is seen: float32 [line, sample].

    envelope : float32 [line, sample], re full scale. Returned itself if the filter is off.
    speckle_reduction : whole level, 0 (off) to 4.

    In a window about each sample with mean m and variance v

        out = m + W (envelope - m),     W = max(0, 1 - Cu^2 / Ci^2),     Ci^2 = v / m^2

    with Cu^2 = 4 / pi - 1 of pure speckle: W is 0 where the window varies no more than
    speckle does, and near 1 at edges and bright lines. Outer samples are repeated beyond
    the picture's edge. Source: Lee, IEEE Trans PAMI 1980;2:165, as written by Lopes, Touzi
    and Nezry, IEEE Trans Geosci Remote Sens 1990;28:992. (scipy.ndimage.uniform_filter
    gives the same means in six times the time.)
    """
    if speckle_reduction == 0:
        return envelope
    n_line, n_sample = WINDOWS[round(speckle_reduction)]
    smooth = np.empty_like(envelope)
    run_split(_lee, envelope.shape[0], envelope, n_line // 2, n_sample // 2, smooth)
    return smooth


@kernel
def _lee(first, last, envelope, half_line, half_sample, smooth):
    """Sums across the lines first, then along depth; direct sums, because a running one in
    float32 would drown weak echoes in the rounding of a strong one. Loops over samples are
    innermost and vectorise."""
    n_line, n_sample = envelope.shape
    per_cell = np.float32(1.0 / ((2 * half_line + 1) * (2 * half_sample + 1)))
    variation = np.float32(SPECKLE_VARIATION)
    least = np.float32(_LEAST_VARIANCE)
    one, none = np.float32(1.0), np.float32(0.0)
    across = np.empty(n_sample + 2 * half_sample, np.float32)
    across_square = np.empty(n_sample + 2 * half_sample, np.float32)
    total = np.empty(n_sample, np.float32)
    total_square = np.empty(n_sample, np.float32)
    for b in range(first, last):
        across[:] = none
        across_square[:] = none
        inner, inner_square = across[half_sample:], across_square[half_sample:]
        for c in range(b - half_line, b + half_line + 1):
            line = envelope[min(max(c, 0), n_line - 1)]
            for j in range(n_sample):
                inner[j] += line[j]
                inner_square[j] += line[j] * line[j]
        for j in range(half_sample):
            across[j] = inner[0]
            across_square[j] = inner_square[0]
            inner[n_sample + j] = inner[n_sample - 1]
            inner_square[n_sample + j] = inner_square[n_sample - 1]
        total[:] = none
        total_square[:] = none
        for k in range(2 * half_sample + 1):
            part, part_square = across[k:], across_square[k:]
            for j in range(n_sample):
                total[j] += part[j]
                total_square[j] += part_square[j]
        line, out = envelope[b], smooth[b]
        for j in range(n_sample):
            mean = total[j] * per_cell
            variance = max(total_square[j] * per_cell - mean * mean, least)
            weight = max(one - variation * mean * mean / variance, none)
            out[j] = mean + weight * (line[j] - mean)
