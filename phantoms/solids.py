"""Bodies that follow no curve: ellipsoids, balls, rods, and cylinders that go on along Y."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from phantoms.curves import Curve, FlatCurve, Points
from phantoms.shapes import Overlap, Shape, Width
from phantoms.tables import constant

BODY = FlatCurve(0.0)
"""The body's own coordinates: X, Z and Y."""

Place = Sequence[float]
"""(X, Z) of what goes on along Y, or (X, Y, Z)."""


@dataclass(frozen=True)
class Solid:
    """An ellipsoid, or a cylinder if one of its axes is endless.

    centre_m : (X, Y, Z). axes : three perpendicular unit vectors. semi_m : half axes along them.

    The distance is |p| (|p| - 1) / |grad |p|| with |p| in half axes: exact for a ball, and at
    any surface to first order (Quilez, "ellipse distance"). Beside a flat one it changes by up to
    `steepest_ratio` m per m.
    """

    centre_m: tuple[float, float, float]
    axes: tuple[tuple[float, float, float], ...]
    semi_m: tuple[float, float, float]
    scale: float = 1.0

    @property
    def floor_m(self) -> float:
        """Where depth inside is cut: towards the middle of a flat one it would change too fast."""
        ends = [semi for semi in self.semi_m if math.isfinite(semi)]
        return min(ends) * (1.0 if max(ends) == min(ends) else 0.5)

    def distance(self, points: Points) -> np.ndarray:
        places = zip((points.x_m, points.y_m, points.z_m), self.centre_m, strict=True)
        off = [place - np.float32(middle) for place, middle in places]
        size2: Any = np.float32(1e-6)
        gradient2: Any = np.float32(1e-6 / self.floor_m**2)
        for axis, semi in zip(self.axes, self.semi_m, strict=True):
            if math.isinf(semi):
                continue
            q: Any = sum(np.float32(a) * o for a, o in zip(axis, off, strict=True) if a)
            q = q * np.float32(1 / semi)
            size2 = size2 + q * q
            q = q * np.float32(1 / semi)
            gradient2 = gradient2 + q * q
        size = np.sqrt(size2)
        out = size * (size - np.float32(1.0)) / np.sqrt(gradient2)
        return np.maximum(out, np.float32(-self.floor_m)) * np.float32(self.scale)

    def put_into(self, program: Any) -> None:
        program.solid(self.centre_m, self.axes, self.semi_m, self.floor_m, self.scale)

    def keeps_near(self, curve: Curve) -> bool:
        return False


@dataclass(frozen=True)
class Rod:
    """All within `radius` of the straight line between two ends."""

    start_m: Place
    end_m: Place
    radius_m: float

    def _ends(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Both ends in space, and whether Y counts."""
        start, end = (np.array(p if len(p) == 3 else (p[0], 0.0, p[1])) for p in
                      (self.start_m, self.end_m))  # fmt: skip
        return start, end, float(len(self.start_m) == 3)

    def distance(self, points: Points) -> np.ndarray:
        start, end, counts = self._ends()
        way = end - start
        off = [
            (place - np.float32(s)) * np.float32(w)
            for place, s, w in zip(
                (points.x_m, points.y_m, points.z_m), start, (1, counts, 1), strict=True
            )
        ]
        length2 = float(way @ way)
        if length2 > 0:
            part: Any = sum(o * np.float32(w) for o, w in zip(off, way, strict=True))
            part = np.clip(part * np.float32(1.0 / length2), np.float32(0.0), np.float32(1.0))
            off = [o - part * np.float32(w) for o, w in zip(off, way, strict=True)]
        away: np.ndarray = np.sqrt(sum(o * o for o in off)) - np.float32(self.radius_m)
        return away

    def put_into(self, program: Any) -> None:
        start, end, counts = self._ends()
        program.rod(start, end - start, self.radius_m, counts)

    def keeps_near(self, curve: Curve) -> bool:
        return False


@cache
def steepest_ratio(ratio: float) -> float:
    """Largest change per metre of `Solid`'s distance for half axes of this ratio: 1 for a circle,
    1.34 for 2 : 1 beside the sharp end. Of an ellipsoid the extreme axes count."""
    if abs(ratio - 1.0) < 1e-6:
        return 1.0
    a = max(ratio, 1 / ratio)
    turn = 0.5 * np.pi * np.linspace(0.0, 1.0, 800)[:, None] ** 4  # dense at the sharp end
    size = np.linspace(0.02, 3.0, 400)[None, :]
    x, z = size * a * np.cos(turn), size * np.sin(turn)
    gradient = np.hypot(x / a**2, z)
    distance = size * (size - 1.0) / gradient
    by_size, by_gradient = (2 * size - 1) / gradient, -distance / gradient
    slope_x = by_size * x / (a**2 * size) + by_gradient * x / (a**4 * gradient)
    slope_z = by_size * z / size + by_gradient * z / gradient
    return float(np.hypot(slope_x, slope_z)[distance > -0.5].max())


def _upright(turn_rad: float) -> tuple[tuple[float, float, float], ...]:
    """X, Y and Z turned in the picture plane of a probe that is not turned: deeper to the right."""
    c, s = math.cos(turn_rad), math.sin(turn_rad)
    return (c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c)


def _in_space(place: Place) -> tuple[float, float, float]:
    return (place[0], 0.0, place[1]) if len(place) == 2 else (place[0], place[1], place[2])


def disc(centre_m: Place, radius_m: float) -> Shape:
    """A circle, filled, that goes on along Y."""
    return Solid(_in_space(centre_m), _upright(0.0), (radius_m, math.inf, radius_m))


def ellipse(centre_m: Place, semi_m: tuple[float, float], turn_rad: float = 0.0) -> Shape:
    """Half axes before turning along X and Z; turned deeper to the right; it goes on along Y."""
    return Solid(_in_space(centre_m), _upright(turn_rad), (semi_m[0], math.inf, semi_m[1]))


def ball(centre_m: Place, radius_m: float) -> Shape:
    """A ball."""
    return Solid(_in_space(centre_m), _upright(0.0), (radius_m, radius_m, radius_m))


def ellipsoid(centre_m: Place, semi_m: tuple[float, float, float], turn_rad: float = 0.0) -> Shape:
    """Half axes along X, Y and Z before it is turned about the normal of the skin, X towards Y."""
    c, s = math.cos(turn_rad), math.sin(turn_rad)
    axes = (c, s, 0.0), (-s, c, 0.0), (0.0, 0.0, 1.0)
    scale = 1.0 / steepest_ratio(max(semi_m) / min(semi_m))
    return Solid(_in_space(centre_m), axes, semi_m, scale)


def between(shape: Shape, middle_m: float, half_m: float) -> Shape:
    """What of a shape lies within `half_m` of Y = `middle_m`."""
    return Overlap((shape, Width(BODY, constant(half_m), middle_m)))
