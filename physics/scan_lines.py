"""Where scan lines run: from the face into the medium, and from a place back to its line.

Probe frame: x to the right of the marker, z away from the face, z = 0 at its middle. A line
is named by its lateral coordinate u (m; rad on a convex probe), a place on it by its range
s = c0 t / 2 from the face. Lines are evenly spaced in u (physics.sector).

    steered    x = u + s sin(b), z = s cos(b)                       all at the same angle b
    diverging  the same with tan(b) = u / apex, from a point behind a flat face
    convex     x = (R + s) sin(u), z = (R + s) cos(u) - R
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ScanLines:
    """The lines of one look.

    step_u, n : distance of neighbouring lines in u, and how many there are.
    steer_rad : angle of all lines from the normal of a flat face.
    apex_m : distance of the point behind a flat face that diverging lines come from.
    radius_m : radius of a convex face.
    centre_u : where the middle of the lines is.
    """

    step_u: float
    n: int
    steer_rad: float = 0.0
    apex_m: float = math.inf
    radius_m: float = math.inf
    centre_u: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether all lines go straight down from a flat face."""
        return self.steer_rad == 0 and self.curvature_per_m == 0

    @property
    def is_convex(self) -> bool:
        return math.isfinite(self.radius_m)

    @property
    def u(self) -> np.ndarray:
        """float64 [n]: lateral coordinate of every line."""
        return self.centre_u + (np.arange(self.n) - (self.n - 1) / 2) * self.step_u

    @property
    def central(self) -> int:
        """The line nearest to the middle of the face (the right one of two)."""
        return min(int(np.searchsorted(self.u, 0.0)), self.n - 1)

    @property
    def metre_per_u(self) -> float:
        """Way along the face for one unit of u."""
        return self.radius_m if self.is_convex else 1.0

    @property
    def curvature_per_m(self) -> float:
        """How fast lines part: their distance grows as 1 + curvature x range."""
        return 1 / min(self.radius_m, self.apex_m)

    def angle(self, u: np.ndarray) -> np.ndarray:
        """Direction of the line at u, rad from straight down, positive to the right."""
        u = np.asarray(u, float)
        if self.is_convex:
            return u
        if math.isfinite(self.apex_m):
            return np.arctan(u / self.apex_m)
        return np.full_like(u, self.steer_rad)

    def place(self, u: np.ndarray, range_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x and z of a place on a line, m. Arrays broadcast."""
        if self.is_convex:
            far = self.radius_m + range_m
            return far * np.sin(u), far * np.cos(u) - self.radius_m
        angle = self.angle(u)
        return u + range_m * np.sin(angle), range_m * np.cos(angle)

    def locate(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lateral coordinate and range of a place: the inverse of `place`."""
        if self.is_convex:
            behind = z_m + self.radius_m
            return np.arctan2(x_m, behind), np.hypot(x_m, behind) - self.radius_m
        if math.isfinite(self.apex_m):
            u = x_m * self.apex_m / (self.apex_m + z_m)
            return u, z_m * np.hypot(1.0, u / self.apex_m)
        tangent = math.tan(self.steer_rad)
        return x_m - z_m * tangent, z_m / math.cos(self.steer_rad) + 0.0 * x_m

    def line_number(self, u: np.ndarray) -> np.ndarray:
        """Place among the lines: 0 at the first, 1 at the next."""
        return (u - self.centre_u) / self.step_u + (self.n - 1) / 2

    def ahead_m(self, u: np.ndarray) -> np.ndarray:
        """Range by which the wavefront of a line at 0 has farther to go than at u, m.

        Lines are not perpendicular to a flat face that they leave at an angle. Echoes at range s
        of the line at u lie on one wavefront with those at the range s + ahead(u) - ahead(u')
        of the line at u': d(ahead) / du = sin(angle).
        """
        u = np.asarray(u, float)
        if self.is_convex:
            return np.zeros_like(u)
        if math.isfinite(self.apex_m):
            return np.hypot(u, self.apex_m) - self.apex_m
        return u * math.sin(self.steer_rad)

    @property
    def edge_u(self) -> np.ndarray:
        """float64 [2]: half a line beyond the first and the last."""
        return self.centre_u + np.array([-0.5, 0.5]) * self.n * self.step_u

    def bounds_m(self, range_m: float, from_m: float = 0.0) -> tuple[float, float, float, float]:
        """Left, right, top and bottom of what lines cover between these ranges, and half a line
        more."""
        u = self.centre_u + np.linspace(-0.5, 0.5, 65) * (self.n * self.step_u)
        x0, z0 = self.place(u, np.full_like(u, from_m))
        x1, z1 = self.place(u, np.full_like(u, range_m))
        x, z = np.concatenate([x0, x1]), np.concatenate([z0, z1])
        return float(x.min()), float(x.max()), float(z.min()), float(z.max())
