"""Looks: the ways in which one frame sends its lines into the medium.

A frame is made of looks. Each is a complete acquisition of its own, with its own rays,
echoes, beams and noise. With one look the frame is that look; with several their amplitudes
are averaged (physics.compound).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from physics.face import Face
from physics.probe import Probe
from physics.scan_lines import ScanLines
from physics.sector import Sector, whole_face

T = TypeVar("T")

COMPOUND_CHOICES = ("1", "3", "5", "7", "9")
"""Numbers of looks: odd, so that one of them is the middle one."""

COMPOUND_SPREAD_RAD = {n: math.radians(d) for n, d in ((1, 0), (3, 10), (5, 13), (7, 15), (9, 15))}
"""Largest angle on either side. Scanners use 3 to 9 looks within about 10 to 20 degrees
(Entrekin 2001); chosen for teaching."""

MOST_RAD = math.radians(20.0)
"""No line is steered farther: beyond, elements hear less and grating lobes more."""

TRAPEZOID_RAD = math.radians(15.0)
"""Angle of the outermost lines of a virtual convex picture. Chosen for teaching."""


@dataclass(frozen=True)
class Look:
    """One way of sending all lines.

    steer_rad : angle of every line from the normal of the face, positive to the right.
    diverging : lines spread like those of a convex probe (trapezoid).
    """

    steer_rad: float = 0.0
    diverging: bool = False


def plan_looks(*, steer_rad: float, compound_angles: str, trapezoid: str) -> tuple[Look, ...]:
    """The looks of a frame from left to right; that in the middle gives the frame its lines.

    Angles lie evenly about the steering angle, none beyond 20 degrees.
    """
    n = int(compound_angles)
    spread = COMPOUND_SPREAD_RAD[n]
    if n == 1:
        return (Look(float(steer_rad), trapezoid == "on"),)
    low, high = max(steer_rad - spread, -MOST_RAD), min(steer_rad + spread, MOST_RAD)
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    # each angle has its exact mirror image, so that they share beams
    share = np.arange(1 - n, n, 2) / (n - 1)
    return tuple(Look(float(middle + half * s), trapezoid == "on") for s in share)


def middle_of(items: Sequence[T]) -> T:
    """The item of the middle look, from what was made for each look."""
    return items[len(items) // 2]


def unmirrored(look: Look, sector: Sector, face: Face) -> Look:
    """The look itself or, if that is steered to the left, its mirror image: a symmetric array
    has the same beams for both, so they are computed once. One with silent elements has not, and
    lines that lie to one side have not either."""
    if sector.centre_u != 0 or face.silent:
        return look
    return Look(abs(look.steer_rad), look.diverging)


def lines_of(probe: Probe, look: Look, sector: Sector | None = None) -> ScanLines:
    """Where this look's lines run; without a sector, one in front of each element."""
    sector = sector or whole_face(probe)
    lines = ScanLines(sector.step_u, sector.n, centre_u=sector.centre_u)
    if probe.is_convex:
        return replace(lines, radius_m=probe.radius_m)
    if look.diverging:
        apex_m = 0.5 * probe.footprint_m / math.tan(TRAPEZOID_RAD)
        return replace(lines, apex_m=apex_m)
    return replace(lines, steer_rad=look.steer_rad)


def check_looks(probe: Probe, *, steer_rad: float, compound_angles: str, trapezoid: str) -> None:
    """Raise ValueError, in one sentence, if this probe cannot scan so."""
    several = int(compound_angles) > 1
    if probe.is_convex:
        for name, value, wanted in (
            ("steer_deg", f"{np.degrees(steer_rad):g}", steer_rad == 0),
            ("compound_angles", compound_angles, not several),
            ("trapezoid", trapezoid, trapezoid == "off"),
        ):
            if not wanted:
                allowed = {"steer_deg": "0", "compound_angles": "1", "trapezoid": "off"}[name]
                raise ValueError(
                    f"{name} is {value}; convex probe {probe.name} allows only {allowed}, "
                    "because its lines already diverge"
                )
    if trapezoid == "on" and (several or steer_rad != 0):
        name, value = ("compound_angles", compound_angles) if several else (
            "steer_deg", f"{np.degrees(steer_rad):g}")  # fmt: skip
        allowed = "1" if several else "0"
        raise ValueError(
            f"{name} is {value}; with trapezoid on only {allowed} is allowed, because each line "
            "then has an angle of its own"
        )
