"""Echoes seen through the beams: sub-band synthesis.

The point-spread function is not separable in depth and width, but it is a short sum of
separable ones, one for each frequency f_k in the band:

    IQ(s, b) = sum_k p_k(s) (*)_s [ sum_u h_k(u - u_b; s) L_k(u, s) G(u, s) ]

with p_k the k-th triangular sub-band of the pulse, h_k the monochromatic two-way beam
(complex, so the curvature of the wavefront is in it), L_k the loss on the way at f_k and
G the echoes. Between the f_k the beam is thereby interpolated linearly in frequency.
Each sub-band is narrow, so it is carried at a few samples only.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy import fft

from physics.beams import Beams
from physics.constants import MACHINE_SPEED_M_S
from physics.parallel import N_THREAD, run_split


@dataclass(frozen=True)
class SubBands:
    """How the band of the pulse is cut.

    Spectra are over range, on n_range samples of `step_m` from s = 0; bin 0 is the carrier.
    """

    frequency_hz: np.ndarray
    """float64 [n_band]: centres f_k, evenly spaced."""
    carrier_hz: float
    step_m: float
    n_range: int
    n_decimated: int
    """Samples that carry one sub-band over the same length of range."""
    bins: np.ndarray
    """int64 [n_band, n_decimated]: bins of each sub-band, ascending, about its centre bin."""
    weight: np.ndarray
    """float32 [n_band, n_decimated]: pulse spectrum x triangle."""
    n_out: int
    out_bins: np.ndarray
    """int64 [n_band, n_decimated]: the same bins in the output spectrum."""
    out_carrier_hz: float
    """Frequency that is 0 Hz in the output IQ."""

    @property
    def decimated_m(self) -> np.ndarray:
        """Range of the decimated samples, m."""
        return np.arange(self.n_decimated) * (self.n_range * self.step_m / self.n_decimated)

    @property
    def out_m(self) -> np.ndarray:
        """Range of the output samples, m."""
        return np.arange(self.n_out) * (self.n_range * self.step_m / self.n_out)


def plan_sub_bands(
    spectrum,
    band_hz: tuple[float, float],
    n_band: int,
    *,
    carrier_hz: float,
    out_carrier_hz: float,
    step_m: float,
    n_range: int,
    n_out: int,
) -> SubBands:
    """Cut the band into `n_band` triangles whose sum is 1 between the outer centres.

    spectrum : function Hz -> two-way pulse spectrum (real).
    """
    bin_hz = MACHINE_SPEED_M_S / (2 * step_m * n_range)
    frequency = np.linspace(band_hz[0], band_hz[1], n_band)
    spacing = frequency[1] - frequency[0]
    n_decimated = fft.next_fast_len(int(np.ceil(2 * spacing / bin_hz)) + 2)
    n_decimated += n_decimated % 2
    centre = np.rint((frequency - carrier_hz) / bin_hz).astype(int)
    bins = centre[:, None] + np.arange(-n_decimated // 2, n_decimated // 2)[None, :]
    hz = carrier_hz + bins * bin_hz
    triangle = np.maximum(0.0, 1.0 - np.abs(hz - frequency[:, None]) / spacing)
    weight = triangle * np.where(hz > 0, spectrum(np.maximum(hz, 1.0)), 0.0)
    out_shift = int(round((out_carrier_hz - carrier_hz) / bin_hz))
    return SubBands(
        frequency_hz=frequency,
        carrier_hz=carrier_hz,
        step_m=step_m,
        n_range=n_range,
        n_decimated=n_decimated,
        bins=bins % n_range,
        weight=weight.astype(np.float32),
        n_out=n_out,
        out_bins=(bins - out_shift) % n_out,
        out_carrier_hz=carrier_hz + out_shift * bin_hz,
    )


def range_spectra(echoes: np.ndarray) -> np.ndarray:
    """Spectrum of every column of echoes over range: complex64 [n_column, n_range]."""
    return fft.fft(echoes, axis=1, workers=N_THREAD)


def acquire(
    spectra: np.ndarray, loss: np.ndarray | None, beams: Beams, bands: SubBands
) -> np.ndarray:
    """IQ of every line.

    spectra : complex64 [n_column, n_range]. loss : float32 [n_band, n_column, n_decimated],
    two-way amplitude factor, or None for a lossless medium.
    Returns complex64 [n_line, n_out], demodulated at `bands.out_carrier_hz`.
    """
    n_line = beams.layout.line_class.size
    out = np.zeros((n_line, bands.n_out), np.complex64)
    for k in range(bands.frequency_hz.size):
        sub = fft.ifft(
            np.fft.ifftshift(spectra[:, bands.bins[k]] * bands.weight[k], axes=1),
            axis=1,
            workers=N_THREAD,
            overwrite_x=True,
        )
        real, imag = np.empty(sub.shape, np.float32), np.empty(sub.shape, np.float32)
        run_split(_apply_loss, sub.shape[0], sub, loss[k] if loss is not None else None, real, imag)
        heard = np.empty((n_line, bands.n_decimated), np.complex64)
        run_split(
            _sum_laterally,
            n_line,
            real,
            imag,
            beams.layout.first_column,
            beams.layout.line_class,
            beams.real[:, k],
            beams.imag[:, k],
            heard,
        )
        out[:, bands.out_bins[k]] += np.fft.fftshift(
            fft.fft(heard, axis=1, workers=N_THREAD, overwrite_x=True), axes=1
        )
    scale = np.float32(bands.n_out / bands.n_range)
    return fft.ifft(out, axis=1, workers=N_THREAD, overwrite_x=True) * scale


@njit(nogil=True, cache=True, fastmath=True)
def _apply_loss(first, last, sub, loss, real, imag):
    """Multiply columns first..last by the loss (if any) and part real from imaginary."""
    for c in range(first, last):
        if loss is None:
            for j in range(sub.shape[1]):
                real[c, j] = sub[c, j].real
                imag[c, j] = sub[c, j].imag
        else:
            for j in range(sub.shape[1]):
                real[c, j] = sub[c, j].real * loss[c, j]
                imag[c, j] = sub[c, j].imag * loss[c, j]


@njit(nogil=True, cache=True, fastmath=True)
def _sum_laterally(first, last, real, imag, first_column, line_class, beam_r, beam_i, out):
    """out[b, j] = sum_t beam[class of b, t, j] column[first column of b + t, j].

    Depth is innermost and contiguous, real and imaginary apart: the tap loop innermost
    was five times slower.
    """
    n_tap = beam_r.shape[1]
    n_depth = out.shape[1]
    sum_r = np.empty(n_depth, np.float32)
    sum_i = np.empty(n_depth, np.float32)
    for b in range(first, last):
        c = line_class[b]
        sum_r[:] = 0.0
        sum_i[:] = 0.0
        for t in range(n_tap):
            h_r = beam_r[c, t]
            h_i = beam_i[c, t]
            g_r = real[first_column[b] + t]
            g_i = imag[first_column[b] + t]
            for j in range(n_depth):
                sum_r[j] += h_r[j] * g_r[j] - h_i[j] * g_i[j]
                sum_i[j] += h_r[j] * g_i[j] + h_i[j] * g_r[j]
        for j in range(n_depth):
            out[b, j] = complex(sum_r[j], sum_i[j])
