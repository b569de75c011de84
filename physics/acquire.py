"""Echoes seen through the beams: sub-band synthesis.

The point-spread function is not separable in depth and width, but it is a short sum of
separable ones, one for each frequency f_k in the band:

    IQ(s, b) = sum_k p_k(s) (*)_s [ sum_u h_k(u - u_b; s) L_k(u, s) G(u, s) ]

with p_k the k-th sub-band of the pulse, h_k the monochromatic two-way beam
(complex, so the curvature of the wavefront is in it), L_k the loss on the way at f_k and
G the echoes. Between the f_k the beam is thereby interpolated smoothly in frequency.
Each sub-band is narrow, so it is carried at a few samples only.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import fft

from physics.beams import Beams
from physics.constants import MACHINE_SPEED_M_S
from physics.kernel import inner_kernel, kernel
from physics.parallel import N_THREAD, run_split
from physics.wavefronts import sum_laterally, take_back, whole_samples


@dataclass(frozen=True)
class SubBands:
    """How a band of frequencies is cut.

    Spectra are over range, on n_range samples of `step_m` from s = 0. Bins are counted from
    the carrier.
    """

    frequency_hz: np.ndarray
    """float64 [n_band]: centres f_k, evenly spaced."""
    carrier_hz: float
    step_m: float
    n_range: int
    n_decimated: int
    """Samples that carry one sub-band over the same length of range."""
    centre_bin: np.ndarray
    """int64 [n_band]: bin nearest to each centre."""
    share: np.ndarray
    """float32 [n_band, n_decimated]: share of each bin (in FFT order about the centre bin)
    that belongs to the sub-band; over all sub-bands they add to 1."""
    roll_off: np.ndarray
    """float32 [n_decimated]: 1 over the sub-band, falling smoothly to 0 outside, so that what
    depth-dependent beams and losses add beside it does not ring."""
    n_out: int
    carrier_bin: int = 0
    """Bin of the columns' spectra at which the carrier lies: 0 on a complex grid about it."""

    def part(self, span: tuple[int, int]) -> "SubBands":
        """Sub-bands span[0] .. span[1] - 1 alone."""
        chosen = slice(*span)
        return replace(
            self,
            frequency_hz=self.frequency_hz[chosen],
            centre_bin=self.centre_bin[chosen],
            share=self.share[chosen],
        )

    @property
    def length_m(self) -> float:
        return self.n_range * self.step_m

    @property
    def bin_hz(self) -> float:
        return MACHINE_SPEED_M_S / (2 * self.length_m)

    @property
    def bin_frequency_hz(self) -> np.ndarray:
        """float64 [n_band, n_decimated]: frequency of every bin of every sub-band."""
        offset = np.rint(fft.fftfreq(self.n_decimated, 1 / self.n_decimated))
        return self.carrier_hz + (self.centre_bin[:, None] + offset[None, :]) * self.bin_hz

    @property
    def decimated_m(self) -> np.ndarray:
        """Range of the decimated samples, m."""
        return np.arange(self.n_decimated) * (self.length_m / self.n_decimated)

    @property
    def out_m(self) -> np.ndarray:
        """Range of the output samples, m."""
        return np.arange(self.n_out) * (self.length_m / self.n_out)


def plan_sub_bands(
    low_hz: float,
    high_hz: float,
    n_band: int,
    *,
    carrier_hz: float,
    step_m: float,
    n_range: int,
    n_out: int,
    smooth: bool = False,
    real: bool = False,
) -> SubBands:
    """Cut low_hz..high_hz into `n_band` overlapping windows whose sum is 1 between the
    outer centres: triangles, which follow the beam best, or (smooth) cos^2, whose lack of
    corners keeps bands far apart from ringing along the line.

    real : the columns hold no carrier (the picture's grid); the carrier is then moved to the
    nearest bin of their spectra.
    """
    bin_hz = MACHINE_SPEED_M_S / (2 * step_m * n_range)
    carrier_bin = round(carrier_hz / bin_hz) if real else 0
    carrier_hz = carrier_bin * bin_hz if real else carrier_hz
    frequency = np.linspace(low_hz, high_hz, n_band)
    spacing = frequency[1] - frequency[0]
    half = spacing / bin_hz  # of a window, in bins
    n_decimated = fft.next_fast_len(int(np.ceil(2.2 * half)) + 2)
    offset = np.rint(fft.fftfreq(n_decimated, 1 / n_decimated))
    centre = np.rint((frequency - carrier_hz) / bin_hz).astype(int)
    hz = carrier_hz + (centre[:, None] + offset[None, :]) * bin_hz
    distance = np.clip(np.abs(hz - frequency[:, None]) / spacing, 0, 1)
    share = np.cos(np.pi / 2 * distance) ** 2 if smooth else 1.0 - distance
    beyond = (np.abs(offset) - half) / max(n_decimated / 2 - half, 1.0)
    roll_off = np.cos(np.pi / 2 * np.clip(beyond, 0, 1)) ** 2
    return SubBands(
        frequency_hz=frequency,
        carrier_hz=carrier_hz,
        step_m=step_m,
        n_range=n_range,
        n_decimated=n_decimated,
        centre_bin=centre,
        share=share.astype(np.float32),
        roll_off=roll_off.astype(np.float32),
        n_out=n_out,
        carrier_bin=carrier_bin,
    )


