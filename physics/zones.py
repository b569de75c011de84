"""Focal zones: several transmits a line, each focused at a depth of its own.

Of each transmit the machine keeps the depths about its focus. Where two meet it fades from one to
the other. What is seen at the seams follows from the two beams: the deeper zone is sent by a
wider aperture (F-number kept), and wavefronts of two beams do not quite agree beside their foci.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

CHOICES = ("1", "2", "3", "4")
SPACING = 1 / 8
"""Distance of neighbouring zones, of the depth shown. Chosen for teaching."""
NEAREST_M = 3e-3
"""No focus lies nearer to the face."""
FADE_M = 1e-3
"""Depth over which two zones are faded into each other; less where they lie closer. Chosen for
teaching."""


@dataclass(frozen=True)
class Zones:
    """The transmits of a line.

    focus_m : where each is focused, as the machine believes, from shallow to deep.
    """

    focus_m: tuple[float, ...]

    @property
    def n(self) -> int:
        return len(self.focus_m)

    @property
    def fades_m(self) -> list[tuple[float, float]]:
        """Where each zone begins to be faded into the next one, and where that ends. Half-way
        between lies the seam, half-way between the foci."""
        fades = []
        for upper, lower in pairwise(self.focus_m):
            seam, half = 0.5 * (upper + lower), 0.5 * min(FADE_M, lower - upper)
            fades.append((seam - half, seam + half))
        return fades

    @property
    def extent_m(self) -> list[tuple[float, float]]:
        """Between which depths each zone is shown at all."""
        fades = self.fades_m
        above, below = [begin for begin, _ in fades], [end for _, end in fades]
        return list(zip([-math.inf, *above], [*below, math.inf], strict=True))

    def share(self, depth_m: np.ndarray) -> np.ndarray:
        """Part of each transmit in what is shown at these depths: float64 [n_zone, n_depth].
        The parts sum to 1."""
        depth_m = np.asarray(depth_m, float)
        come_in = [np.ones(depth_m.size)]
        come_in += [np.interp(depth_m, fade, (0.0, 1.0)) for fade in self.fades_m]
        return -np.diff(np.stack([*come_in, np.zeros(depth_m.size)]), axis=0)


def plan_zones(*, focal_zones: str, focus_m: float, depth_m: float, top_m: float) -> Zones:
    """Zones an eighth of the shown depth apart, evenly about the focus; moved together so that
    all lie in the picture, and none nearer than a focus can be. One zone lies at the focus."""
    n = int(focal_zones)
    if n == 1:
        return Zones((float(focus_m),))
    spacing = SPACING * (depth_m - top_m)
    span = (n - 1) * spacing
    first = min(max(focus_m - span / 2, top_m, NEAREST_M), depth_m - span)
    return Zones(tuple(float(first + i * spacing) for i in range(n)))


def check_zones(*, focal_zones: str, focus_m: float, depth_m: float, top_m: float) -> None:
    """Raise ValueError, in one sentence, if several zones would lie about a focus out of sight."""
    if focal_zones != "1" and not top_m - 1e-9 <= focus_m <= depth_m + 1e-9:
        raise ValueError(
            f"focus_mm is {focus_m * 1e3:g}; focal_zones {focal_zones} allows {top_m * 1e3:g} "
            f"to {depth_m * 1e3:g} mm, the picture's depths, because the zones lie about it"
        )
