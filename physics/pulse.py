"""The transmitted pulse and the probe's response, as spectra."""

import math
from collections.abc import Callable

import numpy as np

BANDWIDTH = 0.5
"""Two-way bandwidth at -6 dB of a picture's pulse, of its frequency: about two cycles. Chosen
for teaching, within what broadband probes can do (physics/probes.toml)."""
_BAND_FLOOR_DB = 26.0


def burst_spectrum(frequency_hz: np.ndarray, transmit_hz: float, n_cycle: float) -> np.ndarray:
    """Magnitude spectrum of a sine burst of `n_cycle` cycles, zero-phase about t = 0.

    frequency_hz : float64[n], > 0. Returns float64[n], peak near 1.
    Source: Fourier transform of a gated sine; the pulse of MUST (Garcia 2022).
    """
    f = np.asarray(frequency_hz, float)
    length = n_cycle / transmit_hz
    burst = np.sinc(length * (f - transmit_hz)) - np.sinc(length * (f + transmit_hz))
    return np.abs(burst)


def probe_response(
    frequency_hz: np.ndarray, centre_hz: float, bandwidth: float, pass_: str = "two-way"
) -> np.ndarray:
    """Electro-acoustic response of the elements, real and positive, peak 1.

    bandwidth : pulse-echo fractional bandwidth at -6 dB.
    A generalised normal window that falls to nothing (2 ** -126) at zero frequency.
    Source: MUST (Garcia, Comput Methods Programs Biomed 2022), `getpulse`.
    """
    f = np.asarray(frequency_hz, float)
    power = math.log(126) / math.log(2 / bandwidth)
    half_band = bandwidth * centre_hz / 2 / math.log(2) ** (1 / power)
    two_way = np.exp(-((np.abs(f - centre_hz) / half_band) ** power))
    return two_way if pass_ == "two-way" else np.sqrt(two_way)


def pulse_echo_spectrum(
    frequency_hz: np.ndarray,
    *,
    transmit_hz: float,
    n_cycle: float,
    centre_hz: float,
    bandwidth: float,
) -> np.ndarray:
    """Two-way spectrum of one echo: burst x probe response twice. float64[n], real."""
    burst = burst_spectrum(frequency_hz, transmit_hz, n_cycle)
    return burst * probe_response(frequency_hz, centre_hz, bandwidth)


def gaussian_sigma_hz(centre_hz: float, bandwidth: float = BANDWIDTH) -> float:
    """Standard deviation of the shaped pulse's two-way amplitude spectrum, Hz."""
    return bandwidth * centre_hz / (2 * math.sqrt(2 * math.log(2)))


def gaussian_spectrum(frequency_hz: np.ndarray, centre_hz: float, bandwidth: float) -> np.ndarray:
    """Two-way amplitude spectrum of a shaped pulse: Gaussian, peak 1. float64[n].

    bandwidth : fraction of the centre frequency between the half-amplitude points.
    """
    sigma_hz = gaussian_sigma_hz(centre_hz, bandwidth)
    return np.exp(-(((np.asarray(frequency_hz, float) - centre_hz) / sigma_hz) ** 2) / 2)


def band_edges(
    spectrum: Callable[[np.ndarray], np.ndarray], highest_hz: float, floor_db: float
) -> tuple[float, float]:
    """Lowest and highest frequency, Hz, at which a spectrum is less than `floor_db` below
    its peak; searched up to `highest_hz`."""
    f = np.linspace(0.01, 1.0, 1000) * highest_hz
    level = spectrum(f)
    inside = f[level >= level.max() * 10 ** (-floor_db / 20)]
    return float(inside[0]), float(inside[-1])


def pulse_spectrum(centre_hz: float) -> Callable[[np.ndarray], np.ndarray]:
    """Two-way spectrum of the scanner's pulse at one setting of the frequency knob.

    A broadband scanner shapes its burst and its receive filter so that echoes centre on the
    frequency of the knob, without axial side lobes. Taken as equally sensitive over the
    whole range of the knob.
    """
    return lambda frequency_hz: gaussian_spectrum(frequency_hz, centre_hz, BANDWIDTH)


def pulse_edges(centre_hz: float) -> tuple[float, float]:
    """Lowest and highest frequency of that pulse, Hz, at 26 dB below its peak."""
    return band_edges(pulse_spectrum(centre_hz), 2 * centre_hz, _BAND_FLOOR_DB)
