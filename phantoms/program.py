"""A body's geometry in the order and the form in which pictures are cut from it.

Curves, shapes and frames say what they are to a `Maker`. A shape becomes *rows*, each a signed
distance; the rows of a part overlap (the largest counts), and parts are united (the smallest
counts).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from phantoms.curves import CLIP_M, FAR_M, ArcCurve, Curve, FlatCurve, GraphCurve
from phantoms.evaluate import (
    ABOVE,
    ASIDE,
    CLOSES_PART,
    CLOSES_REGION,
    GIVEN,
    IS_UNITED,
    in_rod,
    in_solid,
    in_tube,
    project_on_arc,
    project_on_graph,
    project_on_path,
    unsweep,
)
from phantoms.frames import Frame
from phantoms.nodes import in_volume
from phantoms.shapes import Shape
from phantoms.space_curve import PATH_STEPS, PathCurve
from phantoms.sweep import Sweep
from phantoms.tables import Profile, Table, constant

ALONG, ACROSS, BESIDE = range(3)
CLOSES = 5
BESIDE_M = 2e-3
"""What lies this far beside the image plane is asked for too (slice thickness)."""

Given = Callable[["Block", np.ndarray], None]
"""Writes a distance for all points of a block: float32 [n, m]."""


@dataclass(eq=False)
class Block:
    """Some columns of a picture while they are worked on.

    body : X, Y and Z, float32 [3, n, m], of which the first n columns count. places : float32
    [n_curve, 6, n, m], along, across, beside and the curve's direction. swept : float32
    [n_sweep, 7, n, m] of `phantoms.evaluate.unsweep`.
    """

    n: int
    body: np.ndarray
    places: np.ndarray
    swept: np.ndarray


@dataclass(eq=False)
class OnCurve:
    """A curve, and how much of its coordinates is asked for."""

    curve: Curve
    number: int
    sweep_number: int = -1
    """Which of the program's sweeps; -1 for a curve that is straight."""
    is_full: bool = False
    reach_m: float = 0.0

    def project(self, block: Block) -> None:
        """Write the block's places on this curve."""
        n, (x, y, z), place = block.n, block.body, block.places[self.number]
        if self.sweep_number >= 0:
            x, y, z = block.swept[self.sweep_number, :3]
        if isinstance(self.curve, PathCurve):
            project_on_path(n, x, y, z, *self._numbers, place)
            return
        place[BESIDE, :n] = y[:n]
        if isinstance(self.curve, ArcCurve):
            project_on_arc(n, x, z, *self._numbers, place)
        elif isinstance(self.curve, GraphCurve):
            project_on_graph(n, x, z, *self._numbers, place)
        else:
            place[ALONG, :n] = x[:n]
            np.subtract(z[:n], self._numbers[0], out=place[ACROSS, :n])
            place[3, :n], place[4, :n] = 1.0, 0.0

    @cached_property
    def _numbers(self) -> tuple[Any, ...]:
        """What the kernel of its kind is told besides the places."""
        curve = self.curve
        if isinstance(curve, PathCurve):
            tables = (curve.depth_by_u, curve.aside, curve.length)
            reach = min(self.reach_m * math.hypot(1.0, curve.steepest), float(FAR_M))
            entries = (table.entries for table in tables)
            return (*entries, _scales(*tables), PATH_STEPS, np.float32(reach**2))
        if isinstance(curve, ArcCurve):
            circle = (np.float32(v) for v in (*curve.centre_m, curve.radius_m))
            return (*circle, self.is_full)
        if isinstance(curve, GraphCurve):
            depth, length = curve.depth_by_x, curve.length
            reach = min(self.reach_m * math.hypot(1.0, depth.steepest), float(FAR_M))
            scales = _scales(depth, length)
            return depth.entries, length.entries, scales, curve.is_gentle, np.float32(reach)
        assert isinstance(curve, FlatCurve)
        return (np.float32(curve.depth_m),)


@dataclass(eq=False)
class Unsweeping:
    """A sweep, undone for all curves that are swept like this."""

    sweep: Sweep

    def undo(self, block: Block, out: np.ndarray) -> None:
        """Write the block's places as those curves see them."""
        unsweep(block.n, *block.body, *self._numbers, out)

    @cached_property
    def _numbers(self) -> tuple[Any, ...]:
        sweep = self.sweep
        course = sweep.course or (_NO_COURSE, _NO_COURSE)
        turn = math.cos(sweep.turn_rad), math.sin(sweep.turn_rad)
        axis = sweep.axis_m or 0.0, sweep.side, sweep.beside_radius_m
        return (
            *(np.float32(v) for v in turn), *(table.entries for table in course),
            _scales(*course), *(np.float32(v) for v in axis),
        )  # fmt: skip


