"""A body's bones and structures as coarse nets of quadrilaterals, for drawings of the whole body.

The nets come from the same shapes that pictures are cut from, sampled once with numpy. A surface
is the zero of the regions' signed distances in the order in which they lie over each other; each
cell of a grid that it passes through gets one point, at the mean of where it crosses the cell's
edges (S. F. Gibson, "Constrained elastic surface nets", MICCAI 1998, without the relaxation).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from phantoms.curves import Points
from phantoms.phantom import Phantom

BONE, FIBRES, NERVE, VESSEL, FLUID, DEPOSIT, INCLUSION = (
    "bone", "fibres", "nerve", "vessel", "fluid", "deposit", "inclusion",
)  # fmt: skip
KINDS = {
    "cortical_bone": BONE, "trabecular_bone": BONE,
    "tendon": FIBRES, "tendon_degenerate": FIBRES, "tendon_degenerate_diffuse": FIBRES,
    "ligament": FIBRES,
    "nerve_mean": NERVE, "nerve_fascicle": NERVE, "nerve_epineurium": NERVE,
    "blood": VESSEL, "arterial_wall": VESSEL, "vein_wall": VESSEL,
    "synovial_fluid": FLUID, "calcification": DEPOSIT, "air": DEPOSIT, "gas_bubbles": DEPOSIT,
}  # fmt: skip
"""What is drawn of a tissue; layers that fill the body (skin, fat, muscle) are not."""
BEYOND_M = 22e-3
"""How far beyond the reach of the probe's middle the drawn body goes: half a face and a little."""
BESIDE_M = 17e-3
"""The same across, for a probe that cannot be turned."""
COARSE_M, FINE_M = (3.2e-3, 3.2e-3, 3.2e-3), (2.4e-3, 2.4e-3, 1.3e-3)
"""Steps of the grid along X, Y and Z; fine ones for what is thin."""
THIN_M = 2.4e-3
"""What is nowhere deeper inside than this is thin."""
MOST_QUADS = 1400
"""A net with more than this stays coarse."""


@dataclass(frozen=True, eq=False)
class Net:
    """One kind of structure.

    corners_m : float64 [n, 4, 3], corners (X, Y, Z) of the quadrilaterals in the body at rest.
    normals : float64 [n, 3], unit vectors out of the structure.
    """

    kind: str
    corners_m: np.ndarray
    normals: np.ndarray


@dataclass(frozen=True, eq=False)
class Body:
    """What is drawn of a phantom: a block of it, and the nets inside.

    low_m, high_m : corners (X, Y, Z) of the block. wires_m : float64 [n, 2] of (X, Z), along Y.
    """

    name: str
    low_m: tuple[float, float, float]
    high_m: tuple[float, float, float]
    nets: tuple[Net, ...] = ()
    wires_m: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))


def outline(phantom: Phantom) -> Body:
    """The block alone: as far as the probe reaches, and as deep as its views look."""
    (x0, x1), (y0, y1) = phantom.slide_range_m, phantom.slide_y_range_m
    low, high = phantom.turn_range_rad
    beside = BESIDE_M if low == high else BEYOND_M
    knobs = (phantom.start_settings, *(view.settings for view in phantom.views.values()))
    deepest_mm = max(float(k.get("depth_mm", 40.0)) for k in knobs)
    deepest_m = 1e-3 * deepest_mm
    return Body(
        phantom.name,
        (x0 - BEYOND_M, y0 - beside, 0.0),
        (x1 + BEYOND_M, y1 + beside, deepest_m),
    )


@lru_cache(maxsize=8)
def body_of(phantom: Phantom) -> Body:
    """The block with all nets; about 0.1 s, once for each phantom."""
    empty = outline(phantom)
    kinds = kinds_of(phantom)
    coarse = _Grid.over(empty, COARSE_M)
    nets = []
    for kind in dict.fromkeys(k for k in kinds if k):
        wanted = [k == kind for k in kinds]
        sampled = _field(phantom, wanted, coarse)
        net = _net(kind, sampled, coarse)
        if -float(sampled.min()) < THIN_M:
            near = coarse.around(sampled, math.hypot(*COARSE_M) / 2, FINE_M)
            if near is not None:
                fine = _net(kind, _field(phantom, wanted, near), near)
                if 0 < len(fine.corners_m) <= MOST_QUADS:
                    net = fine
        if len(net.corners_m):
            nets.append(net)
    wires = np.column_stack([phantom.wires.x_m, phantom.wires.z_m])
    inside = (wires >= [empty.low_m[0], 0.0]) & (wires <= [empty.high_m[0], empty.high_m[2]])
    return Body(empty.name, empty.low_m, empty.high_m, tuple(nets), wires[inside.all(axis=1)])


def kinds_of(phantom: Phantom) -> list[str]:
    """Kind of every region but the gel; empty for what is not drawn."""
    tissues = [phantom.tissues.names[i] for i in phantom.region_tissue[1:]]
    kinds = [KINDS.get(tissue, "") for tissue in tissues]
    if phantom.region_of_body is None:  # of a block, what lies in its material
        kinds = [k or (INCLUSION if t == tissues[0] and i else "")
                 for i, (k, t) in enumerate(zip(kinds, tissues, strict=True))]  # fmt: skip
    return kinds


