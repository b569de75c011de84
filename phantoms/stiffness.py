"""What of a body gives way to a press: its regions and tissues as `phantoms.press.Springs`."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter, minimum_filter1d, uniform_filter1d

from phantoms.contact import STILL_M
from phantoms.curves import Points
from phantoms.press import DX_M, DZ_M, Springs, Stone, smooth_step
from phantoms.shapes import Shape
from phantoms.tissue import Tissue
from physics.geometry import Pose

RIGID_KPA = 1e5
"""What is stiffer than this is not squeezed at all."""
HOLD_M = 4e-3
"""Over this height tissue is held back by the bone it is bound to. Chosen for teaching."""
HOLD_AT_MOST = 0.3
"""The same, re the depth of the bone."""
BRIDGE_M = 6e-3
"""Bone also holds what lies beside it, over twice this. Chosen for teaching."""
BLUR_M = (3.0e-3, 1.2e-3)
"""Layers are bound to each other: strain changes from one to the next over this length along X
and Z. Chosen for teaching."""
_ABOVE_M = 1e-3
_BESIDE_M = 0.045
"""Half the widest face and more, m."""


def springs_of(
    shapes: Sequence[Shape],
    tissues: Sequence[Tissue],
    *,
    reach_m: tuple[float, float],
    deepest_m: float,
    pose: Pose | None = None,
) -> Springs:
    """The map of a body made of regions (later ones lie over earlier ones), in one upright plane.

    reach_m : the ends of where the middle of a face may be, along the line of the face. That line
    is X, or for a `pose` that of its face.

    Fluid that cannot leave, fluid in a vessel and stones take the compliance of what lies under
    them: they are not layers. Below the first bone nothing gives way.
    """
    x = np.arange(reach_m[0] - _BESIDE_M, reach_m[1] + _BESIDE_M, DX_M).astype(np.float32)
    z = np.arange(-_ABOVE_M, deepest_m, DZ_M).astype(np.float32)
    on_line = _line_of(pose or Pose())
    points = on_line(x[:, None], z[None, :])
    compliance = np.zeros((x.size, z.size))
    bone = np.zeros((x.size, z.size), np.bool_)
    stones = []
    for shape, tissue in zip(shapes, tissues, strict=True):
        distance = np.broadcast_to(shape.distance(points), compliance.shape)
        inside = distance < 0
        if tissue.skeletal:
            bone |= inside
        elif tissue.young_kpa is None:
            continue
        elif tissue.young_kpa >= RIGID_KPA:
            if inside.any():
                i, j = np.nonzero(inside)
                stones.append(
                    Stone(float(x[i].mean()), float(z[j].mean()), _distance_of(shape, on_line))
                )
        else:
            compliance[inside] = 1e-3 / tissue.young_kpa
    compliance[:, z < 0] = compliance[:, [np.searchsorted(z, 0.0)]]
    sigma = BLUR_M[0] / DX_M, BLUR_M[1] / DZ_M
    compliance = gaussian_filter(compliance, sigma, mode="nearest")
    floor = _floor(bone, z)
    hold = np.minimum(HOLD_M, HOLD_AT_MOST * floor)
    compliance *= smooth_step((floor[:, None] - z) / hold[:, None])
    return Springs(float(x[0]), float(z[0]), compliance, floor, tuple(stones))


def _floor(bone: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Depth [n_x] below which nothing moves: smooth, and nowhere deeper than bone."""
    first = np.where(bone.any(axis=1), z[bone.argmax(axis=1)] - DZ_M, STILL_M)
    n = round(BRIDGE_M / DX_M)
    floor = minimum_filter1d(np.minimum(first, STILL_M), 4 * n + 1, mode="nearest")
    for _ in range(2):  # together no wider than the filter above: the floor stays above bone
        floor = uniform_filter1d(floor, 2 * n + 1, mode="nearest")
    return floor


def _line_of(pose: Pose) -> Callable[[np.ndarray, np.ndarray], Points]:
    """From places along the line of a face, and depths, to points of the body."""
    c, s = math.cos(pose.turn_rad), math.sin(pose.turn_rad)

    def on_line(along_m: np.ndarray, z_m: np.ndarray) -> Points:
        off = along_m - pose.slide_m
        x, y = pose.slide_m + c * off, pose.slide_y_m + s * off
        return Points(*(place.astype(np.float32) for place in (x, z_m, y)))

    return on_line


def _distance_of(
    shape: Shape, on_line: Callable[[np.ndarray, np.ndarray], Points]
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return lambda along_m, z_m: shape.distance(on_line(along_m, z_m))
