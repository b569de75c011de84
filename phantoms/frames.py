"""Material frames: where each point lies along, across and beside the fibres."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from phantoms.curves import Curve, Points
from phantoms.solids import BODY

STEEPEST = np.float32(3.0)
"""Slopes across the plane are cut here."""
_TINY = np.float32(1e-6)


@dataclass(frozen=True)
class Frame:
    """Coordinates that belong to the material and follow its fibres.

    curve : fibres run along it; across goes deeper, beside to the side.
    angle_rad : fibres are turned against it (pennate), deeper to the right.
    runs_beside : fibres run beside it instead: along and beside are exchanged.
    """

    curve: Curve = BODY
    angle_rad: float = 0.0
    runs_beside: bool = False

    def coordinates(self, points: Points) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(along_m, across_m, beside_m), orthogonal, each growing by about 1 m per m."""
        along, across, beside, _ = points.on(self.curve)
        if self.runs_beside:
            along, beside = beside, along
        along, across = self._angled(along, across)
        return along, across, beside

    def leans(self, points: Points, rotation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slopes across a plane of fibres and of sheets, as in `physics.medium.Slice`.

        rotation : float64 [3, 3], from directions (x, y, z) of the probe to the body's.
        """
        fibre, sheet = self._fibre_and_sheet(points)
        to_probe = rotation.T.astype(np.float32)
        tx, ty, tz = (sum(m * t for m, t in zip(row, fibre, strict=True)) for row in to_probe)
        ny, nz = (sum(m * n for m, n in zip(row, sheet, strict=True)) for row in to_probe[1:])
        lean = tz * ty / np.maximum(tx * tx + ty * ty, _TINY)
        slope = -ny / np.where(np.abs(nz) < _TINY, _TINY, nz)
        return _limited(lean, points), _limited(slope, points)

    def fibre(self, points: Points) -> np.ndarray:
        """float64 [3, ...]: unit vectors (X, Y, Z) along the fibres in the body."""
        parts = (np.broadcast_to(part, points.shape) for part in self._fibre_and_sheet(points)[0])
        fibre = np.stack([np.asarray(part, np.float64) for part in parts])
        unit: np.ndarray = fibre / np.linalg.norm(fibre, axis=0)
        return unit

    def _fibre_and_sheet(self, points: Points) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Directions along the fibres and up the gradient of `across`, in the body."""
        along, normal, beside = self.curve.directions(points)
        pairs = zip(beside if self.runs_beside else along, normal, strict=True)
        fibre, sheet = zip(*(self._angled(a, n) for a, n in pairs), strict=True)
        return fibre, sheet

    def _angled(self, along: Any, across: Any) -> tuple[Any, Any]:
        if not self.angle_rad:
            return along, across
        c, s = np.float32(math.cos(self.angle_rad)), np.float32(math.sin(self.angle_rad))
        return c * along + s * across, c * across - s * along


def _limited(slope: Any, points: Points) -> np.ndarray:
    return np.broadcast_to(np.clip(slope, -STEEPEST, STEEPEST), points.shape)
