"""What a measurement says: claims with their tolerances, and the curves to show beside them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, SupportsFloat

import numpy as np


@dataclass(frozen=True)
class Check:
    """One claim: what was expected, what was measured, and what is allowed."""

    claim: str
    measured: float
    low: float
    high: float
    expected: float = math.nan
    """nan where only a limit is asked for."""
    tolerance: str = ""
    """The allowance in words, e.g. "2 %"."""
    unit: str = ""
    number: int = 0
    """Of the thirty closed-form checks; 0 for what is not one of them."""
    source: str = ""
    shortfall: str = ""
    """Why this is known not to be met, and documented; empty if it must be met."""
    group: str = ""
    """Of checks alike in number, source and this the summary shows the one closest to its limit."""
    worst: float = 1.0
    """Of a known shortfall: the `strain` up to which it is the one documented."""

    @property
    def strain(self) -> float:
        """Part of the allowance that is used up: 1 at the limit."""
        if math.isinf(self.low):
            limit = self.high
            return self.measured / limit if limit > 0 else _part(limit, self.measured)
        if math.isinf(self.high):
            return (
                _part(self.low, self.measured) if self.low > 0 else 0.0 if self.holds else math.inf
            )
        middle = 0.5 * (self.low + self.high)
        return abs(self.measured - middle) / (self.high - middle)

    @property
    def holds(self) -> bool:
        """Whether the measurement lies within what is allowed."""
        return bool(self.low <= self.measured <= self.high)

    @property
    def excused(self) -> bool:
        """Whether it fails as documented, and not by more."""
        return not self.holds and bool(self.shortfall) and self.strain <= self.worst

    def __str__(self) -> str:
        wanted = "" if math.isnan(self.expected) else f"expected {self.expected:.4g}, "
        return (
            f"{self.claim}: measured {self.measured:.4g} {self.unit} ({wanted}"
            f"allowed {self.low:.4g} to {self.high:.4g})"
        )


def _part(limit: float, measured: float) -> float:
    return limit / measured if limit * measured > 0 else math.inf


def about(
    claim: str,
    measured: SupportsFloat,
    expected: SupportsFloat,
    *,
    rel: float | None = None,
    abs_: float | None = None,
    unit: str = "",
    number: int = 0,
    source: str = "",
    shortfall: str = "",
    group: str = "",
) -> Check:
    """Measured within `rel` of the expected value, or within `abs_` of it."""
    if (rel is None) == (abs_ is None):
        raise ValueError(f"'{claim}' needs either rel or abs_")
    expected = float(expected)
    if rel is not None:
        margin, words = abs(rel * expected), f"{100 * rel:.3g} %"
    else:
        assert abs_ is not None
        margin, words = abs_, f"{abs_:.3g} {unit}".strip()
    return Check(
        claim, float(measured), expected - margin, expected + margin, expected, words,
        unit, number, source, shortfall, group,
    )  # fmt: skip


def at_most(claim: str, measured: SupportsFloat, limit: float, **words: Any) -> Check:
    """Measured no more than a limit, e.g. the largest error of many."""
    return Check(claim, float(measured), -math.inf, limit, tolerance="at most", **words)


def at_least(claim: str, measured: SupportsFloat, limit: float, **words: Any) -> Check:
    """Measured no less than a limit."""
    return Check(claim, float(measured), limit, math.inf, tolerance="at least", **words)


def between(claim: str, measured: SupportsFloat, low: float, high: float, **words: Any) -> Check:
    """Measured within a published range."""
    return Check(claim, float(measured), low, high, tolerance="range", **words)


def short_of(check: Check, why: str, *, worst: float) -> Check:
    """The same check, known and documented not to be met: by up to `worst` times its allowance."""
    return replace(check, shortfall=why, worst=worst)


def faults(checks: Iterable[Check]) -> list[str]:
    """Those that do not hold, in words: empty is good."""
    return [str(check) for check in checks if not check.holds]


@dataclass(frozen=True, eq=False)
class Curve:
    """One set of points of a chart."""

    x: np.ndarray
    y: np.ndarray
    label: str = ""
    measured: bool = False
    """The engine's own: drawn as dots, or as a thin line if `solid`."""
    colour: int = 0
    """Curves that belong together share it."""
    solid: bool = False


@dataclass(frozen=True, eq=False)
class Panel:
    """One pair of axes."""

    title: str
    x_label: str
    y_label: str
    curves: Sequence[Curve]
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Pictures:
    """Grey pictures side by side, each uint8 [row, column] with a caption, all of one size."""

    panels: Sequence[tuple[str, np.ndarray]]
    width_over_height: float


@dataclass(frozen=True, eq=False)
class Figure:
    """What is shown to one section: panels or pictures, and what to see in them."""

    name: str
    """Of the file, without its ending."""
    caption: str
    panels: Sequence[Panel] | Pictures


@dataclass(frozen=True, eq=False)
class Section:
    """One group of claims with what there is to see."""

    title: str
    text: str
    checks: Sequence[Check]
    figures: Sequence[Figure] = ()
