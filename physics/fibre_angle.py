"""The angle between the beam and the fibres that it meets."""

import numpy as np

from physics.medium import Slice
from physics.scan_lines import ScanLines

LEAST_FIBROUS_PER_M_SR = 1e-6
"""Backscatter from which a tissue counts as fibrous."""


def is_fibrous(medium: Slice) -> np.ndarray:
    """bool [n_region]: whether the tissue has fibres or septa that the beam's angle matters to."""
    t = medium.tissues
    fibrous = (t.fibrous_per_m_sr > LEAST_FIBROUS_PER_M_SR) | (
        (t.septum_spacing_m > 0) & (t.septum_reflection > 0)
    )
    return np.asarray(fibrous[medium.region_tissue])


def fibre_angle(medium: Slice, lines: ScanLines, region: np.ndarray, every: int = 1) -> np.ndarray:
    """float32 [n_x, n_z], of every so many points: angle between beam and fibres, rad; pi / 2 where
    the beam meets them square on, nan where there are no fibres.

    With b the beam's direction and a, c, d the coordinates along, across and beside the fibres,
    whose gradients are perpendicular, tan(angle) = hypot(dc/db, dd/db) / |da/db|. Fibres that
    leave the image plane are thereby told by d. region : of `physics.outlines.visible_region`.
    """
    thin = (slice(None, None, every), slice(None, None, every))
    region = region[thin]
    x, z = medium.x_m[::every, None], medium.z_m[None, ::every]
    u, _ = lines.locate(x, np.maximum(z, 0.0) if lines.is_convex else z)
    beam = lines.angle(u)
    across_x, along_z = np.sin(beam), np.cos(beam)
    angle = np.full(region.shape, np.nan, np.float32)
    fibrous = is_fibrous(medium)
    frames = medium.region_frame[region]
    wanted = fibrous[region]
    for frame in np.unique(frames[wanted]):
        chosen = wanted & (frames == frame)
        slopes = [
            np.abs(_slope(field[frame][thin], medium, every, across_x, along_z)[chosen])
            for field in (medium.along_m, medium.across_m, medium.beside_m)
            if len(field)
        ]
        angle[chosen] = np.arctan2(np.hypot(slopes[1], slopes[2]) if len(slopes) == 3
                                   else slopes[1], slopes[0])  # fmt: skip
    return angle


def _slope(
    field: np.ndarray, medium: Slice, every: int, along_x: np.ndarray, along_z: np.ndarray
) -> np.ndarray:
    """How fast a coordinate grows along the beam."""
    by_x, by_z = np.gradient(field, every * medium.dx_m, every * medium.dz_m)
    return np.asarray(by_x * along_x + by_z * along_z)
