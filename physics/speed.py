"""Two speeds of sound: the one the machine believes in, and the one of the medium.

Sound needs the time t to an echo and back. The engine counts it as the range s = c0 t / 2,
c0 = 1540 m/s, whatever the machine believes; the machine shows it at s c_machine / c0, and
in a medium of the speed c it lies at s c / c0.

Delays follow from the same belief. An element at the distance x from the line expects the
echo later than the middle one by (sqrt(z_m^2 + x^2) - z_m) / c_machine, z_m = c_machine t / 2,
and it comes later by (sqrt(z^2 + x^2) - z) / c, z = c t / 2. To first order both are
x^2 / (c^2 t): the machine is focused at (c_machine / c)^2 times the depth that the echo comes
from, and blurs what lies there (Anderson and Trahey, J Acoust Soc Am 1998;104:3099, find the
speed of a medium from that curve).

Curves are those of the mean speed of the medium, the same for the whole picture. Travel time
(physics.rays) takes the speed of every tissue on its way.
"""

from typing import TypeVar

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.medium import Slice
from physics.survey import Survey

T = TypeVar("T", float, np.ndarray)

_HARD_M_S = 2000.0
"""Faster things are bone and metal; sound that is heard has not gone through them."""
_STEP_M_S = 10.0
"""Mean speeds are told apart in these steps: moving the probe then seldom changes the beams. At
10 MHz, F/1.5 and 20 mm half a step is 0.05 wavelengths at the edge of the aperture."""


def shown_m(range_m: T, machine_speed_m_s: float) -> T:
    """Depth at which the machine shows a range of the engine."""
    return range_m * (machine_speed_m_s / MACHINE_SPEED_M_S)


def mean_speed(
    medium: Slice, found: Survey, *, aberration: str = "on", machine_speed_m_s: float
) -> float:
    """Speed of sound in the soft tissue of the slice, m/s: from its mean travel time.

    `aberration` "off": what the machine believes, so its delays fit.
    """
    if aberration == "off":
        return machine_speed_m_s
    speed = medium.tissues.speed_m_s[medium.region_tissue]
    points = np.bincount(found.region.ravel(), minlength=speed.size) * (speed < _HARD_M_S)
    if not points.any():
        return machine_speed_m_s
    mean = points.sum() / (points / speed).sum()
    return float(_STEP_M_S * round(float(mean) / _STEP_M_S))
