"""What a picture of a question shows: data that the simulator can render, without rendering it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mark:
    """A letter or an arrow that lies over the picture; never in its pixels' physics."""

    kind: str
    """`cross` or `arrow` (whose tip is the place)."""
    x_m: float
    z_m: float
    """Place in the probe frame, as the machine shows it."""
    text: str = ""


@dataclass(frozen=True)
class Scene:
    """A phantom, how the probe stands on it, and the knobs. Names and units are those of scenes."""

    phantom: str
    view: str | None = None
    pose: tuple[tuple[str, float], ...] = ()
    """Parts of the pose by display name (`slide_mm`), instead of those of the view."""
    knobs: tuple[tuple[str, Any], ...] = ()
    """Knobs by display name, instead of those of the view."""
    seed: int = 1
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Spot:
    """The place that a click has to hit, in the probe frame of the item's only picture, m."""

    x_m: float
    z_m: float
    tolerance_m: float

    def is_hit(self, x_m: float, z_m: float) -> bool:
        """Whether a click there is right."""
        return (x_m - self.x_m) ** 2 + (z_m - self.z_m) ** 2 <= self.tolerance_m**2
