"""Columns of echoes set out along wavefronts, where beams leave the face at an angle.

A beam's kernel is a short sum over neighbouring columns, frequency by frequency. That works
while echoes on one wavefront lie at one range. Columns that leave a flat face at an angle
are not perpendicular to it: on a wavefront their ranges differ by sin(angle) times their
distance (`ScanLines.ahead_m`). So each column is moved by that much before the sum, and each
line is moved back after it. Both are exact: a turn of the phase of every frequency.

The range is cyclic meanwhile. What has gone round the end must not be heard: the last
`GUARD_M` of each column hold no echoes, and no line of the picture reaches there.
"""

import numpy as np
from scipy import fft

from physics.kernel import inner_kernel, kernel
from physics.parallel import run_split

GUARD_M = 1.5e-3
"""More than any wavefront advances between a line and the last column that it hears."""


def advance(spectra: np.ndarray, ahead_m: np.ndarray, length_m: float) -> np.ndarray:
    """Every column moved to a larger range by its part of `ahead_m`: complex64 [n_column, n_bin].

    spectra : complex64 [n_column, n_bin] over a range of `length_m` (`range_spectra` of a real
    grid). ahead_m : float64 [n_column].
    """
    out = np.empty_like(spectra)
    run_split(_advance, spectra.shape[0], spectra, -2 * np.pi / length_m * ahead_m, out)
    return out


@kernel
def _advance(first, last, spectra, turn, out):
    """out[c, n] = spectra[c, n] exp(j n turn[c]): one complex exponential a column, and every
    64 bins again so that rounding does not add up."""
    for c in range(first, last):
        step = complex(np.cos(turn[c]), np.sin(turn[c]))
        phase = complex(1.0, 0.0)
        for n in range(spectra.shape[1]):
            if n % 64 == 0:
                phase = complex(np.cos(n * turn[c]), np.sin(n * turn[c]))
            out[c, n] = spectra[c, n] * phase
            phase *= step


def take_back(spectra: np.ndarray, ahead_m: np.ndarray, length_m: float, first_bin: int) -> None:
    """Lines moved back to their own range, in place.

    spectra : complex64 [n_line, n], in FFT order about the bin `first_bin`. ahead_m : [n_line].
    """
    bins = np.rint(fft.fftfreq(spectra.shape[1], 1 / spectra.shape[1])) + first_bin
    spectra *= np.exp(np.outer(2j * np.pi / length_m * ahead_m, bins)).astype(np.complex64)


def whole_samples(ahead_m: np.ndarray, length_m: float, n_sample: int) -> np.ndarray:
    """`ahead_m` in whole samples of a range of n, 0 .. n - 1: beams change little within one."""
    return np.rint(ahead_m / (length_m / n_sample)).astype(np.int64) % n_sample


@inner_kernel
def _add_product(h_r, h_i, g_r, g_i, sum_r, sum_i):
    for j in range(h_r.size):
        sum_r[j] += h_r[j] * g_r[j] - h_i[j] * g_i[j]
        sum_i[j] += h_r[j] * g_i[j] + h_i[j] * g_r[j]


@kernel
def sum_laterally(
    first, last, real, imag, first_column, line_class, line_mirrored, beam_r, beam_i, used, later,
    out,
):  # fmt: skip
    """Lines first..last: the columns through their beams,

    out[k, b, j] = sum_t beam[class of b, k, t, j - later] column[k, first column of b + t, j],

    with j - later counted around the end. Depth is innermost and contiguous, real and imaginary
    apart: the tap loop innermost was five times slower. One sub-band after the other: neighbouring
    lines share columns and beams, which then stay in the processor's cache (a third faster).
    """
    n_tap = beam_r.shape[2]
    n_depth = out.shape[2]
    sum_r = np.empty(n_depth, np.float32)
    sum_i = np.empty(n_depth, np.float32)
    for k in range(used.size):
        for b in range(first, last):
            c, late = line_class[b], later[b]
            early = n_depth - late
            sum_r[:] = 0.0
            sum_i[:] = 0.0
            for t in range(n_tap):
                tap = n_tap - 1 - t if line_mirrored[b] else t
                h_r, h_i = beam_r[c, used[k], tap], beam_i[c, used[k], tap]
                g_r, g_i = real[k, first_column[b] + t], imag[k, first_column[b] + t]
                _add_product(h_r[:early], h_i[:early], g_r[late:], g_i[late:], sum_r[late:],
                             sum_i[late:])  # fmt: skip
                _add_product(h_r[early:], h_i[early:], g_r[:late], g_i[:late], sum_r[:late],
                             sum_i[:late])  # fmt: skip
            for j in range(n_depth):
                out[k, b, j] = complex(sum_r[j], sum_i[j])
