"""The transmitted pulse and the probe's response, as spectra."""

import math

import numpy as np


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
    A generalised normal window that falls to -42 dB at zero frequency.
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


def band_edges(
    *, transmit_hz: float, n_cycle: float, centre_hz: float, bandwidth: float, floor_db: float
) -> tuple[float, float]:
    """Lowest and highest frequency, Hz, at which the two-way spectrum is less than `floor_db`
    below its peak."""
    f = np.linspace(0.02, 2.0, 1000) * max(transmit_hz, centre_hz)
    level = pulse_echo_spectrum(
        f, transmit_hz=transmit_hz, n_cycle=n_cycle, centre_hz=centre_hz, bandwidth=bandwidth
    )
    inside = f[level >= level.max() * 10 ** (-floor_db / 20)]
    return float(inside[0]), float(inside[-1])