def _scales(*tables: Table) -> np.ndarray:
    return np.array([(t.u0, t.step, 1.0 / t.step) for t in tables], np.float32)


_NO_COURSE = constant(0.0).table


@dataclass(frozen=True, eq=False)
class Program:
    """A body, ready to be cut.

    rows : int32 [n_row, 6], kind, curve (or number of what is given), coordinate, table of the
    offset (-1: constant), whether it joins what is before it, and what it closes. reals : float32
    [n_row, 3], scale, constant offset, middle. entries, table_int, table_real : tables of offsets.
    """

    curves: tuple[OnCurve, ...]
    sweeps: tuple[Unsweeping, ...]
    """Those that are not straight; curves swept alike share one."""
    frames: tuple[tuple[OnCurve, Frame], ...]
    given: tuple[Given, ...]
    rows: np.ndarray
    reals: np.ndarray
    entries: np.ndarray
    table_int: np.ndarray
    table_real: np.ndarray
    n_region: int
    """Regions without the gel."""
    is_prism: bool
    """Whether all regions look the same in every plane across Y."""


def assemble(
    shapes: Sequence[Shape], frames: Sequence[Frame], frame_of_shape: Sequence[int]
) -> Program:
    """The program of a body: regions in their order, frames by number."""
    maker = Maker()
    for frame in frames:
        maker.add_frame(frame)
    for shape, number in zip(shapes, frame_of_shape, strict=True):
        maker.add_region(shape, frames[number])
    return maker.program()


def assemble_outline(shapes: Sequence[Shape]) -> Program:
    """The same for who asks for distances only."""
    maker = Maker()
    for shape in shapes:
        maker.add_region(shape)
    return maker.program()


