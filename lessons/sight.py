"""One picture with what is known of the tissue under it: where patches and wires are in it.

The medium in the frame says which echo belongs to which tissue. The scanner shows places
wrong by what the speed of sound in the tissue differs from 1540 m/s (half a millimetre at
the deep side of a tendon), so a patch keeps away from the surfaces round it.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from lessons.lesson import Patch, Wire
from physics.constants import MACHINE_SPEED_M_S
from physics.frame import Frame

_T = TypeVar("_T")

_LEAST_AREA_M2 = 2e-6
"""A patch with less than this in the picture is not measured: 2 mm^2 hold about 40
independent speckles at 10 MHz, and the mean of 40 is uncertain by 0.7 dB."""

BORDER_M = 0.5e-3
"""A patch leaves out what is nearer than this to another tissue: see above."""

_ASIDE_M = 1e-3
"""The echo of a wire lies within this of its place along the face ..."""
_DEEPER_M, _DEEPER_SHARE = 0.5e-3, 0.05
"""... and within this, and this share of its depth, along the line: speeds are off by less."""

_PRESSED_M = 3e-3
"""A pressed or rocked probe moves a wire by no more than this from where it is at rest."""


class Sight:
    """A picture of a phantom whose regions have these names. What was asked is remembered."""

    def __init__(self, frame: Frame, region_names: Sequence[str]) -> None:
        self.frame, self.region_names = frame, region_names
        self._known: dict[tuple[str, object], object] = {}

    def samples(self, patch: Patch) -> np.ndarray | None:
        """bool [line, sample]: what lies in the patch; None if too little is in the picture."""
        return self.once("samples", patch, lambda: self._samples(patch))

    def pixels(self, patch: Patch) -> np.ndarray | None:
        """bool [row, column]: the pixels in the patch; None if too little is in the picture."""
        return self.once("pixels", patch, lambda: self._pixels(patch))

    def extent_m(self, patch: Patch) -> tuple[float, float, float, float]:
        """Left, right, top and bottom of what of the patch's tissue is in the picture, in the probe
        frame, m; NaN if there is nothing of it. Up to the surfaces of the tissue."""
        return self.once("extent", patch, lambda: self._extent(patch))

    def wire_m(self, wire: Wire) -> tuple[float, float] | None:
        """x and z of a wire in the probe frame, m: where it *is*; None if that is not seen."""
        x, z = self.frame.pose.to_probe(np.array(wire.x_m), np.array(wire.z_m))
        medium = self.frame.medium
        if not medium.point_x_m.size:
            return None
        point_z_m = medium.point_z_m + medium.z0_m
        away = np.hypot(medium.point_x_m - x, point_z_m - z)
        nearest = int(np.argmin(away))
        if not away[nearest] < _PRESSED_M:
            return None
        return float(medium.point_x_m[nearest]), float(point_z_m[nearest])

    def echo_of(self, wire: Wire) -> tuple[int, int] | None:
        """Line and sample of a wire's strongest echo, sought where the machine's speed puts it;
        None if the wire is out of the picture."""
        return self.once("echo", wire, lambda: self._echo_of(wire))

    def places_m(self) -> tuple[np.ndarray, np.ndarray]:
        """float64 [line, sample] each: x and z of the samples in the probe frame, m."""
        lines = self.frame.lines
        return self.once(
            "places", None, lambda: lines.place(lines.u[:, None], self.frame.sample_z_m[None, :])
        )

    def _samples(self, patch: Patch) -> np.ndarray | None:
        frame = self.frame
        x, z = self.places_m()
        inside = self._inside(patch, x, z, "samples")
        inside &= (z >= frame.top_m) & (z <= frame.bottom_m)
        least = _LEAST_AREA_M2 / (_spacing(frame.line_x_m) * _spacing(frame.sample_z_m))
        return inside if inside.sum() >= max(1.0, least) else None

    def _pixels(self, patch: Patch) -> np.ndarray | None:
        frame = self.frame
        n_row, n_column = frame.picture.shape
        x, z = frame.place_of(np.arange(n_row)[:, None], np.arange(n_column)[None, :])
        inside = self._inside(patch, x, z, "pixels")
        pixel_m2 = abs(_spacing(x[0]) * _spacing(z[:, 0]))
        return inside if inside.sum() >= max(1.0, _LEAST_AREA_M2 / pixel_m2) else None

    def _inside(self, patch: Patch, x: np.ndarray, z: np.ndarray, of: str) -> np.ndarray:
        """Whether places of the probe frame lie in the patch: that of the nearest grid point.

        of : what the places are of; they are looked up once.
        """
        distance = patch_distance_m(self.frame, patch, self.region_names)
        on_grid = np.append(distance.ravel() < 0.0, False)
        return np.asarray(on_grid[self.once("index", of, lambda: self._index(x, z))])

    def _index(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """intp: place of each point in the flattened grid; one beyond the last if it is outside."""
        medium = self.frame.medium
        n_x, n_z = medium.distance_m.shape[1:]
        i = np.rint((x - medium.x0_m) / medium.dx_m).astype(np.intp)
        j = np.rint((z - medium.z0_m) / medium.dz_m).astype(np.intp)
        inside = (i >= 0) & (i < n_x) & (j >= 0) & (j < n_z)
        return np.where(inside, i * n_z + j, n_x * n_z)

    def _extent(self, patch: Patch) -> tuple[float, float, float, float]:
        frame, medium = self.frame, self.frame.medium
        there = patch_distance_m(frame, patch, self.region_names, border_m=0.0) < 0.0
        x, z = medium.x_m[:, None], medium.z_m[None, :]
        there &= (x >= frame.left_m) & (x <= frame.right_m)
        there &= (z >= frame.top_m) & (z <= frame.bottom_m)
        if not there.any():
            return math.nan, math.nan, math.nan, math.nan
        columns, rows = np.nonzero(there.any(axis=1))[0], np.nonzero(there.any(axis=0))[0]
        left, right = medium.x_m[columns[[0, -1]]].tolist()
        top, bottom = medium.z_m[rows[[0, -1]]].tolist()
        return left, right, top, bottom

    def _echo_of(self, wire: Wire) -> tuple[int, int] | None:
        place, frame = self.wire_m(wire), self.frame
        if place is None:
            return None
        x, z = self.places_m()
        believed_m = place[1] * frame.settings.machine_speed_m_s / MACHINE_SPEED_M_S
        deeper = _DEEPER_M + _DEEPER_SHARE * believed_m
        near = (np.abs(x - place[0]) <= _ASIDE_M) & (np.abs(z - believed_m) <= deeper)
        inside = frame.left_m <= place[0] <= frame.right_m
        if not inside or not frame.top_m <= place[1] <= frame.bottom_m or not near.any():
            return None
        line, sample = np.unravel_index(
            np.argmax(np.where(near, np.abs(frame.iq), -1.0)), near.shape
        )
        return int(line), int(sample)

    def once(self, what: str, key: object, make: Callable[[], _T]) -> _T:
        """What `make` gives, remembered under these names as long as the picture is looked at."""
        if (what, key) not in self._known:
            self._known[what, key] = make()
        return self._known[what, key]  # type: ignore[return-value]


def patch_distance_m(
    frame: Frame, patch: Patch, region_names: Sequence[str], *, border_m: float = BORDER_M
) -> np.ndarray:
    """float64[n_x, n_z]: how far outside the patch the points of the medium's grid lie, m.

    Below zero is what is measured: inside the patch's windows and its region, `border_m` away from
    the surfaces. A point belongs to the last region that covers it, so later ones cut holes.
    """
    medium = frame.medium
    if len(region_names) != len(medium.distance_m):
        raise ValueError(
            f"the picture has {len(medium.distance_m)} regions, the lesson's phantom "
            f"{len(region_names)}: this is a picture of another phantom"
        )
    region = region_names.index(patch.region)
    distance = medium.distance_m[region] + border_m
    for later in medium.distance_m[region + 1 :]:
        distance = np.maximum(distance, border_m - later)
    # from the slice's upper edge: a convex face is pressed in that far
    x, z = frame.pose.to_body(medium.x_m[:, None], medium.z_m[None, :] - medium.z0_m)
    for window, place in ((patch.x_m, x), (patch.z_m, z)):
        if window is not None:
            distance = np.maximum(distance, np.maximum(window[0] - place, place - window[1]))
    return distance


def _spacing(places_m: np.ndarray) -> float:
    return float(places_m[-1] - places_m[0]) / (len(places_m) - 1)
