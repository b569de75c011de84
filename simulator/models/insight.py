"""What overlays show of one frame, worked out when asked for and kept until it is of another."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from physics.comparison import Row, compare
from physics.fibre_angle import fibre_angle
from physics.frame import Frame
from physics.inside import BeamShape, beam_of, ray_lines
from physics.outlines import boundaries, visible_region
from physics.theory import depth_of_field

T = TypeVar("T")

N_RAY = 21
"""Rays drawn. Chosen for teaching: between two of them the tissue can still be seen."""
EVERY = 2
"""Fibre angles are worked out at every so many points of the slice's grid, 0.4 mm apart."""


@dataclass(frozen=True)
class Spot:
    """A place pointed at, m: in the probe frame, and as line (u) and range shown on it."""

    x_m: float
    z_m: float
    u: float
    range_m: float
    line: int


@dataclass(frozen=True)
class Truth:
    """What is at a place. `region` is an index; `angle_rad` nan without fibres."""

    region: int
    tissue: str
    speed_m_s: float
    loss_db_m: float
    """One way at the frequency of the knob."""
    angle_rad: float


class Insight:
    """Of the frame given last. Frames without a medium (of the cine memory) show nothing."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self._kept: dict[str, tuple[tuple[Any, ...], Any]] = {}

    def take(self, frame: Frame | None) -> None:
        """Look into this frame from now on."""
        self.frame = frame

    @property
    def sees(self) -> bool:
        """Whether there is anything to look into."""
        return self.frame is not None and self.frame.medium is not None

    def spot(self, x_m: float, z_m: float) -> Spot | None:
        """The place in the frame's own geometry; None if no line goes there."""
        frame = self.frame
        if frame is None:
            return None
        u, range_m = (float(v) for v in frame.lines.locate(np.array(x_m), np.array(z_m)))
        number = float(frame.lines.line_number(np.array(u)))
        if not (-0.5 <= number <= frame.lines.n - 0.5 and range_m >= 0.0):
            return None
        return Spot(x_m, z_m, u, range_m, min(max(round(number), 0), frame.lines.n - 1))

    def middle_spot(self) -> Spot | None:
        """The place at the nearest focus on the middle line, for when nothing is pointed at."""
        frame = self.frame
        if frame is None:
            return None
        u = float(frame.lines.u[frame.lines.n // 2])
        range_m = frame.foci_m[0] if frame.foci_m else frame.settings.focus_m
        x, z = frame.lines.place(np.array(u), np.array(range_m))
        return Spot(float(x), float(z), u, range_m, frame.lines.n // 2)

    # --- anatomy ---------------------------------------------------------------------------------

    @property
    def region(self) -> np.ndarray:
        """int [n_x, n_z]: visible region on the slice's grid."""
        medium = self._frame.medium
        return self._once("region", (medium,), (), lambda: visible_region(medium))

    def borders(self) -> dict[int, np.ndarray]:
        """`physics.outlines.boundaries`."""
        medium = self._frame.medium
        return self._once("borders", (medium,), (), lambda: boundaries(medium, self.region))

    def angles(self) -> np.ndarray:
        """`physics.fibre_angle.fibre_angle` at every `EVERY`th point."""
        frame = self._frame
        return self._once(
            "angles", (frame.medium,), (frame.lines,),
            lambda: fibre_angle(frame.medium, frame.lines, self.region, EVERY),
        )  # fmt: skip

    def truth(self, spot: Spot) -> Truth | None:
        """What is at a place; None outside the slice."""
        medium = self._frame.medium
        i = round((spot.x_m - medium.x0_m) / medium.dx_m)
        j = round((spot.z_m - medium.z0_m) / medium.dz_m)
        n_x, n_z = self.region.shape
        if not (0 <= i < n_x and 0 <= j < n_z):
            return None
        region, tissues = int(self.region[i, j]), medium.tissues
        tissue = int(medium.region_tissue[region])
        power = float(tissues.attenuation_power[tissue])
        mhz = self._frame.settings.frequency_hz * 1e-6
        return Truth(
            region,
            tissues.names[tissue],
            float(tissues.speed_m_s[tissue]),
            float(tissues.attenuation_db_m[tissue]) * mhz**power,
            self.angle_at(spot),
        )

    def angle_at(self, spot: Spot) -> float:
        """Angle between beam and fibres at a place, rad; nan without fibres."""
        medium, angles = self._frame.medium, self.angles()
        i = round((spot.x_m - medium.x0_m) / (EVERY * medium.dx_m))
        j = round((spot.z_m - medium.z0_m) / (EVERY * medium.dz_m))
        inside = 0 <= i < angles.shape[0] and 0 <= j < angles.shape[1]
        return float(angles[i, j]) if inside else float("nan")

    # --- sound -----------------------------------------------------------------------------------

    def beam(self, line: int) -> BeamShape | None:
        """The two-way beam of a line."""
        frame, inside = self._frame, self._frame.inside
        if inside is None:
            return None
        return self._once(
            "beam", (inside.beams.real, inside.pulse), (line, frame.lines),
            lambda: beam_of(inside, frame.lines, line, every=2),
        )  # fmt: skip

    def focal_zones_m(self) -> list[tuple[float, float]]:
        """From where to where each focus holds: 6.95 lambda F^2 (`physics.theory`)."""
        settings = self._frame.settings
        half = depth_of_field(settings.frequency_hz, settings.tx_f_number) / 2
        return [(max(f - half, 0.0), f + half) for f in self._frame.foci_m]

    def rays(self) -> list[np.ndarray]:
        """`physics.inside.ray_lines`."""
        frame, inside = self._frame, self._frame.inside
        if inside is None:
            return []
        return self._once(
            "rays", (inside.paths,), (), lambda: ray_lines(inside, frame.medium.z0_m, N_RAY)
        )

    def comparison(self, spot: Spot) -> tuple[Row, ...]:
        """`physics.comparison.compare` at a place; not anew for every draw of the noise."""
        frame = self._frame
        beams = frame.inside.beams.real if frame.inside is not None else None
        return self._once(
            "rows", (frame.medium, beams), (spot.u, spot.range_m, frame.settings),
            lambda: compare(frame, spot.u, spot.range_m),
        )  # fmt: skip

    @property
    def _frame(self) -> Frame:
        if self.frame is None or self.frame.medium is None:
            raise RuntimeError("there is no frame to look into (ask `sees` first)")
        return self.frame

    def _once(
        self, name: str, of: tuple[object, ...], key: tuple[Hashable, ...], make: Callable[[], T]
    ) -> T:
        """`make`'s result, kept while `of` are the same objects and `key` is equal."""
        kept = self._kept.get(name)
        if kept is not None:
            same, result = kept
            if same[1] == key and all(a is b for a, b in zip(same[0], of, strict=True)):
                return cast(T, result)
        result = make()
        self._kept[name] = ((of, key), result)
        return result
