"""The probe as a solid, and what can be grabbed of it: places in the probe frame or on the skin."""

import math
from dataclasses import dataclass

import numpy as np

from physics.geometry import Pose
from physics.probe import Probe

AROUND = 20
"""Corners of one section of the housing."""
RIM_M = 3e-3
"""Housing beyond either end of the active face, m."""
MARK_FROM = 0.5
"""What lies farther to the left than this part of half the housing carries the mark."""
TAIL_M = 50e-3
"""Height of the cable's end, which leans the probe."""
RING_M = 9e-3
"""Distance of the ring that turns the probe from the ends of the face."""
PRESS_M = (12e-3, 18e-3)
"""How far the arrow that presses stands beside the face, and its middle above it."""
_SQUARE = 3.5
"""Exponent of the sections' rounded rectangles."""


@dataclass(frozen=True, eq=False)
class Solid:
    """Quadrilaterals in the probe frame: corners_m float64 [n, 4, 3], normals [n, 3], and which of
    them carry the orientation mark (bool [n])."""

    corners_m: np.ndarray
    normals: np.ndarray
    is_mark: np.ndarray


def half_face_m(probe: Probe) -> float:
    """Half the width of the face as it lies on the skin."""
    if probe.is_convex:
        return probe.radius_m * math.sin(probe.footprint_m / 2 / probe.radius_m)
    return probe.footprint_m / 2


def probe_body(probe: Probe) -> Solid:
    """A housing that narrows to a handle and a cable; a convex face is round."""
    half, thick = half_face_m(probe) + RIM_M, max(probe.height_m, 8e-3) / 2 + 1.5e-3
    grip = min(0.62 * half, 15e-3)
    sections = (  # height above the face, half width, half thickness
        (0.0, half, thick),
        (7e-3, half, thick + 0.6e-3),
        (14e-3, 0.92 * half, thick + 1.6e-3),
        (22e-3, grip, 8e-3),
        (37e-3, grip * 0.92, 7.5e-3),
        (41e-3, 3.2e-3, 3.2e-3),
        (TAIL_M, 2.6e-3, 2.6e-3),
    )
    rings = np.stack([_ring(*section) for section in sections])
    rings[0, :, 2] = face_z_m(probe, rings[0, :, 0])
    after = np.roll(rings, -1, axis=1)
    sides = np.stack([rings[:-1], after[:-1], after[1:], rings[1:]], axis=2).reshape(-1, 4, 3)
    middle_x = sides[:, :, 0].mean(axis=1).reshape(len(sections) - 1, AROUND)
    is_mark = np.zeros_like(middle_x, dtype=bool)
    is_mark[1:2] = middle_x[1:2] < -MARK_FROM * half
    normals = np.cross(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    inward = np.einsum("ij,ij->i", normals[:, :2], sides[:, :, :2].mean(axis=1)) < 0
    normals[inward] *= -1.0
    return Solid(sides, normals, is_mark.ravel())


def face_z_m(probe: Probe, x_m: np.ndarray) -> np.ndarray:
    """z of the face, m: 0 at the ends of a convex one, which is pressed in by its middle."""
    if not probe.is_convex:
        return np.zeros_like(x_m)
    x = np.minimum(np.abs(x_m), half_face_m(probe))
    return np.asarray(np.sqrt(probe.radius_m**2 - x**2) - probe.apothem_m)


def _ring(up_m: float, half_x_m: float, half_y_m: float) -> np.ndarray:
    """float64 [AROUND, 3]: a rounded rectangle."""
    angle = (np.arange(AROUND) + 0.5) * 2 * math.pi / AROUND
    c, s = np.cos(angle), np.sin(angle)
    size = (np.abs(c) ** _SQUARE + np.abs(s) ** _SQUARE) ** (-1 / _SQUARE)
    return np.column_stack([half_x_m * size * c, half_y_m * size * s, np.full(AROUND, -up_m)])


def in_body(pose: Pose, places_m: np.ndarray) -> np.ndarray:
    """Places [..., 3] of the probe frame in the body."""
    return np.stack(pose.place(*np.moveaxis(places_m, -1, 0)), axis=-1)


def tail(pose: Pose) -> np.ndarray:
    """(X, Y, Z) of the cable's end."""
    return in_body(pose, np.array([0.0, 0.0, -TAIL_M]))


def ring(pose: Pose, probe: Probe, n: int = 48) -> np.ndarray:
    """float64 [n + 1, 3]: the circle on the skin round the probe, from the marker's end."""
    radius = half_face_m(probe) + RING_M
    angle = pose.turn_rad + math.pi + np.linspace(0.0, 2 * math.pi, n + 1)
    return np.column_stack(
        [
            pose.slide_m + radius * np.cos(angle),
            pose.slide_y_m + radius * np.sin(angle),
            np.zeros(n + 1),
        ]
    )


def press_arrow(pose: Pose, probe: Probe) -> np.ndarray:
    """float64 [2, 3]: upper and lower end of the arrow that presses."""
    beside, up = PRESS_M
    x = half_face_m(probe) + beside
    return in_body(pose, np.array([[x, 0.0, -up - 8e-3], [x, 0.0, -up + 8e-3]]))


def lean_towards(pose: Pose, place_m: np.ndarray) -> tuple[float, float]:
    """Heel-toe and tilt, rad, that point the probe's tail from the middle of its face to a place
    above the skin."""
    c, s = math.cos(pose.turn_rad), math.sin(pose.turn_rad)
    dx, dy = place_m[0] - pose.slide_m, place_m[1] - pose.slide_y_m
    along, aside, up = c * dx + s * dy, c * dy - s * dx, pose.down_m - place_m[2]
    return math.atan2(along, math.hypot(aside, up)), -math.atan2(aside, up)
