"""Veins under pressure: a lumen whose fluid can leave flattens, closes, and opens again.

The pressure q of the tissue around a lumen and the pressure p of its fluid decide how much of
its area is left: all while q <= p, and beyond that

    area / area at rest = (1 + (q - p) / K)^(-2/3),

the collapsed branch of the tube law of Shapiro (J Biomech Eng 1977;99:126). As it closes it
becomes flatter, and tissue closes in from all sides, as round a hole in an incompressible
medium: r_rest^2 = r^2 + (1 - area) in units of the lumen, fading at `REACH` lumens.
"""

from dataclasses import dataclass

import numpy as np

STIFFNESS_PA = 50.0
"""K, bending stiffness of the wall: E h^3 / (12 (1 - nu^2) r^3), 35 Pa for 20 kPa and a wall of a
quarter of the radius. Chosen for teaching."""
FLATTER = 0.35
"""A lumen that closes becomes longer by this and thinner in proportion. Chosen for teaching."""
REACH = 4.5
"""Beyond this many lumens tissue does not notice, if the skin is not nearer."""

LEAST_DEPTH = 1.25
"""Least depth of the middle of a vessel re its height: nearer to the skin it cannot close."""


@dataclass(frozen=True)
class Vessel:
    """An ellipse of fluid that drains: middle and semi-axes at rest, m; the fluid's pressure."""

    x_m: float
    z_m: float
    half_width_m: float
    half_height_m: float
    pressure_pa: float

    def left_open(self, tissue_pa: float) -> float:
        """Area that is left of the lumen, re its area at rest."""
        beyond = max(tissue_pa - self.pressure_pa, 0.0)
        return float((1.0 + beyond / STIFFNESS_PA) ** (-2.0 / 3.0))

    @property
    def reach_m(self) -> tuple[float, float]:
        """Half width and half height of the tissue that closes in."""
        reach = min(REACH, 0.95 * self.z_m / self.half_height_m)
        return reach * self.half_width_m, reach * self.half_height_m

    def rest(
        self, x_m: np.ndarray, z_m: np.ndarray, is_open: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(x, z) at rest of what is now at these places, and the factor on lengths, >= 1."""
        reach = self.reach_m[0] / self.half_width_m
        longer = 1.0 + FLATTER * (1.0 - is_open)
        x, z = (x_m - self.x_m) / self.half_width_m, (z_m - self.z_m) / self.half_height_m
        # the hole closes: in units in which the flattened lumen is round
        x, z = x / longer, z * longer
        r2 = x * x + z * z
        end = (reach / longer) ** 2
        fade = np.clip((end - r2) / (end - 1.0), 0.0, 1.0)
        grow = np.sqrt(1.0 + (1.0 - is_open) * fade / np.maximum(r2, is_open))
        x, z = x * grow * longer, z * grow / longer
        x, z = _unflattened(x, z, longer - 1.0, reach)
        shape = np.broadcast_shapes(x_m.shape, z_m.shape)
        return (
            self.x_m + np.broadcast_to(x, shape) * self.half_width_m,
            self.z_m + np.broadcast_to(z, shape) * self.half_height_m,
            grow * longer,
        )


def _unflattened(
    x: np.ndarray, z: np.ndarray, kappa: float, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """Undo a stretch of 1 + kappa along x within `reach`, and every area with it.

    Generating function of (x at rest, z as flattened): x z (1 + kappa (1 - r^2 / reach^2)^2).
    """
    at = x / (1.0 + kappa)
    for _ in range(4):
        _, by_z = _fading(at, z, reach)
        at = x / (1.0 + kappa * by_z)
    by_x, _ = _fading(at, z, reach)
    return at, z * (1.0 + kappa * by_x)


def _fading(x: np.ndarray, z: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """d(x g)/dx and d(z g)/dz of g = (1 - r^2 / reach^2)^2, which is 0 beyond reach."""
    left = np.maximum(1.0 - (x * x + z * z) / reach**2, 0.0)
    step = 4.0 * left / reach**2
    return left * left - step * x * x, left * left - step * z * z
