"""From a volume of labels to a phantom: smooth surfaces, lines that fibres follow, and the file.

A surface is the zero of a signed distance that is smoothed until the steps between voxels are gone,
and kept on the right side of the middle of every voxel (after Whitaker, Reducing aliasing artifacts
in iso-surfaces of binary volumes, IEEE Volume Visualization 2000). Smoothing is twice a Gaussian
less that Gaussian twice, which leaves a curved surface where it is; the Gaussian alone shrinks it.
The distance is cut to both sides first, so that what lies beyond does not pull at a surface.
Label k is given the place of all labels from k on, and later regions lie over earlier ones: so
neighbours share one surface and no gaps open where three of them meet.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import (
    affine_transform,
    distance_transform_edt,
    gaussian_filter,
    maximum_filter,
)

from phantoms.checked import ContentError, check, parse_toml, read_bytes, unknown
from phantoms.description import LimitsEntry
from phantoms.fibre_lines import fibre_curve
from phantoms.label_map import MapEntry, unit_vector
from phantoms.label_volume import LabelVolume, read_labels
from phantoms.phantom import DEEPEST_M
from phantoms.tissue import load_tissues
from phantoms.toml_text import toml_text
from phantoms.volume import MOST_BYTES, Grid, grid_bytes, pack_distance

MM = 1e-3
BEYOND_MM = 25.0
"""Half a probe face and more: what lies this far beyond where the probe may go is kept."""
LIMITS = {"slide_mm": [-10, 10], "slide_y_mm": [-10, 10], "turn_deg": [-90, 90],
          "rock_deg": [-10, 10], "soft_to_mm": 10}  # fmt: skip
DEEP_MM = 3.0
"""As far as this from other labels is far enough for the name of a label."""
LAST = 0.7, 0.5
"""Width of the last Gaussian, voxels: it rounds off what the bounds have cut; the same for thin
layers, which have no other."""
THIN = 1.5, 3.0
"""Greatest depth inside a layer, voxels: up to the first it is thin, from the second on thick."""
AROUND = 13
"""The depth is looked for within so many voxels."""
UNDER_SKIN = 1.5
"""What is less deep than so many voxels is as it is there: no specks of what is above the skin."""


@dataclass(frozen=True)
class Made:
    """A phantom's two files."""

    toml: str
    volume: bytes
    n_region: int


def make_phantom(volume: Path, map_file: Path, name: str) -> Made:
    """The phantom that a volume and its map describe; its volume file is called `name`.npz.

    ContentError with one sentence if they do not fit together.
    """
    entry = check(MapEntry, parse_toml(read_bytes(map_file), map_file.name), map_file.name)
    for number, label in entry.label.items():
        _find_tissue(label.tissue, f"{map_file.name}: label, {number}, tissue")
    _find_tissue(entry.background.tissue, f"{map_file.name}: background, tissue")
    read = read_labels(volume)
    _check_labels(read, entry, volume.name, map_file.name)
    limits = {**LIMITS, **entry.limits}
    allowed = check(LimitsEntry, limits, f"{map_file.name}: limits")
    block = _Block(read, entry, allowed, volume.name)
    made = _description(entry, block, limits, name, f"{volume.name} with {map_file.name}")
    grid = block.grid()
    if (grid.distance[0, :, :, 2:] < 0).all():
        made["region"] = made["region"][1:]  # labels are everywhere: no background
    return Made(
        toml_text(made, _heading(volume, map_file, entry)), grid_bytes(grid), len(grid.parts)
    )


def _find_tissue(name: str, where: str) -> None:
    if name not in load_tissues():
        raise ContentError(f"{where}: " + unknown("tissue", name, load_tissues()))


def _check_labels(read: LabelVolume, entry: MapEntry, volume: str, map_file: str) -> None:
    there = set(np.flatnonzero(np.bincount(read.labels.ravel()))) - {0}
    said = {int(number) for number in entry.label}
    if there - said:
        raise ContentError(
            f"{map_file}: label: {_numbers(there - said)} of {volume} is not in it; "
            f"it has: {_numbers(said)}"
        )
    if said - there:
        raise ContentError(
            f"{map_file}: label: {_numbers(said - there)} is not in {volume}; "
            f"there are: {_numbers(there)}"
        )
    names = [label.name for label in entry.label.values()]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise ContentError(f"{map_file}: two labels are called '{min(twice)}'; names must differ")


