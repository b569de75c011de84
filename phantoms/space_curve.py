"""A curve in space: tendons, ligaments, nerves and vessels run along one."""

import math
from collections.abc import Sequence

import numpy as np

from phantoms.curves import LARGEST_STEP_M, Places, Points
from phantoms.sweep import Directions, Sweep
from phantoms.tables import TABLE_STEP_M, Table, length_table, spline_table

PATH_STEPS = 3
"""Newton steps towards the nearest point of a path."""


class PathCurve:
    """A smooth space curve through (u, Y', Z) points, u ascending along a main axis in the skin
    that is turned by `turn_rad` from X towards Y; straight beyond its ends.

    `along` is arc length, 0 at u = 0. Of the plane across the curve, `across` is the direction
    that goes deepest and `beside` the level one. Both stand across the curve at its nearest point,
    which solves (p - r) r' = 0 (Newton's method).
    """

    shrink = 1.0
    is_straight = False

    def __init__(
        self, points_m: Sequence[tuple[float, float, float]], turn_rad: float = 0.0
    ) -> None:
        self.sweep = Sweep(turn_rad)
        self.aside = spline_table([(u, y) for u, y, _ in points_m])
        self.depth_by_u = spline_table([(u, z) for u, _, z in points_m])
        first, last = points_m[0][0], points_m[-1][0]
        u = np.linspace(first, last, max(2, round((last - first) / TABLE_STEP_M)) + 1)
        slopes = [
            t.at(u.astype(np.float32))[1].astype(np.float64) for t in (self.aside, self.depth_by_u)
        ]
        self.length: Table = length_table(u, np.sqrt(1.0 + slopes[0] ** 2 + slopes[1] ** 2))
        self.steepest = float(np.hypot(*slopes).max())
        self.bend_per_m = math.hypot(
            *(float(np.abs(t.entries[:, 2]).max()) for t in (self.aside, self.depth_by_u))
        )

    def project(self, points: Points) -> Places:
        x, y, z = self.sweep.unswept(points.x_m, points.y_m, points.z_m)
        one, most = np.float32(1.0), np.float32(LARGEST_STEP_M)
        u = x
        for step in range(PATH_STEPS + 1):
            b, slope_b, bend_b = self.aside.at(u)
            n, slope_n, bend_n = self.depth_by_u.at(u)
            db, dn = y - b, z - n
            steepness = -one - slope_b * slope_b - slope_n * slope_n
            if step:
                steepness = np.minimum(steepness + db * bend_b + dn * bend_n, np.float32(-0.3))
            move = ((x - u) + db * slope_b + dn * slope_n) / steepness
            u = u - (np.clip(move, -most, most) if step else move)
        b, slope_b, _ = self.aside.at(u)
        n, slope_n, _ = self.depth_by_u.at(u)
        dx, db, dn = x - u, y - b, z - n
        tx = one / np.sqrt(one + slope_b * slope_b + slope_n * slope_n)
        ty, tz = slope_b * tx, slope_n * tx
        level = one / np.sqrt(tx * tx + ty * ty)
        across = (dn - tz * (dx * tx + db * ty + dn * tz)) * level
        return Places(self.length.at(u)[0], across, (tx * db - ty * dx) * level, (tx, ty, tz))

    def directions(self, points: Points) -> tuple[Directions, Directions, Directions]:
        tx, ty, tz = points.on(self).tangent
        level = np.float32(1.0) / np.sqrt(tx * tx + ty * ty)
        across = -tz * tx * level, -tz * ty * level, np.float32(1.0) / level
        turned = self.sweep.turned
        return (
            turned((tx, ty, tz)),
            turned(across),
            turned((-ty * level, tx * level, np.float32(0.0))),
        )

    def point(self, along_m: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(u, Y', Z) of places on the curve."""
        u = self.length.u0 + np.arange(len(self.length.entries)) * self.length.step
        at = np.interp(along_m, self.length.entries[:, 0], u).astype(np.float32)
        return at, self.aside.at(at)[0], self.depth_by_u.at(at)[0]
