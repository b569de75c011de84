"""What a map file says of a volume of labels: tissue of each label, and where the probe stands."""

import math
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from phantoms.checked import Entry, Name, Number, Place, Text
from phantoms.description import BodyRegion

DIRECTIONS = {
    "R": (1.0, 0.0, 0.0), "L": (-1.0, 0.0, 0.0), "A": (0.0, 1.0, 0.0),
    "P": (0.0, -1.0, 0.0), "S": (0.0, 0.0, 1.0), "I": (0.0, 0.0, -1.0),
}  # fmt: skip
"""To the right, left, front, back, top and bottom of the body, in the axes of NIfTI."""
STEEPEST_DEG = 60.0
"""Fibres that follow a line may go down or up by this much."""

Direction = Literal["R", "L", "A", "P", "S", "I"] | tuple[Number, Number, Number]

Smooth = Annotated[Number, Field(ge=0.5, le=8.0)]


def unit_vector(direction: Any) -> np.ndarray:
    """A direction of the body as a vector of length 1, in the axes of NIfTI."""
    vector = np.array(DIRECTIONS[direction] if isinstance(direction, str) else direction)
    out: np.ndarray = vector / np.linalg.norm(vector)
    return out


def _some_way(direction: Any) -> None:
    if not isinstance(direction, str) and math.hypot(*direction) < 1e-6:
        raise ValueError("a direction must not be [0, 0, 0]")


class PlacedEntry(Entry):
    """Where the probe stands, in the axes of NIfTI: mm to the right, front and top of the body."""

    skin: Direction
    """Where the skin looks: from the body towards the probe."""
    along: Direction
    """What is to the right in the picture."""
    origin_mm: Place
    """The point of the skin under the middle of the probe."""

    @model_validator(mode="after")
    def _at_right_angles(self) -> "PlacedEntry":
        _some_way(self.skin)
        _some_way(self.along)
        if abs(float(unit_vector(self.skin) @ unit_vector(self.along))) > 0.02:
            raise ValueError(
                f"skin and along must be at right angles, found {self.skin} and {self.along}"
            )
        return self


class TissueLabelEntry(Entry):
    """One label."""

    name: Name
    tissue: str
    text: Text | None = None
    """Its name on the overlay; without it `name`."""
    fibres: Literal["along", "axis"] | Annotated[tuple[Number, Number, Number], Field()] | None = (
        None
    )
    """Along the line through the middle of the structure, along its principal axis, or one
    direction (right, front, top); without it they lie along the picture."""
    backscatter_db: Number = 0.0
    smooth_voxels: Smooth | None = None
    """For its surface to earlier labels; without it that of the map."""

    @model_validator(mode="after")
    def _fibres_go_somewhere(self) -> "TissueLabelEntry":
        if self.fibres is not None and not isinstance(self.fibres, str):
            _some_way(self.fibres)
        return self


class BackgroundEntry(Entry):
    """What is where no label is (label 0)."""

    tissue: str


class MapEntry(Entry):
    """A whole map file. [start], [limits] and [view.X] are those of a phantom."""

    title: Text
    summary: Text
    teaches: tuple[Name, ...] = ()
    region_of_body: BodyRegion | None = None
    place: PlacedEntry
    background: BackgroundEntry
    label: Annotated[dict[Annotated[str, Field(pattern="^[1-9][0-9]{0,4}$")], TissueLabelEntry],
                     Field(min_length=1, max_length=60)]  # fmt: skip
    """By number; later ones lie over earlier ones where smoothing lets them overlap."""
    smooth_voxels: Smooth = 2.0
    """Steps between voxels are smoothed over so many voxels: more for flat layers, less for what is
    round and only some voxels wide."""
    start: dict[str, Any] = Field(default_factory=dict)
    limits: dict[str, Any] = Field(default_factory=dict)
    view: dict[str, Any] = Field(default_factory=dict)
