"""From what a file says (mm, names) to shapes that know each other (SI, objects)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from phantoms import solids
from phantoms.checked import ContentError, unknown
from phantoms.curves import ArcCurve, Curve, FlatCurve, GraphCurve
from phantoms.description import (
    DEFAULT_FRAME,
    ArcEntry,
    BallEntry,
    BandEntry,
    BelowEntry,
    CurveEntry,
    CurveFrameEntry,
    CylinderEntry,
    DiscEntry,
    EllipseEntry,
    EllipsoidEntry,
    EverythingEntry,
    FlatEntry,
    FrameEntry,
    LayerEntry,
    Offset,
    OverlapEntry,
    PathEntry,
    PhantomEntry,
    PlaneCurveEntry,
    RodEntry,
    ShapeEntry,
    StripEntry,
    TubeEntry,
    UnionEntry,
    VolumeEntry,
)
from phantoms.frames import Frame
from phantoms.shapes import Everything, Overlap, Shape, Union, band, below, layer, strip, tube
from phantoms.space_curve import PathCurve
from phantoms.sweep import Sweep
from phantoms.tables import Profile, Table, spline_table
from phantoms.volume import Grid

if TYPE_CHECKING:
    from phantoms.program import Program

MM = 1e-3
LEAST_BESIDE_M = 1e-3
"""`beside` of a revolved curve is arc length at this distance from the axis, at least."""


@dataclass(frozen=True, eq=False)
class Geometry:
    """Curves and frames by name, shapes and numbers of their frames in the order of the regions."""

    curves: dict[str, Curve]
    frames: dict[str, Frame]
    shapes: tuple[Shape, ...]
    shape_frames: tuple[int, ...]

    @cached_property
    def program(self) -> "Program":
        """All of it, ready for `phantoms.evaluate`."""
        from phantoms.program import assemble

        return assemble(self.shapes, tuple(self.frames.values()), self.shape_frames)

    @cached_property
    def outline(self) -> "Program":
        """The shapes alone."""
        from phantoms.program import assemble_outline

        return assemble_outline(self.shapes)

    @cached_property
    def is_straight(self) -> bool:
        """Whether no fibre leans across, or changes its place beside, the plane of X and Z."""
        return all(f.curve.is_straight and not f.runs_beside for f in self.frames.values())


def build_geometry(
    entry: PhantomEntry, file: str, volumes: Mapping[str, Grid] | None = None
) -> Geometry:
    """The geometry that `entry` describes; ContentError if it names what is not there.

    volumes : its volume files, by name.
    """
    curves = {name: _curve(curve) for name, curve in entry.curve.items()}
    frames: dict[str, Frame] = {DEFAULT_FRAME: Frame()}
    for name, frame in entry.frame.items():
        if name in frames:
            raise ContentError(f"{file}: frame '{name}' is always there; choose another name")
        frames[name] = _frame(frame, curves, frames, f"{file}: frame '{name}'")
    names = list(frames)
    for region in entry.region:
        if region.fibres not in frames:
            where = f"{file}: region '{region.name}', fibres: "
            raise ContentError(where + unknown("frame", region.fibres, names))
    shapes = tuple(
        _shape(region.shape, curves, f"{file}: region {i} '{region.name}', shape", volumes or {})
        for i, region in enumerate(entry.region, start=1)
    )
    return Geometry(curves, frames, shapes, tuple(names.index(r.fibres) for r in entry.region))


def _curve(entry: CurveEntry) -> Curve:
    if isinstance(entry, PathEntry):
        points = [(u * MM, y * MM, z * MM) for u, y, z in entry.points_mm]
        return PathCurve(points, math.radians(entry.turn_deg))
    if isinstance(entry, FlatEntry):
        return FlatCurve(entry.depth_mm * MM, _sweep(entry, entry.depth_mm))
    if isinstance(entry, ArcEntry):
        top = entry.centre_mm[1] - entry.radius_mm
        return ArcCurve(_pair(entry.centre_mm), entry.radius_mm * MM, _sweep(entry, top))
    sweep = _sweep(entry, *(z for _, z in entry.points_mm))
    return GraphCurve([_pair(p) for p in entry.points_mm], sweep)


def _sweep(entry: PlaneCurveEntry, *depths_mm: float) -> Sweep:
    """How a curve with control points of these depths is swept."""
    axis = entry.round_about_mm
    table = None if entry.course_mm is None else _course(entry.course_mm)
    turn = math.radians(entry.turn_deg)
    if axis is None:
        return Sweep(turn, table)
    hollow = axis <= min(depths_mm)
    nearest = min(abs(axis - z) for z in depths_mm if (z > axis) == hollow)
    return Sweep(turn, table, axis * MM, hollow, max(nearest * MM, LEAST_BESIDE_M))


@lru_cache(maxsize=64)
def _course(knots_mm: tuple[tuple[float, float, float], ...]) -> tuple[Table, Table]:
    """One pair of tables for all curves that go the same way: they are unswept once."""
    return (
        spline_table([(y * MM, aside * MM) for y, aside, _ in knots_mm]),
        spline_table([(y * MM, deeper * MM) for y, _, deeper in knots_mm]),
    )


def _frame(
    entry: FrameEntry, curves: dict[str, Curve], frames: dict[str, Frame], where: str
) -> Frame:
    if isinstance(entry, CurveFrameEntry):
        return Frame(_find(curves, entry.curve, where), runs_beside=entry.run == "beside")
    if entry.base not in frames:
        raise ContentError(f"{where}: " + unknown("earlier frame", entry.base, frames))
    base = frames[entry.base]
    angle = base.angle_rad + math.radians(entry.angle_deg)
    return Frame(base.curve, angle, base.runs_beside)


def _shape(
    entry: ShapeEntry, curves: dict[str, Curve], where: str, volumes: Mapping[str, Grid]
) -> Shape:
    if isinstance(entry, UnionEntry | OverlapEntry):
        parts = tuple(
            _shape(part, curves, f"{where}, part {i}", volumes)
            for i, part in enumerate(entry.parts, start=1)
        )
        return Overlap(parts) if isinstance(entry, OverlapEntry) else Union(parts)
    if isinstance(entry, EverythingEntry):
        return Everything()
    if isinstance(entry, VolumeEntry):
        return volumes[entry.file].part(entry.part, where)
    if isinstance(entry, BelowEntry | LayerEntry | BandEntry | StripEntry | TubeEntry):
        return _along_curve(entry, curves, where)
    return _solid(entry)


def _along_curve(
    entry: BelowEntry | LayerEntry | BandEntry | StripEntry | TubeEntry,
    curves: dict[str, Curve],
    where: str,
) -> Shape:
    if isinstance(entry, LayerEntry):
        return layer(_find(curves, entry.top, where), _find(curves, entry.bottom, where))
    curve = _find(curves, entry.curve, where)
    if isinstance(entry, BelowEntry):
        return below(curve, _profile(entry.offset_mm, where))
    if isinstance(entry, TubeEntry):
        height = entry.width_mm if entry.height_mm is None else entry.height_mm
        start, end = _ends(entry)
        return tube(
            curve, _half(entry.width_mm, where), _half(height, where),
            middle_m=_pair(entry.middle_mm), from_m=start, to_m=end,
        )  # fmt: skip
    near, far = _profile(entry.near_mm, where), _profile(entry.far_mm, where)
    if isinstance(entry, BandEntry):
        return band(curve, near, far)
    start, end = _ends(entry)
    return strip(
        curve, near, far, _half(entry.width_mm, where), middle_m=entry.middle_mm * MM,
        from_m=start, to_m=end,
    )  # fmt: skip


def _solid(entry: DiscEntry | EllipseEntry | RodEntry | BallEntry | EllipsoidEntry) -> Shape:
    if isinstance(entry, BallEntry):
        return solids.ball(_point(entry.centre_mm), entry.diameter_mm * MM / 2)
    if isinstance(entry, EllipsoidEntry):
        sizes = (entry.width_mm, entry.length_mm, entry.height_mm)
        a, b, c = (size * MM / 2 for size in sizes)
        turn = math.radians(entry.turn_deg)
        return solids.ellipsoid(_point(entry.centre_mm), (a, b, c), turn)
    if isinstance(entry, DiscEntry):
        shape = solids.disc(_point(entry.centre_mm), entry.diameter_mm * MM / 2)
    elif isinstance(entry, EllipseEntry):
        semi = (entry.width_mm * MM / 2, entry.height_mm * MM / 2)
        shape = solids.ellipse(_point(entry.centre_mm), semi, math.radians(entry.turn_deg))
    else:
        ends = _point(entry.from_mm), _point(entry.to_mm)
        shape = solids.Rod(*ends, entry.diameter_mm * MM / 2)
    return _cut_to_length(shape, entry)


def _cut_to_length(shape: Shape, entry: CylinderEntry) -> Shape:
    if entry.length_mm is None:
        return shape
    return solids.between(shape, entry.y_mm * MM, entry.length_mm * MM / 2)


def _ends(entry: StripEntry | TubeEntry) -> tuple[float, float]:
    start = -math.inf if entry.from_mm is None else entry.from_mm * MM
    return start, math.inf if entry.to_mm is None else entry.to_mm * MM


def _find(curves: dict[str, Curve], name: str, where: str) -> Curve:
    if name not in curves:
        raise ContentError(f"{where}: " + unknown("curve", name, curves))
    return curves[name]


def _pair(point_mm: tuple[float, float]) -> tuple[float, float]:
    return point_mm[0] * MM, point_mm[1] * MM


def _point(point_mm: Sequence[float]) -> tuple[float, ...]:
    return tuple(value * MM for value in point_mm)


def _half(size: float | Sequence[tuple[float, float]], where: str) -> Profile:
    """Half of a full size."""
    if isinstance(size, float | int):
        return _profile(size / 2, where)
    return _profile(tuple((along, value / 2) for along, value in size), where)


def _profile(offset: Offset, where: str) -> Profile:
    if isinstance(offset, float | int):
        return Profile([(0.0, offset * MM)])
    for (along, _), (following, _) in pairwise(offset):
        if following - along < 0.05:
            raise ContentError(
                f"{where}: knots must run along the curve at least 0.05 mm apart; "
                f"{following:g} follows {along:g}"
            )
    return Profile([(along * MM, value * MM) for along, value in offset])
