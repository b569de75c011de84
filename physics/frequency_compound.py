"""Frequency compounding: the pulse's band in parts, each detected by itself, averaged.

Speckle of different frequencies differs, so M parts have sqrt(M) times the ratio of mean to
standard deviation; and a part of the band is a pulse M times as long (Trahey, Allison, Smith
and von Ramm, Ultrason Imaging 1986;8:151; Magnin, von Ramm and Thurstone, 1982;4:267).
"""

import math

import numpy as np
from scipy import fft

from physics.acquire import SubBands
from physics.harmonic import PULSE_POWER
from physics.parallel import N_THREAD
from physics.pulse import gaussian_sigma_hz

_APART = 2.45
"""Distance of neighbouring parts in their own standard deviations: the squared correlation of
their speckle is exp(-2.45^2 / 2) = 0.05. Farther apart they would lie where little is heard."""


def compound_bands(
    iq: np.ndarray,
    bands: SubBands,
    *,
    frequency_compounding: str,
    frequency_hz: float,
    harmonic: str,
) -> np.ndarray:
    """Mean amplitude of the parts: complex64 [line, sample] without phase. "off": `iq` itself."""
    if frequency_compounding == "off":
        return iq
    hz = bands.carrier_hz + fft.fftfreq(bands.n_out, 1 / bands.n_out) * bands.bin_hz
    sigma_hz = gaussian_sigma_hz(frequency_hz)
    sigma_hz /= math.sqrt(PULSE_POWER) if harmonic == "on" else 1.0
    filters = part_filters((hz - frequency_hz) / sigma_hz, int(frequency_compounding))
    spectrum = fft.fft(iq, axis=1, workers=N_THREAD)
    mean = np.zeros(iq.shape, np.float32)
    for response in filters:
        mean += np.abs(fft.ifft(spectrum * response, axis=1, workers=N_THREAD, overwrite_x=True))
    return (mean / len(filters)).astype(np.complex64)


def part_filters(x: np.ndarray, n_part: int) -> np.ndarray:
    """Amplitude response of each part's filter: float32 [n_part, n].

    x : float64 [n], frequency from the pulse's, in standard deviations of its Gaussian spectrum.
    A filter leaves of that spectrum a Gaussian of 1 / n_part of its width, as strong in speckle
    as the whole.
    """
    sigma = 1 / n_part
    centre = (np.arange(n_part) - (n_part - 1) / 2) * _APART * sigma
    exponent = x**2 / 2 - ((x - centre[:, None]) / sigma) ** 2 / 2
    return (math.sqrt(n_part) * np.exp(exponent)).astype(np.float32)
