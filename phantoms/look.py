"""Looking all over a body for what its file cannot show: regions that nothing reaches, surfaces
that cross, labels beside what they name."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from phantoms.build import MM
from phantoms.curves import Points
from phantoms.description import BelowEntry, LayerEntry, PhantomEntry
from phantoms.phantom import DEEPEST_M, Phantom
from phantoms.reading import FACE_MARGIN_M
from phantoms.shapes import Overlap, Side
from physics.probe import find_probe

STEP_M = 1e-3, 0.3e-3
"""Of the places looked at, along X and Z; between them only what is not seen is looked for."""
N_PLANE = 9
NEAREST = 6
"""From so many places that come nearest to it a region is looked for."""
CROSSED_M = 0.1e-3
"""Surfaces may cross by this much: what is thinner is not to be seen, m."""
BESIDE_M = 3e-3
"""A label may stand this far beside what it names, m."""


def body_faults(phantom: Phantom, entry: PhantomEntry, file: str) -> list[str]:
    """A sentence for each fault of a body whose file is in order."""
    return [
        *_unseen(phantom, file),
        *_crossings(phantom, entry, file),
        *_strayed_labels(phantom, entry, file),
    ]


def _planes(phantom: Phantom) -> Iterator[float]:
    """Y of the planes that are looked at."""
    turned = min(max(abs(a) for a in phantom.turn_range_rad), math.pi / 2)
    reach = FACE_MARGIN_M * math.sin(turned)
    low, high = phantom.slide_y_range_m
    if phantom.geometry.is_straight and reach == 0.0 and low == high:
        yield 0.0
        return
    yield from np.linspace(low - reach, high + reach, N_PLANE)


def _grid(phantom: Phantom, y_m: float) -> Points:
    """Places in one plane, [n_x, n_z], as far as a probe sees."""
    low, high = phantom.slide_range_m
    x = np.arange(low - FACE_MARGIN_M, high + FACE_MARGIN_M, STEP_M[0])
    probes = {phantom.probe, *(view.probe for view in phantom.views.values())}
    deepest = max(DEEPEST_M, *(find_probe(probe).max_depth_m for probe in probes))
    z = np.arange(STEP_M[1] / 2, deepest, STEP_M[1])
    places = x[:, None], z[None, :], np.array([[y_m]])
    return Points(*(np.asarray(p, np.float32) for p in places))


def _winners(phantom: Phantom, points: Points) -> tuple[np.ndarray, list[np.ndarray]]:
    """Region at every place, and every region's distance."""
    top = np.zeros(points.shape, np.int64)
    distances = []
    for i, shape in enumerate(phantom.geometry.shapes, start=1):
        distances.append(np.broadcast_to(shape.distance(points), points.shape))
        top[distances[-1] < 0] = i
    return top, distances


def _unseen(phantom: Phantom, file: str) -> list[str]:
    n = len(phantom.region_names)
    seen = np.zeros(n, np.bool_)
    covers: list[set[int]] = [set() for _ in range(n)]
    nearest: list[list[tuple[float, tuple[float, ...]]]] = [[] for _ in range(n)]
    for y in _planes(phantom):
        points = _grid(phantom, y)
        top, distances = _winners(phantom, points)
        seen[np.unique(top)] = True
        for i in np.flatnonzero(~seen):
            if i == 0:
                continue
            distance = distances[i - 1]
            covers[i] |= set(top[distance < 0].tolist())
            for at in np.argsort(distance, axis=None)[:NEAREST]:
                j, k = np.unravel_index(at, distance.shape)
                place = float(points.x_m[j, 0]), float(points.z_m[0, k]), y
                nearest[i].append((float(distance[j, k]), place))
    faults = []
    for i in np.flatnonzero(~seen):
        if i and not _is_near(phantom, int(i), sorted(nearest[i])[:NEAREST]):
            name, by = phantom.region_names[i], sorted(covers[i])
            why = "it lies where no probe can look"
            if by:
                why = "it is covered by " + ", ".join(f"'{phantom.region_names[c]}'" for c in by)
            faults.append(f"{file}: region {i} '{name}': is nowhere to be seen: {why}")
    return faults


def _is_near(phantom: Phantom, number: int, starts: list[tuple[float, tuple[float, ...]]]) -> bool:
    """Whether a region is to be seen between the places looked at, near one of these."""
    off = np.linspace(-1.0, 1.0, 9)
    for _, start in starts:
        place, reach = start, (STEP_M[0], STEP_M[1], 2e-3)
        for _ in range(3):
            axes = [p + r * off for p, r in zip(place, reach, strict=True)]
            x, z, y = np.meshgrid(*axes, indexing="ij")
            points = Points(*(a.astype(np.float32) for a in (x, z, y)))
            top, distances = _winners(phantom, points)
            if ((top == number) & (z > 0)).any():
                return True
            at = np.unravel_index(distances[number - 1].argmin(), x.shape)
            place, reach = (x[at], z[at], y[at]), tuple(r / 4 for r in reach)  # type: ignore[assignment]
    return False


