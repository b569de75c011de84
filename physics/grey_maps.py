"""Grey maps: post-processing of the finished picture by a table of 256 greys."""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

LINEAR = "linear"
"""The map that leaves the picture as it is."""

_DISPLAY_GAMMA = 2.2
"""Exponent from grey to luminance of an ordinary display."""


@dataclass(frozen=True)
class GreyMap:
    """One map of `grey_maps.toml`."""

    name: str
    summary: str
    table: np.ndarray
    """uint8 [256]: grey shown for each grey of the picture; rises from 0 to 255."""


@cache
def load_grey_maps() -> dict[str, GreyMap]:
    """Every map of `grey_maps.toml` by name, in the file's order.

    Raises ValueError, naming the map, for an entry that does not make a rising table.
    """
    text = resources.files("physics").joinpath("grey_maps.toml").read_text(encoding="utf-8")
    return {name: make_grey_map(name, entry) for name, entry in tomllib.loads(text).items()}


def make_grey_map(name: str, entry: Mapping[str, float | str]) -> GreyMap:
    """One map from its entry: a `summary` and one of `gamma`, `contrast`, `ambient`."""
    kinds = entry.keys() - {"summary"}
    if len(kinds) != 1 or not kinds <= _CURVES.keys():
        raise ValueError(
            f"grey map {name} must have one of {', '.join(_CURVES)}; "
            f"has {', '.join(sorted(kinds)) or 'none'}"
        )
    (kind,) = kinds
    value = float(entry[kind])
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"grey map {name}: {kind} is {value:g}; it must be above 0")
    share = _CURVES[kind](np.arange(256) / 255, value)
    table = np.rint(255 * share).astype(np.uint8)
    table.flags.writeable = False
    return GreyMap(name, str(entry["summary"]), table)


def apply_grey_map(picture: np.ndarray, *, grey_map: str) -> np.ndarray:
    """The picture as the named map shows it: uint8 [row, column]; itself if linear."""
    if grey_map == LINEAR:
        return picture
    return load_grey_maps()[grey_map].table[picture]


def _gamma(share: np.ndarray, gamma: float) -> np.ndarray:
    return share**gamma


def _contrast(share: np.ndarray, k: float) -> np.ndarray:
    return share**k / (share**k + (1 - share) ** k)


def _ambient(share: np.ndarray, ambient: float) -> np.ndarray:
    """Greys whose lightness rises evenly from that of the room's light on black to that of white.

    CIE 1976: L* = 116 Y^(1/3) - 16, linear in Y below (6/29)^3, with the luminance
    Y = (ambient + grey^2.2) / (1 + ambient) that reaches the eye.
    """
    darkest = _lightness(np.array(ambient / (1 + ambient)))
    luminance = _luminance(darkest + share * (100.0 - darkest)) * (1 + ambient) - ambient
    return np.clip(luminance, 0.0, 1.0) ** (1 / _DISPLAY_GAMMA)


def _lightness(luminance: np.ndarray) -> np.ndarray:
    linear = (29 / 3) ** 3 * luminance
    return np.where(luminance > (6 / 29) ** 3, 116 * np.cbrt(luminance) - 16, linear)


def _luminance(lightness: np.ndarray) -> np.ndarray:
    return np.where(lightness > 8, ((lightness + 16) / 116) ** 3, lightness * (3 / 29) ** 3)


_CURVES: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "gamma": _gamma,
    "contrast": _contrast,
    "ambient": _ambient,
}
