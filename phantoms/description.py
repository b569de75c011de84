"""What a phantom file may say: every table, its keys and their ranges; lengths in mm."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from phantoms.checked import Degrees, Entry, Length, Name, Number, Place, Point, Size, Text

MAX_REGIONS = 64
DEFAULT_FRAME = "body"
GEL = "coupling_gel"
BodyRegion = Literal[
    "shoulder", "elbow", "forearm", "wrist", "hand", "hip", "thigh", "knee", "leg", "ankle", "foot"
]
"""In the order in which phantoms are listed."""


def _rising(places: Sequence[Sequence[float]], what: str) -> None:
    for (x, *_), (following, *_) in pairwise(places):
        if following - x < 0.05:
            raise ValueError(f"{what} at least 0.05 mm apart; {following:g} follows {x:g}")


class PlaneCurveEntry(Entry):
    """A curve drawn in an upright plane, and where it goes outside it: straight on along Y if
    nothing is said (`phantoms.sweep`)."""

    turn_deg: Degrees = 0.0
    """The plane is turned about the normal of the skin, from X towards Y."""
    course_mm: Annotated[tuple[Place, ...], Field(min_length=2, max_length=100)] | None = None
    """[Y', to the right, deeper]: how far the curve is displaced beside its plane."""
    round_about_mm: Length | None = None
    """Depth of an axis along the plane about which the curve is revolved: below it for what falls
    away to both sides (a limb, a humeral head), above it (less deep) for a saddle."""

    @model_validator(mode="after")
    def _course_rises(self) -> "PlaneCurveEntry":
        if self.course_mm is not None:
            _rising(self.course_mm, "course_mm must run from the far side to the reader")
        return self


class FlatEntry(PlaneCurveEntry):
    """A straight line at one depth."""

    kind: Literal["flat"]
    depth_mm: Length


class GraphEntry(PlaneCurveEntry):
    """A smooth line through [X, Z] points, from left to right."""

    kind: Literal["graph"]
    points_mm: Annotated[tuple[Point, ...], Field(min_length=2, max_length=200)]

    @model_validator(mode="after")
    def _left_to_right(self) -> "GraphEntry":
        _rising(self.points_mm, "points_mm must run from left to right")
        return self


class ArcEntry(PlaneCurveEntry):
    """A circle; `along` is measured from its top, to the right."""

    kind: Literal["arc"]
    centre_mm: Point
    radius_mm: Size


class PathEntry(Entry):
    """A smooth line in space through [along its axis, Y', Z] points: a tendon, nerve or vessel."""

    kind: Literal["path"]
    points_mm: Annotated[tuple[Place, ...], Field(min_length=2, max_length=100)]
    turn_deg: Degrees = 0.0
    """Its axis is turned about the normal of the skin, from X towards Y."""

    @model_validator(mode="after")
    def _along_its_axis(self) -> "PathEntry":
        _rising(self.points_mm, "points_mm must run along the axis of the path")
        return self


CurveEntry = Annotated[FlatEntry | GraphEntry | ArcEntry | PathEntry, Field(discriminator="kind")]


class CurveFrameEntry(Entry):
    """Fibres that follow a curve, or run beside it (along Y', as it is swept)."""

    kind: Literal["curve"]
    curve: Name
    run: Literal["along", "beside"] = "along"


class PennateEntry(Entry):
    """Fibres at an angle to another frame; positive runs deeper to the right."""

    kind: Literal["pennate"]
    base: Name = DEFAULT_FRAME
    angle_deg: Degrees


FrameEntry = Annotated[CurveFrameEntry | PennateEntry, Field(discriminator="kind")]

Knots = Annotated[tuple[Point, ...], Field(min_length=2, max_length=100)]
Offset = Length | Knots
"""One offset from a curve, or [along, offset] knots for one that changes along it."""
SizeAlong = Size | Annotated[tuple[tuple[Length, Size], ...], Field(min_length=2, max_length=100)]
"""One size, or [along, size] knots."""


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


class StripEntry(Entry):
    """A band of limited width: a flat tendon, a ligament, a retinaculum."""

    kind: Literal["strip"]
    curve: Name
    near_mm: Offset
    far_mm: Offset
    width_mm: SizeAlong
    middle_mm: Length = 0.0
    """Place beside the curve of its middle."""
    from_mm: Length | None = None
    to_mm: Length | None = None
    """Where along the curve it begins and ends."""


class TubeEntry(Entry):
    """Round a curve (a path), an ellipse across it: a tendon, a nerve, a vessel."""

    kind: Literal["tube"]
    curve: Name
    width_mm: SizeAlong
    height_mm: SizeAlong | None = None
    """As wide if not said."""
    middle_mm: Point = (0.0, 0.0)
    """[beside, deeper]: its middle from the curve. Tendons, or fascicles, of one bundle share a
    curve, which is worked out once."""
    from_mm: Length | None = None
    to_mm: Length | None = None


class CylinderEntry(Entry):
    """What goes on along Y, or ends there."""

    length_mm: Size | None = None
    y_mm: Length = 0.0
    """Y of its middle, if it has a length."""


class DiscEntry(CylinderEntry):
    """A circle, filled; along Y a cylinder."""

    kind: Literal["disc"]
    centre_mm: Point
    diameter_mm: Size


class EllipseEntry(CylinderEntry):
    """Full width and height before turning; positive turns deeper to the right; goes on along Y."""

    kind: Literal["ellipse"]
    centre_mm: Point
    width_mm: Size
    height_mm: Size
    turn_deg: Degrees = 0.0


class RodEntry(CylinderEntry):
    """A bar with round ends. Between [X, Z] points it goes on along Y, between [X, Y, Z] points it
    is a needle."""

    kind: Literal["rod"]
    from_mm: Place | Point
    to_mm: Place | Point
    diameter_mm: Size

    @model_validator(mode="after")
    def _alike(self) -> "RodEntry":
        if len(self.from_mm) != len(self.to_mm):
            raise ValueError("from_mm and to_mm must both be [X, Z] or both be [X, Y, Z]")
        return self


class BallEntry(Entry):
    """A ball."""

    kind: Literal["ball"]
    centre_mm: Place
    diameter_mm: Size


class EllipsoidEntry(Entry):
    """Full sizes along X, Y and Z before it is turned about the normal of the skin."""

    kind: Literal["ellipsoid"]
    centre_mm: Place
    width_mm: Size
    length_mm: Size
    height_mm: Size
    turn_deg: Degrees = 0.0


class VolumeEntry(Entry):
    """One part of a volume of labels (`insonate phantom import`), in a file beside this one."""

    kind: Literal["volume"]
    file: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}\.npz$")]
    part: Name


