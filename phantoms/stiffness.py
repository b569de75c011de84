"""What of a body gives way to a press: its regions and tissues as `phantoms.press.Springs`."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter, minimum_filter1d, uniform_filter1d

from phantoms.contact import STILL_M
from phantoms.curves import Points
from phantoms.press import DX_M, DZ_M, Springs, Stone, smooth_step
from phantoms.shapes import Shape
from phantoms.tissue import Tissue

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
) -> Springs:
    """The map of a body made of regions (later ones lie over earlier ones).

    reach_m : the ends of where the middle of a face may be, along X.

    Fluid that cannot leave, fluid in a vessel and stones take the compliance of what lies under
    them: they are not layers. Below the first bone nothing gives way.
    """
    x = np.arange(reach_m[0] - _BESIDE_M, reach_m[1] + _BESIDE_M, DX_M).astype(np.float32)
    z = np.arange(-_ABOVE_M, deepest_m, DZ_M).astype(np.float32)
    points = Points(x[:, None], z[None, :])
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
                stones.append(Stone(float(x[i].mean()), float(z[j].mean()), _distance_of(shape)))
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


def _distance_of(shape: Shape) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    def distance(x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
        return shape.distance(Points(x_m.astype(np.float32), z_m.astype(np.float32)))

    return distance
