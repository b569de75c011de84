"""A phantom: a described body or block, and the slice of it that lies under a probe."""

import hashlib
import math
import zlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from phantoms.build import MM, Geometry, build_geometry
from phantoms.checked import ContentError, check, parse_toml, read_bytes, unknown
from phantoms.contact import MAX_SQUEEZE, STILL_M, Contact
from phantoms.curves import CLIP_M, Points
from phantoms.description import GEL, DiscEntry, EllipseEntry, PhantomEntry
from phantoms.tissue import (
    REFERENCE_MHZ,
    TISSUE_FILE,
    Tissue,
    find_tissue,
    load_tissues,
    pack,
)
from phantoms.vessels import LEAST_DEPTH, Vessel, closed_at
from phantoms.view import View
from physics.geometry import Pose
from physics.medium import Slice, Tissues
from physics.probe import UnknownNameError, find_probe
from physics.settings import ScanSettings, check_for_probe

if TYPE_CHECKING:
    from phantoms.press import Springs

LIBRARY = Path(__file__).with_name("library")
DEEPEST_M = 0.06
"""Depth to which a phantom must be filled, m."""
MAX_PRESS = 0.5
"""The face may be pressed in by this part of the soft tissue over bone."""
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
    """Nothing deeper than this gives way to a rocked probe, m."""
    press_limit_m: float
    """How far the face may be pressed in, m."""
    region_names: tuple[str, ...]
    region_tissue: np.ndarray
    region_frame: np.ndarray
    region_seed: np.ndarray
    region_backscatter: np.ndarray
    tissues: Tissues
    geometry: Geometry
    wires: Wires
    labels: Mapping[str, Label]
    vessels: tuple[Vessel, ...] = ()
    """Lumina that close under pressure."""

    def slice(
        self,
        pose: Pose,
        *,
        x0_m: float,
        dx_m: float,
        n_x: int,
        dz_m: float,
        n_z: int,
        face_m: float | None = None,
    ) -> Slice:
        """The medium in the image plane under the probe, on a grid in the probe frame.

        face_m : width of the face that presses; None: as wide as the grid.

        Under a rocked face the tissue is pressed or left under gel as `Contact` says, under a
        pressed one it is squeezed as `phantoms.press` says; distances are per metre of what is
        seen, coordinates are those of the tissue itself.
        """
        x = (x0_m + np.arange(n_x) * dx_m)[:, None]
        # the body is the same at every height across the plane: a tilted plane cuts it aslant
        upright = math.cos(pose.tilt_rad)
        z = (np.arange(n_z) * dz_m * upright)[None, :]
        wide_m = float(np.abs(x).max())
        half_face_m = wide_m if face_m is None else face_m / 2
        view = self.view(pose, half_face_m=half_face_m, wide_m=wide_m, deepest_m=float(z[0, -1]))
        x_body, z_body, shrink = view.undeformed(x, z)
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
        point_x, point_z, strength = self._wires_under(view, x, z)
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

    def view(self, pose: Pose, *, half_face_m: float, wide_m: float, deepest_m: float) -> View:
        """How a probe in this pose meets the body: a face of 2 `half_face_m`, seen as far as
        `wide_m` to either side and to a depth."""
        slope = math.tan(pose.rock_rad)
        contact = Contact(pose.slide_m, slope, self.soft_depth_m, pose.standoff_m)
        if pose.press_m == 0.0:
            return View(pose, contact)
        return _pressed_view(self, pose, contact, half_face_m, wide_m, deepest_m)

    @property
    def tissue_of_region(self) -> list[Tissue]:
        return [find_tissue(self.tissues.names[i]) for i in self.region_tissue]

    @cached_property
    def springs(self) -> "Springs":
        """What gives way to a press."""
        from phantoms.stiffness import springs_of  # scipy, which listing phantoms does without

        return springs_of(
            self.geometry.shapes,
            self.tissue_of_region[1:],
            reach_m=self.slide_range_m,
            deepest_m=DEEPEST_M,
        )

    def _wires_under(
        self, view: "View", x: np.ndarray, z: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        px, pz = view.seen_at(self.wires.x_m, self.wires.z_m)
        seen = (px >= x[0, 0]) & (px <= x[-1, 0]) & (pz >= z[0, 0]) & (pz <= z[0, -1])
        return px[seen], pz[seen], self.wires.strength[seen]


@lru_cache(maxsize=4)
def _pressed_view(
    phantom: Phantom,
    pose: Pose,
    contact: Contact,
    half_face_m: float,
    wide_m: float,
    deepest_m: float,
) -> View:
    from phantoms.press import BESIDE_M, press

    # what is pressed does not depend on how much of it is seen
    beyond = max(wide_m - half_face_m, 0.0) + BESIDE_M
    if pose.rock_rad != 0.0:
        beyond += deepest_m * abs(math.sin(pose.rock_rad))
    field = press(phantom.springs, contact, pose.press_m, half_face_m=half_face_m, beyond_m=beyond)
    ends = pose.slide_m + half_face_m * np.array([-1.0, 0.0, 1.0])
    floor = float(phantom.springs.floor_at(ends).min())
    opens = [(v, v.left_open(field.pressure_at(v.x_m, v.z_m))) for v in phantom.vessels]
    return View(
        pose,
        contact,
        field,
        field.seen_by(pose, wide_m, deepest_m),
        closed_at([(v, is_open) for v, is_open in opens if is_open < 1.0], floor),
        floor,
    )


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
        press_limit_m=entry.limits.press_mm * MM,
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
        vessels=tuple(_vessels(entry, file)),
    )
    _check_filled(phantom, file)
    object.__setattr__(phantom, "wires", _wires(entry, phantom, names, file))
    return phantom


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


