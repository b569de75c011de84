"""What a phantom file may say: every table, its keys and their ranges; lengths in mm."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from phantoms.checked import Degrees, Entry, Length, Name, Number, Point, Size, Text

MAX_REGIONS = 64
DEFAULT_FRAME = "body"
GEL = "coupling_gel"


class FlatEntry(Entry):
    """A straight line at one depth."""

    kind: Literal["flat"]
    depth_mm: Length


class GraphEntry(Entry):
    """A smooth line through [X, Z] points, from left to right."""

    kind: Literal["graph"]
    points_mm: Annotated[tuple[Point, ...], Field(min_length=2, max_length=200)]

    @model_validator(mode="after")
    def _left_to_right(self) -> "GraphEntry":
        for (x, _), (following, _) in pairwise(self.points_mm):
            if following - x < 0.05:
                raise ValueError(
                    "points_mm must run from left to right at least 0.05 mm apart; "
                    f"X = {following:g} follows X = {x:g}"
                )
        return self


class ArcEntry(Entry):
    """A circle; `along` is measured from its top, to the right."""

    kind: Literal["arc"]
    centre_mm: Point
    radius_mm: Size


CurveEntry = Annotated[FlatEntry | GraphEntry | ArcEntry, Field(discriminator="kind")]


class CurveFrameEntry(Entry):
    """Fibres that follow a curve."""

    kind: Literal["curve"]
    curve: Name


class PennateEntry(Entry):
    """Fibres at an angle to another frame; positive runs deeper to the right."""

    kind: Literal["pennate"]
    base: Name = DEFAULT_FRAME
    angle_deg: Degrees


FrameEntry = Annotated[CurveFrameEntry | PennateEntry, Field(discriminator="kind")]

Knots = Annotated[tuple[Point, ...], Field(min_length=2, max_length=100)]
Offset = Length | Knots
"""One offset from a curve, or [along, offset] knots for one that changes along it."""


class EverythingEntry(Entry):
    """The whole plane (a block without a skin)."""

    kind: Literal["everything"]


class BelowEntry(Entry):
    """All that is deeper than a curve."""

    kind: Literal["below"]
    curve: Name
    offset_mm: Offset = 0.0


class LayerEntry(Entry):
    """Between two curves."""

    kind: Literal["layer"]
    top: Name
    bottom: Name


class BandEntry(Entry):
    """Along a curve, from one offset to another (deeper is positive)."""

    kind: Literal["band"]
    curve: Name
    near_mm: Offset
    far_mm: Offset


class DiscEntry(Entry):
    """A circle, filled."""

    kind: Literal["disc"]
    centre_mm: Point
    diameter_mm: Size


class EllipseEntry(Entry):
    """Full width and height before turning; positive turns deeper to the right."""

    kind: Literal["ellipse"]
    centre_mm: Point
    width_mm: Size
    height_mm: Size
    turn_deg: Degrees = 0.0


class RodEntry(Entry):
    """A bar with round ends."""

    kind: Literal["rod"]
    from_mm: Point
    to_mm: Point
    diameter_mm: Size


SimpleShapeEntry = (
    EverythingEntry | BelowEntry | LayerEntry | BandEntry | DiscEntry | EllipseEntry | RodEntry
)
Parts = Annotated[
    tuple[Annotated[SimpleShapeEntry, Field(discriminator="kind")], ...],
    Field(min_length=1, max_length=16),
]


class UnionEntry(Entry):
    """One body made of several shapes."""

    kind: Literal["union"]
    parts: Parts


class OverlapEntry(Entry):
    """Only what all of several shapes share."""

    kind: Literal["overlap"]
    parts: Parts


ShapeEntry = Annotated[SimpleShapeEntry | UnionEntry | OverlapEntry, Field(discriminator="kind")]


class RegionEntry(Entry):
    """A piece of one tissue. Later regions lie over earlier ones."""

    name: Name
    tissue: str
    shape: ShapeEntry
    fibres: Name = DEFAULT_FRAME
    backscatter_db: Annotated[Number, Field(ge=-100.0, le=40.0)] = 0.0
    """Echo level against the tissue's own, dB; -100 leaves no echoes."""
    drains_at_kpa: Annotated[Number, Field(ge=0.0, le=100.0)] | None = None
    """Fluid leaves (a vein closes) when the tissue around is under more pressure than this.
    Only discs and level ellipses; without it fluid stays."""


class WireEntry(Entry):
    """Thin wires of one material across the picture plane."""

    name: Name
    material: str
    diameter_mm: Annotated[Number, Field(gt=0.0, le=1.0)]
    at_mm: Annotated[tuple[Point, ...], Field(min_length=1, max_length=500)]


class StartEntry(Entry):
    """How the scanner stands when the phantom is opened."""

    probe: str
    slide_mm: Length = 0.0
    rock_deg: Degrees = 0.0
    knobs: dict[str, Any] = Field(default_factory=dict)


class LimitsEntry(Entry):
    """Where the probe may go, and how deep the tissue gives way under it."""

    slide_mm: tuple[Length, Length]
    rock_deg: tuple[Degrees, Degrees]
    soft_to_mm: Size
    press_mm: Annotated[Length, Field(ge=0.0)] = 0.0
    """How far the face may be pressed in."""

    @model_validator(mode="after")
    def _ordered(self) -> "LimitsEntry":
        for key in ("slide_mm", "rock_deg"):
            low, high = getattr(self, key)
            if low > high:
                raise ValueError(
                    f"{key} must give the smaller number first, found {low:g}, {high:g}"
                )
        return self


class LabelEntry(Entry):
    """A structure's name for the overlay, and where to write it."""

    text: Text
    at_mm: Point


def _at_most(n: int) -> Any:
    return Field(default_factory=dict, max_length=n)


class PhantomEntry(Entry):
    """A whole phantom file."""

    format: Literal[1]
    title: Text
    summary: Text
    teaches: tuple[Name, ...] = ()
    start: StartEntry
    limits: LimitsEntry
    curve: Annotated[dict[Name, CurveEntry], _at_most(32)]
    frame: Annotated[dict[Name, FrameEntry], _at_most(16)]
    region: Annotated[tuple[RegionEntry, ...], Field(min_length=1, max_length=MAX_REGIONS - 1)]
    wire: Annotated[tuple[WireEntry, ...], Field(max_length=64)] = ()
    label: Annotated[dict[Name, LabelEntry], _at_most(64)]