def _numbers(labels: set[int]) -> str:
    shown = sorted(int(v) for v in labels)
    more = f" and {len(shown) - 20} more" if len(shown) > 20 else ""
    return ", ".join(map(str, shown[:20])) + more


def _heading(volume: Path, map_file: Path, entry: MapEntry) -> str:
    return (
        f"Made by `insonate phantom import` from {volume.name} with {map_file.name}. Surfaces are "
        f"smoothed over {entry.smooth_voxels:g} voxels; fibres follow lines through the middle of "
        "structures, or the directions that the map gives."
    )


class _Block:
    """The part of a volume that a probe can see, in the axes of the phantom (X, Y, Z; mm)."""

    def __init__(self, read: LabelVolume, entry: MapEntry, limits: LimitsEntry, file: str) -> None:
        self._entry, self._file = entry, file
        self.step_mm = float(read.spacing_mm.min())
        skin = unit_vector(entry.place.skin)
        along = unit_vector(entry.place.along)
        along = along - skin * float(along @ skin)
        along /= np.linalg.norm(along)
        self.axes = np.stack([along, np.cross(-skin, along), -skin])
        """float64 [3, 3]: from RAS to X, Y, Z. Right, to the reader, and deep are right-handed."""
        origin = np.array(entry.place.origin_mm)
        self._to_body = np.eye(4)
        self._to_body[:3, :3] = self.axes @ read.affine[:3, :3]
        self._to_body[:3, 3] = self.axes @ (read.affine[:3, 3] - origin)
        self._spacing = read.spacing_mm
        low, high = self._extent(read.labels.shape, limits)
        self._labels = self._crop(read.labels, low, high)
        self._low, self._n = self._nodes(low, high)

    def _extent(self, shape: tuple[int, ...], limits: LimitsEntry) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest X, Y, Z that are kept."""
        corners = np.array(np.meshgrid(*([-0.5, n - 0.5] for n in shape), indexing="ij"))
        places = self.place(corners.reshape(3, 8).T)
        low, high = places.min(axis=0), places.max(axis=0)
        beyond = np.array([-BEYOND_MM, BEYOND_MM])
        wanted = np.stack([limits.slide_mm + beyond, limits.slide_y_mm + beyond], axis=1)
        kept_low = np.maximum(low, [*wanted[0], -self.step_mm])
        kept_high = np.minimum(high, [*wanted[1], DEEPEST_M / MM + 1.0])
        if (kept_high - kept_low < 2 * self.step_mm).any():
            shown = [f"{a:.0f} to {b:.0f}" for a, b in zip(low, high, strict=True)]
            raise ContentError(
                f"{self._file}: does not lie under the probe: with this [place] it covers "
                f"X {shown[0]}, Y {shown[1]} and Z {shown[2]} mm of the phantom"
            )
        return kept_low, kept_high

    def place(self, voxels: np.ndarray) -> np.ndarray:
        """X, Y, Z in mm [n, 3] of places (i, j, k) [n, 3] of the volume."""
        out: np.ndarray = voxels @ self._to_body[:3, :3].T + self._to_body[:3, 3]
        return out

    def _crop(self, labels: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The voxels that matter; `_to_body` then counts from the first of them."""
        corners = np.array(np.meshgrid(*zip(low, high, strict=True), indexing="ij"))
        back = np.linalg.inv(self._to_body)
        ijk = corners.reshape(3, 8).T @ back[:3, :3].T + back[:3, 3]
        margin = 4 + 3 * self._entry.smooth_voxels
        first = np.clip(np.floor(ijk.min(axis=0) - margin), 0, None).astype(int)
        last = np.ceil(ijk.max(axis=0) + margin).astype(int) + 1
        self._to_body[:3, 3] = self.place(first[None, :])[0]
        kept = labels[tuple(slice(a, b) for a, b in zip(first, last, strict=True))]
        return self._up_to_the_skin(kept)

    def _up_to_the_skin(self, labels: np.ndarray) -> np.ndarray:
        """Labels a little under the skin, carried on to above it."""
        ijk = np.indices(labels.shape, np.float32).reshape(3, -1)
        depth = self._to_body[2, :3] @ ijk + self._to_body[2, 3]
        high = np.flatnonzero(depth < UNDER_SKIN * self.step_mm)
        down = np.linalg.inv(self._to_body[:3, :3])[:, 2]
        under = ijk[:, high] + np.outer(down, UNDER_SKIN * self.step_mm - depth[high])
        last = np.array(labels.shape)[:, None] - 1
        i, j, k = np.clip(np.rint(under), 0, last).astype(np.int64)
        filled = labels.copy().ravel()
        filled[high] = labels[i, j, k]
        return filled.reshape(labels.shape)

    def _nodes(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First node and number of nodes; the skin lies on nodes."""
        first = np.array([low[0], low[1], -self.step_mm])
        n = np.ceil((high - first) / self.step_mm).astype(int) + 1
        n_byte = 2 * math.prod(map(int, n)) * len(self._entry.label)
        if n_byte > MOST_BYTES:
            raise ContentError(
                f"{self._file}: its {len(self._entry.label)} labels need {n_byte / 1e6:.0f} MB of "
                f"distances; allowed: {MOST_BYTES / 1e6:.0f} MB, so give [limits] of the map a "
                "smaller slide_mm and slide_y_mm, or unite labels"
            )
        return first, n

    def grid(self) -> Grid:
        """Distances of all labels on the nodes."""
        rank = np.zeros(int(self._labels.max()) + 1, np.uint8)
        for i, number in enumerate(self._entry.label, start=1):
            if int(number) < len(rank):
                rank[int(number)] = i
        ranks = rank[self._labels]
        names = [label.name for label in self._entry.label.values()]
        smooth = [v.smooth_voxels or self._entry.smooth_voxels for v in self._entry.label.values()]
        distance = np.empty((len(names), *self._n), np.int16)
        for k in range(len(names)):
            voxels = self._distance(ranks >= k + 1, smooth[k])
            distance[k] = pack_distance(self._on_nodes(voxels) * MM)
        shown = distance < 0
        for k, name in enumerate(names):
            later = shown[k + 1 :].any(axis=0) if k + 1 < len(names) else False
            if not (shown[k] & ~np.asarray(later)).any():
                raise ContentError(
                    f"{self._file}: label '{name}' is nowhere to be seen: too thin for "
                    f"smooth_voxels = {smooth[k]:g}, or not under the probe"
                )
        origin = self._low * MM
        return Grid(tuple(names), distance, (origin[0], origin[1], origin[2]), self.step_mm * MM)

    def _distance(self, inside: np.ndarray, smooth: float) -> np.ndarray:
        """Signed distance of voxels from a smooth surface, mm."""
        if inside.all() or not inside.any():
            return np.full(inside.shape, -1e3 if inside.all() else 1e3, np.float32)
        to_inside, to_outside = (
            distance_transform_edt(part, sampling=self._spacing).astype(np.float32)
            for part in (~inside, inside)
        )
        half, most = self.step_mm / 2, smooth * self.step_mm
        raw = np.where(inside, half - to_outside, to_inside - half)
        field = np.clip(raw, -most, most)
        for width in (smooth, smooth, smooth / 2):
            once = gaussian_filter(field, width, mode="nearest")
            field = 2 * once - gaussian_filter(once, width, mode="nearest")
            np.clip(field, -to_outside, to_inside, out=field)
        field = gaussian_filter(field, LAST[0], mode="nearest")
        raw = gaussian_filter(np.clip(raw, -most, most), LAST[1], mode="nearest")
        out: np.ndarray = raw + self._share_smooth(to_outside, to_inside) * (field - raw)
        return out

    def _share_smooth(self, to_outside: np.ndarray, to_inside: np.ndarray) -> np.ndarray:
        """1 where what is on both sides of a surface is thick enough to be smoothed, 0 where it is
        only a voxel or two."""
        thick = [maximum_filter(d, size=AROUND, mode="nearest") for d in (to_outside, to_inside)]
        thin = np.minimum(*thick) / self.step_mm
        share = np.clip((thin - THIN[0]) / (THIN[1] - THIN[0]), 0.0, 1.0)
        out: np.ndarray = gaussian_filter(share, 1.5, mode="nearest")
        return out

    def _on_nodes(self, voxels: np.ndarray) -> np.ndarray:
        """A field of voxels on the nodes, cut off at the skin; linear between voxels."""
        back = np.linalg.inv(self._to_body)
        matrix = back[:3, :3] * self.step_mm
        offset = back[:3, :3] @ self._low + back[:3, 3]
        field = affine_transform(
            voxels, matrix, offset, output_shape=tuple(map(int, self._n)), order=1, mode="nearest"
        )
        depth = self._low[2] + self.step_mm * np.arange(self._n[2])
        out: np.ndarray = np.maximum(field, -depth.astype(np.float32))
        return out

    def depths_of(self, number: int) -> np.ndarray:
        """How far the same voxels are from other labels, mm [n]."""
        is_it = self._labels == number
        depths: np.ndarray = distance_transform_edt(is_it, sampling=self._spacing)[is_it]
        return depths

    def points_of(self, number: int) -> np.ndarray:
        """Places of a label's voxels, mm [n, 3]."""
        return self.place(np.argwhere(self._labels == number).astype(np.float64))


def _description(
    entry: MapEntry, block: _Block, limits: dict[str, Any], name: str, source: str
) -> dict[str, Any]:
    """The phantom's file as a dictionary."""
    curves: dict[str, Any] = {"skin": {"kind": "flat", "depth_mm": 0}}
    frames: dict[str, Any] = {}
    skin = {"kind": "below", "curve": "skin"}
    regions: list[dict[str, Any]] = [
        {"name": "background", "tissue": entry.background.tissue, "shape": skin}
    ]
    labels = {}
    for number, label in entry.label.items():
        points = block.points_of(int(number))
        region: dict[str, Any] = {"name": label.name, "tissue": label.tissue}
        if label.fibres is not None:
            where = f"{source}: label {number} '{label.name}', fibres"
            vector = (
                None if isinstance(label.fibres, str) else block.axes @ unit_vector(label.fibres)
            )
            curve = f"line_of_{label.name}"[:40]
            curves[curve] = fibre_curve(
                points, vector, is_bent=label.fibres == "along", least_mm=block.step_mm, where=where
            )
            frames[curve] = {"kind": "curve", "curve": curve}
            region["fibres"] = curve
        if label.backscatter_db:
            region["backscatter_db"] = label.backscatter_db
        region["shape"] = {"kind": "volume", "file": f"{name}.npz", "part": label.name}
        regions.append(region)
        anchor = _anchor(points, block.depths_of(int(number)))
        if anchor is not None:
            text = label.text or label.name.replace("_", " ").capitalize()
            labels[label.name] = {"text": text, "at_mm": anchor}
    made: dict[str, Any] = {"format": 2, "title": entry.title, "summary": entry.summary}
    made |= {"teaches": list(entry.teaches)} if entry.teaches else {}
    made |= {"region_of_body": entry.region_of_body} if entry.region_of_body else {}
    made["start"] = {"probe": "L12-3", "knobs": {"depth_mm": 40}} | entry.start
    made["limits"] = limits
    made["view"] = entry.view or {
        "long": {"title": "Long axis", "look_for": entry.summary, "turn_deg": 0},
        "short": {"title": "Short axis", "look_for": entry.summary, "turn_deg": 90},
    }
    made |= {"curve": curves, "frame": frames, "region": regions, "label": labels}
    return made


def _anchor(points: np.ndarray, depths: np.ndarray) -> list[float] | None:
    """A place well inside a label, near its middle under the probe, mm.

    points, depths : of its voxels, and how far they are from other labels.
    """
    is_seen = (points[:, 2] > 0) & (points[:, 2] < 45) & (np.abs(points[:, :2]) < 18).all(axis=1)
    seen = points[is_seen]
    if not len(seen):
        return None
    inside = depths[is_seen]
    middle = np.median(seen, axis=0)
    middle[:2] *= 0.5
    seen = seen[inside >= 0.8 * min(float(inside.max()), DEEP_MM)]
    nearest = seen[np.argmin(((seen - middle) ** 2).sum(axis=1))]
    return [round(float(v), 2) for v in nearest]