class Maker:
    """Collects what shapes and frames say of themselves."""

    def __init__(self) -> None:
        self._curves: dict[int, OnCurve] = {}
        self._sweeps: dict[Sweep, int] = {}
        self._tables: list[Table] = []
        self._frames: list[tuple[OnCurve, Frame]] = []
        self._given: list[Given] = []
        self._rows: list[list[int]] = []
        self._reals: list[tuple[float, float, float]] = []
        self._opens_part = self._opens_region = True
        self._n_region = 0
        self._is_prism = True

    # --- what shapes call ------------------------------------------------------------------------

    def everything(self) -> None:
        """All points are inside."""
        self._half(ABOVE, self._on(Frame().curve), ALONG, constant(float(FAR_M)), 1.0, 0.0)

    def offset(self, curve: Curve, offset: Profile, scale: float) -> None:
        """scale x (across - offset)."""
        on = self._on(curve)
        self._is_prism &= curve.is_straight
        self._ask(on, offset.largest_m + CLIP_M / abs(scale), is_full=not offset.is_constant)
        self._half(ABOVE, on, ACROSS, offset, scale, 0.0)

    def width(self, curve: Curve, half: Profile, scale: float, middle_m: float) -> None:
        """scale x (distance beside from `middle_m` - half)."""
        on = self._on(curve)
        self._is_prism = False
        self._ask(on, abs(middle_m) + half.largest_m + CLIP_M / scale, is_full=True)
        self._half(ASIDE, on, BESIDE, half, scale, middle_m)

    def end(self, curve: Curve, along_m: float, scale: float) -> None:
        """scale x (along - a place)."""
        on = self._on(curve)
        self._is_prism &= curve.is_straight
        self._ask(on, 0.0, is_full=True)
        self._half(ABOVE, on, ALONG, constant(along_m), scale, 0.0)

    def tube(
        self,
        curve: Curve,
        width: Profile,
        height: Profile,
        scale: float,
        middle_m: tuple[float, float],
    ) -> None:
        on = self._on(curve)
        self._is_prism = False
        reach = max(width.largest_m, height.largest_m) + CLIP_M / scale
        self._ask(on, reach + math.hypot(*middle_m), is_full=True)
        numbers = (
            width.table.entries, height.table.entries, _scales(width.table, height.table),
            *(np.float32(v) for v in (*middle_m, reach**2, scale)),
        )  # fmt: skip

        def give(block: Block, out: np.ndarray) -> None:
            in_tube(block.n, block.places[on.number], *numbers, out)

        self.given(give)

    def solid(
        self,
        centre_m: Sequence[float],
        axes: Sequence[Sequence[float]],
        semi_m: Sequence[float],
        floor_m: float,
        scale: float,
    ) -> None:
        lines = np.array(axes)
        ends = np.isfinite(semi_m)
        self._is_prism &= not lines[ends, 1].any()
        planes = np.column_stack([lines, lines @ np.array(centre_m)]).astype(np.float32)
        per, least = (1.0 / np.array(semi_m)).astype(np.float32), np.float32(floor_m)

        def give(block: Block, out: np.ndarray) -> None:
            in_solid(block.n, *block.body, planes, per, least, np.float32(scale), out)

        self.given(give)

    def rod(self, start_m: np.ndarray, way_m: np.ndarray, radius_m: float, y_counts: float) -> None:
        at, way = start_m.astype(np.float32), way_m.astype(np.float32)
        length2 = float(way_m @ way_m)
        self._is_prism &= y_counts == 0.0
        numbers = (1.0 / length2 if length2 > 0 else 0.0, y_counts, radius_m)
        reals = tuple(np.float32(number) for number in numbers)

        def give(block: Block, out: np.ndarray) -> None:
            in_rod(block.n, *block.body, at, way, *reals, out)

        self.given(give)

    def volume(
        self, nodes: np.ndarray, first_m: Sequence[float], step_m: float, unit_m: float
    ) -> None:
        self._is_prism = False
        first = np.array(first_m, np.float32)
        per, unit = np.float32(1.0 / step_m), np.float32(unit_m)

        def give(block: Block, out: np.ndarray) -> None:
            in_volume(block.n, *block.body, nodes, first, per, unit, out)

        self.given(give)

    def given(self, give: Given) -> None:
        """A distance that is worked out apart."""
        self._given.append(give)
        self._row([GIVEN, len(self._given) - 1, 0, -1], (1.0, 0.0, 0.0))

    def close_part(self) -> None:
        """What follows is united with what was."""
        self._rows[-1][CLOSES] = CLOSES_PART | (0 if self._opens_region else IS_UNITED)
        self._opens_part, self._opens_region = True, False

    # --- what `assemble` calls -------------------------------------------------------------------

    def add_frame(self, frame: Frame) -> None:
        """Its coordinates are asked for everywhere; those of a path only near its regions."""
        on = self._on(frame.curve)
        reach = 0.0 if isinstance(frame.curve, PathCurve) else math.inf
        self._ask(on, reach, is_full=True)
        self._frames.append((on, frame))

    def add_region(self, shape: Shape, frame: Frame | None = None) -> None:
        self._opens_part = self._opens_region = True
        shape.put_into(self)
        if not self._opens_part:
            self.close_part()
        self._rows[-1][CLOSES] |= CLOSES_REGION
        self._n_region += 1
        if frame is None:
            return
        if isinstance(frame.curve, PathCurve) and not shape.keeps_near(frame.curve):
            self._ask(self._on(frame.curve), math.inf, is_full=True)

    def program(self) -> Program:
        sizes = np.array([len(t.entries) for t in self._tables] or [0])
        ends = np.cumsum(sizes)
        entries = [t.entries for t in self._tables] or [np.zeros((0, 3), np.float32)]
        return Program(
            curves=tuple(self._curves.values()),
            sweeps=tuple(Unsweeping(sweep) for sweep in self._sweeps),
            frames=tuple(self._frames),
            given=tuple(self._given),
            rows=np.array(self._rows, np.int32),
            reals=np.array(self._reals, np.float32),
            entries=np.concatenate(entries),
            table_int=np.stack([ends - sizes, ends], axis=1).astype(np.int32),
            table_real=_scales(*self._tables).reshape(-1, 3),
            n_region=self._n_region,
            is_prism=bool(self._is_prism),
        )

    # --- inside ----------------------------------------------------------------------------------

    def _half(
        self, kind: int, on: OnCurve, coordinate: int, offset: Profile, scale: float, middle: float
    ) -> None:
        table = -1
        if not offset.is_constant:
            self._tables.append(offset.table)
            table = len(self._tables) - 1
        self._row([kind, on.number, coordinate, table], (scale, float(offset.at()), middle))

    def _row(self, whole: list[int], reals: tuple[float, float, float]) -> None:
        self._rows.append([*whole, 0 if self._opens_part else 1, 0])
        self._reals.append(reals)
        self._opens_part = False

    def _ask(self, on: OnCurve, reach_m: float, *, is_full: bool) -> None:
        on.reach_m = max(on.reach_m, reach_m + BESIDE_M)
        on.is_full = on.is_full or is_full

    def _on(self, curve: Curve) -> OnCurve:
        if id(curve) not in self._curves:
            on = self._curves[id(curve)] = OnCurve(curve, len(self._curves))
            if not curve.sweep.is_straight:
                on.sweep_number = self._sweeps.setdefault(curve.sweep, len(self._sweeps))
        return self._curves[id(curve)]
