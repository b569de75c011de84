"""Curves that anatomy follows: each point gets a place along the curve and a depth below it.

A curve is known by its formula or by a fine table of a spline, never by a picture, so a
distance is good to well under a micrometre. `across` is the distance to the curve,
positive on its deep side; `along` runs to the right. Both are smooth, orthogonal, and
`across` changes by 1 m per m.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator

from physics.kernel import inner_kernel, kernel
from physics.parallel import run_split

FAR_M = np.float32(1.0)
"""Stands for a distance that is too large to matter, m."""
CLIP_M = 1.5e-3
"""Signed distances are only wanted out to here; beyond it their sign is enough, m."""
TABLE_STEP_M = 0.1e-3
"""Spacing of spline tables; between entries a parabola is used, off by < 1 nm."""
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
        step = float(u[1] - u[0])
        self.grid = np.float32(u[0]), np.float32(step)
        curvature = np.gradient(slope, step)
        curvature[0] = curvature[-1] = 0.0
        self.entries = np.stack([value, slope, curvature]).astype(np.float32)
        self.steepest = float(np.max(np.abs(slope)))

    def at(self, u: np.ndarray) -> np.ndarray:
        """The function at every u: float32 of the same shape."""
        flat = np.ascontiguousarray(u, np.float32).reshape(-1)
        out = np.empty_like(flat)
        run_split(_look_up, flat.size, flat, self.entries, *self.grid, out)
        return out.reshape(u.shape)


@inner_kernel
def _entry(u, u0, step, entries):
    """Nearest entry of a table, how far beyond it u is, and the slope there. All in float32."""
    place = min(
        max((u - u0) * (np.float32(1.0) / step), np.float32(0.0)), np.float32(entries.shape[1] - 1)
    )
    i = np.int32(place + np.float32(0.5))
    beyond = (u - u0) - np.float32(i) * step
    return i, beyond, entries[1, i] + beyond * entries[2, i]


@inner_kernel
def _value(i, beyond, entries):
    return entries[0, i] + beyond * (entries[1, i] + np.float32(0.5) * beyond * entries[2, i])


@kernel
def _look_up(first, last, u, entries, u0, step, out):
    for n in range(first, last):
        i, beyond, _ = _entry(u[n], u0, step, entries)
        out[n] = _value(i, beyond, entries)


@kernel
def _nearest_on_graph(first, last, x, z, entries, u0, step, is_gentle, n_step, place, across):
    """X of the nearest point of a graph, and the signed distance to it: see `GraphCurve`.

    x : float32 [n, 1 or m], z : float32 [1 or n, m]; place, across : float32 [n, m].
    """
    one, least, farthest = np.float32(1.0), np.float32(-0.3), np.float32(3e-3)
    for n in range(first, last):
        for m in range(place.shape[1]):
            px = x[n, m if x.shape[1] > 1 else 0]
            pz = z[n if z.shape[0] > 1 else 0, m]
            i, beyond, slope = _entry(px, u0, step, entries)
            above = pz - _value(i, beyond, entries)
            shrink = one / (one + slope * slope)
            u = px + above * slope * shrink
            if is_gentle:
                place[n, m] = u
                across[n, m] = above * math.sqrt(shrink)
                continue
            aside, move = np.float32(0.0), np.float32(0.0)
            for _ in range(n_step):
                i, beyond, slope = _entry(u, u0, step, entries)
                above = pz - _value(i, beyond, entries)
                aside = px - u
                # beyond the centre of curvature: no farther than this
                bend = min(above * entries[2, i] - slope * slope - one, least)
                move = min(max((above * slope + aside) / bend, -farthest), farthest)
                u -= move
            aside += move
            above += move * (slope - np.float32(0.5) * move * entries[2, i])  # z - f at the new u
            distance = math.sqrt(aside * aside + above * above)
            place[n, m] = u
            across[n, m] = distance if above >= 0.0 else -distance


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
        spline = CubicSpline(x, z, bc_type="natural")
        n = max(2, round((x[-1] - x[0]) / TABLE_STEP_M)) + 1
        u = np.linspace(x[0], x[-1], n)
        slope = spline(u, 1)
        self._f = Table(u, spline(u), slope)
        speed = np.sqrt(1.0 + slope**2)
        length = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) * (u[1] - u[0]) / 2)])
        length += np.interp(0.0, u, u - length)  # along = 0 at X = 0
        self._length = Table(u, length, speed)
        self._is_gentle = self._f.steepest <= GENTLE_SLOPE
        self._u, self._along, self._spline = u, length, spline

    def project(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # On a gentle curve arc length and X differ by less than 1 %.
        u, across = self._nearest(x_m, z_m, FRAME_STEPS)
        return (u if self._is_gentle else self._length.at(u)), across

    def depth(self, x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
        return self._nearest(x_m, z_m, 1)[1]

    def depth_range(self, x0_m: float, x1_m: float, reach_m: float) -> tuple[float, float]:
        ends = self._f.at(np.array([x0_m, x1_m], dtype=np.float32))
        inside = self._spline(self._u[(self._u > x0_m) & (self._u < x1_m)])
        depths = np.concatenate([ends, inside])
        margin = 1.05 * reach_m * math.hypot(1.0, self._f.steepest)
        return float(depths.min()) - margin, float(depths.max()) + margin

    def _nearest(
        self, x_m: np.ndarray, z_m: np.ndarray, n_step: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """X of the nearest point of the curve, and the signed distance to it."""
        shape = _shape(x_m, z_m)
        if len(shape) == 2:
            x, z = x_m, z_m
        else:
            x, z = (np.broadcast_to(a, shape).reshape(-1, 1) for a in (x_m, z_m))
        x, z = (np.ascontiguousarray(a, np.float32) for a in (x, z))
        u, across = (np.empty(_shape(x, z), np.float32) for _ in range(2))
        run_split(
            _nearest_on_graph, u.shape[0], x, z, self._f.entries, *self._f.grid,
            self._is_gentle, n_step, u, across,
        )  # fmt: skip
        return u.reshape(shape), across.reshape(shape)

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = np.interp(along_m, self._along, self._u)
        return x, np.asarray(self._spline(x))


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
            pchip = PchipInterpolator(along, value)  # never overshoots its knots
            u = np.linspace(along[0], along[-1], max(2, round(np.ptp(along) / TABLE_STEP_M)) + 1)
            slope = pchip(u, 1)
            slope[0] = slope[-1] = 0.0
            self._table = Table(u, pchip(u), slope)
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
        return self._table.at(along_m)


def _shape(x: np.ndarray, z: np.ndarray) -> tuple[int, ...]:
    return np.broadcast_shapes(x.shape, z.shape)