SimpleShapeEntry = (
    EverythingEntry
    | BelowEntry
    | LayerEntry
    | BandEntry
    | StripEntry
    | TubeEntry
    | DiscEntry
    | EllipseEntry
    | RodEntry
    | BallEntry
    | EllipsoidEntry
    | VolumeEntry
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
    may_cross: bool = False
    """Its surface may rise above that of the layer before it, which ends there (`insonate phantom
    check` asks)."""
    drains_at_kpa: Annotated[Number, Field(ge=0.0, le=100.0)] | None = None
    """Fluid leaves (a vein closes) when the tissue around is under more pressure than this.
    Only discs and level ellipses; without it fluid stays."""


class WireEntry(Entry):
    """Thin wires of one material across the picture plane."""

    name: Name
    material: str
    diameter_mm: Annotated[Number, Field(gt=0.0, le=1.0)]
    at_mm: Annotated[tuple[Point, ...], Field(min_length=1, max_length=500)]


class PlaceEntry(Entry):
    """Where the probe stands; what is not said is 0."""

    slide_mm: Length = 0.0
    slide_y_mm: Length = 0.0
    turn_deg: Degrees = 0.0
    tilt_deg: Degrees = 0.0
    rock_deg: Degrees = 0.0


class StartEntry(PlaceEntry):
    """How the scanner stands when the phantom is opened."""

    probe: str
    preset: str | None = None
    """Name of the preset that the knobs begin from; `knobs` are laid over it."""
    knobs: dict[str, Any] = Field(default_factory=dict)


class ViewEntry(PlaceEntry):
    """A standard view: where the probe is put for it, and what to look for.

    The first one is how the phantom is opened. Probe and knobs are those of [start] unless said.
    """

    title: Text
    look_for: Text
    probe: str | None = None
    knobs: dict[str, Any] = Field(default_factory=dict)


class LimitsEntry(Entry):
    """Where the probe may go, and how deep the tissue gives way under it."""

    slide_mm: tuple[Length, Length]
    rock_deg: tuple[Degrees, Degrees]
    slide_y_mm: tuple[Length, Length] = (0.0, 0.0)
    turn_deg: tuple[Degrees, Degrees] = (0.0, 0.0)
    tilt_deg: tuple[Degrees, Degrees] = (-30.0, 30.0)
    """The model of contact (flat skin) says little about larger ones."""
    soft_to_mm: Size
    press_mm: Annotated[Length, Field(ge=0.0)] = 0.0
    """How far the face may be pressed in."""

    @model_validator(mode="after")
    def _ordered(self) -> "LimitsEntry":
        for key in POSE_KEYS:
            low, high = getattr(self, key)
            if low > high:
                raise ValueError(
                    f"{key} must give the smaller number first, found {low:g}, {high:g}"
                )
        return self


POSE_KEYS = tuple(PlaceEntry.model_fields)
"""What both a place of the probe and the limits say."""


class LabelEntry(Entry):
    """A structure's name for the overlay, and where to write it."""

    text: Text
    at_mm: Place | Point
    """[X, Z] of what goes on along Y, or [X, Y, Z]: written when the image plane is near."""
    region: Name | None = None
    """The region that it names; without it the one called like the label, if there is one."""


def _at_most(n: int) -> Any:
    return Field(default_factory=dict, max_length=n)


Word = Annotated[str, Field(min_length=1, max_length=16)]


class SidesEntry(Entry):
    """What lies on each side of the body, in a word of anatomy; near is towards the reader (Y)."""

    left: Word
    right: Word
    near: Word | None = None
    far: Word | None = None


class PhantomEntry(Entry):
    """A whole phantom file."""

    format: Literal[1, 2]
    """2 for a body that is not the same at every Y."""
    variant_of: Name | None = None
    """The phantom that this file changes (`phantoms.variants`)."""
    region_of_body: BodyRegion | None = None
    """What it is listed under; without it among the blocks."""
    sides: SidesEntry | None = None
    """Without it (a block) the drawing of the body says nothing."""
    title: Text
    summary: Text
    teaches: tuple[Name, ...] = ()
    start: StartEntry
    view: Annotated[dict[Name, ViewEntry], _at_most(16)]
    limits: LimitsEntry
    curve: Annotated[dict[Name, CurveEntry], _at_most(32)]
    frame: Annotated[dict[Name, FrameEntry], _at_most(16)]
    region: Annotated[tuple[RegionEntry, ...], Field(min_length=1, max_length=MAX_REGIONS - 1)]
    wire: Annotated[tuple[WireEntry, ...], Field(max_length=64)] = ()
    label: Annotated[dict[Name, LabelEntry], _at_most(64)]
