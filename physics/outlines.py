"""Where one region of a slice ends and another begins, as line segments."""

import numpy as np

from physics.medium import Slice
from physics.scan_lines import ScanLines

_CASES = np.array(
    [
        [-1, -1, -1, -1], [3, 0, -1, -1], [0, 1, -1, -1], [3, 1, -1, -1],
        [1, 2, -1, -1], [3, 2, 0, 1], [0, 2, -1, -1], [3, 2, -1, -1],
        [2, 3, -1, -1], [2, 0, -1, -1], [0, 3, 1, 2], [2, 1, -1, -1],
        [1, 3, -1, -1], [1, 0, -1, -1], [0, 3, -1, -1], [-1, -1, -1, -1],
    ]
)  # fmt: skip
"""Edges that are crossed, by which corners lie inside (bits 0 to 3, round the cell from its first
corner; edge e goes from corner e to the next). Lorensen and Cline 1987, in two dimensions."""
_CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])


def visible_region(medium: Slice) -> np.ndarray:
    """int [n_x, n_z]: the last region that covers each point of the slice's grid."""
    top = np.zeros(medium.distance_m.shape[1:], np.int32)
    for region in range(1, medium.distance_m.shape[0]):
        top[medium.distance_m[region] < 0] = region
    return top


def region_along(
    medium: Slice, lines: ScanLines, u: np.ndarray | float, range_m: np.ndarray
) -> np.ndarray:
    """int [...]: the visible region at places on lines, arrays that broadcast; beside the grid that
    of its nearest point."""
    x, z = lines.place(*np.broadcast_arrays(u, range_m))
    _, n_x, n_z = medium.distance_m.shape
    i = np.clip(np.rint((x - medium.x0_m) / medium.dx_m).astype(int), 0, n_x - 1)
    j = np.clip(np.rint((z - medium.z0_m) / medium.dz_m).astype(int), 0, n_z - 1)
    inside = medium.distance_m[:, i, j] < 0
    return np.asarray(len(inside) - 1 - np.argmax(inside[::-1], axis=0))


def boundaries(medium: Slice, region: np.ndarray | None = None) -> dict[int, np.ndarray]:
    """Visible borders by the region that lies on top: float64 [n_segment, 2, 2] each, two ends of
    (x, z) in the probe frame, m.

    Marching squares on the signed distance of the upper of the regions that meet in a cell: true
    to a small part of the grid's step, where borders are smooth. region : of `visible_region`.
    """
    region = visible_region(medium) if region is None else region
    corners = [
        region[i : i + region.shape[0] - 1, j : j + region.shape[1] - 1] for i, j in _CORNERS
    ]
    low = np.minimum(np.minimum(corners[0], corners[1]), np.minimum(corners[2], corners[3]))
    high = np.maximum(np.maximum(corners[0], corners[1]), np.maximum(corners[2], corners[3]))
    i, j = np.nonzero(low != high)
    on_top = high[i, j]
    at = [(i + a, j + b) for a, b in _CORNERS]
    distance = np.stack([medium.distance_m[on_top, p, q] for p, q in at], axis=1).astype(float)
    case = ((distance < 0) * np.array([1, 2, 4, 8])).sum(axis=1)
    found: dict[int, list[np.ndarray]] = {}
    for pair in (slice(0, 2), slice(2, 4)):
        edges = _CASES[case][:, pair]
        real = edges[:, 0] >= 0
        ends = np.stack(
            [_crossing(distance[real], edges[real, k], i[real], j[real]) for k in (0, 1)], axis=1
        )
        for one in np.unique(on_top[real]):
            found.setdefault(int(one), []).append(ends[on_top[real] == one])
    origin = np.array([medium.x0_m, medium.z0_m])
    step = np.array([medium.dx_m, medium.dz_m])
    return {one: origin + step * np.concatenate(parts) for one, parts in sorted(found.items())}


def _crossing(distance: np.ndarray, edge: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """float64 [n, 2]: where a cell's edge is crossed, in steps of the grid."""
    row = np.arange(edge.size)
    here, there = distance[row, edge], distance[row, (edge + 1) % 4]
    part = (here / (here - there))[:, None]
    start, end = _CORNERS[edge], _CORNERS[(edge + 1) % 4]
    return np.stack([i, j], axis=1) + start + part * (end - start)
