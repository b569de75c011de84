"""What is wrong with the probe's face: elements that are dead, or have air before them.

A dead element neither sends nor hears. One without coupling gel rings in its lens, because air
sends everything back, and hears nothing of the body: to the beams it is silent too. Scanners
know of neither and go on as if all were well.
Source: Goodsitt et al., AAPM Ultrasound Task Group 1, Med Phys 1998;25:1385 (uniformity, dead
elements, picture in air).
"""

import math
from dataclasses import dataclass

from physics.probe import Probe

DEAD_ABOUT = 1 / 3
"""Place of the dead elements on the face, of its width from the left. Chosen for teaching."""
BUBBLE_ABOUT = 0.6
"""Place of an air bubble in the gel on the face. Chosen for teaching."""


@dataclass(frozen=True)
class Face:
    """Numbers of the elements that are dead, and of those without contact, rising."""

    dead: tuple[int, ...] = ()
    lifted: tuple[int, ...] = ()

    @property
    def silent(self) -> tuple[int, ...]:
        """Elements that neither send into the body nor hear from it."""
        return tuple(sorted({*self.dead, *self.lifted}))


WHOLE = Face()
"""Nothing is wrong."""


def look_at_face(
    probe: Probe, *, dead_elements: float, lost_contact_percent: float, air_bubble_m: float = 0.0
) -> Face:
    """Which elements are out of work.

    dead_elements : number of neighbours that are dead. lost_contact_percent : part of the face
    without gel, from its right end if positive, from its left end if negative. air_bubble_m :
    width of a bubble in the gel, which covers elements that it lies before by half or more.
    """
    n = probe.n_element
    first = max(round(DEAD_ABOUT * n - dead_elements / 2), 0)
    n_lifted = math.ceil(abs(lost_contact_percent) / 100 * n - 1e-9)
    begin = 0 if lost_contact_percent < 0 else n - n_lifted
    n_covered = round(air_bubble_m / probe.pitch_m)
    left = max(round(BUBBLE_ABOUT * n - n_covered / 2), 0)
    bubble = range(left, min(left + n_covered, n))
    return Face(
        tuple(range(first, min(first + round(dead_elements), n))),
        tuple(sorted({*range(begin, begin + n_lifted), *bubble})),
    )
