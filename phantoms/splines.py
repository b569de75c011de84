"""Two smooth curves through given points: a natural spline, and one that never overshoots.

As `CubicSpline(bc_type="natural")` and `PchipInterpolator` of scipy, whose import takes half a
second of every start; a test compares.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Hermite:
    """Cubics between knots, given by value and slope at each knot (ascending `x`)."""

    x: np.ndarray
    y: np.ndarray
    slope: np.ndarray

    def __call__(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value and slope at `u`; beyond the ends the outermost cubics go on."""
        i = np.clip(np.searchsorted(self.x, u, side="right") - 1, 0, self.x.size - 2)
        h = self.x[i + 1] - self.x[i]
        secant = (self.y[i + 1] - self.y[i]) / h
        first, last = self.slope[i], self.slope[i + 1]
        square, cube = 3 * secant - 2 * first - last, first + last - 2 * secant
        t = (u - self.x[i]) / h
        value = self.y[i] + h * t * (first + t * (square + t * cube))
        return value, first + t * (2 * square + 3 * t * cube)


def natural_spline(x: np.ndarray, y: np.ndarray) -> Hermite:
    """The cubic spline with continuous curvature, which vanishes at both ends."""
    n = x.size
    h = np.diff(x)
    secant = np.diff(y) / h
    equations, right = np.zeros((n, n)), np.zeros(n)
    for k in range(1, n - 1):
        equations[k, k - 1 : k + 2] = h[k], 2 * (h[k - 1] + h[k]), h[k - 1]
        right[k] = 3 * (h[k] * secant[k - 1] + h[k - 1] * secant[k])
    equations[0, :2], right[0] = (2.0, 1.0), 3 * secant[0]
    equations[-1, -2:], right[-1] = (1.0, 2.0), 3 * secant[-1]
    return Hermite(x, y, np.linalg.solve(equations, right))


def monotone_curve(x: np.ndarray, y: np.ndarray) -> Hermite:
    """A curve that rises and falls where its points do, and nowhere else.

    Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 300 (1984): weighted harmonic mean of the
    secants at inner knots, and none at a turning point.
    """
    h = np.diff(x)
    secant = np.diff(y) / h
    if x.size == 2:
        return Hermite(x, y, np.repeat(secant, 2))
    slope = np.zeros_like(y)
    before, after = secant[:-1], secant[1:]
    same = before * after > 0
    w1, w2 = (2 * h[1:] + h[:-1])[same], (h[1:] + 2 * h[:-1])[same]
    slope[1:-1][same] = (w1 + w2) / (w1 / before[same] + w2 / after[same])
    slope[0] = _end_slope(h[0], h[1], secant[0], secant[1])
    slope[-1] = _end_slope(h[-1], h[-2], secant[-1], secant[-2])
    return Hermite(x, y, slope)


def _end_slope(h0: float, h1: float, secant0: float, secant1: float) -> float:
    """Slope at an end by the three-point formula, held back so that nothing overshoots."""
    slope = ((2 * h0 + h1) * secant0 - h0 * secant1) / (h0 + h1)
    if slope * secant0 <= 0:
        return 0.0
    if secant0 * secant1 < 0 and abs(slope) > 3 * abs(secant0):
        return 3 * secant0
    return slope
