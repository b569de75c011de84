"""From what a file says (mm, names) to shapes that know each other (SI, objects)."""

import math
from dataclasses import dataclass
from itertools import pairwise

from phantoms.checked import ContentError, unknown
from phantoms.curves import ArcCurve, Curve, FlatCurve, GraphCurve, Profile
from phantoms.description import (
    DEFAULT_FRAME,
    ArcEntry,
    BandEntry,
    BelowEntry,
    CurveEntry,
    CurveFrameEntry,
    DiscEntry,
    EllipseEntry,
    EverythingEntry,
    FlatEntry,
    FrameEntry,
    LayerEntry,
    Offset,
    OverlapEntry,
    PhantomEntry,
    RodEntry,
    ShapeEntry,
)
from phantoms.shapes import (
    Band,
    Below,
    BodyFrame,
    CurveFrame,
    Disc,
    Ellipse,
    Everything,
    Frame,
    Layer,
    Overlap,
    PennateFrame,
    Rod,
    Shape,
    Union,
)

MM = 1e-3


@dataclass(frozen=True)
class Geometry:
    """Curves and frames by name, shapes in the order of the regions."""

    curves: dict[str, Curve]
    frames: dict[str, Frame]
    shapes: tuple[Shape, ...]


def build_geometry(entry: PhantomEntry, file: str) -> Geometry:
    """The geometry that `entry` describes; ContentError if it names what is not there."""
    curves = {name: _curve(curve) for name, curve in entry.curve.items()}
    frames: dict[str, Frame] = {DEFAULT_FRAME: BodyFrame()}
    for name, frame in entry.frame.items():
        if name in frames:
            raise ContentError(f"{file}: frame '{name}' is always there; choose another name")
        frames[name] = _frame(frame, curves, frames, f"{file}: frame '{name}'")
    shapes = tuple(
        _shape(region.shape, curves, f"{file}: region {i} '{region.name}', shape")
        for i, region in enumerate(entry.region, start=1)
    )
    return Geometry(curves, frames, shapes)


def _curve(entry: CurveEntry) -> Curve:
    if isinstance(entry, FlatEntry):
        return FlatCurve(entry.depth_mm * MM)
    if isinstance(entry, ArcEntry):
        return ArcCurve(_point(entry.centre_mm), entry.radius_mm * MM)
    return GraphCurve([_point(p) for p in entry.points_mm])


def _frame(
    entry: FrameEntry, curves: dict[str, Curve], frames: dict[str, Frame], where: str
) -> Frame:
    if isinstance(entry, CurveFrameEntry):
        return CurveFrame(_find(curves, entry.curve, where))
    if entry.base not in frames:
        raise ContentError(f"{where}: " + unknown("earlier frame", entry.base, frames))
    return PennateFrame(frames[entry.base], math.radians(entry.angle_deg))


def _shape(entry: ShapeEntry, curves: dict[str, Curve], where: str) -> Shape:
    if isinstance(entry, EverythingEntry):
        return Everything()
    if isinstance(entry, BelowEntry):
        return Below(_find(curves, entry.curve, where), _profile(entry.offset_mm, where))
    if isinstance(entry, LayerEntry):
        return Layer(_find(curves, entry.top, where), _find(curves, entry.bottom, where))
    if isinstance(entry, BandEntry):
        curve = _find(curves, entry.curve, where)
        return Band(curve, _profile(entry.near_mm, where), _profile(entry.far_mm, where))
    if isinstance(entry, DiscEntry):
        return Disc(_point(entry.centre_mm), entry.diameter_mm * MM / 2)
    if isinstance(entry, EllipseEntry):
        semi = (entry.width_mm * MM / 2, entry.height_mm * MM / 2)
        return Ellipse(_point(entry.centre_mm), semi, math.radians(entry.turn_deg))
    if isinstance(entry, RodEntry):
        return Rod(_point(entry.from_mm), _point(entry.to_mm), entry.diameter_mm * MM / 2)
    parts = tuple(
        _shape(part, curves, f"{where}, part {i}") for i, part in enumerate(entry.parts, start=1)
    )
    return Overlap(parts) if isinstance(entry, OverlapEntry) else Union(parts)


def _find(curves: dict[str, Curve], name: str, where: str) -> Curve:
    if name not in curves:
        raise ContentError(f"{where}: " + unknown("curve", name, curves))
    return curves[name]


def _point(point_mm: tuple[float, float]) -> tuple[float, float]:
    return point_mm[0] * MM, point_mm[1] * MM


def _profile(offset: Offset, where: str) -> Profile:
    if isinstance(offset, float | int):
        return Profile([(0.0, offset * MM)])
    for (along, _), (following, _) in pairwise(offset):
        if following - along < 0.05:
            raise ContentError(
                f"{where}: knots must run along the curve at least 0.05 mm apart; "
                f"{following:g} follows {along:g}"
            )
    return Profile([_point(knot) for knot in offset])
