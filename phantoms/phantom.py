"""A phantom: a described body or block, and the slice of it that lies under a probe."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from phantoms.build import Geometry
from phantoms.contact import Contact
from phantoms.curves import Points
from phantoms.tissue import Tissue, find_tissue
from phantoms.vessels import Vessel, closed_at
from phantoms.view import View
from physics.geometry import Pose
from physics.medium import Slice, Tissues
from physics.probe import UnknownNameError

if TYPE_CHECKING:
    from phantoms.press import Springs

DEEPEST_M = 0.06
"""Depth to which a phantom must be filled, m."""


@dataclass(frozen=True)
class Label:
    """A structure's name for the overlay; anchor in body coordinates at rest, mm."""

    text: str
    x_mm: float
    z_mm: float
    y_mm: float | None = None
    """None for a structure that goes on along Y."""


@dataclass(frozen=True)
class StandardView:
    """Where the probe is put to see something, and what to look for."""

    name: str
    title: str
    look_for: str
    probe: str
    pose: Pose
    settings: Mapping[str, Any]
    """Knobs by display name and unit."""


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
    slide_y_range_m: tuple[float, float]
    turn_range_rad: tuple[float, float]
    tilt_range_rad: tuple[float, float]
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
    views: Mapping[str, StandardView]
    """Standard views; the first is how the phantom is opened."""
    vessels: tuple[Vessel, ...] = ()
    """Lumina that close under pressure."""
    region_of_body: str | None = None
    """None for a block."""
    sides: Mapping[str, str] = field(default_factory=dict)
    """What lies `left`, `right`, `near` (towards the reader) and `far`; none of a block."""
    variant_of: str | None = None
    """Name of the phantom that its file takes the rest from."""

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
        from phantoms.cutting import cut  # brings numba

        x = (x0_m + np.arange(n_x) * dx_m)[:, None]
        z = (np.arange(n_z) * dz_m)[None, :]
        wide_m = float(np.abs(x).max())
        half_face_m = wide_m if face_m is None else face_m / 2
        view = self.view(pose, half_face_m=half_face_m, wide_m=wide_m, deepest_m=float(z[0, -1]))
        places, shrink = view.undeformed(x, z)
        found = cut(self.geometry, places, shrink, pose)
        point_x, point_z, strength = self._wires_under(view, x, z)
        return Slice(
            x0_m=x0_m,
            dx_m=dx_m,
            dz_m=dz_m,
            distance_m=found.distance_m,
            region_tissue=self.region_tissue,
            region_frame=self.region_frame,
            along_m=found.along_m,
            across_m=found.across_m,
            region_seed=self.region_seed,
            region_backscatter=self.region_backscatter,
            tissues=self.tissues,
            point_x_m=point_x,
            point_z_m=point_z,
            point_strength=strength,
            beside_m=found.beside_m,
            fibre_lean=found.fibre_lean,
            surface_lean=found.surface_lean,
            plane_y_m=found.plane_y_m,
            plane_region=found.plane_region,
        )

    def region_at(
        self, x_m: np.ndarray, z_m: np.ndarray, y_m: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """int[...]: index of the region at places in the undeformed body."""
        places = [np.atleast_1d(np.asarray(p, dtype=np.float32)) for p in (x_m, z_m, y_m)]
        shape = np.broadcast_shapes(np.shape(x_m), np.shape(z_m), np.shape(y_m))
        points = Points(*places)
        top = np.zeros(shape or (1,), dtype=np.int64)
        for i, region in enumerate(self.geometry.shapes, start=1):
            top[np.broadcast_to(region.distance(points) < 0, top.shape)] = i
        return top.reshape(shape)

    def view(self, pose: Pose, *, half_face_m: float, wide_m: float, deepest_m: float) -> View:
        """How a probe in this pose meets the body: a face of 2 `half_face_m`, seen as far as
        `wide_m` to either side and to a depth."""
        slope = math.tan(pose.rock_rad) * math.cos(pose.tilt_rad)
        contact = Contact(pose.slide_m, slope, self.soft_depth_m, pose.standoff_m)
        if pose.press_m == 0.0:
            return View(pose, contact)
        return _pressed_view(self, pose, contact, half_face_m, wide_m, deepest_m)

    def standard_view(self, name: str) -> StandardView:
        """The view called `name`; UnknownNameError (a ValueError) if there is none."""
        if name not in self.views:
            raise UnknownNameError(f"view of {self.name}", name, list(self.views))
        return self.views[name]

    @property
    def tissue_of_region(self) -> list[Tissue]:
        return [find_tissue(self.tissues.names[i]) for i in self.region_tissue]

    def springs_under(self, pose: Pose) -> "Springs":
        """What gives way to a press under the line of the face; along X, for the whole slide."""
        if pose.turn_rad == 0.0 and pose.slide_y_m == 0.0:
            return self.springs
        return _springs(self, (pose.slide_m, pose.slide_m), pose)

    @cached_property
    def springs(self) -> "Springs":
        """What gives way to a press along X."""
        return _springs(self, self.slide_range_m)

    def _wires_under(
        self, view: "View", x: np.ndarray, z: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        px, pz = view.seen_at(self.wires.x_m, self.wires.z_m)
        seen = (px >= x[0, 0]) & (px <= x[-1, 0]) & (pz >= z[0, 0]) & (pz <= z[0, -1])
        return px[seen], pz[seen], self.wires.strength[seen]


def _springs(phantom: Phantom, reach_m: tuple[float, float], pose: Pose | None = None) -> "Springs":
    from phantoms.stiffness import springs_of  # scipy, which listing phantoms does without

    return springs_of(
        phantom.geometry.shapes, phantom.tissue_of_region[1:], reach_m=reach_m,
        deepest_m=DEEPEST_M, pose=pose,
    )  # fmt: skip


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
    springs = phantom.springs_under(pose)
    field = press(springs, contact, pose.press_m, half_face_m=half_face_m, beyond_m=beyond)
    ends = pose.slide_m + half_face_m * np.array([-1.0, 0.0, 1.0])
    floor = float(springs.floor_at(ends).min())
    across = [v.crossed(pose) for v in phantom.vessels]
    opens = [(v, v.left_open(field.pressure_at(v.x_m, v.z_m))) for v in across if v is not None]
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
