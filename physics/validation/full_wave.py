"""Reading the full-wave references (`references`), and beamforming of received signals.

Nothing here needs the solver: tools/make_full_wave_references.py, which does, uses the same
beamformer, so that a line of the reference is made as a line of the scanner is.
"""

import math
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent / "references"
_FINER = 8
"""Signals are interpolated to this many times their sampling rate before they are delayed."""


def load(name: str) -> dict[str, np.ndarray]:
    """All arrays of one reference file."""
    with np.load(FOLDER / f"{name}.npz") as stored:
        return {key: stored[key] for key in stored.files}


def analytic(signals: np.ndarray, *, finer: int = 1) -> np.ndarray:
    """Analytic signal along the last axis, at `finer` times the rate: complex128."""
    n = signals.shape[-1]
    padded = 2 * n  # what rings across the ends falls into the padding
    spectrum = np.fft.fft(signals, padded, axis=-1)[..., : padded // 2]
    spectrum[..., 0] *= 0.5
    return finer * 2 * np.fft.ifft(spectrum, padded * finer, axis=-1)[..., : n * finer]


def aperture_weights(
    element_x_m: np.ndarray, centre_m: float, width_m: float, apodisation: str = "rect"
) -> np.ndarray:
    """Weights of the elements of an aperture: "rect" or "hann". An element counts by the part of
    it that lies inside, so that a width need not be a whole number of elements."""
    pitch = float(element_x_m[1] - element_x_m[0])
    off = np.abs(element_x_m - centre_m)
    inside = np.clip((width_m / 2 - off) / pitch + 0.5, 0.0, 1.0)
    if apodisation == "rect":
        return inside
    return inside * np.cos(math.pi * np.minimum(off / max(width_m, pitch), 0.5)) ** 2


def focal_delay_s(
    element_x_m: np.ndarray, centre_m: float, focus_m: float, speed_m_s: float
) -> np.ndarray:
    """When each element fires, for a focus below `centre_m`: the middle at 0, others before."""
    return (focus_m - np.hypot(element_x_m - centre_m, focus_m)) / speed_m_s


def receive_line(
    signals: np.ndarray,
    time_s: np.ndarray,
    element_x_m: np.ndarray,
    *,
    line_m: float,
    depth_m: np.ndarray,
    f_number: float,
    speed_m_s: float,
    apodisation: str = "rect",
) -> np.ndarray:
    """One line by delay and sum: complex128 [n_depth], mean over the aperture.

    The transmit wave passes depth z on the line at z / c; the receive focus and the aperture
    (depth / F-number) follow the depth.
    """
    fine = analytic(signals, finer=_FINER)
    step = float(time_s[1] - time_s[0]) / _FINER
    line = np.empty(depth_m.size, np.complex128)
    elements = np.arange(element_x_m.size)
    for i, z in enumerate(depth_m):
        weights = aperture_weights(element_x_m, line_m, z / f_number, apodisation)
        arrival = (z + np.hypot(element_x_m - line_m, z)) / speed_m_s
        place = np.clip((arrival - float(time_s[0])) / step, 0, fine.shape[1] - 1.001)
        j = place.astype(int)
        w = place - j
        value = (1 - w) * fine[elements, j] + w * fine[elements, j + 1]
        line[i] = (weights * value).sum() / weights.sum()
    return line


def point_echo_signals(
    response: np.ndarray,
    time_s: np.ndarray,
    element_x_m: np.ndarray,
    *,
    line_m: float,
    focus_m: float,
    f_number: float,
    speed_m_s: float,
) -> tuple[np.ndarray, np.ndarray]:
    """What the elements receive from a point, for one focused transmit, and its time axis.

    response : [n_element, n_sample], from the point to each element. By reciprocity that is
        also the way from the element to the point, so the echo of element a in element b is
        the convolution of a's and b's responses.
    """
    step = float(time_s[1] - time_s[0])
    n = 2 * response.shape[1]
    frequency = np.fft.rfftfreq(n, step)
    spectrum = np.fft.rfft(response, n, axis=1)
    weights = aperture_weights(element_x_m, line_m, focus_m / f_number)
    delay = focal_delay_s(element_x_m, line_m, focus_m, speed_m_s)
    phase = np.exp(-2j * math.pi * frequency * delay[:, None])
    at_point = (weights[:, None] * phase * spectrum).sum(axis=0)
    echoes = np.fft.irfft(at_point * spectrum, n, axis=1)
    return echoes, 2 * float(time_s[0]) + step * np.arange(n)
