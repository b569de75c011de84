"""Focal zones: several transmits a line, each focused at a depth of its own.

Of each transmit the machine keeps the depths about its focus. Where two meet it fades from one to
the other. What is seen at the seams follows from the two beams: the deeper zone is sent by a
wider aperture (F-number kept), and wavefronts of two beams do not quite agree beside their foci.
"""

from dataclasses import dataclass

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

    def share(self, depth_m: np.ndarray) -> np.ndarray:
        """Part of each transmit in what is shown at these depths: float64 [n_zone, n_depth].

        The parts sum to 1. Seams lie half-way between the foci.
        """
        depth_m = np.asarray(depth_m, float)
        edges = [np.ones(depth_m.size)]
        for upper, lower in zip(self.focus_m[:-1], self.focus_m[1:], strict=True):
            fade_m = min(FADE_M, lower - upper)
            below = (depth_m - 0.5 * (upper + lower)) / fade_m
            edges.append(np.clip(below + 0.5, 0.0, 1.0))
        return -np.diff(np.stack([*edges, np.zeros(depth_m.size)]), axis=0)


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
            f"focus_mm is {focus_m * 1e3:g}; with focal_zones {focal_zones} it must lie in the "
            f"picture, {top_m * 1e3:g} to {depth_m * 1e3:g} mm, because the zones lie about it"
        )
