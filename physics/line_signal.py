"""The signal of one scan line, as an engineer sees it: radio frequency, spectrum."""

import numpy as np

from physics.constants import MACHINE_SPEED_M_S

UP = 6
"""Samples of the radio-frequency signal for one of IQ: about 12 a period."""
_REACH = 12
"""Samples of IQ on either side that one between them is made of."""


def sample_rate_hz(shown_m: np.ndarray, machine_speed_m_s: float = MACHINE_SPEED_M_S) -> float:
    """IQ samples a second; depths are those that the machine shows."""
    spacing_m = float(shown_m[-1] - shown_m[0]) / (len(shown_m) - 1)
    return machine_speed_m_s / (2 * spacing_m)


def radio_frequency(
    iq: np.ndarray,
    shown_m: np.ndarray,
    carrier_hz: float,
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
) -> tuple[np.ndarray, np.ndarray]:
    """The echoes as they arrived: depth, m, and signal, float64 [UP x n_sample].

    RF(t) = Re IQ(t) exp(j 2 pi f_c t), IQ interpolated before (it is band-limited about the
    carrier, and sampled just fast enough for that).
    """
    place = np.arange(-_REACH * UP, _REACH * UP + 1) / UP
    kernel = np.sinc(place) * np.kaiser(place.size, 6.0)
    sparse = np.zeros(iq.size * UP, np.complex128)
    sparse[::UP] = iq
    fine = np.convolve(sparse, kernel, mode="same")
    spacing_m = float(shown_m[-1] - shown_m[0]) / (len(shown_m) - 1)
    depth_m = shown_m[0] + np.arange(fine.size) * (spacing_m / UP)
    phase = 2 * np.pi * carrier_hz * 2 * depth_m / machine_speed_m_s
    return depth_m, fine.real * np.cos(phase) - fine.imag * np.sin(phase)


def power_spectrum(
    iq: np.ndarray,
    shown_m: np.ndarray,
    carrier_hz: float,
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
    n_fft: int = 512,
) -> tuple[np.ndarray, np.ndarray]:
    """Frequency, Hz, rising, and power of the lines `iq` [..., n_sample] under a Hann window, mean
    over all lines: float64 [n] each."""
    iq = np.atleast_2d(iq)
    n = iq.shape[-1]
    n_fft = max(n_fft, n)
    rate = sample_rate_hz(shown_m, machine_speed_m_s)
    spectrum = np.fft.fft(iq * np.hanning(n + 2)[1:-1], n_fft, axis=-1)
    power = np.mean(np.abs(spectrum) ** 2, axis=tuple(range(iq.ndim - 1)))
    frequency = carrier_hz + np.fft.fftfreq(n_fft, 1 / rate)
    order = np.argsort(frequency)
    return frequency[order], power[order]


def centre_hz(frequency_hz: np.ndarray, power: np.ndarray) -> float:
    """Centre of the spectrum: mean frequency, weighted by power within 20 dB of the peak."""
    kept = power > 1e-2 * power.max()
    return float((frequency_hz[kept] * power[kept]).sum() / power[kept].sum())