# --- surfaces that cross -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pair:
    """Two surfaces, the second of which must be the deeper one."""

    what: str
    upper: Side
    lower: Side


def _crossings(phantom: Phantom, entry: PhantomEntry, file: str) -> list[str]:
    """Layers that are turned inside out where it is to be seen, and not everywhere."""
    found: dict[str, str] = {}
    pairs = list(_stacked(phantom, entry))
    skeletal = np.array([tissue.skeletal for tissue in phantom.tissue_of_region])
    for y in _planes(phantom):
        points = _grid(phantom, y)
        top, _ = _winners(phantom, points)
        depth = {id(side): _depth(side, points) for p in pairs for side in (p.upper, p.lower)}
        for pair in pairs:
            upper, lower = depth[id(pair.upper)], depth[id(pair.lower)]
            thick = lower - upper
            middle = np.nan_to_num((upper + lower) / 2)
            k = np.clip(np.round(middle / STEP_M[1] - 0.5).astype(int), 0, top.shape[1] - 1)
            is_seen = ~skeletal[top[np.arange(len(top)), k]]  # else it is inside bone
            thick = np.where(is_seen | (thick > 0), thick, np.nan)
            if pair.what in found or np.isnan(thick).all() or np.nanmax(thick) < CROSSED_M:
                continue
            worst = int(np.nanargmin(thick))
            if thick[worst] < -CROSSED_M:
                beside = f", Y = {y / MM:.1f}" if y else ""
                found[pair.what] = (
                    f"{file}: {pair.what} cross: at X = {points.x_m[worst, 0] / MM:.1f}{beside} mm "
                    f"the lower one is {-thick[worst] / MM:.2f} mm above the upper one (if a layer "
                    "is to end there, say may_cross = true in its region)"
                )
    return list(found.values())


def _stacked(phantom: Phantom, entry: PhantomEntry) -> Iterator[_Pair]:
    last: tuple[str, Side] | None = None
    skeletal = [tissue.skeletal for tissue in phantom.tissue_of_region[1:]]
    for i, region in enumerate(entry.region, start=1):
        kind, shape = region.shape, phantom.geometry.shapes[i - 1]
        if isinstance(kind, LayerEntry) and isinstance(shape, Overlap) and not region.may_cross:
            what = f"region {i} '{region.name}': curves '{kind.top}' and '{kind.bottom}'"
            yield _Pair(what, *_sides(shape))
        if isinstance(kind, BelowEntry) and isinstance(shape, Side) and not skeletal[i - 1]:
            if last is not None and not region.may_cross:
                what = f"surfaces of regions '{last[0]}' and '{region.name}'"
                yield _Pair(what, last[1], shape)
            last = region.name, shape


def _sides(shape: Overlap) -> tuple[Side, Side]:
    upper, lower = shape.parts
    assert isinstance(upper, Side)
    assert isinstance(lower, Side)
    return upper, lower


def _depth(shape: Side, points: Points) -> np.ndarray:
    """Depth [n_x] at which a surface is met on the way down, m; nan if it is not."""
    place = points.on(shape.curve)
    off = np.broadcast_to(place.across - shape.offset.at(place.along), points.shape)
    below = off > 0
    k = np.clip(below.argmax(axis=1), 1, off.shape[1] - 1)
    rows = np.arange(len(off))
    z = np.broadcast_to(points.z_m, off.shape)[rows, k]
    step = off[rows, k] - off[rows, k - 1]
    depth: np.ndarray = z - STEP_M[1] * off[rows, k] / np.where(step > 0, step, np.inf)
    return np.where(below.any(axis=1), depth, np.nan)


# --- labels --------------------------------------------------------------------------------------


def _strayed_labels(phantom: Phantom, entry: PhantomEntry, file: str) -> list[str]:
    off = np.linspace(-BESIDE_M, BESIDE_M, 13)
    x, z, y = np.meshgrid(off, off, off, indexing="ij")
    faults = []
    for name, label in entry.label.items():
        wanted = label.region or name
        if wanted not in phantom.region_names:
            continue
        at = phantom.labels[name]
        place = at.x_mm * MM + x, at.z_mm * MM + z, (at.y_mm or 0.0) * MM + y
        near = set(np.unique(phantom.region_at(*place)).tolist())
        if phantom.region_names.index(wanted) not in near:
            x0, z0, y0 = (np.array(v * MM) for v in (at.x_mm, at.z_mm, at.y_mm or 0.0))
            here = phantom.region_at(x0, z0, y0)
            faults.append(
                f"{file}: label '{name}': at_mm is {list(label.at_mm)}, which lies in region "
                f"'{phantom.region_names[int(here)]}'; region '{wanted}' is more than "
                f"{BESIDE_M / MM:g} mm away"
            )
    return faults