def pulse_weights(bands: SubBands, spectrum: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Window x pulse spectrum, complex64 [n_band, n_decimated].

    spectrum : function of Hz, real or complex; it is taken as zero below 0 Hz.
    """
    hz = bands.bin_frequency_hz
    value = np.where(hz > 0, spectrum(np.maximum(hz, 1.0)), 0.0)
    return (bands.share * value).astype(np.complex64)


def range_spectra(echoes: np.ndarray) -> np.ndarray:
    """Spectrum of every column of echoes over range: complex64 [n_column, n_range], or
    [n_column, n_range // 2 + 1] of a real grid."""
    if np.iscomplexobj(echoes):
        return fft.fft(echoes, axis=1, workers=N_THREAD)
    return fft.rfft(echoes, axis=1, workers=N_THREAD)


_QUIET = 3e-3
"""Sub-bands whose weight stays below this part of the largest are left out (-50 dB)."""


def acquire(
    spectra: np.ndarray,
    loss: np.ndarray | None,
    weight: np.ndarray,
    beams: Beams,
    bands: SubBands,
    loss_place: np.ndarray | None = None,
    ahead_m: np.ndarray | None = None,
) -> np.ndarray:
    """IQ of every line.

    spectra : complex64 [n_column, n_bin] (`range_spectra`).
    loss : float32 [n_band, n_x, n_decimated], amplitude factor, or None for a lossless medium.
    weight : complex64 [n_band, n_decimated] (`pulse_weights`).
    loss_place : int32 [n_column], which of the n_x each column takes.
    ahead_m : float64 [n_line], by how much range each line's echoes come later in the spectra than
        from the line's own start (`physics.wavefronts`); None: not at all.
    Returns complex64 [n_line, n_out], demodulated at the carrier.
    """
    n_line, n_column = beams.layout.line_class.size, beams.layout.columns.n
    peak = np.abs(weight).max(axis=1)
    used = np.flatnonzero(peak > _QUIET * peak.max())
    centre = bands.centre_bin[used]
    shape = (used.size, n_column, bands.n_decimated)
    sub = np.empty(shape, np.complex64)
    run_split(_cut_out, n_column, spectra, weight[used], centre + bands.carrier_bin, sub)
    sub = fft.ifft(sub, axis=2, workers=N_THREAD, overwrite_x=True)
    real, imag = np.empty(shape, np.float32), np.empty(shape, np.float32)
    factor = np.ones((used.size, 1, shape[2]), np.float32) if loss is None else loss[used]
    place = np.zeros(n_column, np.int32) if loss_place is None else loss_place
    run_split(_apply_loss, n_column, sub, factor, place, real, imag)
    heard = np.empty((used.size, n_line, bands.n_decimated), np.complex64)
    later = np.zeros(n_line, np.int64)
    if ahead_m is not None:
        later = whole_samples(ahead_m, bands.length_m, bands.n_decimated)
    layout = beams.layout
    run_split(
        sum_laterally, n_line, real, imag, layout.first_column, layout.line_class,
        layout.line_mirrored, beams.real, beams.imag, used, later, heard,
    )  # fmt: skip
    heard = fft.fft(heard, axis=2, workers=N_THREAD, overwrite_x=True)
    return _to_lines(heard, centre, bands, ahead_m)


_LINES_AT_ONCE = 8
"""So few that the columns they hear make products too small to wait for threads of their own."""


def acquire_still(
    spectra: np.ndarray,
    column: np.ndarray,
    loss: np.ndarray,
    weight: np.ndarray,
    beams: Beams,
    range_m: float,
    bands: SubBands,
    ahead_m: np.ndarray | None = None,
) -> np.ndarray:
    """`acquire` for echoes that are all heard as from one range, whatever their own: the sum over
    the columns is then the same for all bins of a sub-band.

    spectra : complex64 [n, n_bin], of these columns only. column : int [n], rising. loss : float32
    [n_band, n]. range_m : at which beams are taken.
    """
    layout = beams.layout
    peak = np.abs(weight).max(axis=1)
    used = np.flatnonzero(peak > _QUIET * peak.max())
    centre = bands.centre_bin[used]
    offset = np.rint(fft.fftfreq(bands.n_decimated, 1 / bands.n_decimated)).astype(int)
    bins = (centre[:, None] + offset + bands.carrier_bin) % spectra.shape[1]
    sub = spectra[:, bins].transpose(1, 0, 2) * (loss[used][:, :, None] * weight[used][:, None, :])
    at = min(round(range_m / bands.length_m * bands.n_decimated), bands.n_decimated - 1)
    beam = beams.real[..., at] + 1j * beams.imag[..., at]  # [n_class, n_band, n_tap]
    n_line, n_tap = layout.line_class.size, layout.n_tap
    heard = np.zeros((used.size, n_line, bands.n_decimated), np.complex64)
    for start in range(0, n_line, _LINES_AT_ONCE):
        lines = slice(start, start + _LINES_AT_ONCE)
        first = layout.first_column[lines]
        heards = slice(*np.searchsorted(column, [first.min(), first.max() + n_tap]))
        if heards.start == heards.stop:
            continue
        tap = column[heards] - first[:, None]
        tap = np.where(layout.line_mirrored[lines, None], n_tap - 1 - tap, tap)
        of = beam[layout.line_class[lines, None], :, np.clip(tap, 0, n_tap - 1)]
        of[(tap < 0) | (tap >= n_tap)] = 0.0  # [n_line, n, n_band]
        heard[:, lines] = of.transpose(2, 0, 1)[used] @ sub[:, heards]
    return _to_lines(heard, centre, bands, ahead_m)


def _to_lines(
    heard: np.ndarray, centre: np.ndarray, bands: SubBands, ahead_m: np.ndarray | None
) -> np.ndarray:
    """IQ of lines from the spectra of their sub-bands (complex64 [n_band, n_line, n_decimated])."""
    n_line = heard.shape[1]
    out = np.zeros((n_line, bands.n_out), np.complex64)
    # the sum over bins stands for an integral over frequency, whatever the grid
    scale = np.float32(bands.n_out * bands.bin_hz)
    run_split(_put_together, n_line, heard, bands.roll_off * scale, centre, out)
    if ahead_m is not None:
        take_back(out, ahead_m, bands.length_m, bands.carrier_bin)
    return fft.ifft(out, axis=1, workers=N_THREAD, overwrite_x=True)


@kernel
def _cut_out(first, last, spectra, weight, centre, sub):
    """Weighted bins of every sub-band, in FFT order about its centre bin."""
    n_bin = spectra.shape[1]
    n_band, _, n = sub.shape
    half = (n + 1) // 2
    for c in range(first, last):
        for k in range(n_band):
            _copy_bins(spectra[c], centre[k] % n_bin, weight[k, :half], sub[k, c, :half])
            start = (centre[k] + half - n) % n_bin
            _copy_bins(spectra[c], start, weight[k, half:], sub[k, c, half:])


@inner_kernel
def _copy_bins(spectrum, start, weight, out):
    """out = weight x spectrum[start ...], from the beginning again after the last bin."""
    n = min(out.size, spectrum.size - start)
    source = spectrum[start : start + n]
    for m in range(n):
        out[m] = source[m] * weight[m]
    for m in range(n, out.size):
        out[m] = spectrum[m - n] * weight[m]


@kernel
def _put_together(first, last, heard, roll_off, centre, out):
    """Add the spectra of all sub-bands at their place in the output spectrum."""
    n_out = out.shape[1]
    n_band, _, n = heard.shape
    half = (n + 1) // 2
    for b in range(first, last):
        for k in range(n_band):
            for m in range(n):
                offset = m if m < half else m - n
                out[b, (centre[k] + offset) % n_out] += heard[k, b, m] * roll_off[m]


@kernel
def _apply_loss(first, last, sub, loss, place, real, imag):
    """Multiply columns first..last by the loss, and part real from imaginary."""
    for c in range(first, last):
        i = place[c]
        for k in range(sub.shape[0]):
            for j in range(sub.shape[2]):
                real[k, c, j] = sub[k, c, j].real * loss[k, i, j]
                imag[k, c, j] = sub[k, c, j].imag * loss[k, i, j]