def _vessels(entry: PhantomEntry, file: str) -> list[Vessel]:
    """Every region whose fluid can leave."""
    vessels = []
    for region in entry.region:
        if region.drains_at_kpa is None:
            continue
        shape, where = region.shape, f"{file}: region '{region.name}'"
        if isinstance(shape, DiscEntry):
            width, height = shape.diameter_mm, shape.diameter_mm
        elif isinstance(shape, EllipseEntry) and shape.turn_deg == 0:
            width, height = shape.width_mm, shape.height_mm
        else:
            raise ContentError(
                f"{where}: drains_at_kpa is only for a disc or an ellipse that is not turned; "
                f"found kind '{shape.kind}'"
            )
        x_mm, z_mm = shape.centre_mm
        if z_mm < height * LEAST_DEPTH:
            raise ContentError(
                f"{where}: its middle is {z_mm:g} mm deep; a region that drains needs "
                f"{height * LEAST_DEPTH:.1f} or more"
            )
        half = width * MM / 2, height * MM / 2
        vessels.append(Vessel(x_mm * MM, z_mm * MM, *half, region.drains_at_kpa * 1e3))
    return vessels


def _check_filled(phantom: Phantom, file: str) -> None:
    """Under the whole slide range there is skin at Z = 0 and tissue below it."""
    low, high = phantom.slide_range_m
    x = np.linspace(low - FACE_MARGIN_M, high + FACE_MARGIN_M, 200)[:, None]
    z = np.concatenate([[-1e-4], np.linspace(1e-4, DEEPEST_M, 300)])[None, :]
    # in parts, which need no compiled code (phantoms.curves, MANY_POINTS)
    region = np.concatenate([phantom.region_at(part, z) for part in np.array_split(x, 5)])
    _check_press(phantom, region[:, 1:], z[0, 1:], file)
    empty = region == 0
    empty[:, 0] = ~empty[:, 0]
    if empty.any():
        i, j = np.argwhere(empty)[0]
        what = "nothing may lie above the skin (Z = 0), but" if j == 0 else "there is a gap:"
        name = phantom.region_names[phantom.region_at(x[i, 0], z[0, j])]
        raise ContentError(
            f"{file}: {what} at [{x[i, 0] / MM:.1f}, {z[0, j] / MM:.1f}] mm there is "
            + (f"region '{name}'" if j == 0 else "no region")
        )


def _check_press(phantom: Phantom, region: np.ndarray, z: np.ndarray, file: str) -> None:
    """Nowhere is more than a part of the soft tissue to be pressed away."""
    skeletal = np.array([False] + [tissue.skeletal for tissue in phantom.tissue_of_region[1:]])
    bone = skeletal[region]
    thin = float(np.where(bone.any(axis=1), z[bone.argmax(axis=1)], z[-1]).min())
    allowed = MAX_PRESS * min(thin, STILL_M)
    if phantom.press_limit_m > allowed:
        raise ContentError(
            f"{file}: limits, press_mm is {phantom.press_limit_m / MM:g}; soft tissue is "
            f"{min(thin, STILL_M) / MM:.1f} mm thick at its thinnest, which allows "
            f"{allowed / MM:.1f} or less"
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
