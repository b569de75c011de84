"""Veins under pressure: a lumen whose fluid can leave flattens, closes, and opens again.

The pressure q of the tissue around a lumen and the pressure p of its fluid decide how much of
its area is left: all while q <= p, and beyond that

    area / area at rest = (1 + (q - p) / K)^(-2/3),

the collapsed branch of the tube law of Shapiro (J Biomech Eng 1977;99:126). As it closes it
becomes flatter, and tissue closes in from all sides as round a hole in an incompressible
medium: r_rest^2 = r^2 + (1 - area) in units of the lumen. A second hole as high above the
skin as this one is below it keeps the skin on the face; towards bone the movement fades.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from physics.geometry import Pose

STIFFNESS_PA = 50.0
"""K, bending stiffness of the wall: E h^3 / (12 (1 - nu^2) r^3), 35 Pa for 20 kPa and a wall of a
quarter of the radius. Chosen for teaching."""
FLATTER = 0.35
"""A lumen that closes becomes longer by this and thinner in proportion. Chosen for teaching."""
REACH = 3.5
"""Within this many lumens, if the skin is not nearer, tissue flattens with it."""
_WHOLE = 1.2
LEAST_DEPTH = 1.25
"""Least depth of the middle of a vessel re its height: nearer to the skin it cannot close."""
_LEAST_CROSSED = 0.5
"""Cosine of the largest turn of the probe at which a vessel is still cut across."""
FADE_M = 8e-3
"""Over this height above bone the movement fades. Chosen for teaching."""


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

    def crossed(self, pose: Pose) -> "Vessel | None":
        """As the image plane of a turned probe cuts it, along the line of the face; None if it is
        cut too long: such a vessel is left open."""
        c = abs(math.cos(pose.turn_rad))
        if c < _LEAST_CROSSED:
            return None
        x = float(pose.crossing(np.array(self.x_m), np.array(self.z_m)))
        return replace(self, x_m=x, half_width_m=self.half_width_m / c)


def opened(
    vessel: Vessel, is_open: float, x: np.ndarray, z: np.ndarray, floor_m: float
) -> np.ndarray:
    """Put what is at (x, z) around a vessel that closes to where it is at rest, in place.

    x, z : float32 [n, m], body frame. floor_m : depth below which nothing moves. Returns the
    factor on lengths, >= 1, of the same shape.
    """
    longer = 1.0 + FLATTER * (1.0 - is_open)
    # in these units the flattened lumen is round
    across, down = vessel.half_width_m * longer, vessel.half_height_m / longer
    x -= np.float32(vessel.x_m)
    z -= np.float32(vessel.z_m)
    lost = np.float32(1.0 - is_open) * np.clip((floor_m - vessel.z_m - z) / FADE_M, 0.0, 1.0)
    x2 = (x * np.float32(1 / across)) ** 2
    above = z + np.float32(2 * vessel.z_m)
    mirrored = lost / (2 * (x2 + (above * np.float32(1 / down)) ** 2))
    r2 = np.maximum(x2 + (z * np.float32(1 / down)) ** 2, np.float32(is_open))
    grow = np.sqrt(1.0 + lost / r2)
    z *= grow
    z += above * mirrored
    x *= grow + mirrored
    _unflatten(x, z, vessel, longer - 1.0)
    x += np.float32(vessel.x_m)
    z += np.float32(vessel.z_m)
    return grow * np.float32(longer)


def _unflatten(x: np.ndarray, z: np.ndarray, vessel: Vessel, kappa: float) -> None:
    """Undo a stretch of 1 + kappa along x near the lumen, in place; areas stay.

    Generating function of (x at rest, z as flattened), in lumens: x z (1 + kappa g), g falling
    from 1 at and near the lumen to 0 at reach.
    """
    wide, high = vessel.half_width_m, vessel.half_height_m
    reach = min(REACH, 0.95 * vessel.z_m / high)
    near = np.abs(x) < reach * wide
    near &= np.abs(z) < reach * high
    columns, rows = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    if columns.size == 0:
        return
    part = slice(columns[0], columns[-1] + 1), slice(rows[0], rows[-1] + 1)
    seen, flat = x[part] / wide, z[part] / high
    at = seen / (1.0 + kappa)
    for _ in range(4):
        at = seen / (1.0 + kappa * _slopes(at, flat, reach)[1])
    x[part] = at * wide
    z[part] *= 1.0 + kappa * _slopes(at, flat, reach)[0]


def _slopes(x: np.ndarray, z: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """d(x g)/dx and d(z g)/dz."""
    room = reach**2 - _WHOLE**2
    t = np.clip((x * x + z * z - _WHOLE**2) / room, 0.0, 1.0)
    g = (1.0 - t) ** 2 * (1.0 + 2.0 * t)
    falls = 12.0 / room * t * (1.0 - t)
    return g - falls * x * x, g - falls * z * z


def closed_at(
    vessels: Sequence[tuple[Vessel, float]], floor_m: float
) -> tuple[tuple[Vessel, float], ...]:
    """Vessels and how open they are, each put where it is once it and those after it have closed:
    in this order `opened` brings every middle back to where it is at rest."""
    closed: tuple[tuple[Vessel, float], ...] = ()
    for vessel, is_open in reversed(vessels):
        here = vessel
        for _ in range(2):
            x, z = np.full((1, 1), here.x_m, np.float32), np.full((1, 1), here.z_m, np.float32)
            for other, other_open in ((here, is_open), *closed):
                opened(other, other_open, x, z, floor_m)
            here = replace(
                here,
                x_m=here.x_m + vessel.x_m - float(x[0, 0]),
                z_m=here.z_m + vessel.z_m - float(z[0, 0]),
            )
        closed = ((here, is_open), *closed)
    return closed
