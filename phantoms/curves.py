"""Curves that anatomy follows: each point gets a place along, below and beside the curve.

A curve is known by its formula or by a fine table of a spline, never by a picture, so a
distance is good to well under a micrometre. `across` is the distance to the curve,
positive on its deep side; `along` runs along it; `beside` is the third, to the side. All are
smooth, orthogonal, and `across` changes by 1 m per m.

Curves drawn in a plane are surfaces in the body: they go on beside it (`phantoms.sweep`).

What is here works for few points and needs no compiler; pictures are made by
`phantoms.evaluate`, which does the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from phantoms.splines import natural_spline
from phantoms.sweep import STRAIGHT, Directions, Sweep
from phantoms.tables import TABLE_STEP_M, Table, length_table

FAR_M = np.float32(1.0)
"""Stands for a distance that is too large to matter, m."""
CLIP_M = 1.5e-3
"""Signed distances are only wanted out to here; beyond it their sign is enough, m."""
NEWTON_STEPS = 2
"""Steps towards the nearest point of a steep graph."""
GENTLE_SLOPE = 0.12
"""A graph nowhere steeper than this (7 degrees) needs one look-up only."""
LARGEST_STEP_M = 3e-3
"""Farthest that one step towards the nearest point goes."""


class Places(NamedTuple):
    """Coordinates of points on a curve, m; arrays that broadcast to the points' shape.

    tangent : direction of the curve at the nearest point, (X', Z') in its plane, or (X', Y', Z) of
    a path.
    """

    along: np.ndarray
    across: np.ndarray
    beside: np.ndarray
    tangent: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Points:
    """Places in the undeformed body; projections on curves are remembered while it lives.

    x_m, z_m, y_m : float32 arrays that broadcast to one shape, body frame.
    """

    x_m: np.ndarray
    z_m: np.ndarray
    y_m: np.ndarray = field(default_factory=lambda: np.zeros(1, np.float32))
    _seen: dict[int, Places] = field(default_factory=dict, init=False)

    @property
    def shape(self) -> tuple[int, ...]:
        return np.broadcast_shapes(self.x_m.shape, self.y_m.shape, self.z_m.shape)

    def on(self, curve: "Curve") -> Places:
        """Every point in the coordinates of `curve`."""
        key = id(curve)
        if key not in self._seen:
            self._seen[key] = curve.project(self)
        return self._seen[key]


class Curve(Protocol):
    """What shapes and frames need of a curve."""

    sweep: Sweep
    shrink: float
    """Factor on its distances, so that they change by no more than 1 m per m."""
    is_straight: bool
    """Whether it looks the same in every plane across Y."""
    bend_per_m: float
    """Its largest curvature, 1/m."""

    def project(self, points: Points) -> Places:
        """Arc length of the nearest point, signed distance to it, and the place beside."""
        ...

    def directions(self, points: Points) -> tuple[Directions, Directions, Directions]:
        """In the body, at every point: along the curve, up the gradient of across, and where
        fibres run that run beside."""
        ...


class PlaneCurve:
    """A curve drawn in a plane, and where it goes outside it."""

    bend_per_m = 0.0

    def __init__(self, sweep: Sweep = STRAIGHT) -> None:
        self.sweep = sweep
        self.shrink = sweep.shrink
        self.is_straight = sweep.is_straight

    def project(self, points: Points) -> Places:
        x, beside, z = self.sweep.unswept(points.x_m, points.y_m, points.z_m)
        along, across, tangent = self.in_plane(x, z)
        return Places(along, across, beside, tangent)

    def directions(self, points: Points) -> tuple[Directions, Directions, Directions]:
        c, s = points.on(self).tangent
        return self.sweep.directions(points.x_m, points.y_m, points.z_m, c, s)

    def in_plane(
        self, x_m: np.ndarray, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, tuple[Any, Any]]:
        """along_m, across_m and the curve's direction (X', Z'), in the plane of the curve."""
        raise NotImplementedError

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(X', Z') of places on the curve, in its plane."""
        raise NotImplementedError


class FlatCurve(PlaneCurve):
    """A straight horizontal line at one depth."""

    def __init__(self, depth_m: float, sweep: Sweep = STRAIGHT) -> None:
        super().__init__(sweep)
        self.depth_m = depth_m

    def in_plane(
        self, x_m: np.ndarray, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, tuple[Any, Any]]:
        level = np.float32(1.0), np.float32(0.0)
        return x_m, z_m - np.float32(self.depth_m), level

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return along_m, np.full_like(along_m, self.depth_m)


class GraphCurve(PlaneCurve):
    """A smooth depth Z' = f(X') through control points; straight lines beyond the ends.

    The nearest point solves (x - u) + (z - f) f' = 0. One step along the slope is enough
    for a gentle curve; steep ones get two of Newton's method on top, which leaves `across` right
    to 1 um within 9 mm of a curve that bends with a radius of 29 mm.
    """

    def __init__(self, points_m: Sequence[tuple[float, float]], sweep: Sweep = STRAIGHT) -> None:
        super().__init__(sweep)
        x, z = np.array(points_m, dtype=np.float64).T
        self._spline = natural_spline(x, z)
        n = max(2, round((x[-1] - x[0]) / TABLE_STEP_M)) + 1
        u = np.linspace(x[0], x[-1], n)
        depth, slope = self._spline(u)
        self.depth_by_x = Table(u, depth, slope)
        self.length = length_table(u, np.sqrt(1.0 + slope**2))
        self.is_gentle = self.depth_by_x.steepest <= GENTLE_SLOPE
        self.bend_per_m = float(
            np.max(np.abs(self.depth_by_x.entries[:, 2]) / (1 + slope**2) ** 1.5)
        )

    def in_plane(
        self, x_m: np.ndarray, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, tuple[Any, Any]]:
        if self.is_gentle:
            # arc length and X differ by less than 1 %
            return self._below(x_m, z_m)
        u, across, slope = self._nearest(x_m, z_m)
        c = np.float32(1.0) / np.sqrt(np.float32(1.0) + slope * slope)
        return self.length.at(u)[0], across, (c, slope * c)

    def _below(
        self, x_m: np.ndarray, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        value, slope, _ = self.depth_by_x.at(x_m)
        above = z_m - value
        shrink = np.float32(1.0) / (np.float32(1.0) + slope * slope)
        c = np.sqrt(shrink)
        return x_m + above * (slope * shrink), above * c, (c, slope * c)

    def _nearest(
        self, x_m: np.ndarray, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X' of the nearest point of the curve, the signed distance to it, and the slope there."""
        one, most = np.float32(1.0), np.float32(LARGEST_STEP_M)
        value, slope, _ = self.depth_by_x.at(x_m)
        below = z_m - value
        u = x_m + below * slope / (one + slope * slope)
        for _ in range(NEWTON_STEPS):
            value, slope, bend = self.depth_by_x.at(u)
            above, aside = z_m - value, x_m - u
            # beyond the centre of curvature: no farther than this
            steepness = np.minimum(above * bend - slope * slope - one, np.float32(-0.3))
            move = np.clip((above * slope + aside) / steepness, -most, most)
            u = u - move
        aside = aside + move
        above = above + move * (slope - np.float32(0.5) * move * bend)  # z - f at the new u
        across = np.copysign(np.sqrt(aside * aside + above * above), below)
        return u, across, slope - move * bend

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u = self.length.u0 + np.arange(len(self.length.entries)) * self.length.step
        x = np.interp(along_m, self.length.entries[:, 0], u)
        return x, self._spline(x)[0]


class ArcCurve(PlaneCurve):
    """A circle seen from outside: `across` grows towards its centre, along = 0 at its top."""

    def __init__(
        self, centre_m: tuple[float, float], radius_m: float, sweep: Sweep = STRAIGHT
    ) -> None:
        super().__init__(sweep)
        self.centre_m, self.radius_m = centre_m, radius_m
        self.bend_per_m = 1.0 / radius_m

    def in_plane(
        self, x_m: np.ndarray, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, tuple[Any, Any]]:
        aside, up = x_m - np.float32(self.centre_m[0]), np.float32(self.centre_m[1]) - z_m
        along = np.float32(self.radius_m) * np.arctan2(aside, up)
        away = np.sqrt(aside * aside + up * up)
        level = np.maximum(away, np.float32(1e-9))
        return along, np.float32(self.radius_m) - away, (up / level, aside / level)

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        angle = np.asarray(along_m) / self.radius_m
        return (
            self.centre_m[0] + self.radius_m * np.sin(angle),
            self.centre_m[1] - self.radius_m * np.cos(angle),
        )
