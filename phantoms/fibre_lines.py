"""Lines that the fibres of a structure follow, from the places of its voxels."""

import math
from typing import Any

import numpy as np

from phantoms.checked import ContentError
from phantoms.label_map import STEEPEST_DEG

LONGEST_MM = 120.0
"""A straight line is given this far to both sides."""
KNOTS_MM = 6.0
"""Least distance between the points of a bent line; over as much its course is smoothed."""
WHOLE = 0.7
"""Cross-sections of less than this part of the usual size (cut ends) say nothing of the middle."""


def fibre_curve(
    points: np.ndarray, vector: np.ndarray | None, *, is_bent: bool, least_mm: float, where: str
) -> dict[str, Any]:
    """A path for a phantom's file: straight along `vector` or the principal axis, or bent.

    points : float64 [n, 3], X, Y, Z in mm of a structure's voxels. vector : direction, or None.
    least_mm : distance of neighbouring voxels. ContentError, beginning with `where`, for fibres
    that go too steeply down to be followed.
    """
    middle = points.mean(axis=0)
    if vector is None:
        vector = np.linalg.eigh(np.cov((points - middle).T))[1][:, -1]
    level = math.hypot(vector[0], vector[1])
    steep = math.degrees(math.atan2(abs(vector[2]), level))
    if steep > STEEPEST_DEG:
        raise ContentError(
            f"{where}: they go down by {steep:.0f} degrees; allowed: {STEEPEST_DEG:g} or less"
        )
    turn = math.atan2(vector[1], vector[0])
    if abs(turn) > math.pi / 2 + 1e-9:
        turn -= math.copysign(math.pi, turn)
    c, s = math.cos(turn), math.sin(turn)
    on_axis = np.column_stack([points @ [c, s, 0.0], points @ [-s, c, 0.0], points[:, 2]])
    knots = _bent(on_axis, least_mm) if is_bent else None
    if knots is None:
        slope = vector[2] / (c * vector[0] + s * vector[1])
        u, y, z = on_axis.mean(axis=0)
        reach = LONGEST_MM
        knots = np.array([[u - reach, y, z - slope * reach], [u + reach, y, z + slope * reach]])
    return {
        "kind": "path",
        "turn_deg": round(math.degrees(turn), 4),
        "points_mm": [[round(float(v), 4) for v in knot] for knot in knots],
    }


def _bent(points: np.ndarray, least_mm: float) -> np.ndarray | None:
    """Knots [n, 3] of the line through the middles of cross-sections; None if it is too short.

    At each knot a straight line is fitted to the middles around it (weights: a Gaussian), which
    leaves ends and even courses where they are.
    """
    width = 1.5 * least_mm
    number = np.floor((points[:, 0] - points[:, 0].min()) / width).astype(int)
    count = np.bincount(number)
    sums = [np.bincount(number, weights=values) for values in points.T]
    whole = count >= WHOLE * np.median(count[count > 0])
    middles = np.column_stack([total[whole] / count[whole] for total in sums])
    length = float(np.ptp(middles[:, 0]))
    reach = max(KNOTS_MM, length / 20)
    if length < 2 * reach:
        return None
    knots = []
    for u in np.linspace(middles[0, 0], middles[-1, 0], max(3, round(length / reach) + 1)):
        off = middles[:, 0] - u
        weight = np.sqrt(np.exp(-0.5 * (off / (0.7 * reach)) ** 2))
        line = np.column_stack([np.ones_like(off), off]) * weight[:, None]
        fitted = np.linalg.lstsq(line, middles[:, 1:] * weight[:, None], rcond=None)[0][0]
        knots.append([u, *fitted])
    return np.array(knots)
