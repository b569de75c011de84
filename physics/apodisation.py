"""Weights across an aperture."""

from collections.abc import Callable

import numpy as np

_TUKEY_TAPER = 0.5


def _tukey(u: np.ndarray) -> np.ndarray:
    edge = np.clip((u - (1 - _TUKEY_TAPER)) / _TUKEY_TAPER, 0, 1)
    return np.cos(np.pi / 2 * edge) ** 2


_WINDOWS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "rect": np.ones_like,
    "hann": lambda u: np.cos(np.pi / 2 * u) ** 2,
    "hamming": lambda u: 0.54 + 0.46 * np.cos(np.pi * u),
    "tukey": _tukey,
}


def apodisation_weights(name: str, u: np.ndarray) -> np.ndarray:
    """Weight at distance u from the aperture's centre, u = 1 at its edge; 0 beyond the edge.

    u : float64, any shape, >= 0. Source: Harris, Proc IEEE 1978;66:51.
    """
    inside = u <= 1 + 1e-9
    return np.where(inside, _WINDOWS[name](np.minimum(u, 1.0)), 0.0)


def without_side_lobes(name: str, side_lobes: str) -> str:
    """The apodisation to use: with side lobes switched "off" Hann, whose two-way lobes are 63 dB
    down (Harris, Proc IEEE 1978;66:51)."""
    return "hann" if side_lobes == "off" else name
