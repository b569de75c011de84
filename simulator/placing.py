"""How a probe's place is written: every part of a `Pose` with its unit and its limits, once."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from phantoms import Phantom
from physics.geometry import MAX_STANDOFF_M, Pose

_SLACK = 1e-9


@dataclass(frozen=True)
class PosePart:
    """One part of a pose as it is shown and written in files."""

    name: str
    """With the unit it is shown in, e.g. `slide_mm`."""
    field: str
    """Field of `Pose`, SI."""
    unit: str
    per_si: float
    limits: Callable[[Phantom], tuple[float, float]]
    """Lowest and highest shown value that this phantom allows."""

    def shown(self, pose: Pose) -> float:
        value: float = getattr(pose, self.field) * self.per_si
        return value

    def si(self, shown: float) -> float:
        """The value of the field for a shown one."""
        return math.radians(shown) if self.unit == "degrees" else shown * 1e-3

    def check(self, value: float, phantom: Phantom, name: str) -> None:
        """ValueError, calling the part `name`, unless the phantom allows this shown value."""
        low, high = self.limits(phantom)
        if not low - _SLACK <= value <= high + _SLACK:
            raise ValueError(
                f"{name} is {value:g}; phantom {phantom.name} allows {low:g} to {high:g} "
                f"{self.unit}"
            )


_PER_M, _PER_RAD = 1e3, math.degrees(1)

_PARTS = (
    PosePart("slide_mm", "slide_m", "mm", _PER_M,
             lambda phantom: _shown(phantom.slide_range_m, _PER_M)),
    PosePart("rock_deg", "rock_rad", "degrees", _PER_RAD,
             lambda phantom: _shown(phantom.rock_range_rad, _PER_RAD)),
    PosePart("tilt_deg", "tilt_rad", "degrees", _PER_RAD,
             lambda phantom: _shown(phantom.tilt_range_rad, _PER_RAD)),
    PosePart("standoff_mm", "standoff_m", "mm", _PER_M,
             lambda phantom: _shown((0.0, MAX_STANDOFF_M), _PER_M)),
    PosePart("press_mm", "press_m", "mm", _PER_M,
             lambda phantom: _shown((0.0, phantom.press_limit_m), _PER_M)),
    PosePart("slide_y_mm", "slide_y_m", "mm", _PER_M,
             lambda phantom: _shown(phantom.slide_y_range_m, _PER_M)),
    PosePart("turn_deg", "turn_rad", "degrees", _PER_RAD,
             lambda phantom: _shown(phantom.turn_range_rad, _PER_RAD)),
)  # fmt: skip
POSE = {part.name: part for part in _PARTS}


def pose_texts(pose: Pose) -> dict[str, Any]:
    """Every part of the pose by name, without the last digits that unit conversion leaves."""
    return {part.name: round(part.shown(pose), 9) for part in POSE.values()}


def _shown(limits: tuple[float, float], per_si: float) -> tuple[float, float]:
    return limits[0] * per_si, limits[1] * per_si
