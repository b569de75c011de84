"""The receiver: electronic noise, time-gain compensation, gain, saturation."""

import math

import numpy as np
from scipy import fft

from physics.kernel import kernel
from physics.parallel import N_THREAD, run_split
from physics.settings import N_TGC

NOISE_FLOOR_DB = -110.0
"""rms noise re the echo of a perfect plane mirror 20 mm deep at full power, summed over the
receiving aperture of that depth. Estimate that gives the penetration of clinical scanners
(docs/model.md, "Noise"); chosen for teaching."""

FULL_SCALE_DB = -32.0
"""Echo, re that mirror, which after the scanner's own compensation and 0 dB of gain is white.
Chosen so that tendon is bright and bone saturates at 0 dB; chosen for teaching."""

OWN_TGC_DB_CM_MHZ = 0.5
"""Attenuation the scanner compensates by itself (AIUM: average soft tissue)."""

OWN_TGC_LIMIT_DB = 75.0
"""Most gain the scanner adds by itself: beyond it deep echoes darken. Chosen for teaching."""


def tgc_curve_db(
    range_m: np.ndarray, *, frequency_hz: float, depth_m: float, tgc_db: tuple[float, ...]
) -> np.ndarray:
    """Gain by depth: the scanner's own compensation plus the sliders. float32 [n_sample], dB.

    Slider i acts about the middle of the i-th eighth of the picture, joined by lines.
    """
    own = 2 * OWN_TGC_DB_CM_MHZ * (frequency_hz * 1e-6) * (range_m * 100)
    place = (np.arange(N_TGC) + 0.5) / N_TGC * depth_m
    sliders = np.interp(range_m, place, tgc_db)
    return (np.minimum(own, OWN_TGC_LIMIT_DB) + sliders).astype(np.float32)


def make_noise(
    shape: tuple[int, int], *, passband: np.ndarray, level: np.ndarray, seed: int | tuple[int, ...]
) -> np.ndarray:
    """Complex Gaussian noise as the receive filter leaves it: complex64 [line, sample].

    passband : float32 [n_sample], amplitude response by output bin.
    level : float32 [n_line, n_sample], rms amplitude wanted.
    """
    rng = np.random.default_rng(seed)
    # the spectrum of white noise is white noise
    spectrum = rng.standard_normal((shape[0], 2 * shape[1]), np.float32).view(np.complex64)
    spectrum *= passband
    noise = fft.ifft(spectrum, axis=1, workers=N_THREAD, overwrite_x=True, norm="ortho")
    rms = math.sqrt(2.0 * float(np.mean(passband**2)))
    noise *= level / np.float32(rms)
    return noise


def listen(
    iq: np.ndarray,
    noise: np.ndarray,
    ringing: np.ndarray | None = None,
    interference: np.ndarray | None = None,
    *,
    power_db: float,
    harmonic: str = "off",
) -> np.ndarray:
    """Echoes of this transmit power with the probe's ringing and the noise of the receiver,
    before any gain.

    iq, noise : complex64 [line, sample], re the mirror. Returns complex64, same shape.
    ringing : complex64 [line, first samples], what the probe hears of itself, or None.
    interference : complex64 [line, sample], what comes in behind all that is sent, or None.
    A harmonic goes as the square of the pressure that made it (physics.harmonic).
    """
    raw = np.empty_like(iq)
    power = 10 ** (power_db / (10 if harmonic == "on" else 20))
    run_split(_listen, iq.shape[0], iq, noise, np.float32(power), raw)
    if interference is not None:
        raw += interference
    if ringing is not None:
        raw[:, : ringing.shape[1]] += np.float32(power) * ringing
    return raw


@kernel
def _listen(first, last, iq, noise, power, raw):
    for b in range(first, last):
        for j in range(iq.shape[1]):
            raw[b, j] = power * iq[b, j] + noise[b, j]


def amplify(raw: np.ndarray, *, gain_db: float, curve_db: np.ndarray) -> np.ndarray:
    """Envelope after gain: float32 [line, sample], 1 = full scale, where it saturates."""
    envelope = np.empty(raw.shape, np.float32)
    gain = (10.0 ** ((curve_db + gain_db - FULL_SCALE_DB) / 20)).astype(np.float32)
    run_split(_amplify, raw.shape[0], raw, gain, envelope)
    return envelope


@kernel
def _amplify(first, last, raw, gain, envelope):
    for b in range(first, last):
        for j in range(raw.shape[1]):
            value = raw[b, j]
            amplitude = gain[j] * math.sqrt(value.real * value.real + value.imag * value.imag)
            envelope[b, j] = min(amplitude, np.float32(1.0))
