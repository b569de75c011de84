"""Curves that anatomy follows: each point gets a place along the curve and a depth below it.

A curve is known by its formula or by a fine table of a spline, never by a picture, so a
distance is good to well under a micrometre. `across` is the distance to the curve,
positive on its deep side; `along` runs to the right. Both are smooth, orthogonal, and
`across` changes by 1 m per m.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from phantoms.splines import monotone_curve, natural_spline

FAR_M = np.float32(1.0)
"""Stands for a distance that is too large to matter, m."""
CLIP_M = 1.5e-3
"""Signed distances are only wanted out to here; beyond it their sign is enough, m."""
TABLE_STEP_M = 0.1e-3
"""Spacing of spline tables; between entries a parabola is used, off by < 1 nm."""
BLOCK_POINTS = 8192
"""Points worked on at a time: arrays of 32 kB stay in the cache and are cheap to allocate
(with 60 000 at once the same work took two to three times as long)."""
MANY_POINTS = 20_000
"""A slice for a picture has more points than this, a check of a phantom fewer at once."""
FRAME_STEPS = 2
"""Newton steps for coordinates, which are used many millimetres away from the curve."""
GENTLE_SLOPE = 0.12
"""A graph nowhere steeper than this (7 degrees) needs one look-up only."""


@dataclass(frozen=True, eq=False)
class Points:
    """Places in the undeformed body; projections on curves are remembered while it lives.

    x_m, z_m : float32 arrays of one shape (or that broadcast), body frame.
    """

    x_m: np.ndarray
    z_m: np.ndarray
    _seen: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def on(self, curve: "Curve") -> tuple[np.ndarray, np.ndarray]:
        """(along_m, across_m) of every point in the coordinates of `curve`."""
        key = id(curve)
        if key not in self._seen:
            self._seen[key] = curve.project(self.x_m, self.z_m)
        return self._seen[key]

    def depth_below(self, curve: "Curve", reach_m: float) -> np.ndarray:
        """across_m alone; where it is certainly beyond +-reach_m, only its sign is right."""
        if id(curve) in self._seen or self.x_m.ndim != 2:
            return self.on(curve)[1]
        top, bottom = curve.depth_range(*self._x_range, reach_m)
        shallowest, deepest = self._row_range
        near = np.flatnonzero((deepest > top) & (shallowest < bottom))
        first, last = (int(near[0]), int(near[-1]) + 1) if near.size else (0, 0)
        out = np.empty(np.broadcast_shapes(self.x_m.shape, self.z_m.shape), dtype=np.float32)
        out[:] = np.where(deepest <= top, -FAR_M, FAR_M)
        x = self.x_m if self.x_m.shape[1] == 1 else self.x_m[:, first:last]
        out[:, first:last] = curve.depth(x, self.z_m[:, first:last])
        return out

    @cached_property
    def _x_range(self) -> tuple[float, float]:
        return float(self.x_m.min()), float(self.x_m.max())

    @cached_property
    def _row_range(self) -> tuple[np.ndarray, np.ndarray]:
        return self.z_m.min(axis=0), self.z_m.max(axis=0)


class Curve(Protocol):
    """What shapes and frames need of a curve."""

    def project(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(along_m, across_m): arc length of the nearest point, signed distance to it."""
        ...

    def depth(self, x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
        """across_m alone, which is cheaper."""
        ...

    def depth_range(self, x0_m: float, x1_m: float, reach_m: float) -> tuple[float, float]:
        """Depths Z between which all places lie that are within `reach_m` of the curve, m."""
        ...

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Body (X, Z) of places on the curve."""
        ...


class Table:
    """A smooth function of one variable and its derivatives; straight beyond its ends."""

    def __init__(self, u: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
        self._u0, self._step = float(u[0]), float(u[1] - u[0])
        self._last = len(u) - 1
        curvature = np.gradient(slope, self._step)
        curvature[0] = curvature[-1] = 0.0
        self._value = value.astype(np.float32)
        self._slope = slope.astype(np.float32)
        self._curvature = curvature.astype(np.float32)
        self.steepest = float(np.max(np.abs(slope)))

    def as_arrays(self) -> tuple[np.ndarray, float, float]:
        """float32 [3, n] of value, slope and curvature; first place and step."""
        return np.stack([self._value, self._slope, self._curvature]), self._u0, self._step

    def look_up(self, u: np.ndarray) -> np.ndarray:
        """The function at every u, float32 [n, m]."""
        out = np.empty(u.shape, dtype=np.float32)
        for part, place, _ in _blocks(u, u):
            out[part] = self.at(place).value()
        return out

    def at(self, u: np.ndarray) -> "Entries":
        """The nearest entries to every u (float32), from which values are worked out."""
        place = u - np.float32(self._u0)
        place *= np.float32(1.0 / self._step)
        np.rint(place, out=place)
        np.clip(place, 0, self._last, out=place)
        index = place.astype(np.intp)  # the fastest to look up with
        place *= np.float32(-self._step)
        place -= np.float32(self._u0)
        place += u
        return Entries(self, index, place)


class Entries:
    """Places in a `Table`: index of the nearest entry and how far beyond it they are."""

    def __init__(self, table: Table, index: np.ndarray, beyond: np.ndarray) -> None:
        self._table, self._index, self._beyond = table, index, beyond
        self.bend = table._curvature[index]
        """Second derivative."""
        self._turn = self.bend * beyond
        self._slope = table._slope[index]

    def slope(self) -> np.ndarray:
        return self._slope + self._turn

    def value(self) -> np.ndarray:
        out = np.float32(0.5) * self._turn
        out += self._slope
        out *= self._beyond
        out += self._table._value[self._index]
        return out


class FlatCurve:
    """A straight horizontal line at one depth."""

    def __init__(self, depth_m: float) -> None:
        self.depth_m = depth_m

    def project(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return x_m, self.depth(x_m, z_m)

    def depth(self, x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
        return z_m - np.float32(self.depth_m)

    def depth_range(self, x0_m: float, x1_m: float, reach_m: float) -> tuple[float, float]:
        return self.depth_m - reach_m, self.depth_m + reach_m

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return along_m, np.full_like(along_m, self.depth_m)


class GraphCurve:
    """A smooth depth Z = f(X) through control points; straight lines beyond the ends.

    The nearest point solves (x - u) + (z - f) f' = 0. One step along the slope is enough
    for a gentle curve; steep ones get Newton's method on top: one step for a distance near
    the surface, two for coordinates, which leaves `across` right to 1 um within 9 mm of a
    curve that bends with a radius of 29 mm.
    """

    def __init__(self, points_m: Sequence[tuple[float, float]]) -> None:
        x, z = np.array(points_m, dtype=np.float64).T
        spline = natural_spline(x, z)
        n = max(2, round((x[-1] - x[0]) / TABLE_STEP_M)) + 1
        u = np.linspace(x[0], x[-1], n)
        depth, slope = spline(u)
        self._f = Table(u, depth, slope)
        speed = np.sqrt(1.0 + slope**2)
        length = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) * (u[1] - u[0]) / 2)])
        length += np.interp(0.0, u, u - length)  # along = 0 at X = 0
        self._length = Table(u, length, speed)
        self._is_gentle = self._f.steepest <= GENTLE_SLOPE
        self._u, self._along, self._spline = u, length, spline

    def project(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if _are_many(x_m, z_m):
            u, across = self._nearest_of_many(x_m, z_m, FRAME_STEPS)
            return (u if self._is_gentle else self._length.look_up(u)), across
        along, across = (np.empty(_shape(x_m, z_m), dtype=np.float32) for _ in range(2))
        for part, x, z in _blocks(x_m, z_m):
            u, across[part] = self._nearest(x, z, FRAME_STEPS)
            # On a gentle curve arc length and X differ by less than 1 %.
            along[part] = u if self._is_gentle else self._length.at(u).value()
        return along, across

    def depth(self, x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
        if _are_many(x_m, z_m):
            return self._nearest_of_many(x_m, z_m, 1)[1]
        across = np.empty(_shape(x_m, z_m), dtype=np.float32)
        for part, x, z in _blocks(x_m, z_m):
            across[part] = self._nearest(x, z, 1)[1]
        return across

    def depth_range(self, x0_m: float, x1_m: float, reach_m: float) -> tuple[float, float]:
        ends = self._f.at(np.array([x0_m, x1_m], dtype=np.float32)).value()
        inside = self._spline(self._u[(self._u > x0_m) & (self._u < x1_m)])[0]
        depths = np.concatenate([ends, inside])
        margin = 1.05 * reach_m * math.hypot(1.0, self._f.steepest)
        return float(depths.min()) - margin, float(depths.max()) + margin

    def _nearest(
        self, x_m: np.ndarray, z_m: np.ndarray, n_step: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """X of the nearest point of the curve, and the signed distance to it."""
        one = np.float32(1.0)
        near = self._f.at(x_m)
        slope = near.slope()
        above = z_m - near.value()
        if self._is_gentle:
            shrink = one / (one + slope * slope)
            return x_m + above * (slope * shrink), above * np.sqrt(shrink)
        u = x_m + above * (slope / (one + slope * slope))
        for _ in range(n_step):
            near = self._f.at(u)
            slope = near.slope()
            above = z_m - near.value()
            aside = x_m - u
            step = above * near.bend
            step -= slope * slope
            step -= one
            np.minimum(step, np.float32(-0.3), out=step)  # beyond the centre of curvature
            np.divide(above * slope + aside, step, out=step)
            np.clip(step, np.float32(-3e-3), np.float32(3e-3), out=step)
            u -= step
        aside += step
        above += step * (slope - np.float32(0.5) * step * near.bend)  # z - f at the new u
        across = np.sqrt(aside * aside + above * above)
        return u, np.copysign(across, above, out=across)

    def _nearest_of_many(
        self, x_m: np.ndarray, z_m: np.ndarray, n_step: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """The same, compiled (imported only where pictures are made)."""
        from phantoms.projection import nearest_on_graph

        return nearest_on_graph(x_m, z_m, *self._f.as_arrays(), self._is_gentle, n_step)

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = np.interp(along_m, self._along, self._u)
        return x, self._spline(x)[0]


class ArcCurve:
    """A circle seen from outside: `across` grows towards its centre, along = 0 at its top."""

    def __init__(self, centre_m: tuple[float, float], radius_m: float) -> None:
        self.centre_m, self.radius_m = centre_m, radius_m

    def project(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        along = np.arctan2(x_m - np.float32(self.centre_m[0]), np.float32(self.centre_m[1]) - z_m)
        along *= np.float32(self.radius_m)
        return along, self.depth(x_m, z_m)

    def depth(self, x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
        aside, up = x_m - np.float32(self.centre_m[0]), np.float32(self.centre_m[1]) - z_m
        return np.float32(self.radius_m) - np.sqrt(aside * aside + up * up)

    def depth_range(self, x0_m: float, x1_m: float, reach_m: float) -> tuple[float, float]:
        return -math.inf, math.inf

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        angle = np.asarray(along_m) / self.radius_m
        return (
            self.centre_m[0] + self.radius_m * np.sin(angle),
            self.centre_m[1] - self.radius_m * np.cos(angle),
        )


class Profile:
    """An offset from a curve that may change along it: a thickness that tapers."""

    def __init__(self, knots_m: Sequence[tuple[float, float]]) -> None:
        along, value = np.array(knots_m, dtype=np.float64).T
        self.constant_m = float(value[0])
        self.reach_m = float(np.max(np.abs(value))) + CLIP_M
        self._table: Table | None = None
        if np.ptp(value) > 0:
            u = np.linspace(along[0], along[-1], max(2, round(np.ptp(along) / TABLE_STEP_M)) + 1)
            height, slope = monotone_curve(along, value)(u)
            slope[0] = slope[-1] = 0.0
            self._table = Table(u, height, slope)
            self.shrink = np.float32(1.0 / math.hypot(1.0, self._table.steepest))
        else:
            self.shrink = np.float32(1.0)

    @property
    def is_constant(self) -> bool:
        return self._table is None

    def at(self, along_m: np.ndarray) -> np.ndarray:
        """The offset at places along the curve, m."""
        if self._table is None:
            return np.float32(self.constant_m)  # type: ignore[return-value]
        return self._table.look_up(along_m)


def _are_many(x: np.ndarray, z: np.ndarray) -> bool:
    """Whether points are so many that compiled code is worth its start."""
    shape = _shape(x, z)
    return len(shape) == 2 and shape[0] * shape[1] > MANY_POINTS


def _shape(x: np.ndarray, z: np.ndarray) -> tuple[int, ...]:
    return np.broadcast_shapes(x.shape, z.shape)


def _blocks(x: np.ndarray, z: np.ndarray) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
    """Pieces of a grid whose work arrays stay in the cache: (where, x there, z there)."""
    shape = _shape(x, z)
    if len(shape) != 2:
        yield ..., x, z
        return
    rows = max(1, BLOCK_POINTS // max(1, shape[1]))
    for first in range(0, shape[0], rows):
        part = slice(first, first + rows)
        yield part, x[part], z[part] if len(z) == shape[0] else z
