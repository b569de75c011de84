"""What belongs to the scanner besides the picture's own settings: how the picture is shown, where
knobs go back to, and which of them a lecturer has hidden or locked. Knows no Qt."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from physics.frame import Frame
from physics.probe import UnknownNameError
from physics.settings import find_knob
from simulator.faults import Injection

MOST_ZOOM = 8.0
"""Of a read zoom: beyond it a picture of 400 rows is blocks."""
OVERLAYS = ("anatomy", "beam", "focus", "rays", "fibres", "theory", "truth", "signal")
"""What can be laid over the picture, or told below it, of what the machine cannot know."""


@dataclass(frozen=True)
class Display:
    """How a finished picture is put on the screen: nothing of it reaches the engine.

    Raises ValueError for what cannot be.
    """

    flipped: bool = False
    """Left and right exchanged, the probe's marker with them."""
    zoom: float = 1.0
    """Read zoom: how much larger the pixels are."""
    middle: tuple[float, float] = (0.5, 0.5)
    """What a read zoom looks at: part of the picture's width (along x of the probe frame) and of
    its height."""
    overlays: frozenset[str] = field(default_factory=frozenset)
    """Which of `OVERLAYS` are on."""

    def __post_init__(self) -> None:
        if not 1.0 <= self.zoom <= MOST_ZOOM:
            raise ValueError(f"the read zoom is {self.zoom:g}; allowed: 1 to {MOST_ZOOM:g}")
        if not all(0.0 <= part <= 1.0 for part in self.middle):
            raise ValueError(f"the middle of the read zoom is {self.middle}; allowed: 0 to 1")
        for name in sorted(self.overlays):
            if name not in OVERLAYS:
                raise UnknownNameError("overlay", name, list(OVERLAYS))

    def toggled(self, overlay: str) -> "Display":
        """With this overlay on if it was off, and off if it was on."""
        return replace(self, overlays=self.overlays ^ {overlay})

    def moved(self, along_x: float, down: float) -> "Display":
        """Looking at another part; it stays in the picture."""
        half = 0.5 / self.zoom
        x, y = (
            min(max(old + by, half), 1 - half)
            for old, by in zip(self.middle, (along_x, down), strict=True)
        )
        return replace(self, middle=(x, y))


@dataclass(frozen=True)
class Shown:
    """The part of a picture that a read zoom leaves, in whole pixels."""

    rows: slice
    columns: slice
    left_m: float
    right_m: float
    top_m: float
    bottom_m: float

    @property
    def extent_mm(self) -> tuple[float, float, float, float]:
        """Left, right, top and bottom edge."""
        edges = self.left_m, self.right_m, self.top_m, self.bottom_m
        left, right, top, bottom = (1e3 * edge for edge in edges)
        return left, right, top, bottom


def shown_part(frame: Frame, display: Display) -> Shown:
    """Which pixels are shown, and the place of their edges in the probe frame, m."""
    n_row, n_column = frame.picture.shape
    x, y = display.middle
    columns = _window(n_column, display.zoom, x)
    rows = _window(n_row, display.zoom, y)
    edges = np.array([[rows.start, rows.stop], [columns.start, columns.stop]]) - 0.5
    x_m, z_m = frame.place_of(edges[0], edges[1])
    return Shown(rows, columns, float(x_m[0]), float(x_m[1]), float(z_m[0]), float(z_m[1]))


def _window(n: int, zoom: float, middle: float) -> slice:
    count = max(1, math.ceil(n / zoom))
    first = min(max(round(middle * n - count / 2), 0), n - count)
    return slice(first, first + count)


def mirrored(frame: Frame) -> Frame:
    """The picture with left and right exchanged, as a flipped screen shows it. Only picture and
    edges are exchanged: signals stay as they were heard."""
    return replace(
        frame, picture=frame.picture[:, ::-1], left_m=-frame.right_m, right_m=-frame.left_m
    )


@dataclass(frozen=True)
class Desk:
    """All of it together, as scenes keep it. UnknownNameError for what is no knob."""

    view: str = ""
    """Standard view that was taken last."""
    preset: str = ""
    """Region's preset that knobs go back to; empty: as the phantom or its view starts."""
    display: Display = Display()
    hidden: frozenset[str] = frozenset()
    """Knobs that the console does not show."""
    locked: frozenset[str] = frozenset()
    """Knobs that cannot be turned."""
    faults: tuple[Injection, ...] = ()
    """What a lecturer has put in, oldest first."""
    secret: bool = False
    """Whether the faults are kept from the class."""

    def __post_init__(self) -> None:
        check_names(self.hidden | self.locked)


def check_names(names: Iterable[str]) -> None:
    """UnknownNameError unless all are names of knobs."""
    for name in names:
        find_knob(name)
