"""The sector: which part of the face has lines in front of it, and how close together they lie.

Lines stand on a lattice that belongs to the face: half as many as elements, as many, or twice as
many, evenly about its middle. A narrower sector leaves lines out at its ends. Those that stay are
the same lines, with the same apertures: elements beside the sector go on sending and hearing.
"""

from dataclasses import dataclass

from physics.probe import Probe

LINES_PER_ELEMENT = {"low": 0.5, "medium": 1.0, "high": 2.0}
"""Line density: scanners offer some 128 to 384 lines. Chosen for teaching."""

LEAST_SHOWN_M = 5e-3
"""No less depth is shown. Chosen for teaching."""


@dataclass(frozen=True)
class Sector:
    """The lines of a frame, on the face.

    step_u, n : distance of neighbouring lines (m, or rad on a convex probe), and how many.
    centre_u : lateral coordinate of their middle.
    """

    step_u: float
    n: int
    centre_u: float = 0.0


def whole_face(probe: Probe) -> Sector:
    """A line in front of each element."""
    return Sector(probe.pitch_u, probe.n_element)


def plan_sector(probe: Probe, *, line_density: str, width_share: float, centre_m: float) -> Sector:
    """The lines of this density in this share of the face about `centre_m` (m along the face).

    As many lines go at either end, and the middle moves by whole lines, so that lines stay on
    their lattice.
    """
    step_u = probe.pitch_u / LINES_PER_ELEMENT[line_density]
    n_all = int(probe.n_element * LINES_PER_ELEMENT[line_density])
    n_left_out = _left_out(n_all, width_share)
    shift = round(centre_m / (step_u * probe.metre_per_u))
    return Sector(step_u, n_all - 2 * n_left_out, shift * step_u)


def _left_out(n_all: int, width_share: float) -> int:
    """Lines that a narrower sector leaves out at either end."""
    return round(n_all * (1 - width_share) / 2)


def most_centre_m(probe: Probe, *, line_density: str, width_share: float) -> float:
    """How far from the middle of the face that of a sector can lie, m along the face."""
    per_element = LINES_PER_ELEMENT[line_density]
    n_left_out = _left_out(int(probe.n_element * per_element), width_share)
    return n_left_out * probe.pitch_u / per_element * probe.metre_per_u


def check_sector(probe: Probe, *, line_density: str, width_share: float, centre_m: float) -> None:
    """Raise ValueError, in one sentence, if lines would have to leave beside the face."""
    most_m = most_centre_m(probe, line_density=line_density, width_share=width_share)
    if abs(centre_m) > most_m + 1e-9:
        allowed = f"{-most_m * 1e3:.4g} to {most_m * 1e3:.4g} mm" if most_m else "only 0 mm"
        raise ValueError(
            f"centre_mm is {centre_m * 1e3:g}; with width_percent {width_share * 100:g} probe "
            f"{probe.name} allows {allowed}, because lines can leave from its face alone"
        )


def check_depths(*, depth_m: float, top_m: float) -> None:
    """Raise ValueError, in one sentence, if hardly any depth would be shown."""
    if top_m > depth_m - LEAST_SHOWN_M + 1e-9:
        raise ValueError(
            f"top_mm is {top_m * 1e3:g}; depth_mm {depth_m * 1e3:g} allows up to "
            f"{(depth_m - LEAST_SHOWN_M) * 1e3:g} mm, because at least {LEAST_SHOWN_M * 1e3:g} mm "
            "are shown"
        )
