"""Smooth functions of one variable, tabulated: depths, lengths, thicknesses, courses."""

import math
from collections.abc import Sequence

import numpy as np

from phantoms.splines import monotone_curve, natural_spline

TABLE_STEP_M = 0.1e-3
"""Spacing of spline tables; between entries a parabola is used, off by < 1 nm."""


class Table:
    """A smooth function of one variable and its derivatives; straight beyond its ends."""

    def __init__(self, u: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
        self.u0, self.step = float(u[0]), float(u[1] - u[0]) if len(u) > 1 else 1.0
        curvature = np.gradient(slope, self.step) if len(u) > 1 else np.zeros(1)
        curvature[0] = curvature[-1] = 0.0
        self.entries = np.stack([value, slope, curvature], axis=1).astype(np.float32)
        """float32 [n, 3]: value, slope and curvature at u0 + i * step."""
        self._columns = [np.ascontiguousarray(c) for c in self.entries.T]
        self.steepest = float(np.max(np.abs(slope)))
        self.lowest, self.highest = float(np.min(value)), float(np.max(value))

    @property
    def is_constant(self) -> bool:
        return self.steepest == 0.0 and self.lowest == self.highest

    def at(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Value, slope and curvature at every u (float32)."""
        place = np.rint((u - np.float32(self.u0)) * np.float32(1.0 / self.step))
        np.clip(place, 0, len(self.entries) - 1, out=place)
        index = place.astype(np.intp)  # the fastest to look up with
        beyond = (u - np.float32(self.u0)) - place * np.float32(self.step)
        value, slope, bend = (column[index] for column in self._columns)
        turn = bend * beyond
        return value + beyond * (slope + np.float32(0.5) * turn), slope + turn, bend


def spline_table(points: Sequence[tuple[float, float]]) -> Table:
    """A natural spline through (u, value), u ascending."""
    x, y = np.array(points, dtype=np.float64).T
    if np.ptp(y) == 0:
        return Table(x[:1], y[:1], np.zeros(1))
    u = np.linspace(x[0], x[-1], max(2, round((x[-1] - x[0]) / TABLE_STEP_M)) + 1)
    return Table(u, *natural_spline(x, y)(u))


def length_table(u: np.ndarray, speed: np.ndarray) -> Table:
    """Arc length of a curve that is passed at `speed`, 0 at u = 0."""
    length = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) * (u[1] - u[0]) / 2)])
    length += np.interp(0.0, u, u - length)
    return Table(u, length, speed)


class Profile:
    """An offset from a curve, or a size along it, that may change along it: knots joined by a
    curve that rises and falls where they do."""

    def __init__(self, knots_m: Sequence[tuple[float, float]]) -> None:
        along, value = np.array(knots_m, dtype=np.float64).T
        if np.ptp(value) > 0:
            n = max(2, round(np.ptp(along) / TABLE_STEP_M)) + 1
            u = np.linspace(along[0], along[-1], n)
            height, slope = monotone_curve(along, value)(u)
            slope[0] = slope[-1] = 0.0
            self.table = Table(u, height, slope)
        else:
            self.table = Table(along[:1], value[:1], np.zeros(1))
        self.shrink = 1.0 / math.hypot(1.0, self.table.steepest)
        """Factor on a distance to a surface with this offset."""

    @property
    def is_constant(self) -> bool:
        return self.table.is_constant

    @property
    def largest_m(self) -> float:
        """Largest absolute value."""
        return max(abs(self.table.lowest), abs(self.table.highest))

    def at(self, along_m: np.ndarray | None = None) -> np.ndarray:
        """The offset at places along the curve, m; of a constant one a single number."""
        if along_m is None or self.is_constant:
            return self.table.entries[0, 0]
        return self.table.at(along_m)[0]


def constant(value_m: float) -> Profile:
    """An offset that is the same all along."""
    return Profile([(0.0, value_m)])
