"""A body on the grid of a picture: block by block of columns, on all cores."""

import math
from dataclasses import dataclass, replace

import numpy as np

from phantoms import evaluate
from phantoms.build import Geometry
from phantoms.curves import CLIP_M
from phantoms.program import ACROSS, ALONG, BESIDE, Block, Program
from phantoms.space_curve import PathCurve
from physics.geometry import Pose
from physics.parallel import run_split

_BLOCK = 7300
"""Points worked on together: what is known of them stays in the processor's cache."""

_EVERY = 4
HEIGHTS_M = 0.6e-3 * np.arange(-3, 4)
"""Heights across the image plane at which regions are told: as far as a linear probe hears in the
first 40 mm; the last ones stand for all that is beyond."""

Grid = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Body X, Y, Z of a grid's points: float32, [n_x, n_z] or with a 1 where they do not change."""


@dataclass(frozen=True, eq=False)
class Fields:
    """What is found on a grid: float32 [n, n_x, n_z] each, `beside_m` and the leans empty where the
    body is the same all across the plane (see `physics.medium.Slice`)."""

    distance_m: np.ndarray
    along_m: np.ndarray
    across_m: np.ndarray
    beside_m: np.ndarray
    fibre_lean: np.ndarray
    surface_lean: np.ndarray
    plane_y_m: np.ndarray
    plane_region: np.ndarray
    """Of `physics.medium.Slice`, empty where regions are the same all across the slice."""


def cut(geometry: Geometry, places_m: Grid, shrink: np.ndarray, pose: Pose) -> Fields:
    """Distances, material coordinates and leans at all points of a grid.

    shrink : float32 [n_x, m], factor on the distances of the first m points of each column.
    """
    program = geometry.program
    n_x, n_z = np.broadcast_shapes(*(place.shape for place in places_m))
    is_level = geometry.is_straight and pose.tilt_rad == 0.0 and pose.turn_rad == 0.0
    none = np.empty((0, 1, 1), np.float32)
    along, across = (np.empty((len(program.frames), n_x, n_z), np.float32) for _ in range(2))
    found = Fields(
        distance_m=np.empty((program.n_region + 1, n_x, n_z), np.float32),
        along_m=along,
        across_m=across,
        beside_m=none if is_level and pose.slide_y_m == 0.0 else np.empty_like(along),
        fibre_lean=none if is_level else np.empty_like(along),
        surface_lean=none if is_level else np.empty_like(along),
        plane_y_m=np.empty(0),
        plane_region=np.empty((0, 1, 1), np.int16),
    )

    def fill(first: int, last: int) -> None:
        room = _Room(program, n_z)
        for start in range(first, last, room.n):
            block = room.take(places_m, start, min(start + room.n, last))
            _follow_fibres(program, block, start, pose.rotation, found)
            room.measure(block, shrink, start, found.distance_m)
        found.distance_m[0, first:last] = -CLIP_M

    run_split(fill, n_x)
    heights, region = _beside(geometry.outline, places_m, shrink, pose, found.distance_m)
    return replace(found, plane_y_m=heights, plane_region=region)


