"""Finds out, cell by cell, which region of a slice is where.

Between grid points distances are taken as linear, so a boundary is met at its exact
place inside a cell, and the signs at its four corners tell which regions reach into it. Cells
farther from every boundary than their own diagonal need no search: distances change by no more
than a metre per metre.
"""

from dataclasses import dataclass

import numpy as np

from physics.kernel import kernel
from physics.medium import Slice
from physics.parallel import run_split

MAX_REGIONS = 64


@dataclass(frozen=True)
class Survey:
    """Top region at every grid point, and what the cells hold whose upper left points they are.

    region : int16 [n_x, n_z]. lowest, highest : int16 [n_x, n_z]: the lowest region covers the
    whole cell, and none above the highest reaches into it. cut : bool [n_x, n_z], a boundary is no
    farther from the point than the cell's diagonal. plain : bool [n_x, n_z], the point is not cut,
    and the cell does not lie between rays that part (physics.paths). thick : bool [n_x, n_z], the
    point's region is another one somewhere across the image plane.
    """

    region: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    cut: np.ndarray
    plain: np.ndarray
    thick: np.ndarray


def survey(
    medium: Slice, diagonal_m: np.ndarray | None = None, parted: np.ndarray | None = None
) -> Survey:
    """Top region and plain cells of a slice.

    diagonal_m : float [n_z], longest diagonal of the cells at each depth, where they are not
    those of the slice's own rectangular grid. parted : bool [n_x, n_z], cells that are larger.
    """
    n_region, n_x, n_z = medium.distance_m.shape
    if n_region > MAX_REGIONS:
        raise ValueError(f"the slice has {n_region} regions; allowed: up to {MAX_REGIONS}")
    region, lowest, highest = (np.empty((n_x, n_z), np.int16) for _ in range(3))
    cut, plain, thick = (np.empty((n_x, n_z), np.bool_) for _ in range(3))
    if diagonal_m is None:
        diagonal_m = np.full(n_z, np.hypot(medium.dx_m, medium.dz_m))
    if parted is None:
        parted = np.zeros((n_x, n_z), np.bool_)
    diagonal = (1.05 * diagonal_m).astype(np.float32)
    run_split(
        _survey, n_x, medium.distance_m, medium.plane_region, diagonal, parted, region, lowest,
        highest, cut, plain, thick,
    )  # fmt: skip
    return Survey(region, lowest, highest, cut, plain, thick)


@kernel
def _survey(
    first, last, distance, planes, diagonal, parted, region, lowest, highest, cut, plain, thick
):
    n_region, n_x, n_z = distance.shape
    middle = planes.shape[0] // 2
    for i in range(first, last):
        thick[i] = False
        for p in range(planes.shape[0]):
            here, there, differs = planes[middle, i], planes[p, i], thick[i]
            for j in range(n_z):
                differs[j] |= there[j] != here[j]
        right = min(i + 1, n_x - 1)
        for j in range(n_z):
            top, low, high = 0, 0, 0
            for r in range(n_region - 1, 0, -1):
                d = distance[r, i, j]
                if high == 0 and d < diagonal[j]:
                    high = r
                if top == 0 and d < 0.0:
                    top = r
                if d <= -diagonal[j]:  # what lies under it does not matter
                    low = r
                    break
            region[i, j], cut[i, j] = top, low < high
            plain[i, j] = low == high and not parted[i, j]
            if not plain[i, j]:
                if parted[i, j]:
                    high = n_region - 1
                below = min(j + 1, n_z - 1)
                low, reaches = 0, 0
                for r in range(high, 0, -1):
                    a, b = distance[r, i, j], distance[r, right, j]
                    c, d = distance[r, i, below], distance[r, right, below]
                    if reaches == 0 and min(min(a, b), min(c, d)) < 0.0:
                        reaches = r
                    if max(max(a, b), max(c, d)) < 0.0:
                        low = r
                        break
                high = reaches
            lowest[i, j], highest[i, j] = low, high


@kernel
def split_cell(d_above, d_below, lowest, highest, starts, regions):
    """Cut one grid cell of one column at every boundary it holds.

    d_above, d_below : float32 [n_region], distances at the cell's upper and lower end; only
        those of the regions above `lowest` (which covers the cell) up to `highest` count.
    starts, regions : outputs; part p is region regions[p] from starts[p] (0..1, of the
    cell's depth) to starts[p + 1]. Returns the number of parts.
    """
    n_cut = 0
    for r in range(lowest + 1, highest + 1):
        a, b = d_above[r], d_below[r]
        if (a < 0.0) != (b < 0.0):
            t = a / (a - b)
            p = n_cut
            while p > 0 and starts[p] > t:
                starts[p + 1] = starts[p]
                p -= 1
            starts[p + 1] = t
            n_cut += 1
    starts[0] = 0.0
    starts[n_cut + 1] = 1.0
    n_part = 0
    for p in range(n_cut + 1):
        middle = 0.5 * (starts[p] + starts[p + 1])
        top = lowest
        for r in range(highest, lowest, -1):
            if d_above[r] + middle * (d_below[r] - d_above[r]) < 0.0:
                top = r
                break
        if n_part > 0 and regions[n_part - 1] == top:
            continue
        regions[n_part] = top
        starts[n_part] = starts[p]
        n_part += 1
    starts[n_part] = 1.0
    return n_part
