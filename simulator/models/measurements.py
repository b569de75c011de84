"""Calipers, arrows, text and body mark: data, and what they read.

Points are (x, z) in m, in the probe frame *as the machine shows it*: depths come from travel time
and the machine's speed of sound, which the picture's scale has in it (`physics.speed.shown_m`). A
machine that believes in another speed than the tissue's measures wrongly, as scanners do.

Read-outs are rounded to what a hand can place: a pixel is about 0.05 mm.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from scipy.special import ellipe

Point = tuple[float, float]
"""x and z in the probe frame, m."""

_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Reading:
    """A measured number as it is shown."""

    value: float
    unit: str
    decimals: int
    what: str = ""
    """Empty where a mark has only one reading."""

    @property
    def text(self) -> str:
        """`12.3 mm`, `area 1.05 cm²`, `25°`."""
        space = "" if self.unit == "°" else _SPACE
        number = f"{self.value:.{self.decimals}f}{space}{self.unit}"
        return f"{self.what} {number}".lstrip()


@dataclass(frozen=True)
class Distance:
    """A straight line between two points."""

    a: Point
    b: Point

    @property
    def length_m(self) -> float:
        return math.dist(self.a, self.b)

    @property
    def readings(self) -> tuple[Reading, ...]:
        return (length_reading(self.length_m),)


@dataclass(frozen=True)
class Ellipse:
    """An ellipse by the ends of one axis and a point as far from that axis as its side."""

    a: Point
    b: Point
    side: Point

    @property
    def centre(self) -> Point:
        return (self.a[0] + self.b[0]) / 2, (self.a[1] + self.b[1]) / 2

    @property
    def turn_rad(self) -> float:
        """From x towards z to the axis that was drawn, rad."""
        return math.atan2(self.b[1] - self.a[1], self.b[0] - self.a[0])

    @property
    def semi_axes_m(self) -> tuple[float, float]:
        """Half of the axis that was drawn, and half of the other."""
        x, z = self.side[0] - self.centre[0], self.side[1] - self.centre[1]
        turn = self.turn_rad
        return math.dist(self.a, self.b) / 2, abs(z * math.cos(turn) - x * math.sin(turn))

    @property
    def area_m2(self) -> float:
        a, b = self.semi_axes_m
        return math.pi * a * b

    @property
    def circumference_m(self) -> float:
        """4 a E(m), m = 1 - (b/a)^2, E the complete elliptic integral of the second kind
        (Abramowitz and Stegun, 17.3.3), a the longer semi-axis."""
        b, a = sorted(self.semi_axes_m)
        return 4 * a * float(ellipe(1 - (b / a) ** 2)) if a > 0 else 0.0

    @property
    def readings(self) -> tuple[Reading, ...]:
        a, b = self.semi_axes_m
        return (
            area_reading(self.area_m2),
            length_reading(self.circumference_m, "circumference"),
            length_reading(2 * a, "length"),
            length_reading(2 * b, "width"),
        )


@dataclass(frozen=True)
class Angle:
    """The angle between two arms that meet in a vertex, 0 to 180 degrees."""

    a: Point
    vertex: Point
    b: Point

    @property
    def angle_rad(self) -> float:
        """0 while an arm has no length."""
        ax, az = self.a[0] - self.vertex[0], self.a[1] - self.vertex[1]
        bx, bz = self.b[0] - self.vertex[0], self.b[1] - self.vertex[1]
        return abs(math.atan2(ax * bz - az * bx, ax * bx + az * bz))

    @property
    def readings(self) -> tuple[Reading, ...]:
        return (Reading(math.degrees(self.angle_rad), "°", 0),)


@dataclass(frozen=True)
class Arrow:
    """Points at something."""

    tail: Point
    tip: Point
    readings: ClassVar[tuple[Reading, ...]] = ()


@dataclass(frozen=True)
class Note:
    """Words at a place."""

    at: Point
    text: str
    readings: ClassVar[tuple[Reading, ...]] = ()


@dataclass(frozen=True)
class BodyMark:
    """Which part of the body is scanned, and how the probe lies on it."""

    text: str
    turn_rad: float = 0.0
    """Of the probe's long axis from across the limb (0) to along it (a quarter turn)."""


Mark = Distance | Ellipse | Angle | Arrow | Note
DISTANCE, ELLIPSE, ANGLE, ARROW, NOTE = "distance", "ellipse", "angle", "arrow", "note"
N_POINT = {DISTANCE: 2, ELLIPSE: 3, ANGLE: 3, ARROW: 2, NOTE: 1}
"""How many points each tool takes."""
_MADE_BY: dict[str, Callable[..., Mark]] = {
    DISTANCE: Distance,
    ELLIPSE: Ellipse,
    ANGLE: Angle,
    ARROW: Arrow,
}


class Sheet:
    """The marks on one picture, the tool in hand, and the points it has so far."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.body_mark: BodyMark | None = None
        self.tool = ""
        self.note_text = ""
        """What the next click of the note tool writes."""
        self._points: list[Point] = []

    def take(self, tool: str) -> None:
        """Take a tool in hand; an empty text puts it away. Points without a mark are dropped."""
        if tool and tool not in N_POINT:
            raise ValueError(f"no tool is called '{tool}'; there are: {', '.join(N_POINT)}")
        self.tool, self._points = tool, []

    def click(self, point: Point) -> Mark | None:
        """Put a point; the mark, once it has all of its points."""
        if not self.tool:
            return None
        self._points.append(point)
        if len(self._points) < N_POINT[self.tool]:
            return None
        points, self._points = self._points, []
        mark = Note(points[0], self.note_text) if self.tool == NOTE else self._make(points)
        self.marks.append(mark)
        return mark

    def preview(self, point: Point) -> Mark | None:
        """What is being drawn, if the next point were here; a line until it has a shape."""
        if not self._points:
            return None
        points = [*self._points, point]
        return self._make(points) if len(points) == N_POINT[self.tool] else Distance(*points)

    def undo(self) -> None:
        """Take back the points of an unfinished mark, else the last mark."""
        if self._points:
            self._points = []
        elif self.marks:
            self.marks.pop()

    def clear(self) -> None:
        """Wipe the sheet and put the tool away."""
        self.marks.clear()
        self.body_mark = None
        self.take("")

    @property
    def empty(self) -> bool:
        return not (self.marks or self._points or self.body_mark)

    def _make(self, points: list[Point]) -> Mark:
        return _MADE_BY[self.tool](*points)


def length_reading(length_m: float, what: str = "") -> Reading:
    """To 0.1 mm, from 100 mm on to whole millimetres."""
    mm = length_m * 1e3
    return Reading(mm, "mm", 1 if round(mm, 1) < 100 else 0, what)


def area_reading(area_m2: float) -> Reading:
    """To 0.1 mm², from 1 cm² on to 0.01 cm²."""
    mm2 = area_m2 * 1e6
    if round(mm2, 1) < 100:
        return Reading(mm2, "mm²", 1, "area")
    return Reading(mm2 / 100, "cm²", 2, "area")
