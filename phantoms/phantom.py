"""A phantom: a described body or block, and the slice of it that lies under a probe."""

import hashlib
import math
import zlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from phantoms.build import MM, Geometry, build_geometry
from phantoms.checked import ContentError, check, parse_toml, read_bytes, unknown
from phantoms.contact import MAX_SQUEEZE, Contact
from phantoms.curves import CLIP_M, Points
from phantoms.description import GEL, PhantomEntry
from phantoms.tissue import REFERENCE_MHZ, TISSUE_FILE, find_tissue, load_tissues, pack
from physics.geometry import Pose
from physics.medium import Slice, Tissues
from physics.probe import UnknownNameError, find_probe
from physics.settings import ScanSettings, check_for_probe

LIBRARY = Path(__file__).with_name("library")
TOUCH_M = 1e-6
"""The face is let into the skin this far, so that rounding leaves no specks of gel on it, m."""
DEEPEST_M = 0.06
"""Depth to which a phantom must be filled, m."""
FACE_MARGIN_M = 0.022
"""Half a probe face and a little more: how far beyond the slide range tissue must reach, m."""


@dataclass(frozen=True)
class Label:
    """A structure's name for the overlay; anchor in body coordinates at rest, mm."""

    text: str
    x_mm: float
    z_mm: float


@dataclass(frozen=True)
class Wires:
    """Thin wires across the picture plane: body (X, Z) at rest and echo strength, [n_wire]."""

    x_m: np.ndarray
    z_m: np.ndarray
    strength: np.ndarray