def _beside(
    program: Program, places_m: Grid, shrink: np.ndarray, pose: Pose, distance_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Heights across the image plane, and int16 [n_height, n_x, n_z] of the regions there; both
    empty if they are the same all across.

    Distances are worked out at every fourth point, and what they gain from the plane on is taken as
    linear in between. Tissue beside the plane gives way to the probe as it does in it.
    """
    nothing = np.empty(0), np.empty((0, 1, 1), np.int16)
    if program.is_prism and pose.tilt_rad == 0.0 and pose.turn_rad == 0.0:
        return nothing
    _, n_x, n_z = distance_m.shape
    at_x, at_z = _nodes(n_x), _nodes(n_z)
    sides = HEIGHTS_M[HEIGHTS_M != 0.0]
    rows, n_row = sides.size * at_x.size, at_z.size
    across = np.multiply.outer(pose.rotation[:, 1], sides).astype(np.float32)
    x, y, z = (
        _at_nodes(place, gain, at_x, at_z) for place, gain in zip(places_m, across, strict=True)
    )
    less = np.tile(shrink[np.ix_(at_x, at_z[at_z < shrink.shape[1]])], (sides.size, 1))
    change = np.empty((len(distance_m), rows, n_row), np.float32)

    def fill(first: int, last: int) -> None:
        room = _Room(program, n_row)
        for start in range(first, last, room.n):
            end = min(start + room.n, last)
            room.measure(room.take((x, y, z), start, end), less, start, change)

    run_split(fill, rows)
    change = change.reshape(-1, sides.size, at_x.size, n_row)
    change[1:] -= distance_m[1:, at_x[:, None], at_z][:, None]
    region = np.empty((HEIGHTS_M.size, n_x, n_z), np.int16)
    differs = np.zeros(at_x.size, np.bool_)
    run_split(
        evaluate.regions_beside, at_x.size - 1, distance_m,
        change, at_x, at_z, sides.size // 2, region,
        differs,
    )  # fmt: skip
    return (HEIGHTS_M, region) if differs.any() else nothing


def _at_nodes(
    place: np.ndarray, across: np.ndarray, at_x: np.ndarray, at_z: np.ndarray
) -> np.ndarray:
    """A coordinate of the nodes `across` farther on: float32 [n_side x n_node_x, n_node_z or 1]."""
    rows = place[at_x] if place.shape[0] > 1 else place
    rows = rows[:, at_z] if place.shape[1] > 1 else rows
    beside = rows + across[:, None, None]
    shape = across.size, at_x.size, rows.shape[1]
    return np.broadcast_to(beside, shape).reshape(-1, rows.shape[1])


def _nodes(n: int) -> np.ndarray:
    """Every fourth of n points, and the last."""
    return np.append(np.arange(0, n - 1, _EVERY), n - 1)


class _Room:
    """Where one thread works on its blocks."""

    def __init__(self, program: Program, n_z: int) -> None:
        self.program = program
        self.n = max(1, _BLOCK // n_z)
        n_curve, n_given = len(program.curves), len(program.given)
        self.block = Block(
            n=0,
            body=np.empty((3, self.n, n_z), np.float32),
            places=np.empty((n_curve, 6, self.n, n_z), np.float32),
            swept=np.empty((len(program.sweeps), 7, self.n, n_z), np.float32),
        )
        self.given = np.empty((n_given, self.n, n_z), np.float32)

    def take(self, places_m: Grid, first: int, last: int) -> Block:
        """The points of columns first..last, on every curve."""
        block = self.block
        block.n = last - first
        for axis, place in enumerate(places_m):
            block.body[axis, : block.n] = place if place.shape[0] == 1 else place[first:last]
        for sweep, out in zip(self.program.sweeps, block.swept, strict=True):
            sweep.undo(block, out)
        for on in self.program.curves:
            on.project(block)
        return block

    def measure(self, block: Block, shrink: np.ndarray, start: int, distance: np.ndarray) -> None:
        """Write distances to regions, from column `start` on."""
        program = self.program
        for give, out in zip(program.given, self.given, strict=True):
            give(block, out)
        evaluate.measure(
            block.n, block.places, self.given, program.rows, program.reals, program.entries,
            program.table_int, program.table_real, shrink, start, distance,
        )  # fmt: skip


def _follow_fibres(
    program: Program, block: Block, start: int, rotation: np.ndarray, found: Fields
) -> None:
    n, part = block.n, slice(start, start + block.n)
    for f, (on, frame) in enumerate(program.frames):
        place = block.places[on.number, :, :n]
        along, beside = (BESIDE, ALONG) if frame.runs_beside else (ALONG, BESIDE)
        c, s = np.float32(math.cos(frame.angle_rad)), np.float32(math.sin(frame.angle_rad))
        if frame.angle_rad == 0.0:
            found.along_m[f, part], found.across_m[f, part] = place[along], place[ACROSS]
        else:
            np.add(c * place[along], s * place[ACROSS], out=found.along_m[f, part])
            np.subtract(c * place[ACROSS], s * place[along], out=found.across_m[f, part])
        if found.beside_m.size:
            found.beside_m[f, part] = place[beside]
        if found.fibre_lean.size:
            turned = frame.curve.sweep.axes @ rotation
            swept = _STRAIGHT if on.sweep_number < 0 else block.swept[on.sweep_number]
            evaluate.lean(
                n, block.places[on.number], swept, isinstance(frame.curve, PathCurve),
                frame.runs_beside, c, s, np.ascontiguousarray(turned.T, np.float32), start,
                found.fibre_lean[f], found.surface_lean[f],
            )  # fmt: skip


_STRAIGHT = np.zeros((7, 0, 0), np.float32)
