"""How a plane curve becomes a surface: swept sideways, carried along a line, turned, made round.

The curve's own plane is upright. `turn_rad` turns it about the normal of the skin, from X
towards Y; X' then runs along it, Y' beside it. At another Y' the curve may be displaced
(`course`: dX', dZ'), and it may be revolved about an axis along X' at the depth `axis_m` below
the skin at Y' = 0: above its axis (axis deeper than the curve) it falls away to both sides as a
limb or a humeral head does, below it (axis less deep) it rises to both sides as a saddle does.

Coordinates (X', Z') of a place are those of the point of the curve's plane that came to lie there.
A turn and a revolution keep distances; a course stretches them by `stretch` at most, and they
are divided by that.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from phantoms.tables import Table


@dataclass(frozen=True)
class Sweep:
    """Where a plane curve goes outside its plane. The default: straight on along Y."""

    turn_rad: float = 0.0
    course: tuple[Table, Table] | None = None
    """dX' and dZ' by Y', m."""
    axis_m: float | None = None
    is_hollow: bool = False
    """Whether the curve lies deeper than its axis."""
    beside_radius_m: float = 1.0
    """Distance from the axis at which `beside` is arc length, m."""

    @property
    def is_straight(self) -> bool:
        """Whether the curve looks the same in every plane across Y."""
        return self.turn_rad == 0.0 and self.course is None and self.axis_m is None

    @property
    def side(self) -> float:
        """1 for a curve above its axis, -1 for one below it, 0 without an axis."""
        return 0.0 if self.axis_m is None else (-1.0 if self.is_hollow else 1.0)

    @property
    def shrink(self) -> float:
        """Factor on distances in the plane that makes them distances in space, or less."""
        if self.course is None:
            return 1.0
        return 1.0 / math.hypot(1.0, self.course[0].steepest, self.course[1].steepest)

    def unswept(
        self, x_m: np.ndarray, y_m: np.ndarray, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(X', beside, Z') of places in the body, m. `beside` is Y', or arc length about the
        axis."""
        x, y, z = self._uncarried(x_m, y_m, z_m)
        if self.axis_m is None:
            return x, y, z
        axis, side = np.float32(self.axis_m), np.float32(self.side)
        up = side * (axis - z)
        beside = np.float32(self.beside_radius_m) * np.arctan2(y, up)
        return x, beside, axis - side * np.sqrt(y * y + up * up)

    def directions(
        self, x_m: np.ndarray, y_m: np.ndarray, z_m: np.ndarray, c: np.ndarray, s: np.ndarray
    ) -> tuple["Directions", "Directions", "Directions"]:
        """Where fibres run along the curve, the gradient of `across`, and where fibres run beside
        it, each (X, Y, Z) in the body. c, s : direction (X', Z') of the curve in its plane.

        The gradient of Z' is (-course_z to_z + to_y, to_z) in Y' and Z, that of X' (1, -course_x).
        """
        cx: Any = np.float32(0.0)
        cz, to_y, to_z = cx, cx, np.float32(1.0)
        _, y, z = self._uncarried(x_m, y_m, z_m)
        if self.course is not None:
            cx, cz = self.course[0].at(y)[1], self.course[1].at(y)[1]
        if self.axis_m is not None:
            side = np.float32(self.side)
            up = side * (np.float32(self.axis_m) - z)
            away = np.sqrt(y * y + up * up)
            to_y, to_z = -side * y / away, up / away
        along = c + cx * to_y * s, to_y * s, (to_z + cz * to_y) * s
        across = -s, s * cx + c * (to_y - to_z * cz), c * to_z
        beside = cx * to_z, to_z, cz * to_z - to_y
        return self.turned(along), self.turned(across), self.turned(beside)

    def _uncarried(
        self, x_m: np.ndarray, y_m: np.ndarray, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self.turn_rad:
            c, s = np.float32(math.cos(self.turn_rad)), np.float32(math.sin(self.turn_rad))
            x_m, y_m = c * x_m + s * y_m, c * y_m - s * x_m
        if self.course is not None:
            x_m, z_m = x_m - self.course[0].at(y_m)[0], z_m - self.course[1].at(y_m)[0]
        return x_m, y_m, z_m

    @property
    def axes(self) -> np.ndarray:
        """float64 [3, 3]: from directions of the body to (X', Y', Z)."""
        c, s = math.cos(self.turn_rad), math.sin(self.turn_rad)
        return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])

    def turned(self, direction: "Directions") -> "Directions":
        """A direction of the curve's own axes, in the body's."""
        if not self.turn_rad:
            return direction
        c, s = np.float32(math.cos(self.turn_rad)), np.float32(math.sin(self.turn_rad))
        x, y, z = direction
        return c * x - s * y, s * x + c * y, z


Directions = tuple[Any, Any, Any]
"""Components along three axes: arrays, or numbers where they are the same everywhere."""
STRAIGHT = Sweep()