@dataclass(frozen=True, eq=False)
class _Grid:
    """float64 places along each axis, evenly spaced."""

    x_m: np.ndarray
    y_m: np.ndarray
    z_m: np.ndarray

    @classmethod
    def over(cls, body: Body, steps_m: Sequence[float]) -> "_Grid":
        return cls(*(_places(*ends) for ends in zip(body.low_m, body.high_m, steps_m, strict=True)))

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.x_m, self.y_m, self.z_m

    def around(self, field: np.ndarray, reach_m: float, steps_m: Sequence[float]) -> "_Grid | None":
        """A finer grid over all that may lie inside; None if nothing does."""
        where = np.nonzero(field < reach_m)
        if not where[0].size:
            return None
        axes = []
        for places, at, step in zip(self.axes, where, steps_m, strict=True):
            first, last = max(at.min() - 1, 0), min(at.max() + 1, len(places) - 1)
            axes.append(_places(places[first], places[last], step))
        return _Grid(*axes)


def _places(low: float, high: float, step: float) -> np.ndarray:
    return np.linspace(low, high, max(round((high - low) / step), 1) + 1)


def _field(phantom: Phantom, wanted: Sequence[bool], grid: _Grid) -> np.ndarray:
    """float32 [n_x, n_y, n_z]: distance to all wanted regions together, where others lie over
    them not inside."""
    x, y, z = (axis.astype(np.float32) for axis in grid.axes)
    points = Points(x[:, None, None], z[None, None, :], y[None, :, None])
    field = np.full((len(x), len(y), len(z)), np.float32(1.0))
    begun = False
    for shape, is_wanted in zip(phantom.geometry.shapes, wanted, strict=True):
        begun = begun or is_wanted
        if not begun:
            continue
        distance = shape.distance(points)
        field = np.minimum(field, distance) if is_wanted else np.maximum(field, -distance)
    return field


_CORNERS = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
_EDGES = [(a, a | bit) for bit in (4, 2, 1) for a in range(8) if not a & bit]
"""Of a cell, as pairs of corners; a corner's number has bits for X, Y and Z."""


def _net(kind: str, field: np.ndarray, grid: _Grid) -> Net:
    inside = field < 0
    point, number = _points(field, inside, grid)
    quads, outward = [], []
    for axis, (lower, ways) in enumerate(_crossed(inside)):
        around = [np.array(lower)]
        one, two = (a for a in range(3) if a != axis)
        for steps in ((1, 0), (1, 1), (0, 1)):
            cell = np.array(lower)
            cell[one] -= steps[0]
            cell[two] -= steps[1]
            around.append(cell)
        quads.append(np.stack([number[tuple(cell)] for cell in around], axis=1))
        sign = np.zeros((len(ways), 3))
        sign[:, axis] = ways
        outward.append(sign)
    corners = point[np.concatenate(quads)]
    normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    turned = np.einsum("ij,ij->i", normals, np.concatenate(outward)) < 0
    normals[turned] *= -1.0
    return Net(kind, corners, normals)


def _points(field: np.ndarray, inside: np.ndarray, grid: _Grid) -> tuple[np.ndarray, np.ndarray]:
    """A point for each cell that the surface passes through, and each cell's number of it."""
    shape = tuple(n - 1 for n in field.shape)
    at = [tuple(slice(c, c + n) for c, n in zip(corner, shape, strict=True)) for corner in _CORNERS]
    n_inside = sum(inside[part].astype(np.int8) for part in at)
    passes = (n_inside > 0) & (n_inside < 8)
    cells = np.argwhere(passes)
    value = np.stack([field[part][passes] for part in at], axis=1).astype(np.float64)
    total, count = np.zeros((len(cells), 3)), np.zeros((len(cells), 1))
    for a, b in _EDGES:
        crossed = (value[:, a] < 0) != (value[:, b] < 0)
        part = np.where(crossed, value[:, a], 0.0) / np.where(
            crossed, value[:, a] - value[:, b], 1.0
        )
        place = _CORNERS[a] + part[:, None] * (_CORNERS[b] - _CORNERS[a])
        total += np.where(crossed[:, None], place, 0.0)
        count += crossed[:, None]
    place = cells + total / np.maximum(count, 1.0)
    axes = grid.axes
    point = np.column_stack(
        [np.interp(place[:, i], np.arange(len(axes[i])), axes[i]) for i in range(3)]
    )
    number = np.full(shape, -1)
    number[passes] = np.arange(len(cells))
    return point, number


def _crossed(inside: np.ndarray) -> Iterator[tuple[list[np.ndarray], np.ndarray]]:
    """Of each axis, the edges inside the grid that the surface crosses: their lower ends, and 1
    where it leaves the structure along the axis, -1 where it enters."""
    for axis in range(3):
        along = np.diff(inside.astype(np.int8), axis=axis)
        whole = tuple(slice(None) if a == axis else slice(1, -1) for a in range(3))
        lower = list(np.nonzero(along[whole]))
        ways = -along[whole][tuple(lower)].astype(np.float64)
        yield [at if a == axis else at + 1 for a, at in enumerate(lower)], ways