@dataclass(frozen=True, eq=False)
class Phantom:
    """A body or block, frozen. Region 0 is coupling gel; later regions lie over earlier ones."""

    name: str
    title: str
    summary: str
    teaches: tuple[str, ...]
    key: Hashable
    """Changes with the content of the phantom's file or of the tissue table."""
    probe: str
    """Suggested probe."""
    start_pose: Pose
    start_settings: Mapping[str, Any]
    """Knobs by display name and unit; what is not named keeps its default."""
    slide_range_m: tuple[float, float]
    rock_range_rad: tuple[float, float]
    soft_depth_m: float
    """Nothing deeper than this gives way to the probe, m."""
    region_names: tuple[str, ...]
    region_tissue: np.ndarray
    region_frame: np.ndarray
    region_seed: np.ndarray
    region_backscatter: np.ndarray
    tissues: Tissues
    geometry: Geometry
    wires: Wires
    labels: Mapping[str, Label]

    def slice(
        self, pose: Pose, *, x0_m: float, dx_m: float, n_x: int, dz_m: float, n_z: int
    ) -> Slice:
        """The medium in the image plane under the probe, on a grid in the probe frame.

        Under a rocked face the tissue is pressed or left under gel as `Contact` says;
        distances are per metre of what is seen, coordinates are those of the tissue itself.
        """
        x = (x0_m + np.arange(n_x) * dx_m)[:, None]
        # the body is the same at every height across the plane: a tilted plane cuts it aslant
        upright = math.cos(pose.tilt_rad)
        z = (np.arange(n_z) * dz_m * upright)[None, :]
        slope = math.tan(pose.rock_rad)
        contact = Contact(pose.slide_m, slope, self.soft_depth_m, pose.standoff_m)
        x_body, z_body, shrink = _undeformed(pose, contact, x, z)
        points = Points(x_body, z_body)
        frames = self.geometry.frames.values()
        along = np.empty((len(frames), n_x, n_z), dtype=np.float32)
        across = np.empty_like(along)
        for i, frame in enumerate(frames):  # first: shapes then reuse the projections
            along[i], across[i] = frame.coordinates(points)
        distance = np.empty((len(self.region_names), n_x, n_z), dtype=np.float32)
        distance[0] = -CLIP_M
        for out, shape in zip(distance[1:], self.geometry.shapes, strict=True):
            far = np.float32(CLIP_M)
            np.clip(shape.distance(points), -far, far, out=out)
            out[:, : shrink.shape[1]] *= shrink
        point_x, point_z, strength = self._wires_under(pose, contact, x, z)
        return Slice(
            x0_m=x0_m,
            dx_m=dx_m,
            dz_m=dz_m,
            distance_m=distance,
            region_tissue=self.region_tissue,
            region_frame=self.region_frame,
            along_m=along,
            across_m=across,
            region_seed=self.region_seed,
            region_backscatter=self.region_backscatter,
            tissues=self.tissues,
            point_x_m=point_x,
            point_z_m=point_z / upright,
            point_strength=strength,
            # all runs straight on across the plane, so whatever is level leans as the plane does
            surface_lean=(
                np.full(along.shape, math.tan(pose.tilt_rad), np.float32)
                if pose.tilt_rad
                else np.empty((0, 1, 1), np.float32)
            ),
        )

    def region_at(self, x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
        """int[...]: index of the region at places in the undeformed body."""
        x, z = np.asarray(x_m, dtype=np.float32), np.asarray(z_m, dtype=np.float32)
        shape = np.broadcast_shapes(x.shape, z.shape)
        points = Points(np.atleast_1d(x), np.atleast_1d(z))
        top = np.zeros(shape or (1,), dtype=np.int64)
        for i, region in enumerate(self.geometry.shapes, start=1):
            top[np.broadcast_to(region.distance(points) < 0, top.shape)] = i
        return top.reshape(shape)

    def _wires_under(
        self, pose: Pose, contact: Contact, x: np.ndarray, z: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        depth = contact.pressed_depth(self.wires.x_m, self.wires.z_m)
        px, pz = pose.to_probe(self.wires.x_m, depth)
        seen = (px >= x[0, 0]) & (px <= x[-1, 0]) & (pz >= z[0, 0]) & (pz <= z[0, -1])
        return px[seen], pz[seen], self.wires.strength[seen]


def winning_region(distance_m: np.ndarray) -> np.ndarray:
    """int[n_x, n_z]: the last region whose distance is negative (`Slice.distance_m`)."""
    n = distance_m.shape[0]
    return n - 1 - np.argmax(distance_m[::-1] < 0, axis=0)


def phantom_names() -> tuple[str, ...]:
    """Names of the phantoms in the library."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


@cache
def load_phantom(name: str) -> Phantom:
    """The library's phantom called `name`; UnknownNameError (a ValueError) if there is none."""
    names = phantom_names()
    if name not in names:
        raise UnknownNameError("phantom", name, list(names))
    return read_phantom(LIBRARY / f"{name}.toml")


def read_phantom(path: Path) -> Phantom:
    """The phantom in one file; ContentError saying file, entry, what was found and allowed."""
    content = read_bytes(path)
    file = path.name
    entry = check(PhantomEntry, parse_toml(content, file), file)
    _check_start(entry, file)
    names = [GEL] + [_tissue_name(r.tissue, f"{file}: region '{r.name}'") for r in entry.region]
    used = list(dict.fromkeys(names))
    region_names = ("gel", *(region.name for region in entry.region))
    twice = {n for n in region_names if region_names.count(n) > 1}
    if twice:
        raise ContentError(f"{file}: two regions are called '{min(twice)}'; names must differ")
    geometry = build_geometry(entry, file)
    frames = list(geometry.frames)
    for region in entry.region:
        if region.fibres not in frames:
            where = f"{file}: region '{region.name}', fibres: "
            raise ContentError(where + unknown("frame", region.fibres, frames))
    levels = [0.0] + [region.backscatter_db for region in entry.region]
    low_rock, high_rock = entry.limits.rock_deg
    phantom = Phantom(
        name=path.stem,
        title=entry.title,
        summary=entry.summary,
        teaches=entry.teaches,
        key=hashlib.sha256(content + TISSUE_FILE.read_bytes()).hexdigest(),
        probe=entry.start.probe,
        start_pose=Pose(entry.start.slide_mm * MM, math.radians(entry.start.rock_deg)),
        start_settings=MappingProxyType(dict(entry.start.knobs)),
        slide_range_m=(entry.limits.slide_mm[0] * MM, entry.limits.slide_mm[1] * MM),
        rock_range_rad=(math.radians(low_rock), math.radians(high_rock)),
        soft_depth_m=entry.limits.soft_to_mm * MM,
        region_names=region_names,
        region_tissue=np.array([used.index(name) for name in names], np.int32),
        region_frame=np.array([0] + [frames.index(r.fibres) for r in entry.region], np.int32),
        region_seed=np.array([zlib.crc32(n.encode()) >> 8 for n in region_names], np.int32),
        region_backscatter=np.array(
            [0.0 if db <= -100 else 10 ** (db / 10) for db in levels], np.float32
        ),
        tissues=pack(used),
        geometry=geometry,
        wires=Wires(np.empty(0), np.empty(0), np.empty(0)),
        labels=MappingProxyType(
            {k: Label(v.text, v.at_mm[0], v.at_mm[1]) for k, v in entry.label.items()}
        ),
    )
    _check_filled(phantom, file)
    object.__setattr__(phantom, "wires", _wires(entry, phantom, names, file))
    return phantom


def _undeformed(
    pose: Pose, contact: Contact, x: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Undeformed body coordinates, and the factor on distances in the first rows (z)."""
    if pose.rock_rad == 0.0:  # nothing is pressed; let what depends on x or z alone stay small
        nothing = np.empty((len(x), 0), dtype=np.float32)
        z_body = z + TOUCH_M - pose.standoff_m
        return (pose.slide_m + x).astype(np.float32), z_body.astype(np.float32), nothing
    x32, z32 = x.astype(np.float32), z.astype(np.float32)
    c, s = np.float32(math.cos(pose.rock_rad)), np.float32(math.sin(pose.rock_rad))
    x_body = (np.float32(pose.slide_m) + x32 * c) - z32 * s
    z_body = x32 * s + (z32 * c + np.float32(TOUCH_M - pose.standoff_m))
    # Deeper below the face than `soft_depth`, nothing is moved, however hard it is pressed.
    soft = slice(0, int(np.searchsorted(z[0], contact.soft_depth_m * math.cos(pose.rock_rad))))
    z_body[:, soft], stretch = contact.material_depth(x_body[:, soft], z_body[:, soft])
    return x_body, z_body, np.reciprocal(stretch, out=stretch)


def _tissue_name(name: str, where: str) -> str:
    if name not in load_tissues():
        raise ContentError(f"{where}: " + unknown("tissue", name, load_tissues()))
    return name


def _check_start(entry: PhantomEntry, file: str) -> None:
    start, limits = entry.start, entry.limits
    try:
        settings = ScanSettings.from_display(start.knobs)
        check_for_probe(settings, find_probe(start.probe))
    except (ValueError, TypeError) as error:
        raise ContentError(f"{file}: start: {error}") from None
    for key in ("slide_mm", "rock_deg"):
        low, high = getattr(limits, key)
        if not low <= getattr(start, key) <= high:
            raise ContentError(
                f"{file}: start, {key} is {getattr(start, key):g}; limits allow {low:g} to {high:g}"
            )
    steepest = math.radians(max(abs(v) for v in limits.rock_deg))
    needed = FACE_MARGIN_M * math.sin(steepest) / MAX_SQUEEZE / MM
    if limits.soft_to_mm < needed:
        raise ContentError(
            f"{file}: limits, soft_to_mm is {limits.soft_to_mm:g}; rocking that far needs "
            f"{needed:.1f} or more"
        )


def _check_filled(phantom: Phantom, file: str) -> None:
    """Under the whole slide range there is skin at Z = 0 and tissue below it."""
    low, high = phantom.slide_range_m
    x = np.linspace(low - FACE_MARGIN_M, high + FACE_MARGIN_M, 200)[:, None]
    z = np.concatenate([[-1e-4], np.linspace(1e-4, DEEPEST_M, 300)])[None, :]
    # in parts, which need no compiled code (phantoms.curves, MANY_POINTS)
    empty = np.concatenate([phantom.region_at(part, z) for part in np.array_split(x, 5)]) == 0
    empty[:, 0] = ~empty[:, 0]
    if empty.any():
        i, j = np.argwhere(empty)[0]
        what = "nothing may lie above the skin (Z = 0), but" if j == 0 else "there is a gap:"
        name = phantom.region_names[phantom.region_at(x[i, 0], z[0, j])]
        raise ContentError(
            f"{file}: {what} at [{x[i, 0] / MM:.1f}, {z[0, j] / MM:.1f}] mm there is "
            + (f"region '{name}'" if j == 0 else "no region")
        )


def _wires(entry: PhantomEntry, phantom: Phantom, tissue: list[str], file: str) -> Wires:
    """Every wire, with the strength that its radius and impedance give at 7 MHz."""
    x: list[float] = []
    z: list[float] = []
    strength: list[float] = []
    for group in entry.wire:
        material = find_tissue(_tissue_name(group.material, f"{file}: wire '{group.name}'"))
        for at_x, at_z in group.at_mm:
            place = phantom.region_at(np.array(at_x * MM), np.array(at_z * MM))
            around = find_tissue(tissue[int(place)])
            z1, z2 = around.impedance_rayl, material.impedance_rayl
            wavenumber = 2 * math.pi * REFERENCE_MHZ * 1e6 / around.speed_m_s
            radius = group.diameter_mm * MM / 2
            x.append(at_x * MM)
            z.append(at_z * MM)
            strength.append((z2 - z1) / (z2 + z1) * math.sqrt(radius * wavenumber / (4 * math.pi)))
    return Wires(np.array(x), np.array(z), np.array(strength))
