"""Resolution-free shapes and material frames: signed distances and coordinates, no pixels.

`distance(points)` is negative inside and changes by at most about 1 m per m, so the
engine finds the surface between the samples of a coarse grid. `coordinates(points)` gives
the place of each point along and across the material's fibres.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from phantoms.curves import CLIP_M, FAR_M, Curve, Points, Profile


class Shape(Protocol):
    """A set of points with a surface."""

    def distance(self, points: Points) -> np.ndarray:
        """float32, m: signed distance to the surface (or less), < 0 inside."""
        ...


class Frame(Protocol):
    """Coordinates that belong to the material and follow its fibres."""

    def coordinates(self, points: Points) -> tuple[np.ndarray, np.ndarray]:
        """(along_m, across_m), orthogonal, each growing by about 1 m per m."""
        ...


class Everything:
    """The whole plane."""

    def distance(self, points: Points) -> np.ndarray:
        return np.broadcast_to(-FAR_M, np.broadcast_shapes(points.x_m.shape, points.z_m.shape))


@dataclass(frozen=True)
class Below:
    """All that is deeper than a curve, or than a line `offset` deeper than it."""

    curve: Curve
    offset: Profile

    def distance(self, points: Points) -> np.ndarray:
        if self.offset.is_constant:
            depth = points.depth_below(self.curve, self.offset.reach_m)
            return np.float32(self.offset.constant_m) - depth
        along, across = points.on(self.curve)
        return (self.offset.at(along) - across) * self.offset.shrink


@dataclass(frozen=True)
class Layer:
    """Between two curves that need not be parallel."""

    top: Curve
    bottom: Curve

    def distance(self, points: Points) -> np.ndarray:
        return np.maximum(
            -points.depth_below(self.top, CLIP_M), points.depth_below(self.bottom, CLIP_M)
        )


@dataclass(frozen=True)
class Band:
    """Along a curve, between two offsets from it; gone where `far` is not beyond `near`."""

    curve: Curve
    near: Profile
    far: Profile

    def distance(self, points: Points) -> np.ndarray:
        along, across = points.on(self.curve)
        return np.maximum(
            (self.near.at(along) - across) * self.near.shrink,
            (across - self.far.at(along)) * self.far.shrink,
        )


@dataclass(frozen=True)
class Disc:
    """A circle, filled."""

    centre_m: tuple[float, float]
    radius_m: float

    def distance(self, points: Points) -> np.ndarray:
        x, z = _from(points, self.centre_m)
        return np.sqrt(x * x + z * z) - np.float32(self.radius_m)


@dataclass(frozen=True)
class Ellipse:
    """Semi-axes before turning: along X, along Z; turned clockwise on screen by `turn_rad`.

    The distance is that of the field |p| scaled by its gradient: exact at the surface to
    first order (Quilez, "ellipse distance", the usual bound), and clipped at half of the small
    one, because towards the middle it would change too fast.
    """

    centre_m: tuple[float, float]
    semi_m: tuple[float, float]
    turn_rad: float = 0.0

    def distance(self, points: Points) -> np.ndarray:
        x, z = _turned(*_from(points, self.centre_m), self.turn_rad)
        a, b = np.float32(self.semi_m[0]), np.float32(self.semi_m[1])
        x, z = x / a, z / b
        size = np.sqrt(x * x + z * z)
        x, z = x / a, z / b
        gradient = np.sqrt(x * x + z * z)
        out = size * (size - np.float32(1.0)) / np.maximum(gradient, np.float32(1e-6))
        return np.maximum(out, np.float32(-0.5) * np.minimum(a, b))


@dataclass(frozen=True)
class Rod:
    """All within `radius` of the straight line between two ends."""

    start_m: tuple[float, float]
    end_m: tuple[float, float]
    radius_m: float

    def distance(self, points: Points) -> np.ndarray:
        dx, dz = self.end_m[0] - self.start_m[0], self.end_m[1] - self.start_m[1]
        x, z = _from(points, self.start_m)
        length2 = dx * dx + dz * dz
        if length2 > 0:
            part = (x * np.float32(dx) + z * np.float32(dz)) * np.float32(1.0 / length2)
            np.clip(part, np.float32(0.0), np.float32(1.0), out=part)
            x, z = x - part * np.float32(dx), z - part * np.float32(dz)
        return np.sqrt(x * x + z * z) - np.float32(self.radius_m)


@dataclass(frozen=True)
class Union:
    """One body made of several shapes, without a surface where they overlap."""

    parts: Sequence[Shape]

    def distance(self, points: Points) -> np.ndarray:
        out = self.parts[0].distance(points)
        for part in self.parts[1:]:
            out = np.minimum(out, part.distance(points))
        return out


@dataclass(frozen=True)
class Overlap:
    """Only what all of several shapes share."""

    parts: Sequence[Shape]

    def distance(self, points: Points) -> np.ndarray:
        out = self.parts[0].distance(points)
        for part in self.parts[1:]:
            out = np.maximum(out, part.distance(points))
        return out


class BodyFrame:
    """Along X, across Z."""

    def coordinates(self, points: Points) -> tuple[np.ndarray, np.ndarray]:
        return points.x_m, points.z_m


@dataclass(frozen=True)
class CurveFrame:
    """Along a curve and below it: fibres that follow a surface."""

    curve: Curve

    def coordinates(self, points: Points) -> tuple[np.ndarray, np.ndarray]:
        return points.on(self.curve)


@dataclass(frozen=True)
class PennateFrame:
    """Another frame turned: fibres that run deeper to the right by `angle_rad`."""

    base: Frame
    angle_rad: float

    def coordinates(self, points: Points) -> tuple[np.ndarray, np.ndarray]:
        along, across = self.base.coordinates(points)
        return _turned(along, across, self.angle_rad)


def _from(points: Points, centre_m: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    return points.x_m - np.float32(centre_m[0]), points.z_m - np.float32(centre_m[1])


def _turned(x: np.ndarray, z: np.ndarray, angle_rad: float) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along axes that are turned from +x towards +z."""
    if angle_rad == 0.0:
        return x, z
    c, s = np.float32(math.cos(angle_rad)), np.float32(math.sin(angle_rad))
    return c * x + s * z, c * z - s * x
